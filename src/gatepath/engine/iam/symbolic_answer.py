"""Classes of requests as they are told: alike ones joined, each confirmed by the evaluator."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from gatepath.engine.iam.ask import Decider
from gatepath.engine.iam.logic import Value
from gatepath.engine.iam.symbolic_cubes import cubes
from gatepath.engine.iam.symbolic_fold import Base, Cube, Final, Space, Way, budget_of, spaces, values_of
from gatepath.engine.iam.symbolic_resources import Resources
from gatepath.engine.iam.symbolic_system import Action, System
from gatepath.engine.iam.symbolic_values import OpenError
from gatepath.engine.iam.symbolic_walk import Budget, CapError
from gatepath.engine.iam.symbolic_witness import Hit, Row, spellings

T = TypeVar("T")
Pairs = tuple[tuple[str, Value | None], ...]
MOST = 2_000
"""Classes of one answer that are told."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Class:
    """Requests with the same answer.

    `resource`: the ARN or a pattern of all of its kind; where only some of these are meant, `matching` and
    `excluding` are the policies' patterns that tell them. `conditions`: the keys that make them so, with
    the witness's values (None = absent), each of which stands for all values that meet the same conditions of the
    policies; empty where the keys make no difference. `witness`: a request with its policies in the form that
    `authorize` takes. `decided_by`: what refuses it. `allowed_by`: what allows it otherwise.
    """

    actions: tuple[str, ...]
    resource: str
    matching: tuple[str, ...]
    excluding: tuple[str, ...]
    conditions: Pairs
    witness: Row
    decided_by: tuple[Decider, ...]
    allowed_by: tuple[Decider, ...] = ()
    ways: tuple[str, ...] = ()
    """For `only_via`: on which ways some of it is allowed."""
    open_ways: tuple[str, ...] = ()
    """Ways of which that is not decided."""
    others: tuple[tuple[str, Row], ...] = ()
    """A witness for each of the other ways."""
    target: int = 0
    """Which of the scenario's targets they are on."""
    change: str = ""
    """For `difference`: `gained` or `lost`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """The classes, and what could not be decided: (key, layer or resource; why)."""

    classes: tuple[Class, ...]
    undecided: tuple[tuple[str, str], ...] = ()

    @property
    def decided(self) -> bool:
        """Tell whether the classes are all there are."""
        return not self.undecided


@dataclass(slots=True)
class Told:
    """What the evaluator says of a hit: whether it agrees, who refuses, who allows, the witness."""

    agrees: bool
    decided_by: tuple[Decider, ...]
    allowed_by: tuple[Decider, ...]
    witness: Row
    others: tuple[tuple[str, Row], ...] = ()


@dataclass(slots=True)
class Run:
    """One question on one system of statements."""

    system: System
    cap: int
    gaps: dict[str, str] = field(default_factory=dict)
    budget: Budget = field(init=False)

    def __post_init__(self) -> None:
        """Count what the question is worth."""
        self.budget = budget_of(self.cap, len(self.system.scenario.targets))

    def cover(
        self, space: Space, base: Base, wanted: Sequence[Final], forbidden: frozenset[int], of: str = ""
    ) -> tuple[Cube, ...]:
        """Return cubes of what is wanted and not forbidden; those that hang on what is not known are gaps."""
        if not wanted:
            return ()
        place = (base.mask, base.barred, of)
        if place not in space.covers:
            space.covers[place] = (
                self.within(base, lambda: tuple(cubes(space, base, wanted, forbidden))) or ()
            )
        found = space.covers[place]
        for cube in found:
            self.gaps |= dict.fromkeys(cube.open, "unknown")
        return tuple(cube for cube in found if not cube.open)

    def within(self, base: Base, work: Callable[[], T]) -> T | None:
        """Return what work on a base comes to; None, and a gap, where it is more than it is worth."""
        try:
            return work()
        except OpenError as error:
            self.gaps[error.key] = error.why
        except CapError:
            self.gaps[base.atom.whole] = "cap"
        return None

    def bases(
        self, actions: Sequence[Action], way: Way, *, passing: bool = False
    ) -> Iterator[tuple[Space, Base, tuple[Final, ...]]]:
        """Yield every kind of request that comes one way with all that its keys can do to it.

        `passing`: only kinds of which some request may pass.
        """
        for space, base, finals in self.kinds(actions, way, passing=passing):
            if finals:
                yield space, base, finals

    def kinds(
        self, actions: Sequence[Action], way: Way, *, passing: bool = False
    ) -> Iterator[tuple[Space, Base, tuple[Final, ...] | None]]:
        """Yield the same, with None where it is not decided, and nothing where no request may pass."""
        scenario = self.system.scenario
        for layer in self.system.unread:
            self.gaps[layer] = "unread"
        if self.system.unread:
            return
        for space in spaces(scenario, self.system, way, self.budget):
            aims = [number for number in space.targets if self._open(number)]
            space.targets = tuple(aims)
            resources = Resources(self.system.rules, scenario.targets, space.fixed.known)
            try:
                for base in space.bases(actions, resources):
                    hopeless = passing and self.system.hopeless(base.mask, across=space.fixed.across)
                    yield space, base, () if hopeless else space.finals(base)
            except CapError:
                self.gaps |= {scenario.targets[number].arn: "cap" for number in aims}
            self.gaps |= space.gaps

    def _open(self, number: int) -> bool:
        """Tell whether a target's owner and Block Public Access leave a question."""
        target = self.system.scenario.targets[number]
        if target.account is None and target.kind != "*":
            self.gaps[target.arn] = "account"
            return False
        shut = self.system.shut(number)
        if shut is None:
            self.gaps[target.arn] = "settings"
        return shut is False

    def answer(self, hits: Iterable[Hit], judge: Callable[[Hit], Told]) -> Answer:
        """Return hits as classes; one that the evaluator does not confirm is not decided."""
        made: list[Class] = []
        for joined in _joined(list(hits)):
            hit = joined[0]
            if len(made) >= MOST:
                self.gaps["classes"] = "cap"
                break
            told = judge(hit)
            if not told.agrees:
                self.gaps[hit.base.atom.whole] = "unconfirmed"
                continue
            made.append(_class(joined, told))
        undecided = tuple(sorted(self.gaps.items()))
        return Answer(classes=tuple(made), undecided=undecided)


def _class(hits: Sequence[Hit], told: Told) -> Class:
    first = hits[0]
    whole = _is_whole(hits)
    atom = first.base.atom
    return Class(
        actions=tuple(sorted({action for hit in hits for action in hit.base.actions})),
        resource=atom.whole,
        matching=() if whole else atom.matching,
        excluding=() if whole else atom.excluding,
        conditions=_shown(first),
        witness=told.witness,
        decided_by=told.decided_by,
        allowed_by=told.allowed_by,
        ways=tuple(way for way, _ in first.others),
        open_ways=first.open_ways,
        others=told.others,
        target=atom.target,
        change=first.change,
    )


def _shown(hit: Hit) -> Pairs:
    spelled = spellings(hit.space)
    return tuple(sorted((spelled.get(key, key), value) for key, value in values_of(hit.held)))


def _is_whole(hits: Sequence[Hit]) -> bool:
    """Tell whether the hits are all the resources of their kind."""
    return len({hit.base.atom.example for hit in hits}) == hits[0].base.atom.siblings


def _joined(hits: list[Hit]) -> Iterator[list[Hit]]:
    """Yield hits that are told as one: all resources of a kind first, then actions alike."""
    by_kind: dict[tuple[object, ...], list[Hit]] = {}
    for hit in hits:
        atom = hit.base.atom
        ways = tuple(way for way, _ in hit.others)
        alike = (atom.target, atom.kind, values_of(hit.held), ways, hit.open_ways, hit.change)
        place = (*alike, hit.base.actions)
        by_kind.setdefault(place, []).append(hit)
    by_actions: dict[object, list[Hit]] = {}
    for (*same_but_actions, _), listed in by_kind.items():
        same = tuple(same_but_actions)
        if _is_whole(listed):
            by_actions.setdefault((same, ""), []).extend(listed)
        else:
            for hit in listed:
                by_actions.setdefault((same, hit.base.atom.example), []).append(hit)
    yield from by_actions.values()
