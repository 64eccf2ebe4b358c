"""Every set of statements that some request meets, with a request for each: dimensions joined one by one."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import product
from typing import NamedTuple

from gatepath.engine.iam.context import fill
from gatepath.engine.iam.logic import UNKNOWN
from gatepath.engine.iam.principals import Kind
from gatepath.engine.iam.symbolic_keys import OWN, Choice, Dimension, Fixed, Keys, Pairs, keys_of
from gatepath.engine.iam.symbolic_resources import Atom, Resources
from gatepath.engine.iam.symbolic_system import REPAIR, Action, Scenario, System
from gatepath.engine.iam.symbolic_values import OpenError
from gatepath.engine.iam.symbolic_walk import Budget

CAP = 20_000
"""States of a walk, and sets of statements of one kind of request, before it is called not decided."""
_STEPS = 50
"""Steps for each of these states."""
_QUESTION = 250
"""The same for a whole question."""
_EVERYWHERE = "s3:resourceaccount"
"""The same as `aws:ResourceAccount`, which every action on a resource has."""
_NETWORK = frozenset(
    {
        "aws:sourcevpc",
        "aws:sourcevpcarn",
        "aws:sourcevpce",
        "aws:vpceaccount",
        "aws:vpceorgid",
        "aws:vpceorgpaths",
        "aws:vpcsourceip",
    }
)
"""Keys of requests through an endpoint, and only of these; `aws:SourceIp` is only in the others:
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html"""
ABSENT = frozenset(
    {
        "aws:calledvia",
        "aws:calledviafirst",
        "aws:calledvialast",
        "aws:sourceaccount",
        "aws:sourcearn",
        "aws:sourceorgid",
        "aws:sourceorgpaths",
        "aws:sourceowner",
        "s3:accesspointnetworkorigin",
        "s3:dataaccesspointaccount",
        "s3:dataaccesspointarn",
    }
)
"""Keys of requests that an AWS service makes for somebody, and of those through access points; questions are about
a caller's own requests on buckets and tables themselves."""


class Way(NamedTuple):
    """How requests come: what is known of the network keys."""

    name: str
    known: tuple[tuple[str, str], ...] = ()
    endpoint: bool = True
    but: tuple[tuple[str, str], ...] = ()
    """Values that network keys don't have on this way."""
    lacking: frozenset[str] = frozenset()
    """Keys that are known to be absent."""

    @property
    def absent(self) -> frozenset[str]:
        """Return the network keys that requests on this way don't have."""
        return self.lacking | (frozenset({"aws:sourceip"}) if self.endpoint else _NETWORK)

    @property
    def present(self) -> frozenset[str]:
        """Return the network keys that all of them have."""
        ids = frozenset({"aws:sourcevpc", "aws:sourcevpce", "aws:vpcsourceip"})
        return ids if self.endpoint else frozenset({"aws:sourceip"})


INTERNET = Way("internet", (), endpoint=False)


class Base(NamedTuple):
    """Requests that differ in their keys only: actions that no statement tells apart on one kind of resource."""

    actions: tuple[str, ...]
    atom: Atom
    mask: int
    barred: frozenset[str]
    """Keys that these actions don't have."""


class Pick(NamedTuple):
    """One of a dimension's choices."""

    dimension: Dimension
    choice: Choice


class Final(NamedTuple):
    """A set of statements that some request meets, and the keys of one such request."""

    mask: int
    picks: tuple[Pick, ...]

    @property
    def values(self) -> Pairs:
        """Return the keys."""
        return values_of(self.picks)


Box = Mapping[Dimension, tuple[Choice, ...]]
"""Some of the choices of some dimensions; of the others all."""


class Cube(NamedTuple):
    """Requests of a base: those with the keys `held` (none: all of them). `final` is one of them.

    `open`: keys with a value that is not known, on which it hangs whether there are such requests.
    """

    final: Final
    held: tuple[Pick, ...]
    open: tuple[str, ...] = ()


def values_of(picks: Sequence[Pick]) -> Pairs:
    """Return the keys of picks with their values."""
    return tuple(pair for pick in picks for pair in pick.choice.values)


def budget_of(cap: int, targets: int) -> Budget:
    """Return what a question is worth."""
    return Budget(cap, cap * (_QUESTION + targets))


@dataclass(slots=True)
class Space:
    """All requests of a scenario that come one way to the targets of one account."""

    system: System
    targets: tuple[int, ...]
    fixed: Fixed
    budget: Budget
    gaps: dict[str, str] = field(default_factory=dict)
    """What could not be enumerated, and why."""
    covers: dict[tuple[int, frozenset[str], str], tuple[Cube, ...]] = field(default_factory=dict)
    """What sets requests of a base apart, by its statements and what is looked for."""
    _keys: Keys | None = None
    _folded: dict[tuple[int, frozenset[str]], tuple[Final, ...] | None] = field(default_factory=dict)

    @property
    def keys(self) -> Keys:
        """Return the dimensions of the keys."""
        if self._keys is None:
            wanted = 0
            for target in self.targets:
                wanted |= self.system.of(target)
            rules = [n for n in self.system.rules if n.bit & wanted]
            self._keys = keys_of(rules, self.fixed, self.budget)
        return self._keys

    def bases(self, actions: Sequence[Action], resources: Resources) -> Iterator[Base]:
        """Yield the bases; what can't be enumerated goes to `gaps`."""
        keys = self.keys
        read = {key for dimension in keys.dimensions for key in dimension.keys if key.startswith(OWN)}
        grouped = _grouped(actions, self.system, read - {_EVERYWHERE})
        for target in self.targets:
            try:
                atoms = list(resources.atoms(target, self.budget))
            except OpenError as error:
                self.gaps[error.key] = error.why
                continue
            holding = keys.holding & self.system.of(target)
            for (mask, kinds, barred, repair), names in grouped.items():
                for atom in atoms:
                    if atom.kind in kinds:
                        found = mask & atom.mask & holding
                        if repair and self._root():
                            found &= ~self.system.masks.resource_deny
                        yield Base(names, atom, found, barred)

    def _root(self) -> bool:
        return self.system.scenario.caller.kind is Kind.ROOT and not self.fixed.across

    def finals(self, base: Base) -> tuple[Final, ...] | None:
        """Return what requests of a base can meet, or None where that is not decided."""
        for bits, key, why in self.keys.open:
            if bits & base.mask:
                self.gaps[key] = why
                return None
        place = (base.mask, base.barred)
        if place not in self._folded:
            self._folded[place] = self._fold(base)
        return self._folded[place]

    def _fold(self, base: Base) -> tuple[Final, ...] | None:
        try:
            return self.within(base, {})
        except OpenError as error:
            self.gaps[error.key] = error.why
            return None

    def within(self, base: Base, box: Box) -> tuple[Final, ...]:
        """Return what requests of a base with the choices of a box can meet; raises `OpenError`."""
        current: dict[int, tuple[Pick, ...]] = {base.mask: ()}
        for dimension, choices in self._varying(base, box):
            touched = dimension.rules & base.mask
            steps = len(current) * len(choices)
            if steps > self.budget.states * _STEPS:
                raise OpenError(dimension.keys[0], "cap")
            self.budget.spend(steps)
            made: dict[int, tuple[Pick, ...]] = {}
            for mask, picks in current.items():
                for choice in choices:
                    found = mask & (~touched | choice.mask)
                    if found not in made:
                        made[found] = (*picks, Pick(dimension, choice))
            if len(made) > self.budget.states:
                raise OpenError(dimension.keys[0], "cap")
            current = made
        return tuple(Final(mask, picks) for mask, picks in current.items())

    def _varying(self, base: Base, box: Box) -> Iterator[tuple[Dimension, tuple[Choice, ...]]]:
        """Yield the dimensions that some statements of a base read, with their choices in a box."""
        for dimension in self.keys.dimensions:
            if touched := dimension.rules & base.mask:
                yield dimension, box.get(dimension) or dimension.among(touched, base.barred)

    def choices(self, base: Base, dimension: Dimension) -> tuple[Choice, ...]:
        """Return all choices of a dimension."""
        return dimension.among(dimension.rules & base.mask, base.barred)

    def masks(self, base: Base, box: Box) -> frozenset[int]:
        """Return the sets of statements that requests of a base with the choices of a box can meet."""
        current = {base.mask}
        for dimension, choices in self._varying(base, box):
            keeping = {~(dimension.rules & base.mask) | choice.mask for choice in choices}
            self.budget.spend(len(current) * len(keeping))
            current = {mask & keep for mask in current for keep in keeping}
        return frozenset(current)

    def facts(self, base: Base) -> Iterator[Box]:
        """Yield each combination of what is not known and does not differ from request to request."""
        unknown = [row for row in self._varying(base, {}) if row[0].fact]
        names = [dimension for dimension, _ in unknown]
        for chosen in product(*(choices for _, choices in unknown)):
            self.budget.spend(1)
            yield {name: (choice,) for name, choice in zip(names, chosen, strict=True)}


def _grouped(
    actions: Sequence[Action], system: System, read: set[str]
) -> dict[tuple[int, frozenset[str], frozenset[str], bool], tuple[str, ...]]:
    """Return actions by the statements that concern them, their resources and the keys they don't have."""
    made: dict[tuple[int, frozenset[str], frozenset[str], bool], list[str]] = {}
    for action in actions:
        lower = action.name.lower()
        keys = action.keys
        barred = frozenset(k for k in read if keys is not None and k.partition("/")[0] not in keys)
        place = (system.concerned(lower), action.kinds, barred, lower in REPAIR)
        made.setdefault(place, []).append(action.name)
    return {place: tuple(names) for place, names in made.items()}


def spaces(scenario: Scenario, system: System, way: Way, budget: Budget) -> Iterator[Space]:
    """Yield the requests that come one way, by the accounts of their targets."""
    by_account: dict[str | None, list[int]] = {}
    for number, target in enumerate(scenario.targets):
        by_account.setdefault(target.account, []).append(number)
    for account, targets in by_account.items():
        fixed = fixed_of(scenario, way, account, scenario.targets[targets[0]].arn)
        yield Space(system, tuple(targets), fixed, budget)


def fixed_of(scenario: Scenario, way: Way, account: str | None, arn: str) -> Fixed:
    """Return what is known of the keys of requests that come one way to an account's resources."""
    known = dict(scenario.known) | dict(way.known)
    for key in way.absent:
        known.pop(key, None)
    fill(known, scenario.caller, "s3:getobject" if ":s3:" in arn else "dynamodb:getitem", arn, account)
    known = {key: value for key, value in known.items() if value is not UNKNOWN and key not in scenario.free}
    known.setdefault("aws:viaawsservice", "false")
    caller = scenario.caller.account
    across = (arn != "*" and account != caller) or "aws:resourceaccount" in scenario.free
    if not across and "aws:principalorgid" in known:
        known.setdefault("aws:resourceorgid", known["aws:principalorgid"])
    absent = scenario.absent | way.absent | {key for key in ABSENT if key not in known}
    never = {"aws:username", "aws:principalservicename", "aws:principalservicenameslist"}
    absent |= {key for key in never if key not in known}
    return Fixed(
        known=known,
        absent=absent - known.keys() - scenario.free,
        present=way.present | scenario.present | _signed(scenario),
        across=across,
        but=way.but,
        is_fact=lambda key: _is_fact(scenario, way, key),
        rootless=scenario.rootless,
    )


def _signed(scenario: Scenario) -> frozenset[str]:
    """Return keys that every signed request has."""
    return frozenset() if scenario.caller.kind is Kind.ANONYMOUS else frozenset({"s3:authtype"})


def _is_fact(scenario: Scenario, way: Way, key: str) -> bool:
    """Tell whether a key has one value that is not known, rather than whatever a request brings along."""
    if scenario.chosen is None or (not way.known and (key in _NETWORK or key == "aws:sourceip")):
        return False
    return not scenario.chosen(key)
