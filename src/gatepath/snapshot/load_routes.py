"""Route tables, endpoints, gateways, peerings, transit gateways, Block Public Access: AWS shapes to model."""

from collections.abc import Iterator
from functools import partial
from typing import Any

from gatepath.model import network as net
from gatepath.model.ref import GapReason, Unknown, unknown
from gatepath.snapshot import wire as w
from gatepath.snapshot.documents import policy_text
from gatepath.snapshot.listing import Row, listing
from gatepath.snapshot.load_network import spots
from gatepath.snapshot.pages import Recording
from gatepath.snapshot.rows import Spot


def route_listings(recording: Recording) -> dict[str, Any]:
    """Return the listings of this area by their name in `World`."""
    return {
        "route_tables": listing(recording, _tables(recording), "ec2.DescribeRouteTables", shared_view=True),
        "vpc_endpoints": listing(recording, _endpoints(recording), "ec2.DescribeVpcEndpoints"),
        "nat_gateways": listing(recording, _nats(recording), "ec2.DescribeNatGateways"),
        "internet_gateways": listing(
            recording,
            _gateways(recording, "ec2.DescribeInternetGateways", "InternetGateways"),
            "ec2.DescribeInternetGateways",
            shared_view=True,
        ),
        "egress_only_internet_gateways": listing(
            recording,
            _gateways(recording, "ec2.DescribeEgressOnlyInternetGateways", "EgressOnlyInternetGateways"),
            "ec2.DescribeEgressOnlyInternetGateways",
        ),
        "vpc_peering_connections": listing(
            recording, _peerings(recording), "ec2.DescribeVpcPeeringConnections"
        ),
        "transit_gateway_attachments": listing(
            recording, _attachments(recording), "ec2.DescribeTransitGatewayVpcAttachments"
        ),
        "transit_gateway_route_tables": listing(
            recording, _transit_tables(recording), "ec2.DescribeTransitGatewayRouteTables"
        ),
    }


def _tables(recording: Recording) -> Iterator[Row]:
    for answered, row, spot in spots(recording, "ec2.DescribeRouteTables", "RouteTables"):
        owner = row.OwnerId or answered.account
        make = partial(_table, row, owner, answered.region, spot)
        yield Row(row.RouteTableId, row.VpcId, answered.account, owner, make)


def _table(row: w.RouteTable, owner: str, region: str, spot: Spot) -> net.RouteTable:
    return net.RouteTable(
        id=row.RouteTableId,
        region=region,
        vpc_id=row.VpcId,
        owner=owner,
        main=any(a.Main for a in row.Associations),
        subnet_ids=tuple(a.SubnetId for a in row.Associations if a.SubnetId),
        gateway_ids=tuple(a.GatewayId for a in row.Associations if a.GatewayId),
        routes=tuple(_route(r, spot.at("Routes", n)) for n, r in enumerate(row.Routes)),
        ref=spot.ref,
    )


def _route(row: w.Route, spot: Spot) -> net.Route:
    cidr = row.DestinationCidrBlock or row.DestinationIpv6CidrBlock
    destination: net.Network | net.PrefixListTarget
    if row.DestinationPrefixListId is not None:
        destination = net.PrefixListTarget(row.DestinationPrefixListId)
    elif cidr is not None:
        key = "DestinationCidrBlock" if row.DestinationCidrBlock else "DestinationIpv6CidrBlock"
        destination = spot.at(key).network(cidr)
    else:
        raise spot.error("snapshot.detail.no-destination")
    return net.Route(
        destination=destination, target=_target(row), origin=row.Origin, state=row.State, ref=spot.ref
    )


_BY_PREFIX = {
    "local": net.TargetKind.LOCAL,
    "igw-": net.TargetKind.INTERNET_GATEWAY,
    "eigw-": net.TargetKind.EGRESS_ONLY_INTERNET_GATEWAY,
    "vgw-": net.TargetKind.VIRTUAL_PRIVATE_GATEWAY,
    "vpce-": net.TargetKind.GATEWAY_ENDPOINT,
}


def _target(row: w.Route) -> net.RouteTarget:
    kinds = (
        (row.NatGatewayId, net.TargetKind.NAT_GATEWAY),
        (row.TransitGatewayId, net.TargetKind.TRANSIT_GATEWAY),
        (row.VpcPeeringConnectionId, net.TargetKind.VPC_PEERING),
        (row.NetworkInterfaceId, net.TargetKind.NETWORK_INTERFACE),
        (row.InstanceId, net.TargetKind.INSTANCE),
        (row.EgressOnlyInternetGatewayId, net.TargetKind.EGRESS_ONLY_INTERNET_GATEWAY),
        (row.LocalGatewayId, net.TargetKind.LOCAL_GATEWAY),
        (row.CarrierGatewayId, net.TargetKind.CARRIER_GATEWAY),
        (row.CoreNetworkArn, net.TargetKind.CORE_NETWORK),
        (row.OdbNetworkArn, net.TargetKind.ODB_NETWORK),
    )
    if row.GatewayId is not None:
        kind = next((k for p, k in _BY_PREFIX.items() if row.GatewayId.startswith(p)), None)
        return net.RouteTarget(kind or net.TargetKind.OTHER, row.GatewayId)
    for target, kind in kinds:
        if target is not None:
            return net.RouteTarget(kind, target)
    return net.RouteTarget(net.TargetKind.OTHER, "")


_TYPES: dict[str | None, net.EndpointType] = {kind.value: kind for kind in net.EndpointType}
_TYPES[None] = net.EndpointType.GATEWAY


def _endpoints(recording: Recording) -> Iterator[Row]:
    for answered, row, spot in spots(recording, "ec2.DescribeVpcEndpoints", "VpcEndpoints"):
        if row.State.lower() == "deleted":
            continue
        owner = row.OwnerId or answered.account
        make = partial(_endpoint, row, owner, answered.region, spot)
        yield Row(row.VpcEndpointId, row.VpcId, answered.account, owner, make)


def _endpoint(row: w.Endpoint, owner: str, region: str, spot: Spot) -> net.VpcEndpoint:
    names = (entry.DnsName.lower().rstrip(".") for entry in row.DnsEntries)
    error = row.LastError
    return net.VpcEndpoint(
        id=row.VpcEndpointId,
        region=region,
        type=_TYPES.get(row.VpcEndpointType, net.EndpointType.OTHER),
        vpc_id=row.VpcId,
        owner=owner,
        service_name=row.ServiceName,
        state=row.State.lower(),
        last_error=": ".join(text for text in (error.Code, error.Message) if text) if error else "",
        policy_document=policy_text(row.PolicyDocument),
        route_table_ids=row.RouteTableIds,
        subnet_ids=row.SubnetIds,
        group_ids=tuple(group.GroupId for group in row.Groups),
        interface_ids=row.NetworkInterfaceIds,
        ip_address_type=row.IpAddressType,
        dns_record_ip_type=row.DnsOptions.DnsRecordIpType,
        private_dns_enabled=row.PrivateDnsEnabled,
        private_dns_only_for_inbound_resolver=row.DnsOptions.PrivateDnsOnlyForInboundResolverEndpoint,
        dns_names=tuple(name for name in names if name),
        ref=spot.ref,
    )


def _nats(recording: Recording) -> Iterator[Row]:
    for answered, row, spot in spots(recording, "ec2.DescribeNatGateways", "NatGateways"):
        make = partial(_nat, row, answered.region, spot)
        yield Row(row.NatGatewayId, row.VpcId, answered.account, answered.account, make)


def _nat(row: w.Nat, region: str, spot: Spot) -> net.NatGateway:
    addresses = sorted(row.NatGatewayAddresses, key=lambda address: not address.IsPrimary)
    return net.NatGateway(
        id=row.NatGatewayId,
        region=region,
        vpc_id=row.VpcId,
        subnet_id=row.SubnetId or None,
        state=row.State.lower(),
        connectivity=row.ConnectivityType,
        availability_mode=row.AvailabilityMode,
        route_table_id=row.RouteTableId,
        private_addresses=tuple(spot.address(a.PrivateIp) for a in addresses if a.PrivateIp),
        public_addresses=tuple(spot.address(a.PublicIp) for a in addresses if a.PublicIp),
        interface_ids=tuple(a.NetworkInterfaceId for a in addresses if a.NetworkInterfaceId),
        has_attached_appliances=bool(row.AttachedAppliances),
        ref=spot.ref,
    )


def _gateways(recording: Recording, name: str, key: str) -> Iterator[Row]:
    for answered, row, spot in spots(recording, name, key):
        only = isinstance(row, w.EgressOnlyGateway)
        gateway_id = row.EgressOnlyInternetGatewayId if only else row.InternetGatewayId
        make = partial(_gateway, row, gateway_id, answered.region, spot)
        yield Row(gateway_id, "", answered.account, answered.account, make)


def _gateway(
    row: w.InternetGateway | w.EgressOnlyGateway, gateway_id: str, region: str, spot: Spot
) -> net.InternetGateway:
    attached = tuple(a.VpcId for a in row.Attachments if a.State in {"available", "attached", ""})
    return net.InternetGateway(
        id=gateway_id,
        region=region,
        vpc_ids=attached,
        egress_only=isinstance(row, w.EgressOnlyGateway),
        ref=spot.ref,
    )


def _peerings(recording: Recording) -> Iterator[Row]:
    name = "ec2.DescribeVpcPeeringConnections"
    for answered, row, spot in spots(recording, name, "VpcPeeringConnections"):
        make = partial(_peering, row, answered.region, spot)
        yield Row(row.VpcPeeringConnectionId, "", answered.account, answered.account, make)


def _peering(row: w.Peering, region: str, spot: Spot) -> net.VpcPeeringConnection:
    return net.VpcPeeringConnection(
        id=row.VpcPeeringConnectionId,
        region=region,
        status=row.Status.Code,
        requester=_side(row.RequesterVpcInfo, region, spot.at("RequesterVpcInfo")),
        accepter=_side(row.AccepterVpcInfo, region, spot.at("AccepterVpcInfo")),
        ref=spot.ref,
    )


def _side(row: w.PeerVpc, region: str, spot: Spot) -> net.PeeredVpc:
    blocks = [b.CidrBlock for b in row.CidrBlockSet] or ([row.CidrBlock] if row.CidrBlock else [])
    blocks += [b.Ipv6CidrBlock for b in row.Ipv6CidrBlockSet]
    return net.PeeredVpc(
        vpc_id=row.VpcId,
        region=row.Region or region,
        owner=row.OwnerId,
        cidrs=tuple(spot.network(block) for block in blocks),
    )


def _attachments(recording: Recording) -> Iterator[Row]:
    name = "ec2.DescribeTransitGatewayVpcAttachments"
    for answered, row, spot in spots(recording, name, "TransitGatewayVpcAttachments"):
        made = net.TransitGatewayAttachment(
            id=row.TransitGatewayAttachmentId,
            region=answered.region,
            transit_gateway_id=row.TransitGatewayId,
            vpc_id=row.VpcId,
            state=row.State.lower(),
            subnet_ids=row.SubnetIds,
            ref=spot.ref,
        )
        yield Row(made.id, made.vpc_id, answered.account, answered.account, partial(_same, made))


def _same(made: object) -> object:
    return made


def _transit_tables(recording: Recording) -> Iterator[Row]:
    name = "ec2.DescribeTransitGatewayRouteTables"
    for answered, row, spot in spots(recording, name, "TransitGatewayRouteTables"):
        make = partial(_transit_table, recording, row, answered.region, spot)
        yield Row(row.TransitGatewayRouteTableId, "", answered.account, answered.account, make)


def _transit_table(
    recording: Recording, row: w.TransitTable, region: str, spot: Spot
) -> net.TransitGatewayRouteTable:
    return net.TransitGatewayRouteTable(
        id=row.TransitGatewayRouteTableId,
        region=region,
        transit_gateway_id=row.TransitGatewayId,
        associated_attachment_ids=_associated(recording, row.TransitGatewayRouteTableId, region),
        routes=_transit_routes(recording, row.TransitGatewayRouteTableId, region),
        ref=spot.ref,
    )


def _associated(recording: Recording, table_id: str, region: str) -> tuple[str, ...] | Unknown:
    name = "GetTransitGatewayRouteTableAssociations"
    for answered in recording.of(f"ec2.{name}"):
        if answered.request.get("TransitGatewayRouteTableId") != table_id:
            continue
        gap = answered.gap()
        if gap is not None:
            return Unknown((gap,))
        return tuple(
            a.TransitGatewayAttachmentId
            for page in answered.pages.values()
            if isinstance(page.answer, w.TransitAssociations)
            for a in page.answer.Associations
            if a.State == "associated"
        )
    return unknown("ec2", name, region=region, request=(("TransitGatewayRouteTableId", table_id),))


_ALL_STATES = [{"Name": "state", "Values": ["active", "blackhole"]}]


def _transit_routes(
    recording: Recording, table_id: str, region: str
) -> tuple[net.TransitGatewayRoute, ...] | Unknown:
    """Return a table's routes, if a search for all active and blackhole routes was recorded."""
    name = "SearchTransitGatewayRoutes"
    for answered in recording.of(f"ec2.{name}"):
        request = answered.request
        if request.get("TransitGatewayRouteTableId") != table_id or request.get("Filters") != _ALL_STATES:
            continue
        gap = answered.gap()
        if gap is not None:
            return Unknown((gap,))
        made = []
        for page in answered.pages.values():
            for number, row in enumerate(getattr(page.answer, "Routes", ())):
                spot = Spot(page.call, page.place, f"/Routes/{number}")
                made.append(_transit_route(row, spot))
        return tuple(made)
    return unknown(
        "ec2",
        name,
        GapReason.NOT_RECORDED,
        region=region,
        request=(("TransitGatewayRouteTableId", table_id),),
    )


def _transit_route(row: w.TransitRoute, spot: Spot) -> net.TransitGatewayRoute:
    destination: net.Network | net.PrefixListTarget
    if row.DestinationCidrBlock is not None:
        destination = spot.at("DestinationCidrBlock").network(row.DestinationCidrBlock)
    else:
        destination = net.PrefixListTarget(row.PrefixListId or "")
    attachments = row.TransitGatewayAttachments
    return net.TransitGatewayRoute(
        destination=destination,
        state=row.State,
        attachment_ids=tuple(a.TransitGatewayAttachmentId for a in attachments),
        resource_type=attachments[0].ResourceType if attachments else "",
        resource_ids=tuple(dict.fromkeys(a.ResourceId for a in attachments)),
        ref=spot.ref,
    )
