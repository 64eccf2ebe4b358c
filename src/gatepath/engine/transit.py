"""VPC peering and transit gateways.

Sources: https://docs.aws.amazon.com/vpc/latest/privatelink/vpc-endpoints-s3.html (gateway endpoints serve
their own VPC only) and https://docs.aws.amazon.com/vpc/latest/reachability/explanation-codes.html
"""

from collections.abc import Callable
from dataclasses import replace

from gatepath.engine.delivery import deliver_in
from gatepath.engine.faults import dropped, table_component, table_fault, unseen
from gatepath.engine.filters import network_acl
from gatepath.engine.legs import DROPPED, End, Journey, Leg, Notes, subnet_leg
from gatepath.model.network import (
    Network,
    PrefixListTarget,
    Route,
    RouteTable,
    RouteTarget,
    Subnet,
    TargetKind,
    TransitGatewayAttachment,
    TransitGatewayRoute,
    TransitGatewayRouteTable,
)
from gatepath.model.ref import GapReason, Unknown, unknown
from gatepath.model.world import dangling
from gatepath.packets import PacketSet
from gatepath.trace import Fate, PathKind

Router = Callable[[Journey, Leg, PacketSet, Notes], list[End]]


def peering(journey: Journey, leg: Leg, route: Route, packets: PacketSet, notes: Notes) -> list[End]:
    """Return how packets fare over a peering connection: only to addresses of the peer's VPC."""
    peering_id = route.target.id
    found = journey.world.vpc_peering_connections.find(peering_id, region=leg.region, account=leg.account)
    if found is None:
        found = dangling("ec2", "DescribeVpcPeeringConnections", peering_id, leg.region)
    if isinstance(found, Unknown):
        return [unseen(packets, PathKind.VPC_PEERING, peering_id, found)]
    table_id = table_component(leg).id
    arguments = (("peering", peering_id), ("status", found.status))
    if found.status != "active":
        notes.faults.append(table_fault(leg, "route.peering-not-active", packets, arguments, route))
        return [dropped(packets, "route", table_id, (peering_id,))]
    peer_vpc, peer_region, cidrs = found.peer_of(leg.vpc_id)
    inside = packets & PacketSet.of(packets.version, cidrs)
    ends: list[End] = []
    if outside := packets - inside:
        notes.faults.append(table_fault(leg, "route.peering-carries-vpc-only", outside, arguments, route))
        ends.append(dropped(outside, "route", table_id, (peering_id,)))
    if inside:
        there = deliver_in(journey, replace(leg, region=peer_region, subnet=None), peer_vpc, inside, notes)
        back = TargetKind.VPC_PEERING, peering_id
        ends.extend(
            _named(end, PathKind.VPC_PEERING, peering_id, journey, leg, peer_vpc, back) for end in there
        )
    return ends


def _named(
    end: End,
    kind: PathKind,
    component: str,
    journey: Journey,
    leg: Leg,
    peer_vpc: str,
    back: tuple[TargetKind, str],
) -> End:
    """Return an end behind a peering or transit gateway, checked for a way back in the peer's tables."""
    if end.dropped:
        return end
    known = any(
        route.target == RouteTarget(*back) and _covers(route, leg.senders)
        for table in journey.world.route_tables.of_vpc(peer_vpc)
        for route in table.routes
    )
    gap = unknown("ec2", "DescribeRouteTables", detail=peer_vpc)
    fates = end.fates if known else end.fates | DROPPED
    return replace(
        end,
        kind=kind,
        component=component,
        hops=(component, *end.hops),
        crosses_subnet=True,
        fates=fates,
        gaps=end.gaps if known else (*end.gaps, gap),
    )


def _covers(route: Route, senders: tuple[Network, ...]) -> bool:
    destination = route.destination
    return not isinstance(destination, PrefixListTarget) and all(
        sender.version == destination.version and sender.subnet_of(destination)  # type: ignore[arg-type]
        for sender in senders
    )


def transit_gateway(
    journey: Journey, leg: Leg, route: Route, packets: PacketSet, notes: Notes, router: Router
) -> list[End]:
    """Return how packets fare through a transit gateway, as far as its tables are recorded."""
    gateway_id = route.target.id
    table = _associated_table(journey, leg, gateway_id)
    if isinstance(table, Unknown):
        return [unseen(packets, PathKind.TRANSIT_GATEWAY, gateway_id, table)]
    if isinstance(table.routes, Unknown):
        return [unseen(packets, PathKind.TRANSIT_GATEWAY, gateway_id, table.routes)]
    ends: list[End] = []
    rest = packets
    for cidr, choice in _ordered(table.routes):
        matched = rest & PacketSet.of(packets.version, [cidr])
        if matched:
            rest -= matched
            ends.extend(_follow(journey, leg, gateway_id, choice, matched, notes, router))
    if rest and _has_lists(table.routes):
        gap = unknown("ec2", "SearchTransitGatewayRoutes", GapReason.FAILED, detail=table.id)
        ends.append(unseen(rest, PathKind.TRANSIT_GATEWAY, gateway_id, gap))
    elif rest:
        ends.append(_nowhere(leg, gateway_id, rest, notes, route, "route.transit-gateway-no-route"))
    return ends


def _nowhere(
    leg: Leg, gateway_id: str, packets: PacketSet, notes: Notes, route: Route | None, code: str
) -> End:
    arguments = (("transit_gateway", gateway_id),)
    seen = () if route is None else (route,)
    notes.faults.append(table_fault(leg, code, packets, arguments, *seen))
    return dropped(packets, "route", table_component(leg).id, (gateway_id,))


def _ordered(routes: tuple[TransitGatewayRoute, ...]) -> list[tuple[Network, TransitGatewayRoute]]:
    listed = [(r.destination, r) for r in routes if not isinstance(r.destination, PrefixListTarget)]
    return sorted(listed, key=lambda pair: -pair[0].prefixlen)


def _has_lists(routes: tuple[TransitGatewayRoute, ...]) -> bool:
    return any(isinstance(r.destination, PrefixListTarget) for r in routes)


def _attachments(journey: Journey, leg: Leg, gateway_id: str) -> list[TransitGatewayAttachment]:
    return [
        a
        for a in journey.world.transit_gateway_attachments.of_vpc(leg.vpc_id)
        if a.transit_gateway_id == gateway_id and a.state == "available"
    ]


def _associated_table(journey: Journey, leg: Leg, gateway_id: str) -> TransitGatewayRouteTable | Unknown:
    """Return the transit gateway's table that the VPC's attachment is associated with."""
    world = journey.world
    attachments = _attachments(journey, leg, gateway_id)
    if not attachments:
        gap = world.transit_gateway_attachments.missing(region=leg.region, account=leg.account)
        return gap or dangling("ec2", "DescribeTransitGatewayVpcAttachments", gateway_id, leg.region)
    wanted = {a.id for a in attachments}
    hidden: Unknown | None = None
    for table in world.transit_gateway_route_tables:
        if table.transit_gateway_id != gateway_id:
            continue
        if isinstance(table.associated_attachment_ids, Unknown):
            hidden = table.associated_attachment_ids
        elif wanted & set(table.associated_attachment_ids):
            return table
    if hidden is not None:
        return hidden
    gap = world.transit_gateway_route_tables.missing(region=leg.region)
    return gap or dangling("ec2", "GetTransitGatewayRouteTableAssociations", gateway_id, leg.region)


def _follow(
    journey: Journey,
    leg: Leg,
    gateway_id: str,
    choice: TransitGatewayRoute,
    packets: PacketSet,
    notes: Notes,
    router: Router,
) -> list[End]:
    if choice.state == "blackhole":
        return [_nowhere(leg, gateway_id, packets, notes, None, "route.transit-gateway-blackhole")]
    if choice.resource_type != "vpc" or len(choice.resource_ids) != 1:
        gap = unknown("", "", GapReason.NOT_IN_API, detail=gateway_id)
        return [unseen(packets, PathKind.TRANSIT_GATEWAY, gateway_id, gap)]
    subnet = _entry_subnet(journey, choice, gateway_id)
    if isinstance(subnet, Unknown):
        return [unseen(packets, PathKind.TRANSIT_GATEWAY, gateway_id, subnet)]
    if subnet.vpc_id == leg.vpc_id or subnet.vpc_id in leg.trail:
        return [_nowhere(leg, gateway_id, packets, notes, None, "route.transit-gateway-no-route")]
    behind = subnet_leg(
        journey.world,
        subnet,
        senders=leg.senders,
        public=None,
        group_ids=leg.group_ids,
        outside=True,
        trail=(*leg.trail, leg.vpc_id),
    )
    ends = router(journey, behind, packets, notes)
    return [_through(journey, leg, behind, gateway_id, end) for end in ends]


def _entry_subnet(journey: Journey, choice: TransitGatewayRoute, gateway_id: str) -> Subnet | Unknown:
    """Return a subnet of the attachment by which packets enter the other VPC.

    Attachments in several subnets with different tables: which one is taken depends on the AZ: unknown.
    """
    world = journey.world
    for attachment in world.transit_gateway_attachments.of_vpc(choice.resource_ids[0]):
        if attachment.transit_gateway_id != gateway_id:
            continue
        subnets = [world.subnets.get(subnet_id) for subnet_id in attachment.subnet_ids]
        known = [subnet for subnet in subnets if subnet is not None]
        if not known or len(known) != len(subnets):
            return unknown("ec2", "DescribeSubnets", detail=attachment.id)
        tables = {_table_id(world.subnet_route_table(subnet)) for subnet in known}
        if len(tables) > 1:
            return unknown("", "", GapReason.NOT_IN_API, detail=attachment.id)
        return known[0]
    return unknown("ec2", "DescribeTransitGatewayVpcAttachments", detail=choice.resource_ids[0])


def _table_id(table: RouteTable | Unknown) -> str:
    return "" if isinstance(table, Unknown) else table.id


def _through(journey: Journey, leg: Leg, behind: Leg, gateway_id: str, end: End) -> End:
    """Name an end behind the transit gateway; it works for sure only if the way back is recorded too."""
    if end.dropped:
        return replace(end, crosses_subnet=True)
    fates: frozenset[Fate] = frozenset(Fate.BYPASS if fate is Fate.GATEWAY else fate for fate in end.fates)
    gaps = end.gaps
    if not (_way_back(journey, leg, behind, gateway_id, end) and _open_boundary(behind, end.packets)):
        fates |= DROPPED
        gaps = (*gaps, unknown("", "", GapReason.NOT_IN_API, detail=gateway_id))
    return replace(
        end,
        fates=fates,
        gaps=gaps,
        kind=PathKind.TRANSIT_GATEWAY,
        component=gateway_id,
        hops=(gateway_id, *end.hops),
        crosses_subnet=True,
    )


def _way_back(journey: Journey, leg: Leg, behind: Leg, gateway_id: str, end: End) -> bool:
    """Tell whether the far VPC's tables and its transit gateway table lead the answers back."""
    target = RouteTarget(TargetKind.TRANSIT_GATEWAY, gateway_id)
    tables = _answering_tables(journey, behind, end)
    there = bool(tables) and all(
        any(route.target == target and _covers(route, leg.senders) for route in table.routes)
        for table in tables
    )
    table = _associated_table(journey, behind, gateway_id)
    if not there or isinstance(table, Unknown) or isinstance(table.routes, Unknown):
        return False
    return any(leg.vpc_id in route.resource_ids and route.state == "active" for route in table.routes)


def _answering_tables(journey: Journey, behind: Leg, end: End) -> tuple[RouteTable, ...]:
    """Return the tables by which the far VPC sends answers: of what carried the packets there, else all."""
    world = journey.world
    subnet_ids: tuple[str, ...] = ()
    if end.kind is PathKind.NAT_GATEWAY and (nat := world.nat_gateways.get(end.component or "")):
        subnet_ids = (nat.subnet_id,) if nat.subnet_id else ()
    if end.kind is PathKind.INTERFACE_ENDPOINT and (found := world.vpc_endpoints.get(end.component or "")):
        subnet_ids = found.subnet_ids
    subnets = [world.subnets.get(subnet_id) for subnet_id in subnet_ids]
    tables = [world.subnet_route_table(subnet) for subnet in subnets if subnet is not None]
    known = tuple(table for table in tables if not isinstance(table, Unknown))
    if known and len(known) == len(subnet_ids):
        return known
    return tuple(t for t in world.route_tables.of_vpc(behind.vpc_id) if t.subnet_ids)


def _open_boundary(behind: Leg, packets: PacketSet) -> bool:
    """Tell whether the attachment subnet's network ACL lets everything pass both ways."""
    if behind.acl is None or isinstance(behind.acl, Unknown):
        return False
    return all(
        not network_acl(behind.acl, packets, egress=egress, by_source_port=back).denied
        for egress, back in ((True, False), (False, True))
    )
