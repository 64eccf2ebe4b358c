"""`*` and `?` as policies use them, in time that no pattern can blow up; policy variables.

Sources: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_resource.html and
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html
"""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import lru_cache

from gatepath.engine.iam.logic import MAYBE, NO, UNKNOWN, YES, Context, Truth, Value

Test = Callable[[str], bool]
Piece = tuple[str, bool]
"""A piece of a pattern and whether `*` and `?` in it are wildcards."""
_VARIABLE = re.compile(r"\$\{([^{}]*)\}")
_LITERALS = {"*", "?", "$"}
_KEPT = 4096
"""Compiled patterns that are remembered: those with variables are made while a request is judged."""
_KEPT_VALUES = 256
"""Values of a pattern's variables whose test is remembered."""
_DEFAULT = re.compile(r"^\s*([^,]*[^,\s])\s*,\s*'(.*)'\s*$", re.DOTALL)
"""Keys may hold spaces: those of tags do."""


@dataclass(frozen=True, slots=True)
class Variable:
    """`${key}` or `${key, 'default'}`; `key` in lower case."""

    key: str
    default: str | None = None


Template = tuple[str | Variable | Piece, ...]


@lru_cache(maxsize=_KEPT)
def glob(pieces: tuple[Piece, ...]) -> Test:
    """Return a test for one pattern. Greedy by segments: at most pattern x text steps.

    `*` matches any characters, also none, `/`, `:` and newlines; `?` exactly one.
    """
    segments: list[list[str]] = [[]]
    for text, wild in pieces:
        for char in text:
            if wild and char == "*":
                segments.append([])
            else:
                segments[-1].append("" if wild and char == "?" else char)
    if len(segments) > 1:
        inner = [segment for segment in segments[1:-1] if segment]
        segments = [segments[0], *inner, segments[-1]]
    if any("" in segment for segment in segments):
        return _with_single(segments)
    return _plain(["".join(segment) for segment in segments])


def _plain(segments: list[str]) -> Test:
    if len(segments) == 1:
        only = segments[0]
        return lambda text: text == only
    head, tail = segments[0], segments[-1]
    least = len(head) + len(tail)
    if len(segments) == 2:  # noqa: PLR2004 - one star
        if not tail:
            return lambda text: text.startswith(head)
        return lambda text: len(text) >= least and text.startswith(head) and text.endswith(tail)
    inner = segments[1:-1]

    def test(text: str) -> bool:
        if len(text) < least or not text.startswith(head) or not text.endswith(tail):
            return False
        at, end = len(head), len(text) - len(tail)
        for part in inner:
            at = text.find(part, at, end)
            if at < 0:
                return False
            at += len(part)
        return True

    return test


def _with_single(segments: list[list[str]]) -> Test:
    """Return a test where some segment holds `?`; each segment alone is a pattern of fixed length."""
    compiled = [re.compile("".join(re.escape(c) if c else "." for c in s), re.DOTALL) for s in segments]
    sizes = [len(segment) for segment in segments]
    if len(segments) == 1:
        return lambda text: compiled[0].fullmatch(text) is not None
    head, tail, inner = compiled[0], compiled[-1], list(zip(compiled[1:-1], sizes[1:-1], strict=True))
    least = sizes[0] + sizes[-1]

    def test(text: str) -> bool:
        end = len(text) - sizes[-1]
        if len(text) < least or head.match(text) is None or tail.match(text, end) is None:
            return False
        at = sizes[0]
        for pattern, size in inner:
            found = pattern.search(text, at, end)
            if found is None:
                return False
            at = found.start() + size
        return True

    return test


def any_of(patterns: Iterable[str]) -> Test:
    """Return a test that is true where any pattern matches: exact ones by a set, `x*` by prefix."""
    exact: set[str] = set()
    prefixes: list[str] = []
    others: list[Test] = []
    for pattern in patterns:
        stem = pattern.rstrip("*")
        if "*" in stem or "?" in stem:
            others.append(glob(((pattern, True),)))
        elif stem == pattern:
            exact.add(pattern)
        else:
            prefixes.append(stem)
    if "" in prefixes:
        return lambda _: True
    return _joined(frozenset(exact), tuple(prefixes), tuple(others))


def _joined(exact: frozenset[str], prefixes: tuple[str, ...], others: tuple[Test, ...]) -> Test:
    if not others:
        if not prefixes:
            return exact.__contains__
        if not exact:
            return lambda text: text.startswith(prefixes)
        return lambda text: text in exact or text.startswith(prefixes)
    if len(others) == 1 and not exact and not prefixes:
        return others[0]

    def test(text: str) -> bool:
        if text in exact or text.startswith(prefixes):
            return True
        for other in others:  # noqa: SIM110 - a generator would cost more than the tests
            if other(text):
                return True
        return False

    return test


def template(text: str) -> Template | None:
    """Return the pieces of a text with policy variables, or None if it holds none."""
    pieces: list[str | Variable | Piece] = []
    at = 0
    for found in _VARIABLE.finditer(text):
        inside = found.group(1)
        if found.start() > at:
            pieces.append(text[at : found.start()])
        at = found.end()
        if inside in _LITERALS:
            pieces.append((inside, False))
            continue
        with_default = _DEFAULT.match(inside)
        if with_default is None:
            pieces.append(Variable(inside.strip().lower()))
        else:
            pieces.append(Variable(with_default.group(1).lower(), with_default.group(2)))
    if not pieces:
        return None
    if at < len(text):
        pieces.append(text[at:])
    return tuple(pieces)


def keys_of(made: Template) -> tuple[str, ...]:
    """Return the condition keys that a text's variables read."""
    return tuple(piece.key for piece in made if isinstance(piece, Variable))


def spelled_keys(texts: Iterable[str]) -> dict[str, str]:
    """Return the keys that variables in texts read, as they are written there, by their lower case."""
    found = (match.group(1) for text in texts for match in _VARIABLE.finditer(text))
    written = (inside.partition(",")[0].strip() for inside in found)
    return {key.lower(): key for key in written}


def filled(made: Template, context: Context) -> list[Piece] | Truth:
    """Return the pieces with variables replaced; `NO` where one has no value, `MAYBE` where it isn't known.

    Only single-valued keys can be used; replaced text is literal.
    """
    pieces, known = replaced(made, context)
    if pieces is None:
        return NO
    return pieces if known else MAYBE


def replaced(made: Template, context: Context) -> tuple[list[Piece] | None, bool]:
    """Return the pieces with variables replaced, None where one has no value; and whether all are known.

    One that is not known is replaced by any text.
    """
    pieces: list[Piece] = []
    known = True
    for piece in made:
        if isinstance(piece, str):
            pieces.append((piece, True))
        elif isinstance(piece, Variable):
            value = context.get(piece.key)
            if value is UNKNOWN:
                pieces.append(("*", True))
                known = False
                continue
            text = value if isinstance(value, str) else piece.default
            if text is None:
                return None, known
            pieces.append((text, False))
        else:
            pieces.append(piece)
    return pieces, known


def with_variables(
    made: Template, build: Callable[[list[Piece], bool], Test]
) -> Callable[[Context, str], Truth]:
    """Return the test of a pattern with variables. One that is not known leaves open only what it can change.

    `build` makes the test of replaced pieces, also where not all are known; it is kept for the same values.
    """
    keys = keys_of(made)
    kept: dict[tuple[Value | None, ...], tuple[Test, Truth]] = {}

    def test(context: Context, text: str) -> Truth:
        values = tuple([context.get(key) for key in keys])
        found = kept.get(values)
        if found is None:
            if len(kept) >= _KEPT_VALUES:
                kept.clear()
            pieces, known = replaced(made, context)
            found = (_never if pieces is None else build(pieces, known)), (YES if known else MAYBE)
            kept[values] = found
        return found[1] if found[0](text) else NO

    return test


def _never(_: str) -> bool:
    return False


def compile_template(made: Template) -> Callable[[Context, str], Truth]:
    """Return the test of a resource's pattern with variables."""
    start = made[0] if isinstance(made[0], str) else ""
    head = start.partition("*")[0].partition("?")[0]
    whole = with_variables(made, lambda pieces, _: glob(tuple(pieces)))
    return lambda context, text: whole(context, text) if text.startswith(head) else NO
