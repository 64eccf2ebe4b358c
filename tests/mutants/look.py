"""What each test executes and how long it takes, kept beside a run's results."""

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from pathlib import Path

Lines = dict[str, dict[str, list[int]]]
"""Test -> file -> lines."""


@dataclass(slots=True)
class Look:
    """Seconds and executed lines by test. It says which tests to try, no more: an old one finds fewer killers."""

    path: Path
    sources: dict[str, str]
    seconds: dict[str, float] = field(default_factory=dict)
    lines: Lines = field(default_factory=dict)

    @classmethod
    def read(cls, path: Path, files: Iterable[str]) -> "Look":
        """Read what is known, written in lines of the sources as they are now."""
        sources = {file: Path(file).read_text(encoding="utf-8") for file in files}
        if not path.exists():
            return cls(path, sources)
        found = json.loads(path.read_text(encoding="utf-8"))
        if sources.keys() - found["sources"].keys():
            return cls(path, sources)  # what executes a new module was never looked at
        made = cls(path, sources, found["seconds"], found["lines"])
        for file, text in sources.items():
            before = found["sources"][file]
            if before != text:
                _move(made.lines, file, moved(before.splitlines(), text.splitlines()))
        return made

    def write(self) -> None:
        """Keep it for the next run."""
        made = {"sources": self.sources, "seconds": self.seconds, "lines": self.lines}
        self.path.write_text(json.dumps(made), encoding="utf-8")


def _move(lines: Lines, file: str, places: dict[int, set[int]]) -> None:
    for by_file in lines.values():
        if file in by_file:
            by_file[file] = sorted({new for old in by_file[file] for new in places.get(old, ())})


def moved(before: list[str], after: list[str]) -> dict[int, set[int]]:
    """Return where lines went; what took a line's place, or was put behind it, counts as executed with it."""
    places: dict[int, set[int]] = {}
    for kind, i1, i2, j1, j2 in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if kind == "equal":
            for old, new in zip(range(i1, i2), range(j1, j2), strict=True):
                places.setdefault(old + 1, set()).add(new + 1)
        else:
            for old in range(i1, i2) if i2 > i1 else (i1 - 1,):
                places.setdefault(old + 1, set()).update(range(j1 + 1, j2 + 1))
    return places
