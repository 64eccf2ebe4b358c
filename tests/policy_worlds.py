"""Recordings for questions about all requests, and what `gatepath authorize` says of their witnesses."""

from typing import Any

from gatepath.engine.iam.authorize import authorize
from gatepath.engine.iam.principals import who
from gatepath.model.world import World
from gatepath.policy.asked import Asked, Kind
from gatepath.policy.rows import policy_json
from gatepath.rights.answers import PolicyAnswer, answer_blocks, answer_only_via
from gatepath.rights.posed import Given
from gatepath.rights.posing import pose
from tests import scenarios_policies as p
from tests import snapshots as s
from tests.snapshots import Json, Snapshot

BUCKET = f"arn:aws:s3:::{p.BUCKET}"
OBJECTS = f"{BUCKET}/*"
READ = {"Effect": "Allow", "Action": ["s3:GetObject", "s3:ListBucket"], "Resource": [BUCKET, OBJECTS]}
NONE = "NoSuchBucketPolicy"


def recorded(*identity: Json, endpoint: Json | None = None, bucket: Json | None = None) -> Snapshot:
    """Return the sound VPC with a role, a bucket and the two policies."""
    made = p.judged(*(identity or (READ,)))
    p.endpoint_policy(made, endpoint if endpoint is not None else p.allow(Resource=[BUCKET, OBJECTS]))
    if bucket is not None:
        p.bucket_policy(made, bucket)
    return made


def given(**more: Any) -> Given:
    """Return a question of the role through the gateway endpoint."""
    made: dict[str, Any] = {"caller": who(p.ROLE_ARN), "endpoint": s.ENDPOINT}
    return Given(**{**made, **more})


def blocked(made: Snapshot, **more: Any) -> PolicyAnswer:
    """Return what the endpoint policy refuses."""
    world = made.world()
    return answer_blocks(pose(given(**more), world), world)


def allowed(made: Snapshot, **more: Any) -> PolicyAnswer:
    """Return what is allowed through the endpoint."""
    world = made.world()
    return answer_only_via(pose(given(**more), world), world)


def known(answer: PolicyAnswer) -> list[tuple[tuple[str, ...], str, tuple[tuple[str, object], ...]]]:
    """Return actions, resource and conditions of the classes on what is recorded."""
    return [
        (told.of.actions, told.of.resource, told.of.conditions)
        for told in answer.told
        if told.recorded and told.of.resource != "*"
    ]


def codes(answer: PolicyAnswer) -> list[str]:
    """Return what is not decided."""
    return sorted(unsettled.code for unsettled in answer.unsettled)


def calls(answer: PolicyAnswer) -> set[str]:
    """Return the calls that would settle it."""
    return {f"{gap.service}.{gap.operation}" for each in answer.unsettled for gap in each.unknown.gaps}


def lines(document: Json) -> list[tuple[Json, Json]]:
    """Return each class of an answer with its witness as a line for `authorize`."""
    sets = document["policy_sets"]
    return [(row, whole(row["witness"], sets)) for row in document["classes"]]


def whole(witness: Json, sets: list[Json]) -> Json:
    """Return a witness with its policies."""
    return {**witness, "policies": sets[witness["policies"]]}


def rows(kind: Kind, answer: PolicyAnswer) -> Json:
    """Return an answer as JSON values."""
    made: Json = policy_json(Asked(kind=kind), answer)
    return made


def confirm_blocked(answer: PolicyAnswer) -> None:
    """Let `authorize` judge every witness, with the endpoint policy and without."""
    for row, line in lines(rows(Kind.BLOCKS, answer)):
        assert authorize(line)["decision"] in {"explicit_deny", "implicit_deny"}, row
        free = {**line, "policies": {**line["policies"], "vpce": None}}
        assert authorize(free)["decision"] == "allowed", row


def confirm_allowed(answer: PolicyAnswer) -> None:
    """Let `authorize` judge every witness of every way."""
    document = rows(Kind.ONLY_VIA, answer)
    for row, line in lines(document):
        assert authorize(line)["decision"] == "allowed", row
        for other in row["other_witnesses"].values():
            assert authorize(whole(other, document["policy_sets"]))["decision"] == "allowed", row


def nowhere() -> World:
    """Return a world of which nothing is known."""
    return World()
