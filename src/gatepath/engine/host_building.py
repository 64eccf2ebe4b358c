"""Host names as SDKs build them from Region, bucket, addressing and environment.

Sources: the endpoint rules that AWS's SDKs share (https://github.com/boto/botocore),
https://docs.aws.amazon.com/sdkref/latest/guide/feature-account-endpoints.html and
https://docs.aws.amazon.com/sdkref/latest/guide/feature-ss-endpoints.html
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from gatepath.engine.sdks import DEFAULT_SDK, Sdk, environment, family, is_on
from gatepath.model.naming import Arn, dns_suffix, dualstack_suffix, partition
from gatepath.trace import Assumption

GLOBAL = "aws-global"
_HOSTABLE = re.compile(r"[a-z0-9][a-z0-9-]{1,61}[a-z0-9]")
_DIRECTORY = re.compile(r".+--(?P<zone>[a-z0-9-]+)--xa?-s3")
_ACCOUNT_PARTITIONS = frozenset({"aws", "aws-cn", "aws-us-gov"})
_STREAMS = frozenset({"GetRecords", "GetShardIterator", "DescribeStream", "ListStreams"})
_ZONAL = frozenset(
    {
        "AbortMultipartUpload",
        "CompleteMultipartUpload",
        "CopyObject",
        "CreateMultipartUpload",
        "CreateSession",
        "DeleteObject",
        "DeleteObjects",
        "GetObject",
        "GetObjectAttributes",
        "HeadBucket",
        "HeadObject",
        "ListBucket",
        "ListMultipartUploads",
        "ListObjectsV2",
        "ListParts",
        "PutObject",
        "RenameObject",
        "UploadPart",
        "UploadPartCopy",
    }
)
"""Operations of directory buckets' Zonal endpoint; all others go to the Regional one.
https://docs.aws.amazon.com/AmazonS3/latest/userguide/s3-express-differences.html"""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Ask:
    """What an SDK looks at. `region` None = it knows none."""

    region: str | None
    bucket: str | None
    sdk: Sdk
    words: frozenset[str]
    env: Mapping[str, str]
    account_id: str | None
    resource: Arn | None
    operation: str | None

    @property
    def dualstack(self) -> bool:
        """Tell whether a dual-stack name is asked for."""
        return "dualstack" in self.words or is_on(self.env, "AWS_USE_DUALSTACK_ENDPOINT")

    @property
    def fips(self) -> bool:
        """Tell whether a FIPS name is asked for."""
        return "fips" in self.words or is_on(self.env, "AWS_USE_FIPS_ENDPOINT")


def build_hostname(  # noqa: PLR0913 - all that an SDK looks at, by name
    *,
    service: str,
    region: str | None,
    bucket: str | None = None,
    sdk: str | None = None,
    addressing: str | None = None,
    env: Mapping[str, str] | None = None,
    account_id: str | None = None,
    resource: Arn | None = None,
    operation: str | None = None,
) -> tuple[str, tuple[Assumption, ...]]:
    """Return the host an SDK contacts, and what was assumed about it.

    `region` None or `aws-global` means that none is configured: S3 then has its global name, DynamoDB none
    at all (raises `ValueError`). `account_id` is the account the credentials name, `resource` an ARN that
    is passed in place of a bucket's or table's name.
    """
    ask = _Ask(
        region=None if region == GLOBAL else region,
        bucket=bucket,
        sdk=family(sdk),
        words=frozenset(word.strip() for word in (addressing or "").split(",")),
        env=env or {},
        account_id=account_id or environment(env, "AWS_ACCOUNT_ID") or None,
        resource=resource,
        operation=operation,
    )
    custom = configured_endpoint(service, ask.env)
    if custom is not None:
        variable, url = custom
        name = urlsplit(url).hostname or ""
        if "virtual" in ask.words and _hostable(bucket):
            name = f"{bucket}.{name}"
        return name, (
            Assumption(
                code="assumption.endpoint-url", arguments=(("variable", variable), ("hostname", name))
            ),
        )
    name = _dynamodb(ask) if service == "dynamodb" else _s3(ask, service)
    known = Assumption(
        code="assumption.sdk-not-known" if ask.sdk is Sdk.OTHER else "assumption.hostname-form",
        arguments=(("hostname", name), ("sdk", sdk or DEFAULT_SDK)),
    )
    sure = ask.sdk in {Sdk.PYTHON, Sdk.JAVASCRIPT} and sdk is not None
    return name, () if sure else (known,)


def configured_endpoint(service: str, env: Mapping[str, str] | None) -> tuple[str, str] | None:
    """Return (variable, URL) of an endpoint that the environment sets for the service."""
    if is_on(env, "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS"):
        return None
    own = "AWS_ENDPOINT_URL_DYNAMODB" if service == "dynamodb" else "AWS_ENDPOINT_URL_S3"
    for variable in (own, "AWS_ENDPOINT_URL"):
        if value := environment(env, variable):
            return variable, value if "//" in value else f"https://{value}"
    return None


def _hostable(bucket: str | None) -> bool:
    """Tell whether a bucket's name may stand in a host name under TLS (no dots: one label)."""
    return bucket is not None and _HOSTABLE.fullmatch(bucket) is not None


def legacy_global(sdk: Sdk, region: str | None, env: Mapping[str, str]) -> bool:
    """Tell whether the SDK uses S3's global name: botocore without a Region, and its default in us-east-1."""
    if region is None:
        return True
    if region != "us-east-1" or sdk is not Sdk.PYTHON:
        return False
    return environment(env, "AWS_S3_US_EAST_1_REGIONAL_ENDPOINT").lower() != "regional"


def _s3(ask: _Ask, service: str) -> str:
    if ask.resource is not None and (point := _access_point(ask, ask.resource)):
        return point
    directory = _DIRECTORY.fullmatch(ask.bucket or "")
    if directory is not None or service == "s3express" or ask.operation == "ListDirectoryBuckets":
        return _express(ask, directory["zone"] if directory is not None else None)
    region = ask.region or "us-east-1"
    suffix = dns_suffix(region)
    virtual = _hostable(ask.bucket) and "path" not in ask.words and ask.operation != "GetBucketLocation"
    bucket = f"{ask.bucket}." if virtual else ""
    dual = ".dualstack" if ask.dualstack else ""
    if "accelerate" in ask.words and _hostable(ask.bucket):
        return f"{ask.bucket}.s3-accelerate{dual}.{suffix}"
    if legacy_global(ask.sdk, ask.region, ask.env) and not ask.fips and not dual:
        return f"{bucket}s3.{suffix}"
    return f"{bucket}s3{'-fips' if ask.fips else ''}{dual}.{region}.{suffix}"


def _access_point(ask: _Ask, arn: Arn) -> str | None:
    """Return the host of an access point's ARN: in the ARN's own Region, whatever the client's."""
    kind, _, rest = arn.resource.replace("/", ":").partition(":")
    name = rest.split(":")[0]
    if arn.service not in {"s3", "s3-object-lambda"} or kind != "accesspoint" or not name:
        return None
    if not arn.region:
        return f"{name}.accesspoint.s3-global.{dns_suffix(ask.region or '')}"
    label = "s3-accesspoint" if arn.service == "s3" else "s3-object-lambda"
    fips = "-fips" if ask.fips else ""
    dual = ".dualstack" if ask.dualstack and arn.service == "s3" else ""
    return f"{name}-{arn.account}.{label}{fips}{dual}.{arn.region}.{dns_suffix(arn.region)}"


def _express(ask: _Ask, zone: str | None) -> str:
    region = ask.region or "us-east-1"
    fips = "-fips" if ask.fips else ""
    dual = ".dualstack" if ask.dualstack else ""
    if zone is None or (ask.operation is not None and ask.operation not in _ZONAL):
        return f"s3express-control{fips}{dual}.{region}.{dns_suffix(region)}"
    return f"{ask.bucket}.s3express{fips}-{zone}{dual}.{region}.{dns_suffix(region)}"


def _dynamodb(ask: _Ask) -> str:
    region = ask.region
    if region is None:
        raise ValueError("DynamoDB has no name without a Region")
    suffix = dualstack_suffix(region) if ask.dualstack else dns_suffix(region)
    if ask.operation in _STREAMS:
        label = "streams-dynamodb" if ask.dualstack else "streams.dynamodb"
        return f"{label}.{region}.{suffix}"
    if ask.fips:
        gov = region.startswith("us-gov-") and not ask.dualstack
        return f"dynamodb{'' if gov else '-fips'}.{region}.{suffix}"
    account = ask.account_id
    if ask.resource is not None and ask.resource.region == region and ask.resource.account:
        account = ask.resource.account
    mode = environment(ask.env, "AWS_ACCOUNT_ID_ENDPOINT_MODE").lower()
    if account and partition(region) in _ACCOUNT_PARTITIONS and mode != "disabled":
        return f"{account}.ddb.{region}.{suffix}"
    return f"dynamodb.{region}.{suffix}"
