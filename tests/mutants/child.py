"""One mutant in its own process: trials until one fails, within a time of processor, memory and patience."""

import json
import os
import resource
import signal
import time
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass

import pytest

MEMORY = 4 << 30
WAITING = 900
"""Seconds after which a test hangs that uses no processor at all."""
SLOWER = 10.0
"""A test that takes this many times longer than without a mutant has hung. All times are processor time, so
that a busy machine neither kills a mutant nor cuts its tests short."""


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


def attempt(
    trials: list[Trial], chosen: list[int], budget: float, prepare: Callable[[], None], writing: int
) -> bytes:
    """Run the chosen trials until one fails; tell each before it starts, so that a hanging one is known."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    signal.signal(signal.SIGPROF, signal.SIG_DFL)
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
        signal.setitimer(signal.ITIMER_PROF, 2 + SLOWER * trial.seconds)
        signal.alarm(WAITING)
        began = time.process_time()
        following = trials[chosen[place + 1]] if place + 1 < len(chosen) else None
        if _failed(trial, following):
            signal.setitimer(signal.ITIMER_PROF, 0)
            row = {"status": "killed", "stage": trial.stage, "by": trial.name, "number": number}
            return b"\n" + json.dumps(row).encode()
        spent[trial.stage] += time.process_time() - began
        tried += 1
    signal.setitimer(signal.ITIMER_PROF, 0)
    return b"\n" + json.dumps({"status": "survived", "tried": tried, "of": len(chosen)}).encode()


def _failed(trial: Trial, following: Trial | None) -> bool:
    try:
        return trial.fails(following if following is not None and following.item is not None else None)
    except Exception:  # noqa: BLE001 - whatever a mutant raises
        return True
