"""`gatepath authorize`: requests with their policies, one JSON object a line, to answers, one a line."""

import json
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

import click

from gatepath.cli.errors import CliError
from gatepath.cli.output import put
from gatepath.cli.texts import help_text, language_of
from gatepath.messages.catalogue import render

if TYPE_CHECKING:
    from gatepath.engine.iam.authorize import AuthorizeError
    from gatepath.model.world import World

_BATCH = 200
_MAX_LINE = 16 * 1024 * 1024
_TOO_LONG = b"too long"
"""Stands for a line that is not read to its end: no request."""
Answered = Callable[[bytes], dict[str, object]]


@click.command(name="authorize", help=help_text("help.command.authorize"))
@click.option("--requests", "source", metavar="FILE", required=True, help=help_text("help.option.requests"))
@click.option("--snapshot", "snapshot", metavar="FILE", help=help_text("help.option.authorize-snapshot"))
@click.option("--explain", is_flag=True, help=help_text("help.option.explain-statements"))
@click.option(
    "--output",
    type=click.Choice(["ndjson"]),
    default="ndjson",
    help=help_text("help.option.authorize-output"),
)
@click.pass_context
def authorize(context: click.Context, source: str, snapshot: str | None, explain: bool, output: str) -> None:  # noqa: ARG001, FBT001 - click's parameters
    """Answer every line in order; a bad one answers with its error, and the exit code is 2 at the end."""
    language = language_of(context)
    answered = _answerer(_world(snapshot), language, explain=explain)
    bad = 0
    batch: list[str] = []
    for line in _lines(source):
        made = answered(line)
        bad += "error" in made
        batch.append(json.dumps(made, ensure_ascii=False))
        if len(batch) >= _BATCH:
            put("\n".join(batch) + "\n", more=True)
            batch = []
    if batch:
        put("\n".join(batch) + "\n")
    if bad:
        raise CliError("cli.bad-requests", count=bad)


def _world(snapshot: str | None) -> "World | None":
    if snapshot is None:
        return None
    from gatepath.snapshot.load import load_file

    return load_file(Path(snapshot)).world


def _lines(source: str) -> Iterator[bytes]:
    """Yield the lines that hold something."""
    if source == "-":
        yield from _filled(sys.stdin.buffer)
        return
    try:
        with Path(source).open("rb") as file:
            yield from _filled(file)
    except OSError as error:
        raise CliError(
            "cli.cannot-read", place=source, detail=error.strerror or type(error).__name__
        ) from error


def _filled(file: BinaryIO) -> Iterator[bytes]:
    first = True
    while line := file.readline(_MAX_LINE):
        if len(line) == _MAX_LINE and not line.endswith(b"\n"):
            # one line, one answer: what is left of it belongs to no other request
            while (rest := file.readline(_MAX_LINE)) and not rest.endswith(b"\n"):
                pass
            line = _TOO_LONG
        if first:
            line, first = line.removeprefix(b"\xef\xbb\xbf"), False
        if line.strip():
            yield line


def _answerer(world: "World | None", language: str, *, explain: bool) -> Answered:
    from gatepath.engine.iam.authorize import Answer, AuthorizeError, Authorizer, answer_json
    from gatepath.engine.iam.evaluate import evaluate
    from gatepath.engine.iam.explain import explain as explained
    from gatepath.engine.iam.explain import explained_json
    from gatepath.rights.alone import from_snapshot, problems_of

    authorizer = Authorizer()

    def answered(line: bytes) -> dict[str, object]:
        if line is _TOO_LONG:
            return {"id": None, "error": render("iam.long-line", {"count": _MAX_LINE}, language)}
        try:
            if world is None and not explain:
                return answer_json(authorizer.answer(line))
            asked = authorizer.read(line)
        except AuthorizeError as error:
            return {"id": _id(line), "error": _said(error, language)}
        ask = asked.ask if world is None else from_snapshot(asked, world)
        problems = asked.problems if world is None else problems_of(ask)
        made = answer_json(Answer(id=asked.id, evaluation=evaluate(ask), problems=problems))
        if explain:
            made["statements"] = explained_json(explained(ask))
        return made

    return answered


def _id(line: bytes) -> object:
    """Return the id of a bad line, where it has one."""
    try:
        row = json.loads(line, parse_constant=lambda _: None)
    except (ValueError, RecursionError):
        return None
    return row.get("id") if isinstance(row, dict) else None


def _said(error: "AuthorizeError", language: str) -> str:
    text = render(error.code, {"detail": error.detail}, language)
    return f"{error.place}: {text}" if error.place else text
