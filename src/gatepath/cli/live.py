"""Recording for one question, then the world it shows, without a file in between."""

import json
from pathlib import Path
from typing import TYPE_CHECKING

from gatepath.cli.output import not_written, tell
from gatepath.cli.record import progress_line, refusals
from gatepath.collect.live import record_for_question
from gatepath.collect.session import SessionOptions
from gatepath.model.question import Question
from gatepath.snapshot.containers import write_records
from gatepath.snapshot.load import load_world
from gatepath.snapshot.record import decode_line
from gatepath.snapshot.whole_file import is_replaceable

if TYPE_CHECKING:
    from gatepath.model.world import World


def recorded_world(
    question: Question, session: SessionOptions, save: Path | None, language: str, *, policies: bool
) -> "World":
    """Record what the question needs and return the world; raises `CollectError`, `CliError`."""
    calls: list[dict[str, object]] = []
    if save is not None:
        _check(save)
    try:
        with progress_line(language) as report:
            done = record_for_question(question, session, report, calls.append, policies=policies)
    finally:
        if save is not None and calls:
            _save(calls, save)
    for line in refusals(done, language):
        tell(line)
    lines = (json.dumps(call, default=str).encode() for call in calls)
    return load_world(decode_line(line, index, f"live:{index + 1}") for index, line in enumerate(lines))


def _check(path: Path) -> None:
    """Raise `CliError` where nothing can be written, before anything is asked."""
    try:
        if is_replaceable(path):
            path.parent.stat()
    except OSError as error:
        raise not_written(path, error) from error


def _save(calls: list[dict[str, object]], path: Path) -> None:
    try:
        write_records(calls, path)
    except OSError as error:
        raise not_written(path, error) from error
