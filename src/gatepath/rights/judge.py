"""Is what gets through allowed: every permission a request needs, against every layer, as the service sees it."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from gatepath.engine.iam.ask import Ask, Decider, Decision, Evaluation, Layer
from gatepath.engine.iam.compiled import Policy, Role, Rule
from gatepath.engine.iam.evaluate import evaluate
from gatepath.engine.iam.logic import MAYBE, NO, YES, Context, Truth
from gatepath.engine.iam.principals import SOMEBODY, Who
from gatepath.model.ref import Ref, Unknown
from gatepath.model.world import World
from gatepath.request import Request
from gatepath.rights.assemble import applied, applied_to_anyone, layers_of
from gatepath.rights.cases import TLS_KEY
from gatepath.rights.context import Seen, contexts, keys_read
from gatepath.rights.layers import Applied, Part, identity_component, passing
from gatepath.rights.needs import Permission, permissions
from gatepath.rights.readings import other_readings
from gatepath.rights.signer import Signer, signer
from gatepath.rights.some import some_permissions
from gatepath.trace import Assumption, Component, Removal

NOTHING = Unknown(())
ACTION_AND_RESOURCE = "action and resource"
_ROUNDS = 8
"""How often a refusal is looked behind for the next one."""
_PASSING_ROLE = {Layer.IDENTITY: Role.IDENTITY, Layer.BOUNDARY: Role.IDENTITY, Layer.SESSION: Role.SESSION}


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """Whether all that is needed is allowed, and why (not)."""

    truth: Truth
    failures: tuple[Failure, ...] = ()
    open_ends: tuple[OpenEnd, ...] = ()
    granted: tuple[Granted, ...] = ()
    assumptions: tuple[Assumption, ...] = ()
    missing: bool = False
    """AWS says that there is no such principal."""
    suspect: bool = False
    """Whether it rests on no documented rule."""


def judge(request: Request, world: World, seen: Seen, removed: frozenset[Removal]) -> Judgement:
    """Return whether the service allows what comes this way."""
    who_signs = signer(request, world)
    if isinstance(who_signs.who, Unknown):
        found = [
            _one(request, world, seen, who_signs, SOMEBODY, one, removed)
            for one in applied_to_anyone(request, world, seen, who_signs.who)
        ]
        gap = OpenEnd(check="identity-policy", key="", layer=Layer.IDENTITY, unknown=who_signs.who)
        refusing = [one for one in found if one.truth == NO]
        return refusing[0] if refusing else Judgement(truth=MAYBE, open_ends=(gap,))
    caller = who_signs.who
    if who_signs.missing:
        return _nobody(request, who_signs, caller)
    wanted = applied(request, world, seen, who_signs, caller)
    if not wanted:
        if permissions(request.question):
            return Judgement(truth=YES)
        wanted = applied(request, world, seen, who_signs, caller, some_permissions(request, world, who_signs))
        judged = [_one(request, world, seen, who_signs, caller, one, removed) for one in wanted]
        return _some(judged)
    judged = [_one(request, world, seen, who_signs, caller, one, removed) for one in wanted]
    made = _joined(_settled(wanted, judged))
    assumptions = (*who_signs.assumptions, *made.assumptions)
    return replace(made, assumptions=assumptions)


def _nobody(request: Request, who_signs: Signer, caller: Who) -> Judgement:
    """Refuse: nobody can sign as a role or user that does not exist."""
    question = request.question
    action = Permission(action=question.action or "", resource=question.resource or "")
    failure = Failure(
        layer=Layer.IDENTITY,
        check="identity-policy",
        component=identity_component(caller),
        permission=action,
        caller=caller,
        effect=Decision.IMPLICIT_DENY,
        ref=who_signs.identity.ref if who_signs.identity is not None else None,
    )
    return Judgement(truth=NO, failures=(failure,), missing=True)


def _some(judged: list[Judgement]) -> Judgement:
    """Join requests of which the question names none: only what holds for all of them is an answer."""
    truths = {one.truth for one in judged}
    if truths == {YES}:
        return _joined(judged)
    if truths == {NO}:
        return Judgement(truth=NO, failures=judged[0].failures, suspect=judged[0].suspect)
    return Judgement(truth=MAYBE, open_ends=(OpenEnd(check="endpoint-policy", key=ACTION_AND_RESOURCE),))


def _settled(wanted: tuple[Applied, ...], judged: list[Judgement]) -> list[Judgement]:
    """Leave open what is refused of permissions of which the request needs some; it needs one at least."""
    optional = [j for one, j in zip(wanted, judged, strict=True) if one.permission.optional]
    if all(judgement.truth == NO for judgement in optional):
        return judged
    made = []
    for one, judgement in zip(wanted, judged, strict=True):
        if one.permission.optional and judgement.truth == NO:
            end = OpenEnd(check="identity-policy", key=one.permission.action)
            made.append(Judgement(truth=MAYBE, open_ends=(end,)))
        else:
            made.append(judgement)
    return made


def _joined(judged: list[Judgement]) -> Judgement:
    truth = min(one.truth for one in judged)
    return Judgement(
        truth=truth,
        failures=tuple(dict.fromkeys(f for one in judged for f in one.failures)),
        open_ends=tuple(dict.fromkeys(e for one in judged for e in one.open_ends)) if truth == MAYBE else (),
        granted=tuple(dict.fromkeys(g for one in judged for g in one.granted)) if truth == YES else (),
        assumptions=tuple(dict.fromkeys(a for one in judged for a in one.assumptions)),
        suspect=_suspect(truth, judged),
    )


def _suspect(truth: Truth, judged: list[Judgement]) -> bool:
    """Tell whether the whole is suspect: a refusal if each is, for one that is not would do."""
    deciding = [one.suspect for one in judged if one.truth == truth]
    return all(deciding) if truth == NO else any(deciding)


def _one(
    request: Request,
    world: World,
    seen: Seen,
    who_signs: Signer,
    caller: Who,
    one: Applied,
    removed: frozenset[Removal],
) -> Judgement:
    one = _without(one, removed)
    asked = _Asked(request=request, world=world, seen=seen, who_signs=who_signs, caller=caller)
    made = _read(asked, one)
    if made.truth == MAYBE:
        return made
    doubted: set[Layer] = set()
    for other, layers in other_readings(one):
        if _read(asked, other).truth != made.truth:
            doubted |= layers
    failures = tuple(replace(f, doubtful=f.doubtful or f.layer in doubted) for f in made.failures)
    suspect = bool(doubted) or (bool(failures) and all(failure.doubtful for failure in failures))
    return replace(made, failures=failures, suspect=suspect)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Asked:
    request: Request
    world: World
    seen: Seen
    who_signs: Signer
    caller: Who


def _read(asked: _Asked, one: Applied) -> Judgement:
    """Judge one permission in every case that has to be told apart."""
    caller = asked.caller
    policies = [p for part in one.parts for p in part.attached or () if p is not None]
    cases = list(
        contexts(
            asked.request,
            asked.world,
            asked.seen,
            asked.who_signs,
            caller,
            one.permission,
            one.account,
            policies,
        )
    )
    found = [_case(one, caller, context) for context in cases]
    if one.permission.action.startswith("dynamodb:") and one.part(Layer.RCP) is not None:
        spared = replace(one, parts=tuple(part for part in one.parts if part.layer is not Layer.RCP))
        other = [_case(spared, caller, context) for context in cases]
        if {j.truth for j in other} != {j.truth for j in found}:
            # AWS's pages disagree on whether resource control policies cover DynamoDB
            gap = OpenEnd(check="resource-policy", layer=Layer.RCP)
            return Judgement(truth=MAYBE, open_ends=(gap,))
    truths = {judgement.truth for judgement in found}
    first = found[0]
    if len(truths) == 1:
        made = replace(
            first,
            failures=tuple(dict.fromkeys(f for judgement in found for f in judgement.failures)),
            open_ends=tuple(dict.fromkeys(e for judgement in found for e in judgement.open_ends)),
        )
    else:
        ends = (e for judgement in found for e in judgement.open_ends)
        differing = (OpenEnd(check=part.check, key="aws:PrincipalOrgID") for part in one.parts[:1])
        made = Judgement(truth=MAYBE, open_ends=tuple(dict.fromkeys((*ends, *differing))))
    tls = (
        (Assumption(code="assumption.tls-version"),) if any(TLS_KEY in keys_read(p) for p in policies) else ()
    )
    return replace(made, assumptions=(*tls, *_assumed(one)) if made.truth != NO else ())


def _assumed(one: Applied) -> tuple[Assumption, ...]:
    made = []
    for part in one.parts:
        if part.assumed:
            guardrail = part.layer in {Layer.SCP, Layer.RCP}
            code = "assumption.guardrails" if guardrail else "assumption.other-side"
            kind = part.layer.value.upper() if guardrail else part.component.id
            made.append(Assumption(code=code, arguments=(("what", kind),), conditional=True))
    return tuple(made)


def _without(one: Applied, removed: frozenset[Removal]) -> Applied:
    """Return the layers with the removed ones taken as allowing."""
    parts = []
    block = one.block_public
    for part in one.parts:
        ids = {part.component.id, *(text.name for text in part.texts if text is not None and text.name)}
        if part.layer not in {Layer.SCP, Layer.RCP}:
            ids = {part.component.id}
        if any(removal.check == part.check and removal.component in ids for removal in removed):
            parts.append(_passed(part))
            block = False if part.layer is Layer.RESOURCE else block
        else:
            parts.append(part)
    return replace(one, parts=tuple(parts), block_public=block)


def _passed(part: Part) -> Part:
    policy = passing(_PASSING_ROLE.get(part.layer, Role.RESOURCE))
    return replace(part, attached=(policy,), levels=(1,), texts=(None,), gaps=(), assumed=())


def _case(one: Applied, caller: Who, context: Context) -> Judgement:
    first = evaluate(_ask(one, caller, context))
    if first.decision is Decision.ALLOWED:
        return Judgement(truth=YES, granted=tuple(_granted(one, first)))
    if not first.refused:
        return Judgement(truth=MAYBE, open_ends=tuple(_open_ends(one, first)))
    failures: list[Failure] = []
    now, found = one, first
    for _ in range(_ROUNDS):
        deciders = _chosen(now, caller, found)
        failures += [_failure(now, caller, context, found, decider) for decider in deciders]
        if not deciders:
            break
        now = _beyond(now, deciders)
        found = evaluate(_ask(now, caller, context))
        if not found.refused:
            break
    return Judgement(truth=NO, failures=tuple(failures))


def _beyond(one: Applied, deciders: tuple[Decider, ...]) -> Applied:
    gone = {decider.layer for decider in deciders}
    block = False if gone & {Layer.SETTINGS, Layer.RESOURCE} else one.block_public
    parts = tuple(_passed(part) if part.layer in gone else part for part in one.parts)
    return replace(one, parts=parts, block_public=block)


def _ask(one: Applied, caller: Who, context: Context) -> Ask:
    made = Ask(
        caller=caller,
        action=one.permission.action.lower(),
        resource_arn=one.permission.resource,
        resource_account=one.account,
        context=context,
        block_public=one.block_public,
    )
    return layers_of(made, one.parts)


def _chosen(one: Applied, caller: Who, found: Evaluation) -> tuple[Decider, ...]:
    """Return the layers to blame: explicit denials; else near misses; else the identity, or each side."""
    if found.possible == {Decision.EXPLICIT_DENY}:
        return found.decided_by
    core = [d for d in found.decided_by if d.layer in {Layer.IDENTITY, Layer.RESOURCE}]
    others = tuple(d for d in found.decided_by if d.layer not in {Layer.IDENTITY, Layer.RESOURCE})
    near = [d for d in core if d.statement is not None]
    if caller.account is not None and caller.account == one.account and len(core) > 1:
        core = near or [d for d in core if d.layer is Layer.IDENTITY]
    return (*core, *others)


def _failure(one: Applied, caller: Who, context: Context, found: Evaluation, decider: Decider) -> Failure:
    layer = Layer.RESOURCE if decider.layer is Layer.SETTINGS else decider.layer
    part = one.part(layer)
    explicit = found.possible == {Decision.EXPLICIT_DENY}
    effect = Decision.EXPLICIT_DENY if explicit else Decision.IMPLICIT_DENY
    if part is None:
        raise AssertionError(decider.layer)
    text = part.texts[decider.policy] if decider.policy is not None and part.texts else None
    rule = _rule(part, decider)
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
        conditions=() if rule is None else tuple(_conditions(rule, context, explicit=explicit)),
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


def _conditions(rule: Rule, context: Context, *, explicit: bool) -> Iterator[str]:
    """Yield the conditions that decide: all of a denying statement, the failing ones of an Allow."""
    for condition in rule.compiled:
        if not explicit and condition.run(context) == YES:
            continue
        source = condition.source
        value = context.get(condition.keys[0])
        shown = "-" if value is None or value == () else "?" if not isinstance(value, str | tuple) else value
        carried = shown if isinstance(shown, str) else ", ".join(shown)
        head = f"{source.qualifier}:" if source.qualifier else ""
        tail = "IfExists" if source.if_exists else ""
        yield f"{head}{source.operator}{tail} {source.key} [{', '.join(source.values)}] ({carried})"


def _granted(one: Applied, found: Evaluation) -> Iterator[Granted]:
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


def _open_ends(one: Applied, found: Evaluation) -> Iterator[OpenEnd]:
    layers = {layer.value: layer for layer in Layer}
    for name in found.depends_on:
        layer = layers.get(name)
        if layer is Layer.SETTINGS:
            gaps = one.block_gaps
            yield OpenEnd(check="resource-policy", layer=layer, unknown=_all(gaps))
        elif layer is not None:
            part = one.part(layer)
            if part is not None:
                yield OpenEnd(check=part.check, layer=layer, unknown=_all(part.gaps))
        elif name == "resource_account":
            yield OpenEnd(check="resource-policy", key=name, unknown=_all(_resource_gaps(one)))
        else:
            yield OpenEnd(check=_reader(one, name), key=name)


def _resource_gaps(one: Applied) -> tuple[Unknown, ...]:
    part = one.part(Layer.RESOURCE)
    return () if part is None else part.gaps


def _all(gaps: tuple[Unknown, ...]) -> Unknown:
    made = Unknown(())
    for gap in gaps:
        made |= gap
    return made


def _reader(one: Applied, key: str) -> str:
    """Return the first check a policy of which reads the key."""
    lower = key.lower()
    for part in one.parts:
        for policy in part.attached or ():
            if isinstance(policy, Policy) and any(lower in c.keys for r in policy.rules for c in r.compiled):
                return part.check
    return one.parts[0].check if one.parts else "identity-policy"
