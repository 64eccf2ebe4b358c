"""Packets to try on a random VPC: the edges of everything its rules name, one beside, and between."""

import random
from collections.abc import Iterable, Iterator
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

from tests.differential.one_packet import Fate, Packet
from tests.differential.recorded import Recorded, block_of
from tests.lab.aws_json import Json, rows
from tests.lab.random_vpcs import Made

# The lab's own ranges and those that no router forwards.
RESERVED = tuple(
    block_of(c)
    for c in (
        *("0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "198.18.0.0/15"),
        *("224.0.0.0/3", "2001:db8::/32", "::/3", "4000::/2", "8000::/1"),
    )
)
DEVICES = {"vpce": "gw", "igw": "igw", "eigw": "eigw", "vgw": "vgw", "local": "loc0"}


def blocks_named(calls: Iterable[Json]) -> Iterator[str]:
    """Yield every CIDR block that a rule, route or list names."""
    for call in calls:
        yield from _cidrs(call["response"])


def _cidrs(value: object) -> Iterator[str]:
    if isinstance(value, dict):
        for key, inner in value.items():
            if isinstance(inner, str) and "Cidr" in key and "/" in inner:
                yield inner
            else:
                yield from _cidrs(inner)
    elif isinstance(value, list):
        for inner in value:
            if isinstance(inner, str) and "/" in inner and inner[0] in "0123456789:":
                yield inner
            else:
                yield from _cidrs(inner)


def ports_named(calls: Iterable[Json]) -> set[int]:
    """Return the ends of every port range that a rule names, and the ports beside them."""
    found = {0, 65535}
    for call in calls:
        for key in ("NetworkAcls", "SecurityGroups"):
            for row in call["response"].get(key, []):
                for entry in row.get("Entries", []):
                    if "PortRange" in entry:
                        found |= {entry["PortRange"]["From"], entry["PortRange"]["To"]}
                for rule in [*row.get("IpPermissions", []), *row.get("IpPermissionsEgress", [])]:
                    found |= {rule.get("FromPort", 0), rule.get("ToPort", 0)}
    return {p + d for p in found for d in (-1, 0, 1) if 0 <= p + d <= 65535}


def service_blocks(made: Made, version: int) -> list[str]:
    """Return the service's addresses in one family."""
    wanted = f"{'ipv6.' if version == 6 else ''}{made.question['service']}"
    for row in rows(made.calls, "DescribePrefixLists"):
        if row["PrefixListName"].split(".", 3)[3] == wanted:
            return list(row["Cidrs"])
    return []


class Aim:
    """What can be aimed at in one VPC."""

    def __init__(self, made: Made, recorded: Recorded) -> None:
        """Collect addresses and ports."""
        self.made, self.recorded = made, recorded
        self.vpc = [block_of(made_block) for made_block in _vpc_blocks(made)]
        named = {block_of(c) for c in blocks_named(made.calls)}
        self.edges: dict[int, list[int]] = {}
        for version in (4, 6):
            found = {e + d for b in named if b[0] == version for e in b[1:] for d in (-1, 0, 1)}
            self.edges[version] = sorted(a for a in found if self.fits(version, a))
        self.services = {v: [block_of(c) for c in service_blocks(made, v)] for v in (4, 6)}
        self.ports = sorted(p for p in ports_named(made.calls) if p)
        self.targets = [a for a, eni in recorded.hosts.items() if self._target(eni)]
        self.senders = [
            i for i, e in recorded.enis.items() if e["InterfaceType"] == "interface" and e["Groups"]
        ]

    def _target(self, eni: str) -> bool:
        row = self.recorded.enis[eni]
        sender = self.made.question["source"]["instance"] == row.get("Attachment", {}).get("InstanceId")
        return row["InterfaceType"] != "nat_gateway" and not sender

    def fits(self, version: int, address: int) -> bool:
        """Tell whether the lab can send there."""
        if not 0 < address < 1 << (32 if version == 4 else 128):
            return False
        if any(b[0] == version and b[1] <= address <= b[2] for b in self.vpc):
            return self._host_of_nobody(version, address)
        return not any(b[0] == version and b[1] <= address <= b[2] for b in RESERVED)

    def _host_of_nobody(self, version: int, address: int) -> bool:
        """Leave out the VPC's own hosts, and what each subnet reserves."""
        if version == 4:
            return address not in self.recorded.hosts and 4 <= address & 255 <= 254
        known = {
            int(ip_address(a["Ipv6Address"])) for e in self.recorded.enis.values() for a in e["Ipv6Addresses"]
        }
        return address not in known and (address & 0xFFFF) >= 4

    def address(self, rng: random.Random, version: int) -> int:
        """Return a destination: mostly the service's."""
        shape = rng.random()
        if version == 4 and self.targets and shape < 0.25:
            return rng.choice(self.targets)
        inside = [a for a in self.edges[version] if any(b[1] <= a <= b[2] for b in self.services[version])]
        if inside and shape < 0.7:
            return rng.choice(inside)
        if self.services[version] and shape < 0.85:
            block = rng.choice(self.services[version])
            return rng.randint(block[1], block[2])
        return rng.choice(self.edges[version])

    def port(self, rng: random.Random) -> int:
        """Return a destination port: mostly 443."""
        return 443 if rng.random() < 0.75 else rng.choice(self.ports)

    def source_port(self, rng: random.Random) -> int:
        """Return a source port; a NAT gateway keeps those from 1024 on."""
        low, high = self.made.question["client"]["ephemeral_ports"]
        near = [p for p in (*self.ports, low, high) if p >= 1024]
        return rng.choice(near) if rng.random() < 0.5 else rng.randint(1024, 65535)


def _vpc_blocks(made: Made) -> list[str]:
    row = rows(made.calls, "DescribeVpcs")[0]
    return [row["CidrBlock"], *(a["Ipv6CidrBlock"] for a in row["Ipv6CidrBlockAssociationSet"])]


def draw(made: Made, recorded: Recorded, count: int) -> list[Packet]:
    """Return different packets for one VPC; the seed decides which."""
    rng = random.Random(f"probes {made.seed}")
    aim = Aim(made, recorded)
    asked = made.question["client"].get("ip_version")
    found: dict[tuple[object, ...], Packet] = {}
    for _ in range(count * 3):
        version = rng.choice((4, 6)) if asked is None else 4 if asked == 4 or rng.random() < 0.2 else 6
        packet = Packet(
            sender=rng.choice(aim.senders) if version == 4 else aim.senders[0],
            version=version,
            to=aim.address(rng, version),
            port=aim.port(rng),
            source_port=aim.source_port(rng),
            protocol="udp" if rng.random() < 0.15 else "tcp",
        )
        own = int(ip_address(recorded.enis[packet.sender]["PrivateIpAddress"]))
        if packet.to != own:
            found.setdefault((packet.to, packet.port, packet.source_port, packet.protocol), packet)
        if len(found) >= count:
            break
    return list(found.values())


def probe_of(recorded: Recorded, packet: Packet) -> Json:
    """Return a packet as the lab's worker takes it."""
    eni = recorded.enis[packet.sender]
    six = packet.version == 6
    nat = next(iter(recorded.nats.values()), None)
    return {
        "source": eni["Ipv6Addresses"][0]["Ipv6Address"] if six else eni["PrivateIpAddress"],
        "source_port": packet.source_port,
        "to": str(IPv6Address(packet.to) if six else IPv4Address(packet.to)),
        "port": packet.port,
        "protocol": packet.protocol,
        "nat": "" if six or nat is None else nat["NatGatewayAddresses"][0]["PrivateIp"],
    }


def difference(recorded: Recorded, packet: Packet, expected: Fate, seen: Json) -> str | None:
    """Return what the kernel did otherwise than expected, None if nothing."""
    if not seen["by"] and not seen["rule"]:
        return "lost: neither an answer nor a drop"
    if expected.kind == "dropped":
        if seen["rule"] != expected.rule:
            return f"expected a drop by {expected.rule}, the kernel: {seen}"
    else:
        device = DEVICES[expected.out.split("-")[0]]
        if (seen["by"], seen["source"]) != (device, _text(expected.seen)):
            return f"expected {device} from {expected.seen}, the kernel: {seen}"
    trail, theirs = dict(expected.trail), dict(seen["trail"])
    if not theirs:
        return None
    home = recorded.subnets[recorded.enis[packet.sender]["SubnetId"]]
    if any(b[0] == packet.version and b[1] <= packet.to <= b[2] for b in home):
        theirs.pop("route", None)  # the lab routes within a subnet too
    if expected.rule.endswith(" local"):
        trail.pop("route", None)  # the local route led to nobody: the lab has no further station for that
    return None if trail == theirs else f"expected the trail {trail}, the kernel: {theirs}"


def _text(address: str) -> str:
    return str(ip_address(address)) if address else ""


__all__ = [
    "Aim",
    "blocks_named",
    "difference",
    "draw",
    "ip_network",
    "ports_named",
    "probe_of",
    "service_blocks",
]
