"""Policies and what they are attached to. Documents stay raw JSON text; the engine compiles each once."""

from dataclasses import dataclass

from gatepath.model.ref import Ref, Unknown


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyText:
    """A policy document. `name`: the inline policy's name, the managed policy's ARN or id, or empty."""

    text: str
    name: str = ""
    ref: Ref | None = None


Attached = tuple[PolicyText | Unknown, ...]
"""Policies of one entity; an `Unknown` among them could not be read, or may be one of several."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """An IAM role, user or group with its policies (`iam.GetRole`, `iam.GetAccountAuthorizationDetails`, …).

    `exists` False = AWS says that there is none. `arn` has the path that a session's ARN drops.
    """

    kind: str
    """`role`, `user` or `group`."""
    account: str
    name: str
    arn: str | Unknown
    id: str | Unknown
    """`AROA…`, `AIDA…`: the first half of `aws:userid`."""
    exists: bool | Unknown
    policies: Attached
    boundary: PolicyText | Unknown | None
    tags: tuple[tuple[str, str], ...] | Unknown
    ref: Ref | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AccessBlock:
    """The part of Block Public Access that judges requests.

    Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html
    """

    restrict_public_buckets: bool
    ignore_public_acls: bool = False
    ref: Ref | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Encryption:
    """A bucket's default encryption. `key_id` empty = the AWS managed key `aws/s3`."""

    algorithm: str
    """`AES256`, `aws:kms`, `aws:kms:dsse`."""
    key_id: str
    ref: Ref | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class BucketRights:
    """What decides at a bucket. `owner`: the account whose call the owner's answer proves it to be.

    `denied`: AWS refused to show anything of it, as it does for somebody else's bucket.
    """

    name: str
    owner: str | None
    policy: PolicyText | Unknown | None
    access_block: AccessBlock | Unknown
    encryption: Encryption | Unknown | None
    denied: bool
    acls: bool | None = None
    """Whether access control lists count, None if it was not recorded: https://docs.aws.amazon.com/AmazonS3/latest/userguide/about-object-ownership.html"""


@dataclass(frozen=True, slots=True, kw_only=True)
class AccessPoint:
    """`s3control.GetAccessPoint` and its policy. `vpc_id`: its network origin, None = the internet."""

    name: str
    account: str
    region: str
    bucket: str | Unknown
    bucket_account: str | Unknown | None
    vpc_id: str | Unknown | None
    access_block: AccessBlock | Unknown
    policy: PolicyText | Unknown | None
    exists: bool | Unknown
    ref: Ref | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Key:
    """A KMS key (`kms.DescribeKey`, `kms.GetKeyPolicy`)."""

    id: str
    """As it was asked for: key id, alias or ARN."""
    arn: str | Unknown
    account: str | Unknown
    aws_managed: bool | Unknown
    enabled: bool | Unknown
    policy: PolicyText | Unknown
    ref: Ref | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TablePolicy:
    """`dynamodb.GetResourcePolicy`; `policy` None = there is none."""

    arn: str
    policy: PolicyText | Unknown | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Organization:
    """`organizations.DescribeOrganization` as an account sees it; `id` empty = it is in none."""

    account: str
    id: str
    management_account: str
    all_features: bool
    ref: Ref | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class OrganizationTarget:
    """An account, organizational unit or root with its guardrails.

    `parent` empty for the root. `scp`/`rcp` in the order AWS listed them.
    """

    id: str
    parent: str | Unknown
    scp: Attached | Unknown
    rcp: Attached | Unknown
