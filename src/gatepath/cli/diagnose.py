"""`gatepath diagnose`: one question, answered from a snapshot or live."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from gatepath.cli.errors import UNKNOWN
from gatepath.cli.live_options import aws_options, session_options
from gatepath.cli.needs import LIST, catalogue_page, needs_of, needs_text, with_needs_json, worse
from gatepath.cli.output import columns, is_unicode, put, spoken, wants_colour
from gatepath.cli.question_options import question_of, question_options
from gatepath.cli.texts import asked_language, help_text

if TYPE_CHECKING:
    from gatepath.needs.results import NeedsResult
    from gatepath.trace import Diagnosis


@click.command(name="diagnose", help=help_text("help.diagnose"))
@click.argument("snapshot", required=False, type=click.Path(path_type=Path))
@question_options
@click.option("--only", type=click.Choice(["network"]), help=help_text("help.option.only"))
@click.option("--needs", metavar="LIST", help=help_text("help.option.needs"))
@click.option("--strict", is_flag=True, help=help_text("help.option.strict"))
@click.option(
    "--output", type=click.Choice(["text", "json"]), default="text", help=help_text("help.option.output")
)
@click.option("--out", type=click.Path(path_type=Path), metavar="FILE", help=help_text("help.option.out"))
@click.option(
    "--save-snapshot",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help=help_text("help.option.save-snapshot"),
)
@aws_options
@click.pass_context
def diagnose_command(
    context: click.Context,
    /,
    *,
    snapshot: Path | None,
    only: str | None,
    needs: str | None,
    strict: bool,
    output: str,
    out: Path | None,
    save_snapshot: Path | None,
    **values: object,
) -> int:
    """Answer; exit 0 if ok, 3 if evidence is missing, else 1; with `--needs` for both answers together."""
    from gatepath.diagnose import diagnose
    from gatepath.snapshot.load import load_file

    language = asked_language(context)
    if needs == LIST:
        put(catalogue_page(output, language), out)
        return 0
    wanted = None if needs is None else needs_of(needs)
    session = session_options(values)
    question = question_of(values, region=session.region, language=language)
    if snapshot is None:
        from gatepath.cli.live import recorded_world

        world = recorded_world(question, session, save_snapshot, language, policies=only is None)
    else:
        world = load_file(snapshot).world
    found = diagnose(question, world, only=None if only is None else frozenset({only}))
    needed = None
    if wanted is not None:
        from gatepath.needs.judge import judge_needs

        needed = judge_needs(question, world, wanted, policies=only is None)
    put(rendered(found, output, language, to_file=out is not None, needed=needed), out)
    return worse(exit_code(found, strict=strict), needed, strict=strict)


def rendered(
    found: "Diagnosis",
    output: str,
    language: str,
    *,
    to_file: bool = False,
    needed: "NeedsResult | None" = None,
) -> str:
    """Return the diagnosis in the form asked for, fit for standard output or a file."""
    if output == "json":
        from gatepath.report.json import render_json

        return render_json(found, language) if needed is None else with_needs_json(found, needed, language)
    from gatepath.report.layout import ASCII, UNICODE, Style
    from gatepath.report.text import render_text

    style = Style()
    if not to_file:
        glyphs = UNICODE if is_unicode() else ASCII
        style = Style(width=columns(), colour=wants_colour(), glyphs=glyphs)
        language = spoken(language)
    more = "" if needed is None else needs_text(needed, language, style)
    return render_text(found, language, style) + more


def exit_code(found: "Diagnosis", *, strict: bool = False) -> int:
    """Return the exit code of an answer."""
    if found.verdict == "unknown":
        return UNKNOWN
    return 0 if found.verdict == "ok" and (not strict or found.certainty == "proven") else 1
