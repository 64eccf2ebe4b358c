"""Every statement of every layer, and why it does (not) apply: the long form of an evaluation, on demand."""

from collections.abc import Iterator
from dataclasses import dataclass

from gatepath.engine.iam.ask import Ask, Attached, Layer
from gatepath.engine.iam.compiled import Rule
from gatepath.engine.iam.conditions import Compiled
from gatepath.engine.iam.logic import MAYBE, NO, UNKNOWN, YES, Context, Truth

_WORDS = {NO: "no", MAYBE: "unknown", YES: "yes"}


@dataclass(frozen=True, slots=True)
class ConditionResult:
    """A condition with what the request carries: None = absent, `?` = not known."""

    operator: str
    key: str
    values: tuple[str, ...]
    carried: str | tuple[str, ...] | None
    holds: Truth


@dataclass(frozen=True, slots=True)
class StatementResult:
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
                concerned = {rule.number for rule in (*denies, *allows)}
                made += [
                    _statement(ask, layer, number, rule, rule.number in concerned) for rule in policy.rules
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
    resource = rule.resource(ask.context, ask.resource_arn)
    principal = rule.anyone or bool(rule.principal.grant(ask.caller, ask.boundary is not None))
    conditions = tuple(_condition(condition, ask.context) for condition in rule.compiled)
    held = min((condition.holds for condition in conditions), default=YES)
    applies = min(resource, held) if action and principal else NO
    return StatementResult(
        layer,
        policy,
        rule.number,
        rule.statement.sid,
        rule.statement.allow,
        applies,
        action,
        resource,
        principal,
        conditions,
    )


def _condition(condition: Compiled, context: Context) -> ConditionResult:
    source = condition.source
    value = context.get(condition.keys[0])
    head = f"{source.qualifier}:" if source.qualifier else ""
    return ConditionResult(
        f"{head}{source.operator}{'IfExists' if source.if_exists else ''}",
        source.key,
        source.values,
        "?" if value is UNKNOWN else value if isinstance(value, str | tuple) else None,
        condition.run(context),
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
