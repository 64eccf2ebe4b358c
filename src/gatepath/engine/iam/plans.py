"""What an action meets in a set of policies, made ready once: a plan may be used again, an answer never."""

from collections.abc import Callable, Iterable, Iterator
from typing import Final, NamedTuple, Protocol

from gatepath.engine.iam.ask import Decider, Layer, Levels, Stack, flat
from gatepath.engine.iam.compiled import Rule, everything
from gatepath.engine.iam.logic import Context, Truth
from gatepath.engine.iam.principals import Grant, Who

Resource = Callable[[Context, str], Truth]
Named = Callable[[Who, bool], Grant]


class Step(NamedTuple):
    """A statement that concerns the action. `resource`/`named` None = every resource, every caller."""

    resource: Resource | None
    named: Named | None
    conditions: tuple[Callable[[Context], Truth], ...]
    decider: Decider
    doubtful: bool


Steps = tuple[Step, ...]


class Layers(Protocol):
    """The layers of policies, as an `Ask` has them."""

    identity: Stack
    resource: Stack
    boundary: Stack | None
    session: Stack | None
    scp: Levels
    rcp: Levels
    vpce: Stack | None


class Part(NamedTuple):
    """The allowing statements of a layer. `far`: what is said where none of them comes near."""

    steps: Steps
    far: Decider


class Plan(NamedTuple):
    """Denying statements of each layer that has any; the layers that have to allow, None = there is none."""

    denying: tuple[Steps, ...]
    identity: Part
    limits: tuple[Part, ...]
    """Permissions boundary and session policy."""
    resource: Part | None
    guardrails: tuple[Part, ...]
    """Endpoint policy and service control policies, level by level."""
    bounded: bool
    key: bool
    """Whether it is an action on keys, whose policy has to allow."""


_SPECIAL: Final = (
    "kms:retiregrant",
    "sts:",
    "s3:getbucketpolicy",
    "s3:putbucketpolicy",
    "s3:deletebucketpolicy",
)
"""Actions with rules of their own."""


def plan_of(layers: Layers, action: str) -> Plan | None:
    """Return the plan for an action in lower case; None where it, or an unread policy, needs the long way."""
    ordered = (
        (Layer.VPCE, layers.vpce),
        (Layer.RCP, flat(layers.rcp)),
        (Layer.SCP, flat(layers.scp)),
        (Layer.RESOURCE, layers.resource),
        (Layer.IDENTITY, layers.identity),
        (Layer.BOUNDARY, layers.boundary),
        (Layer.SESSION, layers.session),
    )
    if action.startswith(_SPECIAL) or any(None in stack for _, stack in ordered if stack):
        return None
    denying = (_steps(layer, stack.concerned(action)[0]) for layer, stack in ordered if stack)
    limits = ((Layer.BOUNDARY, layers.boundary), (Layer.SESSION, layers.session))
    ends = () if layers.vpce is None else (_part(Layer.VPCE, layers.vpce, action),)
    return Plan(
        denying=tuple(steps for steps in denying if steps),
        identity=_part(Layer.IDENTITY, layers.identity, action),
        limits=tuple(_part(layer, stack, action) for layer, stack in limits if stack is not None),
        resource=_part(Layer.RESOURCE, layers.resource, action) if layers.resource else None,
        guardrails=(*ends, *_levels(layers.scp, action)),
        bounded=layers.boundary is not None,
        key=action.startswith("kms:"),
    )


def _levels(levels: Levels, action: str) -> Iterator[Part]:
    before = 0
    for level in levels:
        yield _part(Layer.SCP, level, action, before)
        before += len(level)


def _part(layer: Layer, stack: Stack, action: str, before: int = 0) -> Part:
    return Part(_steps(layer, stack.concerned(action)[1], before), Decider(layer))


def _steps(layer: Layer, concerned: Iterable[tuple[int, Rule | None]], before: int = 0) -> Steps:
    """Return statements as steps; a Deny's decider says whether it rests on no documented rule."""
    return tuple(
        Step(
            resource=None if rule.resource is everything else rule.resource,
            named=None if rule.anyone else rule.principal.grant,
            conditions=rule.conditions,
            decider=Decider(
                layer, before + number, rule.number, rule.principal.doubtful and not rule.statement.allow
            ),
            doubtful=rule.principal.doubtful,
        )
        for number, rule in concerned
        if rule is not None
    )
