"""Policy evaluation beside an independent evaluator, on the same requests of one organization."""

import json
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from random import Random
from typing import Any

from tests.differential.iam.bridge import NotInstalledError, installed, rates, simulation
from tests.differential.iam.generate import Maker

from gatepath.engine.iam.authorize import Authorizer
from gatepath.engine.iam.explain import explain

Row = dict[str, Any]
REQUESTS, STATEMENTS, ENDPOINTS = 3_000, 29, 0.8
PRINCIPALS, IDENTITY_POLICIES = 300, (9, 10)
"""Sets of policies: each is used by ten requests on average."""
REPEATS = 5


def requests(seed: int = 1) -> list[Row]:
    """Return requests of one account's users and roles, 29 statements each on average.

    Who asks, what is asked for and the endpoint it comes through each bring their own policies along.
    """
    maker, random = Maker(seed), Random(seed)  # noqa: S311 - no secret
    shelf: list[Row] = []
    made: list[Row] = []
    while len(made) < REQUESTS:
        line = maker.line(len(made))
        if line["kind"] not in {"role", "session", "user"}:
            continue
        if len(shelf) < PRINCIPALS:
            policies = line["policies"]
            policies["identity"] = [_about_anything(maker) for _ in range(random.choice(IDENTITY_POLICIES))]
            policies["boundary"] = policies["session"] = None
            policies["vpce"] = maker.limit(everyone=True) if random.random() < ENDPOINTS else None
            shelf.append(policies)
        line["policies"] = random.choice(shelf)
        made.append({key: value for key, value in line.items() if key != "kind"})
    return made


def _about_anything(maker: Maker) -> Row:
    """Return a policy about a request of any service: a role's policies are not all about one."""
    maker.line(0)
    return maker.policy()


def statements(line: Row) -> int:
    """Return the number of statements of a request."""
    policies = line["policies"]
    documents = [*policies["identity"], policies["resource"], policies["vpce"]]
    documents += [d for name in ("scp", "rcp") for level in policies[name] for d in level["policies"]]
    return sum(
        len(d["Statement"]) if isinstance(d["Statement"], list) else 1 for d in documents if d is not None
    )


def rate(count: int, action: Callable[[], None]) -> float:
    """Return the median rate of an action that handles `count` requests; a first run warms up."""
    action()
    values = []
    for _ in range(REPEATS):
        begin = time.process_time()
        action()
        values.append(count / (time.process_time() - begin))
    return statistics.median(values)


def policies() -> None:
    """Print our rates, from the line of JSON to the decision, beside the other evaluator's."""
    lines = requests()
    texts = [json.dumps(line).encode() for line in lines]
    average = sum(map(statements, lines)) / len(lines)
    authorizer = Authorizer()

    def answers() -> None:
        for text in texts:
            authorizer.answer(text)

    def explained() -> None:
        for text in texts:
            asked = authorizer.read(text)
            explain(asked.ask)

    ours, ours_explained = rate(len(texts), answers), rate(len(texts), explained)
    print(
        f"policy decisions              {ours:8,.0f} a second, reading counted; {average:.0f} statements,"
        f" {sum(1 for line in lines if line['policies']['vpce']) / len(lines):.0%} with an endpoint policy"
        "  (goal: 30,000)"
    )
    try:
        folder = installed()
    except NotInstalledError as error:
        print(f"  beside another evaluator: skipped ({error})")
        return
    with tempfile.TemporaryDirectory() as place:
        theirs = rates(folder, [simulation(line) for line in lines], Path(place) / "simulations.jsonl")
    print(
        f"  beside iam-simulate's API   {ours / theirs['api']:8.0f} times its {theirs['api']:,.0f} a second"
        "  (goal: at least 50 times)"
    )
    print(
        f"every statement explained     {ours_explained:8,.0f} a second, {ours_explained / theirs['core']:.1f} times"
        f" its core's {theirs['core']:,.0f}  (goal: at least 5 times)"
    )
