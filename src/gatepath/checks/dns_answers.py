"""Answers of a resolver to traffics: addresses, a proxy's name, what the user saw."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from gatepath.checks.base import Removed
from gatepath.checks.dns_targets import endpoint_addresses, endpoint_owning, endpoints_hidden, target_packets
from gatepath.engine.hostnames import Reach
from gatepath.engine.resolver import Resolution
from gatepath.engine.service_ranges import service_ranges
from gatepath.model.network import Address
from gatepath.model.ref import GapReason, Unknown, unknown
from gatepath.model.world import World
from gatepath.packets import PacketSet
from gatepath.request import Part, Request
from gatepath.trace import (
    Arguments,
    Certainty,
    Component,
    Evidence,
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
    lacks: bool = False
    """The name has no address of the part's IP version, but may have of the other."""

    def add(
        self,
        code: str,
        component: Component,
        arguments: Arguments,
        evidence: tuple[Evidence, ...] = (),
        check: str = NAME,
        *,
        suspect: bool = False,
    ) -> None:
        """Add a finding once; `check` where another check's component is at fault."""
        found = Finding(
            code=code,
            check=check,
            component=component,
            arguments=arguments,
            certainty=Certainty.SUSPECT if suspect else Certainty.PROVEN,
            evidence=evidence,
        )
        self.findings.setdefault((code, component.id), found)

    def open(self, code: str, gap: Unknown, **arguments: str) -> None:
        """Add what is not known."""
        self.unknowns.append(Unsettled(code=code, unknown=gap, arguments=tuple(arguments.items())))


def joined(several: Iterable[Notes]) -> Notes:
    """Return the notes of several traffics as one."""
    made = Notes({}, [])
    for notes in several:
        for key, finding in notes.findings.items():
            made.findings.setdefault(key, finding)
        made.unknowns.extend(notes.unknowns)
        made.diverted = made.diverted or notes.diverted
    return made


def note(answer: Resolution, notes: Notes) -> None:
    """Write down what decided the answer."""
    if answer.code and answer.decider is not None:
        notes.add(
            answer.code, answer.decider, answer.arguments, tuple(Evidence(ref=ref) for ref in answer.refs)
        )


def box(traffic: Traffic, addresses: tuple[Address, ...]) -> PacketSet:
    """Return the traffic's packets to these addresses."""
    return traffic.packets & PacketSet.of(traffic.packets.version, addresses)


def by_addresses(
    request: Request, world: World, part: Part, traffic: Traffic, answer: Resolution, notes: Notes
) -> list[Traffic]:
    """Return the traffic to a zone's or an endpoint's addresses; a stranger's address may be anything."""
    inside, outside = _sorted_out(request, world, part, traffic, answer.addresses)
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
) -> tuple[Traffic, Traffic]:
    """Split the traffic to addresses: those of the service or of endpoints, and those of strangers."""
    packets = box(traffic, addresses)
    target = target_packets(request, world, request.host, part.ip_version)
    owned = tuple(a for a in addresses if endpoint_owning(world, part, a) is not None)
    known = box(traffic, (*endpoint_addresses(request, world, part), *owned))
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
    removed: Removed,
    notes: Notes,
) -> list[Traffic]:
    """Take the addresses the user saw; one outside all known ranges may be anything."""
    mine = tuple(a for a in addresses if a.version == part.ip_version)
    component = Component(type="client", id="client:hostname", account=request.account, region=request.region)
    if not mine:
        notes.lacks = True
        arguments: Arguments = (("hostname", request.host.name), ("ip_version", part.ip_version))
        notes.add("dns.no-address-of-version", component, arguments)
        return [traffic.only(PacketSet.empty(part.ip_version)).drop(NAME, component.id)]
    kept = tuple(a for a in mine if not _passed(world, part, a, removed))
    if not kept:
        target = target_packets(request, world, request.host, part.ip_version)
        return [traffic.only(traffic.packets & target.packets)] if target.packets else [traffic]
    mine = kept
    inside, outside = _sorted_out(request, world, part, traffic, mine)
    made = [inside] if inside.packets else []
    if outside.packets:
        listed = ", ".join(str(network.network_address) for network in outside.packets.addresses())
        arguments = (("hostname", request.host.name), ("addresses", listed))
        notes.add("dns.address-outside-service", component, arguments)
        target = target_packets(request, world, request.host, part.ip_version)
        stranger = unknown("", "", GapReason.NOT_IN_API, detail=listed)
        gap = target.gap or endpoints_hidden(world, part) or stranger
        notes.open("unknown.dns-address", gap, addresses=listed)
        made.append(replace(outside, unsettled=(*outside.unsettled, gap)))
    for address in mine:
        _note_endpoint(request, world, part, address, notes)
    if request.host.reach is Reach.GLOBAL:
        _note_region(request, world, inside, notes)
    return made


def _note_region(request: Request, world: World, inside: Traffic, notes: Notes) -> None:
    """Name the Region where the global name was seen to lead to another one's addresses."""
    version = inside.packets.version
    home = service_ranges(world, request.host.service, request.region, version)
    first = service_ranges(world, request.host.service, "us-east-1", version)
    if isinstance(home, Unknown) or isinstance(first, Unknown):
        return
    if not (inside.packets & PacketSet.of(version, first.cidrs)) - PacketSet.of(version, home.cidrs):
        return
    component = Component(type="client", id="client:region", account=request.account, region=request.region)
    arguments = (
        ("client_region", "us-east-1"),
        ("source_region", request.region),
        ("hostname", request.host.name),
    )
    notes.add("region.client-elsewhere", component, arguments, check="region")
    notes.diverted = True


def _note_endpoint(request: Request, world: World, part: Part, address: Address, notes: Notes) -> None:
    endpoint = endpoint_owning(world, part, address)
    if endpoint is None:
        return
    component = Component(type="vpc-endpoint", id=endpoint.id, account=endpoint.owner, region=endpoint.region)
    arguments = (("endpoint", endpoint.id), ("hostname", request.host.name))
    notes.add("dns.interface-endpoint-answers", component, arguments, (Evidence(ref=endpoint.ref),))
    notes.diverted = True


def _passed(world: World, part: Part, address: Address, removed: Removed) -> bool:
    """Tell whether this walk takes the endpoint's answer as one of the service's own."""
    endpoint = endpoint_owning(world, part, address)
    return endpoint is not None and Removal(check=NAME, component=endpoint.id) in removed
