"""Findings on a policy itself: they refuse nothing by themselves."""

from collections.abc import Callable, Iterable, Iterator

from gatepath.engine.iam.compiled import Policy, Role
from gatepath.engine.iam.documents import Document
from gatepath.engine.iam.lints import (
    deleted_principals,
    named_principals,
    private_source_ips,
    restricted_forms,
)
from gatepath.model.naming import partition
from gatepath.model.network import EndpointType, VpcEndpoint
from gatepath.model.policies import BucketRights, PolicyText
from gatepath.model.ref import Ref
from gatepath.model.world import World
from gatepath.request import Request
from gatepath.rights.layers import compiled
from gatepath.rights.lockout import lock_out
from gatepath.trace import Certainty, Component, Evidence, Finding, PathKind, Severity, Traffic

_SHOWN = 5
_LONGEST = 20_480
"""Characters: https://docs.aws.amazon.com/vpc/latest/privatelink/vpc-endpoints-access.html"""
_NEARLY = 0.9
_ENDPOINTS = frozenset({PathKind.GATEWAY_ENDPOINT, PathKind.INTERFACE_ENDPOINT})
Lint = Callable[[Document], Iterable[tuple[int, str]]]


def endpoint_lints(world: World, traffics: Iterable[Traffic]) -> Iterator[Finding]:
    """Yield what is odd in the policies of the endpoints that carry the traffic."""
    used = dict.fromkeys(t.seen_as.endpoint_id for t in traffics if t.live and t.kind in _ENDPOINTS)
    for endpoint_id in used:
        endpoint = world.vpc_endpoints.get(endpoint_id or "")
        if endpoint is not None and endpoint.policy_document is not None:
            yield from _endpoint(endpoint, endpoint.policy_document)


def _endpoint(endpoint: VpcEndpoint, text: str) -> Iterator[Finding]:
    gateway = endpoint.type is EndpointType.GATEWAY
    component = Component(type="vpc-endpoint", id=endpoint.id, account=endpoint.owner, region=endpoint.region)
    ref = Ref(endpoint.ref.call, f"{endpoint.ref.pointer}/PolicyDocument")
    policy = compiled(text, Role.GATEWAY if gateway else Role.RESOURCE)
    problems = [(f"{p.pointer} {p.code} {p.detail}").strip() for p in policy.problems]
    if problems:
        yield _finding("endpoint-policy.malformed", component, problems, ref)
    lints: list[tuple[str, Lint]] = [("endpoint-policy.restricted-form", restricted_forms)]
    if len(text) > _NEARLY * _LONGEST:
        yield _finding("endpoint-policy.nearly-too-long", component, [f"{len(text)} / {_LONGEST}"], ref)
    if gateway:
        lints.append(("endpoint-policy.named-principal", named_principals))
    for code, lint in lints:
        found = [f"{number}: {value}" for number, value in lint(policy.document)]
        if found:
            yield _finding(code, component, found, ref, suspect=code == "endpoint-policy.restricted-form")


def resource_lints(request: Request, world: World) -> Iterator[Finding]:
    """Yield what is odd in the bucket's policy."""
    rights = world.bucket_rights.get(request.bucket or "")
    if rights is None or not isinstance(rights.policy, PolicyText):
        return
    component = Component(
        type="s3-bucket-policy", id=f"s3:bucket-policy/{rights.name}", account=rights.owner or ""
    )
    policy = compiled(rights.policy.text, Role.RESOURCE)
    problems = [(f"{p.pointer} {p.code} {p.detail}").strip() for p in policy.problems]
    if problems:
        yield _finding("resource-policy.malformed", component, problems, rights.policy.ref)
    lints: tuple[tuple[str, Lint], ...] = (
        ("resource-policy.private-source-ip", private_source_ips),
        ("resource-policy.deleted-principal", deleted_principals),
    )
    for code, lint in lints:
        found = [f"{number}: {value}" for number, value in lint(policy.document)]
        if found:
            yield _finding(code, component, found, rights.policy.ref)
    yield from _lock_out(request, world, policy, component, rights)


def _lock_out(
    request: Request, world: World, policy: Policy, component: Component, rights: BucketRights
) -> Iterator[Finding]:
    """Yield that nobody but root can repair the policy."""
    if rights.owner is None or not isinstance(rights.policy, PolicyText):
        return
    arn = f"arn:{partition(request.region)}:s3:::{rights.name}"
    found = lock_out(policy, arn, rights.owner, request.region, world)
    if found is not None:
        places = [str(number) for number in found.statements]
        yield _finding(
            "resource-policy.locks-out", component, places, rights.policy.ref, suspect=not found.proven
        )


def _finding(
    code: str, component: Component, places: list[str], ref: Ref | None, *, suspect: bool = False
) -> Finding:
    return Finding(
        code=code,
        check=code.partition(".")[0],
        component=component,
        arguments=(("component", component.id), ("places", tuple(dict.fromkeys(places))[:_SHOWN])),
        severity=Severity.INFO,
        certainty=Certainty.SUSPECT if suspect else Certainty.PROVEN,
        evidence=(Evidence(ref=ref),),
    )
