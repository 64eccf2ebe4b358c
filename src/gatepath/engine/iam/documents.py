"""Policy documents, read as far as they go: what is malformed becomes a `Problem`, never an exception.

Grammar: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from urllib.parse import unquote

VARIABLES_VERSION = "2012-10-17"
"""The only `Version` in which policy variables are more than text."""
_VERSIONS = [VARIABLES_VERSION, "2008-10-17"]
_EFFECTS = ["Allow", "Deny"]
"""Lists, since what is looked up may be any JSON value, also one that can't be hashed."""
OPERATORS = (
    "StringEquals",
    "StringNotEquals",
    "StringEqualsIgnoreCase",
    "StringNotEqualsIgnoreCase",
    "StringLike",
    "StringNotLike",
    "NumericEquals",
    "NumericNotEquals",
    "NumericLessThan",
    "NumericLessThanEquals",
    "NumericGreaterThan",
    "NumericGreaterThanEquals",
    "DateEquals",
    "DateNotEquals",
    "DateLessThan",
    "DateLessThanEquals",
    "DateGreaterThan",
    "DateGreaterThanEquals",
    "Bool",
    "BinaryEquals",
    "IpAddress",
    "NotIpAddress",
    "ArnEquals",
    "ArnLike",
    "ArnNotEquals",
    "ArnNotLike",
    "Null",
)
"""Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html"""
_BY_LOWER = {name.lower(): name for name in OPERATORS}
_QUALIFIERS = {"forallvalues": "ForAllValues", "foranyvalue": "ForAnyValue"}
_ELEMENTS = frozenset(
    {
        "Sid",
        "Effect",
        "Principal",
        "NotPrincipal",
        "Action",
        "NotAction",
        "Resource",
        "NotResource",
        "Condition",
    }
)
_PRINCIPAL_KINDS = frozenset({"AWS", "Service", "Federated", "CanonicalUser"})


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong with a document: a JSON pointer into it (RFC 6901), a slug, and the value at fault."""

    pointer: str
    code: str
    detail: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """One operator on one key. `operator` is empty where AWS has no such operator."""

    operator: str
    qualifier: str | None
    """`ForAllValues`, `ForAnyValue` or None."""
    if_exists: bool
    key: str
    values: tuple[str, ...]
    pointer: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Principals:
    """A `Principal` or `NotPrincipal` element: (kind, value) pairs; `"*"` is `("AWS", "*")`."""

    entries: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """One statement. `actions`/`resources` None = the element is not there.

    `usable` False: nothing can be said of it (no effect, no action): it matches nothing.
    """

    index: int
    sid: str
    allow: bool
    usable: bool
    principals: Principals | None
    not_principals: Principals | None
    actions: tuple[str, ...] | None
    not_actions: tuple[str, ...] | None
    resources: tuple[str, ...] | None
    not_resources: tuple[str, ...] | None
    conditions: tuple[Condition, ...]

    @property
    def pointer(self) -> str:
        """Return the JSON pointer to the statement inside the document."""
        return f"/Statement/{self.index}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """A policy document. `variables`: whether `${…}` is a policy variable."""

    version: str
    statements: tuple[Statement, ...]
    problems: tuple[Problem, ...]

    @property
    def variables(self) -> bool:
        """Tell whether policy variables are replaced in this document."""
        return self.version == VARIABLES_VERSION


def decode(raw: object) -> object:
    """Return the JSON value of a document given as an object, a JSON text or a URL-encoded JSON text.

    Returns None for what is none of these.
    """
    if isinstance(raw, bytes):
        raw = raw.decode("utf-8", "replace")
    if not isinstance(raw, str):
        return raw
    for text in (raw, unquote(raw)):
        try:
            made: object = json.loads(text)
        except (ValueError, RecursionError):
            continue
        return decode(made) if isinstance(made, str) and made != raw else made
    return None


def parse(raw: object) -> Document:
    """Return the document; anything at all is taken, malformed parts are listed in `problems`."""
    data = decode(raw)
    problems: list[Problem] = []
    if not isinstance(data, Mapping):
        return Document(version="", statements=(), problems=(Problem("", "not-a-document"),))
    version = data.get("Version")
    if version is not None and version not in _VERSIONS:
        problems.append(Problem("/Version", "unknown-version", _shown(version)))
    listed = data.get("Statement")
    rows = listed if isinstance(listed, list) else [] if listed is None else [listed]
    if not rows:
        problems.append(Problem("/Statement", "no-statement"))
    return Document(
        version=version if isinstance(version, str) else "",
        statements=tuple(_statement(number, row, problems) for number, row in enumerate(rows)),
        problems=tuple(problems),
    )


def _shown(value: object) -> str:
    try:
        return str(value)[:100]
    except RecursionError:
        return ""


def _statement(index: int, row: object, problems: list[Problem]) -> Statement:
    place = f"/Statement/{index}"
    if not isinstance(row, Mapping):
        problems.append(Problem(place, "not-a-statement", _shown(row)))
        row = {}
    else:
        problems += [Problem(f"{place}/{name}", "unknown-element") for name in row if name not in _ELEMENTS]
    effect = row.get("Effect")
    if effect not in _EFFECTS:
        problems.append(Problem(f"{place}/Effect", "bad-effect", _shown(effect)))
    read = {name: _texts(row, name, place, problems) for name in ("Action", "Resource")}
    opposite = {name: _texts(row, f"Not{name}", place, problems) for name in ("Action", "Resource")}
    for name, given in read.items():
        if given is not None and opposite[name] is not None:
            problems.append(Problem(f"{place}/Not{name}", "both-elements", name))
    if read["Action"] is None and opposite["Action"] is None:
        problems.append(Problem(f"{place}/Action", "no-action"))
    conditions = tuple(_conditions(row.get("Condition"), f"{place}/Condition", problems))
    sid = row.get("Sid")
    return Statement(
        index=index,
        sid=sid if isinstance(sid, str) else "",
        allow=effect == "Allow",
        usable=effect in _EFFECTS and not (read["Action"] is None and opposite["Action"] is None),
        principals=_principals(row, "Principal", place, problems),
        not_principals=_principals(row, "NotPrincipal", place, problems),
        actions=read["Action"],
        not_actions=opposite["Action"] if read["Action"] is None else None,
        resources=read["Resource"],
        not_resources=opposite["Resource"] if read["Resource"] is None else None,
        conditions=conditions,
    )


def _texts(
    row: Mapping[str, object], name: str, place: str, problems: list[Problem]
) -> tuple[str, ...] | None:
    value = row.get(name)
    if value is None:
        return None
    items = value if isinstance(value, list) else [value]
    for number, item in enumerate(items):
        if not isinstance(item, str):
            problems.append(Problem(f"{place}/{name}/{number}", "not-a-text", _shown(item)))
    return tuple(item for item in items if isinstance(item, str))


def _principals(
    row: Mapping[str, object], name: str, place: str, problems: list[Problem]
) -> Principals | None:
    value = row.get(name)
    if value is None:
        return None
    if value == "*":
        return Principals(entries=(("AWS", "*"),))
    if not isinstance(value, Mapping):
        problems.append(Problem(f"{place}/{name}", "bad-principal", _shown(value)))
        return Principals(entries=())
    entries: list[tuple[str, str]] = []
    for kind, listed in value.items():
        if kind not in _PRINCIPAL_KINDS:
            problems.append(Problem(f"{place}/{name}/{kind}", "bad-principal", _shown(kind)))
            continue
        for item in listed if isinstance(listed, list) else [listed]:
            text = _scalar(item)
            if text is None:
                problems.append(Problem(f"{place}/{name}/{kind}", "not-a-text", _shown(item)))
            else:
                entries.append((kind, text))
    return Principals(entries=tuple(entries))


def _conditions(value: object, place: str, problems: list[Problem]) -> Iterator[Condition]:
    if value is None:
        return
    if not isinstance(value, Mapping):
        problems.append(Problem(place, "bad-condition", _shown(value)))
        yield _never(place)
        return
    for written, keys in value.items():
        operator, qualifier, if_exists = _operator(str(written))
        if not operator:
            problems.append(Problem(f"{place}/{written}", "unknown-operator", str(written)))
        elif written not in _spellings(operator, qualifier, if_exists=if_exists):
            problems.append(Problem(f"{place}/{written}", "operator-case", str(written)))
        if not isinstance(keys, Mapping):
            problems.append(Problem(f"{place}/{written}", "bad-condition", _shown(keys)))
            yield _never(place)
            continue
        for key, listed in keys.items():
            values = [_scalar(item) for item in (listed if isinstance(listed, list) else [listed])]
            if any(item is None for item in values):
                problems.append(Problem(f"{place}/{written}/{key}", "not-a-text", _shown(listed)))
            yield Condition(
                operator=operator,
                qualifier=qualifier,
                if_exists=if_exists,
                key=str(key),
                values=tuple(item for item in values if item is not None),
                pointer=f"{place}/{_escaped(str(written))}/{_escaped(str(key))}",
            )


def _never(place: str) -> Condition:
    return Condition(operator="", qualifier=None, if_exists=False, key="", values=(), pointer=place)


def _escaped(text: str) -> str:
    return text.replace("~", "~0").replace("/", "~1")


def _operator(written: str) -> tuple[str, str | None, bool]:
    """Return canonical operator, qualifier, and whether it ends in `IfExists` (not for `Null`)."""
    head, colon, tail = written.partition(":")
    qualifier = _QUALIFIERS.get(head.lower()) if colon else None
    if colon and qualifier is None:
        return "", None, False
    name = (tail if colon else head).lower()
    if_exists = name.endswith("ifexists")
    operator = _BY_LOWER.get(name.removesuffix("ifexists"), "")
    return ("", None, False) if if_exists and operator == "Null" else (operator, qualifier, if_exists)


def _spellings(operator: str, qualifier: str | None, *, if_exists: bool) -> tuple[str]:
    head = f"{qualifier}:" if qualifier else ""
    return (f"{head}{operator}{'IfExists' if if_exists else ''}",)


def _scalar(item: object) -> str | None:
    """Return the text of a string, number or boolean: the grammar lets the latter go unquoted."""
    if isinstance(item, str):
        return item
    if isinstance(item, bool):
        return "true" if item else "false"
    return str(item) if isinstance(item, int | float) else None
