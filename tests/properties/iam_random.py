"""Random requests with all their policies, and ways to change them."""

from collections.abc import Iterator
from random import Random
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

from gatepath.engine.iam.authorize import authorize
from tests.differential.iam.generate import Maker

Row = dict[str, Any]
UNKNOWN = {"$unknown": True}
SINGLE = ("resource", "boundary", "session", "vpce")
GUARDRAILS = ("scp", "rcp")
DECISIONS = {"allowed", "explicit_deny", "implicit_deny", "unknown"}
LAYERS = {"identity", *SINGLE, *GUARDRAILS, "settings"}

laws = settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
seeds = st.integers(0, 2**32)


def made(seed: int) -> Row:
    """Return a request with its policies."""
    line = Maker(seed).line(seed)
    if Random(seed).random() < 0.3:
        line["policies"]["vpce_type"] = "interface"
    del line["kind"]
    return line


def documents(line: Row) -> list[tuple[str, Row]]:
    """Return (layer, document) of every policy."""
    policies = line["policies"]
    found = [("identity", document) for document in policies["identity"]]
    found += [(name, policies[name]) for name in SINGLE if policies[name]]
    for name in GUARDRAILS:
        found += [(name, document) for level in policies[name] for document in level["policies"]]
    return found


def rows(document: Row) -> list[Row]:
    """Return the statements, as a list inside the document."""
    if isinstance(document["Statement"], dict):
        document["Statement"] = [document["Statement"]]
    found: list[Row] = document["Statement"]
    return found


def statements(line: Row) -> Iterator[tuple[str, Row, Row]]:
    """Yield (layer, document, statement)."""
    for layer, document in documents(line):
        for row in rows(document):
            yield layer, document, row


def another(line: Row, layer: str, effect: str, seed: int) -> Row:
    """Return a further statement about the same request."""
    maker = Maker(seed)
    maker.line(0)
    request = line["request"]
    maker.principal, maker.action, maker.resource = (
        request["principal"],
        request["action"],
        request["resource"],
    )
    found = maker._statement(principal=layer == "resource", effect=effect)
    if layer in {"vpce", "rcp"}:
        found["Principal"] = "*"
    return found


def decision(line: Row) -> str:
    """Return the decision."""
    return str(authorize(line)["decision"])
