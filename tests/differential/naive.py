"""One packet straight from AWS's rules, on the recorded JSON: no sets, nothing shared with the product.

Sources: https://docs.aws.amazon.com/vpc/latest/userguide/route-tables-priority.html,
https://docs.aws.amazon.com/vpc/latest/userguide/vpc-network-acls.html,
https://docs.aws.amazon.com/vpc/latest/userguide/vpc-security-groups.html,
https://docs.aws.amazon.com/vpc/latest/userguide/nat-gateway-basics.html and
https://docs.aws.amazon.com/vpc/latest/privatelink/gateway-endpoints.html
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from itertools import pairwise
from typing import Any

from tests import snapshots as s
from tests.snapshots import Json, Snapshot

Address = IPv4Address | IPv6Address


@dataclass(frozen=True, slots=True)
class Ended:
    """How one packet ends. `rule` names what dropped it; `seen` is the address the service sees."""

    kind: str
    component: str
    rule: str = ""
    seen: str = ""


@dataclass(frozen=True, slots=True)
class Packet:
    """What the client sends."""

    to: Address
    port: int
    source_port: int


class Vpc:
    """The recorded JSON, asked one thing at a time."""

    def __init__(self, snapshot: Snapshot) -> None:
        """Read the rows that packets meet."""
        self.interfaces = {r["NetworkInterfaceId"]: r for r in snapshot.rows("ec2.DescribeNetworkInterfaces")}
        self.subnets = {r["SubnetId"]: r for r in snapshot.rows("ec2.DescribeSubnets")}
        self.tables = snapshot.rows("ec2.DescribeRouteTables")
        self.acls = snapshot.rows("ec2.DescribeNetworkAcls")
        self.groups = {r["GroupId"]: r for r in snapshot.rows("ec2.DescribeSecurityGroups")}
        self.lists = {r["PrefixListId"]: r["Cidrs"] for r in snapshot.rows("ec2.DescribePrefixLists")}
        self.nats = {r["NatGatewayId"]: r for r in snapshot.rows("ec2.DescribeNatGateways")}
        self.endpoints = snapshot.rows("ec2.DescribeVpcEndpoints")

    def table_of(self, subnet: str) -> Json:
        """Return the subnet's own table, else the main one."""
        for table in self.tables:
            if any(a.get("SubnetId") == subnet for a in table["Associations"]):
                return table
        return next(t for t in self.tables if any(a["Main"] for a in t["Associations"]))

    def acl_of(self, subnet: str) -> Json:
        """Return the subnet's network ACL."""
        return next(a for a in self.acls if any(x["SubnetId"] == subnet for x in a["Associations"]))

    def acl_allows(self, subnet: str, *, egress: bool, far: Address, port: int) -> tuple[bool, str]:
        """Return what the subnet's ACL says, and the rule number that says it."""
        for entry in sorted(self.acl_of(subnet)["Entries"], key=lambda e: e["RuleNumber"]):
            block = entry.get("CidrBlock") or entry["Ipv6CidrBlock"]
            if entry["Egress"] is not egress or not inside(far, block):
                continue
            if entry["Protocol"] not in {"6", "-1"}:
                continue
            ports = entry.get("PortRange") if entry["Protocol"] == "6" else None
            if ports is not None and not ports["From"] <= port <= ports["To"]:
                continue
            return entry["RuleAction"] == "allow", str(entry["RuleNumber"])
        return False, "*"

    def group_allows(
        self, groups: Iterable[str], key: str, far: Address, port: int, far_groups: set[str]
    ) -> bool:
        """Tell whether any rule of any group admits TCP."""
        for group in groups:
            for rule in self.groups[group][key]:
                if rule["IpProtocol"] not in {"tcp", "-1"}:
                    continue
                if rule["IpProtocol"] == "tcp" and not rule["FromPort"] <= port <= rule["ToPort"]:
                    continue
                blocks = [r["CidrIp"] for r in rule["IpRanges"]] + [r["CidrIpv6"] for r in rule["Ipv6Ranges"]]
                for listed in rule["PrefixListIds"]:
                    blocks += self.lists.get(listed["PrefixListId"], [])
                if any(inside(far, block) for block in blocks):
                    return True
                if any(pair["GroupId"] in far_groups for pair in rule["UserIdGroupPairs"]):
                    return True
        return False

    def route(self, table: Json, to: Address) -> Json | None:
        """Return the route that takes an address: longest prefix, static before list before propagated."""
        best: tuple[int, int] | None = None
        chosen = None
        for route in table["Routes"]:
            listed = route.get("DestinationPrefixListId")
            blocks = (
                self.lists[listed]
                if listed
                else [route.get("DestinationCidrBlock") or route["DestinationIpv6CidrBlock"]]
            )
            rank = 0 if route["Origin"] == "EnableVgwRoutePropagation" else 1 if listed else 2
            for block in blocks:
                if inside(to, block) and (best is None or (ip_network(block).prefixlen, rank) > best):
                    best, chosen = (ip_network(block).prefixlen, rank), route
        return chosen


def inside(address: Address, block: str) -> bool:
    """Tell whether an address lies in a CIDR block."""
    network = ip_network(block)
    return network.version == address.version and address in network


def walk(vpc: Vpc, packet: Packet) -> Ended:
    """Follow one packet of the workload and its answer."""
    eni = vpc.interfaces[s.ENI]
    groups = [g["GroupId"] for g in eni["Groups"]]
    subnet = eni["SubnetId"]
    own = ip_address(
        eni["PrivateIpAddress"] if packet.to.version == 4 else eni["Ipv6Addresses"][0]["Ipv6Address"]
    )
    if not vpc.group_allows(groups, "IpPermissionsEgress", packet.to, packet.port, set()):
        return Ended("dropped", groups[0], "egress")
    table = vpc.table_of(subnet)
    local = in_subnet(vpc, packet.to)
    if local == subnet:
        return at_target(vpc, packet, own, set(groups), subnet)
    allowed, rule = vpc.acl_allows(subnet, egress=True, far=packet.to, port=packet.port)
    if not allowed:
        return Ended("dropped", vpc.acl_of(subnet)["NetworkAclId"], f"egress:{rule}")
    public = eni.get("Association", {}).get("PublicIp", "")
    ended = onward(vpc, table, packet, own, public, subnet, set(groups))
    if ended.kind == "dropped":
        return ended
    allowed, rule = vpc.acl_allows(subnet, egress=False, far=packet.to, port=packet.source_port)
    if not allowed:
        return Ended("dropped", vpc.acl_of(subnet)["NetworkAclId"], f"ingress:{rule}")
    return ended


def in_subnet(vpc: Vpc, to: Address) -> str | None:
    """Return the subnet an address lies in."""
    return next((k for k, r in vpc.subnets.items() if inside(to, r["CidrBlock"])), None)


def onward(  # noqa: PLR0911 - one return a place where it may end
    vpc: Vpc, table: Json, packet: Packet, own: Address, public: str, subnet: str, groups: set[str]
) -> Ended:
    """Follow the route of a table."""
    route = vpc.route(table, packet.to)
    table_id = table["RouteTableId"]
    if route is None or route["State"] == "blackhole":
        return Ended("dropped", table_id, "route")
    gateway = route.get("GatewayId", "")
    if gateway == "local":
        return at_target(vpc, packet, own, groups, subnet)
    if gateway.startswith("vpce-"):
        return Ended("gateway-endpoint", gateway, seen=str(own))
    if gateway.startswith("igw-"):
        if not public:
            return Ended("dropped", table_id, "no public address")
        return Ended("internet-gateway", gateway, seen=public)
    if "EgressOnlyInternetGatewayId" in route:
        return Ended("egress-only-internet-gateway", route["EgressOnlyInternetGatewayId"], seen=str(own))
    return through_nat(vpc, vpc.nats[route["NatGatewayId"]], packet, own, subnet)


def through_nat(  # noqa: PLR0911 - one return a place where it may end
    vpc: Vpc, nat: Json, packet: Packet, own: Address, subnet: str
) -> Ended:
    """Follow a packet into the NAT gateway's subnet and on; its own source ports are 1024-65535, each judged.

    Kind `mixed` where they don't all fare alike: then the packet's fate is up to the NAT gateway.
    """
    there = nat["SubnetId"]
    acl = vpc.acl_of(there)["NetworkAclId"]
    crosses = there != subnet
    allowed, rule = vpc.acl_allows(there, egress=False, far=own, port=packet.port)
    if crosses and not allowed:
        return Ended("dropped", acl, f"ingress:{rule}")
    allowed, rule = vpc.acl_allows(there, egress=True, far=packet.to, port=packet.port)
    if not allowed:
        return Ended("dropped", acl, f"egress:{rule}")
    table = vpc.table_of(there)
    route = vpc.route(table, packet.to)
    if route is None or "NatGatewayId" in route or route["State"] == "blackhole":
        return Ended("dropped", table["RouteTableId"], "nat route")
    backs = {
        vpc.acl_allows(there, egress=False, far=packet.to, port=port)
        for port in ports_to_try(vpc.acl_of(there), 1024, 65535)
    }
    if not any(allowed for allowed, _ in backs):
        return Ended("dropped", acl, "ingress")
    allowed, rule = vpc.acl_allows(there, egress=True, far=own, port=packet.source_port)
    if crosses and not allowed:
        return Ended("dropped", acl, f"egress:{rule}")
    if not all(allowed for allowed, _ in backs):
        return Ended("mixed", acl)
    public = nat["NatGatewayAddresses"][0]["PublicIp"]
    return Ended("nat-gateway", nat["NatGatewayId"], seen=public)


def ports_to_try(acl: Json, low: int, high: int) -> list[int]:
    """Return one port of each interval on which an ACL is constant."""
    cuts = {low}
    for entry in acl["Entries"]:
        if "PortRange" in entry:
            cuts |= {entry["PortRange"]["From"], entry["PortRange"]["To"] + 1}
    return [c for c in cuts if low <= c <= high]


def at_target(vpc: Vpc, packet: Packet, own: Address, groups: set[str], subnet: str) -> Ended:
    """Return what happens at an interface endpoint's interface."""
    eni = next((r for r in vpc.interfaces.values() if ip_address(r["PrivateIpAddress"]) == packet.to), None)
    if eni is None:
        return Ended("dropped", s.VPC, "nobody")
    there = eni["SubnetId"]
    target_groups = [g["GroupId"] for g in eni["Groups"]]
    acl = vpc.acl_of(there)["NetworkAclId"]
    allowed, rule = vpc.acl_allows(there, egress=False, far=own, port=packet.port)
    if there != subnet and not allowed:
        return Ended("dropped", acl, f"ingress:{rule}")
    if not vpc.group_allows(target_groups, "IpPermissions", own, packet.port, groups):
        return Ended("dropped", target_groups[0], "ingress")
    allowed, rule = vpc.acl_allows(there, egress=True, far=own, port=packet.source_port)
    if there != subnet and not allowed:
        return Ended("dropped", acl, f"egress:{rule}")
    endpoint = next(e for e in vpc.endpoints if eni["NetworkInterfaceId"] in e["NetworkInterfaceIds"])
    return Ended("interface-endpoint", endpoint["VpcEndpointId"], seen=str(own))


def destinations(snapshot: Snapshot, question: Json) -> list[str]:
    """Return the CIDR blocks the host name stands for."""
    endpoints = snapshot.rows("ec2.DescribeVpcEndpoints")
    if question["client"].get("ip_version") == 6:
        return next(
            r["Cidrs"] for r in snapshot.rows("ec2.DescribePrefixLists") if ".ipv6." in r["PrefixListName"]
        )
    hijack = [e for e in endpoints if e["VpcEndpointType"] == "Interface" and e["PrivateDnsEnabled"]]
    if hijack and ".dualstack." not in question["client"]["hostname"]:
        eni = next(
            r for r in snapshot.rows("ec2.DescribeNetworkInterfaces") if r["NetworkInterfaceId"] == "eni-0e1"
        )
        return [f"{eni['PrivateIpAddress']}/32"]
    return list(snapshot.rows("ec2.DescribePrefixLists")[0]["Cidrs"])


def cells(vpc: Vpc, blocks: list[str], low: int, high: int) -> Iterator[tuple[Packet, int]]:
    """Yield one packet of every cell of the cut points of all rules, with the cell's size."""
    version = ip_network(blocks[0]).version
    spots: set[int] = set()
    for block in every_block(vpc):
        network = ip_network(block)
        if network.version == version:
            spots |= {int(network.network_address), int(network.broadcast_address) + 1}
    ports = {low}
    for acl in vpc.acls:
        ports |= set(ports_to_try(acl, low, high))
    port_cells = list(zip(sorted(ports), [*sorted(ports)[1:], high + 1], strict=True))
    make = IPv4Address if version == 4 else IPv6Address
    for network in {ip_network(b) for b in blocks}:
        first, last = int(network.network_address), int(network.broadcast_address) + 1
        cuts = sorted({first, last} | {c for c in spots if first < c < last})
        for begin, end in pairwise(cuts):
            for port_low, port_high in port_cells:
                yield Packet(make(begin), 443, port_low), (end - begin) * (port_high - port_low)


def every_block(vpc: Vpc) -> Iterator[str]:
    """Yield every CIDR block named by any rule."""
    for acl in vpc.acls:
        for entry in acl["Entries"]:
            yield entry.get("CidrBlock") or entry["Ipv6CidrBlock"]
    for group in vpc.groups.values():
        for rule in [*group["IpPermissions"], *group["IpPermissionsEgress"]]:
            yield from (r["CidrIp"] for r in rule["IpRanges"])
            yield from (r["CidrIpv6"] for r in rule["Ipv6Ranges"])
    for listed in vpc.lists.values():
        yield from listed
    for table in vpc.tables:
        for route in table["Routes"]:
            block = route.get("DestinationCidrBlock") or route.get("DestinationIpv6CidrBlock")
            if block:
                yield block


def brute(snapshot: Snapshot, question: Json) -> dict[tuple[str, str], Fraction | None]:
    """Return the share of every (path kind, component) by trying every cell; None where NAT's ports decide."""
    vpc = Vpc(snapshot)
    low, high = question["client"]["ephemeral_ports"]
    found: dict[tuple[str, str], int] = {}
    mixed = total = 0
    for packet, size in cells(vpc, destinations(snapshot, question), low, high):
        total += size
        ended = walk(vpc, packet)
        if ended.kind == "mixed":
            mixed += size
            continue
        found[ended.kind, ended.component] = found.get((ended.kind, ended.component), 0) + size
    made: dict[tuple[str, str], Fraction | None] = {k: Fraction(v, total) for k, v in found.items()}
    if mixed:
        made["mixed", ""] = None
    return made


def verdict(shares: dict[tuple[str, str], Any]) -> str:
    """Return the verdict of the shares."""
    kinds = {kind for kind, _ in shares}
    works = kinds - {"dropped"}
    if "mixed" in kinds:
        return "intermittent"
    if not works:
        return "blocked"
    if "dropped" in kinds:
        return "intermittent"
    return "ok" if works == {"gateway-endpoint"} else "bypass"
