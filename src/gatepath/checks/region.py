"""Check `region`: do resource, endpoint and client agree; the service's own rules on Regions.

Sources: https://docs.aws.amazon.com/vpc/latest/privatelink/gateway-endpoints.html,
https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html and
https://repost.aws/knowledge-center/s3-troubleshoot-copy-between-buckets
"""

from dataclasses import replace

from gatepath.checks.base import Check, Removed, Traffics, parts_of
from gatepath.engine.hostnames import Reach
from gatepath.model.naming import Arn
from gatepath.model.ref import Unknown
from gatepath.model.world import World
from gatepath.request import Request
from gatepath.trace import (
    ANY_FATE,
    Arguments,
    Certainty,
    Component,
    Fate,
    Finding,
    PathKind,
    Removal,
    Severity,
    Step,
    StepVerdict,
    Traffic,
    Unsettled,
)

NAME = "region"
ENDPOINTS = frozenset({PathKind.GATEWAY_ENDPOINT, PathKind.INTERFACE_ENDPOINT})


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
    name = _resource_name(request)
    return (
        Unsettled(
            code="unknown.resource-region",
            unknown=request.resource_region,
            arguments=(("resource", name),),
        ),
    )


def resource_component(request: Request) -> Component:
    """Return the bucket or table as a component."""
    if request.bucket is not None:
        return Component(type="s3-bucket", id=f"s3:bucket/{request.bucket}", region=_resource_region(request))
    if request.service != "dynamodb":
        return Component(
            type="s3-access-point", id=str(request.resource or ""), region=_resource_region(request)
        )
    table_id = str(request.resource) if request.resource is not None else request.table or ""
    return Component(
        type="dynamodb-table", id=table_id, account=request.account, region=_resource_region(request)
    )


def _resource_name(request: Request) -> str:
    return request.bucket or request.table or str(request.resource or "")


def _resource_region(request: Request) -> str:
    return request.resource_region if isinstance(request.resource_region, str) else ""


def _client_component(request: Request, setting: str) -> Component:
    return Component(type="client", id=f"client:{setting}", account=request.account, region=request.region)


def _inside(request: Request) -> bool:
    return any(part.subnet is not None for part in parts_of(request))


def _finding(code: str, component: Component, arguments: Arguments, **more: object) -> Finding:
    return Finding(code=code, check=NAME, component=component, arguments=arguments, **more)  # type: ignore[arg-type]


def _resource(request: Request) -> list[Finding]:
    region = request.resource_region
    name = _resource_name(request)
    if region == "":
        return [_finding("region.resource-not-found", resource_component(request), (("resource", name),))]
    if not isinstance(region, str) or region == request.region or not _inside(request):
        return []
    arguments = (
        ("resource", name),
        ("resource_region", region),
        ("endpoint_region", request.region),
    )
    return [_finding("region.resource-elsewhere", resource_component(request), arguments)]


def _client(request: Request, world: World) -> list[Finding]:
    region = request.host.region
    made = []
    if region is not None and region != request.region and not _known(region, world):
        made.append(
            _finding(
                "region.unknown-region",
                _client_component(request, "region"),
                (("client_region", region), ("hostname", request.host.name)),
            )
        )
    elif region is not None and region != request.region and _inside(request):
        made.append(
            _finding(
                "region.client-elsewhere",
                _client_component(request, "region"),
                (
                    ("client_region", region),
                    ("source_region", request.region),
                    ("hostname", request.host.name),
                ),
            )
        )
    if request.second_host is not None:
        made.append(
            _finding(
                "region.redirected",
                _client_component(request, "region"),
                (
                    ("hostname", request.host.name),
                    ("second_hostname", request.second_host.name),
                    ("resource_region", _resource_region(request)),
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
            _finding(
                "region.legacy-global-host",
                _client_component(request, "hostname"),
                (("hostname", host.name),),
                severity=Severity.INFO,
            )
        )
    if host.reach is Reach.NO and _inside(request):
        made.append(
            _finding(
                "region.name-outside-endpoint",
                _client_component(request, "hostname"),
                (("hostname", host.name), ("form", host.form)),
            )
        )
    if host.form == "access-point" and host.region not in {None, request.region} and _inside(request):
        made.append(
            _finding(
                "region.access-point-elsewhere",
                _client_component(request, "hostname"),
                (
                    ("access_point", host.name),
                    ("access_point_region", host.region or ""),
                    ("endpoint_region", request.region),
                ),
            )
        )
    return made


def run_service_rules(request: Request, world: World, traffics: Traffics, removed: Removed) -> Step:
    """Refuse what the service refuses whoever asks: wrong Region, no such resource, cross-Region copy."""
    out: list[Traffic] = []
    findings: dict[str, Finding] = {}
    rules = _refusals(request, world)
    for traffic in traffics:
        refused = next((f for f, only in rules if not only or traffic.kind in ENDPOINTS), None)
        if refused is None or not traffic.live or traffic.fates is not None:
            out.append(_open(request, traffic))
            continue
        removal = Removal(check=NAME, component=refused.component.id)
        if removal in removed:
            out.append(traffic)
            continue
        findings[refused.code] = refused
        out.append(
            replace(
                traffic,
                refused=removal,
                suspect=traffic.suspect or refused.certainty is Certainty.SUSPECT,
            )
        )
    verdict = StepVerdict.PASS if any(t.live for t in traffics) else StepVerdict.NOT_APPLICABLE
    return Step(
        check=NAME,
        direction="in",
        out=tuple(out),
        verdict=StepVerdict.BLOCK if findings else verdict,
        components=tuple(f.component for f in findings.values()),
        findings=tuple(f for f in findings.values() if f.code != "region.resource-not-found"),
    )


def _open(request: Request, traffic: Traffic) -> Traffic:
    """Leave open what becomes of a request whose resource may be in another Region."""
    region = request.resource_region
    if not traffic.live or not isinstance(region, Unknown):
        return traffic
    fates = ANY_FATE if traffic.fates is None else traffic.fates | {Fate.REFUSED}
    return replace(traffic, fates=fates, unsettled=(*traffic.unsettled, region))


def _copy_source_region(request: Request, world: World) -> str | None:
    """Return the Region of a copy's source, as given or as recorded of its bucket."""
    given = request.question.copy_source_region
    arn = Arn.parse(request.question.copy_source or "")
    if given is not None or arn is None or arn.service != "s3":
        return given
    found = world.buckets.get(arn.resource.partition("/")[0])
    return found.region if found is not None and isinstance(found.region, str) else None


def _refusals(request: Request, world: World) -> list[tuple[Finding, bool]]:
    """Return what the service refuses; True where only through a VPC endpoint."""
    made: list[tuple[Finding, bool]] = []
    region = request.resource_region
    host_region = request.second_host.region if request.second_host else request.host.region
    name = _resource_name(request)
    if region == "":
        finding = _finding("region.resource-not-found", resource_component(request), (("resource", name),))
        made.append((finding, False))
    elif isinstance(region, str) and host_region is not None and region != host_region:
        arguments = (("hostname", request.host.name), ("resource_region", region))
        component = _client_component(request, "region")
        made.append((_finding("region.redirect-refused", component, arguments), False))
    source, target = _copy_source_region(request, world), region
    if (
        request.question.operation in {"CopyObject", "UploadPartCopy"}
        and source
        and isinstance(target, str)
        and target not in {"", source}
    ):
        component = Component(type="s3-service-rule", id="s3:service-rule/cross-region-copy")
        arguments = (("source_region", source), ("bucket_region", target))
        made.append((_finding("region.cross-region-copy", component, arguments), True))
    return made


CHECK = Check(name=NAME, reads=frozenset({"prefix_lists", "public_ranges"}), run=run)
SERVICE_RULES = Check(name=NAME, direction="in", reads=frozenset({"buckets"}), run=run_service_rules)
