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
_ACCOUNT_ACTIONS = frozenset(
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
_BUCKET_LEVEL = frozenset(
    {
        "s3:listbucket",
        "s3:listbucketversions",
        "s3:listbucketmultipartuploads",
        "s3:createbucket",
        "s3:deletebucket",
    }
)
_READING = frozenset({"s3:getobject", "s3:getobjectversion"})
_WRITING = frozenset({"s3:putobject"})
_SESSION = "s3express:CreateSession"
_SESSION_READS = ("get", "head", "list")


@dataclass(frozen=True, slots=True, kw_only=True)
class Permission:
    """One action on one resource. `any_of`: the request may need this one or another of the same group."""

    action: str
    resource: str
    via_service: str | None = None
    """The service that asks on the caller's behalf (S3 asks KMS), else None."""
    optional: bool = False
    """Whether it is needed depends on what the request holds."""
    session_mode: str | None = None
    """`ReadOnly` or `ReadWrite` of a directory bucket's session."""
    access_point: str | None = None
    """On a bucket: the ARN of the access point that the request came through."""
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
        return tuple(_directory_bucket(question))
    if question.operation is not None or _is_operation(question.action):
        found = tuple(_of_operation(question))
        if found:
            return found
    if question.action is None or "*" in question.action or "?" in question.action:
        return ()
    resource = on(question.action, question.resource)
    return () if resource is None else (Permission(action=question.action, resource=resource),)


def _is_operation(action: str | None) -> bool:
    """Tell whether an action is the name of an API operation and of no permission, such as `s3:HeadObject`."""
    prefix, _, name = (action or "").partition(":")
    if prefix == "dynamodb":
        return name in _TRANSACTIONS
    return prefix == "s3" and name in _operations() and action not in _operations()[name]["actions"]


def _of_operation(question: Question) -> Iterator[Permission]:
    name = question.operation or (question.action or "").partition(":")[2]
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
    for number, action in enumerate(row["actions"]):
        source = name in _COPIES and number == 0
        resource = on(action, question.copy_source if source else question.resource)
        if resource is not None:
            yield Permission(action=action, resource=resource)


def on(action: str, resource: str | None) -> str | None:
    """Return the resource an action is judged on: the bucket where the action is one of buckets."""
    if action.lower() in _ACCOUNT_ACTIONS:
        return "*"
    arn = Arn.parse(resource or "")
    if arn is None:
        return None
    if arn.service == "s3" and not arn.account and action.lower() in _BUCKET_LEVEL:
        return str(Arn(arn.partition, "s3", "", "", arn.resource.partition("/")[0]))
    return str(arn)


def _directory_bucket(question: Question) -> Iterator[Permission]:
    """Object operations on a directory bucket are authorized by `CreateSession` alone."""
    arn = Arn.parse(question.resource or "")
    if arn is None or question.action is None or "*" in question.action:
        return
    prefix, _, name = question.action.partition(":")
    bucket = "/".join(arn.resource.split("/")[:2])
    session_level = prefix == "s3" or name == "CreateSession"
    if not session_level:
        yield Permission(action=question.action, resource=str(arn))
        return
    reads = name.lower().startswith(_SESSION_READS)
    mode = None if name == "CreateSession" else "ReadOnly" if reads else "ReadWrite"
    whole = Arn(arn.partition, arn.service, arn.region, arn.account, bucket)
    yield Permission(action=_SESSION, resource=str(whole), session_mode=mode)


def key_action(permission: Permission) -> str | None:
    """Return the KMS action S3 makes on the caller's behalf for an encrypted object.

    Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/troubleshoot-403-errors.html
    """
    action = permission.action.lower()
    if action in _READING:
        return "kms:Decrypt"
    return "kms:GenerateDataKey" if action in _WRITING else None
