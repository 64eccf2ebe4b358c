"""AWS's answers as typed structs: only the members that the model reads. Unknown members are skipped."""

from collections.abc import Iterable
from typing import Any

import msgspec

# Enumerations stay plain text: AWS adds values. Optional members default to what AWS means by their absence.


def joined(parts: Iterable[str]) -> str | None:
    """Return the words that ask for a page as one, None if there are none."""
    return "\n".join(parts) or None


class Wire(msgspec.Struct, frozen=True, gc=False):
    """Base of all structs."""


class Answer(Wire, frozen=True, kw_only=True):
    """Base of whole answers: the marks of a page that has a successor."""

    NextToken: str | None = None
    nextToken: str | None = None
    IsTruncated: bool = False

    @property
    def token(self) -> str | None:
        """Return what the next page is asked for with, or None; of several words as `joined` joins them."""
        return self.NextToken or self.nextToken or None


class Tag(Wire, frozen=True):
    Key: str = ""
    Value: str = ""


class Group(Wire, frozen=True):
    GroupId: str = ""


class PublicAssociation(Wire, frozen=True):
    PublicIp: str | None = None


class PrivateAddress(Wire, frozen=True):
    PrivateIpAddress: str
    Primary: bool = False
    Association: PublicAssociation | None = None


class Ipv6Address(Wire, frozen=True):
    Ipv6Address: str


class Ipv4Prefix(Wire, frozen=True):
    Ipv4Prefix: str


class Ipv6Prefix(Wire, frozen=True):
    Ipv6Prefix: str


class InterfaceAttachment(Wire, frozen=True):
    InstanceId: str | None = None
    DeviceIndex: int | None = None


class Interface(Wire, frozen=True):
    NetworkInterfaceId: str
    SubnetId: str = ""
    VpcId: str = ""
    OwnerId: str = ""
    PrivateIpAddress: str | None = None
    PrivateIpAddresses: tuple[PrivateAddress, ...] = ()
    Ipv6Addresses: tuple[Ipv6Address, ...] = ()
    Ipv4Prefixes: tuple[Ipv4Prefix, ...] = ()
    Ipv6Prefixes: tuple[Ipv6Prefix, ...] = ()
    Association: PublicAssociation | None = None
    Groups: tuple[Group, ...] = ()
    InterfaceType: str = "interface"
    Description: str = ""
    RequesterManaged: bool = False
    SourceDestCheck: bool = True
    Status: str = ""
    Attachment: InterfaceAttachment | None = None


class Interfaces(Answer, frozen=True):
    NetworkInterfaces: tuple[Interface, ...] = ()


class InstanceState(Wire, frozen=True):
    Name: str = ""


class Profile(Wire, frozen=True):
    Arn: str = ""


class Instance(Wire, frozen=True):
    InstanceId: str
    State: InstanceState = InstanceState()
    Platform: str = ""
    VpcId: str | None = None
    SubnetId: str | None = None
    NetworkInterfaces: tuple[Interface, ...] = ()
    IamInstanceProfile: Profile | None = None
    Tags: tuple[Tag, ...] = ()


class Reservation(Wire, frozen=True):
    OwnerId: str = ""
    Instances: tuple[Instance, ...] = ()


class Instances(Answer, frozen=True):
    Reservations: tuple[Reservation, ...] = ()


class CidrState(Wire, frozen=True):
    State: str = "associated"


class Ipv6Block(Wire, frozen=True):
    Ipv6CidrBlock: str
    Ipv6CidrBlockState: CidrState = CidrState()


class Ipv4Block(Wire, frozen=True):
    CidrBlock: str
    CidrBlockState: CidrState = CidrState()


class Subnet(Wire, frozen=True):
    SubnetId: str
    VpcId: str
    OwnerId: str = ""
    CidrBlock: str | None = None
    AvailabilityZone: str = ""
    MapPublicIpOnLaunch: bool = False
    Ipv6Native: bool = False
    EnableDns64: bool = False
    Ipv6CidrBlockAssociationSet: tuple[Ipv6Block, ...] = ()


class Subnets(Answer, frozen=True):
    Subnets: tuple[Subnet, ...] = ()


class Vpc(Wire, frozen=True):
    VpcId: str
    CidrBlock: str | None = None
    DhcpOptionsId: str | None = None
    OwnerId: str = ""
    CidrBlockAssociationSet: tuple[Ipv4Block, ...] = ()
    Ipv6CidrBlockAssociationSet: tuple[Ipv6Block, ...] = ()


class Vpcs(Answer, frozen=True):
    Vpcs: tuple[Vpc, ...] = ()


class Flag(Wire, frozen=True):
    Value: bool


class VpcAttribute(Answer, frozen=True):
    EnableDnsSupport: Flag | None = None
    EnableDnsHostnames: Flag | None = None


class Text(Wire, frozen=True):
    Value: str = ""


class DhcpConfiguration(Wire, frozen=True):
    Key: str = ""
    Values: tuple[Text, ...] = ()


class Dhcp(Wire, frozen=True):
    DhcpOptionsId: str
    DhcpConfigurations: tuple[DhcpConfiguration, ...] = ()


class DhcpOptions(Answer, frozen=True):
    DhcpOptions: tuple[Dhcp, ...] = ()


class IpRange(Wire, frozen=True):
    CidrIp: str


class Ipv6Range(Wire, frozen=True):
    CidrIpv6: str


class ListId(Wire, frozen=True):
    PrefixListId: str


class GroupPair(Wire, frozen=True):
    GroupId: str = ""


class Permission(Wire, frozen=True):
    IpProtocol: str
    FromPort: int | None = None
    ToPort: int | None = None
    IpRanges: tuple[IpRange, ...] = ()
    Ipv6Ranges: tuple[Ipv6Range, ...] = ()
    PrefixListIds: tuple[ListId, ...] = ()
    UserIdGroupPairs: tuple[GroupPair, ...] = ()


class SecurityGroup(Wire, frozen=True):
    GroupId: str
    GroupName: str = ""
    VpcId: str = ""
    OwnerId: str = ""
    IpPermissions: tuple[Permission, ...] = ()
    IpPermissionsEgress: tuple[Permission, ...] = ()


class SecurityGroups(Answer, frozen=True):
    SecurityGroups: tuple[SecurityGroup, ...] = ()


class Ports(Wire, frozen=True):
    From: int | None = None
    To: int | None = None


class AclEntry(Wire, frozen=True):
    RuleNumber: int
    RuleAction: str
    Protocol: str
    Egress: bool
    CidrBlock: str | None = None
    Ipv6CidrBlock: str | None = None
    PortRange: Ports | None = None


class SubnetAssociation(Wire, frozen=True):
    SubnetId: str | None = None
    GatewayId: str | None = None
    Main: bool = False


class Acl(Wire, frozen=True):
    NetworkAclId: str
    VpcId: str = ""
    OwnerId: str = ""
    IsDefault: bool = False
    Entries: tuple[AclEntry, ...] = ()
    Associations: tuple[SubnetAssociation, ...] = ()


class NetworkAcls(Answer, frozen=True):
    NetworkAcls: tuple[Acl, ...] = ()


class Route(Wire, frozen=True):
    DestinationCidrBlock: str | None = None
    DestinationIpv6CidrBlock: str | None = None
    DestinationPrefixListId: str | None = None
    GatewayId: str | None = None
    NatGatewayId: str | None = None
    TransitGatewayId: str | None = None
    VpcPeeringConnectionId: str | None = None
    NetworkInterfaceId: str | None = None
    InstanceId: str | None = None
    EgressOnlyInternetGatewayId: str | None = None
    LocalGatewayId: str | None = None
    CarrierGatewayId: str | None = None
    CoreNetworkArn: str | None = None
    OdbNetworkArn: str | None = None
    Origin: str = ""
    State: str = "active"


class RouteTable(Wire, frozen=True):
    RouteTableId: str
    VpcId: str = ""
    OwnerId: str = ""
    Associations: tuple[SubnetAssociation, ...] = ()
    Routes: tuple[Route, ...] = ()


class RouteTables(Answer, frozen=True):
    RouteTables: tuple[RouteTable, ...] = ()


class EndpointError(Wire, frozen=True):
    Message: str = ""
    Code: str = ""


class DnsEntry(Wire, frozen=True):
    DnsName: str = ""


class DnsChoice(Wire, frozen=True):
    DnsRecordIpType: str = ""
    PrivateDnsOnlyForInboundResolverEndpoint: bool = False


class Endpoint(Wire, frozen=True):
    VpcEndpointId: str
    VpcEndpointType: str | None = None
    VpcId: str = ""
    OwnerId: str = ""
    ServiceName: str = ""
    State: str = ""
    LastError: EndpointError | None = None
    PolicyDocument: Any = None
    RouteTableIds: tuple[str, ...] = ()
    SubnetIds: tuple[str, ...] = ()
    Groups: tuple[Group, ...] = ()
    NetworkInterfaceIds: tuple[str, ...] = ()
    IpAddressType: str = ""
    DnsOptions: DnsChoice = DnsChoice()
    PrivateDnsEnabled: bool = False
    DnsEntries: tuple[DnsEntry, ...] = ()


class Endpoints(Answer, frozen=True):
    VpcEndpoints: tuple[Endpoint, ...] = ()


class PrefixList(Wire, frozen=True):
    PrefixListId: str
    PrefixListName: str = ""
    Cidrs: tuple[str, ...] | None = None


class PrefixLists(Answer, frozen=True):
    PrefixLists: tuple[PrefixList, ...] = ()


class ManagedList(Wire, frozen=True):
    PrefixListId: str
    PrefixListName: str = ""
    AddressFamily: str = ""
    OwnerId: str | None = None


class ManagedLists(Answer, frozen=True):
    PrefixLists: tuple[ManagedList, ...] = ()


class ListEntry(Wire, frozen=True):
    Cidr: str


class ListEntries(Answer, frozen=True):
    Entries: tuple[ListEntry, ...] = ()


class NatAddress(Wire, frozen=True):
    PrivateIp: str | None = None
    PublicIp: str | None = None
    NetworkInterfaceId: str | None = None
    IsPrimary: bool = False


class Nat(Wire, frozen=True):
    NatGatewayId: str
    VpcId: str = ""
    SubnetId: str | None = None
    State: str = ""
    ConnectivityType: str = "public"
    AvailabilityMode: str = "zonal"
    RouteTableId: str | None = None
    NatGatewayAddresses: tuple[NatAddress, ...] = ()
    AttachedAppliances: tuple[msgspec.Raw, ...] = ()


class Nats(Answer, frozen=True):
    NatGateways: tuple[Nat, ...] = ()


class GatewayAttachment(Wire, frozen=True):
    VpcId: str = ""
    State: str = ""


class InternetGateway(Wire, frozen=True):
    InternetGatewayId: str
    Attachments: tuple[GatewayAttachment, ...] = ()


class InternetGateways(Answer, frozen=True):
    InternetGateways: tuple[InternetGateway, ...] = ()


class EgressOnlyGateway(Wire, frozen=True):
    EgressOnlyInternetGatewayId: str
    Attachments: tuple[GatewayAttachment, ...] = ()


class EgressOnlyGateways(Answer, frozen=True):
    EgressOnlyInternetGateways: tuple[EgressOnlyGateway, ...] = ()


class PeerCidr(Wire, frozen=True):
    CidrBlock: str


class PeerIpv6(Wire, frozen=True):
    Ipv6CidrBlock: str


class PeerVpc(Wire, frozen=True):
    VpcId: str = ""
    OwnerId: str = ""
    Region: str = ""
    CidrBlock: str | None = None
    CidrBlockSet: tuple[PeerCidr, ...] = ()
    Ipv6CidrBlockSet: tuple[PeerIpv6, ...] = ()


class PeeringStatus(Wire, frozen=True):
    Code: str = ""


class Peering(Wire, frozen=True):
    VpcPeeringConnectionId: str
    Status: PeeringStatus = PeeringStatus()
    RequesterVpcInfo: PeerVpc = PeerVpc()
    AccepterVpcInfo: PeerVpc = PeerVpc()


class Peerings(Answer, frozen=True):
    VpcPeeringConnections: tuple[Peering, ...] = ()


class TransitAttachment(Wire, frozen=True):
    TransitGatewayAttachmentId: str
    TransitGatewayId: str = ""
    VpcId: str = ""
    State: str = ""
    SubnetIds: tuple[str, ...] = ()


class TransitAttachments(Answer, frozen=True):
    TransitGatewayVpcAttachments: tuple[TransitAttachment, ...] = ()


class TransitTable(Wire, frozen=True):
    TransitGatewayRouteTableId: str
    TransitGatewayId: str = ""


class TransitTables(Answer, frozen=True):
    TransitGatewayRouteTables: tuple[TransitTable, ...] = ()


class TransitAssociation(Wire, frozen=True):
    TransitGatewayAttachmentId: str = ""
    State: str = "associated"


class TransitAssociations(Answer, frozen=True):
    Associations: tuple[TransitAssociation, ...] = ()


class TransitRouteAttachment(Wire, frozen=True):
    TransitGatewayAttachmentId: str = ""
    ResourceId: str = ""
    ResourceType: str = ""


class TransitRoute(Wire, frozen=True):
    DestinationCidrBlock: str | None = None
    PrefixListId: str | None = None
    State: str = "active"
    TransitGatewayAttachments: tuple[TransitRouteAttachment, ...] = ()


class TransitRoutes(Answer, frozen=True):
    Routes: tuple[TransitRoute, ...] = ()
    AdditionalRoutesAvailable: bool = False


class BpaOptions(Wire, frozen=True):
    AwsAccountId: str = ""
    InternetGatewayBlockMode: str = "off"


class BlockPublicAccess(Answer, frozen=True):
    VpcBlockPublicAccessOptions: BpaOptions


class BpaExclusion(Wire, frozen=True):
    ExclusionId: str
    InternetGatewayExclusionMode: str = ""
    State: str = ""
    ResourceArn: str = ""


class BpaExclusions(Answer, frozen=True):
    VpcBlockPublicAccessExclusions: tuple[BpaExclusion, ...] = ()


class EncryptionControl(Wire, frozen=True):
    VpcEncryptionControlId: str
    VpcId: str = ""
    Mode: str = ""
    State: str = ""


class EncryptionControls(Answer, frozen=True):
    VpcEncryptionControls: tuple[EncryptionControl, ...] = ()


class ZoneOwner(Wire, frozen=True):
    OwningAccount: str | None = None
    OwningService: str | None = None


class ZoneSummary(Wire, frozen=True):
    HostedZoneId: str
    Name: str
    Owner: ZoneOwner = ZoneOwner()


class HostedZones(Answer, frozen=True):
    HostedZoneSummaries: tuple[ZoneSummary, ...] = ()


class Alias(Wire, frozen=True):
    DNSName: str


class RecordValue(Wire, frozen=True):
    Value: str


class RecordSet(Wire, frozen=True):
    Name: str
    Type: str
    ResourceRecords: tuple[RecordValue, ...] = ()
    AliasTarget: Alias | None = None


class RecordSets(Answer, frozen=True):
    ResourceRecordSets: tuple[RecordSet, ...] = ()
    NextRecordName: str | None = None
    NextRecordType: str | None = None
    NextRecordIdentifier: str | None = None

    @property
    def token(self) -> str | None:
        """Return the record that the next page begins with: many records may share a name."""
        parts = (self.NextRecordName, self.NextRecordType, self.NextRecordIdentifier)
        return joined(part for part in parts if part)


class RuleAssociation(Wire, frozen=True):
    Id: str = ""
    ResolverRuleId: str = ""
    VPCId: str = ""
    Status: str = ""


class RuleAssociations(Answer, frozen=True):
    ResolverRuleAssociations: tuple[RuleAssociation, ...] = ()


class TargetIp(Wire, frozen=True):
    Ip: str | None = None
    Ipv6: str | None = None


class Rule(Wire, frozen=True):
    Id: str
    DomainName: str = ""
    RuleType: str = ""
    ResolverEndpointId: str | None = None
    TargetIps: tuple[TargetIp, ...] = ()


class Rules(Answer, frozen=True):
    ResolverRules: tuple[Rule, ...] = ()


class FirewallAssociation(Wire, frozen=True):
    Id: str = ""
    FirewallRuleGroupId: str = ""
    VpcId: str = ""
    Priority: int = 0
    Status: str = ""


class FirewallAssociations(Answer, frozen=True):
    FirewallRuleGroupAssociations: tuple[FirewallAssociation, ...] = ()


class ProfileAssociation(Wire, frozen=True):
    Id: str = ""
    ProfileId: str = ""
    ResourceId: str = ""
    Status: str = ""


class ProfileAssociations(Answer, frozen=True):
    ProfileAssociations: tuple[ProfileAssociation, ...] = ()


class FirewallRule(Wire, frozen=True):
    Priority: int = 0
    Action: str = ""
    BlockResponse: str = ""
    BlockOverrideDomain: str | None = None
    FirewallDomainListId: str | None = None
    Qtype: str | None = None


class FirewallRules(Answer, frozen=True):
    FirewallRules: tuple[FirewallRule, ...] = ()


class FirewallDomains(Answer, frozen=True):
    Domains: tuple[str, ...] = ()


class FunctionVpc(Wire, frozen=True):
    VpcId: str = ""
    SubnetIds: tuple[str, ...] = ()
    SecurityGroupIds: tuple[str, ...] = ()
    Ipv6AllowedForDualStack: bool = False


class Variables(Wire, frozen=True):
    Variables: dict[str, str] = {}


class Function(Answer, frozen=True):
    FunctionName: str
    FunctionArn: str = ""
    Role: str = ""
    VpcConfig: FunctionVpc = FunctionVpc()
    Environment: Variables = Variables()


class AwsVpcConfiguration(Wire, frozen=True):
    subnets: tuple[str, ...] = ()
    securityGroups: tuple[str, ...] = ()
    assignPublicIp: str = "DISABLED"


class NetworkConfiguration(Wire, frozen=True):
    awsvpcConfiguration: AwsVpcConfiguration | None = None


class Service(Wire, frozen=True):
    serviceName: str = ""
    serviceArn: str = ""
    clusterArn: str = ""
    taskDefinition: str = ""
    networkConfiguration: NetworkConfiguration | None = None
    platformFamily: str | None = None


class Services(Answer, frozen=True):
    services: tuple[Service, ...] = ()


class Detail(Wire, frozen=True):
    name: str = ""
    value: str = ""


class TaskAttachment(Wire, frozen=True):
    type: str = ""
    details: tuple[Detail, ...] = ()


class Task(Wire, frozen=True):
    taskArn: str = ""
    clusterArn: str = ""
    taskDefinitionArn: str = ""
    containerInstanceArn: str | None = None
    platformFamily: str | None = None
    attachments: tuple[TaskAttachment, ...] = ()


class Tasks(Answer, frozen=True):
    tasks: tuple[Task, ...] = ()


class Container(Wire, frozen=True):
    environment: tuple[Detail, ...] = ()


class Platform(Wire, frozen=True):
    operatingSystemFamily: str | None = None


class Definition(Wire, frozen=True):
    taskDefinitionArn: str = ""
    networkMode: str = "bridge"
    taskRoleArn: str | None = None
    containerDefinitions: tuple[Container, ...] = ()
    runtimePlatform: Platform | None = None


class TaskDefinition(Answer, frozen=True):
    taskDefinition: Definition


class Addon(Wire, frozen=True):
    addonName: str = ""
    clusterName: str = ""
    configurationValues: str | None = None


class AddonAnswer(Answer, frozen=True):
    addon: Addon


class ContainerInstance(Wire, frozen=True):
    containerInstanceArn: str = ""
    ec2InstanceId: str | None = None


class ContainerInstances(Answer, frozen=True):
    containerInstances: tuple[ContainerInstance, ...] = ()


class Head(Answer, frozen=True):
    BucketRegion: str | None = None


class Location(Answer, frozen=True):
    LocationConstraint: str | None = None


class Replica(Wire, frozen=True):
    RegionName: str = ""


class DynamoTable(Wire, frozen=True):
    TableName: str = ""
    TableArn: str = ""
    TableStatus: str = ""
    Replicas: tuple[Replica, ...] = ()


class TableAnswer(Answer, frozen=True):
    Table: DynamoTable


class Identity(Answer, frozen=True):
    Account: str = ""
    Arn: str = ""


ANSWERS: dict[str, type[Answer]] = {
    "ec2.DescribeInstances": Instances,
    "ec2.DescribeNetworkInterfaces": Interfaces,
    "ec2.DescribeSubnets": Subnets,
    "ec2.DescribeVpcs": Vpcs,
    "ec2.DescribeVpcAttribute": VpcAttribute,
    "ec2.DescribeDhcpOptions": DhcpOptions,
    "ec2.DescribeSecurityGroups": SecurityGroups,
    "ec2.DescribeNetworkAcls": NetworkAcls,
    "ec2.DescribeRouteTables": RouteTables,
    "ec2.DescribeVpcEndpoints": Endpoints,
    "ec2.DescribePrefixLists": PrefixLists,
    "ec2.DescribeManagedPrefixLists": ManagedLists,
    "ec2.GetManagedPrefixListEntries": ListEntries,
    "ec2.DescribeNatGateways": Nats,
    "ec2.DescribeInternetGateways": InternetGateways,
    "ec2.DescribeEgressOnlyInternetGateways": EgressOnlyGateways,
    "ec2.DescribeVpcPeeringConnections": Peerings,
    "ec2.DescribeTransitGatewayVpcAttachments": TransitAttachments,
    "ec2.DescribeTransitGatewayRouteTables": TransitTables,
    "ec2.GetTransitGatewayRouteTableAssociations": TransitAssociations,
    "ec2.SearchTransitGatewayRoutes": TransitRoutes,
    "ec2.DescribeVpcBlockPublicAccessOptions": BlockPublicAccess,
    "ec2.DescribeVpcBlockPublicAccessExclusions": BpaExclusions,
    "ec2.DescribeVpcEncryptionControls": EncryptionControls,
    "route53.ListHostedZonesByVPC": HostedZones,
    "route53.ListResourceRecordSets": RecordSets,
    "route53resolver.ListResolverRuleAssociations": RuleAssociations,
    "route53resolver.ListResolverRules": Rules,
    "route53resolver.ListFirewallRuleGroupAssociations": FirewallAssociations,
    "route53profiles.ListProfileAssociations": ProfileAssociations,
    "route53resolver.ListFirewallRules": FirewallRules,
    "route53resolver.ListFirewallDomains": FirewallDomains,
    "lambda.GetFunctionConfiguration": Function,
    "ecs.DescribeServices": Services,
    "ecs.DescribeTasks": Tasks,
    "ecs.DescribeTaskDefinition": TaskDefinition,
    "ecs.DescribeContainerInstances": ContainerInstances,
    "eks.DescribeAddon": AddonAnswer,
    "s3.HeadBucket": Head,
    "s3.GetBucketLocation": Location,
    "dynamodb.DescribeTable": TableAnswer,
    "sts.GetCallerIdentity": Identity,
}
"""`service.Operation` -> the type of its answer. Other operations are kept on disk and ignored here."""
