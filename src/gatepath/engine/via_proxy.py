"""A proxy's own way to the service.

Sources: https://www.rfc-editor.org/rfc/rfc9110.html#name-connect and
https://docs.aws.amazon.com/vpc/latest/privatelink/vpc-endpoints-s3.html
"""

from dataclasses import replace

from gatepath.engine.delivery import own_filters
from gatepath.engine.faults import dropped, unseen
from gatepath.engine.filters import hosts
from gatepath.engine.legs import DROPPED, End, Journey, Leg, Notes, subnet_leg
from gatepath.engine.onward import route_leg
from gatepath.engine.proxied import ProxyHop, Sent
from gatepath.model.network import NetworkInterface, Subnet
from gatepath.model.ref import GapReason, Unknown, unknown
from gatepath.model.world import dangling
from gatepath.packets import PacketSet
from gatepath.trace import Fate, PathKind


def through_proxy(
    journey: Journey,
    proxy: ProxyHop,
    leg: Leg,
    interface: NetworkInterface,
    subnet: Subnet,
    packets: PacketSet,
    notes: Notes,
) -> list[End]:
    """Walk the proxy's own way to the service; whatever carries it, the path is the proxy's."""
    address = interface.primary(4)
    behind = Leg(
        region=interface.region,
        account=subnet.owner,
        vpc_id=subnet.vpc_id,
        subnet=subnet,
        table=journey.world.subnet_route_table(subnet),
        acl=journey.world.subnet_network_acl(subnet),
        senders=hosts([address] if address else []),
        public=interface.public_ip(address) if address else None,
        group_ids=interface.group_ids,
        trail=(*leg.trail, interface.id),
    )
    inner = replace(journey, proxy=None)
    sents, faults = proxy.onward(subnet, interface)
    notes.faults.extend(replace(fault, packets=packets) for fault in faults)
    whole = PacketSet.empty(4)
    for sent in sents:
        whole |= sent.packets
    return [
        _as_proxy(end, interface, whole, packets)
        for sent in sents
        for end in _sent_on(inner, behind, interface, sent, notes)
    ]


def from_outside(journey: Journey, packets: PacketSet, notes: Notes) -> list[End]:
    """Return how packets end that a client outside any VPC sends to a proxy inside one.

    How they get to the proxy isn't recorded and taken for granted; the proxy's own way starts in its VPC.
    Source: https://aws.amazon.com/blogs/networking-and-content-delivery/secure-hybrid-access-to-amazon-s3-using-aws-privatelink/
    """
    world, proxy = journey.world, journey.proxy
    if proxy is None:
        return []
    match [i for i in world.network_interfaces if packets & PacketSet.of(packets.version, i.held)]:
        case [interface]:
            return _from_outside(journey, proxy, interface, packets, notes)
        case []:
            gap = world.network_interfaces.missing(region=journey.region)
            inside = any(packets & PacketSet.of(packets.version, vpc.cidrs) for vpc in world.vpcs)
            return [unseen(packets, PathKind.INTERNET, "", gap)] if gap is not None and inside else []
    return []


def _from_outside(
    journey: Journey, proxy: ProxyHop, interface: NetworkInterface, packets: PacketSet, notes: Notes
) -> list[End]:
    world = journey.world
    subnet = world.subnets.find(interface.subnet_id, region=interface.region, vpc_id=interface.vpc_id)
    if subnet is None or isinstance(subnet, Unknown):
        missing = subnet or dangling("ec2", "DescribeSubnets", interface.subnet_id, interface.region)
        return [unseen(packets, PathKind.INTERNET, interface.id, missing)]
    leg = subnet_leg(world, subnet, senders=(), public=None)
    ends = through_proxy(journey, proxy, leg, interface, subnet, packets, notes)
    return [end if end.dropped else replace(end, kind=PathKind.INTERNET) for end in ends]


def _sent_on(
    journey: Journey, behind: Leg, interface: NetworkInterface, sent: Sent, notes: Notes
) -> list[End]:
    """Return how packets end that the proxy sends to one of its resolver's answers."""
    if sent.culprit is not None:
        culprit = sent.culprit
        lost = dropped(sent.packets, culprit.check, culprit.component, (interface.id, culprit.component))
        return [replace(lost, group=sent.group, suspect=sent.suspect)]
    if sent.fates is not None:
        gap = unknown("", "", GapReason.NOT_IN_API, detail=interface.id)
        end = unseen(sent.packets, PathKind.PROXY, interface.id, gap)
        return [replace(end, gaps=sent.gaps or end.gaps, group=sent.group)]
    ends = route_leg(journey, behind, sent.packets, notes)
    ends = own_filters(journey, behind, interface, ends, sent.packets, notes)
    return [
        replace(
            end,
            fates=end.fates | DROPPED if sent.gaps else end.fates,
            gaps=(*end.gaps, *sent.gaps, *sent.doubts),
            group=end.group or sent.group,
            suspect=end.suspect or sent.suspect,
        )
        for end in ends
    ]


def _as_proxy(end: End, interface: NetworkInterface, sent: PacketSet, packets: PacketSet) -> End:
    """Write an end of the proxy's leg in terms of the packets to the proxy: all of them, by weight."""
    weight = None if end.weight is None or not sent else end.weight * end.packets.share_of(sent)
    if end.dropped:
        return replace(end, packets=packets, weight=weight)
    fates = frozenset(Fate.BYPASS if fate is Fate.GATEWAY else fate for fate in end.fates)
    return replace(
        end,
        packets=packets,
        weight=weight,
        fates=fates,
        kind=PathKind.PROXY,
        component=interface.id,
        hops=(interface.id, *end.hops),
    )
