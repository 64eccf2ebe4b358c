"""Symbolic answers against random requests, one by one through the evaluator."""

from collections.abc import Iterable
from dataclasses import replace
from random import Random

import pytest

from gatepath.engine.iam import symbolic_answer
from gatepath.engine.iam.ask import Ask, Decision, Layer
from gatepath.engine.iam.authorize import authorize
from gatepath.engine.iam.compiled import Policy, Role, Rule
from gatepath.engine.iam.evaluate import evaluate
from gatepath.engine.iam.globs import glob
from gatepath.engine.iam.logic import Context
from gatepath.engine.iam.symbolic import (
    Action,
    Answer,
    Class,
    Scenario,
    Target,
    blocks,
    difference,
    endpoint_way,
    only_via,
    written,
)
from gatepath.engine.iam.symbolic_answer import Run
from gatepath.engine.iam.symbolic_fold import CAP, INTERNET, Way, fixed_of
from gatepath.engine.iam.symbolic_system import System
from gatepath.engine.iam.symbolic_walk import Budget
from tests.properties.symbolic_scenarios import ACTIONS, HOME, OTHER, VPC, VPCE, policy, request, scenario


def inside(found: Class, ask: Ask, target: Target, action: Action) -> bool:
    """Tell whether a request is of a class's actions and resources."""
    if action.name not in found.actions or not found.resource.startswith(target.arn):
        return False

    def matches(text: str) -> bool:
        text = text.replace("${aws:PrincipalAccount}", HOME)
        return glob(((text, True),))(ask.resource_arn)

    return all(matches(text) for text in found.matching) and not any(matches(t) for t in found.excluding)


TOGETHER = {"aws:resourceorgid": "aws:principalorgid"}
"""Keys that vary together stand under the name of one of them."""


def meets(found: Class, ask: Ask, policies: Iterable[Policy], known: Context) -> bool:
    """Tell whether a request's keys do to every statement that may apply what those of a class do."""
    given = {key.lower(): value for key, value in found.conditions}
    context = {key: value for key, value in ask.context.items() if key not in given}
    context |= {key: value for key, value in given.items() if value is not None}
    for each in policies:
        for rule in (*each.concerned(ask.action)[0], *each.concerned(ask.action)[1]):
            if not rule.resource(ask.context, ask.resource_arn) or not _may_hold(rule, known):
                continue
            for key in {TOGETHER.get(key, key) for key in given}:
                read = [c for c in rule.compiled if TOGETHER.get(c.keys[0], c.keys[0]) == key]
                if all(c.run(context) for c in read) is not all(c.run(ask.context) for c in read):
                    return False
    return True


def _may_hold(rule: Rule, known: Context) -> bool:
    return all(c.run(known) for c in rule.compiled if c.keys[0] in known)


def everything_of(ask: Ask) -> list[Policy]:
    levels = [policy for level in (*ask.scp, *ask.rcp) for policy in level]
    layers = (ask.identity, ask.resource, ask.boundary or (), ask.session or (), ask.vpce or ())
    return [policy for layer in (*layers, levels) for policy in layer if policy is not None]


def outcome(ask: Ask) -> tuple[bool, bool]:
    """Return whether a request passes without and with the endpoint policy."""
    without = evaluate(replace(ask, vpce=None)).decision is Decision.ALLOWED
    return without, evaluate(ask).decision is Decision.ALLOWED


def confirmed(answer: Answer, wanted: set[str]) -> None:
    for found in answer.classes:
        assert authorize(found.witness)["decision"] in wanted, found
        assert found.witness["request"]["action"] in found.actions  # type: ignore[index]


@pytest.mark.parametrize("seed", range(60))
def test_no_request_that_the_endpoint_policy_blocks_is_outside_the_classes(seed: int) -> None:
    random = Random(seed)
    given = scenario(random)
    way = endpoint_way(*random.choice([(VPCE, VPC), (None, None)]))
    answer = blocks(given, ACTIONS, way)
    assert answer.decided, answer.undecided
    confirmed(answer, {"explicit_deny", "implicit_deny"})
    for found in answer.classes:
        free = {**found.witness, "policies": {**found.witness["policies"], "vpce": None}}  # type: ignore[dict-item]
        assert authorize(free)["decision"] == "allowed"
    for _ in range(300):
        ask, target, action = request(random, given, way)
        without, within = outcome(ask)
        policies, known = everything_of(ask), fixed_of(given, way, target.account, target.arn).known
        fitting = [
            found
            for found in answer.classes
            if inside(found, ask, target, action) and meets(found, ask, policies, known)
        ]
        if without:
            assert bool(fitting) is not within, (ask.action, ask.resource_arn, ask.context)


@pytest.mark.parametrize("seed", range(40))
def test_what_is_allowed_on_a_way_is_among_the_classes(seed: int) -> None:
    random = Random(1000 + seed)
    given = scenario(random)
    way = endpoint_way(VPCE, VPC)
    answer = only_via(given, ACTIONS, way)
    assert answer.decided, answer.undecided
    confirmed(answer, {"allowed"})
    for _ in range(150):
        for each in (way, INTERNET, Way("other-endpoint", (("aws:sourcevpce", "vpce-0bbb2222"),))):
            ask, target, action = request(random, given, each)
            fitting = [found for found in answer.classes if inside(found, ask, target, action)]
            without, within = outcome(ask)
            if each is way and within:
                assert fitting
            elif each is not way and without:
                assert all(each.name in found.ways for found in fitting)


@pytest.mark.parametrize("layer", [Layer.VPCE, Layer.IDENTITY, Layer.RESOURCE])
@pytest.mark.parametrize("seed", range(25))
def test_no_gained_or_lost_request_is_outside_the_difference(seed: int, layer: Layer) -> None:
    random = Random(2000 + seed)
    whole = scenario(random)
    role = {Layer.VPCE: Role.GATEWAY, Layer.IDENTITY: Role.IDENTITY, Layer.RESOURCE: Role.RESOURCE}[layer]
    named = layer is not Layer.IDENTITY
    first, second = (
        written(policy(random, principal=named, everyone=layer is Layer.VPCE, open_too=0.3), role)
        for _ in "ab"
    )
    targets = tuple(replace(t, account=HOME, policy=()) for t in whole.targets)
    before = Scenario(caller=whole.caller, targets=targets)
    if layer is Layer.VPCE:
        before = replace(before, vpce=(first,))
    elif layer is Layer.IDENTITY:
        before = replace(before, identity=(first,))
    else:
        before = replace(before, targets=tuple(replace(t, policy=(first,)) for t in targets))
    answer = difference(before, second, layer, ACTIONS, endpoint_way())
    assert answer.decided, answer.undecided
    everything = written(
        {"Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}}, Role.IDENTITY
    ).policy
    for _ in range(200):
        ask, target, action = request(random, before, endpoint_way())
        sides = []
        for each in (first.policy, second.policy):
            alone = replace(ask, identity=(everything,), resource=(), vpce=None)
            if layer is Layer.VPCE:
                alone = replace(alone, vpce=(each,))
            elif layer is Layer.IDENTITY:
                alone = replace(alone, identity=(each,))
            else:
                alone = replace(alone, resource=(each,), resource_account=OTHER)
            sides.append(evaluate(alone).decision is Decision.ALLOWED)
        both = (first.policy, second.policy)
        known = fixed_of(before, endpoint_way(), target.account, target.arn).known
        fitting = {
            found.change
            for found in answer.classes
            if inside(found, ask, target, action) and meets(found, ask, both, known)
        }
        if sides[0] != sides[1]:
            change = "gained" if sides[1] else "lost"
            assert change in fitting, (change, ask.action, ask.resource_arn, ask.context)
        assert len(fitting) <= 1
        assert bool(fitting) is (sides[0] != sides[1])


@pytest.mark.parametrize("seed", range(60))
def test_every_set_of_statements_that_a_request_meets_is_enumerated(seed: int) -> None:
    random = Random(3000 + seed)
    given = scenario(random)
    way = random.choice([endpoint_way(VPCE, VPC), endpoint_way(), INTERNET])
    system = System(given)
    finals: dict[tuple[str, int, str], list[tuple[int, set[int]]]] = {}
    for _, base, found in Run(system, CAP).bases(ACTIONS, way):
        for name in base.actions:
            place = (name, base.atom.target, base.atom.kind)
            finals.setdefault(place, []).append((base.mask, {final.mask for final in found}))
    for _ in range(300):
        ask, target, action = request(random, given, way)
        number = given.targets.index(target)
        met = 0
        for numbered in system.rules:
            rule = numbered.rule
            if (
                numbered.target in {None, number}
                and system.concerned(ask.action) & numbered.bit
                and rule.resource(ask.context, ask.resource_arn)
                and rule.holds(ask.context)
            ):
                met |= numbered.bit
        (kind,) = action.kinds
        assert any(met in masks for _, masks in finals[action.name, number, kind]), ask.context


CAPS = (1, 4, 16, 64, 256)
STEPS = (1, 30, 100, 200, 300, 500, 800, 1300, 2000, 4000)


def ask(random: Random, question: str, cap: int = CAP) -> Answer:
    """Return the answer to a random question, the same for the same random numbers."""
    given, way = scenario(random), endpoint_way(VPCE, VPC)
    if question != "difference":
        return {"blocks": blocks, "only_via": only_via}[question](given, ACTIONS, way, cap)
    first, second = (written(policy(random), Role.IDENTITY) for _ in "ab")
    targets = (replace(given.targets[0], policy=()),)
    before = Scenario(caller=given.caller, targets=targets, identity=(first,))
    return difference(before, second, Layer.IDENTITY, ACTIONS, way, cap)


def says_less(found: Answer, whole: Answer) -> None:
    """An answer is the whole one, or says that a limit was reached and tells of no other actions."""
    if found.decided:
        assert found == whole
    else:
        assert {why for _, why in found.undecided} <= {"cap"}
    told = {(action, each.resource) for each in found.classes for action in each.actions}
    assert told <= {(action, each.resource) for each in whole.classes for action in each.actions}


@pytest.mark.parametrize("question", ["blocks", "only_via", "difference"])
@pytest.mark.parametrize("seed", range(8))
def test_with_less_to_spend_less_is_decided_and_nothing_else_is_said(
    seed: int, question: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = ask(Random(5000 + seed), question)
    assert whole.decided
    for cap in CAPS:
        says_less(ask(Random(5000 + seed), question, cap), whole)
    decided = set()
    for steps in STEPS:
        monkeypatch.setattr(symbolic_answer, "budget_of", lambda *_, left=steps: Budget(CAP, left))
        found = ask(Random(5000 + seed), question)
        says_less(found, whole)
        decided.add(found.decided)
    assert False in decided
