"""Laying out text for terminals: display width, wrapping (Japanese too), marks, colour."""

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, field
from types import MappingProxyType

_NOT_FIRST = "、。，．・：；？！）」』】〕〉》ー々%％,.;:)"
_NOT_LAST = "（「『【〔〈《("
_COLOURS = MappingProxyType(
    {"bold": "1", "red": "31", "green": "32", "yellow": "33", "cyan": "36", "dim": "2"}
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Glyphs:
    """The characters that aren't letters."""

    line: str
    arrow: str
    bullet: str
    steps: "dict[str, str]" = field(default_factory=dict)
    """Mark of a step by its verdict."""


UNICODE = Glyphs(
    line="─",
    arrow="→",
    bullet="•",
    steps={"pass": "✓", "divert": "↷", "partial": "◐", "block": "✗", "unknown": "?", "not-applicable": "·"},
)
ASCII = Glyphs(
    line="-",
    arrow="->",
    bullet="*",
    steps={"pass": "+", "divert": "~", "partial": "%", "block": "x", "unknown": "?", "not-applicable": "."},
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Style:
    """How to write for one terminal."""

    width: int = 80
    colour: bool = False
    glyphs: Glyphs = UNICODE

    def paint(self, text: str, *names: str) -> str:
        """Return the text in colours (`bold`, `red`, …), or as it is."""
        if not self.colour or not names:
            return text
        return f"\x1b[{';'.join(_COLOURS[name] for name in names)}m{text}\x1b[0m"

    def wrapped(self, text: str, indent: int = 2, hanging: int | None = None) -> list[str]:
        """Return the text in lines that fit; `hanging` is the indent of all lines but the first."""
        return wrap(text, self.width, indent, indent if hanging is None else hanging)

    def joined(self, pieces: Iterable[tuple[str, tuple[str, ...]]], indent: int = 4) -> list[str]:
        """Return pieces (text, colours) with lines between them, broken inside a piece only if it is too long."""
        separator = f" {self.glyphs.line} "
        lines: list[str] = []
        used = 0
        for text, colours in pieces:
            size = width_of(text)
            if lines and used + len(separator) + size <= self.width:
                lines[-1] += separator + self.paint(text, *colours)
                used += len(separator) + size
                continue
            lead = " " * indent + (separator.lstrip() if lines else "")
            cut = wrap(text, self.width, len(lead), indent + len(separator))
            lines.append(lead + self.paint(cut[0].lstrip(), *colours))
            rest = (line.lstrip() for line in cut[1:])
            lines.extend(" " * (indent + len(separator)) + self.paint(line, *colours) for line in rest)
            used = width_of(cut[-1])
        return lines


def width_of(text: str) -> int:
    """Return the columns a text takes: two for wide characters, none for combining ones."""
    total = 0
    for character in text:
        if unicodedata.combining(character):
            continue
        total += 2 if unicodedata.east_asian_width(character) in "WF" else 1
    return total


def cut(text: str, width: int) -> str:
    """Return as much of a text's beginning as fits into the columns."""
    used = 0
    for index, character in enumerate(text):
        used += width_of(character)
        if used > width:
            return text[:index]
    return text


def wrap(text: str, width: int, indent: int = 0, hanging: int = 0) -> list[str]:
    """Return the text in lines of at most `width` columns; what can't be broken (an ARN) may be longer."""
    lines: list[str] = []
    line, used, blank = " " * indent, indent, True
    for piece in _pieces(text):
        size = width_of(piece.rstrip(" "))
        if not blank and used + size > width:
            lines.append(line.rstrip(" "))
            line, used, blank = " " * hanging, hanging, True
        line += piece
        used += width_of(piece)
        blank = False
    return [*lines, line.rstrip(" ")] if not blank or not lines else lines


def _pieces(text: str) -> list[str]:
    """Cut a text where a line may end: after blanks, and around wide characters (not around all marks)."""
    made: list[str] = []
    for character in " ".join(text.split()):
        if made and not _may_break(made[-1], character):
            made[-1] += character
        else:
            made.append(character)
    return made


def _may_break(before: str, after: str) -> bool:
    if after == " " or after in _NOT_FIRST or before[-1] in _NOT_LAST:
        return False
    return before[-1] == " " or _wide(before[-1]) or _wide(after)


def _wide(character: str) -> bool:
    return unicodedata.east_asian_width(character) in "WF"
