"""Mutants of the network half: `python -m tests.mutants --results FILE [MODULE …]` (see docs/mutants.md)."""

import argparse
import sys
from pathlib import Path

import pytest

from tests.mutants.run import Options, Run
from tests.mutants.scope import MODULES, TESTS


def main() -> int:
    """Run, print the figures, return 1 if a survivor has no explanation."""
    parser = argparse.ArgumentParser(prog="python -m tests.mutants")
    parser.add_argument("modules", nargs="*", default=list(MODULES), help="gatepath.… (default: all)")
    parser.add_argument("--results", type=Path, default=Path("mutants/run.jsonl"), help="where a run goes on")
    parser.add_argument("--seconds", type=float, default=5.0, help="tests of one mutant, at most")
    parser.add_argument("--seeds", type=int, default=2000, help="random VPCs of the second stage")
    parser.add_argument("--jobs", type=int, default=1)
    parser.add_argument("--again", action="store_true", help="try recorded survivors once more")
    chosen = parser.parse_args()
    chosen.results.parent.mkdir(parents=True, exist_ok=True)
    options = Options(
        tuple(chosen.modules), chosen.results, chosen.seconds, chosen.seeds, chosen.jobs, again=chosen.again
    )
    run = Run(options)
    arguments = ["-q", "-s", "-m", "not slow", "-p", "no:cacheprovider", "--assert=plain", *TESTS]
    code = pytest.main(arguments, plugins=[run])
    return int(code) or run.failed


if __name__ == "__main__":
    sys.exit(main())
