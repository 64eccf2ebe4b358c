"""Where answers go: standard output or a file, in the form the terminal can show."""

import contextlib
import os
import shutil
import sys
from pathlib import Path
from typing import TextIO

import click

from gatepath.cli.errors import CliError
from gatepath.model.shown import encodable, plain_page
from gatepath.model.told import of_system, told

MIN_WIDTH, WIDTH, MAX_WIDTH = 40, 80, 120
_PLAIN = str.maketrans(
    {"─": "-", "→": "->", "•": "*", "…": "...", "✓": "+", "✗": "x", "↷": "~", "◐": "%", "’": "'", "–": "-"}
)


def spoken(language: str, stream: TextIO | None = None) -> str:
    """Return the language if the stream (else standard output) has its letters, else English."""
    if language != "ja":
        return language
    try:
        "日本語".encode(_encoding(stream or sys.stdout))
    except (UnicodeEncodeError, LookupError):
        return "en"
    return language


def is_unicode() -> bool:
    """Tell whether standard output takes any character."""
    return _takes_all(sys.stdout)


def _takes_all(stream: TextIO | None) -> bool:
    return _encoding(stream).lower().replace("-", "").startswith("utf")


def _encoding(stream: TextIO | None) -> str:
    return getattr(stream, "encoding", None) or "ascii"


def wants_colour() -> bool:
    """Tell whether to colour: terminals only, unless NO_COLOR or FORCE_COLOR say otherwise."""
    if os.environ.get("NO_COLOR"):
        return False
    if os.environ.get("FORCE_COLOR"):
        return True
    return _is_terminal() and os.environ.get("TERM") != "dumb"


def _is_terminal() -> bool:
    return sys.stdout is not None and sys.stdout.isatty()


def columns() -> int:
    """Return the width to write for."""
    if not _is_terminal() and "COLUMNS" not in os.environ:
        return WIDTH
    return max(MIN_WIDTH, min(shutil.get_terminal_size((WIDTH, 24)).columns, MAX_WIDTH))


def put(text: str, out: Path | None = None, *, more: bool = False) -> None:
    """Write text to standard output, or to a file that appears whole or not at all; raises `CliError`.

    Where the reader has gone, the rest goes nowhere and the exit code stays the answer's; with `more` to come,
    the command ends there, with 0.
    Characters that steer a terminal, and letters it doesn't have, are written as JSON escapes them, so JSON
    stays what it says.
    """
    if out is not None:
        _put_file(plain_page(text), out)
        return
    if sys.stdout is None:
        raise CliError("cli.cannot-write-output", detail=told("system.closed"))
    try:
        sys.stdout.write(_fit(text, sys.stdout))
        sys.stdout.flush()
    except BrokenPipeError as error:
        # whoever read us has what it wanted; keep the interpreter's own last flush quiet
        silence()
        if more:
            raise click.exceptions.Exit(0) from error
    except OSError as error:
        silence()
        raise CliError("cli.cannot-write-output", detail=of_system(error)) from error


def tell(text: str) -> None:
    """Write a line on standard error, where notes and faults go; nobody is told where it can't be written."""
    if sys.stderr is None:
        return
    with contextlib.suppress(OSError):
        sys.stderr.write(_fit(text, sys.stderr) + "\n")
        sys.stderr.flush()


def _fit(text: str, stream: TextIO) -> str:
    text = plain_page(text, coloured=stream is sys.stdout and wants_colour())
    return text if _takes_all(stream) else encodable(text.translate(_PLAIN), _encoding(stream))


def silence() -> None:
    """Send the rest of standard output nowhere, so that the interpreter's own last flush is quiet."""
    if sys.stdout is not None:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _put_file(text: str, out: Path) -> None:
    from gatepath.snapshot.whole_file import whole_file

    try:
        with whole_file(out) as file:
            file.write(text.encode())
    except OSError as error:
        raise not_written(out, error) from error


def not_written(out: Path, error: OSError) -> CliError:
    """Return the fault of a file that can't be written."""
    return CliError("cli.cannot-write", place=str(out), detail=of_system(error))
