"""Is what gets through allowed: every permission a request needs, against every layer, as the service sees it."""

from dataclasses import dataclass, replace

from gatepath.engine.iam.ask import Ask, Decider, Decision, Layer
from gatepath.engine.iam.compiled import Role
from gatepath.engine.iam.evaluate import evaluate
from gatepath.engine.iam.logic import MAYBE, NO, YES, Context, Truth
from gatepath.engine.iam.principals import SOMEBODY, Who
from gatepath.model.ref import Unknown
from gatepath.model.world import World
from gatepath.request import Request
from gatepath.rights.acls import ACL, assumes_none, assumes_owner, may_grant
from gatepath.rights.assemble import applied, applied_to_anyone, layers_of
from gatepath.rights.blame import Failure, Granted, OpenEnd, chosen, failure, granted, open_ends, reader
from gatepath.rights.cases import TLS_KEY, differing_keys
from gatepath.rights.context import Asked, Seen, contexts, keys_read
from gatepath.rights.layers import Applied, Part, identity_component, passing
from gatepath.rights.needs import Permission, lacks_copy_source, permissions
from gatepath.rights.readings import other_readings
from gatepath.rights.signer import Signer, signer
from gatepath.rights.some import some_permissions
from gatepath.trace import Assumption, Removal

ACTION_AND_RESOURCE = "action and resource"
COPY_SOURCE = "copy source"
_ROUNDS = 8
"""How often a refusal is looked behind for the next one."""
_PASSING_ROLE = {Layer.IDENTITY: Role.IDENTITY, Layer.BOUNDARY: Role.IDENTITY, Layer.SESSION: Role.SESSION}


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
    if made.truth == YES and lacks_copy_source(request.question):
        end = OpenEnd(check="resource-policy", key=COPY_SOURCE)
        made = replace(made, truth=MAYBE, open_ends=(end,), granted=())
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
    open_ends = dict.fromkeys(end for one in judged for end in one.open_ends if end.unknown.gaps)
    named = OpenEnd(check="endpoint-policy", key=ACTION_AND_RESOURCE)
    return Judgement(truth=MAYBE, open_ends=(named, *open_ends))


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
    modes = one.permission.session_modes
    if len(modes) > 1:
        tried = [_with_mode(one, mode) for mode in modes]
        found = [_one(request, world, seen, who_signs, caller, each, removed) for each in tried]
        return _any_of(found)
    one = _with_mode(one, modes[0]) if modes else one
    asked = Asked(request=request, world=world, seen=seen, who_signs=who_signs, caller=caller)
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


def _with_mode(one: Applied, mode: str) -> Applied:
    permission = replace(one.permission, session_modes=(mode,), session_mode=mode)
    return replace(one, permission=permission)


def _any_of(found: list[Judgement]) -> Judgement:
    """Join ways of which one is enough; where none passes, the last says why."""
    best = max(judgement.truth for judgement in found)
    if best != MAYBE:
        return next(judgement for judgement in reversed(found) if judgement.truth == best)
    ends = (end for judgement in found for end in judgement.open_ends)
    return Judgement(truth=MAYBE, open_ends=tuple(dict.fromkeys(ends)))


def _read(asked: Asked, one: Applied) -> Judgement:
    """Judge one permission in every case that has to be told apart."""
    policies = [p for part in one.parts for p in part.attached or () if p is not None]
    cases = list(contexts(asked, one.permission, one.account, policies))
    found = [_case(asked, one, context) for context in cases]
    if one.permission.action.startswith("dynamodb:") and one.part(Layer.RCP) is not None:
        spared = replace(one, parts=tuple(part for part in one.parts if part.layer is not Layer.RCP))
        other = [_case(asked, spared, context) for context in cases]
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
        ends = [e for judgement in found for e in judgement.open_ends]
        ends += [OpenEnd(check=reader(one, key), key=key) for key in differing_keys(cases, policies)]
        made = Judgement(truth=MAYBE, open_ends=tuple(dict.fromkeys(ends)))
    if made.truth == NO and may_grant(one, made.failures):
        return Judgement(truth=MAYBE, open_ends=(OpenEnd(check="resource-policy", key=ACL),))
    tls = (
        (Assumption(code="assumption.tls-version"),) if any(TLS_KEY in keys_read(p) for p in policies) else ()
    )
    if made.truth == NO:
        off = (Assumption(code="assumption.no-acls"),) if assumes_none(one, made.failures) else ()
        return replace(made, assumptions=off)
    return replace(made, assumptions=(*tls, *_assumed(one)))


def _assumed(one: Applied) -> tuple[Assumption, ...]:
    made = [Assumption(code="assumption.object-owner")] if assumes_owner(one) else []
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


def _by_point(one: Applied, caller: Who, context: Context) -> Applied:
    """Return the identity's layers as passed where they allow the request on the access point itself."""
    through = one.permission.through
    own = tuple(part for part in one.parts if part.layer in _PASSING_ROLE)
    if through is None:
        return one
    asked = replace(
        one, permission=replace(one.permission, resource=through), account=caller.account, parts=own
    )
    if evaluate(_ask(asked, caller, context)).decision is not Decision.ALLOWED:
        return one
    return replace(one, parts=tuple(_passed(part) if part in own else part for part in one.parts))


def _case(asked: Asked, one: Applied, context: Context) -> Judgement:
    caller = asked.caller
    one = _by_point(one, caller, context)
    first = evaluate(_ask(one, caller, context))
    if first.decision is Decision.ALLOWED:
        return Judgement(truth=YES, granted=tuple(granted(one, first)))
    if not first.refused:
        return Judgement(truth=MAYBE, open_ends=tuple(open_ends(asked, one, first)))
    failures: list[Failure] = []
    now, found = one, first
    for _ in range(_ROUNDS):
        deciders = chosen(now, caller, found)
        failures += [failure(now, caller, context, found, decider) for decider in deciders]
        if not deciders:
            break
        now = _beyond(now, deciders)
        found = evaluate(_ask(now, caller, context))
        if not found.refused:
            break
    if not failures:  # a refusal that nobody is to blame for must not pass for none
        return Judgement(truth=MAYBE, open_ends=tuple(open_ends(asked, one, first)))
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
