"""`gatepath why`: reads an error text, and compares it with a recorded configuration."""

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from gatepath.cli.errors import CliError
from gatepath.cli.output import columns, is_unicode, put, wants_colour
from gatepath.cli.question_options import parsed_question, question_row
from gatepath.cli.question_words import principal_row, source_row, target_row
from gatepath.cli.texts import help_text, language_of
from gatepath.model.told import of_system, told

if TYPE_CHECKING:
    from gatepath.why.agree import Agreement
    from gatepath.why.reading import Problem, Reading

Row = dict[str, object]
_MIB = 1024 * 1024


@click.command(name="why", help=help_text("help.command.why"))
@click.argument("text")
@click.option(
    "--snapshot", type=click.Path(path_type=Path), metavar="FILE", help=help_text("help.option.why-snapshot")
)
@click.option("--question", metavar="FILE", help=help_text("help.option.why-question"))
@click.option("--from", "sender", metavar="WHO", help=help_text("help.option.from"))
@click.option("--to", "target", metavar="WHERE", help=help_text("help.option.to"))
@click.option("--action", metavar="ACTION", help=help_text("help.option.action"))
@click.option("--as", "principal", metavar="WHO", help=help_text("help.option.as"))
@click.option("--client-region", metavar="REGION", help=help_text("help.option.client-region"))
@click.option(
    "--output", type=click.Choice(["text", "json"]), default="text", help=help_text("help.option.output")
)
@click.pass_context
def why(
    context: click.Context, /, *, text: str, snapshot: Path | None, output: str, **given: str | None
) -> None:
    """Answer; the exit code is 0 also where the text is not known."""
    from gatepath.why.reading import read
    from gatepath.why.render import Answer, render_why, why_json

    language = language_of(context)
    pasted, shortened = _pasted(text)
    if not pasted.strip():
        raise CliError("cli.why-empty")
    reading = read(pasted)
    compared = None if snapshot is None else _compared(reading, snapshot, given, language)
    answer = Answer(reading=reading, agreements=compared, shortened=shortened)
    if output == "json":
        put(json.dumps(why_json(answer, language), ensure_ascii=False, indent=1) + "\n")
        return
    from gatepath.report.layout import ASCII, UNICODE, Style

    glyphs = UNICODE if is_unicode() else ASCII
    put(render_why(answer, language, Style(width=columns(), colour=wants_colour(), glyphs=glyphs)))


def _pasted(text: str) -> tuple[str, int | None]:
    """Return the text, of standard input if it is `-`; and the MiB read where there was more."""
    from gatepath.why.cleaning import MOST, decoded

    if text != "-":
        data = text.encode("utf-8", errors="surrogateescape")
    elif sys.stdin is None:
        raise CliError("cli.cannot-read", place="-", detail=told("system.closed"))
    else:
        try:
            data = sys.stdin.buffer.read(MOST + 1)
        except OSError as error:
            raise CliError("cli.cannot-read", place="-", detail=of_system(error)) from error
    return decoded(data[:MOST]), MOST // _MIB if len(data) > MOST else None


def _compared(
    reading: "Reading", snapshot: Path, given: dict[str, str | None], language: str
) -> "tuple[Agreement | None, ...]":
    """Return a comparison for each error."""
    from gatepath.diagnose import diagnose
    from gatepath.snapshot.load import load_file
    from gatepath.why.agree import agree

    place = given["question"]
    base = {} if place is None else question_row(place)
    options = _options(given)
    if "source" not in base and "source" not in options:
        raise CliError("cli.why-no-source")
    world = load_file(snapshot).world
    made: list[Agreement | None] = []
    for problem in reading.problems:
        row = _merged(base, problem, options)
        if "service" not in row:
            made.append(None)
            continue
        made.append(agree(problem, diagnose(parsed_question(row, place or "", language), world)))
    return tuple(made)


def _options(given: dict[str, str | None]) -> Row:
    """Return what the options say, in the question's JSON form."""
    region = given["client_region"]
    row: Row = {
        **target_row(given["target"], region),
        "source": source_row(given["sender"]),
        "action": given["action"],
        "principal": principal_row(given["principal"]),
    }
    client = row.get("client")
    if region is not None:
        row["client"] = {**(client if isinstance(client, dict) else {}), "region": region}
    return {name: value for name, value in row.items() if value}


def _merged(base: Row, problem: "Problem", options: Row) -> Row:
    """Return the question: the file's, over it what the text says, over both the options."""
    from gatepath.why.asking import question_row as said

    rows = (base, said(problem), options)
    made: Row = {}
    client: Row = {}
    for row in rows:
        if "service" in row and made.get("service") not in {None, row["service"]}:
            made.pop("resource", None)
        if {"service", "resource"} & row.keys() and row.get("resource") != made.get("resource"):
            client.pop("hostname", None)
        if "action" in row:
            made.pop("operation", None)
        own = row.get("client")
        client.update(own if isinstance(own, dict) else {})
        made.update(row)
    return {**made, "client": client} if client else made
