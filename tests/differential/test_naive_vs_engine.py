"""Random VPCs: verdict, exact shares and root component, as trying packets one by one finds them."""

import pytest

from tests.lab.batch import Comparison
from tests.lab.random_vpcs import make

BLOCK = 50
FAST = range(0, 400, BLOCK)
GAPS = range(0, 100, BLOCK)
LONG = range(400, 10_000, 400)


@pytest.mark.parametrize("first", FAST)
def test_the_product_agrees(first: int) -> None:
    comparison = Comparison(None)
    comparison.naive_and_product(map(make, range(first, first + BLOCK)))
    assert not comparison.report.problems, "\n".join(comparison.report.problems)


@pytest.mark.parametrize("first", GAPS)
def test_a_call_taken_away_never_changes_the_verdict_into_another_known_one(first: int) -> None:
    comparison = Comparison(None)
    comparison.call_removed(map(make, range(first, first + BLOCK)))
    assert not comparison.report.problems, "\n".join(comparison.report.problems)


def test_the_random_vpcs_reach_every_verdict() -> None:
    comparison = Comparison(None)
    comparison.naive_and_product(map(make, range(10_000, 10_300)))
    counts = comparison.report.counts
    for verdict in ("ok", "bypass", "intermittent", "blocked", "unknown"):
        assert counts[f"verdict {verdict}"], verdict
    for code in (
        "security-group.no-egress",
        "network-acl.partial-return",
        "route.blackhole",
        "route.more-specific",
    ):
        assert counts[f"finding {code}"], code


@pytest.mark.slow
@pytest.mark.parametrize("first", LONG)
def test_the_product_agrees_on_many(first: int) -> None:
    comparison = Comparison(None)
    comparison.naive_and_product(map(make, range(first, first + LONG.step)))
    assert not comparison.report.problems, "\n".join(comparison.report.problems)
