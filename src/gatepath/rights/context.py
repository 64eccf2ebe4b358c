"""The condition keys a request carries, as its path, its signer and its resource make them.

Sources: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html and
https://docs.aws.amazon.com/vpc/latest/privatelink/vpc-endpoints-s3.html

A key that a policy reads and nothing here tells is not known; it is never taken as absent.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from gatepath.engine.iam.compiled import Policy
from gatepath.engine.iam.context import fill, read_context
from gatepath.engine.iam.logic import UNKNOWN, Context, Value
from gatepath.engine.iam.principals import SOMEBODY, STRANGER, Kind, Who
from gatepath.model.naming import Arn, partition
from gatepath.model.network import VpcEndpoint
from gatepath.model.question import SourceKind
from gatepath.model.ref import Unknown
from gatepath.model.world import World
from gatepath.request import HTTP, Request
from gatepath.rights.cases import (
    FOREIGN_ORGANIZATION,
    FOREIGN_PATH,
    TLS_KEY,
    address_cases,
    made_by_service,
    sender_cases,
    stranger_cases,
    tls_cases,
)
from gatepath.rights.guardrails import organization_of, organization_path
from gatepath.rights.layers import FOREIGN_ACCOUNT
from gatepath.rights.needs import Permission
from gatepath.rights.service_actions import cannot_carry
from gatepath.rights.signer import Signer
from gatepath.trace import SeenAs

_VPC_KEYS = (
    "aws:sourcevpce",
    "aws:sourcevpc",
    "aws:sourcevpcarn",
    "aws:vpcsourceip",
    "aws:vpceaccount",
    "aws:vpceorgid",
    "aws:vpceorgpaths",
)
_ABSENT_ALWAYS = frozenset(
    {
        "aws:calledvia",
        "aws:calledviafirst",
        "aws:calledvialast",
        "aws:sourcearn",
        "aws:sourceaccount",
        "aws:sourceorgid",
        "aws:sourceorgpaths",
        "aws:sourceowner",
        "aws:principalservicename",
        "aws:principalservicenameslist",
    }
)
"""Keys of requests that an AWS service makes: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html"""
_PRINCIPAL_PREFIXES = ("aws:principaltag/", "aws:principalorg")


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What decides the network keys: the endpoint the request came through, if any.

    `known` False: the way is not known, so none of its keys is.
    """

    seen_as: SeenAs
    endpoint: VpcEndpoint | None
    known: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A request that comes one way, and who makes it."""

    request: Request
    world: World
    seen: Seen
    who_signs: Signer
    caller: Who


def contexts(
    asked: Asked, permission: Permission, account: str | None, policies: Sequence[Policy]
) -> Iterator[Context]:
    """Yield the context of each case that is to be told apart (a stranger in an organization or in none)."""
    request, world, seen = asked.request, asked.world, asked.seen
    who_signs, caller = asked.who_signs, asked.caller
    base, absent = _given(request)
    _fill_unless(base, absent, _network(request, world, seen, permission))
    _fill_unless(base, absent, _signed(request, world, who_signs, caller, permission))
    _fill_unless(base, absent, _resource(request, world, caller, account))
    _fill_unless(base, absent, _access_point(world, permission))
    fill(base, caller, permission.action.lower(), permission.resource, account)
    for key in absent:
        base.pop(key, None)
    read = {key for policy in policies for key in keys_read(policy)}
    cases = tls_cases(request, stranger_cases(caller, base, absent), read)
    cases = sender_cases(cases, seen.seen_as.senders, policies)
    if made_by_service(request) or (permission.via_service is not None and not permission.carried):
        cases = address_cases(cases, absent, policies)
    never = frozenset() if caller.kind is Kind.SERVICE else _ABSENT_ALWAYS
    asked_for = {key for key in read - absent - never if not cannot_carry(permission.action, key)}
    for case in cases:
        unknown = (k for k in asked_for - set(case) if not known_absent(k, case, caller, who_signs, seen))
        yield case | dict.fromkeys(list(unknown), UNKNOWN)


def keys_read(policy: Policy) -> Iterator[str]:
    """Yield every key that a policy's conditions and variables read."""
    for rule in policy.rules:
        yield from rule.resource_keys
        for condition in rule.compiled:
            yield from condition.keys


def _given(request: Request) -> tuple[Context, frozenset[str]]:
    """Return the question's own context and the keys it says are absent."""
    given = request.question.context
    absent = frozenset(key.lower() for key, value in given.items() if value is None)
    return read_context({key: value for key, value in given.items() if value is not None}), absent


def _fill_unless(context: Context, absent: frozenset[str], more: Mapping[str, Value]) -> None:
    for key, value in more.items():
        if key not in absent:
            context.setdefault(key, value)


def _network(request: Request, world: World, seen: Seen, permission: Permission) -> Context:
    """Return the keys of the way; a service's own request doesn't take it."""
    made: Context = {"aws:requestedregion": request.host.region or UNKNOWN}
    if permission.via_service is not None:
        made |= {"aws:viaawsservice": "true", "aws:securetransport": "true"}
        return made | _way(request, world, seen) if permission.carried else made
    made |= {"aws:viaawsservice": "false", "aws:securetransport": "false" if request.port == HTTP else "true"}
    return made if made_by_service(request) else made | _way(request, world, seen)


def _way(request: Request, world: World, seen: Seen) -> Context:
    if not seen.known:
        return dict.fromkeys((*_VPC_KEYS, "aws:sourceip"), UNKNOWN)
    address = seen.seen_as.address
    known: Value = UNKNOWN if address is None else str(address)
    if seen.seen_as.endpoint_vpc_id is None:
        return {"aws:sourceip": known}
    made: Context = {
        "aws:sourcevpce": seen.seen_as.endpoint_id or UNKNOWN,
        "aws:sourcevpc": seen.seen_as.endpoint_vpc_id or UNKNOWN,
        "aws:vpcsourceip": known,
    }
    if seen.endpoint is not None:
        return made | endpoint_keys(request.service, world, seen.endpoint)
    return made | dict.fromkeys(
        ("aws:sourcevpcarn", "aws:vpceaccount", "aws:vpceorgid", "aws:vpceorgpaths"), UNKNOWN
    )


def endpoint_keys(service: str, world: World, endpoint: VpcEndpoint) -> Context:
    """Return the keys that follow from whose endpoint it is, in which VPC."""
    vpc = world.vpcs.get(endpoint.vpc_id)
    place = f"{partition(endpoint.region)}:ec2:{endpoint.region}"
    arn = f"arn:{place}:{vpc.owner}:vpc/{vpc.id}" if vpc is not None else ""
    made: Context = {
        "aws:sourcevpcarn": arn if arn and service == "s3" else UNKNOWN,
        "aws:vpceaccount": endpoint.owner or UNKNOWN,
    }
    made |= organization_keys(world, endpoint.owner, "aws:vpceorg")
    if service != "s3":
        made["aws:vpceorgpaths"] = UNKNOWN  # for DynamoDB no page tells
    return made


def _signed(
    request: Request, world: World, who_signs: Signer, caller: Who, permission: Permission
) -> Context:
    made: Context = {}
    if caller.kind is not Kind.ANONYMOUS and permission.via_service is None:
        made["s3:authtype"] = "REST-QUERY-STRING" if who_signs.presigned else "REST-HEADER"
    if permission.session_mode is not None:
        made["s3express:sessionmode"] = permission.session_mode
    if permission.via_service is not None:
        # of directory buckets no page tells the name
        plain = permission.via_service.startswith("s3.")
        made["kms:viaservice"] = permission.via_service if plain else UNKNOWN
        if caller.account is not None:
            made["kms:calleraccount"] = caller.account
    if caller.account is not None:
        made |= principal_keys(world, who_signs, caller, caller.account)
        made |= instance_keys(request, who_signs)
    return made


def principal_keys(world: World, who_signs: Signer, caller: Who, account: str) -> Context:
    """Return the keys that follow from who signs."""
    made = organization_keys(world, account, "aws:principalorg")
    identity = who_signs.identity
    if caller.kind is Kind.SESSION:
        made["aws:principalarn"] = UNKNOWN  # a session's ARN drops the path of its role's
    if identity is not None:
        if isinstance(identity.arn, str) and caller.kind in {Kind.SESSION, Kind.ROLE}:
            made["aws:principalarn"] = identity.arn
        if isinstance(identity.id, str) and identity.id:
            session = f"{identity.id}:{caller.session}" if caller.session else UNKNOWN
            made["aws:userid"] = identity.id if caller.kind is Kind.USER else session
        if not isinstance(identity.tags, Unknown):
            made |= {f"aws:principaltag/{key.lower()}": value for key, value in identity.tags}
    return made


def instance_keys(request: Request, who_signs: Signer) -> Context:
    """Return the keys of credentials that an instance or a function got for itself."""
    if not who_signs.own_role:
        return {}
    made: Context = {}
    if request.question.source.kind is SourceKind.INSTANCE and request.vpc_id:
        made["aws:ec2instancesourcevpc"] = request.vpc_id
        parts = request.parts if not isinstance(request.parts, Unknown) else ()
        address = next((str(part.address) for part in parts if part.address is not None), None)
        made["aws:ec2instancesourceprivateipv4"] = address or UNKNOWN
    return made


def organization_keys(world: World, account: str, key: str) -> Context:
    """Return the keys of an account's organization, whose names begin alike."""
    organization, path = organization_of(world, account), organization_path(world, account)
    if isinstance(organization, Unknown):
        return {f"{key}id": UNKNOWN, f"{key}paths": UNKNOWN}
    if not organization.id:
        return {}
    return {f"{key}id": organization.id, f"{key}paths": UNKNOWN if isinstance(path, Unknown) else path}


def _resource(request: Request, world: World, caller: Who, account: str | None) -> Context:
    if account is None:
        if caller is STRANGER:
            return {"aws:resourceaccount": FOREIGN_ACCOUNT, "s3:resourceaccount": FOREIGN_ACCOUNT}
        return {}
    if account == FOREIGN_ACCOUNT:
        return {
            "aws:resourceorgid": FOREIGN_ORGANIZATION,
            "aws:resourceorgpaths": FOREIGN_PATH,
            "s3:resourceaccount": account,
        }
    made = organization_keys(world, account, "aws:resourceorg")
    if request.service == "s3":
        made["s3:resourceaccount"] = account
    return made


def _access_point(world: World, permission: Permission) -> Context:
    """Return the keys of the access point that the request came through.

    Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-points-policies.html
    """
    arn = Arn.parse(permission.access_point or permission.resource)
    if arn is None or not arn.resource.startswith("accesspoint/"):
        return {}
    name = arn.resource.split("/")[1]
    whole = Arn(arn.partition, arn.service, arn.region, arn.account, f"accesspoint/{name}")
    found = world.access_points.get(f"{arn.account}/{arn.region}/{name}")
    known = found is not None and not isinstance(found.vpc_id, Unknown)
    return {
        "s3:dataaccesspointarn": str(whole),
        "s3:dataaccesspointaccount": arn.account,
        "s3:accesspointnetworkorigin": (
            UNKNOWN if found is None or not known else "Internet" if found.vpc_id is None else "VPC"
        ),
    }


def known_absent(  # noqa: C901, PLR0911 - one return a family of keys
    key: str, context: Context, caller: Who, who_signs: Signer, seen: Seen
) -> bool:
    """Tell whether a key that nothing gives is known to be absent."""
    if key in _VPC_KEYS or key == "aws:sourceip":
        return seen.known
    if caller.kind is Kind.ANONYMOUS:
        return key.startswith(("aws:principal", "aws:userid", "aws:username"))
    if caller is SOMEBODY and key.startswith(("aws:principal", "aws:user")):
        return False
    if key.startswith(_PRINCIPAL_PREFIXES):
        if caller is STRANGER:
            return key.startswith("aws:principalorg")
        if key.startswith("aws:principaltag/"):
            return who_signs.identity is not None and not isinstance(who_signs.identity.tags, Unknown)
        organized = context.get("aws:principalorgid")
        return organized is None
    if key == "aws:username":
        return caller.kind is not Kind.USER
    if key in {"aws:resourceorgid", "aws:resourceorgpaths"}:
        return context.get("aws:resourceaccount") is not UNKNOWN and "aws:resourceorgid" not in context
    if key.startswith(("s3:dataaccesspoint", "s3:accesspoint")):
        return "s3:dataaccesspointarn" not in context
    if key == TLS_KEY:
        return context.get("aws:securetransport") == "false"
    return key.startswith("aws:ec2instancesource") and who_signs.own_role
