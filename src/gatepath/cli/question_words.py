"""The words of `--from`, `--to`, `--as` and the like, to the question's JSON form."""

import re

from gatepath.cli.errors import CliError
from gatepath.engine.hostnames import classify
from gatepath.model.naming import Arn, partition
from gatepath.packets import parse_address

Row = dict[str, object]
_SERVICES = ("s3", "dynamodb", "s3express")
_PREFIXES = {
    "i-": "instance",
    "eni-": "network_interface",
    "subnet-": "subnet",
    "lambda:": "lambda",
    "ecs-task:": "ecs_task",
    "ecs-service:": "ecs_service",
    "ecs:": "ecs_service",
    "eks-pod:": "eks_pod",
    "ip:": "ip",
}
_ARNS = (
    (re.compile(r"arn:[^:]+:lambda:.*:function:"), "lambda"),
    (re.compile(r"arn:[^:]+:ecs:.*:task/"), "ecs_task"),
    (re.compile(r"arn:[^:]+:ecs:.*:service/"), "ecs_service"),
)


def source_row(text: str | None) -> Row | None:
    """Return `source`; raises `CliError` for a word that names no kind of sender."""
    if text is None:
        return None
    if text == "external" or text.startswith("external:"):
        return {"external": text.partition(":")[2] or text}
    if parse_address(text) is not None:
        return {"ip": text}
    for pattern, kind in _ARNS:
        if pattern.match(text):
            return {kind: text}
    if text.startswith("arn:") and ":instance/" in text:
        text = text.rpartition("/")[2]
    for prefix, kind in _PREFIXES.items():
        if text.startswith(prefix):
            value = text.removeprefix(prefix) if prefix.endswith(":") else text
            return {kind: {"node": value}} if kind == "eks_pod" else {kind: value}
    raise CliError("cli.bad-from", value=text)


def target_row(text: str | None, region: str | None) -> Row:
    """Return `service`, `resource` or host name; `region` is the nearest one known, for a table's ARN."""
    if text is None:
        return {}
    if text in _SERVICES:
        return {"service": text}
    name = text.partition("://")[2].strip("/")
    if text.startswith("s3://") and name:
        return {"service": "s3", "resource": f"arn:{partition(region or '')}:s3:::{name}"}
    if text.startswith("dynamodb://") and name:
        if region is None:
            raise CliError("cli.table-region")
        return {
            "service": "dynamodb",
            "resource": f"arn:{partition(region)}:dynamodb:{region}::table/{name}",
        }
    arn = Arn.parse(text)
    if arn is not None and arn.service in {*_SERVICES, "s3-object-lambda"}:
        return {"service": arn.service.removesuffix("-object-lambda"), "resource": text}
    host = classify(text.removeprefix("https://").rstrip("/"))
    if host.service in _SERVICES:
        return {"service": host.service, "client": {"hostname": host.name}}
    raise CliError("cli.bad-to", value=text)


def principal_row(text: str | None) -> Row | None:
    """Return `principal`."""
    if text is None:
        return None
    if text == "anonymous":
        return {"anonymous": True}
    if text.startswith("presigned:"):
        return {"presigned_by": text.partition(":")[2]}
    if re.fullmatch(r"[a-z0-9.-]+\.amazonaws\.com(\.cn)?", text):
        return {"service": text}
    return {"arn": text}


def ports_row(text: str | None) -> list[int] | None:
    """Return the first and last port of `LOW-HIGH`."""
    if text is None:
        return None
    found = re.fullmatch(r"(\d{1,5})\s*-\s*(\d{1,5})", text.strip())
    if found is None:
        raise CliError("cli.bad-ports", value=text)
    return [int(found[1]), int(found[2])]


def variables(texts: tuple[str, ...]) -> dict[str, str] | None:
    """Return the environment of `NAME=VALUE` words, None if there are none."""
    made: dict[str, str] = {}
    for text in texts:
        name, equals, value = text.partition("=")
        if not name or not equals:
            raise CliError("cli.bad-env", value=text)
        made[name] = value
    return made or None


def condition_keys(texts: tuple[str, ...]) -> dict[str, str | None] | None:
    """Return the condition keys of `KEY=VALUE` words; `KEY` alone says that the request has no such key."""
    made: dict[str, str | None] = {}
    for text in texts:
        key, equals, value = text.partition("=")
        if not key:
            raise CliError("cli.bad-context", value=text)
        made[key] = value if equals else None
    return made or None
