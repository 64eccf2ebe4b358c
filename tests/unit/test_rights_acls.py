"""Access control lists count only where ownership settings say so: then nobody's refusal by policy alone is proven.

Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/about-object-ownership.html
"""

import pytest
from tests import scenarios_policies as p
from tests import snapshots as s
from tests.rights_stores import NOTHING_OF_S3
from tests.rights_worlds import OBJECTS, whole
from tests.snapshots import Json, Snapshot

from gatepath.trace import Diagnosis

ANONYMOUS: Json = {"principal": {"anonymous": True}}


def world(ownership: str | None, *identity: Json, owner: str = s.ACCOUNT) -> Snapshot:
    made = p.judged(*(identity or (p.S3_READ,)), owner=owner)
    if ownership is not None:
        shown = {"OwnershipControls": {"Rules": [{"ObjectOwnership": ownership}]}}
        place = {"Bucket": p.BUCKET}
        made.add_call("s3", "GetBucketOwnershipControls", place, response=shown, account=owner)
    return made


def assumed(found: Diagnosis) -> bool:
    return any(a.code == "assumption.object-owner" for a in found.assumptions)


@pytest.mark.parametrize(
    ("ownership", "verdict"),
    [
        ("BucketOwnerEnforced", "denied"),
        (None, "denied"),
        ("ObjectWriter", "unknown"),
        ("BucketOwnerPreferred", "unknown"),
    ],
)
def test_a_list_may_let_in_whom_the_policy_does_not(ownership: str | None, verdict: str) -> None:
    found = whole(world(ownership), p.asked(**ANONYMOUS))
    assert found.verdict == verdict
    assert whole(world(ownership, owner=p.OTHER_ACCOUNT), p.asked()).verdict == verdict
    if verdict == "unknown":
        assert {u.code for u in found.unknowns} == {"unknown.access-control-list"}


def test_without_a_call_that_tells_lists_are_taken_as_disabled() -> None:
    def off(ownership: str | None, **question: Json) -> bool:
        found = whole(world(ownership), p.asked(**question))
        return any(a.code == "assumption.no-acls" for a in found.assumptions)

    assert off(None, **ANONYMOUS)
    assert not off("BucketOwnerEnforced", **ANONYMOUS)
    assert not off(None)  # allowed: nothing hangs on lists


def test_no_list_helps_against_a_deny_or_the_callers_own_side() -> None:
    made = world("ObjectWriter")
    p.bucket_policy(made, p.deny(Action="s3:*", Resource=OBJECTS))
    assert whole(made, p.asked(**ANONYMOUS)).verdict == "denied"
    made = world("ObjectWriter", NOTHING_OF_S3, owner=p.OTHER_ACCOUNT)
    assert whole(made, p.asked()).verdict == "denied"
    made = world("ObjectWriter")
    p.endpoint_policy(made, p.allow(Resource="arn:aws:s3:::other/*"))
    assert whole(made, p.asked(**ANONYMOUS)).verdict == "denied"


def test_lists_grant_no_deletion() -> None:
    assert whole(world("ObjectWriter"), p.asked(action="s3:DeleteObject", **ANONYMOUS)).verdict == "denied"


@pytest.mark.parametrize("operation", ["s3.GetPublicAccessBlock", "s3control.GetPublicAccessBlock"])
def test_public_lists_may_be_ignored(operation: str) -> None:
    made = world("ObjectWriter")
    request = {"AccountId": s.ACCOUNT} if "control" in operation else {"Bucket": p.BUCKET}
    block = {"PublicAccessBlockConfiguration": {"IgnorePublicAcls": True}}
    made.replace_call(operation, request, response=block)
    assert whole(made, p.asked(**ANONYMOUS)).verdict == "denied"


def test_the_objects_owner_is_assumed_where_lists_count() -> None:
    for ownership, expected in (("ObjectWriter", True), ("BucketOwnerEnforced", False), (None, False)):
        found = whole(world(ownership), p.asked())
        assert (found.verdict, found.certainty, assumed(found)) == ("ok", "proven", expected)
    assert not assumed(whole(world("ObjectWriter"), p.asked(action="s3:PutObject")))
