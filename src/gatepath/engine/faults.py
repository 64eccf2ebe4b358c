"""Small makers shared by all legs: ends that are dropped or unseen, and faults with their components."""

from gatepath.engine.filters import network_acl
from gatepath.engine.legs import DROPPED, End, Fault, Journey, Leg, Notes, apply_filter
from gatepath.model.network import NetworkAcl, Route
from gatepath.model.ref import Unknown
from gatepath.packets import PacketSet
from gatepath.trace import ANY_FATE, Component, Fate, PathKind, Removal


def table_component(leg: Leg) -> Component:
    """Return the leg's route table as the component of a finding."""
    table_id = leg.table.id if not isinstance(leg.table, Unknown) else ""
    return Component(type="route-table", id=table_id, account=leg.account, region=leg.region)


def table_fault(
    leg: Leg, code: str, packets: PacketSet, arguments: tuple[tuple[str, str], ...], *refs: Route
) -> Fault:
    """Return a fault whose component is the leg's route table."""
    component = table_component(leg)
    base = (("table", component.id), ("subnet", leg.subnet.id if leg.subnet else ""))
    seen = tuple(route.ref for route in refs)
    if not seen and not isinstance(leg.table, Unknown):
        seen = (leg.table.ref,)
    return Fault(
        code=code,
        check="route",
        component=component,
        packets=packets,
        arguments=(*base, *arguments),
        refs=seen,
    )


def dropped(
    packets: PacketSet, check: str, component: str, hops: tuple[str, ...], *, suspect: bool = False
) -> End:
    """Return packets as dropped by a component."""
    return End(
        packets=packets,
        fates=DROPPED,
        kind=PathKind.DROPPED,
        component=component,
        hops=hops,
        culprit=Removal(check=check, component=component),
        suspect=suspect,
    )


def unseen(packets: PacketSet, kind: PathKind, component: str, gap: Unknown) -> End:
    """Return packets whose further way can't be seen: anything but the gateway endpoint."""
    return End(
        packets=packets,
        fates=ANY_FATE - {Fate.GATEWAY},
        kind=kind,
        component=component,
        hops=(component,),
        gaps=(gap,),
    )


def acl_component(leg: Leg) -> Component:
    """Return the network ACL of a leg's subnet as the component of a finding."""
    acl_id = leg.acl.id if isinstance(leg.acl, NetworkAcl) else ""
    return Component(type="network-acl", id=acl_id, account=leg.account, region=leg.region)


def acl_fault(leg: Leg, denied: PacketSet, *, egress: bool, far: str) -> Fault:
    """Return the fault of packets that a later subnet's network ACL drops.

    `far`: `egress`/`return` for what the next hop sends on and gets back, `ingress` for what enters it.
    """
    code = {
        "egress": "network-acl.egress-denied",
        "return": "network-acl.return-denied",
        "ingress": "network-acl.ingress-denied",
    }[far]
    component = acl_component(leg)
    return Fault(
        code=code,
        check="network-acl",
        component=component,
        packets=denied,
        arguments=(
            ("acl", component.id),
            ("subnet", leg.subnet.id if leg.subnet else ""),
            ("egress", egress),
        ),
        refs=(leg.acl.ref,) if isinstance(leg.acl, NetworkAcl) else (),
    )


def into_subnet(
    journey: Journey,
    leg: Leg,
    behind: Leg,
    ends: list[End],
    packets: PacketSet,
    notes: Notes,
    *,
    answers: bool = True,
) -> list[End]:
    """Apply the network ACL of the next hop's subnet to what enters it and to the answers that leave it.

    `answers` False where they may come back another way.
    """
    for egress in (False, True) if answers else (False,):
        filtered = network_acl(
            behind.acl or Unknown(()),
            packets,
            egress=egress,
            by_source_port=egress,
            far_side=leg.senders,
            protocols=journey.protocols,
        )
        ends = apply_filter(
            journey,
            ends,
            filtered,
            check="network-acl",
            component=acl_component(behind),
            fault=acl_fault(behind, filtered.denied, egress=egress, far="ingress"),
            notes=notes,
            earlier=not egress,
        )
    return ends
