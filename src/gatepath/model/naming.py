"""Names AWS builds by rule: partitions, ARNs, service names of endpoints and prefix lists."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class _Partition:
    id: str
    prefix: str
    """Of its Regions' names."""
    suffix: str
    dualstack_suffix: str


_PARTITIONS = (
    _Partition("aws-cn", "cn-", "amazonaws.com.cn", "api.amazonwebservices.com.cn"),
    _Partition("aws-us-gov", "us-gov-", "amazonaws.com", "api.aws"),
    _Partition("aws-eusc", "eusc-", "amazonaws.eu", "api.amazonwebservices.eu"),
    _Partition("aws-iso", "us-iso-", "c2s.ic.gov", "api.aws.ic.gov"),
    _Partition("aws-iso-b", "us-isob-", "sc2s.sgov.gov", "api.aws.scloud"),
    _Partition("aws-iso-e", "eu-isoe-", "cloud.adc-e.uk", "api.cloud-aws.adc-e.uk"),
    _Partition("aws-iso-f", "us-isof-", "csp.hci.ic.gov", "api.aws.hci.ic.gov"),
)
"""Source: `partitions.json` of botocore, https://github.com/boto/botocore."""
_COMMERCIAL = _Partition("aws", "", "amazonaws.com", "api.aws")


def _of(region: str) -> _Partition:
    return next((p for p in _PARTITIONS if region.startswith(p.prefix)), _COMMERCIAL)


def dns_suffix(region: str) -> str:
    """Return the DNS suffix of the Region's partition."""
    return _of(region).suffix


def dualstack_suffix(region: str) -> str:
    """Return the suffix of dual-stack names of services that use it (DynamoDB: `api.aws`)."""
    return _of(region).dualstack_suffix


def partition(region: str) -> str:
    """Return the ARN partition of a Region."""
    return _of(region).id


def endpoint_service_name(region: str, service: str) -> str:
    """Return the endpoint service name, which is also the prefix list's name for IPv4.

    China's Regions write it `cn.com.amazonaws.…`; compare with `is_service_name`.
    Source: https://docs.aws.amazon.com/vpc/latest/privatelink/vpc-endpoints-s3.html
    """
    return f"com.amazonaws.{region}.{service}"


def is_service_name(name: str, region: str, service: str) -> bool:
    """Tell whether an endpoint's `ServiceName` stands for this service in this Region."""
    return name.removeprefix("cn.") == endpoint_service_name(region, service)


def is_list_name(name: str, region: str, service: str) -> bool:
    """Tell whether an AWS-managed prefix list is this service's, of either IP version.

    The pages name the IPv4 list and other services' IPv6 lists only, so where `ipv6` stands is left open.
    Source: https://docs.aws.amazon.com/vpc/latest/userguide/working-with-aws-managed-prefix-lists.html
    """
    prefix = f"com.amazonaws.{region}."
    own = name.removeprefix("cn.")
    return own.startswith(prefix) and [p for p in own[len(prefix) :].split(".") if p != "ipv6"] == [service]


@dataclass(frozen=True, slots=True)
class Arn:
    """The six fields of an Amazon Resource Name.

    Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference-arns.html
    """

    partition: str
    service: str
    region: str
    account: str
    resource: str

    @classmethod
    def parse(cls, text: str) -> "Arn | None":
        """Return the ARN, or None if `text` is none."""
        fields = text.split(":", 5)
        if len(fields) != 6 or fields[0] != "arn":  # noqa: PLR2004 - an ARN has six fields
            return None
        return cls(*fields[1:])

    def __str__(self) -> str:
        """Return the ARN's text."""
        return f"arn:{self.partition}:{self.service}:{self.region}:{self.account}:{self.resource}"
