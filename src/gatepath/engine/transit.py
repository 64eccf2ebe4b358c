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
from gatepath.engine.routing import Choice, lookup
from gatepath.model.network import (
    Network,
    NetworkAcl,
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
from gatepath.model.world import World, dangling
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
    peer = found.peer_of(leg.vpc_id)
    inside = packets & PacketSet.of(packets.version, peer.cidrs)
    ends: list[End] = []
    if outside := packets - inside:
        notes.faults.append(table_fault(leg, "route.peering-carries-vpc-only", outside, arguments, route))
        ends.append(dropped(outside, "route", table_id, (peering_id,)))
    if inside:
        there = replace(leg, region=peer.region, account=peer.owner or leg.account, subnet=None)
        target = RouteTarget(TargetKind.VPC_PEERING, peering_id)
        for end in deliver_in(journey, there, peer.vpc_id, inside, notes):
            back = _leads_back(journey.world, end, target, leg.senders)
            ends.append(_named(end, PathKind.VPC_PEERING, peering_id, back=back))
    return ends


def _named(end: End, kind: PathKind, component: str, *, back: bool) -> End:
    """Name an end behind a peering or transit gateway; it works for sure only if the way back is recorded too."""
    if end.dropped:
        return replace(end, crosses_subnet=True)
    fates: frozenset[Fate] = frozenset(Fate.BYPASS if fate is Fate.GATEWAY else fate for fate in end.fates)
    gap = unknown("", "", GapReason.NOT_IN_API, detail=component)
    return replace(
        end,
        fates=fates if back else fates | DROPPED,
        gaps=end.gaps if back else (*end.gaps, gap),
        kind=kind,
        component=component,
        hops=(component, *end.hops),
        crosses_subnet=True,
    )


def _leads_back(world: World, end: End, target: RouteTarget, senders: tuple[Network, ...]) -> bool:
    """Tell whether every table by which what carries an end may answer leads all answers to the target."""
    ways = [way for table in _answering_tables(world, end) for way in _ways(world, table, senders)]
    return bool(ways) and all(way == (target, "active") for way in ways)


def _answering_tables(world: World, end: End) -> list[RouteTable | Unknown | None]:
    """Return the tables by which the NAT gateway, interface endpoint or proxy that carries an end may answer."""
    carrier = end.component or ""
    nat, endpoint = world.nat_gateways.get(carrier), world.vpc_endpoints.get(carrier)
    if nat is not None and nat.subnet_id is None:
        return [world.route_tables.get(nat.route_table_id or "")]
    one = nat or world.network_interfaces.get(carrier)
    subnet_ids = endpoint.subnet_ids if endpoint is not None else (one.subnet_id,) if one is not None else ()
    subnets = [world.subnets.get(subnet_id or "") for subnet_id in subnet_ids]
    return [None if subnet is None else world.subnet_route_table(subnet) for subnet in subnets]


def _ways(
    world: World, table: RouteTable | Unknown | None, senders: tuple[Network, ...]
) -> list[tuple[RouteTarget, str] | None]:
    if table is None or isinstance(table, Unknown):
        return [None]
    sets = [PacketSet.of(sender.version, [sender]) for sender in senders]
    return [_only_way(choice) for packets in sets for choice in lookup(world, table, packets)]


def _only_way(choice: Choice) -> tuple[RouteTarget, str] | None:
    """Return target and state of the one route that is taken; None for no route, or one of several."""
    match choice.routes:
        case (route,) if choice.gap is None:
            return route.target, route.state
    return None


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
    if _has_lists(table.routes):
        gap = unknown("ec2", "SearchTransitGatewayRoutes", GapReason.FAILED, detail=table.id)
        return [unseen(packets, PathKind.TRANSIT_GATEWAY, gateway_id, gap)]
    parts, rest = _parts(table.routes, packets)
    ends = [
        end
        for choice, matched in parts
        for end in _follow(journey, leg, gateway_id, choice, matched, notes, router)
    ]
    if rest:
        ends.append(_nowhere(leg, gateway_id, rest, notes, route, "route.transit-gateway-no-route"))
    return ends


def _nowhere(
    leg: Leg, gateway_id: str, packets: PacketSet, notes: Notes, route: Route | None, code: str
) -> End:
    arguments = (("transit_gateway", gateway_id),)
    seen = () if route is None else (route,)
    notes.faults.append(table_fault(leg, code, packets, arguments, *seen))
    return dropped(packets, "route", table_component(leg).id, (gateway_id,))


def _parts(
    routes: tuple[TransitGatewayRoute, ...], packets: PacketSet
) -> tuple[list[tuple[TransitGatewayRoute, PacketSet]], PacketSet]:
    """Return what each route takes, the longest prefix first, and the packets without any."""
    listed = [(r.destination, r) for r in routes if not isinstance(r.destination, PrefixListTarget)]
    made = []
    for cidr, route in sorted(listed, key=lambda pair: -pair[0].prefixlen):
        matched = packets & PacketSet.of(packets.version, [cidr])
        if matched:
            made.append((route, matched))
            packets -= matched
    return made, packets


def _has_lists(routes: tuple[TransitGatewayRoute, ...]) -> bool:
    """Tell whether a route's blocks are not shown: it may be the longest prefix for any packet."""
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
    match choice.resource_ids:
        case (vpc_id,) if choice.resource_type == "vpc":
            subnet = _entry_subnet(journey, vpc_id, gateway_id)
        case _:
            subnet = unknown("", "", GapReason.NOT_IN_API, detail=gateway_id)
    if isinstance(subnet, Unknown):
        return [unseen(packets, PathKind.TRANSIT_GATEWAY, gateway_id, subnet)]
    if subnet.vpc_id in {*leg.trail, leg.vpc_id}:
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


def _entry_subnet(journey: Journey, vpc_id: str, gateway_id: str) -> Subnet | Unknown:
    """Return a subnet of the attachment by which packets enter the other VPC.

    Attachments in several subnets with different tables or network ACLs: which one is taken depends on the
    AZ: unknown.
    """
    world = journey.world
    attachments = [
        a
        for a in world.transit_gateway_attachments.of_vpc(vpc_id)
        if a.transit_gateway_id == gateway_id and a.state == "available"
    ]
    if not attachments:
        return unknown("ec2", "DescribeTransitGatewayVpcAttachments", detail=vpc_id)
    entries: dict[object, Subnet] = {}
    for subnet_id in (subnet_id for a in attachments for subnet_id in a.subnet_ids):
        subnet = world.subnets.get(subnet_id)
        if subnet is None:
            return unknown("ec2", "DescribeSubnets", detail=subnet_id)
        entries[world.subnet_route_table(subnet), world.subnet_network_acl(subnet)] = subnet
    match [*entries.values()]:
        case [only]:
            return only
    return unknown("", "", GapReason.NOT_IN_API, detail=vpc_id)


def _through(journey: Journey, leg: Leg, behind: Leg, gateway_id: str, end: End) -> End:
    """Name an end behind the transit gateway; it works for sure only if the way back is recorded too."""
    back = _way_back(journey, leg, behind, gateway_id, end) and _open_boundary(behind, end.packets)
    return _named(end, PathKind.TRANSIT_GATEWAY, gateway_id, back=back)


def _way_back(journey: Journey, leg: Leg, behind: Leg, gateway_id: str, end: End) -> bool:
    """Tell whether the far VPC's tables and its transit gateway table lead the answers back."""
    target = RouteTarget(TargetKind.TRANSIT_GATEWAY, gateway_id)
    table = _associated_table(journey, behind, gateway_id)
    if isinstance(table, Unknown) or isinstance(table.routes, Unknown) or _has_lists(table.routes):
        return False
    for sender in leg.senders:
        parts, rest = _parts(table.routes, PacketSet.of(sender.version, [sender]))
        if rest or any(route.state != "active" or route.resource_ids != (leg.vpc_id,) for route, _ in parts):
            return False
    return _leads_back(journey.world, end, target, leg.senders)


def _open_boundary(behind: Leg, packets: PacketSet) -> bool:
    """Tell whether the attachment subnet's network ACL lets everything pass both ways."""
    if not isinstance(behind.acl, NetworkAcl):
        return False
    return all(
        not network_acl(behind.acl, packets, egress=egress, by_source_port=back).denied
        for egress, back in ((True, False), (False, True))
    )
