"""Who is to blame for a refusal, what allows, and what would settle what is open.

Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from gatepath.engine.iam.ask import Decider, Decision, Evaluation, Layer
from gatepath.engine.iam.compiled import Policy, Rule
from gatepath.engine.iam.logic import YES, Context
from gatepath.engine.iam.principals import Who
from gatepath.model.ref import Ref, Unknown
from gatepath.rights.context import Asked
from gatepath.rights.key_gaps import NOTHING, joined, key_gap
from gatepath.rights.layers import Applied, Part
from gatepath.rights.needs import Permission
from gatepath.trace import Component


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """A layer that refuses. `statement`: the denying one, or the Allow that fails on its conditions alone."""

    layer: Layer
    check: str
    component: Component
    permission: Permission
    caller: Who
    effect: Decision
    policy: int | None = None
    statement: int | None = None
    sid: str = ""
    name: str = ""
    conditions: tuple[str, ...] = ()
    carried: tuple[str, ...] = ()
    """What the request carries for each condition: its value, `-` for no such key, `?` where it is not known."""
    """Conditions that decide: `OPERATOR KEY VALUES` and what the request carries."""
    doubtful: bool = False
    misnamed: bool = False
    ref: Ref | None = None
    document: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenEnd:
    """What is not known and would settle the decision: a condition key, or a layer that was not read."""

    check: str
    key: str = ""
    layer: Layer | None = None
    unknown: Unknown = NOTHING


@dataclass(frozen=True, slots=True, kw_only=True)
class Granted:
    """The allowing statement of a layer."""

    check: str
    component: Component
    statement: int | None
    sid: str
    ref: Ref | None


def chosen(one: Applied, caller: Who, found: Evaluation) -> tuple[Decider, ...]:
    """Return the layers to blame: explicit denials; else near misses; else the identity, or each side."""
    if found.possible == {Decision.EXPLICIT_DENY}:
        return found.decided_by
    core = [d for d in found.decided_by if d.layer in {Layer.IDENTITY, Layer.RESOURCE}]
    others = tuple(d for d in found.decided_by if d.layer not in {Layer.IDENTITY, Layer.RESOURCE})
    near = [d for d in core if d.statement is not None]
    # what an access point grants, identity or bucket has to grant as well: neither is nearer
    equal = one.permission.through is not None
    if equal and core and not any(d.layer is Layer.RESOURCE for d in core):
        core.append(Decider(Layer.RESOURCE))
    elif caller.account is not None and caller.account == one.account and len(core) > 1 and not equal:
        core = near or [d for d in core if d.layer is Layer.IDENTITY]
    return (*core, *others)


def failure(one: Applied, caller: Who, context: Context, found: Evaluation, decider: Decider) -> Failure:
    """Return a layer's refusal with the statement that decides."""
    layer = Layer.RESOURCE if decider.layer is Layer.SETTINGS else decider.layer
    part = one.part(layer)
    explicit = found.possible == {Decision.EXPLICIT_DENY}
    effect = Decision.EXPLICIT_DENY if explicit else Decision.IMPLICIT_DENY
    if part is None:
        raise AssertionError(decider.layer)
    text = part.texts[decider.policy] if decider.policy is not None and part.texts else None
    rule = _rule(part, decider)
    conditions = () if rule is None else tuple(_conditions(rule, context, explicit=explicit))
    component = part.component
    if layer in {Layer.SCP, Layer.RCP} and text is not None and text.name:
        component = replace(component, id=text.name)
    return Failure(
        layer=decider.layer,
        check=part.check,
        component=component,
        permission=one.permission,
        caller=caller,
        effect=effect,
        policy=decider.policy,
        statement=decider.statement,
        sid="" if rule is None else rule.statement.sid,
        name="" if text is None else text.name,
        conditions=tuple(told for told, _ in conditions),
        carried=tuple(value for _, value in conditions),
        doubtful=decider.doubtful,
        misnamed=decider.misnamed and part.gateway,
        ref=None if text is None else text.ref,
        document=next((t.text for t in part.texts if t is not None), ""),
    )


def _rule(part: Part, decider: Decider) -> Rule | None:
    if decider.policy is None or decider.statement is None or part.attached is None:
        return None
    policy = part.attached[decider.policy] if decider.policy < len(part.attached) else None
    if policy is None:
        return None
    return next((rule for rule in policy.rules if rule.number == decider.statement), None)


def _conditions(rule: Rule, context: Context, *, explicit: bool) -> Iterator[tuple[str, str]]:
    """Yield the conditions that decide, and what the request carries: all of a Deny, the failing ones of an Allow."""
    for condition in rule.compiled:
        if not explicit and condition.run(context) == YES:
            continue
        source = condition.source
        value = context.get(condition.keys[0])
        shown = "-" if value is None or value == () else "?" if not isinstance(value, str | tuple) else value
        head = f"{source.qualifier}:" if source.qualifier else ""
        tail = "IfExists" if source.if_exists else ""
        told = f"{head}{source.operator}{tail} {source.key} [{', '.join(source.values)}]"
        yield told, shown if isinstance(shown, str) else ", ".join(shown)


def granted(one: Applied, found: Evaluation) -> Iterator[Granted]:
    """Yield the allowing statement of each layer."""
    for decider in found.decided_by:
        part = one.part(decider.layer)
        if part is None:
            continue
        rule = _rule(part, decider)
        yield Granted(
            check=part.check,
            component=part.component,
            statement=decider.statement,
            sid="" if rule is None else rule.statement.sid,
            ref=part.ref(decider.policy),
        )


def open_ends(asked: Asked, one: Applied, found: Evaluation) -> Iterator[OpenEnd]:
    """Yield what is not known and would settle it."""
    layers = {layer.value: layer for layer in Layer}
    for name in found.depends_on:
        layer = layers.get(name)
        if layer is Layer.SETTINGS:
            gaps = one.block_gaps
            yield OpenEnd(check="resource-policy", layer=layer, unknown=joined(gaps))
        elif layer is not None:
            part = one.part(layer)
            if part is not None:
                yield OpenEnd(check=part.check, layer=layer, unknown=joined(part.gaps))
        elif name == "resource_account":
            yield OpenEnd(check="resource-policy", key=name, unknown=joined(_resource_gaps(one)))
        else:
            gap = key_gap(name.lower(), asked, one)
            yield OpenEnd(check=reader(one, name), key=name, unknown=gap)


def _resource_gaps(one: Applied) -> tuple[Unknown, ...]:
    part = one.part(Layer.RESOURCE)
    return () if part is None else part.gaps


def reader(one: Applied, key: str) -> str:
    """Return the first check a policy of which reads the key."""
    lower = key.lower()
    for part in one.parts:
        for policy in part.attached or ():
            if isinstance(policy, Policy) and any(lower in c.keys for r in policy.rules for c in r.compiled):
                return part.check
    return one.parts[0].check if one.parts else "identity-policy"
