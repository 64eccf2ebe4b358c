"""One leg of a way: where packets leave from, and how they may end."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from fractions import Fraction
from typing import TYPE_CHECKING

from gatepath.engine.filters import TCP, Filtered
from gatepath.model.network import Address, Network, NetworkAcl, RouteTable, Subnet
from gatepath.model.ref import Ref, Unknown
from gatepath.model.world import World
from gatepath.packets import PacketSet
from gatepath.trace import Arguments, Component, Fate, PathKind, Removal, RuleHit, SeenAs

if TYPE_CHECKING:
    from gatepath.engine.proxied import ProxyHop


DROPPED: frozenset[Fate] = frozenset({Fate.DROPPED})
WORKS: frozenset[Fate] = frozenset({Fate.BYPASS})
UNSEEN = SeenAs()


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """The seed of a finding: what is wrong for which packets (of the leg it was seen on)."""

    code: str
    check: str
    component: Component
    packets: PacketSet
    arguments: Arguments = ()
    refs: tuple[Ref, ...] = ()
    suspect: bool = False
    harmless: bool = False
    """Drops, diverts and refuses nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class End:
    """How some packets of a leg end. `fates` is all that may become of them (one element = settled)."""

    packets: PacketSet
    fates: frozenset[Fate]
    kind: PathKind | None
    component: str | None
    hops: tuple[str, ...] = ()
    culprit: Removal | None = None
    """The (check, component) that drops or diverts them."""
    suspect: bool = False
    gaps: tuple[Unknown, ...] = ()
    group: str | None = None
    seen_as: SeenAs = UNSEEN
    crosses_subnet: bool = True
    """Whether the next hop lies outside the leg's subnet, so that its network ACL judges the answers."""
    weight: Fraction | None = Fraction(1)

    @property
    def dropped(self) -> bool:
        """Tell whether the packets are certainly dropped."""
        return self.fates == DROPPED


@dataclass(slots=True)
class Notes:
    """What a leg's walk writes down beside its ends (in the order found)."""

    faults: list[Fault] = field(default_factory=list)
    hits: list[RuleHit] = field(default_factory=list)


@dataclass(frozen=True, slots=True, kw_only=True)
class Leg:
    """Where packets leave from. `acl` None = no subnet boundary to cross (a regional NAT gateway).

    `senders` are the addresses they carry; `outside` is True where these are not the VPC's own (traffic that
    came in from a transit gateway or peering); `translated` where a NAT gateway sends them.
    """

    region: str
    account: str
    vpc_id: str
    subnet: Subnet | None
    table: RouteTable | Unknown
    acl: NetworkAcl | Unknown | None
    senders: tuple[Network, ...]
    public: Address | Unknown | None
    group_ids: tuple[str, ...] | Unknown = ()
    outside: bool = False
    translated: bool = False
    trail: tuple[str, ...] = ()
    """What the packets came through, to notice loops."""

    def seen(self) -> SeenAs:
        """Return the sender as what comes next sees it."""
        sender = self.sender
        return SeenAs(address=sender, senders=self.senders if sender is None else ())

    @property
    def sender(self) -> Address | None:
        """Return the one address that sends, None where there are several."""
        match self.senders:
            case (only,) if only.num_addresses == 1:
                return only.network_address
        return None


@dataclass(frozen=True, slots=True, kw_only=True)
class Journey:
    """What stays the same on all legs of one request."""

    world: World
    service: str
    region: str
    """The source's Region."""
    removed: frozenset[Removal]
    listed: dict[int, PacketSet]
    """IP version -> all packets to the prefix list of the service in the source's Region."""
    proxy: "ProxyHop | None" = None
    hostname: str = ""
    """The name that the client asked for: an endpoint of another service may have it."""
    protocols: frozenset[str] = TCP
    """Protocol words of a filter's rule that hold for the packets."""

    def passes(self, check: str, component: str) -> bool:
        """Tell whether this walk takes the component as passed."""
        return Removal(check=check, component=component) in self.removed


def subnet_leg(world: World, subnet: Subnet, **more: object) -> Leg:
    """Return a leg that leaves from a subnet; `more` are the remaining fields of `Leg`."""
    return Leg(
        region=subnet.region,
        account=subnet.owner,
        vpc_id=subnet.vpc_id,
        subnet=subnet,
        table=world.subnet_route_table(subnet),
        acl=world.subnet_network_acl(subnet),
        **more,  # type: ignore[arg-type]
    )


def apply_filter(
    journey: Journey,
    ends: Iterable[End],
    filtered: Filtered,
    *,
    check: str,
    component: Component,
    fault: Fault,
    notes: Notes,
    earlier: bool = False,
) -> list[End]:
    """Cut ends by a filter: what it denies is dropped there, what it hides may be dropped.

    `earlier`: the packets meet this filter before what already dropped some of them, so its drop counts.
    """
    notes.hits.extend(filtered.hits)
    removed = journey.passes(check, component.id)
    made: list[End] = []
    for end in ends:
        if end.dropped and not earlier:
            made.append(end)
            continue
        denied = end.packets & filtered.denied
        if denied and not removed:
            culprit = Removal(check=check, component=component.id)
            made.append(replace(end, packets=denied, fates=DROPPED, culprit=culprit, suspect=False, gaps=()))
        elif denied:
            made.append(replace(end, packets=denied))
        hidden = end.packets & filtered.unknown
        if hidden and not removed:
            fates = end.fates | DROPPED
            made.append(replace(end, packets=hidden, fates=fates, gaps=(*end.gaps, *filtered.gaps)))
        elif hidden:
            made.append(replace(end, packets=hidden))
        if passed := end.packets & filtered.allowed:
            made.append(replace(end, packets=passed))
    if filtered.denied:
        notes.faults.append(fault)
    return made


def back_on(packets: PacketSet, ends: Iterable[End]) -> list[End]:
    """Write the ends of a later leg (other source ports, same addresses) in terms of `packets`.

    Where the later leg's cut depends on source ports that a translator picks, several ends share the same
    packets and none has a computable share.
    """
    listed = list(ends)
    areas = [_addresses(packets, end.packets) for end in listed]
    made: list[End] = []
    for index, end in enumerate(listed):
        alone = areas[index]
        for other, area in enumerate(areas):
            if other != index and listed[other].group is None and end.group is None:
                alone -= area
        shared = areas[index] - alone
        if own := packets & alone:
            made.append(replace(end, packets=own))
        if common := packets & shared:
            made.append(replace(end, packets=common, weight=None))
    return made


def settled(ends: Iterable[End]) -> list[End]:
    """Give a share back to packets all of whose possible ends turned out to be the same."""
    open_ends: dict[End, PacketSet] = {}
    made: list[End] = []
    for end in ends:
        if end.weight is not None:
            made.append(end)
            continue
        key = replace(end, packets=PacketSet.empty(end.packets.version), weight=Fraction(1))
        open_ends[key] = open_ends.get(key, key.packets) | end.packets
    for key, packets in open_ends.items():
        alone = packets
        for other, theirs in open_ends.items():
            if other != key:
                alone -= theirs
        if alone:
            made.append(replace(key, packets=alone))
        if shared := packets - alone:
            made.append(replace(key, packets=shared, weight=None))
    return made


def _addresses(packets: PacketSet, part: PacketSet) -> PacketSet:
    return PacketSet.of(packets.version, part.address_ranges())
