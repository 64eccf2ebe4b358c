"""Security groups and network ACLs on packet sets: what passes, what drops, by which rule.

Sources: https://docs.aws.amazon.com/vpc/latest/userguide/vpc-security-groups.html and
https://docs.aws.amazon.com/vpc/latest/userguide/vpc-network-acls.html
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from ipaddress import ip_network

from gatepath.model.network import (
    Address,
    GroupTarget,
    Network,
    NetworkAcl,
    NetworkAclEntry,
    PrefixListTarget,
    SecurityGroup,
    SecurityGroupRule,
)
from gatepath.model.ref import GapReason, Unknown, unknown
from gatepath.model.world import World, dangling
from gatepath.packets import PacketSet
from gatepath.trace import RuleHit

TCP = frozenset({"tcp", "6", "-1"})
"""Protocol words of a rule that hold for TCP."""

UDP = frozenset({"udp", "17", "-1"})
"""Protocol words of a rule that hold for UDP."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Filtered:
    """What a filter does to a packet set: three disjoint parts and the rules that decided.

    `unknown` packets may pass or drop; `gaps` says why. `hits` are disjoint; a hit with `allow` False is a
    drop.
    """

    allowed: PacketSet
    denied: PacketSet
    unknown: PacketSet
    gaps: tuple[Unknown, ...] = ()
    hits: tuple[RuleHit, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Peer:
    """The far side of a rule when it is one sender for all packets: its addresses and its groups."""

    networks: tuple[Network, ...]
    group_ids: tuple[str, ...] | Unknown = ()


def hosts(addresses: Iterable[Address]) -> tuple[Network, ...]:
    """Return addresses as networks of one host each."""
    return tuple(ip_network(address) for address in addresses)


def groups_egress(
    world: World,
    group_ids: tuple[str, ...],
    region: str,
    packets: PacketSet,
    protocols: frozenset[str] = TCP,
) -> Filtered:
    """Judge packets by the egress rules of all groups of an interface together."""

    def area(rule: SecurityGroupRule) -> PacketSet | Unknown:
        return _destination_area(world, rule, region, packets.version)

    return _groups(world, group_ids, region, packets, egress=True, area=area, protocols=protocols)


def groups_ingress(
    world: World,
    group_ids: tuple[str, ...],
    region: str,
    sender: Peer,
    packets: PacketSet,
    protocols: frozenset[str] = TCP,
) -> Filtered:
    """Judge packets that one sender sends to an interface, by the ingress rules of its groups."""

    def area(rule: SecurityGroupRule) -> PacketSet | Unknown:
        return _sender_area(world, rule, region, sender, packets.version)

    return _groups(world, group_ids, region, packets, egress=False, area=area, protocols=protocols)


def _groups(
    world: World,
    group_ids: tuple[str, ...],
    region: str,
    packets: PacketSet,
    *,
    egress: bool,
    area: Callable[[SecurityGroupRule], PacketSet | Unknown],
    protocols: frozenset[str] = TCP,
) -> Filtered:
    hits: list[RuleHit] = []
    gaps: list[Unknown] = []
    rest, maybe = packets, PacketSet.empty(packets.version)
    for group_id in group_ids:
        group = _group(world, group_id, region)
        if isinstance(group, Unknown):
            gaps.append(group)
            maybe = packets
            continue
        for rule in group.egress if egress else group.ingress:
            if rule.protocol not in protocols:
                continue
            covered = area(rule)
            if isinstance(covered, Unknown):
                gaps.append(covered)
                maybe |= packets & _port_box(rule.ports, packets.version)
            elif passed := rest & covered:
                hits.append(_group_hit(group, rule, passed))
                rest -= passed
    denied = rest - maybe
    if denied and group_ids:
        rule_name = "egress:none" if egress else "ingress:none"
        hits.append(RuleHit(rule=rule_name, component=group_ids[0], allow=False, packets=denied))
    return Filtered(
        allowed=packets - rest,
        denied=denied,
        unknown=rest & maybe,
        gaps=tuple(dict.fromkeys(gaps)) if rest & maybe else (),
        hits=tuple(hits),
    )


def _group(world: World, group_id: str, region: str) -> SecurityGroup | Unknown:
    found = world.security_groups.find(group_id, region=region)
    return found if found is not None else dangling("ec2", "DescribeSecurityGroups", group_id, region)


def _group_hit(group: SecurityGroup, rule: SecurityGroupRule, packets: PacketSet) -> RuleHit:
    peer = rule.peer.id if isinstance(rule.peer, PrefixListTarget | GroupTarget) else str(rule.peer)
    ports = "all" if rule.ports is None else f"{rule.ports[0]}-{rule.ports[1]}"
    return RuleHit(
        rule=f"{rule.protocol} {ports} {peer}", component=group.id, allow=True, packets=packets, ref=rule.ref
    )


def _port_box(ports: tuple[int, int] | None, version: int) -> PacketSet:
    return PacketSet.of(version, ports=None if ports is None else [ports])


def _destination_area(
    world: World, rule: SecurityGroupRule, region: str, version: int
) -> PacketSet | Unknown:
    ports = None if rule.ports is None else [rule.ports]
    match rule.peer:
        case PrefixListTarget(id=list_id):
            cidrs = prefix_list_cidrs(world, region, list_id)
            if isinstance(cidrs, Unknown):
                return cidrs
            return PacketSet.of(version, cidrs, ports)
        case GroupTarget(id=group_id):
            members = group_members(world, group_id, region)
            return members if isinstance(members, Unknown) else PacketSet.of(version, members, ports)
        case network:
            return PacketSet.of(version, [network], ports)


def _sender_area(
    world: World, rule: SecurityGroupRule, region: str, sender: Peer, version: int
) -> PacketSet | Unknown:
    match rule.peer:
        case GroupTarget(id=group_id):
            if isinstance(sender.group_ids, Unknown):
                return sender.group_ids
            inside: bool | Unknown = group_id in sender.group_ids
        case PrefixListTarget(id=list_id):
            cidrs = prefix_list_cidrs(world, region, list_id)
            inside = cidrs if isinstance(cidrs, Unknown) else _inside(sender.networks, cidrs)
        case network:
            inside = _inside(sender.networks, (network,))
    if isinstance(inside, Unknown):
        return inside
    return _port_box(rule.ports, version) if inside else PacketSet.empty(version)


def _inside(senders: tuple[Network, ...], cidrs: tuple[Network, ...]) -> bool | Unknown:
    """Tell whether the sender is in the CIDR blocks; unknown where only some of its addresses are."""
    found: list[bool] = []
    for sender in senders:
        same = [cidr for cidr in cidrs if cidr.version == sender.version]
        if any(sender.subnet_of(cidr) for cidr in same):  # type: ignore[arg-type]
            found.append(True)
        elif any(sender.overlaps(cidr) for cidr in same):
            return unknown("", "", GapReason.NOT_IN_API, detail=str(sender))
        else:
            found.append(False)
    if all(found):
        return bool(found)
    return unknown("", "", GapReason.NOT_IN_API, detail=str(senders[0])) if any(found) else False


def prefix_list_cidrs(world: World, region: str, list_id: str) -> tuple[Network, ...] | Unknown:
    """Return a list's CIDR blocks; empty if no such list exists in the Region."""
    found = world.prefix_list(region, list_id)
    if found is None:
        return ()
    return found if isinstance(found, Unknown) else found.cidrs


def group_members(world: World, group_id: str, region: str) -> tuple[Address, ...] | Unknown:
    """Return the private addresses of all interfaces in a group.

    Public service addresses belong to no interface, so a reference never matches them.
    """
    gap = world.network_interfaces.missing(region=region)
    if gap is not None:
        return gap
    return tuple(
        address
        for interface in world.network_interfaces
        if group_id in interface.group_ids
        for address in interface.addresses
    )


def network_acl(
    acl: NetworkAcl | Unknown,
    packets: PacketSet,
    *,
    egress: bool,
    by_source_port: bool,
    far_side: tuple[Network, ...] | None = None,
    protocols: frozenset[str] = TCP,
) -> Filtered:
    """Judge packets by a network ACL: first match by rule number, implicit deny at the end.

    Entries match the far side's address and the packet's own destination port. Seen from the set (whose
    packets are always written client to service) that is: `by_source_port` True for the way back, where the
    client's port is the destination; `far_side` None where the far side is the set's address, else the fixed
    sender (its packets entering the subnet of a NAT gateway, proxy or interface endpoint, or the answers).
    """
    nothing = PacketSet.empty(packets.version)
    if isinstance(acl, Unknown):
        return Filtered(allowed=nothing, denied=nothing, unknown=packets, gaps=(acl,))
    hits: list[RuleHit] = []
    gaps: list[Unknown] = []
    rest, allowed, hidden = packets, nothing, nothing
    for entry in acl.entries:
        if entry.egress is not egress or entry.protocol not in protocols:
            continue
        area = _entry_area(entry, packets.version, far_side, by_source_port=by_source_port)
        if isinstance(area, Unknown):
            box = rest & _entry_ports(entry, packets.version, by_source_port=by_source_port)
            gaps.append(area)
            hidden, rest = hidden | box, rest - box
            continue
        matched = rest & area
        if matched:
            hits.append(_acl_hit(acl, entry, matched))
            rest -= matched
            allowed = allowed | matched if entry.allow else allowed
    if rest:
        hits.append(
            RuleHit(rule=f"{_way(egress)}:*", component=acl.id, allow=False, packets=rest, ref=acl.ref)
        )
    return Filtered(
        allowed=allowed,
        denied=packets - allowed - hidden,
        unknown=hidden,
        gaps=tuple(gaps) if hidden else (),
        hits=tuple(hits),
    )


def _way(egress: bool) -> str:  # noqa: FBT001 - the entry's own flag
    return "egress" if egress else "ingress"


def _acl_hit(acl: NetworkAcl, entry: NetworkAclEntry, packets: PacketSet) -> RuleHit:
    return RuleHit(
        rule=f"{_way(entry.egress)}:{entry.rule_number}",
        component=acl.id,
        allow=entry.allow,
        packets=packets,
        ref=entry.ref,
    )


def _entry_ports(entry: NetworkAclEntry, version: int, *, by_source_port: bool) -> PacketSet:
    ports = None if entry.ports is None else [entry.ports]
    return PacketSet.of(version, source_ports=ports) if by_source_port else PacketSet.of(version, ports=ports)


def _entry_area(
    entry: NetworkAclEntry, version: int, far_side: tuple[Network, ...] | None, *, by_source_port: bool
) -> PacketSet | Unknown:
    if far_side is not None:
        inside = _inside(far_side, (entry.cidr,)) if entry.cidr.version == version else False
        if isinstance(inside, Unknown):
            return inside
        if not inside:
            return PacketSet.empty(version)
        return _entry_ports(entry, version, by_source_port=by_source_port)
    ports = None if entry.ports is None else [entry.ports]
    if by_source_port:
        return PacketSet.of(version, [entry.cidr], source_ports=ports)
    return PacketSet.of(version, [entry.cidr], ports=ports)
