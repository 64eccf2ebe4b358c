"""Buckets encrypted with KMS: which permission on which key, and whose key it is.

Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/troubleshoot-403-errors.html
"""

import pytest
from tests import scenarios_policies as p
from tests import snapshots as s
from tests.rights_stores import may
from tests.rights_worlds import OBJECTS, whole
from tests.snapshots import Json

from gatepath.trace import Diagnosis

THEIRS = p.KEY.replace(s.ACCOUNT, p.OTHER_ACCOUNT)
GENERATE, DECRYPT = "kms:GenerateDataKey", "kms:Decrypt"


def asking(*key_actions: str, **more: object) -> Diagnosis:
    """Diagnose a request of a role that has these actions on the key that encrypts the bucket."""
    made = p.judged(p.S3_READ, *((may(*key_actions, resource=p.KEY),) if key_actions else ()))
    p.encrypted(made, p.DELEGATES)
    return whole(made, p.asked(**more))


@pytest.mark.parametrize(
    ("more", "needed"),
    [
        ({"action": "s3:GetObject"}, {DECRYPT}),
        ({"action": "s3:GetObjectVersion"}, {DECRYPT}),
        ({"action": "s3:PutObject"}, {GENERATE}),
        ({"action": "s3:PutObject", "operation": "CreateMultipartUpload"}, {GENERATE}),
        ({"action": "s3:PutObject", "operation": "UploadPart"}, {GENERATE, DECRYPT}),
        ({"action": "s3:PutObject", "operation": "CompleteMultipartUpload"}, {DECRYPT}),
        ({"action": "s3:GetObject", "operation": "HeadObject"}, set()),
        ({"action": "s3:HeadObject"}, set()),
        ({"action": "s3:DeleteObject"}, set()),
        ({"action": "s3:ListBucket"}, set()),
    ],
)
def test_each_operation_needs_its_own_permissions_on_the_key(more: Json, needed: set[str]) -> None:
    assert asking(*needed, **more).verdict == "ok"
    for taken in needed:
        found = asking(*(needed - {taken}), **more)
        assert found.verdict == "denied"
        assert {dict(f.arguments)["action"] for f in found.findings} == {taken}


@pytest.mark.parametrize("arn", ["", "alias/aws/s3", p.KEY])
def test_the_managed_key_serves_its_own_account_only(arn: str) -> None:
    for owner, verdict in ((s.ACCOUNT, "ok"), (p.OTHER_ACCOUNT, "denied")):
        made = p.judged(p.S3_READ, p.USES_KEY, owner=owner)
        p.bucket_policy(made, p.allow(Principal={"AWS": s.ACCOUNT}, Resource=OBJECTS))
        key = arn.replace(s.ACCOUNT, owner)
        p.encryption(made, **({"KMSMasterKeyID": key} if key else {}))
        if key.startswith("arn:"):
            p.key(made, p.allow(Action="kms:*"), arn=key, KeyManager="AWS")
        for action in ("s3:GetObject", "s3:PutObject"):
            found = whole(made, p.asked(action=action))
            assert (found.verdict, found.certainty) == (verdict, "proven")
            if verdict == "denied":
                assert found.findings[0].code == "resource-policy.key-not-shared"
                assert found.findings[0].component.id == f"s3:bucket/{p.BUCKET}"


def test_an_anonymous_request_is_let_at_the_key_by_its_policy_alone() -> None:
    for policy, verdict in ((p.DELEGATES, "denied"), (p.allow(Action="kms:*"), "ok")):
        made = p.judged(p.S3_READ)
        p.bucket_policy(made, p.allow(Action="s3:GetObject", Resource=OBJECTS))
        p.encrypted(made, policy)
        assert whole(made, p.asked(principal={"anonymous": True})).verdict == verdict


def test_a_stranger_needs_the_key_policy_too() -> None:
    made = p.judged(p.S3_READ)
    p.bucket_policy(made, p.allow(Action="s3:GetObject", Resource=OBJECTS))
    p.encrypted(made, p.DELEGATES)
    found = whole(made, p.asked(principal={"presigned_by": "a partner"}))
    assert (found.verdict, found.findings[0].component.id) == ("denied", p.KEY)


@pytest.mark.parametrize(
    ("resource", "policy", "component"),
    [
        (THEIRS, p.allow(Principal={"AWS": s.ACCOUNT}, Action="kms:*"), None),
        (p.KEY, p.allow(Principal={"AWS": s.ACCOUNT}, Action="kms:*"), p.IDENTITY),
        ("*", p.allow(Principal={"AWS": p.OTHER_ACCOUNT}, Action="kms:*"), THEIRS),
    ],
)
def test_a_key_of_another_account_needs_both_sides(
    resource: str, policy: Json, component: str | None
) -> None:
    made = p.judged(p.S3_READ, may("kms:*", resource=resource))
    p.encryption(made, KMSMasterKeyID=THEIRS)
    p.key(made, policy, arn=THEIRS)
    found = whole(made, p.asked())
    assert found.verdict == ("ok" if component is None else "denied")
    assert [f.component.id for f in found.findings if f.code.startswith(("ide", "res"))] == (
        [] if component is None else [component]
    )


def test_a_key_nobody_shows_is_named() -> None:
    made = p.judged(p.S3_READ, may("kms:*"))
    p.encryption(made, KMSMasterKeyID=THEIRS)
    found = whole(made, p.asked())
    assert found.verdict == "unknown"
    assert {gap.operation for u in found.unknowns for gap in u.unknown.gaps} == {"DescribeKey"}
    # across accounts the caller's own side decides alone where it allows nothing
    made = p.judged(p.S3_READ)
    p.encryption(made, KMSMasterKeyID=THEIRS)
    made.add_call("kms", "DescribeKey", {"KeyId": THEIRS}, error={"Code": "AccessDeniedException"})
    found = whole(made, p.asked())
    assert (found.verdict, found.findings[0].code) == ("denied", "identity-policy.key-not-allowed")
    assert dict(found.findings[0].arguments)["effect"] == "implicit_deny"


def test_whether_a_key_is_enabled_is_open_where_it_was_not_described() -> None:
    made = p.judged(p.S3_READ, p.USES_KEY)
    p.encrypted(made, p.DELEGATES)
    made.calls = [call for call in made.calls if call["operation"] != "DescribeKey"]
    found = whole(made, p.asked())
    assert found.verdict == "unknown"
    assert {gap.operation for u in found.unknowns for gap in u.unknown.gaps} == {"DescribeKey"}
