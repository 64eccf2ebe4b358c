"""Check `source`: does it exist, run, have an interface; which one sends."""

from gatepath.checks.base import Check, Removed, Traffics, parts_of
from gatepath.model.ref import Unknown
from gatepath.model.world import World
from gatepath.packets import PacketSet
from gatepath.request import Request
from gatepath.trace import PathKind, Step, StepVerdict, Traffic, Unsettled


def run(request: Request, _: World, __: Traffics, ___: Removed) -> Step:
    """Return the traffics the source can send: to anywhere, from its own source ports."""
    if isinstance(request.parts, Unknown):
        named = (("source", request.question.source.id),)
        missing = Unsettled(code="unknown.source", unknown=request.parts, arguments=named)
        return Step(check="source", verdict=StepVerdict.UNKNOWN, unknowns=(*request.unknowns, missing))
    traffics = tuple(
        Traffic(
            part=index,
            packets=PacketSet.of(
                part.ip_version, ports=[(request.port, request.port)], source_ports=[part.source_ports]
            ),
            kind=PathKind.INTERNET if part.subnet is None else None,
            hops=(part.interface.id if part.interface else part.subnet.id if part.subnet else "",),
        )
        for index, part in enumerate(parts_of(request))
    )
    outside = any(t.kind is PathKind.INTERNET for t in traffics)
    return Step(
        check="source",
        out=traffics,
        verdict=StepVerdict.DIVERT if outside else StepVerdict.PASS,
        findings=request.findings,
        unknowns=request.unknowns,
        assumptions=request.assumptions,
    )


# The listings of sources are read when the request is built, before the walk.
CHECK = Check(name="source", reads=frozenset(), run=run)
