"""The common case of an evaluation without detours: everything is known, and a statement decides.

It gives the answer of `evaluate` or none at all: what depends on something unknown is left to the long way.
A property test holds the two against each other.
"""

from typing import Final, NamedTuple

from gatepath.engine.iam.ask import Decider, Decision, Evaluation, Layer
from gatepath.engine.iam.logic import MAYBE, NO, YES, Context
from gatepath.engine.iam.plans import Part, Plan
from gatepath.engine.iam.principals import Grant, Kind, Who

_ALLOWED = frozenset({Decision.ALLOWED})
_EXPLICIT = frozenset({Decision.EXPLICIT_DENY})
_IMPLICIT = frozenset({Decision.IMPLICIT_DENY})
_PLAIN_KINDS = frozenset({Kind.USER, Kind.ROLE, Kind.SESSION})
_NO_POLICY = Part((), Decider(Layer.RESOURCE))
_OPEN: Final = Decider(Layer.SETTINGS, -1, -1)
"""Stands for a statement that may or may not apply."""


class Wanted(NamedTuple):
    """What is asked. `account`: the resource's."""

    caller: Who
    resource: str
    account: str
    context: Context


def quick(plan: Plan, wanted: Wanted) -> Evaluation | None:
    """Return the decision of a user's or role's request, or None where the long way is needed."""
    if wanted.caller.kind not in _PLAIN_KINDS:
        return None
    hits = _denials(plan, wanted)
    if hits is None:
        return None
    return Evaluation(_EXPLICIT, tuple(hits)) if hits else _allowed(plan, wanted)


def _denials(plan: Plan, wanted: Wanted) -> list[Decider] | None:
    """Return the first denying statement of each layer; None where one may or may not apply."""
    caller, resource, _, context = wanted
    hits: list[Decider] = []
    for steps in plan.denying:
        for matches, named, conditions, decider, _ in steps:
            found = YES if matches is None else matches(context, resource)
            if found == NO or (named is not None and not named(caller, plan.bounded)):
                continue
            held = YES
            for run in conditions:
                held = run(context)
                if held != YES:
                    break
            if held == NO:
                continue
            if MAYBE in (held, found):
                return None
            hits.append(decider)
            break
    return hits


def _first(part: Part, wanted: Wanted, lacking: list[Decider]) -> Decider | None:
    """Return the first statement that applies; `_OPEN` where one may or may not.

    Where none does, `lacking` gets the nearest miss: the first that fails on its conditions alone.
    """
    caller, resource, _, context = wanted
    miss: Decider | None = None
    misnamed = doubtful = False
    for matches, named, conditions, decider, doubt in part.steps:
        found = YES if matches is None else matches(context, resource)
        if found == NO:
            continue
        if named is not None and not named(caller, False):
            misnamed, doubtful = True, doubtful or doubt
            continue
        held = YES
        for run in conditions:
            held = run(context)
            if held != YES:
                break
        if MAYBE in (held, found):
            return _OPEN
        if held == YES:
            return decider
        miss = miss or decider
    if miss is None:
        miss = part.far if not misnamed else part.far._replace(doubtful=doubtful, misnamed=True)
    lacking.append(miss)
    return None


def _granted(part: Part, wanted: Wanted) -> tuple[Grant, Decider | None]:
    """Return the strongest grant of the resource's policy with its statement; `_OPEN` as in `_first`."""
    caller, resource, _, context = wanted
    best, hit = Grant.NONE, None
    for matches, named, conditions, decider, _ in part.steps:
        found = YES if matches is None else matches(context, resource)
        if found == NO:
            continue
        grant = Grant.DIRECT if named is None else named(caller, False)
        if grant <= best:
            continue
        held = YES
        for run in conditions:
            held = run(context)
            if held != YES:
                break
        if held == NO:
            continue
        if MAYBE in (held, found):
            return best, _OPEN
        best, hit = grant, decider
        if grant is Grant.DIRECT:
            break
    return best, hit


def _allowed(plan: Plan, wanted: Wanted) -> Evaluation | None:
    """Return the allowing statements, or the layers that lack one."""
    lacking: list[Decider] = []
    own = _first(plan.identity, wanted, lacking)
    made = [own, *[_first(part, wanted, lacking) for part in plan.limits]]
    mine, limited = own is not None, None not in made[1:]
    grant, hit = (Grant.NONE, None) if plan.resource is None else _granted(plan.resource, wanted)
    made.append(hit)
    across = wanted.caller.account != wanted.account and wanted.resource != "*"
    needed = across or (plan.key and ":key/" in wanted.resource)
    core = mine and limited and (hit is not None or not needed)
    if not across:
        core = core or grant is Grant.DIRECT or (grant is Grant.ROLE and limited)
    if core:
        lacking.clear()
    elif hit is None and (needed or (not mine and plan.resource is not None)):
        _first(plan.resource or _NO_POLICY, wanted, lacking)
    made += [_first(part, wanted, lacking) for part in plan.guardrails]
    if _OPEN in made:
        return None
    if not lacking:
        return Evaluation(_ALLOWED, tuple([decider for decider in made if decider is not None]))
    lacking.sort(key=_is_far)
    return Evaluation(_IMPLICIT, tuple(dict.fromkeys(lacking)))


def _is_far(decider: Decider) -> bool:
    return decider.statement is None
