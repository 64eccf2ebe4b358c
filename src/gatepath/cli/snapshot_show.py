"""`gatepath snapshot show`: what a snapshot holds, and what is missing from it."""

import dataclasses
import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

from gatepath.cli.output import columns, put
from gatepath.cli.texts import help_text, language_of, say

if TYPE_CHECKING:
    from gatepath.snapshot.show import Summary


@click.command(name="show", help=help_text("help.command.snapshot-show"))
@click.argument("snapshot", type=click.Path(path_type=Path))
@click.option(
    "--output", type=click.Choice(["text", "json"]), default="text", help=help_text("help.option.output")
)
@click.pass_context
def show(context: click.Context, snapshot: Path, output: str) -> None:
    """Print numbers of records by operation, accounts, Regions, gaps."""
    from gatepath.snapshot.containers import read_records
    from gatepath.snapshot.show import summary

    found = summary(read_records(snapshot))
    if output == "json":
        row = {**dataclasses.asdict(found), "calls": dict(found.calls)}
        put(json.dumps({"format": "gatepath-summary/1", **row}, ensure_ascii=False, indent=1) + "\n")
    else:
        put("\n".join(_lines(found, language_of(context))) + "\n")


def _lines(found: "Summary", language: str) -> list[str]:
    from gatepath.report.layout import wrap
    from gatepath.report.parts import gap_text

    accounts, regions = ", ".join(found.accounts), ", ".join(found.regions)
    count = str(found.records)
    head = say("cli.show.records", language, count=count, accounts=accounts, regions=regions)
    lines = [*wrap(head, columns(), 0, 2), ""]
    for name, number in found.calls:
        ignored = f" {say('cli.show.ignored', language)}" if name in found.unknown_calls else ""
        lines.append(f"{number:6}  {name}{ignored}")
    if found.gaps:
        lines += ["", say("cli.show.gaps", language)]
        for gap in dict.fromkeys(gap_text(gap, language) for gap in found.gaps):
            lines += wrap(gap, columns(), 2, 4)
    return lines
