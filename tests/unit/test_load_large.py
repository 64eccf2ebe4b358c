"""A large snapshot is read without holding it."""

import subprocess
import sys
from pathlib import Path

import pytest
from bench.make_big_snapshot import write_big

MEGABYTE = 1024 * 1024
CHILD = (
    "import resource,sys;from pathlib import Path;from gatepath.snapshot.load import load_file;"
    "load_file(Path(sys.argv[1]));print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)"
)


@pytest.mark.slow
def test_a_hundred_megabytes_in_less_than_four_hundred(tmp_path: Path) -> None:
    path = tmp_path / "big.jsonl"
    assert write_big(path, 100 * MEGABYTE) >= 100 * MEGABYTE
    done = subprocess.run(
        [sys.executable, "-c", CHILD, str(path)], check=True, capture_output=True, text=True
    )
    assert int(done.stdout) / 1024 < 400
