"""Recorded calls of a closed world: every call a question about the network needs, with AWS's answer."""

from collections.abc import Sequence
from typing import Any

Json = dict[str, Any]

ACCOUNT = "111122223333"
REGION = "eu-west-2"
AT = "2026-11-23T09:00:00Z"


def call(operation: str, response: Json, request: Json | None = None, region: str = REGION) -> Json:
    """Return one record; `operation` is `service.Operation`."""
    service, name = operation.split(".")
    return {
        "account": ACCOUNT,
        "region": region,
        "service": service,
        "operation": name,
        "request": request or {},
        "response": response,
        "at": AT,
    }


def rows(calls: Sequence[Json], operation: str) -> list[Json]:
    """Return what the (unfiltered) list calls of an EC2 operation answered, instances without reservations."""
    found: list[Json] = []
    for record in calls:
        if record["operation"] != operation or record["request"]:
            continue
        for value in record["response"].values():
            if isinstance(value, list):
                found.extend(value)
    if operation == "DescribeInstances":
        return [one for reservation in found for one in reservation["Instances"]]
    return found


def eni(  # noqa: PLR0913 - the parts of an interface that a test chooses
    eni_id: str,
    vpc: str,
    subnet: str,
    address: str,
    groups: Sequence[str] = (),
    *,
    public: str = "",
    ipv6: str = "",
    kind: str = "interface",
    instance: str = "",
) -> Json:
    """Return a network interface."""
    association = {"PublicIp": public, "IpOwnerId": ACCOUNT, "PublicDnsName": ""}
    private: Json = {"Primary": True, "PrivateIpAddress": address}
    made: Json = {
        "NetworkInterfaceId": eni_id,
        "SubnetId": subnet,
        "VpcId": vpc,
        "AvailabilityZone": f"{REGION}a",
        "OwnerId": ACCOUNT,
        "PrivateIpAddress": address,
        "PrivateIpAddresses": [private],
        "Groups": [{"GroupId": g, "GroupName": g} for g in groups],
        "InterfaceType": kind,
        "Status": "in-use",
        "SourceDestCheck": kind == "interface",
        "RequesterManaged": kind != "interface",
        "Ipv6Addresses": [{"Ipv6Address": ipv6}] if ipv6 else [],
        "TagSet": [],
    }
    if public:
        made["Association"] = private["Association"] = association
    if instance:
        made["Attachment"] = {"InstanceId": instance, "DeviceIndex": 0, "Status": "attached"}
    return made


def instance(instance_id: str, interface: Json) -> Json:
    """Return a running instance with one interface."""
    shown = {
        k: v for k, v in interface.items() if k not in {"TagSet", "RequesterManaged", "AvailabilityZone"}
    }
    shown["Attachment"] = {"DeviceIndex": 0, "Status": "attached"}
    return {
        "InstanceId": instance_id,
        "State": {"Code": 16, "Name": "running"},
        "VpcId": interface["VpcId"],
        "SubnetId": interface["SubnetId"],
        "PrivateIpAddress": interface["PrivateIpAddress"],
        "SecurityGroups": interface["Groups"],
        "NetworkInterfaces": [shown],
        "InstanceType": "t3.micro",
        "Tags": [],
    }


def subnet(subnet_id: str, vpc: str, cidr: str, ipv6: str = "") -> Json:
    """Return a subnet."""
    six = [{"Ipv6CidrBlock": ipv6, "Ipv6CidrBlockState": {"State": "associated"}}] if ipv6 else []
    return {
        "SubnetId": subnet_id,
        "VpcId": vpc,
        "CidrBlock": cidr,
        "AvailabilityZone": f"{REGION}a",
        "State": "available",
        "MapPublicIpOnLaunch": False,
        "OwnerId": ACCOUNT,
        "Ipv6CidrBlockAssociationSet": six,
        "Ipv6Native": False,
        "EnableDns64": False,
        "Tags": [],
    }


def vpc(vpc_id: str, cidr: str, ipv6: str = "") -> Json:
    """Return a VPC."""
    six = [{"Ipv6CidrBlock": ipv6, "Ipv6CidrBlockState": {"State": "associated"}}] if ipv6 else []
    return {
        "VpcId": vpc_id,
        "CidrBlock": cidr,
        "DhcpOptionsId": "dopt-0a1",
        "State": "available",
        "OwnerId": ACCOUNT,
        "IsDefault": False,
        "CidrBlockAssociationSet": [{"CidrBlock": cidr, "CidrBlockState": {"State": "associated"}}],
        "Ipv6CidrBlockAssociationSet": six,
        "Tags": [],
    }


def permission(protocol: str, ports: tuple[int, int] | None, **peer: str) -> Json:
    """Return an IP permission with one peer: `cidr`, `listed` (a prefix list) or `group`."""
    cidr = peer.get("cidr", "")
    made: Json = {
        "IpProtocol": protocol,
        "IpRanges": [{"CidrIp": cidr}] if cidr and ":" not in cidr else [],
        "Ipv6Ranges": [{"CidrIpv6": cidr}] if ":" in cidr else [],
        "PrefixListIds": [{"PrefixListId": peer["listed"]}] if "listed" in peer else [],
        "UserIdGroupPairs": [{"GroupId": peer["group"], "UserId": ACCOUNT}] if "group" in peer else [],
    }
    if ports is not None:
        made |= {"FromPort": ports[0], "ToPort": ports[1]}
    return made


def group(group_id: str, vpc_id: str, egress: list[Json], ingress: list[Json]) -> Json:
    """Return a security group."""
    return {
        "GroupId": group_id,
        "GroupName": group_id,
        "Description": group_id,
        "VpcId": vpc_id,
        "OwnerId": ACCOUNT,
        "IpPermissions": ingress,
        "IpPermissionsEgress": egress,
        "Tags": [],
    }


def entry(
    number: int,
    action: str,
    cidr: str,
    *,
    egress: bool,
    protocol: str = "-1",
    ports: tuple[int, int] | None = None,
) -> Json:
    """Return a network ACL entry."""
    made: Json = {
        "RuleNumber": number,
        "RuleAction": action,
        "Protocol": protocol,
        "Egress": egress,
        "Ipv6CidrBlock" if ":" in cidr else "CidrBlock": cidr,
    }
    if ports is not None:
        made["PortRange"] = {"From": ports[0], "To": ports[1]}
    return made


def route(destination: str, origin: str = "CreateRoute", state: str = "active", **target: str) -> Json:
    """Return a route; `target` is AWS's key and value."""
    key = "DestinationCidrBlock"
    if destination.startswith("pl-"):
        key = "DestinationPrefixListId"
    elif ":" in destination:
        key = "DestinationIpv6CidrBlock"
    return {key: destination, "Origin": origin, "State": state, **target}


def route_table(
    table_id: str, vpc_id: str, routes: list[Json], subnets: Sequence[str], *, main: bool
) -> Json:
    """Return a route table."""
    associations: list[Json] = [
        {"Main": False, "RouteTableAssociationId": f"rtbassoc-{s}", "RouteTableId": table_id, "SubnetId": s}
        for s in subnets
    ]
    if main:
        associations.append(
            {"Main": True, "RouteTableAssociationId": f"rtbassoc-{table_id}", "RouteTableId": table_id}
        )
    for association in associations:
        association["AssociationState"] = {"State": "associated"}
    return {
        "RouteTableId": table_id,
        "VpcId": vpc_id,
        "OwnerId": ACCOUNT,
        "Associations": associations,
        "PropagatingVgws": [],
        "Routes": routes,
        "Tags": [],
    }


def endpoint(endpoint_id: str, vpc_id: str, kind: str, service: str, **more: object) -> Json:
    """Return a VPC endpoint, available, with the default policy."""
    made: Json = {
        "VpcEndpointId": endpoint_id,
        "VpcEndpointType": kind,
        "VpcId": vpc_id,
        "ServiceName": f"com.amazonaws.{REGION}.{service}",
        "State": "available",
        "PolicyDocument": '{"Statement":[{"Effect":"Allow","Principal":"*","Action":"*","Resource":"*"}]}',
        "RouteTableIds": [],
        "SubnetIds": [],
        "Groups": [],
        "PrivateDnsEnabled": False,
        "RequesterManaged": False,
        "NetworkInterfaceIds": [],
        "DnsEntries": [],
        "Tags": [],
        "OwnerId": ACCOUNT,
        "IpAddressType": "ipv4",
        "DnsOptions": {"DnsRecordIpType": "service-defined"},
    }
    return {**made, **more}


def nat_gateway(nat_id: str, vpc_id: str, interface: Json) -> Json:
    """Return a public NAT gateway."""
    address = {
        "PublicIp": interface["Association"]["PublicIp"],
        "PrivateIp": interface["PrivateIpAddress"],
        "NetworkInterfaceId": interface["NetworkInterfaceId"],
        "IsPrimary": True,
        "Status": "succeeded",
    }
    return {
        "NatGatewayId": nat_id,
        "VpcId": vpc_id,
        "SubnetId": interface["SubnetId"],
        "State": "available",
        "ConnectivityType": "public",
        "NatGatewayAddresses": [address],
        "Tags": [],
    }
