"""The check `network-acl` on traffic made by hand.

https://docs.aws.amazon.com/vpc/latest/userguide/vpc-network-acls.html
"""

from dataclasses import replace

import pytest
from tests import scenarios as made_of
from tests import snapshots as s
from tests.unit.test_mutants_checks import ALL, LIVE, NEAR, OPEN, REST, SENT, SHADOW, step
from tests.unit.test_mutants_legs import S3

from gatepath.checks import network_acl, security_group
from gatepath.checks.base import Check
from gatepath.packets import PacketSet
from gatepath.trace import PathKind, Removal, StepVerdict


def acl(made: s.Snapshot, *entries: s.Json) -> s.Snapshot:
    made_of.own_acl(made, list(entries))
    return made


HALF_OUT = s.entry(10, egress=True, **s.tcp(str(S3.addresses()[0]), 443, 443))
HALF_IN = s.entry(10, egress=False, **s.tcp(str(S3.addresses()[0]), 32768, 60999))


def test_the_acl_is_asked_both_ways_each_by_its_own_ports() -> None:
    made = acl(s.sound(), HALF_OUT, HALF_IN)
    for check in (network_acl.OUT, network_acl.IN):
        found = step(made, check, replace(ALL, kind=PathKind.GATEWAY_ENDPOINT))
        assert {(one.live, one.packets) for one in found.out} == {(True, NEAR), (False, REST)}
        assert found.verdict is StepVerdict.PARTIAL
        assert [c.id for c in found.components] == ["acl-0b1"]
        assert {(hit.allow, hit.packets) for hit in found.rule_hits} == {(True, NEAR), (False, REST)}
        code = "network-acl.partial-egress" if check is network_acl.OUT else "network-acl.partial-return"
        assert [f.code for f in found.findings] == [code]
        assert dict(found.findings[0].arguments)["rule"] == "32767"
        assert dict(found.findings[0].arguments)["subnet"] == s.PRIVATE
        number = 2 if check is network_acl.OUT else 3
        pointers = [e.ref.pointer for e in found.findings[0].evidence if e.ref]
        assert pointers == [f"/NetworkAcls/1/Entries/{number}"]


def test_an_acl_that_denies_all_is_not_called_partial() -> None:
    found = step(acl(s.sound()), network_acl.OUT, ALL)
    assert (found.verdict, [f.code for f in found.findings]) == (
        StepVerdict.BLOCK,
        ["network-acl.egress-denied"],
    )
    back = step(acl(s.sound()), network_acl.IN, ALL)
    assert [f.code for f in back.findings] == ["network-acl.return-denied"]


def test_an_acl_that_denies_two_halves_denies_all() -> None:
    found = step(acl(s.sound()), network_acl.OUT, replace(ALL, packets=NEAR), LIVE)
    assert [f.code for f in found.findings] == ["network-acl.egress-denied"]


def test_traffic_whose_fate_is_open_makes_no_denial_partial() -> None:
    found = step(acl(s.sound()), network_acl.OUT, OPEN, LIVE)
    assert [f.code for f in found.findings] == ["network-acl.egress-denied"]


def test_a_rule_that_only_next_hops_inside_would_meet_is_not_met() -> None:
    made = acl(s.sound())
    made.rows("ec2.DescribeNatGateways")[0]["SubnetId"] = s.PRIVATE
    made_of.private_routes(made)[:] = [s.LOCAL, s.route("0.0.0.0/0", NatGatewayId=s.NAT)]
    assert step(made, network_acl.OUT, ALL).rule_hits == ()


def test_answers_from_the_own_subnet_are_not_asked() -> None:
    inside = replace(ALL, kind=PathKind.NAT_GATEWAY, component=s.NAT, crosses_subnet=False)
    found = step(acl(s.sound()), network_acl.IN, inside)
    assert found.out == (inside,)
    assert (found.components, found.findings) == ((), ())


@pytest.mark.parametrize(
    ("kind", "component", "crosses", "dropped"),
    [
        (PathKind.GATEWAY_ENDPOINT, s.ENDPOINT, True, True),
        (PathKind.TRANSIT_GATEWAY, "tgw-x", True, True),
        (PathKind.NAT_GATEWAY, s.NAT, True, True),
        (PathKind.NAT_GATEWAY, s.NAT, False, False),
        (PathKind.NAT_GATEWAY, "nat-0gone", True, False),
        (PathKind.NETWORK_INTERFACE, s.NAT_ENI, True, True),
        (PathKind.NETWORK_INTERFACE, "eni-0gone", True, False),
        (PathKind.LOCAL, None, True, False),
    ],
)
def test_answers_of_an_open_way_are_asked_where_the_carrier_is_known_to_lie_outside(
    kind: PathKind, component: str | None, crosses: bool, dropped: bool
) -> None:
    way = replace(OPEN, kind=kind, component=component, crosses_subnet=crosses)
    assert [one.live for one in step(acl(s.sound()), network_acl.IN, way).out] == [not dropped]


def test_a_next_hop_in_the_own_subnet_is_not_asked_on_the_way_out() -> None:
    made = acl(s.sound(), HALF_OUT)
    made.rows("ec2.DescribeNatGateways")[0]["SubnetId"] = s.PRIVATE
    made_of.private_routes(made)[:] = [
        s.LOCAL,
        s.route("0.0.0.0/0", NatGatewayId=s.NAT),
        s.route(str(S3.addresses()[1]), GatewayId=s.ENDPOINT),
    ]
    found = step(made, network_acl.OUT, ALL)
    crossing = SENT & PacketSet.of(4, [S3.addresses()[1]])
    assert {(one.live, one.packets) for one in found.out} == {(True, SENT - crossing), (False, crossing)}
    assert {(hit.allow, hit.packets) for hit in found.rule_hits} == {(True, NEAR), (False, crossing)}
    assert [finding.code for finding in found.findings] == ["network-acl.partial-egress"]


def test_an_acl_that_is_not_recorded_hides_only_what_leaves_the_subnet() -> None:
    made = s.sound()
    del made.lists["ec2.DescribeNetworkAcls"]
    found = step(made, network_acl.OUT, ALL)
    assert {u.code for u in found.unknowns} == {"unknown.network-acl"}
    assert all(one.unsettled for one in found.out)
    assert found.components == ()
    made.rows("ec2.DescribeNatGateways")[0]["SubnetId"] = s.PRIVATE
    made_of.private_routes(made)[:] = [s.LOCAL, s.route("0.0.0.0/0", NatGatewayId=s.NAT)]
    inside = step(made, network_acl.OUT, ALL)
    assert inside.unknowns == ()
    assert [one.unsettled for one in inside.out] == [()]


@pytest.mark.parametrize("check", [network_acl.OUT, security_group.CHECK])
def test_a_dropped_traffic_adds_no_hits_and_an_open_one_no_finding_on_the_way_out(check: Check) -> None:
    made = acl(s.sound())
    made_of.egress(made)
    assert step(made, check, SHADOW).rule_hits == ()
    assert step(made, check, SHADOW).findings
    assert step(made, check, OPEN).rule_hits
    assert step(made, check, OPEN).findings == ()


def test_answers_of_an_open_way_that_are_denied_are_a_finding() -> None:
    way = replace(OPEN, kind=PathKind.TRANSIT_GATEWAY, component="tgw-x")
    assert [f.code for f in step(acl(s.sound()), network_acl.IN, way).findings] == [
        "network-acl.return-denied"
    ]


def test_an_acl_taken_as_passed_drops_nothing() -> None:
    passed = Removal(check="network-acl", component="acl-0b1")
    assert step(acl(s.sound()), network_acl.OUT, ALL, removed=passed).out == (ALL,)
