"""The actions of S3 and DynamoDB with the kinds of resource they are on and the keys they may carry.

Source: `data/iam_service_actions.json`, which names its own.
"""

import json
from collections.abc import Mapping
from functools import cache
from importlib.resources import files

from gatepath.engine.iam.symbolic import Action
from gatepath.rights.needs import ACCOUNT_ACTIONS

SERVICES = ("s3", "dynamodb")
_KINDS = {"s3": {"bucket", "object"}, "dynamodb": {"table", "index"}}
"""Streams have hosts of their own, which no gateway endpoint leads to:
https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/privatelink-streams.html"""


@cache
def _keys(service: str) -> Mapping[str, frozenset[str]]:
    """Return the keys that requests of each action may carry, all in lower case."""
    rows = _rows(service) if service in SERVICES else {}
    return {name.lower(): frozenset(key.lower() for key in row["keys"]) for name, row in rows.items()}


@cache
def _of_some_action(service: str) -> frozenset[str]:
    return frozenset(key for keys in _keys(service).values() for key in keys)


def cannot_carry(action: str, key: str) -> bool:
    """Tell whether a key of the service (in lower case) is one of other actions, so that this one has none."""
    service, _, name = action.lower().partition(":")
    carried = _keys(service).get(name)
    family = key.partition("/")[0]
    if carried is None or not key.startswith(f"{service}:"):
        return False
    return family in _of_some_action(service) and family not in carried


@cache
def service_actions(service: str) -> tuple[Action, ...]:
    """Return the actions on buckets and objects, or on tables and indexes."""
    made = []
    for name, row in _rows(service).items():
        kinds = _KINDS[service] & set(row["on"])
        if kinds:
            made.append(_action(service, name, frozenset(kinds)))
    return tuple(made)


@cache
def account_actions(service: str) -> tuple[Action, ...]:
    """Return the actions that name no resource."""
    names = _rows(service)
    wanted = ACCOUNT_ACTIONS - {"dynamodb:describeendpoints"}
    listed = (name for name in names if f"{service}:{name}".lower() in wanted)
    return tuple(_action(service, name, frozenset({"*"})) for name in listed)


@cache
def stream_actions() -> tuple[Action, ...]:
    """Return the actions on DynamoDB's streams."""
    rows = _rows("dynamodb")
    listed = (name for name, row in rows.items() if "stream" in row["on"])
    return tuple(_action("dynamodb", name, frozenset({"stream"})) for name in listed)


def _action(service: str, name: str, kinds: frozenset[str]) -> Action:
    keys = frozenset(key.lower() for key in _rows(service)[name]["keys"])
    return Action(name=f"{service}:{name}", kinds=kinds, keys=keys)


@cache
def _rows(service: str) -> dict[str, dict[str, list[str]]]:
    text = (files("gatepath") / "data/iam_service_actions.json").read_text(encoding="utf-8")
    rows: dict[str, dict[str, list[str]]] = json.loads(text)["actions"][service]
    return rows
