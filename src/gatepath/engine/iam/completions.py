"""What is left open although no completion of what is not known changes it, and which of it matters.

Each key that is not known gets one value for each way in which the conditions on it can come out, and absent.
A key for which that is too much stays open: the answer is then no sharper, but never wrong.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from decimal import Decimal
from itertools import pairwise, product
from typing import NamedTuple

from gatepath.engine.iam.ask import Ask, Decider, Decision, Evaluation, Layer, flat, matching
from gatepath.engine.iam.compiled import Rule
from gatepath.engine.iam.conditions import Compiled
from gatepath.engine.iam.logic import MAYBE, UNKNOWN, Context, Truth, Value
from gatepath.engine.iam.symbolic_keys import MULTI, sets_of
from gatepath.engine.iam.symbolic_values import CLOSED, OpenError, candidates, kinds_of
from gatepath.engine.iam.symbolic_walk import Budget, CapError

_MOST = 128
"""Completions that are tried."""
_MOST_VALUES = 300
"""Values of one key that are tried, of which those that come out alike count once."""
_STATES, _STEPS = 2_000, 40_000
_JUNK = "not a value"
"""No number, date, address, boolean or base64 text."""
_OWNER_KEYS = ("aws:resourceaccount", "s3:resourceaccount")
_OWNER = "resource_account"
_OTHER_ACCOUNT = "000000000000"
_LAYERS = frozenset(layer.value for layer in Layer)


class _Axis(NamedTuple):
    """Names that stand for one thing not known, and the values to try; None = absent."""

    names: tuple[str, ...]
    values: tuple[Value | None, ...]


def settled(ask: Ask, found: Evaluation, judge: Callable[[Ask], Evaluation]) -> Evaluation:
    """Return an open answer without what no completion brings about."""
    axes = _tried(_axes(ask))
    if not axes:
        return found
    results = {
        chosen: judge(_completed(ask, axes, chosen))
        for chosen in product(*[range(len(axis.values)) for axis in axes])
    }
    possible = frozenset[Decision]().union(*[result.possible for result in results.values()])
    if len(possible) == 1:
        return Evaluation(possible, tuple(_deciders(list(results.values()))))
    irrelevant = {
        name for number, axis in enumerate(axes) if not _matters(number, results) for name in axis.names
    }
    tried = {name for axis in axes for name in axis.names}
    still = {name.lower() for result in results.values() for name in result.depends_on}
    depends = [
        name
        for name in found.depends_on
        if name.lower() in still or (name.lower() in tried and name.lower() not in irrelevant)
    ]
    decided = found.decided_by
    if Decision.ALLOWED not in possible and not decided:
        # refused in every case: those count that say who lacks an Allow
        lacking = [result for result in results.values() if Decision.IMPLICIT_DENY in result.possible]
        decided = tuple(_deciders(lacking))
    return Evaluation(possible, decided, tuple(depends) or found.depends_on)


def _tried(axes: Iterable[_Axis]) -> list[_Axis]:
    """Return as many axes as the number of completions allows, those with the fewest values first."""
    made, size = [], 1
    for axis in sorted(axes, key=lambda axis: len(axis.values)):
        size *= len(axis.values)
        if size > _MOST:
            break
        made.append(axis)
    return made


def _matters(number: int, results: dict[tuple[int, ...], Evaluation]) -> bool:
    """Tell whether completions that differ in one axis alone have, or may have, different answers."""
    seen: dict[tuple[int, ...], Evaluation] = {}
    for chosen, result in results.items():
        others = (*chosen[:number], *chosen[number + 1 :])
        first = seen.setdefault(others, result)
        if first is not result and (
            first.possible != result.possible or not _same_end(first) or not _same_end(result)
        ):
            return True
    return False


def _same_end(result: Evaluation) -> bool:
    """Tell whether equal possibilities mean equal answers: they do unless a key is left open."""
    return len(result.possible) == 1 or set(result.depends_on) <= _LAYERS


def _deciders(results: Sequence[Evaluation]) -> Iterator[Decider]:
    """Yield who decides in every completion, and of layers where that differs who decides in any."""
    listed = dict.fromkeys(decider for result in results for decider in result.decided_by)
    always = {d for d in listed if all(d in result.decided_by for result in results)}
    layers = {decider.layer for decider in always}
    for decider in listed:
        if decider in always or decider.layer not in layers:
            yield decider


def _axes(ask: Ask) -> Iterator[_Axis]:
    reading: dict[str, list[Compiled]] = {}
    closed: set[str] = set()
    for rule in _open_rules(ask):
        closed.update(rule.resource_keys)
        for compiled in rule.compiled:
            key, *inside = compiled.keys
            if any(ask.context.get(name) is UNKNOWN for name in inside):
                closed.update(compiled.keys)
            elif ask.context.get(key) is UNKNOWN:
                reading.setdefault(key, []).append(compiled)
    known = {key: value for key, value in ask.context.items() if value is not UNKNOWN}
    if ask.resource_account is None and closed.isdisjoint(_OWNER_KEYS):
        read = [compiled for key in _OWNER_KEYS for compiled in reading.pop(key, ())]
        values = _values(_OWNER_KEYS, read, known)
        owners = dict.fromkeys([ask.caller.account, _OTHER_ACCOUNT, *values])
        if values or not read:
            yield _Axis((_OWNER, *_OWNER_KEYS), tuple(owner for owner in owners if isinstance(owner, str)))
    for key, read in reading.items():
        values = () if key in closed else _values((key,), read, known)
        if values:
            yield _Axis((key,), values)


def _open_rules(ask: Ask) -> Iterator[Rule]:
    stacks = (
        ask.identity,
        ask.resource,
        ask.boundary or (),
        ask.session or (),
        ask.vpce or (),
        flat(ask.scp),
        flat(ask.rcp),
    )
    for stack in stacks:
        for deny in (True, False):
            for _, rule, truth, _ in matching(ask, stack, deny=deny):
                if rule is not None and truth == MAYBE:
                    yield rule


def _values(keys: Sequence[str], read: Sequence[Compiled], known: Context) -> tuple[Value | None, ...]:
    """Return a value for each outcome of the conditions on keys that carry the same; nothing where too many."""
    made: dict[tuple[Truth, ...], Value | None] = {}
    try:
        for count, value in enumerate(_candidates(keys[0], read, known)):
            context = known | dict.fromkeys(keys, () if value is None else value)
            made.setdefault(tuple([compiled.run(context) for compiled in read]), value)
            if count >= _MOST_VALUES or len(made) > _MOST:
                return ()
    except (OpenError, CapError):
        return ()
    return tuple(made.values())


def _candidates(key: str, read: Sequence[Compiled], known: Context) -> Iterator[Value | None]:
    """Yield values of a key, one at least for each way the conditions come out, and None for absent."""
    pairs = [(compiled, compiled.variables) for compiled in read]
    kinds = kinds_of(pairs)
    if len(kinds) > 1 or key in CLOSED:
        raise OpenError(key, "mixed")
    # an empty text is a null data set to the set operators
    singles = [*candidates(key, pairs, known, Budget(_STATES, _STEPS)), _JUNK, ""]
    if kinds & {"number", "date"}:
        singles += _between(singles[:-2])
    yield None
    if key not in MULTI:
        yield from singles
    if key in MULTI or any(compiled.source.qualifier is not None for compiled in read):
        yield from sets_of((key,), read, singles, known)


def _between(points: Sequence[str]) -> Iterator[str]:
    """Yield what lies before and between numbers: no key is known to hold whole ones only."""
    ordered = sorted({Decimal(point) for point in points})
    yield f"{ordered[0] - 1:f}"
    yield from (f"{(one + other) / 2:f}" for one, other in pairwise(ordered))


def _completed(ask: Ask, axes: Sequence[_Axis], chosen: Sequence[int]) -> Ask:
    context, account = dict(ask.context), ask.resource_account
    for axis, number in zip(axes, chosen, strict=True):
        value = axis.values[number]
        for name in axis.names:
            if name == _OWNER:
                account = value if isinstance(value, str) else None
            elif name in context:
                context[name] = () if value is None else value
    return replace(ask, context=context, resource_account=account)
