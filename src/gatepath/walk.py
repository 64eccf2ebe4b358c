"""One walk of a request through the checks."""

from dataclasses import dataclass, replace
from fractions import Fraction
from functools import reduce
from itertools import takewhile
from operator import or_

from gatepath.checks import CHECKS
from gatepath.checks.base import Check, Removed
from gatepath.engine.hostnames import build_hostname, classify
from gatepath.engine.proxies import ProxyDecision
from gatepath.model.ref import Unknown
from gatepath.model.world import World
from gatepath.request import Request
from gatepath.trace import (
    Fate,
    Path,
    PathKind,
    Removal,
    Step,
    Traffic,
    Unsettled,
)
from gatepath.verdicts import Outcome, behind, fates_of, outcomes


@dataclass(frozen=True, slots=True, kw_only=True)
class Walk:
    """The steps of one walk, the traffics at its end, and what they may come to.

    `wholes`: part -> number of packets that DNS gave it. `first` is the walk to the first host where an SDK
    follows its redirect.
    """

    request: Request
    steps: tuple[Step, ...]
    traffics: tuple[Traffic, ...]
    wholes: dict[int, int]
    possible: frozenset[Outcome]
    first: "Walk | None" = None


def walk(request: Request, world: World, removed: Removed, *, policies: bool) -> Walk:
    """Walk a request through all checks, with `removed` taken as passed.

    Where the platform isn't known, both its possible ranges of source ports are walked.
    """
    made = _walk(request, world, removed, policies=policies)
    if request.other_ports is None or isinstance(request.parts, Unknown):
        return made
    ports, gap = request.other_ports
    parts = tuple(replace(part, source_ports=ports) for part in request.parts)
    other = _walk(replace(request, parts=parts), world, removed, policies=policies)
    if other.possible == made.possible:
        return made
    unsettled = Unsettled(code="unknown.platform", unknown=gap)
    first = replace(made.steps[0], unknowns=(*made.steps[0].unknowns, unsettled))
    return replace(made, steps=(first, *made.steps[1:]), possible=made.possible | other.possible)


def _walk(request: Request, world: World, removed: Removed, *, policies: bool) -> Walk:
    request = without(request, removed)
    if request.second_host is None:
        return _stations(request, request, world, removed, policies=policies)
    # the global name has no Region: DNS may lead to the bucket's own at once
    region = request.host.region or request.resource_region
    answered = replace(request, second_host=None, resource_region=region)
    first = _stations(answered, request, world, removed, policies=False)
    followed = replace(request, host=request.second_host, second_host=None)
    second = _stations(followed, request, world, removed, policies=policies)
    return replace(second, first=first, possible=behind(first.possible, second.possible))


def without(request: Request, removed: Removed) -> Request:
    """Return the request as if the removed findings of `proxy` and `region` were not."""
    for removal in removed:
        if removal.check == "proxy":
            request = replace(request, proxy=ProxyDecision())
        elif removal.check == "region":
            request = _at_home(request)
    return request


def _at_home(request: Request) -> Request:
    """Return the request with resource and client in the source's Region."""
    name, _ = build_hostname(
        service=request.service,
        region=request.region,
        bucket=request.bucket,
        sdk=None,
        addressing=None,
        env={},
    )
    region = request.resource_region
    return replace(
        request,
        host=classify(name),
        second_host=None,
        client_region=request.region,
        resource_region=None if region is None else request.region,
        resolves_to=None,
    )


def _stations(request: Request, shown: Request, world: World, removed: Removed, *, policies: bool) -> Walk:
    traffics: tuple[Traffic, ...] = ()
    steps: list[Step] = []
    wholes: dict[int, int] = {}
    for check in CHECKS:
        # the region check compares what was asked for, also while one host of a redirect is walked
        asked = shown if check.name == "region" and check.direction is None else request
        step = check.run(asked, world, traffics, removed)
        traffics = step.out
        steps.append(step)
        if check.name == "dns":
            traffics = tuple(t for t in traffics if t.packets or not t.live or t.fates is not None)
            wholes = _wholes(traffics)
    for check in _policies() if policies else ():
        step = check.run(request, world, traffics, removed)
        traffics = step.out
        steps.append(step)
    return Walk(
        request=request, steps=tuple(steps), traffics=traffics, wholes=wholes, possible=outcomes(traffics)
    )


def _policies() -> tuple[Check, ...]:
    """Return the policy checks, imported on first use."""
    from gatepath.checks import judging

    return judging.POLICIES


def _wholes(traffics: tuple[Traffic, ...]) -> dict[int, int]:
    joined: dict[int, Traffic] = {}
    for traffic in traffics:
        old = joined.get(traffic.part)
        joined[traffic.part] = traffic if old is None else old.only(old.packets | traffic.packets)
    return {part: traffic.packets.size for part, traffic in joined.items()}


def works_share(made: Walk) -> Fraction:
    """Return the part of the whole that surely works (mean over the parts of the request)."""
    works = frozenset({Fate.GATEWAY, Fate.BYPASS})
    total = Fraction(0)
    for traffic in made.traffics:
        share = _share(made, traffic)
        if share is not None and fates_of(traffic) <= works:
            total += share
    return total / max(len(made.wholes), 1)


def _share(made: Walk, traffic: Traffic) -> Fraction | None:
    whole = made.wholes.get(traffic.part, 0)
    if traffic.weight is None or (traffic.group is not None and not _uniform(made, traffic)):
        return None
    if not whole:
        alike = sum(t.part == traffic.part for t in made.traffics)
        return Fraction(1, alike) if not traffic.packets else None
    if traffic.group is not None:
        return traffic.weight * _share_of_group(made, traffic) / whole
    return traffic.weight * Fraction(traffic.packets.size, whole)


def _share_of_group(made: Walk, traffic: Traffic) -> Fraction:
    """Return how many packets an alternative stands for: together they are counted once."""
    same = [t.packets for t in made.traffics if (t.part, t.group) == (traffic.part, traffic.group)]
    together = sum(packets.size for packets in same)
    if not together:
        return Fraction(0)
    union = reduce(or_, same)
    return Fraction(union.size * traffic.packets.size, together)


def _uniform(made: Walk, traffic: Traffic) -> bool:
    """Tell whether all alternatives of a traffic's part go the same way."""
    ways = {_way(t) for t in made.traffics if t.part == traffic.part}
    return len(ways) == 1


def paths_of(made: Walk, *, policies: bool) -> tuple[Path, ...]:
    """Return the ways the traffic takes, the largest first."""
    lost = Fraction(0)
    found: dict[tuple[PathKind, int, str | None, tuple[str, ...], str | None], Fraction | None] = {}
    if made.first is not None:
        lost = _collect(found, made.first, Fraction(1), policies=False, only_dropped=True)
    if lost < 1:
        _collect(found, made, 1 - lost, policies=policies, only_dropped=False)
    paths = [
        Path(kind=kind, ip_version=version, component=component, hops=hops, share=share, decision=decision)
        for (kind, version, component, hops, decision), share in found.items()
    ]
    return tuple(sorted(paths, key=lambda p: (p.ip_version, -(p.share or 0), p.kind, p.component or "")))


def _collect(
    found: dict[tuple[PathKind, int, str | None, tuple[str, ...], str | None], Fraction | None],
    made: Walk,
    scale: Fraction,
    *,
    policies: bool,
    only_dropped: bool,
) -> Fraction:
    """Add a walk's paths; return the share of those added."""
    versions: dict[int, set[int]] = {}
    for traffic in made.traffics:
        versions.setdefault(traffic.packets.version, set()).add(traffic.part)
    total = Fraction(0)
    for traffic in _certain_drops(made.traffics):
        if only_dropped and traffic.live:
            continue
        kind, component = _way(traffic)
        decision = _decision(traffic) if policies and traffic.live else None
        version = traffic.packets.version
        key = (kind, version, component, traffic.hops, decision)
        share = _share(made, traffic)
        part = None if share is None else share * scale / len(versions[version])
        old = found.get(key, Fraction(0))
        found[key] = None if part is None or old is None else old + part
        total += part or 0
    return total


def _certain_drops(traffics: tuple[Traffic, ...]) -> list[Traffic]:
    """Give a share to packets that one component drops whichever source port a NAT gateway takes for them.

    They come in several pieces, by where the component meets them; their way is what the pieces have in common.
    """
    pieces: dict[tuple[int, Removal], list[Traffic]] = {}
    made: list[Traffic] = []
    for traffic in traffics:
        if traffic.dropped is None or traffic.weight is not None or traffic.group is not None:
            made.append(traffic)
        else:
            pieces.setdefault((traffic.part, traffic.dropped), []).append(traffic)
    for (part, dropped), here in pieces.items():
        packets = reduce(or_, (traffic.packets for traffic in here))
        for other in traffics:
            if other.part == part and other.weight is None and other.dropped != dropped:
                packets -= other.packets
        if packets:
            made.append(replace(here[0], packets=packets, hops=_common(here), weight=Fraction(1)))
        rests = (traffic.only(traffic.packets - packets) for traffic in here)
        made += [rest for rest in rests if rest.packets]
    return made


def _common(traffics: list[Traffic]) -> tuple[str, ...]:
    alike = takewhile(lambda hops: len(set(hops)) == 1, zip(*(t.hops for t in traffics), strict=False))
    return tuple(hops[0] for hops in alike)


def _way(traffic: Traffic) -> tuple[PathKind, str | None]:
    if traffic.dropped is not None:
        return PathKind.DROPPED, traffic.dropped.component
    if traffic.kind is PathKind.INTERNET:
        return PathKind.INTERNET, None
    return traffic.kind or PathKind.LOCAL, traffic.component


def _decision(traffic: Traffic) -> str:
    if traffic.refused is not None:
        return "denied"
    return "unknown" if traffic.fates is not None and Fate.REFUSED in traffic.fates else "allowed"
