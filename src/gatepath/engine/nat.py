"""Internet gateways, VPC Block Public Access and NAT gateways.

Sources: https://docs.aws.amazon.com/vpc/latest/userguide/nat-gateway-basics.html,
https://docs.aws.amazon.com/vpc/latest/userguide/nat-gateways-regional.html and
https://docs.aws.amazon.com/vpc/latest/userguide/security-vpc-bpa-basics.html
"""

from collections.abc import Callable
from dataclasses import replace

from gatepath.engine.addresses import NAT64, PRIVATE
from gatepath.engine.faults import (
    acl_component,
    acl_fault,
    dropped,
    into_subnet,
    table_component,
    table_fault,
    unseen,
)
from gatepath.engine.filters import hosts, network_acl
from gatepath.engine.legs import (
    DROPPED,
    WORKS,
    End,
    Fault,
    Journey,
    Leg,
    Notes,
    apply_filter,
    back_on,
    settled,
    subnet_leg,
)
from gatepath.model.network import Address, NatGateway, Route, RouteTable, TargetKind
from gatepath.model.ref import GapReason, Unknown, unknown
from gatepath.model.world import dangling
from gatepath.packets import PORTS, PacketSet, Range
from gatepath.trace import ANY_FATE, Component, Fate, PathKind, SeenAs

NAT_PORTS: Range = (1024, PORTS[1])
"""Source ports of a NAT gateway: https://docs.aws.amazon.com/vpc/latest/userguide/vpc-network-acls.html"""

Router = Callable[[Journey, Leg, PacketSet, Notes], list[End]]


def internet_gateway(journey: Journey, leg: Leg, route: Route, packets: PacketSet, notes: Notes) -> list[End]:
    """Return how packets fare that a route gives to an internet gateway (of either kind)."""
    gateway_id = route.target.id
    only_v6 = route.target.kind is TargetKind.EGRESS_ONLY_INTERNET_GATEWAY
    kind = PathKind.EGRESS_ONLY_INTERNET_GATEWAY if only_v6 else PathKind.INTERNET_GATEWAY
    listing = journey.world.egress_only_internet_gateways if only_v6 else journey.world.internet_gateways
    private = packets & PacketSet.of(packets.version, PRIVATE)
    ends = []
    if private:
        notes.faults.append(table_fault(leg, "route.no-route", private, (), route))
        ends.append(dropped(private, "route", _table_id(leg), (gateway_id,)))
        packets -= private
    if not packets:
        return ends
    found = listing.find(gateway_id, region=leg.region, account=leg.account)
    gaps: tuple[Unknown, ...] = (found,) if isinstance(found, Unknown) else ()
    if found is None or (not isinstance(found, Unknown) and leg.vpc_id not in found.vpc_ids):
        arguments = (("gateway", gateway_id),)
        notes.faults.append(table_fault(leg, "route.gateway-not-attached", packets, arguments, route))
        return [*ends, dropped(packets, "route", _table_id(leg), (gateway_id,))]
    public = None if leg.outside else leg.public
    if packets.version == 4 and public is None:  # noqa: PLR2004 - IP version
        missing = (("gateway", gateway_id), ("interface", _sender(leg)))
        notes.faults.append(table_fault(leg, "route.no-public-address", packets, missing, route))
        return [*ends, dropped(packets, "route", _table_id(leg), (gateway_id,))]
    if isinstance(public, Unknown):
        gaps = (*gaps, public) if packets.version == 4 and public.gaps else gaps  # noqa: PLR2004 - IP version
        public = None
    end = End(
        packets=packets,
        fates=WORKS | DROPPED if gaps else WORKS,
        kind=kind,
        component=gateway_id,
        hops=(gateway_id,),
        gaps=gaps,
        seen_as=SeenAs(address=public),
    )
    return [*ends, *_block_public_access(journey, leg, end, notes, outbound_only=only_v6 or leg.translated)]


def _sender(leg: Leg) -> str:
    return str(leg.senders[0]).removesuffix("/32") if leg.senders else ""


def _table_id(leg: Leg) -> str:
    return "" if isinstance(leg.table, Unknown) else leg.table.id


def _block_public_access(
    journey: Journey, leg: Leg, end: End, notes: Notes, *, outbound_only: bool
) -> list[End]:
    """Apply VPC Block Public Access to packets at an internet gateway.

    `block-ingress` leaves NAT and egress-only gateways open; what it does to an interface with a public
    address of its own isn't among our documented facts, so that drop is suspect.
    """
    key = f"{leg.account}/{leg.region}"
    options = journey.world.block_public_access.find(key, region=leg.region, account=leg.account)
    component = Component(
        type="vpc-block-public-access", id=f"bpa:{leg.region}", account=leg.account, region=leg.region
    )
    if options is None or journey.passes("route", component.id):
        return [end]
    if isinstance(options, Unknown):
        return [replace(end, fates=end.fates | DROPPED, gaps=(*end.gaps, options))]
    if options.mode == "off" or (options.mode == "block-ingress" and outbound_only):
        return [end]
    excluded = _excluded(journey, leg)
    if excluded is True:
        return [end]
    if isinstance(excluded, Unknown):
        return [replace(end, fates=end.fates | DROPPED, gaps=(*end.gaps, excluded))]
    suspect = options.mode != "block-bidirectional"
    notes.faults.append(
        Fault(
            code="route.block-public-access",
            check="route",
            component=component,
            packets=end.packets,
            arguments=(("vpc", leg.vpc_id), ("mode", options.mode)),
            refs=(options.ref,),
            suspect=suspect,
        )
    )
    return [dropped(end.packets, "route", component.id, end.hops, suspect=suspect)]


def _excluded(journey: Journey, leg: Leg) -> bool | Unknown:
    """Tell whether the VPC or the sending subnet is excluded from Block Public Access."""
    listing = journey.world.block_public_access_exclusions
    places = {leg.vpc_id, leg.subnet.id if leg.subnet else ""}
    for exclusion in listing:
        if exclusion.resource_id in places and exclusion.state in {
            "create-complete",
            "update-complete",
            "update-in-progress",
        }:
            return True
    gap = listing.missing(region=leg.region, account=leg.account)
    if gap is not None:
        return gap
    if any(e.resource_id.startswith("subnet-") and e.resource_id in leg.trail for e in listing):
        # the private subnet is excluded, the NAT gateway's is not: no page says which counts
        return unknown("", "", GapReason.NOT_IN_API, detail=leg.vpc_id)
    return False


def nat_gateway(
    journey: Journey, leg: Leg, route: Route, packets: PacketSet, notes: Notes, router: Router
) -> list[End]:
    """Return how packets fare through a NAT gateway: into its subnet, and on by its own table."""
    nat_id = route.target.id
    found = journey.world.nat_gateways.find(nat_id, region=leg.region, account=leg.account, vpc_id=leg.vpc_id)
    if found is None:
        found = dangling("ec2", "DescribeNatGateways", nat_id, leg.region)
    if isinstance(found, Unknown):
        return [unseen(packets, PathKind.NAT_GATEWAY, nat_id, found)]
    if found.state != "available":
        component = Component(type="nat-gateway", id=nat_id, account=leg.account, region=leg.region)
        arguments = (("nat", nat_id), ("state", found.state))
        notes.faults.append(
            Fault(
                code="route.nat-not-available",
                check="route",
                component=component,
                packets=packets,
                arguments=arguments,
                refs=(found.ref,),
            )
        )
        return [dropped(packets, "route", nat_id, (nat_id,))]
    translated = _nat64(packets)
    if isinstance(translated, Unknown):
        return [unseen(packets, PathKind.NAT_GATEWAY, nat_id, translated)]
    behind = _nat_leg(journey, leg, found)
    if isinstance(behind, Unknown):
        return [unseen(packets, PathKind.NAT_GATEWAY, found.id, behind)]
    ends = _behind_nat(journey, leg, found, behind, translated, notes, router)
    ends = back_on(packets, ends) if translated.version == packets.version else _whole(packets, ends)
    if behind.subnet is not None and leg.subnet is not None and behind.subnet.id != leg.subnet.id:
        ends = into_subnet(journey, leg, behind, ends, packets, notes)
    return settled(_as_nat(found, end, leg) for end in ends)


def _nat64(packets: PacketSet) -> PacketSet | Unknown:
    """Return the IPv4 packets a NAT gateway makes of IPv6 ones to the NAT64 prefix."""
    if packets.version == 4:  # noqa: PLR2004 - IP version
        return packets
    inside = packets & PacketSet.of(6, [NAT64])
    if packets - inside:
        return unknown("", "", GapReason.NOT_IN_API, detail="ipv6-to-nat-gateway")
    base = int(NAT64.network_address)
    ranges = [(low - base, high - base) for low, high in inside.address_ranges()]
    return PacketSet.of(4, ranges, inside.ports())


def _whole(packets: PacketSet, ends: list[End]) -> list[End]:
    """Give every end all packets: an IPv6 set can't be cut along IPv4 addresses one by one."""
    return [replace(end, packets=packets, weight=None) for end in ends]


def _as_nat(nat: NatGateway, end: End, leg: Leg) -> End:
    crosses = not (leg.subnet is not None and nat.subnet_id == leg.subnet.id)
    if end.dropped:
        return replace(end, crosses_subnet=crosses)
    fates = frozenset(Fate.BYPASS if fate is Fate.GATEWAY else fate for fate in end.fates)
    return replace(
        end,
        fates=fates,
        kind=PathKind.NAT_GATEWAY,
        component=nat.id,
        hops=(nat.id, *end.hops),
        crosses_subnet=crosses,
    )


def _behind_nat(
    journey: Journey,
    leg: Leg,
    nat: NatGateway,
    behind: Leg,
    packets: PacketSet,
    notes: Notes,
    router: Router,
) -> list[End]:
    """Walk the NAT gateway's own leg, by what it sends: the same addresses, its own source ports."""
    if nat.id in leg.trail:
        return [_without_way_out(nat, behind, packets, notes)]
    sent = PacketSet.of(packets.version, packets.address_ranges(), packets.ports(), [NAT_PORTS])
    inner = Notes()
    ends = router(journey, behind, sent, inner)
    ends = [_nowhere(nat, behind, end, notes) for end in ends]
    notes.faults.extend(fault for fault in inner.faults if fault.code != "route.no-route")
    notes.hits.extend(inner.hits)
    if nat.subnet_id is None:
        ends = [_regional(nat, end) for end in ends]
    ends = _subnet_filters(journey, behind, ends, sent, notes)
    return [_seen_either_way(leg, nat, behind, end, notes) for end in ends]


def _seen_either_way(leg: Leg, nat: NatGateway, behind: Leg, end: End, notes: Notes) -> End:
    """Note a gateway endpoint behind the NAT gateway: the service sees that or the gateway's public address.

    The pages contradict: https://docs.aws.amazon.com/vpc/latest/userguide/nat-gateway-basics.html
    """
    if end.kind is not PathKind.GATEWAY_ENDPOINT:
        return end
    notes.faults.append(_nat_then_endpoint(leg, nat, end))
    public = None if isinstance(behind.public, Unknown) else behind.public
    return replace(end, seen_as=replace(end.seen_as, otherwise=SeenAs(address=public)))


def _nat_leg(journey: Journey, leg: Leg, nat: NatGateway) -> Leg | Unknown:
    world = journey.world
    public = _public(nat)
    trail = (*leg.trail, nat.id, leg.subnet.id if leg.subnet else "")
    if nat.subnet_id is not None:
        subnet = world.subnets.find(nat.subnet_id, region=leg.region, account=leg.account, vpc_id=nat.vpc_id)
        if subnet is None:
            return dangling("ec2", "DescribeSubnets", nat.subnet_id, leg.region)
        if isinstance(subnet, Unknown):
            return subnet
        return subnet_leg(
            world,
            subnet,
            senders=hosts(nat.private_addresses),
            public=public,
            translated=True,
            trail=trail,
        )
    if nat.route_table_id is None:
        return unknown("ec2", "DescribeNatGateways", GapReason.FAILED, detail=nat.id)
    table: RouteTable | Unknown | None = world.route_tables.find(
        nat.route_table_id, region=leg.region, account=leg.account, vpc_id=nat.vpc_id
    )
    if table is None:
        table = dangling("ec2", "DescribeRouteTables", nat.route_table_id, leg.region)
    public_v4 = public if public is not None else unknown("ec2", "DescribeNatGateways", detail=nat.id)
    return Leg(
        region=leg.region,
        account=leg.account,
        vpc_id=nat.vpc_id,
        subnet=None,
        table=table,
        acl=None,
        senders=hosts(nat.private_addresses),
        public=public_v4,
        translated=True,
        trail=trail,
    )


def _public(nat: NatGateway) -> Address | Unknown | None:
    """Return the NAT gateway's public address; which of several it takes for a connection is not documented.

    A public one has an address, also where the recording doesn't list it.
    """
    if nat.connectivity == "private":
        return None
    match nat.public_addresses:
        case (only,):
            return only
    return Unknown(())


def _regional(nat: NatGateway, end: End) -> End:
    """Leave open what is not documented: a regional gateway's appliances, an endpoint in its table."""
    if nat.has_attached_appliances and not end.dropped:
        gap = unknown("", "", GapReason.NOT_IN_API, detail=nat.id)
        return replace(end, fates=end.fates | DROPPED, gaps=(*end.gaps, gap))
    if end.kind is PathKind.GATEWAY_ENDPOINT:
        gap = unknown("", "", GapReason.NOT_IN_API, detail=nat.id)
        return replace(end, fates=ANY_FATE, gaps=(*end.gaps, gap))
    return end


def _nowhere(nat: NatGateway, behind: Leg, end: End, notes: Notes) -> End:
    """Name the NAT gateway's own table where that leads nowhere, or back."""
    if not end.dropped or end.culprit is None or end.culprit.component != _table_id(behind):
        return end
    return _without_way_out(nat, behind, end.packets, notes)


def _without_way_out(nat: NatGateway, behind: Leg, packets: PacketSet, notes: Notes) -> End:
    component = table_component(behind)
    notes.faults.append(
        Fault(
            code="route.nat-without-way-out",
            check="route",
            component=component,
            packets=packets,
            arguments=(("nat", nat.id), ("table", component.id)),
            refs=(nat.ref,) if isinstance(behind.table, Unknown) else (behind.table.ref,),
        )
    )
    return dropped(packets, "route", component.id, (nat.id, component.id))


def _subnet_filters(
    journey: Journey, behind: Leg, ends: list[End], sent: PacketSet, notes: Notes
) -> list[End]:
    """Apply the network ACL of the NAT gateway's subnet to what it sends and to the answers."""
    if behind.acl is None:
        return ends
    for egress in (True, False):
        filtered = network_acl(
            behind.acl, sent, egress=egress, by_source_port=not egress, protocols=journey.protocols
        )
        fault = acl_fault(behind, filtered.denied, egress=egress, far="return" if not egress else "egress")
        ends = apply_filter(
            journey,
            ends,
            filtered,
            check="network-acl",
            component=acl_component(behind),
            fault=fault,
            notes=notes,
            earlier=egress,
        )
    return ends


def _nat_then_endpoint(leg: Leg, nat: NatGateway, end: End) -> Fault:
    arguments = (("nat", nat.id), ("endpoint", end.component or ""))
    return replace(table_fault(leg, "route.nat-then-endpoint", end.packets, arguments), suspect=True)
