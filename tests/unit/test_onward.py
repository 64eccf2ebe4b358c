"""What lies behind a route: more than the findings' cases show."""

import pytest
from tests import scenarios as made_of
from tests import snapshots as s


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
