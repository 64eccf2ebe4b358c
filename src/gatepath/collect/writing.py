"""Writing a snapshot while it is recorded: every record is on disk before the next one is asked for."""

import contextlib
from pathlib import Path
from types import TracebackType
from typing import Self

from gatepath.collect.calling import Record
from gatepath.snapshot.containers import line, read_records, to_dict, write_records
from gatepath.snapshot.whole_file import is_replaceable


class Recorder:
    """Takes the records of one recording; `.jsonl`, or a `.zip` if the name says so.

    Until it is closed the file is `NAME.part.jsonl` beside it, one call a line, readable at any time. Leaving the
    `with` block, also by an interrupt, gives it its form and name; without a single record there is no file.
    A device or a pipe is written to as it is. Raises `OSError` where it can't be written.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        replaceable = is_replaceable(path)
        self._part = path.with_name(f"{path.name}.part.jsonl") if replaceable else path
        self._out = self._part.open("wb", buffering=0)
        self._whole = 0
        self.count = 0

    def __enter__(self) -> Self:
        """Return itself."""
        return self

    def write(self, record: Record) -> None:
        """Append one record, whole or not at all."""
        left = line(record)
        size = len(left)
        try:
            while left:
                left = left[self._out.write(left) :]
        except OSError:
            with contextlib.suppress(OSError):
                self._out.truncate(self._whole)
            raise
        self._whole += size
        self.count += 1

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Finish the file; where it could not be written to the end, what there is keeps its other name."""
        self._out.close()
        if self._part == self._path:
            return
        if not self.count:
            self._part.unlink()
        elif isinstance(error, OSError):
            return
        elif self._path.suffix == ".zip":
            write_records((to_dict(record) for record in read_records(self._part)), self._path)
            self._part.unlink()
        else:
            self._part.replace(self._path)
