"""Where packets go after the route table: gateways, and what happens behind them."""

from collections.abc import Callable
from dataclasses import replace

from gatepath.engine import delivery, encryption, nat, transit
from gatepath.engine.faults import dropped, table_fault, unseen
from gatepath.engine.legs import DROPPED, WORKS, End, Fault, Journey, Leg, Notes
from gatepath.engine.routing import Choice, lookup
from gatepath.model.naming import is_service_name
from gatepath.model.network import EndpointType, Route, RouteTable, TargetKind
from gatepath.model.ref import GapReason, Unknown, unknown
from gatepath.model.world import World
from gatepath.packets import PacketSet
from gatepath.trace import ANY_FATE, Component, Fate, PathKind

MAX_LEGS = 6
"""More hops than any sensible way has; a longer one is a loop."""

_UNSEEN = {
    TargetKind.VIRTUAL_PRIVATE_GATEWAY: PathKind.VIRTUAL_PRIVATE_GATEWAY,
    TargetKind.CORE_NETWORK: PathKind.CORE_NETWORK,
    TargetKind.CARRIER_GATEWAY: PathKind.CARRIER_GATEWAY,
    TargetKind.LOCAL_GATEWAY: PathKind.LOCAL_GATEWAY,
    TargetKind.ODB_NETWORK: PathKind.LOCAL,
    TargetKind.OTHER: PathKind.LOCAL,
}


def route_leg(journey: Journey, leg: Leg, packets: PacketSet, notes: Notes) -> list[End]:
    """Return how packets that left `leg` end, by its route table and everything behind it."""
    own = _own_subnet(leg, packets)
    ends = delivery.deliver(journey, leg, own, notes) if own else []
    rest = packets - own
    if not rest:
        return ends
    if isinstance(leg.table, Unknown):
        return [*ends, End(packets=rest, fates=ANY_FATE, kind=None, component=None, gaps=(leg.table,))]
    if journey.passes("route", leg.table.id):
        led = rest & journey.listed.get(rest.version, PacketSet.empty(rest.version))
        if led:
            ends.append(_led_to_endpoint(journey, leg, leg.table.id, led))
            rest -= led
    for number, choice in enumerate(lookup(journey.world, leg.table, rest) if rest else ()):
        ends.extend(_choice(journey, leg, leg.table, choice, f"{leg.table.id}:{number}", notes))
    return [_released(journey, leg, end) for end in _merged(ends)]


def _own_subnet(leg: Leg, packets: PacketSet) -> PacketSet:
    """Return the packets to the leg's own subnet: they are never routed."""
    cidrs = leg.subnet.cidrs if leg.subnet is not None and not leg.outside else ()
    return packets & PacketSet.of(packets.version, cidrs)


def _led_to_endpoint(journey: Journey, leg: Leg, table_id: str, packets: PacketSet) -> End:
    """Take packets as led to the VPC's gateway endpoint, or to one that isn't there yet."""
    endpoint = next(
        (
            endpoint
            for endpoint in journey.world.vpc_endpoints.of_vpc(leg.vpc_id)
            if endpoint.type is EndpointType.GATEWAY
            and is_service_name(endpoint.service_name, endpoint.region, journey.service)
        ),
        None,
    )
    endpoint_id = None if endpoint is None else endpoint.id
    return End(
        packets=packets,
        fates=frozenset({Fate.GATEWAY}),
        kind=PathKind.GATEWAY_ENDPOINT,
        component=endpoint_id,
        hops=(table_id,),
        seen_as=replace(leg.seen(), endpoint_id=endpoint_id, endpoint_vpc_id=leg.vpc_id),
    )


def _released(journey: Journey, leg: Leg, end: End) -> End:
    """Take an end whose culprit is removed as led to the gateway endpoint, where that can carry it."""
    culprit = end.culprit
    if culprit is None or culprit.check != "route" or culprit not in journey.removed:
        return end
    listed = journey.listed.get(end.packets.version)
    if listed is None or not end.packets <= listed:
        return end
    led = _led_to_endpoint(journey, leg, culprit.component, end.packets)
    return replace(led, group=end.group, weight=end.weight)


def _merged(ends: list[End]) -> list[End]:
    """Join ends that differ in their packets only."""
    joined: dict[End, PacketSet] = {}
    for end in ends:
        key = replace(end, packets=PacketSet.empty(end.packets.version))
        joined[key] = joined[key] | end.packets if key in joined else end.packets
    return [replace(key, packets=packets) for key, packets in joined.items()]


def _choice(
    journey: Journey, leg: Leg, table: RouteTable, choice: Choice, group: str, notes: Notes
) -> list[End]:
    made = [end for route in choice.routes for end in _follow(journey, leg, table, route, choice, notes)]
    if choice.gap is None:
        return made if choice.routes else [_no_route(leg, choice.packets, notes)]
    if choice.or_none:
        made.append(_no_route(leg, choice.packets, Notes()))
    return [replace(end, group=group, gaps=(*end.gaps, choice.gap)) for end in made]


def _no_route(leg: Leg, packets: PacketSet, notes: Notes) -> End:
    fault = table_fault(leg, "route.no-route", packets, ())
    notes.faults.append(fault)
    return dropped(packets, "route", fault.component.id, hops=(fault.component.id,))


def _follow(
    journey: Journey, leg: Leg, table: RouteTable, route: Route, choice: Choice, notes: Notes
) -> list[End]:
    """Follow one route with the packets it takes."""
    packets = choice.packets
    if route.state == "blackhole":
        fault = table_fault(leg, "route.blackhole", packets, _route_arguments(route, choice), route)
        suspect = _has_fallback(journey, table, packets)
        notes.faults.append(replace(fault, suspect=suspect))
        return [dropped(packets, "route", table.id, (table.id, route.target.id), suspect=suspect)]
    if route.state not in {"active", ""}:
        gap = unknown("", "", GapReason.NOT_IN_API, detail=f"{table.id}:{route.state}")
        return [End(packets=packets, fates=ANY_FATE, kind=None, component=route.target.id, gaps=(gap,))]
    if len(leg.trail) > MAX_LEGS:
        return [_no_route(leg, packets, notes)]
    ends = _target(journey, leg, route, packets, notes)
    return [replace(end, hops=(table.id, *end.hops)) for end in ends]


def _route_arguments(route: Route, choice: Choice) -> tuple[tuple[str, str], ...]:
    return (
        ("destination", str(choice.cidr) if choice.cidr else ""),
        ("target", route.target.id),
        ("origin", route.origin),
    )


def _has_fallback(journey: Journey, table: RouteTable, packets: PacketSet) -> bool:
    """Tell whether another live route matches: no page says whether AWS then skips the blackhole."""
    others = replace(table, routes=tuple(r for r in table.routes if r.state != "blackhole"))
    return any(choice.routes for choice in lookup(journey.world, others, packets))


def _target(journey: Journey, leg: Leg, route: Route, packets: PacketSet, notes: Notes) -> list[End]:
    kind = route.target.kind
    if kind in _FOLLOWERS:
        return _FOLLOWERS[kind](journey, leg, route, packets, notes)
    gap = unknown("", "", GapReason.NOT_IN_API, detail=route.target.id)
    return [unseen(packets, _UNSEEN[kind], route.target.id, gap)]


def _local(journey: Journey, leg: Leg, _: Route, packets: PacketSet, notes: Notes) -> list[End]:
    return delivery.deliver(journey, leg, packets, notes)


def _nat(journey: Journey, leg: Leg, route: Route, packets: PacketSet, notes: Notes) -> list[End]:
    return nat.nat_gateway(journey, leg, route, packets, notes, route_leg)


def _transit(journey: Journey, leg: Leg, route: Route, packets: PacketSet, notes: Notes) -> list[End]:
    return transit.transit_gateway(journey, leg, route, packets, notes, route_leg)


def _endpoint(journey: Journey, leg: Leg, route: Route, packets: PacketSet, notes: Notes) -> list[End]:
    endpoint_id = route.target.id
    found = journey.world.vpc_endpoints.find(
        endpoint_id, region=leg.region, account=leg.account, vpc_id=leg.vpc_id
    )
    if found is None:
        found = unknown("ec2", "DescribeVpcEndpoints", GapReason.FAILED, detail=endpoint_id)
    if isinstance(found, Unknown):
        end = _through_endpoint(leg, endpoint_id, packets, notes, owner=leg.account)
        return [replace(end, fates=end.fates | DROPPED, gaps=(found,))]
    if found.type is not EndpointType.GATEWAY:
        gap = unknown("", "", GapReason.NOT_IN_API, detail=endpoint_id)
        return [unseen(packets, PathKind.GATEWAY_LOAD_BALANCER_ENDPOINT, endpoint_id, gap)]
    if not found.available:
        component = Component(type="vpc-endpoint", id=endpoint_id, account=found.owner, region=leg.region)
        notes.faults.append(
            Fault(
                code="route.endpoint-not-available",
                check="route",
                component=component,
                packets=packets,
                arguments=(("endpoint", endpoint_id), ("state", found.state), ("error", found.last_error)),
                refs=(found.ref,),
                suspect=True,  # that it drops and doesn't fall back is inferred, no page says it
            )
        )
        return [dropped(packets, "route", endpoint_id, (endpoint_id,), suspect=True)]
    end = _through_endpoint(leg, endpoint_id, packets, notes, owner=found.owner)
    return [end] if end.dropped else encryption.enforced(journey, leg, end, notes)


def _through_endpoint(leg: Leg, endpoint_id: str, packets: PacketSet, notes: Notes, *, owner: str) -> End:
    """Return packets that a gateway endpoint takes: only what originates in its VPC.

    Source: https://docs.aws.amazon.com/vpc/latest/privatelink/vpc-endpoints-s3.html
    """
    component = Component(type="vpc-endpoint", id=endpoint_id, account=owner, region=leg.region)
    if leg.outside:
        notes.faults.append(
            Fault(
                code="route.arrives-from-outside",
                check="route",
                component=component,
                packets=packets,
                arguments=(("vpc", leg.vpc_id), ("endpoint", endpoint_id)),
            )
        )
        return dropped(packets, "route", endpoint_id, (endpoint_id,))
    end = End(
        packets=packets,
        fates=frozenset({Fate.GATEWAY}),
        kind=PathKind.GATEWAY_ENDPOINT,
        component=endpoint_id,
        hops=(endpoint_id,),
        seen_as=replace(leg.seen(), endpoint_id=endpoint_id, endpoint_vpc_id=leg.vpc_id),
    )
    if not leg.trail:
        return end
    return replace(end, fates=WORKS, suspect=leg.translated)


_FOLLOWERS: dict[TargetKind, Callable[[Journey, Leg, Route, PacketSet, Notes], list[End]]] = {
    TargetKind.LOCAL: _local,
    TargetKind.GATEWAY_ENDPOINT: _endpoint,
    TargetKind.INTERNET_GATEWAY: nat.internet_gateway,
    TargetKind.EGRESS_ONLY_INTERNET_GATEWAY: nat.internet_gateway,
    TargetKind.NAT_GATEWAY: _nat,
    TargetKind.VPC_PEERING: transit.peering,
    TargetKind.TRANSIT_GATEWAY: _transit,
    TargetKind.NETWORK_INTERFACE: delivery.appliance,
    TargetKind.INSTANCE: delivery.appliance,
}


def next_hop_inside(world: World, leg: Leg, packets: PacketSet) -> PacketSet:
    """Return the packets whose next hop lies in the leg's own subnet: they don't cross its boundary.

    Source: https://docs.aws.amazon.com/vpc/latest/userguide/vpc-network-acls.html
    """
    inside = _own_subnet(leg, packets)
    if isinstance(leg.table, Unknown) or leg.subnet is None:
        return inside
    for choice in lookup(world, leg.table, packets):
        if choice.routes and all(_sits_in(world, route, leg.subnet.id) for route in choice.routes):
            inside |= choice.packets
    return inside


def _sits_in(world: World, route: Route, subnet_id: str) -> bool:
    target = route.target
    if target.kind is TargetKind.NAT_GATEWAY:
        nat_gateway = world.nat_gateways.get(target.id)
        return nat_gateway is not None and nat_gateway.subnet_id == subnet_id
    if target.kind is TargetKind.NETWORK_INTERFACE:
        interface = world.network_interfaces.get(target.id)
        return interface is not None and interface.subnet_id == subnet_id
    if target.kind is TargetKind.INSTANCE:
        host = world.instances.get(target.id)
        return host is not None and host.subnet_id == subnet_id
    if target.kind is TargetKind.GATEWAY_ENDPOINT:
        endpoint = world.vpc_endpoints.get(target.id)  # a gateway endpoint is in no subnet
        return endpoint is not None and subnet_id in endpoint.subnet_ids
    return False
