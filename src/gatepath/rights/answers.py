"""Answers to questions about all requests, with the policies and statements by name and what is left open."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace

from gatepath.engine.iam.ask import Decider, Layer
from gatepath.engine.iam.compiled import Rule
from gatepath.engine.iam.symbolic import Action, Answer, Class, Scenario, Way, blocks, only_via
from gatepath.model.ref import Unknown
from gatepath.model.world import World
from gatepath.rights.guardrails import organization_of
from gatepath.rights.key_gaps import NOTHING, OF_PRINCIPAL, identity_gap
from gatepath.rights.posed import Group, Posed
from gatepath.rights.signer import signer_of
from gatepath.trace import Assumption, Certainty, Unsettled

_ORGANIZATION = ("aws:principalorg", "aws:resourceorg", "aws:vpceorg")
WHY = {
    "cap": "unknown.policy-too-many",
    "mixed": "unknown.policy-mixed-key",
    "unconfirmed": "unknown.policy-unconfirmed",
}
Question = Callable[[Scenario, tuple[Action, ...], Way], Answer]


@dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    """A statement that decides, or a layer that has none. `effect`: `deny`, `allow`, `near` (an Allow that fails
    on its conditions alone) or `none`.
    """  # noqa: D205 - one list of words

    layer: Layer
    effect: str
    component: str = ""
    policy_name: str = ""
    policy: int | None = None
    statement: int | None = None
    sid: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """A class with names. `recorded` False: its resources are not known, and have no policy of their own.

    For a comparison of policies: `principals`, of whom it is told (empty: of anybody), and `ways`, of requests
    on which ways (empty: of all).
    """

    of: Class
    decided_by: tuple[Named, ...] = ()
    allowed_by: tuple[Named, ...] = ()
    recorded: bool = True
    principals: tuple[str, ...] = ()
    ways: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyAnswer:
    """The classes and how sure they are."""

    told: tuple[Told, ...]
    unsettled: tuple[Unsettled, ...] = ()
    assumptions: tuple[Assumption, ...] = ()
    left_out: tuple[tuple[str, str], ...] = ()
    certainty: Certainty = Certainty.PROVEN
    actions: int = 0
    """How many actions the question is about."""
    resources: tuple[str, ...] = field(default=())
    """The buckets and tables it is about."""

    @property
    def decided(self) -> bool:
        """Tell whether the classes are all there are."""
        return not self.unsettled


def answer_blocks(posed: Posed, world: World) -> PolicyAnswer:
    """Return what the endpoint policy refuses that the other policies allow."""
    return _answer(posed, world, blocks)


def answer_only_via(posed: Posed, world: World) -> PolicyAnswer:
    """Return what is allowed through the endpoint, and where else some of it is."""
    return _answer(posed, world, only_via)


def _answer(posed: Posed, world: World, question: Question) -> PolicyAnswer:
    told: list[Told] = []
    unsettled = list(posed.unsettled)
    for group in posed.groups:
        found = question(group.scenario, posed.actions, posed.way)
        unsettled += [_open(key, why, group, posed, world) for key, why in found.undecided]
        classes = found.classes
        if posed.service == "dynamodb" and group.scenario.rcp:
            # AWS's pages disagree on whether resource control policies cover DynamoDB
            other = question(replace(group.scenario, rcp=()), posed.actions, posed.way)
            both = {_outline(each) for each in other.classes}
            classes = tuple(each for each in found.classes if _outline(each) in both)
            if len(classes) < max(len(found.classes), len(other.classes)):
                unsettled.append(Unsettled(code="unknown.policy-rcp", unknown=NOTHING))
        told += [_told(group, each) for each in classes]
    conditional = any(assumption.conditional for assumption in posed.assumptions)
    sure = Certainty.CONDITIONAL if conditional else Certainty.PROVEN
    return PolicyAnswer(
        told=tuple(told),
        unsettled=tuple(dict.fromkeys(unsettled)),
        assumptions=posed.assumptions,
        left_out=posed.left_out,
        certainty=Certainty.SUSPECT if posed.doubtful else sure,
        actions=len(posed.actions),
        resources=tuple(
            aim.arn for group in posed.groups for aim in group.aims if aim.recorded and aim.arn != "*"
        ),
    )


def _outline(found: Class) -> tuple[object, ...]:
    """Return what a class says, without its witness."""
    return found.actions, found.resource, found.matching, found.excluding, found.conditions, found.ways


def _told(group: Group, found: Class) -> Told:
    aim = group.aims[found.target]
    return Told(
        of=found,
        decided_by=tuple(_named(group, found.target, decider, refused=True) for decider in found.decided_by),
        allowed_by=tuple(_named(group, found.target, decider, refused=False) for decider in found.allowed_by),
        recorded=aim.recorded,
    )


def _named(group: Group, target: int, decider: Decider, *, refused: bool) -> Named:
    """Return a decider with the names of its policy and statement."""
    part = group.part(decider.layer, target)
    rule = None
    text = None
    if part is not None and decider.policy is not None:
        attached = part.attached or ()
        policy = attached[decider.policy] if decider.policy < len(attached) else None
        text = part.texts[decider.policy] if decider.policy < len(part.texts) else None
        rules: Iterable[Rule] = () if policy is None else policy.rules
        rule = next((each for each in rules if each.number == decider.statement), None)
    return Named(
        layer=decider.layer,
        effect=effect_of(decider, rule, refused=refused),
        component="" if part is None else part.component.id,
        policy_name="" if text is None else text.name,
        policy=decider.policy,
        statement=decider.statement,
        sid="" if rule is None else rule.statement.sid,
    )


def effect_of(decider: Decider, rule: Rule | None, *, refused: bool) -> str:
    """Return the word for what a statement does."""
    if rule is None:
        return "none" if decider.layer is not Layer.SETTINGS else "deny"
    if rule.statement.allow:
        return "near" if refused else "allow"
    return "deny"


def _open(key: str, why: str, group: Group, posed: Posed, world: World) -> Unsettled:
    """Return what the engine left open, with the calls that would settle it."""
    if why == "settings":
        found = next((aim.block_unsettled for aim in group.aims if aim.arn == key), None)
        return found or Unsettled(code="unknown.policy-settings", unknown=NOTHING)
    if why in WHY:
        return Unsettled(code=WHY[why], unknown=NOTHING, arguments=(("what", key),))
    return Unsettled(
        code="unknown.condition-key",
        unknown=_key_gap(key, group, posed, world),
        arguments=(("key", _spelled(key, group)),),
    )


def _spelled(key: str, group: Group) -> str:
    """Return a key as a policy spells it."""
    return next(_spellings(key, group), key)


def _spellings(key: str, group: Group) -> Iterator[str]:
    for part in (*group.parts, *(aim.part for aim in group.aims)):
        for policy in (part.attached or ()) if part is not None else ():
            for rule in policy.rules if policy is not None else ():
                yield from (c.source.key for c in rule.compiled if c.keys[0] == key)


def _key_gap(key: str, group: Group, posed: Posed, world: World) -> Unknown:
    """Return the call that would tell a key's value, if there is one."""
    if key.startswith(OF_PRINCIPAL):
        return identity_gap(signer_of(posed.caller, world), posed.caller)
    if not key.startswith(_ORGANIZATION):
        return NOTHING
    owner = group.scenario.targets[0].account if key.startswith("aws:resource") else posed.caller.account
    if key.startswith("aws:vpce"):
        owner = None if posed.endpoint is None else posed.endpoint.owner
    found = organization_of(world, owner) if owner else NOTHING
    return found if isinstance(found, Unknown) else NOTHING
