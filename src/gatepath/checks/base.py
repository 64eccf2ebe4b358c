"""What a check is, and the small makers that all checks share."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from fractions import Fraction
from ipaddress import ip_network

from gatepath.engine.filters import Filtered
from gatepath.engine.legs import Fault, Journey, Leg, subnet_leg
from gatepath.engine.service_ranges import service_ranges
from gatepath.model.network import Network
from gatepath.model.ref import Unknown
from gatepath.model.world import World
from gatepath.packets import Packet, PacketSet
from gatepath.request import Part, Request
from gatepath.trace import (
    Certainty,
    Component,
    Evidence,
    Finding,
    Removal,
    RuleHit,
    Step,
    StepVerdict,
    Traffic,
)

Traffics = tuple[Traffic, ...]
Removed = frozenset[Removal]
"""(check, component) pairs that this walk takes as passed."""


INFO_CODES = frozenset(
    {
        "dns.custom-resolver",
        "dns.hostnames-disabled",
        "dns.rule-forwards",
        "endpoint-policy.malformed",
        "endpoint-policy.named-principal",
        "endpoint-policy.nearly-too-long",
        "endpoint-policy.restricted-form",
        "proxy.address-unknown",
        "proxy.ignored-by-sdk",
        "proxy.metadata-through-proxy",
        "region.legacy-global-host",
        "resource-policy.deleted-principal",
        "resource-policy.locks-out",
        "resource-policy.malformed",
        "resource-policy.private-source-ip",
        "source.instance-not-running",
        "source.other-interfaces",
        "source.pod-uses-node-interface",
    }
)
"""Codes whose fault drops, diverts and refuses nothing; a test compares them with the catalogue."""


WAY = frozenset(
    {
        "block_public_access",
        "block_public_access_exclusions",
        "dhcp_options",
        "egress_only_internet_gateways",
        "encryption_controls",
        "dns_profiles",
        "firewall_rule_groups",
        "hosted_zones",
        "instances",
        "internet_gateways",
        "nat_gateways",
        "network_acls",
        "network_interfaces",
        "prefix_lists",
        "public_ranges",
        "resolver_rules",
        "route_tables",
        "security_groups",
        "subnets",
        "transit_gateway_attachments",
        "transit_gateway_route_tables",
        "vpc_endpoints",
        "vpc_peering_connections",
        "vpcs",
    }
)
"""What following packets reads: queries to a DNS server go the same ways, and a proxy asks for names itself."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One station of the walk. `reads` names the listings of the world it may read; a test compares."""

    name: str
    direction: str | None = None
    reads: frozenset[str] = frozenset()
    run: Callable[[Request, World, Traffics, Removed], Step]


def parts_of(request: Request) -> tuple[Part, ...]:
    """Return the request's parts; none where the source can't be placed."""
    return () if isinstance(request.parts, Unknown) else request.parts


def senders(part: Part) -> tuple[Network, ...]:
    """Return the address that sends, or the whole subnet where any of its addresses may."""
    if part.address is not None:
        return (ip_network(part.address),)
    if part.subnet is None:
        return ()
    return tuple(cidr for cidr in part.subnet.cidrs if cidr.version == part.ip_version)


def part_leg(world: World, part: Part) -> Leg | None:
    """Return the first leg of a part; None for a source outside any VPC."""
    if part.subnet is None:
        return None
    return subnet_leg(
        world,
        part.subnet,
        senders=senders(part),
        public=part.public_address,
        group_ids=part.group_ids,
    )


def journey_of(request: Request, world: World, removed: Removed, versions: Iterable[int]) -> Journey:
    """Return what stays the same on all legs of the request."""
    listed: dict[int, PacketSet] = {}
    for version in set(versions):
        ranges = service_ranges(world, request.host.service or request.service, request.region, version)
        if not isinstance(ranges, Unknown):
            listed[version] = PacketSet.of(version, ranges.cidrs)
    return Journey(
        world=world,
        service=request.service,
        region=request.region,
        removed=removed,
        listed=listed,
        hostname=request.host.name,
    )


def cut(traffic: Traffic, filtered: Filtered, removal: Removal, removed: Removed) -> list[Traffic]:
    """Cut a traffic by a filter: denied packets drop, hidden ones are unsettled.

    A traffic whose addresses are not known is dropped only if the filter lets nothing at all pass.
    """
    if removal in removed or not traffic.packets:
        return [traffic]
    if traffic.fates is not None and traffic.kind is None:
        nothing = filtered.denied and not filtered.allowed and not filtered.unknown
        return [traffic.drop(removal.check, removal.component) if nothing else traffic]
    made = []
    if filtered.denied:
        made.append(traffic.only(filtered.denied).drop(removal.check, removal.component))
    if filtered.unknown:
        hidden = traffic.only(filtered.unknown)
        unsettled = (*hidden.unsettled, *filtered.gaps)
        made.append(replace(hidden, unsettled=unsettled) if hidden.live else hidden)
    if filtered.allowed:
        made.append(traffic.only(filtered.allowed))
    return made


def undecided(traffic: Traffic, gap: Unknown) -> Traffic:
    """Return the traffic as one that may drop where `gap` hides the rule."""
    return replace(traffic, unsettled=(*traffic.unsettled, gap)) if traffic.live else traffic


def step_verdict(before: Traffics, after: Traffics, *, diverted: bool = False) -> StepVerdict:
    """Return a step's verdict for the traffics that were live before it."""
    known = {t.group for t in before if t.live}
    if not known and not any(t.live for t in before):
        return StepVerdict.NOT_APPLICABLE
    fresh_drops = _size(t for t in before if t.live) - _size(t for t in after if t.live)
    if any(t.live and (t.unsettled or t.fates is not None) for t in after):
        return StepVerdict.UNKNOWN
    if not any(t.live for t in after):
        return StepVerdict.BLOCK
    if fresh_drops > 0:
        return StepVerdict.PARTIAL
    return StepVerdict.DIVERT if diverted else StepVerdict.PASS


def _size(traffics: Iterable[Traffic]) -> int:
    return sum(t.packets.size for t in traffics)


def percent(share: Fraction) -> str:
    """Return a share for a reader: exact at the ends, else rounded but never to 0 % or 100 %."""
    hundred = share * 100
    if hundred in {0, 100}:
        return f"{int(hundred)} %"
    if hundred < 1:
        return "< 1 %"
    return f"{min(round(hundred), 99)} %"


def ports_text(packets: PacketSet, *, source: bool = False) -> str:
    """Return port ranges for a reader, e.g. `443` or `1024-32767`."""
    ranges = packets.source_ports() if source else packets.ports()
    return ", ".join(str(low) if low == high else f"{low}-{high}" for low, high in ranges)


def example_text(packet: Packet | None) -> str:
    """Return an example packet's address, with its source port where that matters to the reader."""
    return "" if packet is None else str(packet.address)


def finding_of(fault: Fault, packets: PacketSet | None = None) -> Finding:
    """Return the finding of a fault."""
    seen = packets if packets is not None else fault.packets
    example = seen.example()
    refs = fault.refs or (None,)
    arguments = dict(fault.arguments)
    arguments.setdefault("example", example_text(example))
    arguments.setdefault("port", ports_text(seen))
    return Finding(
        code=fault.code,
        check=fault.check,
        component=fault.component,
        arguments=tuple(arguments.items()),
        certainty=Certainty.SUSPECT if fault.suspect else Certainty.PROVEN,
        evidence=tuple(Evidence(ref=ref, example=example) for ref in refs),
    )


def findings_of(faults: Iterable[Fault], whole: dict[int, PacketSet]) -> tuple[Finding, ...]:
    """Return one finding a (code, component), with its share of `whole` where that is known."""
    joined: dict[tuple[str, Component, int], list[Fault]] = {}
    for fault in faults:
        joined.setdefault((fault.code, fault.component, fault.packets.version), []).append(fault)
    made = []
    for (_, _, version), same in joined.items():
        packets = PacketSet.empty(version)
        for fault in same:
            packets |= fault.packets
        everything = whole.get(version)
        first = same[0]
        share: tuple[tuple[str, str], ...] = ()
        if everything and packets <= everything:
            share = (("share", percent(packets.share_of(everything))),)
        given = {key for key, _ in first.arguments}
        arguments = (*first.arguments, *(pair for pair in share if pair[0] not in given))
        merged = replace(
            first,
            packets=packets,
            arguments=arguments,
            refs=tuple(dict.fromkeys(ref for fault in same for ref in fault.refs)),
            suspect=all(fault.suspect for fault in same),
        )
        made.append(finding_of(merged))
    return tuple(made)


def whole_of(traffics: Traffics) -> dict[int, PacketSet]:
    """Return the union of all packets, by IP version."""
    made: dict[int, PacketSet] = {}
    for traffic in traffics:
        version = traffic.packets.version
        made[version] = made[version] | traffic.packets if version in made else traffic.packets
    return made


def hits_of(hits: Iterable[RuleHit]) -> tuple[RuleHit, ...]:
    """Join hits of the same rule."""
    joined: dict[tuple[str, str, int], RuleHit] = {}
    for hit in hits:
        key = (hit.rule, hit.component, hit.packets.version)
        old = joined.get(key)
        joined[key] = hit if old is None else replace(old, packets=old.packets | hit.packets)
    return tuple(joined.values())
