"""What an unknown key leaves open, against every value of a small pool tried one by one."""

from itertools import chain, combinations, product
from random import Random
from typing import Any

import pytest

from tests.iam_requests import UNKNOWN, Json, ask, decision, policy, statement

REQUESTS = 150
KEYS = ("k:one", "k:two")
POOLS: dict[str, tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]]] = {
    "text": (
        ("StringEquals", "StringNotEquals", "StringLike", "StringNotLike", "StringEqualsIgnoreCase"),
        ("a", "b", "A", "a*", "*b", "*", "?"),
        ("", "a", "A", "b", "B", "ab", "aab", "ac", "c", "bb", "a*", "*b", "*", "?"),
    ),
    "number": (
        ("NumericEquals", "NumericNotEquals", "NumericLessThan", "NumericGreaterThanEquals"),
        ("0", "1", "2", "2.5"),
        ("-1", "0", "0.5", "1", "1.5", "2", "2.2", "2.5", "3", "x"),
    ),
    "address": (
        ("IpAddress", "NotIpAddress"),
        ("10.0.0.0/8", "10.1.0.0/16", "0.0.0.0/0", "::/0", "2001:db8::/32"),
        ("10.0.0.1", "10.1.0.1", "11.0.0.1", "2001:db8::1", "2001:db9::1", "x"),
    ),
    "truth": (("Bool",), ("true", "false"), ("true", "false", "x")),
}


def condition(random: Random, kind: str, key: str, *, sets: bool) -> Json:
    operators, values, _ = POOLS[kind]
    if random.random() < 0.15:
        return {"Null": {key: random.choice(("true", "false"))}}
    head = random.choice(("ForAllValues:", "ForAnyValue:")) if sets else ""
    tail = random.choice(("", "", "IfExists"))
    listed = random.sample(values, random.randint(1, min(2, len(values))))
    return {f"{head}{random.choice(operators)}{tail}": {key: listed}}


def joined(*conditions: Json) -> Json:
    made: Json = {}
    for one in conditions:
        for operator, keys in one.items():
            made.setdefault(operator, {}).update(keys)
    return made


def completions(kind: str, *, sets: bool) -> list[Any]:
    """Return absent, every value of the pool, and for set operators every small set of them."""
    values = POOLS[kind][2]
    if not sets:
        return [None, *values]
    return [None, *values, *(list(some) for some in chain(combinations(values, 1), combinations(values, 2)))]


@pytest.mark.parametrize("sets", [False, True], ids=["single", "sets"])
@pytest.mark.parametrize("kind", list(POOLS))
def test_open_exactly_where_values_differ(kind: str, sets: bool) -> None:
    random = Random(f"{kind}{sets}")
    seen = {"unknown": 0, "settled": 0}
    for _ in range(REQUESTS):
        rows = [
            statement(
                random.choice(("Allow", "Allow", "Deny")),
                Condition=condition(random, kind, KEYS[0], sets=sets),
            )
            for _ in range(random.randint(1, 4))
        ]
        policies = {"identity": [policy(*rows)]}
        answer = ask(policies, context={KEYS[0]: UNKNOWN})
        tried = {decision(policies, context={KEYS[0]: one}) for one in completions(kind, sets=sets)}
        if answer["decision"] == "unknown":
            seen["unknown"] += 1
            assert len(tried) > 1, rows
            assert answer["depends_on"] == [KEYS[0]]
        else:
            seen["settled"] += 1
            assert tried == {answer["decision"]}, rows
    assert min(seen.values()) > 1, seen


@pytest.mark.parametrize("kind", list(POOLS))
def test_two_keys_are_named_only_where_they_matter(kind: str) -> None:
    random = Random(kind)
    for _ in range(REQUESTS // 2):
        rows = [
            statement(
                random.choice(("Allow", "Allow", "Deny")),
                Condition=joined(
                    *[
                        condition(random, kind, key, sets=False)
                        for key in random.sample(KEYS, random.randint(1, 2))
                    ]
                ),
            )
            for _ in range(random.randint(1, 3))
        ]
        policies = {"identity": [policy(*rows)]}
        answer = ask(policies, context=dict.fromkeys(KEYS, UNKNOWN))
        values = completions(kind, sets=False)
        tried = {
            pair: decision(policies, context=dict(zip(KEYS, pair, strict=True)))
            for pair in product(values, values)
        }
        if answer["decision"] != "unknown":
            assert set(tried.values()) == {answer["decision"]}, rows
            continue
        matters = {
            key
            for place, key in enumerate(KEYS)
            for fixed in values
            if len({found for pair, found in tried.items() if pair[1 - place] == fixed}) > 1
        }
        assert set(answer["depends_on"]) == matters, rows
