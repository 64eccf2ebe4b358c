"""Random VPCs as recorded calls, one for each seed, with a question; weighted so that every fate is frequent.

A VPC is of the shape that the kernel lab can carry: the sender's subnet, a second one, the NAT gateway's and
one for hosts inside the VPC (a proxy, an interface endpoint); addresses differ between VPCs, so that many of
them share one kernel router.
"""

import random
from dataclasses import dataclass

from tests.lab import aws_json as aws
from tests.lab.aws_json import Json
from tests.lab.aws_surroundings import surroundings
from tests.lab.random_filters import filters
from tests.lab.random_plan import DYNAMODB_CIDRS, EPHEMERAL, S3_CIDRS, S3_CIDRS6, Plan
from tests.lab.random_ways import ways


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """A random VPC and the question to go with it."""

    seed: int
    calls: tuple[Json, ...]
    question: Json
    kernel: bool = True
    """Whether the kernel lab has all that is in it."""


def make(seed: int, slots: int = 3800) -> Made:
    """Return the VPC of a seed; `slots` consecutive seeds have addresses of their own."""
    rng = random.Random(seed)
    plan = Plan(rng=rng, index=seed % slots, family=rng.choices((4, 6, 46), (74, 18, 8))[0])
    _services(plan)
    plan.target = plan.family == 4 and plan.service == "s3" and plan.chance(0.12)
    plan.proxy = plan.family == 4 and not plan.target and plan.chance(0.1)
    plan.endpoint = rng.choices(("available", "", "failed", "deleting"), (90, 6, 2, 2))[0]
    calls = [*_interfaces(plan), *filters(plan), *ways(plan), *surroundings(plan.name("vpc", 0))]
    _associate(calls)
    return Made(seed=seed, calls=tuple(calls), question=_question(plan), kernel=plan.kernel)


def _associate(calls: list[Json]) -> None:
    """Let the gateway endpoint name the tables that have its routes, as AWS does."""
    tables = aws.rows(calls, "DescribeRouteTables")
    for row in aws.rows(calls, "DescribeVpcEndpoints"):
        row["RouteTableIds"] = [
            t["RouteTableId"]
            for t in tables
            if any(r.get("GatewayId") == row["VpcEndpointId"] for r in t["Routes"])
        ]


def _services(plan: Plan) -> None:
    rng = plan.rng
    if plan.family == 4 and plan.chance(0.25):
        plan.service, pool = "dynamodb", list(DYNAMODB_CIDRS)
    else:
        pool = list(S3_CIDRS)
    plan.cidrs = rng.sample(pool, rng.choice((1, 2, 2, 3)))
    if plan.chance(0.3):
        plan.cidrs = [plan.inside(c, rng.choice((2, 3, 5))) for c in plan.cidrs]
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
    gateway = aws.nat_gateway(plan.name("nat", 0), vpc, nat)
    gateway["State"] = "failed" if plan.chance(0.04) else "available"
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
        aws.call("ec2.DescribeNatGateways", {"NatGateways": [gateway]}),
        aws.call("ec2.DescribeVpcEndpoints", {"VpcEndpoints": endpoints}),
    ]


def _endpoints(plan: Plan, enis: list[Json]) -> list[Json]:
    """Return the gateway endpoint and perhaps an interface endpoint, whose interfaces are added."""
    vpc = plan.name("vpc", 0)
    gateway = aws.endpoint(plan.name("vpce", 0), vpc, "Gateway", plan.service)
    if plan.family != 4:
        gateway["IpAddressType"] = "dualstack"
    if plan.endpoint:
        gateway["State"] = plan.endpoint
    gateways = [gateway] if plan.endpoint else []
    if not plan.target:
        return gateways
    homes = plan.rng.choice(((3,), (3,), (0,), (1, 3), (0, 3)))
    enis.extend(
        aws.eni(
            plan.name("eni", 16 + number),
            vpc,
            plan.name("subnet", number),
            plan.address(number, 50),
            [plan.name("sg", 9)],
            kind="vpc_endpoint",
        )
        for number in homes
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
    return [*gateways, interface]
