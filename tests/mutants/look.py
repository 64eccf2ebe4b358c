"""What each test executes and how long it takes, kept beside a run's results."""

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path


@dataclass(slots=True)
class Look:
    """Seconds and executed lines by test; thrown away when a mutated module changes."""

    path: Path
    sources: str
    seconds: dict[str, float] = field(default_factory=dict)
    lines: dict[str, dict[str, list[int]]] = field(default_factory=dict)

    @classmethod
    def read(cls, path: Path, sources: Iterable[str]) -> "Look":
        """Read what is known of these very sources."""
        digest = hashlib.sha256()
        for source in sources:
            digest.update(source.encode() + Path(source).read_bytes())
        if path.exists():
            found = json.loads(path.read_text(encoding="utf-8"))
            if found["sources"] == digest.hexdigest():
                return cls(path, found["sources"], found["seconds"], found["lines"])
        return cls(path, digest.hexdigest())

    def write(self) -> None:
        """Keep it for the next run."""
        made = {"sources": self.sources, "seconds": self.seconds, "lines": self.lines}
        self.path.write_text(json.dumps(made), encoding="utf-8")
