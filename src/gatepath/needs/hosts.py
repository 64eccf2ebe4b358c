"""Has a host of another service a way: its interface endpoint, NAT, an internet gateway, or none.

Sources: https://docs.aws.amazon.com/vpc/latest/privatelink/privatelink-access-aws-services.html and
https://docs.aws.amazon.com/vpc/latest/privatelink/gateway-endpoints.html (gateway endpoints serve Amazon S3
and DynamoDB only).
"""

from dataclasses import replace

from gatepath.diagnose import diagnose_request
from gatepath.engine.endpoint_names import private_name
from gatepath.engine.hostnames import Host, Reach
from gatepath.engine.proxies import decide
from gatepath.model.naming import is_service_name
from gatepath.model.network import EndpointType, VpcEndpoint
from gatepath.model.ref import Unknown
from gatepath.model.world import World
from gatepath.needs.catalogue import HTTPS, NeededHost
from gatepath.needs.results import HostResult
from gatepath.request import Request
from gatepath.trace import (
    Certainty,
    Component,
    Diagnosis,
    Finding,
    PathKind,
    Unsettled,
    Verdict,
)

CODE = "route.needed-host-without-way"
_ABOUT_S3 = frozenset({"region", "endpoint-policy", "resource-policy", "identity-policy"})
"""Checks that say nothing of a host whose service has no gateway endpoint."""

_INTENDED = frozenset({"dns.interface-endpoint-answers"})
"""Findings that divert a request for S3 from its gateway endpoint, and are as it should be for others."""


def judge_host(home: Request, world: World, need: str, host: NeededHost) -> HostResult:
    """Return whether a host is reached from the user's own source; nothing is said of its service's policies."""
    name = host.name(home.region, home.account)
    world = _with_private_names(home, world, host, name)
    request = _request(home, host, name)
    diagnosis = diagnose_request(request, world, policies=False)
    service = host.endpoint_service(home.region)
    result = HostResult(
        host=host,
        name=name,
        endpoint_service=service,
        verdict=Verdict.OK if diagnosis.verdict is Verdict.BYPASS else diagnosis.verdict,
        certainty=Certainty.PROVEN,
        unknowns=diagnosis.unknowns,
    )
    gap = _hidden_endpoint(home, world)
    if gap is not None:
        unsettled = Unsettled(
            code="unknown.needed-host-endpoint", unknown=gap, arguments=(("hostname", name),)
        )
        return replace(result, verdict=Verdict.UNKNOWN, unknowns=(unsettled, *result.unknowns))
    if result.verdict is Verdict.OK:
        way = next(path for path in diagnosis.paths if path.kind is not PathKind.DROPPED)
        return replace(result, way=way.kind, component=way.component, unknowns=())
    if result.verdict is Verdict.UNKNOWN:
        return replace(result, unknowns=tuple(_addresses(name, one) for one in result.unknowns))
    faults = (f for f in diagnosis.findings if f.check not in _ABOUT_S3 and f.code not in _INTENDED)
    because = next(faults, None)
    suspect = because is not None and because.certainty is Certainty.SUSPECT
    result = replace(result, certainty=Certainty.SUSPECT if suspect else Certainty.PROVEN)
    return replace(
        result,
        because=because,
        component=None if because is None else because.component.id,
        finding=_finding(home, world, need, result, diagnosis, because),
    )


def _addresses(name: str, open_end: Unsettled) -> Unsettled:
    """Return what is open, in better words where public addresses fare unlike: which of them the host has."""
    if open_end.code != "unknown.dns-answer" or any(gap.operation for gap in open_end.unknown.gaps):
        return open_end
    return replace(open_end, code="unknown.needed-host-addresses", arguments=(("hostname", name),))


def _request(home: Request, host: NeededHost, name: str) -> Request:
    """Return the request for the host: everything of the source, nothing of the bucket."""
    target = Host(
        name=name,
        service="",
        region=home.region,
        form="service",
        reach=Reach.NO,
        dualstack=False,
        bucket=None,
    )
    env = dict(home.env)
    return replace(
        home,
        service=host.service,
        client_region=home.region,
        host=target,
        second_host=None,
        port=HTTPS,
        proxy=decide(env, home.sdk, name, HTTPS, "https", client_region=home.region),
        resource=None,
        bucket=None,
        table=None,
        resource_region=None,
        follows_redirects=False,
        resolves_to=None,
    )


def _endpoints(home: Request, world: World, host: NeededHost) -> tuple[VpcEndpoint, ...]:
    """Return the VPC's interface endpoints for the service."""
    return tuple(
        endpoint
        for endpoint in world.vpc_endpoints.of_vpc(home.vpc_id or "")
        if endpoint.type is EndpointType.INTERFACE
        and is_service_name(endpoint.service_name, home.region, host.service)
    )


def _with_private_names(home: Request, world: World, host: NeededHost, name: str) -> World:
    """Return the world in which private DNS covers the host's name even where the recording lists no names."""
    vpc = world.vpcs.get(home.vpc_id or "")
    if vpc is None or private_name(world, vpc, name) is not None:
        return world
    listing = world.vpc_endpoints
    for endpoint in _endpoints(home, world, host):
        if endpoint.private_dns_enabled:
            row = replace(endpoint, dns_names=(*endpoint.dns_names, name))
            listing = listing.with_row(endpoint.id, row, endpoint.vpc_id)
    return replace(world, vpc_endpoints=listing)


def _hidden_endpoint(home: Request, world: World) -> Unknown | None:
    """Return what hides whether the VPC has an interface endpoint for the host."""
    if home.vpc_id is None or home.proxy.url is not None:
        return None
    vpc = world.vpcs.get(home.vpc_id)
    account = None if vpc is None else vpc.owner
    return world.vpc_endpoints.missing(region=home.region, account=account, vpc_id=home.vpc_id)


def _finding(
    home: Request,
    world: World,
    need: str,
    result: HostResult,
    diagnosis: Diagnosis,
    because: Finding | None,
) -> Finding:
    dropped = next((path.component for path in diagnosis.paths if path.kind is PathKind.DROPPED), None)
    component = Component(type="host", id=dropped or result.name, account=home.account, region=home.region)
    own = _endpoints(home, world, result.host)
    without_dns = [e.id for e in own if e.available and not e.private_dns_enabled]
    not_available = [f"{e.id} ({e.state})" for e in own if not e.available]
    return Finding(
        code=CODE,
        check="route",
        component=component if because is None else because.component,
        arguments=(
            ("need", need),
            ("hostname", result.name),
            ("endpoint_service", result.endpoint_service),
            ("private_dns_off", tuple(without_dns)),
            ("not_available", tuple(not_available)),
            ("endpoints", tuple(endpoint.id for endpoint in own)),
            ("because", None if because is None else because.code),
        ),
        certainty=result.certainty,
        evidence=() if because is None else because.evidence,
    )
