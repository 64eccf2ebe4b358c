"""What S3 asks KMS for on the caller's behalf, where a bucket encrypts with a KMS key.

Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/troubleshoot-403-errors.html
"""

import json
from collections.abc import Iterator
from dataclasses import replace

from gatepath.engine.iam.principals import STRANGER, Kind, Who
from gatepath.model.naming import Arn, partition
from gatepath.model.policies import BucketRights, Encryption, Key, PolicyText
from gatepath.model.ref import Unknown, unknown
from gatepath.model.world import World
from gatepath.request import Request
from gatepath.rights.layers import KEY_DISABLED
from gatepath.rights.needs import Permission, key_actions
from gatepath.rights.published import is_published
from gatepath.rights.sides import ResourceSide, key_side, unshared_side

_KMS = frozenset({"aws:kms", "aws:kms:dsse"})
_OWN_ALIAS = "alias/aws/s3"
_MANAGED_KEY = frozenset({"", _OWN_ALIAS})


def key_sides(
    request: Request, world: World, caller: Who, permission: Permission
) -> Iterator[tuple[Permission, ResourceSide]]:
    """Yield each permission on the key that encrypts the bucket by default, with the key's side."""
    rights = _rights(world, caller, permission)
    if rights is None:
        return
    for action in key_actions(permission):
        service = f"{_service(permission)}.{request.host.region or request.region}.amazonaws.com"
        needed = Permission(action=action, resource="*", via_service=service)
        made = _side(request, world, caller, rights, needed)
        if made is not None:
            yield made


def _service(permission: Permission) -> str:
    return "s3" if permission.action.startswith("s3:") else "s3express"


def _rights(world: World, caller: Who, permission: Permission) -> BucketRights | None:
    """Return the bucket's settings; None where no key of it is asked for, or its owner's is assumed to allow."""
    arn = Arn.parse(permission.resource)
    if arn is None or caller.kind is Kind.SERVICE:
        return None
    if arn.service == "s3express":
        bucket = arn.resource.removeprefix("bucket/")
    elif arn.service == "s3" and not arn.account:
        bucket = arn.resource.partition("/")[0]
    else:
        return None
    rights = world.bucket_rights.get(bucket)
    assumed = rights is not None and rights.denied and (caller is STRANGER or is_published(bucket))
    return None if assumed else rights


def _side(
    request: Request, world: World, caller: Who, rights: BucketRights, needed: Permission
) -> tuple[Permission, ResourceSide] | None:
    found = rights.encryption
    if isinstance(found, Unknown):
        return needed, replace(key_side("kms:key", "", found), account=None)
    if found is None or found.algorithm not in _KMS:
        return None
    key = None if found.key_id in _MANAGED_KEY else world.keys.get(found.key_id)
    if found.key_id in _MANAGED_KEY or (key is not None and key.aws_managed is True):
        return _managed(request, caller, rights, needed)
    if key is None:
        gap = unknown("kms", "DescribeKey", request=(("KeyId", found.key_id),))
        return needed, replace(key_side("kms:key", "", gap), account=None)
    return _customers(found, key, needed)


def _customers(found: Encryption, key: Key, needed: Permission) -> tuple[Permission, ResourceSide]:
    if isinstance(key.arn, Unknown) or isinstance(key.account, Unknown):
        gap = key.arn if isinstance(key.arn, Unknown) else key.policy
        missing = gap if isinstance(gap, Unknown) else unknown("kms", "DescribeKey")
        return needed, replace(key_side(found.key_id or "kms:key", "", missing), account=None)
    needed = replace(needed, resource=key.arn)
    if key.enabled is False:
        return needed, key_side(key.arn, key.account, _disabled())
    more = (key.enabled,) if isinstance(key.enabled, Unknown) else ()
    return needed, key_side(key.arn, key.account, key.policy, *more)


def _disabled() -> PolicyText:
    """Return what a key that is not enabled comes to: KMS refuses everybody.

    Source: https://docs.aws.amazon.com/kms/latest/APIReference/API_Decrypt.html
    """
    denial = {"Effect": "Deny", "Principal": "*", "Action": "*", "Resource": "*"}
    return PolicyText(text=json.dumps({"Version": "2012-10-17", "Statement": [denial]}), name=KEY_DISABLED)


def _managed(
    request: Request, caller: Who, rights: BucketRights, needed: Permission
) -> tuple[Permission, ResourceSide] | None:
    """Return the side of the AWS managed key, which serves its own account only; None within it."""
    owner = request.question.resource_account or rights.owner
    if owner is None or owner == caller.account:
        return None
    region = request.host.region or request.region
    arn = f"arn:{partition(region)}:kms:{region}:{owner}:{_OWN_ALIAS}"
    return replace(needed, resource=arn), unshared_side(rights.name, owner)
