"""`View`: the question beside what has been recorded so far, and what follows from both."""

import ipaddress
import re
from collections.abc import Iterator
from dataclasses import dataclass

from gatepath.collect.answers import Answer, Answers, Json, objects, part, text, texts, unique
from gatepath.model.naming import Arn
from gatepath.model.question import Question, SourceKind

ROUTE_TARGETS = (
    "GatewayId",
    "NatGatewayId",
    "TransitGatewayId",
    "VpcPeeringConnectionId",
    "NetworkInterfaceId",
    "InstanceId",
    "EgressOnlyInternetGatewayId",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """One question and the answers so far. `region` is the source's."""

    question: Question
    region: str
    account: str
    answers: Answers

    @classmethod
    def of(cls, question: Question, region: str, account: str, answers: Answers) -> "View":
        """Return the view; a Region in the question, or in the source's ARN, wins over `region`."""
        arn = Arn.parse(question.source.id)
        named = question.region or (arn.region if arn is not None else "")
        return cls(question=question, region=named or region, account=account, answers=answers)

    def rows(self, name: str, key: str) -> Iterator[Json]:
        """Iterate over recorded objects of the source's Region."""
        return self.answers.rows(name, key, self.region)

    def instances(self) -> Iterator[Json]:
        """Iterate over the recorded instances."""
        for reservation in self.rows("ec2.DescribeInstances", "Reservations"):
            yield from objects(reservation.get("Instances"))

    def lambda_configuration(self) -> Json:
        """Return the source's function as recorded."""
        pages = self.answers.pages("lambda.GetFunctionConfiguration", self.region)
        return next((page.response for page in pages), {})

    def ecs_rows(self) -> Iterator[Json]:
        """Iterate over the recorded tasks and services."""
        yield from self.rows("ecs.DescribeTasks", "tasks")
        yield from self.rows("ecs.DescribeServices", "services")

    def source_subnets(self) -> tuple[str, ...]:
        """Return the ids of the subnets that the source is known to sit in, beside its interfaces."""
        source = self.question.source
        found = [source.subnet_id or "", source.id if source.kind is SourceKind.SUBNET else ""]
        found += texts(part(self.lambda_configuration(), "VpcConfig").get("SubnetIds"))
        for row in self.ecs_rows():
            found += texts(_awsvpc(row).get("subnets"))
            found += _attachment_details(row, "subnetId")
        return unique(found)

    def source_interfaces(self) -> tuple[str, ...]:
        """Return the ids of the interfaces that the source is known to have."""
        source = self.question.source
        found = [source.interface_id or "", source.id if source.kind is SourceKind.NETWORK_INTERFACE else ""]
        for row in self.ecs_rows():
            found += _attachment_details(row, "networkInterfaceId")
        return unique(found)

    def source_instances(self) -> tuple[str, ...]:
        """Return the ids of the instances that the source runs on."""
        source = self.question.source
        found = [source.id if source.kind in {SourceKind.INSTANCE, SourceKind.EKS_POD} else ""]
        found += [
            text(row, "ec2InstanceId")
            for row in self.rows("ecs.DescribeContainerInstances", "containerInstances")
        ]
        return unique(found)

    def home_vpcs(self) -> tuple[str, ...]:
        """Return the VPCs that the source sits in."""
        found = [
            text(row, "VpcId")
            for row in self.instances()
            if text(row, "InstanceId") in self.source_instances()
        ]
        interfaces, subnets = self.source_interfaces(), self.source_subnets()
        address = self.question.source.id if self.question.source.kind is SourceKind.IP else ""
        found += [
            text(row, "VpcId")
            for row in self.rows("ec2.DescribeNetworkInterfaces", "NetworkInterfaces")
            if text(row, "NetworkInterfaceId") in interfaces
        ]
        found += [
            text(row, "VpcId")
            for row in self.rows("ec2.DescribeSubnets", "Subnets")
            if text(row, "SubnetId") in subnets or _holds(text(row, "CidrBlock"), address)
        ]
        return unique(found)

    def vpcs(self) -> tuple[str, ...]:
        """Return the source's VPCs and those that its routes lead on to (peering, transit gateway)."""
        found = [
            text(side, "VpcId")
            for row in self.rows("ec2.DescribeVpcPeeringConnections", "VpcPeeringConnections")
            for side in (part(row, "RequesterVpcInfo"), part(row, "AccepterVpcInfo"))
            if text(side, "OwnerId") in {"", self.account} and text(side, "Region") in {"", self.region}
        ]
        found += [
            text(row, "VpcId")
            for row in self.rows("ec2.DescribeTransitGatewayVpcAttachments", "TransitGatewayVpcAttachments")
            if text(row, "VpcOwnerId") in {"", self.account}
        ]
        return unique((*self.home_vpcs(), *found))

    def route_targets(self, kind: str) -> tuple[str, ...]:
        """Return what the recorded routes of the VPCs lead to, e.g. all `NatGatewayId`."""
        vpcs = self.vpcs()
        return unique(
            text(route, kind)
            for table in self.rows("ec2.DescribeRouteTables", "RouteTables")
            if text(table, "VpcId") in vpcs
            for route in objects(table.get("Routes"))
        )

    def regions(self) -> tuple[str, ...]:
        """Return the source's Region and those that the client or the resource may lead to."""
        client = self.question.client
        env = {name.upper(): value for name, value in (client.env or {}).items()}
        resource = Arn.parse(self.question.resource or "")
        return unique(
            region
            for region in (
                self.region,
                client.region or "",
                env.get("AWS_REGION", ""),
                env.get("AWS_DEFAULT_REGION", ""),
                resource.region if resource is not None else "",
                self.question.copy_source_region or "",
                *(self.bucket_region(bucket) for bucket in self.buckets()),
            )
            if re.fullmatch(r"[a-z]{2,4}(-[a-z]+)+-\d", region)
        )

    def buckets(self) -> tuple[str, ...]:
        """Return the buckets named in the question: https://docs.aws.amazon.com/AmazonS3/latest/userguide/s3-arn-format.html."""
        found = []
        for named in (self.question.resource, self.question.copy_source):
            arn = Arn.parse(named or "")
            if arn is not None and arn.service == "s3" and not arn.region:
                found.append(arn.resource.split("/", 1)[0].split("*", 1)[0])
        point = next(self.answers.pages("s3control.GetAccessPoint"), None)
        found.append(text(point.response, "Bucket") if point is not None else "")
        return unique(found)

    def head(self, bucket: str) -> Answer | None:
        """Return the recorded answer to HeadBucket."""
        pages = self.answers.pages("s3.HeadBucket")
        return next((page for page in pages if page.call.request.get("Bucket") == bucket), None)

    def bucket_region(self, bucket: str) -> str:
        """Return the bucket's Region if HeadBucket told it, else nothing."""
        answer = self.head(bucket)
        if answer is None:
            return ""
        return (answer.headers or {}).get("x-amz-bucket-region", "") or text(answer.response, "BucketRegion")


def _awsvpc(row: Json) -> Json:
    return part(part(row, "networkConfiguration"), "awsvpcConfiguration")


def _attachment_details(row: Json, name: str) -> list[str]:
    return [
        text(detail, "value")
        for attachment in objects(row.get("attachments"))
        for detail in objects(attachment.get("details"))
        if detail.get("name") == name
    ]


def _holds(block: str, address: str) -> bool:
    try:
        return bool(address) and ipaddress.ip_address(address) in ipaddress.ip_network(block, strict=False)
    except ValueError:
        return False
