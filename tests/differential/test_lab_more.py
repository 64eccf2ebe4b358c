"""Defects that random VPCs showed, each by hand and small."""

from fractions import Fraction

from gatepath.trace import Verdict
from tests import snapshots as s

ENDPOINT_SUBNET = "subnet-0b1"


def _hijacked() -> s.Snapshot:
    """Return a VPC without a gateway endpoint whose interface endpoint answers for the name; it works."""
    made = s.sound()
    made.row("ec2.DescribeRouteTables", RouteTableId=s.PRIVATE_TABLE)["Routes"] = [s.LOCAL]
    made.rows("ec2.DescribeSubnets").append(s.subnet(ENDPOINT_SUBNET, "10.0.3.0/24"))
    acl = made.rows("ec2.DescribeNetworkAcls")[0]
    acl["Associations"].append({"NetworkAclId": s.ACL, "SubnetId": ENDPOINT_SUBNET})
    made.rows("ec2.DescribeSecurityGroups").append(
        s.group("sg-0e1", ingress=[s.permission("tcp", 443, cidrs=["10.0.0.0/16"])])
    )
    eni = s.interface("eni-0e1", ENDPOINT_SUBNET, "10.0.3.50", ("sg-0e1",), InterfaceType="vpc_endpoint")
    made.rows("ec2.DescribeNetworkInterfaces").append(eni)
    made.lists["ec2.DescribeVpcEndpoints"]["VpcEndpoints"] = [
        s.endpoint(
            "vpce-0e1",
            VpcEndpointType="Interface",
            RouteTableIds=[],
            SubnetIds=[ENDPOINT_SUBNET],
            Groups=[{"GroupId": "sg-0e1"}],
            NetworkInterfaceIds=["eni-0e1"],
            PrivateDnsEnabled=True,
        )
    ]
    return made


def test_the_interface_endpoint_works_when_all_is_recorded() -> None:
    assert s.ask(_hijacked()).verdict is Verdict.BYPASS


def test_interfaces_of_an_endpoint_that_are_not_recorded_are_not_no_way() -> None:
    made = _hijacked()
    del made.lists["ec2.DescribeNetworkInterfaces"]
    found = s.ask(made)
    assert found.verdict in {Verdict.BYPASS, Verdict.UNKNOWN}


def test_endpoints_that_are_not_recorded_are_not_no_endpoints() -> None:
    made = _hijacked()
    del made.lists["ec2.DescribeVpcEndpoints"]
    found = s.ask(made)
    assert found.verdict in {Verdict.BYPASS, Verdict.UNKNOWN}


def _own_list() -> s.Snapshot:
    """Return a VPC whose group lets out to an own prefix list that holds the service's blocks; it works."""
    made = s.sound()
    row = {"PrefixListId": "pl-0own", "PrefixListName": "own", "AddressFamily": "IPv4", "OwnerId": s.ACCOUNT}
    made.lists["ec2.DescribeManagedPrefixLists"] = {"PrefixLists": [row]}
    entries = {"Entries": [{"Cidr": c} for c in s.S3_CIDRS]}
    made.add_call("ec2", "GetManagedPrefixListEntries", {"PrefixListId": "pl-0own"}, response=entries)
    made.rows("ec2.DescribeSecurityGroups")[0]["IpPermissionsEgress"] = [
        s.permission("tcp", 443, lists=["pl-0own"])
    ]
    return made


def test_an_own_prefix_list_works_when_all_is_recorded() -> None:
    assert s.ask(_own_list()).verdict is Verdict.OK


def test_entries_of_an_own_prefix_list_are_enough() -> None:
    made = _own_list()
    del made.lists["ec2.DescribeManagedPrefixLists"]
    assert s.ask(made).verdict in {Verdict.OK, Verdict.UNKNOWN}


def test_a_share_is_known_where_one_acl_drops_all_whichever_port_the_nat_gateway_takes() -> None:
    """Half of the NAT gateway's ports are lost on the way back to it, all that is left on the way back home."""
    made = s.sound()
    made.row("ec2.DescribeRouteTables", RouteTableId=s.PRIVATE_TABLE)["Routes"] = [
        s.LOCAL,
        s.route("0.0.0.0/0", NatGatewayId=s.NAT),
    ]
    deny = s.entry(10, egress=False, allow=False, **s.tcp("0.0.0.0/0", 32768, 60999))
    allow_vpc = s.entry(5, egress=False, CidrBlock="10.0.0.0/16")
    made.rows("ec2.DescribeNetworkAcls")[0]["Entries"] += [allow_vpc, deny]
    found = s.ask(made)
    assert found.verdict is Verdict.BLOCKED
    assert [path.share for path in found.paths] == [1]
    assert found.paths[0].hops == ("eni-0a1", s.PRIVATE_TABLE)  # where the ACL meets them depends on the port


def test_answers_by_an_unrecorded_way_behind_a_nat_gateway_still_meet_the_senders_acl() -> None:
    """The NAT gateway's way on is unknown, what the sender's subnet denies to come back is not."""
    made = s.sound()
    made.row("ec2.DescribeRouteTables", RouteTableId=s.PRIVATE_TABLE)["Routes"] = [
        s.LOCAL,
        s.route("0.0.0.0/0", NatGatewayId=s.NAT),
    ]
    made.row("ec2.DescribeRouteTables", RouteTableId=s.PUBLIC_TABLE)["Routes"] = [
        s.LOCAL,
        s.route("0.0.0.0/0", GatewayId="vgw-0a1"),
    ]
    assert s.ask(made).verdict is Verdict.UNKNOWN
    rows = made.rows("ec2.DescribeNetworkAcls")
    rows[0]["Associations"] = [a for a in rows[0]["Associations"] if a["SubnetId"] != s.PRIVATE]
    denying = [s.entry(10, egress=True), s.entry(32767, egress=False, allow=False)]
    own = {"NetworkAclId": "acl-0own", "Associations": [{"NetworkAclId": "acl-0own", "SubnetId": s.PRIVATE}]}
    rows.append({**rows[0], "IsDefault": False, "Entries": denying, **own})
    found = s.ask(made)
    assert found.verdict is Verdict.BLOCKED
    assert {(p.component, p.share) for p in found.paths} == {("acl-0own", Fraction(1))}
