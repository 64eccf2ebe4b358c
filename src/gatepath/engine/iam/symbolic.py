"""Questions about all requests at once, answered by exact enumeration, each answer with a concrete request.

Exact for keys whose values have the key's type (an address in `aws:SourceIp`, `true` or `false` in
`aws:SecureTransport`), for direct calls of one caller on the targets given. What is not enumerated is named in
`undecided`; nothing is guessed.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import cache

from gatepath.engine.iam.ask import Ask, Decision, Layer
from gatepath.engine.iam.compiled import Policy, Role, compile_policy
from gatepath.engine.iam.evaluate import evaluate
from gatepath.engine.iam.symbolic_answer import Answer, Class, Run, Told
from gatepath.engine.iam.symbolic_fold import CAP, INTERNET, Way
from gatepath.engine.iam.symbolic_system import Action, Layered, Scenario, System, Target, Written, written
from gatepath.engine.iam.symbolic_witness import Hit, ask_of, line_of

__all__ = [
    "CAP",
    "Action",
    "Answer",
    "Class",
    "Scenario",
    "Target",
    "Way",
    "Written",
    "blocks",
    "difference",
    "endpoint_way",
    "only_via",
    "written",
]
ENDPOINT = "endpoint"


def endpoint_way(endpoint: str | None = None, vpc: str | None = None) -> Way:
    """Return the way through an endpoint; where its id or VPC is not given, any will do."""
    pairs = (("aws:sourcevpce", endpoint), ("aws:sourcevpc", vpc))
    return Way(ENDPOINT, tuple((key, value) for key, value in pairs if value is not None))


def blocks(scenario: Scenario, actions: Sequence[Action], way: Way, cap: int = CAP) -> Answer:
    """Return what the endpoint policy refuses that all other policies allow."""
    system = System(scenario)
    run = Run(system, cap)
    hits: list[Hit] = []
    for space, base, finals in run.bases(actions, way):
        across = space.fixed.across
        passing = [final for final in finals if system.core(final.mask, across=across)]
        refused = [final for final in passing if not system.endpoint(final.mask)]
        always = bool(refused) and len(refused) == len(passing)
        hits += [Hit(base, final, always, space) for final in (refused[:1] if always else refused)]
    return run.answer(hits, _blocked)


def _blocked(hit: Hit) -> Told:
    refused = evaluate(ask_of(hit, hit.scenario.vpce))
    allowed = evaluate(ask_of(hit, None))
    agrees = refused.refused and allowed.decision is Decision.ALLOWED
    return Told(agrees, refused.decided_by, allowed.decided_by, line_of(hit, hit.scenario.vpce))


def only_via(scenario: Scenario, actions: Sequence[Action], way: Way, cap: int = CAP) -> Answer:
    """Return what is allowed through an endpoint, and on which ways (`Class.ways`) some of it is allowed.

    The other ways are the internet and any other endpoint, whose policy is taken as full access.
    """
    system = System(scenario)
    run = Run(system, cap)
    hits: dict[tuple[object, ...], Hit] = {}
    ways: dict[tuple[object, ...], list[str]] = {}
    itself = tuple(pair for pair in way.known if pair[0] == "aws:sourcevpce")
    for each in (way, INTERNET, Way("other-endpoint", but=itself)):
        for space, base, finals in run.bases(actions, each):
            place = (base.actions, base.atom.target, base.atom.kind, base.atom.example)
            for final in finals:
                passes = each.name != ENDPOINT or system.endpoint(final.mask)
                if passes and system.core(final.mask, across=space.fixed.across):
                    hits.setdefault(place, Hit(base, final, True, space))
                    ways.setdefault(place, []).append(each.name)
                    break
    found = [hit._replace(ways=tuple(ways[place])) for place, hit in hits.items() if ENDPOINT in ways[place]]
    return run.answer(found, _allowed)


def _allowed(hit: Hit) -> Told:
    allowed = evaluate(ask_of(hit, hit.scenario.vpce))
    agrees = allowed.decision is Decision.ALLOWED
    return Told(agrees, (), allowed.decided_by, line_of(hit, hit.scenario.vpce))


def difference(
    scenario: Scenario,
    new: Written,
    layer: Layer,
    actions: Sequence[Action],
    way: Way,
    cap: int = CAP,
) -> Answer:
    """Return requests that the one policy of a scenario and a new one in its place answer differently.

    `layer`: `vpce`, `identity` or `resource`, where the scenario's only policy is. A policy lets a request
    pass that a statement allows (to a caller it names) and none denies.
    """
    both = _with(scenario, layer, lambda old: (*old, new))
    system = System(both)
    run = Run(system, cap)
    sides = _sides(system)
    hits: list[Hit] = []
    for space, base, finals in run.bases(actions, way):
        judged = [
            (final, tuple(_passes(system, layer, final.mask & side) for side in sides)) for final in finals
        ]
        for change, wanted in (("gained", (False, True)), ("lost", (True, False))):
            changed = [final for final, answers in judged if answers == wanted]
            always = bool(changed) and len(changed) == len(judged)
            hits += [
                Hit(base, final, always, space, change=change)
                for final in (changed[:1] if always else changed)
            ]
    after = _with(scenario, layer, lambda _: (new,))
    return run.answer(hits, lambda hit: _changed(hit, layer, scenario, after))


def _with(scenario: Scenario, layer: Layer, change: Callable[[Layered], Layered]) -> Scenario:
    """Return the scenario with other policies in a layer."""
    if layer is Layer.VPCE:
        return replace(scenario, vpce=change(scenario.vpce or ()))
    if layer is Layer.IDENTITY:
        return replace(scenario, identity=change(scenario.identity))
    return replace(scenario, targets=tuple(replace(t, policy=change(t.policy)) for t in scenario.targets))


def _sides(system: System) -> tuple[int, int]:
    """Return the statements of the old and of the new policy."""
    old = sum(numbered.bit for numbered in system.rules if numbered.policy == 0)
    return old, sum(numbered.bit for numbered in system.rules) - old


def _passes(system: System, layer: Layer, mask: int) -> bool:
    masks = system.masks
    if layer is Layer.VPCE:
        return not mask & masks.vpce_deny and bool(mask & masks.vpce)
    granted = masks.identity if layer is Layer.IDENTITY else masks.direct | masks.role | masks.account
    return not mask & masks.deny and bool(mask & granted)


def _changed(hit: Hit, layer: Layer, before: Scenario, after: Scenario) -> Told:
    """Let the evaluator judge both policies, with nothing else in the way."""
    old, new = (evaluate(_alone(hit, layer, scenario)) for scenario in (before, after))
    lost, kept = (new, old) if hit.change == "lost" else (old, new)
    agrees = lost.refused and kept.decision is Decision.ALLOWED
    allowed_by = tuple(decider for decider in kept.decided_by if decider.layer is layer)
    return Told(agrees, lost.decided_by, allowed_by, line_of(hit, after.vpce, after))


def _alone(hit: Hit, layer: Layer, scenario: Scenario) -> Ask:
    """Return the witness judged by one policy: what else must allow does."""
    ask = ask_of(hit, scenario.vpce, scenario)
    if layer is Layer.IDENTITY:
        return replace(ask, resource_account=ask.caller.account)
    other = "000000000001" if ask.caller.account == "000000000000" else "000000000000"
    if layer is Layer.RESOURCE:
        return replace(ask, identity=(_everything(),), resource_account=other)
    return replace(ask, identity=(_everything(),), resource_account=ask.caller.account)


@cache
def _everything() -> Policy:
    return compile_policy(
        {"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}},
        Role.IDENTITY,
    )
