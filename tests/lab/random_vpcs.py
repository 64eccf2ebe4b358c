"""Random VPCs as recorded calls, one for each seed, with a question; weighted so that every fate is frequent.

A VPC is of the shape that the kernel lab can carry: the sender's subnet, a second one, the NAT gateway's and
one for hosts inside the VPC (a proxy, an interface endpoint); addresses differ between VPCs, so that many of
them share one kernel router.
"""

import random
from dataclasses import dataclass, field
from ipaddress import ip_address, ip_network

from tests.lab import aws_json as aws
from tests.lab.aws_json import Json

S3, S3_SIX, DYNAMODB, OWN_LIST = "pl-7ca54015", "pl-0c0ffee6", "pl-b3a742da", "pl-0abcdef12"
S3_CIDRS = (
    "3.5.244.0/22",
    "52.95.142.0/23",
    "52.95.144.0/24",
    "52.95.148.0/23",
    "52.95.150.0/24",
    "16.12.16.0/23",
)
S3_CIDRS6 = ("2a05:d07a:c000::/40", "2a05:d050:c000::/40", "2600:f0f0:6108::/48")
DYNAMODB_CIDRS = ("35.71.111.0/24", "52.94.15.0/24", "52.94.16.128/26")
PORTS = (
    (443, 443),
    (0, 65535),
    (1024, 65535),
    (32768, 60999),
    (32768, 65535),
    (80, 443),
    (443, 8443),
    (1, 442),
    (49152, 65535),
)
EPHEMERAL = ((32768, 60999), (1024, 65535), (49152, 65535), (40000, 40015))
Ports = tuple[int, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """A random VPC and the question to go with it."""

    seed: int
    calls: tuple[Json, ...]
    question: Json
    kernel: bool = True
    """Whether the kernel lab has all that is in it."""


@dataclass(slots=True, kw_only=True)
class Plan:
    """What has been settled so far about a VPC in the making."""

    rng: random.Random
    index: int
    family: int
    """4, 6, or 46: the client's question; 6 and 46 have both kinds of subnets."""
    service: str = "s3"
    cidrs: list[str] = field(default_factory=list)
    cidrs6: list[str] = field(default_factory=list)
    proxy: bool = False
    target: bool = False
    kernel: bool = True

    def name(self, prefix: str, number: int) -> str:
        """Return an id of this VPC."""
        return f"{prefix}-0{self.index:08x}{number:02x}"

    def block(self, number: int | None = None) -> str:
        """Return the VPC's CIDR, or that of one of its subnets."""
        base = f"10.{self.index >> 4}"
        low = (self.index & 15) * 16
        return f"{base}.{low}.0/20" if number is None else f"{base}.{low + number}.0/24"

    def block6(self, number: int | None = None) -> str:
        """Return likewise for IPv6; empty where the VPC has none."""
        if self.family == 4:
            return ""
        base = f"2001:db8:{self.index + 1:x}"
        return f"{base}::/56" if number is None else f"{base}:{number + 1:x}::/64"

    def address(self, number: int, host: int) -> str:
        """Return a host of a subnet."""
        return str(ip_network(self.block(number))[host])

    def address6(self, number: int, host: int) -> str:
        """Return likewise for IPv6."""
        return str(ip_network(self.block6(number))[host]) if self.family != 4 else ""

    def public(self, pool: int) -> str:
        """Return a public address of the lab's own: pool 18 of interfaces, 19 of NAT gateways."""
        return str(ip_address(f"198.{pool}.0.0") + self.index + 1)

    def chance(self, probability: float) -> bool:
        """Return true so often."""
        return self.rng.random() < probability


def make(seed: int, slots: int = 3800) -> Made:
    """Return the VPC of a seed; `slots` consecutive seeds have addresses of their own."""
    rng = random.Random(seed)
    plan = Plan(rng=rng, index=seed % slots, family=rng.choices((4, 6, 46), (74, 18, 8))[0])
    _services(plan)
    plan.target = plan.family == 4 and plan.service == "s3" and plan.chance(0.12)
    plan.proxy = plan.family == 4 and not plan.target and plan.chance(0.1)
    calls = [*_interfaces(plan), *_filters(plan), *_ways(plan), *aws.surroundings(plan.name("vpc", 0))]
    return Made(seed=seed, calls=tuple(calls), question=_question(plan), kernel=plan.kernel)


def _services(plan: Plan) -> None:
    rng = plan.rng
    if plan.family == 4 and plan.chance(0.25):
        plan.service, pool = "dynamodb", list(DYNAMODB_CIDRS)
    else:
        pool = list(S3_CIDRS)
    plan.cidrs = rng.sample(pool, rng.choice((1, 2, 2, 3)))
    if plan.chance(0.3):
        plan.cidrs = [_inside(plan, c, rng.choice((2, 3, 5))) for c in plan.cidrs]
    plan.cidrs6 = rng.sample(S3_CIDRS6, rng.choice((1, 2)))


def _question(plan: Plan) -> Json:
    dual = "dualstack." if plan.family != 4 else ""
    host = f"data.s3.{dual}{aws.REGION}.amazonaws.com"
    if plan.service == "dynamodb":
        host = f"dynamodb.{aws.REGION}.amazonaws.com"
    client: Json = {"region": aws.REGION, "hostname": host, "port": 443, "sdk": "botocore"}
    client["ephemeral_ports"] = list(plan.rng.choice(EPHEMERAL))
    if plan.family != 46:
        client["ip_version"] = plan.family
    if plan.proxy:
        client["env"] = {"https_proxy": f"http://{_proxy_address(plan)}:3128"}
    return {"source": {"instance": plan.name("i", 1)}, "service": plan.service, "client": client}


def _proxy_address(plan: Plan) -> str:
    return plan.address(3, 99)


def _inside(plan: Plan, cidr: str, bits: int) -> str:
    """Return a random block within another, so many bits longer."""
    network = ip_network(cidr)
    length = min(network.prefixlen + bits, network.max_prefixlen)
    at = plan.rng.randrange(2 ** (length - network.prefixlen)) << (network.max_prefixlen - length)
    return f"{network[0] + at}/{length}"


def _somewhere(plan: Plan, *, six: bool) -> str:
    """Return a block that is, lies in, covers or misses the service's."""
    cidr = plan.rng.choice(plan.cidrs6 if six else plan.cidrs)
    shape = plan.rng.random()
    if shape < 0.28:
        return cidr
    if shape < 0.62:
        return _inside(plan, cidr, plan.rng.choice((1, 1, 2, 3)))
    if shape < 0.72:
        network = ip_network(cidr)
        return str(network.supernet(plan.rng.choice((1, 4, 6))))
    if shape < 0.9:
        return "::/0" if six else "0.0.0.0/0"
    if six:
        return plan.rng.choice((plan.block6(), plan.block6(0), "2600:9000::/28"))
    return plan.rng.choice((plan.block(), plan.block(0), plan.block(2), "198.51.100.0/24"))


# --- interfaces ---------------------------------------------------------------------------------


def _interfaces(plan: Plan) -> list[Json]:
    """Return the calls about what has an interface: sender, proxy, NAT gateway, interface endpoint."""
    vpc, rng = plan.name("vpc", 0), plan.rng
    subnets = [plan.name("subnet", n) for n in range(4)]
    public = plan.public(18) if plan.chance(0.3) else ""
    groups = [plan.name("sg", n) for n in range(rng.choice((1, 1, 1, 2, 3)))]
    sender = aws.eni(
        plan.name("eni", 1),
        vpc,
        subnets[0],
        plan.address(0, 10),
        groups,
        public=public,
        ipv6=plan.address6(0, 0x10),
        instance=plan.name("i", 1),
    )
    instances, enis = [aws.instance(plan.name("i", 1), sender)], [sender]
    if plan.proxy:
        interface = aws.eni(
            plan.name("eni", 3),
            vpc,
            subnets[3],
            _proxy_address(plan),
            [plan.name("sg", 8)],
            instance=plan.name("i", 3),
        )
        instances.append(aws.instance(plan.name("i", 3), interface))
        enis.append(interface)
    nat = aws.eni(
        plan.name("eni", 2), vpc, subnets[2], plan.address(2, 20), kind="nat_gateway", public=plan.public(19)
    )
    enis.append(nat)
    endpoints = _endpoints(plan, enis)
    reservation = {"OwnerId": aws.ACCOUNT, "Instances": instances}
    return [
        aws.call("ec2.DescribeInstances", {"Reservations": [reservation]}),
        aws.call("ec2.DescribeNetworkInterfaces", {"NetworkInterfaces": enis}),
        aws.call(
            "ec2.DescribeSubnets",
            {"Subnets": [aws.subnet(s, vpc, plan.block(n), plan.block6(n)) for n, s in enumerate(subnets)]},
        ),
        aws.call("ec2.DescribeVpcs", {"Vpcs": [aws.vpc(vpc, plan.block(), plan.block6())]}),
        aws.call(
            "ec2.DescribeNatGateways", {"NatGateways": [aws.nat_gateway(plan.name("nat", 0), vpc, nat)]}
        ),
        aws.call("ec2.DescribeVpcEndpoints", {"VpcEndpoints": endpoints}),
    ]


def _endpoints(plan: Plan, enis: list[Json]) -> list[Json]:
    """Return the gateway endpoint and perhaps an interface endpoint, whose interfaces are added."""
    vpc = plan.name("vpc", 0)
    gateway = aws.endpoint(plan.name("vpce", 0), vpc, "Gateway", plan.service)
    if plan.family != 4:
        gateway["IpAddressType"] = "dualstack"
    if not plan.target:
        return [gateway]
    homes = plan.rng.choice(((3,), (3,), (0,), (1, 3), (0, 3)))
    for number in homes:
        enis.append(
            aws.eni(
                plan.name("eni", 16 + number),
                vpc,
                plan.name("subnet", number),
                plan.address(number, 50),
                [plan.name("sg", 9)],
                kind="vpc_endpoint",
            )
        )
    interface = aws.endpoint(
        plan.name("vpce", 1),
        vpc,
        "Interface",
        "s3",
        SubnetIds=[plan.name("subnet", n) for n in homes],
        Groups=[{"GroupId": plan.name("sg", 9), "GroupName": "endpoint"}],
        NetworkInterfaceIds=[plan.name("eni", 16 + n) for n in homes],
        PrivateDnsEnabled=True,
        DnsOptions={"DnsRecordIpType": "ipv4"},
    )
    return [gateway, interface]


# --- filters ------------------------------------------------------------------------------------


def _filters(plan: Plan) -> list[Json]:
    vpc = plan.name("vpc", 0)
    groups = [aws.group(plan.name("sg", n), vpc, _egress(plan), _ingress(plan)) for n in range(3)]
    if plan.proxy:
        groups.append(aws.group(plan.name("sg", 8), vpc, _egress(plan), _ingress(plan, 3128)))
    if plan.target:
        groups.append(aws.group(plan.name("sg", 9), vpc, [], _ingress(plan)))
    return [
        aws.call("ec2.DescribeSecurityGroups", {"SecurityGroups": groups}),
        aws.call("ec2.DescribeNetworkAcls", {"NetworkAcls": _acls(plan)}),
    ]


def _egress(plan: Plan) -> list[Json]:
    everywhere = [aws.permission("-1", None, cidr="0.0.0.0/0"), aws.permission("-1", None, cidr="::/0")]
    style, own = plan.rng.random(), _list_of(plan)
    if style < 0.45:
        return everywhere
    if style < 0.57:
        made = [aws.permission("tcp", (443, 443), listed=own)]
        return [*made, aws.permission("tcp", (443, 443), listed=S3_SIX)] if plan.family != 4 else made
    if style < 0.64:
        return [aws.permission("tcp", (443, 443), cidr=c) for c in ("0.0.0.0/0", "::/0")]
    if style < 0.67:
        return []
    if style < 0.72:
        return [aws.permission("tcp", (443, 443), listed=DYNAMODB if own == S3 else S3)]
    return [_rule(plan) for _ in range(plan.rng.choice((1, 2, 2, 3, 4)))]


def _list_of(plan: Plan) -> str:
    return S3 if plan.service == "s3" else DYNAMODB


def _rule(plan: Plan) -> Json:
    rng = plan.rng
    protocol = rng.choice(("tcp", "tcp", "tcp", "tcp", "-1", "udp", "icmp", "50"))
    ports = rng.choice(PORTS) if protocol in {"tcp", "udp"} else (-1, -1) if protocol == "icmp" else None
    if plan.chance(0.2):
        return aws.permission(protocol, ports, listed=rng.choice((_list_of(plan), OWN_LIST, S3_SIX)))
    if plan.chance(0.12):
        return aws.permission(protocol, ports, group=plan.name("sg", rng.choice((0, 8, 9))))
    return aws.permission(protocol, ports, cidr=_somewhere(plan, six=plan.family != 4 and plan.chance(0.6)))


def _ingress(plan: Plan, port: int = 443) -> list[Json]:
    rng, made = plan.rng, []
    for _ in range(rng.choice((0, 1, 1, 1, 2))):
        ports = rng.choice(((port, port), (port, port), (0, 65535), (80, 80)))
        peers = (
            {"cidr": plan.block()},
            {"cidr": plan.block(0)},
            {"group": plan.name("sg", rng.randrange(3))},
        )
        made.append(aws.permission(rng.choice(("tcp", "tcp", "tcp", "udp")), ports, **rng.choice(peers)))
    return made


def _acls(plan: Plan) -> list[Json]:
    """Return the ACLs: the sender's subnet has one of its own, the others may share."""
    shared = plan.chance(0.25)
    of = [0, 0 if shared else 1, 0 if shared and plan.chance(0.5) else 2, 3 if plan.chance(0.7) else 1]
    made = []
    for number in sorted(set(of)):
        acl = plan.name("acl", number)
        entries = [*_entries(plan, egress=True), *_entries(plan, egress=False)]
        plan.rng.shuffle(entries)
        homes = [plan.name("subnet", n) for n, used in enumerate(of) if used == number]
        made.append(
            {
                "NetworkAclId": acl,
                "VpcId": plan.name("vpc", 0),
                "OwnerId": aws.ACCOUNT,
                "IsDefault": False,
                "Entries": entries,
                "Associations": [
                    {"NetworkAclAssociationId": f"aclassoc-{s}", "NetworkAclId": acl, "SubnetId": s}
                    for s in homes
                ],
                "Tags": [],
            }
        )
    return made


def _entries(plan: Plan, *, egress: bool) -> list[Json]:
    """Return the entries of one direction, numbered at random, the final denies included."""
    rng = plan.rng
    style = rng.random()
    rules: list[tuple[str, str, str, Ports | None]] = []
    if style < 0.22:
        ports = (
            (443, 443)
            if egress
            else rng.choice(((1024, 65535), (32768, 65535), (32768, 60999), (49152, 65535)))
        )
        listed = [*plan.cidrs, *(plan.cidrs6 if plan.family != 4 else ())]
        kept = [c for c in listed if plan.chance(0.85)]
        rules += [("allow", "6", c, ports) for c in kept]
        rules.append(("allow", "-1", plan.block(), None))
    elif style < 0.6:
        for _ in range(rng.choice((1, 1, 2, 3, 5))):
            rules.append(_acl_rule(plan))
    rng.shuffle(rules)
    if style > 0.3:
        rules.append(("allow", "-1", "0.0.0.0/0", None))
    if plan.family != 4 and plan.chance(0.9):
        rules.append(("allow", "-1", "::/0", None))
    numbers = sorted(rng.sample(range(1, 32766), len(rules)))
    made = [
        aws.entry(n, action, cidr, egress=egress, protocol=protocol, ports=ports)
        for n, (action, protocol, cidr, ports) in zip(numbers, rules, strict=True)
    ]
    made.append(aws.entry(32767, "deny", "0.0.0.0/0", egress=egress))
    if plan.family != 4:
        made.append(aws.entry(32768, "deny", "::/0", egress=egress))
    return made


def _acl_rule(plan: Plan) -> tuple[str, str, str, Ports | None]:
    rng = plan.rng
    protocol = rng.choice(("6", "6", "6", "6", "-1", "17", "1", "50"))
    ports = rng.choice(PORTS) if protocol in {"6", "17"} else None
    action = rng.choice(("allow", "deny"))
    return action, protocol, _somewhere(plan, six=plan.family != 4 and plan.chance(0.6)), ports


# --- ways ---------------------------------------------------------------------------------------


def _ways(plan: Plan) -> list[Json]:
    """Return the calls about routes and what they lead to."""
    vpc = plan.name("vpc", 0)
    igw = {"InternetGatewayId": plan.name("igw", 0), "OwnerId": aws.ACCOUNT}
    igw |= {"Attachments": [{"VpcId": vpc, "State": "available"}]}
    eigw = {
        "EgressOnlyInternetGatewayId": plan.name("eigw", 0),
        "Attachments": [{"VpcId": vpc, "State": "attached"}],
    }
    lists = {S3: ("s3", plan.cidrs), DYNAMODB: ("dynamodb", list(DYNAMODB_CIDRS))}
    if plan.service == "dynamodb":
        lists = {S3: ("s3", list(S3_CIDRS[:2])), DYNAMODB: ("dynamodb", plan.cidrs)}
    lists[S3_SIX] = ("ipv6.s3", plan.cidrs6)
    own = sorted({_inside(plan, plan.rng.choice(plan.cidrs), 1), "198.51.100.0/24"})
    managed = [
        {
            "PrefixListId": i,
            "AddressFamily": "IPv6" if i == S3_SIX else "IPv4",
            "State": "create-complete",
            "PrefixListName": f"com.amazonaws.{aws.REGION}.{name}",
            "OwnerId": "AWS",
        }
        for i, (name, _) in lists.items()
    ]
    managed.append(
        {
            "PrefixListId": OWN_LIST,
            "AddressFamily": "IPv4",
            "State": "create-complete",
            "PrefixListName": "own",
            "OwnerId": aws.ACCOUNT,
            "MaxEntries": 5,
            "Version": 1,
        }
    )
    entries = {**{i: cidrs for i, (_, cidrs) in lists.items()}, OWN_LIST: own}
    return [
        aws.call("ec2.DescribeInternetGateways", {"InternetGateways": [igw]}),
        aws.call("ec2.DescribeEgressOnlyInternetGateways", {"EgressOnlyInternetGateways": [eigw]}),
        aws.call("ec2.DescribeRouteTables", {"RouteTables": _tables(plan)}),
        aws.call(
            "ec2.DescribePrefixLists",
            {
                "PrefixLists": [
                    {
                        "PrefixListId": i,
                        "PrefixListName": f"com.amazonaws.{aws.REGION}.{name}",
                        "Cidrs": cidrs,
                    }
                    for i, (name, cidrs) in lists.items()
                ]
            },
        ),
        aws.call("ec2.DescribeManagedPrefixLists", {"PrefixLists": managed}),
        *(
            aws.call(
                "ec2.GetManagedPrefixListEntries",
                {"Entries": [{"Cidr": c} for c in cidrs]},
                {"PrefixListId": i},
            )
            for i, cidrs in entries.items()
        ),
    ]


def _tables(plan: Plan) -> list[Json]:
    """Return the sender's, the public and the main table; the sender's may be the main one itself."""
    explicit = plan.chance(0.75)
    homes = [[0] if explicit else [], [2], [n for n in (1, 3) if plan.chance(0.5)]]
    made = []
    for number, subnets in enumerate(homes):
        routes = _routes(plan, of_nat=number == 1)
        plan.rng.shuffle(routes)
        made.append(
            aws.route_table(
                plan.name("rtb", number),
                plan.name("vpc", 0),
                routes,
                [plan.name("subnet", n) for n in subnets],
                main=number == 2,
            )
        )
    return made


def _routes(plan: Plan, *, of_nat: bool) -> list[Json]:
    local = [aws.route(plan.block(), "CreateRouteTable", GatewayId="local")]
    if plan.family != 4:
        local.append(aws.route(plan.block6(), "CreateRouteTable", GatewayId="local"))
    found: dict[tuple[str, bool], Json] = {}
    endpoint = plan.chance(0.08 if of_nat else 0.68)
    for _ in range(plan.rng.choice((0, 0, 0, 1) if of_nat else (0, 0, 1, 1, 2, 3))):
        _special(plan, found, of_nat=of_nat)
    if endpoint:
        for listed in (_list_of(plan), *((S3_SIX,) if plan.family != 4 and plan.chance(0.85) else ())):
            found[listed, False] = aws.route(listed, GatewayId=plan.name("vpce", 0))
    elif not of_nat and plan.chance(0.1):
        found[OWN_LIST, False] = aws.route(OWN_LIST, **_target(plan, of_nat=of_nat, six=False))
    if plan.chance(0.93 if of_nat else 0.7):
        found["0.0.0.0/0", False] = aws.route("0.0.0.0/0", **_target(plan, of_nat=of_nat, six=False))
    if plan.family != 4 and plan.chance(0.7):
        found["::/0", False] = aws.route("::/0", **_target(plan, of_nat=of_nat, six=True))
    return [*local, *found.values()]


def _special(plan: Plan, found: dict[tuple[str, bool], Json], *, of_nat: bool) -> None:
    """Add a static, propagated or black-hole route for some of the service's addresses."""
    six = plan.family != 4 and plan.chance(0.6)
    destination = _somewhere(plan, six=six)
    if destination.endswith("/0") or destination in {plan.block(n) for n in (None, 0, 2)} | {
        plan.block6(0),
        plan.block6(),
    }:
        return
    if plan.chance(0.15):
        found[destination, True] = aws.route(
            destination, "EnableVgwRoutePropagation", GatewayId=plan.name("vgw", 0)
        )
        if plan.chance(0.5):
            return
    state = "blackhole" if plan.chance(0.25) else "active"
    found[destination, False] = aws.route(destination, state=state, **_target(plan, of_nat=of_nat, six=six))


def _target(plan: Plan, *, of_nat: bool, six: bool) -> dict[str, str]:
    igw = {"GatewayId": plan.name("igw", 0)}
    if six:
        return plan.rng.choice((igw, {"EgressOnlyInternetGatewayId": plan.name("eigw", 0)}))
    nat = {"NatGatewayId": plan.name("nat", 0)}
    if of_nat:
        return igw
    return plan.rng.choices((nat, igw), (70, 30))[0]
