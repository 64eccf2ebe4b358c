"""Requests for `authorize`, written short."""

from collections.abc import Mapping
from typing import Any

from gatepath.engine.iam.authorize import authorize

Json = dict[str, Any]

OWN, OTHER = "111122223333", "444455556666"
ROLE = f"arn:aws:iam::{OWN}:role/app"
SESSION = f"arn:aws:sts::{OWN}:assumed-role/app/i-0a1"
USER = f"arn:aws:iam::{OWN}:user/alice"
FEDERATED = f"arn:aws:sts::{OWN}:federated-user/bob"
ROOT = f"arn:aws:iam::{OWN}:root"
STRANGER_ROLE = f"arn:aws:iam::{OTHER}:role/app"
BUCKET, OBJECT = "arn:aws:s3:::b", "arn:aws:s3:::b/k"
UNKNOWN = {"$unknown": True}
MODERN = "2012-10-17"

ALLOWED, EXPLICIT, IMPLICIT, OPEN = "allowed", "explicit_deny", "implicit_deny", "unknown"


def statement(effect: str = "Allow", **more: Any) -> Json:
    """Return a statement on everything; a member given as None is left out."""
    made = {"Effect": effect, "Action": "*", "Resource": "*", **more}
    if "NotAction" in more:
        made.pop("Action")
    if "NotResource" in more:
        made.pop("Resource")
    return {key: value for key, value in made.items() if value is not None}


def policy(*statements: Json, version: str | None = MODERN) -> Json:
    """Return a document."""
    head = {} if version is None else {"Version": version}
    return {**head, "Statement": list(statements)}


def allow(**more: Any) -> Json:
    """Return a document of one Allow."""
    return policy(statement("Allow", **more))


def deny(**more: Any) -> Json:
    """Return a document of one Deny."""
    return policy(statement("Deny", **more))


def ask(policies: Json | None = None, settings: Json | None = None, **request: Any) -> Json:
    """Return the answer to a role's `s3:GetObject` in its own account; `request` changes its members."""
    made = {
        "principal": ROLE,
        "action": "s3:GetObject",
        "resource": OBJECT,
        "resource_account": OWN,
        "context": {},
        **request,
    }
    line: Json = {"id": 7, "request": {k: v for k, v in made.items() if v is not None}}
    if policies is not None:
        line["policies"] = policies
    if settings is not None:
        line["settings"] = settings
    return authorize(line)


def decision(policies: Json | None = None, settings: Json | None = None, **request: Any) -> str:
    """Return the decision alone."""
    return str(ask(policies, settings, **request)["decision"])


def holds(condition: Mapping[str, Any], context: Mapping[str, Any], version: str | None = MODERN) -> bool:
    """Tell whether a condition holds, which an Allow and a Deny must agree upon."""
    row = {"Condition": dict(condition)}
    granted = decision(
        {"identity": [policy(statement("Allow", **row), version=version)]}, context=dict(context)
    )
    both = [policy(statement("Allow"), statement("Deny", **row), version=version)]
    refused = decision({"identity": both}, context=dict(context))
    assert {granted, refused} in ({ALLOWED, EXPLICIT}, {IMPLICIT, ALLOWED}), (granted, refused)
    assert (granted == ALLOWED) == (refused == EXPLICIT)
    return granted == ALLOWED


def deciders(answer: Json) -> list[tuple[str, int | None, int | None]]:
    """Return `decided_by` as (layer, policy, statement)."""
    return [(row["layer"], row["policy"], row["statement"]) for row in answer["decided_by"]]


def problem_codes(answer: Json) -> set[str]:
    """Return the codes of the problems reported beside an answer."""
    return {row["code"] for row in answer.get("problems", [])}
