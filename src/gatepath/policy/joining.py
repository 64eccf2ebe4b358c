"""Classes as a reader wants them: alike ones on several resources told once, patterns that say nothing left out."""

from collections.abc import Iterable
from dataclasses import dataclass

from gatepath.rights.answers import Told


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """Classes that differ in their resources only; the first speaks for all."""

    first: Told
    resources: tuple[str, ...]


def joined(told: Iterable[Told]) -> tuple[Shown, ...]:
    """Return the classes, those on several buckets or tables as one."""
    made: dict[object, list[Told]] = {}
    for number, each in enumerate(told):
        found = each.of
        own = number if found.matching or found.excluding else -1
        said = tuple((one.layer, one.effect, one.statement, one.policy) for one in each.decided_by)
        tail = found.resource.partition(":::")[2].partition("/")[1:]
        alike = (found.actions, found.conditions, found.ways, found.open_ways, found.change)
        place = (own, *alike, said, tail, each.principals, each.ways, each.recorded)
        made.setdefault(place, []).append(each)
    return tuple(
        Shown(first=listed[0], resources=tuple(dict.fromkeys(one.of.resource for one in listed)))
        for listed in made.values()
    )


def matching(told: Told) -> tuple[str, ...]:
    """Return the patterns that a class's resources match, without those that another one implies."""
    listed = told.of.matching
    return tuple(one for one in listed if not any(other != one and _covers(one, other) for other in listed))


def excluding(told: Told) -> tuple[str, ...]:
    """Return the patterns that a class's resources do not match, of those that its others could match."""
    listed = [one for one in told.of.excluding if all(_meets(one, each) for each in told.of.matching)]
    return tuple(one for one in listed if not any(other != one and _covers(other, one) for other in listed))


def _covers(wide: str, narrow: str) -> bool:
    """Tell whether a pattern with one wildcard at its end matches all that another one matches."""
    return wide.endswith("*") and not {"*", "?"} & set(wide[:-1]) and narrow.startswith(wide[:-1])


def _meets(one: str, other: str) -> bool:
    """Tell whether two patterns may match the same text, by what stands before their wildcards."""
    first, second = (_fixed(text) for text in (one, other))
    return first.startswith(second) or second.startswith(first)


def _fixed(text: str) -> str:
    for number, char in enumerate(text):
        if char in "*?$":
            return text[:number]
    return text
