"""What is wrong or risky in a policy, whatever request is asked about.

Sources: https://docs.aws.amazon.com/vpc/latest/privatelink/vpc-endpoints-access.html,
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html and
https://docs.aws.amazon.com/vpc/latest/privatelink/vpc-endpoints-s3.html
"""

import re
from collections.abc import Iterator
from ipaddress import ip_network
from itertools import pairwise

from gatepath.engine.iam.documents import Condition, Document, Statement

FIXED_BESIDE_WILDCARD = 6
"""Consecutive characters that an endpoint policy's string condition needs before or after each wildcard."""
_ID_KEYS = frozenset(
    {
        "aws:principalaccount",
        "aws:principalorgid",
        "aws:resourceaccount",
        "aws:resourceorgid",
        "aws:sourceaccount",
        "aws:sourcevpc",
        "aws:sourcevpce",
        "aws:userid",
        "aws:vpceaccount",
        "aws:vpceorgid",
    }
)
"""Global keys whose values AWS generates."""
_STRINGS = frozenset({"StringLike", "StringNotLike"})
_ARNS = frozenset({"ArnLike", "ArnNotLike", "ArnEquals", "ArnNotEquals"})
_PRIVATE = tuple(ip_network(text) for text in ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7"))
_WILD = re.compile(r"[*?]+")
_UNIQUE_ID = re.compile(r"A(IDA|ROA)[A-Z0-9]{8,}")


def restricted_forms(document: Document) -> Iterator[tuple[int, str]]:
    """Yield (statement, condition) that an endpoint policy doesn't take; what AWS does with it is not stated."""
    for statement in document.statements:
        for condition in statement.conditions:
            if _restricted(condition):
                text = f"{condition.operator} {condition.key} [{', '.join(condition.values)}]"
                yield statement.index, text


def _restricted(condition: Condition) -> bool:
    key = condition.key.lower()
    if key in _ID_KEYS:
        wild = any(_WILD.search(value) for value in condition.values)
        return condition.operator.startswith("Numeric") or (wild and condition.operator in _STRINGS | _ARNS)
    if condition.operator in _STRINGS:
        return any(_short(value) for value in condition.values)
    return condition.operator in _ARNS and any(_mixed_account(value) for value in condition.values)


def _short(value: str) -> bool:
    """Tell whether a wildcard has fewer than six fixed characters on both of its sides."""
    pieces = _WILD.split(value)
    sides = pairwise(pieces)
    return any(max(len(before), len(after)) < FIXED_BESIDE_WILDCARD for before, after in sides)


def _mixed_account(value: str) -> bool:
    fields = value.split(":", 5)
    account = fields[4] if len(fields) > 4 else ""  # noqa: PLR2004 - the fifth field
    return bool(_WILD.search(account)) and account != "*"


def named_principals(document: Document) -> Iterator[tuple[int, str]]:
    """Yield (statement, principal) of a gateway endpoint's policy that is not `*`."""
    for statement in document.statements:
        for element in (statement.principals, statement.not_principals):
            for kind, value in element.entries if element is not None else ():
                if (kind, value) != ("AWS", "*"):
                    yield statement.index, value


def private_source_ips(document: Document) -> Iterator[tuple[int, str]]:
    """Yield (statement, CIDR) of `aws:SourceIp` conditions on private ranges: no request carries such a value."""
    for statement, condition in _conditions(document):
        if condition.key.lower() == "aws:sourceip" and condition.operator in {"IpAddress", "NotIpAddress"}:
            for value in condition.values:
                if is_private(value):
                    yield statement.index, value


def is_private(value: str) -> bool:
    """Tell whether a range lies in those that private networks use (RFC 1918, RFC 4193)."""
    try:
        block = ip_network(value, strict=False)
    except ValueError:
        return False
    first, last = block.network_address, block.broadcast_address
    return any(
        first in private and last in private for private in _PRIVATE if private.version == block.version
    )


def deleted_principals(document: Document) -> Iterator[tuple[int, str]]:
    """Yield (statement, id) of principals that were deleted: IAM shows their unique id instead of the ARN."""
    for statement in document.statements:
        for element in (statement.principals, statement.not_principals):
            for kind, value in element.entries if element is not None else ():
                if kind == "AWS" and _UNIQUE_ID.fullmatch(value):
                    yield statement.index, value


def _conditions(document: Document) -> Iterator[tuple[Statement, Condition]]:
    for statement in document.statements:
        for condition in statement.conditions:
            yield statement, condition
