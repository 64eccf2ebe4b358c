"""The product's answer held against the packets tried one by one."""

import json
from collections.abc import Sequence
from fractions import Fraction

from gatepath.diagnose import diagnose
from gatepath.model.question import parse_question
from gatepath.snapshot.load import load_world
from gatepath.snapshot.record import decode_line
from gatepath.trace import Diagnosis, Severity
from tests.differential.brute import Key, Outcome
from tests.lab.aws_json import Json


def ask(calls: Sequence[Json], question: Json) -> Diagnosis:
    """Return the product's answer about the network half."""
    lines = [json.dumps(call).encode() for call in calls]
    records = [decode_line(line, n, f"random:{n + 1}") for n, line in enumerate(lines)]
    return diagnose(parse_question(question), load_world(records), only=frozenset({"network"}))


def shares_of(found: Diagnosis) -> dict[Key, Fraction | None]:
    """Return the shares of the answer's paths; the same way in several pieces is one."""
    made: dict[Key, Fraction | None] = {}
    for path in found.paths:
        key = (path.ip_version, path.kind.value, path.component or "")
        old = made.get(key, Fraction(0))
        made[key] = None if path.share is None or old is None else old + path.share
    return made


def disagreement(expected: Outcome, found: Diagnosis) -> str | None:
    """Return what the product says otherwise, None if nothing."""
    shares = shares_of(found)
    if found.verdict.value != expected.verdict:
        return f"verdict {found.verdict.value}, expected {expected.verdict}; shares {shares}, expected {expected.shares}"
    if expected.verdict == "unknown":
        return None if found.unknowns else "unknown, but no unknowns"
    if expected.exact and expected.shares and shares != expected.shares:
        return f"shares {shares}, expected {expected.shares}"
    return _sources(expected, found) or _findings(expected, found)


def _sources(expected: Outcome, found: Diagnosis) -> str | None:
    """Compare the sender's address as the service sees it: it decides the network keys of policies."""
    for traffic in found.steps[-1].out:
        if not traffic.live or traffic.kind is None or traffic.fates is not None or traffic.unsettled:
            continue
        seen = expected.sources.get((traffic.packets.version, traffic.kind.value, traffic.component or ""))
        if seen is not None and str(traffic.seen_as.address) not in seen:
            return f"the service sees {traffic.seen_as.address}, expected {seen}"
    return None


def _findings(expected: Outcome, found: Diagnosis) -> str | None:
    grave = [f for f in found.findings if f.severity is not Severity.INFO]
    named = {f.component.id for f in grave}
    if expected.verdict == "ok":
        return f"ok, but findings {named}" if named else None
    if missing := expected.drops - named:
        return f"nothing names {missing}, which drops ({expected.rules}); named: {named}"
    root = found.findings[0].component.id if found.findings else ""
    if expected.verdict in {"blocked", "intermittent"} and root not in expected.drops | expected.diverts:
        return f"the root cause is {root}; what drops: {expected.drops}"
    return None if named else "no finding"
