"""Ways through proxies, appliances, NAT and internet gateways, in the corners that cases don't reach.

https://docs.aws.amazon.com/vpc/latest/userguide/nacl-rules.html,
https://docs.aws.amazon.com/vpc/latest/userguide/nat-gateway-basics.html and
https://docs.aws.amazon.com/vpc/latest/reachability/explanation-codes.html
"""

from fractions import Fraction

import pytest
from tests import scenarios as made_of
from tests import scenarios_clients as clients
from tests import snapshots as s

from gatepath.trace import Certainty, Diagnosis, Severity

PROXY_GROUP = "sg-0p1"


def codes(found: Diagnosis) -> dict[str, str]:
    """Return code -> component of what is above info."""
    return {f.code: f.component.id for f in found.findings if f.severity is not Severity.INFO}


def ways(found: Diagnosis) -> set[tuple[str, str | None]]:
    return {(path.kind.value, path.component) for path in found.paths}


def through_proxy(made: s.Snapshot) -> Diagnosis:
    asked = s.question(client=s.client(sdk="botocore", env={"https_proxy": "http://10.0.200.30:3128"}))
    return s.ask(made, asked)


def proxied() -> s.Snapshot:
    made = s.sound()
    clients.proxied(made)
    return made


INTO, OUT = {"egress": False}, {"egress": True}
VPC = "10.0.0.0/16"


def near(number: int, *, egress: bool) -> s.Json:
    return s.entry(number, egress=egress, CidrBlock=VPC)


@pytest.mark.parametrize(
    ("entries", "code"),
    [
        ([s.entry(10, egress=False), near(10, egress=True)], "network-acl.egress-denied"),
        ([near(10, egress=False), s.entry(10, egress=True)], "network-acl.return-denied"),
    ],
)
def test_a_proxy_meets_its_own_subnets_acl(entries: list[s.Json], code: str) -> None:
    made = proxied()
    made_of.own_acl(made, entries, s.PUBLIC)
    found = through_proxy(made)
    assert found.verdict == "blocked"
    assert codes(found)[code] == "acl-0b1"
    assert ways(found) == {("dropped", "acl-0b1")}


def test_a_proxy_that_reaches_the_service_by_its_acl_works() -> None:
    made = proxied()
    web = [s.entry(10, egress=True, **s.tcp("0.0.0.0/0", 443, 443)), near(20, egress=True)]
    back = [s.entry(10, egress=False, **s.tcp("0.0.0.0/0", 32768, 60999)), near(20, egress=False)]
    made_of.own_acl(made, [*web, *back], s.PUBLIC)
    assert through_proxy(made).verdict == "bypass"


@pytest.mark.parametrize(("low", "high"), [(32769, 60999), (32768, 60998)])
def test_a_proxy_sends_from_the_ports_of_linux(low: int, high: int) -> None:
    """https://docs.kernel.org/networking/ip-sysctl.html (ip_local_port_range)."""
    made = proxied()
    web = [s.entry(10, egress=True, **s.tcp("0.0.0.0/0", 443, 443)), near(20, egress=True)]
    back = [s.entry(10, egress=False, **s.tcp("0.0.0.0/0", low, high)), near(20, egress=False)]
    made_of.own_acl(made, [*web, *back], s.PUBLIC)
    assert through_proxy(made).verdict == "intermittent"


def test_a_proxys_own_group_may_drop_what_it_sends() -> None:
    made = proxied()
    made.row("ec2.DescribeSecurityGroups", GroupId=PROXY_GROUP)["IpPermissionsEgress"] = [
        s.permission("tcp", 443, cidrs=[VPC])
    ]
    found = through_proxy(made)
    assert found.verdict == "blocked"
    assert codes(found)["security-group.no-egress"] == PROXY_GROUP
    assert ways(found) == {("dropped", PROXY_GROUP)}


def test_the_group_comes_before_the_acl_on_the_proxys_way_out() -> None:
    """Outbound the interface's group is asked first, then the subnet's network ACL."""
    made = proxied()
    made.row("ec2.DescribeSecurityGroups", GroupId=PROXY_GROUP)["IpPermissionsEgress"] = [
        s.permission("tcp", 443, cidrs=[VPC])
    ]
    made_of.own_acl(made, [s.entry(10, egress=False), near(10, egress=True)], s.PUBLIC)
    assert ways(through_proxy(made)) == {("dropped", PROXY_GROUP)}


def test_a_proxy_without_groups_is_judged_by_its_acl_only() -> None:
    made = proxied()
    made.row("ec2.DescribeNetworkInterfaces", NetworkInterfaceId="eni-0p1")["Groups"] = []
    assert through_proxy(made).verdict == "bypass"


def test_a_proxy_needs_a_public_address_of_its_own() -> None:
    made = proxied()
    row = made.row("ec2.DescribeNetworkInterfaces", NetworkInterfaceId="eni-0p1")
    row.pop("Association")
    row["PrivateIpAddresses"][0].pop("Association")
    found = through_proxy(made)
    assert found.verdict == "blocked"
    assert codes(found)["route.no-public-address"] == s.PUBLIC_TABLE


def test_a_proxy_behind_a_gateway_endpoint_is_still_a_proxy() -> None:
    made = proxied()
    made.rows("ec2.DescribeVpcEndpoints")[0]["RouteTableIds"].append(s.PUBLIC_TABLE)
    made.row("ec2.DescribeRouteTables", RouteTableId=s.PUBLIC_TABLE)["Routes"].append(
        s.route(s.S3_LIST, GatewayId=s.ENDPOINT)
    )
    found = through_proxy(made)
    assert found.verdict == "bypass"
    assert ways(found) == {("proxy", "eni-0p1")}


def test_a_proxy_that_reaches_half_of_the_service_shares_so() -> None:
    """The proxy's table leads a quarter of the addresses into a blackhole."""
    made = proxied()
    cidrs = ["3.5.64.0/24", "3.5.65.0/24", "3.5.66.0/24", "3.5.67.0/24"]
    made.row("ec2.DescribePrefixLists", PrefixListId=s.S3_LIST)["Cidrs"] = cidrs
    made.row("ec2.DescribeRouteTables", RouteTableId=s.PUBLIC_TABLE)["Routes"].append(
        {**s.route("3.5.65.0/24", NatGatewayId="nat-gone"), "State": "blackhole"}
    )
    found = through_proxy(made)
    assert found.verdict == "intermittent"
    shares = {(p.kind.value, p.component): p.share for p in found.paths}
    assert shares == {("proxy", "eni-0p1"): Fraction(3, 4), ("dropped", s.PUBLIC_TABLE): Fraction(1, 4)}


def test_an_interface_endpoint_that_is_not_ready_carries_nothing() -> None:
    made = s.sound()
    clients.interface_endpoint(made, private_dns=True)
    made.row("ec2.DescribeVpcEndpoints", VpcEndpointId="vpce-0e1")["State"] = "pending"
    endpoint = f"bucket.vpce-0e1-abcd.s3.{s.REGION}.vpce.amazonaws.com"
    found = s.ask(made, s.question(client=s.client(hostname=endpoint)))
    assert found.verdict == "blocked"
    assert codes(found)["route.endpoint-not-available"] == "vpce-0e1"
    assert ways(found) == {("dropped", "vpce-0e1")}
    assert found.certainty == Certainty.SUSPECT


def appliance(*, check: bool, subnet: str, address: str, instance: bool) -> s.Snapshot:
    made = s.sound()
    made_of.without_endpoint_route(made)
    eni = s.interface("eni-0b1", subnet, address, SourceDestCheck=check)
    made.rows("ec2.DescribeNetworkInterfaces").append(eni)
    target = {"NetworkInterfaceId": "eni-0b1"}
    if instance:
        target = {"InstanceId": "i-0b1"}
        other = s.interface("eni-0b2", subnet, f"{address}1")
        row = s.instance("i-0b1", eni)
        second = {**other, "Attachment": {"DeviceIndex": 1, "Status": "attached"}}
        row["NetworkInterfaces"].append(second)
        made.rows("ec2.DescribeInstances")[0]["Instances"].append(row)
        made.rows("ec2.DescribeNetworkInterfaces").append(other)
    made_of.private_routes(made)[-1] = s.route("0.0.0.0/0", **target)
    return made


def test_a_route_to_an_instance_leads_to_its_first_interface() -> None:
    made = appliance(check=True, subnet=s.PUBLIC, address="10.0.200.3", instance=True)
    found = s.ask(made)
    assert found.verdict == "blocked"
    assert codes(found)["route.source-dest-check"] == "eni-0b1"


def test_a_route_to_an_instance_that_is_not_recorded_is_unknown() -> None:
    made = appliance(check=True, subnet=s.PUBLIC, address="10.0.200.3", instance=True)
    made.rows("ec2.DescribeInstances")[0]["Instances"].pop()
    found = s.ask(made)
    assert found.verdict == "unknown"
    operations = {gap.operation for one in found.unknowns for gap in one.unknown.gaps}
    assert operations == {"DescribeInstances"}


@pytest.mark.parametrize(
    ("subnet", "address", "verdict"),
    [(s.PRIVATE, "10.0.1.30", "unknown"), (s.PUBLIC, "10.0.200.30", "blocked")],
)
def test_only_an_appliance_elsewhere_is_reached_through_the_subnets_acl(
    subnet: str, address: str, verdict: str
) -> None:
    """An ACL judges what crosses the subnet's boundary; a next hop inside needs no crossing."""
    made = appliance(check=False, subnet=subnet, address=address, instance=False)
    made_of.own_acl(made, [s.entry(10, egress=True), near(10, egress=False)])
    found = s.ask(made)
    assert found.verdict == verdict
    if verdict == "blocked":
        assert ways(found) == {("dropped", "acl-0b1")}


def test_an_appliances_group_drops_what_it_does_not_let_in() -> None:
    made = appliance(check=False, subnet=s.PUBLIC, address="10.0.200.30", instance=False)
    made.rows("ec2.DescribeSecurityGroups").append(s.group("sg-0b1"))
    made.row("ec2.DescribeNetworkInterfaces", NetworkInterfaceId="eni-0b1")["Groups"] = [
        {"GroupId": "sg-0b1", "GroupName": "sg-0b1"}
    ]
    found = s.ask(made)
    assert found.verdict == "blocked"
    assert codes(found)["security-group.no-ingress"] == "sg-0b1"
