"""Which permissions an API action needs, each on which resource.

Sources: https://docs.aws.amazon.com/AmazonS3/latest/userguide/using-with-s3-policy-actions.html,
https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/transaction-apis-iam.html and
https://docs.aws.amazon.com/AmazonS3/latest/userguide/s3-express-create-session.html
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from gatepath.model.naming import Arn
from gatepath.model.question import Question

_COPIES = frozenset({"CopyObject", "UploadPartCopy"})
_PARTIQL = (
    "dynamodb:PartiQLSelect",
    "dynamodb:PartiQLInsert",
    "dynamodb:PartiQLUpdate",
    "dynamodb:PartiQLDelete",
)
"""https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/ql-iam.html"""
_TRANSACTIONS = {
    "TransactGetItems": ("dynamodb:GetItem",),
    "TransactWriteItems": (
        "dynamodb:PutItem",
        "dynamodb:UpdateItem",
        "dynamodb:DeleteItem",
        "dynamodb:ConditionCheckItem",
    ),
    "ExecuteStatement": _PARTIQL,
    "BatchExecuteStatement": _PARTIQL,
    "ExecuteTransaction": _PARTIQL,
}
"""Which of them a transaction or a PartiQL statement needs depends on what it holds."""
ACCOUNT_ACTIONS = frozenset(
    {
        "s3:listallmybuckets",
        "dynamodb:listtables",
        "dynamodb:listbackups",
        "dynamodb:listglobaltables",
        "dynamodb:listexports",
        "dynamodb:listimports",
        "dynamodb:listcontributorinsights",
        "dynamodb:describelimits",
        "dynamodb:describeendpoints",
        "dynamodb:describereservedcapacity",
        "s3express:listallmydirectorybuckets",
    }
)
"""Actions without a resource: policies have to name `*`."""
_READING = frozenset({"s3:getobject", "s3:getobjectversion"})
_WRITING = frozenset({"s3:putobject"})
_VERSIONS = {"s3:GetObject": "s3:GetObjectVersion", "s3:DeleteObject": "s3:DeleteObjectVersion"}
_DECRYPT, _NEW_KEY = "kms:Decrypt", "kms:GenerateDataKey"
_PARTS = frozenset({"UploadPart", "UploadPartCopy"})
"""They decrypt as well: https://docs.aws.amazon.com/AmazonS3/latest/API/API_CreateMultipartUpload.html"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Permission:
    """One action on one resource. `any_of`: the request may need this one or another of the same group."""

    action: str
    resource: str
    via_service: str | None = None
    """The service that asks on the caller's behalf (S3 asks KMS), else None."""
    optional: bool = False
    """Whether it is needed depends on what the request holds."""
    session_modes: tuple[str, ...] = ()
    """Modes of a directory bucket's session that would do, one of which is enough."""
    session_mode: str | None = None
    """The one of them that is tried."""
    kms: tuple[str, ...] | None = None
    """What S3 asks KMS for; None = as the action usually makes it ask."""
    access_point: str | None = None
    """On a bucket: the ARN of the access point that the request came through."""
    through: str | None = None
    """On a bucket: the resource that the request names of the access point, in the bucket's own account."""
    carried: bool = False
    """Whether a service's call on the caller's behalf is taken to carry the caller's network keys."""


@cache
def _operations() -> Mapping[str, Mapping[str, list[str]]]:
    text = (files("gatepath") / "data/s3_operations.json").read_text(encoding="utf-8")
    made: dict[str, dict[str, list[str]]] = json.loads(text)["operations"]
    return made


def permissions(question: Question) -> tuple[Permission, ...]:
    """Return what the question's action needs; none where action or resource is not said."""
    if question.service == "s3express":
        return directory_bucket(question)
    if question.operation is not None or question.copy_source is not None or _is_operation(question.action):
        found = tuple(_of_operation(question))
        if found:
            return found
    if question.action is None or "*" in question.action or "?" in question.action:
        return ()
    resource = on(question.action, question.resource)
    return () if resource is None else (Permission(action=question.action, resource=resource),)


def lacks_copy_source(question: Question) -> bool:
    """Tell whether the question is about a copy and doesn't say of what."""
    return question.copy_source is None and _operation(question) in _COPIES


def _is_operation(action: str | None) -> bool:
    """Tell whether an action is the name of an API operation and of no permission, such as `s3:HeadObject`."""
    prefix, _, name = (action or "").partition(":")
    if prefix == "dynamodb":
        return name in _TRANSACTIONS
    return prefix == "s3" and name in _operations() and action not in _operations()[name]["actions"]


def _operation(question: Question) -> str:
    """Return the API operation: the one that is named, a copy where a source is, else the action's name."""
    if question.operation is not None:
        return question.operation
    return "CopyObject" if question.copy_source is not None else (question.action or "").partition(":")[2]


def _of_operation(question: Question) -> Iterator[Permission]:
    name = _operation(question)
    if question.service == "dynamodb":
        actions = _TRANSACTIONS.get(name, (f"dynamodb:{name}",))
        wanted = question.action if question.action in actions else None
        for action in (wanted,) if wanted else actions:
            resource = on(action, question.resource)
            if resource is not None:
                yield Permission(action=action, resource=resource, optional=len(actions) > 1 and not wanted)
        return
    row = _operations().get(name)
    if row is None:
        return
    kms = tuple(row.get("kms", ()))
    if name in _COPIES:
        yield from reading(question.copy_source)
        kms = (_NEW_KEY, _DECRYPT) if name in _PARTS else (_NEW_KEY,)
    versioned = question.action in _VERSIONS.values()
    for listed in row["actions"][1:] if name in _COPIES else row["actions"]:
        action = _VERSIONS.get(listed, listed) if versioned else listed
        resource = on(action, question.resource)
        if resource is not None:
            extra = (_DECRYPT,) if name in _PARTS else ()
            yield Permission(action=action, resource=resource, kms=tuple(dict.fromkeys((*kms, *extra))))


def reading(copy_source: str | None) -> Iterator[Permission]:
    """Yield what reading the source of a copy needs; that may lie in a directory bucket."""
    arn = Arn.parse(copy_source or "")
    if arn is not None and arn.service == "s3express":
        yield session(arn, READING_MODES)
    elif arn is not None:
        yield Permission(action="s3:GetObject", resource=str(arn), kms=(_DECRYPT,))


def on(action: str, resource: str | None) -> str | None:
    """Return the resource an action is judged on: the bucket where the action is one of buckets.

    None where the action is one of objects and only their bucket is named.
    """
    if action.lower() in ACCOUNT_ACTIONS:
        return "*"
    arn = Arn.parse(resource or "")
    if arn is None:
        return None
    if arn.service != "s3" or arn.account:
        return str(arn)
    bucket, _, key = arn.resource.partition("/")
    if action.lower() in _of_kind("bucket"):
        return str(Arn(arn.partition, "s3", "", "", bucket))
    return None if not key and action.lower() in _of_kind("object") else str(arn)


@cache
def _of_kind(kind: str) -> frozenset[str]:
    """Return the actions of S3 that are on buckets alone, or on objects alone."""
    text = (files("gatepath") / "data/iam_service_actions.json").read_text(encoding="utf-8")
    rows: Mapping[str, Mapping[str, list[str]]] = json.loads(text)["actions"]["s3"]
    other = "object" if kind == "bucket" else "bucket"
    return frozenset(
        f"s3:{n}".lower() for n, row in rows.items() if kind in row["on"] and other not in row["on"]
    )


SESSION = "s3express:CreateSession"
READING_MODES = ("ReadWrite", "ReadOnly")
"""A session is tried in this order: https://docs.aws.amazon.com/AmazonS3/latest/API/API_CopyObject.html"""
_SESSION_READS = ("get", "head", "list", "createsession")


def directory_bucket(question: Question) -> tuple[Permission, ...]:
    """Return what a request to a directory bucket needs: for objects `CreateSession` alone.

    Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/s3-express-create-session.html
    """
    arn = Arn.parse(question.resource or "")
    prefix, _, action = (question.action or "").partition(":")
    name = question.operation or action
    if arn is None or "*" in name or not name:
        return ()
    regional = prefix == "s3express" if question.operation is None else "Bucket" in name
    if regional and name not in {"CreateSession", "HeadBucket"}:
        wanted = f"s3express:{action if prefix == 's3express' else name}"
        return (Permission(action=wanted, resource=on(wanted, str(arn)) or ""),)
    if name in _COPIES or question.copy_source is not None:
        return (*reading(question.copy_source), session(arn, READING_MODES[:1]))
    return (session(arn, READING_MODES if name.lower().startswith(_SESSION_READS) else READING_MODES[:1]),)


def session(arn: Arn, modes: tuple[str, ...]) -> Permission:
    """Return the permission for a session on the directory bucket or access point that an ARN lies in."""
    whole = Arn(arn.partition, arn.service, arn.region, arn.account, "/".join(arn.resource.split("/")[:2]))
    return Permission(action=SESSION, resource=str(whole), session_modes=modes, kms=(_NEW_KEY, _DECRYPT))


def key_actions(permission: Permission) -> tuple[str, ...]:
    """Return what S3 asks KMS for on the caller's behalf, for an encrypted object.

    Sources: https://docs.aws.amazon.com/AmazonS3/latest/userguide/troubleshoot-403-errors.html and
    https://docs.aws.amazon.com/AmazonS3/latest/API/API_CreateSession.html
    """
    if permission.kms is not None:
        return permission.kms
    action = permission.action.lower()
    if action in _READING:
        return (_DECRYPT,)
    return (_NEW_KEY,) if action in _WRITING else ()
