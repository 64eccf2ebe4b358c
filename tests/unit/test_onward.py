"""What lies behind a route: more than the findings' cases show."""

import pytest
from tests import scenarios as made_of
from tests import snapshots as s

from gatepath.model.naming import is_list_name
from gatepath.trace import Certainty, Diagnosis, Verdict


@pytest.mark.parametrize(("back", "verdict"), [(True, "bypass"), (False, "unknown")])
def test_a_hub_with_nat_works_if_its_answers_find_back(back: bool, verdict: str) -> None:
    made = s.sound()
    made_of.hub(made, back=back)
    found = s.ask(made)
    assert found.verdict == verdict
    assert {(p.kind.value, p.component) for p in found.paths} == {("transit-gateway", made_of.TGW)}


def test_a_copy_source_is_looked_up_among_the_recorded_buckets() -> None:
    made = s.sound()
    s.bucket(made, "far", "eu-west-2")
    asked = s.question(operation="CopyObject", copy_source="arn:aws:s3:::far/key")
    found = s.ask(made, asked)
    assert found.verdict == "denied"
    assert found.findings[0].code == "region.cross-region-copy"


def test_streams_never_take_the_endpoint_whatever_their_addresses() -> None:
    made = s.sound()
    asked = {
        "source": {"instance": s.INSTANCE},
        "service": "dynamodb",
        "client": {"region": s.REGION, "hostname": f"streams.dynamodb.{s.REGION}.amazonaws.com"},
    }
    found = s.ask(made, asked)
    assert (found.verdict, found.certainty) == ("bypass", "proven")


def test_nat_in_the_clients_own_subnet_loops() -> None:
    made = s.sound()
    made_of.without_endpoint_route(made)
    made.rows("ec2.DescribeNatGateways")[0]["SubnetId"] = s.PRIVATE
    found = s.ask(made)
    assert found.verdict == "blocked"
    assert "route.nat-without-way-out" in {f.code for f in found.findings}


def test_a_regional_nat_gateway_uses_its_own_table() -> None:
    made = s.sound()
    made_of.without_endpoint_route(made)
    nat = made.rows("ec2.DescribeNatGateways")[0]
    del nat["SubnetId"]
    nat |= {"AvailabilityMode": "regional", "RouteTableId": s.PUBLIC_TABLE}
    assert s.ask(made).verdict == "bypass"
    nat["AttachedAppliances"] = [{"Type": "network-firewall-proxy"}]
    assert s.ask(made).verdict == "unknown"


def test_two_overlapping_prefix_lists_are_undetermined() -> None:
    made = s.sound()
    made.rows("ec2.DescribePrefixLists").append(
        {"PrefixListId": "pl-0own", "PrefixListName": "own", "Cidrs": ["52.218.0.0/16"]}
    )
    made_of.private_routes(made).append(s.route("pl-0own", NatGatewayId=s.NAT))
    found = s.ask(made)
    assert found.verdict == "unknown"
    assert "overlapping-prefix-lists" in {g.detail for u in found.unknowns for g in u.unknown.gaps}


def test_a_region_newer_than_the_packaged_ranges_exists_if_it_is_ones_own() -> None:
    made = s.sound()
    text = "\n".join(line.decode() for line in made.lines()).replace(s.REGION, "eu-new-9")
    made = s.Snapshot(calls=[s.json.loads(line) for line in text.splitlines()])
    made.calls = [c for c in made.calls if c["operation"] != "DescribePrefixLists"]
    asked = s.question(
        client={"region": "eu-new-9", "hostname": "data.s3.eu-new-9.amazonaws.com", "port": 443}
    )
    found = s.ask(made, asked)
    assert found.verdict == "unknown"
    assert "dns.name-does-not-exist" not in {f.code for f in found.findings}


def test_without_the_endpoints_an_interface_endpoint_may_answer() -> None:
    """The table leads nowhere; an endpoint that was not recorded could still carry the traffic."""
    made = s.sound()
    made_of.without_endpoint_route(made, keep_default=False)
    del made.lists["ec2.DescribeVpcEndpoints"]
    assert s.ask(made).verdict == "unknown"


def test_a_customers_prefix_list_is_not_among_awss() -> None:
    made = s.sound()
    egress = [s.permission("tcp", 443, lists=["pl-0own"])]
    made.row("ec2.DescribeSecurityGroups", GroupId=s.GROUP)["IpPermissionsEgress"] = egress
    found = s.ask(made)
    assert found.verdict == "unknown"
    assert "DescribeManagedPrefixLists" in {g.operation for u in found.unknowns for g in u.unknown.gaps}
    made.add_call(
        "ec2",
        "GetManagedPrefixListEntries",
        {"PrefixListId": "pl-0own"},
        response={"Entries": [{"Cidr": cidr} for cidr in s.S3_CIDRS]},
    )
    assert s.ask(made).verdict == "ok"


def encrypted(mode: str, state: str = "available", **client: object) -> Diagnosis:
    made = s.sound()
    control = {"VpcEncryptionControlId": "vpcec-0a1", "VpcId": s.VPC, "Mode": mode, "State": state}
    made.lists["ec2.DescribeVpcEncryptionControls"] = {"VpcEncryptionControls": [control]}
    return s.ask(made, s.question(client=s.client(**client)))


def test_encryption_controls_judge_the_port() -> None:
    assert encrypted("enforce").verdict is Verdict.OK
    assert encrypted("monitor", port=80).verdict is Verdict.OK
    found = encrypted("enforce", port=80)
    assert (found.verdict, found.certainty) == (Verdict.BLOCKED, Certainty.SUSPECT)
    assert encrypted("enforce", "enforce-in-progress", port=80).verdict is Verdict.UNKNOWN
    assert found.assumptions == encrypted("monitor", port=80).assumptions


def test_that_nobody_enforces_encryption_is_assumed_for_plain_http_only() -> None:
    def assumed(made: s.Snapshot, port: int) -> bool:
        found = s.ask(made, s.question(client=s.client(port=port)))
        return "assumption.encryption-controls" in {a.code for a in found.assumptions}

    made = s.sound()
    assert assumed(made, 80)
    assert not assumed(made, 443)
    made.lists["ec2.DescribeVpcEncryptionControls"] = {"VpcEncryptionControls": []}
    assert not assumed(made, 80)


def behind_an_appliance(made: s.Snapshot) -> None:
    """Lead everything to an appliance in the public subnet."""
    made_of.without_endpoint_route(made)
    made.rows("ec2.DescribeNetworkInterfaces").append(
        s.interface("eni-0b1", s.PUBLIC, "10.0.200.30", SourceDestCheck=False)
    )
    made_of.private_routes(made)[-1] = s.route("0.0.0.0/0", NetworkInterfaceId="eni-0b1")


@pytest.mark.parametrize(("source", "verdict"), [("10.0.1.0/24", "unknown"), ("10.9.0.0/16", "blocked")])
def test_the_acl_of_an_appliances_subnet_judges_what_enters_it(source: str, verdict: str) -> None:
    made = s.sound()
    behind_an_appliance(made)
    entries = [s.entry(100, egress=False, **s.tcp(source, 443, 443))]  # answers may come another way
    made_of.own_acl(made, entries, s.PUBLIC)
    found = s.ask(made)
    assert found.verdict == verdict
    assert ("acl-0b1" in {f.component.id for f in found.findings}) is (verdict == "blocked")


def closed_but_for_443(made: s.Snapshot) -> None:
    made_of.own_acl(made, [s.entry(100, egress=False), s.entry(100, egress=True, allow=False)])


def test_an_instance_in_the_same_subnet_is_reached_without_the_acl() -> None:
    made = s.sound()
    made_of.without_endpoint_route(made)
    closed_but_for_443(made)
    router = s.interface("eni-0b1", s.PRIVATE, "10.0.1.30", SourceDestCheck=False)
    made.rows("ec2.DescribeNetworkInterfaces").append(router)
    made.rows("ec2.DescribeInstances").append({"Instances": [s.instance("i-0b1", router)]})
    made_of.private_routes(made)[-1] = s.route("0.0.0.0/0", InstanceId="i-0b1")
    assert s.ask(made).verdict is Verdict.UNKNOWN
    router["SubnetId"] = s.PUBLIC
    made.rows("ec2.DescribeInstances")[-1]["Instances"][0]["SubnetId"] = s.PUBLIC
    assert s.ask(made).verdict is Verdict.BLOCKED


@pytest.mark.parametrize(("subnet", "verdict"), [(s.PRIVATE, "unknown"), (s.PUBLIC, "blocked")])
def test_a_firewall_endpoint_in_the_same_subnet_is_reached_without_the_acl(subnet: str, verdict: str) -> None:
    made = s.sound()
    made_of.without_endpoint_route(made)
    closed_but_for_443(made)
    firewall = s.endpoint("vpce-0f1", VpcEndpointType="GatewayLoadBalancer", SubnetIds=[subnet])
    made.rows("ec2.DescribeVpcEndpoints").append({**firewall, "RouteTableIds": [], "ServiceName": "x"})
    made_of.private_routes(made)[-1] = s.route("0.0.0.0/0", GatewayId="vpce-0f1")
    assert s.ask(made).verdict == verdict


@pytest.mark.parametrize(
    ("name", "is_it"),
    [
        ("com.amazonaws.eu-west-1.s3", True),
        ("com.amazonaws.eu-west-1.ipv6.s3", True),
        ("com.amazonaws.eu-west-1.s3.ipv6", True),
        ("cn.com.amazonaws.eu-west-1.s3", True),
        ("com.amazonaws.eu-west-1.s3express", False),
        ("com.amazonaws.eu-west-2.s3", False),
        ("com.amazonaws.eu-west-1.s3.vectors", False),
        ("mine.com.amazonaws.eu-west-1.s3", False),
    ],
)
def test_names_of_prefix_lists(name: str, is_it: bool) -> None:
    assert is_list_name(name, "eu-west-1", "s3") is is_it


@pytest.mark.parametrize(("connectivity", "verdict"), [("public", "bypass"), ("private", "blocked")])
def test_a_public_nat_gateway_has_an_address_also_where_none_is_listed(
    connectivity: str, verdict: str
) -> None:
    made = s.sound()
    made_of.without_endpoint_route(made)
    made.rows("ec2.DescribeNatGateways")[0] |= {"ConnectivityType": connectivity, "NatGatewayAddresses": []}
    assert s.ask(made).verdict == verdict
