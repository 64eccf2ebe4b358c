"""What sets an answer's requests apart: as few keys as tell them from the others."""

from collections.abc import Iterable, Iterator, Sequence

from gatepath.engine.iam.symbolic_fold import Base, Box, Cube, Final, Pick, Space
from gatepath.engine.iam.symbolic_keys import Choice, Dimension
from gatepath.engine.iam.symbolic_values import OpenError

_MOST = 200
"""Cubes of one base."""
Held = dict[Dimension, Choice]


def cubes(space: Space, base: Base, wanted: Sequence[Final], forbidden: frozenset[int]) -> Iterator[Cube]:
    """Yield cubes that hold all requests which meet wanted sets of statements, and none of forbidden ones.

    Raises `OpenError` where there are too many.
    """
    masks = frozenset(final.mask for final in wanted)
    waiting: list[tuple[Box, Sequence[Final]]] = [({}, wanted)]
    count = 0
    while waiting:
        box, found = waiting.pop()
        final = next((each for each in found if each.mask in masks), None)
        if final is None:
            continue
        held = _fewest(space, base, final, forbidden)
        picks = tuple(Pick(dimension, choice) for dimension, choice in held.items())
        yield Cube(final, picks, open_keys(space, base, held, masks))
        count += 1
        if count > _MOST:
            raise OpenError(base.atom.whole, "cap")
        waiting += [(rest, space.within(base, rest)) for rest in _without(space, base, box, held)]


def _without(space: Space, base: Base, box: Box, held: Held) -> Iterator[Box]:
    """Yield boxes that hold what is in a box and not in a cube, each once."""
    same: Box = box
    for dimension, choice in held.items():
        choices = same.get(dimension) or space.choices(base, dimension)
        others = tuple(each for each in choices if each != choice)
        if others:
            yield {**same, dimension: others}
        if choice not in choices:
            return
        same = {**same, dimension: (choice,)}


def _fewest(space: Space, base: Base, final: Final, forbidden: frozenset[int]) -> Held:
    """Return a final's choices without those that make no difference; what is not known goes first."""
    if not forbidden:
        return {}
    held = {pick.dimension: pick.choice for pick in final.picks}
    for dimension in sorted(held, key=lambda each: not each.fact):
        fewer = {each: choice for each, choice in held.items() if each is not dimension}
        if space.masks(base, _box(fewer)).isdisjoint(forbidden):
            held = fewer
    return held


def _box(held: Held) -> Box:
    return {dimension: (choice,) for dimension, choice in held.items()}


def open_keys(space: Space, base: Base, held: Held, wanted: Iterable[int]) -> tuple[str, ...]:
    """Return the keys on whose values, which are not known, it hangs whether a wanted set can be met."""
    fixed = tuple(dimension.fact for dimension in held if dimension.fact)
    if fixed:
        return fixed
    for facts in space.facts(base):
        if not facts:
            return ()
        if space.masks(base, {**_box(held), **facts}).isdisjoint(wanted):
            return tuple(dimension.fact for dimension in facts)
    return ()
