"""The table of verdicts, and completions of what is not known."""

from dataclasses import replace
from itertools import combinations

import pytest

from gatepath.model.ref import Unknown
from gatepath.packets import PacketSet
from gatepath.trace import ANY_FATE, Fate, PathKind, Removal, Traffic, Verdict
from gatepath.verdicts import behind, outcomes, verdict, verdict_of

GATEWAY = Traffic(part=0, packets=PacketSet.of(4, []), kind=PathKind.GATEWAY_ENDPOINT)
NAT = replace(GATEWAY, kind=PathKind.NAT_GATEWAY)
DROPPED = GATEWAY.drop("route", "rtb-1")
REFUSED = replace(GATEWAY, refused=Removal(check="region", component="client:region"))
GAP = (Unknown(()),)


@pytest.mark.parametrize(
    ("fates", "expected"),
    [
        ({Fate.GATEWAY}, Verdict.OK),
        ({Fate.BYPASS}, Verdict.BYPASS),
        ({Fate.GATEWAY, Fate.BYPASS}, Verdict.BYPASS),
        ({Fate.GATEWAY, Fate.DROPPED}, Verdict.INTERMITTENT),
        ({Fate.BYPASS, Fate.REFUSED}, Verdict.INTERMITTENT),
        ({Fate.REFUSED, Fate.DROPPED}, Verdict.DENIED),
        ({Fate.REFUSED}, Verdict.DENIED),
        ({Fate.DROPPED}, Verdict.BLOCKED),
    ],
)
def test_table(fates: set[Fate], expected: Verdict) -> None:
    assert verdict_of(frozenset(fates)) is expected


def test_every_outcome_has_one_verdict() -> None:
    every = [frozenset(part) for n in range(1, 5) for part in combinations(Fate, n)]
    assert len({verdict_of(part) for part in every}) == 5


@pytest.mark.parametrize(
    ("traffics", "expected"),
    [
        ((GATEWAY,), Verdict.OK),
        ((GATEWAY, NAT), Verdict.BYPASS),
        ((GATEWAY, DROPPED), Verdict.INTERMITTENT),
        ((REFUSED, DROPPED), Verdict.DENIED),
        ((DROPPED,), Verdict.BLOCKED),
        ((replace(GATEWAY, unsettled=GAP),), Verdict.UNKNOWN),
        # a gap that can't change the verdict doesn't matter
        ((replace(GATEWAY, unsettled=GAP), GATEWAY, DROPPED), Verdict.INTERMITTENT),
        ((replace(DROPPED, unsettled=GAP),), Verdict.BLOCKED),
        ((replace(GATEWAY, fates=ANY_FATE),), Verdict.UNKNOWN),
        # alternatives that exclude each other: the same either way, or not
        ((replace(NAT, group="a"), replace(NAT, group="a", component="x")), Verdict.BYPASS),
        ((replace(NAT, group="a"), replace(GATEWAY, group="a")), Verdict.UNKNOWN),
        ((replace(DROPPED, group="a"), replace(DROPPED, group="a")), Verdict.BLOCKED),
    ],
)
def test_completions(traffics: tuple[Traffic, ...], expected: Verdict) -> None:
    assert verdict(outcomes(traffics)) is expected


def test_what_fails_at_the_first_host_never_reaches_the_second() -> None:
    assert verdict(behind(outcomes([DROPPED]), outcomes([GATEWAY]))) is Verdict.BLOCKED
    assert verdict(behind(outcomes([GATEWAY]), outcomes([DROPPED]))) is Verdict.BLOCKED
    assert verdict(behind(outcomes([NAT]), outcomes([GATEWAY]))) is Verdict.OK
    assert verdict(behind(outcomes([NAT, DROPPED]), outcomes([NAT]))) is Verdict.INTERMITTENT
