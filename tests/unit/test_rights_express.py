"""Directory buckets: one permission for all object operations, its session mode, keys, Regional operations.

Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/s3-express-create-session.html
"""

import pytest
from tests import scenarios_policies as p
from tests import snapshots as s
from tests.rights_stores import (
    DIRECTORY_ARN,
    DIRECTORY_POLICY,
    EXPRESS_ENDPOINT,
    NOTHING_OF_S3,
    may,
    of_directory_bucket,
    second_bucket,
    with_directory_bucket,
)
from tests.rights_worlds import whole
from tests.snapshots import Json

from gatepath.trace import Diagnosis

CREATE = "s3express:CreateSession"


def in_mode(mode: str) -> Json:
    return may(CREATE, Condition={"StringEquals": {"s3express:SessionMode": mode}})


def decided(found: Diagnosis) -> tuple[object, ...]:
    first = found.findings[0]
    named = dict(first.arguments)
    return found.verdict.value, first.component.id, named["layer"], named["effect"], named["statement"]


@pytest.mark.parametrize("action", ["s3:GetObject", "s3:PutObject", "s3:HeadBucket", "s3:ListBucket", CREATE])
def test_one_permission_is_enough_for_every_operation_on_objects(action: str) -> None:
    made = with_directory_bucket(may(CREATE, resource=DIRECTORY_ARN))
    assert whole(made, of_directory_bucket(action)).verdict == "ok"


@pytest.mark.parametrize("operation", ["GetObject", "UploadPart", "HeadBucket"])
def test_an_operation_alone_says_what_is_asked(operation: str) -> None:
    made = with_directory_bucket(may("s3:*"))
    found = whole(made, of_directory_bucket(None, operation=operation))
    assert decided(found) == ("denied", p.IDENTITY, "identity", "implicit_deny", None)


@pytest.mark.parametrize(
    ("identity", "endpoint", "component"),
    [
        (may("s3:*"), p.allow(), p.IDENTITY),
        (may("s3express:*", resource="arn:aws:s3:::data--euw1-az1--x-s3/*"), p.allow(), p.IDENTITY),
        (may(CREATE), p.allow(Action="s3:*"), EXPRESS_ENDPOINT),
        (may(CREATE), p.allow(Action=CREATE, Resource=f"{DIRECTORY_ARN}/*"), EXPRESS_ENDPOINT),
    ],
)
def test_actions_and_arns_of_s3_never_match(identity: Json, endpoint: Json, component: str) -> None:
    found = whole(with_directory_bucket(identity, endpoint=(endpoint,)), of_directory_bucket())
    assert (found.verdict, found.findings[0].component.id) == ("denied", component)


@pytest.mark.parametrize(
    ("mode", "action", "verdict"),
    [
        # a session is tried for reading and writing first, then for reading
        ("ReadOnly", "s3:GetObject", "ok"),
        ("ReadWrite", "s3:GetObject", "ok"),
        ("ReadOnly", "s3:PutObject", "denied"),
        ("ReadWrite", "s3:PutObject", "ok"),
        ("ReadOnly", CREATE, "ok"),
        ("ReadWrite", CREATE, "ok"),
        ("Neither", "s3:GetObject", "denied"),
    ],
)
def test_the_mode_of_the_session_decides(mode: str, action: str, verdict: str) -> None:
    found = whole(with_directory_bucket(in_mode(mode)), of_directory_bucket(action))
    assert (found.verdict, found.certainty) == (verdict, "proven")
    if verdict == "denied":
        assert decided(found)[2:] == ("identity", "implicit_deny", 0)


def test_a_given_mode_is_the_one_that_counts() -> None:
    question = of_directory_bucket(context={"s3express:SessionMode": "ReadOnly"})
    assert whole(with_directory_bucket(in_mode("ReadWrite")), question).verdict == "denied"


def test_a_denied_mode_leaves_the_other_for_reading() -> None:
    deny = {"Effect": "Deny", "Action": CREATE, "Resource": "*"}
    only = {**deny, "Condition": {"StringEquals": {"s3express:SessionMode": "ReadWrite"}}}
    made = with_directory_bucket(may(CREATE), only)
    assert whole(made, of_directory_bucket("s3:GetObject")).verdict == "ok"
    assert decided(whole(made, of_directory_bucket("s3:PutObject"))) == (
        "denied",
        p.IDENTITY,
        "identity",
        "explicit_deny",
        1,
    )


@pytest.mark.parametrize("mode", ["ReadWrite", "ReadOnly", "Neither"])
def test_an_unread_policy_leaves_every_mode_open(mode: str) -> None:
    made = with_directory_bucket(in_mode(mode))
    made.replace_call("iam.ListAttachedRolePolicies", {"RoleName": p.ROLE}, error={"Code": "AccessDenied"})
    found = whole(made, of_directory_bucket())
    assert found.verdict == "unknown"
    assert {gap.operation for u in found.unknowns for gap in u.unknown.gaps} == {"ListAttachedRolePolicies"}


def test_the_buckets_own_policy_grants_and_denies_sessions() -> None:
    grant = p.allow(Principal={"AWS": p.ROLE_ARN}, Action=CREATE, Resource=DIRECTORY_ARN)
    assert whole(with_directory_bucket(NOTHING_OF_S3, policy=(grant,)), of_directory_bucket()).verdict == "ok"
    elsewhere = p.deny(Action=CREATE, Condition={"StringNotEquals": {"aws:SourceVpce": "vpce-0dead"}})
    found = whole(with_directory_bucket(policy=(elsewhere,)), of_directory_bucket())
    assert decided(found) == ("denied", DIRECTORY_POLICY, "resource", "explicit_deny", 0)


@pytest.mark.parametrize("action", ["s3express:GetBucketPolicy", "s3express:DeleteBucket"])
def test_regional_operations_are_granted_by_identity_policies_only(action: str) -> None:
    host = f"s3express-control.{s.REGION}.amazonaws.com"
    question = of_directory_bucket(action, client={"region": s.REGION, "hostname": host, "port": 443})
    found = whole(with_directory_bucket(NOTHING_OF_S3, policy=(p.allow(),)), question)
    assert decided(found) == ("denied", p.IDENTITY, "identity", "implicit_deny", None)
    assert whole(with_directory_bucket(may(action)), question).verdict == "ok"


@pytest.mark.parametrize(
    ("key_actions", "verdict"),
    [
        (("kms:Decrypt", "kms:GenerateDataKey"), "ok"),
        (("kms:Decrypt",), "denied"),
        (("kms:GenerateDataKey",), "denied"),
    ],
)
def test_a_session_on_an_encrypted_bucket_needs_both_permissions_on_the_key(
    key_actions: tuple[str, ...], verdict: str
) -> None:
    made = with_directory_bucket(may(CREATE), may(*key_actions, resource=p.KEY), encrypted=True)
    found = whole(made, of_directory_bucket())
    assert found.verdict == verdict
    if verdict == "denied":
        assert found.findings[0].code == "identity-policy.key-not-allowed"


def test_which_service_asks_for_a_directory_buckets_key_is_not_told() -> None:
    via = {"StringEquals": {"kms:ViaService": f"s3.{s.REGION}.amazonaws.com"}}
    use = may("kms:Decrypt", "kms:GenerateDataKey", resource=p.KEY, Condition=via)
    found = whole(with_directory_bucket(may(CREATE), use, encrypted=True), of_directory_bucket())
    assert found.verdict == "unknown"


def test_a_copy_into_a_directory_bucket_reads_its_source_as_well() -> None:
    made = with_directory_bucket(may(CREATE))
    second_bucket(made, "raw")
    question = of_directory_bucket(
        "s3:PutObject", operation="CopyObject", copy_source="arn:aws:s3:::raw/x", copy_source_region=s.REGION
    )
    found = whole(made, question)
    assert decided(found) == ("denied", p.IDENTITY, "identity", "implicit_deny", None)
    assert dict(found.findings[0].arguments)["action"] == "s3:GetObject"


def test_a_copy_out_of_a_directory_bucket_needs_a_session_there() -> None:
    made = with_directory_bucket(may("s3:*"))
    question = p.asked(
        action="s3:PutObject",
        operation="CopyObject",
        copy_source=f"{DIRECTORY_ARN}/x",
        copy_source_region=s.REGION,
    )
    found = whole(made, question)
    assert found.verdict == "denied"
    assert dict(found.findings[0].arguments)["action"] == CREATE
