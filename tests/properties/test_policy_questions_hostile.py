"""Policies of 20,480 characters made to be hard: an answer, or what is not decided, after bounded work."""

import json
from collections.abc import Callable
from random import Random

import pytest

from gatepath.engine.iam.principals import who
from gatepath.engine.iam.symbolic_answer import MOST
from gatepath.engine.iam.symbolic_fold import CAP, budget_of
from gatepath.model.policies import PolicyText
from gatepath.policy.asked import Kind
from gatepath.rights.answers import PolicyAnswer, answer_blocks
from gatepath.rights.differences import Compared, compare
from gatepath.rights.posed import Given
from gatepath.rights.posing import pose
from tests import scenarios_policies as p
from tests.policy_worlds import codes, confirm_blocked, lines, nowhere, rows
from tests.snapshots import Json

LONGEST = 20_480
BUCKET = "arn:aws:s3:::b"
OPEN = {"Version": "2012-10-17", "Statement": [p.allow()]}
CAPPED = {"unknown.policy-too-many"}


def filled(make: Callable[[int], Json]) -> Json:
    """Return a document of as many statements as a policy may have."""
    listed: list[Json] = []
    while len(p.document(*listed, make(len(listed)))) <= LONGEST:
        listed.append(make(len(listed)))
    made: Json = json.loads(p.document(*listed))
    return made


def letters(random: Random) -> str:
    return "*".join(random.choices("abcdefgh", k=3))


def either(random: Random, **more: object) -> Json:
    made = p.allow(**more)
    return {**made, "Effect": random.choice(["Allow", "Deny"])}


RANDOM = Random(7)
HOSTILE: dict[str, Json] = {
    "globs": filled(lambda _: either(RANDOM, Resource=f"{BUCKET}/*{letters(RANDOM)}*")),
    "stars": filled(lambda _: p.allow(Resource=f"{BUCKET}/{'*a' * 60}")),
    "question marks": filled(lambda n: p.allow(Resource=f"{BUCKET}/{'?' * (n * 7 % 300)}*")),
    "many keys": filled(
        lambda n: either(RANDOM, Condition={"StringLike": {f"aws:RequestTag/k{n}": f"*{letters(RANDOM)}*"}})
    ),
    "one key": filled(
        lambda _: either(RANDOM, Condition={"StringLike": {"aws:UserAgent": f"*{letters(RANDOM)}*"}})
    ),
    "sets": filled(
        lambda _: either(
            RANDOM, Condition={"ForAnyValue:StringLike": {"aws:TagKeys": [letters(RANDOM), "x*"]}}
        )
    ),
    "callers": filled(
        lambda n: either(
            RANDOM,
            Condition={"ArnLike": {"aws:PrincipalArn": f"arn:aws:iam::*{n % 10}*:role/*{letters(RANDOM)}*"}},
        )
    ),
    "principals": filled(lambda n: p.allow(Principal={"AWS": f"arn:aws:iam::{100000000000 + n}:role/r{n}"})),
    "buckets": filled(lambda n: p.allow(Resource=[f"{BUCKET}-{n}", f"{BUCKET}-{n}/*"])),
}


def is_honest(answer: PolicyAnswer) -> None:
    """What is not decided is said to be so, and never more is told than a reader can take."""
    assert set(codes(answer)) <= CAPPED
    assert len(answer.told) <= MOST * 2


@pytest.mark.parametrize("name", HOSTILE)
@pytest.mark.parametrize("kind", ["endpoint", "resource"])
def test_a_difference_of_hostile_policies_ends(name: str, kind: str) -> None:
    assert len(json.dumps(HOSTILE[name])) <= LONGEST
    answer = compare(Compared(old=OPEN, new=HOSTILE[name], kind=kind, services=("s3",)))
    is_honest(answer)
    assert lines(rows(Kind.DIFF, answer)) or not answer.decided


@pytest.mark.parametrize("name", HOSTILE)
def test_what_a_hostile_endpoint_policy_blocks_is_confirmed_or_not_decided(name: str) -> None:
    given = Given(
        caller=who(p.ROLE_ARN),
        endpoint_policy=PolicyText(text=json.dumps(HOSTILE[name])),
        identity=(PolicyText(text=p.document({"Effect": "Allow", "Action": "s3:*", "Resource": "*"})),),
        resources={BUCKET: PolicyText(text=json.dumps(OPEN))},
        context={"aws:PrincipalOrgID": None},
    )
    answer = answer_blocks(pose(given, nowhere(), alone=True), nowhere())
    is_honest(answer)
    confirm_blocked(answer)


def test_too_many_patterns_on_one_bucket_are_not_decided() -> None:
    answer = compare(Compared(old=OPEN, new=HOSTILE["globs"], kind="endpoint", services=("s3",)))
    assert codes(answer) == ["unknown.policy-too-many"]


def test_a_question_has_a_budget() -> None:
    assert budget_of(CAP, 14).left < CAP * 300
