"""Both evaluators on the same requests; what differs and why."""

import copy
import json
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from gatepath.engine.iam.authorize import authorize
from tests.differential.iam.bridge import answers, simulation
from tests.differential.iam.generate import Maker
from tests.differential.iam.settled import LAST, explain

Row = dict[str, Any]
SHARE = 0.2
"""Every decision makes up at least this part of the requests."""


@dataclass(slots=True)
class Compared:
    """Counts of a run, and the disagreements nothing explains."""

    requests: int = 0
    refused: Counter[str] = field(default_factory=Counter)
    """Requests that the other evaluator doesn't take, by its error."""
    decisions: Counter[str] = field(default_factory=Counter)
    kinds: Counter[str] = field(default_factory=Counter)
    layers: Counter[str] = field(default_factory=Counter)
    operators: Counter[str] = field(default_factory=Counter)
    explained: Counter[str] = field(default_factory=Counter)
    unexplained: list[Row] = field(default_factory=list)


def decision(line: Row) -> str:
    """Return our decision."""
    return str(authorize({key: value for key, value in line.items() if key != "kind"})["decision"])


def compared(folder: Path, requests: int, seed: int) -> Compared:
    """Return what a run of random requests found."""
    maker = Maker(seed)
    lines = [maker.line(number) for number in range(requests)]
    made = Compared(requests=requests)
    different = []
    for line, theirs in zip(lines, answers(folder, map(simulation, lines)), strict=True):
        _count(line, made)
        if "error" in theirs:
            made.refused[json.dumps(theirs["error"])[:100]] += 1
            continue
        ours = decision(line)
        made.decisions[ours] += 1
        if ours != theirs["decision"]:
            different.append(line)
    _settle(folder, different, made)
    return made


def _settle(folder: Path, different: list[Row], made: Compared) -> None:
    """Sort disagreements: gone once rewritten, gone with the last rewritings, or unexplained."""
    rewritten = [explain(line) for line in different]
    left = []
    for line, names, theirs in _again(folder, different, rewritten):
        if theirs is None:
            left.append(line)
        else:
            made.explained.update(names)
    if left:
        last = [explain(line) for line in left]
        for (line, names), rewrite in ((pair, LAST) for pair in last):
            for name, change in rewrite.items():
                line = change(copy.deepcopy(line))  # noqa: PLW2901 - each change on top of the one before
                names = (*names, name)  # noqa: PLW2901 - likewise
            found = list(_again(folder, [line], [(line, names)]))
            if found[0][2] is None:
                made.unexplained.append(line)
            else:
                made.explained.update(names)


def _again(
    folder: Path, originals: list[Row], rewritten: list[tuple[Row, tuple[str, ...]]]
) -> Iterator[tuple[Row, tuple[str, ...], str | None]]:
    """Yield (original, classes, the shared decision or None): ours must not change by rewriting."""
    if not originals:
        return
    found = answers(folder, [simulation(line) for line, _ in rewritten])
    for original, (line, names), theirs in zip(originals, rewritten, found, strict=True):
        ours = decision(line)
        agreed = theirs.get("decision") == ours == decision(original)
        yield original, names, ours if agreed else None


def _count(line: Row, made: Compared) -> None:
    made.kinds[line["kind"]] += 1
    policies = line["policies"]
    documents: list[Row] = []
    for layer in ("identity", "resource", "boundary", "session", "vpce", "scp", "rcp"):
        value = policies[layer]
        if value:
            made.layers[layer] += 1
            documents += _documents(value)
    for document in documents:
        rows = document["Statement"] if isinstance(document["Statement"], list) else [document["Statement"]]
        for row in rows:
            made.operators.update(list(row.get("Condition", {})))
            made.operators.update(name for name in row if name.startswith("Not"))


def _documents(value: Any) -> Iterable[Row]:
    if isinstance(value, dict):
        return [value]
    found: list[Row] = []
    for item in value:
        found += item.get("policies", [item])
    return found
