"""How the layers of policies join.

Sources: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html,
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic-cross-account.html,
https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_scps.html,
https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_rcps.html,
https://docs.aws.amazon.com/vpc/latest/privatelink/vpc-endpoints-access.html,
https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketPolicy.html,
https://docs.aws.amazon.com/kms/latest/developerguide/key-policies.html and
https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html
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
    USER,
    Json,
    allow,
    ask,
    deciders,
    decision,
    deny,
    policy,
    statement,
)

NOTHING = allow(Action="ec2:DescribeVpcs", Principal="*")
"""A policy that allows something else only."""
OPEN_TO_ALL = allow(Principal="*")


def level(*policies: Json, target: str = "r-1") -> Json:
    """Return a level of guardrails."""
    return {"target": target, "policies": list(policies)}


FULL_LAYERS: dict[str, Any] = {
    "identity": [allow()],
    "resource": OPEN_TO_ALL,
    "boundary": allow(),
    "session": allow(),
    "scp": [level(allow())],
    "rcp": [level(OPEN_TO_ALL)],
    "vpce": OPEN_TO_ALL,
}


class TestExplicitDeny:
    @pytest.mark.parametrize("layer", list(FULL_LAYERS))
    def test_in_any_layer_wins(self, layer: str) -> None:
        refusing = deny(Principal="*") if layer in {"resource", "rcp", "vpce"} else deny()
        made = {"identity": [refusing], "scp": [level(refusing)], "rcp": [level(refusing)]}.get(
            layer, refusing
        )
        assert decision(FULL_LAYERS) == ALLOWED
        answer = ask({**FULL_LAYERS, layer: made})
        assert answer["decision"] == EXPLICIT
        assert deciders(answer) == [(layer, 0, 0)]

    def test_in_another_statement_of_the_allowing_policy_wins(self) -> None:
        answer = ask({"identity": [policy(statement(), statement("Deny", Action="s3:Get*"))]})
        assert (answer["decision"], deciders(answer)) == (EXPLICIT, [("identity", 0, 1)])

    def test_that_does_not_apply_denies_nothing(self) -> None:
        assert decision({"identity": [allow(), deny(Action="s3:PutObject")]}) == ALLOWED

    def test_in_several_layers_names_each(self) -> None:
        answer = ask({"identity": [allow(), deny()], "resource": deny(Principal="*"), "vpce": OPEN_TO_ALL})
        assert sorted(deciders(answer)) == [("identity", 1, 0), ("resource", 0, 0)]


@pytest.mark.parametrize("policies", [None, {}, {"identity": []}, {"identity": None, "resource": None}])
def test_nothing_is_denied_implicitly(policies: Json | None) -> None:
    assert decision(policies) == IMPLICIT


class TestSameAccount:
    def test_the_identity_policy_is_enough(self) -> None:
        assert decision({"identity": [allow()]}) == ALLOWED
        assert decision({"identity": [allow()], "resource": NOTHING}) == ALLOWED

    @pytest.mark.parametrize("caller", [ROLE, SESSION, USER])
    def test_the_resource_s_policy_is_enough(self, caller: str) -> None:
        assert decision({"resource": allow(Principal={"AWS": caller})}, principal=caller) == ALLOWED

    def test_any_of_several_identity_policies_is_enough(self) -> None:
        assert decision({"identity": [NOTHING, allow()]}) == ALLOWED

    @pytest.mark.parametrize("layer", ["boundary", "session", "vpce"])
    def test_each_further_layer_has_to_allow(self, layer: str) -> None:
        answer = ask({"identity": [allow()], layer: NOTHING})
        assert answer["decision"] == IMPLICIT
        assert deciders(answer) == [(layer, None, None)]

    @pytest.mark.parametrize("layer", ["boundary", "session", "vpce"])
    def test_no_further_layer_grants_by_itself(self, layer: str) -> None:
        assert decision({layer: OPEN_TO_ALL}) == IMPLICIT


class TestCrossAccount:
    @pytest.mark.parametrize("named", [ROLE, OWN, "*"], ids=["role", "account", "everyone"])
    def test_both_have_to_allow(self, named: str) -> None:
        resource = allow(Principal={"AWS": named})
        both = {"identity": [allow()], "resource": resource}
        assert decision(both, resource_account=OTHER) == ALLOWED
        assert decision({"identity": [allow()]}, resource_account=OTHER) == IMPLICIT
        assert decision({"resource": resource}, resource_account=OTHER) == IMPLICIT

    @pytest.mark.parametrize("layer", ["boundary", "session"])
    @pytest.mark.parametrize("named", [USER, SESSION, "*"], ids=["user", "session", "everyone"])
    def test_a_direct_grant_is_limited_by_boundary_and_session_policy(self, named: str, layer: str) -> None:
        caller = USER if named == "*" else named
        policies = {"identity": [allow()], "resource": allow(Principal={"AWS": named}), layer: NOTHING}
        assert decision(policies, principal=caller, resource_account=OTHER) == IMPLICIT

    def test_anonymous_needs_the_resource_s_policy_alone(self) -> None:
        assert decision({"resource": OPEN_TO_ALL}, principal="anonymous") == ALLOWED
        assert decision({"identity": [allow()]}, principal="anonymous") == IMPLICIT

    def test_the_root_user_of_another_account_needs_the_resource_s_policy(self) -> None:
        assert decision({}, principal=ROOT, resource_account=OTHER) == IMPLICIT
        assert (
            decision({"resource": allow(Principal={"AWS": OWN})}, principal=ROOT, resource_account=OTHER)
            == ALLOWED
        )

    def test_names_the_side_that_lacks_an_allow(self) -> None:
        answer = ask({"identity": [allow()]}, resource_account=OTHER)
        assert deciders(answer) == [("resource", None, None)]
        answer = ask({"resource": OPEN_TO_ALL}, resource_account=OTHER)
        assert deciders(answer) == [("identity", None, None)]


GRANTS: list[tuple[str, str, str, dict[str, Any], bool]] = [
    # who asks, whom the resource's policy names, under which condition, is it limited
    ("a role's ARN", ROLE, ROLE, {}, True),
    ("a role's ARN, for its session", SESSION, ROLE, {}, True),
    ("a session's ARN", SESSION, SESSION, {}, False),
    ("a user's ARN", USER, USER, {}, False),
    ("everyone", SESSION, "*", {}, False),
    (
        "everyone with the role's ARN as condition",
        SESSION,
        "*",
        {"ArnEquals": {"aws:PrincipalArn": ROLE}},
        False,
    ),
]


@pytest.mark.parametrize("layer", ["boundary", "session"])
@pytest.mark.parametrize(
    ("caller", "named", "condition", "limited"), [g[1:] for g in GRANTS], ids=[g[0] for g in GRANTS]
)
def test_a_grant_in_the_same_account_against_boundary_and_session_policy(
    caller: str, named: str, condition: dict[str, Any], limited: bool, layer: str
) -> None:
    resource = allow(Principal={"AWS": named}, **({"Condition": condition} if condition else {}))
    found = decision({"resource": resource, layer: NOTHING}, principal=caller)
    assert found == (IMPLICIT if limited else ALLOWED)
    assert decision({"resource": resource, layer: allow()}, principal=caller) == ALLOWED


def test_a_grant_to_the_account_is_limited_by_identity_boundary_and_session_policy() -> None:
    delegated = {"resource": allow(Principal={"AWS": OWN})}
    assert decision(delegated) == IMPLICIT
    assert decision({**delegated, "identity": [allow()]}) == ALLOWED
    assert decision({**delegated, "identity": [allow()], "boundary": NOTHING}) == IMPLICIT


@pytest.mark.parametrize("layer", ["boundary", "session"])
def test_an_explicit_deny_of_boundary_or_session_policy_stops_any_grant(layer: str) -> None:
    for named in (SESSION, "*"):
        assert (
            decision({"resource": allow(Principal={"AWS": named}), layer: deny()}, principal=SESSION)
            == EXPLICIT
        )


class TestGetFederationToken:
    def test_without_session_policy_identity_policies_do_not_count(self) -> None:
        assert decision({"identity": [allow()]}, principal=FEDERATED) == IMPLICIT

    def test_without_session_policy_that_is_what_lacks(self) -> None:
        answer = ask({"identity": [allow()]}, principal=FEDERATED)
        assert deciders(answer) == [("session", None, None)]
        granted = ask({"identity": [allow()], "resource": OPEN_TO_ALL}, principal=FEDERATED)
        assert deciders(granted) == [("resource", 0, 0)]

    def test_with_one_both_have_to_allow(self) -> None:
        assert decision({"identity": [allow()], "session": allow()}, principal=FEDERATED) == ALLOWED
        assert decision({"identity": [allow()], "session": NOTHING}, principal=FEDERATED) == IMPLICIT
        assert decision({"session": allow()}, principal=FEDERATED) == IMPLICIT

    def test_a_grant_to_its_arn_is_limited_by_neither(self) -> None:
        resource = allow(Principal={"AWS": FEDERATED})
        assert decision({"resource": resource}, principal=FEDERATED) == ALLOWED
        assert decision({"resource": resource, "session": NOTHING}, principal=FEDERATED) == ALLOWED


class TestServiceControlPolicies:
    def test_every_level_has_to_allow(self) -> None:
        base: Json = {"identity": [allow()]}
        assert decision({**base, "scp": [level(allow()), level(allow(), target="ou-1")]}) == ALLOWED
        answer = ask({**base, "scp": [level(allow()), level(NOTHING, target="ou-1")]})
        assert (answer["decision"], deciders(answer)) == (IMPLICIT, [("scp", None, None)])

    def test_one_policy_of_a_level_is_enough(self) -> None:
        assert decision({"identity": [allow()], "scp": [level(NOTHING, allow())]}) == ALLOWED

    def test_a_level_without_policies_allows_nothing(self) -> None:
        assert decision({"identity": [allow()], "scp": [level()]}) == IMPLICIT

    def test_levels_that_lack_an_allow_are_named_once(self) -> None:
        levels = [level(), level(NOTHING), level(target="ou-1")]
        for caller in (ROLE, ROOT):
            answer = ask({"identity": [allow()], "scp": levels}, principal=caller)
            assert deciders(answer) == [("scp", None, None)]

    @pytest.mark.parametrize("none", [[], None])
    def test_no_levels_set_no_limit(self, none: list[Json] | None) -> None:
        assert decision({"identity": [allow()], "scp": none}) == ALLOWED

    def test_they_grant_nothing(self) -> None:
        assert decision({"scp": [level(allow())]}) == IMPLICIT

    def test_the_root_user_of_a_member_is_under_them(self) -> None:
        assert decision({}, principal=ROOT) == ALLOWED
        assert decision({"scp": [level(deny())]}, principal=ROOT) == EXPLICIT
        assert decision({"scp": [level(NOTHING)]}, principal=ROOT) == IMPLICIT

    def test_they_limit_grants_of_the_resource_s_policy(self) -> None:
        assert (
            decision({"resource": allow(Principal={"AWS": USER}), "scp": [level(NOTHING)]}, principal=USER)
            == IMPLICIT
        )

    @pytest.mark.parametrize("caller", ["anonymous", "logging.s3.amazonaws.com"])
    def test_nobody_without_account_is_under_them(self, caller: str) -> None:
        policies = {"resource": OPEN_TO_ALL, "scp": [level(deny())]}
        assert decision(policies, principal=caller) == ALLOWED

    def test_policies_are_counted_through_all_levels(self) -> None:
        scp = [level(allow(), allow()), level(allow(), policy(statement(), statement("Deny")), target="ou-1")]
        assert deciders(ask({"identity": [allow()], "scp": scp})) == [("scp", 3, 1)]
        granted = ask({"identity": [allow()], "scp": [level(allow(), allow()), level(NOTHING, allow())]})
        assert deciders(granted) == [("identity", 0, 0), ("scp", 0, 0), ("scp", 3, 0)]


class TestResourceControlPolicies:
    def test_the_allow_of_everything_is_implied_at_each_level(self) -> None:
        for rcp in (
            [level()],
            [level(), level(target="ou-1")],
            [level(deny(Principal="*", Action="s3:Put*"))],
        ):
            assert decision({"identity": [allow()], "rcp": rcp}) == ALLOWED

    def test_they_grant_nothing(self) -> None:
        assert decision({"rcp": [level(OPEN_TO_ALL)]}) == IMPLICIT

    @pytest.mark.parametrize("caller", [ROLE, USER, ROOT, STRANGER_ROLE, "anonymous"])
    def test_callers_of_every_account_and_root_are_under_them(self, caller: str) -> None:
        policies = {"identity": [allow()], "resource": OPEN_TO_ALL, "rcp": [level(deny(Principal="*"))]}
        answer = ask(policies, principal=caller)
        assert (answer["decision"], deciders(answer)) == (EXPLICIT, [("rcp", 0, 0)])

    def test_policies_are_counted_through_all_levels(self) -> None:
        rcp = [level(OPEN_TO_ALL, OPEN_TO_ALL), level(deny(Principal="*"), target="ou-1")]
        assert deciders(ask({"identity": [allow()], "rcp": rcp})) == [("rcp", 2, 0)]

    def test_retiring_a_grant_is_exempt(self) -> None:
        key = f"arn:aws:kms:eu-west-1:{OWN}:key/k"
        policies = {
            "identity": [allow()],
            "resource": allow(Principal={"AWS": OWN}),
            "rcp": [level(deny(Principal="*"))],
        }
        assert decision(policies, action="kms:RetireGrant", resource=key) == ALLOWED
        assert decision(policies, action="kms:Decrypt", resource=key) == EXPLICIT

    def test_they_cover_dynamodb_where_the_caller_gives_them(self) -> None:
        policies = {"identity": [allow()], "rcp": [level(deny(Principal="*", Action="dynamodb:*"))]}
        found = decision(
            policies, action="dynamodb:GetItem", resource=f"arn:aws:dynamodb:eu-west-1:{OWN}:table/t"
        )
        assert found == EXPLICIT


class TestEndpointPolicy:
    def test_the_default_allows_all(self) -> None:
        for default in (
            policy(statement(Principal="*"), version="2008-10-17"),
            policy(statement(Principal="*"), version=None),
        ):
            assert decision({"identity": [allow()], "vpce": default}) == ALLOWED

    def test_without_the_newest_version_variables_are_text(self) -> None:
        row = statement(Principal="*", Resource="arn:aws:s3:::${aws:PrincipalAccount}/*")
        for version, found in (("2012-10-17", ALLOWED), ("2008-10-17", IMPLICIT), (None, IMPLICIT)):
            policies = {"identity": [allow()], "vpce": policy(row, version=version)}
            assert decision(policies, resource=f"arn:aws:s3:::{OWN}/k") == found

    def test_it_limits_root_anonymous_and_grants_of_the_resource_s_policy(self) -> None:
        for caller in (ROOT, "anonymous", USER):
            policies = {"resource": OPEN_TO_ALL, "vpce": NOTHING}
            answer = ask(policies, principal=caller)
            assert (answer["decision"], deciders(answer)) == (IMPLICIT, [("vpce", None, None)])


class TestKeysAndTrust:
    KEY = f"arn:aws:kms:eu-west-1:{OWN}:key/1234"
    ASSUMED = f"arn:aws:iam::{OWN}:role/target"

    def key(self, policies: Json, **more: Any) -> str:
        return decision(policies, action="kms:Decrypt", resource=self.KEY, **more)

    def trust(self, policies: Json) -> str:
        return decision(policies, action="sts:AssumeRole", resource=self.ASSUMED)

    def test_an_identity_policy_alone_is_not_enough_for_a_key(self) -> None:
        assert self.key({"identity": [allow()]}) == IMPLICIT
        assert self.key({"identity": [allow()], "resource": NOTHING}) == IMPLICIT

    def test_a_key_policy_delegates_to_the_account(self) -> None:
        delegated = {"resource": allow(Principal={"AWS": ROOT})}
        assert self.key({**delegated, "identity": [allow()]}) == ALLOWED
        assert self.key(delegated) == IMPLICIT

    def test_a_key_policy_grants_by_itself(self) -> None:
        assert self.key({"resource": allow(Principal={"AWS": ROLE})}) == ALLOWED

    def test_even_root_needs_the_key_policy(self) -> None:
        assert self.key({}, principal=ROOT) == IMPLICIT
        assert self.key({"resource": allow(Principal={"AWS": OWN})}, principal=ROOT) == ALLOWED

    def test_a_trust_policy_has_to_allow(self) -> None:
        trusting = policy({"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"AWS": ROLE}})
        assert self.trust({"identity": [allow()]}) == IMPLICIT
        assert self.trust({"resource": trusting}) == ALLOWED

    def test_a_trust_policy_delegates_to_the_account(self) -> None:
        trusting = policy({"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"AWS": OWN}})
        assert self.trust({"resource": trusting}) == IMPLICIT
        assert self.trust({"resource": trusting, "identity": [allow()]}) == ALLOWED

    @pytest.mark.parametrize("action", ["sts:TagSession", "sts:SetSourceIdentity", "sts:AssumeRole"])
    def test_each_action_on_a_role_needs_the_trust_policy(self, action: str) -> None:
        trusting = policy({"Effect": "Allow", "Action": action, "Principal": {"AWS": ROLE}})
        asked: dict[str, Any] = {"action": action, "resource": self.ASSUMED}
        assert decision({"identity": [allow()]}, **asked) == IMPLICIT
        assert decision({"resource": trusting}, **asked) == ALLOWED


class TestRoot:
    def test_has_everything_in_its_account(self) -> None:
        assert decision({}, principal=ROOT) == ALLOWED

    @pytest.mark.parametrize("layer", ["resource", "vpce"])
    def test_is_under_denials(self, layer: str) -> None:
        assert decision({layer: deny(Principal="*")}, principal=ROOT) == EXPLICIT

    ACTIONS: ClassVar = ["s3:GetBucketPolicy", "s3:PutBucketPolicy", "s3:DeleteBucketPolicy"]

    @pytest.mark.parametrize("action", ACTIONS)
    def test_repairs_the_policy_of_its_own_bucket_whatever_that_denies(self, action: str) -> None:
        locked = {"resource": deny(Principal="*")}
        request: dict[str, Any] = {"action": action, "resource": "arn:aws:s3:::b"}
        assert decision(locked, principal=ROOT, **request) == ALLOWED
        assert decision({**locked, "identity": [allow()]}, **request) == EXPLICIT
        assert decision(locked, principal=ROOT, **{**request, "resource_account": OTHER}) == EXPLICIT

    @pytest.mark.parametrize("action", ACTIONS)
    @pytest.mark.parametrize("layer", ["vpce", "scp", "rcp"])
    def test_only_endpoint_and_organization_can_stop_the_repair(self, action: str, layer: str) -> None:
        refusing: Any = deny(Principal="*")
        made = {"resource": deny(Principal="*"), layer: refusing if layer == "vpce" else [level(refusing)]}
        assert decision(made, principal=ROOT, action=action, resource="arn:aws:s3:::b") == EXPLICIT

    def test_other_bucket_actions_are_denied_to_it(self) -> None:
        found = decision(
            {"resource": deny(Principal="*")},
            principal=ROOT,
            action="s3:PutBucketAcl",
            resource="arn:aws:s3:::b",
        )
        assert found == EXPLICIT


class TestGetCallerIdentity:
    REQUEST: ClassVar[Json] = {"action": "sts:GetCallerIdentity", "resource": "*"}

    @pytest.mark.parametrize("caller", [ROLE, USER, SESSION, FEDERATED, ROOT])
    @pytest.mark.parametrize("layer", ["none", "identity", "boundary", "session"])
    def test_needs_no_permission_and_no_deny_of_an_administrator_stops_it(
        self, caller: str, layer: str
    ) -> None:
        policies: Json = {layer: [deny()] if layer == "identity" else deny()}
        assert decision({} if layer == "none" else policies, principal=caller, **self.REQUEST) == ALLOWED

    @pytest.mark.parametrize(
        ("layer", "policies"),
        [
            ("scp", [level(deny())]),
            ("scp", [level(NOTHING)]),
            ("vpce", deny(Principal="*")),
            ("vpce", NOTHING),
        ],
        ids=["scp denies", "scp lacks", "endpoint denies", "endpoint lacks"],
    )
    def test_what_guardrails_do_to_it_is_not_documented(self, layer: str, policies: Any) -> None:
        answer = ask({layer: policies, "vpce_type": "interface"}, **self.REQUEST)
        assert answer["decision"] == "unknown"
        assert answer["depends_on"] == [layer]


class TestNearestMiss:
    """An implicit denial names the Allow that comes nearest."""

    def test_an_allow_that_fails_on_its_condition_alone(self) -> None:
        row = statement(Condition={"StringEquals": {"aws:SourceVpce": "vpce-1"}})
        answer = ask({"identity": [NOTHING, policy(statement(Action="s3:PutObject"), row)]})
        assert deciders(answer) == [("identity", 1, 1)]

    def test_none_where_action_or_resource_differ(self) -> None:
        answer = ask({"identity": [allow(Action="s3:PutObject"), allow(Resource="arn:aws:s3:::other/*")]})
        assert deciders(answer) == [("identity", None, None)]

    def test_of_an_endpoint_policy(self) -> None:
        row = allow(Principal="*", Condition={"StringEquals": {"aws:PrincipalOrgID": "o-1"}})
        answer = ask({"identity": [allow()], "vpce": row}, context={"aws:PrincipalOrgID": "o-2"})
        assert deciders(answer) == [("vpce", 0, 0)]

    def test_of_a_level_is_counted_through_all(self) -> None:
        row = allow(Condition={"Bool": {"aws:SecureTransport": "true"}})
        answer = ask({"identity": [allow()], "scp": [level(allow(), allow()), level(NOTHING, row)]})
        assert deciders(answer) == [("scp", 3, 0)]

    def test_every_layer_that_lacks_an_allow_is_named(self) -> None:
        answer = ask({"identity": [NOTHING], "vpce": NOTHING, "scp": [level(NOTHING)]})
        assert {layer for layer, _, _ in deciders(answer)} == {"identity", "vpce", "scp"}


class TestDecidedBy:
    def test_an_allowed_request_names_the_allow_of_each_layer(self) -> None:
        answer = ask(FULL_LAYERS)
        assert answer["decision"] == ALLOWED
        assert set(deciders(answer)) == {
            (name, 0, 0) for name in ("identity", "resource", "boundary", "session", "scp", "vpce")
        }

    def test_counts_policies_and_statements_from_zero(self) -> None:
        answer = ask({"identity": [NOTHING, policy(statement(Action="ec2:*"), statement())]})
        assert deciders(answer) == [("identity", 1, 1)]

    def test_the_id_comes_back(self) -> None:
        assert ask()["id"] == 7
        assert ask()["depends_on"] == []
