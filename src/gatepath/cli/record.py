"""`gatepath snapshot record`: record AWS read calls into a snapshot file."""

import os
import shutil
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import click

from gatepath.cli.errors import INTERRUPTED, CliError
from gatepath.cli.live_options import aws_options, is_region, session_options
from gatepath.cli.output import not_written, tell
from gatepath.cli.question_options import question_of, question_options
from gatepath.cli.texts import help_text, language_of, say
from gatepath.collect.live import Progress, Recorded, Report, Sink, record_for_question, record_regions
from gatepath.collect.needed import actions_of, means_none
from gatepath.collect.probes import is_denied
from gatepath.collect.session import SessionOptions
from gatepath.collect.writing import Recorder
from gatepath.model.question import Question
from gatepath.report.layout import cut

Recording = Callable[[SessionOptions, Report, Sink], Recorded]


@click.command(name="record", help=help_text("help.collect.record"))
@question_options
@click.option("--regions", metavar="LIST", help=help_text("help.collect.option.regions"))
@click.option(
    "--bucket", "buckets", multiple=True, metavar="NAME", help=help_text("help.collect.option.bucket")
)
@click.option("--no-policies", is_flag=True, help=help_text("help.collect.option.no-policies"))
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    default=Path("snapshot.jsonl"),
    metavar="FILE",
    help=help_text("help.collect.option.out"),
)
@click.option("--force", is_flag=True, help=help_text("help.collect.option.force"))
@aws_options
@click.pass_context
def record(
    context: click.Context,
    /,
    *,
    regions: str | None,
    buckets: tuple[str, ...],
    no_policies: bool,
    out: Path,
    force: bool,
    **values: object,
) -> None:
    """Record for a question or whole Regions; raises `CollectError`, or `CliError` with the exit code."""
    language = language_of(context)
    options = session_options(values)
    recording: Recording
    if regions is not None:
        if any(values.values()):
            raise CliError("collect.question-and-regions")
        recording = partial(_regions, _names(regions), buckets)
    elif any(values.values()):
        question = question_of(values, region=options.region, language=language)
        recording = partial(_one_question, question, policies=not no_policies)
    else:
        raise CliError("collect.nothing-to-record")
    if out.exists() and not force:
        raise CliError("collect.file-exists", file=str(out))
    _record_to(out, recording, options, language)


def _names(regions: str) -> tuple[str, ...]:
    """Return the Regions of `--regions`; raises `CliError` for a word that can't be one."""
    names = tuple(name.strip() for name in regions.split(","))
    for name in names:
        if name != "all" and not is_region(name):
            raise CliError("collect.bad-region-option", name="--regions", value=name)
    return names


def _regions(
    names: tuple[str, ...], buckets: tuple[str, ...], options: SessionOptions, report: Report, sink: Sink
) -> Recorded:
    return record_regions(options, names, report, sink, buckets=buckets)


def _one_question(
    question: Question, options: SessionOptions, report: Report, sink: Sink, *, policies: bool
) -> Recorded:
    return record_for_question(question, options, report, sink, policies=policies)


def _record_to(out: Path, recording: Recording, options: SessionOptions, language: str) -> None:
    recorder: Recorder | None = None
    try:
        with Recorder(out) as recorder, progress_line(language) as report:
            done = recording(options, report, recorder.write)
    except KeyboardInterrupt as error:
        if recorder is None or not recorder.count:
            raise
        raise CliError("collect.interrupted", exit_code=INTERRUPTED, file=str(out)) from error
    except OSError as error:
        raise not_written(out, error) from error
    shown = {"calls": str(done.calls), "file": str(out), "account": done.account}
    tell(say("collect.recorded", language, **shown))
    for line in refusals(done, language):
        tell(line)


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
        sys.stderr.write("\r\x1b[K" + cut(text, shutil.get_terminal_size().columns - 1))
        sys.stderr.flush()

    try:
        yield show
    finally:
        sys.stderr.write("\r\x1b[K")
        sys.stderr.flush()
