"""Access points: two resources for the endpoint policy, two policies, the network origin; copies.

Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-points-policies.html
"""

import pytest
from tests import scenarios_policies as p
from tests import snapshots as s
from tests.rights_stores import NOTHING_OF_S3, may, point_arn, second_bucket, with_access_point
from tests.rights_worlds import OBJECTS, keys_asked, whole
from tests.snapshots import Json

from gatepath.trace import Diagnosis

OBJECTS_OF_POINT = f"{point_arn()}/object/*"
DELEGATES = p.allow(
    Action="*",
    Resource=[f"arn:aws:s3:::{p.BUCKET}", OBJECTS],
    Condition={"StringEquals": {"s3:DataAccessPointAccount": s.ACCOUNT}},
)


def decided(found: Diagnosis) -> tuple[object, ...]:
    first = found.findings[0]
    return found.verdict.value, first.component.id, dict(first.arguments)["effect"]


@pytest.mark.parametrize(
    ("resources", "verdict"),
    [
        ([OBJECTS, OBJECTS_OF_POINT], "ok"),
        ([OBJECTS], "denied"),
        ([OBJECTS_OF_POINT], "denied"),
        ([OBJECTS, point_arn()], "denied"),
    ],
)
def test_the_endpoint_policy_has_to_name_point_and_bucket(resources: list[str], verdict: str) -> None:
    made = p.judged()
    question = with_access_point(made)
    p.endpoint_policy(made, p.allow(Resource=resources))
    found = whole(made, question)
    assert found.verdict == verdict
    if verdict == "denied":
        assert decided(found) == ("denied", s.ENDPOINT, "implicit_deny")


@pytest.mark.parametrize(("delegated", "verdict"), [(True, "ok"), (False, "denied")])
def test_what_the_points_policy_grants_the_bucket_has_to_grant_too(delegated: bool, verdict: str) -> None:
    made = p.judged(NOTHING_OF_S3)
    grant = p.allow(Principal={"AWS": p.ROLE_ARN}, Action="s3:GetObject", Resource=OBJECTS_OF_POINT)
    question = with_access_point(made, grant)
    if delegated:
        p.bucket_policy(made, DELEGATES)
    found = whole(made, question)
    assert found.verdict == verdict
    if not delegated:
        blamed = {f.component.id for f in found.findings if dict(f.arguments).get("effect")}
        assert blamed == {p.POLICY, p.IDENTITY}


def test_what_the_identity_allows_on_the_point_needs_no_more_within_the_account() -> None:
    made = p.judged(may("s3:GetObject", resource=OBJECTS_OF_POINT))
    assert whole(made, with_access_point(made)).verdict == "ok"


def test_an_unread_identity_leaves_the_buckets_grant_open() -> None:
    made = p.judged(NOTHING_OF_S3)
    grant = p.allow(Principal={"AWS": p.ROLE_ARN}, Action="s3:GetObject", Resource=OBJECTS_OF_POINT)
    question = with_access_point(made, grant)
    made.replace_call("iam.ListAttachedRolePolicies", {"RoleName": p.ROLE}, error={"Code": "AccessDenied"})
    found = whole(made, question)
    assert found.verdict == "unknown"
    assert "ListAttachedRolePolicies" in {gap.operation for u in found.unknowns for gap in u.unknown.gaps}


def test_an_access_point_of_another_account_needs_point_and_bucket() -> None:
    theirs = p.OTHER_ACCOUNT
    grant = p.allow(Principal={"AWS": s.ACCOUNT}, Resource=f"{point_arn(theirs)}/object/*")
    delegates = {**DELEGATES, "Condition": {"StringEquals": {"s3:DataAccessPointAccount": theirs}}}
    for policy, bucket, component in (
        ((grant,), (delegates,), None),
        ((grant,), (), p.POLICY),
        ((), (delegates,), point_arn(theirs)),
    ):
        made = p.judged(owner=theirs)
        question = with_access_point(made, *policy, account=theirs, bucket_account=theirs)
        if bucket:
            p.bucket_policy(made, *bucket)
        found = whole(made, question)
        assert found.verdict == ("ok" if component is None else "denied")
        if component is not None:
            assert decided(found) == ("denied", component, "implicit_deny")


def test_the_origin_of_a_point_that_was_not_read_names_the_call() -> None:
    made = p.judged()
    question = with_access_point(made)
    made.replace_call(
        "s3control.GetAccessPoint", {"AccountId": s.ACCOUNT, "Name": "team"}, error={"Code": "AccessDenied"}
    )
    found = whole(made, question)
    assert found.verdict == "unknown"
    assert "GetAccessPoint" in {gap.operation for u in found.unknowns for gap in u.unknown.gaps}


COPY: Json = {
    "action": "s3:PutObject",
    "operation": "CopyObject",
    "copy_source": "arn:aws:s3:::raw/x.csv",
    "copy_source_region": s.REGION,
}


@pytest.mark.parametrize("operation", ["CopyObject", "UploadPartCopy", None])
def test_a_copy_reads_its_source(operation: str | None) -> None:
    made = p.judged(may("s3:*", resource=OBJECTS))
    second_bucket(made, "raw")
    question = p.asked(**{**COPY, "operation": operation})
    found = whole(made, question)
    assert decided(found) == ("denied", p.IDENTITY, "implicit_deny")
    assert dict(found.findings[0].arguments)["resource"] == "arn:aws:s3:::raw/x.csv"


def test_a_copy_of_nothing_named_is_open_unless_writing_is_refused_already() -> None:
    question = p.asked(action="s3:PutObject", operation="CopyObject")
    found = whole(p.judged(), question)
    assert found.verdict == "unknown"
    assert [u.code for u in found.unknowns] == ["unknown.copy-source"]
    assert keys_asked(found) == set()
    assert whole(p.judged(NOTHING_OF_S3), question).verdict == "denied"


@pytest.mark.parametrize(
    ("policy", "owner", "effect"),
    [
        ((), p.OTHER_ACCOUNT, "implicit_deny"),
        (
            (p.deny(Condition={"StringNotEquals": {"aws:SourceVpce": "vpce-0dead"}}),),
            s.ACCOUNT,
            "explicit_deny",
        ),
    ],
)
def test_the_policy_of_the_source_bucket_counts(policy: tuple[Json, ...], owner: str, effect: str) -> None:
    made = p.judged()
    second_bucket(made, "raw", *policy, owner=owner)
    assert decided(whole(made, p.asked(**COPY))) == ("denied", "s3:bucket-policy/raw", effect)


def test_a_version_is_read_by_its_own_action() -> None:
    made = p.judged(may("s3:GetObject"))
    question = p.asked(action="s3:GetObjectVersion", operation="GetObject")
    assert decided(whole(made, question)) == ("denied", p.IDENTITY, "implicit_deny")
    assert whole(p.judged(may("s3:GetObjectVersion")), question).verdict == "ok"
