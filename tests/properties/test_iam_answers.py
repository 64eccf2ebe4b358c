"""What an answer names exists, and what is not known leaves open whatever it could change."""

import copy
import json

from hypothesis import given
from hypothesis import strategies as st

from gatepath.engine.iam.authorize import Authorizer, authorize
from gatepath.engine.iam.explain import explain
from gatepath.engine.iam.logic import NO, YES
from tests.differential.iam import generate
from tests.properties.iam_random import (
    GUARDRAILS,
    LAYERS,
    SINGLE,
    UNKNOWN,
    decision,
    documents,
    laws,
    made,
    rows,
    seeds,
)


@laws
@given(seeds)
def test_whoever_decides_exists(seed: int) -> None:
    line = made(seed)
    found = authorize(line)
    policies = line["policies"]
    for decider in found["decided_by"]:  # type: ignore[attr-defined]
        layer, policy, statement = decider["layer"], decider["policy"], decider["statement"]
        assert layer in LAYERS
        listed = [document for name, document in documents(line) if name == layer]
        if policy is None:
            assert statement is None
            continue
        assert 0 <= policy < len(listed)
        if statement is not None:
            assert 0 <= statement < len(rows(listed[policy]))
            if found["decision"] == "explicit_deny":
                assert rows(listed[policy])[statement]["Effect"] == "Deny"
            if found["decision"] == "allowed":
                assert rows(listed[policy])[statement]["Effect"] == "Allow"
    assert found["decided_by"] or found["decision"] != "explicit_deny"
    if found["decision"] == "implicit_deny":
        assert {row["layer"] for row in found["decided_by"]} <= {"identity", *SINGLE, *GUARDRAILS}  # type: ignore[attr-defined]
    assert len(policies) == 8


@laws
@given(seeds)
def test_the_explanation_of_every_statement_says_the_same(seed: int) -> None:
    line = made(seed)
    found = authorize(line)
    asked = Authorizer.shared().read(json.dumps(line).encode())
    explained = {(row.layer.value, row.policy, row.statement): row for row in explain(asked.ask)}
    assert len(explained) == sum(len(rows(document)) for _, document in documents(line))
    if found["decision"] in {"allowed", "explicit_deny"}:
        for decider in found["decided_by"]:  # type: ignore[attr-defined]
            if decider["statement"] is not None:
                row = explained[decider["layer"], decider["policy"], decider["statement"]]
                assert row.applies == YES
                assert row.allow is (found["decision"] == "allowed")
    if found["decision"] == "allowed":
        outside = (
            {"scp"} if line["request"]["principal"] in {"anonymous", "logging.s3.amazonaws.com"} else set()
        )
        assert all(row.allow or row.applies == NO for row in explained.values() if row.layer not in outside)


POOLS = {
    key: values
    for pool in (generate.TEXTS, generate.NUMBERS, generate.DATES, generate.BOOLS, generate.ADDRESSES)
    for key, values in pool.items()
} | dict(generate.ARNS)


def completions(key: str) -> list[object]:
    """Return what a key may be: absent, any value of its pool and one of no policy, lists of them."""
    if key in generate.LISTS:
        values = generate.LISTS[key]
        return [None, [], *[[value] for value in values], list(values), ["no-policy-has-it"]]
    return [None, *POOLS[key], "no-policy-has-it"]


@laws
@given(seeds, st.data())
def test_an_unknown_key_leaves_open_whatever_it_could_change(seed: int, data: st.DataObject) -> None:
    line = made(seed)
    keys = data.draw(
        st.lists(st.sampled_from(sorted({*POOLS, *generate.LISTS})), min_size=1, max_size=2, unique=True)
    )
    context = line["request"]["context"]
    open_line = copy.deepcopy(line)
    for key in keys:
        open_line["request"]["context"][key] = UNKNOWN
    open_answer = authorize(open_line)
    seen = set()
    first, *rest = keys
    for one in completions(first):
        for two in completions(rest[0]) if rest else [None]:
            for key, value in zip(keys, (one, two), strict=False):
                context.pop(key, None)
                if value is not None:
                    context[key] = value
            seen.add(decision(line))
    if open_answer["decision"] == "unknown":
        named = open_answer["depends_on"]
        assert named
        assert set(named) <= set(keys)  # type: ignore[call-overload]
        assert len(set(named)) == len(named)  # type: ignore[call-overload,arg-type]
    else:
        assert seen == {open_answer["decision"]}


@laws
@given(seeds, seeds, st.sampled_from(["identity", *SINGLE, *GUARDRAILS]))
def test_an_unknown_layer_leaves_open_whatever_it_could_change(seed: int, other: int, layer: str) -> None:
    line, source = made(seed), made(other)["policies"]
    open_line = copy.deepcopy(line)
    open_line["policies"][layer] = UNKNOWN
    found = authorize(open_line)
    everything = {"Effect": "Allow", "Action": "*", "Resource": "*", "Principal": "*"}
    nothing = {**everything, "Effect": "Deny"}
    seen = set()
    for document in (
        {"Version": "2012-10-17", "Statement": [everything]},
        {"Version": "2012-10-17", "Statement": [nothing]},
        {"Version": "2012-10-17", "Statement": []},
        None,
    ):
        if layer in GUARDRAILS:
            line["policies"][layer] = [{"target": "r-1", "policies": [document]}] if document else []
        elif layer == "identity":
            line["policies"][layer] = [document] if document else []
        else:
            line["policies"][layer] = document
        seen.add(decision(line))
    line["policies"][layer] = source[layer]
    seen.add(decision(line))
    if found["decision"] == "unknown":
        assert layer in found["depends_on"]  # type: ignore[operator]
    else:
        assert seen == {found["decision"]}
