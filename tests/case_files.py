"""Case folders: `snapshot.jsonl`, `question.json`, `expected.json` (see tests/cases/README.md)."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gatepath.model.question import Question, parse_question
from gatepath.model.world import World
from gatepath.snapshot.containers import read_records
from gatepath.snapshot.load import load_world
from gatepath.snapshot.record import Record

CASES = Path(__file__).parent / "cases"


@dataclass(frozen=True, slots=True)
class Case:
    """One case folder, read."""

    folder: Path
    expected: dict[str, Any]

    @property
    def name(self) -> str:
        return self.folder.relative_to(CASES).as_posix()

    @property
    def needs_policies(self) -> bool:
        return bool(self.expected.get("needs_policies"))

    def question(self) -> Question:
        return parse_question(json.loads((self.folder / "question.json").read_text(encoding="utf-8")))

    def records(self) -> list[Record]:
        return list(read_records(self.folder / "snapshot.jsonl"))

    def world(self) -> World:
        return load_world(self.records())


def all_cases() -> Iterator[Case]:
    """Yield every case folder (also the ones below `findings/`), in order."""
    for path in sorted(CASES.rglob("expected.json")):
        yield Case(path.parent, json.loads(path.read_text(encoding="utf-8")))
