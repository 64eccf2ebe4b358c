"""The common case of an evaluation without detours: everything is known, and a statement decides.

It gives the answer of `evaluate_fully` or none at all: what depends on something unknown is left to the long
way. A property test holds the two against each other.
"""

from typing import Final

from gatepath.engine.iam.allows import near_miss, strict
from gatepath.engine.iam.ask import Ask, Attached, Decider, Decision, Evaluation, Layer, Stack, flat
from gatepath.engine.iam.logic import MAYBE, NO
from gatepath.engine.iam.principals import Grant, Kind

_ALLOWED = frozenset({Decision.ALLOWED})
_EXPLICIT = frozenset({Decision.EXPLICIT_DENY})
_IMPLICIT = frozenset({Decision.IMPLICIT_DENY})
_SPECIAL = ("kms:retiregrant", "sts:", "s3:getbucketpolicy", "s3:putbucketpolicy", "s3:deletebucketpolicy")
"""Actions with rules of their own."""
_PLAIN_KINDS = frozenset({Kind.USER, Kind.ROLE, Kind.SESSION})
_NOTHING: Final = (-1, -1)
_OPEN: Final = (-2, -2)
_OPEN_MARK: Final = Decider(Layer.SETTINGS, -1, -1)
"""Stands among deciders for what may or may not apply."""


def quick(ask: Ask) -> Evaluation | None:
    """Return the decision of a user's or role's request, or None where the long way is needed."""
    account = ask.resource_account
    if ask.caller.kind not in _PLAIN_KINDS or account is None or ask.block_public is not False:
        return None
    if ask.action.startswith(_SPECIAL):
        return None
    hits = _denials(ask)
    if hits is None:
        return None
    if hits:
        return Evaluation(possible=_EXPLICIT, decided_by=tuple(hits))
    return _allowed(ask, across=ask.caller.account != account and ask.resource_arn != "*")


def _denials(ask: Ask) -> list[Decider] | None:
    """Return the first denying statement of each layer; None where one may or may not apply."""
    hits: list[Decider] = []
    action, context, resource = ask.action, ask.context, ask.resource_arn
    for layer, stack in (
        (Layer.VPCE, ask.vpce),
        (Layer.RCP, flat(ask.rcp) if ask.rcp else None),
        (Layer.SCP, flat(ask.scp) if ask.scp else None),
        (Layer.RESOURCE, ask.resource),
        (Layer.IDENTITY, ask.identity),
        (Layer.BOUNDARY, ask.boundary),
        (Layer.SESSION, ask.session),
    ):
        if not stack:
            continue
        if not isinstance(stack, Stack):
            return None
        for number, rule in (stack.memo.get(action) or stack.concerned(action))[0]:
            if rule is None:
                return None
            found = rule.resource(context, resource)
            if found == NO:
                continue
            if not rule.anyone and not rule.principal.grant(ask.caller, ask.boundary is not None):
                continue
            held = rule.holds(context)
            if held == NO:
                continue
            if MAYBE in (held, found):
                return None
            hits.append(Decider(layer, number, rule.number, rule.principal.doubtful))
            break
    return hits


def _first(ask: Ask, stack: object) -> tuple[int, int]:
    """Return (policy, statement) of the first Allow; `_OPEN` where one may or may not apply."""
    if not isinstance(stack, Stack):
        return _OPEN
    action, context, resource = ask.action, ask.context, ask.resource_arn
    for number, rule in (stack.memo.get(action) or stack.concerned(action))[1]:
        if rule is None:
            return _OPEN
        found = rule.resource(context, resource)
        if found == NO:
            continue
        if not rule.anyone and not rule.principal.grant(ask.caller, ask.boundary is not None):
            continue
        held = rule.holds(context)
        if held == NO:
            continue
        if MAYBE in (held, found):
            return _OPEN
        return number, rule.number
    return _NOTHING


def _resource(ask: Ask) -> tuple[Grant, tuple[int, int]] | None:
    """Return the strongest grant of the resource's policy with its statement."""
    if not isinstance(ask.resource, Stack):
        return None
    best, hit = Grant.NONE, _NOTHING
    for number, rule in (ask.resource.memo.get(ask.action) or ask.resource.concerned(ask.action))[1]:
        if rule is None:
            return None
        found = rule.resource(ask.context, ask.resource_arn)
        if found == NO:
            continue
        grant = Grant.DIRECT if rule.anyone else rule.principal.grant(ask.caller, ask.boundary is not None)
        if grant <= best:
            continue
        held = rule.holds(ask.context)
        if held == NO:
            continue
        if MAYBE in (held, found):
            return None
        best, hit = grant, (number, rule.number)
        if best is Grant.DIRECT:
            break
    return best, hit


def _allowed(ask: Ask, *, across: bool) -> Evaluation | None:
    """Return the allowing statements, or the layers that lack one."""
    made: list[Decider] = []
    lacking: list[tuple[Layer, Attached, int]] = []
    found = _first(ask, ask.identity)
    own = _note(Layer.IDENTITY, ask.identity, found, made, lacking)
    limited = True
    for layer, stack in ((Layer.BOUNDARY, ask.boundary), (Layer.SESSION, ask.session)):
        if stack is not None:
            limited = _note(layer, stack, _first(ask, stack), made, lacking) and limited
    granted = (Grant.NONE, _NOTHING) if not ask.resource else _resource(ask)
    if granted is None:
        return None
    grant, hit = granted
    needed = strict(ask)
    if grant is not Grant.NONE:
        made.append(Decider(Layer.RESOURCE, *hit))
    elif across or needed or (not own and ask.resource):
        lacking.append((Layer.RESOURCE, ask.resource, 0))
    core = own and limited and (grant is not Grant.NONE or not (across or needed))
    if not across:
        core = core or grant is Grant.DIRECT or (grant is Grant.ROLE and limited)
    if core:
        lacking.clear()
    _guardrails(ask, made, lacking)
    if _OPEN_MARK in made:
        return None
    if not lacking:
        return Evaluation(possible=_ALLOWED, decided_by=tuple(made))
    near = [near_miss(ask, layer, stack, before) for layer, stack, before in lacking]
    near.sort(key=_is_far)
    return Evaluation(possible=_IMPLICIT, decided_by=tuple(near))


def _is_far(decider: Decider) -> bool:
    return decider.statement is None


def _note(
    layer: Layer,
    stack: Attached,
    found: tuple[int, int],
    made: list[Decider],
    lacking: list[tuple[Layer, Attached, int]],
    before: int = 0,
) -> bool:
    """Note a layer's allowing statement or its lack; tell whether it allows."""
    if found is _NOTHING:
        lacking.append((layer, stack, before))
        return False
    made.append(_OPEN_MARK if found is _OPEN else Decider(layer, before + found[0], found[1]))
    return True


def _guardrails(ask: Ask, made: list[Decider], lacking: list[tuple[Layer, Attached, int]]) -> None:
    """Note endpoint policy and service control policies."""
    if ask.vpce is not None:
        _note(Layer.VPCE, ask.vpce, _first(ask, ask.vpce), made, lacking)
    before = 0
    for level in ask.scp:
        _note(Layer.SCP, level, _first(ask, level), made, lacking, before)
        before += len(level)
