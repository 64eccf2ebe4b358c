"""Random security groups and network ACLs."""

from tests.lab import aws_json as aws
from tests.lab.aws_json import Json
from tests.lab.random_plan import DYNAMODB, OWN_LIST, PORTS, S3, S3_SIX, Plan, Ports


def filters(plan: Plan) -> list[Json]:
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
    style, own = plan.rng.random(), plan.listed()
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


def _rule(plan: Plan) -> Json:
    rng = plan.rng
    protocol = rng.choice(("tcp", "tcp", "tcp", "tcp", "-1", "udp", "icmp", "50"))
    ports = rng.choice(PORTS) if protocol in {"tcp", "udp"} else (-1, -1) if protocol == "icmp" else None
    if plan.chance(0.2):
        return aws.permission(protocol, ports, listed=rng.choice((plan.listed(), OWN_LIST, S3_SIX)))
    if plan.chance(0.12):
        return aws.permission(protocol, ports, group=plan.name("sg", rng.choice((0, 8, 9))))
    return aws.permission(protocol, ports, cidr=plan.somewhere(six=plan.family != 4 and plan.chance(0.6)))


def _ingress(plan: Plan, port: int = 443) -> list[Json]:
    rng, made = plan.rng, []
    for _ in range(rng.choice((0, 1, 2, 2, 3))):
        ports = rng.choice(((port, port), (port, port), (port, port), (0, 65535), (80, 80)))
        peers = (
            {"cidr": plan.block()},
            {"cidr": plan.block(0)},
            {"group": plan.name("sg", rng.randrange(3))},
        )
        made.append(
            aws.permission(rng.choice(("tcp", "tcp", "tcp", "tcp", "udp")), ports, **rng.choice(peers))
        )
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
    return action, protocol, plan.somewhere(six=plan.family != 4 and plan.chance(0.6)), ports
