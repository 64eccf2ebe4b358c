"""A large made-up snapshot: many VPCs in many accounts, in the shapes AWS answers with."""

import json
import random
import sys
from pathlib import Path
from typing import Any

Json = dict[str, Any]


def write_big(path: Path, size: int) -> int:
    """Write about `size` bytes of calls; return how many."""
    rng = random.Random(7)  # noqa: S311 - test data
    written = 0
    with path.open("wb") as out:
        number = 0
        while written < size:
            number += 1
            for call in account(number, rng):
                line = json.dumps(call, separators=(",", ":")).encode() + b"\n"
                out.write(line)
                written += len(line)
    return written


def account(number: int, rng: random.Random) -> list[Json]:
    """Return the calls of one account with 60 VPCs."""
    owner = f"{number:012d}"
    vpcs = [f"vpc-{number:05x}{n:08x}" for n in range(60)]
    rows: dict[str, tuple[str, list[Json]]] = {
        "DescribeVpcs": ("Vpcs", [vpc(v, owner) for v in vpcs]),
        "DescribeSubnets": ("Subnets", [subnet(v, n, owner) for v in vpcs for n in range(6)]),
        "DescribeRouteTables": ("RouteTables", [table(v, n, owner) for v in vpcs for n in range(4)]),
        "DescribeNetworkAcls": ("NetworkAcls", [acl(v, owner, rng) for v in vpcs]),
        "DescribeSecurityGroups": (
            "SecurityGroups",
            [group(v, n, owner, rng) for v in vpcs for n in range(8)],
        ),
        "DescribeNetworkInterfaces": (
            "NetworkInterfaces",
            [interface(v, n, owner) for v in vpcs for n in range(12)],
        ),
    }
    base = {"account": owner, "region": "eu-west-1", "service": "ec2", "request": {}}
    return [{**base, "operation": name, "response": {key: items}} for name, (key, items) in rows.items()]


def vpc(vpc_id: str, owner: str) -> Json:
    """Return a VPC."""
    return {
        "VpcId": vpc_id,
        "CidrBlock": "10.0.0.0/16",
        "DhcpOptionsId": "dopt-1",
        "OwnerId": owner,
        "State": "available",
        "CidrBlockAssociationSet": [{"CidrBlock": "10.0.0.0/16", "CidrBlockState": {"State": "associated"}}],
        "Tags": [{"Key": "Name", "Value": "workload"}, {"Key": "cost-centre", "Value": "4711"}],
    }


def subnet(vpc_id: str, number: int, owner: str) -> Json:
    """Return a subnet."""
    return {
        "SubnetId": f"subnet-{vpc_id[4:]}{number}",
        "VpcId": vpc_id,
        "CidrBlock": f"10.0.{number}.0/24",
        "AvailabilityZone": "eu-west-1a",
        "State": "available",
        "MapPublicIpOnLaunch": False,
        "OwnerId": owner,
        "Ipv6CidrBlockAssociationSet": [],
        "AvailableIpAddressCount": 200,
        "SubnetArn": f"arn:aws:ec2:eu-west-1:{owner}:subnet/subnet-{vpc_id[4:]}{number}",
        "Tags": [{"Key": "Name", "Value": f"private-{number}"}],
    }


def table(vpc_id: str, number: int, owner: str) -> Json:
    """Return a route table."""
    targets = [("10.0.0.0/16", "GatewayId", "local"), ("0.0.0.0/0", "NatGatewayId", f"nat-{vpc_id[4:]}")]
    routes = [
        {"DestinationCidrBlock": d, k: t, "Origin": "CreateRoute", "State": "active"} for d, k, t in targets
    ]
    return {
        "RouteTableId": f"rtb-{vpc_id[4:]}{number}",
        "VpcId": vpc_id,
        "OwnerId": owner,
        "Associations": [
            {
                "Main": number == 0,
                "RouteTableId": f"rtb-{vpc_id[4:]}{number}",
                "SubnetId": f"subnet-{vpc_id[4:]}{number}",
            }
        ],
        "Routes": routes,
        "PropagatingVgws": [],
        "Tags": [],
    }


def acl(vpc_id: str, owner: str, rng: random.Random) -> Json:
    """Return a network ACL."""
    entries = [
        {
            "RuleNumber": 100 + n,
            "RuleAction": "allow",
            "Protocol": "6",
            "Egress": n % 2 == 0,
            "CidrBlock": f"{rng.randrange(1, 223)}.0.0.0/8",
            "PortRange": {"From": 443, "To": 443},
        }
        for n in range(20)
    ]
    return {
        "NetworkAclId": f"acl-{vpc_id[4:]}",
        "VpcId": vpc_id,
        "OwnerId": owner,
        "IsDefault": True,
        "Entries": entries,
        "Associations": [
            {"NetworkAclId": f"acl-{vpc_id[4:]}", "SubnetId": f"subnet-{vpc_id[4:]}{n}"} for n in range(6)
        ],
        "Tags": [],
    }


def group(vpc_id: str, number: int, owner: str, rng: random.Random) -> Json:
    """Return a security group."""
    permissions = [
        {
            "IpProtocol": "tcp",
            "FromPort": port,
            "ToPort": port,
            "IpRanges": [{"CidrIp": f"10.{rng.randrange(256)}.0.0/16", "Description": "from the office"}],
            "Ipv6Ranges": [],
            "PrefixListIds": [],
            "UserIdGroupPairs": [],
        }
        for port in (22, 443, 5432, 8080)
    ]
    return {
        "GroupId": f"sg-{vpc_id[4:]}{number}",
        "GroupName": f"group-{number}",
        "Description": "made up",
        "VpcId": vpc_id,
        "OwnerId": owner,
        "IpPermissions": permissions,
        "IpPermissionsEgress": permissions,
        "Tags": [],
    }


def interface(vpc_id: str, number: int, owner: str) -> Json:
    """Return a network interface."""
    address = f"10.0.{number % 6}.{10 + number}"
    return {
        "NetworkInterfaceId": f"eni-{vpc_id[4:]}{number}",
        "SubnetId": f"subnet-{vpc_id[4:]}{number % 6}",
        "VpcId": vpc_id,
        "OwnerId": owner,
        "PrivateIpAddress": address,
        "PrivateIpAddresses": [{"Primary": True, "PrivateIpAddress": address}],
        "Groups": [{"GroupId": f"sg-{vpc_id[4:]}0", "GroupName": "group-0"}],
        "InterfaceType": "interface",
        "Status": "in-use",
        "SourceDestCheck": True,
        "Description": "",
        "Ipv6Addresses": [],
        "TagSet": [],
        "MacAddress": "06:00:00:00:00:01",
        "Attachment": {
            "AttachmentId": "eni-attach-1",
            "DeviceIndex": 0,
            "Status": "attached",
            "InstanceId": "i-1",
        },
    }


if __name__ == "__main__":
    write_big(Path(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 100_000_000)  # noqa: PLR2004 - argv
