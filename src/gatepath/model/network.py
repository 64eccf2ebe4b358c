"""The nouns of a VPC as frozen values. Field names follow AWS's; what could not be read is `Unknown`."""

from dataclasses import dataclass
from enum import StrEnum
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network

from gatepath.model.ref import Ref, Unknown

Network = IPv4Network | IPv6Network
Address = IPv4Address | IPv6Address


@dataclass(frozen=True, slots=True, kw_only=True)
class Vpc:
    """`ec2.DescribeVpcs`, with the two DNS attributes of `DescribeVpcAttribute`."""

    id: str
    region: str
    owner: str
    cidrs: tuple[Network, ...]
    """All associated CIDR blocks, secondary and IPv6 included."""
    dhcp_options_id: str | None
    enable_dns_support: bool | Unknown
    enable_dns_hostnames: bool | Unknown
    ref: Ref
    dns_ref: Ref | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Subnet:
    """`ec2.DescribeSubnets`. `cidrs` holds the IPv4 and the IPv6 blocks."""

    id: str
    region: str
    vpc_id: str
    owner: str
    cidrs: tuple[Network, ...]
    availability_zone: str
    map_public_ip_on_launch: bool
    ipv6_native: bool
    enable_dns64: bool
    ref: Ref

    def holds(self, address: Address) -> bool:
        """Tell whether the address lies in the subnet."""
        return any(address in cidr for cidr in self.cidrs if cidr.version == address.version)


@dataclass(frozen=True, slots=True, kw_only=True)
class NetworkInterface:
    """`ec2.DescribeNetworkInterfaces` (or the copy inside `DescribeInstances`)."""

    id: str
    region: str
    vpc_id: str
    subnet_id: str
    owner: str
    addresses: tuple[Address, ...]
    """Private IPv4 addresses, the primary first, then IPv6 addresses."""
    public_addresses: tuple[tuple[Address, IPv4Address], ...]
    """(private IPv4, its public or Elastic IP)."""
    group_ids: tuple[str, ...]
    interface_type: str
    description: str
    requester_managed: bool
    source_dest_check: bool
    status: str
    instance_id: str | None
    device_index: int | None
    ref: Ref
    prefixes: tuple[Network, ...] = ()
    """Blocks assigned to it as a whole, whose addresses its host gives to pods.
    https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/ec2-prefix-eni.html"""

    @property
    def held(self) -> tuple[Address | Network, ...]:
        """All addresses that packets to this interface may have."""
        return (*self.addresses, *self.prefixes)

    def primary(self, version: int) -> Address | None:
        """Return the first address of the IP version, or None."""
        return next((a for a in self.addresses if a.version == version), None)

    def public_ip(self, address: Address) -> IPv4Address | None:
        """Return the public IPv4 address of a private one, or None."""
        return next((public for private, public in self.public_addresses if private == address), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Instance:
    """`ec2.DescribeInstances`. `platform` is `windows` or empty."""

    id: str
    region: str
    owner: str
    state: str
    platform: str
    vpc_id: str | None
    subnet_id: str | None
    interface_ids: tuple[str, ...]
    """By device index; the primary interface first."""
    instance_profile_arn: str | None
    tags: tuple[tuple[str, str], ...]
    ref: Ref


@dataclass(frozen=True, slots=True, kw_only=True)
class PrefixList:
    """An AWS-managed or customer-managed prefix list. Ids are unique in a Region only."""

    id: str
    region: str
    name: str
    owner: str | None
    """`AWS` for AWS-managed ones."""
    version: int
    """IP version: 4 or 6."""
    cidrs: tuple[Network, ...] | Unknown
    ref: Ref


@dataclass(frozen=True, slots=True)
class PrefixListTarget:
    """A rule's or route's reference to a prefix list, by id."""

    id: str


@dataclass(frozen=True, slots=True)
class GroupTarget:
    """A security-group rule's reference to another group."""

    id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SecurityGroupRule:
    """One permission for one peer. `ports` is None for all ports (and for protocols without any).

    Source: https://docs.aws.amazon.com/vpc/latest/userguide/vpc-security-groups.html
    """

    protocol: str
    """`tcp`, `udp`, `icmp`, `icmpv6`, a number as text, or `-1`; as AWS gives it, lower case."""
    ports: tuple[int, int] | None
    peer: Network | PrefixListTarget | GroupTarget
    ref: Ref


@dataclass(frozen=True, slots=True, kw_only=True)
class SecurityGroup:
    """`ec2.DescribeSecurityGroups`."""

    id: str
    region: str
    name: str
    vpc_id: str
    owner: str
    egress: tuple[SecurityGroupRule, ...]
    ingress: tuple[SecurityGroupRule, ...]
    ref: Ref


@dataclass(frozen=True, slots=True, kw_only=True)
class NetworkAclEntry:
    """One entry. `ports` is None for all ports.

    Source: https://docs.aws.amazon.com/vpc/latest/userguide/vpc-network-acls.html
    """

    rule_number: int
    egress: bool
    allow: bool
    protocol: str
    """The number as text; `-1` is all."""
    ports: tuple[int, int] | None
    cidr: Network
    ref: Ref


@dataclass(frozen=True, slots=True, kw_only=True)
class NetworkAcl:
    """`ec2.DescribeNetworkAcls`; entries in the order of their numbers."""

    id: str
    region: str
    vpc_id: str
    owner: str
    is_default: bool
    entries: tuple[NetworkAclEntry, ...]
    subnet_ids: tuple[str, ...]
    ref: Ref


class TargetKind(StrEnum):
    """What a route leads to; the values are the path kinds of a diagnosis where both exist."""

    LOCAL = "local"
    GATEWAY_ENDPOINT = "gateway-endpoint"
    """A `vpce-…` in `GatewayId`: a gateway endpoint, or a Gateway Load Balancer endpoint."""
    INTERNET_GATEWAY = "internet-gateway"
    EGRESS_ONLY_INTERNET_GATEWAY = "egress-only-internet-gateway"
    NAT_GATEWAY = "nat-gateway"
    TRANSIT_GATEWAY = "transit-gateway"
    VPC_PEERING = "vpc-peering"
    VIRTUAL_PRIVATE_GATEWAY = "virtual-private-gateway"
    CORE_NETWORK = "core-network"
    CARRIER_GATEWAY = "carrier-gateway"
    LOCAL_GATEWAY = "local-gateway"
    NETWORK_INTERFACE = "network-interface"
    INSTANCE = "instance"
    ODB_NETWORK = "odb-network"
    OTHER = "other"
    """A kind that this version doesn't know: its further way is unknown."""


@dataclass(frozen=True, slots=True)
class RouteTarget:
    """A route's next hop."""

    kind: TargetKind
    id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """One route. `propagated` by its `Origin`; `state` is `active`, `blackhole`, `filtered` or a newer word.

    Source: https://docs.aws.amazon.com/vpc/latest/userguide/route-tables-priority.html
    """

    destination: Network | PrefixListTarget
    target: RouteTarget
    origin: str
    state: str
    ref: Ref

    @property
    def propagated(self) -> bool:
        """Tell whether the route came from a virtual private gateway or a route server."""
        return self.origin in {"EnableVgwRoutePropagation", "Advertisement"}


@dataclass(frozen=True, slots=True, kw_only=True)
class RouteTable:
    """`ec2.DescribeRouteTables`."""

    id: str
    region: str
    vpc_id: str
    owner: str
    main: bool
    subnet_ids: tuple[str, ...]
    """Explicitly associated subnets."""
    gateway_ids: tuple[str, ...]
    """Edge associations (internet or virtual private gateway)."""
    routes: tuple[Route, ...]
    ref: Ref


class EndpointType(StrEnum):
    """`VpcEndpointType`."""

    GATEWAY = "Gateway"
    INTERFACE = "Interface"
    GATEWAY_LOAD_BALANCER = "GatewayLoadBalancer"
    OTHER = "Other"


@dataclass(frozen=True, slots=True, kw_only=True)
class VpcEndpoint:
    """`ec2.DescribeVpcEndpoints`. An absent type is a gateway endpoint (AWS's default at creation).

    Source: https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeVpcEndpoints.html
    """

    id: str
    region: str
    type: EndpointType
    vpc_id: str
    owner: str
    service_name: str
    state: str
    """Lower case."""
    last_error: str
    policy_document: str | None
    """The policy's JSON text; None = the default, full access."""
    route_table_ids: tuple[str, ...]
    subnet_ids: tuple[str, ...]
    group_ids: tuple[str, ...]
    interface_ids: tuple[str, ...]
    ip_address_type: str
    dns_record_ip_type: str
    private_dns_enabled: bool
    private_dns_only_for_inbound_resolver: bool
    dns_names: tuple[str, ...]
    """Endpoint-specific and private names of `DnsEntries`, lower case, without a trailing dot."""
    ref: Ref

    @property
    def available(self) -> bool:
        """Tell whether the endpoint carries traffic."""
        return self.state == "available"


@dataclass(frozen=True, slots=True, kw_only=True)
class NatGateway:
    """`ec2.DescribeNatGateways`. A regional one has no subnet but a route table of its own.

    Sources: https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_NatGateway.html and
    https://docs.aws.amazon.com/vpc/latest/userguide/nat-gateways-regional.html
    """

    id: str
    region: str
    vpc_id: str
    subnet_id: str | None
    state: str
    connectivity: str
    """`public` or `private`."""
    availability_mode: str
    """`zonal` or `regional`."""
    route_table_id: str | None
    private_addresses: tuple[Address, ...]
    public_addresses: tuple[Address, ...]
    interface_ids: tuple[str, ...]
    has_attached_appliances: bool
    ref: Ref


@dataclass(frozen=True, slots=True, kw_only=True)
class InternetGateway:
    """`ec2.DescribeInternetGateways` and `DescribeEgressOnlyInternetGateways`."""

    id: str
    region: str
    vpc_ids: tuple[str, ...]
    """VPCs it is attached to (state `available` or `attached`)."""
    egress_only: bool
    ref: Ref


@dataclass(frozen=True, slots=True, kw_only=True)
class PeeredVpc:
    """One side of a peering connection; `owner` is "" where the call doesn't say."""

    vpc_id: str
    region: str
    owner: str
    cidrs: tuple[Network, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class VpcPeeringConnection:
    """`ec2.DescribeVpcPeeringConnections`."""

    id: str
    region: str
    status: str
    requester: PeeredVpc
    accepter: PeeredVpc
    ref: Ref

    def peer_of(self, vpc_id: str) -> PeeredVpc:
        """Return the other side as seen from a VPC."""
        return self.accepter if self.requester.vpc_id == vpc_id else self.requester


@dataclass(frozen=True, slots=True, kw_only=True)
class TransitGatewayAttachment:
    """`ec2.DescribeTransitGatewayVpcAttachments`."""

    id: str
    region: str
    transit_gateway_id: str
    vpc_id: str
    state: str
    subnet_ids: tuple[str, ...]
    ref: Ref


@dataclass(frozen=True, slots=True, kw_only=True)
class TransitGatewayRoute:
    """A route of `SearchTransitGatewayRoutes`."""

    destination: Network | PrefixListTarget
    state: str
    attachment_ids: tuple[str, ...]
    resource_type: str
    """`vpc`, `vpn`, `direct-connect-gateway`, `peering`, … of the first attachment."""
    resource_ids: tuple[str, ...]
    ref: Ref


@dataclass(frozen=True, slots=True, kw_only=True)
class TransitGatewayRouteTable:
    """`ec2.DescribeTransitGatewayRouteTables` with its associations and routes."""

    id: str
    region: str
    transit_gateway_id: str
    associated_attachment_ids: tuple[str, ...] | Unknown
    routes: tuple[TransitGatewayRoute, ...] | Unknown
    ref: Ref


@dataclass(frozen=True, slots=True, kw_only=True)
class BlockPublicAccess:
    """VPC Block Public Access of one account and Region.

    Source: https://docs.aws.amazon.com/vpc/latest/userguide/security-vpc-bpa-basics.html
    """

    account: str
    region: str
    mode: str
    """`off`, `block-bidirectional`, `block-ingress`."""
    ref: Ref


@dataclass(frozen=True, slots=True, kw_only=True)
class BlockPublicAccessExclusion:
    """An exclusion of one VPC or subnet; `mode` is `allow-bidirectional` or `allow-egress`."""

    id: str
    region: str
    mode: str
    state: str
    resource_id: str
    """`vpc-…` or `subnet-…`."""
    ref: Ref


@dataclass(frozen=True, slots=True, kw_only=True)
class EncryptionControl:
    """`ec2.DescribeVpcEncryptionControls`; `mode` is `monitor` or `enforce`.

    Source: https://docs.aws.amazon.com/vpc/latest/userguide/vpc-encryption-controls.html
    """

    id: str
    region: str
    vpc_id: str
    mode: str
    state: str
    """`available`, `enforce-in-progress`, …"""
    ref: Ref
