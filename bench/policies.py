"""Policy evaluation beside an independent evaluator, on the same requests of one organization."""

import json
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from random import Random
from typing import Any, NamedTuple

from tests.differential.iam.bridge import NotInstalledError, installed, rates, simulation
from tests.differential.iam.generate import Maker

from gatepath.engine.iam.authorize import Authorizer
from gatepath.engine.iam.explain import explain

Row = dict[str, Any]
REQUESTS, STATEMENTS, ENDPOINTS = 3_000, 29, 0.8
PRINCIPALS, IDENTITY_POLICIES = 300, (9, 10)
"""Sets of policies: each is used by ten requests on average."""
REPEATS, ROUNDS = 3, 3


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
    """Return the median rate, by CPU time, of an action that handles `count` requests; a first run warms up."""
    action()
    values = []
    for _ in range(REPEATS):
        begin = time.process_time()
        action()
        values.append(count / (time.process_time() - begin))
    return statistics.median(values)


class _Rates(NamedTuple):
    """Requests a second in one round: the two of each side were measured one after the other."""

    answered: float
    explained: float
    api: float | None = None
    core: float | None = None


def policies() -> None:
    """Print our rates, from the line of JSON to the decision, beside the other evaluator's."""
    lines = requests()
    average = sum(map(statements, lines)) / len(lines)
    endpoints = sum(1 for line in lines if line["policies"]["vpce"]) / len(lines)
    try:
        folder, why = installed(), ""
    except NotInstalledError as error:
        folder, why = None, str(error)
    rounds = [_round(lines, folder) for _ in range(ROUNDS)]
    answered = statistics.median(found.answered for found in rounds)
    explained = statistics.median(found.explained for found in rounds)
    print(
        f"policy decisions              {answered:8,.0f} a second, reading counted; {average:.0f} statements,"
        f" {endpoints:.0%} with an endpoint policy  (goal: 30,000)"
    )
    if folder is None:
        print(f"every statement explained     {explained:8,.0f} a second")
        print(f"  beside another evaluator: skipped ({why})")
        return
    api = statistics.median(found.api or 0 for found in rounds)
    core = statistics.median(found.core or 0 for found in rounds)
    faster = [(r.answered / r.api, r.explained / r.core) for r in rounds if r.api and r.core]
    print(
        f"  beside iam-simulate's API   {statistics.median(f for f, _ in faster):8.0f} times its {api:,.0f}"
        " a second  (goal: at least 50 times)"
    )
    print(
        f"every statement explained     {explained:8,.0f} a second, {statistics.median(f for _, f in faster):.1f}"
        f" times its core's {core:,.0f}  (goal: at least 5 times)"
    )


def _round(lines: list[Row], folder: Path | None) -> _Rates:
    """Measure both sides, one after the other."""
    texts = [json.dumps(line).encode() for line in lines]
    authorizer = Authorizer()

    def answers() -> None:
        for text in texts:
            authorizer.answer(text)

    def explained() -> None:
        for text in texts:
            explain(authorizer.read(text).ask)

    ours = _Rates(rate(len(texts), answers), rate(len(texts), explained))
    if folder is None:
        return ours
    with tempfile.TemporaryDirectory() as place:
        theirs = rates(folder, [simulation(line) for line in lines], Path(place) / "simulations.jsonl")
    return ours._replace(api=theirs["api"], core=theirs["core"])
