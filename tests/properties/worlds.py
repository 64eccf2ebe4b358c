"""Small random rules and routes for property tests, and the makers of the nouns around them."""

import random
from ipaddress import IPv4Network, ip_network

from gatepath.model.network import (
    Network,
    NetworkAcl,
    NetworkAclEntry,
    PrefixList,
    PrefixListTarget,
    Route,
    RouteTable,
    RouteTarget,
    SecurityGroup,
    SecurityGroupRule,
    TargetKind,
)
from gatepath.model.ref import CallRef, Ref
from gatepath.model.store import Coverage, Listing
from gatepath.model.world import World
from gatepath.packets import Packet, PacketSet

REF = Ref(CallRef(index=0, account="111122223333", region="eu-west-1", service="ec2", operation="X"), "")
REGION = "eu-west-1"
ACCOUNT = "111122223333"
BASE = int(IPv4Network("52.216.0.0/24").network_address)
"""The random CIDR blocks lie in one /24, so that they overlap often."""


def cidr(rng: random.Random) -> Network:
    length = rng.choice([0, 8, 24, 25, 26, 27, 28, 30, 31, 32])
    return ip_network((BASE + rng.randrange(256), length), strict=False)


def ports(rng: random.Random) -> tuple[int, int] | None:
    if rng.random() < 0.3:
        return None
    low = rng.choice([0, 1, 22, 442, 443, 444, 1024, 32768, 40000, 60999, 65535])
    return low, min(65535, low + rng.choice([0, 1, 1000, 30000, 65535]))


def acl(rng: random.Random) -> NetworkAcl:
    numbers = rng.sample(range(1, 32767), rng.randint(0, 7))
    entries = tuple(
        NetworkAclEntry(
            rule_number=number,
            egress=rng.random() < 0.5,
            allow=rng.random() < 0.6,
            protocol=rng.choice(["-1", "6", "6", "17", "1"]),
            ports=ports(rng),
            cidr=cidr(rng),
            ref=REF,
        )
        for number in sorted(numbers)
    )
    return NetworkAcl(
        id="acl-1",
        region=REGION,
        vpc_id="vpc-1",
        owner=ACCOUNT,
        is_default=False,
        entries=entries,
        subnet_ids=("subnet-1",),
        ref=REF,
    )


def prefix_lists(rng: random.Random) -> tuple[PrefixList, ...]:
    return tuple(
        PrefixList(
            id=f"pl-{number}",
            region=REGION,
            name=f"com.amazonaws.{REGION}.s{number}",
            owner="AWS",
            version=4,
            cidrs=tuple(dict.fromkeys(cidr(rng) for _ in range(rng.randint(0, 4)))),
            ref=REF,
        )
        for number in range(2)
    )


def security_group(rng: random.Random, name: str) -> SecurityGroup:
    rules = tuple(
        SecurityGroupRule(
            protocol=rng.choice(["-1", "tcp", "tcp", "udp"]),
            ports=ports(rng),
            peer=rng.choice([cidr(rng), PrefixListTarget("pl-0"), PrefixListTarget("pl-9")]),
            ref=REF,
        )
        for _ in range(rng.randint(0, 4))
    )
    return SecurityGroup(
        id=name, region=REGION, name=name, vpc_id="vpc-1", owner=ACCOUNT, egress=rules, ingress=rules, ref=REF
    )


def route_table(rng: random.Random) -> RouteTable:
    routes = []
    taken: set[object] = set()
    for number in range(rng.randint(0, 8)):
        kind = rng.choice([TargetKind.NAT_GATEWAY, TargetKind.TRANSIT_GATEWAY, TargetKind.GATEWAY_ENDPOINT])
        destination = rng.choice([cidr(rng), cidr(rng), PrefixListTarget("pl-0"), PrefixListTarget("pl-1")])
        origin = rng.choice(["CreateRoute", "CreateRoute", "EnableVgwRoutePropagation"])
        if isinstance(destination, PrefixListTarget):
            origin = "CreateRoute"  # only CIDR blocks are propagated
        if (destination, origin) in taken:
            continue  # AWS refuses a second static route for the same destination
        taken.add((destination, origin))
        routes.append(
            Route(
                destination=destination,
                target=RouteTarget(kind, f"{kind}-{rng.randrange(3)}"),
                origin=origin,
                state=rng.choice(["active", "active", "blackhole"]),
                ref=Ref(REF.call, f"/{number}"),
            )
        )
    return RouteTable(
        id="rtb-1",
        region=REGION,
        vpc_id="vpc-1",
        owner=ACCOUNT,
        main=True,
        subnet_ids=(),
        gateway_ids=(),
        routes=tuple(routes),
        ref=REF,
    )


def world(lists: tuple[PrefixList, ...], groups: tuple[SecurityGroup, ...] = ()) -> World:
    cover = (Coverage(account=ACCOUNT, region=REGION),)
    return World(
        prefix_lists=Listing(
            operation="ec2.DescribePrefixLists",
            rows={f"{REGION}/{pl.id}": pl for pl in lists},
            coverage=cover,
        ),
        security_groups=Listing(
            operation="ec2.DescribeSecurityGroups", rows={g.id: g for g in groups}, coverage=cover
        ),
        network_interfaces=Listing(operation="ec2.DescribeNetworkInterfaces", coverage=cover),
    )


def packets(rng: random.Random, count: int) -> list[Packet]:
    """Return packets near the edges of the random rules."""
    made = []
    for _ in range(count):
        one = PacketSet.of(
            4,
            [(BASE + rng.randrange(256),) * 2],
            [(rng.choice([80, 443, 444, 1024]),) * 2],
            [(rng.choice([1023, 1024, 32768, 40000, 60999, 65535]),) * 2],
        ).example()
        assert one is not None
        made.append(one)
    return made


def everything() -> PacketSet:
    return PacketSet.of(4, [ip_network((BASE, 24))])
