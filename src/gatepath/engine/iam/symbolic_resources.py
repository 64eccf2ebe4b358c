"""Resources that the statements tell apart: for each bucket or table, its own ARN and those inside it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from gatepath.engine.iam.compiled import resource_patterns
from gatepath.engine.iam.globs import filled
from gatepath.engine.iam.logic import Context
from gatepath.engine.iam.symbolic_system import Numbered, Target
from gatepath.engine.iam.symbolic_values import OpenError
from gatepath.engine.iam.symbolic_walk import (
    Automata,
    Budget,
    CapError,
    Pattern,
    literal,
    pattern,
    some,
    walk,
)

_INSIDE = {
    "bucket": (("bucket", ""), ("object", "/")),
    "table": (("table", ""), ("index", "/index/")),
    "stream": (("stream", ""),),
    "*": (("*", ""),),
}
"""Kinds of resource at a target, and what stands between its ARN and their own names."""
_NOT_IN_NAMES = "/:"
_LABEL = "/stream/"
"""What the label of a stream, a time with colons, follows."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Atom:
    """Resources that no statement tells apart. `example` is one of them, `whole` the pattern of all of a kind.

    `matching` and `excluding`: the policies' patterns that do and don't match it, of those that differ between
    resources of the kind.
    """

    target: int
    kind: str
    example: str
    whole: str
    mask: int
    matching: tuple[str, ...] = ()
    excluding: tuple[str, ...] = ()
    siblings: int = 1
    """How many atoms its kind has at its target."""


class Resources:
    """The resource elements of all statements as one automaton."""

    def __init__(self, rules: Sequence[Numbered], targets: Sequence[Target], known: Context) -> None:
        """Take the statements; variables whose value is not known are left out (the caller names them)."""
        self._texts: list[str] = []
        self._patterns: dict[Pattern, int] = {}
        self._rules: list[tuple[Numbered, frozenset[int], bool]] = []
        for numbered in rules:
            self._take(numbered, known)
        self._shapes: dict[tuple[int, str], int] = {}
        self._others: dict[tuple[int, str], list[int]] = {}
        """Patterns of the resources that are not meant."""
        listed = list(self._patterns)
        for number, target in enumerate(targets):
            for kind, between in _INSIDE[target.kind]:
                self._shapes[number, kind] = len(listed)
                listed.append(_shape(target.arn, between))
                for other in target.but:
                    self._others.setdefault((number, kind), []).append(len(listed))
                    listed.append(_shape(other, between))
        self._targets = targets
        self._automata = Automata(listed)

    def _take(self, numbered: Numbered, known: Context) -> None:
        statement = numbered.rule.statement
        listed = statement.resources if statement.resources is not None else statement.not_resources
        if listed is None:
            self._rules.append((numbered, frozenset(), False))
            return
        texts, templates = resource_patterns(listed, numbered.role, variables=numbered.variables)
        made = [((text, True),) for text in texts]
        for template in templates:
            pieces = filled(template, known)
            if isinstance(pieces, list):
                made.append(tuple(pieces))  # type: ignore[arg-type] # pieces of any number
        numbers = {self._number(pieces) for pieces in made}
        self._rules.append((numbered, frozenset(numbers), statement.resources is None))

    def _number(self, pieces: Sequence[tuple[str, bool]]) -> int:
        made = pattern(pieces)
        if made not in self._patterns:
            self._patterns[made] = len(self._texts)
            self._texts.append("".join(text for text, _ in pieces))
        return self._patterns[made]

    def atoms(self, target: int, budget: Budget) -> Iterator[Atom]:
        """Yield the atoms of a target; raises `OpenError`."""
        concerned = [row for row in self._rules if row[0].target in {None, target}]
        numbers = frozenset(number for _, listed, _ in concerned for number in listed)
        for kind, between in _INSIDE[self._targets[target].kind]:
            yield from self._of_kind(target, kind, between, concerned, numbers, budget)

    def _of_kind(
        self,
        target: int,
        kind: str,
        between: str,
        concerned: list[tuple[Numbered, frozenset[int], bool]],
        numbers: frozenset[int],
        budget: Budget,
    ) -> Iterator[Atom]:
        automata, arn = self._automata, self._targets[target].arn
        shape = self._shapes[target, kind]
        fixed = arn.partition("*")[0] if kind != "*" else arn
        if "*" not in arn and kind != "*":
            fixed = arn + between
        others = self._others.get((target, kind), [])
        start = automata.after(automata.start({*numbers, shape, *others}), fixed)
        ends = {number: automata.ends[number] for number in numbers}
        usual = self._targets[target].usual + (f"{between}example" if between else "")
        found = self._found(start, shape, budget, arn, usual if self._targets[target].usual else "")
        barred = sum(automata.ends[number] for number in others)
        found = {state: text for state, text in found.items() if not state & barred}
        if not found:
            return
        common = [n for n in ends if all(state & ends[n] for state in found)]
        loose = [n for n in ends if n not in common and any(state & ends[n] for state in found)]
        for state, text in found.items():
            mask = 0
            for numbered, listed, negative in concerned:
                if any(state & ends[n] for n in listed) is not negative:
                    mask |= numbered.bit
            yield Atom(
                target=target,
                kind=kind,
                example=fixed + text,
                whole=arn + (f"{between}*" if between else ""),
                mask=mask,
                matching=tuple(sorted(self._texts[n] for n in loose if state & ends[n])),
                excluding=tuple(sorted(self._texts[n] for n in loose if not state & ends[n])),
                siblings=len(found),
            )

    def _found(self, start: int, shape: int, budget: Budget, arn: str, usual: str) -> dict[int, str]:
        """Return the reachable sets of patterns that match a resource of this shape, with an example each."""
        automata, inside = self._automata, self._automata.spans[shape]
        ends, done = sum(automata.ends), automata.ends[shape]
        if start & done and not start & inside & ~done:
            return {start & ends: ""}
        found: dict[int, str] = {}
        if usual and (state := automata.after(start, usual)) & done:
            found[state & ends] = usual
        try:
            for state, text in walk(automata, start, budget, inside):
                if state & done:
                    found.setdefault(state & ends, text)
        except CapError as error:
            raise OpenError(arn, "cap") from error
        return found


def _shape(arn: str, between: str) -> Pattern:
    if arn == "*":
        return literal(arn)
    made: Pattern = ()
    before = ""
    for number, part in enumerate(arn.split("*")):
        barred = "/" if before.endswith(_LABEL) else _NOT_IN_NAMES
        made += (some(barred) if number else ()) + literal(part)
        before = part
    return made + literal(between) + (some() if between else ())
