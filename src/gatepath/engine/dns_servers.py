"""Whether queries get through to DNS servers of one's own.

Unlike Amazon's resolver these are subject to security groups, network ACLs and routes:
https://docs.aws.amazon.com/vpc/latest/userguide/vpc-security-groups.html
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from gatepath.engine.delivery import own_filters
from gatepath.engine.filters import TCP, UDP
from gatepath.engine.legs import Fault, Journey, Leg, Notes
from gatepath.engine.onward import route_leg
from gatepath.model.network import Address, NetworkInterface
from gatepath.model.ref import Unknown
from gatepath.packets import PacketSet, Range, parse_address
from gatepath.trace import Removal

DNS_PORT: Range = (53, 53)


@dataclass(frozen=True, slots=True)
class Reached:
    """What becomes of queries: `fault` drops every one of them, else `gaps` hide whether they arrive."""

    fault: Fault | None = None
    gaps: tuple[Unknown, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Asker:
    """Where queries leave from: by IP version, with the client's source ports."""

    legs: Mapping[int, Leg]
    source_ports: Range
    interface: NetworkInterface | None


def reached(journey: Journey, asker: Asker, servers: tuple[str, ...]) -> Reached:
    """Return whether a query may get through to any of the servers.

    A query counts as lost only if it is lost by UDP and by TCP.
    """
    addresses = [address for server in servers if (address := parse_address(server.strip())) is not None]
    if len(addresses) < len(servers):
        return Reached()
    first = Reached()
    for address in addresses:
        leg = asker.legs.get(address.version)
        if leg is None:
            return Reached()
        if isinstance(leg.group_ids, Unknown):
            return Reached(gaps=(leg.group_ids,))
        for protocols in (UDP, TCP):
            found = _lost(replace(journey, protocols=protocols), leg, address, asker)
            if found.fault is None:
                return found
            first = first if first.fault is not None else found
    return first


def _lost(journey: Journey, leg: Leg, server: Address, asker: Asker) -> Reached:
    """Return what drops all queries to a server by one protocol, be it on the way of the answers."""
    queries = PacketSet.of(server.version, [server], [DNS_PORT], [asker.source_ports])
    notes = Notes()
    ends = route_leg(journey, leg, queries, notes)
    ends = own_filters(journey, leg, asker.interface, ends, queries, notes)
    alive = [end for end in ends if not end.dropped]
    culprits = {end.culprit for end in ends}
    if alive or culprits & journey.removed:
        return Reached(gaps=tuple(gap for end in alive for gap in end.gaps))
    named = (f for f in notes.faults if Removal(check=f.check, component=f.component.id) in culprits)
    found = next(named, None)
    suspect = any(end.suspect for end in ends)
    return Reached(fault=None if found is None else replace(found, suspect=suspect))
