"""Whom a `Principal` names, and what follows from who asks.

Sources: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html,
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_notprincipal.html,
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html and
https://docs.aws.amazon.com/vpc/latest/privatelink/vpc-endpoints-access.html
"""

from typing import Any, ClassVar

import pytest
from tests.iam_requests import (
    ALLOWED,
    EXPLICIT,
    FEDERATED,
    IMPLICIT,
    OTHER,
    OWN,
    ROLE,
    ROOT,
    SESSION,
    STRANGER_ROLE,
    UNKNOWN,
    USER,
    Json,
    allow,
    decision,
    deny,
)

SERVICE = "logging.s3.amazonaws.com"
CALLERS = [ROLE, SESSION, USER, FEDERATED, ROOT, "anonymous", SERVICE]
KINDS = ["role", "session", "user", "federated", "root", "anonymous", "service"]


def granted(principal: object, caller: str, **more: Any) -> bool:
    """Tell whether a bucket policy's Allow alone reaches a caller of the same account."""
    return decision({"resource": allow(Principal=principal), **more}, principal=caller) == ALLOWED


def hit(principal: Json, caller: str, **more: Any) -> bool:
    """Tell whether a bucket policy's Deny names a caller."""
    policies = {"identity": [allow()], "resource": deny(**principal), **more}
    return decision(policies, principal=caller) == EXPLICIT


@pytest.mark.parametrize("caller", CALLERS, ids=KINDS)
@pytest.mark.parametrize("principal", ["*", {"AWS": "*"}, {"AWS": ["*"]}], ids=["star", "aws", "list"])
def test_a_star_is_everyone_also_anonymous(principal: object, caller: str) -> None:
    assert granted(principal, caller)
    assert hit({"Principal": principal}, caller)


NAMED: list[tuple[str, str, str, bool]] = [
    ("a role", ROLE, ROLE, True),
    ("a role matches its sessions", ROLE, SESSION, True),
    ("a role with a path matches its sessions", f"arn:aws:iam::{OWN}:role/team/app", SESSION, True),
    ("another role", f"arn:aws:iam::{OWN}:role/other", SESSION, False),
    ("a role of the same name elsewhere", STRANGER_ROLE, SESSION, False),
    ("a session matches itself", SESSION, SESSION, True),
    ("a session matches no other", SESSION, f"{SESSION}x", False),
    ("a session is not its role", SESSION, ROLE, False),
    ("a user", USER, USER, True),
    ("a user's name minds case", USER, f"arn:aws:iam::{OWN}:user/Alice", False),
    ("a user is no federated user", f"arn:aws:iam::{OWN}:user/bob", FEDERATED, False),
    ("a federated user", FEDERATED, FEDERATED, True),
    ("no wildcard in a user's ARN", f"arn:aws:iam::{OWN}:user/*", USER, False),
    ("no wildcard in a role's ARN", f"arn:aws:iam::{OWN}:role/*", ROLE, False),
    ("no wildcard in a session's ARN", f"arn:aws:sts::{OWN}:assumed-role/app/*", SESSION, False),
    ("no question mark either", f"arn:aws:iam::{OWN}:role/ap?", ROLE, False),
    ("a deleted user's id matches nobody", "AIDACKCEVSQ6C2EXAMPLE", USER, False),
    ("a deleted role's id matches nobody", "AROACKCEVSQ6C2EXAMPLE", SESSION, False),
    ("an account's root by its ARN", ROOT, ROOT, True),
    ("an account's root by the account", OWN, ROOT, True),
]


@pytest.mark.parametrize(("named", "caller", "match"), [n[1:] for n in NAMED], ids=[n[0] for n in NAMED])
def test_named(named: str, caller: str, match: bool) -> None:
    assert granted({"AWS": named}, caller) is match
    assert granted({"AWS": ["AROAOTHER", named]}, caller) is match
    assert hit({"Principal": {"AWS": named}}, caller) is match


@pytest.mark.parametrize("account", [OWN, ROOT], ids=["id", "root"])
@pytest.mark.parametrize("caller", [ROLE, SESSION, USER], ids=["role", "session", "user"])
class TestAccount:
    def test_delegates_and_grants_nothing_by_itself(self, account: str, caller: str) -> None:
        assert not granted({"AWS": account}, caller)
        assert granted({"AWS": account}, caller, identity=[allow()])

    def test_a_deny_of_it_hits_everyone_in_it(self, account: str, caller: str) -> None:
        assert hit({"Principal": {"AWS": account}}, caller)


def test_an_account_names_nobody_anonymous_nor_of_another_account() -> None:
    assert not granted({"AWS": OWN}, "anonymous")
    assert not hit({"Principal": {"AWS": OTHER}}, ROLE)


def test_services_are_named_by_service_alone() -> None:
    assert granted({"Service": SERVICE}, SERVICE)
    assert granted({"Service": ["ec2.amazonaws.com", SERVICE]}, SERVICE)
    assert not granted({"Service": "ec2.amazonaws.com"}, SERVICE)
    assert not granted({"AWS": SERVICE}, SERVICE)
    assert not granted({"Service": SERVICE}, ROLE)


class TestNotPrincipal:
    WHOLE: ClassVar = {"AWS": [OWN, ROLE, SESSION]}

    def test_a_deny_spares_a_session_where_session_role_and_account_are_listed(self) -> None:
        assert not hit({"NotPrincipal": self.WHOLE}, SESSION)

    @pytest.mark.parametrize("left_out", [OWN, ROLE, SESSION], ids=["account", "role", "session"])
    def test_a_deny_hits_where_one_of_them_is_left_out(self, left_out: str) -> None:
        listed = [arn for arn in self.WHOLE["AWS"] if arn != left_out]
        assert hit({"NotPrincipal": {"AWS": listed}}, SESSION)

    def test_a_deny_spares_a_user_listed_with_the_account(self) -> None:
        assert not hit({"NotPrincipal": {"AWS": [ROOT, USER]}}, USER)
        assert hit({"NotPrincipal": {"AWS": [USER]}}, USER)
        assert hit({"NotPrincipal": {"AWS": [ROOT]}}, USER)

    def test_a_deny_hits_everybody_else(self) -> None:
        assert hit({"NotPrincipal": self.WHOLE}, USER)
        assert hit({"NotPrincipal": self.WHOLE}, "anonymous")
        assert hit({"NotPrincipal": self.WHOLE}, SERVICE)
        assert (
            decision(
                {"identity": [allow()], "resource": deny(NotPrincipal=self.WHOLE)}, principal=STRANGER_ROLE
            )
            == EXPLICIT
        )

    def test_a_deny_spares_the_root_user_of_a_listed_account(self) -> None:
        assert not hit({"NotPrincipal": {"AWS": OWN}}, ROOT)

    def test_a_deny_spares_a_listed_service(self) -> None:
        allowing = allow(Principal="*")["Statement"]
        denying = deny(NotPrincipal={"Service": SERVICE})
        denying["Statement"] += allowing
        assert decision({"resource": denying}, principal=SERVICE) == ALLOWED

    @pytest.mark.parametrize("caller", [USER, SESSION], ids=["user", "session"])
    def test_with_a_permissions_boundary_a_deny_hits_always(self, caller: str) -> None:
        listed = {"AWS": [OWN, USER, ROLE, SESSION]}
        assert not hit({"NotPrincipal": listed}, caller)
        assert hit({"NotPrincipal": listed}, caller, boundary=allow())


GATEWAY: list[tuple[str, Any, str, bool]] = [
    ("a star is everyone", "*", ROLE, True),
    ("a star in AWS is everyone", {"AWS": "*"}, ROLE, True),
    ("a star is anonymous too", "*", "anonymous", True),
    ("an account is not its roles", {"AWS": OWN}, ROLE, False),
    ("an account is not its sessions", {"AWS": OWN}, SESSION, False),
    ("an account is not its users", {"AWS": OWN}, USER, False),
    ("an account is its root user", {"AWS": OWN}, ROOT, True),
    ("a root ARN is not the account's roles", {"AWS": ROOT}, ROLE, False),
    ("a root ARN is the root user", {"AWS": ROOT}, ROOT, True),
    ("another account is not this root user", {"AWS": OTHER}, ROOT, False),
    ("a role's ARN limits to nobody", {"AWS": ROLE}, ROLE, False),
    ("a session's ARN limits to nobody", {"AWS": SESSION}, SESSION, False),
    ("a user's ARN limits to nobody", {"AWS": USER}, USER, False),
]
INTERFACE: list[tuple[str, Any, str, bool]] = [
    ("a star is everyone", "*", ROLE, True),
    ("an account is its roles", {"AWS": OWN}, ROLE, True),
    ("an account is its users", {"AWS": ROOT}, USER, True),
    ("an account is its root user", {"AWS": OWN}, ROOT, True),
    ("another account is nobody of this", {"AWS": OTHER}, ROLE, False),
    ("a role", {"AWS": ROLE}, ROLE, True),
    ("a role's sessions", {"AWS": ROLE}, SESSION, True),
    ("another role", {"AWS": f"{ROLE}2"}, ROLE, False),
    ("a user", {"AWS": USER}, USER, True),
    ("a session", {"AWS": SESSION}, SESSION, True),
]


def through(kind: str | None, principal: object, caller: str) -> str:
    """Return the decision through an endpoint whose policy names a principal."""
    policies = {
        "identity": [allow()],
        "resource": allow(Principal="*"),
        "vpce": allow(Principal=principal),
    }
    return decision(policies if kind is None else {**policies, "vpce_type": kind}, principal=caller)


@pytest.mark.parametrize(
    ("principal", "caller", "match"), [g[1:] for g in GATEWAY], ids=[g[0] for g in GATEWAY]
)
def test_gateway_endpoint_policy(principal: object, caller: str, match: bool) -> None:
    assert through("gateway", principal, caller) == (ALLOWED if match else IMPLICIT)
    assert through(None, principal, caller) == (ALLOWED if match else IMPLICIT)


@pytest.mark.parametrize(
    ("principal", "caller", "match"), [i[1:] for i in INTERFACE], ids=[i[0] for i in INTERFACE]
)
def test_interface_endpoint_policy(principal: object, caller: str, match: bool) -> None:
    assert through("interface", principal, caller) == (ALLOWED if match else IMPLICIT)


def test_a_gateway_endpoint_policy_limits_by_the_principal_arn_key() -> None:
    row = {"Principal": "*", "Condition": {"ArnEquals": {"aws:PrincipalArn": ROLE}}}
    for caller, found in ((ROLE, ALLOWED), (SESSION, ALLOWED), (USER, IMPLICIT)):
        assert decision({"identity": [allow()], "vpce": allow(**row)}, principal=caller) == found


def key(name: str, value: object, caller: str, **request: Any) -> bool:
    """Tell whether a request carries a key with a value (None = it carries none)."""
    row = {"Null": {name: "true"}} if value is None else {"StringEquals": {name: value}}
    policies = {"identity": [allow()], "resource": allow(Principal="*", Condition=row)}
    if caller not in {"anonymous", SERVICE}:
        policies = {"identity": [allow(Condition=row)], "session": allow()}
    return decision(policies, principal=caller, **request) == ALLOWED


KEYS: list[tuple[str, str, str, Any]] = [
    ("a role's ARN", ROLE, "aws:PrincipalArn", ROLE),
    ("a session's is its role's ARN", SESSION, "aws:PrincipalArn", ROLE),
    ("a user's ARN", USER, "aws:PrincipalArn", USER),
    ("a federated user's ARN", FEDERATED, "aws:PrincipalArn", FEDERATED),
    ("a root user's ARN", ROOT, "aws:PrincipalArn", ROOT),
    ("none for anonymous", "anonymous", "aws:PrincipalArn", None),
    ("no account for anonymous", "anonymous", "aws:PrincipalAccount", None),
    ("no organization for anonymous", "anonymous", "aws:PrincipalOrgID", None),
    ("the account", SESSION, "aws:PrincipalAccount", OWN),
    ("a role's kind", ROLE, "aws:PrincipalType", "AssumedRole"),
    ("a session's kind", SESSION, "aws:PrincipalType", "AssumedRole"),
    ("a user's kind", USER, "aws:PrincipalType", "User"),
    ("a federated user's kind", FEDERATED, "aws:PrincipalType", "FederatedUser"),
    ("the root user's kind", ROOT, "aws:PrincipalType", "Account"),
    ("anonymous as a kind", "anonymous", "aws:PrincipalType", "Anonymous"),
    ("a user's name", USER, "aws:username", "alice"),
    ("no user name for a session", SESSION, "aws:username", None),
    ("no user name for root", ROOT, "aws:username", None),
    ("root's id is the account", ROOT, "aws:userid", OWN),
    ("the resource's owner", ROLE, "aws:ResourceAccount", OWN),
    ("the resource's owner for S3", ROLE, "s3:ResourceAccount", OWN),
]


@pytest.mark.parametrize(("caller", "name", "value"), [k[1:] for k in KEYS], ids=[k[0] for k in KEYS])
def test_keys_that_follow_from_principal_and_resource(caller: str, name: str, value: object) -> None:
    assert key(name, value, caller)


def test_a_given_key_wins() -> None:
    path = f"arn:aws:iam::{OWN}:role/team/app"
    assert key("aws:PrincipalArn", path, SESSION, context={"aws:PrincipalArn": path})
    assert not key("aws:PrincipalArn", ROLE, SESSION, context={"aws:principalarn": path})


@pytest.mark.parametrize("absent", [None, []])
def test_a_key_given_as_null_is_not_in_the_request_although_it_would_follow(absent: object) -> None:
    row = allow(Condition={"Null": {"aws:PrincipalArn": "true", "aws:ResourceAccount": "true"}})
    context = {"aws:PrincipalArn": absent, "AWS:resourceaccount": absent}
    assert decision({"identity": [row]}) == IMPLICIT
    assert decision({"identity": [row]}, context=context) == ALLOWED


def test_services_and_only_they_are_services() -> None:
    services = allow(Principal="*", Condition={"Bool": {"aws:PrincipalIsAWSService": "true"}})
    assert decision({"resource": services}, principal=SERVICE) == ALLOWED
    assert decision({"resource": services}) == IMPLICIT
    assert decision({"resource": services}, principal="anonymous") == IMPLICIT


def test_access_point_keys_follow_from_its_arn() -> None:
    point = f"arn:aws:s3:eu-west-1:{OWN}:accesspoint/p"
    row = {"StringEquals": {"s3:DataAccessPointArn": point, "s3:DataAccessPointAccount": OWN}}
    assert decision({"identity": [allow(Condition=row)]}, resource=f"{point}/object/k") == ALLOWED


def test_the_caller_s_unknown_keys_leave_it_open() -> None:
    row = allow(Condition={"StringEquals": {"aws:PrincipalOrgID": "o-1"}})
    assert decision({"identity": [row]}, context={"aws:PrincipalOrgID": UNKNOWN}) == "unknown"
