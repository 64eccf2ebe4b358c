"""`gatepath snapshot redact`: pseudonyms for everything that names somebody, verdicts checked."""

import json
import secrets
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from gatepath.cli.errors import CliError
from gatepath.cli.output import put, tell
from gatepath.cli.question_options import parsed_question, question_row
from gatepath.cli.snapshot_import import written
from gatepath.cli.texts import help_text, language_of, say

if TYPE_CHECKING:
    from gatepath.model.world import World

_SERVICES = ("s3", "dynamodb")
Row = dict[str, Any]


@click.command(name="redact", help=help_text("help.command.snapshot-redact"))
@click.argument("snapshot", type=click.Path(path_type=Path))
@click.option(
    "--out",
    required=True,
    type=click.Path(path_type=Path),
    metavar="FILE",
    help=help_text("help.option.out-snapshot"),
)
@click.option("--question", metavar="FILE", help=help_text("help.option.redact-question"))
@click.option(
    "--question-out",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help=help_text("help.option.question-out"),
)
@click.pass_context
def redact_command(
    context: click.Context, snapshot: Path, out: Path, question: str | None, question_out: Path | None
) -> None:
    """Redact, ask both snapshots the same, and write only if the verdicts are equal."""
    from gatepath.rights.published import is_published
    from gatepath.snapshot.containers import read_records
    from gatepath.snapshot.load import load_world
    from gatepath.snapshot.record import decode_line
    from gatepath.snapshot.redact import meaningful, redact, redact_question

    key = secrets.token_bytes(32)
    records = list(read_records(snapshot))
    world = load_world(records)
    asked = list(_questions(world)) if question is None else [question_row(question)]
    if question is not None:
        parsed_question(asked[0], question, language_of(context))
    kept = meaningful(records)
    calls = list(redact(records, key, kept, is_published))
    lines = (json.dumps(call).encode() for call in calls)
    changed = load_world(decode_line(line, index, f"{out}:{index + 1}") for index, line in enumerate(lines))
    for row in asked:
        same = redact_question(row, key, kept, is_published)
        for only in (frozenset({"network"}), None):
            before, after = _verdict(row, world, only), _verdict(same, changed, only)
            if before != after:
                raise CliError("cli.redaction-changed", exit_code=1, before=before, after=after)
    written(calls, out)
    if question is not None and question_out is not None:
        made = redact_question(asked[0], key, kept, is_published)
        put(json.dumps(made, ensure_ascii=False, indent=1) + "\n", question_out)
    shown = {"file": str(out), "calls": str(len(calls)), "checked": str(len(asked))}
    tell(say("cli.redacted", language_of(context), **shown))
    if left := len(records) - len(calls):
        tell(say("cli.redacted-left-out", language_of(context), count=str(left)))


def _questions(world: "World") -> Iterator[Row]:
    """Yield a question for each recorded interface and service."""
    for interface in world.network_interfaces:
        for service in _SERVICES:
            source = {"network_interface": interface.id}
            yield {"source": source, "service": service, "region": interface.region}


def _verdict(row: Row, world: "World", only: frozenset[str] | None) -> str:
    from gatepath.diagnose import diagnose
    from gatepath.model.question import parse_question

    return diagnose(parse_question(row), world, only=only).verdict.value
