"""Check `source`: does it exist, run, have an interface; which one sends."""

from gatepath.checks.base import Check, Removed, Traffics, parts_of
from gatepath.model.ref import Unknown
from gatepath.model.world import World
from gatepath.packets import PacketSet
from gatepath.request import Part, Request
from gatepath.trace import Component, Finding, PathKind, Removal, Step, StepVerdict, Traffic, Unsettled

NAME = "source"


def run(request: Request, _: World, __: Traffics, removed: Removed) -> Step:
    """Return the traffics the source can send: to anywhere, from its own source ports."""
    if isinstance(request.parts, Unknown):
        named = (("source", request.question.source.id),)
        missing = Unsettled(code="unknown.source", unknown=request.parts, arguments=named)
        return Step(check=NAME, verdict=StepVerdict.UNKNOWN, unknowns=(*request.unknowns, missing))
    traffics = []
    findings = list(request.findings)
    for index, part in enumerate(parts_of(request)):
        traffic = _traffic(request, index, part)
        component = _component(part)
        if part.mute and Removal(check=NAME, component=component.id) not in removed:
            traffic = traffic.drop(NAME, component.id)
            findings.append(_mute(part, component))
        traffics.append(traffic)
    live = [t for t in traffics if t.live]
    verdict = StepVerdict.DIVERT if any(t.kind is PathKind.INTERNET for t in live) else StepVerdict.PASS
    if len(live) < len(traffics):
        verdict = StepVerdict.PARTIAL if live else StepVerdict.BLOCK
    return Step(
        check=NAME,
        out=tuple(traffics),
        verdict=verdict,
        findings=tuple(dict.fromkeys(findings)),
        unknowns=request.unknowns,
        assumptions=request.assumptions,
    )


def _traffic(request: Request, index: int, part: Part) -> Traffic:
    packets = PacketSet.of(
        part.ip_version, ports=[(request.port, request.port)], source_ports=[part.source_ports]
    )
    kind = PathKind.INTERNET if part.subnet is None else None
    return Traffic(part=index, packets=packets, kind=kind, hops=(_component(part).id,))


def _component(part: Part) -> Component:
    """Return what sends: the interface, else the subnet it would be in."""
    if part.interface is not None:
        owner, region = part.interface.owner, part.interface.region
        return Component(type="network-interface", id=part.interface.id, account=owner, region=region)
    if part.subnet is not None:
        return Component(
            type="subnet", id=part.subnet.id, account=part.subnet.owner, region=part.subnet.region
        )
    return Component(type="client", id="")


def _mute(part: Part, component: Component) -> Finding:
    arguments = (("sender", component.id), ("ip_version", part.ip_version))
    return Finding(code="source.no-address-of-version", check=NAME, component=component, arguments=arguments)


# The listings of sources are read when the request is built, before the walk.
CHECK = Check(name=NAME, reads=frozenset(), run=run)
