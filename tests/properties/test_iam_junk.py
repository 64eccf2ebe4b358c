"""Anything at all as a request or as policies: an answer or an error, soon."""

import copy
import json
import time
from contextlib import suppress
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gatepath.engine.iam.authorize import AuthorizeError, Authorizer, authorize
from gatepath.engine.iam.documents import parse
from tests.properties.iam_random import DECISIONS, Row, laws, made, seeds

SIZE = 20_480
"""Characters that the policy of an endpoint may have:
https://docs.aws.amazon.com/vpc/latest/privatelink/vpc-endpoints-access.html
"""
SECONDS = 5.0
"""CPU time that no policy of this size may take; a pattern that backtracks takes hours."""

words = st.sampled_from(
    (
        *(
            "*",
            "",
            "Allow",
            "Deny",
            "s3:*",
            "arn:aws:s3:::orders/*",
            "2012-10-17",
            "aws:SourceVpce",
            "${",
            "?",
        ),
        *("$unknown", "Effect", "Action", "Principal", "Condition", "StringLike", "Statement", "AWS", "Null"),
        *("ForAnyValue:StringLike", "IfExists", "NotAction", "NotPrincipal", "policies", "${aws:username}"),
        *("::/0", "1e999999", "NaN", "\x00", "\ud800", "٣", "arn:", "arn:aws:iam::111122223333:root"),
    )
)
scalars = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5) | words
junk = st.recursive(
    scalars,
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(words | st.text(max_size=5), inner, max_size=4)
    ),
    max_leaves=12,
)


def is_answer(found: Row) -> bool:
    return set(found) == {"id", "error"} or found["decision"] in DECISIONS


def places(value: Any) -> list[tuple[Any, Any]]:
    """Return (container, key) of every place inside a JSON value."""
    found = []
    for key in (
        range(len(value)) if isinstance(value, list) else list(value) if isinstance(value, dict) else ()
    ):
        found += [(value, key), *places(value[key])]
    return found


@laws
@given(junk)
def test_junk_as_a_line(line: Any) -> None:
    assert is_answer(authorize(line))


@laws
@given(junk)
def test_junk_as_a_document(document: object) -> None:
    for number, statement in enumerate(parse(document).statements):
        assert statement.index == number
    line = made(1)
    for layer in ("identity", "resource", "session", "vpce"):
        line["policies"][layer] = [document] if layer == "identity" else document
    assert is_answer(authorize(line))


@laws
@given(seeds, st.lists(junk, min_size=1, max_size=3))
def test_junk_in_any_place_of_a_request(seed: int, values: list[Any]) -> None:
    line, random = made(seed), Random(seed)
    for value in values:
        container, key = random.choice(places(line))
        container[key] = copy.deepcopy(value)
    assert is_answer(authorize(line))


@laws
@given(seeds)
def test_junk_bytes_are_answered_or_refused(seed: int) -> None:
    random = Random(seed)
    text = bytearray(json.dumps(made(seed)).encode())
    for _ in range(random.randint(1, 3)):
        at = random.randrange(len(text))
        text[at : at + random.randint(0, 2)] = random.randbytes(random.randint(0, 2))
    with suppress(AuthorizeError):
        Authorizer().answer(bytes(text))


def filled(piece: str, end: str = "") -> str:
    """Return a pattern as long as a policy may be."""
    return piece * ((SIZE - 400) // len(piece)) + end


PATTERNS = {
    "stars and letters": filled("*a", "*b"),
    "stars, marks and letters": filled("*?a", "*b"),
    "stars only": filled("*", "b"),
    "marks only": filled("?"),
    "long pieces of marks": f"*{'?a' * 250}*{'?a' * 250}*b",
    "variables": filled("${aws:UserAgent}*", "b"),
    "open braces": filled("${"),
    "open defaults": filled("${a, '"),
    "blanks inside a variable": "${a" + " " * (SIZE - 400) + "x}",
    "a default of quotes": "${a, '" + filled("'", "}"),
}


def hard(statement: Row, context: Row, resource: str = "arn:aws:s3:::orders/a") -> Row:
    request = {"principal": "arn:aws:iam::111122223333:user/ann", "action": "s3:GetObject"}
    request |= {"resource": resource, "resource_account": "111122223333", "context": context}  # type: ignore[dict-item]
    row = {"Effect": "Allow", "Action": "*", "Resource": "*", **statement}
    return {
        "id": 1,
        "request": request,
        "policies": {"identity": [{"Version": "2012-10-17", "Statement": [row]}]},
    }


def seconds(line: Row) -> float:
    text = json.dumps(line).encode()
    begin = time.process_time()
    Authorizer().answer(text)
    return time.process_time() - begin


@pytest.mark.parametrize("name", PATTERNS)
def test_hostile_patterns_take_bounded_time(name: str) -> None:
    pattern, long = PATTERNS[name], "a" * SIZE
    context = {"aws:UserAgent": long, "aws:SourceArn": f"arn:aws:s3:::{long}"}
    assert seconds(hard({"Action": f"s3:{pattern}"}, context)) < SECONDS
    assert seconds(hard({"Resource": f"arn:aws:s3:::{pattern}"}, context, f"arn:aws:s3:::{long}")) < SECONDS
    for operator, key in (("StringLike", "aws:UserAgent"), ("StringNotLike", "aws:UserAgent")):
        assert seconds(hard({"Condition": {operator: {key: pattern}}}, context)) < SECONDS
    arns = {"Condition": {"ArnLike": {"aws:SourceArn": f"arn:aws:s3:::{pattern}"}}}
    assert seconds(hard(arns, context)) < SECONDS


@pytest.mark.parametrize(
    ("operator", "value"),
    [
        ("StringLike", "*a{}*b*c?"),
        ("StringLike", "*a${{aws:username}}{}*b*c?"),
        ("IpAddress", "10.{}.0.0/16"),
        ("NumericLessThan", "{}e9999"),
        ("DateLessThan", "20{}-01-01"),
        ("ArnLike", "arn:aws:*:*:*:{}*b"),
    ],
)
def test_many_values_against_many_take_bounded_time(operator: str, value: str) -> None:
    listed: list[str] = []
    while sum(map(len, listed)) + 4 * len(listed) < SIZE - 400:
        listed.append(value.format(len(listed)))
    carried = [text.replace("*", "x") for text in listed]
    condition = {f"ForAllValues:{operator}": {"aws:TagKeys": listed}}
    assert seconds(hard({"Condition": condition}, {"aws:TagKeys": carried})) < SECONDS


def test_policies_of_many_statements_take_bounded_time() -> None:
    line = hard({}, {})
    rows = [{"Effect": "Deny", "Action": f"s3:G*t*O*{n}", "Resource": "*a*b*"} for n in range(300)]
    line["policies"]["identity"] = [{"Version": "2012-10-17", "Statement": rows}] * 50
    assert seconds(line) < SECONDS


@pytest.mark.parametrize("depth", [50, 500, 900, 950, 990, 1_000, 5_000, 200_000])
@pytest.mark.parametrize(("before", "after"), [("[", "]"), ('{"a":', "}")])
@pytest.mark.parametrize("place", ["Effect", "Action", "Principal", "Condition", "Sid"])
def test_deep_nesting_is_answered_or_refused(depth: int, before: str, after: str, place: str) -> None:
    nested = before * depth + "1" + after * depth
    text = json.dumps(hard({place: "HERE"}, {})).replace('"HERE"', nested)
    begin = time.process_time()
    with suppress(AuthorizeError):
        Authorizer().answer(text.encode())
    document = f'{{"Version":{nested},"Statement":{{"{place}":{nested}}}}}'
    assert parse(document).problems
    assert time.process_time() - begin < SECONDS


def test_nesting_that_was_never_text() -> None:
    nested: list[object] = []
    for _ in range(100_000):
        nested = [nested]
    assert parse({"Version": nested, "Statement": [{"Effect": nested, "Condition": nested}]}).problems
    assert "error" in authorize({"id": 1, "policies": nested})
