"""Who asks, through which endpoint of which service: from a recording, or as given."""

from dataclasses import replace

from gatepath.engine.iam.principals import Kind
from gatepath.model.naming import endpoint_service_name
from gatepath.model.network import VpcEndpoint
from gatepath.model.ref import Unknown, unknown
from gatepath.model.world import World
from gatepath.request import Request, build_request
from gatepath.rights.asked_keys import Asker, is_service
from gatepath.rights.posed import Given, PoseError
from gatepath.rights.signer import Signer, signer, signer_of
from gatepath.trace import Unsettled

SERVICES = ("s3", "dynamodb")


def asker_of(given: Given, world: World, *, alone: bool) -> Asker:
    """Return who asks; raises `PoseError`."""
    request = None if given.question is None else build_request(given.question, world)
    endpoint = None if alone else _endpoint(given, world, request)
    service = _service(given, endpoint)
    who_signs = _signer(given, world, request, alone=alone)
    if isinstance(who_signs.who, Unknown):
        raise PoseError("policy.no-signer", Unsettled(code="unknown.policy-identity", unknown=who_signs.who))
    if who_signs.missing:
        raise PoseError("policy.no-such-principal", principal=who_signs.who.arn)
    caller = who_signs.who
    if caller.kind is Kind.STRANGER:
        raise PoseError("policy.bad-principal", value=caller.arn or "presigned_by")
    if is_service(caller):
        raise PoseError("policy.service-principal", principal=caller.arn)
    return Asker(
        world=world,
        given=given,
        service=service,
        caller=caller,
        signer=who_signs,
        endpoint=endpoint,
        request=request,
    )


def _endpoint(given: Given, world: World, request: Request | None) -> VpcEndpoint:
    if given.endpoint is None:
        raise PoseError("policy.no-endpoint")
    found = world.vpc_endpoints.get(given.endpoint)
    if found is None:
        missing = _missing(given.endpoint, world)
        if missing is None:
            raise PoseError("policy.no-such-endpoint", endpoint=given.endpoint)
        gap = Unsettled(code="unknown.policy-vpce", unknown=missing)
        raise PoseError("policy.endpoint-not-recorded", gap, endpoint=given.endpoint)
    if request is not None and request.vpc_id is not None and request.vpc_id != found.vpc_id:
        raise PoseError("policy.endpoint-elsewhere", endpoint=found.id, vpc=found.vpc_id, own=request.vpc_id)
    return found


def _missing(endpoint: str, world: World) -> Unknown | None:
    """Return None if a complete list shows that there is no such endpoint, else the gap."""
    listing = world.vpc_endpoints
    regions = {cover.region for cover in listing.coverage}
    found = [listing.missing(region=region, id=endpoint) for region in regions]
    if None in found:
        return None
    return next((gap for gap in found if gap is not None), unknown("ec2", "DescribeVpcEndpoints"))


def _service(given: Given, endpoint: VpcEndpoint | None) -> str:
    if endpoint is None:
        return given.service or "s3"
    region = endpoint.region
    found = next(
        (
            name
            for name in SERVICES
            if endpoint.service_name.removeprefix("cn.")
            == endpoint_service_name(region, name).removeprefix("cn.")
        ),
        None,
    )
    if found is None or given.service not in {None, found}:
        raise PoseError("policy.other-service", endpoint=endpoint.id, service=endpoint.service_name)
    return found


def _signer(given: Given, world: World, request: Request | None, *, alone: bool) -> Signer:
    if alone:
        if given.caller is None:
            raise PoseError("policy.no-principal")
        return Signer(who=given.caller, policies=given.identity or ())
    if given.caller is not None and request is None:
        found = signer_of(given.caller, world)
    elif request is not None:
        found = signer(request, world)
    else:
        raise PoseError("policy.no-principal")
    return found if given.identity is None else replace(found, policies=given.identity, missing=False)
