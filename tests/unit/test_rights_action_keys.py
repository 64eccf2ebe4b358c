"""A key that only other actions carry is absent, not unknown."""

import pytest
from tests import scenarios_policies as p
from tests.rights_worlds import OBJECTS, keys_asked, whole
from tests.snapshots import Json

from gatepath.rights.service_actions import cannot_carry


def denying(condition: Json, action: str) -> Json:
    made = p.judged()
    p.bucket_policy(
        made, p.deny(Action="s3:*", Resource=[OBJECTS, f"arn:aws:s3:::{p.BUCKET}"], Condition=condition)
    )
    found = whole(made, p.asked(action=action))
    return {"verdict": found.verdict.value, "keys": keys_asked(found)}


@pytest.mark.parametrize(
    ("condition", "action", "verdict"),
    [
        ({"StringEquals": {"s3:x-amz-acl": "public-read"}}, "s3:GetObject", "ok"),
        ({"StringNotEquals": {"s3:x-amz-server-side-encryption": "aws:kms"}}, "s3:GetObject", "denied"),
        ({"Null": {"s3:prefix": "true"}}, "s3:GetObject", "denied"),
        ({"StringEquals": {"s3:x-amz-acl": "public-read"}}, "s3:PutObject", "unknown"),
        ({"StringLike": {"s3:prefix": "home/*"}}, "s3:ListBucket", "unknown"),
        ({"StringEquals": {"s3:ExistingObjectTag/stage": "x"}}, "s3:GetObject", "unknown"),
        ({"StringEquals": {"s3:ExistingObjectTag/stage": "x"}}, "s3:ListBucket", "ok"),
    ],
)
def test_a_key_of_other_actions_is_absent(condition: Json, action: str, verdict: str) -> None:
    found = denying(condition, action)
    assert found["verdict"] == verdict
    assert bool(found["keys"]) == (verdict == "unknown")


@pytest.mark.parametrize(
    ("action", "key", "absent"),
    [
        ("s3:GetObject", "s3:x-amz-acl", True),
        ("S3:getobject", "s3:prefix", True),
        ("s3:PutObject", "s3:x-amz-acl", False),
        ("s3:GetObject", "s3:existingobjecttag/stage", False),
        ("s3:GetObject", "s3:a-key-nobody-knows", False),
        ("s3:AnActionNobodyKnows", "s3:x-amz-acl", False),
        ("s3:GetObject", "aws:tagkeys", False),
        ("s3:GetObject", "dynamodb:attributes", False),
        ("dynamodb:GetItem", "dynamodb:returnvalues", True),
        ("dynamodb:GetItem", "dynamodb:leadingkeys", False),
        ("kms:Decrypt", "kms:viaservice", False),
    ],
)
def test_only_what_is_listed_for_other_actions_cannot_be_carried(action: str, key: str, absent: bool) -> None:
    assert cannot_carry(action, key) is absent
