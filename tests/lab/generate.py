"""Random VPCs as recorded calls: routes, ties, black holes, NAT, internet gateways, groups, ordered ACLs, targets.

Everything a packet can meet in the kernel lab and in the naive evaluator; only AWS's JSON shapes are used.
"""

import random
from dataclasses import dataclass
from ipaddress import ip_network

from tests import snapshots as s
from tests.snapshots import Json, Snapshot

LISTS = (
    ["52.216.0.0/22", "52.218.0.0/23", "3.5.64.0/26"],
    ["52.216.0.0/24"],
    ["52.216.0.0/22", "54.231.0.0/25"],
    ["3.5.64.0/26", "3.5.64.128/25"],
)
LISTS6 = ["2600:1fa0:8000::/40", "2600:1f68:4000::/40"]
SOURCE = "10.0.1.10"
SOURCE6 = "2001:db8:1:1::10"
TARGET = "10.0.2.50"
"""The interface endpoint's address."""
PUBLIC_IP = "203.0.113.10"


@dataclass(frozen=True, slots=True)
class Made:
    """One random VPC with its question."""

    seed: int
    snapshot: Snapshot
    question: Json


def make(seed: int) -> Made:
    """Return the VPC of a seed."""
    rng = random.Random(seed)
    made = s.sound()
    cidrs = rng.choice(LISTS)
    made.rows("ec2.DescribePrefixLists")[0]["Cidrs"] = list(cidrs)
    ipv6 = rng.random() < 0.25
    _subnets(made, ipv6=ipv6)
    _sender(made, rng, ipv6=ipv6)
    _groups(made, rng, cidrs)
    for number, subnet in enumerate((s.PRIVATE, s.PUBLIC, "subnet-0a3")):
        _acl(made, rng, f"acl-0r{number}", subnet, cidrs)
    made.lists["ec2.DescribeNetworkAcls"]["NetworkAcls"] = made.rows("ec2.DescribeNetworkAcls")[1:]
    _tables(made, rng, cidrs, ipv6=ipv6)
    if rng.random() < 0.18:
        _interface_endpoint(made, rng)
    version = {"ip_version": 6} if ipv6 and rng.random() < 0.7 else {}
    name = f"data.s3.dualstack.{s.REGION}.amazonaws.com" if version else f"data.s3.{s.REGION}.amazonaws.com"
    ports = rng.choice([[32768, 60999], [1024, 65535], [49152, 65535], [40000, 40003]])
    client = {"region": s.REGION, "hostname": name, "port": 443, "ephemeral_ports": ports, **version}
    return Made(seed, made, s.question(client=client))


def _subnets(made: Snapshot, *, ipv6: bool) -> None:
    made.rows("ec2.DescribeSubnets").append(s.subnet("subnet-0a3", "10.0.2.0/24"))
    if not ipv6:
        return
    made.rows("ec2.DescribeVpcs")[0]["Ipv6CidrBlockAssociationSet"] = [
        {"Ipv6CidrBlock": "2001:db8:1::/56", "Ipv6CidrBlockState": {"State": "associated"}}
    ]
    made.rows("ec2.DescribeSubnets")[0]["Ipv6CidrBlockAssociationSet"] = [
        {"Ipv6CidrBlock": "2001:db8:1:1::/64", "Ipv6CidrBlockState": {"State": "associated"}}
    ]
    made.rows("ec2.DescribeEgressOnlyInternetGateways").append(
        {"EgressOnlyInternetGatewayId": "eigw-0a1", "Attachments": [{"VpcId": s.VPC, "State": "attached"}]}
    )
    made.rows("ec2.DescribePrefixLists").append(
        {
            "PrefixListId": "pl-0six",
            "PrefixListName": f"com.amazonaws.{s.REGION}.ipv6.s3",
            "Cidrs": list(LISTS6),
        }
    )
    made.lists["ec2.DescribeManagedPrefixLists"] = {
        "PrefixLists": [
            {
                "PrefixListId": "pl-0six",
                "AddressFamily": "IPv6",
                "PrefixListName": f"com.amazonaws.{s.REGION}.ipv6.s3",
                "OwnerId": "AWS",
            }
        ]
    }
    made.rows("ec2.DescribeVpcEndpoints")[0]["IpAddressType"] = "dualstack"


def _sender(made: Snapshot, rng: random.Random, *, ipv6: bool) -> None:
    row = made.rows("ec2.DescribeInstances")[0]["Instances"][0]
    eni = made.rows("ec2.DescribeNetworkInterfaces")[0]
    if rng.random() < 0.3:
        eni.update(s.public(eni, PUBLIC_IP))
    if ipv6:
        eni["Ipv6Addresses"] = [{"Ipv6Address": SOURCE6}]
    groups = [s.GROUP, "sg-0b1"][: rng.choice([1, 1, 2])]
    eni["Groups"] = [{"GroupId": g, "GroupName": g} for g in groups]
    row["NetworkInterfaces"] = [{**eni, "Attachment": {"DeviceIndex": 0, "Status": "attached"}}]


def _cidr(rng: random.Random, cidrs: list[str]) -> str:
    """Return a CIDR block that touches the service's, covers it, or misses it."""
    choice = rng.random()
    if choice < 0.35:
        return "0.0.0.0/0"
    network = ip_network(rng.choice(cidrs))
    if choice < 0.6:
        return str(network)
    if choice < 0.9:
        longer = min(32, network.prefixlen + rng.choice([1, 2, 4]))
        inside = int(network.network_address) + rng.randrange(network.num_addresses)
        return str(ip_network((inside, longer), strict=False))
    return rng.choice(["10.0.0.0/16", "52.0.0.0/8", "198.51.100.0/24"])


def _ports(rng: random.Random) -> tuple[int, int]:
    return rng.choice(
        [(443, 443), (0, 65535), (1024, 65535), (32768, 60999), (1, 442), (49152, 65535), (40001, 40002)]
    )


def _groups(made: Snapshot, rng: random.Random, cidrs: list[str]) -> None:
    rows = []
    for group in (s.GROUP, "sg-0b1"):
        rules = []
        for _ in range(rng.choice([0, 1, 1, 2, 3])):
            peers: Json = rng.choice(
                [
                    {"cidrs": [_cidr(rng, cidrs)]},
                    {"cidrs": ["0.0.0.0/0"]},
                    {"lists": [s.S3_LIST]},
                    {"lists": [s.DDB_LIST]},
                ]
            )
            low, high = _ports(rng)
            rule = s.permission(rng.choice(["tcp", "tcp", "udp"]), low, high, **peers)
            rules.append(rng.choice([rule, s.permission("-1", None, None, **peers)]))
        if rng.random() < 0.6:
            rules.append(s.permission(cidrs=["0.0.0.0/0"], cidrs6=["::/0"]))
        if rng.random() < 0.3:
            rules.append(s.permission("tcp", 443, cidrs6=[rng.choice(LISTS6)]))
        rows.append(s.group(group, egress=rules))
    rows.append(s.group("sg-0e1", ingress=_ingress(rng)))
    made.lists["ec2.DescribeSecurityGroups"]["SecurityGroups"] = rows


def _ingress(rng: random.Random) -> list[Json]:
    peers: Json = rng.choice(
        [
            {"cidrs": ["10.0.0.0/16"]},
            {"cidrs": ["10.0.1.0/28"]},
            {"groups": [s.GROUP]},
            {"cidrs": ["10.9.0.0/16"]},
        ]
    )
    low, high = rng.choice([(443, 443), (0, 65535), (80, 80)])
    return [s.permission("tcp", low, high, **peers)]


def _acl(made: Snapshot, rng: random.Random, acl_id: str, subnet: str, cidrs: list[str]) -> None:
    entries: list[Json] = []
    for egress in (True, False):
        numbers = rng.sample(range(1, 30000), rng.choice([0, 0, 1, 2, 4]))
        for number in numbers:
            low, high = _ports(rng)
            more: Json = {"CidrBlock": _cidr(rng, cidrs), "Protocol": rng.choice(["6", "6", "-1", "17", "1"])}
            if more["Protocol"] in {"6", "17"}:
                more["PortRange"] = {"From": low, "To": high}
            entries.append(s.entry(number, egress=egress, allow=rng.random() < 0.55, **more))
        if rng.random() < 0.88:
            entries.append(s.entry(30500, egress=egress))
        for number in (31000, 31001)[: rng.choice([1, 1, 2])]:
            block = rng.choice(["::/0", "::/0", LISTS6[0]])
            row = s.entry(number, egress=egress, allow=rng.random() < 0.85)
            del row["CidrBlock"]
            entries.append({**row, "Ipv6CidrBlock": block})
        entries.append(s.entry(32767, egress=egress, allow=False))
    rng.shuffle(entries)
    made.rows("ec2.DescribeNetworkAcls").append(
        {
            "NetworkAclId": acl_id,
            "VpcId": s.VPC,
            "OwnerId": s.ACCOUNT,
            "IsDefault": False,
            "Entries": entries,
            "Associations": [{"NetworkAclId": acl_id, "SubnetId": subnet}],
        }
    )


TARGETS: tuple[dict[str, str], ...] = (
    {"NatGatewayId": s.NAT},
    {"NatGatewayId": s.NAT},
    {"GatewayId": s.IGW},
)


def _routes(rng: random.Random, cidrs: list[str], targets: tuple[dict[str, str], ...]) -> list[Json]:
    """Return random routes: one static and one propagated a destination at most."""
    found: dict[tuple[str, str], Json] = {}
    for _ in range(rng.choice([0, 0, 1, 1, 2, 3])):
        destination = _cidr(rng, cidrs)
        if destination in {"10.0.0.0/16", "0.0.0.0/0"}:
            continue
        made = s.route(destination, **rng.choice(targets))
        if rng.random() < 0.25:
            made |= {"Origin": "EnableVgwRoutePropagation"}
        if rng.random() < 0.15:
            made |= {"State": "blackhole"}
        found[destination, made["Origin"]] = made
    if rng.random() < 0.6:
        found["0.0.0.0/0", ""] = s.route("0.0.0.0/0", **rng.choice(targets))
        if rng.random() < 0.06:
            found["0.0.0.0/0", ""]["State"] = "blackhole"
    return list(found.values())


def _tables(made: Snapshot, rng: random.Random, cidrs: list[str], *, ipv6: bool) -> None:
    private = _routes(rng, cidrs, TARGETS)
    if rng.random() < 0.7:
        private.append(s.route(s.S3_LIST, GatewayId=s.ENDPOINT))
        if ipv6:
            private.append(s.route("pl-0six", GatewayId=s.ENDPOINT))
    if ipv6 and rng.random() < 0.6:
        private.append(s.route("::/0", EgressOnlyInternetGatewayId="eigw-0a1"))
    if ipv6 and rng.random() < 0.2:
        private.append(s.route("2600:1fa0:8000::/41", EgressOnlyInternetGatewayId="eigw-0a1"))
    public = [s.route("0.0.0.0/0", GatewayId=s.IGW)] if rng.random() < 0.85 else []
    if rng.random() < 0.2:
        extra = _routes(rng, cidrs, ({"GatewayId": s.IGW}, {"NatGatewayId": s.NAT}))
        public.extend(r for r in extra if r["DestinationCidrBlock"] != "0.0.0.0/0")
    rng.shuffle(private)
    explicit = rng.random() < 0.7
    made.lists["ec2.DescribeRouteTables"]["RouteTables"] = [
        s.table(s.PRIVATE_TABLE, private, (s.PRIVATE,) if explicit else (), main=not explicit),
        s.table(s.PUBLIC_TABLE, public, (s.PUBLIC,)),
        *([s.table(s.MAIN_TABLE, [], main=True)] if explicit else []),
    ]


def _interface_endpoint(made: Snapshot, rng: random.Random) -> None:
    """Add an interface endpoint whose private DNS takes the name."""
    eni = s.interface("eni-0e1", "subnet-0a3", TARGET, ("sg-0e1",), InterfaceType="vpc_endpoint")
    made.rows("ec2.DescribeNetworkInterfaces").append(eni)
    if rng.random() < 0.3:
        eni.update({"SubnetId": s.PRIVATE, "PrivateIpAddress": "10.0.1.50"})
        eni["PrivateIpAddresses"] = [{"Primary": True, "PrivateIpAddress": "10.0.1.50"}]
    made.rows("ec2.DescribeVpcEndpoints").append(
        s.endpoint(
            "vpce-0e1",
            VpcEndpointType="Interface",
            RouteTableIds=[],
            SubnetIds=[eni["SubnetId"]],
            Groups=[{"GroupId": "sg-0e1"}],
            NetworkInterfaceIds=["eni-0e1"],
            PrivateDnsEnabled=True,
        )
    )
