"""Transit gateways: where packets come out, and whether answers find the way back.

https://docs.aws.amazon.com/vpc/latest/tgw/how-transit-gateways-work.html and
https://docs.aws.amazon.com/vpc/latest/tgw/tgw-nacls.html
"""

from collections.abc import Callable
from ipaddress import ip_network
from typing import Any

import pytest
from tests import scenarios as made_of
from tests import snapshots as s
from tests.unit.test_mutants_legs import S3, walk

from gatepath.engine.legs import DROPPED, WORKS, End
from gatepath.model.ref import GapReason
from gatepath.packets import PacketSet
from gatepath.trace import ANY_FATE, Fate, PathKind

PEER, TGW = "vpc-0b1", made_of.TGW
SENT = PacketSet.of(4, S3.addresses(), [(443, 443)], [(32768, 60999)])


def gaps_of(end: End) -> set[tuple[str, GapReason]]:
    return {(gap.operation, gap.reason) for one in end.gaps for gap in one.gaps}


def hub() -> s.Snapshot:
    """Return a VPC whose default route leads over a transit gateway to a hub with a NAT gateway; it works."""
    made = s.sound()
    made_of.hub(made, back=True)
    return made


def transit(made: s.Snapshot, packets: PacketSet = SENT, **more: Any) -> End:
    (end,) = walk(made, packets, **more)[0]
    return end


def tgw_routes(made: s.Snapshot) -> list[s.Json]:
    routes: list[s.Json] = made.calls[-1]["response"]["Routes"]
    return routes


def attachments(made: s.Snapshot) -> list[s.Json]:
    return made.rows("ec2.DescribeTransitGatewayVpcAttachments")


def test_a_hub_works_where_answers_find_back() -> None:
    end = transit(hub())
    assert (end.kind, end.component, end.fates, end.gaps) == (PathKind.TRANSIT_GATEWAY, TGW, WORKS, ())
    assert end.hops[:2] == (s.PRIVATE_TABLE, TGW)
    assert end.crosses_subnet


OTHER = {"TransitGatewayId": "tgw-0other"}
Spoil = Callable[[s.Snapshot], object]


def another_gateway_first(made: s.Snapshot) -> None:
    for row in (attachments(made)[0], attachments(made)[1]):
        attachments(made).insert(0, {**row, **OTHER, "TransitGatewayAttachmentId": f"{row['VpcId']}-other"})
    tables = made.rows("ec2.DescribeTransitGatewayRouteTables")
    tables.insert(0, {**tables[0], **OTHER, "TransitGatewayRouteTableId": "tgw-rtb-0other"})


def another_attachment_deleted(made: s.Snapshot) -> None:
    for row in (attachments(made)[0], attachments(made)[1]):
        gone = {
            "State": "deleted",
            "TransitGatewayAttachmentId": f"{row['VpcId']}-gone",
            "SubnetIds": ["subnet-0gone"],
        }
        attachments(made).insert(0, {**row, **gone})


def another_table_first(made: s.Snapshot) -> None:
    tables = made.rows("ec2.DescribeTransitGatewayRouteTables")
    tables.insert(0, {**tables[0], "TransitGatewayRouteTableId": "tgw-rtb-0other"})
    call = next(c for c in made.calls if c["operation"] == "GetTransitGatewayRouteTableAssociations")
    made.add_call(
        "ec2",
        call["operation"],
        {"TransitGatewayRouteTableId": "tgw-rtb-0other"},
        response={
            "Associations": [{**call["response"]["Associations"][0], "TransitGatewayAttachmentId": "x"}]
        },
    )
    made.calls.append(made.calls.pop(-2))


def a_second_subnet_alike(made: s.Snapshot) -> None:
    made.rows("ec2.DescribeSubnets").append(s.subnet("subnet-0b3", "10.9.3.0/24", VpcId=PEER))
    associations = made.row("ec2.DescribeRouteTables", RouteTableId="rtb-0b1")["Associations"]
    associations.append({**associations[0], "SubnetId": "subnet-0b3"})
    acl = made.row("ec2.DescribeNetworkAcls", NetworkAclId="acl-0b2")
    acl["Associations"].append({"NetworkAclId": "acl-0b2", "SubnetId": "subnet-0b3"})
    attachments(made)[1]["SubnetIds"].append("subnet-0b3")


def deny(made: s.Snapshot, *, egress: bool, ports: tuple[int, int]) -> None:
    """Let the ACL of the attachment's subnet, and of no other, deny ports."""
    acls = made.rows("ec2.DescribeNetworkAcls")
    acl = made.row("ec2.DescribeNetworkAcls", NetworkAclId="acl-0b2")
    place = acl["Associations"].pop(0)
    entry = s.entry(5, egress=egress, allow=False, **s.tcp("0.0.0.0/0", *ports))
    acls.append(
        {**acl, "NetworkAclId": "acl-0b3", "Entries": [entry, *acl["Entries"]], "Associations": [place]}
    )


@pytest.mark.parametrize(
    "change",
    [
        another_gateway_first,
        another_attachment_deleted,
        another_table_first,
        a_second_subnet_alike,
        lambda made: tgw_routes(made).append(made_of._tgw_route("3.5.0.0/8", "blackhole")),
        lambda made: deny(made, egress=True, ports=(25, 25)),
        lambda made: deny(made, egress=False, ports=(25, 25)),
    ],
)
def test_what_does_not_concern_the_way_changes_nothing(change: Spoil) -> None:
    made = hub()
    change(made)
    assert (
        transit(made, PacketSet.of(4, [ip_network("52.218.0.0/17")], [(443, 443)], [(32768, 60999)])).fates
        == WORKS
    )


def nat_table(made: s.Snapshot) -> list[s.Json]:
    routes: list[s.Json] = made.row("ec2.DescribeRouteTables", RouteTableId="rtb-0b2")["Routes"]
    return routes


@pytest.mark.parametrize(
    "change",
    [
        lambda made: nat_table(made).pop(),
        lambda made: nat_table(made)[-1].update(State="blackhole"),
        lambda made: tgw_routes(made).pop(),
        lambda made: tgw_routes(made)[-1].update(State="blackhole"),
        lambda made: tgw_routes(made)[-1]["TransitGatewayAttachments"][0].update(ResourceId="vpc-0c1"),
        lambda made: tgw_routes(made)[-1].update(DestinationCidrBlock="10.0.1.128/25"),
        lambda made: deny(made, egress=True, ports=(443, 443)),
        lambda made: deny(made, egress=False, ports=(32768, 60999)),
        lambda made: made.row("ec2.DescribeSubnets", SubnetId="subnet-0b2").update(SubnetId="subnet-0bx"),
    ],
)
def test_a_way_back_from_the_hub_that_is_not_sure_leaves_the_answers_open(change: Spoil) -> None:
    made = hub()
    change(made)
    ends, _ = walk(made, SENT)
    assert all(end.fates >= DROPPED for end in ends)
    assert not all(end.dropped for end in ends)


def test_a_regional_nat_gateway_in_the_hub_answers_by_its_own_table() -> None:
    made = hub()
    nat = made.row("ec2.DescribeNatGateways", NatGatewayId="nat-0b1")
    nat |= {"SubnetId": None, "AvailabilityMode": "regional", "RouteTableId": "rtb-0b2"}
    assert transit(made).fates == WORKS
    nat_table(made).pop()
    assert transit(made).fates == WORKS | DROPPED


def test_the_longest_prefix_of_the_transit_gateways_table_takes_the_packets() -> None:
    made = hub()
    tgw_routes(made).insert(1, made_of._tgw_route("3.5.64.0/21", "blackhole"))
    ends, notes = walk(made, SENT)
    dead = SENT & PacketSet.of(4, [ip_network("3.5.64.0/21")])
    assert {end.dropped: end.packets for end in ends} == {True: dead, False: SENT - dead}
    assert [(f.code, f.packets) for f in notes.faults] == [("route.transit-gateway-blackhole", dead)]


@pytest.mark.parametrize("number", [0, 1])
def test_a_route_whose_blocks_are_not_shown_may_take_any_packet(number: int) -> None:
    """The blocks of a referenced prefix list may be longer than any that is shown."""
    made = hub()
    row = tgw_routes(made)[number]
    tgw_routes(made).append({**row, "DestinationCidrBlock": None, "PrefixListId": "pl-0own"})
    assert not transit(made).dropped
    assert transit(made).fates >= DROPPED | WORKS
    assert ("SearchTransitGatewayRoutes", GapReason.FAILED) in gaps_of(transit(made))


@pytest.mark.parametrize(
    ("attached", "operation"),
    [
        ({"State": "pendingAcceptance"}, "DescribeTransitGatewayVpcAttachments"),
        ({"SubnetIds": ["subnet-0gone"]}, "DescribeSubnets"),
        ({"SubnetIds": ["subnet-0b1", "subnet-0gone"]}, "DescribeSubnets"),
        ({"SubnetIds": ["subnet-0b1", "subnet-0b2"]}, ""),
        (OTHER, "DescribeTransitGatewayVpcAttachments"),
    ],
)
def test_where_packets_enter_the_hub_must_be_known(attached: s.Json, operation: str) -> None:
    made = hub()
    attachments(made)[1].update(attached)
    end = transit(made)
    assert end.fates >= DROPPED | WORKS
    assert {one for one, _ in gaps_of(end)} == {operation}


def test_entry_subnets_with_different_acls_are_not_one() -> None:
    made = hub()
    a_second_subnet_alike(made)
    acl = made.row("ec2.DescribeNetworkAcls", NetworkAclId="acl-0b2")
    place = acl["Associations"].pop()
    made.rows("ec2.DescribeNetworkAcls").append({**acl, "NetworkAclId": "acl-0b3", "Associations": [place]})
    assert transit(made).fates >= DROPPED | WORKS


@pytest.mark.parametrize(
    "route",
    [
        [{"ResourceId": PEER, "ResourceType": "vpn"}],
        [{"ResourceId": PEER, "ResourceType": "vpc"}, {"ResourceId": "vpc-0c1", "ResourceType": "vpc"}],
    ],
)
def test_what_is_no_single_vpc_is_not_followed(route: list[s.Json]) -> None:
    made = hub()
    tgw_routes(made)[0]["TransitGatewayAttachments"] = route
    end = transit(made)
    assert end.fates >= DROPPED | WORKS
    assert gaps_of(end) == {("", GapReason.NOT_IN_API)}


def test_a_transit_gateway_does_not_lead_a_packet_back_into_its_own_vpc() -> None:
    made = hub()
    tgw_routes(made)[0]["TransitGatewayAttachments"][0]["ResourceId"] = s.VPC
    ends, notes = walk(made, SENT)
    assert [end.dropped for end in ends] == [True]
    assert [fault.code for fault in notes.faults] == ["route.transit-gateway-no-route"]


def test_two_vpcs_that_send_packets_to_each_other_are_a_loop() -> None:
    made = hub()
    made.row("ec2.DescribeRouteTables", RouteTableId="rtb-0b1")["Routes"][1] = s.route(
        "0.0.0.0/0", TransitGatewayId=TGW
    )
    made.rows("ec2.DescribeVpcs").append(
        {"VpcId": "vpc-0c1", "CidrBlock": "10.8.0.0/16", "OwnerId": s.ACCOUNT}
    )
    ends, _ = walk(made, SENT, trail=(PEER,))
    assert [end.dropped for end in ends] == [True]
    ends, notes = walk(made, SENT)
    assert [end.dropped for end in ends] == [True]
    assert [fault.code for fault in notes.faults] == ["route.transit-gateway-no-route"]


def test_the_way_back_through_the_transit_gateway_must_hold_for_every_sender() -> None:
    made = hub()
    tgw_routes(made).append(made_of._tgw_route("10.0.1.128/25", "blackhole"))
    assert transit(made).fates == WORKS
    assert transit(made, senders=(ip_network("10.0.1.0/24"),)).fates == WORKS | DROPPED


def test_a_far_table_of_the_transit_gateway_that_is_not_recorded_leaves_the_answers_open() -> None:
    made = hub()
    row = made.rows("ec2.DescribeTransitGatewayRouteTables")[0]
    made.rows("ec2.DescribeTransitGatewayRouteTables").append(
        {**row, "TransitGatewayRouteTableId": "tgw-rtb-0b1"}
    )
    call = next(c for c in made.calls if c["operation"] == "GetTransitGatewayRouteTableAssociations")
    far = call["response"]["Associations"].pop()
    made.add_call(
        "ec2",
        call["operation"],
        {"TransitGatewayRouteTableId": "tgw-rtb-0b1"},
        response={"Associations": [far]},
    )
    assert transit(made).fates == WORKS | DROPPED


def test_what_the_hub_drops_is_dropped() -> None:
    made = hub()
    made.row("ec2.DescribeRouteTables", RouteTableId="rtb-0b1")["Routes"].pop()
    end = transit(made)
    assert (end.dropped, end.crosses_subnet, end.component) == (True, True, "rtb-0b1")


@pytest.mark.parametrize("same", [True, False])
def test_associations_that_are_not_recorded_hide_the_table(same: bool) -> None:
    made = hub()
    made.calls[:] = [c for c in made.calls if c["operation"] != "GetTransitGatewayRouteTableAssociations"]
    if not same:
        made.rows("ec2.DescribeTransitGatewayRouteTables")[0].update(OTHER)
    end = transit(made)
    assert end.fates >= DROPPED | WORKS
    reason = GapReason.NOT_RECORDED if same else GapReason.FAILED
    assert gaps_of(end) == {("GetTransitGatewayRouteTableAssociations", reason)}


def test_an_entry_acl_that_is_not_recorded_leaves_the_answers_open() -> None:
    made = hub()
    acl = made.row("ec2.DescribeNetworkAcls", NetworkAclId="acl-0b2")
    acl["Associations"] = [a for a in acl["Associations"] if a["SubnetId"] != "subnet-0b1"]
    acl["IsDefault"] = False
    assert transit(made).fates == WORKS | DROPPED


@pytest.mark.parametrize("attached", [{"State": "pendingAcceptance"}, OTHER])
def test_without_an_attachment_of_its_own_nothing_is_known(attached: s.Json) -> None:
    made = hub()
    attachments(made)[0].update(attached)
    end = transit(made)
    assert end.fates >= DROPPED | WORKS
    assert {one for one, _ in gaps_of(end)} == {"DescribeTransitGatewayVpcAttachments"}


def test_what_is_open_behind_a_transit_gateway_stays_open() -> None:
    made = hub()
    nats = made.rows("ec2.DescribeNatGateways")
    nats[:] = [row for row in nats if row["NatGatewayId"] != "nat-0b1"]
    assert transit(made).fates == ANY_FATE - {Fate.GATEWAY}
