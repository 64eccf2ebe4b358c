"""Which buckets and tables a question is about: those recorded, those that policies name, and any other."""

from collections.abc import Iterable, Iterator

from gatepath.engine.iam.compiled import Policy
from gatepath.model.naming import Arn, partition
from gatepath.model.ref import Unknown
from gatepath.model.world import World

_WILD = frozenset("*?$")
_TABLE_PARTS = 2


def named(policies: Iterable[Policy], service: str) -> Iterator[str]:
    """Yield ARNs of the buckets or tables that policies name without wildcards."""
    for policy in policies:
        for rule in policy.rules:
            for text in (*(rule.statement.resources or ()), *(rule.statement.not_resources or ())):
                found = whole_arn(text, service)
                if found is not None:
                    yield found


def whole_arn(text: str, service: str) -> str | None:
    """Return the ARN of the bucket or table that an ARN is in; None where it names none."""
    arn = Arn.parse(text)
    if arn is None or arn.service != service:
        return None
    if service == "s3":
        name = arn.resource.partition("/")[0]
        plain = not arn.account and not arn.region and name
        return f"arn:{arn.partition}:s3:::{name}" if plain and not _WILD & set(name) else None
    pieces = arn.resource.split("/")
    if len(pieces) < _TABLE_PARTS or pieces[0] != "table" or not pieces[1]:
        return None
    made = str(Arn(arn.partition, arn.service, arn.region, arn.account, f"table/{pieces[1]}"))
    return None if _WILD & set(made) or not arn.account or not arn.region else made


def recorded(world: World, service: str, region: str, account: str | None) -> Iterator[str]:
    """Yield ARNs of the buckets or tables that a recording knows."""
    place = partition(region)
    if service == "s3":
        names = (*(bucket.name for bucket in world.buckets), *(rights.name for rights in world.bucket_rights))
        yield from (f"arn:{place}:s3:::{name}" for name in names if name)
        return
    for table in world.tables:
        owner = table.account or account
        if owner:
            yield f"arn:{place}:dynamodb:{table.region}:{owner}:table/{table.name}"
    for policy in world.table_policies:
        found = whole_arn(policy.arn, service)
        if found is not None and "/stream/" not in policy.arn:
            yield found


def out_of_reach(world: World, arn: str, region: str) -> str:
    """Return why no request through a Region's endpoint is about a resource, or an empty text.

    Source: https://docs.aws.amazon.com/vpc/latest/privatelink/vpc-endpoints-s3.html
    """
    found = Arn.parse(arn)
    if found is None or not region:
        return ""
    if found.service == "dynamodb":
        table = world.tables.get(f"{found.region}/{found.resource.partition('/')[2]}")
        if table is not None and table.exists is False:
            return "missing"
        return "other-region" if found.region != region else ""
    bucket = world.buckets.get(found.resource)
    if bucket is None:
        return ""
    if bucket.exists is False:
        return "missing"
    return "other-region" if not isinstance(bucket.region, Unknown) and bucket.region != region else ""


def any_other(service: str, region: str, account: str) -> tuple[str, str]:
    """Return the pattern of all buckets or tables of an account, and what it may stand for."""
    place = partition(region)
    if service == "s3":
        return f"arn:{place}:s3:::*", "example-bucket"
    return f"arn:{place}:dynamodb:{region}:{account}:table/*", "example-table"
