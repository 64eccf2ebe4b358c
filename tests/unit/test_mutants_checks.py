"""The checks `security-group`, `network-acl` and `route` on traffic made by hand: what is asked, told and left alone."""

from dataclasses import replace
from fractions import Fraction
from ipaddress import ip_network

import pytest
from tests import scenarios as made_of
from tests import scenarios_clients as clients
from tests import snapshots as s
from tests.unit.test_mutants_legs import S3

from gatepath.checks import route
from gatepath.checks.base import Check
from gatepath.model.question import parse_question
from gatepath.model.ref import unknown
from gatepath.packets import PacketSet
from gatepath.request import build_request
from gatepath.trace import (
    ANY_FATE,
    Fate,
    Removal,
    Severity,
    Step,
    StepVerdict,
    Traffic,
)

SENT = PacketSet.of(4, S3.addresses(), [(443, 443)], [(32768, 60999)])
NEAR = SENT & PacketSet.of(4, S3.addresses()[:1])
REST = SENT - NEAR
OPEN = Traffic(part=0, packets=NEAR, fates=ANY_FATE, unsettled=(unknown("", ""),))
SHADOW = Traffic(part=0, packets=NEAR, dropped=Removal(check="dns", component="x"))
LIVE = Traffic(part=0, packets=REST)
ALL = Traffic(part=0, packets=SENT)


def step(
    made: s.Snapshot, check: Check, *traffics: Traffic, removed: Removal | None = None, port: int = 443
) -> Step:
    world = made.world()
    request = build_request(parse_question(s.question(client=s.client(port=port))), world)
    return check.run(request, world, traffics, frozenset({removed} if removed else ()))


def fates(found: Step) -> set[tuple[str, PacketSet]]:
    return {
        (one.dropped.component if one.dropped else str(one.kind) if one.kind else "live", one.packets)
        for one in found.out
    }


def test_traffic_whose_fate_is_open_is_not_routed_and_what_follows_is() -> None:
    found = step(s.sound(), route.CHECK, OPEN, LIVE)
    assert found.out[0] == OPEN
    assert fates(found) == {("live", NEAR), ("gateway-endpoint", REST)}


def away() -> s.Snapshot:
    made = s.sound()
    made_of.private_routes(made)[:] = [s.LOCAL, s.route("0.0.0.0/0", NatGatewayId=s.NAT)]
    made.rows("ec2.DescribeNatGateways")[0]["State"] = "deleted"
    return made


def test_a_dropped_traffic_stays_so_and_what_it_would_meet_is_still_told() -> None:
    found = step(away(), route.CHECK, SHADOW)
    assert found.out == (SHADOW,)
    assert found.verdict is StepVerdict.NOT_APPLICABLE
    assert {finding.code for finding in found.findings} == {
        "route.endpoint-not-associated",
        "route.nat-not-available",
    }


def test_a_way_around_the_endpoint_diverts_and_one_dropped_before_does_not() -> None:
    assert step(s.sound(), route.CHECK, ALL).verdict is StepVerdict.PASS
    assert step(s.sound(), route.CHECK, SHADOW, LIVE).verdict is StepVerdict.PASS
    made = s.sound()
    made_of.private_routes(made).append(s.route(str(S3.addresses()[0]), NatGatewayId=s.NAT))
    found = step(made, route.CHECK, ALL)
    assert found.verdict is StepVerdict.DIVERT
    assert fates(found) == {("nat-gateway", NEAR), ("gateway-endpoint", REST)}


def test_what_routes_drop_is_part_or_all() -> None:
    made = s.sound()
    dead = {**s.route(str(S3.addresses()[0]), NatGatewayId="nat-0gone"), "State": "blackhole"}
    made_of.private_routes(made).append(dead)
    assert step(made, route.CHECK, ALL).verdict is StepVerdict.PARTIAL
    assert step(away(), route.CHECK, ALL).verdict is StepVerdict.BLOCK


def test_what_was_known_of_a_traffic_stays_known() -> None:
    group, half = replace(ALL, group="g", suspect=True, hops=("eni-x",)), replace(ALL, weight=None)
    (one,) = step(s.sound(), route.CHECK, group).out
    assert (one.group, one.suspect, one.hops[0], one.fates, one.unsettled) == ("g", True, "eni-x", None, ())
    assert step(s.sound(), route.CHECK, half).out[0].weight is None
    third = replace(ALL, weight=Fraction(1, 3))
    assert step(s.sound(), route.CHECK, third).out[0].weight == Fraction(1, 3)
    assert step(s.sound(), route.CHECK, ALL).out[0].weight == 1


def test_a_way_that_is_not_seen_says_why() -> None:
    made = s.sound()
    made_of.private_routes(made)[:] = [s.LOCAL, s.route("0.0.0.0/0", GatewayId="vgw-0a1")]
    found = step(made, route.CHECK, ALL)
    (one,) = found.out
    assert one.fates == ANY_FATE - {Fate.GATEWAY}
    assert one.unsettled
    assert {(u.code, dict(u.arguments)["target"]) for u in found.unknowns} == {
        ("unknown.further-way", "vgw-0a1")
    }
    del made.lists["ec2.DescribeRouteTables"]
    assert {u.code for u in step(made, route.CHECK, ALL).unknowns} == {"unknown.route"}


@pytest.mark.parametrize(("drops", "severity"), [(True, Severity.CRITICAL), (False, Severity.HIGH)])
def test_a_missing_endpoint_is_worse_where_packets_drop(drops: bool, severity: Severity) -> None:
    made = s.sound()
    made.rows("ec2.DescribeVpcEndpoints").clear()
    made_of.without_endpoint_route(made, keep_default=not drops)
    if drops:
        made_of.private_routes(made).append(s.route(str(S3.addresses()[0]), NatGatewayId=s.NAT))
    found = step(made, route.CHECK, ALL)
    assert [(f.code, f.severity) for f in found.findings] == [("route.endpoint-missing", severity)]


def test_the_endpoints_absence_comes_first_then_what_drops() -> None:
    made = s.sound()
    made_of.private_routes(made)[:] = [
        s.LOCAL,
        s.route("0.0.0.0/0", NatGatewayId=s.NAT),
        {**s.route(str(S3.addresses()[0]), NatGatewayId="nat-0gone"), "State": "blackhole"},
        s.route(str(S3.addresses()[1]), VpcPeeringConnectionId="pcx-0a1"),
    ]
    codes = [finding.code for finding in step(made, route.CHECK, ALL).findings]
    assert codes[0] == "route.endpoint-not-associated"
    assert "route.blackhole" in codes


def test_the_absence_seen_by_what_was_dropped_before_comes_before_other_drops() -> None:
    elsewhere = Traffic(part=0, packets=PacketSet.of(4, [ip_network("198.51.100.0/24")], [(443, 443)]))
    codes = [finding.code for finding in step(away(), route.CHECK, elsewhere, SHADOW).findings]
    assert codes == ["route.endpoint-not-associated", "route.nat-not-available"]


def test_what_drops_comes_before_what_only_diverts() -> None:
    made = s.sound()
    made.rows("ec2.DescribeNatGateways")[0]["State"] = "deleted"
    first, second, *_ = S3.addresses()
    made_of.private_routes(made)[:] = [
        s.LOCAL,
        s.route(s.S3_LIST, GatewayId=s.ENDPOINT),
        s.route(f"{first.network_address}/32", NatGatewayId=s.NAT),
        s.route(f"{second.network_address}/32", NetworkInterfaceId=s.NAT_ENI),
    ]
    codes = [finding.code for finding in step(made, route.CHECK, ALL).findings]
    assert codes == ["route.nat-not-available", "route.more-specific"]


def test_rules_met_by_a_dropped_traffic_decide_nothing() -> None:
    made = s.sound()
    made_of.without_endpoint_route(made)
    assert step(made, route.CHECK, SHADOW).rule_hits == ()
    assert step(made, route.CHECK, LIVE).rule_hits
    both = replace(SHADOW, fates=ANY_FATE)
    assert step(made, route.CHECK, both).out == (both,)


@pytest.mark.parametrize(
    ("port", "recorded", "assumed"),
    [(443, False, False), (80, False, True), (80, True, False), (8080, False, True)],
)
def test_plain_http_by_the_endpoint_rests_on_an_assumption(port: int, recorded: bool, assumed: bool) -> None:
    """https://docs.aws.amazon.com/vpc/latest/userguide/vpc-encryption-controls.html"""
    made = s.sound()
    if recorded:
        made.lists["ec2.DescribeVpcEncryptionControls"] = {"VpcEncryptionControls": []}
    else:
        made.lists.pop("ec2.DescribeVpcEncryptionControls", None)
    web = Traffic(part=0, packets=PacketSet.of(4, S3.addresses(), [(port, port)], [(32768, 60999)]))
    codes = {a.code for a in step(made, route.CHECK, SHADOW, web, port=port).assumptions}
    assert codes == ({"assumption.encryption-controls"} if assumed else set())
    assert step(away(), route.CHECK, web, port=port).assumptions == ()
    made_of.without_endpoint_route(made)
    assert step(made, route.CHECK, web, port=port).assumptions == ()


def test_ipv6_endpoints_and_routes_for_ipv4_are_told_apart() -> None:
    made = s.sound()
    clients.ipv6(made)
    made.rows("ec2.DescribeVpcEndpoints")[0]["IpAddressType"] = "ipv6"
    made_of.without_endpoint_route(made)
    codes = {f.code for f in step(made, route.CHECK, ALL).findings}
    assert codes == {"route.ipv4-not-by-endpoint"}
