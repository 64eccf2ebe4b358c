"""Check `network-acl`: the source subnet's network ACL, on the way out and on the way back.

Source: https://docs.aws.amazon.com/vpc/latest/userguide/vpc-network-acls.html
"""

from dataclasses import replace

from gatepath.checks.base import (
    Check,
    Removed,
    Traffics,
    cut,
    findings_of,
    hits_of,
    part_leg,
    parts_of,
    ports_text,
    step_verdict,
    whole_of,
)
from gatepath.engine.filters import Filtered, network_acl
from gatepath.engine.legs import Fault, Leg
from gatepath.engine.onward import next_hop_inside
from gatepath.model.network import NetworkAcl
from gatepath.model.ref import Ref, Unknown
from gatepath.model.world import World
from gatepath.packets import PacketSet
from gatepath.request import Request
from gatepath.trace import Component, PathKind, Removal, RuleHit, Step, Traffic, Unsettled

NAME = "network-acl"
SETTLED_OUTSIDE = frozenset(
    {
        PathKind.GATEWAY_ENDPOINT,
        PathKind.INTERNET_GATEWAY,
        PathKind.EGRESS_ONLY_INTERNET_GATEWAY,
        PathKind.TRANSIT_GATEWAY,
        PathKind.VPC_PEERING,
        PathKind.VIRTUAL_PRIVATE_GATEWAY,
        PathKind.CORE_NETWORK,
        PathKind.CARRIER_GATEWAY,
        PathKind.LOCAL_GATEWAY,
    }
)
"""Carriers that are never in the source's own subnet, whatever else is not known about them."""


def _run(request: Request, world: World, traffics: Traffics, removed: Removed, *, egress: bool) -> Step:
    out: list[Traffic] = []
    hits: list[RuleHit] = []
    faults: list[Fault] = []
    unknowns: list[Unsettled] = []
    components: dict[str, Component] = {}
    for traffic in traffics:
        leg = part_leg(world, parts_of(request)[traffic.part])
        if leg is None or leg.subnet is None or not _judged(world, traffic, egress=egress):
            out.append(traffic)
            continue
        component = _component(leg)
        filtered = network_acl(
            leg.acl or Unknown(()), traffic.packets, egress=egress, by_source_port=not egress
        )
        if egress:
            filtered = _without(filtered, next_hop_inside(world, leg, filtered.denied | filtered.unknown))
        out.extend(cut(traffic, filtered, Removal(check=NAME, component=component.id), removed))
        components[component.id] = component
        if traffic.live:
            hits.extend(filtered.hits)
        unknowns.extend(Unsettled(code="unknown.network-acl", unknown=gap) for gap in filtered.gaps)
        if filtered.denied and (traffic.fates is None or not egress):
            faults.append(_fault(leg, component, filtered, traffic, egress=egress))
    whole = whole_of(tuple(t for t in traffics if t.fates is None or not egress))
    return Step(
        check=NAME,
        direction="out" if egress else "in",
        out=tuple(out),
        verdict=step_verdict(traffics, tuple(out)),
        components=tuple(c for c in components.values() if c.id),
        rule_hits=hits_of(hits),
        findings=findings_of(_graded(faults, whole, egress=egress), whole),
        unknowns=tuple(dict.fromkeys(unknowns)),
    )


def run_out(request: Request, world: World, traffics: Traffics, removed: Removed) -> Step:
    """Drop what the ACL does not let out of the subnet (a next hop in the same subnet is not judged)."""
    return _run(request, world, traffics, removed, egress=True)


def run_in(request: Request, world: World, traffics: Traffics, removed: Removed) -> Step:
    """Drop the packets whose answers the ACL does not let back into the subnet."""
    return _run(request, world, traffics, removed, egress=False)


def _judged(world: World, traffic: Traffic, *, egress: bool) -> bool:
    """Tell whether the ACL is asked: on the way back only if the next hop is known to lie outside the subnet."""
    if egress:
        return True
    if traffic.fates is not None and traffic.kind not in SETTLED_OUTSIDE:
        carrier = traffic.component or ""
        known = carrier in world.nat_gateways.rows or carrier in world.network_interfaces.rows
        return known and traffic.crosses_subnet
    return traffic.crosses_subnet


def _component(leg: Leg) -> Component:
    acl_id = leg.acl.id if isinstance(leg.acl, NetworkAcl) else ""
    return Component(type=NAME, id=acl_id, account=leg.account, region=leg.region)


def _without(filtered: Filtered, inside: PacketSet) -> Filtered:
    """Let packets pass whose next hop lies in the subnet itself."""
    if not inside:
        return filtered
    hits = tuple(replace(hit, packets=hit.packets - inside) for hit in filtered.hits)
    return replace(
        filtered,
        allowed=filtered.allowed | inside,
        denied=filtered.denied - inside,
        unknown=filtered.unknown - inside,
        gaps=filtered.gaps if filtered.unknown - inside else (),
        hits=tuple(hit for hit in hits if hit.packets),
    )


def _fault(leg: Leg, component: Component, filtered: Filtered, traffic: Traffic, *, egress: bool) -> Fault:
    denying = [hit for hit in filtered.hits if not hit.allow]
    refs: tuple[Ref, ...] = tuple(hit.ref for hit in denying if hit.ref is not None)
    subnet = leg.subnet.id if leg.subnet else ""
    return Fault(
        code="network-acl.egress-denied" if egress else "network-acl.return-denied",
        check=NAME,
        component=component,
        packets=filtered.denied,
        arguments=(
            ("acl", component.id),
            ("subnet", subnet),
            ("rule", ", ".join(dict.fromkeys(hit.rule.partition(":")[2] for hit in denying))),
            ("ports", ports_text(filtered.denied, source=True)),
            ("port", ports_text(traffic.packets)),
        ),
        refs=refs,
    )


def _graded(faults: list[Fault], whole: dict[int, PacketSet], *, egress: bool) -> list[Fault]:
    """Call a fault partial where some packets of its IP version pass."""
    denied: dict[int, PacketSet] = {}
    for fault in faults:
        version = fault.packets.version
        denied[version] = denied.get(version, PacketSet.empty(version)) | fault.packets
    code = "network-acl.partial-egress" if egress else "network-acl.partial-return"
    return [
        replace(fault, code=code) if whole[fault.packets.version] - denied[fault.packets.version] else fault
        for fault in faults
    ]


_OWN = frozenset({"network_acls", "route_tables"})
_NEXT_HOPS = frozenset({"instances", "nat_gateways", "network_interfaces", "prefix_lists", "vpc_endpoints"})

OUT = Check(name=NAME, direction="out", reads=_OWN | _NEXT_HOPS, run=run_out)
IN = Check(name=NAME, direction="in", reads=_OWN | {"nat_gateways", "network_interfaces"}, run=run_in)
