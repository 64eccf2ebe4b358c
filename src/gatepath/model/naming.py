"""Names AWS builds by rule: partitions, ARNs, service names of endpoints and prefix lists."""

from dataclasses import dataclass


def dns_suffix(region: str) -> str:
    """Return the DNS suffix of the Region's partition.

    Source: endpoint rules and partitions of botocore, https://github.com/boto/botocore
    """
    if region.startswith("cn-"):
        return "amazonaws.com.cn"
    if region.startswith("eusc-"):
        return "amazonaws.eu"
    if region.startswith("us-iso-"):
        return "c2s.ic.gov"
    if region.startswith("us-isob-"):
        return "sc2s.sgov.gov"
    return "amazonaws.com"


def dualstack_suffix(region: str) -> str:
    """Return the suffix of dual-stack names of services that use it (DynamoDB: `api.aws`)."""
    if region.startswith("cn-"):
        return "api.amazonwebservices.com.cn"
    if region.startswith("eusc-"):
        return "api.amazonwebservices.eu"
    return "api.aws"


def partition(region: str) -> str:
    """Return the ARN partition of a Region."""
    if region.startswith("cn-"):
        return "aws-cn"
    if region.startswith("us-gov-"):
        return "aws-us-gov"
    if region.startswith("eusc-"):
        return "aws-eusc"
    if region.startswith("us-iso-"):
        return "aws-iso"
    if region.startswith("us-isob-"):
        return "aws-iso-b"
    return "aws"


def endpoint_service_name(region: str, service: str) -> str:
    """Return the endpoint service name, which is also the prefix list's name for IPv4.

    China's Regions write it `cn.com.amazonaws.…`; compare with `is_service_name`.
    Source: https://docs.aws.amazon.com/vpc/latest/privatelink/vpc-endpoints-s3.html
    """
    return f"com.amazonaws.{region}.{service}"


def is_service_name(name: str, region: str, service: str) -> bool:
    """Tell whether an endpoint's `ServiceName` stands for this service in this Region."""
    return name.removeprefix("cn.") == endpoint_service_name(region, service)


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
