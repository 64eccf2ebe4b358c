"""The recorded calls that a question needs beside the network itself: names, public access, the bucket."""

from tests.lab.aws_json import ACCOUNT, REGION, Json, call


def _peering(vpc_id: str) -> Json:
    own = {"VpcId": vpc_id, "OwnerId": ACCOUNT, "Region": REGION}
    other = {"VpcId": "vpc-0peer", "OwnerId": ACCOUNT, "Region": REGION, "CidrBlock": "172.31.0.0/16"}
    return {
        "VpcPeeringConnectionId": vpc_id.replace("vpc-", "pcx-"),
        "Status": {"Code": "active", "Message": "Active"},
        "RequesterVpcInfo": own,
        "AccepterVpcInfo": {**other, "CidrBlockSet": [{"CidrBlock": "172.31.0.0/16"}]},
    }


def surroundings(vpc_id: str) -> list[Json]:
    """Return the calls that a question needs and that hold nothing of interest here."""
    empty = {
        "ec2.DescribeTransitGatewayVpcAttachments": "TransitGatewayVpcAttachments",
        "ec2.DescribeTransitGatewayRouteTables": "TransitGatewayRouteTables",
        "ec2.DescribeVpcBlockPublicAccessExclusions": "VpcBlockPublicAccessExclusions",
        "route53resolver.ListResolverRuleAssociations": "ResolverRuleAssociations",
        "route53resolver.ListResolverRules": "ResolverRules",
        "route53resolver.ListFirewallRuleGroupAssociations": "FirewallRuleGroupAssociations",
    }
    made = [call(operation, {key: []}) for operation, key in empty.items()]
    made.append(call("ec2.DescribeVpcPeeringConnections", {"VpcPeeringConnections": [_peering(vpc_id)]}))
    servers = {"Key": "domain-name-servers", "Values": [{"Value": "AmazonProvidedDNS"}]}
    dhcp = {"DhcpOptionsId": "dopt-0a1", "OwnerId": ACCOUNT, "DhcpConfigurations": [servers]}
    made.append(call("ec2.DescribeDhcpOptions", {"DhcpOptions": [dhcp]}))
    bpa = {"AwsAccountId": ACCOUNT, "InternetGatewayBlockMode": "off"}
    made.append(call("ec2.DescribeVpcBlockPublicAccessOptions", {"VpcBlockPublicAccessOptions": bpa}))
    for attribute in ("enableDnsSupport", "enableDnsHostnames"):
        key = attribute[0].upper() + attribute[1:]
        made.append(
            call(
                "ec2.DescribeVpcAttribute",
                {"VpcId": vpc_id, key: {"Value": True}},
                {"VpcId": vpc_id, "Attribute": attribute},
            )
        )
    zones = {"VPCId": vpc_id, "VPCRegion": REGION}
    made.append(
        call(
            "route53.ListHostedZonesByVPC",
            {"HostedZoneSummaries": [], "MaxItems": "100"},
            zones,
            "aws-global",
        )
    )
    head = call("s3.HeadBucket", {"BucketRegion": REGION}, {"Bucket": "data"})
    head["http"] = {"status": 200, "headers": {"x-amz-bucket-region": REGION}}
    made.append(head)
    return made
