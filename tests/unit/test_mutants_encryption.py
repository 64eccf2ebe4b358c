"""VPC Encryption Controls at a gateway endpoint: https://docs.aws.amazon.com/vpc/latest/userguide/vpc-encryption-controls.html."""

import pytest
from tests import snapshots as s
from tests.unit.test_mutants_legs import S3, walk

from gatepath.engine.legs import DROPPED
from gatepath.packets import PacketSet
from gatepath.trace import Fate, PathKind, Removal

CONTROL = "vpcec-0a1"
HTTP = PacketSet.of(4, S3.addresses(), [(80, 80)])
PASSED = Removal(check="route", component=CONTROL)


def controlled(
    mode: str = "enforce", state: str = "available", vpc: str = s.VPC, *, outside: bool = False
) -> s.Snapshot:
    made = s.sound()
    row = {"VpcEncryptionControlId": CONTROL, "VpcId": vpc, "Mode": mode, "State": state}
    made.lists["ec2.DescribeVpcEncryptionControls"] = {"VpcEncryptionControls": [row]}
    return made


def ends(
    made: s.Snapshot, packets: PacketSet, *removed: Removal
) -> dict[tuple[str, frozenset[Fate]], PacketSet]:
    return {(str(end.kind), end.fates): end.packets for end in walk(made, packets, *removed)[0]}


BY_ENDPOINT = ("gateway-endpoint", frozenset({Fate.GATEWAY}))


def test_enforcement_is_suspected_to_drop_plain_http_and_nothing_else() -> None:
    made = controlled()
    assert ends(made, S3 | HTTP) == {BY_ENDPOINT: S3, ("dropped", DROPPED): HTTP}
    assert ends(made, S3) == {BY_ENDPOINT: S3}
    assert ends(made, HTTP) == {("dropped", DROPPED): HTTP}
    found, notes = walk(made, HTTP)
    told = {(fault.code, fault.suspect, fault.component.id) for fault in notes.faults}
    assert told == {("route.encryption-enforced", True, CONTROL)}
    assert PacketSet.of(4, [n for f in notes.faults for n in f.packets.addresses()], [(80, 80)]) == HTTP
    assert [(end.suspect, end.component, end.kind) for end in found] == [(True, CONTROL, PathKind.DROPPED)]


@pytest.mark.parametrize("port", [442, 444])
def test_only_port_443_counts_as_encrypted(port: int) -> None:
    near = PacketSet.of(4, S3.addresses(), [(port, port)])
    assert ends(controlled(), near) == {("dropped", DROPPED): near}


@pytest.mark.parametrize(
    "made",
    [controlled("monitor"), controlled(vpc="vpc-0other"), s.sound()],
    ids=["monitor", "elsewhere", "none"],
)
def test_without_enforcement_plain_http_passes(made: s.Snapshot) -> None:
    assert ends(made, S3 | HTTP) == {BY_ENDPOINT: S3 | HTTP}


def test_enforcement_that_is_not_settled_leaves_plain_http_open() -> None:
    made = controlled(state="enforce-in-progress")
    open_end = ("gateway-endpoint", frozenset({Fate.GATEWAY, Fate.DROPPED}))
    assert ends(made, S3 | HTTP) == {BY_ENDPOINT: S3, open_end: HTTP}
    (hidden,) = walk(made, HTTP)[0]
    assert hidden.gaps


def test_enforcement_taken_as_passed_lets_all_through() -> None:
    assert ends(controlled(), S3 | HTTP, PASSED) == {BY_ENDPOINT: S3 | HTTP}


def test_what_the_endpoint_refuses_is_dropped_by_the_endpoint() -> None:
    """Packets from outside the VPC never get as far as encryption."""
    (end,) = walk(controlled(), HTTP, outside=True)[0]
    assert end.culprit == Removal(check="route", component=s.ENDPOINT)
