"""The lab's worker, seen from a test: a child process that answers batches."""

import json
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Self

from tests.lab.aws_json import Json

ROOT = Path(__file__).parents[2]


class NoKernelLab(Exception):  # noqa: N818 - a reason to skip, not an error
    """The lab can't run here; says why."""


class LabProcess:
    """A running worker; use it in a `with` statement."""

    def __init__(self) -> None:
        """Start the worker."""
        self._child = subprocess.Popen(
            [sys.executable, "-m", "tests.lab.worker"],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def __enter__(self) -> Self:
        """Return the worker."""
        return self

    def __exit__(self, *_: object) -> None:
        """End it."""
        assert self._child.stdin is not None
        assert self._child.stdout is not None
        self._child.stdin.close()
        self._child.wait(timeout=30)
        self._child.stdout.close()

    def run(
        self, vpcs: Sequence[Sequence[Json]], probes: Sequence[Json], *, trail: bool = False
    ) -> list[Json]:
        """Return what became of each probe. Raises NoKernelLab with the reason where there is no lab."""
        assert self._child.stdin is not None
        assert self._child.stdout is not None
        self._child.stdin.write(json.dumps({"vpcs": vpcs, "probes": probes, "trail": trail}) + "\n")
        self._child.stdin.flush()
        answer = json.loads(self._child.stdout.readline() or '{"error": "the worker ended"}')
        if "skip" in answer:
            raise NoKernelLab(answer["skip"])
        if "error" in answer:
            raise RuntimeError(answer["error"])
        return list(answer["results"])
