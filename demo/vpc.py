"""The demonstration's VPC: private, with an S3 gateway endpoint that its instance can't use for five reasons."""

import json
from dataclasses import dataclass
from typing import Any

REGION = "eu-west-1"
BUCKET = "orders-archive-example"
ROLE = "orders-export"
OFFICE = "203.0.113.10/32"
"""The address of the NAT gateway that the VPC had before its endpoint."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Demo:
    """What was built, by id."""

    vpc: str
    subnet: str
    table: str
    endpoint: str
    group: str
    acl: str
    zone: str
    instance: str
    prefix_list: str

    @property
    def question(self) -> dict[str, object]:
        """Return the question that the demonstration asks."""
        return {
            "source": {"instance": self.instance},
            "service": "s3",
            "action": "s3:GetObject",
            "resource": f"arn:aws:s3:::{BUCKET}/2026/orders.csv",
            "client": {"region": REGION, "sdk": "botocore"},
        }


class Builder:
    """Makes and repairs the VPC through boto3, as an operator's own tool would."""

    def __init__(self, url: str) -> None:
        import boto3
        from botocore.config import Config

        config = Config(s3={"addressing_style": "path"})
        session = boto3.Session(region_name=REGION, aws_access_key_id="demo", aws_secret_access_key="demo")  # noqa: S106 - any will do
        self._ec2: Any = session.client("ec2", endpoint_url=url)
        self._s3: Any = session.client("s3", endpoint_url=url, config=config)
        self._dns: Any = session.client("route53", endpoint_url=url)
        self._iam: Any = session.client("iam", endpoint_url=url)

    def build(self) -> Demo:
        """Build everything; each fault is one that people really make."""
        self._s3.create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": REGION})
        vpc = self._ec2.create_vpc(CidrBlock="10.20.0.0/16", TagSpecifications=_name("vpc", "orders"))["Vpc"][
            "VpcId"
        ]
        for attribute in ("EnableDnsSupport", "EnableDnsHostnames"):
            self._ec2.modify_vpc_attribute(VpcId=vpc, **{attribute: {"Value": True}})
        subnet = self._ec2.create_subnet(
            VpcId=vpc,
            CidrBlock="10.20.1.0/24",
            AvailabilityZone=f"{REGION}a",
            TagSpecifications=_name("subnet", "app"),
        )["Subnet"]["SubnetId"]
        self._bucket_policy_by_address()
        table = self._table(vpc, subnet)
        endpoint, prefix_list = self._endpoint_on_main_table_only(vpc)
        group = self._group_without_the_prefix_list(vpc)
        acl = self._acl_with_a_short_return_range(vpc, subnet)
        return Demo(
            vpc=vpc,
            subnet=subnet,
            table=table,
            endpoint=endpoint,
            group=group,
            acl=acl,
            zone=self._zone_without_the_record(vpc),
            instance=self._instance(subnet, group, self._profile()),
            prefix_list=prefix_list,
        )

    def repair_policy(self, demo: Demo) -> None:
        """Let the bucket policy spare the endpoint instead of an address that the endpoint hides."""
        self._put_policy({"StringNotEquals": {"aws:SourceVpce": demo.endpoint}})

    def repair(self, demo: Demo) -> None:
        """Remove the four faults of the way."""
        self._dns.delete_hosted_zone(Id=demo.zone)
        self._ec2.modify_vpc_endpoint(VpcEndpointId=demo.endpoint, AddRouteTableIds=[demo.table])
        self._ec2.authorize_security_group_egress(
            GroupId=demo.group,
            IpPermissions=[
                {
                    "IpProtocol": "tcp",
                    "FromPort": 443,
                    "ToPort": 443,
                    "PrefixListIds": [
                        {"PrefixListId": demo.prefix_list, "Description": "S3 by the gateway endpoint"}
                    ],
                }
            ],
        )
        self._ec2.replace_network_acl_entry(NetworkAclId=demo.acl, **_return_entry(1024))

    def _bucket_policy_by_address(self) -> None:
        """Fault 5: the bucket policy takes requests from the NAT gateway's address only."""
        self._put_policy({"NotIpAddress": {"aws:SourceIp": OFFICE}})

    def _put_policy(self, condition: dict[str, object]) -> None:
        denial = {
            "Sid": "OnlyFromUs",
            "Effect": "Deny",
            "Principal": "*",
            "Action": "s3:GetObject",
            "Resource": f"arn:aws:s3:::{BUCKET}/*",
            "Condition": condition,
        }
        self._s3.put_bucket_policy(
            Bucket=BUCKET, Policy=json.dumps({"Version": "2012-10-17", "Statement": [denial]})
        )

    def _profile(self) -> str:
        """Make the role that the instance's programs sign with."""
        trust = {"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}
        read = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": f"arn:aws:s3:::{BUCKET}/*"}
        documents = [json.dumps({"Version": "2012-10-17", "Statement": [row]}) for row in (trust, read)]
        self._iam.create_role(RoleName=ROLE, AssumeRolePolicyDocument=documents[0])
        self._iam.put_role_policy(RoleName=ROLE, PolicyName="read-orders", PolicyDocument=documents[1])
        self._iam.create_instance_profile(InstanceProfileName=ROLE)
        self._iam.add_role_to_instance_profile(InstanceProfileName=ROLE, RoleName=ROLE)
        return ROLE

    def _table(self, vpc: str, subnet: str) -> str:
        table: str = self._ec2.create_route_table(VpcId=vpc, TagSpecifications=_name("route-table", "app"))[
            "RouteTable"
        ]["RouteTableId"]
        self._ec2.associate_route_table(RouteTableId=table, SubnetId=subnet)
        return table

    def _endpoint_on_main_table_only(self, vpc: str) -> tuple[str, str]:
        """Fault 1: the endpoint hangs on the VPC's main table, the subnet uses its own."""
        main = [{"Name": "vpc-id", "Values": [vpc]}, {"Name": "association.main", "Values": ["true"]}]
        tables = self._ec2.describe_route_tables(Filters=main)["RouteTables"]
        service = f"com.amazonaws.{REGION}.s3"
        endpoint = self._ec2.create_vpc_endpoint(
            VpcId=vpc,
            VpcEndpointType="Gateway",
            ServiceName=service,
            RouteTableIds=[tables[0]["RouteTableId"]],
        )["VpcEndpoint"]["VpcEndpointId"]
        lists = self._ec2.describe_prefix_lists(Filters=[{"Name": "prefix-list-name", "Values": [service]}])
        return endpoint, lists["PrefixLists"][0]["PrefixListId"]

    def _group_without_the_prefix_list(self, vpc: str) -> str:
        """Fault 2: egress is limited to the VPC itself."""
        group: str = self._ec2.create_security_group(GroupName="app", Description="app servers", VpcId=vpc)[
            "GroupId"
        ]
        rules = self._ec2.describe_security_groups(GroupIds=[group])["SecurityGroups"][0][
            "IpPermissionsEgress"
        ]
        self._ec2.revoke_security_group_egress(GroupId=group, IpPermissions=rules)
        inside = {"IpProtocol": "-1", "IpRanges": [{"CidrIp": "10.20.0.0/16", "Description": "inside only"}]}
        self._ec2.authorize_security_group_egress(GroupId=group, IpPermissions=[inside])
        return group

    def _acl_with_a_short_return_range(self, vpc: str, subnet: str) -> str:
        """Fault 3: answers are let in on 49152 to 65535 (Windows' range); Linux uses 32768 to 60999."""
        acl: str = self._ec2.create_network_acl(VpcId=vpc)["NetworkAcl"]["NetworkAclId"]
        self._ec2.create_network_acl_entry(
            NetworkAclId=acl,
            RuleNumber=100,
            Protocol="-1",
            RuleAction="allow",
            Egress=True,
            CidrBlock="0.0.0.0/0",
        )
        self._ec2.create_network_acl_entry(NetworkAclId=acl, **_return_entry(49152))
        mine = [{"Name": "association.subnet-id", "Values": [subnet]}]
        for listed in self._ec2.describe_network_acls(Filters=mine)["NetworkAcls"]:
            for association in listed["Associations"]:
                if association["SubnetId"] == subnet:
                    old = association["NetworkAclAssociationId"]
                    self._ec2.replace_network_acl_association(AssociationId=old, NetworkAclId=acl)
        return acl

    def _zone_without_the_record(self, vpc: str) -> str:
        """Fault 4: a private hosted zone left over from a trial shadows the service's names."""
        zone: str = self._dns.create_hosted_zone(
            Name=f"s3.{REGION}.amazonaws.com",
            CallerReference="demo",
            VPC={"VPCRegion": REGION, "VPCId": vpc},
            HostedZoneConfig={
                "PrivateZone": True,
                "Comment": "left over from a trial of interface endpoints",
            },
        )["HostedZone"]["Id"]
        return zone.rpartition("/")[2]

    def _instance(self, subnet: str, group: str, profile: str) -> str:
        images = self._ec2.describe_images(Owners=["amazon"])["Images"]
        image = next(image["ImageId"] for image in images if image.get("Platform", "").lower() != "windows")
        instance: str = self._ec2.run_instances(
            ImageId=image,
            MinCount=1,
            MaxCount=1,
            InstanceType="t3.micro",
            SubnetId=subnet,
            SecurityGroupIds=[group],
            IamInstanceProfile={"Name": profile},
            TagSpecifications=_name("instance", "orders-export"),
        )["Instances"][0]["InstanceId"]
        return instance


def _return_entry(first_port: int) -> dict[str, object]:
    return {
        "RuleNumber": 100,
        "Protocol": "6",
        "RuleAction": "allow",
        "Egress": False,
        "CidrBlock": "0.0.0.0/0",
        "PortRange": {"From": first_port, "To": 65535},
    }


def _name(kind: str, name: str) -> list[dict[str, object]]:
    return [{"ResourceType": kind, "Tags": [{"Key": "Name", "Value": name}]}]


def question_text(demo: Demo) -> str:
    """Return the question as the JSON of `--question FILE`."""
    return json.dumps(demo.question, indent=1) + "\n"
