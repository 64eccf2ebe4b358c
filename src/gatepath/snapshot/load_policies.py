"""Bucket, access point, key and table policies, Block Public Access: AWS shapes to model."""

from collections.abc import Iterator
from functools import partial
from typing import Any, TypeVar

from gatepath.model import policies as m
from gatepath.model.ref import Unknown
from gatepath.snapshot import wire_policies as w
from gatepath.snapshot.answered import asked, missing, one, page_spot, policy_text
from gatepath.snapshot.listing import Row, listing
from gatepath.snapshot.pages import DENIED, Page, Recording

T = TypeVar("T")
BUCKET_CALLS = ("s3.GetBucketPolicy", "s3.GetPublicAccessBlock", "s3.GetBucketEncryption")
_ENFORCED = "BucketOwnerEnforced"
NO_BLOCK = m.AccessBlock(restrict_public_buckets=False)


def policy_listings(recording: Recording) -> dict[str, Any]:
    """Return the listings of this area by their name in `World`."""
    return {
        "bucket_rights": listing(recording, _buckets(recording), *BUCKET_CALLS, coverage=()),
        "account_access_blocks": listing(
            recording, _account_blocks(recording), "s3control.GetPublicAccessBlock", coverage=()
        ),
        "access_points": listing(
            recording, _access_points(recording), "s3control.GetAccessPoint", coverage=()
        ),
        "keys": listing(recording, _keys(recording), "kms.DescribeKey", coverage=()),
        "table_policies": listing(
            recording, _table_policies(recording), "dynamodb.GetResourcePolicy", coverage=()
        ),
    }


def _known(value: T | Unknown | None, absent: T) -> T | Unknown:
    return absent if value is None else value


def _names(recording: Recording, calls: tuple[str, ...], *keys: str) -> Iterator[tuple[str, ...]]:
    """Yield the request members that the calls were made with, each combination once."""
    seen: dict[tuple[str, ...], None] = {}
    for name in calls:
        for answered in recording.of(name):
            seen[tuple(str(answered.request.get(key, "")) for key in keys)] = None
    yield from seen


def _buckets(recording: Recording) -> Iterator[Row]:
    for (name,) in _names(recording, BUCKET_CALLS, "Bucket"):
        yield Row(name, "", "", "", partial(_bucket, recording, name))


def _bucket(recording: Recording, name: str) -> m.BucketRights:
    """Return a bucket's rights. That the policy was shown (or that there is none) proves the owner.

    Source: https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetBucketPolicy.html
    """
    calls = asked(recording, "s3.GetBucketPolicy", Bucket=name)
    shown = [answered for answered in calls if answered.gap() is None and not answered.not_found]
    every = [answered for call in BUCKET_CALLS for answered in asked(recording, call, Bucket=name)]
    acls = one(recording, "s3.GetBucketOwnershipControls", _acls, Bucket=name)
    return m.BucketRights(
        name=name,
        owner=shown[0].account if shown else None,
        policy=one(recording, "s3.GetBucketPolicy", _policy, Bucket=name),
        access_block=_known(one(recording, "s3.GetPublicAccessBlock", _block, Bucket=name), NO_BLOCK),
        encryption=one(recording, "s3.GetBucketEncryption", _encryption, Bucket=name),
        acls=acls if isinstance(acls, bool) else None,
        denied=bool(calls) and all(answered.error in DENIED for answered in every),
    )


def _policy(page: Page, answer: w.PolicyAnswer) -> m.PolicyText | None:
    return None if answer.Policy is None else policy_text(page_spot(page, "/Policy"), answer.Policy)


def _acls(_: Page, answer: w.OwnershipAnswer) -> bool:
    return any(rule.ObjectOwnership not in {"", _ENFORCED} for rule in answer.OwnershipControls.Rules)


def _block(page: Page, answer: w.AccessBlockAnswer) -> m.AccessBlock:
    pointer = "/PublicAccessBlockConfiguration/RestrictPublicBuckets"
    return m.AccessBlock(
        restrict_public_buckets=answer.PublicAccessBlockConfiguration.RestrictPublicBuckets,
        ignore_public_acls=answer.PublicAccessBlockConfiguration.IgnorePublicAcls,
        ref=page_spot(page, pointer).ref,
    )


def _encryption(page: Page, answer: w.EncryptionAnswer) -> m.Encryption | None:
    for number, rule in enumerate(answer.ServerSideEncryptionConfiguration.Rules):
        default = rule.ApplyServerSideEncryptionByDefault
        if default is not None:
            place = f"/ServerSideEncryptionConfiguration/Rules/{number}"
            return m.Encryption(
                algorithm=default.SSEAlgorithm,
                key_id=default.KMSMasterKeyID or "",
                ref=page_spot(page, place).ref,
            )
    return None


def _account_blocks(recording: Recording) -> Iterator[Row]:
    name = "s3control.GetPublicAccessBlock"
    for (account,) in _names(recording, (name,), "AccountId"):
        make = partial(_account_block, recording, name, account)
        yield Row(account, "", "", "", make)


def _account_block(recording: Recording, name: str, account: str) -> m.AccessBlock | Unknown:
    return _known(one(recording, name, _block, AccountId=account), NO_BLOCK)


def _access_points(recording: Recording) -> Iterator[Row]:
    calls = ("s3control.GetAccessPoint", "s3control.GetAccessPointPolicy")
    seen: dict[tuple[str, str, str], None] = {}
    for call in calls:
        for answered in recording.of(call):
            request = answered.request
            place = str(request.get("AccountId", "")), answered.region, str(request.get("Name", ""))
            seen[place] = None
    for account, region, name in seen:
        make = partial(_access_point, recording, account, region, name)
        yield Row(f"{account}/{region}/{name}", "", "", "", make)


def _access_point(recording: Recording, account: str, region: str, name: str) -> m.AccessPoint:
    place = {"AccountId": account, "Name": name}
    found = one(recording, "s3control.GetAccessPoint", lambda page, answer: (page, answer), **place)
    policy = one(recording, "s3control.GetAccessPointPolicy", _policy, **place)
    common = {"name": name, "account": account, "region": region, "policy": policy}
    if found is None or isinstance(found, Unknown):
        gap = found if found is not None else missing("s3control.GetAccessPoint", None, **place)
        return m.AccessPoint(
            **common,  # type: ignore[arg-type]
            bucket=gap,
            bucket_account=gap,
            vpc_id=gap,
            access_block=gap,
            exists=False if found is None else gap,
        )
    page, answer = found
    vpc = answer.VpcConfiguration
    return m.AccessPoint(
        **common,  # type: ignore[arg-type]
        bucket=answer.Bucket,
        bucket_account=answer.BucketAccountId,
        vpc_id=vpc.VpcId if vpc is not None else None,
        access_block=_block(page, answer),
        exists=True,
        ref=page_spot(page).ref,
    )


def _keys(recording: Recording) -> Iterator[Row]:
    for (name,) in _names(recording, ("kms.DescribeKey", "kms.GetKeyPolicy"), "KeyId"):
        yield Row(name, "", "", "", partial(_key, recording, name))


def _key(recording: Recording, name: str) -> m.Key:
    found = one(recording, "kms.DescribeKey", lambda page, answer: (page, answer), KeyId=name)
    gap = found if isinstance(found, Unknown) else missing("kms.DescribeKey", None, KeyId=name)
    if found is None or isinstance(found, Unknown):
        policy = one(recording, "kms.GetKeyPolicy", _policy, KeyId=name)
        return m.Key(
            id=name,
            arn=name if name.startswith("arn:") and ":key/" in name else gap,
            account=name.split(":")[4] if name.startswith("arn:") else gap,
            aws_managed=gap,
            enabled=gap,
            policy=gap if policy is None else policy,
        )
    page, answer = found
    row = answer.KeyMetadata
    key_id = row.Arn.rpartition("/")[2]
    policies = [
        one(recording, "kms.GetKeyPolicy", _policy, KeyId=asked_for)
        for asked_for in dict.fromkeys((row.Arn, name, key_id))
        if asked(recording, "kms.GetKeyPolicy", KeyId=asked_for)
    ]
    policy = policies[0] if policies else missing("kms.GetKeyPolicy", None, KeyId=row.Arn)
    return m.Key(
        id=name,
        arn=row.Arn,
        account=row.AWSAccountId or row.Arn.split(":")[4],
        aws_managed=row.KeyManager == "AWS",
        enabled=row.Enabled,
        policy=missing("kms.GetKeyPolicy", None, KeyId=row.Arn) if policy is None else policy,
        ref=page_spot(page, "/KeyMetadata").ref,
    )


def _table_policies(recording: Recording) -> Iterator[Row]:
    name = "dynamodb.GetResourcePolicy"
    for (arn,) in _names(recording, (name,), "ResourceArn"):
        yield Row(arn, "", "", "", partial(_table_policy, recording, name, arn))


def _table_policy(recording: Recording, name: str, arn: str) -> m.TablePolicy:
    return m.TablePolicy(arn=arn, policy=one(recording, name, _policy, ResourceArn=arn))
