"""Help pages: click's layout with our headings, and lines that fit wide letters too."""

from collections.abc import Iterable

import click

from gatepath.cli.output import columns
from gatepath.cli.texts import language_of, say
from gatepath.report.layout import width_of, wrap

_GAP = 2
_MOST = 30
"""Columns of the names of options; longer ones stand on a line of their own."""
_LEAST = 10


class HelpPage(click.HelpFormatter):
    """Writes one help page in one language."""

    def __init__(self, language: str) -> None:
        super().__init__(width=columns())
        self._language = language

    def write_usage(self, prog: str, args: str = "", prefix: str | None = None) -> None:
        """Write the usage line."""
        super().write_usage(prog, args, prefix or f"{say('help.heading.usage', self._language)}: ")

    def write_heading(self, heading: str) -> None:
        """Write a heading; click has two of its own."""
        match heading:
            case "Options":
                heading = say("help.heading.options", self._language)
            case "Commands":
                heading = say("help.heading.commands", self._language)
        super().write_heading(heading)

    def write_text(self, text: str) -> None:
        """Write a paragraph."""
        for line in wrap(text, self.width, self.current_indent, self.current_indent):
            self.write(f"{line}\n")

    def write_dl(
        self, rows: Iterable[tuple[str, str]], col_max: int = _MOST, col_spacing: int = _GAP
    ) -> None:
        """Write names with what they mean beside them."""
        listed = list(rows)
        indent = self.current_indent
        column = indent + col_spacing + min(max((width_of(name) for name, _ in listed), default=0), col_max)
        for name, meaning in listed:
            required = f"[{say('help.required', self._language)}]"
            text = meaning.replace("[required]", required)
            first, *more = wrap(text, max(self.width - column, _LEAST))
            lead = " " * indent + name
            if width_of(lead) + col_spacing > column:
                self.write(f"{lead}\n")
                lead = ""
            for line in (lead + " " * (column - width_of(lead)) + first, *(" " * column + m for m in more)):
                self.write(f"{line.rstrip()}\n")


def help_page(context: click.Context) -> str:
    """Return the help of a command."""
    page = HelpPage(language_of(context))
    context.command.format_help(context, page)
    return page.getvalue().rstrip("\n") + "\n"
