"""All that applies to a request: its permissions, each with every layer of policies."""

from collections.abc import Iterator
from dataclasses import replace

from gatepath.engine.iam.ask import Ask, Attached, Layer
from gatepath.engine.iam.principals import Who
from gatepath.model.naming import Arn
from gatepath.model.policies import AccessPoint, Key
from gatepath.model.ref import Unknown, unknown
from gatepath.model.world import World
from gatepath.request import Request
from gatepath.rights.context import Seen
from gatepath.rights.layers import (
    Applied,
    Part,
    Place,
    ResourceSide,
    access_point_side,
    bucket_side,
    endpoint_part,
    guardrail_parts,
    identity_parts,
    key_side,
    no_side,
    open_endpoint_part,
    passing,
    table_side,
)
from gatepath.rights.needs import Permission, key_action, permissions
from gatepath.rights.published import is_published
from gatepath.rights.signer import Signer
from gatepath.rights.some import ANY_NAME
from gatepath.trace import Component

_KMS = frozenset({"aws:kms", "aws:kms:dsse"})
_MANAGED_KEY = frozenset({"", "alias/aws/s3"})


def applied(
    request: Request,
    world: World,
    seen: Seen,
    who_signs: Signer,
    caller: Who,
    wanted: tuple[Permission, ...] | None = None,
) -> tuple[Applied, ...]:
    """Return each permission the request needs with all that applies to it."""
    needed = permissions(request.question) if wanted is None else wanted
    made: list[Applied] = []
    for named in needed:
        permission = _complete(named, request.account)
        made += _of(request, world, seen, who_signs, caller, permission)
        key = _key_permission(request, world, caller, _on_bucket(world, permission))
        if key is not None:
            made.append(_with_key(world, who_signs, caller, *key))
    return tuple(made)


def applied_to_anyone(request: Request, world: World, seen: Seen, signed_by: Unknown) -> tuple[Applied, ...]:
    """Return the permissions with the one layer that counts whoever signs: the endpoint policy."""
    endpoint = endpoint_part(seen.endpoint) if seen.known else open_endpoint_part(request, world)
    if endpoint is None:
        return ()
    open_parts = tuple(
        Part(
            layer=layer,
            check=check,
            component=Component(type="principal", id=""),
            attached=(None,),
            texts=(None,),
            gaps=(signed_by,),
        )
        for layer, check in ((Layer.IDENTITY, "identity-policy"), (Layer.RESOURCE, "resource-policy"))
    )
    return tuple(
        Applied(permission=_complete(needed, request.account), account=None, parts=(endpoint, *open_parts))
        for needed in permissions(request.question)
        if not needed.optional
    )


def _complete(permission: Permission, account: str) -> Permission:
    """Return the permission with the account in its ARN, where a service's ARNs have one."""
    arn = Arn.parse(permission.resource)
    if arn is None or arn.account or arn.service not in {"dynamodb", "s3express"} or not account:
        return permission
    whole = Arn(arn.partition, arn.service, arn.region, account, arn.resource)
    return replace(permission, resource=str(whole))


def layers_of(ask: Ask, parts: tuple[Part, ...]) -> Ask:
    """Return the ask with the policies of its parts."""
    found: dict[str, object] = {}
    for part in parts:
        attached = part.attached or ()
        if part.layer in {Layer.SCP, Layer.RCP}:
            found[part.layer.value] = tuple(_cut(attached, part.levels))
        else:
            found[part.layer.value] = attached
    return replace(ask, **found)  # type: ignore[arg-type]


def _cut(attached: Attached, sizes: tuple[int, ...]) -> Iterator[Attached]:
    start = 0
    for size in sizes:
        yield attached[start : start + size]
        start += size


def _of(
    request: Request, world: World, seen: Seen, who_signs: Signer, caller: Who, permission: Permission
) -> Iterator[Applied]:
    endpoint = endpoint_part(seen.endpoint) if seen.known else open_endpoint_part(request, world)
    if permission.action.lower() == "dynamodb:describeendpoints" and seen.known and seen.endpoint is None:
        return  # https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/inter-network-traffic-privacy.html
    identity = identity_parts(who_signs, caller)
    point = _access_point(world, permission)
    if point is None:
        side = resource_side(_place(request), world, caller, permission)
        yield _joined(world, caller, permission, side, (*_some(endpoint), *identity))
        return
    first = access_point_side(point)
    yield _joined(world, caller, permission, first, (*_some(endpoint), *identity))
    if isinstance(point.bucket, str):
        behind = _behind(permission, point.bucket)
        side = bucket_side(_place(request), world, caller, point.bucket, catalogue=False)
        if isinstance(point.bucket_account, str):
            side = replace(side, account=point.bucket_account)
        passed = tuple(replace(part, attached=(passing(),), texts=(None,), gaps=()) for part in identity)
        yield _joined(world, caller, behind, side, (*_some(endpoint), *passed))


def _some(part: Part | None) -> tuple[Part, ...]:
    return () if part is None else (part,)


def _joined(
    world: World, caller: Who, permission: Permission, side: ResourceSide, parts: tuple[Part, ...]
) -> Applied:
    account = side.account
    if permission.resource == "*" and account is None:
        account = caller.account
    return Applied(
        permission=permission,
        account=account,
        parts=(*parts, side.part, *guardrail_parts(world, caller, account)),
        block_public=side.block_public,
        block_gaps=side.block_gaps,
    )


def _place(request: Request) -> Place:
    return Place(region=request.region, resource_account=request.question.resource_account)


def resource_side(place: Place, world: World, caller: Who, permission: Permission) -> ResourceSide:
    """Return the policy of the resource that a permission is on, and its owner."""
    arn = Arn.parse(permission.resource)
    if arn is None:
        return no_side(caller.account)
    if arn.service == "dynamodb":
        if arn.resource.startswith(f"table/{ANY_NAME}"):
            return no_side(caller.account)
        return table_side(place, world, arn)
    if arn.service == "s3express":
        name = arn.resource.split("/")[1] if "/" in arn.resource else arn.resource
        side = bucket_side(place, world, caller, name, catalogue=False)
        return replace(side, account=arn.account or side.account, block_public=False, block_gaps=())
    bucket = arn.resource.partition("/")[0]
    if bucket == ANY_NAME:
        return no_side(caller.account)
    return bucket_side(place, world, caller, bucket, catalogue=is_published(bucket))


def _access_point(world: World, permission: Permission) -> AccessPoint | None:
    """Return the access point that the resource names."""
    arn = Arn.parse(permission.resource)
    if arn is None or arn.service != "s3" or not arn.resource.startswith("accesspoint/"):
        return None
    name = arn.resource.split("/")[1]
    found = world.access_points.get(f"{arn.account}/{arn.region}/{name}")
    if found is not None:
        return found
    gap = unknown("s3control", "GetAccessPoint", request=(("AccountId", arn.account), ("Name", name)))
    return AccessPoint(
        name=name,
        account=arn.account,
        region=arn.region,
        bucket=gap,
        bucket_account=gap,
        vpc_id=gap,
        access_block=gap,
        policy=gap,
        exists=gap,
    )


def _on_bucket(world: World, permission: Permission) -> Permission:
    """Return the permission, on the bucket where it is on an access point whose bucket is known."""
    point = _access_point(world, permission)
    return (
        permission
        if point is None or not isinstance(point.bucket, str)
        else _behind(permission, point.bucket)
    )


def _behind(permission: Permission, bucket: str) -> Permission:
    """Return the permission on the bucket behind an access point."""
    arn = Arn.parse(permission.resource)
    if arn is None:
        return permission
    rest = arn.resource.partition("/object/")[2]
    point = replace(arn, resource="/".join(arn.resource.split("/")[:2]))
    whole = Arn(arn.partition, "s3", "", "", f"{bucket}/{rest}" if rest else bucket)
    return replace(permission, resource=str(whole), access_point=str(point))


def _key_permission(  # noqa: PLR0911 - one return a reason why no key is asked for
    request: Request, world: World, caller: Who, permission: Permission
) -> tuple[Permission, Key | Unknown] | None:
    """Return what S3 asks KMS for on the caller's behalf, where the bucket encrypts with a customer's key.

    Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/troubleshoot-403-errors.html
    """
    arn, action = Arn.parse(permission.resource), key_action(permission)
    if arn is None or action is None or arn.service != "s3" or arn.account or caller.account is None:
        return None
    bucket = arn.resource.partition("/")[0]
    rights = world.bucket_rights.get(bucket)
    if rights is None or (rights.denied and is_published(bucket)):
        return None
    found = rights.encryption
    service = f"s3.{request.host.region or request.region}.amazonaws.com"
    needed = Permission(action=action, resource="*", via_service=service)
    if isinstance(found, Unknown):
        return needed, found
    if found is None or found.algorithm not in _KMS or found.key_id in _MANAGED_KEY:
        return None
    key = world.keys.get(found.key_id)
    if key is None:
        return needed, unknown("kms", "DescribeKey", request=(("KeyId", found.key_id),))
    if key.aws_managed is True:
        return None
    return needed, key


def _with_key(
    world: World, who_signs: Signer, caller: Who, permission: Permission, key: Key | Unknown
) -> Applied:
    identity = identity_parts(who_signs, caller)
    if isinstance(key, Unknown) or isinstance(key.arn, Unknown) or isinstance(key.account, Unknown):
        gap = key if isinstance(key, Unknown) else key.arn if isinstance(key.arn, Unknown) else key.policy
        missing = gap if isinstance(gap, Unknown) else unknown("kms", "DescribeKey")
        side = key_side("kms:key", "", missing)
        return Applied(permission=permission, account=None, parts=(*identity, side.part))
    needed = replace(permission, resource=key.arn)
    side = key_side(key.arn, key.account, key.policy)
    return _joined(world, caller, needed, side, identity)
