"""With any one recorded call taken away, `policy blocks` and `only-via` claim nothing that the whole does not."""

from collections.abc import Callable

import pytest

from gatepath.rights.answers import PolicyAnswer
from gatepath.trace import Certainty
from tests import scenarios_policies as p
from tests import snapshots as s
from tests.policy_worlds import BUCKET, OBJECTS, allowed, blocked, confirm_allowed, confirm_blocked, recorded
from tests.snapshots import Json, Snapshot

OWNER = p.OTHER_ACCOUNT
HOME_ONLY = p.deny(
    Action=["s3:GetObject", "s3:PutObject"],
    Resource=OBJECTS,
    Condition={"StringNotEquals": {"aws:SourceVpce": s.ENDPOINT, "aws:PrincipalOrgID": p.ORGANIZATION}},
)
IDENTITY = {"Effect": "Allow", "Action": ["s3:GetObject", "s3:PutObject", "s3:ListBucket"], "Resource": "*"}


def world() -> Snapshot:
    """Return a member account with everything that has a say."""
    readers = p.allow(
        Action="s3:GetObject", Condition={"StringEquals": {"aws:PrincipalOrgID": p.ORGANIZATION}}
    )
    made = recorded(IDENTITY, endpoint=readers, bucket=HOME_ONLY)
    p.organization(
        made,
        {"Effect": "Deny", "Action": "s3:DeleteBucket", "Resource": "*"},
        p.deny(Action="s3:PutObjectAcl"),
    )
    return made


def foreign() -> Snapshot:
    """Return somebody else's bucket that this account may read."""
    made = p.judged(IDENTITY, owner=OWNER)
    p.endpoint_policy(made, p.allow(Action="s3:ListBucket"))
    p.bucket_policy(
        made, p.allow(Principal={"AWS": f"arn:aws:iam::{s.ACCOUNT}:root"}, Resource=[BUCKET, OBJECTS])
    )
    return made


WORLDS: dict[str, Callable[[], Snapshot]] = {"own": world, "foreign": foreign}
CALLS = [(name, number) for name, make in WORLDS.items() for number in range(len(make().calls))]


def claims(answer: PolicyAnswer, *, only: bool) -> set[tuple[object, ...]]:
    """Return what is claimed of what is recorded, action by action."""
    made: set[tuple[object, ...]] = set()
    for told in answer.told:
        if told.recorded:
            where = told.of.resource, told.of.matching, told.of.conditions
            ways = (told.of.ways == ("endpoint",) and not told.of.open_ways) if only else None
            made |= {(action, *where, ways) for action in told.of.actions}
    return made


def names_it(answer: PolicyAnswer, call: Json) -> bool:
    """Tell whether what is open names a call, or the answer says that it rests on an assumption."""
    gaps = {gap.operation for each in answer.unsettled for gap in each.unknown.gaps}
    return call["operation"] in gaps or answer.certainty is Certainty.CONDITIONAL


@pytest.mark.parametrize(("name", "number"), CALLS, ids=str)
def test_without_one_call_nothing_else_is_claimed(name: str, number: int) -> None:
    whole = WORLDS[name]()
    blocks, ways = claims(blocked(whole), only=False), allowed(whole)
    made = WORLDS[name]()
    call = made.calls.pop(number)
    answer = blocked(made)
    confirm_blocked(answer)
    assert claims(answer, only=False) <= blocks
    assert claims(answer, only=False) == blocks or names_it(answer, call), call
    answer = allowed(made)
    confirm_allowed(answer)
    surely, before = claims(answer, only=True), claims(ways, only=True)
    assert {row for row in surely if row[-1]} <= {row for row in before if row[-1]}
    assert {row[:-1] for row in surely} <= {row[:-1] for row in before}
    assert surely == before or names_it(answer, call), call


def test_the_worlds_say_something() -> None:
    for make in WORLDS.values():
        assert claims(blocked(make()), only=False)
        assert claims(allowed(make()), only=True)
