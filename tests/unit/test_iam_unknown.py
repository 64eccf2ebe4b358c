"""What is not known, what is wrong with a request, and S3's Block Public Access.

Block Public Access: https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html
"""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from tests.iam_requests import (
    ALLOWED,
    EXPLICIT,
    IMPLICIT,
    OPEN,
    OTHER,
    OWN,
    ROLE,
    STRANGER_ROLE,
    UNKNOWN,
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

from gatepath.engine.iam.authorize import Authorizer, authorize

VPCE = {"StringEquals": {"aws:SourceVpce": "vpce-1"}}
NOT_KNOWN = {"aws:SourceVpce": UNKNOWN}


class TestUnknownValues:
    def test_of_a_key_that_decides_leaves_it_open(self) -> None:
        answer = ask({"identity": [allow(Condition=VPCE)]}, context=NOT_KNOWN)
        assert (answer["decision"], answer["depends_on"]) == (OPEN, ["aws:SourceVpce"])

    def test_of_a_key_in_a_deny_leaves_it_open(self) -> None:
        answer = ask({"identity": [allow(), deny(Condition=VPCE)]}, context=NOT_KNOWN)
        assert (answer["decision"], answer["depends_on"]) == (OPEN, ["aws:SourceVpce"])

    def test_of_a_key_nobody_asks_for_does_not_matter(self) -> None:
        answer = ask({"identity": [allow()]}, context=NOT_KNOWN)
        assert (answer["decision"], answer["depends_on"]) == (ALLOWED, [])

    def test_beside_another_allow_do_not_matter(self) -> None:
        assert decision({"identity": [allow(Condition=VPCE), allow()]}, context=NOT_KNOWN) == ALLOWED

    def test_under_another_deny_do_not_matter(self) -> None:
        assert decision({"identity": [allow(Condition=VPCE), deny()]}, context=NOT_KNOWN) == EXPLICIT

    def test_where_another_layer_refuses_do_not_matter(self) -> None:
        policies = {"identity": [allow(Condition=VPCE)], "boundary": allow(Action="ec2:*")}
        assert decision(policies, context=NOT_KNOWN) == IMPLICIT

    def test_beside_a_condition_that_fails_do_not_matter(self) -> None:
        both = {**VPCE, "Bool": {"aws:SecureTransport": "true"}}
        context = {**NOT_KNOWN, "aws:SecureTransport": "false"}
        assert decision({"identity": [allow(Condition=both)]}, context=context) == IMPLICIT

    @pytest.mark.parametrize(
        "operator", ["StringNotEquals", "StringEqualsIfExists", "ForAllValues:StringEquals", "Null"]
    )
    def test_may_be_anything_also_absent(self, operator: str) -> None:
        row = {operator: {"aws:SourceVpce": "true"}}
        assert decision({"identity": [allow(Condition=row)]}, context=NOT_KNOWN) == OPEN

    def test_in_a_variable_of_a_resource(self) -> None:
        row = allow(Resource="arn:aws:s3:::b/${aws:PrincipalTag/team}")
        answer = ask({"identity": [row]}, context={"aws:PrincipalTag/team": UNKNOWN})
        assert answer["decision"] == OPEN
        assert [key.lower() for key in answer["depends_on"]] == ["aws:principaltag/team"]

    @pytest.mark.parametrize(
        ("pattern", "open_"),
        [
            ("arn:aws:s3:::b/${aws:PrincipalTag/team}", True),
            ("arn:aws:s3:::other/${aws:PrincipalTag/team}", False),
            ("arn:aws:s3:::b/${aws:PrincipalTag/team}/z", False),
            ("arn:aws:s3:::b/?/${aws:PrincipalTag/team}", False),
        ],
    )
    def test_in_a_variable_matters_only_where_the_rest_of_the_text_matches(
        self, pattern: str, open_: bool
    ) -> None:
        context = {"aws:PrincipalTag/team": UNKNOWN}
        assert (decision({"identity": [allow(Resource=pattern)]}, context=context) == OPEN) is open_

    @pytest.mark.parametrize(
        ("operator", "value", "open_"),
        [
            ("StringEquals", "vpc-${aws:PrincipalTag/vpc}", True),
            ("StringEquals", "vpce-${aws:PrincipalTag/vpc}", False),
            ("StringEqualsIgnoreCase", "VPC-${aws:PrincipalTag/vpc}", True),
            ("StringEqualsIgnoreCase", "VPCE-${aws:PrincipalTag/vpc}", False),
            ("StringLike", "v??-${aws:PrincipalTag/vpc}*", True),
            ("StringLike", "?-${aws:PrincipalTag/vpc}*", False),
            ("ArnLike", "${aws:PrincipalTag/vpc}", True),
        ],
    )
    def test_in_a_variable_of_a_condition_likewise(self, operator: str, value: str, open_: bool) -> None:
        given = "arn:aws:s3:::b" if operator == "ArnLike" else "vpc-1"
        context = {"aws:PrincipalTag/vpc": UNKNOWN, "aws:SourceVpc": given}
        row = allow(Condition={operator: {"aws:SourceVpc": value}})
        assert (decision({"identity": [row]}, context=context) == OPEN) is open_

    def test_in_a_variable_of_a_condition(self) -> None:
        row = {"StringEquals": {"aws:SourceVpc": "${aws:PrincipalTag/vpc}"}}
        context = {"aws:PrincipalTag/vpc": UNKNOWN, "aws:SourceVpc": "vpc-1"}
        answer = ask({"identity": [allow(Condition=row)]}, context=context)
        assert answer["decision"] == OPEN
        assert [key.lower() for key in answer["depends_on"]] == ["aws:principaltag/vpc"]

    def test_all_that_would_settle_it_is_named_once(self) -> None:
        rows = [allow(Condition=VPCE), allow(Condition={"StringEquals": {"aws:SourceVpc": "vpc-1"}})]
        context = {**NOT_KNOWN, "aws:SourceVpc": UNKNOWN}
        answer = ask({"identity": [*rows, *rows]}, context=context)
        assert sorted(answer["depends_on"]) == ["aws:SourceVpc", "aws:SourceVpce"]


LAYERS = ["identity", "resource", "boundary", "session", "scp", "rcp", "vpce"]


class TestUnknownLayers:
    @pytest.mark.parametrize("layer", LAYERS)
    def test_may_deny_and_are_named(self, layer: str) -> None:
        policies = {"identity": [allow()], **({} if layer == "identity" else {layer: UNKNOWN})}
        if layer == "identity":
            policies = {"identity": UNKNOWN, "resource": allow(Principal={"AWS": ROLE})}
        answer = ask(policies)
        assert (answer["decision"], answer["depends_on"]) == (OPEN, [layer])

    @pytest.mark.parametrize("layer", LAYERS)
    def test_under_an_explicit_deny_do_not_matter(self, layer: str) -> None:
        policies: Json = {"identity": [deny()], layer: UNKNOWN}
        if layer == "identity":
            policies["resource"] = deny(Principal="*")
        assert decision(policies) == EXPLICIT

    @pytest.mark.parametrize("layer", ["boundary", "session", "scp", "rcp", "vpce"])
    def test_cannot_allow_what_nothing_grants_but_may_deny(self, layer: str) -> None:
        assert decision({layer: UNKNOWN}) == OPEN

    @pytest.mark.parametrize("place", ["identity", "scp", "rcp"])
    def test_a_single_policy_may_be_unknown(self, place: str) -> None:
        listed: list[Json] = [allow(), UNKNOWN]
        made = listed if place == "identity" else [{"target": "r-1", "policies": listed}]
        answer = ask({"identity": [allow()], place: made})
        assert (answer["decision"], answer["depends_on"]) == (OPEN, [place])

    @pytest.mark.parametrize("place", ["scp", "rcp"])
    def test_a_level_may_be_unknown_as_a_whole(self, place: str) -> None:
        answer = ask({"identity": [allow()], place: [UNKNOWN]})
        assert (answer["decision"], answer["depends_on"]) == (OPEN, [place])

    @pytest.mark.parametrize("place", ["scp", "rcp"])
    def test_a_level_s_policies_may_be_unknown(self, place: str) -> None:
        answer = ask({"identity": [allow()], place: [{"target": "r-1", "policies": UNKNOWN}]})
        assert (answer["decision"], answer["depends_on"]) == (OPEN, [place])

    def test_all_of_them_at_once(self) -> None:
        answer = ask(UNKNOWN)
        assert answer["decision"] == OPEN
        assert set(answer["depends_on"]) == set(LAYERS)


@pytest.mark.parametrize("none", ["null", "[]", "[ ]", "[\n]"])
@pytest.mark.parametrize("layer", LAYERS)
def test_null_and_an_empty_list_mean_that_there_is_none_however_they_are_spaced(
    layer: str, none: str
) -> None:
    line = {"request": {"principal": ROLE, "action": "s3:GetObject", "resource": "arn:aws:s3:::b/k"}}
    line["request"]["resource_account"] = OWN
    text = json.dumps({**line, "policies": {layer: "HERE"}}).replace('"HERE"', none)
    found = Authorizer().answer(text.encode()).evaluation
    assert [d.layer.value for d in found.decided_by] == ["identity"]


class TestUnknownOwner:
    def test_leaves_open_what_depends_on_it(self) -> None:
        answer = ask({"identity": [allow()]}, resource_account=None)
        assert (answer["decision"], answer["depends_on"]) == (OPEN, ["resource_account"])

    def test_does_not_matter_where_both_sides_allow(self) -> None:
        policies = {"identity": [allow()], "resource": allow(Principal={"AWS": ROLE})}
        assert decision(policies, resource_account=None) == ALLOWED

    def test_does_not_matter_where_neither_allows(self) -> None:
        assert decision({}, resource_account=None) == IMPLICIT

    def test_an_account_in_the_resource_s_arn_is_known(self) -> None:
        table = f"arn:aws:dynamodb:eu-west-1:{OWN}:table/t"
        found = decision(
            {"identity": [allow()]}, action="dynamodb:GetItem", resource=table, resource_account=None
        )
        assert found == ALLOWED

    def test_its_keys_are_not_known_either(self) -> None:
        row = allow(Principal="*", Condition={"StringEquals": {"aws:ResourceAccount": OWN}})
        policies = {"identity": [allow()], "resource": allow(Principal={"AWS": ROLE}), "vpce": row}
        answer = ask(policies, resource_account=None)
        assert (answer["decision"], answer["depends_on"]) == (OPEN, ["aws:ResourceAccount"])


ERRORS: list[tuple[str, Json, str]] = [
    (
        "the principal's account contradicts its ARN",
        {"principal_account": OTHER},
        "request.principal_account",
    ),
    (
        "anonymous has no account",
        {"principal": "anonymous", "principal_account": OWN},
        "request.principal_account",
    ),
    (
        "the resource's account contradicts its ARN",
        {"resource": f"arn:aws:sqs:eu-west-1:{OTHER}:q"},
        "request.resource_account",
    ),
    (
        "two keys that differ in case",
        {"context": {"aws:SourceVpc": "a", "aws:sourcevpc": "a"}},
        "request.context",
    ),
    (
        "two tags that differ in case",
        {"context": {"aws:PrincipalTag/Team": "a", "aws:PrincipalTag/team": "b"}},
        "request.context",
    ),
    ("a value that is an object", {"context": {"aws:SourceVpc": {"a": 1}}}, "request.context"),
    ("a value that is a nested list", {"context": {"aws:SourceVpc": [["a"]]}}, "request.context"),
    ("a principal that is none", {"principal": "alice"}, "request.principal"),
    ("an empty principal", {"principal": ""}, "request.principal"),
    ("a bucket as principal", {"principal": "arn:aws:s3:::b"}, "request.principal"),
    ("a principal without account", {"principal": "arn:aws:iam::12:role/app"}, "request.principal"),
    (
        "a session without session name",
        {"principal": f"arn:aws:sts::{OWN}:assumed-role/app"},
        "request.principal",
    ),
    ("an account as principal", {"principal": OWN}, "request.principal"),
    ("a resource that is none", {"resource": "b/k"}, "request.resource"),
    ("a resource too short", {"resource": "arn:aws:s3"}, "request.resource"),
    ("an action without service", {"action": "GetObject"}, "request.action"),
]


@pytest.mark.parametrize(("request_", "place"), [e[1:] for e in ERRORS], ids=[e[0] for e in ERRORS])
def test_a_request_that_cannot_be_judged_is_an_error_with_its_place(request_: Json, place: str) -> None:
    answer = ask({"identity": [allow()]}, **request_)
    assert set(answer) == {"id", "error"}
    assert answer["id"] == 7
    assert answer["error"].startswith(place)


@pytest.mark.parametrize("member", ["principal", "action", "resource"])
def test_a_missing_member_is_an_error(member: str) -> None:
    answer = ask({}, **{member: None})
    assert answer["id"] == 7
    assert member in answer["error"]


def test_a_missing_request_is_an_error() -> None:
    answer = authorize({"id": "x"})
    assert answer["id"] == "x"
    assert "request" in str(answer["error"])


@pytest.mark.parametrize("member", ["action", "principal", "resource", "context", "resource_account"])
def test_a_member_of_another_type_is_an_error(member: str) -> None:
    wrong: dict[str, Any] = {member: 5}
    assert member in ask({}, **wrong)["error"]


@pytest.mark.parametrize("layer", LAYERS)
@pytest.mark.parametrize("junk", [5, True])
def test_a_layer_that_is_neither_policies_nor_unknown_is_an_error_or_a_problem(
    layer: str, junk: object
) -> None:
    answer = ask({layer: junk})
    assert "error" in answer or answer["problems"]
    assert "error" in answer or answer["decision"] != ALLOWED


@pytest.mark.parametrize(
    ("layer", "junk"),
    [("identity", {"a": 1}), ("resource", [allow()]), ("scp", [allow()]), ("scp", {"a": 1})],
)
def test_a_layer_of_another_shape_is_an_error_with_its_place(layer: str, junk: object) -> None:
    assert ask({layer: junk})["error"].startswith(f"policies.{layer}")


def test_an_endpoint_of_an_unknown_type_is_an_error() -> None:
    assert (
        "vpce_type"
        in ask({"identity": [allow()], "vpce": allow(Principal="*"), "vpce_type": "other"})["error"]
    )


def test_the_account_given_beside_its_arn_may_agree() -> None:
    assert decision({"identity": [allow()]}, principal_account=OWN) == ALLOWED


JUNK = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 2**70) | st.floats() | st.text(max_size=6) | st.just(ROLE),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(
            st.sampled_from(["Statement", "Effect", "Action", "$unknown", "policies", "x"]), inner, max_size=3
        ),
    ),
    max_leaves=8,
)


@hypothesis_settings(max_examples=200, deadline=None)
@given(
    st.sampled_from([*LAYERS, "request", "principal", "context", "settings", "s3", "statement", "condition"]),
    JUNK,
)
def test_junk_anywhere_answers_or_is_an_error_and_never_raises(place: str, junk: object) -> None:
    line: Json = {
        "id": 1,
        "request": {"principal": ROLE, "action": "s3:GetObject", "resource": "arn:aws:s3:::b/k"},
    }
    line["policies"] = {"identity": [allow()], "resource": allow(Principal="*")}
    if place in LAYERS:
        line["policies"][place] = junk
    elif place in {"principal", "context"}:
        line["request"][place] = junk
    elif place in {"request", "settings"}:
        line[place] = junk
    elif place == "s3":
        line["settings"] = {"s3": {"block_public_access": junk}}
    elif place == "statement":
        line["policies"]["identity"] = [{"Version": junk, "Statement": [junk]}]
    else:
        line["policies"]["identity"] = [
            allow(Condition={"StringLike": {"aws:SourceVpc": junk}}, Resource=junk)
        ]
    answer = authorize(line)
    assert "error" in answer or answer["decision"] in {ALLOWED, EXPLICIT, IMPLICIT, OPEN}
    json.dumps(answer)


BLOCKED = {"s3": {"block_public_access": {"RestrictPublicBuckets": True}}}
PUBLIC: list[tuple[str, Json, bool]] = [
    ("everyone", {}, True),
    ("everyone in AWS", {"Principal": {"AWS": "*"}}, True),
    ("a web identity provider", {"Principal": {"Federated": "graph.facebook.com"}}, True),
    ("an account", {"Principal": {"AWS": OTHER}}, False),
    ("a role", {"Principal": {"AWS": STRANGER_ROLE}}, False),
    ("a service", {"Principal": {"Service": "cloudtrail.amazonaws.com"}}, False),
    ("a SAML provider", {"Principal": {"Federated": f"arn:aws:iam::{OWN}:saml-provider/p"}}, False),
    ("everyone but some", {"Principal": None, "NotPrincipal": {"AWS": OWN}}, True),
    ("a fixed VPC", {"Condition": {"StringEquals": {"aws:SourceVpc": "vpc-91237329"}}}, False),
    ("a pattern of VPCs", {"Condition": {"StringLike": {"aws:SourceVpc": "vpc-*"}}}, True),
    ("a fixed endpoint", {"Condition": {"StringEquals": {"aws:SourceVpce": "vpce-1"}}}, False),
    (
        "one of two endpoints a pattern",
        {"Condition": {"StringLike": {"aws:SourceVpce": ["vpce-1", "vpce-*"]}}},
        True,
    ),
    ("any endpoint but one", {"Condition": {"StringNotEquals": {"aws:SourceVpce": "vpce-1"}}}, True),
    (
        "an endpoint if there is one",
        {"Condition": {"StringEqualsIfExists": {"aws:SourceVpce": "vpce-1"}}},
        True,
    ),
    ("an organization", {"Condition": {"StringEquals": {"aws:PrincipalOrgID": "o-1"}}}, False),
    ("an owner", {"Condition": {"StringEquals": {"aws:SourceOwner": OTHER}}}, False),
    ("a source account", {"Condition": {"StringEquals": {"aws:SourceAccount": OTHER}}}, False),
    (
        "a source ARN",
        {"Condition": {"ArnLike": {"aws:SourceArn": f"arn:aws:sns:eu-west-1:{OTHER}:t"}}},
        False,
    ),
    ("a pattern of source ARNs", {"Condition": {"ArnLike": {"aws:SourceArn": "arn:aws:sns:*:*:t"}}}, True),
    ("a user id", {"Condition": {"StringLike": {"aws:userid": "AIDAEXAMPLE"}}}, False),
    ("a role id with any session", {"Condition": {"StringLike": {"aws:userid": "AROAEXAMPLE:*"}}}, True),
    (
        "a key",
        {
            "Condition": {
                "StringEquals": {
                    "s3:x-amz-server-side-encryption-aws-kms-key-id": "arn:aws:kms:eu-west-1:1:key/k"
                }
            }
        },
        False,
    ),
    (
        "a policy variable",
        {"Condition": {"StringEquals": {"aws:SourceVpc": "${aws:PrincipalTag/vpc}"}}},
        True,
    ),
    ("a key that fixes nothing", {"Condition": {"StringEquals": {"aws:UserAgent": "x"}}}, True),
    (
        "access points of an account",
        {"Condition": {"StringEquals": {"s3:DataAccessPointAccount": OTHER}}},
        False,
    ),
    (
        "any access point's name of an account",
        {"Condition": {"ArnLike": {"s3:DataAccessPointArn": f"arn:aws:s3:eu-west-1:{OTHER}:accesspoint/*"}}},
        False,
    ),
    (
        "access points of any account",
        {"Condition": {"ArnLike": {"s3:DataAccessPointArn": "arn:aws:s3:eu-west-1:*:accesspoint/*"}}},
        True,
    ),
    ("an address", {"Condition": {"IpAddress": {"aws:SourceIp": "203.0.113.7"}}}, False),
    ("a /8", {"Condition": {"IpAddress": {"aws:SourceIp": "12.0.0.0/8"}}}, False),
    ("broader than /8", {"Condition": {"IpAddress": {"aws:SourceIp": "12.0.0.0/7"}}}, True),
    ("half the internet", {"Condition": {"IpAddress": {"aws:SourceIp": "0.0.0.0/1"}}}, True),
    ("a private range", {"Condition": {"IpAddress": {"aws:SourceIp": "10.0.0.0/8"}}}, False),
    ("an IPv6 /32", {"Condition": {"IpAddress": {"aws:SourceIp": "2001:db8::/32"}}}, False),
    ("broader than an IPv6 /32", {"Condition": {"IpAddress": {"aws:SourceIp": "2001:db8::/31"}}}, True),
    ("not an address", {"Condition": {"NotIpAddress": {"aws:SourceIp": "203.0.113.7"}}}, True),
]


def shared(*rows: Json) -> Json:
    """Return a bucket policy that grants the stranger, and has other statements beside."""
    return policy(statement(Principal={"AWS": STRANGER_ROLE}), *rows)


class TestBlockPublicAccess:
    @pytest.mark.parametrize(("row", "public"), [p[1:] for p in PUBLIC], ids=[p[0] for p in PUBLIC])
    def test_a_public_policy_grants_no_other_account(self, row: Json, public: bool) -> None:
        policies = {"identity": [allow()], "resource": shared(statement(**{"Principal": "*", **row}))}
        assert decision(policies, principal=STRANGER_ROLE) == ALLOWED
        answer = ask(policies, BLOCKED, principal=STRANGER_ROLE)
        assert answer["decision"] == (EXPLICIT if public else ALLOWED)
        if public:
            assert deciders(answer) == [("settings", None, None)]

    PUBLIC_POLICY: Json = shared(statement(Principal="*"))

    def test_a_deny_for_everyone_makes_no_policy_public(self) -> None:
        policies = {
            "identity": [allow()],
            "resource": shared(statement("Deny", Principal="*", Action="s3:Put*")),
        }
        assert decision(policies, BLOCKED, principal=STRANGER_ROLE) == ALLOWED

    def test_anonymous_is_blocked(self) -> None:
        assert decision({"resource": self.PUBLIC_POLICY}, BLOCKED, principal="anonymous") == EXPLICIT

    @pytest.mark.parametrize("caller", [ROLE, USER])
    def test_the_owner_s_account_is_not(self, caller: str) -> None:
        assert decision({"resource": self.PUBLIC_POLICY}, BLOCKED, principal=caller) == ALLOWED

    def test_services_are_not(self) -> None:
        assert (
            decision({"resource": self.PUBLIC_POLICY}, BLOCKED, principal="cloudtrail.amazonaws.com")
            == ALLOWED
        )

    @pytest.mark.parametrize(
        "block",
        [
            {},
            {"RestrictPublicBuckets": False},
            {"BlockPublicAcls": True, "IgnorePublicAcls": True, "BlockPublicPolicy": True},
        ],
    )
    def test_only_restricting_public_buckets_judges_requests(self, block: Json) -> None:
        settings = {"s3": {"block_public_access": block}}
        policies = {"identity": [allow()], "resource": self.PUBLIC_POLICY}
        assert decision(policies, settings, principal=STRANGER_ROLE) == ALLOWED

    @pytest.mark.parametrize("block", [UNKNOWN, {"RestrictPublicBuckets": UNKNOWN}])
    def test_not_known_leaves_a_public_policy_open(self, block: Json) -> None:
        settings = {"s3": {"block_public_access": block}}
        policies = {"identity": [allow()], "resource": self.PUBLIC_POLICY}
        answer = ask(policies, settings, principal=STRANGER_ROLE)
        assert (answer["decision"], answer["depends_on"]) == (OPEN, ["settings"])
        assert decision(policies, settings, principal=ROLE) == ALLOWED
        fixed = {"identity": [allow()], "resource": shared()}
        assert decision(fixed, settings, principal=STRANGER_ROLE) == ALLOWED

    def test_other_services_are_not_touched(self) -> None:
        queue = f"arn:aws:sqs:eu-west-1:{OWN}:q"
        policies = {"identity": [allow()], "resource": self.PUBLIC_POLICY}
        assert (
            decision(policies, BLOCKED, principal=STRANGER_ROLE, action="sqs:SendMessage", resource=queue)
            == ALLOWED
        )

    @pytest.mark.parametrize("junk", ["false", "true", 1, [], {"x": 1}])
    def test_a_setting_that_is_no_boolean_is_an_error(self, junk: Any) -> None:
        settings = {"s3": {"block_public_access": {"RestrictPublicBuckets": junk}}}
        assert "RestrictPublicBuckets" in ask({}, settings)["error"]
