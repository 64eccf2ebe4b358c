"""The table of error texts: `patterns.toml`, typed."""

import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from gatepath.why.kinds import Excluded, Kind, Layer, Next, Open

IMPLICIT, EXPLICIT = "implicit_deny", "explicit_deny"
_ACTION = r"(?P<action>[a-z0-9-]{1,40}:[a-z0-9*]{1,80}?)"
_POLICY = r"(?:: ?[\"']?(?P<policy>arn:aws[a-z-]{0,16}:[a-z]{1,20}::[a-z0-9]{0,16}:[a-z0-9+=,.@_/-]{1,400}))?"


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A kind of error and what follows from it; `layer` only where it names a kind of policy."""

    kind: Kind
    layer: Layer | None
    family: str
    weight: int
    excludes: tuple[Excluded, ...]
    open: tuple[Open, ...]
    next: tuple[Next, ...]
    agrees: tuple[str, ...]
    """Findings (code, or `check.`) that would produce such an error; `dropped`: any that drops packets."""
    source: str
    certainty: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Pattern:
    """What to look for in a text without blanks, in small letters."""

    regex: re.Pattern[str]
    kind: Kind
    layer: Layer | None = None
    effect: str | None = None
    opens: bool = False
    """Begins an error of its own."""


@cache
def _document() -> Mapping[str, Mapping[str, Mapping[str, object]]]:
    return tomllib.loads((files("gatepath") / "why/patterns.toml").read_text(encoding="utf-8"))


@cache
def row(kind: Kind, layer: Layer | None = None) -> Row:
    """Return what follows from a kind of error, and from the layer it names."""
    found = _document()["kind"][kind]
    more = found if layer is None else _document()["layer"][layer]
    return Row(
        kind=kind,
        layer=layer,
        family=str(found["family"]),
        weight=int(str(found["weight"])),
        excludes=tuple(map(Excluded, _texts(found, "excludes"))),
        open=tuple(map(Open, _texts(more, "open"))),
        next=tuple(map(Next, _texts(more, "next"))),
        agrees=_texts(found, "agrees"),
        source=str(found["source"]),
        certainty=str(found["certainty"]),
    )


@cache
def patterns() -> tuple[Pattern, ...]:
    """Return all patterns."""
    return (*_of_layers(), *_of_kinds())


def _of_layers() -> Iterator[Pattern]:
    for name, found in _document()["layer"].items():
        layer, words = Layer(name), re.escape(str(found["name"]))
        implicit = rf"because no {words} allows the {_ACTION} action"
        explicit = rf"with an explicit deny in (?:an? |the )?{words}{_POLICY}"
        texts = [
            (implicit, IMPLICIT),
            (explicit, EXPLICIT),
            *((each, None) for each in _texts(found, "patterns")),
        ]
        for text, effect in texts:
            yield Pattern(regex=_compiled(text), kind=Kind.DENIED, layer=layer, effect=effect)


def _of_kinds() -> Iterator[Pattern]:
    for name, found in _document()["kind"].items():
        opening = str(found.get("opens", "")) or None
        for text in _texts(found, "patterns"):
            opens = opening is not None and text.startswith(opening)
            yield Pattern(regex=_compiled(text), kind=Kind(name), opens=opens)


def _compiled(text: str) -> re.Pattern[str]:
    return re.compile(re.sub(r"\\? ", "", text))


def _texts(found: Mapping[str, object], key: str) -> tuple[str, ...]:
    value = found.get(key)
    return tuple(map(str, value)) if isinstance(value, list) else ()
