"""Survivors with a reason (`equivalent.toml`), and the figures of a run."""

import ast
import json
import sys
import tomllib
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.mutants.operators import mutants
from tests.mutants.scope import path_of

FILE = Path(__file__).with_name("equivalent.toml")
Key = tuple[str, str, str, str, str, int]


@dataclass(slots=True)
class Equivalents:
    """Reasons by mutant: module, function, operator, text, text afterwards, which of the equal ones."""

    reasons: dict[Key, str] = field(default_factory=dict)

    @classmethod
    def read(cls) -> "Equivalents":
        """Read the list; an entry may name several texts `after` and, by `ordinal`, one of equal places."""
        made: dict[Key, str] = {}
        for entry in tomllib.loads(FILE.read_text(encoding="utf-8")).get("mutant", []):
            key = (
                entry["module"],
                entry["function"],
                entry["operator"],
                entry["text"],
                entry["after"],
                entry.get("ordinal", 0),
            )
            if key in made:
                raise ValueError(f"twice: {key}")
            made[key] = entry["reason"]
        return cls(made)

    def stale(self) -> list[Key]:
        """Return the entries that name no mutant of the source as it is."""
        gone = []
        for module in sorted({key[0] for key in self.reasons}):
            tree = ast.parse(path_of(module).read_text(encoding="utf-8"))
            there = {(module, *mutant.key) for mutant in mutants(tree)}
            gone += [key for key in self.reasons if key[0] == module and key not in there]
        return gone

    def report(self, results: Path, modules: tuple[str, ...]) -> int:
        """Print the figures by module; return 1 if a survivor isn't explained or an entry is out of date."""
        rows = _last_rows(results)
        wrong = 0
        print(f"{'module':34} {'mutants':>7} {'tests':>6} {'naive':>6} {'time':>5} {'equal':>5} {'open':>5}")  # noqa: T201 - a command
        for module in modules:
            tree = ast.parse(path_of(module).read_text(encoding="utf-8"))
            counts: Counter[str] = Counter()
            for mutant in mutants(tree):
                key = (module, *mutant.key)
                row = rows.get(key)
                fresh = row is not None and row.get("digest") == mutant.digest()
                state = self._state(row if fresh else None, key)
                counts[state] += 1
                if state in {"open", "listed but killed"}:
                    print(f"{state}: {module}:{mutant.line}: {key[1:]}", file=sys.stderr)  # noqa: T201 - a command
            wrong += counts["open"] + counts["not run"] + counts["listed but killed"]
            line = [counts["tests"], counts["naive"], counts["time-out"], counts["explained"], counts["open"]]
            texts = " ".join(f"{n:>6}" for n in line)
            print(f"{module:34} {counts.total():>7} {texts}", *_others(counts))  # noqa: T201 - a command
        for key in self.stale():
            wrong += 1
            print(f"equivalent.toml names no mutant: {key}", file=sys.stderr)  # noqa: T201 - a command
        return 1 if wrong else 0

    def _state(self, row: dict[str, Any] | None, key: Key) -> str:
        if row is None:
            return "not run"
        if row["status"] == "killed":
            return "listed but killed" if key in self.reasons else row["stage"]
        return "explained" if key in self.reasons else "open"


def _others(counts: Counter[str]) -> list[str]:
    return [f"{name}: {counts[name]}" for name in ("not run", "listed but killed") if counts[name]]


def _last_rows(path: Path) -> dict[Key, dict[str, Any]]:
    found: dict[Key, dict[str, Any]] = {}
    for line in path.read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        function, operator, text, after, ordinal = row["key"]
        found[row["module"], function, operator, text, after, ordinal] = row
    return found
