"""`gatepath authorize --snapshot`: what the line leaves out comes from what was recorded, or is not known."""

import json
from typing import Any

import pytest
from tests import scenarios_policies as p
from tests import snapshots as s
from tests.iam_requests import ALLOWED, EXPLICIT, IMPLICIT, OPEN, UNKNOWN

from gatepath.engine.iam.authorize import Answer, Authorizer, answer_json
from gatepath.engine.iam.evaluate import evaluate
from gatepath.rights.alone import from_snapshot, problems_of

Json = dict[str, Any]
VIA = {"aws:SourceVpce": s.ENDPOINT}
ENDS = "aws:SourceVpce"


def judged(
    made: s.Snapshot, policies: Json | None = None, settings: Json | None = None, **request: Any
) -> Json:
    """Return the answer to the role's read of the bucket."""
    asked = {
        "principal": p.ROLE_ARN,
        "action": "s3:GetObject",
        "resource": f"arn:aws:s3:::{p.BUCKET}/k",
        "context": {},
        **request,
    }
    line = {"id": 1, "request": asked, "policies": policies, "settings": settings}
    read = Authorizer().read(json.dumps(line).encode())
    return answer_json(Answer(1, evaluate(from_snapshot(read, made.world()))))


def test_identity_and_owner_come_from_the_snapshot() -> None:
    answer = judged(p.judged())
    assert answer["decision"] == ALLOWED
    assert answer["decided_by"] == [{"layer": "identity", "policy": 0, "statement": 0}]
    row = {**p.S3_READ, "Condition": {"StringEquals": {"s3:ResourceAccount": s.ACCOUNT}}}
    assert judged(p.judged(row))["decision"] == ALLOWED


def test_what_the_line_gives_counts_instead() -> None:
    assert judged(p.judged(), {"identity": []})["decision"] == IMPLICIT
    made = p.judged()
    p.bucket_policy(made, p.deny())
    assert judged(made)["decision"] == EXPLICIT
    assert judged(made, {"resource": []})["decision"] == ALLOWED


class TestEndpoint:
    """The policy of the endpoint that the request's context names."""

    @pytest.fixture
    def made(self) -> s.Snapshot:
        made = p.judged()
        p.endpoint_policy(made, p.deny())
        return made

    def test_is_the_recorded_one(self, made: s.Snapshot) -> None:
        answer = judged(made, context=VIA)
        assert (answer["decision"], answer["decided_by"][0]["layer"]) == (EXPLICIT, "vpce")

    @pytest.mark.parametrize("absent", [{}, {ENDS: None}, {ENDS: []}])
    def test_does_not_count_where_none_is_named(self, made: s.Snapshot, absent: Json) -> None:
        assert judged(made, context=absent)["decision"] == ALLOWED

    @pytest.mark.parametrize("named", ["vpce-0ffffffffffffffff", UNKNOWN])
    def test_is_not_known_where_it_was_not_recorded(self, made: s.Snapshot, named: object) -> None:
        answer = judged(made, context={ENDS: named})
        assert (answer["decision"], answer["depends_on"]) == (OPEN, ["vpce"])

    def test_is_that_of_the_line_where_it_gives_one(self, made: s.Snapshot) -> None:
        assert judged(made, {"vpce": []}, context={ENDS: UNKNOWN})["decision"] == ALLOWED


def test_the_settings_of_the_line_count_instead_of_the_recorded_ones() -> None:
    made = p.judged()
    p.bucket_policy(made, p.allow())
    made.replace_call(
        "s3.GetPublicAccessBlock",
        {"Bucket": p.BUCKET},
        response={"PublicAccessBlockConfiguration": {"RestrictPublicBuckets": True}},
    )
    off = {"s3": {"block_public_access": {"RestrictPublicBuckets": False}}}
    assert judged(made, principal="anonymous")["decision"] == EXPLICIT
    assert judged(made, principal="anonymous", settings=off)["decision"] == ALLOWED


def test_what_is_malformed_in_recorded_policies_is_told() -> None:
    made = p.judged({**p.S3_READ, "Condition": {"StringEqualz": {"a:b": "c"}}})
    line = {"principal": p.ROLE_ARN, "action": "s3:GetObject", "resource": f"arn:aws:s3:::{p.BUCKET}/k"}
    read = Authorizer().read(json.dumps({"request": line}).encode())
    found = problems_of(from_snapshot(read, made.world()))
    assert [(layer, number, problem.code) for layer, number, problem in found] == [
        ("identity", 0, "unknown-operator")
    ]


def test_a_role_that_was_not_recorded_is_not_known() -> None:
    answer = judged(p.judged(), principal=f"arn:aws:iam::{s.ACCOUNT}:role/other")
    assert answer["decision"] == OPEN
    assert "identity" in answer["depends_on"]
