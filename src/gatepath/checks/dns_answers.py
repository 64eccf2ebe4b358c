"""Answers of a resolver to traffics: addresses, a proxy's name, what the user saw."""

from dataclasses import dataclass, replace

from gatepath.checks.base import Removed
from gatepath.checks.dns_targets import endpoint_addresses, target_packets
from gatepath.engine.filters import TCP, UDP, groups_egress
from gatepath.engine.resolver import Outcome, Resolution, resolve
from gatepath.model.network import Address, Vpc, VpcEndpoint
from gatepath.model.ref import GapReason, Unknown, unknown
from gatepath.model.world import World
from gatepath.packets import PacketSet, parse_address
from gatepath.request import Part, Request
from gatepath.trace import (
    ANY_FATE,
    Arguments,
    Component,
    Evidence,
    Fate,
    Finding,
    Removal,
    Traffic,
    Unsettled,
)

NAME = "dns"


@dataclass(slots=True)
class Notes:
    """What the check writes down beside its traffics."""

    findings: dict[tuple[str, str], Finding]
    unknowns: list[Unsettled]
    diverted: bool = False

    def add(
        self,
        code: str,
        component: Component,
        arguments: Arguments,
        evidence: tuple[Evidence, ...] = (),
        check: str = NAME,
    ) -> None:
        """Add a finding once; `check` where another check's component is at fault."""
        found = Finding(code=code, check=check, component=component, arguments=arguments, evidence=evidence)
        self.findings.setdefault((code, component.id), found)

    def open(self, code: str, gap: Unknown, **arguments: str) -> None:
        """Add what is not known."""
        self.unknowns.append(Unsettled(code=code, unknown=gap, arguments=tuple(arguments.items())))


def note(answer: Resolution, notes: Notes) -> None:
    """Write down what decided the answer."""
    if answer.code and answer.decider is not None:
        notes.add(
            answer.code, answer.decider, answer.arguments, tuple(Evidence(ref=ref) for ref in answer.refs)
        )


def box(traffic: Traffic, addresses: tuple[Address, ...]) -> PacketSet:
    """Return the traffic's packets to these addresses."""
    return traffic.packets & PacketSet.of(traffic.packets.version, addresses)


def unreachable(
    world: World, part: Part, servers: tuple[str, ...], removed: Removed, notes: Notes
) -> str | None:
    """Return the security group that lets no query out to any custom server, None if one may get through.

    Unlike Amazon's resolver, custom servers are subject to security groups:
    https://docs.aws.amazon.com/vpc/latest/userguide/vpc-security-groups.html
    """
    if part.subnet is None or isinstance(part.group_ids, Unknown) or not part.group_ids:
        return None
    addresses = [a for a in map(parse_address, servers) if a is not None]
    if len(addresses) < len(servers):
        return None
    for address in addresses:
        queries = PacketSet.of(address.version, [address], [(53, 53)])
        for protocols in (UDP, TCP):
            judged = groups_egress(world, part.group_ids, part.subnet.region, queries, protocols)
            if judged.allowed or judged.unknown:
                return None
    group_id = part.group_ids[0]
    if Removal(check="security-group", component=group_id) in removed:
        return None
    component = Component(
        type="security-group", id=group_id, account=part.subnet.owner, region=part.subnet.region
    )
    arguments = (("server", ", ".join(servers)), ("by", ", ".join(part.group_ids)))
    notes.add("dns.custom-resolver-unreachable", component, arguments, check="security-group")
    return group_id


def by_addresses(
    request: Request, world: World, part: Part, traffic: Traffic, answer: Resolution, notes: Notes
) -> list[Traffic]:
    """Return the traffic to a zone's or an endpoint's addresses; a stranger's address may be anything."""
    inside, outside = _sorted_out(request, world, part, traffic, answer.addresses, answer.endpoint)
    if outside.packets or answer.endpoint is not None:
        note(answer, notes)
        notes.diverted = True
    made = [inside] if inside.packets else []
    if outside.packets:
        listed = ", ".join(str(n.network_address) for n in outside.packets.addresses()[:4])
        gap = unknown("", "", GapReason.NOT_IN_API, detail=listed)
        notes.open("unknown.dns-address", gap, addresses=listed)
        made.append(replace(outside, unsettled=(*outside.unsettled, gap)))
    return made


def _sorted_out(
    request: Request,
    world: World,
    part: Part,
    traffic: Traffic,
    addresses: tuple[Address, ...],
    endpoint: VpcEndpoint | None,
) -> tuple[Traffic, Traffic]:
    """Split the traffic to addresses: those of the service or of endpoints, and those of strangers."""
    packets = box(traffic, addresses)
    target = target_packets(request, world, request.host, part.ip_version)
    known = box(traffic, endpoint_addresses(request, world, part))
    if endpoint is not None:
        rows = [world.network_interfaces.get(interface_id) for interface_id in endpoint.interface_ids]
        own = tuple(a for row in rows if row is not None for a in row.addresses)
        known = box(traffic, own)
    expected = PacketSet.empty(packets.version)
    for area in (target.packets, *target.alternatives):
        expected = expected | area if area is not None else expected
    inside = packets & (expected | known)
    suspect = traffic.suspect or (target.suspect and bool(packets & expected))
    return replace(traffic.only(inside), suspect=suspect), traffic.only(packets - inside)


def resolved(
    request: Request,
    world: World,
    part: Part,
    traffic: Traffic,
    addresses: tuple[Address, ...],
    notes: Notes,
) -> list[Traffic]:
    """Take the addresses the user saw; one outside all known ranges may be anything."""
    mine = tuple(a for a in addresses if a.version == part.ip_version)
    inside, outside = _sorted_out(request, world, part, traffic, mine, None)
    made = [inside] if inside.packets else []
    if outside.packets:
        component = Component(
            type="client", id="client:hostname", account=request.account, region=request.region
        )
        listed = ", ".join(str(network.network_address) for network in outside.packets.addresses())
        arguments = (("hostname", request.host.name), ("addresses", listed))
        notes.add("dns.address-outside-service", component, arguments)
        target = target_packets(request, world, request.host, part.ip_version)
        gap = target.gap or unknown("", "", GapReason.NOT_IN_API, detail=listed)
        notes.open("unknown.dns-address", gap, addresses=listed)
        made.append(replace(outside, unsettled=(*outside.unsettled, gap)))
    if any(a in endpoint_addresses(request, world, part) for a in mine):
        notes.diverted = True
    return made or [inside]


def proxy(
    request: Request, world: World, vpc: Vpc | Unknown | None, traffic: Traffic, notes: Notes
) -> list[Traffic]:
    """Return the traffic to the proxy: only the proxy's own name is resolved here."""
    name = request.proxy.host or ""
    port = request.proxy.port or 0
    version = traffic.packets.version
    moved = PacketSet.of(version, ports=[(port, port)], source_ports=traffic.packets.source_ports())
    literal = parse_address(name)
    addresses: tuple[Address, ...] = ()
    gap = unknown("", "", GapReason.NOT_IN_API, detail=name)
    if literal is not None:
        addresses = (literal,)
    elif isinstance(vpc, Unknown):
        gap = vpc
    elif vpc is not None:
        answer = resolve(world, vpc, name, version)
        if answer.outcome is Outcome.ADDRESSES:
            addresses = answer.addresses
        elif answer.gap is not None:
            gap = answer.gap
    notes.diverted = True
    if addresses and any(a.version == version for a in addresses):
        return [traffic.only(moved & PacketSet.of(version, addresses))]
    component = Component(
        type="client", id="client:https_proxy", account=request.account, region=request.region
    )
    notes.add("proxy.address-unknown", component, (("proxy", request.proxy.url or ""),))
    notes.open("unknown.proxy-address", gap, proxy=request.proxy.url or "")
    return [
        replace(traffic.only(moved), fates=ANY_FATE - {Fate.GATEWAY}, unsettled=(*traffic.unsettled, gap))
    ]
