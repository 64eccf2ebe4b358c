"""All that applies to a request: its permissions, each with every layer of policies."""

from collections.abc import Iterator
from dataclasses import replace

from gatepath.engine.iam.ask import Ask, Attached, Layer
from gatepath.engine.iam.principals import Who
from gatepath.model.naming import Arn
from gatepath.model.policies import AccessPoint
from gatepath.model.ref import Unknown, unknown
from gatepath.model.world import World
from gatepath.request import Request
from gatepath.rights.context import Seen
from gatepath.rights.keys import key_sides
from gatepath.rights.layers import (
    Applied,
    Part,
    endpoint_part,
    guardrail_parts,
    identity_parts,
    open_endpoint_part,
    passing,
)
from gatepath.rights.needs import SESSION, Permission, permissions
from gatepath.rights.published import is_published
from gatepath.rights.sides import (
    Place,
    ResourceSide,
    access_point_side,
    bucket_side,
    no_side,
    table_side,
)
from gatepath.rights.signer import Signer
from gatepath.rights.some import ANY_NAME
from gatepath.trace import Component


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
        for asked, side in key_sides(request, world, caller, _on_bucket(world, permission)):
            made.append(_joined(world, caller, asked, side, identity_parts(who_signs, caller)))
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
        if side.account is not None and side.account == caller.account:
            # what the access point's own policy grants, the bucket has to grant as well
            behind = replace(behind, through=permission.resource)
        else:
            identity = tuple(
                replace(part, attached=(passing(),), texts=(None,), gaps=()) for part in identity
            )
        yield _joined(world, caller, behind, side, (*_some(endpoint), *identity))


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
        acls=side.acls,
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
        if permission.action != SESSION:
            # https://docs.aws.amazon.com/AmazonS3/latest/userguide/s3-express-security-iam.html
            side = replace(side, part=replace(side.part, attached=(), texts=(), gaps=(), assumed=()))
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
