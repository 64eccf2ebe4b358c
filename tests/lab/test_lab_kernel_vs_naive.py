"""The Linux kernel decides what becomes of packets in random VPCs; the naive evaluator must say the same."""

from collections.abc import Iterator

import pytest

from tests.lab.batch import Comparison, vpcs_of
from tests.lab.process import LabProcess, NoKernelLab
from tests.lab.random_vpcs import make

SEEDS = range(120)
BATCH = 40


@pytest.fixture(scope="module")
def lab() -> Iterator[LabProcess]:
    with LabProcess() as made:
        try:
            made.run([make(0).calls], [])
        except NoKernelLab as reason:
            pytest.skip(f"no kernel lab here: {reason}")
        yield made


@pytest.mark.parametrize("first", range(SEEDS.start, SEEDS.stop, BATCH))
def test_every_probe_ends_as_the_kernel_says(lab: LabProcess, first: int) -> None:
    comparison = Comparison(lab)
    comparison.kernel_and_naive(vpcs_of(range(first, first + BATCH)), 40, trail=True)
    print(f"seeds {first}:{first + BATCH}")  # noqa: T201 - shown when it fails
    assert comparison.report.counts["probes IPv4 tcp"] > 500
    assert not comparison.report.problems, "\n".join(comparison.report.problems)


def test_the_probes_reach_every_station(lab: LabProcess) -> None:
    comparison = Comparison(lab)
    for first in range(1000, 1160, BATCH):
        comparison.kernel_and_naive(vpcs_of(range(first, first + BATCH)), 40, trail=False)
    counts = comparison.report.counts
    kinds: tuple[str, ...] = ("gateway-endpoint", "nat-gateway", "internet-gateway", "interface-endpoint")
    kinds += ("virtual-private-gateway", "local", "dropped")
    drops: tuple[str, ...] = (
        "sg egress",
        "sg ingress",
        "acl egress",
        "acl ingress",
        "nat acl egress",
        "nat acl ingress",
    )
    drops += ("rtb", "no route", "no public address", "unusable", "local")
    wanted = [f"probes IPv4 to {kind}" for kind in kinds] + [f"drops IPv4 at {stage}" for stage in drops]
    six = ("gateway-endpoint", "egress-only-internet-gateway", "internet-gateway", "dropped")
    wanted += [f"probes IPv6 to {kind}" for kind in six] + ["probes IPv4 udp", "probes IPv6 udp"]
    assert [name for name in wanted if not counts[name]] == []
    assert not comparison.report.problems, "\n".join(comparison.report.problems)
