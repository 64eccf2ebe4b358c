"""Random routes, and what they lead to."""

from tests.lab import aws_json as aws
from tests.lab.aws_json import Json
from tests.lab.random_plan import DYNAMODB, DYNAMODB_CIDRS, OWN_LIST, S3, S3_CIDRS, S3_SIX, Plan


def ways(plan: Plan) -> list[Json]:
    """Return the calls about routes and what they lead to."""
    vpc = plan.name("vpc", 0)
    igw: Json = {"InternetGatewayId": plan.name("igw", 0), "OwnerId": aws.ACCOUNT}
    igw |= {"Attachments": [{"VpcId": vpc, "State": "available"}]}
    eigw = {
        "EgressOnlyInternetGatewayId": plan.name("eigw", 0),
        "Attachments": [{"VpcId": vpc, "State": "attached"}],
    }
    lists = {S3: ("s3", plan.cidrs), DYNAMODB: ("dynamodb", list(DYNAMODB_CIDRS))}
    if plan.service == "dynamodb":
        lists = {S3: ("s3", list(S3_CIDRS[:2])), DYNAMODB: ("dynamodb", plan.cidrs)}
    lists[S3_SIX] = ("ipv6.s3", plan.cidrs6)
    own = sorted({plan.inside(plan.rng.choice(plan.cidrs), 1), "198.51.100.0/24"})
    managed: list[Json] = [
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
    endpoint = bool(plan.endpoint) and plan.chance(0.08 if of_nat else 0.7)
    for _ in range(plan.rng.choice((0, 0, 0, 1) if of_nat else (0, 0, 1, 1, 2, 3))):
        _special(plan, found, of_nat=of_nat)
    if endpoint:
        for listed in (plan.listed(), *((S3_SIX,) if plan.family != 4 and plan.chance(0.85) else ())):
            found[listed, False] = aws.route(listed, GatewayId=plan.name("vpce", 0))
    elif not of_nat and plan.chance(0.1):
        found[OWN_LIST, False] = aws.route(OWN_LIST, **_target(plan, of_nat=of_nat, six=False))
    if plan.chance(0.88 if of_nat else 0.75):
        found["0.0.0.0/0", False] = aws.route("0.0.0.0/0", **_target(plan, of_nat=of_nat, six=False))
    if plan.family != 4 and plan.chance(0.7):
        found["::/0", False] = aws.route("::/0", **_target(plan, of_nat=of_nat, six=True))
    return [*local, *found.values()]


def _special(plan: Plan, found: dict[tuple[str, bool], Json], *, of_nat: bool) -> None:
    """Add a static, propagated or black-hole route for some of the service's addresses."""
    six = plan.family != 4 and plan.chance(0.6)
    destination = plan.somewhere(six=six)
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
    if not of_nat and not six and plan.chance(0.1):
        found[destination, False] = aws.route(destination, VpcPeeringConnectionId=plan.name("pcx", 0))
        return
    state = "blackhole" if plan.chance(0.25) else "active"
    found[destination, False] = aws.route(destination, state=state, **_target(plan, of_nat=of_nat, six=six))


def _target(plan: Plan, *, of_nat: bool, six: bool) -> dict[str, str]:
    igw = {"GatewayId": plan.name("igw", 0)}
    if six:
        return plan.rng.choice((igw, {"EgressOnlyInternetGatewayId": plan.name("eigw", 0)}))
    nat = {"NatGatewayId": plan.name("nat", 0)}
    if of_nat:
        if plan.chance(0.03):
            plan.kernel = False  # packets would circle in the lab
            return nat
        return igw
    return plan.rng.choices((nat, igw), (70, 30))[0]
