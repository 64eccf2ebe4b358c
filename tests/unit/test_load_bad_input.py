"""Answers of a wrong shape anywhere: one clear error or an unknown, never a traceback."""

import json
import random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests import snapshots as s

from gatepath.diagnose import diagnose
from gatepath.messages.catalogue import render
from gatepath.model.question import QuestionError, parse_question
from gatepath.placing import UnknownSourceError
from gatepath.snapshot.load import load_world
from gatepath.snapshot.record import SnapshotError, decode_line

JUNK: list[Any] = [
    None,
    7,
    -1,
    2**70,
    "",
    "x" * 5000,
    "10.0.0.0/99",
    [],
    {},
    [[]],
    True,
    1.5,
    "é\u0000",
    {"Value": 3},
]


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    found = [path] if path else []
    pairs = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, item in pairs:
        found.extend(places(item, (*path, key)))
    return found


def put(value: Any, path: tuple[Any, ...], junk: Any) -> None:
    for key in path[:-1]:
        value = value[key]
    value[path[-1]] = junk


@settings(max_examples=250, deadline=None)
@given(st.integers(0, 2**32))
def test_junk_anywhere_in_an_answer(seed: int) -> None:
    rng = random.Random(seed)
    calls = [json.loads(line) for line in s.sound().lines()]
    call = rng.choice(calls)
    put(call["response"], rng.choice(places(call["response"])), rng.choice(JUNK))
    lines = [json.dumps(c).encode() for c in calls]
    try:
        world = load_world(decode_line(line, n, f"x:{n}") for n, line in enumerate(lines))
        diagnose(parse_question(s.question()), world, only=frozenset({"network"}))
    except (SnapshotError, UnknownSourceError):
        return  # anything else fails the test


@settings(max_examples=150, deadline=None)
@given(st.integers(0, 2**32))
def test_rows_left_out_or_doubled(seed: int) -> None:
    rng = random.Random(seed)
    made = s.sound()
    name = rng.choice(
        [n for n, r in made.lists.items() if any(isinstance(v, list) and v for v in r.values())]
    )
    rows = made.rows(name)
    if rng.random() < 0.6:
        del rows[rng.randrange(len(rows))]
    else:
        rows.append(json.loads(json.dumps(rng.choice(rows))))
    try:
        s.ask(made)
    except UnknownSourceError:
        assert name == "ec2.DescribeInstances"


@settings(max_examples=200, deadline=None)
@given(st.integers(0, 2**32))
def test_junk_anywhere_in_a_question(seed: int) -> None:
    rng = random.Random(seed)
    asked = s.question(principal={"arn": "arn:aws:iam::111122223333:role/x"}, context={"a": 1})
    put(asked, rng.choice(places(asked)), rng.choice(JUNK))
    try:
        diagnose(parse_question(asked), s.sound().world(), only=frozenset({"network"}))
    except (QuestionError, UnknownSourceError):
        return


def test_an_error_names_record_and_path() -> None:
    made = s.sound()
    made.rows("ec2.DescribeSubnets")[0]["CidrBlock"] = "10.0.1.0/33"
    with pytest.raises(SnapshotError) as caught:
        s.ask(made)
    error = caught.value
    shown = render(error.code, error.arguments)
    assert shown == "test:3: response.Subnets[0].CidrBlock: not a CIDR: `10.0.1.0/33`"
