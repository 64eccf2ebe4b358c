"""Packets to an address inside a VPC: interface endpoints, proxies, appliances, nobody.

Sources: https://docs.aws.amazon.com/vpc/latest/privatelink/interface-endpoints.html and
https://docs.aws.amazon.com/vpc/latest/privatelink/privatelink-access-aws-services.html
"""

from dataclasses import replace

from gatepath.engine.addresses import PRIVATE
from gatepath.engine.faults import acl_component, acl_fault, dropped, into_subnet, table_component, unseen
from gatepath.engine.filters import Filtered, Peer, groups_egress, groups_ingress, network_acl
from gatepath.engine.legs import WORKS, End, Fault, Journey, Leg, Notes, apply_filter
from gatepath.engine.resolution import within
from gatepath.model.naming import is_service_name
from gatepath.model.network import EndpointType, NetworkInterface, Route, Subnet, VpcEndpoint
from gatepath.model.ref import GapReason, Unknown, unknown
from gatepath.model.world import dangling
from gatepath.packets import PacketSet
from gatepath.trace import Component, PathKind


def deliver(journey: Journey, leg: Leg, packets: PacketSet, notes: Notes) -> list[End]:
    """Return how packets to addresses of the leg's own VPC end."""
    return deliver_in(journey, leg, leg.vpc_id, packets, notes)


def deliver_in(journey: Journey, leg: Leg, vpc_id: str, packets: PacketSet, notes: Notes) -> list[End]:
    """Return how packets to interfaces of a VPC end; addresses of nobody are dropped."""
    ends: list[End] = []
    rest = packets
    for interface in journey.world.network_interfaces.of_vpc(vpc_id):
        mine = rest & PacketSet.of(packets.version, interface.held)
        if mine:
            rest -= mine
            ends.extend(_at_interface(journey, leg, interface, mine, notes))
    if rest:
        ends.extend(_nobody(journey, leg, vpc_id, rest, notes))
    return ends


def _nobody(journey: Journey, leg: Leg, vpc_id: str, packets: PacketSet, notes: Notes) -> list[End]:
    gap = journey.world.network_interfaces.missing(region=leg.region, account=leg.account, vpc_id=vpc_id)
    if gap is not None:
        return [unseen(packets, PathKind.LOCAL, vpc_id, gap)]
    if journey.proxy is not None:
        component = Component(type="client", id="client:https_proxy", account=leg.account, region=leg.region)
        fault = Fault(code="proxy.no-such-host", check="proxy", component=component, packets=packets)
        notes.faults.append(fault)
        return [dropped(packets, "proxy", component.id, (component.id,))]
    component = Component(type="vpc", id=vpc_id, account=leg.account, region=leg.region)
    private = packets & PacketSet.of(packets.version, PRIVATE)
    for area, code in ((private, "route.no-such-host"), (packets - private, "route.local-overlap")):
        if area:
            notes.faults.append(
                Fault(
                    code=code,
                    check="route",
                    component=component,
                    packets=area,
                    arguments=(("table", table_component(leg).id), ("vpc", vpc_id)),
                    suspect=True,  # inferred: the VPC's own CIDR keeps the packets, and nobody answers there
                )
            )
    return [dropped(packets, "route", vpc_id, (vpc_id,), suspect=True)]


def _at_interface(
    journey: Journey, leg: Leg, interface: NetworkInterface, packets: PacketSet, notes: Notes
) -> list[End]:
    subnet = journey.world.subnets.find(interface.subnet_id, region=interface.region, vpc_id=interface.vpc_id)
    if subnet is None:
        subnet = dangling("ec2", "DescribeSubnets", interface.subnet_id, interface.region)
    if isinstance(subnet, Unknown):
        return [unseen(packets, PathKind.LOCAL, interface.id, subnet)]
    same = leg.subnet is not None and leg.subnet.id == subnet.id and not leg.outside
    ends = _host(journey, leg, interface, subnet, packets, notes)
    ends = _ingress(journey, leg, interface, ends, packets, notes)
    if not same:
        target = replace(
            leg, subnet=subnet, vpc_id=subnet.vpc_id, acl=journey.world.subnet_network_acl(subnet)
        )
        ends = into_subnet(journey, leg, target, ends, packets, notes)
    return [replace(end, crosses_subnet=not same) for end in ends]


def _ingress(
    journey: Journey,
    leg: Leg,
    interface: NetworkInterface,
    ends: list[End],
    packets: PacketSet,
    notes: Notes,
) -> list[End]:
    """Apply the ingress rules of the target's own groups."""
    if not interface.group_ids:
        return ends
    sender = Peer(networks=leg.senders, group_ids=leg.group_ids)
    filtered = groups_ingress(
        journey.world, interface.group_ids, interface.region, sender, packets, journey.protocols
    )
    component = _group_component(interface)
    return apply_filter(
        journey,
        ends,
        filtered,
        check="security-group",
        component=component,
        fault=_ingress_fault(component, interface, leg, filtered),
        notes=notes,
        earlier=True,
    )


def _group_component(interface: NetworkInterface) -> Component:
    return Component(
        type="security-group",
        id=interface.group_ids[0] if interface.group_ids else "",
        account=interface.owner,
        region=interface.region,
    )


def _ingress_fault(component: Component, interface: NetworkInterface, leg: Leg, filtered: Filtered) -> Fault:
    return Fault(
        code="security-group.no-ingress",
        check="security-group",
        component=component,
        packets=filtered.denied,
        arguments=(
            ("groups", interface.group_ids),
            ("target", interface.id),
            ("source", ", ".join(str(sender) for sender in leg.senders)),
        ),
    )


def _host(
    journey: Journey,
    leg: Leg,
    interface: NetworkInterface,
    subnet: Subnet,
    packets: PacketSet,
    notes: Notes,
) -> list[End]:
    """Return what the host behind an interface does with the packets."""
    endpoint = _endpoint_of(journey, interface)
    if isinstance(endpoint, Unknown):
        return [unseen(packets, PathKind.INTERFACE_ENDPOINT, interface.id, endpoint)]
    if endpoint is not None:
        return [_interface_endpoint(journey, endpoint, leg, packets, notes)]
    if journey.proxy is not None and (journey.proxy.port, journey.proxy.port) in packets.ports():
        from gatepath.engine.via_proxy import through_proxy

        return through_proxy(journey, journey.proxy, leg, interface, subnet, packets, notes)
    gap = unknown("", "", GapReason.NOT_IN_API, detail=interface.id)
    return [unseen(packets, PathKind.NETWORK_INTERFACE, interface.id, gap)]


def _endpoint_of(journey: Journey, interface: NetworkInterface) -> VpcEndpoint | Unknown | None:
    for endpoint in journey.world.vpc_endpoints.of_vpc(interface.vpc_id):
        if interface.id in endpoint.interface_ids:
            return endpoint
    if interface.interface_type != "vpc_endpoint":
        return None
    gap = journey.world.vpc_endpoints.missing(region=interface.region, vpc_id=interface.vpc_id)
    return gap or dangling("ec2", "DescribeVpcEndpoints", interface.id, interface.region)


def _interface_endpoint(
    journey: Journey, endpoint: VpcEndpoint, leg: Leg, packets: PacketSet, notes: Notes
) -> End:
    if not endpoint.available:
        component = Component(
            type="vpc-endpoint", id=endpoint.id, account=endpoint.owner, region=endpoint.region
        )
        notes.faults.append(
            Fault(
                code="route.endpoint-not-available",
                check="route",
                component=component,
                packets=packets,
                arguments=(
                    ("endpoint", endpoint.id),
                    ("state", endpoint.state),
                    ("error", endpoint.last_error),
                ),
                refs=(endpoint.ref,),
                suspect=True,
            )
        )
        return dropped(packets, "route", endpoint.id, (endpoint.id,), suspect=True)
    if endpoint.type is not EndpointType.INTERFACE or not _serves(journey, endpoint):
        gap = unknown("", "", GapReason.NOT_IN_API, detail=endpoint.id)
        return unseen(packets, PathKind.INTERFACE_ENDPOINT, endpoint.id, gap)
    return End(
        packets=packets,
        fates=WORKS,
        kind=PathKind.INTERFACE_ENDPOINT,
        component=endpoint.id,
        hops=(endpoint.id,),
        seen_as=replace(leg.seen(), endpoint_id=endpoint.id, endpoint_vpc_id=endpoint.vpc_id),
    )


def _serves(journey: Journey, endpoint: VpcEndpoint) -> bool:
    """Tell whether an endpoint's service answers the request: the one asked for, or whose name it is."""
    names = tuple(name.removeprefix("*.") for name in endpoint.dns_names)
    return is_service_name(endpoint.service_name, endpoint.region, journey.service) or any(
        within(journey.hostname, name) for name in names
    )


def own_filters(
    journey: Journey,
    leg: Leg,
    interface: NetworkInterface | None,
    ends: list[End],
    sent: PacketSet,
    notes: Notes,
) -> list[End]:
    """Apply the subnet's network ACL to what an interface sends and to the answers, and its egress rules.

    The last to be applied is the first that packets meet.
    """
    if leg.acl is not None:
        staying = [end for end in ends if not end.crosses_subnet]
        crossing = [end for end in ends if end.crosses_subnet]
        for egress in (False, True):
            judged = network_acl(
                leg.acl, sent, egress=egress, by_source_port=not egress, protocols=journey.protocols
            )
            crossing = apply_filter(
                journey,
                crossing,
                judged,
                check="network-acl",
                component=acl_component(leg),
                fault=acl_fault(leg, judged.denied, egress=egress, far="egress" if egress else "return"),
                notes=notes,
                earlier=egress,
            )
        ends = [*staying, *crossing]
    if isinstance(leg.group_ids, Unknown) or not leg.group_ids:
        return ends  # groups that can't be read drop nothing for certain; the caller says so
    filtered = groups_egress(journey.world, leg.group_ids, leg.region, sent, journey.protocols)
    owner = leg.account if interface is None else interface.owner
    component = Component(type="security-group", id=leg.group_ids[0], account=owner, region=leg.region)
    fault = Fault(
        code="security-group.no-egress",
        check="security-group",
        component=component,
        packets=filtered.denied,
        arguments=(("groups", leg.group_ids), ("interface", "" if interface is None else interface.id)),
    )
    return apply_filter(
        journey,
        ends,
        filtered,
        check="security-group",
        component=component,
        fault=fault,
        notes=notes,
        earlier=True,
    )


def appliance(journey: Journey, leg: Leg, route: Route, packets: PacketSet, notes: Notes) -> list[End]:
    """Return how packets fare that a route gives to an interface: a NAT instance, firewall or router.

    With the source/destination check on it drops what isn't for itself; what it does else isn't recorded.
    Source: https://docs.aws.amazon.com/vpc/latest/reachability/explanation-codes.html
    """
    target_id = route.target.id
    interface = _interface_of(journey, target_id, leg)
    if isinstance(interface, Unknown):
        return [unseen(packets, PathKind.NETWORK_INTERFACE, target_id, interface)]
    gap = unknown("", "", GapReason.NOT_IN_API, detail=interface.id)
    end = unseen(packets, PathKind.NETWORK_INTERFACE, interface.id, gap)
    component = Component(
        type="network-interface", id=interface.id, account=interface.owner, region=interface.region
    )
    if interface.source_dest_check:
        notes.faults.append(
            Fault(
                code="route.source-dest-check",
                check="route",
                component=component,
                packets=packets,
                arguments=(("interface", interface.id),),
                refs=(interface.ref,),
            )
        )
        end = dropped(packets, "route", interface.id, (interface.id,))
    ends = _ingress(journey, leg, interface, [end], packets, notes)
    same = leg.subnet is not None and leg.subnet.id == interface.subnet_id
    subnet = journey.world.subnets.get(interface.subnet_id)
    if subnet is not None and not same:
        # what it sends back need not pass by here: it may forward without translating
        target = replace(leg, subnet=subnet, acl=journey.world.subnet_network_acl(subnet))
        ends = into_subnet(journey, leg, target, ends, packets, notes, answers=False)
    return [replace(item, crosses_subnet=not same) for item in ends]


def _interface_of(journey: Journey, target_id: str, leg: Leg) -> NetworkInterface | Unknown:
    world = journey.world
    if target_id.startswith("i-"):
        instance = world.instances.find(target_id, region=leg.region)
        if instance is None or isinstance(instance, Unknown) or not instance.interface_ids:
            gap = instance if isinstance(instance, Unknown) else None
            return gap or dangling("ec2", "DescribeInstances", target_id, leg.region)
        target_id = instance.interface_ids[0]
    found = world.network_interfaces.find(target_id, region=leg.region, vpc_id=leg.vpc_id)
    return found if found is not None else dangling("ec2", "DescribeNetworkInterfaces", target_id, leg.region)
