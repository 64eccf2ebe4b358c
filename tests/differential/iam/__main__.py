"""`python -m tests.differential.iam --requests 20000 --seed 1`: compare, print counts, exit 1 if any is unexplained."""

import argparse
import json
import sys

from tests.differential.iam.bridge import NotInstalledError, installed
from tests.differential.iam.compare import compared

SKIPPED = 77


def main() -> int:
    """Run; 77 where the other evaluator can't be."""
    parser = argparse.ArgumentParser(prog="python -m tests.differential.iam")
    parser.add_argument("--requests", type=int, default=20_000)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    try:
        folder = installed()
    except NotInstalledError as error:
        sys.stdout.write(f"skipped: {error}\n")
        return SKIPPED
    found = compared(folder, given.requests, given.seed)
    sys.stdout.write(f"{found.requests} requests, seed {given.seed}\n")
    for name in ("decisions", "kinds", "layers", "operators", "refused", "explained"):
        counts = getattr(found, name)
        sys.stdout.write(f"{name}:\n" + "".join(f"  {n:8} {key}\n" for key, n in counts.most_common()))
    sys.stdout.write(f"unexplained: {len(found.unexplained)}\n")
    for line in found.unexplained[:5]:
        sys.stdout.write(json.dumps(line) + "\n")
    return 1 if found.unexplained else 0


if __name__ == "__main__":
    sys.exit(main())
