"""Commands that are imported only when they run, so that `--help` and completion stay quick."""

import difflib
from collections.abc import Mapping
from importlib import import_module

import click

from gatepath.cli.errors import INTERRUPTED, CliError
from gatepath.cli.help import help_page
from gatepath.cli.output import put
from gatepath.cli.texts import help_text, in_language, language_of, say
from gatepath.messages.catalogue import LANGUAGES


class LazyGroup(click.Group):
    """A group whose commands stand as `module:attribute`; help lists them by their texts, without importing."""

    def __init__(self, name: str, places: Mapping[str, str], prefix: str = "help.command.") -> None:
        super().__init__(
            name=name, help=help_text("help.cli" if name == "gatepath" else f"help.command.{name}")
        )
        self.places = dict(places)
        self.prefix = prefix

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        """Return the names in the order of the table."""
        return list(self.places)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import a command."""
        place = self.places.get(cmd_name)
        if place is None:
            return None
        module, _, attribute = place.partition(":")
        command = getattr(import_module(module), attribute)
        if not isinstance(command, click.Command):
            raise TypeError(f"{place} is no command")
        return translate(command, language_of(ctx))

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find a command; raises `CliError` with what may have been meant."""
        name = args[0]
        if not ctx.resilient_parsing and name not in self.places and not name.startswith("-"):
            similar = difflib.get_close_matches(name, self.places)
            raise CliError("cli.no-such-command", name=name, similar=tuple(similar))
        return super().resolve_command(ctx, args)

    def invoke(self, ctx: click.Context) -> object:
        """Run the command; an interrupt is an error of ours, for click prints a line of its own."""
        if not ctx._protected_args and not ctx.args:  # noqa: SLF001 - where click keeps the command's name
            raise CliError("cli.no-command", choices=", ".join(self.places))
        try:
            return super().invoke(ctx)
        except KeyboardInterrupt as error:
            raise CliError("cli.interrupted", exit_code=INTERRUPTED) from error

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the list of commands."""
        language = language_of(ctx)
        with formatter.section("Commands"):
            formatter.write_dl([(name, say(f"{self.prefix}{name}", language)) for name in self.places])


def translate(command: click.Command, language: str) -> click.Command:
    """Give a command (and those below it) its texts in a language, and the options that all commands have."""
    if all(param.name != "language" for param in command.params):
        command.add_help_option = False
        command.params += _common()
    command.help = in_language(command.help, language)
    for param in command.params:
        if isinstance(param, click.Option):
            param.help = in_language(param.help, language)
    if isinstance(command, click.Group) and not isinstance(command, LazyGroup):
        for below in command.commands.values():
            translate(below, language)
    return command


def _common() -> list[click.Parameter]:
    """Return `--language` (read from the words before click runs, here only checked) and `--help`."""
    choice = click.Choice(LANGUAGES)
    text = help_text("help.option.language")
    return [
        click.Option(["--language"], type=choice, expose_value=False, help=text),
        click.Option(
            ["-h", "--help"],
            is_flag=True,
            is_eager=True,
            expose_value=False,
            help=help_text("help.option.help"),
            callback=_show_help,
        ),
    ]


def _show_help(context: click.Context, _: click.Parameter, value: object) -> None:
    if value and not context.resilient_parsing:
        put(help_page(context))
        context.exit()
