"""Classes of requests as they are told: alike ones joined, each confirmed by the evaluator."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from gatepath.engine.iam.ask import Decider
from gatepath.engine.iam.logic import Value
from gatepath.engine.iam.symbolic_fold import Base, Final, Space, Way, spaces
from gatepath.engine.iam.symbolic_resources import Resources
from gatepath.engine.iam.symbolic_system import Action, System
from gatepath.engine.iam.symbolic_witness import Hit, Row, spellings

Pairs = tuple[tuple[str, Value | None], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Class:
    """Requests with the same answer.

    `resource`: the ARN or a pattern of all of its kind; where only some of these are meant, `matching` and
    `excluding` are the policies' patterns that tell them. `conditions`: the keys of the witness that a policy
    reads (None = absent); empty where the keys make no difference. `witness`: a request with its policies in
    the form that `authorize` takes. `decided_by`: what refuses it. `allowed_by`: what allows it otherwise.
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
    """For `only_via`: on which ways it is allowed."""
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


@dataclass(slots=True)
class Run:
    """One question on one system of statements."""

    system: System
    cap: int
    gaps: dict[str, str] = field(default_factory=dict)

    def bases(self, actions: Sequence[Action], way: Way) -> Iterator[tuple[Space, Base, tuple[Final, ...]]]:
        """Yield every kind of request that comes one way with all that its keys can do to it."""
        scenario = self.system.scenario
        for layer in self.system.unread:
            self.gaps[layer] = "unread"
        if self.system.unread:
            return
        for space in spaces(scenario, self.system, way, self.cap):
            aims = [number for number in space.targets if self._open(number)]
            space.targets = tuple(aims)
            resources = Resources(self.system.rules, scenario.targets, space.fixed.known)
            for base in space.bases(actions, resources):
                finals = space.finals(base)
                if finals is not None:
                    yield space, base, finals
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
        conditions=() if first.always else _shown(first),
        witness=told.witness,
        decided_by=told.decided_by,
        allowed_by=told.allowed_by,
        ways=first.ways,
        change=first.change,
    )


def _shown(hit: Hit) -> Pairs:
    spelled = spellings(hit.space)
    return tuple(sorted((spelled.get(key, key), value) for key, value in hit.final.values))


def _is_whole(hits: Sequence[Hit]) -> bool:
    """Tell whether the hits are all the resources of their kind."""
    return len({hit.base.atom.example for hit in hits}) == hits[0].base.atom.siblings


def _joined(hits: list[Hit]) -> Iterator[list[Hit]]:
    """Yield hits that are told as one: all resources of a kind first, then actions alike."""
    by_kind: dict[tuple[object, ...], list[Hit]] = {}
    for hit in hits:
        atom = hit.base.atom
        conditions = () if hit.always else hit.final.values
        place = (atom.target, atom.kind, conditions, hit.ways, hit.change, hit.base.actions)
        by_kind.setdefault(place, []).append(hit)
    by_actions: dict[object, list[Hit]] = {}
    for (*alike, _), listed in by_kind.items():
        same = tuple(alike)
        if _is_whole(listed):
            by_actions.setdefault((same, ""), []).extend(listed)
        else:
            for hit in listed:
                by_actions.setdefault((same, hit.base.atom.example), []).append(hit)
    yield from by_actions.values()
