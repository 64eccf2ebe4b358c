"""boto3's answers as the plain JSON of a snapshot, without secrets."""

import base64
from collections.abc import Callable, Mapping
from datetime import UTC, datetime

from gatepath.model.shown import keeps, without_password


def utc(moment: datetime) -> str:
    """Return a moment as ISO 8601 in UTC."""
    aware = moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)
    return aware.astimezone(UTC).isoformat().replace("+00:00", "Z")


def plain(value: object) -> object:
    """Return boto3 data as JSON data: times as ISO 8601 UTC, blobs base64, anything strange as text."""
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [plain(item) for item in value]
    if isinstance(value, datetime):
        return utc(value)
    if isinstance(value, bytes | bytearray):
        return base64.b64encode(value).decode()
    if value is None or isinstance(value, str | bool | int | float):
        return value
    return str(value)


def response_of(service: str, response: object) -> dict[str, object]:
    """Return what a snapshot keeps of an answer: everything but `ResponseMetadata` and secrets."""
    body = plain(response)
    if not isinstance(body, dict):
        return {}
    body.pop("ResponseMetadata", None)
    clean = _CLEANERS.get(service)
    if clean is not None:
        clean(body)
    return body


def _clean_lambda(value: object) -> None:
    """Drop the environment's values, wherever a function configuration stands."""
    if isinstance(value, list):
        for item in value:
            _clean_lambda(item)
    if not isinstance(value, dict):
        return
    variables = value.get("Variables")
    if isinstance(variables, dict):
        value["Variables"] = {
            name: without_password(text)
            for name, text in variables.items()
            if keeps(name) and isinstance(text, str)
        }
        value["OmittedNames"] = sorted(name for name in variables if not keeps(name))
    for item in value.values():
        _clean_lambda(item)


def _clean_ecs(value: object) -> None:
    """Drop environment values and command lines of containers and of overrides."""
    if isinstance(value, list):
        for item in value:
            _clean_ecs(item)
    if not isinstance(value, dict):
        return
    for key in ("command", "entryPoint", "environmentFiles"):
        value.pop(key, None)
    environment = value.get("environment")
    if isinstance(environment, list):
        pairs = [pair for pair in environment if isinstance(pair, dict)]
        value["environment"] = [
            {"name": pair["name"], "value": without_password(str(pair.get("value", "")))}
            for pair in pairs
            if keeps(str(pair.get("name", "")))
        ]
    for item in value.values():
        _clean_ecs(item)


_CLEANERS: dict[str, Callable[[object], None]] = {"lambda": _clean_lambda, "ecs": _clean_ecs}
