"""Check `route`: which way each address takes, and what happens onward.

Sources: https://docs.aws.amazon.com/vpc/latest/userguide/route-tables-priority.html and
https://docs.aws.amazon.com/vpc/latest/privatelink/gateway-endpoints.html
"""

from dataclasses import replace

from gatepath.checks.base import (
    WAY,
    Check,
    Removed,
    Traffics,
    findings_of,
    hits_of,
    journey_of,
    part_leg,
    parts_of,
    step_verdict,
    whole_of,
)
from gatepath.checks.dns_proxy import proxy_hop
from gatepath.checks.route_faults import endpoint_faults
from gatepath.engine.legs import End, Fault, Notes
from gatepath.engine.onward import route_leg
from gatepath.engine.via_proxy import from_outside
from gatepath.model.world import World
from gatepath.request import HTTPS, Request
from gatepath.trace import (
    Assumption,
    Fate,
    Finding,
    PathKind,
    Removal,
    Severity,
    Step,
    Traffic,
    Unsettled,
)

NAME = "route"
_ABSENT = frozenset({"route.endpoint-missing", "route.endpoint-not-associated"})
"""The better words where packets of the service have no route, or another one."""


def run(request: Request, world: World, traffics: Traffics, removed: Removed) -> Step:
    """Follow every packet to where it ends."""
    journey = journey_of(request, world, removed, {t.packets.version for t in traffics})
    journey = replace(journey, proxy=proxy_hop(request, world, removed))
    out: list[Traffic] = []
    seen, shadowed = Notes(), Notes()
    unknowns: list[Unsettled] = []
    for traffic in traffics:
        leg = part_leg(world, parts_of(request)[traffic.part])
        notes = seen if traffic.live else shadowed
        if traffic.fates is not None:
            ends = []
        elif leg is None:
            ends = from_outside(journey, traffic.packets, notes)
        else:
            ends = route_leg(journey, leg, traffic.packets, notes)
            notes.faults[:0] = endpoint_faults(request, journey, leg, ends)  # the better word comes first
        out.extend([_after(traffic, end) for end in ends] if traffic.live and ends else [traffic])
        unknowns.extend(unsettled for end in ends for unsettled in _unsettled(end))
    whole = whole_of(traffics)
    faults = _ordered(_without_general(seen.faults + shadowed.faults), out)
    live = [t for t in out if t.live]
    return Step(
        check=NAME,
        out=tuple(out),
        verdict=step_verdict(
            traffics, tuple(out), diverted=any(t.kind is not PathKind.GATEWAY_ENDPOINT for t in live)
        ),
        components=tuple(dict.fromkeys(fault.component for fault in faults)),
        rule_hits=hits_of(seen.hits),
        findings=tuple(_graded(f, tuple(out)) for f in findings_of(faults, whole)),
        unknowns=tuple(dict.fromkeys(unknowns)),
        assumptions=_assumed(request, world, tuple(out)),
    )


def _assumed(request: Request, world: World, out: Traffics) -> tuple[Assumption, ...]:
    """Return what is taken for granted: that plain HTTP isn't rejected where no call says so."""
    by_endpoint = any(t.live and t.kind is PathKind.GATEWAY_ENDPOINT for t in out)
    vpc_id = request.vpc_id
    if not by_endpoint or vpc_id is None or request.port == HTTPS:
        return ()
    if world.encryption_controls.missing(region=request.region, vpc_id=vpc_id) is None:
        return ()
    return (Assumption(code="assumption.encryption-controls", arguments=(("vpc", vpc_id),)),)


def _after(traffic: Traffic, end: End) -> Traffic:
    """Return a live traffic as it is after the route step."""
    weight = None if traffic.weight is None or end.weight is None else traffic.weight * end.weight
    moved = replace(
        traffic,
        packets=end.packets,
        weight=weight,
        component=end.component,
        hops=(*traffic.hops, *end.hops),
        group=traffic.group or end.group,
        suspect=traffic.suspect or end.suspect,
        crosses_subnet=end.crosses_subnet,
        seen_as=end.seen_as,
    )
    if (culprit := end.culprit) is not None:
        return replace(moved, kind=PathKind.DROPPED).drop(culprit.check, culprit.component)
    settled = end.fates in ({Fate.GATEWAY}, {Fate.BYPASS})
    return replace(
        moved,
        kind=end.kind,
        fates=None if settled else end.fates,
        unsettled=traffic.unsettled if settled else (*traffic.unsettled, *end.gaps),
    )


def _unsettled(end: End) -> tuple[Unsettled, ...]:
    code = "unknown.route" if end.kind is None else "unknown.further-way"
    arguments = (("target", end.component or ""),)
    return tuple(Unsettled(code=code, unknown=gap, arguments=arguments) for gap in end.gaps)


def _without_general(faults: list[Fault]) -> list[Fault]:
    """Leave out `route.no-route` for packets of which the endpoint's absence is the better word."""
    better = {fault.component for fault in faults if fault.code in _ABSENT}
    return [f for f in faults if not (f.code == "route.no-route" and f.component in better)]


def _ordered(faults: list[Fault], out: list[Traffic]) -> list[Fault]:
    """Put the endpoint's absence first, then what drops live packets, then the rest, each as found."""
    dropping = {traffic.dropped.component for traffic in out if traffic.dropped is not None}
    return sorted(faults, key=lambda fault: (fault.code not in _ABSENT, fault.component.id not in dropping))


def _graded(finding: Finding, out: Traffics) -> Finding:
    """Grade the endpoint's absence: it drops (critical) or only diverts (high)."""
    if finding.code not in _ABSENT:
        return finding
    drops = any(t.dropped == Removal(check=NAME, component=finding.component.id) for t in out)
    return replace(finding, severity=Severity.CRITICAL if drops else Severity.HIGH)


CHECK = Check(name=NAME, reads=WAY, run=run)
