"""Snapshots on disk: a `.jsonl` file, a folder `ACCOUNT/REGION/SERVICE.jsonl`, a `.zip` of such a folder."""

from collections.abc import Iterator
from pathlib import Path

from gatepath.snapshot.record import Record, decode_line


def read_records(path: Path) -> Iterator[Record]:
    """Yield the records of a snapshot file."""
    with path.open("rb") as lines:
        index = 0
        for number, line in enumerate(lines, 1):
            if line.strip():
                yield decode_line(line, index, f"{path.name}:{number}")
                index += 1
