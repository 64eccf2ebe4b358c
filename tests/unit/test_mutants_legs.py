"""One leg at a time: what a route table does with packets, with and without parts of it taken as passed.

https://docs.aws.amazon.com/vpc/latest/userguide/VPC_Route_Tables.html and
https://docs.aws.amazon.com/vpc/latest/privatelink/gateway-endpoints.html
"""

from dataclasses import replace
from ipaddress import ip_address, ip_network
from typing import Any

import pytest
from tests import scenarios as made_of
from tests import scenarios_clients as clients
from tests import snapshots as s

from gatepath.engine.faults import into_subnet
from gatepath.engine.filters import hosts
from gatepath.engine.legs import End, Journey, Leg, Notes, subnet_leg
from gatepath.engine.onward import next_hop_inside, route_leg
from gatepath.model.network import Network
from gatepath.model.ref import Unknown
from gatepath.packets import PacketSet
from gatepath.trace import ANY_FATE, Fate, PathKind, Removal

S3 = PacketSet.of(4, [ip_network(c) for c in s.S3_CIDRS], [(443, 443)])
SENDER = ip_address("10.0.1.10")
TABLE = Removal(check="route", component=s.PRIVATE_TABLE)


def journey_of(made: s.Snapshot, *removed: Removal) -> Journey:
    return Journey(
        world=made.world(), service="s3", region=s.REGION, removed=frozenset(removed), listed={4: S3}
    )


def leg_of(journey: Journey, senders: tuple[Network, ...] = hosts([SENDER]), **more: Any) -> Leg:
    subnet = journey.world.subnets.get(s.PRIVATE)
    assert subnet is not None
    return subnet_leg(journey.world, subnet, senders=senders, **{"public": None, **more})


def walk(made: s.Snapshot, packets: PacketSet, *removed: Removal, **more: Any) -> tuple[list[End], Notes]:
    journey, notes = journey_of(made, *removed), Notes()
    return route_leg(journey, leg_of(journey, **more), packets, notes), notes


def by_kind(ends: list[End]) -> dict[str, PacketSet]:
    found: dict[str, PacketSet] = {}
    for end in ends:
        kind = end.kind.value if end.kind is not None else ""
        assert end.packets
        found[kind] = found.get(kind, PacketSet.empty(4)) | end.packets
    return found


@pytest.mark.parametrize(
    ("senders", "address"),
    [
        (hosts([SENDER]), SENDER),
        ((ip_network("10.0.1.0/24"),), None),
        ((ip_network("10.0.1.10/32"), ip_network("10.0.1.11/32")), None),
        ((), None),
    ],
)
def test_the_service_sees_the_private_address_of_the_one_sender(
    senders: tuple[Network, ...], address: object
) -> None:
    journey = journey_of(s.sound())
    (end,) = route_leg(journey, leg_of(journey, senders), S3, Notes())
    assert end.kind is PathKind.GATEWAY_ENDPOINT
    assert end.fates == {Fate.GATEWAY}
    assert (end.seen_as.address, end.seen_as.endpoint_id, end.seen_as.endpoint_vpc_id) == (
        address,
        s.ENDPOINT,
        s.VPC,
    )


def test_a_table_taken_as_passed_leads_the_services_packets_to_the_endpoint_and_no_others() -> None:
    made = s.sound()
    made_of.without_endpoint_route(made)
    clients.interface_endpoint(made, private_dns=True)
    made.rows("ec2.DescribeVpcEndpoints").reverse()
    made.rows("ec2.DescribeVpcEndpoints").insert(0, s.endpoint("vpce-0d1", "dynamodb"))
    other = PacketSet.of(4, [ip_network("198.51.100.0/24")], [(443, 443)])
    ends, _ = walk(made, S3 | other, TABLE)
    assert by_kind(ends) == {"gateway-endpoint": S3, "nat-gateway": other}
    (led,) = [end for end in ends if end.kind is PathKind.GATEWAY_ENDPOINT]
    assert led.component == s.ENDPOINT
    assert led.fates == {Fate.GATEWAY}
    assert (led.seen_as.address, led.seen_as.endpoint_id) == (SENDER, s.ENDPOINT)


def test_a_table_taken_as_passed_changes_nothing_for_other_packets() -> None:
    made = s.sound()
    made_of.without_endpoint_route(made)
    other = PacketSet.of(4, [ip_network("198.51.100.0/24")], [(443, 443)])
    ends, _ = walk(made, other, TABLE)
    assert by_kind(ends) == {"nat-gateway": other}


def test_an_endpoint_that_is_still_to_be_made_has_no_id() -> None:
    made = s.sound()
    made.rows("ec2.DescribeVpcEndpoints").clear()
    made_of.without_endpoint_route(made)
    (end,) = walk(made, S3, TABLE)[0]
    assert (end.kind, end.component) == (PathKind.GATEWAY_ENDPOINT, None)


NAT_GONE = Removal(check="route", component=s.NAT)


def nat_gone() -> s.Snapshot:
    made = s.sound()
    made_of.without_endpoint_route(made)
    made.rows("ec2.DescribeNatGateways")[0]["State"] = "deleted"
    return made


def test_a_culprit_taken_as_passed_leads_the_services_packets_to_the_endpoint() -> None:
    (end,) = walk(nat_gone(), S3)[0]
    assert end.dropped
    (led,) = walk(nat_gone(), S3, NAT_GONE)[0]
    assert (led.kind, led.component) == (PathKind.GATEWAY_ENDPOINT, s.ENDPOINT)


def test_a_culprit_of_packets_that_no_endpoint_carries_stays() -> None:
    other = PacketSet.of(4, [ip_network("198.51.100.0/24")])
    assert walk(nat_gone(), other, NAT_GONE)[0][0].dropped
    assert walk(nat_gone(), S3 | other, NAT_GONE)[0][0].dropped
    journey = replace(journey_of(nat_gone(), NAT_GONE), listed={})
    assert route_leg(journey, leg_of(journey), S3, Notes())[0].dropped


def test_a_culprit_of_another_check_stays() -> None:
    assert walk(nat_gone(), S3, Removal(check="network-acl", component=s.NAT))[0][0].dropped


@pytest.mark.parametrize("fallback", [True, False])
def test_a_blackhole_is_certain_only_where_no_other_route_matches(fallback: bool) -> None:
    made = s.sound()
    routes = made_of.private_routes(made)
    far = "3.5.64.0/21"
    routes[:] = [s.LOCAL, {**s.route(far, NatGatewayId="nat-gone"), "State": "blackhole"}]
    if fallback:
        routes.append(s.route("3.5.64.0/22", NatGatewayId=s.NAT))
        routes.append(s.route("3.5.64.0/20", NatGatewayId=s.NAT))
    packets = PacketSet.of(4, [ip_network("3.5.68.0/22")])
    ends, notes = walk(made, packets)
    (end,), (fault,) = ends, notes.faults
    assert (fault.code, fault.suspect, end.suspect) == ("route.blackhole", fallback, fallback)
    assert dict(fault.arguments)["destination"] == far


def test_a_blackhole_with_another_route_for_some_packets_is_suspect() -> None:
    made = s.sound()
    blackhole = {**s.route("3.5.64.0/24", NatGatewayId="nat-gone"), "State": "blackhole"}
    made_of.private_routes(made)[:] = [
        blackhole,
        {**s.route("3.5.64.0/23", NatGatewayId="nat-gone"), "State": "blackhole"},
    ]
    _, notes = walk(made, PacketSet.of(4, [ip_network("3.5.64.0/24")]))
    assert [fault.suspect for fault in notes.faults] == [False]


def test_a_route_in_a_state_that_is_not_known_leaves_all_open() -> None:
    made = s.sound()
    made_of.private_routes(made)[:] = [{**s.route("0.0.0.0/0", NatGatewayId=s.NAT), "State": "filtered"}]
    (end,) = walk(made, S3)[0]
    assert end.fates == ANY_FATE
    assert end.gaps


def test_no_gateway_load_balancer_endpoint_is_taken_for_a_gateway_endpoint() -> None:
    made = s.sound()
    made.rows("ec2.DescribeVpcEndpoints")[0]["VpcEndpointType"] = "GatewayLoadBalancer"
    (end,) = walk(made, S3)[0]
    assert end.kind is PathKind.GATEWAY_LOAD_BALANCER_ENDPOINT
    assert Fate.GATEWAY not in end.fates
    assert end.gaps


def test_an_endpoint_that_is_not_recorded_may_drop() -> None:
    made = s.sound()
    del made.lists["ec2.DescribeVpcEndpoints"]
    (end,) = walk(made, S3)[0]
    assert end.fates == {Fate.GATEWAY, Fate.DROPPED}


def test_an_endpoint_that_is_not_available_is_suspected_to_drop() -> None:
    made = s.sound()
    made.rows("ec2.DescribeVpcEndpoints")[0]["State"] = "failed"
    ends, notes = walk(made, S3)
    assert {(end.dropped, end.suspect) for end in ends} == {(True, True)}
    assert {(f.code, f.suspect) for f in notes.faults} == {("route.endpoint-not-available", True)}


def test_an_unrecorded_prefix_list_may_take_packets_or_leave_them_without_route() -> None:
    made = s.sound()
    made_of.private_routes(made)[:] = [s.LOCAL, s.route("pl-0unseen", GatewayId=s.ENDPOINT)]
    del made.lists["ec2.DescribePrefixLists"]
    ends, notes = walk(made, S3)
    assert by_kind(ends) == {"gateway-endpoint": S3, "dropped": S3}
    assert len({end.group for end in ends}) == 1
    assert all(end.group and end.gaps for end in ends)
    assert notes.faults == []
    made_of.private_routes(made).append(s.route("0.0.0.0/0", NatGatewayId=s.NAT))
    assert set(by_kind(walk(made, S3)[0])) == {"gateway-endpoint", "nat-gateway"}


def test_what_comes_from_outside_is_routed_even_to_the_subnet_itself() -> None:
    """A packet to the sender's own subnet is never routed; one that came in from elsewhere is."""
    made = s.sound()
    made_of.private_routes(made)[:] = []
    near = PacketSet.of(4, [ip_network("10.0.1.10/32")])
    assert walk(made, near)[0][0].kind is PathKind.NETWORK_INTERFACE
    (outside,) = walk(made, near, outside=True)[0]
    assert (outside.dropped, outside.component) == (True, s.PRIVATE_TABLE)
    journey = journey_of(made)
    nowhere = replace(leg_of(journey), subnet=None)
    assert route_leg(journey, nowhere, near, Notes())[0].dropped


def test_a_way_of_too_many_hops_goes_nowhere() -> None:
    (last,) = walk(s.sound(), S3, trail=("a", "b", "c", "d", "e", "f"))[0]
    assert not last.dropped
    (beyond,) = walk(s.sound(), S3, trail=("a", "b", "c", "d", "e", "f", "g"))[0]
    assert beyond.dropped


def test_next_hops_in_the_subnet_cross_no_boundary() -> None:
    made = s.sound()
    made.rows("ec2.DescribeNatGateways")[0]["SubnetId"] = s.PRIVATE
    journey = journey_of(made)
    leg = leg_of(journey)
    near = PacketSet.of(4, [ip_network("10.0.1.0/24")])
    elsewhere = PacketSet.of(4, [ip_network("10.0.200.0/24")])
    far = PacketSet.of(4, [ip_network("198.51.100.0/24")])
    everything = near | elsewhere | far | S3
    assert next_hop_inside(journey.world, leg, everything) == near | far
    assert next_hop_inside(journey.world, leg, near) == near
    assert next_hop_inside(journey.world, leg, S3) == PacketSet.empty(4)


def test_next_hops_of_which_one_may_lie_elsewhere_cross_the_boundary() -> None:
    made = s.sound()
    made.rows("ec2.DescribeNatGateways")[0]["SubnetId"] = s.PRIVATE
    made.rows("ec2.DescribeNetworkInterfaces").append(s.interface("eni-0b1", s.PUBLIC, "10.0.200.30"))
    del made.lists["ec2.DescribePrefixLists"]
    routes = made_of.private_routes(made)
    routes[:] = [s.LOCAL, s.route("0.0.0.0/0", NatGatewayId=s.NAT), s.route("pl-0unseen", NatGatewayId=s.NAT)]
    journey = journey_of(made)
    assert next_hop_inside(journey.world, leg_of(journey), S3) == S3
    routes[-1] = s.route("pl-0unseen", NetworkInterfaceId="eni-0b1")
    journey = journey_of(made)
    assert next_hop_inside(journey.world, leg_of(journey), S3) == PacketSet.empty(4)


def test_next_hops_of_an_unrecorded_table_are_not_known_to_be_inside() -> None:
    made = s.sound()
    del made.lists["ec2.DescribeRouteTables"]
    journey = journey_of(made)
    leg = leg_of(journey)
    assert isinstance(leg.table, Unknown)
    near = PacketSet.of(4, [ip_network("10.0.1.0/24")])
    assert next_hop_inside(journey.world, leg, near | S3) == near
    (end,) = route_leg(journey, leg, S3, Notes())
    assert end.kind is None
    assert end.gaps == (leg.table,)


@pytest.mark.parametrize("inside", [True, False])
def test_an_appliance_in_the_subnet_is_a_next_hop_inside(inside: bool) -> None:
    made = s.sound()
    place, address = (s.PRIVATE, "10.0.1.30") if inside else (s.PUBLIC, "10.0.200.30")
    made.rows("ec2.DescribeNetworkInterfaces").append(s.interface("eni-0b1", place, address))
    made_of.private_routes(made)[:] = [s.LOCAL, s.route("0.0.0.0/0", NetworkInterfaceId="eni-0b1")]
    journey = journey_of(made)
    assert bool(next_hop_inside(journey.world, leg_of(journey), S3)) is inside


def test_a_filter_taken_as_passed_keeps_what_it_would_hide() -> None:
    made = s.sound()
    del made.lists["ec2.DescribeNetworkAcls"]
    (hidden,) = walk_filtered(made)
    assert (hidden.packets, hidden.fates >= {Fate.DROPPED}) == (S3, True)
    (passed,) = walk_filtered(made, Removal(check="network-acl", component=""))
    assert (passed.packets, passed.fates) == (S3, frozenset({Fate.GATEWAY}))


def walk_filtered(made: s.Snapshot, *removed: Removal) -> list[End]:
    journey = journey_of(made, *removed)
    leg = leg_of(journey)
    ends = route_leg(journey, leg, S3, Notes())
    return into_subnet(journey, leg, leg, ends, S3, Notes())


def test_what_comes_next_sees_one_sender_or_any_of_several() -> None:
    journey = journey_of(s.sound())
    one = leg_of(journey).seen()
    assert (one.address, one.senders) == (SENDER, ())
    subnet = (ip_network("10.0.1.0/24"),)
    several = leg_of(journey, subnet).seen()
    assert (several.address, several.senders) == (None, subnet)
