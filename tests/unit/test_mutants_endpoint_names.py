"""Names and addresses of interface endpoints.

https://docs.aws.amazon.com/vpc/latest/privatelink/privatelink-access-aws-services.html and
https://docs.aws.amazon.com/AmazonS3/latest/userguide/privatelink-interface-endpoints.html
"""

from dataclasses import replace
from ipaddress import ip_address, ip_network

import pytest
from tests import scenarios_clients as clients
from tests import snapshots as s

from gatepath.engine.endpoint_names import endpoint_at, of_endpoint, private_name, s3_domain, specific
from gatepath.engine.resolution import Outcome
from gatepath.model.network import Vpc
from gatepath.model.ref import GapReason
from gatepath.model.world import World

REGIONAL = f"s3.{s.REGION}.amazonaws.com"


def vpc_of(world: World, *cidrs: str) -> Vpc:
    vpc = world.vpcs.get(s.VPC)
    assert vpc is not None
    return replace(vpc, cidrs=tuple(map(ip_network, cidrs))) if cidrs else vpc


def endpoints(**more: object) -> s.Snapshot:
    made = s.sound()
    clients.interface_endpoint(made, private_dns=True)
    made.row("ec2.DescribeVpcEndpoints", VpcEndpointId="vpce-0e1").update(more)
    return made


def another(made: s.Snapshot, service: str, *names: str) -> None:
    row = made.row("ec2.DescribeVpcEndpoints", VpcEndpointId="vpce-0e1")
    entries = [{"DnsName": name} for name in names]
    made.rows("ec2.DescribeVpcEndpoints").append(
        {**row, "VpcEndpointId": "vpce-0e2", "ServiceName": service, "DnsEntries": entries}
    )


def covering(made: s.Snapshot, name: str) -> tuple[str, str] | None:
    world = made.world()
    found = private_name(world, vpc_of(world), name)
    return None if found is None else (found.endpoint.id, found.domain)


@pytest.mark.parametrize(
    ("name", "domain"),
    [
        (REGIONAL, REGIONAL),
        (f"data.{REGIONAL}", REGIONAL),
        (f"111122223333.s3-control.{s.REGION}.amazonaws.com", f"s3-control.{s.REGION}.amazonaws.com"),
        (f"ap-1.s3-accesspoint.{s.REGION}.amazonaws.com", f"s3-accesspoint.{s.REGION}.amazonaws.com"),
        ("s3.amazonaws.com", None),
        (f"s3-fips.{s.REGION}.amazonaws.com", None),
        (f"sqs.{s.REGION}.amazonaws.com", None),
        ("s3.eu-central-1.amazonaws.com", None),
    ],
)
def test_private_dns_of_s3_covers_its_regional_names(name: str, domain: str | None) -> None:
    assert covering(endpoints(), name) == (None if domain is None else ("vpce-0e1", domain))
    world = s.sound().world()
    assert s3_domain(vpc_of(world), name) == domain


def test_other_services_have_the_names_that_aws_lists() -> None:
    made = endpoints()
    own = f"vpce-0e2-abcd.sqs.{s.REGION}.vpce.amazonaws.com"
    another(made, f"com.amazonaws.{s.REGION}.sqs", own, f"sqs.{s.REGION}.amazonaws.com", "*.x.example")
    assert covering(made, f"sqs.{s.REGION}.amazonaws.com") == ("vpce-0e2", f"sqs.{s.REGION}.amazonaws.com")
    assert covering(made, "a.x.example") == ("vpce-0e2", "x.example")
    assert covering(made, own) is None


def test_dynamodb_has_no_private_dns() -> None:
    made = endpoints()
    name = f"dynamodb.{s.REGION}.amazonaws.com"
    another(made, f"com.amazonaws.{s.REGION}.dynamodb", name)
    assert covering(made, name) is None


@pytest.mark.parametrize("reverse", [False, True])
def test_the_closest_name_answers(reverse: bool) -> None:
    made = endpoints()
    another(made, f"com.amazonaws.{s.REGION}.x", f"data.{REGIONAL}")
    if reverse:
        made.rows("ec2.DescribeVpcEndpoints").reverse()
    assert covering(made, f"data.{REGIONAL}") == ("vpce-0e2", f"data.{REGIONAL}")


@pytest.mark.parametrize(
    "more",
    [
        {"PrivateDnsEnabled": False},
        {"State": "pending"},
        {"VpcEndpointType": "GatewayLoadBalancer"},
        {"DnsOptions": {"PrivateDnsOnlyForInboundResolverEndpoint": True}},
        {"VpcId": "vpc-0other"},
    ],
)
def test_private_dns_needs_an_available_interface_endpoint_that_has_it_on(more: s.Json) -> None:
    assert covering(endpoints(**more), REGIONAL) is None


def test_an_endpoints_own_name_leads_to_its_interfaces() -> None:
    world = endpoints().world()
    name = f"bucket.vpce-0e1-abcd-{s.REGION}a.s3.{s.REGION}.vpce.amazonaws.com"
    found = specific(world, vpc_of(world), name, 4)
    assert (found.outcome, found.addresses) == (Outcome.ADDRESSES, (ip_address("10.0.1.51"),))
    assert specific(world, vpc_of(world), name, 6).outcome is Outcome.NO_DATA
    strange = specific(world, vpc_of(world), f"vpce-0gone-abcd.s3.{s.REGION}.vpce.amazonaws.com", 4)
    assert strange.gap is not None
    assert [(gap.reason, gap.detail) for gap in strange.gap.gaps] == [(GapReason.NOT_IN_API, "vpce-0gone")]
    made = s.sound()
    del made.lists["ec2.DescribeVpcEndpoints"]
    world = made.world()
    unread = specific(world, vpc_of(world), name, 4)
    assert unread.gap is not None
    assert [gap.reason for gap in unread.gap.gaps] == [GapReason.NOT_RECORDED]


@pytest.mark.parametrize(
    ("interfaces", "operation"), [([], "DescribeVpcEndpoints"), (["eni-0gone"], "DescribeNetworkInterfaces")]
)
def test_interfaces_that_are_not_recorded_hide_the_answer(interfaces: list[str], operation: str) -> None:
    world = endpoints(NetworkInterfaceIds=interfaces).world()
    endpoint = world.vpc_endpoints.get("vpce-0e1")
    assert endpoint is not None
    found = of_endpoint(world, endpoint, REGIONAL, 4)
    assert (found.outcome, found.endpoint) == (Outcome.HIDDEN, endpoint)
    assert found.gap is not None
    assert [gap.operation for gap in found.gap.gaps] == [operation]


@pytest.mark.parametrize(
    ("vpc_id", "cidrs", "kind", "found"),
    [
        (s.VPC, ["10.0.0.0/16"], "Interface", True),
        (s.VPC, ["2001:db8::/56", "10.8.0.0/16", "10.0.0.0/16"], "Interface", True),
        ("vpc-0other", ["10.0.0.0/16"], "Interface", False),
        ("vpc-0other", ["10.8.0.0/16", "10.0.0.0/16"], "Interface", False),
        ("vpc-0other", ["10.8.0.0/16"], "Interface", True),
        (s.VPC, ["10.0.0.0/16"], "GatewayLoadBalancer", False),
    ],
)
def test_whose_address_it_is_as_seen_from_a_vpc(
    vpc_id: str, cidrs: list[str], kind: str, found: bool
) -> None:
    """Blocks of VPCs may overlap: an address of one's own is nobody else's."""
    world = endpoints(VpcId=vpc_id, VpcEndpointType=kind).world()
    vpc = vpc_of(world, *cidrs)
    assert (endpoint_at(world, vpc, ip_address("10.0.1.51")) is not None) is found
    assert endpoint_at(world, vpc, ip_address("10.0.1.52")) is None


def test_an_address_of_any_of_an_endpoints_interfaces_is_its_own() -> None:
    made = endpoints(NetworkInterfaceIds=["eni-0gone", "eni-0e1", s.NAT_ENI])
    world = made.world()
    assert endpoint_at(world, vpc_of(world), ip_address("10.0.1.51")) is not None
