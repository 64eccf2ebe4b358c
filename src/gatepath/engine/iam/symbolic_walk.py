"""Which patterns can match the same text: a walk over all of them at once.

Every pattern is an automaton whose positions are bits of one number, so that a step of all patterns is three
operations. A walk visits every reachable set of positions and gives one (shortest) text for each.
"""

from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import NamedTuple

from gatepath.engine.iam.globs import Piece

_SAMPLES = "x0a1b2c3yzwqkjhgdefilmnoprstuv456789XYZWQKJHGABCDEFILMNOPRSTUV-_.~!@#%^&()+=,;[]{}|"
"""Characters to stand for "any other", the most harmless first."""
_PRIVATE_USE = range(0xE000, 0xF8FF)
_FIELDS = 5
"""Colons of an ARN before its last field."""
_RHYTHM = 16
"""After so many steps the budget is looked at."""


class Token(NamedTuple):
    """One character, or any (`chars` empty) but those in `barred`; `many`: any number of them."""

    chars: str = ""
    many: bool = False
    barred: str = ""


Pattern = tuple[Token, ...]


class CapError(Exception):
    """More states than are worth visiting."""


@dataclass(slots=True)
class Budget:
    """How much work one question is worth. `states`: most of one walk; `left`: steps of all together."""

    states: int
    left: int

    def spend(self, steps: int) -> None:
        """Take steps; raises `CapError` where none are left."""
        self.left -= steps
        if self.left < 0:
            raise CapError


def literal(text: str) -> Pattern:
    """Return the pattern of a text as it is."""
    return tuple(Token(char) for char in text)


def some(barred: str = "") -> Pattern:
    """Return the pattern of one or more characters."""
    return Token(barred=barred), Token(many=True, barred=barred)


def pattern(pieces: Iterable[Piece], barred: str = "") -> Pattern:
    """Return a glob's pattern; wildcards don't stand for characters in `barred`."""
    made: list[Token] = []
    for text, wild in pieces:
        for char in text:
            if wild and char == "*":
                if not (made and made[-1].many):
                    made.append(Token(many=True, barred=barred))
            else:
                made.append(Token(barred=barred) if wild and char == "?" else Token(char))
    return tuple(made)


def arn_pattern(fields: Sequence[Iterable[Piece]]) -> Pattern:
    """Return the pattern of an ARN whose wildcards stay inside their field, except in the last one."""
    made: list[Token] = []
    for number, field in enumerate(fields):
        made += (Token(":"),) if number else ()
        made += pattern(field, ":" if number < _FIELDS else "")
    return tuple(made)


def ignoring_case(text: str) -> Pattern:
    """Return the pattern of a text in any case."""
    return tuple(Token("".join(dict.fromkeys((char, char.lower(), char.upper())))) for char in text)


class Automata:
    """Patterns side by side. A state is the set of positions they are at, as bits."""

    def __init__(self, patterns: Sequence[Pattern]) -> None:
        """Take the patterns; `ends[i]` is the position where pattern i has matched."""
        self.ends: list[int] = []
        self.spans: list[int] = []
        self._any = self._many = self._start = 0
        self._literal: dict[str, int] = {}
        self._barred: dict[str, int] = {}
        at = 0
        for tokens in patterns:
            self._start |= 1 << at
            self.spans.append(((1 << (len(tokens) + 1)) - 1) << at)
            for token in tokens:
                self._take(token, 1 << at)
                at += 1
            self.ends.append(1 << at)
            at += 1
        self._start |= (self._start & self._many) << 1

    def _take(self, token: Token, bit: int) -> None:
        for char in token.chars:
            self._literal[char] = self._literal.get(char, 0) | bit
        for char in token.barred:
            self._barred[char] = self._barred.get(char, 0) | bit
        if token.many:
            self._many |= bit
        elif not token.chars:
            self._any |= bit

    def start(self, numbers: Iterable[int]) -> int:
        """Return the state before the first character, for some of the patterns."""
        wanted = 0
        for number in numbers:
            wanted |= self.spans[number]
        return self._start & wanted

    def step(self, state: int, char: str) -> int:
        """Return the state after one more character."""
        free = state & ~self._barred.get(char, 0)
        moved = free & (self._any) | state & self._literal.get(char, 0)
        made = (moved << 1) | (free & self._many)
        return made | ((made & self._many) << 1)

    def after(self, state: int, text: str) -> int:
        """Return the state after a text."""
        for char in text:
            state = self.step(state, char)
        return state

    def choices(self, state: int) -> Iterator[str]:
        """Yield one character of each kind that the state tells apart."""
        named = {char for char, bits in chain(self._literal.items(), self._barred.items()) if state & bits}
        yield next((char for char in _SAMPLES if char not in named), None) or next(
            chr(code) for code in _PRIVATE_USE if chr(code) not in named
        )
        yield from sorted(named)


def walk(automata: Automata, state: int, budget: Budget, needed: int = 0) -> Iterator[tuple[int, str]]:
    """Yield every state that can be reached, with a shortest text; raises `CapError`.

    The empty state (no pattern can match any more) is one of them and leads nowhere else. States without any
    position in `needed` are left out.
    """
    seen = {state}
    waiting = deque([(state, "")])
    while waiting:
        state, text = waiting.popleft()
        yield state, text
        if not state:
            continue
        for steps, char in enumerate(automata.choices(state)):
            if not steps % _RHYTHM:
                budget.spend(_RHYTHM)
            made = automata.step(state, char)
            if made not in seen and (not needed or made & needed):
                if len(seen) >= budget.states:
                    raise CapError
                seen.add(made)
                waiting.append((made, text + char))
