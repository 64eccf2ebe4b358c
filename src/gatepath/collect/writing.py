"""Writing a snapshot while it is recorded: every record is on disk before the next one is asked for."""

import json
from pathlib import Path
from types import TracebackType
from typing import Self

from gatepath.collect.calling import Record
from gatepath.snapshot.containers import read_records, to_dict, write_records


class Recorder:
    """Takes the records of one recording; `.jsonl`, or a `.zip` if the name says so.

    Until it is closed the file is `NAME.part.jsonl` beside it, one call a line, readable at any time. Leaving the
    `with` block, also by an interrupt, gives it its form and name; without a single record there is no file.
    Raises `OSError` where it can't be written.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._part = path.with_name(f"{path.name}.part.jsonl")
        self._out = self._part.open("wb")
        self.count = 0

    def __enter__(self) -> Self:
        """Return itself."""
        return self

    def write(self, record: Record) -> None:
        """Append one record."""
        self._out.write(json.dumps(record, separators=(",", ":"), ensure_ascii=False).encode() + b"\n")
        self._out.flush()
        self.count += 1

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Finish the file."""
        self._out.close()
        if not self.count:
            self._part.unlink()
        elif self._path.suffix == ".zip":
            write_records((to_dict(record) for record in read_records(self._part)), self._path)
            self._part.unlink()
        else:
            self._part.replace(self._path)
