"""Host names: how SDKs build them, and which addresses a name stands for."""

from dataclasses import dataclass
from enum import StrEnum


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
    `zonal`, `endpoint-specific`, `tables`, `outposts-like`, `dax`, `foreign`."""
    reach: Reach
    dualstack: bool
    bucket: str | None
    """The bucket in the name (virtual-hosted style), if any."""
    endpoint_id: str | None = None
    """`vpce-…` of an endpoint-specific name."""
