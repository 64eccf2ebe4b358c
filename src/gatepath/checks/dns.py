"""Check `dns`: which resolver answers, and with what; are the answers inside the prefix list.

Sources: https://docs.aws.amazon.com/vpc/latest/privatelink/vpc-endpoints-s3.html and those of
`engine/resolver.py`.
"""

from dataclasses import replace

from gatepath.checks.base import WAY, Check, Removed, Traffics, parts_of, step_verdict
from gatepath.checks.dns_answers import NAME, Notes, joined, resolved
from gatepath.checks.dns_asking import answered
from gatepath.checks.dns_proxy import to_proxy
from gatepath.model.network import Vpc
from gatepath.model.ref import Unknown
from gatepath.model.world import World
from gatepath.request import Part, Request
from gatepath.trace import Assumption, Component, Step, Traffic


def run(request: Request, world: World, traffics: Traffics, removed: Removed) -> Step:
    """Narrow every traffic to the addresses its host name stands for."""
    found: list[tuple[list[Traffic], Notes]] = []
    for traffic in traffics:
        part, notes = parts_of(request)[traffic.part], Notes({}, [])
        vpc = world.vpc_of_subnet(part.subnet) if part.subnet is not None else None
        if isinstance(vpc, Vpc) and vpc.enable_dns_hostnames is False and request.resolves_to is None:
            notes.add("dns.hostnames-disabled", _vpc_component(vpc), (("vpc", vpc.id),))
        found.append((_taken(request, world, part, vpc, traffic, removed, notes), notes))
    found = _without_lacking(found)
    out = [traffic for made, _ in found for traffic in made]
    notes = joined(notes for _, notes in found)
    return Step(
        check=NAME,
        out=tuple(out),
        verdict=step_verdict(_resized(traffics, out), tuple(out), diverted=notes.diverted),
        components=tuple(dict.fromkeys(f.component for f in notes.findings.values())),
        findings=tuple(notes.findings.values()),
        unknowns=tuple(dict.fromkeys(notes.unknowns)),
        assumptions=_assumed(request, world, traffics),
    )


def _assumed(request: Request, world: World, traffics: Traffics) -> tuple[Assumption, ...]:
    """Return what is taken for granted: that no Route 53 Profile changes answers where no call says so."""
    made: dict[Assumption, None] = {}
    for traffic in traffics if request.resolves_to is None else ():
        subnet = parts_of(request)[traffic.part].subnet
        vpc = world.vpc_of_subnet(subnet) if subnet is not None and traffic.live else None
        if not isinstance(vpc, Vpc) or vpc.enable_dns_support is False or world.dns_profiles.of_vpc(vpc.id):
            continue
        if world.dns_profiles.missing(region=vpc.region, account=vpc.owner, vpc_id=vpc.id) is not None:
            made[Assumption(code="assumption.no-dns-profile", arguments=(("vpc", vpc.id),))] = None
    return tuple(made)


def _taken(
    request: Request,
    world: World,
    part: Part,
    vpc: Vpc | Unknown | None,
    traffic: Traffic,
    removed: Removed,
    notes: Notes,
) -> list[Traffic]:
    """Return the traffic to the proxy, to what the user saw, or to what DNS answers."""
    if request.proxy.url is not None:
        return to_proxy(request, world, part, vpc, traffic, removed, notes)
    if request.resolves_to is not None:
        return resolved(request, world, part, traffic, request.resolves_to, removed, notes)
    return answered(request, world, part, vpc, traffic, removed, notes)


def _vpc_component(vpc: Vpc) -> Component:
    return Component(type="vpc", id=vpc.id, account=vpc.owner, region=vpc.region)


def _resized(before: Traffics, out: list[Traffic]) -> Traffics:
    """Return what entered as the packets that DNS gave, so that narrowing does not look like a drop."""
    alive = {traffic.part for traffic in before if traffic.live}
    return tuple(replace(t, dropped=None) for t in out if t.part in alive)


def _without_lacking(found: list[tuple[list[Traffic], Notes]]) -> list[tuple[list[Traffic], Notes]]:
    """Leave out parts whose IP version the name has no address of, where others have: the client uses those."""
    if not any(not notes.lacks and any(t.packets for t in made) for made, notes in found):
        return found
    return [([t for t in made if t.packets], notes) for made, notes in found if not notes.lacks]


CHECK = Check(name=NAME, reads=WAY, run=run)
