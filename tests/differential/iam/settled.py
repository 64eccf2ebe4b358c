"""What the two evaluators are known to see differently, each as a rewriting that the documentation calls equal.

A disagreement is explained only if it is gone once the request says the same without the feature at issue.
docs/policy-evaluation.md lists the classes, with who is right by which page.
"""

import copy
from collections.abc import Callable, Iterator
from typing import Any

from gatepath.engine.iam.context import fill, read_context
from gatepath.engine.iam.globs import Variable, filled, template
from gatepath.engine.iam.logic import Context
from gatepath.engine.iam.principals import Kind, who
from gatepath.engine.iam.values import date

Row = dict[str, Any]
Rewriting = Callable[[Row], Row]
_HALVES = {"0.0.0.0/0": ["0.0.0.0/1", "128.0.0.0/1"], "::/0": ["::/1", "8000::/1"]}
_UNRELATED = {"Effect": "Allow", "Action": "ec2:DescribeVpcs", "Resource": "*"}


def explain(line: Row) -> tuple[Row, tuple[str, ...]]:
    """Return the request rewritten, and the classes that changed it."""
    made, names = copy.deepcopy(line), []
    for name, rewrite in CLASSES.items():
        after = rewrite(copy.deepcopy(made))
        if after != made:
            made = after
            names.append(name)
    return made, tuple(names)


def _statements(line: Row) -> Iterator[tuple[Row, Row]]:
    """Yield (document, statement) of every policy."""
    policies = line["policies"]
    documents = [*policies["identity"], policies["resource"], policies["boundary"], policies["session"]]
    documents += [policies["vpce"]]
    for name in ("scp", "rcp"):
        documents += [document for level in policies[name] or () for document in level["policies"]]
    for document in documents:
        if document:
            rows = (
                document["Statement"] if isinstance(document["Statement"], list) else [document["Statement"]]
            )
            for row in rows:
                yield document, row


def _conditions(line: Row) -> Iterator[tuple[Row, Row, str, str, list[str]]]:
    """Yield (document, conditions, operator, key, values)."""
    for document, row in _statements(line):
        for operator, keys in list(row.get("Condition", {}).items()):
            for key, values in list(keys.items()):
                yield (
                    document,
                    row["Condition"],
                    operator,
                    key,
                    values if isinstance(values, list) else [values],
                )


def _context(line: Row) -> Context:
    request = line["request"]
    caller = who(request["principal"])
    made = read_context(request["context"])
    if caller is not None:
        fill(made, caller, request["action"].lower(), request["resource"], request["resource_account"])
    return made


def whole_ranges(line: Row) -> Row:
    """Write 0.0.0.0/0 and ::/0 as their halves."""
    for _, conditions, operator, key, values in _conditions(line):
        if "IpAddress" in operator and set(values) & _HALVES.keys():
            conditions[operator][key] = [part for value in values for part in _HALVES.get(value, [value])]
    return line


def dates_as_seconds(line: Row) -> Row:
    """Write every date, also those of the request, as ISO 8601 with seconds."""
    from datetime import UTC, datetime

    def iso(text: str) -> str:
        seconds = date(text)
        return (
            text
            if seconds is None
            else datetime.fromtimestamp(int(seconds), UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        )

    for _, conditions, operator, key, values in _conditions(line):
        if operator.startswith("Date"):
            conditions[operator][key] = [iso(value) for value in values]
    for key in ("aws:CurrentTime", "aws:EpochTime"):
        if key in line["request"]["context"]:
            line["request"]["context"][key] = iso(line["request"]["context"][key])
    return line


def variables_written_out(line: Row) -> Row:
    """Put the values of variables in their place; one without a value matches nothing."""
    context = _context(line)
    for document, conditions, operator, key, values in _conditions(line):
        written = [_written(value, context, document) for value in values]
        if written != values:
            conditions[operator][key] = written
    for document, row in _statements(line):
        for element in ("Resource", "NotResource"):
            if element in row:
                listed = row[element] if isinstance(row[element], list) else [row[element]]
                row[element] = [_written(value, context, document) for value in listed]
    return line


def _written(text: str, context: Context, document: Row) -> str:
    if document["Version"] != "2012-10-17" and "${" in text:
        return "arn:aws:s3:::no-such-name" if text.startswith("arn:") else "no-such-value"
    made = template(text)
    if made is None or not any(isinstance(piece, Variable) for piece in made):
        return text
    pieces = filled(made, context)
    if isinstance(pieces, int):
        return "arn:aws:s3:::no-such-name" if text.startswith("arn:") else "no-such-value"
    return "".join(piece if wild else piece.replace("*", "?") for piece, wild in pieces)


def empty_lists_absent(line: Row) -> Row:
    """Leave out keys with an empty list: they are null."""
    context = line["request"]["context"]
    line["request"]["context"] = {key: value for key, value in context.items() if value != []}
    return line


def any_value_if_exists(line: Row) -> Row:
    """Leave out `ForAnyValue:…IfExists` on keys that are missing: taken as true."""
    context = {key.lower() for key in _context(line)}
    for _, conditions, operator, key, _ in _conditions(line):
        if (
            operator.startswith("ForAnyValue:")
            and operator.endswith("IfExists")
            and key.lower() not in context
        ):
            del conditions[operator][key]
            if not conditions[operator]:
                del conditions[operator]
    for _, row in _statements(line):
        if row.get("Condition") == {}:
            del row["Condition"]
    return line


def root_without_policies(line: Row) -> Row:
    """Give the root user the full access it has."""
    caller = who(line["request"]["principal"])
    if caller is not None and caller.kind is Kind.ROOT:
        allow = {"Effect": "Allow", "Action": "*", "Resource": "*"}
        line["policies"]["identity"].append({"Version": "2012-10-17", "Statement": [allow]})
    return line


def federated_without_session_policy(line: Row) -> Row:
    """Give a federated user without a session policy one that allows nothing of this."""
    caller = who(line["request"]["principal"])
    if caller is not None and caller.kind is Kind.FEDERATED and not line["policies"]["session"]:
        line["policies"]["session"] = {"Version": "2012-10-17", "Statement": [_UNRELATED]}
    return line


def whole_arns(line: Row) -> Row:
    """Fill up ARNs of fewer than six fields; session policies don't take them at all."""
    session = line["policies"]["session"]
    for document, row in _statements(line):
        for element in ("Resource", "NotResource"):
            if element in row:
                listed = row[element] if isinstance(row[element], list) else [row[element]]
                row[element] = [_whole(value, refused=document is session) for value in listed]
    return line


def _whole(text: str, *, refused: bool) -> str:
    missing = 5 - text.count(":")
    if not text.startswith("arn:") or missing <= 0:
        return text
    return "arn:aws:s3:::no-such-name" if refused else text + ":*" * missing


def not_principal(line: Row) -> Row:
    """Write NotPrincipal of a Deny as whom it hits: all whose account, role and session are not all listed."""
    caller = who(line["request"]["principal"])
    document = line["policies"]["resource"]
    if caller is None or not document:
        return line
    rows = document["Statement"] if isinstance(document["Statement"], list) else [document["Statement"]]
    kept = []
    for row in rows:
        if "NotPrincipal" not in row:
            kept.append(row)
            continue
        named = row.pop("NotPrincipal")
        if not _spared(named, line):
            row["Principal"] = "*"
            kept.append(row)
    document["Statement"] = kept
    if not kept:
        line["policies"]["resource"] = None
    return line


def _spared(named: Any, line: Row) -> bool:
    if named in ("*", {"AWS": "*"}):
        return True
    principal = line["request"]["principal"]
    listed = [
        value for values in named.values() for value in (values if isinstance(values, list) else [values])
    ]
    caller = who(principal)
    if caller is None or caller.account is None:
        return principal in listed
    account = {caller.account, f"arn:aws:iam::{caller.account}:root"} & set(listed)
    if caller.kind is Kind.ROOT:
        return bool(account)
    if line["policies"]["boundary"] or not account:
        return False
    role = f"arn:aws:iam::{caller.account}:role/{caller.name}"
    wanted = {Kind.SESSION: {principal, role}, Kind.ROLE: {role}}.get(caller.kind, {principal})
    return wanted <= set(listed)


def families_apart(line: Row) -> Row:
    """Decide address conditions whose ranges are all of the other IP version than the request's address."""
    address = line["request"]["context"].get("aws:SourceIp", "")
    if not address:
        return line
    for _, conditions, operator, key, values in _conditions(line):
        if "IpAddress" not in operator:
            continue
        same = [value for value in values if (":" in value) == (":" in address)]
        if same and same != values:
            conditions[operator][key] = same
        elif not same:
            del conditions[operator][key]
            if not conditions[operator]:
                del conditions[operator]
            if not operator.startswith("Not"):
                conditions.setdefault("StringEquals", {})["aws:RequestedRegion"] = "no-such-value"
    return line


def arn_operators(line: Row) -> Row:
    """Write ArnEquals as ArnLike, which it is."""
    for _, conditions, operator, _, _ in _conditions(line):
        plain = operator.replace("ArnEquals", "ArnLike").replace("ArnNotEquals", "ArnNotLike")
        if plain != operator and operator in conditions and plain not in conditions:
            conditions[plain] = conditions.pop(operator)
    return line


def grants_past_sessions(line: Row) -> Row:
    """Let the session policy allow where the resource's policy names the session itself or everyone."""
    caller = who(line["request"]["principal"])
    session = line["policies"]["session"]
    if caller is not None and session and caller.account == line["request"]["resource_account"]:
        rows = session["Statement"] if isinstance(session["Statement"], list) else [session["Statement"]]
        session["Statement"] = [*rows, {"Effect": "Allow", "Action": "*", "Resource": "*"}]
    return line


CLASSES: dict[str, Rewriting] = {
    "ARNs of fewer than six fields": whole_arns,
    "NotPrincipal": not_principal,
    "addresses of the other IP version": families_apart,
    "ArnEquals": arn_operators,
    "ranges of all addresses": whole_ranges,
    "epoch seconds beside ISO dates": dates_as_seconds,
    "variables without a value": variables_written_out,
    "empty lists": empty_lists_absent,
    "ForAnyValue with IfExists": any_value_if_exists,
    "root user": root_without_policies,
    "federated user without a session policy": federated_without_session_policy,
}
LAST: dict[str, Rewriting] = {
    "grants to a session or to everyone, past its session policy": grants_past_sessions
}
"""Tried only where the others leave a disagreement: they change what other requests get."""
