"""Questions that name no action, no resource, or a bucket for its objects: could some request pass."""

import pytest
from tests import scenarios_policies as p
from tests import snapshots as s
from tests.rights_stores import NOTHING_OF_S3, may
from tests.rights_worlds import whole
from tests.snapshots import Json

BUCKET = f"arn:aws:s3:::{p.BUCKET}"
PUBLIC = f"{BUCKET}/public/*"


def asking(action: str | None, resource: str | None) -> Json:
    made = p.asked(action=action, resource=resource)
    return {key: value for key, value in made.items() if value is not None}


@pytest.mark.parametrize(
    ("action", "resource"),
    [
        (None, None),
        (None, BUCKET),
        (None, f"{BUCKET}/a.csv"),
        ("s3:GetObject", None),
        ("s3:GetObject", BUCKET),
    ],
)
def test_what_holds_for_all_is_an_answer(action: str | None, resource: str | None) -> None:
    assert whole(p.judged(), asking(action, resource)).verdict == "ok"
    refused = p.judged()
    p.endpoint_policy(refused, p.allow(Principal={"AWS": s.ACCOUNT}))
    found = whole(refused, asking(action, resource))
    assert (found.verdict, found.findings[0].component.id) == ("denied", s.ENDPOINT)


@pytest.mark.parametrize(
    ("action", "resource"), [(None, None), (None, BUCKET), ("s3:GetObject", None), ("s3:GetObject", BUCKET)]
)
def test_what_only_one_policy_allows_of_a_bucket_leaves_it_open(
    action: str | None, resource: str | None
) -> None:
    grant = p.allow(Principal={"AWS": p.ROLE_ARN}, Action="s3:GetObject", Resource=PUBLIC)
    by_bucket = p.judged(NOTHING_OF_S3)
    p.bucket_policy(by_bucket, grant)
    by_endpoint = p.judged()
    p.endpoint_policy(by_endpoint, p.allow(Action="s3:GetObject", Resource=PUBLIC))
    for made in (by_bucket, by_endpoint, p.judged(may("s3:GetObject", resource=PUBLIC))):
        found = whole(made, asking(action, resource))
        assert found.verdict == "unknown"
        assert "unknown.action-and-resource" in {u.code for u in found.unknowns}


@pytest.mark.parametrize("action", ["s3:ListBucket", "s3:GetBucketLocation", "s3:GetBucketPolicy"])
def test_an_action_on_buckets_is_judged_on_the_bucket(action: str) -> None:
    for resource in (BUCKET, f"{BUCKET}/a.csv"):
        assert whole(p.judged(may(action, resource=BUCKET)), asking(action, resource)).verdict == "ok"
        found = whole(p.judged(may(action, resource=f"{BUCKET}/*")), asking(action, resource))
        assert found.verdict == "denied"
