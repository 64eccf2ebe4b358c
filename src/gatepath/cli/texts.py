"""Texts of the commands that talk to AWS, in the language of the command line."""

import os
import sys

import click

from gatepath.messages.catalogue import LANGUAGES, default_language, render


def say(code: str, language: str, **arguments: str) -> str:
    """Return the text of a message code."""
    return render(code, arguments, language)


def help_text(code: str) -> str:
    """Return a help text; help is built before options are read, so `--language` is looked for by hand."""
    return render(code, {}, starting_language(sys.argv))


def language_of(context: click.Context) -> str:
    """Return the language that the command line or the locale asks for."""
    found: click.Context | None = context
    while found is not None:
        if found.params.get("language") in LANGUAGES:
            return str(found.params["language"])
        found = found.parent
    return starting_language(sys.argv)


def starting_language(arguments: list[str] | None = None) -> str:
    """Return the language of the command line, read before click does."""
    arguments = sys.argv if arguments is None else arguments
    for index, argument in enumerate(arguments):
        value = argument.partition("=")[2] if argument.startswith("--language=") else ""
        if argument == "--language" and index + 1 < len(arguments):
            value = arguments[index + 1]
        if value in LANGUAGES:
            return value
    return default_language(os.environ)
