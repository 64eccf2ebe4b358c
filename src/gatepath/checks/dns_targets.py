"""Which packets a host name stands for when public DNS answers."""

from dataclasses import dataclass, replace

from gatepath.engine.addresses import NAT64, NOT_PUBLIC, PUBLIC
from gatepath.engine.endpoint_names import endpoint_at
from gatepath.engine.hostnames import DOCUMENTED_OUTSIDE, Host, Reach
from gatepath.engine.service_ranges import ServiceRanges, service_ranges
from gatepath.model.naming import is_service_name
from gatepath.model.network import Address, EndpointType, Vpc, VpcEndpoint
from gatepath.model.ref import Unknown
from gatepath.model.world import World
from gatepath.packets import PacketSet
from gatepath.request import Part, Request


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """The packets of a name, or what is missing.

    `open`: the true set is only a part of `packets` and `alternatives` (an upper bound, or one of several
    Regions), so that it may decide only where all of it fares alike; then `suspect` is set too.
    """

    packets: PacketSet | None = None
    alternatives: tuple[PacketSet, ...] = ()
    open: bool = False
    suspect: bool = False
    nat64: bool = False
    gap: Unknown | None = None


def target_packets(request: Request, world: World, host: Host, version: int) -> Target:
    """Return what a host name stands for in one IP version (all ports: the caller narrows them)."""
    if host.reach in {Reach.NO, Reach.OTHER} or not (host.service or host.region):
        return _outside(request, world, host, version)
    part_of_v6 = version == 6 and not host.dualstack  # noqa: PLR2004 - IP version
    if part_of_v6:
        return _without_ipv6(request, world, host)
    service = host.service or request.service
    ranges = service_ranges(world, service, host.region or "us-east-1", version)
    made = _of(ranges, version)
    elsewhere = made.packets is None and host.region not in {None, request.region}
    if elsewhere or (made.packets is not None and not made.packets and not _listed(world, service, host)):
        return replace(_outside(request, world, host, version), gap=made.gap)
    if host.reach is Reach.GLOBAL and request.resource_region not in {None, "", "us-east-1"}:
        return _moving(request, world, host, version, made)
    if host.reach is Reach.BELIEVED:
        return Target(packets=made.packets, open=made.open, suspect=True, gap=made.gap)
    return made


def _moving(request: Request, world: World, host: Host, version: int, first: Target) -> Target:
    """Return the global name's packets: us-east-1's until DNS knows the bucket's own Region, then that one's.

    Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/VirtualHosting.html
    """
    moved = request.resource_region
    hidden = moved if isinstance(moved, Unknown) else None
    region = moved if isinstance(moved, str) else request.region
    second = _of(service_ranges(world, host.service, region, version), version)
    others = [second]
    if hidden is not None:
        others.append(_outside(request, world, replace(host, reach=Reach.NO), version))
    return Target(
        packets=first.packets,
        alternatives=tuple(other.packets for other in others if other.packets is not None),
        open=True,
        suspect=first.suspect or (hidden is None and second.suspect),
        gap=hidden or next((t.gap for t in (first, *others) if t.gap is not None), None),
    )


def _listed(world: World, service: str, host: Host) -> bool:
    """Tell whether the Region has a prefix list of the service in any IP version, as far as is known."""
    return bool(world.prefix_lists_of(host.region or "us-east-1", service))


def _of(ranges: ServiceRanges | Unknown, version: int) -> Target:
    if isinstance(ranges, Unknown):
        return Target(gap=ranges)
    packets = PacketSet.of(version, ranges.cidrs)
    gap = ranges.gap if ranges.gap is not None and ranges.gap.gaps else None
    return Target(packets=packets, open=not ranges.exact, suspect=not ranges.exact, gap=gap)


def _without_ipv6(request: Request, world: World, host: Host) -> Target:
    """Return a name without AAAA records as an IPv6 client sees it: nothing, or NAT64 addresses by DNS64.

    Source: https://docs.aws.amazon.com/vpc/latest/userguide/nat-gateway-nat64-dns64.html
    """
    parts = () if isinstance(request.parts, Unknown) else request.parts
    if not any(p.subnet is not None and p.subnet.enable_dns64 for p in parts):
        return Target(packets=PacketSet.empty(6))
    service = host.service or request.service
    ranges = service_ranges(world, service, host.region or "us-east-1", 4)
    if isinstance(ranges, Unknown):
        return Target(gap=ranges, nat64=True)
    base = int(NAT64.network_address)
    boxes = [(base + int(c.network_address), base + int(c.broadcast_address)) for c in ranges.cidrs]
    open_ = not ranges.exact
    return Target(packets=PacketSet.of(6, boxes), open=open_, suspect=open_, nat64=True)


def _outside(request: Request, world: World, host: Host, version: int) -> Target:
    """Return public addresses outside the endpoint's list: where exactly isn't known, so all of them.

    A foreign name may also lead to the service itself, so then the list is not left out. A service without
    any list (a Region that has no `s3express`) has addresses that no list holds.
    """
    edges = world.public_ranges.cidrs.get(("s3", "GLOBAL", version)) if host.form == "accelerate" else None
    if edges:
        return Target(packets=PacketSet.of(version, edges), open=True, suspect=True)
    packets = PacketSet.of(version, PUBLIC) - PacketSet.of(version, NOT_PUBLIC)
    gap = None
    if host.reach is not Reach.OTHER:
        for service in ("s3", "dynamodb", "s3express"):
            ranges = service_ranges(world, service, request.region, version)
            if not isinstance(ranges, Unknown):
                packets -= PacketSet.of(version, ranges.cidrs)
            elif service == request.service:
                gap = ranges
    return Target(packets=packets, open=True, suspect=host.form not in DOCUMENTED_OUTSIDE, gap=gap)


def known_region(region: str, world: World) -> bool:
    """Tell whether a Region exists, as far as the published ranges and the recording tell."""
    if not world.public_ranges.regions or region in world.public_ranges.regions:
        return True
    return any(pl.region == region for pl in world.prefix_lists)


def endpoint_addresses(request: Request, world: World, part: Part) -> tuple[Address, ...]:
    """Return the addresses of the VPC's recorded interface endpoints for the service."""
    if part.subnet is None:
        return ()
    found: list[Address] = []
    for endpoint in world.vpc_endpoints.of_vpc(part.subnet.vpc_id):
        if endpoint.type is not EndpointType.INTERFACE:
            continue
        if not is_service_name(endpoint.service_name, endpoint.region, request.service):
            continue
        for interface_id in endpoint.interface_ids:
            interface = world.network_interfaces.get(interface_id)
            if interface is not None:
                found.extend(a for a in interface.addresses if a.version == part.ip_version)
    return tuple(found)


def endpoints_hidden(world: World, part: Part) -> Unknown | None:
    """Return why it can't be told whether an address is an interface endpoint's, None if it can."""
    subnet = part.subnet
    if subnet is None:
        return None
    vpc = world.vpc_of_subnet(subnet)
    if isinstance(vpc, Unknown):
        return vpc
    listings = (world.vpc_endpoints, world.network_interfaces)
    return next((gap for one in listings if (gap := one.missing(region=subnet.region)) is not None), None)


def endpoint_owning(world: World, part: Part, address: Address) -> VpcEndpoint | None:
    """Return the interface endpoint that has an address, as seen from the part's VPC."""
    vpc = world.vpc_of_subnet(part.subnet) if part.subnet is not None else None
    return endpoint_at(world, vpc, address) if isinstance(vpc, Vpc) else None
