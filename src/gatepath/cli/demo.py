"""`gatepath demo`: the packaged recording, diagnosed."""

import json
from pathlib import Path

import click

import gatepath
from gatepath.cli.diagnose import rendered
from gatepath.cli.output import put, tell
from gatepath.cli.texts import help_text, language_of, say


@click.command(name="demo", help=help_text("help.command.demo"))
@click.option(
    "--output", type=click.Choice(["text", "json"]), default="text", help=help_text("help.option.output")
)
@click.pass_context
def demo(context: click.Context, output: str) -> None:
    """Diagnose it; exit 0, for the demonstration worked."""
    from gatepath.diagnose import diagnose
    from gatepath.model.question import parse_question
    from gatepath.snapshot.load import load_file

    folder = Path(gatepath.__file__).parent / "data" / "demo"
    snapshot, question = folder / "snapshot.jsonl", folder / "question.json"
    asked = parse_question(json.loads(question.read_text(encoding="utf-8")))
    found = diagnose(asked, load_file(snapshot).world)
    language = language_of(context)
    put(rendered(found, output, language))
    command = f"gatepath diagnose {snapshot} --question {question}"
    tell(f"{say('cli.demo.command', language)} {command}")
