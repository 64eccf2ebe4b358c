"""The actions of S3 and DynamoDB with the kinds of resource they are on and the keys they may carry.

Source: `data/iam_service_actions.json`, which names its own.
"""

import json
from functools import cache
from importlib.resources import files

from gatepath.engine.iam.symbolic import Action

SERVICES = ("s3", "dynamodb")
_KINDS = {"s3": {"bucket", "object"}, "dynamodb": {"table", "index", "stream"}}


@cache
def service_actions(service: str) -> tuple[Action, ...]:
    """Return the actions on buckets and objects, or on tables, indexes and streams."""
    text = (files("gatepath") / "data/iam_service_actions.json").read_text(encoding="utf-8")
    rows = json.loads(text)["actions"][service]
    made = []
    for name, row in rows.items():
        kinds = _KINDS[service] & set(row["on"])
        if kinds:
            keys = frozenset(key.lower() for key in row["keys"])
            made.append(Action(name=f"{service}:{name}", kinds=frozenset(kinds), keys=keys))
    return tuple(made)
