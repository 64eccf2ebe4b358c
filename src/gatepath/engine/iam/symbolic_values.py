"""One value for each way in which a key's conditions can come out.

Texts: a walk over all patterns. Numbers, dates, addresses: the policies' own values and what lies next to and
between them. What no value of the key's type can do is not tried.
"""

import base64
from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from ipaddress import IPv4Address, IPv6Address

from gatepath.engine.iam import values as v
from gatepath.engine.iam.conditions import Compiled
from gatepath.engine.iam.globs import Piece, filled, template
from gatepath.engine.iam.logic import Context
from gatepath.engine.iam.symbolic_walk import (
    Automata,
    Budget,
    CapError,
    Pattern,
    Token,
    arn_pattern,
    ignoring_case,
    literal,
    pattern,
    some,
    walk,
)

_TEXTS = frozenset({"StringEquals", "StringEqualsIgnoreCase", "StringLike", "ArnEquals", "ArnLike"})
_NEGATIVE = {
    "StringNotEquals": "StringEquals",
    "StringNotEqualsIgnoreCase": "StringEqualsIgnoreCase",
    "StringNotLike": "StringLike",
    "ArnNotEquals": "ArnLike",
    "ArnNotLike": "ArnLike",
    "NotIpAddress": "IpAddress",
}
_ALWAYS_BOOL = frozenset(
    {
        "aws:securetransport",
        "aws:multifactorauthpresent",
        "aws:viaawsservice",
        "aws:principalisawsservice",
    }
)
_ADDRESSES = ("203.0.113.7", "2001:db8::7")
_OTHER = {
    "aws:sourcevpce": "vpce-0fffffffffffffff0",
    "aws:sourcevpc": "vpc-0fffffffffffffff0",
    "aws:principalorgid": "o-zzzzzzzzzz",
    "aws:resourceorgid": "o-zzzzzzzzzz",
    "aws:principalaccount": "999999999999",
    "aws:resourceaccount": "999999999999",
    "aws:requestedregion": "zz-other-1",
    "aws:principalarn": "arn:aws:iam::999999999999:role/other",
}
"""Values that look like themselves, tried before a walk makes some up."""
CLOSED = {
    "s3:authtype": ("REST-HEADER", "REST-QUERY-STRING", "POST"),
    "s3:tlsversion": ("1.2", "1.3"),
}
"""Keys with few values: https://docs.aws.amazon.com/AmazonS3/latest/API/bucket-policy-s3-sigv4-conditions.html; that
clients speak TLS 1.2 or 1.3 is an assumption, as for a single request."""
_DIGITS = (Token("0123456789"),) * 12
_PARTITIONS = ("aws", "aws-cn", "aws-us-gov")
_NAMED = tuple(
    (*literal(f"arn:{partition}:iam::"), *_DIGITS, *literal(f":{kind}/"), *some(":"))
    for partition in _PARTITIONS
    for kind in ("role", "user")
)
_ROOTS = tuple((*literal(f"arn:{partition}:iam::"), *_DIGITS, *literal(":root")) for partition in _PARTITIONS)
_SHAPES: dict[str, tuple[Pattern, ...]] = {
    "aws:principalaccount": (_DIGITS,),
    "aws:resourceaccount": (_DIGITS,),
    "s3:resourceaccount": (_DIGITS,),
    "aws:principalarn": (*_NAMED, *_ROOTS),
}
"""What values look like: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html"""
_NOW = Decimal(1_800_000_000)
_FIELD: Sequence[Piece] = (("*", True),)


class OpenError(Exception):
    """A key whose values can't be enumerated: the reason is a word for messages."""

    def __init__(self, key: str, why: str) -> None:
        """Take the key and why."""
        super().__init__(f"{key}: {why}")
        self.key = key
        self.why = why


def base_of(compiled: Compiled) -> str:
    """Return what an operator compares, without its negation."""
    operator = compiled.source.operator
    return _NEGATIVE.get(operator, operator.replace("NotEquals", "Equals"))


def candidates(  # noqa: PLR0911 - one return a kind of key
    key: str, conditions: Sequence[tuple[Compiled, bool]], known: Context, budget: Budget
) -> tuple[str, ...]:
    """Return values of a key, one at least for each way its conditions come out; raises `OpenError`.

    Each condition comes with whether policy variables count in it.
    """
    read = [(c, with_variables) for c, with_variables in conditions if c.source.operator not in {"Null", ""}]
    kinds = kinds_of(read)
    if key in CLOSED:
        return CLOSED[key]
    if not kinds:
        return (_OTHER.get(key, "x"),)
    if key in _ALWAYS_BOOL or "bool" in kinds:
        if kinds <= {"bool", "text"}:
            return ("true", "false")
        raise OpenError(key, "mixed")
    if kinds == {"text"}:
        return tuple(_texts(key, read, known, budget))
    if kinds - {"text"} == {"number"} and all(not _wild(c) for c, _ in read):
        return tuple(_numbers(read))
    if "date" in kinds and kinds <= {"date", "number"}:
        return tuple(_dates(read))
    if kinds in ({"ip"}, {"blob"}):
        return tuple(_addresses(read) if kinds == {"ip"} else _blobs(read))
    raise OpenError(key, "mixed")


def kinds_of(conditions: Iterable[tuple[Compiled, bool]]) -> set[str]:
    """Return as what conditions read a key: `text`, `number`, `date`, `bool`, `ip`, `blob`."""
    return {_kind(base_of(c)) for c, _ in conditions if c.source.operator not in {"Null", ""}}


def _kind(base: str) -> str:
    if base in _TEXTS:
        return "text"
    if base.startswith("Numeric"):
        return "number"
    if base.startswith("Date"):
        return "date"
    return {"Bool": "bool", "IpAddress": "ip", "BinaryEquals": "blob"}[base]


def _wild(compiled: Compiled) -> bool:
    return base_of(compiled) in {"StringLike", "ArnEquals", "ArnLike"}


def _texts(key: str, read: Iterable[tuple[Compiled, bool]], known: Context, budget: Budget) -> Iterator[str]:
    patterns: dict[Pattern, None] = {}
    for compiled, with_variables in read:
        base = base_of(compiled)
        if base.startswith("Arn"):
            patterns[arn_pattern([(("arn", False),), *[_FIELD] * (v.ARN_FIELDS - 1)])] = None
        for value in compiled.source.values:
            pieces = _pieces(value, known, with_variables=with_variables)
            made = None if pieces is None else _pattern(base, pieces)
            if made is not None:
                patterns[made] = None
    shapes = _SHAPES.get(key, ())
    automata = Automata((*patterns, *shapes))
    ends = sum(automata.ends[: len(patterns)])
    shaped, needed = sum(automata.ends[len(patterns) :]), sum(automata.spans[len(patterns) :])
    seen: set[int] = set()
    start = automata.start(range(len(automata.ends)))
    usual = _OTHER.get(key)
    if usual is not None:
        seen.add(automata.after(start, usual) & ends)
        yield usual
    try:
        for state, text in walk(automata, start, budget, needed):
            found = state & ends
            if text and found not in seen and (not shapes or state & shaped):
                seen.add(found)
                yield text
    except CapError as error:
        raise OpenError(key, "cap") from error
    if start & ends not in seen and not shapes:
        yield ""


def _pieces(value: str, known: Context, *, with_variables: bool) -> list[Piece] | None:
    """Return a value's pieces with variables replaced; None where one has no value."""
    made = template(value) if with_variables and "${" in value else None
    if made is None:
        return [(value, True)]
    pieces = filled(made, known)
    return None if isinstance(pieces, int) else pieces


def _pattern(base: str, pieces: Sequence[Piece]) -> Pattern | None:
    text = "".join(piece for piece, _ in pieces)
    if base == "StringEquals":
        return literal(text)
    if base == "StringEqualsIgnoreCase":
        return ignoring_case(text)
    if base == "StringLike":
        return pattern(pieces)
    fields = _fields(pieces)
    if text == "*" and fields is None:
        return None  # any ARN, which has a pattern of its own
    if fields is None or "".join(piece for piece, _ in fields[0]) != "arn":
        return None
    return arn_pattern(fields)


def _fields(pieces: Sequence[Piece]) -> list[list[Piece]] | None:
    fields: list[list[Piece]] = [[]]
    for text, wild in pieces:
        rest = text
        while ":" in rest and len(fields) < v.ARN_FIELDS:
            head, _, rest = rest.partition(":")
            fields[-1].append((head, wild))
            fields.append([])
        fields[-1].append((rest, wild))
    return fields if len(fields) == v.ARN_FIELDS else None


def _points(values: Iterable[Decimal]) -> Iterator[Decimal]:
    """Yield the values, and one before, between and after each two neighbours."""
    ordered = sorted(set(values))
    whole = all(value == value.to_integral_value() for value in ordered)
    for number, value in enumerate(ordered):
        yield value
        after = value + 1
        if number + 1 == len(ordered) or after < ordered[number + 1]:
            yield after
        elif not whole:
            yield (value + ordered[number + 1]) / 2
    if ordered and (ordered[0] > 0 or not whole):
        yield ordered[0] - 1


def _numbers(read: Iterable[tuple[Compiled, bool]]) -> Iterator[str]:
    found = [v.number(value) for compiled, _ in read for value in compiled.source.values]
    points = list(_points(value for value in found if value is not None)) or [Decimal(1)]
    yield from dict.fromkeys(f"{point:f}" for point in points)


def _dates(read: Iterable[tuple[Compiled, bool]]) -> Iterator[str]:
    found = [v.date(value) for compiled, _ in read for value in compiled.source.values]
    points = list(_points(value for value in found if value is not None)) or [_NOW]
    yield from dict.fromkeys(f"{point.normalize():f}" for point in points)


def _addresses(read: Iterable[tuple[Compiled, bool]]) -> Iterator[str]:
    made: dict[str, None] = dict.fromkeys(_ADDRESSES)
    for compiled, _ in read:
        for value in compiled.source.values:
            block = v.network(value)
            if block is None:
                continue
            version, first, last = block
            top = 2**32 - 1 if version == 4 else 2**128 - 1  # noqa: PLR2004 - IP versions
            for number in (first, last, first - 1, last + 1):
                if 0 <= number <= top:
                    made[str(IPv4Address(number) if version == 4 else IPv6Address(number))] = None  # noqa: PLR2004 - IP versions
    yield from made


def _blobs(read: Iterable[tuple[Compiled, bool]]) -> Iterator[str]:
    taken: dict[str, None] = {}
    for compiled, _ in read:
        taken |= dict.fromkeys(value for value in compiled.source.values if v.blob(value) is not None)
    yield from taken
    known = {v.blob(value) for value in taken}
    other = next(bytes([number]) for number in range(256) if bytes([number]) not in known)
    yield base64.b64encode(other).decode()
