"""Laws of policy evaluation on random requests with all their policies."""

import copy
import json
from collections.abc import Iterator
from random import Random
from typing import Any

from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from gatepath.engine.iam.authorize import Authorizer, authorize
from gatepath.engine.iam.explain import explain
from gatepath.engine.iam.logic import NO, YES
from tests.differential.iam import generate
from tests.differential.iam.generate import Maker

Row = dict[str, Any]
UNKNOWN = {"$unknown": True}
SINGLE = ("resource", "boundary", "session", "vpce")
GUARDRAILS = ("scp", "rcp")
DECISIONS = {"allowed", "explicit_deny", "implicit_deny", "unknown"}
LAYERS = {"identity", *SINGLE, *GUARDRAILS, "settings"}

laws = settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
seeds = st.integers(0, 2**32)


def made(seed: int) -> Row:
    """Return a request with its policies."""
    line = Maker(seed).line(seed)
    if Random(seed).random() < 0.3:
        line["policies"]["vpce_type"] = "interface"
    del line["kind"]
    return line


def documents(line: Row) -> list[tuple[str, Row]]:
    """Return (layer, document) of every policy."""
    policies = line["policies"]
    found = [("identity", document) for document in policies["identity"]]
    found += [(name, policies[name]) for name in SINGLE if policies[name]]
    for name in GUARDRAILS:
        found += [(name, document) for level in policies[name] for document in level["policies"]]
    return found


def rows(document: Row) -> list[Row]:
    """Return the statements, as a list inside the document."""
    if isinstance(document["Statement"], dict):
        document["Statement"] = [document["Statement"]]
    found: list[Row] = document["Statement"]
    return found


def statements(line: Row) -> Iterator[tuple[str, Row, Row]]:
    """Yield (layer, document, statement)."""
    for layer, document in documents(line):
        for row in rows(document):
            yield layer, document, row


def another(line: Row, layer: str, effect: str, seed: int) -> Row:
    """Return a further statement about the same request."""
    maker = Maker(seed)
    maker.line(0)
    request = line["request"]
    maker.principal, maker.action, maker.resource = (
        request["principal"],
        request["action"],
        request["resource"],
    )
    found = maker._statement(principal=layer == "resource", effect=effect)
    if layer in {"vpce", "rcp"}:
        found["Principal"] = "*"
    return found


def decision(line: Row) -> str:
    """Return the decision."""
    return str(authorize(line)["decision"])


@laws
@given(seeds, seeds)
def test_adding_a_deny_never_allows_more(seed: int, other: int) -> None:
    line = made(seed)
    before = decision(line)
    listed = documents(line)
    assume(listed)
    layer, document = Random(other).choice(listed)
    place = Random(other).randint(0, len(rows(document)))
    rows(document).insert(place, another(line, layer, "Deny", other))
    after = decision(line)
    assert after in {before, "explicit_deny"}


@laws
@given(seeds, seeds, st.sampled_from(["identity", *SINGLE, *GUARDRAILS]))
def test_a_new_policy_of_denials_only_never_allows_more(seed: int, other: int, layer: str) -> None:
    line = made(seed)
    before = decision(line)
    policies = line["policies"]
    document = {"Version": "2012-10-17", "Statement": [another(line, layer, "Deny", other)]}
    if layer in GUARDRAILS:
        policies[layer].append({"target": "ou-9", "policies": [document]})
    elif layer == "identity":
        policies["identity"].append(document)
    else:
        assume(not policies[layer])
        policies[layer] = document
    after = decision(line)
    assert before == "allowed" or after != "allowed"
    assert before != "explicit_deny" or after == "explicit_deny"


@laws
@given(seeds, seeds)
def test_adding_an_allow_never_denies(seed: int, other: int) -> None:
    line = made(seed)
    before = decision(line)
    listed = documents(line)
    assume(listed)
    layer, document = Random(other).choice(listed)
    rows(document).append(another(line, layer, "Allow", other))
    after = decision(line)
    assert after == before or (before, after) == ("implicit_deny", "allowed")


@laws
@given(seeds, seeds)
def test_order_never_matters(seed: int, other: int) -> None:
    line, random = made(seed), Random(other)
    before = authorize(line)
    for _, document in documents(line):
        random.shuffle(rows(document))
        for row in rows(document):
            for element in ("Action", "NotAction", "Resource", "NotResource"):
                if isinstance(row.get(element), list):
                    random.shuffle(row[element])
            if "Condition" in row:
                row["Condition"] = dict(random.sample(list(row["Condition"].items()), len(row["Condition"])))
    random.shuffle(line["policies"]["identity"])
    for name in GUARDRAILS:
        random.shuffle(line["policies"][name])
        for level in line["policies"][name]:
            random.shuffle(level["policies"])
    after = authorize(line)
    assert after["decision"] == before["decision"]
    layers = [{row["layer"] for row in found["decided_by"]} for found in (before, after)]  # type: ignore[attr-defined]
    assert layers[0] == layers[1]


@laws
@given(seeds, seeds)
def test_case_of_actions_never_matters(seed: int, other: int) -> None:
    line, random = made(seed), Random(other)
    before = authorize(line)

    def mixed(text: str) -> str:
        return "".join(random.choice((char.lower(), char.upper())) for char in text)

    for _, _, row in statements(line):
        for element in ("Action", "NotAction"):
            if element in row:
                listed = row[element] if isinstance(row[element], list) else [row[element]]
                row[element] = [mixed(text) for text in listed]
    line["request"]["action"] = mixed(line["request"]["action"])
    assert authorize(line) == before


@laws
@given(seeds, seeds)
def test_case_of_condition_keys_never_matters(seed: int, other: int) -> None:
    line, random = made(seed), Random(other)
    before = authorize(line)

    def mixed(text: str) -> str:
        return random.choice((str.lower, str.upper, str.swapcase, str.title))(text)

    for _, _, row in statements(line):
        for operator, keys in row.get("Condition", {}).items():
            row["Condition"][operator] = {mixed(key): values for key, values in keys.items()}
    line["request"]["context"] = {mixed(key): value for key, value in line["request"]["context"].items()}
    assert authorize(line) == before


names = st.text("abXY09/-._", min_size=1, max_size=12).filter(lambda text: text.swapcase() != text)


@laws
@given(names, st.sampled_from(["identity", "resource"]))
def test_case_of_resources_always_does(name: str, layer: str) -> None:
    line = made(0)
    line["request"] |= {"principal": "arn:aws:iam::111122223333:user/ann", "action": "s3:GetObject"}
    line["request"] |= {"resource": f"arn:aws:s3:::orders/{name}", "resource_account": "111122223333"}
    row: Row = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": f"arn:aws:s3:::orders/{name}"}
    if layer == "resource":
        row["Principal"] = {"AWS": "arn:aws:iam::111122223333:user/ann"}
    document = {"Version": "2012-10-17", "Statement": [row]}
    line["policies"] = {"identity": [document]} if layer == "identity" else {"resource": document}
    assert decision(line) == "allowed"
    line["request"]["resource"] = f"arn:aws:s3:::orders/{name.swapcase()}"
    assert decision(line) == "implicit_deny"


def split(row: Row, element: str) -> list[Row]:
    """Return the statement as one for each value of an element."""
    value = row.get(element)
    if element == "Principal" and isinstance(value, dict):
        pairs = [(k, v) for k, vs in value.items() for v in (vs if isinstance(vs, list) else [vs])]
        return [{**row, "Principal": {kind: [text]}} for kind, text in pairs]
    return [{**row, element: part} for part in value] if isinstance(value, list) else [row]


@laws
@given(seeds, st.sampled_from(["Action", "Resource", "Principal"]))
def test_splitting_a_statement_changes_nothing(seed: int, element: str) -> None:
    line = made(seed)
    before = decision(line)
    for _, document in documents(line):
        document["Statement"] = [part for row in rows(document) for part in split(row, element)]
    assert decision(line) == before


@laws
@given(seeds)
def test_splitting_an_identity_policy_changes_nothing(seed: int) -> None:
    line = made(seed)
    before = decision(line)
    parts = [
        {"Version": document["Version"], "Statement": row}
        for document in line["policies"]["identity"]
        for row in rows(document)
    ]
    line["policies"]["identity"] = parts
    assert decision(line) == before


@laws
@given(seeds)
def test_policies_as_text_are_the_same_policies(seed: int) -> None:
    line = made(seed)
    before = authorize(line)
    line["policies"]["identity"] = [json.dumps(document) for document in line["policies"]["identity"]]
    for name in SINGLE:
        if line["policies"][name]:
            line["policies"][name] = json.dumps(line["policies"][name])
    assert authorize(line) == before


@laws
@given(seeds)
def test_answers_are_not_remembered(seed: int) -> None:
    """A kept policy doesn't carry anything from one request to the next."""
    line = made(seed)
    text = json.dumps(line).encode()
    alone = Authorizer().answer(text)
    other = copy.deepcopy(line)
    other["request"] = made(seed + 1)["request"]
    shared = Authorizer()
    shared.answer(json.dumps(other).encode())
    assert shared.answer(text) == alone
    assert shared.answer(text) == alone


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
        assert {str(key) for key in open_answer["depends_on"]} <= set(keys)  # type: ignore[attr-defined]
        assert open_answer["depends_on"]
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
