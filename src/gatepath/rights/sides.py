"""The resource's own side of a permission: its policy, its owner, Block Public Access.

Sources: https://docs.aws.amazon.com/AmazonS3/latest/userguide/troubleshoot-403-errors.html and
https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html
"""

import json
from dataclasses import dataclass, replace

from gatepath.engine.iam.ask import Layer
from gatepath.engine.iam.compiled import Role
from gatepath.engine.iam.principals import STRANGER, Kind, Who
from gatepath.model.naming import Arn
from gatepath.model.policies import AccessBlock, AccessPoint, BucketRights, PolicyText
from gatepath.model.ref import Unknown, unknown
from gatepath.model.world import World
from gatepath.rights.layers import FOREIGN_ACCOUNT, NETWORK_ORIGIN, Part, attach, passing
from gatepath.trace import Component


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a request is made, and who owns its resource as far as the asker says."""

    region: str
    resource_account: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ResourceSide:
    """A resource's own policy and who owns it."""

    account: str | None
    part: Part
    block_public: bool | None = False
    block_gaps: tuple[Unknown, ...] = ()
    acls: bool | None = False
    """Whether access control lists may grant as well, None if it is not known."""


def bucket_side(place: Place, world: World, caller: Who, bucket: str, *, catalogue: bool) -> ResourceSide:
    """Return the bucket's policy and Block Public Access.

    What AWS refuses to show of somebody else's bucket is taken as allowing where the signature, too, is
    somebody else's, or where the bucket is one that AWS publishes for its workloads.
    """
    rights = world.bucket_rights.get(bucket)
    component = Component(type="s3-bucket-policy", id=f"s3:bucket-policy/{bucket}", region=place.region)
    if rights is None:
        gap = unknown("s3", "GetBucketPolicy", request=(("Bucket", bucket),))
        foreign = caller is STRANGER or catalogue
        account = place.resource_account or (FOREIGN_ACCOUNT if catalogue else None)
        return ResourceSide(account=account, part=_resource(component, gap, foreign=foreign))
    account = place.resource_account or rights.owner
    foreign = (caller is STRANGER or catalogue) and rights.denied
    part = _resource(component, rights.policy, foreign=foreign)
    if foreign:
        account = account or (FOREIGN_ACCOUNT if catalogue else None)
        return ResourceSide(account=account, part=part)
    block, gaps = _restricts(world, rights, account)
    ignored = caller.kind is Kind.ANONYMOUS and _ignores_acls(world, rights, account)
    acls = False if ignored else rights.acls
    return ResourceSide(account=account, part=part, block_public=block, block_gaps=gaps, acls=acls)


def _ignores_acls(world: World, rights: BucketRights, account: str | None) -> bool:
    found = (rights.access_block, world.account_access_blocks.get(account or ""))
    return any(isinstance(block, AccessBlock) and block.ignore_public_acls for block in found)


def _restricts(
    world: World, rights: BucketRights, account: str | None
) -> tuple[bool | None, tuple[Unknown, ...]]:
    """Return whether `RestrictPublicBuckets` is on for the bucket or its account (None = not known)."""
    whole = world.account_access_blocks.get(account or "")
    if whole is None:
        whole = unknown("s3control", "GetPublicAccessBlock", account=account)
    found = (rights.access_block, whole)
    if any(not isinstance(block, Unknown) and block.restrict_public_buckets for block in found):
        return True, ()
    gaps = tuple(block for block in found if isinstance(block, Unknown))
    return (None if gaps else False), gaps


def _resource(component: Component, *policies: PolicyText | Unknown | None, foreign: bool = False) -> Part:
    policy = policies[0]
    if foreign and isinstance(policy, Unknown):
        return Part(
            layer=Layer.RESOURCE,
            check="resource-policy",
            component=component,
            attached=(passing(),),
            assumed=(policy,),
        )
    attached, texts, gaps = attach(policies, Role.RESOURCE)
    return Part(
        layer=Layer.RESOURCE,
        check="resource-policy",
        component=component,
        attached=attached,
        texts=texts,
        gaps=gaps,
    )


def access_point_side(point: AccessPoint) -> ResourceSide:
    """Return an access point's own policy; its network origin denies what comes from elsewhere.

    Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-points-vpc.html
    """
    component = Component(
        type="s3-access-point",
        id=f"arn:aws:s3:{point.region}:{point.account}:accesspoint/{point.name}",
        account=point.account,
        region=point.region,
    )
    block = point.access_block
    known = None if isinstance(block, Unknown) else block.restrict_public_buckets
    part = _resource(component, point.policy)
    if point.vpc_id is not None:
        origin = point.vpc_id if isinstance(point.vpc_id, Unknown) else _origin(point.vpc_id)
        attached, texts, gaps = attach((origin,), Role.RESOURCE)
        part = replace(
            part,
            attached=(*(part.attached or ()), *attached),
            texts=(*part.texts, *texts),
            gaps=(*part.gaps, *gaps),
        )
    return ResourceSide(
        account=point.account,
        part=part,
        block_public=known,
        block_gaps=(block,) if isinstance(block, Unknown) else (),
    )


def _origin(vpc_id: str) -> PolicyText:
    denial = {
        "Effect": "Deny",
        "Principal": "*",
        "Action": "*",
        "Resource": "*",
        "Condition": {"StringNotEquals": {"aws:SourceVpc": vpc_id}},
    }
    return PolicyText(text=json.dumps({"Version": "2012-10-17", "Statement": [denial]}), name=NETWORK_ORIGIN)


def table_side(place: Place, world: World, arn: Arn) -> ResourceSide:
    """Return a table's policy, which also covers its indexes; a stream has its own."""
    pieces = arn.resource.split("/")
    whole = Arn(arn.partition, arn.service, arn.region, arn.account, "/".join(pieces[:2]))
    own = arn if len(pieces) > 2 and pieces[2] == "stream" else whole  # noqa: PLR2004 - table/NAME/stream
    name = pieces[1] if len(pieces) > 1 else arn.resource
    component = Component(
        type="dynamodb-table-policy",
        id=f"dynamodb:table-policy/{name}",
        account=arn.account,
        region=arn.region or place.region,
    )
    found = world.table_policies.get(str(own))
    if found is None:
        gap = unknown("dynamodb", "GetResourcePolicy", request=(("ResourceArn", str(own)),))
        return ResourceSide(account=arn.account or None, part=_resource(component, gap))
    return ResourceSide(account=arn.account or None, part=_resource(component, found.policy))


def key_side(key_arn: str, account: str, *policies: PolicyText | Unknown) -> ResourceSide:
    """Return a KMS key's policy, and what else may refuse everybody."""
    component = Component(type="kms-key", id=key_arn, account=account)
    return ResourceSide(account=account, part=_resource(component, *policies))


def unshared_side(bucket: str, owner: str) -> ResourceSide:
    """Return the side of a bucket encrypted with its account's AWS managed key, which nobody else may use.

    Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/troubleshoot-403-errors.html
    """
    part = Part(
        layer=Layer.RESOURCE,
        check="resource-policy",
        component=Component(type="s3-bucket", id=f"s3:bucket/{bucket}", account=owner),
        attached=(),
    )
    return ResourceSide(account=owner, part=part)


def no_side(account: str | None) -> ResourceSide:
    """Return the side of an action without a resource."""
    part = Part(
        layer=Layer.RESOURCE, check="resource-policy", component=Component(type="account", id=""), attached=()
    )
    return ResourceSide(account=account, part=part)
