"""Where a kernel router differs from AWS, or has nothing to compare: each from AWS's documentation.

The kernel lab leaves these out. Pages: route priority
https://docs.aws.amazon.com/vpc/latest/userguide/route-tables-priority.html, what security groups and network
ACLs don't filter https://docs.aws.amazon.com/vpc/latest/userguide/vpc-network-acls.html, gateway endpoints
https://docs.aws.amazon.com/vpc/latest/privatelink/gateway-endpoints.html, NAT gateways
https://docs.aws.amazon.com/vpc/latest/userguide/nat-gateway-basics.html.
"""

from fractions import Fraction

from gatepath.trace import Certainty, PathKind, Verdict
from gatepath.why.kinds import Kind
from gatepath.why.patterns import row
from tests import scenarios_clients as clients
from tests import snapshots as s


def _acl(made: s.Snapshot, entries: list[s.Json], *subnets: str, acl: str = "acl-0b1") -> None:
    """Give subnets a network ACL of their own."""
    rows = made.rows("ec2.DescribeNetworkAcls")
    rows[0]["Associations"] = [a for a in rows[0]["Associations"] if a["SubnetId"] not in subnets]
    final = [s.entry(32767, egress=e, allow=False) for e in (True, False)]
    rows.append(
        {
            "NetworkAclId": acl,
            "VpcId": s.VPC,
            "OwnerId": s.ACCOUNT,
            "IsDefault": False,
            "Entries": [*entries, *final],
            "Associations": [{"NetworkAclId": acl, "SubnetId": subnet} for subnet in subnets],
        }
    )


def _routes(made: s.Snapshot, table: str, *routes: s.Json) -> None:
    """Replace a table's routes, the local one excepted."""
    made.row("ec2.DescribeRouteTables", RouteTableId=table)["Routes"] = [s.LOCAL, *routes]


def _shares(made: s.Snapshot) -> dict[tuple[PathKind, str | None], Fraction | None]:
    return {(p.kind, p.component): p.share for p in s.ask(made).paths}


ENDPOINT_ROUTE = s.route(s.S3_LIST, GatewayId=s.ENDPOINT)


def test_the_vpc_resolver_is_never_filtered() -> None:
    """Groups and ACLs that leave no room for port 53 don't keep names from resolving."""
    made = s.sound()
    made.rows("ec2.DescribeSecurityGroups")[0]["IpPermissionsEgress"] = [
        s.permission("tcp", 443, lists=[s.S3_LIST])
    ]
    entries = [s.entry(n, egress=True, **s.tcp(c, 443, 443)) for n, c in enumerate(s.S3_CIDRS, 10)]
    entries += [s.entry(n, egress=False, **s.tcp(c, 32768, 60999)) for n, c in enumerate(s.S3_CIDRS, 10)]
    _acl(made, entries, s.PRIVATE)
    assert s.ask(made).verdict is Verdict.OK


def test_a_black_hole_does_not_fall_back() -> None:
    """The endpoint's own list and a default route would take the packets; the black hole keeps them."""
    made = s.sound()
    dead = s.route("3.5.72.0/23", NatGatewayId="nat-0gone") | {"State": "blackhole"}
    _routes(made, s.PRIVATE_TABLE, dead, ENDPOINT_ROUTE, s.route("0.0.0.0/0", NatGatewayId=s.NAT))
    found = s.ask(made)
    assert found.verdict is Verdict.INTERMITTENT
    assert found.certainty is Certainty.SUSPECT  # widely stated, not in AWS's documentation
    dropped = _shares(made)[PathKind.DROPPED, s.PRIVATE_TABLE]
    addresses = 2 ** (32 - 21) + 2 ** (32 - 23) + 2 * 2 ** (32 - 17)
    assert dropped == Fraction(2 ** (32 - 23), addresses)


def test_two_prefix_lists_with_the_same_block_are_undetermined() -> None:
    """AWS picks one of them at random: https://docs.aws.amazon.com/vpc/latest/userguide/route-tables-priority.html."""
    made = s.sound()
    other = {
        "PrefixListId": "pl-0own",
        "PrefixListName": "own",
        "AddressFamily": "IPv4",
        "OwnerId": s.ACCOUNT,
    }
    made.lists["ec2.DescribeManagedPrefixLists"] = {"PrefixLists": [other]}
    entries = {"Entries": [{"Cidr": s.S3_CIDRS[0]}]}
    made.add_call("ec2", "GetManagedPrefixListEntries", {"PrefixListId": "pl-0own"}, response=entries)
    _routes(made, s.PRIVATE_TABLE, ENDPOINT_ROUTE, s.route("pl-0own", NatGatewayId=s.NAT))
    found = s.ask(made)
    assert found.verdict is Verdict.UNKNOWN
    assert found.unknowns


def test_two_prefix_lists_that_lead_to_the_same_target_are_no_question() -> None:
    made = s.sound()
    other = {
        "PrefixListId": "pl-0own",
        "PrefixListName": "own",
        "AddressFamily": "IPv4",
        "OwnerId": s.ACCOUNT,
    }
    made.lists["ec2.DescribeManagedPrefixLists"] = {"PrefixLists": [other]}
    entries = {"Entries": [{"Cidr": "198.51.100.0/24"}]}
    made.add_call("ec2", "GetManagedPrefixListEntries", {"PrefixListId": "pl-0own"}, response=entries)
    _routes(made, s.PRIVATE_TABLE, ENDPOINT_ROUTE, s.route("pl-0own", NatGatewayId=s.NAT))
    assert s.ask(made).verdict is Verdict.OK


def test_an_internet_gateway_drops_senders_without_a_public_address() -> None:
    made = s.sound()
    _routes(made, s.PRIVATE_TABLE, s.route("0.0.0.0/0", GatewayId=s.IGW))
    assert s.ask(made).verdict is Verdict.BLOCKED
    assert set(_shares(made)) == {(PathKind.DROPPED, s.PRIVATE_TABLE)}


def test_groups_are_stateful_without_any_inbound_rule() -> None:
    """The answer of an allowed request passes; a kernel's tracking may forget, AWS's documentation says it passes."""
    made = s.sound()
    assert made.rows("ec2.DescribeSecurityGroups")[0]["IpPermissions"] == []
    assert s.ask(made).verdict is Verdict.OK


def test_which_port_a_nat_gateway_takes_is_not_known() -> None:
    """Its subnet lets answers in to a part of 1024-65535 only: some packets get through, how many can't be said."""
    made = s.sound()
    _routes(made, s.PRIVATE_TABLE, s.route("0.0.0.0/0", NatGatewayId=s.NAT))
    entries = [
        s.entry(10, egress=True),
        s.entry(10, egress=False, CidrBlock="10.0.0.0/16"),
        s.entry(20, egress=False, **s.tcp("0.0.0.0/0", 32768, 60999)),
    ]
    _acl(made, entries, s.PUBLIC)
    found = s.ask(made)
    assert found.verdict is Verdict.INTERMITTENT
    assert all(path.share is None for path in found.paths)


def test_a_nat_gateway_in_the_senders_own_subnet_leads_back_to_itself() -> None:
    """Both use the same table, so what the NAT gateway sends on comes back to it."""
    made = s.sound()
    made.row("ec2.DescribeNatGateways", NatGatewayId=s.NAT)["SubnetId"] = s.PRIVATE
    made.row("ec2.DescribeNetworkInterfaces", NetworkInterfaceId=s.NAT_ENI)["SubnetId"] = s.PRIVATE
    _routes(made, s.PRIVATE_TABLE, s.route("0.0.0.0/0", NatGatewayId=s.NAT))
    assert s.ask(made).verdict is Verdict.BLOCKED
    assert set(_shares(made)) == {(PathKind.DROPPED, s.PRIVATE_TABLE)}


def test_group_references_never_match_the_services_public_addresses() -> None:
    made = s.sound()
    rule = s.permission("tcp", 443, groups=[s.GROUP])
    made.rows("ec2.DescribeSecurityGroups")[0]["IpPermissionsEgress"] = [rule]
    assert s.ask(made).verdict is Verdict.BLOCKED
    assert set(_shares(made)) == {(PathKind.DROPPED, s.GROUP)}


def test_a_table_of_an_internet_gateway_is_not_asked_on_the_way_out() -> None:
    """An edge association routes what arrives, nothing that leaves a subnet."""
    made = s.sound()
    edge = s.table("rtb-0edge", [])
    edge["Associations"] = [
        {
            "Main": False,
            "RouteTableAssociationId": "rtbassoc-0e",
            "RouteTableId": "rtb-0edge",
            "GatewayId": s.IGW,
        }
    ]
    made.rows("ec2.DescribeRouteTables").insert(0, edge)
    assert s.ask(made).verdict is Verdict.OK


def test_icmp_denied_changes_no_verdict() -> None:
    """TCP alone is judged; what path MTU discovery would need is not part of the answer."""
    made = s.sound()
    entries = [s.entry(5, egress=e, allow=False, Protocol="1") for e in (True, False)]
    _acl(made, [*entries, s.entry(10, egress=True), s.entry(10, egress=False)], s.PRIVATE)
    assert s.ask(made).verdict is Verdict.OK


def test_beyond_a_transit_gateway_that_is_not_recorded_is_unknown() -> None:
    made = s.sound()
    del made.lists["ec2.DescribeTransitGatewayVpcAttachments"]
    del made.lists["ec2.DescribeTransitGatewayRouteTables"]
    _routes(made, s.PRIVATE_TABLE, s.route("0.0.0.0/0", TransitGatewayId="tgw-0a1"))
    found = s.ask(made)
    assert found.verdict is Verdict.UNKNOWN
    assert found.unknowns


def test_blocked_public_access_leaves_the_gateway_endpoint_alone() -> None:
    """https://docs.aws.amazon.com/vpc/latest/userguide/security-vpc-bpa.html."""
    made = s.sound()
    options = made.lists["ec2.DescribeVpcBlockPublicAccessOptions"]["VpcBlockPublicAccessOptions"]
    options["InternetGatewayBlockMode"] = "block-bidirectional"
    assert s.ask(made).verdict is Verdict.OK
    _routes(made, s.PRIVATE_TABLE, s.route("0.0.0.0/0", NatGatewayId=s.NAT))
    assert s.ask(made).verdict is Verdict.BLOCKED


def test_an_appliance_that_checks_source_and_destination_drops() -> None:
    """https://docs.aws.amazon.com/vpc/latest/userguide/work-with-nat-instances.html."""
    made = s.sound()
    made.rows("ec2.DescribeSecurityGroups").append(
        s.group("sg-0app", ingress=[s.permission(cidrs=["10.0.0.0/16"])])
    )
    eni = s.interface("eni-0app", s.PUBLIC, "10.0.200.60", ("sg-0app",))
    made.rows("ec2.DescribeNetworkInterfaces").append({**eni, "SourceDestCheck": True})
    _routes(made, s.PRIVATE_TABLE, s.route("0.0.0.0/0", NetworkInterfaceId="eni-0app"))
    assert s.ask(made).verdict is Verdict.BLOCKED
    assert set(_shares(made)) == {(PathKind.DROPPED, "eni-0app")}


def test_a_propagated_route_to_the_lists_own_block_loses() -> None:
    """Static before prefix list before propagated: the lab proves the code, this the order AWS documents."""
    made = s.sound()
    same = s.route(s.S3_CIDRS[0], GatewayId="vgw-0a1") | {"Origin": "EnableVgwRoutePropagation"}
    _routes(made, s.PRIVATE_TABLE, same, ENDPOINT_ROUTE)
    assert s.ask(made).verdict is Verdict.OK
    static = s.route(s.S3_CIDRS[0], NatGatewayId=s.NAT)
    _routes(made, s.PRIVATE_TABLE, static, same, ENDPOINT_ROUTE)
    assert s.ask(made).verdict is Verdict.BYPASS


def test_every_address_of_the_service_counts_network_and_broadcast_too() -> None:
    """Service blocks are public ranges, not subnets: no address of them is reserved."""
    made = s.sound()
    entries = [
        s.entry(5, egress=True, allow=False, **s.tcp("52.218.0.0/32", 443, 443)),
        s.entry(6, egress=True, allow=False, **s.tcp("52.218.127.255/32", 443, 443)),
        s.entry(10, egress=True),
        s.entry(10, egress=False),
    ]
    _acl(made, entries, s.PRIVATE)
    addresses = 2 ** (32 - 21) + 2 ** (32 - 23) + 2 * 2 ** (32 - 17)
    assert _shares(made)[PathKind.DROPPED, "acl-0b1"] == Fraction(2, addresses)


def test_untracked_flows_are_judged_like_tracked_ones_and_the_acl_stays_stateless() -> None:
    """Open both ways to all addresses a flow isn't tracked; its answers pass by rule instead.

    https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/security-group-connection-tracking.html
    """
    made = s.sound()
    group = made.rows("ec2.DescribeSecurityGroups")[0]
    group["IpPermissionsEgress"] = group["IpPermissions"] = [s.permission(cidrs=["0.0.0.0/0"])]
    assert s.ask(made).verdict is Verdict.OK
    _acl(made, [s.entry(10, egress=True)], s.PRIVATE)
    assert s.ask(made).verdict is Verdict.BLOCKED


def test_an_egress_only_gateway_carries_ipv6_where_the_endpoint_has_none() -> None:
    """https://docs.aws.amazon.com/vpc/latest/userguide/egress-only-internet-gateway.html"""
    made = s.sound()
    clients.ipv6(made)
    asked = s.question(client=s.client(hostname=f"data.s3.dualstack.{s.REGION}.amazonaws.com", ip_version=6))
    found = s.ask(made, asked)
    assert found.verdict is Verdict.BYPASS
    assert [p.kind for p in found.paths] == [PathKind.EGRESS_ONLY_INTERNET_GATEWAY]


def test_nat64_takes_the_nat_gateway_past_the_endpoint() -> None:
    """https://docs.aws.amazon.com/vpc/latest/userguide/nat-gateway-nat64-dns64.html"""
    made = s.sound()
    clients.ipv6(made)
    made.rows("ec2.DescribeSubnets")[0]["EnableDns64"] = True
    routes = made.row("ec2.DescribeRouteTables", RouteTableId=s.PRIVATE_TABLE)["Routes"]
    routes.append(s.route("64:ff9b::/96", NatGatewayId=s.NAT))
    found = s.ask(made, s.question(client=s.client(ip_version=6)))
    assert found.verdict is Verdict.BYPASS
    assert [p.component for p in found.paths] == [s.NAT]


def test_what_drops_in_silence_never_explains_a_refused_connection() -> None:
    """Groups, ACLs and routes answer nothing: https://repost.aws/knowledge-center/connect-s3-vpc-endpoint."""
    refused = row(Kind.REFUSED)
    assert "dropped" not in refused.agrees
    assert not any(code.startswith(("security-group", "network-acl", "route")) for code in refused.agrees)
    assert row(Kind.CONNECT_TIMEOUT).agrees == ("dropped",)
