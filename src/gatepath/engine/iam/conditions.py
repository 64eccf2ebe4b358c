"""Condition operators, compiled to tests of a request's context.

Sources: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html
and https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-single-vs-multi-valued-context-keys.html

Where the documentation is silent: a value that can't be read (a number, a date, …) matches no condition,
negated or not; `ForAnyValue:…IfExists` on a missing key is true; a multi-valued key without a set operator
matches no condition.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import partial
from typing import TypeVar

from gatepath.engine.iam import values as v
from gatepath.engine.iam.documents import Condition
from gatepath.engine.iam.globs import Piece, Template, Test, Variable, any_of, glob, template, with_variables
from gatepath.engine.iam.logic import MAYBE, NO, UNKNOWN, YES, Context, Truth

T = TypeVar("T")
Run = Callable[[Context], Truth]
One = Callable[[Context, str], Truth | None]
"""Tests one value against all of the policy's; None = the value can't be read."""

_NEGATED = {
    "StringNotEquals": "StringEquals",
    "StringNotEqualsIgnoreCase": "StringEqualsIgnoreCase",
    "StringNotLike": "StringLike",
    "NumericNotEquals": "NumericEquals",
    "DateNotEquals": "DateEquals",
    "NotIpAddress": "IpAddress",
    "ArnNotEquals": "ArnLike",
    "ArnNotLike": "ArnLike",
}
_SAME = {"ArnEquals": "ArnLike"}
_WITH_VARIABLES = frozenset({"StringEquals", "StringEqualsIgnoreCase", "StringLike", "ArnLike"})
_COMPARE: dict[str, Callable[[Decimal, Decimal], bool]] = {
    "Equals": lambda a, b: a == b,
    "LessThan": lambda a, b: a < b,
    "LessThanEquals": lambda a, b: a <= b,
    "GreaterThan": lambda a, b: a > b,
    "GreaterThanEquals": lambda a, b: a >= b,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Compiled:
    """A condition ready to run. `keys` are all it reads, in lower case, its own first."""

    run: Run
    keys: tuple[str, ...]
    source: Condition
    malformed: tuple[str, ...] = ()
    """Policy values that are not what the operator compares."""
    name: str = ""
    """The operator as it is written, with its set operator and `IfExists`."""
    variables: bool = False
    """Whether `${…}` in its values is a policy variable."""


def negated(operator: str) -> bool:
    """Tell whether an operator holds where no value matches."""
    return operator in _NEGATED


def compile_condition(condition: Condition, *, variables: bool) -> Compiled:
    """Return the condition as a function of the context; an unknown operator matches nothing."""
    head = f"{condition.qualifier}:" if condition.qualifier else ""
    name = f"{head}{condition.operator}{'IfExists' if condition.if_exists else ''}"
    return replace(_compiled(condition, variables=variables), name=name, variables=variables)


def _compiled(condition: Condition, *, variables: bool) -> Compiled:
    key = condition.key.lower()
    if not condition.operator:
        return Compiled(run=lambda _: NO, keys=(key,), source=condition, malformed=(condition.key,))
    if condition.operator == "Null":
        return _null(condition, key)
    base = _NEGATED.get(condition.operator, _SAME.get(condition.operator, condition.operator))
    templates: list[Template] = []
    plain: list[str] = []
    for value in condition.values:
        made = template(value) if variables and base in _WITH_VARIABLES and "${" in value else None
        if made is None:
            plain.append(value)
        else:
            templates.append(made)
    fixed, malformed = _fixed(base, plain)
    keys = (key, *(piece.key for made in templates for piece in made if isinstance(piece, Variable)))
    if malformed and condition.operator in _NEGATED:
        return Compiled(run=lambda _: NO, keys=keys, source=condition, malformed=malformed)
    if condition.qualifier is None and not templates:
        run = _single(condition, key, fixed)
    else:
        one = _with_templates(base, fixed, templates) if templates else _without(fixed)
        run = _quantified(condition, key, one)
    return Compiled(run=run, keys=keys, source=condition, malformed=malformed)


def _null(condition: Condition, key: str) -> Compiled:
    """Compile `Null`: `true` = absent, `false` = present and not null; an empty set is null."""
    wanted = {v.boolean(value) for value in condition.values}
    malformed = tuple(value for value in condition.values if v.boolean(value) is None)
    absent, present = True in wanted, False in wanted

    def run(context: Context) -> Truth:
        value = context.get(key)
        if value is UNKNOWN:
            return (YES if absent else NO) if absent == present else MAYBE
        there = value is not None and value != ()
        return YES if (present if there else absent) else NO

    return Compiled(run=run, keys=(key,), source=condition, malformed=malformed)


def _single(condition: Condition, key: str, fixed: Callable[[str], bool | None]) -> Run:
    """Compile the commonest case without detours: one value against values, no set operator, no variables."""
    hit, miss = (NO, YES) if condition.operator in _NEGATED else (YES, NO)
    missing = YES if condition.if_exists or condition.operator in _NEGATED else NO

    def run(context: Context) -> Truth:
        value = context.get(key)
        if value.__class__ is str:
            found = fixed(value)
            return hit if found else miss if found is False else NO
        if value is None or value == ():
            return missing
        return MAYBE if value is UNKNOWN else NO

    return run


def _quantified(condition: Condition, key: str, one: One) -> Run:
    """Return the condition with its set operator and its answer for a missing key."""
    negative = condition.operator in _NEGATED
    every = condition.qualifier == "ForAllValues"
    some = condition.qualifier == "ForAnyValue"
    missing = YES if condition.if_exists or every or (negative and not some) else NO

    def judged(context: Context, value: str) -> Truth:
        found = one(context, value)
        if found is None:
            return NO
        return YES - found if negative else found

    def run(context: Context) -> Truth:
        value = context.get(key)
        if value is UNKNOWN:
            return MAYBE
        if value is None or value == ():
            return missing
        if every or some:
            listed = (value,) if isinstance(value, str) else value
            if listed == ("",):
                return YES if every else NO
            found = [judged(context, item) for item in listed]  # type: ignore[union-attr]
            return min(found) if every else max(found)
        return judged(context, value) if isinstance(value, str) else NO

    return run


def _without(fixed: Callable[[str], bool | None]) -> One:
    def one(_: Context, value: str) -> Truth | None:
        found = fixed(value)
        return None if found is None else YES if found else NO

    return one


def _with_templates(base: str, fixed: Callable[[str], bool | None], templates: list[Template]) -> One:
    """Test plain values first, then those with variables; a variable without a value matches nothing."""
    tests = [with_variables(made, partial(_of_pieces, base)) for made in templates]

    def one(context: Context, value: str) -> Truth | None:
        best: Truth = YES if fixed(value) else NO
        for test in tests:
            if best == YES:
                break
            best = max(best, test(context, value))
        return best

    return one


def _of_pieces(base: str, pieces: list[Piece], known: bool) -> Test:  # noqa: FBT001 - the shape of a builder
    """Return the test of replaced pieces; where some stand for any text, whichever way the operator compares."""
    if not known:
        anything = glob(tuple((text.casefold(), wild) for text, wild in pieces))
        return lambda value: anything(value.casefold())
    text = "".join(piece for piece, _ in pieces)
    if base == "StringEquals":
        return lambda value: value == text
    if base == "StringEqualsIgnoreCase":
        folded = text.casefold()
        return lambda value: value.casefold() == folded
    if base == "StringLike":
        return glob(tuple(pieces))
    fields = [glob(tuple(field)) for field in _split(pieces)]

    def arn(value: str) -> bool:
        given = v.arn_fields(value)
        if given is None or len(fields) != v.ARN_FIELDS:
            return False
        return all(test(field) for test, field in zip(fields, given, strict=True))

    return arn


def _split(pieces: list[Piece]) -> list[list[Piece]]:
    """Cut pieces at the first five colons."""
    fields: list[list[Piece]] = [[]]
    for text, wild in pieces:
        rest = text
        while ":" in rest and len(fields) < v.ARN_FIELDS:
            head, _, rest = rest.partition(":")
            fields[-1].append((head, wild))
            fields.append([])
        fields[-1].append((rest, wild))
    return fields


def _fixed(  # noqa: PLR0911 - one line an operator
    base: str, plain: list[str]
) -> tuple[Callable[[str], bool | None], tuple[str, ...]]:
    """Return the test of one value against values without variables, and the malformed of these."""
    match base:
        case "StringEquals":
            return frozenset(plain).__contains__, ()
        case "StringEqualsIgnoreCase":
            folded = frozenset(value.casefold() for value in plain)
            return (lambda value: value.casefold() in folded), ()
        case "StringLike":
            return any_of(plain), ()
        case "ArnLike":
            return _arns(plain)
        case "Bool":
            return _read(plain, v.boolean, lambda a, b: a == b)
        case "BinaryEquals":
            return _read(plain, v.blob, lambda a, b: a == b)
        case "IpAddress":
            return _read(plain, v.network, lambda a, b: a[0] == b[0] and b[1] <= a[1] and a[2] <= b[2])
        case _ if base.startswith("Numeric"):
            return _read(plain, v.number, _COMPARE[base.removeprefix("Numeric")])
        case _:
            return _read(plain, v.date, _COMPARE[base.removeprefix("Date")])


def _read(
    plain: list[str], reader: Callable[[str], T | None], holds: Callable[[T, T], bool]
) -> tuple[Callable[[str], bool | None], tuple[str, ...]]:
    pairs = [(value, reader(value)) for value in plain]
    wanted = [made for _, made in pairs if made is not None]

    def test(value: str) -> bool | None:
        given = reader(value)
        if given is None:
            return None
        for one in wanted:  # noqa: SIM110 - a generator would cost more than the comparisons
            if holds(given, one):
                return True
        return False

    return test, tuple(value for value, made in pairs if made is None)


def _arns(plain: list[str]) -> tuple[Callable[[str], bool | None], tuple[str, ...]]:
    """Six fields, each for itself; `*` stays inside a field except the sixth. `*` alone is any ARN."""
    wanted: list[tuple[Callable[[str], bool], ...]] = []
    everything = "*" in plain
    malformed = []
    for value in plain:
        fields = v.arn_fields(value)
        if fields is not None:
            wanted.append(tuple(any_of([field]) for field in fields))
        elif value != "*":
            malformed.append(value)

    def test(value: str) -> bool | None:
        given = v.arn_fields(value)
        if given is None:
            return None
        if everything:
            return True
        for tests in wanted:
            # plain loops: this is called for every request, a generator would cost more than the tests
            for one, text in zip(tests, given, strict=True):
                if not one(text):
                    break
            else:
                return True
        return False

    return test, tuple(malformed)
