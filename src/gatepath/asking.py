"""What a question asks for: the bucket, table or access point, and the Region it is in."""

import re
from dataclasses import dataclass

from gatepath.engine.hostnames import Host
from gatepath.model.naming import Arn
from gatepath.model.question import Question
from gatepath.model.ref import Unknown
from gatepath.model.world import World

_WILD = re.compile(r"[*?]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """The resource. `given_arn` is an ARN that an SDK must be passed in place of a bucket's name."""

    arn: Arn | None = None
    bucket: str | None = None
    table: str | None = None
    given_arn: Arn | None = None


def target_of(question: Question) -> Target:
    """Return what the question's resource names.

    Sources: https://docs.aws.amazon.com/AmazonS3/latest/userguide/s3-arn-format.html and
    https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazondynamodb.html
    """
    arn = Arn.parse(question.resource or "")
    if arn is None:
        return Target()
    kind, _, rest = arn.resource.partition("/")
    match arn.service:
        case "dynamodb":
            return Target(arn=arn, table=_literal(rest.split("/")[0]) if kind == "table" else None)
        case "s3express":
            name = _literal(rest.split("/")[0]) if kind in {"bucket", "accesspoint"} else None
            return Target(arn=arn, bucket=name)
        case "s3" if not arn.region and not arn.account:
            return Target(arn=arn, bucket=_literal(kind))
        case "s3" | "s3-object-lambda":
            return Target(arn=arn, given_arn=arn)
        case _:
            return Target(arn=arn)


def _literal(name: str) -> str | None:
    return name if name and not _WILD.search(name) else None


def resource_region(target: Target, host: Host, world: World, region: str) -> str | Unknown | None:
    """Return the resource's Region; empty if it is proven not to exist, None if no resource is named."""
    arn = target.arn
    if target.table is not None and arn is not None:
        return _table_region(world, arn.region, target.table)
    if arn is not None and (arn.service == "s3express" or target.given_arn is not None):
        return _literal(arn.region)
    bucket = target.bucket or host.bucket
    return None if bucket is None else _bucket_region(world, bucket, region)


def _table_region(world: World, arn_region: str, name: str) -> str | None:
    """Return the Region in the ARN: a request must go there, recorded or not."""
    if _literal(arn_region) is None:
        return None
    table = world.tables.get(f"{arn_region}/{name}")
    return "" if table is not None and table.exists is False else arn_region


def existence(target: Target, world: World) -> Unknown | None:
    """Return what hides whether a table exists; its Region is in its ARN.

    A table of an account that nobody recorded refuses to be described: it is taken as there.
    """
    arn = target.arn
    if target.table is None or arn is None or _literal(arn.region) is None:
        return None
    found = world.tables.find(f"{arn.region}/{target.table}", region=arn.region)
    accounts = {caller.account for caller in world.callers}
    stranger = bool(accounts) and arn.account not in accounts
    return found if isinstance(found, Unknown) and not stranger else None


def _bucket_region(world: World, name: str, region: str) -> str | Unknown:
    found = world.buckets.find(name, region=region)
    if found is None:
        return ""
    if isinstance(found, Unknown):
        return found
    return "" if found.exists is False else found.region
