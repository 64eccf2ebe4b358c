"""Our policy evaluator against an independent one; `python -m tests.differential.iam` for as many as you like."""

from pathlib import Path

import pytest

from tests.differential.iam.bridge import NotInstalledError, installed
from tests.differential.iam.compare import SHARE, compared
from tests.differential.iam.settled import CLASSES, LAST

pytestmark = pytest.mark.slow
REQUESTS, SEED = 2_000, 20261124


@pytest.fixture(scope="module")
def folder() -> Path:
    try:
        return installed()
    except NotInstalledError as error:
        pytest.skip(str(error))


def test_no_unexplained_disagreement(folder: Path) -> None:
    found = compared(folder, REQUESTS, SEED)
    assert found.unexplained == []
    assert not found.refused
    for name in ("allowed", "explicit_deny", "implicit_deny"):
        assert found.decisions[name] >= SHARE * REQUESTS, found.decisions
    assert found.explained.keys() <= CLASSES.keys() | LAST.keys()


def test_every_layer_kind_and_operator_occurs(folder: Path) -> None:
    found = compared(folder, REQUESTS, SEED)
    kinds = {"role", "session", "user", "root", "federated", "anonymous", "service"}
    assert found.kinds.keys() == kinds
    assert found.layers.keys() == {"identity", "resource", "boundary", "session", "scp", "rcp", "vpce"}
    written = set(found.operators)
    bare = {name.rpartition(":")[2].removesuffix("IfExists") for name in written}
    strings = {f"String{kind}" for kind in ("Equals", "NotEquals", "Like", "NotLike")}
    folded = {f"String{kind}IgnoreCase" for kind in ("Equals", "NotEquals")}
    compared_kinds = ("Equals", "NotEquals", "LessThan", "LessThanEquals", "GreaterThan", "GreaterThanEquals")
    ordered = {f"{type_}{kind}" for type_ in ("Numeric", "Date") for kind in compared_kinds}
    others = {"Bool", "BinaryEquals", "IpAddress", "NotIpAddress", "Null"}
    arns = {"ArnEquals", "ArnLike", "ArnNotEquals", "ArnNotLike"}
    assert strings | folded | ordered | others | arns <= bare
    assert {"NotAction", "NotResource", "NotPrincipal"} <= bare
    assert any(name.startswith("ForAllValues:") for name in written)
    assert any(name.startswith("ForAnyValue:") for name in written)
    assert any(name.endswith("IfExists") for name in written)
