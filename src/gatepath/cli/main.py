"""`gatepath`: the table of commands, and what becomes of errors."""

import sys
import traceback
from collections.abc import Sequence
from typing import NoReturn

import click

from gatepath import __version__
from gatepath.cli.errors import FAILED, INTERRUPTED, USAGE, CliError, usage_text, with_similar
from gatepath.cli.help import help_page
from gatepath.cli.lazy import LazyGroup, translate
from gatepath.cli.output import put, spoken, tell
from gatepath.cli.texts import help_text, starting_language
from gatepath.messages.catalogue import render

COMMANDS = {
    "diagnose": "gatepath.cli.diagnose:diagnose_command",
    "doctor": "gatepath.cli.doctor:doctor",
    "snapshot": "gatepath.cli.snapshot:snapshot",
    "explain": "gatepath.cli.explain:explain",
    "policy": "gatepath.cli.policy:policy",
    "authorize": "gatepath.cli.authorize:authorize",
    "why": "gatepath.cli.why:why",
    "demo": "gatepath.cli.demo:demo",
    "completion": "gatepath.cli.completion:completion",
}


def build(language: str = "en") -> click.Group:
    """Return the command line, its help in the language asked for."""
    group = LazyGroup("gatepath", COMMANDS)
    group.params.append(
        click.Option(
            ["--version"],
            is_flag=True,
            is_eager=True,
            expose_value=False,
            help=help_text("help.option.version"),
            callback=_show_version,
        )
    )
    translate(group, spoken(language))
    return group


def _show_version(context: click.Context, _: click.Parameter, value: object) -> None:
    if value and not context.resilient_parsing:
        put(f"gatepath {__version__}\n")
        context.exit()


def run(arguments: Sequence[str] | None = None) -> NoReturn:
    """Run the command line and exit: the answer's code, or one line on stderr and 2, 4 or 130."""
    words = sys.argv[1:] if arguments is None else list(arguments)
    language = starting_language(words)
    try:
        code = build(language).main(words, prog_name="gatepath", standalone_mode=False, obj=language)
        if sys.stdout is not None:
            sys.stdout.flush()
    except Exception as error:  # noqa: BLE001 - the end of the line: everything becomes an exit code
        code = _failed(error, spoken(language, sys.stderr))
    except KeyboardInterrupt:
        code = _said(render("cli.interrupted", (), spoken(language, sys.stderr)), INTERRUPTED)
    sys.exit(code if isinstance(code, int) else 0)


def _failed(error: Exception, language: str) -> int:
    """Say what went wrong and return the exit code."""
    told = _click_fault(error, language) or _known(error, language)
    if told is None:
        traceback.print_exception(error)
        return FAILED
    return _said(*told)


def _click_fault(error: Exception, language: str) -> tuple[str, int] | None:
    """Return text and exit code of wrong usage, found by click or by us."""
    if isinstance(error, click.exceptions.NoArgsIsHelpError):
        return help_page(error.ctx).rstrip("\n"), USAGE
    if isinstance(error, click.Abort):
        return render("cli.interrupted", (), language), INTERRUPTED
    if isinstance(error, CliError):
        similar = error.arguments.get("similar")
        if isinstance(similar, tuple):
            return with_similar(error.code, str(error.arguments["name"]), similar, language), USAGE
        return render(error.code, error.arguments, language), error.exit_code
    if isinstance(error, click.ClickException):
        return usage_text(error, language), USAGE
    return None


def _known(error: Exception, language: str) -> tuple[str, int] | None:
    """Return text and exit code of the errors that other layers raise."""
    from gatepath.collect.errors import CollectError
    from gatepath.placing import UnknownSourceError
    from gatepath.snapshot.record import SnapshotError

    if isinstance(error, SnapshotError):
        return render(error.code, error.arguments, language), USAGE
    if isinstance(error, UnknownSourceError):
        return render(error.code, {"id": error.id, "where": error.where}, language), USAGE
    if isinstance(error, CollectError):
        return render(error.code, error.arguments, language), FAILED
    return None


def _said(text: str, code: int) -> int:
    """Print a line on stderr."""
    tell(text)
    return code
