"""Packets from every part that the product divides a question into, sent through the Linux kernel."""

from collections.abc import Iterator

import pytest

from tests.lab.batch import Comparison, vpcs_of
from tests.lab.process import LabProcess, NoKernelLab
from tests.lab.random_vpcs import make

SEEDS = range(2000, 2120)
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
def test_every_part_fares_as_the_product_says(lab: LabProcess, first: int) -> None:
    comparison = Comparison(lab)
    comparison.kernel_and_product(vpcs_of(range(first, first + BATCH)))
    print(f"seeds {first}:{first + BATCH}")  # noqa: T201 - shown when it fails
    assert comparison.report.counts["packets of the product's parts"] > 400
    assert not comparison.report.problems, "\n".join(comparison.report.problems)
