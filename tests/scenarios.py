"""One scenario a finding code: how to break the sound VPC so that it fires, and a near miss where it must not.

`python -m tests.make_cases` writes them as case folders under `tests/cases/findings/`.
"""

from collections.abc import Callable

from tests import snapshots as s
from tests.snapshots import Json, Snapshot

Scenario = tuple[Snapshot, Json, Json]
"""Snapshot, question, expected (`verdict`, `components`, `path`)."""

SCENARIOS: dict[str, tuple[Callable[[], Scenario], Callable[[], Scenario]]] = {}
"""Code -> (fires, stays quiet)."""

OK_PATH = [f"gateway-endpoint {s.ENDPOINT}"]
NAT_PATH = [f"nat-gateway {s.NAT}"]
OTHER = "eu-west-2"
OTHER_CIDRS = ["3.5.244.0/22", "52.95.150.0/24"]


def answer(verdict: str, *components: str, path: list[str]) -> Json:
    """Return an `expected.json`."""
    return {"verdict": verdict, "components": list(components), "path": path, "needs_policies": False}


def scenario(code: str) -> Callable[[Callable[[bool], Scenario]], Callable[[bool], Scenario]]:
    """Register a maker: called with True it makes the code fire, with False the near miss."""

    def register(make: Callable[[bool], Scenario]) -> Callable[[bool], Scenario]:
        SCENARIOS[code] = (lambda: make(True), lambda: make(False))
        return make

    return register


def ok() -> Json:
    """Return the expectation of a sound way."""
    return answer("ok", path=OK_PATH)


def private_routes(made: Snapshot) -> list[Json]:
    """Return the routes of the private subnet's table."""
    routes: list[Json] = made.row("ec2.DescribeRouteTables", RouteTableId=s.PRIVATE_TABLE)["Routes"]
    return routes


def without_endpoint_route(made: Snapshot, *, keep_default: bool = True) -> None:
    """Take the endpoint's route (and the default route) out of the private table."""
    routes = private_routes(made)
    routes[:] = [
        r
        for r in routes
        if "DestinationPrefixListId" not in r
        and (keep_default or r.get("DestinationCidrBlock") != "0.0.0.0/0")
    ]


def with_public_address(made: Snapshot) -> None:
    """Give the workload a public address, in both calls that show it."""
    rows = made.rows("ec2.DescribeNetworkInterfaces")
    rows[0] = s.public(rows[0], "203.0.113.10")
    row = made.rows("ec2.DescribeInstances")[0]["Instances"][0]
    row["NetworkInterfaces"] = [s.public(eni, "203.0.113.10") for eni in row["NetworkInterfaces"]]


def own_acl(made: Snapshot, entries: list[Json], subnet: str = s.PRIVATE) -> None:
    """Give a subnet a network ACL of its own, `acl-0b1`."""
    acls = made.rows("ec2.DescribeNetworkAcls")
    for acl in acls:
        acl["Associations"] = [a for a in acl["Associations"] if a["SubnetId"] != subnet]
    acls.append(
        {
            "NetworkAclId": "acl-0b1",
            "VpcId": s.VPC,
            "OwnerId": s.ACCOUNT,
            "IsDefault": False,
            "Entries": [
                *entries,
                *(s.entry(32767, egress=egress, allow=False) for egress in (True, False)),
            ],
            "Associations": [{"NetworkAclId": "acl-0b1", "SubnetId": subnet}],
        }
    )


def egress(made: Snapshot, *permissions: Json) -> None:
    """Set the egress rules of the workload's group."""
    made.row("ec2.DescribeSecurityGroups", GroupId=s.GROUP)["IpPermissionsEgress"] = list(permissions)


@scenario("security-group.no-egress")
def _(fires: bool) -> Scenario:
    made = s.sound()
    egress(
        made,
        s.permission("tcp", 443, cidrs=["10.0.0.0/16"])
        if fires
        else s.permission("tcp", 443, lists=[s.S3_LIST]),
    )
    blocked = answer("blocked", s.GROUP, path=[f"dropped {s.GROUP}"])
    return made, s.question(), blocked if fires else ok()


@scenario("security-group.partial-egress")
def _(fires: bool) -> Scenario:
    made = s.sound()
    cidrs = s.S3_CIDRS[:1] if fires else s.S3_CIDRS
    egress(made, s.permission("tcp", 443, cidrs=cidrs))
    partly = answer("intermittent", s.GROUP, path=[*OK_PATH, f"dropped {s.GROUP}"])
    return made, s.question(), partly if fires else ok()


@scenario("security-group.other-prefix-list")
def _(fires: bool) -> Scenario:
    made = s.sound()
    egress(made, s.permission("tcp", 443, lists=[s.DDB_LIST if fires else s.S3_LIST]))
    blocked = answer("blocked", s.GROUP, path=[f"dropped {s.GROUP}"])
    return made, s.question(), blocked if fires else ok()


@scenario("network-acl.egress-denied")
def _(fires: bool) -> Scenario:
    made = s.sound()
    port = 80 if fires else 443
    own_acl(made, [s.entry(100, egress=True, **s.tcp("0.0.0.0/0", port, port)), s.entry(100, egress=False)])
    blocked = answer("blocked", "acl-0b1", path=["dropped acl-0b1"])
    return made, s.question(), blocked if fires else ok()


@scenario("network-acl.partial-egress")
def _(fires: bool) -> Scenario:
    made = s.sound()
    cidrs = s.S3_CIDRS[1:] if fires else s.S3_CIDRS
    rules = [s.entry(100 + n, egress=True, **s.tcp(c, 443, 443)) for n, c in enumerate(cidrs)]
    own_acl(made, [*rules, s.entry(100, egress=False)])
    partly = answer("intermittent", "acl-0b1", path=[*OK_PATH, "dropped acl-0b1"])
    return made, s.question(), partly if fires else ok()


@scenario("network-acl.return-denied")
def _(fires: bool) -> Scenario:
    made = s.sound()
    ports = (443, 443) if fires else (1024, 65535)
    own_acl(made, [s.entry(100, egress=True), s.entry(100, egress=False, **s.tcp("0.0.0.0/0", *ports))])
    blocked = answer("blocked", "acl-0b1", path=["dropped acl-0b1"])
    return made, s.question(), blocked if fires else ok()


@scenario("network-acl.partial-return")
def _(fires: bool) -> Scenario:
    made = s.sound()
    low = 49152 if fires else 32768
    own_acl(made, [s.entry(100, egress=True), s.entry(100, egress=False, **s.tcp("0.0.0.0/0", low, 65535))])
    partly = answer("intermittent", "acl-0b1", path=[*OK_PATH, "dropped acl-0b1"])
    return made, s.question(), partly if fires else ok()


@scenario("network-acl.ingress-denied")
def _(fires: bool) -> Scenario:
    made = s.sound()
    without_endpoint_route(made)
    source = "10.9.0.0/16" if fires else "10.0.1.0/24"
    rules = [
        s.entry(100, egress=True),
        s.entry(100, egress=False, **s.tcp(source, 443, 443)),
        s.entry(110, egress=False, **s.tcp("0.0.0.0/0", 1024, 65535)),
    ]
    own_acl(made, rules, s.PUBLIC)
    blocked = answer("blocked", "acl-0b1", s.PRIVATE_TABLE, path=["dropped acl-0b1"])
    return made, s.question(), blocked if fires else answer("bypass", s.PRIVATE_TABLE, path=NAT_PATH)


@scenario("route.no-route")
def _(fires: bool) -> Scenario:
    made = s.sound()
    s.other_region(made, OTHER, OTHER_CIDRS)
    s.bucket(made, "far", OTHER)
    without_endpoint_route(made, keep_default=not fires)
    asked = s.question(
        resource="arn:aws:s3:::far/key",
        client=s.client(region=OTHER, hostname=f"far.s3.{OTHER}.amazonaws.com"),
    )
    blocked = answer("blocked", s.PRIVATE_TABLE, "s3:bucket/far", path=[f"dropped {s.PRIVATE_TABLE}"])
    return made, asked, blocked if fires else answer("bypass", "s3:bucket/far", path=NAT_PATH)


@scenario("route.endpoint-missing")
def _(fires: bool) -> Scenario:
    made = s.sound()
    if fires:
        made.lists["ec2.DescribeVpcEndpoints"]["VpcEndpoints"] = []
        without_endpoint_route(made)
    return made, s.question(), answer("bypass", s.PRIVATE_TABLE, path=NAT_PATH) if fires else ok()


@scenario("route.endpoint-not-associated")
def _(fires: bool) -> Scenario:
    made = s.sound()
    if fires:
        without_endpoint_route(made, keep_default=False)
    blocked = answer("blocked", s.PRIVATE_TABLE, path=[f"dropped {s.PRIVATE_TABLE}"])
    return made, s.question(), blocked if fires else ok()


@scenario("route.more-specific")
def _(fires: bool) -> Scenario:
    made = s.sound()
    private_routes(made).append(s.route("52.218.0.0/18" if fires else "52.216.0.0/14", NatGatewayId=s.NAT))
    mixed = answer("bypass", s.PRIVATE_TABLE, path=[*OK_PATH, *NAT_PATH])
    return made, s.question(), mixed if fires else ok()


@scenario("route.same-cidr-static")
def _(fires: bool) -> Scenario:
    made = s.sound()
    same = s.route("52.218.0.0/17", NatGatewayId=s.NAT)
    if not fires:
        same["Origin"] = "EnableVgwRoutePropagation"  # a prefix list beats a propagated route
    private_routes(made).append(same)
    mixed = answer("bypass", s.PRIVATE_TABLE, path=[*OK_PATH, *NAT_PATH])
    return made, s.question(), mixed if fires else ok()


@scenario("route.blackhole")
def _(fires: bool) -> Scenario:
    made = s.sound()
    without_endpoint_route(made)
    if fires:
        private_routes(made)[-1]["State"] = "blackhole"
    blocked = answer("blocked", s.PRIVATE_TABLE, path=[f"dropped {s.PRIVATE_TABLE}"])
    return made, s.question(), blocked if fires else answer("bypass", s.PRIVATE_TABLE, path=NAT_PATH)


@scenario("route.local-overlap")
def _(fires: bool) -> Scenario:
    made = s.sound()
    block = "52.218.0.0/17" if fires else "100.64.0.0/16"
    vpc = made.rows("ec2.DescribeVpcs")[0]
    vpc["CidrBlockAssociationSet"].append({"CidrBlock": block, "CidrBlockState": {"State": "associated"}})
    private_routes(made).append({**s.LOCAL, "DestinationCidrBlock": block})
    partly = answer("intermittent", s.VPC, s.PRIVATE_TABLE, path=[*OK_PATH, f"dropped {s.VPC}"])
    return made, s.question(), {**partly, "certainty": "suspect"} if fires else ok()


@scenario("route.endpoint-not-available")
def _(fires: bool) -> Scenario:
    made = s.sound()
    if fires:
        made.rows("ec2.DescribeVpcEndpoints")[0]["State"] = "failed"
    blocked = answer("blocked", s.ENDPOINT, path=[f"dropped {s.ENDPOINT}"])
    return made, s.question(), {**blocked, "certainty": "suspect"} if fires else ok()


@scenario("route.no-public-address")
def _(fires: bool) -> Scenario:
    made = s.sound()
    without_endpoint_route(made)
    private_routes(made)[-1] = s.route("0.0.0.0/0", GatewayId=s.IGW)
    if not fires:
        with_public_address(made)
    blocked = answer("blocked", s.PRIVATE_TABLE, path=[f"dropped {s.PRIVATE_TABLE}"])
    return (
        made,
        s.question(),
        blocked if fires else answer("bypass", s.PRIVATE_TABLE, path=[f"internet-gateway {s.IGW}"]),
    )


@scenario("route.gateway-not-attached")
def _(fires: bool) -> Scenario:
    made = s.sound()
    without_endpoint_route(made)
    private_routes(made)[-1] = s.route("0.0.0.0/0", GatewayId=s.IGW)
    with_public_address(made)
    if fires:
        made.rows("ec2.DescribeInternetGateways")[0]["Attachments"] = []
    blocked = answer("blocked", s.PRIVATE_TABLE, path=[f"dropped {s.PRIVATE_TABLE}"])
    return (
        made,
        s.question(),
        blocked if fires else answer("bypass", s.PRIVATE_TABLE, path=[f"internet-gateway {s.IGW}"]),
    )


@scenario("route.nat-not-available")
def _(fires: bool) -> Scenario:
    made = s.sound()
    without_endpoint_route(made)
    if fires:
        made.rows("ec2.DescribeNatGateways")[0]["State"] = "failed"
    blocked = answer("blocked", s.NAT, s.PRIVATE_TABLE, path=[f"dropped {s.NAT}"])
    return made, s.question(), blocked if fires else answer("bypass", s.PRIVATE_TABLE, path=NAT_PATH)


@scenario("route.nat-without-way-out")
def _(fires: bool) -> Scenario:
    made = s.sound()
    without_endpoint_route(made)
    if fires:
        made.row("ec2.DescribeRouteTables", RouteTableId=s.PUBLIC_TABLE)["Routes"] = [
            s.LOCAL,
            s.route("0.0.0.0/0", NatGatewayId=s.NAT),
        ]
    blocked = answer("blocked", s.PUBLIC_TABLE, s.PRIVATE_TABLE, path=[f"dropped {s.PUBLIC_TABLE}"])
    return made, s.question(), blocked if fires else answer("bypass", s.PRIVATE_TABLE, path=NAT_PATH)


@scenario("route.nat-then-endpoint")
def _(fires: bool) -> Scenario:
    made = s.sound()
    without_endpoint_route(made)
    if fires:
        made.rows("ec2.DescribeVpcEndpoints")[0]["RouteTableIds"] = [s.PUBLIC_TABLE]
        made.row("ec2.DescribeRouteTables", RouteTableId=s.PUBLIC_TABLE)["Routes"].append(
            s.route(s.S3_LIST, GatewayId=s.ENDPOINT)
        )
    bypass = answer("bypass", s.PRIVATE_TABLE, path=NAT_PATH)
    return (
        made,
        s.question(),
        {**bypass, "certainty": "suspect"} if fires else {**bypass, "certainty": "proven"},
    )


PEERING = "pcx-0a1"


def _peered(made: Snapshot, status: str = "active") -> None:
    made.rows("ec2.DescribeVpcPeeringConnections").append(
        {
            "VpcPeeringConnectionId": PEERING,
            "Status": {"Code": status},
            "RequesterVpcInfo": {
                "VpcId": s.VPC,
                "OwnerId": s.ACCOUNT,
                "Region": s.REGION,
                "CidrBlock": "10.0.0.0/16",
            },
            "AccepterVpcInfo": {
                "VpcId": "vpc-0b1",
                "OwnerId": s.ACCOUNT,
                "Region": s.REGION,
                "CidrBlock": "10.9.0.0/16",
            },
        }
    )


@scenario("route.peering-carries-vpc-only")
def _(fires: bool) -> Scenario:
    made = s.sound()
    _peered(made)
    if fires:
        without_endpoint_route(made)
        private_routes(made)[-1] = s.route("0.0.0.0/0", VpcPeeringConnectionId=PEERING)
    blocked = answer("blocked", s.PRIVATE_TABLE, path=[f"dropped {s.PRIVATE_TABLE}"])
    return made, s.question(), blocked if fires else ok()


@scenario("route.peering-not-active")
def _(fires: bool) -> Scenario:
    made = s.sound()
    _peered(made, "expired")
    if fires:
        without_endpoint_route(made)
        private_routes(made)[-1] = s.route("0.0.0.0/0", VpcPeeringConnectionId=PEERING)
    blocked = answer("blocked", s.PRIVATE_TABLE, path=[f"dropped {s.PRIVATE_TABLE}"])
    return made, s.question(), blocked if fires else ok()


TGW = "tgw-0a1"


def _transit(made: Snapshot, routes: list[Json]) -> None:
    """Lead 0.0.0.0/0 to a transit gateway with one route table."""
    without_endpoint_route(made)
    private_routes(made)[-1] = s.route("0.0.0.0/0", TransitGatewayId=TGW)
    made.rows("ec2.DescribeTransitGatewayVpcAttachments").append(
        {
            "TransitGatewayAttachmentId": "tgw-attach-0a1",
            "TransitGatewayId": TGW,
            "VpcId": s.VPC,
            "VpcOwnerId": s.ACCOUNT,
            "State": "available",
            "SubnetIds": [s.PRIVATE],
        }
    )
    made.rows("ec2.DescribeTransitGatewayRouteTables").append(
        {"TransitGatewayRouteTableId": "tgw-rtb-0a1", "TransitGatewayId": TGW, "State": "available"}
    )
    made.add_call(
        "ec2",
        "GetTransitGatewayRouteTableAssociations",
        {"TransitGatewayRouteTableId": "tgw-rtb-0a1"},
        response={
            "Associations": [
                {
                    "TransitGatewayAttachmentId": "tgw-attach-0a1",
                    "ResourceId": s.VPC,
                    "ResourceType": "vpc",
                    "State": "associated",
                }
            ]
        },
    )
    made.add_call(
        "ec2",
        "SearchTransitGatewayRoutes",
        {
            "TransitGatewayRouteTableId": "tgw-rtb-0a1",
            "Filters": [{"Name": "state", "Values": ["active", "blackhole"]}],
        },
        response={"Routes": routes, "AdditionalRoutesAvailable": False},
    )


def _tgw_route(cidr: str, state: str = "active", **attachment: str) -> Json:
    attachments = [{"TransitGatewayAttachmentId": "tgw-attach-0x1", **attachment}] if attachment else []
    return {
        "DestinationCidrBlock": cidr,
        "TransitGatewayAttachments": attachments,
        "Type": "static",
        "State": state,
    }


@scenario("route.transit-gateway-no-route")
def _(fires: bool) -> Scenario:
    made = s.sound()
    away = _tgw_route("0.0.0.0/0", ResourceId="vpn-0a1", ResourceType="vpn")
    _transit(
        made, [_tgw_route("10.0.0.0/16", ResourceId=s.VPC, ResourceType="vpc"), *([] if fires else [away])]
    )
    blocked = answer("blocked", s.PRIVATE_TABLE, path=[f"dropped {s.PRIVATE_TABLE}"])
    return made, s.question(), blocked if fires else answer("unknown", path=[f"transit-gateway {TGW}"])


@scenario("route.transit-gateway-blackhole")
def _(fires: bool) -> Scenario:
    made = s.sound()
    _transit(
        made,
        [_tgw_route("0.0.0.0/0", "blackhole")]
        if fires
        else [_tgw_route("0.0.0.0/0", ResourceId="vpn-0a1", ResourceType="vpn")],
    )
    blocked = answer("blocked", s.PRIVATE_TABLE, path=[f"dropped {s.PRIVATE_TABLE}"])
    return made, s.question(), blocked if fires else answer("unknown", path=[f"transit-gateway {TGW}"])


@scenario("route.arrives-from-outside")
def _(fires: bool) -> Scenario:
    """A hub VPC whose attachment subnet has the endpoint route: refused. With a NAT gateway there: works."""
    made = s.sound()
    hub = "vpc-0b1"
    _transit(made, [_tgw_route("0.0.0.0/0", ResourceId=hub, ResourceType="vpc")])
    made.rows("ec2.DescribeTransitGatewayVpcAttachments").append(
        {
            "TransitGatewayAttachmentId": "tgw-attach-0x1",
            "TransitGatewayId": TGW,
            "VpcId": hub,
            "VpcOwnerId": s.ACCOUNT,
            "State": "available",
            "SubnetIds": ["subnet-0b1"],
        }
    )
    made.rows("ec2.DescribeVpcs").append(
        {"VpcId": hub, "CidrBlock": "10.9.0.0/16", "OwnerId": s.ACCOUNT, "State": "available"}
    )
    made.rows("ec2.DescribeSubnets").append(s.subnet("subnet-0b1", "10.9.1.0/24", VpcId=hub))
    target = s.route(s.S3_LIST, GatewayId="vpce-0b1") if fires else s.route("0.0.0.0/0", VpnGatewayId="x")
    if not fires:
        target = s.route("0.0.0.0/0", GatewayId="vgw-0b1")
    made.rows("ec2.DescribeRouteTables").append(
        {**s.table("rtb-0b1", [target], ("subnet-0b1",)), "VpcId": hub}
    )
    made.rows("ec2.DescribeNetworkAcls").append(
        {
            "NetworkAclId": "acl-0b2",
            "VpcId": hub,
            "OwnerId": s.ACCOUNT,
            "IsDefault": True,
            "Entries": s.open_entries(),
            "Associations": [{"NetworkAclId": "acl-0b2", "SubnetId": "subnet-0b1"}],
        }
    )
    made.rows("ec2.DescribeVpcEndpoints").append(s.endpoint("vpce-0b1", VpcId=hub, RouteTableIds=["rtb-0b1"]))
    blocked = answer("blocked", "vpce-0b1", s.PRIVATE_TABLE, path=["dropped vpce-0b1"])
    return made, s.question(), blocked if fires else answer("unknown", path=[f"transit-gateway {TGW}"])


def hub(made: Snapshot, *, back: bool) -> None:
    """Lead the default route over a transit gateway to a hub VPC with a NAT gateway."""
    vpc = "vpc-0b1"
    hub_route = _tgw_route("0.0.0.0/0", ResourceId=vpc, ResourceType="vpc")
    _transit(made, [hub_route, _tgw_route("10.0.0.0/16", ResourceId=s.VPC, ResourceType="vpc")])
    made.calls[-2]["response"]["Associations"].append(
        {
            "TransitGatewayAttachmentId": "tgw-attach-0x1",
            "ResourceId": vpc,
            "ResourceType": "vpc",
            "State": "associated",
        }
    )
    made.rows("ec2.DescribeTransitGatewayVpcAttachments").append(
        {
            "TransitGatewayAttachmentId": "tgw-attach-0x1",
            "TransitGatewayId": TGW,
            "VpcId": vpc,
            "VpcOwnerId": s.ACCOUNT,
            "State": "available",
            "SubnetIds": ["subnet-0b1"],
        }
    )
    made.rows("ec2.DescribeVpcs").append(
        {"VpcId": vpc, "CidrBlock": "10.9.0.0/16", "OwnerId": s.ACCOUNT, "State": "available"}
    )
    for number, subnet in enumerate(("subnet-0b1", "subnet-0b2")):
        made.rows("ec2.DescribeSubnets").append(s.subnet(subnet, f"10.9.{number}.0/24", VpcId=vpc))
    made.rows("ec2.DescribeNetworkAcls").append(
        {
            "NetworkAclId": "acl-0b2",
            "VpcId": vpc,
            "OwnerId": s.ACCOUNT,
            "IsDefault": True,
            "Entries": s.open_entries(),
            "Associations": [
                {"NetworkAclId": "acl-0b2", "SubnetId": n} for n in ("subnet-0b1", "subnet-0b2")
            ],
        }
    )
    nat = {
        **made.rows("ec2.DescribeNatGateways")[0],
        "NatGatewayId": "nat-0b1",
        "VpcId": vpc,
        "SubnetId": "subnet-0b2",
    }
    made.rows("ec2.DescribeNatGateways").append(nat)
    made.rows("ec2.DescribeInternetGateways").append(
        {
            "InternetGatewayId": "igw-0b1",
            "OwnerId": s.ACCOUNT,
            "Attachments": [{"VpcId": vpc, "State": "available"}],
        }
    )
    local = {**s.LOCAL, "DestinationCidrBlock": "10.9.0.0/16"}
    answers = [s.route("10.0.0.0/16", TransitGatewayId=TGW)] if back else []
    for name, subnet, routes in (
        ("rtb-0b1", "subnet-0b1", [s.route("0.0.0.0/0", NatGatewayId="nat-0b1")]),
        ("rtb-0b2", "subnet-0b2", [s.route("0.0.0.0/0", GatewayId="igw-0b1"), *answers]),
    ):
        made.rows("ec2.DescribeRouteTables").append(
            {**s.table(name, routes, (subnet,)), "VpcId": vpc, "Routes": [local, *routes]}
        )


@scenario("route.source-dest-check")
def _(fires: bool) -> Scenario:
    made = s.sound()
    without_endpoint_route(made)
    made.rows("ec2.DescribeNetworkInterfaces").append(
        s.interface("eni-0b1", s.PUBLIC, "10.0.200.30", SourceDestCheck=fires)
    )
    private_routes(made)[-1] = s.route("0.0.0.0/0", NetworkInterfaceId="eni-0b1")
    blocked = answer("blocked", "eni-0b1", s.PRIVATE_TABLE, path=["dropped eni-0b1"])
    return made, s.question(), blocked if fires else answer("unknown", path=["network-interface eni-0b1"])


@scenario("route.block-public-access")
def _(fires: bool) -> Scenario:
    made = s.sound()
    without_endpoint_route(made)
    options = made.lists["ec2.DescribeVpcBlockPublicAccessOptions"]["VpcBlockPublicAccessOptions"]
    options["InternetGatewayBlockMode"] = "block-bidirectional"
    if not fires:
        made.rows("ec2.DescribeVpcBlockPublicAccessExclusions").append(
            {
                "ExclusionId": "vpcbpa-exclude-0a1",
                "InternetGatewayExclusionMode": "allow-egress",
                "ResourceArn": f"arn:aws:ec2:{s.REGION}:{s.ACCOUNT}:vpc/{s.VPC}",
                "State": "create-complete",
            }
        )
    component = f"bpa:{s.REGION}"
    blocked = answer("blocked", component, s.PRIVATE_TABLE, path=[f"dropped {component}"])
    return made, s.question(), blocked if fires else answer("bypass", s.PRIVATE_TABLE, path=NAT_PATH)


@scenario("route.encryption-enforced")
def _(fires: bool) -> Scenario:
    made = s.sound()
    control = {"VpcEncryptionControlId": "vpcec-0a1", "VpcId": s.VPC, "Mode": "enforce", "State": "available"}
    made.lists["ec2.DescribeVpcEncryptionControls"] = {"VpcEncryptionControls": [control]}
    blocked = answer("blocked", "vpcec-0a1", path=["dropped vpcec-0a1"])
    asked = s.question(client=s.client(port=80 if fires else 443))
    return made, asked, {**blocked, "certainty": "suspect"} if fires else ok()


@scenario("route.ipv4-not-by-endpoint")
def _(fires: bool) -> Scenario:
    made = s.sound()
    if fires:
        made.rows("ec2.DescribeVpcEndpoints")[0]["IpAddressType"] = "ipv6"
        without_endpoint_route(made)
    return made, s.question(), answer("bypass", s.ENDPOINT, path=NAT_PATH) if fires else ok()


@scenario("source.no-address-of-version")
def _(fires: bool) -> Scenario:
    made = s.sound()
    asked = s.question(client=s.client(ip_version=6 if fires else 4))
    blocked = answer("blocked", s.ENI, path=[f"dropped {s.ENI}"])
    return made, asked, blocked if fires else ok()


@scenario("source.outside-vpc")
def _(fires: bool) -> Scenario:
    made = s.sound()
    asked = s.question(source={"ip": "198.51.100.7" if fires else "10.0.1.10"}, region=s.REGION)
    return made, asked, answer("bypass", s.ENDPOINT, path=["internet"]) if fires else ok()


@scenario("route.endpoint-without-routes")
def _(fires: bool) -> Scenario:
    made = s.sound()
    without_endpoint_route(made, keep_default=False)
    if fires:
        made.rows("ec2.DescribeVpcEndpoints")[0]["State"] = "failed"
    blocked = answer("blocked", s.ENDPOINT, path=[f"dropped {s.PRIVATE_TABLE}"])
    return made, s.question(), blocked if fires else {**blocked, "components": [s.PRIVATE_TABLE]}
