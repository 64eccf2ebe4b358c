"""Random VPCs: verdict, shares and dropping components as the naive evaluator finds them packet by packet."""

import pytest

from tests.differential.compare import disagreement
from tests.lab.generate import make

FAST = range(300)
LONG = range(300, 6000)


@pytest.mark.parametrize("block", range(0, len(FAST), 50))
def test_agrees(block: int) -> None:
    for seed in FAST[block : block + 50]:
        assert disagreement(make(seed)) is None, f"seed {seed}"


@pytest.mark.slow
def test_agrees_on_many() -> None:
    wrong = {seed: text for seed in LONG if (text := disagreement(make(seed)))}
    assert not wrong
