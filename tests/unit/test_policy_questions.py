"""`policy blocks` and `policy only-via` on a recording: what is asked about, what decides, what is left open."""

import pytest
from tests import scenarios_policies as p
from tests import snapshots as s
from tests.policy_worlds import (
    BUCKET,
    NONE,
    OBJECTS,
    READ,
    allowed,
    blocked,
    calls,
    codes,
    confirm_allowed,
    confirm_blocked,
    given,
    known,
    nowhere,
    recorded,
)
from tests.rights_stores import TABLE, TABLE_ENDPOINT, may, with_table
from tests.snapshots import Json, Snapshot

from gatepath.engine.iam.ask import Layer
from gatepath.engine.iam.principals import STRANGER
from gatepath.model.policies import PolicyText
from gatepath.model.question import parse_question
from gatepath.rights.posed import PoseError
from gatepath.rights.posing import pose
from gatepath.trace import Certainty

VPCE_ONLY = p.deny(
    Action="s3:GetObject", Resource=OBJECTS, Condition={"StringNotEquals": {"aws:SourceVpce": s.ENDPOINT}}
)
ORG_ONLY = p.allow(Condition={"StringEquals": {"aws:PrincipalOrgID": p.ORGANIZATION}})


def without_other_buckets(made: Snapshot) -> Snapshot:
    """Leave out what the sound VPC records of a second bucket."""
    made.calls = [call for call in made.calls if call["request"].get("Bucket") in {None, p.BUCKET}]
    return made


def test_an_endpoint_policy_that_names_the_bucket_blocks_nothing_of_it() -> None:
    answer = blocked(without_other_buckets(recorded()))
    assert answer.decided
    assert answer.told == ()
    assert answer.resources == (BUCKET,)
    assert answer.certainty is Certainty.PROVEN


def test_what_is_refused_is_told_with_the_statements_that_decide() -> None:
    made = recorded(endpoint=p.allow(Action="s3:ListBucket", Resource=BUCKET))
    answer = blocked(without_other_buckets(made))
    confirm_blocked(answer)
    assert known(answer) == [(("s3:GetObject",), OBJECTS, ())]
    (told,) = answer.told
    (refusing,) = told.decided_by
    assert (refusing.layer, refusing.effect, refusing.component) == (Layer.VPCE, "none", s.ENDPOINT)
    (allowing,) = told.allowed_by
    assert (allowing.layer, allowing.component, allowing.statement) == (Layer.IDENTITY, p.IDENTITY, 0)
    assert allowing.policy_name == "own"


def test_a_condition_that_decides_is_told_and_no_other() -> None:
    secure = {"Bool": {"aws:SecureTransport": "true"}, "StringLike": {"aws:UserAgent": "*"}}
    identity = {**READ, "Condition": {"DateGreaterThan": {"aws:CurrentTime": "2020-01-01T00:00:00Z"}}}
    made = recorded(identity, endpoint=p.allow(Condition={"Bool": secure["Bool"]}))
    answer = blocked(without_other_buckets(made))
    confirm_blocked(answer)
    assert {row[2] for row in known(answer)} == {(("aws:SecureTransport", "false"),)}
    assert {named.effect for told in answer.told for named in told.decided_by} == {"near"}


def test_buckets_of_policies_are_asked_about_even_where_nothing_is_recorded_of_them() -> None:
    wanted = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::elsewhere/*"}
    answer = blocked(without_other_buckets(recorded(READ, wanted)))
    assert codes(answer) == ["unknown.policy-of-resource"]
    assert calls(answer) == {"s3.GetBucketPolicy"}
    assert "arn:aws:s3:::elsewhere" in dict(answer.unsettled[0].arguments).values()


def test_other_buckets_of_the_account_are_told_as_one() -> None:
    everything = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}
    answer = blocked(without_other_buckets(recorded(everything)))
    assert answer.decided
    confirm_blocked(answer)
    (told,) = answer.told
    assert not told.recorded
    assert told.of.resource == "arn:aws:s3:::*/*"
    request = told.of.witness["request"]
    assert isinstance(request, dict)
    assert request["resource"] == "arn:aws:s3:::example-bucket/example"


def test_the_other_buckets_are_not_those_that_are_known() -> None:
    everything = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}
    made = recorded(everything, endpoint=p.allow(Resource="arn:aws:s3:::r*"))
    answer = blocked(without_other_buckets(made))
    for told in answer.told:
        request = told.of.witness["request"]
        assert isinstance(request, dict)
        assert not request["resource"].startswith(f"{BUCKET}/")


@pytest.mark.parametrize("operation", ["GetBucketPolicy", "GetRolePolicy", "DescribeOrganization"])
def test_with_any_call_taken_away_nothing_new_is_claimed(operation: str) -> None:
    made = without_other_buckets(
        recorded(endpoint=p.allow(Action="s3:ListBucket", Resource=BUCKET), bucket=VPCE_ONLY)
    )
    before = known(blocked(made))
    made.calls = [call for call in made.calls if call["operation"] != operation]
    answer = blocked(made)
    confirm_blocked(answer)
    assert set(known(answer)) <= set(before)
    if operation == "DescribeOrganization":
        assert answer.certainty is Certainty.CONDITIONAL
    else:
        assert not answer.decided
        assert any(call.endswith(operation) for call in calls(answer))


def test_an_organization_that_is_not_known_leaves_what_hangs_on_it_open() -> None:
    made = without_other_buckets(recorded(endpoint=ORG_ONLY))
    (call,) = [call for call in made.calls if call["operation"] == "DescribeOrganization"]
    call["error"] = {"Code": "AccessDeniedException", "Message": "no"}
    answer = blocked(made)
    assert codes(answer) == ["unknown.condition-key"]
    assert calls(answer) == {"organizations.DescribeOrganization"}
    assert answer.told == ()
    said = blocked(made, context={"aws:PrincipalOrgID": p.ORGANIZATION})
    assert said.decided
    assert said.told == ()
    absent = blocked(made, context={"aws:PrincipalOrgID": None})
    assert absent.decided
    assert {row[:2] for row in known(absent)} == {
        (("s3:GetObject",), OBJECTS),
        (("s3:ListBucket",), BUCKET),
    }


def test_what_is_refused_whatever_an_unknown_key_says_is_decided() -> None:
    endpoint = {**ORG_ONLY, "Action": "s3:ListBucket"}
    made = without_other_buckets(recorded(endpoint=endpoint))
    (call,) = [call for call in made.calls if call["operation"] == "DescribeOrganization"]
    call["error"] = {"Code": "AccessDeniedException", "Message": "no"}
    answer = blocked(made)
    assert known(answer) == [(("s3:GetObject",), OBJECTS, ())]
    assert codes(answer) == ["unknown.condition-key"]


def test_the_address_of_the_source_is_known_where_there_is_one() -> None:
    endpoint = p.allow(Condition={"IpAddress": {"aws:VpcSourceIp": "10.99.0.0/16"}})
    made = without_other_buckets(recorded(endpoint=endpoint))
    anywhere = blocked(made)
    assert {row[2][0][0] for row in known(anywhere)} == {"aws:VpcSourceIp"}
    question = parse_question(
        {"source": {"instance": s.INSTANCE}, "service": "s3", "principal": {"arn": p.ROLE_ARN}}
    )
    from_there = blocked(made, question=question)
    assert {row[2] for row in known(from_there)} == {()}


def test_buckets_of_other_regions_and_missing_ones_are_left_out() -> None:
    made = without_other_buckets(recorded())
    made.replace_call(
        "s3.HeadBucket",
        {"Bucket": p.BUCKET},
        response={"BucketRegion": "us-west-2"},
        http={"status": 301, "headers": {"x-amz-bucket-region": "us-west-2"}},
    )
    assert blocked(made).left_out == ((BUCKET, "other-region"),)
    missing = {"Code": "404", "Message": "Not Found"}
    made.replace_call(
        "s3.HeadBucket", {"Bucket": p.BUCKET}, error=missing, http={"status": 404, "headers": {}}
    )
    assert blocked(made).left_out == ((BUCKET, "missing"),)


def test_policies_given_stand_in_place_of_the_recorded_ones() -> None:
    made = without_other_buckets(recorded())
    draft = PolicyText(text=p.document(p.allow(Action="s3:ListBucket")), name="draft.json")
    answer = blocked(made, endpoint_policy=draft)
    assert known(answer) == [(("s3:GetObject",), OBJECTS, ())]
    closed = PolicyText(text=p.document(p.deny(Action="s3:GetObject", Resource=OBJECTS)))
    assert blocked(made, endpoint_policy=draft, resources={BUCKET: closed}).told == ()
    writer = PolicyText(text=p.document({"Effect": "Allow", "Action": "s3:PutObject", "Resource": OBJECTS}))
    answer = blocked(made, endpoint_policy=draft, identity=(writer,))
    assert known(answer) == [(("s3:PutObject",), OBJECTS, ())]


def test_a_principal_in_a_gateway_endpoint_policy_is_suspect() -> None:
    made = without_other_buckets(recorded(endpoint=p.allow(Principal={"AWS": p.ROLE_ARN})))
    answer = blocked(made)
    assert answer.certainty is Certainty.SUSPECT
    assert len(known(answer)) == 2


def test_tables_are_asked_about_with_their_indexes() -> None:
    made = with_table(
        may("dynamodb:*", resource=[TABLE, f"{TABLE}/index/*"]), endpoint=(p.allow(Resource=TABLE),)
    )
    answer = blocked(made, endpoint=TABLE_ENDPOINT)
    confirm_blocked(answer)
    assert {row[1] for row in known(answer)} == {f"{TABLE}/index/*"}


WRONG: list[tuple[Json, str]] = [
    ({"endpoint": None}, "policy.no-endpoint"),
    ({"endpoint": "vpce-0nothere"}, "policy.no-such-endpoint"),
    ({"service": "dynamodb"}, "policy.other-service"),
    ({"caller": None}, "policy.no-principal"),
    ({"caller": STRANGER}, "policy.bad-principal"),
]


@pytest.mark.parametrize(("more", "code"), WRONG, ids=[code for _, code in WRONG])
def test_a_question_that_cannot_be_put_says_why(more: Json, code: str) -> None:
    with pytest.raises(PoseError) as caught:
        pose(given(**more), recorded().world())
    assert caught.value.code == code
    assert caught.value.unsettled is None


def test_an_endpoint_that_is_not_recorded_is_missing_evidence() -> None:
    with pytest.raises(PoseError) as caught:
        pose(given(), nowhere())
    assert caught.value.unsettled is not None
    (gap,) = caught.value.unsettled.unknown.gaps
    assert gap.operation == "DescribeVpcEndpoints"


def test_a_bucket_open_to_the_endpoint_alone_is_reached_only_through_it() -> None:
    answer = allowed(without_other_buckets(recorded(bucket=VPCE_ONLY)))
    confirm_allowed(answer)
    ways = {told.of.actions: told.of.ways for told in answer.told}
    assert ways == {
        ("s3:GetObject",): ("endpoint",),
        ("s3:ListBucket",): ("endpoint", "internet", "other-endpoint"),
    }


def test_an_allowance_for_addresses_is_a_way_from_the_internet() -> None:
    office = p.deny(
        Resource=OBJECTS,
        Condition={
            "StringNotEqualsIfExists": {"aws:SourceVpce": s.ENDPOINT},
            "NotIpAddressIfExists": {"aws:SourceIp": "203.0.113.0/24"},
        },
    )
    answer = allowed(without_other_buckets(recorded(bucket=office)))
    confirm_allowed(answer)
    (told,) = [told for told in answer.told if told.of.actions == ("s3:GetObject",)]
    assert told.of.ways == ("endpoint", "internet")
    witness = dict(told.of.others)["internet"]["request"]
    assert isinstance(witness, dict)
    assert witness["context"]["aws:SourceIp"].startswith("203.0.113.")
    assert "aws:SourceVpce" not in witness["context"]


def test_a_way_that_hangs_on_an_unknown_key_is_open() -> None:
    members = p.deny(
        Resource=OBJECTS,
        Condition={"StringNotEquals": {"aws:SourceVpce": s.ENDPOINT, "aws:PrincipalOrgID": p.ORGANIZATION}},
    )
    made = without_other_buckets(recorded(bucket=members))
    (call,) = [call for call in made.calls if call["operation"] == "DescribeOrganization"]
    call["error"] = {"Code": "AccessDeniedException", "Message": "no"}
    answer = allowed(made)
    (told,) = [told for told in answer.told if told.of.actions == ("s3:GetObject",)]
    assert told.of.ways == ("endpoint",)
    assert set(told.of.open_ways) == {"internet", "other-endpoint"}
    assert "unknown.condition-key" in codes(answer)


def test_a_way_that_is_not_enumerated_is_open_and_never_closed() -> None:
    mixed = {"StringEquals": {"aws:SourceIp": "203.0.113.7"}, "IpAddress": {"aws:SourceIp": "203.0.113.0/24"}}
    made = recorded(bucket=p.deny(Action="s3:GetObject", Resource=OBJECTS, Condition=mixed))
    answer = allowed(without_other_buckets(made))
    (told,) = [told for told in answer.told if told.of.actions == ("s3:GetObject",)]
    assert "internet" not in told.of.ways
    assert told.of.open_ways == ("internet",)
    assert codes(answer) == ["unknown.policy-mixed-key"]


def test_ways_are_compared_action_by_action() -> None:
    """Keys that only some actions carry may tell actions apart on one way and not on another."""
    inside = {"StringEquals": {"aws:SourceVpce": s.ENDPOINT}, "StringLike": {"s3:prefix": "home/*"}}
    identity = {"Effect": "Allow", "Action": ["s3:ListBucket", "s3:GetBucketAcl"], "Resource": BUCKET}
    made = recorded(
        identity, endpoint=p.allow(), bucket=p.deny(Action="s3:*", Resource=BUCKET, Condition=inside)
    )
    answer = allowed(without_other_buckets(made))
    ways = {action: told.of.ways for told in answer.told if told.recorded for action in told.of.actions}
    assert ways == dict.fromkeys(
        ("s3:GetBucketAcl", "s3:ListBucket"), ("endpoint", "internet", "other-endpoint")
    )


@pytest.mark.parametrize("text", ["[]", '["*"]', "null", "{", '"x"'])
def test_a_recorded_document_that_is_none_allows_nothing(text: str) -> None:
    made = without_other_buckets(recorded())
    made.row("ec2.DescribeVpcEndpoints", VpcEndpointId=s.ENDPOINT)["PolicyDocument"] = text
    answer = blocked(made)
    confirm_blocked(answer)
    assert {row[0] for row in known(answer)} == {("s3:GetObject",), ("s3:ListBucket",)}


def guarded(rcp: Json) -> Snapshot:
    """Return a table of a member account under a resource control policy."""
    made = with_table(
        may("dynamodb:GetItem", "dynamodb:PutItem", resource=TABLE),
        endpoint=(p.allow(Action="dynamodb:GetItem"),),
    )
    p.organization(made, {"Effect": "Deny", "Action": "ec2:*", "Resource": "*"}, rcp)
    return made


def test_resource_control_policies_on_tables_are_tried_in_both_readings() -> None:
    harmless = blocked(guarded(p.deny(Action="dynamodb:DeleteTable")), endpoint=TABLE_ENDPOINT)
    assert harmless.decided
    assert known(harmless) == [(("dynamodb:PutItem",), TABLE, ())]
    refusing = blocked(guarded(p.deny(Action="dynamodb:PutItem")), endpoint=TABLE_ENDPOINT)
    assert codes(refusing) == ["unknown.policy-rcp"]
    assert known(refusing) == []
    elsewhere = {"StringNotEquals": {"aws:SourceVpce": TABLE_ENDPOINT}}
    answer = allowed(guarded(p.deny(Action="dynamodb:GetItem", Condition=elsewhere)), endpoint=TABLE_ENDPOINT)
    assert codes(answer) == ["unknown.policy-rcp"]
    assert not any("dynamodb:GetItem" in told.of.actions for told in answer.told)


def test_no_bucket_policy_is_an_answer() -> None:
    made = without_other_buckets(recorded())
    assert any(call.get("error", {}).get("Code") == NONE for call in made.calls)
    assert allowed(made).decided
