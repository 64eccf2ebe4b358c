"""What becomes of one packet, straight from AWS's documentation, on the recorded JSON: no sets, no sharing.

Sources: https://docs.aws.amazon.com/vpc/latest/userguide/VPC_Route_Tables.html (longest prefix),
https://docs.aws.amazon.com/vpc/latest/userguide/route-tables-priority.html (ties),
https://docs.aws.amazon.com/vpc/latest/userguide/nacl-rules.html,
https://docs.aws.amazon.com/vpc/latest/userguide/security-group-rules.html,
https://docs.aws.amazon.com/vpc/latest/userguide/vpc-nat-gateway.html.
"""

from dataclasses import dataclass
from ipaddress import ip_address

from tests.differential.recorded import Recorded, within
from tests.lab.aws_json import Json

NUMBERS = {"tcp": "6", "udp": "17"}
WITH_PORTS = frozenset({"6", "17"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Packet:
    """One packet. `nat_port` is the source port that a NAT gateway would give it."""

    sender: str
    """Network interface."""
    version: int = 4
    to: int
    port: int = 443
    source_port: int
    protocol: str = "tcp"
    nat_port: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Fate:
    """Where a packet ended. `rule` names what dropped it, `seen` is the sender as the far end sees it."""

    kind: str
    component: str
    rule: str = ""
    seen: str = ""
    out: str = ""
    """What carried it out of the VPC in the end (a NAT gateway's packets go on)."""
    trail: tuple[tuple[str, str], ...] = ()
    """Each station passed, with the rule that let it pass."""
    further: bool = False
    """Whether its further way is not recorded."""


class Dropped(Exception):  # noqa: N818 - not an error
    """The packet, or its answer, ends here."""

    def __init__(self, component: str, rule: str) -> None:
        super().__init__(component, rule)
        self.component, self.rule = component, rule


class Walk:
    """One packet and its answer on their way."""

    def __init__(self, recorded: Recorded, packet: Packet) -> None:
        self.all, self.packet = recorded, packet
        self.trail: list[tuple[str, str]] = []
        self.eni = recorded.enis[packet.sender]
        self.subnet: str = self.eni["SubnetId"]
        own = self.eni["PrivateIpAddress"]
        if packet.version == 6:
            own = self.eni["Ipv6Addresses"][0]["Ipv6Address"]
        self.own: str = own
        self.own_number = int(ip_address(own))

    def fate(self) -> Fate:
        """Walk to the end."""
        try:
            return self._go()
        except Dropped as end:
            return Fate(kind="dropped", component=end.component, rule=end.rule, trail=tuple(self.trail))

    def _go(self) -> Fate:
        packet = self.packet
        groups = [g["GroupId"] for g in self.eni["Groups"]]
        there = self.all.hosts.get(packet.to) if packet.version == 4 else None
        far_groups = {g["GroupId"] for g in self.all.enis[there]["Groups"]} if there else set()
        self._group("sg-out", groups, "IpPermissionsEgress", packet.to, far_groups)
        near = self._in(self.subnet, packet.to)
        if near:
            if there is None:
                raise Dropped(self.eni["VpcId"], f"{self.eni['VpcId']} local")
            return self._at(there, groups)
        self._acl("acl-out", self.subnet, packet.to, packet.port, egress=True)
        made = self._routed(self.subnet, groups)
        self._acl("acl-in", self.subnet, packet.to, packet.source_port, egress=False)
        return Fate(
            kind=made.kind,
            component=made.component,
            seen=made.seen,
            out=made.out,
            further=made.further,
            trail=tuple(self.trail),
        )

    def _in(self, subnet: str, address: int) -> bool:
        return any(within(b, self.packet.version, address) for b in self.all.subnets[subnet])

    def _routed(self, subnet: str, groups: list[str]) -> Fate:
        route, table, rule = self._route("route", subnet)
        gateway = route.get("GatewayId", "")
        if gateway == "local":
            there = self.all.hosts.get(self.packet.to) if self.packet.version == 4 else None
            if there is None:
                raise Dropped(self.eni["VpcId"], f"{self.eni['VpcId']} local")
            return self._at(there, groups)
        if "NatGatewayId" in route:
            nat = self.all.nats[route["NatGatewayId"]]
            if nat["State"] != "available":
                self.trail.pop()
                raise Dropped(nat["NatGatewayId"], f"{nat['NatGatewayId']} unusable")
            return self._nat(nat, subnet)
        public = self.eni.get("Association", {}).get("PublicIp", "")
        return self._leave(route, table, rule, self.own, public)

    def _leave(self, route: Json, table: str, rule: str, own: str, public: str) -> Fate:
        """Follow a route out of the VPC."""
        gateway = route.get("GatewayId", "")
        if gateway.startswith("vpce-"):
            if self.all.endpoints[gateway]["State"] != "available":
                self.trail.pop()
                raise Dropped(gateway, f"{gateway} unusable")
            return Fate(kind="gateway-endpoint", component=gateway, seen=own, out=gateway)
        if gateway.startswith("igw-"):
            if self.packet.version == 4 and not public:
                raise Dropped(table, f"{table} no public address")
            seen = public if self.packet.version == 4 else own
            return Fate(kind="internet-gateway", component=gateway, seen=seen, out=gateway)
        if "EgressOnlyInternetGatewayId" in route:
            name = route["EgressOnlyInternetGatewayId"]
            return Fate(kind="egress-only-internet-gateway", component=name, seen=own, out=name)
        if gateway.startswith("vgw-"):
            return Fate(
                kind="virtual-private-gateway", component=gateway, seen=own, out=gateway, further=True
            )
        if "VpcPeeringConnectionId" in route:  # carries addresses of the other VPC only
            self.trail.pop()
            raise Dropped(table, rule)
        raise NotImplementedError(route)

    def _nat(self, nat: Json, subnet: str) -> Fate:
        """Follow a packet into the NAT gateway's subnet, on from there, and its answer back."""
        packet, home = self.packet, nat["SubnetId"]
        port = packet.source_port if packet.nat_port is None else packet.nat_port
        address = nat["NatGatewayAddresses"][0]
        if home != subnet:
            self._acl("nat-acl-in", home, self.own_number, packet.port, egress=False)
        self._acl("nat-acl-out", home, packet.to, packet.port, egress=True)
        route, table, rule = self._route("nat-route", home)
        if "NatGatewayId" in route or route.get("GatewayId") == "local":
            raise Dropped(table, rule)
        onward = self._leave(route, table, rule, address["PrivateIp"], address["PublicIp"])
        self._acl("nat-acl-back", home, packet.to, port, egress=False)
        if home != subnet:
            self._acl("nat-acl-return", home, self.own_number, packet.source_port, egress=True)
        return Fate(
            kind="nat-gateway",
            component=nat["NatGatewayId"],
            seen=onward.seen,
            out=onward.out,
            further=onward.further,
        )

    def _at(self, there: str, groups: list[str]) -> Fate:
        """Arrive at a host inside the VPC, and let its answer leave."""
        eni, packet = self.all.enis[there], self.packet
        home = eni["SubnetId"]
        if home != self.subnet:
            self._acl("target-acl-in", home, self.own_number, packet.port, egress=False)
        targets = [g["GroupId"] for g in eni["Groups"]]
        self._group("sg-in", targets, "IpPermissions", self.own_number, set(groups))
        if home != self.subnet:
            self._acl("target-acl-back", home, self.own_number, packet.source_port, egress=True)
        for endpoint in self.all.endpoints.values():
            if there in endpoint["NetworkInterfaceIds"]:
                name = endpoint["VpcEndpointId"]
                return Fate(
                    kind="interface-endpoint",
                    component=name,
                    seen=self.own,
                    out="local",
                    trail=tuple(self.trail),
                )
        return Fate(kind="local", component=there, seen=self.own, out="local", trail=tuple(self.trail))

    def _group(self, station: str, groups: list[str], side: str, far: int, far_groups: set[str]) -> None:
        """Pass the union of the groups' rules; a reference matches interfaces in that group."""
        packet = self.packet
        for group in groups:
            for rule, name, blocks, peers in self.all.rules[group, side]:
                if rule["IpProtocol"] not in {"-1", packet.protocol}:
                    continue
                if rule["IpProtocol"] != "-1" and not rule["FromPort"] <= packet.port <= rule["ToPort"]:
                    continue
                if peers & far_groups or any(within(b, packet.version, far) for b in blocks):
                    self.trail.append((station, name))
                    return
        raise Dropped(groups[0], f"{groups[0]} {'ingress' if side == 'IpPermissions' else 'egress'}")

    def _acl(self, station: str, subnet: str, far: int, port: int, *, egress: bool) -> None:
        """Pass a subnet's network ACL: the first entry that matches decides."""
        acl = self.all.acl_ids[subnet]
        number = NUMBERS[self.packet.protocol]
        way = "egress" if egress else "ingress"
        for entry, block in self.all.entries[acl, egress]:
            if entry["Protocol"] not in {"-1", number} or not within(block, self.packet.version, far):
                continue
            ports = entry.get("PortRange") if entry["Protocol"] in WITH_PORTS else None
            if ports is not None and not ports["From"] <= port <= ports["To"]:
                continue
            rule = f"{acl} {way} {entry['RuleNumber']}"
            if entry["RuleAction"] != "allow":
                raise Dropped(acl, rule)
            self.trail.append((station, rule))
            return
        raise Dropped(acl, f"{acl} {way} *")

    def _route(self, station: str, subnet: str) -> tuple[Json, str, str]:
        """Return the route of the longest prefix; static before list before propagated for equal ones."""
        table = self.all.table_ids[subnet]
        best: tuple[int, int] | None = None
        chosen: tuple[Json, str] | None = None
        for route, name, blocks, rank in self.all.routes[table]:
            for block in blocks:
                key = (block[2] - block[1], rank)
                if within(block, self.packet.version, self.packet.to) and (best is None or key < best):
                    best, chosen = key, (route, name)
        if chosen is None:
            raise Dropped(table, f"{table} no route")
        rule = f"{table} {chosen[1]}"
        if chosen[0]["State"] != "active":
            raise Dropped(table, rule)
        self.trail.append((station, rule))
        return chosen[0], table, rule


def fate_of(recorded: Recorded, packet: Packet) -> Fate:
    """Return what becomes of a packet."""
    return Walk(recorded, packet).fate()
