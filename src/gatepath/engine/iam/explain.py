"""Every statement of every layer, and why it does (not) apply: the long form of an evaluation, on demand."""

from collections.abc import Iterator
from typing import NamedTuple

from gatepath.engine.iam.ask import Ask, Attached, Layer
from gatepath.engine.iam.compiled import Policy
from gatepath.engine.iam.conditions import Compiled
from gatepath.engine.iam.logic import MAYBE, NO, UNKNOWN, YES, Context, Truth

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
                _policy(ask, layer, number, policy, made)
    return tuple(made)


def _layers(ask: Ask) -> Iterator[tuple[Layer, Attached]]:
    yield Layer.VPCE, ask.vpce or ()
    yield Layer.RCP, tuple(policy for level in ask.rcp for policy in level)
    yield Layer.SCP, tuple(policy for level in ask.scp for policy in level)
    yield Layer.RESOURCE, ask.resource
    yield Layer.IDENTITY, ask.identity
    yield Layer.BOUNDARY, ask.boundary or ()
    yield Layer.SESSION, ask.session or ()


def _policy(ask: Ask, layer: Layer, policy: int, compiled: Policy, made: list[StatementResult]) -> None:
    """Add the results of one policy's statements."""
    context, text, bounded = ask.context, ask.resource_arn, ask.boundary is not None
    denies, allows = compiled.concerned(ask.action)
    concerned = {*denies, *allows}
    for rule in compiled.rules:
        action = rule in concerned
        resource = rule.resource(context, text)
        principal = rule.anyone or bool(rule.principal.grant(ask.caller, bounded))
        applies = resource if action and principal else NO
        conditions: tuple[ConditionResult, ...] = ()
        if rule.compiled:
            conditions = tuple([_condition(context, condition) for condition in rule.compiled])
            for condition in conditions:
                applies = min(applies, condition.holds)
        number, statement = rule.number, rule.statement
        made.append(
            StatementResult(
                layer,
                policy,
                number,
                statement.sid,
                statement.allow,
                applies,
                action,
                resource,
                principal,
                conditions,
            )
        )


def _condition(context: Context, condition: Compiled) -> ConditionResult:
    value, source = context.get(condition.keys[0]), condition.source
    carried = "?" if value is UNKNOWN else value
    return ConditionResult(condition.name, source.key, source.values, carried, condition.run(context))  # type: ignore[arg-type]


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
