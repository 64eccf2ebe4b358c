"""Recorded calls as nftables rules, routes and routing rules of one kernel router for many VPCs.

Written from AWS's documentation alone. What it decides (the kernel decides the rest): the order of the
stations, when a packet crosses a subnet's boundary, the metrics of equal destinations, what a protocol means.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from ipaddress import ip_address, ip_network

from tests.lab.aws_json import Json, rows

PROTOCOLS = {"tcp": "tcp", "udp": "udp", "6": "tcp", "17": "udp"}
METRICS = {"static": 10, "listed": 20, "propagated": 30}


@dataclass(slots=True)
class Rendered:
    """All VPCs of a batch. A rule's mark is its place in `names`."""

    names: list[str] = field(default_factory=lambda: [""])
    chains: list[list[str]] = field(default_factory=list)
    """nftables commands, those of one VPC together."""
    rules4: list[str] = field(default_factory=list)
    rules6: list[str] = field(default_factory=list)
    routes4: list[str] = field(default_factory=list)
    routes6: list[str] = field(default_factory=list)
    client4: list[str] = field(default_factory=list)
    client6: list[str] = field(default_factory=list)
    elastic: dict[str, str] = field(default_factory=dict)
    """Private address -> what the internet gateway makes of it."""
    nats: dict[str, str] = field(default_factory=dict)
    """VPC's block -> private address of its NAT gateway."""
    hops4: list[str] = field(default_factory=list)
    hops6: list[str] = field(default_factory=list)
    tables: int = 1000

    def mark(self, name: str) -> int:
        """Return a new mark for a rule."""
        self.names.append(name)
        return len(self.names) - 1

    def hop(self, name: str, *, six: bool) -> str:
        """Return a next-hop address that names a route."""
        number = self.mark(name)
        if six:
            address = f"fd00:1::{number >> 16:x}:{number & 0xFFFF:x}"
            self.hops6.append(f"{address} : {number}")
        else:
            address = str(ip_address("100.64.0.0") + number)
            self.hops4.append(f"{address} : {number}")
        return address


class Vpc:
    """One VPC's part of the batch."""

    def __init__(self, rendered: Rendered, number: int, calls: Sequence[Json]) -> None:
        """Render it."""
        self.all, self.number = rendered, number
        self.lines: list[str] = []
        self.calls = calls
        self.enis = rows(calls, "DescribeNetworkInterfaces")
        self.subnets = {r["SubnetId"]: r for r in rows(calls, "DescribeSubnets")}
        self.groups = {r["GroupId"]: r for r in rows(calls, "DescribeSecurityGroups")}
        self.endpoints = {r["VpcEndpointId"]: r for r in rows(calls, "DescribeVpcEndpoints")}
        self.lists = {r["PrefixListId"]: r["Cidrs"] for r in rows(calls, "DescribePrefixLists")}
        for call in calls:
            if call["operation"] == "GetManagedPrefixListEntries":
                cidrs = [e["Cidr"] for e in call["response"]["Entries"]]
                self.lists.setdefault(call["request"]["PrefixListId"], cidrs)
        self.nat_states = {r["NatGatewayId"]: r["State"] for r in rows(calls, "DescribeNatGateways")}
        self.vpc: str = rows(calls, "DescribeVpcs")[0]["VpcId"]
        self.block: str = rows(calls, "DescribeVpcs")[0]["CidrBlock"]
        self._acls()
        self._interfaces()
        self._tables()
        rendered.chains.append(self.lines)

    def _chain(self, name: str, rules: Sequence[str]) -> str:
        full = f"{name}_{self.number}"
        self.lines.append(f"add chain inet vpc {full}")
        self.lines += [f"add rule inet vpc {full} {rule}" for rule in rules]
        return full

    def _element(self, name: str, key: str, verdict: str) -> None:
        family = 6 if ":" in key else 4
        self.lines.append(f"add element inet vpc {name}{family} {{ {key} : {verdict} }}")

    # --- network ACLs

    def _acls(self) -> None:
        for number, acl in enumerate(rows(self.calls, "DescribeNetworkAcls")):
            for way in ("egress", "ingress"):
                chain = self._chain(f"acl{number}_{way}", self._acl_rules(acl, way))
                for association in acl["Associations"]:
                    self._boundary(association["SubnetId"], chain, way)

    def _acl_rules(self, acl: Json, way: str) -> list[str]:
        made = []
        entries = [e for e in acl["Entries"] if e["Egress"] is (way == "egress")]
        for entry in sorted(entries, key=lambda e: int(e["RuleNumber"])):
            cidr = entry.get("CidrBlock") or entry["Ipv6CidrBlock"]
            match = [_address(cidr, "daddr" if way == "egress" else "saddr")]
            protocol = entry["Protocol"]
            if protocol in PROTOCOLS:
                match.append(_ports(PROTOCOLS[protocol], entry.get("PortRange")))
            elif protocol != "-1":
                match.append(f"meta l4proto {protocol}")
            mark = self.all.mark(f"{acl['NetworkAclId']} {way} {entry['RuleNumber']}")
            end = "return" if entry["RuleAction"] == "allow" else "goto dead"
            made.append(f"{' '.join(match)} meta mark set {mark} {end}")
        final = self.all.mark(f"{acl['NetworkAclId']} {way} *")
        made.append(f"meta mark set {final} goto dead")
        return made

    def _boundary(self, subnet: str, chain: str, way: str) -> None:
        """Judge what crosses a subnet's boundary only."""
        row = self.subnets[subnet]
        cidrs = [row["CidrBlock"], *(a["Ipv6CidrBlock"] for a in row["Ipv6CidrBlockAssociationSet"])]
        far = "daddr" if way == "egress" else "saddr"
        rules = [f"{_address(c, far)} meta mark set 0 return" for c in cidrs]
        name = self._chain(
            f"{'out' if way == 'egress' else 'in'}{list(self.subnets).index(subnet)}",
            [*rules, f"goto {chain}"],
        )
        for cidr in cidrs:
            self._element("out" if way == "egress" else "in", cidr, f"jump {name}")

    # --- interfaces

    def _interfaces(self) -> None:
        nats = {r["SubnetId"]: r for r in rows(self.calls, "DescribeNatGateways")}
        for number, eni in enumerate(self.enis):
            address = eni["PrivateIpAddress"]
            if eni["InterfaceType"] == "nat_gateway":
                self._nat(eni, nats[eni["SubnetId"]])
                continue
            own = [address, *(a["Ipv6Address"] for a in eni["Ipv6Addresses"])]
            out = self._chain(f"sgout{number}", self._group_rules(eni, "IpPermissionsEgress"))
            into = self._chain(f"sgin{number}", self._group_rules(eni, "IpPermissions"))
            for one in own:
                self._element("sg", one, f"jump {out}")
                self._element("sgin", one, f"jump {into}")
                (self.all.client6 if ":" in one else self.all.client4).append(f"route add local {one} dev lo")
            if "Association" in eni:
                self.all.elastic[address] = eni["Association"]["PublicIp"]
            else:
                mark = self.all.mark(f"{self._table_of(eni['SubnetId'])} no public address")
                self._element(
                    "pub", address, f"goto {self._chain(f'pub{number}', [f'meta mark set {mark} goto dead'])}"
                )

    def _nat(self, eni: Json, gateway: Json) -> None:
        address = gateway["NatGatewayAddresses"][0]
        home = list(self.subnets).index(eni["SubnetId"])
        self.all.elastic[address["PrivateIp"]] = address["PublicIp"]
        self.all.nats[self.block] = address["PrivateIp"]
        self.all.routes4.append(f"route add {address['PrivateIp']}/32 dev nat0")
        self._element("natin", self.block, f"jump in{home}_{self.number}")
        self._element("natret", self.block, f"jump out{home}_{self.number}")

    def _group_rules(self, eni: Json, side: str) -> list[str]:
        """Return the union of the interface's groups in one direction."""
        way, far = ("egress", "daddr") if side == "IpPermissionsEgress" else ("ingress", "saddr")
        made = []
        for group in eni["Groups"]:
            for number, rule in enumerate(self.groups[group["GroupId"]][side]):
                mark = self.all.mark(f"{group['GroupId']} {way} {number}")
                protocol, ports = rule["IpProtocol"], {"From": rule.get("FromPort"), "To": rule.get("ToPort")}
                match = _ports(protocol, ports) if protocol in {"tcp", "udp"} else f"meta l4proto {protocol}"
                match = "" if protocol == "-1" else match
                made += [f"{_address(c, far)} {match} meta mark set {mark} return" for c in self._peers(rule)]
        mark = self.all.mark(f"{eni['Groups'][0]['GroupId']} {way}")
        return [*made, f"meta mark set {mark} goto dead"]

    def _peers(self, rule: Json) -> list[str]:
        cidrs = [r["CidrIp"] for r in rule["IpRanges"]] + [r["CidrIpv6"] for r in rule["Ipv6Ranges"]]
        for listed in rule["PrefixListIds"]:
            cidrs += self.lists[listed["PrefixListId"]]
        for pair in rule["UserIdGroupPairs"]:
            members = (e for e in self.enis if any(g["GroupId"] == pair["GroupId"] for g in e["Groups"]))
            cidrs += [f"{e['PrivateIpAddress']}/32" for e in members]
        return cidrs

    # --- routes

    def _table_of(self, subnet: str) -> str:
        tables = rows(self.calls, "DescribeRouteTables")
        for table in tables:
            if any(a.get("SubnetId") == subnet for a in table["Associations"]):
                return str(table["RouteTableId"])
        return next(str(t["RouteTableId"]) for t in tables if any(a["Main"] for a in t["Associations"]))

    def _tables(self) -> None:
        tables = {t["RouteTableId"]: t for t in rows(self.calls, "DescribeRouteTables")}
        for subnet in {e["SubnetId"]: None for e in self.enis if e["InterfaceType"] != "vpc_endpoint"}:
            row = self.subnets[subnet]
            self.all.tables += 1
            number = self.all.tables
            device = (
                "nat0"
                if any(e["SubnetId"] == subnet and e["InterfaceType"] == "nat_gateway" for e in self.enis)
                else "eni0"
            )
            self.all.rules4.append(f"rule add from {row['CidrBlock']} iif {device} lookup {number}")
            for association in row["Ipv6CidrBlockAssociationSet"]:
                self.all.rules6.append(
                    f"rule add from {association['Ipv6CidrBlock']} iif {device} lookup {number}"
                )
            self._table(number, tables[self._table_of(subnet)], six=bool(row["Ipv6CidrBlockAssociationSet"]))

    def _table(self, number: int, table: Json, *, six: bool) -> None:
        name = table["RouteTableId"]
        self._route(number, "0.0.0.0/0", "bh", f"{name} no route", 4000)
        if six:
            self._route(number, "::/0", "bh", f"{name} no route", 4000)
        for route in table["Routes"]:
            listed = route.get("DestinationPrefixListId")
            one = route.get("DestinationCidrBlock") or route.get("DestinationIpv6CidrBlock")
            rank = (
                "propagated"
                if route["Origin"] == "EnableVgwRoutePropagation"
                else "listed"
                if listed
                else "static"
            )
            device = self._device(route)
            shown = f"{name} {listed or one}"
            unusable = self._unusable(route)
            if unusable:
                shown = f"{unusable} unusable"
            for cidr in self.lists[listed] if listed else [one]:
                if route.get("GatewayId") == "local":
                    self._route(number, cidr, "bh", f"{self.vpc} local", METRICS[rank])
                    self._hosts(number, cidr, shown)
                elif six or ":" not in cidr:
                    self._route(number, cidr, device, shown, METRICS[rank])

    def _hosts(self, number: int, cidr: str, shown: str) -> None:
        """Lead to the hosts inside the VPC."""
        for eni in self.enis:
            address = ip_address(eni["PrivateIpAddress"])
            if address in ip_network(cidr) and eni["InterfaceType"] != "nat_gateway":
                self._route(number, f"{address}/32", "loc0", shown, METRICS["static"])

    def _unusable(self, route: Json) -> str:
        """Return the target of an active route that can't carry anything."""
        gateway, nat = route.get("GatewayId", ""), route.get("NatGatewayId", "")
        if route["State"] != "active":
            return ""
        if gateway.startswith("vpce-") and self.endpoints[gateway]["State"] != "available":
            return str(gateway)
        return str(nat) if nat and self.nat_states[nat] != "available" else ""

    def _device(self, route: Json) -> str:
        gateway = route.get("GatewayId", "")
        if route["State"] != "active" or self._unusable(route):
            return "bh"
        if "NatGatewayId" in route:
            return "nat0"
        if "EgressOnlyInternetGatewayId" in route:
            return "eigw"
        return {"vpce": "gw", "igw": "igw", "vgw": "vgw"}.get(gateway.split("-")[0], "bh")

    def _route(self, number: int, cidr: str, device: str, name: str, metric: int) -> None:
        six = ":" in cidr
        hop = self.all.hop(name, six=six)
        line = f"route add {cidr} via {hop} dev {device} onlink table {number} metric {metric}"
        (self.all.routes6 if six else self.all.routes4).append(line)


def _address(cidr: str, side: str) -> str:
    family = "ip6" if ":" in cidr else "ip"
    if cidr.endswith("/0"):
        return f"meta nfproto {'ipv6' if ':' in cidr else 'ipv4'}"
    return f"{family} {side} {cidr}"


def _ports(protocol: str, ports: Json | None) -> str:
    if ports is None or (ports["From"], ports["To"]) == (0, 65535):
        return f"meta l4proto {protocol}"
    low, high = ports["From"], ports["To"]
    return f"{protocol} dport {low if low == high else f'{low}-{high}'}"


def render(vpcs: Sequence[Sequence[Json]]) -> Rendered:
    """Return all VPCs of a batch, ready for the kernel."""
    made = Rendered()
    for number, calls in enumerate(vpcs):
        Vpc(made, number, calls)
    return made
