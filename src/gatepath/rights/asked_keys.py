"""The condition keys of all requests of a caller: what is known of them, which differ from request to request.

Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html
"""

from collections.abc import Iterable
from dataclasses import dataclass

from gatepath.engine.iam.context import fill, read_context
from gatepath.engine.iam.logic import UNKNOWN, Context
from gatepath.engine.iam.principals import Kind, Who
from gatepath.model.network import VpcEndpoint
from gatepath.model.question import SourceKind
from gatepath.model.ref import Unknown
from gatepath.model.world import World
from gatepath.request import Request
from gatepath.rights.context import (
    Seen,
    endpoint_keys,
    instance_keys,
    known_absent,
    organization_keys,
    principal_keys,
)
from gatepath.rights.guardrails import organization_of
from gatepath.rights.layers import FOREIGN_ACCOUNT
from gatepath.rights.posed import Given
from gatepath.rights.signer import Signer
from gatepath.trace import SeenAs

_CHOSEN = (
    "aws:currenttime",
    "aws:epochtime",
    "aws:securetransport",
    "aws:useragent",
    "aws:referer",
    "aws:requesttag/",
    "aws:tagkeys",
    "s3:",
    "dynamodb:",
)
_STANDING = ("s3:buckettag", "s3:accesspoint", "s3:accessgrant", "s3:dataaccesspoint", "s3:resourceaccount")
_NETWORK = ("aws:sourcevpc", "aws:vpce", "aws:vpcsourceip")


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """Known keys of all requests (lower case), and keys that none has; the same of the way alone."""

    keys: Context
    absent: frozenset[str]
    way: Context
    way_absent: frozenset[str]


def chosen(key: str, *, address: bool) -> bool:
    """Tell whether a key differs from request to request of the same caller on the same resource.

    `address`: whether requests may come from any address of the VPC.
    """
    if key == "aws:vpcsourceip":
        return address
    return key.startswith(_CHOSEN) and not key.startswith(_STANDING)


@dataclass(frozen=True, slots=True, kw_only=True)
class Asker:
    """Who asks through which endpoint."""

    world: World
    given: Given
    service: str
    caller: Who
    signer: Signer
    endpoint: VpcEndpoint | None
    request: Request | None


def keys_of(asker: Asker, account: str | None, read: Iterable[str]) -> Known:
    """Return what is known of requests on an account's resources; `read`: the keys that policies read."""
    caller, world = asker.caller, asker.world
    base: Context = {"aws:viaawsservice": "false"}
    if asker.endpoint is not None:
        base["aws:requestedregion"] = asker.endpoint.region
    if caller.account is not None:
        base |= principal_keys(world, asker.signer, caller, caller.account)
    if asker.request is not None:
        base |= instance_keys(asker.request, asker.signer)
    if account is not None and account != FOREIGN_ACCOUNT:
        base |= organization_keys(world, account, "aws:resourceorg")
    way = _way(asker)
    given = read_context({key: value for key, value in asker.given.context.items() if value is not None})
    said = {key.lower() for key, value in asker.given.context.items() if value is None}
    named: Context = {**base, **given}
    fill(named, caller, f"{asker.service}:any", f"arn:aws:{asker.service}:::any", account)
    seen = Seen(seen_as=SeenAs(), endpoint=None)
    lacking = {
        key
        for key in read
        if key not in named
        and not key.startswith((*_NETWORK, "aws:sourceip"))
        and known_absent(key, named, caller, asker.signer, seen)
    }
    network = {key: value for key, value in given.items() if key.startswith(_NETWORK)}
    way = {**way, **network}
    lost = said | {key for key in read if key in {"aws:vpceorgid", "aws:vpceorgpaths"} and _no_org(asker)}
    return Known(
        keys=_without_unknown({**base, **given}, said | network.keys()),
        absent=frozenset(lacking | {key for key in said if not key.startswith(_NETWORK)}),
        way=_without_unknown(way, said),
        way_absent=frozenset(key for key in lost if key.startswith(_NETWORK)),
    )


def _without_unknown(context: Context, but: Iterable[str]) -> Context:
    gone = set(but)
    return {key: value for key, value in context.items() if value is not UNKNOWN and key not in gone}


def _way(asker: Asker) -> Context:
    """Return the keys of requests through the endpoint."""
    endpoint = asker.endpoint
    if endpoint is None:
        return {} if asker.given.endpoint is None else {"aws:sourcevpce": asker.given.endpoint}
    made = endpoint_keys(asker.service, asker.world, endpoint)
    made |= {
        "aws:sourcevpce": endpoint.id,
        "aws:sourcevpc": endpoint.vpc_id,
    }
    address = source_address(asker.request)
    if address is not None:
        made["aws:vpcsourceip"] = address
    return made


def _no_org(asker: Asker) -> bool:
    if asker.endpoint is None:
        return False
    found = organization_of(asker.world, asker.endpoint.owner)
    return not isinstance(found, Unknown) and not found.id


def source_address(request: Request | None) -> str | None:
    """Return the one private IPv4 address that sends, where it is known."""
    if request is None or isinstance(request.parts, Unknown):
        return None
    found = {part.address for part in request.parts}
    if len(found) != 1 or None in found:
        return None
    return str(found.pop())


def sends_from_anywhere(request: Request | None) -> bool:
    """Tell whether no source is named, so that requests may come from any address."""
    return request is None or request.question.source.kind is SourceKind.EXTERNAL


def is_service(caller: Who) -> bool:
    """Tell whether an AWS service makes the request: none of its requests takes a caller's way."""
    return caller.kind is Kind.SERVICE
