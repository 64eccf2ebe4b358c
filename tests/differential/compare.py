"""The product against the naive evaluator on random VPCs: `python -m tests.differential.compare 0 2000`."""

import sys
from collections import Counter
from fractions import Fraction

from gatepath.trace import Diagnosis, Severity
from tests import snapshots as s
from tests.differential.naive import brute, verdict
from tests.lab.generate import Made, make

Shares = dict[tuple[str, str], Fraction | None]


def shares_of(found: Diagnosis) -> Shares:
    """Return the diagnosis's shares by (path kind, component)."""
    made: Shares = {}
    for path in found.paths:
        key = path.kind.value, path.component or ""
        old = made.get(key, Fraction(0))
        made[key] = None if path.share is None or old is None else old + path.share
    return made


def disagreement(made: Made) -> str | None:
    """Return what differs, None if nothing does."""
    expected = brute(made.snapshot, made.question)
    found = s.ask(made.snapshot, made.question)
    if found.verdict.value != verdict(expected):
        return f"verdict {found.verdict} instead of {verdict(expected)}: {shares_of(found)} / {expected}"
    shares = shares_of(found)
    if None in shares.values() or None in expected.values():
        return None  # a NAT gateway's own ports decide: which part drops where has no share
    if shares != expected:
        return f"shares {shares} instead of {expected}"
    dropping = {component for kind, component in expected if kind == "dropped"}
    named = {f.component.id for f in found.findings if f.severity is not Severity.INFO}
    if dropping - named:
        return f"no finding names {dropping - named}, which drops; findings name {named}"
    return None


def main(first: int, last: int) -> int:
    """Compare a range of seeds; print counts; return the number of disagreements."""
    counts: Counter[str] = Counter()
    wrong = 0
    for seed in range(first, last):
        made = make(seed)
        counts["verdict " + verdict(brute(made.snapshot, made.question))] += 1
        for kind, _ in brute(made.snapshot, made.question):
            counts["path " + kind] += 1
        if text := disagreement(made):
            wrong += 1
            print(f"seed {seed}: {text}")  # noqa: T201 - a script
    for name, count in sorted(counts.items()):
        print(f"{count:7} {name}")  # noqa: T201 - a script
    print(f"{wrong} disagreements in {last - first} VPCs")  # noqa: T201 - a script
    return wrong


if __name__ == "__main__":
    sys.exit(1 if main(int(sys.argv[1]), int(sys.argv[2])) else 0)
