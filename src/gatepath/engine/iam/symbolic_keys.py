"""What each condition key can do to the statements: its values, and the statements that hold with each."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import product
from typing import NamedTuple

from gatepath.engine.iam.conditions import Compiled
from gatepath.engine.iam.logic import NO, Context, Value
from gatepath.engine.iam.symbolic_system import Numbered
from gatepath.engine.iam.symbolic_values import OpenError, candidates

Pairs = tuple[tuple[str, Value | None], ...]
"""Keys with their values; None = absent."""
MULTI = frozenset(
    {
        "aws:calledvia",
        "aws:principalorgpaths",
        "aws:principalservicenameslist",
        "aws:resourceorgpaths",
        "aws:tagkeys",
        "aws:vpceorgpaths",
        "dynamodb:attributes",
        "dynamodb:leadingkeys",
    }
)
"""Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-single-vs-multi-valued-context-keys.html"""
PRESENT = frozenset({"aws:currenttime", "aws:epochtime", "aws:requestedregion", "aws:securetransport"})
"""Keys of every request."""
_SAME = (("aws:currenttime", "aws:epochtime"),)
_SAME_ACCOUNT = (
    ("aws:principalorgid", "aws:resourceorgid"),
    ("aws:principalorgpaths", "aws:resourceorgpaths"),
)
_TOGETHER = (
    ("aws:principalorgid", "aws:principalorgpaths"),
    ("aws:resourceorgid", "aws:resourceorgpaths"),
    ("aws:vpceorgid", "aws:vpceorgpaths"),
)
"""Keys that are in a request together or not at all."""
_MOST_VALUES = 2_000
"""Values of one key that are worth trying."""


class Choice(NamedTuple):
    """Values of a dimension's keys, and its statements whose conditions on them hold."""

    mask: int
    values: Pairs


@dataclass(frozen=True, slots=True, kw_only=True)
class Dimension:
    """Keys that vary together. `rules`: the statements that read them."""

    keys: tuple[str, ...]
    rules: int
    choices: tuple[Choice, ...]
    kept: dict[tuple[int, frozenset[str]], tuple[Choice, ...]] = field(default_factory=dict)

    def among(self, rules: int, barred: frozenset[str]) -> tuple[Choice, ...]:
        """Return choices that tell some of the statements apart; keys in `barred` are absent."""
        found = self.kept.get((rules, barred))
        if found is None:
            made: dict[int, Choice] = {}
            for choice in self.choices:
                if all(value is None for key, value in choice.values if key in barred):
                    made.setdefault(choice.mask & rules, choice)
            found = self.kept[rules, barred] = tuple(made.values())
        return found


class Fixed(NamedTuple):
    """What is known of the keys: given ones, and for each free key whether it is in every request."""

    known: Context
    absent: frozenset[str]
    present: frozenset[str]
    across: bool
    """Whether caller and resource belong to different accounts."""
    but: Pairs = ()
    """Values that keys don't have."""


class Keys(NamedTuple):
    """Dimensions; statements whose conditions on known keys hold; (statements, key, why) not enumerated."""

    dimensions: tuple[Dimension, ...]
    holding: int
    open: tuple[tuple[int, str, str], ...]


def keys_of(rules: Sequence[Numbered], fixed: Fixed, cap: int) -> Keys:
    """Return the dimensions of all keys that the statements read."""
    holding, opened = 0, list(_open_resources(rules, fixed))
    free: dict[str, list[tuple[int, Compiled, bool]]] = {}
    settled = fixed.absent | fixed.known.keys()
    for numbered in rules:
        holds = True
        for compiled in numbered.rule.compiled:
            key = compiled.keys[0]
            loose = [name for name in compiled.keys[1:] if name not in settled]
            opened += [(numbered.bit, name, "variable") for name in loose]
            if key in settled and not loose:
                holds = holds and compiled.run(fixed.known) != NO
            elif not loose:
                free.setdefault(key, []).append((numbered.bit, compiled, numbered.variables))
        holding |= numbered.bit if holds else 0
    dimensions = []
    for group in _groups(free, fixed):
        reading = [row for keys in group for key in keys for row in free[key]]
        try:
            dimensions.append(_dimension(group, free, fixed, cap))
        except OpenError as error:
            opened.append((_bits(bit for bit, _, _ in reading), error.key, error.why))
    return Keys(tuple(dimensions), holding, tuple(opened))


def _open_resources(rules: Sequence[Numbered], fixed: Fixed) -> Iterator[tuple[int, str, str]]:
    """Yield statements whose resources depend on a variable that is not known."""
    for numbered in rules:
        for key in numbered.rule.resource_keys:
            if key not in fixed.absent and key not in fixed.known:
                yield numbered.bit, key, "variable"


def _bits(bits: Iterable[int]) -> int:
    found = 0
    for bit in bits:
        found |= bit
    return found


def _groups(free: Iterable[str], fixed: Fixed) -> Iterator[list[tuple[str, ...]]]:
    """Yield groups of keys that hang together: each a list of tuples that carry the same value."""
    left = dict.fromkeys(free)
    pairs = _SAME if fixed.across else (*_SAME, *_SAME_ACCOUNT)
    while left:
        group = [next(iter(left))]
        for key in group:
            for linked in (*pairs, *_TOGETHER):
                if key in linked:
                    group += [other for other in linked if other in left and other not in group]
        for key in group:
            left.pop(key)
        merged: list[tuple[str, ...]] = []
        for key in group:
            twin = next((pair for pair in pairs if key in pair), (key,))
            made = tuple(name for name in twin if name in group)
            if made not in merged:
                merged.append(made)
        yield merged


def _dimension(
    group: list[tuple[str, ...]], free: dict[str, list[tuple[int, Compiled, bool]]], fixed: Fixed, cap: int
) -> Dimension:
    reading = [row for keys in group for key in keys for row in free[key]]
    rules = _bits(bit for bit, _, _ in reading)
    listed = [list(_values(keys, free, fixed, cap)) for keys in group]
    size = 1
    for values in listed:
        size *= len(values)
    if size > _MOST_VALUES:
        raise OpenError(group[0][0], "cap")
    made: dict[tuple[int, frozenset[str]], Choice] = {}
    for chosen in product(*listed):
        pairs = tuple((key, value) for keys, value in zip(group, chosen, strict=True) for key in keys)
        if any(pair in fixed.but for pair in pairs) or not _together(dict(pairs)):
            continue
        context = fixed.known | {key: value for key, value in pairs if value is not None}
        mask = rules
        for bit, compiled, _ in reading:
            if compiled.run(context) == NO:
                mask &= ~bit
        there = frozenset(key for key, value in pairs if value is not None)
        made.setdefault((mask, there), Choice(mask, pairs))
    return Dimension(
        keys=tuple(key for keys in group for key in keys), rules=rules, choices=tuple(made.values())
    )


def _together(values: dict[str, Value | None]) -> bool:
    return all(
        (values[one] is None) == (values[other] is None)
        for one, other in _TOGETHER
        if one in values and other in values
    )


def _values(
    keys: tuple[str, ...], free: dict[str, list[tuple[int, Compiled, bool]]], fixed: Fixed, cap: int
) -> Iterator[Value | None]:
    """Yield a value for each outcome of the conditions on keys that carry the same value; None = absent."""
    read = [(compiled, variables) for key in keys for _, compiled, variables in free[key]]
    singles = candidates(keys[0], read, fixed.known, cap)
    if not any(key in PRESENT or key in fixed.present for key in keys):
        yield None
    quantified = any(compiled.source.qualifier is not None for compiled, _ in read)
    if keys[0] not in MULTI:
        yield from singles
    if keys[0] in MULTI or quantified:
        yield from _sets(keys, [compiled for compiled, _ in read], singles, fixed.known)


def _sets(
    keys: tuple[str, ...], read: Sequence[Compiled], singles: Sequence[str], known: Context
) -> Iterator[tuple[str, ...]]:
    """Yield sets of values, one for each outcome: of larger ones only those that change something."""
    seen: set[tuple[int, ...]] = set()
    waiting: list[tuple[str, ...]] = [()]
    for smaller in waiting:
        for single in singles:
            if single in smaller:
                continue
            made = (*smaller, single)
            context = known | dict.fromkeys(keys, made)
            found = tuple(compiled.run(context) for compiled in read)
            if found not in seen:
                seen.add(found)
                if len(seen) > _MOST_VALUES:
                    raise OpenError(keys[0], "cap")
                waiting.append(made)
                yield made
