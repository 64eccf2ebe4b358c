"""How a verdict follows from what may become of the packets.

| verdict | works | refused | dropped |
|---|---|---|---|
| ok | everything, by the gateway endpoint | - | - |
| bypass | everything, some of it another way | - | - |
| intermittent | a part | the rest, either way | |
| denied | nothing | some or all | perhaps some |
| blocked | nothing | nothing | everything |
"""

from collections.abc import Iterable
from itertools import chain, combinations

from gatepath.trace import Fate, Traffic, Verdict

Outcome = frozenset[Fate]
"""The fates that occur, in one completion of what is not known."""

RANK = {
    Verdict.BLOCKED: 0,
    Verdict.DENIED: 1,
    Verdict.INTERMITTENT: 2,
    Verdict.BYPASS: 3,
    Verdict.OK: 4,
}
"""From worst to best; `unknown` has no rank."""

_WORKS = frozenset({Fate.GATEWAY, Fate.BYPASS})


def fates_of(traffic: Traffic) -> Outcome:
    """Return all that may become of a traffic that went through every check."""
    if traffic.dropped is not None:
        return frozenset({Fate.DROPPED})
    if traffic.refused is not None:
        found: Outcome = frozenset({Fate.REFUSED})
    elif traffic.fates is not None:
        return traffic.fates
    else:
        by_endpoint = traffic.kind == "gateway-endpoint"
        found = frozenset({Fate.GATEWAY if by_endpoint else Fate.BYPASS})
    return found | {Fate.DROPPED} if traffic.unsettled else found


def outcomes(traffics: Iterable[Traffic]) -> frozenset[Outcome]:
    """Return the outcome of every completion.

    Packets whose fate is open may fare alike or not, so a traffic (or a group that excludes each other)
    contributes every non-empty part of its possible fates.
    """
    groups: dict[object, Outcome] = {}
    for number, traffic in enumerate(traffics):
        key: object = traffic.group or number
        groups[key] = groups.get(key, frozenset()) | fates_of(traffic)
    made: frozenset[Outcome] = frozenset({frozenset()})
    for fates in groups.values():
        parts = _parts(fates)
        made = frozenset(so_far | part for so_far in made for part in parts)
    return made


def _parts(fates: Outcome) -> list[Outcome]:
    listed = sorted(fates)
    sizes = range(1, len(listed) + 1)
    return [frozenset(part) for part in chain.from_iterable(combinations(listed, n) for n in sizes)]


def verdict_of(outcome: Outcome) -> Verdict:
    """Return the verdict of one completion, by the table above."""
    if outcome & _WORKS:
        if outcome - _WORKS:
            return Verdict.INTERMITTENT
        return Verdict.BYPASS if Fate.BYPASS in outcome else Verdict.OK
    return Verdict.DENIED if Fate.REFUSED in outcome else Verdict.BLOCKED


def verdict(possible: Iterable[Outcome]) -> Verdict:
    """Return the verdict that all completions share, else `unknown`."""
    found = {verdict_of(outcome) for outcome in possible}
    return found.pop() if len(found) == 1 else Verdict.UNKNOWN


def behind(first: Iterable[Outcome], second: Iterable[Outcome]) -> frozenset[Outcome]:
    """Return the outcomes of two connections in a row: what works at the first fares as at the second."""
    later = frozenset(second)
    made: set[Outcome] = set()
    for outcome in first:
        rest = outcome - _WORKS
        if outcome & _WORKS:
            made.update(rest | after for after in later)
        else:
            made.add(rest)
    return frozenset(made)
