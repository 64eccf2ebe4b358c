"""What each condition key can do to the statements: its values, and the statements that hold with each."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import product
from typing import NamedTuple

from gatepath.engine.iam.conditions import Compiled
from gatepath.engine.iam.logic import NO, Context, Value
from gatepath.engine.iam.symbolic_system import Numbered
from gatepath.engine.iam.symbolic_values import OpenError, candidates
from gatepath.engine.iam.symbolic_walk import Budget
from gatepath.model.naming import Arn

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
_SAME = (("aws:currenttime", "aws:epochtime"), ("aws:resourceaccount", "s3:resourceaccount"))
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
_TLS, _VERSION = "aws:securetransport", "s3:tlsversion"
_ARN, _ACCOUNT = "aws:principalarn", "aws:principalaccount"
_LINKED = ((_TLS, _VERSION), (_ARN, _ACCOUNT))
"""Keys of which one bears on the other."""
OWN = ("s3:", "dynamodb:", "aws:requesttag", "aws:resourcetag", "aws:tagkeys")
"""Keys that only some actions have; all others are the same for every action."""
_MOST_VALUES, _MOST_SETS, _MOST_RUNS = 8_000, 1_000, 100_000
"""Values of one key, sets of them, and conditions on such sets that are worth trying."""


class Choice(NamedTuple):
    """Values of a dimension's keys, and its statements whose conditions on them hold."""

    mask: int
    values: Pairs
    lacking: frozenset[str] = frozenset()
    """Keys that are absent here though all requests that may carry them do."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Dimension:
    """Keys that vary together. `rules`: the statements that read them.

    `fact`: the keys that do not differ from request to request but have one value that is not known.
    """

    keys: tuple[str, ...]
    rules: int
    choices: tuple[Choice, ...]
    fact: str = ""
    kept: dict[tuple[int, frozenset[str]], tuple[Choice, ...]] = field(default_factory=dict)

    def among(self, rules: int, barred: frozenset[str]) -> tuple[Choice, ...]:
        """Return choices that tell some of the statements apart; keys in `barred` are absent."""
        found = self.kept.get((rules, barred))
        if found is None:
            made: dict[int, Choice] = {}
            for choice in self.choices:
                if not choice.lacking <= barred:
                    continue
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
    is_fact: Callable[[str], bool] = lambda _: False
    rootless: bool = False


class Keys(NamedTuple):
    """Dimensions; statements whose conditions on known keys hold; (statements, key, why) not enumerated."""

    dimensions: tuple[Dimension, ...]
    holding: int
    open: tuple[tuple[int, str, str], ...]


def keys_of(rules: Sequence[Numbered], fixed: Fixed, budget: Budget) -> Keys:
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
            dimensions.append(_dimension(group, free, fixed, budget))
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
            for linked in (*pairs, *_TOGETHER, *_LINKED):
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
    group: list[tuple[str, ...]],
    free: dict[str, list[tuple[int, Compiled, bool]]],
    fixed: Fixed,
    budget: Budget,
) -> Dimension:
    reading = [row for keys in group for key in keys for row in free[key]]
    rules = _bits(bit for bit, _, _ in reading)
    listed = _of_accounts(group, [list(_values(keys, free, fixed, budget)) for keys in group])
    size = 1
    for values in listed:
        size *= len(values)
    if size > _MOST_VALUES:
        raise OpenError(group[0][0], "cap")
    made: dict[tuple[int, frozenset[str]], Choice] = {}
    for chosen in product(*listed):
        pairs = tuple((key, value) for keys, value in zip(group, chosen, strict=True) for key in keys)
        given = dict(pairs)
        if any(pair in fixed.but for pair in pairs) or not _together(given):
            continue
        if fixed.rootless and str(given.get(_ARN)).endswith(":root"):
            continue
        context = fixed.known | {key: value for key, value in pairs if value is not None}
        mask = rules
        for bit, compiled, _ in reading:
            if compiled.run(context) == NO:
                mask &= ~bit
        there = frozenset(key for key, value in pairs if value is not None)
        lacking = frozenset(key for key, value in pairs if value is None and _is_required(key, given, fixed))
        if _TLS not in given and given.get(_VERSION, "") is None:
            pairs = (*pairs, (_TLS, "false"))
        made.setdefault((mask, there), Choice(mask, pairs, lacking))
    keys = tuple(key for keys in group for key in keys)
    fact = next((key for key in keys if fixed.is_fact(key)), "")
    return Dimension(keys=keys, rules=rules, choices=tuple(made.values()), fact=fact)


def _is_required(key: str, values: dict[str, Value | None], fixed: Fixed) -> bool:
    """Tell whether requests that may carry a key do, given the values of those that vary with it."""
    if key == _VERSION:
        return _TLS in values and _secure(values)
    return key in PRESENT or key in fixed.present


def _secure(values: dict[str, Value | None]) -> bool:
    return values.get(_TLS, "true") == "true"


def _of_accounts(group: list[tuple[str, ...]], listed: list[list[Value | None]]) -> list[list[Value | None]]:
    """Return the values with the callers' ARNs in each of the accounts, so that both can fit together."""
    if (_ARN,) not in group or (_ACCOUNT,) not in group:
        return listed
    at, accounts = group.index((_ARN,)), group.index((_ACCOUNT,))
    made = dict.fromkeys(listed[at])
    known = dict.fromkeys(listed[accounts])
    for value in listed[at]:
        arn = Arn.parse(value) if isinstance(value, str) else None
        if arn is not None:
            known.setdefault(arn.account)
            for account in listed[accounts]:
                if isinstance(account, str):
                    made.setdefault(str(Arn(arn.partition, arn.service, arn.region, account, arn.resource)))
    copy = list(listed)
    copy[at], copy[accounts] = list(made), list(known)
    return copy


def _together(values: dict[str, Value | None]) -> bool:
    """Tell whether a request can carry these values at once."""
    if values.get(_VERSION) is not None and not _secure(values):
        return False
    if _ARN in values and _ACCOUNT in values:
        arn = Arn.parse(values[_ARN]) if isinstance(values[_ARN], str) else None  # type: ignore[arg-type]
        if (None if arn is None else arn.account) != values[_ACCOUNT]:
            return False
    return all(
        (values[one] is None) == (values[other] is None)
        for one, other in _TOGETHER
        if one in values and other in values
    )


def _values(
    keys: tuple[str, ...], free: dict[str, list[tuple[int, Compiled, bool]]], fixed: Fixed, budget: Budget
) -> Iterator[Value | None]:
    """Yield a value for each outcome of the conditions on keys that carry the same value; None = absent."""
    read = [(compiled, variables) for key in keys for _, compiled, variables in free[key]]
    singles = candidates(keys[0], read, fixed.known, budget)
    if any(key.startswith(OWN) for key in keys) or not any(_is_required(key, {}, fixed) for key in keys):
        yield None
    quantified = any(compiled.source.qualifier is not None for compiled, _ in read)
    if keys[0] not in MULTI:
        yield from singles
    if keys[0] in MULTI or quantified:
        yield from sets_of(keys, [compiled for compiled, _ in read], singles, fixed.known)


def sets_of(
    keys: tuple[str, ...], read: Sequence[Compiled], singles: Sequence[str], known: Context
) -> Iterator[tuple[str, ...]]:
    """Yield sets of values, one for each outcome: of larger ones only those that change something."""
    seen: set[tuple[int, ...]] = set()
    waiting: list[tuple[str, ...]] = [()]
    runs = 0
    for smaller in waiting:
        for single in singles:
            if single in smaller:
                continue
            made = (*smaller, single)
            runs += len(read)
            if runs > _MOST_RUNS:
                raise OpenError(keys[0], "cap")
            context = known | dict.fromkeys(keys, made)
            found = tuple(compiled.run(context) for compiled in read)
            if found not in seen:
                seen.add(found)
                if len(seen) > _MOST_SETS:
                    raise OpenError(keys[0], "cap")
                waiting.append(made)
                yield made
