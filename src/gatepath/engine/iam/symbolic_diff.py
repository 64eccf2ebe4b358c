"""What two policies of a kind answer differently."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import cache

from gatepath.engine.iam.ask import Layer
from gatepath.engine.iam.compiled import Role
from gatepath.engine.iam.evaluate import Decision, evaluate
from gatepath.engine.iam.principals import Kind
from gatepath.engine.iam.symbolic_answer import Answer, Run, Told
from gatepath.engine.iam.symbolic_fold import CAP, Way
from gatepath.engine.iam.symbolic_system import Action, Layered, Scenario, System, Written, written
from gatepath.engine.iam.symbolic_witness import Hit, ask_of, line_of
from gatepath.model.naming import Arn

ROLES = {
    Layer.VPCE: Role.GATEWAY,
    Layer.IDENTITY: Role.IDENTITY,
    Layer.RESOURCE: Role.RESOURCE,
    Layer.SCP: Role.IDENTITY,
    Layer.RCP: Role.IDENTITY,
}
"""Layers whose policies can be compared, and what their policies are compiled for."""
_DIGITS = 12
_OTHERS = ("000000000000", "000000000001")
_CHANGES = (("gained", (False, True)), ("lost", (True, False)))


def difference(
    scenario: Scenario, new: Written, layer: Layer, actions: Sequence[Action], way: Way, cap: int = CAP
) -> Answer:
    """Return requests that the one policy of a scenario and a new one in its place answer differently.

    `layer`: where the scenario's only policy is. A policy lets a request pass that a statement allows (to a
    caller it names) and none denies; one of resource controls, that none denies.
    """
    both = _with(scenario, layer, lambda old: (*old, new))
    system = System(both)
    run = Run(system, cap)
    sides = _sides(system)
    hits: list[Hit] = []
    for space, base, finals in run.bases(actions, way):
        judged = [
            (final, tuple(_passes(system, layer, final.mask & side, whose) for side in sides))
            for final in finals
            for whose in (_whose(Hit(base, final, (), space), layer),)
        ]
        for change, wanted in _CHANGES:
            changed = [final for final, answers in judged if answers == wanted]
            forbidden = frozenset(final.mask for final, answers in judged if answers != wanted)
            hits += [
                Hit(base, cube.final, cube.held, space, change=change)
                for cube in run.cover(space, base, changed, forbidden, change)
            ]
    after = _with(scenario, layer, lambda _: (new,))
    return run.answer(hits, lambda hit: _changed(hit, layer, scenario, after))


def _with(scenario: Scenario, layer: Layer, change: Callable[[Layered], Layered]) -> Scenario:
    """Return the scenario with other policies in a layer."""
    match layer:
        case Layer.VPCE:
            return replace(scenario, vpce=change(scenario.vpce or ()))
        case Layer.IDENTITY:
            return replace(scenario, identity=change(scenario.identity))
        case Layer.SCP:
            return replace(scenario, scp=(change(scenario.scp[0]),))
        case Layer.RCP:
            return replace(scenario, rcp=(change(scenario.rcp[0]),))
    return replace(scenario, targets=tuple(replace(t, policy=change(t.policy)) for t in scenario.targets))


def _sides(system: System) -> tuple[int, int]:
    """Return the statements of the old and of the new policy."""
    old = sum(numbered.bit for numbered in system.rules if numbered.policy == 0)
    return old, sum(numbered.bit for numbered in system.rules) - old


def _whose(hit: Hit, layer: Layer) -> Kind | None:
    """Return what kind of caller asks for a resource of its own account, None where it is another's.

    Within an account, naming the account allows nothing by itself, and its root user needs no Allow.
    """
    caller = hit.caller
    mine = layer is Layer.RESOURCE and caller.account is not None
    return caller.kind if mine and _account(hit) == caller.account else None


def _passes(system: System, layer: Layer, mask: int, whose: Kind | None) -> bool:
    masks = system.masks
    if layer is Layer.VPCE:
        return not mask & masks.vpce_deny and bool(mask & masks.vpce)
    if layer is Layer.RCP:
        return not mask & masks.deny
    if layer is Layer.SCP:
        return not mask & masks.deny and bool(mask & masks.scp[0])
    if whose is Kind.ROOT:
        return not mask & masks.deny
    named = masks.direct | masks.role | (0 if whose else masks.account)
    granted = masks.identity if layer is Layer.IDENTITY else named
    return not mask & masks.deny and bool(mask & granted)


def _changed(hit: Hit, layer: Layer, before: Scenario, after: Scenario) -> Told:
    """Let the evaluator judge both policies, with nothing else in the way."""
    before, after = _alone(hit, layer, before), _alone(hit, layer, after)
    old, new = (evaluate(ask_of(hit, scenario, scenario.vpce)) for scenario in (before, after))
    lost, kept = (new, old) if hit.change == "lost" else (old, new)
    agrees = lost.refused and kept.decision is Decision.ALLOWED
    allowed_by = tuple(decider for decider in kept.decided_by if decider.layer is layer)
    return Told(agrees, lost.decided_by, allowed_by, line_of(hit, after, after.vpce))


def _alone(hit: Hit, layer: Layer, scenario: Scenario) -> Scenario:
    """Return the scenario judged by one policy: what else must allow does."""
    account = _owner(hit, layer)
    targets = tuple(replace(target, account=account) for target in scenario.targets)
    if layer is Layer.RESOURCE:
        own = account == hit.caller.account
        return replace(scenario, targets=targets, identity=() if own else (_everything(),))
    if layer is Layer.IDENTITY and account == hit.caller.account:
        return replace(scenario, targets=targets)
    open_to_all = (_for_everyone(),)
    targets = tuple(replace(target, policy=open_to_all) for target in targets)
    identity = scenario.identity if layer is Layer.IDENTITY else (_everything(),)
    return replace(scenario, targets=targets, identity=identity)


def _owner(hit: Hit, layer: Layer) -> str | None:
    """Return who owns the witness's resource: for its own policy somebody else, so that it alone decides."""
    account = _account(hit)
    if account:
        return account
    if layer is Layer.RESOURCE:
        return _OTHERS[hit.caller.account == _OTHERS[0]]
    given = hit.context.get("aws:resourceaccount")
    return given if isinstance(given, str) else hit.caller.account


def _account(hit: Hit) -> str:
    """Return the account in the ARN of the witness's resource."""
    arn = Arn.parse(hit.base.atom.example)
    return arn.account if arn is not None and len(arn.account) == _DIGITS else ""


@cache
def _everything() -> Written:
    return written(
        {"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}},
        Role.IDENTITY,
    )


@cache
def _for_everyone() -> Written:
    statement = {"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*"}
    return written({"Version": "2012-10-17", "Statement": statement}, Role.RESOURCE)
