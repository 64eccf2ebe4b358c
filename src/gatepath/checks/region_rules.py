"""Check `region`, at the service: what it refuses whoever asks.

Sources: https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html and
https://repost.aws/knowledge-center/s3-troubleshoot-copy-between-buckets
"""

from dataclasses import replace

from gatepath.checks.base import Check, Removed, Traffics
from gatepath.checks.region_words import (
    NAME,
    client_component,
    finding_of,
    resource_component,
    resource_name,
)
from gatepath.model.naming import Arn
from gatepath.model.ref import Unknown
from gatepath.model.workload import Bucket
from gatepath.model.world import World
from gatepath.request import Request
from gatepath.trace import (
    ANY_FATE,
    Certainty,
    Component,
    Fate,
    Finding,
    PathKind,
    Removal,
    Step,
    StepVerdict,
    Traffic,
    Unsettled,
)
from gatepath.verdicts import fates_of

ENDPOINTS = frozenset({PathKind.GATEWAY_ENDPOINT, PathKind.INTERFACE_ENDPOINT})


def run_service_rules(request: Request, world: World, traffics: Traffics, removed: Removed) -> Step:
    """Refuse what the service refuses whoever asks: wrong Region, no such resource, cross-Region copy."""
    out: list[Traffic] = []
    findings: dict[str, Finding] = {}
    rules = _refusals(request, world)
    doubts = _doubts(request, world)
    unknowns: list[Unsettled] = []
    for traffic in traffics:
        refused = next((f for f, only in rules if not only or traffic.kind in ENDPOINTS), None)
        if refused is None or not traffic.live or traffic.fates is not None:
            mine = [u for u, only in doubts if traffic.live and (not only or traffic.kind in ENDPOINTS)]
            unknowns += mine
            out.append(_maybe_refused(_open(request, traffic), mine))
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
        findings=tuple(f for f in findings.values() if f.component.id != _found_before(request)),
        unknowns=tuple(dict.fromkeys(unknowns)),
    )


def _found_before(request: Request) -> str:
    """Return the component that the check has named on the way out already."""
    return resource_component(request).id if request.resource_region == "" else ""


def _maybe_refused(traffic: Traffic, doubts: list[Unsettled]) -> Traffic:
    """Leave open what the service may refuse; the policies are asked all the same."""
    if not doubts:
        return traffic
    return replace(
        traffic,
        fates=fates_of(traffic) | {Fate.REFUSED},
        unsettled=(*traffic.unsettled, *(u.unknown for u in doubts)),
        judged=traffic.judged or traffic.fates is None,
    )


def _doubts(request: Request, world: World) -> list[tuple[Unsettled, bool]]:
    """Return what hides whether the service refuses; True where only through a VPC endpoint."""
    made: list[tuple[Unsettled, bool]] = []
    if request.existence is not None:
        named = (("resource", resource_name(request)),)
        made.append(
            (Unsettled(code="unknown.resource-exists", unknown=request.existence, arguments=named), False)
        )
    source = _copy_source_region(request, world) if _copies(request) else None
    if isinstance(source, Unknown) and isinstance(request.resource_region, str):
        named = (("resource", request.question.copy_source or ""),)
        made.append((Unsettled(code="unknown.resource-region", unknown=source, arguments=named), True))
    return made


def _open(request: Request, traffic: Traffic) -> Traffic:
    """Leave open what becomes of a request whose resource may be in another Region."""
    region = request.resource_region
    if not traffic.live or not isinstance(region, Unknown):
        return traffic
    fates = ANY_FATE if traffic.fates is None else traffic.fates | {Fate.REFUSED}
    return replace(traffic, fates=fates, unsettled=(*traffic.unsettled, region))


def _copies(request: Request) -> bool:
    """Tell whether the request is a copy: one is named, or a source is."""
    question = request.question
    if question.operation is not None:
        return question.operation in {"CopyObject", "UploadPartCopy"}
    return question.copy_source is not None or question.copy_source_region is not None


def _copy_bucket(request: Request) -> str | None:
    """Return the bucket that a copy reads; None where the source is an access point or not named."""
    arn = Arn.parse(request.question.copy_source or "")
    if arn is None or arn.service != "s3" or arn.region or arn.account:
        return None
    return arn.resource.partition("/")[0] or None


def _copy_source_region(request: Request, world: World) -> str | Unknown | None:
    """Return the Region of a copy's source, as given or as recorded of its bucket; empty if there is none."""
    given = request.question.copy_source_region
    arn = Arn.parse(request.question.copy_source or "")
    if given is not None or arn is None:
        return given
    bucket = _copy_bucket(request)
    if bucket is None:
        return arn.region or None
    found = world.buckets.find(bucket, region=request.region)
    return found.region if isinstance(found, Bucket) else found


def _refusals(request: Request, world: World) -> list[tuple[Finding, bool]]:
    """Return what the service refuses; True where only through a VPC endpoint."""
    made: list[tuple[Finding, bool]] = []
    region = request.resource_region
    host_region = request.second_host.region if request.second_host else request.host.region
    name = resource_name(request)
    if region == "":
        finding = finding_of("region.resource-not-found", resource_component(request), (("resource", name),))
        made.append((finding, False))
    elif isinstance(region, str) and host_region is not None and region != host_region:
        arguments = (("hostname", request.host.name), ("resource_region", region))
        component = client_component(request, "region")
        made.append((finding_of("region.redirect-refused", component, arguments), False))
    source, target = _copy_source_region(request, world) if _copies(request) else None, region
    if source == "" and (bucket := _copy_bucket(request)):
        component = Component(type="s3-bucket", id=f"s3:bucket/{bucket}")
        made.append((finding_of("region.resource-not-found", component, (("resource", bucket),)), False))
    elif source and isinstance(source, str) and isinstance(target, str) and target not in {"", source}:
        component = Component(type="s3-service-rule", id="s3:service-rule/cross-region-copy")
        arguments = (("source_region", source), ("bucket_region", target))
        made.append((finding_of("region.cross-region-copy", component, arguments), True))
    return made


SERVICE_RULES = Check(name=NAME, direction="in", reads=frozenset({"buckets"}), run=run_service_rules)
