"""Laws of policy evaluation: what more statements, another order, another spelling may change."""

import copy
import json
from random import Random

from hypothesis import assume, given
from hypothesis import strategies as st

from gatepath.engine.iam.authorize import Authorizer, authorize
from tests.properties.iam_random import (
    GUARDRAILS,
    SINGLE,
    Row,
    another,
    decision,
    documents,
    laws,
    made,
    rows,
    seeds,
    statements,
)


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
