"""A small sound VPC as recorded calls, to be broken by tests.

The closed world of one account and Region: every needed call is there. `Snapshot` keeps the lists as plain
AWS JSON, so a test changes exactly what it is about.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from gatepath.diagnose import diagnose
from gatepath.model.question import Question, parse_question
from gatepath.model.world import World
from gatepath.snapshot.load import load_world
from gatepath.snapshot.record import Record, decode_line
from gatepath.trace import Diagnosis

ACCOUNT = "111122223333"
REGION = "eu-west-1"
VPC = "vpc-0a1"
PRIVATE, PUBLIC = "subnet-0a1", "subnet-0a2"
PRIVATE_TABLE, PUBLIC_TABLE, MAIN_TABLE = "rtb-0a1", "rtb-0a2", "rtb-0a9"
ACL, GROUP, ENI, INSTANCE = "acl-0a1", "sg-0a1", "eni-0a1", "i-0a1"
ENDPOINT, NAT, IGW = "vpce-0a1", "nat-0a1", "igw-0a1"
S3_LIST, DDB_LIST = "pl-6da54004", "pl-6fa54006"
S3_CIDRS = ["3.5.64.0/21", "3.5.72.0/23", "52.218.0.0/17", "52.92.0.0/17"]
DDB_CIDRS = ["52.94.5.0/24", "52.94.24.0/23", "52.119.240.0/21"]
NAT_ENI, NAT_IP, NAT_EIP = "eni-0a7", "10.0.200.20", "203.0.113.20"

Json = dict[str, Any]


def entry(number: int, *, egress: bool, allow: bool = True, **more: object) -> Json:
    """Return a network ACL entry; TCP everywhere unless `more` says else."""
    made = {
        "RuleNumber": number,
        "RuleAction": "allow" if allow else "deny",
        "Protocol": "-1",
        "CidrBlock": "0.0.0.0/0",
        "Egress": egress,
    }
    return {**made, **more}


def tcp(cidr: str, low: int, high: int) -> Json:
    """Return the parts of a network ACL entry for TCP ports."""
    return {"Protocol": "6", "CidrBlock": cidr, "PortRange": {"From": low, "To": high}}


def open_entries() -> list[Json]:
    """Return the entries of a default network ACL."""
    return [
        entry(number, egress=egress, allow=number == 100)
        for egress in (True, False)
        for number in (100, 32767)
    ]


def permission(protocol: str = "-1", low: int | None = None, high: int | None = None, **peers: Any) -> Json:
    """Return one IP permission; `peers`: cidrs, cidrs6, lists, groups."""
    made: Json = {
        "IpProtocol": protocol,
        "IpRanges": [{"CidrIp": c} for c in peers.get("cidrs", ())],
        "Ipv6Ranges": [{"CidrIpv6": c} for c in peers.get("cidrs6", ())],
        "PrefixListIds": [{"PrefixListId": p} for p in peers.get("lists", ())],
        "UserIdGroupPairs": [{"GroupId": g, "UserId": ACCOUNT} for g in peers.get("groups", ())],
    }
    if low is not None:
        made |= {"FromPort": low, "ToPort": high if high is not None else low}
    return made


ANY_EGRESS = permission(cidrs=["0.0.0.0/0"])


def route(destination: str, **target: str) -> Json:
    """Return an active static route: `route("0.0.0.0/0", NatGatewayId="nat-…")`."""
    key = (
        "DestinationPrefixListId"
        if destination.startswith("pl-")
        else "DestinationIpv6CidrBlock"
        if ":" in destination
        else "DestinationCidrBlock"
    )
    return {key: destination, "Origin": "CreateRoute", "State": "active", **target}


LOCAL = {
    "DestinationCidrBlock": "10.0.0.0/16",
    "GatewayId": "local",
    "Origin": "CreateRouteTable",
    "State": "active",
}


def group(group_id: str, egress: list[Json] | None = None, ingress: list[Json] | None = None) -> Json:
    """Return a security group; egress open unless given."""
    return {
        "GroupId": group_id,
        "GroupName": group_id,
        "Description": group_id,
        "VpcId": VPC,
        "OwnerId": ACCOUNT,
        "IpPermissions": ingress or [],
        "IpPermissionsEgress": [ANY_EGRESS] if egress is None else egress,
    }


def table(table_id: str, routes: list[Json], subnets: tuple[str, ...] = (), *, main: bool = False) -> Json:
    """Return a route table; the local route is added."""
    associations: list[Json] = [
        {
            "Main": False,
            "RouteTableAssociationId": f"rtbassoc-{table_id}-{s}",
            "RouteTableId": table_id,
            "SubnetId": s,
            "AssociationState": {"State": "associated"},
        }
        for s in subnets
    ]
    if main:
        associations.append(
            {"Main": True, "RouteTableAssociationId": f"rtbassoc-{table_id}", "RouteTableId": table_id}
        )
    return {
        "RouteTableId": table_id,
        "VpcId": VPC,
        "OwnerId": ACCOUNT,
        "Associations": associations,
        "PropagatingVgws": [],
        "Routes": [LOCAL, *routes],
        "Tags": [],
    }


def subnet(subnet_id: str, cidr: str, **more: object) -> Json:
    """Return a subnet."""
    made = {
        "SubnetId": subnet_id,
        "VpcId": VPC,
        "CidrBlock": cidr,
        "AvailabilityZone": f"{REGION}a",
        "State": "available",
        "MapPublicIpOnLaunch": False,
        "OwnerId": ACCOUNT,
        "Ipv6CidrBlockAssociationSet": [],
        "Ipv6Native": False,
        "EnableDns64": False,
    }
    return {**made, **more}


def interface(
    eni_id: str, subnet_id: str, address: str, groups: tuple[str, ...] = (), **more: object
) -> Json:
    """Return a network interface."""
    made = {
        "NetworkInterfaceId": eni_id,
        "SubnetId": subnet_id,
        "VpcId": VPC,
        "OwnerId": ACCOUNT,
        "PrivateIpAddress": address,
        "PrivateIpAddresses": [{"Primary": True, "PrivateIpAddress": address}],
        "Groups": [{"GroupId": g, "GroupName": g} for g in groups],
        "InterfaceType": "interface",
        "Status": "in-use",
        "SourceDestCheck": True,
        "Description": "",
        "RequesterManaged": False,
        "Ipv6Addresses": [],
    }
    return {**made, **more}


def instance(instance_id: str, eni: Json, **more: object) -> Json:
    """Return a running instance with one interface."""
    made = {
        "InstanceId": instance_id,
        "State": {"Code": 16, "Name": "running"},
        "VpcId": VPC,
        "SubnetId": eni["SubnetId"],
        "PrivateIpAddress": eni["PrivateIpAddress"],
        "NetworkInterfaces": [{**eni, "Attachment": {"DeviceIndex": 0, "Status": "attached"}}],
    }
    return {**made, **more}


def endpoint(endpoint_id: str, service: str = "s3", **more: object) -> Json:
    """Return a gateway endpoint of the VPC."""
    made = {
        "VpcEndpointId": endpoint_id,
        "VpcEndpointType": "Gateway",
        "VpcId": VPC,
        "ServiceName": f"com.amazonaws.{REGION}.{service}",
        "State": "available",
        "RouteTableIds": [PRIVATE_TABLE],
        "SubnetIds": [],
        "Groups": [],
        "PrivateDnsEnabled": False,
        "RequesterManaged": False,
        "NetworkInterfaceIds": [],
        "DnsEntries": [],
        "OwnerId": ACCOUNT,
        "IpAddressType": "ipv4",
        "DnsOptions": {"DnsRecordIpType": "service-defined"},
    }
    return {**made, **more}


def public(eni: Json, address: str) -> Json:
    """Return the interface with a public address."""
    association = {"PublicIp": address, "IpOwnerId": ACCOUNT, "PublicDnsName": ""}
    first = {**eni["PrivateIpAddresses"][0], "Association": association}
    return {**eni, "Association": association, "PrivateIpAddresses": [first]}


@dataclass
class Snapshot:
    """Recorded calls as plain JSON; `lists` by operation, `calls` for those with a request."""

    lists: dict[str, Json] = field(default_factory=dict)
    """`service.Operation` -> response of the unfiltered call in REGION."""
    calls: list[Json] = field(default_factory=list)
    """Further whole records."""

    def rows(self, operation: str) -> list[Json]:
        """Return the rows of a list call, to be changed in place."""
        response = self.lists[operation]
        return next(value for value in response.values() if isinstance(value, list))

    def row(self, operation: str, **where: object) -> Json:
        """Return the one row whose keys have these values."""
        return next(r for r in self.rows(operation) if all(r.get(k) == v for k, v in where.items()))

    def add_call(self, service: str, operation: str, request: Json, **answer: object) -> None:
        """Add a record; `answer` is `response=…` or `error=…` (and `http=…`, `region=…`, `account=…`)."""
        made = {
            "account": ACCOUNT,
            "region": REGION,
            "service": service,
            "operation": operation,
            "request": request,
        }
        self.calls.append({**made, **answer})

    def replace_call(self, operation: str, request: Json, **answer: object) -> None:
        """Replace what a call with this request answers."""
        for call in self.calls:
            if f"{call['service']}.{call['operation']}" == operation and call["request"] == request:
                call.pop("response", None)
                call.pop("error", None)
                call.update(answer)
                return
        raise KeyError(operation)

    def lines(self) -> list[bytes]:
        """Return the snapshot as lines."""
        made = [
            {
                "account": ACCOUNT,
                "region": REGION,
                "service": name.split(".")[0],
                "operation": name.split(".")[1],
                "request": {},
                "response": response,
            }
            for name, response in self.lists.items()
        ]
        return [json.dumps(call).encode() for call in [*made, *self.calls]]

    def records(self) -> list[Record]:
        """Return the snapshot as records."""
        return [decode_line(line, number, f"test:{number + 1}") for number, line in enumerate(self.lines())]

    def world(self) -> World:
        """Return what the snapshot means."""
        return load_world(self.records())

    def write(self, folder: Path, question: Json, expected: Json) -> None:
        """Write a case folder."""
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "snapshot.jsonl").write_bytes(b"\n".join(self.lines()) + b"\n")
        for name, data in (("question", question), ("expected", expected)):
            text = json.dumps(data, ensure_ascii=False, indent=1) + "\n"
            (folder / f"{name}.json").write_text(text, encoding="utf-8")


def sound() -> Snapshot:
    """Return a VPC in which S3 works by its gateway endpoint, with a NAT gateway and an internet gateway beside."""
    workload = interface(
        ENI, PRIVATE, "10.0.1.10", (GROUP,), Attachment={"InstanceId": INSTANCE, "DeviceIndex": 0}
    )
    nat_eni = public(
        interface(NAT_ENI, PUBLIC, NAT_IP, (), InterfaceType="nat_gateway", SourceDestCheck=False), NAT_EIP
    )
    made = Snapshot(
        lists={
            "ec2.DescribeInstances": {
                "Reservations": [{"OwnerId": ACCOUNT, "Instances": [instance(INSTANCE, workload)]}]
            },
            "ec2.DescribeNetworkInterfaces": {"NetworkInterfaces": [workload, nat_eni]},
            "ec2.DescribeSubnets": {
                "Subnets": [subnet(PRIVATE, "10.0.1.0/24"), subnet(PUBLIC, "10.0.200.0/24")]
            },
            "ec2.DescribeVpcs": {
                "Vpcs": [
                    {
                        "VpcId": VPC,
                        "CidrBlock": "10.0.0.0/16",
                        "DhcpOptionsId": "dopt-0a1",
                        "OwnerId": ACCOUNT,
                        "State": "available",
                        "CidrBlockAssociationSet": [
                            {"CidrBlock": "10.0.0.0/16", "CidrBlockState": {"State": "associated"}}
                        ],
                    }
                ]
            },
            "ec2.DescribeDhcpOptions": {
                "DhcpOptions": [
                    {
                        "DhcpOptionsId": "dopt-0a1",
                        "OwnerId": ACCOUNT,
                        "DhcpConfigurations": [
                            {"Key": "domain-name-servers", "Values": [{"Value": "AmazonProvidedDNS"}]}
                        ],
                    }
                ]
            },
            "ec2.DescribeSecurityGroups": {"SecurityGroups": [group(GROUP)]},
            "ec2.DescribeNetworkAcls": {
                "NetworkAcls": [
                    {
                        "NetworkAclId": ACL,
                        "VpcId": VPC,
                        "OwnerId": ACCOUNT,
                        "IsDefault": True,
                        "Entries": open_entries(),
                        "Associations": [{"NetworkAclId": ACL, "SubnetId": s} for s in (PRIVATE, PUBLIC)],
                    }
                ]
            },
            "ec2.DescribeRouteTables": {
                "RouteTables": [
                    table(
                        PRIVATE_TABLE,
                        [route("0.0.0.0/0", NatGatewayId=NAT), route(S3_LIST, GatewayId=ENDPOINT)],
                        (PRIVATE,),
                    ),
                    table(PUBLIC_TABLE, [route("0.0.0.0/0", GatewayId=IGW)], (PUBLIC,)),
                    table(MAIN_TABLE, [], main=True),
                ]
            },
            "ec2.DescribeVpcEndpoints": {"VpcEndpoints": [endpoint(ENDPOINT)]},
            "ec2.DescribePrefixLists": {
                "PrefixLists": [
                    {
                        "PrefixListId": S3_LIST,
                        "PrefixListName": f"com.amazonaws.{REGION}.s3",
                        "Cidrs": list(S3_CIDRS),
                    },
                    {
                        "PrefixListId": DDB_LIST,
                        "PrefixListName": f"com.amazonaws.{REGION}.dynamodb",
                        "Cidrs": list(DDB_CIDRS),
                    },
                ]
            },
            "ec2.DescribeNatGateways": {
                "NatGateways": [
                    {
                        "NatGatewayId": NAT,
                        "VpcId": VPC,
                        "SubnetId": PUBLIC,
                        "State": "available",
                        "ConnectivityType": "public",
                        "NatGatewayAddresses": [
                            {
                                "PublicIp": NAT_EIP,
                                "PrivateIp": NAT_IP,
                                "NetworkInterfaceId": NAT_ENI,
                                "IsPrimary": True,
                                "Status": "succeeded",
                            }
                        ],
                    }
                ]
            },
            "ec2.DescribeInternetGateways": {
                "InternetGateways": [
                    {
                        "InternetGatewayId": IGW,
                        "OwnerId": ACCOUNT,
                        "Attachments": [{"VpcId": VPC, "State": "available"}],
                    }
                ]
            },
            "ec2.DescribeEgressOnlyInternetGateways": {"EgressOnlyInternetGateways": []},
            "ec2.DescribeVpcPeeringConnections": {"VpcPeeringConnections": []},
            "ec2.DescribeTransitGatewayVpcAttachments": {"TransitGatewayVpcAttachments": []},
            "ec2.DescribeTransitGatewayRouteTables": {"TransitGatewayRouteTables": []},
            "ec2.DescribeVpcBlockPublicAccessOptions": {
                "VpcBlockPublicAccessOptions": {"AwsAccountId": ACCOUNT, "InternetGatewayBlockMode": "off"}
            },
            "ec2.DescribeVpcBlockPublicAccessExclusions": {"VpcBlockPublicAccessExclusions": []},
            "route53resolver.ListResolverRuleAssociations": {"ResolverRuleAssociations": []},
            "route53resolver.ListResolverRules": {"ResolverRules": []},
            "route53resolver.ListFirewallRuleGroupAssociations": {"FirewallRuleGroupAssociations": []},
        }
    )
    for attribute, key in (
        ("enableDnsSupport", "EnableDnsSupport"),
        ("enableDnsHostnames", "EnableDnsHostnames"),
    ):
        made.add_call(
            "ec2",
            "DescribeVpcAttribute",
            {"VpcId": VPC, "Attribute": attribute},
            response={"VpcId": VPC, key: {"Value": True}},
        )
    made.add_call(
        "route53",
        "ListHostedZonesByVPC",
        {"VPCId": VPC, "VPCRegion": REGION},
        region="aws-global",
        response={"HostedZoneSummaries": [], "MaxItems": "100"},
    )
    bucket(made, "data", REGION)
    return made


def bucket(made: Snapshot, name: str, region: str) -> None:
    """Record an own bucket."""
    made.add_call(
        "s3",
        "HeadBucket",
        {"Bucket": name},
        response={"BucketRegion": region},
        http={"status": 200, "headers": {"x-amz-bucket-region": region}},
    )


def other_region(made: Snapshot, region: str, cidrs: list[str]) -> None:
    """Record the S3 prefix list of another Region."""
    name = f"com.amazonaws.{region}.s3"
    made.add_call(
        "ec2",
        "DescribePrefixLists",
        {},
        region=region,
        response={"PrefixLists": [{"PrefixListId": "pl-0other", "PrefixListName": name, "Cidrs": cidrs}]},
    )


def question(**more: object) -> Json:
    """Return a question about an object of the own bucket, as JSON."""
    client: Mapping[str, object] = {
        "region": REGION,
        "hostname": f"data.s3.{REGION}.amazonaws.com",
        "port": 443,
    }
    made: Json = {
        "source": {"instance": INSTANCE},
        "service": "s3",
        "action": "s3:GetObject",
        "resource": "arn:aws:s3:::data/key",
        "client": dict(client),
    }
    return {**made, **more}


def client(**more: object) -> Json:
    """Return the question's client with further settings."""
    return {**question()["client"], **more}


def ask(made: Snapshot, asked: Json | None = None, *, network: bool = True) -> Diagnosis:
    """Diagnose a snapshot."""
    parsed: Question = parse_question(asked or question())
    return diagnose(parsed, made.world(), only=frozenset({"network"}) if network else None)


__all__ = ["diagnose", "json", "parse_question"]
