"""VPC peering: where packets come out, and whether answers find the way back.

https://docs.aws.amazon.com/vpc/latest/peering/vpc-peering-routing.html
"""

from dataclasses import replace
from ipaddress import ip_address, ip_network

import pytest
from tests import scenarios as made_of
from tests import snapshots as s
from tests.unit.test_mutants_legs import S3, journey_of, leg_of, walk
from tests.unit.test_mutants_transit import PEER, SENT, gaps_of

from gatepath.engine.legs import DROPPED, WORKS, End, Notes
from gatepath.engine.onward import route_leg
from gatepath.engine.proxied import ProxyHop, Sent
from gatepath.model.ref import GapReason
from gatepath.packets import PacketSet
from gatepath.trace import PathKind, Removal

PCX = made_of.PEERING
TARGET = PacketSet.of(4, [ip_address("10.9.1.51")], [(443, 443)])


def peered(*back: s.Json, owner: str = s.ACCOUNT) -> s.Snapshot:
    """Return two VPCs with a peering connection and an interface endpoint for S3 in the other."""
    made = s.sound()
    made_of._peered(made)
    made.rows("ec2.DescribeVpcPeeringConnections")[0]["AccepterVpcInfo"]["OwnerId"] = owner
    made_of.private_routes(made)[:] = [s.LOCAL, s.route("10.9.0.0/16", VpcPeeringConnectionId=PCX)]
    made.rows("ec2.DescribeSubnets").append(s.subnet("subnet-0b1", "10.9.1.0/24", VpcId=PEER))
    table = s.table("rtb-0b1", [], ("subnet-0b1",))
    made.rows("ec2.DescribeRouteTables").append({**table, "VpcId": PEER, "Routes": list(back)})
    acl = made.rows("ec2.DescribeNetworkAcls")[0]
    place = [{"NetworkAclId": "acl-0b2", "SubnetId": "subnet-0b1"}]
    made.rows("ec2.DescribeNetworkAcls").append(
        {**acl, "NetworkAclId": "acl-0b2", "VpcId": PEER, "Associations": place}
    )
    made.rows("ec2.DescribeSecurityGroups").append(
        s.group("sg-0b1", ingress=[s.permission("tcp", 443, cidrs=["10.0.0.0/8"])])
    )
    eni = s.interface(
        "eni-0b1", "subnet-0b1", "10.9.1.51", ("sg-0b1",), InterfaceType="vpc_endpoint", VpcId=PEER
    )
    made.rows("ec2.DescribeNetworkInterfaces").append(eni)
    made.rows("ec2.DescribeVpcEndpoints").append(
        s.endpoint(
            "vpce-0b1",
            VpcId=PEER,
            VpcEndpointType="Interface",
            RouteTableIds=[],
            SubnetIds=["subnet-0b1"],
            NetworkInterfaceIds=["eni-0b1"],
        )
    )
    return made


BACK = s.route("10.0.0.0/16", VpcPeeringConnectionId=PCX)


def test_a_peered_interface_endpoint_works_where_answers_find_back() -> None:
    (end,) = walk(peered(BACK), TARGET)[0]
    assert (end.kind, end.component, end.fates, end.gaps) == (PathKind.VPC_PEERING, PCX, WORKS, ())
    assert end.hops == (s.PRIVATE_TABLE, PCX, "vpce-0b1")
    assert end.crosses_subnet
    assert end.seen_as.endpoint_id == "vpce-0b1"


@pytest.mark.parametrize(
    "back",
    [
        [],
        [s.route("10.0.0.0/16", VpcPeeringConnectionId="pcx-0other")],
        [{**BACK, "State": "blackhole"}],
        [BACK, s.route("10.0.1.0/24", TransitGatewayId="tgw-0x")],
        [s.route("10.0.1.128/25", VpcPeeringConnectionId=PCX)],
        [BACK, s.route("pl-0unseen", TransitGatewayId="tgw-0x")],
    ],
)
def test_a_way_back_that_is_not_sure_leaves_the_answers_open(back: list[s.Json]) -> None:
    made = peered(*back)
    del made.lists["ec2.DescribePrefixLists"]
    (end,) = walk(made, TARGET)[0]
    assert end.fates == WORKS | DROPPED
    assert ("", GapReason.NOT_IN_API) in gaps_of(end)


def test_the_way_back_must_hold_for_every_sender() -> None:
    made = peered(s.route("10.0.1.0/25", VpcPeeringConnectionId=PCX))
    subnet = (ip_network("10.0.1.0/24"),)
    assert walk(made, TARGET)[0][0].fates == WORKS
    assert walk(made, TARGET, senders=subnet)[0][0].fates == WORKS | DROPPED
    assert walk(made, TARGET, senders=())[0][0].fates >= DROPPED


@pytest.mark.parametrize("missing", ["ec2.DescribeRouteTables", "ec2.DescribeSubnets"])
def test_an_endpoint_in_a_second_subnet_answers_by_that_ones_table_too(missing: str) -> None:
    made = peered(BACK)
    made.rows("ec2.DescribeSubnets").append(s.subnet("subnet-0b2", "10.9.2.0/24", VpcId=PEER))
    second = {**s.table("rtb-0b2", [], ("subnet-0b2",)), "VpcId": PEER, "Routes": [BACK]}
    made.rows("ec2.DescribeRouteTables").append(second)
    made.row("ec2.DescribeVpcEndpoints", VpcEndpointId="vpce-0b1")["SubnetIds"].append("subnet-0b2")
    assert walk(made, TARGET)[0][0].fates == WORKS
    made.rows(missing).pop()
    assert walk(made, TARGET)[0][0].fates == WORKS | DROPPED


def test_peering_carries_to_the_peers_blocks_only() -> None:
    made = peered(BACK)
    made_of.private_routes(made)[:] = [s.LOCAL, s.route("0.0.0.0/0", VpcPeeringConnectionId=PCX)]
    ends, notes = walk(made, TARGET | S3)
    assert {(end.kind, end.dropped): end.packets for end in ends} == {
        (PathKind.DROPPED, True): S3,
        (PathKind.VPC_PEERING, False): TARGET,
    }
    assert {fault.code: fault.packets for fault in notes.faults} == {"route.peering-carries-vpc-only": S3}
    assert walk(made, TARGET)[1].faults == []


def test_what_the_peer_drops_is_dropped_there() -> None:
    made = peered(BACK)
    made.row("ec2.DescribeSecurityGroups", GroupId="sg-0b1")["IpPermissions"] = []
    (end,) = walk(made, TARGET)[0]
    assert end.culprit == Removal(check="security-group", component="sg-0b1")
    assert (end.dropped, end.crosses_subnet) == (True, True)


def test_nobody_in_another_accounts_vpc_is_not_proven() -> None:
    """Its interfaces are listed by its owner only."""
    nobody = PacketSet.of(4, [ip_address("10.9.1.99")], [(443, 443)])
    (own,) = walk(peered(BACK), nobody)[0]
    assert own.dropped
    (foreign,) = walk(peered(BACK, owner="999988887777"), nobody)[0]
    assert not foreign.dropped
    assert ("DescribeNetworkInterfaces", GapReason.NOT_OWNER) in gaps_of(foreign)


def test_a_proxy_in_a_peered_vpc_answers_by_its_own_subnets_table() -> None:
    made = peered(BACK, s.route("0.0.0.0/0", GatewayId="igw-0b1"))
    made.rows("ec2.DescribeVpcEndpoints").pop()
    made.rows("ec2.DescribeInternetGateways").append(
        {"InternetGatewayId": "igw-0b1", "Attachments": [{"VpcId": PEER, "State": "available"}]}
    )
    row = made.row("ec2.DescribeNetworkInterfaces", NetworkInterfaceId="eni-0b1")
    row["InterfaceType"] = "interface"
    row.update(s.public(row, "203.0.113.77"))

    def through() -> End:
        journey = replace(
            journey_of(made), proxy=ProxyHop(port=443, onward=lambda _, __: ((Sent(packets=SENT),), []))
        )
        (end,) = route_leg(journey, leg_of(journey), TARGET, Notes())
        return end

    assert (through().kind, through().fates) == (PathKind.VPC_PEERING, WORKS)
    made.row("ec2.DescribeRouteTables", RouteTableId="rtb-0b1")["Routes"].remove(BACK)
    assert through().fates == WORKS | DROPPED
