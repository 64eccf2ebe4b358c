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
import resource
import signal
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import coverage
import pytest
from _pytest.runner import runtestprotocol
from hypothesis import HealthCheck, Phase, settings

from tests.differential.brute import Outcome, brute
from tests.differential.versus import ask, disagreement, known_as
from tests.lab.random_vpcs import Made, make
from tests.mutants.equivalents import Equivalents
from tests.mutants.look import Look
from tests.mutants.operators import Mutant, mutants
from tests.mutants.patching import patch
from tests.mutants.scope import LEFT_OUT, MODULES, path_of

MEMORY = 4 << 30
SLOWER = 10.0
"""A test that takes this many times longer than without a mutant has hung."""


@dataclass(frozen=True, slots=True)
class Options:
    """What the command line says."""

    modules: tuple[str, ...]
    results: Path
    seconds: float
    seeds: int
    jobs: int
    again: bool = False


@dataclass(slots=True)
class Trial:
    """One test, or one random VPC."""

    name: str
    stage: str
    fails: Callable[["Trial | None"], bool]
    seconds: float = 0.0
    item: pytest.Item | None = None
    key: str = ""
    """Name and a hash of the test's file: what was seen of it holds as long as both stay."""


class Run:
    """The plugin."""

    def __init__(self, options: Options) -> None:
        """Take the options."""
        self._options = options
        self._trials: list[Trial] = []
        self._touched: dict[tuple[str, int], list[int]] = defaultdict(list)
        self._alike: dict[str, dict[int, frozenset[int]]] = defaultdict(dict)
        self._killers: dict[str, Counter[int]] = defaultdict(Counter)
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
            found = ask(made.calls, made.question)
            wrong = disagreement(expected, found)
            return wrong is not None and known_as(wrong, expected, found) is None

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
            if row is None or (self._options.again and row["status"] in {"survived", "untouched"}):
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
            row = self._end(name, mutant, pipe, status)
            counts[row["status"]] += 1
            out.write(json.dumps(row) + "\n")
            out.flush()
        self._say(f"{name}: {dict(counts)} in {time.perf_counter() - began:.0f} s")

    def _trials_of(self, module: str, mutant: Mutant) -> list[int]:
        killers = self._killers[module]
        found = {n for line in mutant.lines for n in self._touched.get((module, line), ())}
        if not mutant.function or mutant.function.endswith("(defaults)"):
            found = set(range(len(self._trials)))
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

    def _start(self, module: str, tree: ast.Module, mutant: Mutant) -> tuple[int, int]:
        chosen = self._trials_of(module, mutant)
        reading, writing = os.pipe()
        pid = os.fork()
        if pid:
            os.close(writing)
            return pid, reading
        os.close(reading)
        answer = _try(
            self._trials, chosen, self._options.seconds, lambda: _patched(module, tree, mutant), writing
        )
        os.write(writing, answer)
        os._exit(0)

    def _end(self, module: str, mutant: Mutant, pipe: int, status: int) -> dict[str, Any]:
        with os.fdopen(pipe, "rb") as source:
            text = source.read().decode()
        last = text.strip().splitlines()[-1] if text.strip() else ""
        row: dict[str, Any] = {"module": module, "key": mutant.key, "line": mutant.line}
        if status:
            number = int(last) if last.isdigit() else -1
            row |= {"status": "killed", "stage": "time-out", "by": self._trials[number].name}
        else:
            row |= json.loads(last)
            number = row.pop("number", -1)
        if row["status"] == "killed" and number >= 0:
            self._killers[module][number] += 1
        return row


def _watched(trials: list[Trial], known: Look) -> None:
    """Run trials on the true code, and keep which lines they execute."""
    watch = coverage.Coverage(data_file=None, include=[str(path_of(m)) for m in MODULES], config_file=False)
    watch.start()
    for number, trial in enumerate(trials):
        watch.switch_context(str(number))
        began = time.perf_counter()
        if trial.fails(None):
            raise pytest.UsageError(f"{trial.name} fails without any mutant")
        known.seconds[trial.key] = time.perf_counter() - began
    watch.stop()
    data = watch.get_data()
    for file in data.measured_files():
        for line, contexts in data.contexts_by_lineno(file).items():
            for context in filter(None, contexts):
                known.lines.setdefault(trials[int(context)].key, {}).setdefault(file, []).append(line)
    known.write()


def _patched(module: str, tree: ast.Module, mutant: Mutant) -> None:
    patch(importlib.import_module(module), tree, mutant)


def _try(
    trials: list[Trial], chosen: list[int], budget: float, prepare: Callable[[], None], writing: int
) -> bytes:
    """Run the chosen trials until one fails; tell each before it starts, so that a hanging one is known."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    os.dup2(1, 2)
    try:
        prepare()
    except Exception as error:  # noqa: BLE001 - a mutant that can't even be put in place
        return b"\n" + json.dumps({"status": "killed", "stage": "tests", "by": repr(error)}).encode()
    if not chosen:
        return b"\n" + json.dumps({"status": "untouched"}).encode()
    spent: defaultdict[str, float] = defaultdict(float)
    tried = 0
    for place, number in enumerate(chosen):
        trial = trials[number]
        if spent[trial.stage] > budget:
            continue
        os.write(writing, b"\n%d" % number)
        signal.alarm(int(2 + SLOWER * trial.seconds))
        began = time.perf_counter()
        following = trials[chosen[place + 1]] if place + 1 < len(chosen) else None
        if _failed(trial, following):
            signal.alarm(0)
            row = {"status": "killed", "stage": trial.stage, "by": trial.name, "number": number}
            return b"\n" + json.dumps(row).encode()
        spent[trial.stage] += time.perf_counter() - began
        tried += 1
    signal.alarm(0)
    return b"\n" + json.dumps({"status": "survived", "tried": tried, "of": len(chosen)}).encode()


def _failed(trial: Trial, following: Trial | None) -> bool:
    try:
        return trial.fails(following if following is not None and following.item is not None else None)
    except Exception:  # noqa: BLE001 - whatever a mutant raises
        return True


def rows(path: Path) -> Iterator[dict[str, Any]]:
    """Yield the last row of each mutant of a results file."""
    found: dict[tuple[Any, ...], dict[str, Any]] = {}
    if path.exists():
        for line in path.read_text(encoding="utf-8").splitlines():
            row = json.loads(line)
            row["key"] = tuple(row["key"])
            found[row["module"], *row["key"]] = row
    yield from found.values()
