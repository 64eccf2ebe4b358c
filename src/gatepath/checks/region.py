"""Check `region`: do resource, endpoint and client agree; the service's own rules on Regions.

Sources: https://docs.aws.amazon.com/vpc/latest/privatelink/gateway-endpoints.html,
https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html and
https://repost.aws/knowledge-center/s3-troubleshoot-copy-between-buckets
"""

from gatepath.checks.base import Check, Removed, Traffics, parts_of
from gatepath.checks.region_words import (
    NAME,
    client_component,
    finding_of,
    resource_component,
    resource_name,
    resource_region,
)
from gatepath.engine.hostnames import DOCUMENTED_OUTSIDE, Reach
from gatepath.model.ref import Unknown
from gatepath.model.world import World
from gatepath.request import Request
from gatepath.trace import (
    Certainty,
    Finding,
    Severity,
    Step,
    StepVerdict,
    Unsettled,
)


def run(request: Request, world: World, traffics: Traffics, _: Removed) -> Step:
    """Compare the Regions of source, client, host name and resource."""
    findings = [
        *_resource(request),
        *_client(request, world),
        *_name(request),
    ]
    components = tuple(dict.fromkeys(f.component for f in findings if f.severity is not Severity.INFO))
    unknowns = _open_region(request)
    diverted = bool(components)
    verdict = StepVerdict.UNKNOWN if unknowns else StepVerdict.DIVERT if diverted else StepVerdict.PASS
    return Step(
        check=NAME,
        out=traffics,
        verdict=verdict,
        components=components,
        findings=tuple(findings),
        unknowns=unknowns,
    )


def _open_region(request: Request) -> tuple[Unsettled, ...]:
    if not isinstance(request.resource_region, Unknown):
        return ()
    name = resource_name(request)
    return (
        Unsettled(
            code="unknown.resource-region",
            unknown=request.resource_region,
            arguments=(("resource", name),),
        ),
    )


def _inside(request: Request) -> bool:
    return any(part.subnet is not None for part in parts_of(request))


def _resource(request: Request) -> list[Finding]:
    region = request.resource_region
    name = resource_name(request)
    if region == "":
        return [finding_of("region.resource-not-found", resource_component(request), (("resource", name),))]
    if not isinstance(region, str) or region == request.region or not _inside(request):
        return []
    arguments = (
        ("resource", name),
        ("resource_region", region),
        ("endpoint_region", request.region),
    )
    return [finding_of("region.resource-elsewhere", resource_component(request), arguments)]


def _client(request: Request, world: World) -> list[Finding]:
    region = request.host.region
    made = []
    if region is not None and region != request.region and not _known(region, world):
        made.append(
            finding_of(
                "region.unknown-region",
                client_component(request, "region"),
                (("client_region", region), ("hostname", request.host.name)),
            )
        )
    elif region is not None and region != request.region and _inside(request):
        made.append(
            finding_of(
                "region.client-elsewhere",
                client_component(request, "region"),
                (
                    ("client_region", region),
                    ("source_region", request.region),
                    ("hostname", request.host.name),
                ),
            )
        )
    if request.second_host is not None:
        made.append(
            finding_of(
                "region.redirected",
                client_component(request, "region"),
                (
                    ("hostname", request.host.name),
                    ("second_hostname", request.second_host.name),
                    ("resource_region", resource_region(request)),
                ),
                severity=Severity.INFO if request.second_host.region == request.region else None,
            )
        )
    return made


def _known(region: str, world: World) -> bool:
    """Tell whether a Region exists as far as published ranges and the recording tell."""
    if region in world.public_ranges.regions or not world.public_ranges.regions:
        return True
    return any(pl.region == region for pl in world.prefix_lists)


def _name(request: Request) -> list[Finding]:
    host = request.host
    made = []
    if host.reach is Reach.GLOBAL:
        made.append(
            finding_of(
                "region.legacy-global-host",
                client_component(request, "hostname"),
                (("hostname", host.name),),
                severity=Severity.INFO,
            )
        )
    if host.reach is Reach.NO and _inside(request):
        made.append(
            finding_of(
                "region.name-outside-endpoint",
                client_component(request, "hostname"),
                (("hostname", host.name), ("form", host.form)),
                certainty=Certainty.PROVEN if host.form in DOCUMENTED_OUTSIDE else Certainty.SUSPECT,
            )
        )
    if host.form == "access-point" and host.region not in {None, request.region} and _inside(request):
        made.append(
            finding_of(
                "region.access-point-elsewhere",
                client_component(request, "hostname"),
                (
                    ("access_point", host.name),
                    ("access_point_region", host.region or ""),
                    ("endpoint_region", request.region),
                ),
            )
        )
    return made


CHECK = Check(name=NAME, reads=frozenset({"prefix_lists", "public_ranges"}), run=run)
