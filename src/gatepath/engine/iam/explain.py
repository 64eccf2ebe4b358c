"""Every statement of every layer, and why it does (not) apply: the long form of an evaluation, on demand."""

from typing import NamedTuple

from gatepath.engine.iam.ask import Ask, Layer, Stack, flat, stack_of
from gatepath.engine.iam.compiled import Rule
from gatepath.engine.iam.conditions import Compiled
from gatepath.engine.iam.logic import MAYBE, NO, UNKNOWN, YES, Context, Truth

_WORDS = {NO: "no", MAYBE: "unknown", YES: "yes"}


class ConditionResult(NamedTuple):
    """A condition with what the request carries: None = absent, `?` = not known."""

    compiled: Compiled
    carried: str | tuple[str, ...] | None
    holds: Truth

    @property
    def operator(self) -> str:
        """Return the operator as it is written."""
        return self.compiled.name

    @property
    def key(self) -> str:
        """Return the key as it is written."""
        return self.compiled.source.key

    @property
    def values(self) -> tuple[str, ...]:
        """Return the policy's values."""
        return self.compiled.source.values


class StatementResult(NamedTuple):
    """One statement's elements, each by itself; `applies` joins them."""

    layer: Layer
    policy: int
    rule: Rule
    applies: Truth
    action: bool
    resource: Truth
    principal: bool
    conditions: tuple[ConditionResult, ...]

    @property
    def statement(self) -> int:
        """Return its place in the document."""
        return self.rule.number

    @property
    def sid(self) -> str:
        """Return its `Sid`."""
        return self.rule.statement.sid

    @property
    def allow(self) -> bool:
        """Tell whether it allows."""
        return self.rule.statement.allow


def explain(ask: Ask) -> tuple[StatementResult, ...]:
    """Return every statement of every readable policy, in the order of the layers."""
    made: list[StatementResult] = []
    context, text, caller, bounded = ask.context, ask.resource_arn, ask.caller, ask.boundary is not None
    for layer, stack in _layers(ask):
        for policy, rule, action in stack.listed(ask.action) if stack else ():
            resource = rule.resource(context, text)
            principal = rule.anyone or bool(rule.principal.grant(caller, bounded))
            applies = resource if action and principal else NO
            conditions: tuple[ConditionResult, ...] = ()
            if rule.compiled:
                conditions = tuple([_condition(context, one) for one in rule.compiled])
                if applies:
                    applies = min(applies, *[one.holds for one in conditions])
            made.append(
                StatementResult(layer, policy, rule, applies, action, resource, principal, conditions)
            )
    return tuple(made)


def _layers(ask: Ask) -> tuple[tuple[Layer, Stack | None], ...]:
    return (
        (Layer.VPCE, None if ask.vpce is None else stack_of(ask.vpce)),
        (Layer.RCP, flat(ask.rcp)),
        (Layer.SCP, flat(ask.scp)),
        (Layer.RESOURCE, stack_of(ask.resource)),
        (Layer.IDENTITY, stack_of(ask.identity)),
        (Layer.BOUNDARY, None if ask.boundary is None else stack_of(ask.boundary)),
        (Layer.SESSION, None if ask.session is None else stack_of(ask.session)),
    )


def _condition(context: Context, compiled: Compiled) -> ConditionResult:
    value = context.get(compiled.keys[0])
    carried = "?" if value is UNKNOWN else value
    return ConditionResult(compiled, carried, compiled.run(context))  # type: ignore[arg-type]


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
