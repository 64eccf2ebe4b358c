"""The run: a pytest plugin that forks once for each mutant, after all tests are imported.

First the fast tests that execute a mutated line, quickest first, those that killed its neighbours before
them; survivors meet random VPCs, whose outcome packet by packet is computed once, before any fork.
"""

import ast
import gc
import hashlib
import importlib
import json
import os
import sys
import time
import warnings
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import coverage
import pytest
from _pytest.runner import runtestprotocol
from coverage.exceptions import CoverageWarning
from hypothesis import HealthCheck, Phase, settings

from tests.differential.brute import Outcome, brute
from tests.differential.versus import ask, disagreement
from tests.lab.random_vpcs import Made, make
from tests.mutants.child import Trial, attempt
from tests.mutants.equivalents import Equivalents
from tests.mutants.look import Look
from tests.mutants.operators import Mutant, mutants
from tests.mutants.patching import names_at_import, patch
from tests.mutants.scope import LEFT_OUT, MODULES, path_of


@dataclass(frozen=True, slots=True)
class Options:
    """What the command line says."""

    modules: tuple[str, ...]
    results: Path
    seconds: float
    seeds: int
    jobs: int
    again: bool = False


class Run:
    """The plugin."""

    def __init__(self, options: Options) -> None:
        """Take the options."""
        self._options = options
        self._trials: list[Trial] = []
        self._touched: dict[tuple[str, int], list[int]] = defaultdict(list)
        self._alike: dict[str, dict[int, frozenset[int]]] = defaultdict(dict)
        self._killers: dict[str, Counter[int]] = defaultdict(Counter)
        self._sound: set[tuple[str, str, int]] = set()
        self._equivalents = Equivalents.read()
        self.failed = 1

    def pytest_configure(self) -> None:
        """Take all chance out of the property tests, before any is imported."""
        settings.register_profile(
            "mutants",
            derandomize=True,
            database=None,
            deadline=None,
            phases=(Phase.explicit, Phase.generate),
            suppress_health_check=list(HealthCheck),
        )
        settings.load_profile("mutants")

    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        """Take the place of pytest's own loop."""
        self._trials = [self._of_item(item) for item in session.items if not LEFT_OUT.search(item.nodeid)]
        self._trials += [self._of_seed(made) for made in map(make, range(self._options.seeds))]
        self._look()
        self._say(f"{len(self._trials)} trials, {sum(t.seconds for t in self._trials):.0f} s")
        gc.collect()
        gc.freeze()
        with self._options.results.open("a", encoding="utf-8") as out:
            for module in self._options.modules:
                self._module(module, out)
        self.failed = self._equivalents.report(self._options.results, self._options.modules)
        return True

    def _say(self, text: str) -> None:
        print(text, file=sys.stderr, flush=True)  # noqa: T201 - a command

    def _of_item(self, item: pytest.Item) -> Trial:
        def fails(following: Trial | None) -> bool:
            reports = runtestprotocol(item, log=False, nextitem=following.item if following else None)
            return any(report.failed for report in reports)

        digest = hashlib.sha256(item.path.read_bytes()).hexdigest()[:16]
        return Trial(item.nodeid, "tests", fails, item=item, key=f"{item.nodeid} {digest}")

    def _of_seed(self, made: Made) -> Trial:
        expected: Outcome = brute(made)

        def fails(_: Trial | None) -> bool:
            return disagreement(expected, ask(made.calls, made.question)) is not None

        name = f"random VPC {made.seed}"
        return Trial(name, "naive", fails, key=name)

    def _look(self) -> None:
        """Run everything once on the true code: which lines each trial executes, and how long it takes."""
        files = {str(path_of(module)): module for module in self._options.modules}
        known = Look.read(self._options.results.with_suffix(".look"), [str(path_of(m)) for m in MODULES])
        new = [trial for trial in self._trials if trial.key not in known.seconds]
        _watched(new, known)
        for number, trial in enumerate(self._trials):
            trial.seconds = known.seconds[trial.key]
            for file, lines in known.lines.get(trial.key, {}).items():
                module = files.get(file, "")
                self._alike[module][number] = frozenset(lines)
                for line in lines:
                    self._touched[module, line].append(number)
        for found in gc.get_objects():
            if type(found).__name__ == "_lru_cache_wrapper" and found.__module__.startswith(
                "gatepath.engine"
            ):
                found.cache_clear()

    def _module(self, name: str, out: Any) -> None:
        done = {tuple(row["key"]): row for row in rows(self._options.results) if row["module"] == name}
        tree = ast.parse(path_of(name).read_text(encoding="utf-8"))
        todo = []
        for mutant in mutants(tree):
            row = done.get(mutant.key)
            if (
                row is None
                or row.get("digest") != mutant.digest()
                or (self._options.again and row["status"] in {"survived", "untouched"})
            ):
                todo.append(mutant)
        began = time.perf_counter()
        running: dict[int, tuple[Mutant, int]] = {}
        queue = iter(todo)
        counts: Counter[str] = Counter()
        while True:
            while len(running) < self._options.jobs and (next_one := next(queue, None)) is not None:
                pid, pipe = self._start(name, tree, next_one)
                running[pid] = (next_one, pipe)
            if not running:
                break
            pid, status = os.wait()
            mutant, pipe = running.pop(pid)
            row, number = self._end(name, mutant, pipe, status)
            if row["status"] == "killed":
                self._control(name, tree, mutant, number)
            counts[row["status"]] += 1
            out.write(json.dumps(row) + "\n")
            out.flush()
        self._say(f"{name}: {dict(counts)} in {time.perf_counter() - began:.0f} s")

    def _trials_of(self, module: str, tree: ast.Module, mutant: Mutant) -> list[int]:
        killers = self._killers[module]
        names = names_at_import(tree, mutant)
        lines = {*mutant.lines, *(line for line, name in _uses(tree) if name in names)}
        found = {n for line in lines for n in self._touched.get((module, line), ())}
        if not found and (not mutant.function or names or mutant.function.endswith("(defaults)")):
            found = set(self._alike[module]) or set(range(len(self._trials)))
        rank: dict[int, int] = {}
        groups: Counter[frozenset[int]] = Counter()
        for number in sorted(found, key=lambda n: self._trials[n].seconds):
            signature = self._alike[module].get(number, frozenset())
            rank[number] = groups[signature]
            groups[signature] += 1
        return sorted(
            found,
            key=lambda n: (
                self._trials[n].stage == "naive",
                -min(killers[n], 3),
                rank[n].bit_length(),
                self._trials[n].seconds,
            ),
        )

    def _control(self, module: str, tree: ast.Module, mutant: Mutant, number: int) -> None:
        """Stop where the test that killed a mutant fails as well with the function put in place unchanged."""
        pair = (module, mutant.function, number)
        if pair in self._sound:
            return
        pid, pipe = self._start(module, tree, mutant.undone(), [number] if number >= 0 else [])
        row, _ = self._end(module, mutant.undone(), pipe, os.waitpid(pid, 0)[1])
        if row["status"] == "killed":
            raise pytest.UsageError(f"{mutant.function} unchanged: {row['by']} fails")
        self._sound.add(pair)

    def _start(
        self, module: str, tree: ast.Module, mutant: Mutant, chosen: list[int] | None = None
    ) -> tuple[int, int]:
        chosen = self._trials_of(module, tree, mutant) if chosen is None else chosen
        reading, writing = os.pipe()
        pid = os.fork()
        if pid:
            os.close(writing)
            return pid, reading
        os.close(reading)
        answer = attempt(
            self._trials, chosen, self._options.seconds, lambda: _patched(module, tree, mutant), writing
        )
        os.write(writing, answer)
        os._exit(0)

    def _end(self, module: str, mutant: Mutant, pipe: int, status: int) -> tuple[dict[str, Any], int]:
        with os.fdopen(pipe, "rb") as source:
            text = source.read().decode()
        last = text.strip().splitlines()[-1] if text.strip() else ""
        row: dict[str, Any] = {"module": module, "key": mutant.key, "line": mutant.line}
        row["digest"] = mutant.digest()
        if status:
            number = int(last) if last.isdigit() else -1
            row |= {"status": "killed", "stage": "time-out", "by": self._trials[number].name}
        else:
            row |= json.loads(last)
            number = row.pop("number", -1)
        if row["status"] == "killed" and number >= 0:
            self._killers[module][number] += 1
        return row, number


def _watched(trials: list[Trial], known: Look) -> None:
    """Run trials on the true code, and keep which lines they execute."""
    watch = coverage.Coverage(data_file=None, include=[str(path_of(m)) for m in MODULES], config_file=False)
    watch.start()
    for number, trial in enumerate(trials):
        watch.switch_context(str(number))
        began = time.process_time()
        if trial.fails(None):
            raise pytest.UsageError(f"{trial.name} fails without any mutant")
        known.seconds[trial.key] = time.process_time() - began
    watch.stop()
    with warnings.catch_warnings(
        action="ignore", category=CoverageWarning
    ):  # new tests may execute none of it
        data = watch.get_data()
    for file in data.measured_files():
        for line, contexts in data.contexts_by_lineno(file).items():
            for context in filter(None, contexts):
                known.lines.setdefault(trials[int(context)].key, {}).setdefault(file, []).append(line)
    known.write()


def _uses(tree: ast.Module) -> Iterator[tuple[int, str]]:
    return ((node.lineno, node.id) for node in ast.walk(tree) if isinstance(node, ast.Name))


def _patched(module: str, tree: ast.Module, mutant: Mutant) -> None:
    patch(importlib.import_module(module), tree, mutant)


def rows(path: Path) -> Iterator[dict[str, Any]]:
    """Yield the last row of each mutant of a results file."""
    found: dict[tuple[Any, ...], dict[str, Any]] = {}
    if path.exists():
        for line in path.read_text(encoding="utf-8").splitlines():
            row = json.loads(line)
            row["key"] = tuple(row["key"])
            found[row["module"], *row["key"]] = row
    yield from found.values()
