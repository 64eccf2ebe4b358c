"""Where answers go: standard output or a file, in the form the terminal can show."""

import os
import shutil
import sys
import tempfile
from pathlib import Path

from gatepath.cli.errors import CliError

MIN_WIDTH, WIDTH, MAX_WIDTH = 40, 80, 120
_PLAIN = str.maketrans(
    {"─": "-", "→": "->", "•": "*", "…": "...", "✓": "+", "✗": "x", "↷": "~", "◐": "%", "’": "'", "–": "-"}
)


def speaks(language: str, encoding: str | None = None) -> bool:
    """Tell whether standard output can show the language's letters."""
    if language != "ja":
        return True
    try:
        "日本語".encode(encoding or sys.stdout.encoding or "ascii")
    except (UnicodeEncodeError, LookupError):
        return False
    return True


def is_unicode(encoding: str | None = None) -> bool:
    """Tell whether standard output takes any character."""
    return (encoding or sys.stdout.encoding or "ascii").lower().replace("-", "").startswith("utf")


def wants_colour() -> bool:
    """Tell whether to colour: terminals only, unless NO_COLOR or FORCE_COLOR say otherwise."""
    if os.environ.get("NO_COLOR"):
        return False
    if os.environ.get("FORCE_COLOR"):
        return True
    return sys.stdout.isatty() and os.environ.get("TERM") != "dumb"


def columns() -> int:
    """Return the width to write for."""
    if not sys.stdout.isatty() and "COLUMNS" not in os.environ:
        return WIDTH
    return max(MIN_WIDTH, min(shutil.get_terminal_size((WIDTH, 24)).columns, MAX_WIDTH))


def put(text: str, out: Path | None = None) -> None:
    """Write text to standard output, or to a file that appears whole or not at all."""
    if out is not None:
        _put_file(text, out)
        return
    if not is_unicode():
        encoding = sys.stdout.encoding or "ascii"
        text = text.translate(_PLAIN).encode(encoding, errors="replace").decode(encoding)
    sys.stdout.write(text)
    sys.stdout.flush()


def _put_file(text: str, out: Path) -> None:
    try:
        if out.exists() and not out.is_file():  # a pipe or a device
            out.write_text(text, encoding="utf-8")
            return
        with tempfile.NamedTemporaryFile(dir=out.parent, prefix=f".{out.name}.", delete=False) as part:
            temporary = Path(part.name)
            try:
                part.write(text.encode())
                part.flush()
                os.fsync(part.fileno())
                temporary.chmod(0o666 & ~_umask())
                temporary.replace(out)
            except BaseException:
                temporary.unlink(missing_ok=True)
                raise
    except OSError as error:
        raise CliError(
            "cli.cannot-write", place=str(out), detail=error.strerror or type(error).__name__
        ) from error


def _umask() -> int:
    """Return the process's mask (there is no way to read it but to set it)."""
    mask = os.umask(0o077)
    os.umask(mask)
    return mask
