"""Names with a proxy: the client asks for the proxy's own, the proxy's resolver for the target's.

Source: https://www.rfc-editor.org/rfc/rfc9110.html#name-connect
"""

from dataclasses import replace

from gatepath.checks.base import Removed
from gatepath.checks.dns_answers import NAME, Notes, note
from gatepath.checks.dns_asking import answered, by_reach, note_lost
from gatepath.engine.legs import Fault
from gatepath.engine.proxied import PROXY_PORTS, ProxyHop, Sent
from gatepath.engine.resolver import NOTHING, Outcome, Resolution, resolve
from gatepath.model.network import Address, NetworkInterface, Subnet, Vpc
from gatepath.model.ref import GapReason, Unknown, unknown
from gatepath.model.world import World
from gatepath.packets import PacketSet, parse_address
from gatepath.request import Part, Request
from gatepath.trace import ANY_FATE, Component, Fate, Removal, Traffic


def to_proxy(
    request: Request,
    world: World,
    part: Part,
    vpc: Vpc | Unknown | None,
    traffic: Traffic,
    removed: Removed,
    notes: Notes,
) -> list[Traffic]:
    """Return the traffic to the proxy: only the proxy's own name is resolved here.

    Where the URL tells no port (a scheme without a default), nothing tells where the proxy listens.
    """
    name, port, version = request.proxy.host, request.proxy.port, traffic.packets.version
    ports = None if port is None else [(port, port)]
    moved = traffic.only(PacketSet.of(version, ports=ports, source_ports=traffic.packets.source_ports()))
    notes.diverted = True
    if name is None or port is None:
        gap = unknown("", "", GapReason.NOT_IN_API, detail=request.proxy.url or "")
        return _anywhere(request, moved, gap, notes)
    literal = parse_address(name)
    if literal is not None:
        return _at(request, moved, (literal,), notes)
    if not isinstance(vpc, Vpc):
        gap = vpc if isinstance(vpc, Unknown) else unknown("", "", GapReason.NOT_IN_API, detail=name)
        return _anywhere(request, moved, gap, notes)
    return _named(request, world, part, resolve(world, vpc, name, version), moved, removed, notes)


def _named(
    request: Request,
    world: World,
    part: Part,
    answer: Resolution,
    moved: Traffic,
    removed: Removed,
    notes: Notes,
) -> list[Traffic]:
    """Return the traffic to what the client's resolver says about the proxy's name."""
    answer, lost = by_reach(request, world, part, answer, removed)
    if lost is not None:
        note_lost(answer, lost, notes)
        return [_nowhere(moved).drop(lost.check, lost.component.id, suspect=lost.suspect)]
    if answer.outcome is Outcome.ADDRESSES:
        return _at(request, moved, answer.addresses, notes)
    if answer.outcome in NOTHING and not _passed(answer, removed):
        return [_nameless(request, moved, answer, notes)]
    gap = answer.gap or unknown("", "", GapReason.NOT_IN_API, detail=answer.name)
    return _anywhere(request, moved, gap, notes)


def _passed(answer: Resolution, removed: Removed) -> bool:
    return answer.decider is not None and Removal(check=NAME, component=answer.decider.id) in removed


def _client(request: Request) -> Component:
    return Component(type="client", id="client:https_proxy", account=request.account, region=request.region)


def _at(request: Request, moved: Traffic, addresses: tuple[Address, ...], notes: Notes) -> list[Traffic]:
    """Return the traffic to the proxy's addresses; a client of both IP versions uses the one there is."""
    packets = moved.packets & PacketSet.of(moved.packets.version, addresses)
    if packets:
        return [moved.only(packets)]
    answer = Resolution(outcome=Outcome.NO_DATA, name=request.proxy.host or "")
    return [_nameless(request, moved, answer, notes)]


def _nowhere(moved: Traffic) -> Traffic:
    """Return the traffic without packets: no address is known that later checks could judge."""
    return moved.only(PacketSet.empty(moved.packets.version))


def _nameless(request: Request, moved: Traffic, answer: Resolution, notes: Notes) -> Traffic:
    """Drop what has no proxy to go to."""
    moved = _nowhere(moved)
    note(answer, notes)
    notes.lacks = answer.outcome is Outcome.NO_DATA
    if answer.decider is not None:
        return moved.drop(NAME, answer.decider.id)
    arguments = (("hostname", answer.name), ("ip_version", moved.packets.version))
    notes.add("dns.no-address-of-version", _client(request), arguments)
    return moved.drop(NAME, _client(request).id)


def _anywhere(request: Request, moved: Traffic, gap: Unknown, notes: Notes) -> list[Traffic]:
    url = request.proxy.url or ""
    notes.add("proxy.address-unknown", _client(request), (("proxy", url),))
    notes.open("unknown.proxy-address", gap, proxy=url)
    return [replace(moved, fates=ANY_FATE - {Fate.GATEWAY}, unsettled=(*moved.unsettled, gap))]


def proxy_hop(request: Request, world: World, removed: Removed) -> ProxyHop | None:
    """Return what a proxy sends on, once it is known where the proxy sits."""
    if request.proxy.url is None or request.proxy.port is None:
        return None

    def onward(subnet: Subnet, interface: NetworkInterface) -> tuple[tuple[Sent, ...], list[Fault]]:
        return _onward(request, world, removed, subnet, interface)

    return ProxyHop(port=request.proxy.port, onward=onward)


def _onward(
    request: Request, world: World, removed: Removed, subnet: Subnet, interface: NetworkInterface
) -> tuple[tuple[Sent, ...], list[Fault]]:
    """Ask the resolver of the proxy's own VPC for the target (over IPv4)."""
    address = interface.primary(4)
    part = Part(
        ip_version=4,
        subnet=subnet,
        interface=interface,
        address=address,
        public_address=interface.public_ip(address) if address is not None else None,
        group_ids=interface.group_ids,
        source_ports=PROXY_PORTS,
    )
    packets = PacketSet.of(4, ports=[(request.port, request.port)], source_ports=[PROXY_PORTS])
    notes = Notes({}, [])
    alone = replace(request, parts=(part,))
    made = answered(
        alone, world, part, world.vpc_of_subnet(subnet), Traffic(part=0, packets=packets), removed, notes
    )
    sent = tuple(
        Sent(
            packets=traffic.packets,
            culprit=traffic.dropped,
            fates=traffic.fates,
            gaps=traffic.unsettled,
            doubts=tuple(unsettled.unknown for unsettled in notes.unknowns),
            group=traffic.group,
            suspect=traffic.suspect,
        )
        for traffic in made
    )
    faults = [
        Fault(
            code=finding.code,
            check=finding.check,
            component=finding.component,
            packets=packets,
            arguments=finding.arguments,
            refs=tuple(e.ref for e in finding.evidence if e.ref is not None),
            suspect=finding.certainty == "suspect",
        )
        for finding in notes.findings.values()
    ]
    return sent, faults
