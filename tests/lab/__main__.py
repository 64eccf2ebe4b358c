"""Random VPCs in numbers: `python -m tests.lab --seeds 0:2000 --jobs 2`. Ends 1 on a disagreement, 77 without a lab."""

import argparse
import sys
import time
from concurrent.futures import ProcessPoolExecutor

from tests.lab.batch import SIZE, Comparison, Report, vpcs_of
from tests.lab.process import LabProcess, NoKernelLab
from tests.lab.random_vpcs import make

NO_LAB, SHOWN = 77, 50


def work(first: int, last: int, probes: int, *, trail: bool) -> Report:
    """Compare everything on a range of seeds."""
    with LabProcess() as lab:
        comparison = Comparison(lab)
        for start in range(first, last, SIZE):
            seeds = range(start, min(start + SIZE, last))
            vpcs = vpcs_of(seeds)
            comparison.kernel_and_naive(vpcs, probes, trail=trail)
            comparison.kernel_and_product(vpcs)
            comparison.naive_and_product(map(make, seeds))
            comparison.call_removed(map(make, seeds))
    return comparison.report


def main() -> int:
    """Run, print the table, return the exit code."""
    parser = argparse.ArgumentParser(prog="tests.lab", description=__doc__)
    parser.add_argument("--seeds", default="0:200", metavar="FIRST:END")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--probes", type=int, default=40, help="probes a VPC")
    parser.add_argument("--trail", action="store_true", help="compare every station of every probe")
    given = parser.parse_args()
    first, last = (int(part) for part in given.seeds.split(":"))
    began = time.monotonic()
    step = max(SIZE, -(-(last - first) // max(1, given.jobs * 8)))
    report = Report()
    try:
        with LabProcess() as lab:
            lab.run([make(first).calls], [])
        with ProcessPoolExecutor(given.jobs) as pool:
            waiting = [
                pool.submit(work, start, min(start + step, last), given.probes, trail=given.trail)
                for start in range(first, last, step)
            ]
            for one in waiting:
                report.add(one.result())
    except NoKernelLab as reason:
        print(f"no kernel lab here: {reason}")  # noqa: T201 - a script
        return NO_LAB
    print(f"seeds {first}:{last}, {time.monotonic() - began:.0f} s")  # noqa: T201 - a script
    for name, count in sorted(report.counts.items()):
        print(f"{count:9}  {name}")  # noqa: T201 - a script
    for problem in report.problems[:SHOWN]:
        print(problem)  # noqa: T201 - a script
    print(f"{len(report.problems)} disagreements")  # noqa: T201 - a script
    return 1 if report.problems else 0


if __name__ == "__main__":
    sys.exit(main())
