"""`gatepath doctor`: whether this tool itself can read AWS from here."""

import json
import os
from collections.abc import Sequence

import click

from gatepath.cli.errors import UNKNOWN
from gatepath.cli.live_options import aws_options, session_options
from gatepath.cli.output import put
from gatepath.cli.texts import help_text, language_of, say
from gatepath.collect.doctor import Level, Result, examine
from gatepath.collect.errors import EXIT_CODE, CollectError
from gatepath.collect.needed import needed_calls


@click.command(name="doctor", help=help_text("help.collect.doctor"))
@aws_options
@click.option(
    "--output",
    type=click.Choice(["text", "json"]),
    default="text",
    help=help_text("help.collect.option.output"),
)
@click.pass_context
def doctor(context: click.Context, /, *, output: str, **values: object) -> int:
    """Look at everything that can keep a recording from working; exit 3 if a needed permission is missing."""
    language = language_of(context)
    results: list[Result] = []
    failure: CollectError | None = None
    try:
        for result in examine(session_options(values), needed_calls(), os.environ):
            results.append(result)
            if output == "text":
                put(_line(result, language) + "\n", more=True)
    except CollectError as error:
        failure = error
        results.append(Result(level=Level.PROBLEM, code=error.code, arguments=error.arguments))
        if output == "text":
            put(_line(results[-1], language) + "\n")
    if output == "json":
        put(_json(results, language) + "\n")
    return EXIT_CODE if failure else UNKNOWN if _has_problem(results) else 0


def _has_problem(results: Sequence[Result]) -> bool:
    return any(result.level is Level.PROBLEM for result in results)


def _line(result: Result, language: str) -> str:
    word = say(f"doctor.word.{result.level.value}", language)
    return f"{word}: {say(result.code, language, **result.arguments)}"


def _json(results: Sequence[Result], language: str) -> str:
    rows = [
        {
            "level": result.level.value,
            "code": result.code,
            "arguments": dict(result.arguments),
            "message": say(result.code, language, **result.arguments),
        }
        for result in results
    ]
    return json.dumps({"format": "gatepath-doctor/1", "results": rows}, indent=1, ensure_ascii=False)
