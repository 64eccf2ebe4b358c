"""Internet gateways, VPC Block Public Access and NAT gateways, one by one.

https://docs.aws.amazon.com/vpc/latest/userguide/VPC_Internet_Gateway.html,
https://docs.aws.amazon.com/vpc/latest/userguide/security-vpc-bpa-basics.html and
https://docs.aws.amazon.com/vpc/latest/userguide/nat-gateway-basics.html
"""

from fractions import Fraction
from ipaddress import ip_address, ip_network
from typing import Any

import pytest
from tests import scenarios as made_of
from tests import scenarios_clients as clients
from tests import snapshots as s
from tests.unit.test_mutants_legs import S3, by_kind, journey_of, leg_of, walk

from gatepath.engine.filters import hosts
from gatepath.engine.legs import DROPPED, WORKS, Notes
from gatepath.engine.onward import route_leg
from gatepath.model.ref import unknown
from gatepath.packets import PacketSet
from gatepath.trace import ANY_FATE, Fate, PathKind, Removal

PUBLIC_IP = ip_address("203.0.113.10")
S3_V6 = PacketSet.of(6, [ip_network("2a05:d018::/40")], [(443, 443)])


def by_igw() -> s.Snapshot:
    made = s.sound()
    made_of.private_routes(made)[:] = [s.LOCAL, s.route("0.0.0.0/0", GatewayId=s.IGW)]
    return made


def codes(notes: Notes) -> list[str]:
    return [fault.code for fault in notes.faults]


def test_a_public_address_is_what_the_service_sees() -> None:
    (end,) = walk(by_igw(), S3, public=PUBLIC_IP)[0]
    assert (end.kind, end.component, end.seen_as.address) == (PathKind.INTERNET_GATEWAY, s.IGW, PUBLIC_IP)
    assert end.fates == WORKS
    assert end.gaps == ()


def test_without_a_public_address_nothing_leaves() -> None:
    ends, notes = walk(by_igw(), S3)
    assert [(end.dropped, end.component) for end in ends] == [(True, s.PRIVATE_TABLE)]
    assert codes(notes) == ["route.no-public-address"]
    assert dict(notes.faults[0].arguments)["interface"] == "10.0.1.10"


def test_what_came_from_outside_has_no_public_address_here() -> None:
    assert walk(by_igw(), S3, public=PUBLIC_IP, outside=True)[0][0].dropped


def test_a_sender_without_address_is_not_named() -> None:
    journey, notes = journey_of(by_igw()), Notes()
    route_leg(journey, leg_of(journey, ()), S3, notes)
    assert dict(notes.faults[0].arguments)["interface"] == ""


def test_of_several_senders_the_first_is_named() -> None:
    journey, notes = journey_of(by_igw()), Notes()
    senders = (ip_network("10.0.1.7/32"), ip_network("10.0.1.8/32"))
    route_leg(journey, leg_of(journey, senders), S3, notes)
    assert dict(notes.faults[0].arguments)["interface"] == "10.0.1.7"


def test_an_address_that_may_be_public_may_drop() -> None:
    gap = unknown("ec2", "DescribeNetworkInterfaces")
    (end,) = walk(by_igw(), S3, public=gap)[0]
    assert end.fates == WORKS | DROPPED
    assert end.gaps == (gap,)
    assert end.seen_as.address is None


def test_an_ipv6_packet_needs_no_public_ipv4_address() -> None:
    made = by_igw()
    clients.ipv6(made)
    made_of.private_routes(made)[:] = [s.route("::/0", GatewayId=s.IGW)]
    for public in (None, unknown("ec2", "DescribeNetworkInterfaces")):
        (end,) = walk(made, S3_V6, public=public)[0]
        assert end.fates == WORKS
        assert end.gaps == ()


def test_private_addresses_do_not_leave_by_an_internet_gateway() -> None:
    private = PacketSet.of(4, [ip_network("192.168.7.0/24")], [(443, 443)])
    ends, notes = walk(by_igw(), S3 | private, public=PUBLIC_IP)
    assert by_kind(ends) == {"internet-gateway": S3, "dropped": private}
    assert codes(notes) == ["route.no-route"]
    ends, notes = walk(by_igw(), private, public=PUBLIC_IP)
    assert by_kind(ends) == {"dropped": private}
    assert codes(notes) == ["route.no-route"]


@pytest.mark.parametrize("vpcs", [[], ["vpc-0other"]])
def test_a_gateway_attached_elsewhere_carries_nothing(vpcs: list[str]) -> None:
    made = by_igw()
    made.rows("ec2.DescribeInternetGateways")[0]["Attachments"] = [
        {"VpcId": vpc, "State": "available"} for vpc in vpcs
    ]
    ends, notes = walk(made, S3, public=PUBLIC_IP)
    assert ends[0].dropped
    assert codes(notes) == ["route.gateway-not-attached"]


def test_a_gateway_that_is_not_recorded_may_drop() -> None:
    made = by_igw()
    del made.lists["ec2.DescribeInternetGateways"]
    (end,) = walk(made, S3, public=PUBLIC_IP)[0]
    assert end.fates == WORKS | DROPPED
    assert end.gaps


def test_a_gateway_that_does_not_exist_drops() -> None:
    made = by_igw()
    made.rows("ec2.DescribeInternetGateways").clear()
    assert walk(made, S3, public=PUBLIC_IP)[0][0].dropped


BPA = f"bpa:{s.REGION}"


def blocked(made: s.Snapshot, mode: str, *excluded: tuple[str, str]) -> s.Snapshot:
    options = made.lists["ec2.DescribeVpcBlockPublicAccessOptions"]["VpcBlockPublicAccessOptions"]
    options["InternetGatewayBlockMode"] = mode
    for number, (resource, state) in enumerate(excluded):
        made.rows("ec2.DescribeVpcBlockPublicAccessExclusions").append(
            {
                "ExclusionId": f"vpcbpa-exclude-{number}",
                "InternetGatewayExclusionMode": "allow-bidirectional",
                "ResourceArn": f"arn:aws:ec2:{s.REGION}:{s.ACCOUNT}:{resource}",
                "State": state,
            }
        )
    return made


@pytest.mark.parametrize(
    ("mode", "excluded", "drops"),
    [
        ("off", (), False),
        ("block-bidirectional", (), True),
        ("block-ingress", (), True),
        ("block-bidirectional", ((f"vpc/{s.VPC}", "create-complete"),), False),
        ("block-bidirectional", ((f"vpc/{s.VPC}", "update-complete"),), False),
        ("block-bidirectional", ((f"vpc/{s.VPC}", "create-failed"),), True),
        ("block-bidirectional", ((f"vpc/{s.VPC}", "delete-complete"),), True),
        ("block-bidirectional", ((f"subnet/{s.PRIVATE}", "create-complete"),), False),
        ("block-bidirectional", ((f"subnet/{s.PUBLIC}", "create-complete"),), True),
        ("block-bidirectional", (("vpc/vpc-0other", "create-complete"),), True),
    ],
)
def test_block_public_access(mode: str, excluded: tuple[tuple[str, str], ...], drops: bool) -> None:
    ends, notes = walk(blocked(by_igw(), mode, *excluded), S3, public=PUBLIC_IP)
    (end,) = ends
    assert end.dropped is drops
    assert codes(notes) == (["route.block-public-access"] if drops else [])
    if drops:
        suspect = mode == "block-ingress"
        assert (end.component, end.suspect, notes.faults[0].suspect) == (BPA, suspect, suspect)


def test_block_public_access_taken_as_passed() -> None:
    made = blocked(by_igw(), "block-bidirectional")
    (end,) = walk(made, S3, Removal(check="route", component=BPA), public=PUBLIC_IP)[0]
    assert end.fates == WORKS


@pytest.mark.parametrize(
    "operation", ["DescribeVpcBlockPublicAccessOptions", "DescribeVpcBlockPublicAccessExclusions"]
)
def test_block_public_access_that_is_not_recorded_may_drop(operation: str) -> None:
    made = blocked(by_igw(), "block-bidirectional")
    del made.lists[f"ec2.{operation}"]
    (end,) = walk(made, S3, public=PUBLIC_IP)[0]
    assert end.fates == WORKS | DROPPED
    assert {gap.operation for one in end.gaps for gap in one.gaps} == {operation}


def by_nat() -> s.Snapshot:
    made = s.sound()
    made_of.without_endpoint_route(made)
    return made


@pytest.mark.parametrize(("mode", "drops"), [("block-ingress", False), ("block-bidirectional", True)])
def test_blocking_ingress_leaves_nat_open(mode: str, drops: bool) -> None:
    (end,) = walk(blocked(by_nat(), mode), S3)[0]
    assert end.dropped is drops


def test_blocking_ingress_leaves_egress_only_gateways_open() -> None:
    made = s.sound()
    clients.ipv6(made)
    (end,) = walk(blocked(made, "block-ingress"), S3_V6)[0]
    assert (end.kind, end.fates) == (PathKind.EGRESS_ONLY_INTERNET_GATEWAY, WORKS)
    assert walk(blocked(made, "block-bidirectional"), S3_V6)[0][0].dropped


def test_an_exclusion_of_the_senders_subnet_only_is_open_behind_nat() -> None:
    made = blocked(by_nat(), "block-bidirectional", (f"subnet/{s.PRIVATE}", "create-complete"))
    (end,) = walk(made, S3)[0]
    assert end.fates == WORKS | DROPPED
    made = blocked(by_nat(), "block-bidirectional", (f"subnet/{s.PUBLIC}", "create-complete"))
    assert walk(made, S3)[0][0].fates == WORKS
    made = blocked(by_nat(), "block-bidirectional", ("subnet/subnet-0else", "create-complete"))
    assert walk(made, S3)[0][0].dropped


def nat_row(made: s.Snapshot) -> s.Json:
    return made.rows("ec2.DescribeNatGateways")[0]


def test_a_nat_gateway_shows_its_public_address() -> None:
    (end,) = walk(by_nat(), S3)[0]
    assert (end.kind, end.component) == (PathKind.NAT_GATEWAY, s.NAT)
    assert end.seen_as.address == ip_address(s.NAT_EIP)
    assert end.crosses_subnet


def test_a_nat_gateway_in_the_senders_subnet_needs_no_crossing() -> None:
    made = by_nat()
    nat_row(made)["SubnetId"] = s.PRIVATE
    made_of.private_routes(made)[:] = [
        s.LOCAL,
        *[s.route(cidr, NatGatewayId=s.NAT) for cidr in s.S3_CIDRS],
        s.route("0.0.0.0/0", GatewayId=s.IGW),
    ]
    (end,) = {(e.dropped, e.crosses_subnet) for e in walk(made, S3)[0]}
    assert end == (True, False)


def test_a_private_nat_gateway_does_not_reach_the_internet() -> None:
    made = by_nat()
    nat_row(made)["ConnectivityType"] = "private"
    ends, notes = walk(made, S3)
    assert ends[0].dropped
    assert "route.nat-without-way-out" in codes(notes)


def test_a_nat_gateway_that_is_not_recorded_is_anything_but_the_endpoint() -> None:
    made = by_nat()
    del made.lists["ec2.DescribeNatGateways"]
    (end,) = walk(made, S3)[0]
    assert end.fates == ANY_FATE - {Fate.GATEWAY}
    made = by_nat()
    made.lists["ec2.DescribeNatGateways"] = {"NatGateways": []}
    assert walk(made, S3)[0][0].fates == ANY_FATE - {Fate.GATEWAY}


@pytest.mark.parametrize(
    ("low", "high", "verdict"),
    [(1024, 65535, "bypass"), (1025, 65535, "intermittent"), (1024, 65534, "intermittent")],
)
def test_answers_come_back_to_any_port_from_1024_to_65535(low: int, high: int, verdict: str) -> None:
    """https://docs.aws.amazon.com/vpc/latest/userguide/vpc-network-acls.html: a NAT gateway uses 1024-65535."""
    made = by_nat()
    into = [
        s.entry(10, egress=False, CidrBlock="10.0.0.0/16"),
        s.entry(20, egress=False, **s.tcp("0.0.0.0/0", low, high)),
    ]
    made_of.own_acl(made, [*into, s.entry(10, egress=True)], s.PUBLIC)
    assert s.ask(made).verdict == verdict


@pytest.mark.parametrize(
    ("entries", "code"),
    [
        (
            [s.entry(10, egress=False), s.entry(10, egress=True, CidrBlock="10.0.0.0/16")],
            "network-acl.egress-denied",
        ),
        (
            [s.entry(10, egress=False, CidrBlock="10.0.0.0/16"), s.entry(10, egress=True)],
            "network-acl.return-denied",
        ),
        (
            [s.entry(10, egress=False, CidrBlock="52.0.0.0/6"), s.entry(10, egress=True)],
            "network-acl.ingress-denied",
        ),
        (
            [s.entry(10, egress=False), s.entry(10, egress=True, **s.tcp("0.0.0.0/0", 443, 443))],
            "network-acl.ingress-denied",
        ),
    ],
)
def test_the_acl_of_a_nat_gateways_subnet_judges_both_its_sides(entries: list[Any], code: str) -> None:
    made = by_nat()
    made_of.own_acl(made, entries, s.PUBLIC)
    ends, notes = walk(made, S3)
    assert {(end.dropped, end.culprit.component if end.culprit else "") for end in ends if end.dropped} == {
        (True, "acl-0b1")
    }
    assert code in codes(notes)


def regional() -> s.Snapshot:
    made = by_nat()
    row = nat_row(made)
    del row["SubnetId"]
    row |= {"AvailabilityMode": "regional", "RouteTableId": s.PUBLIC_TABLE}
    return made


def test_a_regional_nat_gateway_meets_no_acl_of_its_own() -> None:
    made = regional()
    made_of.own_acl(made, [], s.PUBLIC)
    (end,) = walk(made, S3)[0]
    assert (end.kind, end.fates) == (PathKind.NAT_GATEWAY, WORKS)
    assert end.crosses_subnet


def test_an_endpoint_in_a_regional_nat_gateways_table_is_open() -> None:
    made = regional()
    made.rows("ec2.DescribeVpcEndpoints")[0]["RouteTableIds"] = [s.PUBLIC_TABLE]
    made.row("ec2.DescribeRouteTables", RouteTableId=s.PUBLIC_TABLE)["Routes"].append(
        s.route(s.S3_LIST, GatewayId=s.ENDPOINT)
    )
    (end,) = {e.fates for e in walk(made, S3)[0]}
    assert end == ANY_FATE - {Fate.GATEWAY}


def test_a_regional_nat_gateway_without_recorded_table_is_open() -> None:
    made = regional()
    del nat_row(made)["RouteTableId"]
    assert walk(made, S3)[0][0].fates == ANY_FATE - {Fate.GATEWAY}
    made = regional()
    del made.lists["ec2.DescribeRouteTables"]
    assert walk(made, S3)[0][0].gaps


def test_nat64_leads_to_the_ipv4_address_inside() -> None:
    """https://docs.aws.amazon.com/vpc/latest/userguide/nat-gateway-nat64-dns64.html"""
    made = by_nat()
    clients.ipv6(made)
    made_of.private_routes(made).append(s.route("64:ff9b::/96", NatGatewayId=s.NAT))
    made.row("ec2.DescribeRouteTables", RouteTableId=s.PUBLIC_TABLE)["Routes"][:] = [
        s.LOCAL,
        s.route("3.5.64.0/24", GatewayId=s.IGW),
    ]

    def to(address: str) -> PacketSet:
        value = int(ip_address("64:ff9b::")) + int(ip_address(address))
        return PacketSet.of(6, [(value, value)], [(443, 443)])

    senders = hosts([ip_address("2001:db8:1:1::10")])
    (works,) = walk(made, to("3.5.64.255"), senders=senders)[0]
    assert (works.kind, works.fates, works.weight) == (PathKind.NAT_GATEWAY, WORKS, Fraction(1))
    assert works.packets == to("3.5.64.255")
    assert walk(made, to("3.5.65.0"), senders=senders)[0][0].dropped
    both, _ = walk(made, to("3.5.64.255") | to("3.5.65.0"), senders=senders)
    assert {(end.dropped, end.weight) for end in both} == {(True, None), (False, None)}


def test_other_ipv6_packets_to_a_nat_gateway_are_not_known() -> None:
    made = by_nat()
    clients.ipv6(made)
    made_of.private_routes(made)[-1] = s.route("::/0", NatGatewayId=s.NAT)
    (end,) = walk(made, S3_V6)[0]
    assert end.fates == ANY_FATE - {Fate.GATEWAY}
