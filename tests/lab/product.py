"""Packets from every part into which the product divides a question, and what it says of each."""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address

from gatepath.packets import Packet as Element
from gatepath.packets import PacketSet
from gatepath.trace import Diagnosis, Traffic
from tests.differential.one_packet import Packet
from tests.differential.recorded import Recorded
from tests.lab.aws_json import Json

KINDS = {
    "gw": "gateway-endpoint",
    "igw": "internet-gateway",
    "eigw": "egress-only-internet-gateway",
    "vgw": "virtual-private-gateway",
    "loc0": "interface-endpoint",
}
PARTS_A_SET = 6
"""Boxes of one set that are tried; which ones, the seed says."""


@dataclass(frozen=True, slots=True)
class Part:
    """One packet of a part, with the traffics that hold it at the end."""

    packet: Packet
    traffics: tuple[Traffic, ...]


def parts(found: Diagnosis, sender: str, seed: int) -> list[Part]:
    """Return packets at the edges and inside of every part: of the final traffics and of all rule hits."""
    rng = random.Random(f"parts {seed}")
    final = found.steps[-1].out
    sets = [t.packets for t in final]
    sets += [h.packets for step in found.steps for h in step.rule_hits]
    whole = {4: PacketSet.empty(4), 6: PacketSet.empty(6)}
    for traffic in final:
        whole[traffic.packets.version] |= traffic.packets
    made: dict[Element, Part] = {}
    for one in dict.fromkeys(sets):
        for element in _elements(one, rng):
            if element in made or element not in whole[one.version]:
                continue
            holding = tuple(t for t in final if t.packets.version == one.version and element in t.packets)
            packet = Packet(
                sender=sender,
                version=one.version,
                to=int(element.address),
                port=element.port,
                source_port=element.source_port,
            )
            made[element] = Part(packet, holding)
    return list(made.values())


def _elements(one: PacketSet, rng: random.Random) -> Iterator[Element]:
    boxes = list(one.boxes())
    make = IPv4Address if one.version == 4 else IPv6Address
    for addresses, ports, source_ports in rng.sample(boxes, min(PARTS_A_SET, len(boxes))):
        for address in {*addresses, rng.randint(*addresses)}:
            for source_port in {*source_ports, rng.randint(*source_ports)}:
                if source_port >= 1024:  # a NAT gateway of the lab keeps those only
                    yield Element(make(address), ports[0], source_port)


def difference(recorded: Recorded, found: Diagnosis, part: Part, seen: Json) -> str | None:
    """Return what the product says otherwise than the kernel did, None if nothing."""
    if not seen["by"] and not seen["rule"]:
        return "lost: neither an answer nor a drop"
    happened = _happened(recorded, seen)
    said = {_said(t) for t in part.traffics}
    if "unknown" in said:
        return None
    if happened not in said:
        return f"the product says {sorted(said)}, the kernel {happened} ({seen})"
    wrong = _address(part, happened, seen) or _entries(recorded, found, part, seen)
    return f"{wrong}; the kernel: {seen}" if wrong else None


def _happened(recorded: Recorded, seen: Json) -> str:
    if not seen["by"]:
        return f"dropped {seen['rule'].split()[0]}"
    nats = [n["NatGatewayAddresses"][0] for n in recorded.nats.values()]
    if seen["source"] in {a[key] for a in nats for key in ("PrivateIp", "PublicIp")}:
        return "nat-gateway"
    return KINDS[seen["by"]]


def _said(traffic: Traffic) -> str:
    if traffic.dropped is not None:
        return f"dropped {traffic.dropped.component}"
    if traffic.fates is not None or traffic.unsettled or traffic.kind is None:
        return "unknown"
    return traffic.kind.value


def _address(part: Part, happened: str, seen: Json) -> str | None:
    """Compare the sender's address as the service sees it."""
    addresses = {str(t.seen_as.address) for t in part.traffics if t.live and t.seen_as.address is not None}
    if happened.startswith("dropped") or not addresses or seen["source"] in addresses:
        return None
    return f"the service sees {seen['source']}, the product says {sorted(addresses)}"


def _entries(recorded: Recorded, found: Diagnosis, part: Part, seen: Json) -> str | None:
    """Compare the network ACL entries of the sender's subnet that the packet and its answer met."""
    acl = recorded.acl_ids[recorded.enis[part.packet.sender]["SubnetId"]]
    make = IPv4Address if part.packet.version == 4 else IPv6Address
    element = Element(make(part.packet.to), part.packet.port, part.packet.source_port)
    for station, direction in (("acl-out", "out"), ("acl-in", "in")):
        rule = seen["trail"].get(station)
        if rule is None:
            continue
        name, way, number = rule.split()
        hits = {
            (h.component, h.rule)
            for step in found.steps
            if step.check == "network-acl" and step.direction == direction
            for h in step.rule_hits
            if h.packets.version == part.packet.version and element in h.packets
        }
        if name == acl and (name, f"{way}:{number}") not in hits:
            return f"at {station} the product names {sorted(hits)}"
    return None
