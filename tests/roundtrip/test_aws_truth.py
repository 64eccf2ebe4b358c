"""The layer in front of moto behaves as AWS does where it matters for gateway endpoints."""

import json
from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError
from demo.aws_truth import running_server

REGION = "eu-west-1"
S3 = f"com.amazonaws.{REGION}.s3"


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    with running_server() as address:
        yield address


def client(service: str, url: str, region: str = REGION) -> Any:
    keys = {"aws_access_key_id": "test", "aws_secret_access_key": "test"}
    config = Config(retries={"total_max_attempts": 1}, s3={"addressing_style": "path"})
    return boto3.client(service, region_name=region, endpoint_url=url, config=config, **keys)  # type: ignore[call-overload] # any service


@pytest.fixture
def ec2(url: str) -> Any:
    return client("ec2", url)


@pytest.fixture
def vpc(ec2: Any) -> str:
    return str(ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"])


@pytest.fixture
def table(ec2: Any, vpc: str) -> str:
    return str(ec2.create_route_table(VpcId=vpc)["RouteTable"]["RouteTableId"])


def routes(ec2: Any, table: str) -> list[dict[str, str]]:
    found: list[dict[str, str]] = ec2.describe_route_tables(RouteTableIds=[table])["RouteTables"][0]["Routes"]
    return found


def code(failure: pytest.ExceptionInfo[ClientError]) -> str:
    return failure.value.response["Error"]["Code"]


def test_prefix_lists_have_the_regions_own_ids_and_addresses(url: str) -> None:
    for region, identifier in ((REGION, "pl-6da54004"), ("us-west-2", "pl-68a54001")):
        other = client("ec2", url, region)
        listed = {item["PrefixListName"]: item for item in other.describe_prefix_lists()["PrefixLists"]}
        found = listed[f"com.amazonaws.{region}.s3"]
        assert found["PrefixListId"] == identifier
        entries = other.get_managed_prefix_list_entries(PrefixListId=identifier)["Entries"]
        assert [entry["Cidr"] for entry in entries] == found["Cidrs"]
        assert found["Cidrs"]


def test_the_default_type_is_gateway_and_deletion_works(ec2: Any, vpc: str, table: str) -> None:
    made = ec2.create_vpc_endpoint(VpcId=vpc, ServiceName=S3, RouteTableIds=[table])["VpcEndpoint"]
    assert made["VpcEndpointType"] == "Gateway"
    assert any(route.get("GatewayId") == made["VpcEndpointId"] for route in routes(ec2, table))
    ec2.delete_vpc_endpoints(VpcEndpointIds=[made["VpcEndpointId"]])
    assert ec2.describe_vpc_endpoints(Filters=[{"Name": "vpc-id", "Values": [vpc]}])["VpcEndpoints"] == []
    assert not any("DestinationPrefixListId" in route for route in routes(ec2, table))


def test_adding_and_removing_a_table_adds_and_removes_the_route(ec2: Any, vpc: str, table: str) -> None:
    endpoint = ec2.create_vpc_endpoint(VpcId=vpc, ServiceName=S3)["VpcEndpoint"]["VpcEndpointId"]
    ec2.modify_vpc_endpoint(VpcEndpointId=endpoint, AddRouteTableIds=[table])
    route = next(route for route in routes(ec2, table) if route.get("GatewayId") == endpoint)
    assert (route["DestinationPrefixListId"], route["State"]) == ("pl-6da54004", "active")
    ec2.modify_vpc_endpoint(VpcEndpointId=endpoint, RemoveRouteTableIds=[table])
    assert not any(route.get("GatewayId") == endpoint for route in routes(ec2, table))


def test_a_second_endpoint_on_the_same_table_is_refused(ec2: Any, vpc: str, table: str) -> None:
    ec2.create_vpc_endpoint(VpcId=vpc, ServiceName=S3, RouteTableIds=[table])
    with pytest.raises(ClientError) as raised:
        ec2.create_vpc_endpoint(VpcId=vpc, ServiceName=S3, RouteTableIds=[table])
    assert code(raised) == "RouteAlreadyExists"


@pytest.mark.parametrize("service", ["com.amazonaws.eu-west-1.nosuch", "com.amazonaws.us-east-1.s3", "s3"])
def test_wrong_service_names_are_refused(ec2: Any, vpc: str, service: str) -> None:
    with pytest.raises(ClientError) as raised:
        ec2.create_vpc_endpoint(VpcId=vpc, ServiceName=service, VpcEndpointType="Gateway")
    assert code(raised) == "InvalidServiceName"


def test_reset_policy_restores_full_access(ec2: Any, vpc: str) -> None:
    policy = json.dumps({"Version": "2012-10-17", "Statement": []})
    endpoint = ec2.create_vpc_endpoint(VpcId=vpc, ServiceName=S3, PolicyDocument=policy)["VpcEndpoint"][
        "VpcEndpointId"
    ]
    ec2.modify_vpc_endpoint(VpcEndpointId=endpoint, ResetPolicy=True)
    (found,) = ec2.describe_vpc_endpoints(VpcEndpointIds=[endpoint])["VpcEndpoints"]
    assert json.loads(found["PolicyDocument"])["Statement"][0]["Effect"] == "Allow"


def test_a_new_network_acl_ends_in_two_denies_and_has_a_quota(ec2: Any, vpc: str) -> None:
    acl = ec2.create_network_acl(VpcId=vpc)["NetworkAcl"]["NetworkAclId"]
    (found,) = ec2.describe_network_acls(NetworkAclIds=[acl])["NetworkAcls"]
    ends = {
        (entry["Egress"], entry["RuleAction"]) for entry in found["Entries"] if entry["RuleNumber"] == 32767
    }
    assert ends == {(True, "deny"), (False, "deny")}
    entry = {
        "NetworkAclId": acl,
        "Protocol": "-1",
        "RuleAction": "allow",
        "Egress": True,
        "CidrBlock": "0.0.0.0/0",
    }
    for number in range(1, 21):
        ec2.create_network_acl_entry(RuleNumber=number, **entry)
    with pytest.raises(ClientError) as raised:
        ec2.create_network_acl_entry(RuleNumber=21, **entry)
    assert code(raised) == "NetworkAclEntryLimitExceeded"
    ec2.create_network_acl_entry(RuleNumber=21, **{**entry, "Egress": False})


def test_every_vpc_has_dhcp_options_that_can_be_described(ec2: Any) -> None:
    for vpc in ec2.describe_vpcs()["Vpcs"]:
        (found,) = ec2.describe_dhcp_options(DhcpOptionsIds=[vpc["DhcpOptionsId"]])["DhcpOptions"]
        servers = next(item for item in found["DhcpConfigurations"] if item["Key"] == "domain-name-servers")
        assert servers["Values"] == [{"Value": "AmazonProvidedDNS"}]


def test_a_route_to_a_deleted_nat_gateway_is_a_blackhole(ec2: Any, vpc: str, table: str) -> None:
    subnet = ec2.create_subnet(VpcId=vpc, CidrBlock="10.0.9.0/24")["Subnet"]["SubnetId"]
    address = ec2.allocate_address(Domain="vpc")["AllocationId"]
    nat = ec2.create_nat_gateway(SubnetId=subnet, AllocationId=address)["NatGateway"]["NatGatewayId"]
    ec2.create_route(RouteTableId=table, DestinationCidrBlock="0.0.0.0/0", NatGatewayId=nat)
    (found,) = ec2.describe_nat_gateways(NatGatewayIds=[nat])["NatGateways"]
    assert found["NatGatewayAddresses"][0]["PrivateIp"].startswith("10.0.9.")
    assert [route["State"] for route in routes(ec2, table) if route.get("NatGatewayId") == nat] == ["active"]
    ec2.delete_nat_gateway(NatGatewayId=nat)
    assert [route["State"] for route in routes(ec2, table) if route.get("NatGatewayId") == nat] == [
        "blackhole"
    ]


def test_calls_that_moto_lacks_are_answered(url: str, ec2: Any) -> None:
    options = ec2.describe_vpc_block_public_access_options()["VpcBlockPublicAccessOptions"]
    assert options["InternetGatewayBlockMode"] == "off"
    assert ec2.describe_vpc_block_public_access_exclusions()["VpcBlockPublicAccessExclusions"] == []
    assert ec2.describe_vpc_encryption_controls()["VpcEncryptionControls"] == []
    resolver = client("route53resolver", url)
    assert resolver.list_firewall_rule_group_associations()["FirewallRuleGroupAssociations"] == []
    assert client("route53profiles", url).list_profile_associations()["ProfileAssociations"] == []
