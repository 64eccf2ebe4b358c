"""Texts of the commands, in the language of the command line."""

import os
from collections.abc import Sequence
from typing import Self

import click

from gatepath.cli.output import spoken
from gatepath.messages.catalogue import LANGUAGES, default_language, render


def say(code: str, language: str, **arguments: object) -> str:
    """Return the text of a message code."""
    return render(code, arguments, language)


class HelpText(str):
    """A help text that still knows its code, so that it can be shown in another language."""

    __slots__ = ("code",)
    code: str

    def __new__(cls, code: str, text: str) -> Self:
        """Make a text of a code."""
        made = super().__new__(cls, text)
        made.code = code
        return made


def help_text(code: str) -> str:
    """Return what stands for a help text until `in_language` gives the words: its code.

    Commands are declared before anybody knows which language they will be asked in.
    """
    return code


def in_language(text: str | None, language: str) -> str | None:
    """Return the words of a help text in a language; texts that are no code stay."""
    if not text:
        return text
    code = text.code if isinstance(text, HelpText) else text
    return HelpText(code, render(code, (), language))


def asked_language(context: click.Context) -> str:
    """Return the language that the command line or the locale asks for: for data and files."""
    return context.find_object(str) or default_language(os.environ)


def language_of(context: click.Context) -> str:
    """Return the language to write to the terminal: what was asked for, if it has the letters."""
    return spoken(asked_language(context))


def starting_language(arguments: Sequence[str]) -> str:
    """Return the language of a command line, read before click does: of several `--language` the last."""
    found = ""
    for index, argument in enumerate(arguments):
        if argument == "--":
            break
        value = argument.partition("=")[2] if argument.startswith("--language=") else ""
        if argument == "--language" and index + 1 < len(arguments):
            value = arguments[index + 1]
        found = value if value in LANGUAGES else found
    return found or default_language(os.environ)
