"""The short way of an evaluation against the long one, also where keys and layers are not known."""

import json
from random import Random
from typing import Any

import pytest

from gatepath.engine.iam.ask import Evaluation
from gatepath.engine.iam.authorize import Authorizer
from gatepath.engine.iam.evaluate import evaluate
from gatepath.engine.iam.plans import Plan
from gatepath.engine.iam.quick import Wanted, quick
from tests.differential.iam.generate import Maker

Row = dict[str, Any]
UNKNOWN = {"$unknown": True}
REQUESTS = 600


def asked(line: Row) -> bytes:
    return json.dumps({key: value for key, value in line.items() if key != "kind"}).encode()


def blurred(line: Row, random: Random) -> Row:
    """Return the request with some of it not known."""
    context, policies = line["request"]["context"], line["policies"]
    for key in random.sample(sorted(context), min(len(context), random.randint(0, 3))):
        context[key] = UNKNOWN
    for layer in random.sample(["identity", "resource", "scp", "vpce"], random.randint(0, 1)):
        policies[layer] = UNKNOWN
    if random.random() < 0.2 and "dynamodb" not in line["request"]["resource"]:
        line["request"]["resource_account"] = None
    return line


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("unknowns", [False, True])
def test_the_short_way_answers_as_the_long_one(
    seed: int, unknowns: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    shortly: list[Evaluation | None] = []

    def counted(plan: Plan, wanted: Wanted) -> Evaluation | None:
        shortly.append(quick(plan, wanted))
        return shortly[-1]

    monkeypatch.setattr("gatepath.engine.iam.authorize.quick", counted)
    maker, random, authorizer = Maker(seed), Random(seed), Authorizer()
    for number in range(REQUESTS):
        line = maker.line(number)
        text = asked(blurred(line, random) if unknowns else line)
        assert authorizer.answer(text).evaluation == evaluate(authorizer.read(text).ask), line
    assert sum(found is not None for found in shortly) > REQUESTS / 10


@pytest.mark.parametrize("seed", range(4))
def test_every_completion_of_what_is_not_known_is_among_the_possible(seed: int) -> None:
    maker, random, authorizer = Maker(seed + 100), Random(seed), Authorizer()
    for number in range(REQUESTS):
        line = maker.line(number)
        exact = evaluate(authorizer.read(asked(line)).ask)
        context = line["request"]["context"]
        for key in random.sample(sorted(context), min(len(context), 2)):
            context[key] = UNKNOWN
        open_ask = authorizer.read(asked(line)).ask
        assert exact.possible <= evaluate(open_ask).possible, line
