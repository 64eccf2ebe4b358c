"""Is a bucket policy public, as Block Public Access means it.

Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html
"""

from gatepath.engine.iam import values
from gatepath.engine.iam.documents import Condition, Document, Statement

_FIXED_KEYS = frozenset(
    {
        "aws:principalorgid",
        "aws:principalorgpaths",
        "aws:principalaccount",
        "aws:principalarn",
        "aws:sourcearn",
        "aws:sourcevpc",
        "aws:sourcevpce",
        "aws:sourceowner",
        "aws:sourceaccount",
        "aws:sourceorgid",
        "aws:vpceaccount",
        "aws:vpceorgid",
        "aws:userid",
        "s3:dataaccesspointaccount",
        "s3:dataaccesspointarn",
        "s3:x-amz-server-side-encryption-aws-kms-key-id",
    }
)
"""Keys that make a statement non-public where their values hold no wildcard or variable."""
_POSITIVE = frozenset({"StringEquals", "StringLike", "StringEqualsIgnoreCase", "ArnEquals", "ArnLike"})
_BROADEST = {4: 1 << 24, 6: 1 << 96}
"""Addresses of the broadest block that isn't public: /8 and /32."""


def is_public(document: Document) -> bool:
    """Tell whether any statement grants to everyone, or to a web identity provider, without a fixed condition."""
    return any(_public(statement) for statement in document.statements)


def _public(statement: Statement) -> bool:
    if not statement.allow or not statement.usable:
        return False
    everyone = statement.not_principals is not None or (
        statement.principals is not None
        and any(_anyone(kind, value) for kind, value in statement.principals.entries)
    )
    return everyone and not any(_fixes(condition) for condition in statement.conditions)


def _anyone(kind: str, value: str) -> bool:
    """Tell whether a principal is nobody in particular: `*`, or the users of a web identity provider."""
    return "*" in value if kind == "AWS" else kind == "Federated" and not value.startswith("arn:")


def _fixes(condition: Condition) -> bool:
    if condition.if_exists or condition.qualifier == "ForAllValues" or not condition.values:
        return False
    key = condition.key.lower()
    if key == "aws:sourceip" and condition.operator == "IpAddress":
        return all(_narrow(value) for value in condition.values)
    if key not in _FIXED_KEYS or condition.operator not in _POSITIVE:
        return False
    if key == "s3:dataaccesspointarn":
        # a wildcard may stand for the access point's name alone
        return not any(mark in v.rpartition("/")[0] for v in condition.values for mark in ("*", "?", "${"))
    literal = condition.operator in {"StringEquals", "StringEqualsIgnoreCase"}
    return all("${" not in v and (literal or ("*" not in v and "?" not in v)) for v in condition.values)


def _narrow(value: str) -> bool:
    network = values.network(value)
    return network is not None and network[2] - network[1] + 1 <= _BROADEST[network[0]]
