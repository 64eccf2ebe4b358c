"""`World`: everything a snapshot says, typed and frozen. Above it no AWS JSON exists."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from gatepath.model import names as n
from gatepath.model import network as net
from gatepath.model import policies as p
from gatepath.model import workload as w
from gatepath.model.cluster import PodNetwork
from gatepath.model.naming import is_list_name
from gatepath.model.ref import Gap, GapReason, Unknown, unknown
from gatepath.model.store import Listing


@dataclass(frozen=True, slots=True, kw_only=True)
class PublicRanges:
    """Dated public address ranges shipped with the package: an upper bound of a Region's prefix list.

    Source: https://docs.aws.amazon.com/vpc/latest/userguide/aws-ip-ranges.html
    """

    date: str = ""
    cidrs: Mapping[tuple[str, str, int], tuple[net.Network, ...]] = field(default_factory=dict)
    """(service `s3`/`dynamodb`, Region or `GLOBAL`, IP version) -> CIDR blocks."""
    regions: frozenset[str] = frozenset()
    """All Regions named in the published file."""


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """All listings. Keys are AWS ids; prefix lists are keyed `REGION/ID`, hosted zones `VPC/ZONE`,
    Resolver rules and firewall groups `VPC/ID`, Lambda functions and tables `REGION/NAME`,
    ECS workloads `REGION/CLUSTER/NAME`, pod networks `REGION/CLUSTER`, Block Public Access `ACCOUNT/REGION`, buckets by name, callers and
    organizations by account, access points `ACCOUNT/REGION/NAME`, identities `ACCOUNT/KIND/NAME`, instance
    profiles `ACCOUNT/NAME` (the role's ARN), table policies by ARN, keys as they were asked for.
    """  # noqa: D205 - one list of keys

    instances: Listing[net.Instance] = Listing(operation="ec2.DescribeInstances")
    network_interfaces: Listing[net.NetworkInterface] = Listing(operation="ec2.DescribeNetworkInterfaces")
    subnets: Listing[net.Subnet] = Listing(operation="ec2.DescribeSubnets", shared_view=True)
    vpcs: Listing[net.Vpc] = Listing(operation="ec2.DescribeVpcs", shared_view=True)
    dhcp_options: Listing[n.DhcpOptions] = Listing(operation="ec2.DescribeDhcpOptions", shared_view=True)
    security_groups: Listing[net.SecurityGroup] = Listing(operation="ec2.DescribeSecurityGroups")
    network_acls: Listing[net.NetworkAcl] = Listing(operation="ec2.DescribeNetworkAcls", shared_view=True)
    route_tables: Listing[net.RouteTable] = Listing(operation="ec2.DescribeRouteTables", shared_view=True)
    vpc_endpoints: Listing[net.VpcEndpoint] = Listing(operation="ec2.DescribeVpcEndpoints")
    prefix_lists: Listing[net.PrefixList] = Listing(
        operation="ec2.DescribeManagedPrefixLists", shared_view=True
    )
    nat_gateways: Listing[net.NatGateway] = Listing(operation="ec2.DescribeNatGateways")
    internet_gateways: Listing[net.InternetGateway] = Listing(
        operation="ec2.DescribeInternetGateways", shared_view=True
    )
    egress_only_internet_gateways: Listing[net.InternetGateway] = Listing(
        operation="ec2.DescribeEgressOnlyInternetGateways"
    )
    vpc_peering_connections: Listing[net.VpcPeeringConnection] = Listing(
        operation="ec2.DescribeVpcPeeringConnections"
    )
    transit_gateway_attachments: Listing[net.TransitGatewayAttachment] = Listing(
        operation="ec2.DescribeTransitGatewayVpcAttachments"
    )
    transit_gateway_route_tables: Listing[net.TransitGatewayRouteTable] = Listing(
        operation="ec2.DescribeTransitGatewayRouteTables"
    )
    block_public_access: Listing[net.BlockPublicAccess] = Listing(
        operation="ec2.DescribeVpcBlockPublicAccessOptions"
    )
    block_public_access_exclusions: Listing[net.BlockPublicAccessExclusion] = Listing(
        operation="ec2.DescribeVpcBlockPublicAccessExclusions"
    )
    encryption_controls: Listing[net.EncryptionControl] = Listing(
        operation="ec2.DescribeVpcEncryptionControls"
    )
    hosted_zones: Listing[n.HostedZone] = Listing(operation="route53.ListHostedZonesByVPC")
    resolver_rules: Listing[n.ResolverRule] = Listing(
        operation="route53resolver.ListResolverRuleAssociations"
    )
    firewall_rule_groups: Listing[n.FirewallRuleGroup] = Listing(
        operation="route53resolver.ListFirewallRuleGroupAssociations"
    )
    dns_profiles: Listing[n.DnsProfile] = Listing(operation="route53profiles.ListProfileAssociations")
    lambda_functions: Listing[w.LambdaFunction] = Listing(operation="lambda.GetFunctionConfiguration")
    ecs_workloads: Listing[w.EcsWorkload] = Listing(operation="ecs.DescribeServices")
    pod_networks: Listing[PodNetwork] = Listing(operation="eks.DescribeAddon")
    buckets: Listing[w.Bucket] = Listing(operation="s3.HeadBucket")
    tables: Listing[w.Table] = Listing(operation="dynamodb.DescribeTable")
    callers: Listing[w.Caller] = Listing(operation="sts.GetCallerIdentity")
    bucket_rights: Listing[p.BucketRights] = Listing(operation="s3.GetBucketPolicy")
    account_access_blocks: Listing[p.AccessBlock | Unknown] = Listing(
        operation="s3control.GetPublicAccessBlock"
    )
    access_points: Listing[p.AccessPoint] = Listing(operation="s3control.GetAccessPoint")
    keys: Listing[p.Key] = Listing(operation="kms.DescribeKey")
    table_policies: Listing[p.TablePolicy] = Listing(operation="dynamodb.GetResourcePolicy")
    identities: Listing[p.Identity] = Listing(operation="iam.GetRole")
    instance_profiles: Listing[str] = Listing(operation="iam.GetInstanceProfile")
    organizations: Listing[p.Organization | Unknown] = Listing(operation="organizations.DescribeOrganization")
    organization_targets: Listing[p.OrganizationTarget] = Listing(
        operation="organizations.ListPoliciesForTarget"
    )
    public_ranges: PublicRanges = PublicRanges()

    def prefix_list(self, region: str, prefix_list_id: str) -> net.PrefixList | Unknown | None:
        """Return a prefix list by Region and id; None if proven not to exist."""
        found = self.prefix_lists.get(f"{region}/{prefix_list_id}")
        if found is not None:
            return found
        gap = self.prefix_lists.missing(region=region, id=prefix_list_id)
        if gap is not None and self.prefix_lists.missing(region=region, aws_managed=True) is not None:
            gap |= unknown("ec2", "DescribePrefixLists", region=region)
        return gap

    def prefix_lists_of(self, region: str, service: str) -> tuple[net.PrefixList, ...] | Unknown:
        """Return the AWS-managed lists of a service in a Region (one an IP version), or what is missing.

        An empty tuple is proven emptiness. Names are matched by listing them, never by construction of
        the IPv6 list's: https://docs.aws.amazon.com/vpc/latest/userguide/working-with-aws-managed-prefix-lists.html
        """
        found = tuple(
            pl for pl in self.prefix_lists if pl.region == region and is_list_name(pl.name, region, service)
        )
        if found:
            return found
        gap = self.prefix_lists.missing(region=region, aws_managed=True)
        return () if gap is None else gap | unknown("ec2", "DescribePrefixLists", region=region)

    def vpc_of_subnet(self, subnet: net.Subnet) -> net.Vpc | Unknown:
        """Return the subnet's VPC."""
        found = self.vpcs.find(subnet.vpc_id, region=subnet.region, account=subnet.owner)
        return found if found is not None else dangling("ec2", "DescribeVpcs", subnet.vpc_id, subnet.region)

    def subnet_route_table(self, subnet: net.Subnet) -> net.RouteTable | Unknown:
        """Return the explicitly associated table, else the VPC's main table.

        Source: https://docs.aws.amazon.com/vpc/latest/userguide/VPC_Route_Tables.html
        """
        tables = self.route_tables.of_vpc(subnet.vpc_id)
        for table in tables:
            if subnet.id in table.subnet_ids:
                return table
        gap = self.route_tables.missing(region=subnet.region, account=subnet.owner, vpc_id=subnet.vpc_id)
        if gap is not None:
            return gap
        main = next((table for table in tables if table.main), None)
        return main or dangling("ec2", "DescribeRouteTables", subnet.vpc_id, subnet.region)

    def subnet_network_acl(self, subnet: net.Subnet) -> net.NetworkAcl | Unknown:
        """Return the network ACL associated with the subnet.

        Source: https://docs.aws.amazon.com/vpc/latest/userguide/vpc-network-acls.html
        """
        for acl in self.network_acls.of_vpc(subnet.vpc_id):
            if subnet.id in acl.subnet_ids:
                return acl
        gap = self.network_acls.missing(region=subnet.region, account=subnet.owner, vpc_id=subnet.vpc_id)
        return gap or dangling("ec2", "DescribeNetworkAcls", subnet.id, subnet.region)


def dangling(service: str, operation: str, what: str, region: str | None = None) -> Unknown:
    """Return the gap of a reference that a complete list does not contain (inconsistent recording)."""
    return Unknown(
        (Gap(service=service, operation=operation, reason=GapReason.FAILED, region=region, detail=what),)
    )
