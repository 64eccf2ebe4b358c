"""`gatepath snapshot import`: files that the AWS CLI printed, to a snapshot."""

import re
from pathlib import Path

import click

from gatepath.cli.errors import CliError
from gatepath.cli.live_options import is_region
from gatepath.cli.output import not_written, tell
from gatepath.cli.texts import help_text, language_of, say


@click.command(name="import", help=help_text("help.command.snapshot-import"))
@click.argument("folder", type=click.Path(path_type=Path))
@click.option("--account", required=True, metavar="ACCOUNT", help=help_text("help.option.account"))
@click.option("--region", metavar="REGION", help=help_text("help.option.import-region"))
@click.option(
    "--out",
    required=True,
    type=click.Path(path_type=Path),
    metavar="FILE",
    help=help_text("help.option.out-snapshot"),
)
@click.pass_context
def import_command(context: click.Context, folder: Path, account: str, region: str | None, out: Path) -> None:
    """Import; what is not known is named on stderr."""
    from gatepath.snapshot.awscli import import_folder

    language = language_of(context)
    if not re.fullmatch(r"\d{12}", account):
        raise CliError("cli.bad-account", value=account)
    if region is not None and not is_region(region):
        raise CliError("collect.bad-region-option", name="--region", value=region)
    found = import_folder(folder, account, region)
    for file, reason in found.skipped:
        tell(say("cli.skipped", language, file=file, reason=reason))
    if not found.calls:
        raise CliError("cli.nothing-imported", place=str(folder))
    written(found.calls, out)
    tell(say("cli.imported", language, calls=str(len(found.calls)), file=str(out)))


def written(calls: list[dict[str, object]], out: Path) -> None:
    """Write calls to a snapshot; raises `CliError`."""
    from gatepath.snapshot.containers import write_records

    try:
        write_records(calls, out)
    except OSError as error:
        raise not_written(out, error) from error
