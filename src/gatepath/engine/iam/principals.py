"""Who makes a request, and which `Principal` elements name them.

Sources: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html,
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_notprincipal.html and, for
gateway endpoints, https://docs.aws.amazon.com/vpc/latest/privatelink/vpc-endpoints-access.html
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import IntEnum, StrEnum

from gatepath.engine.iam.documents import Principals, Statement
from gatepath.model.naming import Arn

_ACCOUNT = re.compile(r"\d{12}")
_SERVICE = re.compile(r"[a-z0-9][a-z0-9.-]*\.(amazonaws\.com(\.cn)?|aws\.internal|amazon\.com)")


class Kind(StrEnum):
    """What kind of principal; `role` is an unnamed session of a role."""

    USER = "user"
    ROLE = "role"
    SESSION = "session"
    FEDERATED = "federated"
    ROOT = "root"
    ANONYMOUS = "anonymous"
    SERVICE = "service"
    STRANGER = "stranger"
    """Signed by somebody of an account that is not known."""


class Grant(IntEnum):
    """How a `Principal` element names a caller: decides which implicit denials limit the grant."""

    NONE = 0
    ACCOUNT = 1
    """Delegates to the account: its identity policies must allow."""
    ROLE = 2
    """Limited by permissions boundary and session policy."""
    DIRECT = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Who:
    """A caller. `name` is the user's or role's name without path; `session` the session's."""

    kind: Kind
    arn: str = ""
    partition: str = "aws"
    account: str | None = None
    name: str = ""
    session: str = ""


ANONYMOUS = Who(kind=Kind.ANONYMOUS)
STRANGER = Who(kind=Kind.STRANGER)
SOMEBODY = Who(kind=Kind.STRANGER, arn="?")
"""Nobody says who signs: any principal key may have any value."""
_IAM_KINDS = {"user": Kind.USER, "role": Kind.ROLE}


def who(text: str) -> Who | None:
    """Return the caller that an ARN, `anonymous` or a service principal names; None if it names none."""
    if text == "anonymous":
        return ANONYMOUS
    arn = Arn.parse(text)
    if arn is None:
        return Who(kind=Kind.SERVICE, arn=text) if _SERVICE.fullmatch(text) else None
    if _ACCOUNT.fullmatch(arn.account) is None:
        return None
    kind, _, rest = arn.resource.partition("/")
    made: Who | None = None
    if arn.service == "iam" and arn.resource == "root":
        made = Who(kind=Kind.ROOT, arn=text, partition=arn.partition, account=arn.account)
    elif arn.service == "iam" and kind in _IAM_KINDS and rest:
        made = Who(
            kind=_IAM_KINDS[kind],
            arn=text,
            partition=arn.partition,
            account=arn.account,
            name=rest.rpartition("/")[2],
        )
    elif arn.service == "sts" and kind == "assumed-role" and "/" in rest:
        role, _, session = rest.partition("/")
        made = Who(
            kind=Kind.SESSION,
            arn=text,
            partition=arn.partition,
            account=arn.account,
            name=role,
            session=session,
        )
    elif arn.service == "sts" and kind == "federated-user" and rest:
        made = Who(kind=Kind.FEDERATED, arn=text, partition=arn.partition, account=arn.account, name=rest)
    return made


def role_arn(caller: Who) -> str:
    """Return the ARN of the role behind a session (as if without path: the session's ARN drops it)."""
    return f"arn:{caller.partition}:iam::{caller.account}:role/{caller.name}"


Match = Callable[[Who], Grant]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Named:
    everyone: bool
    accounts: frozenset[str]
    arns: frozenset[str]
    roles: frozenset[tuple[str, str]]
    services: frozenset[str]


def _named(principals: Principals) -> _Named:
    accounts, arns, roles, services = set(), set(), set(), set()
    everyone = False
    for kind, value in principals.entries:
        if kind == "AWS" and value == "*":
            everyone = True
        elif kind == "AWS":
            arn = Arn.parse(value)
            if _ACCOUNT.fullmatch(value):
                accounts.add(value)
            elif arn is not None and arn.service == "iam" and arn.resource == "root":
                accounts.add(arn.account)
            elif arn is not None and "*" not in value and "?" not in value:
                arns.add(value)
                if arn.service == "iam" and arn.resource.startswith("role/"):
                    roles.add((arn.account, arn.resource.rpartition("/")[2]))
        elif kind == "Service":
            services.add(value)
    return _Named(
        everyone=everyone,
        accounts=frozenset(accounts),
        arns=frozenset(arns),
        roles=frozenset(roles),
        services=frozenset(services),
    )


def _grant(named: _Named, caller: Who) -> Grant:  # noqa: PLR0911 - one return a documented form
    if named.everyone:
        return Grant.DIRECT
    if caller.kind is Kind.SERVICE:
        return Grant.DIRECT if caller.arn in named.services else Grant.NONE
    if caller.account is None:
        return Grant.NONE
    if caller.arn in named.arns:
        return Grant.ROLE if caller.kind is Kind.ROLE else Grant.DIRECT
    if caller.kind is Kind.SESSION and (caller.account, caller.name) in named.roles:
        return Grant.ROLE
    if caller.account in named.accounts:
        return Grant.DIRECT if caller.kind is Kind.ROOT else Grant.ACCOUNT
    return Grant.NONE


def _wholly_named(  # noqa: PLR0911 - one return a documented form
    named: _Named, caller: Who, *, bounded: bool
) -> bool:
    """Tell whether a `NotPrincipal` of a Deny spares the caller: account, role and session must be listed.

    With a permissions boundary attached it spares nobody:
    https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_boundaries.html
    """
    if named.everyone:
        return True
    if caller.kind is Kind.SERVICE:
        return caller.arn in named.services
    if caller.account is None or caller.account not in named.accounts:
        return False
    if caller.kind is Kind.ROOT:
        return True
    if bounded or (caller.arn not in named.arns and caller.kind is not Kind.ROLE):
        return False
    if caller.kind in {Kind.SESSION, Kind.ROLE}:
        return (caller.account, caller.name) in named.roles
    return True


@dataclass(frozen=True, slots=True, kw_only=True)
class PrincipalTest:
    """Whom a statement names. `doubtful`: that rests on no documented rule."""

    grant: Callable[[Who, bool], Grant]
    doubtful: bool = False


def everybody(_: Who, __: bool) -> Grant:  # noqa: FBT001 - the shape of PrincipalTest.grant
    """Name everyone: identity policies and guardrails have no `Principal`."""
    return Grant.DIRECT


def nobody(_: Who, __: bool) -> Grant:  # noqa: FBT001 - the shape of PrincipalTest.grant
    """Name no one."""
    return Grant.NONE


def resource_principals(statement: Statement) -> PrincipalTest:
    """Return whom a statement of a resource-based or interface endpoint policy names."""
    if statement.principals is not None:
        named = _named(statement.principals)
        if named.everyone:
            return PrincipalTest(grant=everybody)
        return PrincipalTest(grant=lambda caller, _: _grant(named, caller))
    if statement.not_principals is None:
        return PrincipalTest(grant=nobody)
    spared = _named(statement.not_principals)
    if statement.allow:
        return PrincipalTest(
            grant=lambda caller, _: Grant.NONE if _grant(spared, caller) else Grant.DIRECT, doubtful=True
        )

    def denied(caller: Who, bounded: bool) -> Grant:  # noqa: FBT001 - the shape of PrincipalTest.grant
        return Grant.NONE if _wholly_named(spared, caller, bounded=bounded) else Grant.DIRECT

    return PrincipalTest(grant=denied)


def gateway_principals(statement: Statement) -> PrincipalTest:
    """Return whom a statement of a gateway endpoint's policy names.

    `*` is everyone; an account means its root user only; that other ARNs match nobody is not documented.
    """
    if statement.principals is None:
        if statement.not_principals is None:
            return PrincipalTest(grant=nobody)
        made = resource_principals(statement)
        return PrincipalTest(grant=made.grant, doubtful=True)
    named = _named(statement.principals)
    if named.everyone:
        return PrincipalTest(grant=everybody)

    def grant(caller: Who, _: bool) -> Grant:  # noqa: FBT001 - the shape of PrincipalTest.grant
        root = caller.kind is Kind.ROOT and caller.account in named.accounts
        return Grant.DIRECT if root else Grant.NONE

    others = len(named.arns) + len(named.services) > 0
    return PrincipalTest(grant=grant, doubtful=others)


def gateway_principals_as_named(statement: Statement) -> PrincipalTest:
    """Return whom a statement of a gateway endpoint's policy names if it may name roles, users and sessions.

    Source: https://docs.aws.amazon.com/vpc/latest/privatelink/vpc-endpoints-access.html, which doesn't say what
    such a principal does. `NotPrincipal`, which it doesn't mention, names nobody here.
    """
    plain = gateway_principals(statement)
    if statement.principals is None or plain.grant is everybody:
        return PrincipalTest(grant=plain.grant if statement.not_principals is None else nobody)
    named = replace(_named(statement.principals), accounts=frozenset())
    return PrincipalTest(
        grant=lambda caller, bounded: max(plain.grant(caller, bounded), _grant(named, caller))
    )
