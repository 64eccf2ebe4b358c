"""Every statement of every layer, and why it does (not) apply: the long form of an evaluation, on demand."""

from collections.abc import Iterator
from typing import NamedTuple

from gatepath.engine.iam.ask import Ask, Attached, Layer
from gatepath.engine.iam.compiled import Rule
from gatepath.engine.iam.logic import MAYBE, NO, UNKNOWN, YES, Truth

_WORDS = {NO: "no", MAYBE: "unknown", YES: "yes"}


class ConditionResult(NamedTuple):
    """A condition with what the request carries: None = absent, `?` = not known."""

    operator: str
    key: str
    values: tuple[str, ...]
    carried: str | tuple[str, ...] | None
    holds: Truth


class StatementResult(NamedTuple):
    """One statement's elements, each by itself; `applies` joins them."""

    layer: Layer
    policy: int
    statement: int
    sid: str
    allow: bool
    applies: Truth
    action: bool
    resource: Truth
    principal: bool
    conditions: tuple[ConditionResult, ...]


def explain(ask: Ask) -> tuple[StatementResult, ...]:
    """Return every statement of every readable policy, in the order of the layers."""
    made: list[StatementResult] = []
    for layer, attached in _layers(ask):
        for number, policy in enumerate(attached):
            if policy is not None:
                denies, allows = policy.concerned(ask.action)
                made += [
                    _statement(ask, layer, number, rule, rule in allows or rule in denies)
                    for rule in policy.rules
                ]
    return tuple(made)


def _layers(ask: Ask) -> Iterator[tuple[Layer, Attached]]:
    yield Layer.VPCE, ask.vpce or ()
    yield Layer.RCP, tuple(policy for level in ask.rcp for policy in level)
    yield Layer.SCP, tuple(policy for level in ask.scp for policy in level)
    yield Layer.RESOURCE, ask.resource
    yield Layer.IDENTITY, ask.identity
    yield Layer.BOUNDARY, ask.boundary or ()
    yield Layer.SESSION, ask.session or ()


def _statement(ask: Ask, layer: Layer, policy: int, rule: Rule, action: bool) -> StatementResult:  # noqa: FBT001 - a row's value
    context = ask.context
    resource = rule.resource(context, ask.resource_arn)
    principal = rule.anyone or bool(rule.principal.grant(ask.caller, ask.boundary is not None))
    applies = resource if action and principal else NO
    conditions: list[ConditionResult] = []
    for condition in rule.compiled:
        value = context.get(condition.keys[0])
        carried = "?" if value is UNKNOWN else value
        holds = condition.run(context)
        applies = min(applies, holds)
        source = condition.source
        conditions.append(ConditionResult(condition.name, source.key, source.values, carried, holds))  # type: ignore[arg-type]
    statement = rule.statement
    return StatementResult(
        layer,
        policy,
        rule.number,
        statement.sid,
        statement.allow,
        applies,
        action,
        resource,
        principal,
        tuple(conditions),
    )


def explained_json(results: tuple[StatementResult, ...]) -> list[dict[str, object]]:
    """Return the results as JSON values."""
    return [
        {
            "layer": result.layer.value,
            "policy": result.policy,
            "statement": result.statement,
            "sid": result.sid,
            "effect": "Allow" if result.allow else "Deny",
            "applies": _WORDS[result.applies],
            "action": result.action,
            "resource": _WORDS[result.resource],
            "principal": result.principal,
            "conditions": [
                {
                    "operator": condition.operator,
                    "key": condition.key,
                    "values": list(condition.values),
                    "request": list(condition.carried)
                    if isinstance(condition.carried, tuple)
                    else condition.carried,
                    "holds": _WORDS[condition.holds],
                }
                for condition in result.conditions
            ],
        }
        for result in results
    ]
