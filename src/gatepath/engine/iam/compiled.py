"""A policy compiled once: which statements concern an action, and tests of the rest.

Matching of actions and resources: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_action.html
and https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_resource.html
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from enum import StrEnum

from gatepath.engine.iam.conditions import Compiled, compile_condition
from gatepath.engine.iam.documents import Document, Problem, Statement, parse
from gatepath.engine.iam.globs import Template, any_of, compile_template, keys_of, spelled_keys, template
from gatepath.engine.iam.logic import NO, UNKNOWN, YES, Context, Truth
from gatepath.engine.iam.principals import (
    PrincipalTest,
    everybody,
    gateway_principals,
    gateway_principals_as_named,
    resource_principals,
)

_ARN_COLONS = 5
_MEMO_LIMIT = 4096
_TRUST_ACTIONS = "sts:"


class Role(StrEnum):
    """What a policy is attached to, as far as matching depends on it."""

    IDENTITY = "identity"
    """Identity, boundary, SCP and RCP: no `Principal`, or `*` only."""
    SESSION = "session"
    RESOURCE = "resource"
    """Also the policy of an interface endpoint."""
    GATEWAY = "gateway"
    GATEWAY_NAMED = "gateway-named"
    """The same, if it may name roles, users and sessions as its principal."""


_PRINCIPAL_TESTS = {
    Role.RESOURCE: resource_principals,
    Role.GATEWAY: gateway_principals,
    Role.GATEWAY_NAMED: gateway_principals_as_named,
}


@dataclass(frozen=True, slots=True, eq=False)
class Rule:
    """A statement ready to run. `number` is its place in the document."""

    number: int
    statement: Statement
    resource: Callable[[Context, str], Truth]
    principal: PrincipalTest
    anyone: bool
    """Whether it names everyone, so that the caller needn't be looked at."""
    conditions: tuple[Callable[[Context], Truth], ...]
    compiled: tuple[Compiled, ...]
    resource_keys: tuple[str, ...]

    def holds(self, context: Context) -> Truth:
        """Tell whether all conditions hold."""
        result = YES
        for run in self.conditions:
            found = run(context)
            if found == NO:
                return NO
            if found < result:  # noqa: PLR1730 - min() would cost more than the test
                result = found
        return result

    def open_keys(self, context: Context) -> tuple[str, ...]:
        """Return the keys it reads whose value is not known, as the policy spells them."""
        listed = self.statement.resources or self.statement.not_resources or ()
        spelled = spelled_keys([*listed, *(value for c in self.compiled for value in c.source.values)])
        spelled |= {c.source.key.lower(): c.source.key for c in self.compiled}
        keys = (*self.resource_keys, *(key for condition in self.compiled for key in condition.keys))
        return tuple(dict.fromkeys(spelled.get(k, k) for k in keys if context.get(k) is UNKNOWN))


Rules = tuple[Rule, ...]


@dataclass(slots=True)
class Policy:
    """A compiled document; `concerned` remembers which rules an action concerns."""

    document: Document
    rules: Rules
    problems: tuple[Problem, ...]
    _actions: tuple[tuple[Callable[[str], bool], Rule], ...]
    _memo: dict[str, tuple[Rules, Rules]] = field(default_factory=dict)

    def concerned(self, action: str) -> tuple[Rules, Rules]:
        """Return (denying, allowing) rules that concern an action given in lower case."""
        found = self._memo.get(action)
        if found is None:
            hit = [rule for test, rule in self._actions if test(action)]
            found = (
                tuple(rule for rule in hit if not rule.statement.allow),
                tuple(rule for rule in hit if rule.statement.allow),
            )
            if len(self._memo) >= _MEMO_LIMIT:
                self._memo.clear()
            self._memo[action] = found
        return found


def compile_policy(raw: object, role: Role) -> Policy:
    """Compile a document given as JSON value or text."""
    return compile_document(raw if isinstance(raw, Document) else parse(raw), role)


def compile_document(document: Document, role: Role) -> Policy:
    """Compile a parsed document for what it is attached to."""
    problems = list(document.problems)
    made = [_rule(s, role, variables=document.variables) for s in document.statements]
    for rule in made:
        problems += _rule_problems(rule, role)
    return Policy(
        document=document,
        rules=tuple(made),
        problems=tuple(problems),
        _actions=tuple((action_test(rule.statement), rule) for rule in made if rule.statement.usable),
    )


def action_test(statement: Statement) -> Callable[[str], bool]:
    """Return the test of an action in lower case: name and prefix ignore case, the prefix takes no wildcard."""
    listed = statement.actions if statement.actions is not None else statement.not_actions or ()
    patterns = [pattern.lower() for pattern in listed if usable_action(pattern)]
    test = any_of(patterns)
    return test if statement.actions is not None else lambda action: not test(action)


def usable_action(pattern: str) -> bool:
    """Tell whether an action pattern can match: `*`, or `prefix:…` with a literal prefix."""
    prefix, colon, _ = pattern.partition(":")
    return not pattern.strip("*") or (bool(colon) and "*" not in prefix and "?" not in prefix)


def _rule(statement: Statement, role: Role, *, variables: bool) -> Rule:
    test, keys = _resource_test(statement, role, variables=variables)
    principal = _principal_test(statement, role)
    compiled = tuple(compile_condition(c, variables=variables) for c in statement.conditions)
    return Rule(
        number=statement.index,
        statement=statement,
        resource=test,
        principal=principal,
        anyone=principal.grant is everybody,
        conditions=tuple(c.run for c in compiled),
        compiled=compiled,
        resource_keys=keys,
    )


def _principal_test(statement: Statement, role: Role) -> PrincipalTest:
    test = _PRINCIPAL_TESTS.get(role)
    return PrincipalTest(grant=everybody) if test is None else test(statement)


def everything(_: Context, __: str) -> Truth:
    """Match every resource."""
    return YES


def _resource_test(
    statement: Statement, role: Role, *, variables: bool
) -> tuple[Callable[[Context, str], Truth], tuple[str, ...]]:
    listed = statement.resources if statement.resources is not None else statement.not_resources
    if listed is None:
        found = YES if role is Role.RESOURCE and _is_trust(statement) else NO
        return (lambda _, __: found), ()
    texts, templates = resource_patterns(listed, role, variables=variables)
    plain = any_of(texts)
    keys = tuple(key for made in templates for key in keys_of(made))
    negative = statement.resources is None
    if not negative and any(text and not text.strip("*") for text in texts):
        return everything, ()

    def fast(_: Context, text: str) -> Truth:
        return YES if plain(text) is not negative else NO

    tests = [compile_template(made) for made in templates]

    def slow(context: Context, text: str) -> Truth:
        best: Truth = YES if plain(text) else NO
        for test in tests:
            if best == YES:
                break
            best = max(best, test(context, text))
        return YES - best if negative else best

    return (slow if templates else fast), keys


def resource_patterns(
    listed: Iterable[str], role: Role, *, variables: bool
) -> tuple[list[str], list[Template]]:
    """Return the patterns that can match, whole: those that are only text, and those with policy variables."""
    usable = [_complete(text) for text in listed if _usable_resource(text, role)]
    made = [(text, _tail_template(text) if variables else None) for text in usable]
    return [t for t, with_it in made if with_it is None], [w for _, w in made if w is not None]


def _is_trust(statement: Statement) -> bool:
    """Tell whether it is a statement of a role trust policy, which has no `Resource`."""
    actions = statement.actions or ()
    return bool(actions) and all(action.lower().startswith(_TRUST_ACTIONS) for action in actions)


def _usable_resource(text: str, role: Role) -> bool:
    """Tell whether a resource pattern can match: no wildcard in an ARN's service; sessions need whole ARNs."""
    if not text.strip("*"):
        return True
    fields = text.split(":", _ARN_COLONS)
    if fields[0] != "arn" or (role is Role.SESSION and len(fields) <= _ARN_COLONS):
        return False
    service = fields[2] if len(fields) > 2 else ""  # noqa: PLR2004 - the third field
    return len(fields) <= 3 or ("*" not in service and "?" not in service)  # noqa: PLR2004 - up to the service


def _complete(text: str) -> str:
    """Fill up an ARN of fewer than six fields: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference-arns.html."""
    missing = _ARN_COLONS - text.count(":")
    return text + ":*" * missing if missing > 0 and text.strip("*") else text


def _tail_template(text: str) -> Template | None:
    """Return the pattern with variables; they count only after an ARN's fifth colon."""
    if "${" not in text:
        return None
    fields = text.split(":", _ARN_COLONS)
    if len(fields) <= _ARN_COLONS:
        return None
    made = template(fields[-1])
    return None if made is None else (":".join(fields[:-1]) + ":", *made)


def _rule_problems(rule: Rule, role: Role) -> Iterable[Problem]:
    statement = rule.statement
    for condition in rule.compiled:
        for value in condition.malformed:
            if condition.source.operator:
                yield Problem(condition.source.pointer, "malformed-value", value)
    for pattern in (*(statement.actions or ()), *(statement.not_actions or ())):
        if not usable_action(pattern):
            yield Problem(statement.pointer, "action-never-matches", pattern)
    for text in (*(statement.resources or ()), *(statement.not_resources or ())):
        if not _usable_resource(text, role):
            yield Problem(statement.pointer, "resource-never-matches", text)
    yield from _missing_elements(statement, role)


def _missing_elements(statement: Statement, role: Role) -> Iterable[Problem]:
    trust = role is Role.RESOURCE and _is_trust(statement)
    no_resource = statement.resources is None and statement.not_resources is None
    if statement.usable and no_resource and not trust:
        yield Problem(statement.pointer, "no-resource")
    named = statement.principals is not None or statement.not_principals is not None
    if role in {Role.RESOURCE, Role.GATEWAY} and not named:
        yield Problem(statement.pointer, "no-principal")
    if role in {Role.IDENTITY, Role.SESSION} and statement.not_principals is not None:
        yield Problem(statement.pointer, "principal-not-allowed")
