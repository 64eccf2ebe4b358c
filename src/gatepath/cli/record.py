"""`gatepath snapshot record`: record AWS read calls into a snapshot file."""

import json
import os
import shutil
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import NoReturn

import click

from gatepath.cli.live_options import aws_options, session_options
from gatepath.cli.texts import help_text, language_of, say
from gatepath.collect.errors import EXIT_CODE, CollectError
from gatepath.collect.live import Progress, Recorded, Report, Sink, record_for_question, record_regions
from gatepath.collect.needed import actions_of, means_none
from gatepath.collect.probes import is_denied
from gatepath.collect.session import SessionOptions
from gatepath.collect.writing import Recorder
from gatepath.model.question import Question, parse_question
from gatepath.model.question_reading import QuestionError

_USAGE, _INTERRUPTED = 2, 130
Recording = Callable[[SessionOptions, Report, Sink], Recorded]


@click.command(name="record", help=help_text("help.collect.record"))
@click.option("--out", type=click.Path(path_type=Path), default=Path("snapshot.jsonl"), show_default=True)
@click.option("--question", "question_file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option("--regions", help=help_text("help.collect.option.regions"))
@click.option("--bucket", "buckets", multiple=True, help=help_text("help.collect.option.bucket"))
@click.option("--no-policies", is_flag=True, help=help_text("help.collect.option.no-policies"))
@click.option("--force", is_flag=True, help=help_text("help.collect.option.force"))
@aws_options
@click.pass_context
def record(
    context: click.Context,
    /,
    *,
    out: Path,
    question_file: Path | None,
    regions: str | None,
    buckets: tuple[str, ...],
    no_policies: bool,
    force: bool,
    **values: object,
) -> None:
    """Record for a question or whole Regions; exit 4 if AWS can't be reached, 130 if interrupted."""
    language = language_of(context)
    options = session_options(values)
    if out.exists() and not force:
        _fail(say("collect.file-exists", language, file=str(out)), _USAGE)
    recording: Recording
    if regions is not None:
        names = tuple(name.strip() for name in regions.split(",") if name.strip())
        recording = partial(_regions, names, buckets)
    elif question_file is not None:
        recording = partial(_one_question, _question(question_file, language), policies=not no_policies)
    else:
        _fail(say("collect.nothing-to-record", language), _USAGE)
    _record_to(out, recording, options, language)


def _regions(
    names: tuple[str, ...], buckets: tuple[str, ...], options: SessionOptions, report: Report, sink: Sink
) -> Recorded:
    return record_regions(options, names, report, sink, buckets=buckets)


def _one_question(
    question: Question, options: SessionOptions, report: Report, sink: Sink, *, policies: bool
) -> Recorded:
    return record_for_question(question, options, report, sink, policies=policies)


def _question(path: Path, language: str) -> Question:
    try:
        return parse_question(json.loads(path.read_bytes()))
    except QuestionError as error:
        what = say(error.code, language, **dict(error.arguments))
        _fail(f"{path}: {error.path or 'question'} {what}", _USAGE)
    except (ValueError, RecursionError) as error:
        _fail(f"{path}: {error}", _USAGE)


def _record_to(out: Path, recording: Recording, options: SessionOptions, language: str) -> None:
    try:
        recorder = Recorder(out)
    except OSError as error:
        _fail(f"{out}: {error.strerror or error}", _USAGE)
    try:
        with recorder, progress_line(language) as report:
            done = recording(options, report, recorder.write)
    except KeyboardInterrupt:
        _fail(say("collect.interrupted", language, file=str(out)), _INTERRUPTED)
    except CollectError as error:
        _fail(say(error.code, language, **error.arguments), EXIT_CODE)
    except OSError as error:
        _fail(f"{out}: {error.strerror or error}", _USAGE)
    shown = {"calls": str(done.calls), "file": str(out), "account": done.account}
    click.echo(say("collect.recorded", language, **shown), err=True)
    for line in refusals(done, language):
        click.echo(line, err=True)


def refusals(done: Recorded, language: str) -> list[str]:
    """Return a line for each call that is a gap now, with the permission that would fill it."""
    lines = []
    for call, error in sorted(done.errors.items()):
        if means_none(call, error):
            continue
        shown = {"call": call, "error": error}
        if is_denied(error):
            lines.append(say("collect.refused", language, permission=", ".join(actions_of(call)), **shown))
        else:
            lines.append(say("collect.not-answered", language, **shown))
    return lines


@contextmanager
def progress_line(language: str) -> Iterator[Report]:
    """Show one line on a terminal's stderr while a recording runs, and wipe it; nothing elsewhere."""
    if not sys.stderr.isatty() or os.environ.get("TERM") == "dumb":
        yield lambda _: None
        return

    def show(step: Progress) -> None:
        shown = {
            "made": str(step.made),
            "left": str(step.left),
            "failed": str(step.failed),
            "call": step.last.name,
        }
        text = say("collect.progress", language, **shown)
        sys.stderr.write("\r\x1b[K" + text[: shutil.get_terminal_size().columns // 2])
        sys.stderr.flush()

    try:
        yield show
    finally:
        sys.stderr.write("\r\x1b[K")
        sys.stderr.flush()


def _fail(text: str, code: int) -> NoReturn:
    click.echo(text, err=True)
    sys.exit(code)
