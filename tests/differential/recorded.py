"""The recorded rows that packets meet, CIDR blocks as numbers; nothing is concluded from them here."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from ipaddress import ip_address, ip_network

from tests.lab.aws_json import Json, rows

Block = tuple[int, int, int]
"""IP version, first and last address."""


def block_of(cidr: str) -> Block:
    """Return a CIDR block as numbers."""
    network = ip_network(cidr, strict=False)
    return network.version, int(network[0]), int(network[-1])


def within(block: Block, version: int, address: int) -> bool:
    """Tell whether an address lies in a block."""
    return block[0] == version and block[1] <= address <= block[2]


@dataclass(slots=True)
class Recorded:
    """The recorded rows, with CIDR blocks as numbers."""

    calls: Sequence[Json]
    enis: dict[str, Json] = field(default_factory=dict)
    subnets: dict[str, list[Block]] = field(default_factory=dict)
    groups: dict[str, Json] = field(default_factory=dict)
    lists: dict[str, list[str]] = field(default_factory=dict)
    nats: dict[str, Json] = field(default_factory=dict)
    endpoints: dict[str, Json] = field(default_factory=dict)
    hosts: dict[int, str] = field(default_factory=dict)
    """Private IPv4 address -> its interface."""
    acl_ids: dict[str, str] = field(default_factory=dict)
    entries: dict[tuple[str, bool], list[tuple[Json, Block]]] = field(default_factory=dict)
    table_ids: dict[str, str] = field(default_factory=dict)
    routes: dict[str, list[tuple[Json, str, list[Block], int]]] = field(default_factory=dict)
    rules: dict[tuple[str, str], list[tuple[Json, str, list[Block], set[str]]]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.enis = {r["NetworkInterfaceId"]: r for r in rows(self.calls, "DescribeNetworkInterfaces")}
        self.hosts = {int(ip_address(r["PrivateIpAddress"])): i for i, r in self.enis.items()}
        for row in rows(self.calls, "DescribeSubnets"):
            cidrs = [row["CidrBlock"], *(a["Ipv6CidrBlock"] for a in row["Ipv6CidrBlockAssociationSet"])]
            self.subnets[row["SubnetId"]] = [block_of(c) for c in cidrs]
        self.groups = {r["GroupId"]: r for r in rows(self.calls, "DescribeSecurityGroups")}
        self.nats = {r["NatGatewayId"]: r for r in rows(self.calls, "DescribeNatGateways")}
        self.endpoints = {r["VpcEndpointId"]: r for r in rows(self.calls, "DescribeVpcEndpoints")}
        for call in self.calls:
            if call["operation"] == "GetManagedPrefixListEntries":
                self.lists[call["request"]["PrefixListId"]] = [e["Cidr"] for e in call["response"]["Entries"]]
        for row in rows(self.calls, "DescribePrefixLists"):
            self.lists[row["PrefixListId"]] = row["Cidrs"]
        self._acls()
        self._tables()
        self._rules()

    def _acls(self) -> None:
        for row in rows(self.calls, "DescribeNetworkAcls"):
            for association in row["Associations"]:
                self.acl_ids[association["SubnetId"]] = row["NetworkAclId"]
            for egress in (True, False):
                entries = sorted(
                    (e for e in row["Entries"] if e["Egress"] is egress), key=lambda e: int(e["RuleNumber"])
                )
                self.entries[row["NetworkAclId"], egress] = [
                    (e, block_of(e.get("CidrBlock") or e["Ipv6CidrBlock"])) for e in entries
                ]

    def _tables(self) -> None:
        main = ""
        for row in rows(self.calls, "DescribeRouteTables"):
            for association in row["Associations"]:
                if association["Main"]:
                    main = row["RouteTableId"]
                elif "SubnetId" in association:
                    self.table_ids[association["SubnetId"]] = row["RouteTableId"]
            routes = self.routes[row["RouteTableId"]] = []
            for route in row["Routes"]:
                listed = route.get("DestinationPrefixListId")
                one = route.get("DestinationCidrBlock") or route.get("DestinationIpv6CidrBlock") or ""
                rank = 2 if route["Origin"] == "EnableVgwRoutePropagation" else 1 if listed else 0
                blocks = [block_of(c) for c in (self.lists[listed] if listed else [one])]
                routes.append((route, listed or one, blocks, rank))
        for subnet in self.subnets:
            self.table_ids.setdefault(subnet, main)

    def _rules(self) -> None:
        for group_id, row in self.groups.items():
            for side in ("IpPermissions", "IpPermissionsEgress"):
                made = self.rules[group_id, side] = []
                for number, rule in enumerate(row[side]):
                    cidrs = [r["CidrIp"] for r in rule["IpRanges"]]
                    cidrs += [r["CidrIpv6"] for r in rule["Ipv6Ranges"]]
                    for listed in rule["PrefixListIds"]:
                        cidrs += self.lists[listed["PrefixListId"]]
                    peers = {p["GroupId"] for p in rule["UserIdGroupPairs"]}
                    name = f"{group_id} {'egress' if side.endswith('Egress') else 'ingress'} {number}"
                    made.append((rule, name, [block_of(c) for c in cidrs], peers))
