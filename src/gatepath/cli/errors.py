"""Errors of the command line: each is one line on stderr and an exit code."""

import click

from gatepath.messages.catalogue import render

USAGE, UNKNOWN, FAILED, INTERRUPTED = 2, 3, 4, 130


_NUMBERS = (click.types.IntParamType, click.types.FloatParamType)


class CliError(Exception):
    """What the user must be told, by message code; `exit_code` as the README lists them."""

    def __init__(self, code: str, *, exit_code: int = USAGE, **arguments: object) -> None:
        super().__init__(code)
        self.code = code
        self.exit_code = exit_code
        self.arguments = arguments


def usage_text(error: click.ClickException, language: str) -> str:
    """Return a fault that click found, as one line."""
    if isinstance(error, click.NoSuchOption):
        return with_similar("cli.no-such-option", error.option_name, error.possibilities or (), language)
    extra = error.message.rpartition("(")[2].rstrip(").") if "(" in error.message else ""
    code: str = "cli.unexpected-argument"
    words: dict[str, object] = {"detail": extra}
    match error:
        case click.MissingParameter():
            code, words = "cli.missing", {"name": _name(error)}
        case click.BadOptionUsage():
            code, words = "cli.needs-value", {"name": error.option_name}
        case click.BadParameter() if error.param is not None and isinstance(error.param.type, click.Choice):
            choices = ", ".join(error.param.type.choices)
            code, words = "cli.not-one-of", {"name": _name(error), "choices": choices}
        case click.BadParameter() if error.param is not None and isinstance(error.param.type, _NUMBERS):
            code, words = "cli.bad-number", {"name": _name(error)}
        case click.BadParameter():
            code, words = "cli.bad-value", {"name": _name(error), "detail": _plain(error)}
        case click.FileError():
            code, words = "cli.cannot-read", {"place": error.ui_filename, "detail": error.message}
    return render(code, words, language)


def with_similar(code: str, name: str, similar: object, language: str) -> str:
    """Return the text of something that doesn't exist, with what may have been meant."""
    names = tuple(similar) if isinstance(similar, list | tuple) else ()
    hint = render("cli.similar", {"names": names}, language) if names else ""
    return render(code, {"name": name, "similar": hint}, language)


def _name(error: click.BadParameter) -> str:
    param = error.param
    if param is None:
        return str(error.param_hint or "")
    return param.opts[-1] if param.param_type_name == "option" else param.human_readable_name


def _plain(error: click.ClickException) -> str:
    return " ".join(error.message.split()).rstrip(".")
