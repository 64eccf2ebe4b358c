"""Why packets to the service's own prefix list don't take the gateway endpoint."""

from gatepath.engine.faults import table_fault
from gatepath.engine.filters import prefix_list_cidrs
from gatepath.engine.legs import End, Fault, Journey, Leg
from gatepath.engine.routing import Choice, lookup
from gatepath.model.naming import is_service_name
from gatepath.model.network import EndpointType, PrefixListTarget, Route, RouteTable, TargetKind, VpcEndpoint
from gatepath.model.ref import Unknown
from gatepath.packets import PacketSet
from gatepath.request import Request
from gatepath.trace import Component, PathKind


def endpoint_faults(request: Request, journey: Journey, leg: Leg, ends: list[End]) -> list[Fault]:
    """Return the faults of packets in the Region's prefix list that another route, or none, takes."""
    if isinstance(leg.table, Unknown):
        return []
    away: dict[int, PacketSet] = {}
    for end in ends:
        if end.kind not in {PathKind.GATEWAY_ENDPOINT, None}:
            version = end.packets.version
            away[version] = away.get(version, PacketSet.empty(version)) | _listed(request, journey, end)
    made: list[Fault] = []
    for packets in away.values():
        if packets:
            made.extend(_faults(request, journey, leg, leg.table, packets))
    return made


def _listed(request: Request, journey: Journey, end: End) -> PacketSet:
    """Return the packets in the Region's prefix list.

    Where the Region has none, those to the service in the source's own Region; none where the list is hidden.
    Hosts of services that have no gateway endpoint belong to no list.
    """
    listed = journey.listed.get(end.packets.version)
    if listed is None:
        return PacketSet.empty(end.packets.version)
    own = bool(request.host.service) and request.host.region == request.region
    return end.packets if own and not listed else end.packets & listed


def _faults(
    request: Request, journey: Journey, leg: Leg, table: RouteTable, packets: PacketSet
) -> list[Fault]:
    endpoints = gateway_endpoints(request, journey, leg)
    if isinstance(endpoints, Unknown):
        return _diverted(journey, leg, table, packets)
    usable = [endpoint for endpoint in endpoints if _carries(endpoint, packets.version)]
    if endpoints and not usable:
        # the endpoint carries the other IP version; of IPv6 the DNS check says so
        return [_only_ipv6(leg, endpoints[0], packets)] if packets.version == 4 else []  # noqa: PLR2004
    if own := _endpoint_route(endpoints, table):
        return _beaten(journey, leg, table, packets, own)
    if not endpoints:
        arguments = (("vpc", leg.vpc_id), ("service", request.service), *_target(journey, table, packets))
        return [table_fault(leg, "route.endpoint-missing", packets, arguments)]
    arguments = (("endpoint", usable[0].id), ("vpc", leg.vpc_id), *_target(journey, table, packets))
    made = [table_fault(leg, "route.endpoint-not-associated", packets, arguments)]
    if not any(endpoint.available for endpoint in usable):
        made += [_unusable(table, endpoint, packets) for endpoint in usable]
    return made


def _unusable(table: RouteTable, endpoint: VpcEndpoint, packets: PacketSet) -> Fault:
    """Return the fault of an endpoint whose state explains why the table has no route to it."""
    arguments = (
        ("endpoint", endpoint.id),
        ("state", endpoint.state),
        ("error", endpoint.last_error),
        ("table", table.id),
    )
    return Fault(
        code="route.endpoint-without-routes",
        check="route",
        component=_component(endpoint),
        packets=packets,
        arguments=arguments,
        refs=(endpoint.ref,),
        suspect=True,  # that the state is the reason is inferred
    )


def _component(endpoint: VpcEndpoint) -> Component:
    return Component(type="vpc-endpoint", id=endpoint.id, account=endpoint.owner, region=endpoint.region)


def gateway_endpoints(request: Request, journey: Journey, leg: Leg) -> tuple[VpcEndpoint, ...] | Unknown:
    """Return the VPC's gateway endpoints for the service."""
    gap = journey.world.vpc_endpoints.missing(region=leg.region, account=leg.account, vpc_id=leg.vpc_id)
    if gap is not None:
        return gap
    service = request.host.service or request.service
    return tuple(
        endpoint
        for endpoint in journey.world.vpc_endpoints.of_vpc(leg.vpc_id)
        if endpoint.type is EndpointType.GATEWAY
        and is_service_name(endpoint.service_name, leg.region, service)
    )


def _carries(endpoint: VpcEndpoint, version: int) -> bool:
    """Tell whether the endpoint's `IpAddressType` puts routes of the IP version into its tables."""
    family = endpoint.ip_address_type or "ipv4"
    return family in {"dualstack", f"ipv{version}"}


def _only_ipv6(leg: Leg, endpoint: VpcEndpoint, packets: PacketSet) -> Fault:
    return Fault(
        code="route.ipv4-not-by-endpoint",
        check="route",
        component=_component(endpoint),
        packets=packets,
        arguments=(("endpoint", endpoint.id), ("subnet", leg.subnet.id if leg.subnet else "")),
        refs=(endpoint.ref,),
    )


def _endpoint_route(endpoints: tuple[VpcEndpoint, ...], table: RouteTable) -> Route | None:
    ids = {endpoint.id for endpoint in endpoints}
    return next((route for route in table.routes if route.target.id in ids), None)


def _target(journey: Journey, table: RouteTable, packets: PacketSet) -> tuple[tuple[str, str], ...]:
    """Return where the packets go instead, for a reader."""
    targets = [r.target.id for choice in lookup(journey.world, table, packets) for r in choice.routes]
    return (("target", ", ".join(dict.fromkeys(targets)) or "-"),)


def _diverted(journey: Journey, leg: Leg, table: RouteTable, packets: PacketSet) -> list[Fault]:
    """Name the routes that take the packets, where the VPC's endpoints are not recorded."""
    return [
        table_fault(leg, "route.diverted", choice.packets, _arguments(choice, route, ""), route)
        for choice in lookup(journey.world, table, packets)
        for route in choice.routes
        if route.target.kind is not TargetKind.GATEWAY_ENDPOINT
    ]


def _arguments(choice: Choice, route: Route, endpoint: str) -> tuple[tuple[str, str], ...]:
    return (
        ("destination", str(choice.cidr) if choice.cidr else ""),
        ("target", route.target.id),
        ("origin", route.origin),
        ("endpoint", endpoint),
    )


def _beaten(journey: Journey, leg: Leg, table: RouteTable, packets: PacketSet, own: Route) -> list[Fault]:
    """Name the routes that win over the table's endpoint route; `route.blackhole` names dead ones."""
    return [
        table_fault(
            leg,
            "route.same-cidr-static" if _same_cidr(journey, leg, own, choice) else "route.more-specific",
            choice.packets,
            _arguments(choice, route, own.target.id),
            route,
        )
        for choice in lookup(journey.world, table, packets)
        for route in choice.routes
        if choice.gap is None and route.target != own.target and route.state != "blackhole"
    ]


def _same_cidr(journey: Journey, leg: Leg, own: Route, choice: Choice) -> bool:
    if not isinstance(own.destination, PrefixListTarget):
        return False
    cidrs = prefix_list_cidrs(journey.world, leg.region, own.destination.id)
    return not isinstance(cidrs, Unknown) and choice.cidr in cidrs
