"""Host names: which addresses a name stands for by its form. SDKs build them in `host_building`.

Sources: https://docs.aws.amazon.com/vpc/latest/privatelink/gateway-endpoints.html,
https://docs.aws.amazon.com/AmazonS3/latest/userguide/VirtualHosting.html and the pages named at the forms.
"""

import re
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import lru_cache

from gatepath.engine.host_building import build_hostname

__all__ = ["DOCUMENTED_OUTSIDE", "Host", "Reach", "build_hostname", "classify"]


class Reach(StrEnum):
    """Whether a name's addresses are in a gateway endpoint's prefix list."""

    YES = "yes"
    NO = "no"
    """Documented or measured: not by a gateway endpoint."""
    BELIEVED = "believed"
    """Believed inside the list: an answer that rests on it is `suspect`."""
    GLOBAL = "global"
    """Legacy global name: us-east-1, or by DNS where the bucket is."""
    OTHER = "other"
    """Not a name of the service."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Host:
    """A host name and what it says by its form."""

    name: str
    service: str
    """The service whose prefix list counts: `s3`, `dynamodb`, `s3express`; empty if none."""
    region: str | None
    """The Region in the name; None for global names and foreign ones."""
    form: str
    """`regional`, `global`, `dash`, `dualstack`, `fips`, `fips-dualstack`, `accelerate`, `website`,
    `control`, `access-point`, `object-lambda`, `multi-region-access-point`, `account`, `streams`,
    `zonal`, `endpoint-specific`, `tables`, `file-system`, `outposts-like`, `dax`, `other-service`,
    `foreign`."""
    reach: Reach
    dualstack: bool
    bucket: str | None
    """The bucket in the name (virtual-hosted style), if any."""
    endpoint_id: str | None = None
    """`vpce-…` of an endpoint-specific name."""


@dataclass(frozen=True, slots=True)
class _Form:
    """A kind of name. `pattern` matches what stands before the partition's suffix.

    Its groups: `region`, `bucket`, `endpoint`, `dual` and `fips` (there or not).
    """

    form: str
    service: str
    reach: Reach
    pattern: re.Pattern[str]
    api_suffix: bool
    """Under `api.aws` instead of `amazonaws.com`: always dual-stack."""


def _form(form: str, service: str, reach: Reach, pattern: str, *, api_suffix: bool = False) -> _Form:
    text = pattern.replace("{R}", r"(?P<region>[a-z0-9-]+)").replace("{B}", r"(?:(?P<bucket>.+)\.)?")
    text = text.replace("{REAL}", r"(?P<region>[a-z]{2,4}(?:-[a-z]+)+-\d+)")
    text = text.replace("{F}", r"(?P<fips>-fips)?").replace("{D}", r"(?P<dual>\.dualstack)?")
    return _Form(form, service, reach, re.compile(text), api_suffix)


_OTHERS = (
    r"(?:.+\.)?ecr|(?:.+\.)?ecs(?:-[at])?|autoscaling|cloudformation|ec2|ec2messages|eks|events|glue|kinesis|kms|lambda|"
    r"logs|monitoring|secretsmanager|sns|sqs|ssm|ssmmessages|states|sts|xray"
)
"""Services that workloads ask beside S3 and DynamoDB: no gateway endpoint is offered for any other."""
_YES, _NO, _BELIEVED = Reach.YES, Reach.NO, Reach.BELIEVED
FORMS: tuple[_Form, ...] = (
    # https://docs.aws.amazon.com/AmazonS3/latest/userguide/privatelink-interface-endpoints.html
    _form(
        "endpoint-specific",
        "",
        _NO,
        r"(?:(?:(?P<bucket>.+)\.)?bucket\.|(?:.+\.)?)(?P<endpoint>vpce-[0-9a-z]+)[0-9a-z-]*\..+\.{R}\.vpce",
    ),
    # https://docs.aws.amazon.com/AmazonS3/latest/userguide/MultiRegionAccessPointsPrivateLink.html
    _form(
        "multi-region-access-point",
        "",
        _NO,
        r"(?:(?:.*\.)?(?P<endpoint>vpce-[0-9a-z]+)[0-9a-z-]*\.)?(?:.+\.)?accesspoint\.s3-global(?:\.vpce)?",
    ),
    # https://docs.aws.amazon.com/AmazonS3/latest/userguide/olap-security.html
    _form("object-lambda", "", _NO, r"(?:.+\.)?s3-object-lambda{F}{D}\.{R}"),
    # https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-points-vpc.html
    _form("access-point", "s3", _YES, r"(?:.+\.)?s3-accesspoint{F}{D}\.{R}"),
    _form("accelerate", "", _NO, r"{B}s3-accelerate{D}"),
    # https://docs.aws.amazon.com/AmazonS3/latest/userguide/WebsiteEndpoints.html
    _form("website", "s3", _BELIEVED, r"{B}s3-website[.-]{R}"),
    _form("control", "s3", _BELIEVED, r"(?:\d{12}\.)?s3-control{F}{D}\.{R}"),
    # https://docs.aws.amazon.com/AmazonS3/latest/userguide/directory-bucket-az-networking.html
    _form("control", "s3express", _YES, r"s3express-control{F}(?P<dual>[.-]dualstack)?\.{R}"),
    _form("zonal", "s3express", _YES, r"{B}s3express{F}-(?P<zone>[a-z0-9-]+){D}\.{R}"),
    # https://docs.aws.amazon.com/AmazonS3/latest/userguide/s3-tables-vpc.html
    _form("tables", "", _NO, r"s3tables{F}\.{R}"),
    _form("tables", "", _NO, r"s3tables{F}\.{R}", api_suffix=True),
    # https://github.com/Yoshiki0705/FSx-for-ONTAP-S3AccessPoints-Serverless-Patterns
    _form("file-system", "", _NO, r"(?:.+\.)?s3-r-w{F}\.{R}"),
    _form("outposts-like", "", Reach.OTHER, r"(?:.+\.)?s3-outposts{F}\.{R}"),
    _form("fips", "s3", _BELIEVED, r"{B}s3(?P<fips>-fips){D}\.{R}"),
    _form("fips", "s3", _BELIEVED, r"{B}s3(?P<fips>-fips)-{REAL}"),
    _form("dualstack", "s3", _YES, r"{B}s3(?P<dual>\.dualstack)\.{R}"),
    _form("regional", "s3", _YES, r"{B}s3\.{R}"),
    _form("dash", "s3", _BELIEVED, r"{B}s3-{REAL}"),
    _form("global", "s3", Reach.GLOBAL, r"{B}s3"),
    # https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/privatelink-streams.html
    _form("streams", "", _NO, r"streams\.dynamodb{F}\.{R}"),
    _form("streams", "", _NO, r"streams[.-]dynamodb{F}\.{R}", api_suffix=True),
    _form("fips", "dynamodb", _BELIEVED, r"dynamodb(?P<fips>-fips)\.{R}"),
    _form("fips", "dynamodb", _BELIEVED, r"dynamodb(?P<fips>-fips)\.{R}", api_suffix=True),
    # https://docs.aws.amazon.com/vpc/latest/privatelink/vpc-endpoints-ddb.html
    _form("regional", "dynamodb", _YES, r"dynamodb\.{R}"),
    _form("dualstack", "dynamodb", _BELIEVED, r"dynamodb\.{R}", api_suffix=True),
    # https://docs.aws.amazon.com/sdkref/latest/guide/feature-account-endpoints.html
    _form("account", "dynamodb", _BELIEVED, r"\d{12}\.ddb{F}\.{R}"),
    _form("account", "dynamodb", _BELIEVED, r"\d{12}\.ddb{F}\.{R}", api_suffix=True),
    # https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/DAX.html
    _form("dax", "", Reach.OTHER, r"(?:.+\.)?dax-clusters\.{R}"),
    # https://docs.aws.amazon.com/vpc/latest/privatelink/gateway-endpoints.html
    _form("other-service", "", _NO, rf"(?:{_OTHERS}){{F}}\.{{REAL}}"),
    _form("other-service", "", _NO, r"(?:sts|iam)"),
)
"""The first form that matches counts."""

DOCUMENTED_OUTSIDE = frozenset(
    {
        "endpoint-specific",
        "multi-region-access-point",
        "object-lambda",
        "other-service",
        "streams",
        "tables",
    }
)
"""Forms that a page says no gateway endpoint carries; of the others that is believed only."""

_SUFFIXES = (
    "amazonaws.com.cn",
    "amazonaws.com",
    "amazonaws.eu",
    "c2s.ic.gov",
    "sc2s.sgov.gov",
    "cloud.adc-e.uk",
    "csp.hci.ic.gov",
)
_API_SUFFIXES = (
    "api.amazonwebservices.com.cn",
    "api.amazonwebservices.eu",
    "api.aws",
    "api.aws.ic.gov",
    "api.aws.scloud",
    "api.cloud-aws.adc-e.uk",
    "api.aws.hci.ic.gov",
)
_REPOSITORY = re.compile(
    r"(?:repo|packages|amazonlinux)\.(?P<region>[a-z]{2,4}(?:-[a-z]+)+-\d+)\.amazonaws\.com"
)


@lru_cache(maxsize=4096)
def classify(hostname: str, service: str | None = None) -> Host:
    """Return what a name says by its form.

    `service` is what the caller asks for: it makes a custom name that is known to be a bucket's (Amazon
    Linux repositories) a name of S3 (https://docs.aws.amazon.com/AmazonS3/latest/userguide/VirtualHosting.html).
    """
    name = hostname.strip().lower().rstrip(".")
    for api_suffix, suffixes in ((False, _SUFFIXES), (True, _API_SUFFIXES)):
        for suffix in suffixes:
            if not name.endswith(f".{suffix}"):
                continue
            head = name.removesuffix(f".{suffix}")
            for form in FORMS:
                if form.api_suffix == api_suffix and (found := form.pattern.fullmatch(head)):
                    return _host(name, form, found)
    foreign = Host(
        name=name, service="", region=None, form="foreign", reach=Reach.OTHER, dualstack=False, bucket=None
    )
    repository = _REPOSITORY.fullmatch(name)
    if service == "s3" and repository is not None:
        return replace(foreign, service="s3", region=repository["region"], reach=Reach.BELIEVED, bucket=name)
    return foreign


def _host(name: str, form: _Form, found: re.Match[str]) -> Host:
    groups = found.groupdict()
    fips = groups.get("fips") is not None
    dualstack = form.api_suffix or groups.get("dual") is not None
    kind = "fips-dualstack" if form.form == "fips" and dualstack else form.form
    reach = Reach.BELIEVED if fips and form.reach is Reach.YES else form.reach
    return Host(
        name=name,
        service=form.service,
        region=groups.get("region"),
        form=kind,
        reach=reach,
        dualstack=dualstack,
        bucket=groups.get("bucket"),
        endpoint_id=groups.get("endpoint"),
    )
