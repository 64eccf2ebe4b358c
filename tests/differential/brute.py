"""The whole answer by trying packets one by one: one of every cell between the cut points of all rules.

Rules compare addresses with CIDR blocks and ports with ranges; between two neighbouring ends of these every
packet fares alike, so one of each cell, counted with the cell's size, is as good as all.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from fractions import Fraction
from ipaddress import ip_address

from tests.differential.one_packet import Fate, Packet, fate_of
from tests.differential.recorded import Block, Recorded, block_of
from tests.lab.aws_json import Json, rows
from tests.lab.probes import blocks_named, service_blocks
from tests.lab.random_vpcs import Made

NAT_PORTS = (1024, 65535)
PROXY_PORTS = (32768, 60999)
"""Source ports of a proxy: Linux's default."""
Key = tuple[int, str, str]
"""IP version, path kind, component."""


@dataclass(slots=True)
class Outcome:
    """What becomes of all packets of a question."""

    shares: dict[Key, Fraction | None] = field(default_factory=dict)
    """None where it depends on ports that a NAT gateway or a proxy picks."""
    ends: set[str] = field(default_factory=set)
    """Among `gateway`, `bypass`, `dropped`, `unknown`."""
    drops: set[str] = field(default_factory=set)
    """Components that drop something."""
    diverts: set[str] = field(default_factory=set)
    """Components that lead packets another way than the gateway endpoint's."""
    rules: set[str] = field(default_factory=set)
    sources: dict[Key, set[str]] = field(default_factory=dict)
    """The sender's addresses as the far end sees them."""
    exact: bool = True
    """Whether the documentation settles the shares."""

    @property
    def verdict(self) -> str:
        """Return the verdict if every completion of what is unknown gives the same, else `unknown`."""
        known = self.ends - {"unknown"}
        if "unknown" not in self.ends:
            return _verdict(known)
        found = {_verdict(known | more) for more in ({"bypass"}, {"dropped"}, {"bypass", "dropped"})}
        return found.pop() if len(found) == 1 else "unknown"


def _verdict(ends: set[str]) -> str:
    if "dropped" in ends:
        return "blocked" if ends == {"dropped"} else "intermittent"
    return "bypass" if "bypass" in ends else "ok"


def brute(made: Made) -> Outcome:
    """Return the whole answer to a random VPC's question."""
    recorded = Recorded(made.calls)
    client = made.question["client"]
    sender = _sender(recorded, made.question["source"]["instance"])
    outcome = Outcome()
    outcome.diverts.add(recorded.table_ids[recorded.enis[sender]["SubnetId"]])
    outcome.diverts |= {i for i, e in recorded.endpoints.items() if e["PrivateDnsEnabled"]}
    if "env" in client:
        outcome.diverts.add("client:no_proxy")
        _by_proxy(made, recorded, sender, outcome)
        return outcome
    asked = client.get("ip_version")
    for version in (4, 6) if asked is None else (asked,):
        blocks = _answers(made, recorded, version)
        cells = Cells(made, recorded, sender, version, blocks)
        _add(outcome, version, cells.fates(443, *client["ephemeral_ports"]))
    return outcome


def _sender(recorded: Recorded, instance: str) -> str:
    return next(i for i, e in recorded.enis.items() if e.get("Attachment", {}).get("InstanceId") == instance)


def _answers(made: Made, recorded: Recorded, version: int) -> list[Block]:
    """Return what the host name resolves to: an interface endpoint with private DNS takes it."""
    for row in recorded.endpoints.values():
        taken = row["VpcEndpointType"] == "Interface" and row["PrivateDnsEnabled"]
        if version == 4 and taken and ".dualstack." not in made.question["client"]["hostname"]:
            enis = (recorded.enis[i] for i in row["NetworkInterfaceIds"])
            return [block_of(f"{e['PrivateIpAddress']}/32") for e in enis]
    return [block_of(c) for c in service_blocks(made, version)]


class Cells:
    """The cells of one sender and family."""

    def __init__(
        self, made: Made, recorded: Recorded, sender: str, version: int, blocks: Iterable[Block]
    ) -> None:
        """Collect the cut points."""
        self.recorded, self.sender, self.version = recorded, sender, version
        named = {block_of(c) for c in blocks_named(made.calls)}
        self.cuts = sorted({c for b in named if b[0] == version for c in (b[1], b[2] + 1)})
        self.blocks = _disjoint(blocks)
        self.port_cuts = sorted(_port_cuts(made.calls))

    def fates(self, port: int, low: int, high: int) -> Iterator[tuple[set[Fate], int]]:
        """Yield how the packets of every cell may end, and its size."""
        for first, last in _split(self.blocks, self.cuts):
            for begin, end in _split([(low, high)], self.port_cuts):
                packet = Packet(
                    sender=self.sender, version=self.version, to=first, port=port, source_port=begin
                )
                yield self._ends(packet), (last - first + 1) * (end - begin + 1)

    def _ends(self, packet: Packet) -> set[Fate]:
        one = fate_of(self.recorded, packet)
        if not any(station == "nat-acl-out" for station, _ in one.trail):
            return {one}
        return {
            fate_of(
                self.recorded,
                Packet(
                    sender=packet.sender,
                    version=packet.version,
                    to=packet.to,
                    port=packet.port,
                    source_port=packet.source_port,
                    nat_port=begin,
                ),
            )
            for begin, _ in _split([NAT_PORTS], self.port_cuts)
        }


def _port_cuts(calls: Iterable[Json]) -> set[int]:
    found: set[int] = set()
    for acl in rows(list(calls), "DescribeNetworkAcls"):
        for entry in acl["Entries"]:
            if "PortRange" in entry:
                found |= {entry["PortRange"]["From"], entry["PortRange"]["To"] + 1}
    return found


def _split(ranges: Iterable[tuple[int, int]], cuts: list[int]) -> Iterator[tuple[int, int]]:
    """Yield ranges cut at every point that lies in them."""
    for low, high in ranges:
        begin = low
        for cut in cuts:
            if begin < cut <= high:
                yield begin, cut - 1
                begin = cut
        yield begin, high


def _disjoint(blocks: Iterable[Block]) -> list[tuple[int, int]]:
    made: list[tuple[int, int]] = []
    for _, low, high in sorted(set(blocks), key=lambda b: (b[1], -b[2])):
        if not made or low > made[-1][1]:
            made.append((low, high))
    return made


def _add(outcome: Outcome, version: int, cells: Iterable[tuple[set[Fate], int]]) -> None:
    sizes: dict[Key, int] = {}
    open_keys: set[Key] = set()
    total = 0
    for fates, size in cells:
        total += size
        keys = {(version, f.kind, f.component) for f in fates}
        if len(keys) > 1:
            open_keys |= keys
        for key in keys:
            sizes[key] = sizes.get(key, 0) + size
        for fate in fates:
            _note(outcome, fate)
            if fate.seen and not fate.further:
                outcome.sources.setdefault((version, fate.kind, fate.component), set()).add(fate.seen)
    for key, size in sizes.items():
        outcome.shares[key] = None if key in open_keys else Fraction(size, total)


def _note(outcome: Outcome, fate: Fate) -> None:
    if fate.kind == "dropped":
        outcome.ends.add("dropped")
        outcome.drops.add(fate.component)
        outcome.rules.add(fate.rule)
    elif fate.further:
        outcome.ends.add("unknown")
    else:
        outcome.ends.add("gateway" if fate.kind == "gateway-endpoint" else "bypass")


def _by_proxy(made: Made, recorded: Recorded, sender: str, outcome: Outcome) -> None:
    """Try the way to the proxy, and the proxy's own way on; shares are left open."""
    client = made.question["client"]
    outcome.exact = False
    host, port = client["env"]["https_proxy"].removeprefix("http://").split(":")
    near = Cells(made, recorded, sender, 4, [block_of(f"{host}/32")])
    arrives = False
    for fates, _ in near.fates(int(port), *client["ephemeral_ports"]):
        for fate in fates:
            if fate.kind == "dropped":
                _note(outcome, fate)
            arrives |= fate.kind != "dropped"
    if not arrives:
        outcome.exact = True
        outcome.shares = {}
        return
    there = recorded.hosts[int(ip_address(host))]
    outcome.diverts.add(recorded.table_ids[recorded.enis[there]["SubnetId"]])
    far = Cells(made, recorded, there, 4, [block_of(c) for c in service_blocks(made, 4)])
    onward = Outcome()
    _add(onward, 4, far.fates(443, *PROXY_PORTS))
    outcome.ends |= {"bypass" if e == "gateway" else e for e in onward.ends}
    outcome.drops |= onward.drops
