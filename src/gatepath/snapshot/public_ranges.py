"""The packaged public address ranges, read when first asked for."""

import json
from collections.abc import Iterator, Mapping
from functools import cache
from importlib.resources import files
from ipaddress import ip_network

from gatepath.model.network import Network
from gatepath.model.world import PublicRanges

Key = tuple[str, str, int]


class _Ranges(Mapping[Key, tuple[Network, ...]]):
    """(service, Region, IP version) -> CIDR blocks; parsed on access."""

    def __init__(self, ranges: dict[str, dict[str, dict[str, list[str]]]]) -> None:
        self._ranges = ranges

    def __getitem__(self, key: Key) -> tuple[Network, ...]:
        service, region, version = key
        return tuple(ip_network(cidr) for cidr in self._ranges[service][region][str(version)])

    def __iter__(self) -> Iterator[Key]:
        for service, regions in self._ranges.items():
            for region, versions in regions.items():
                yield from ((service, region, int(version)) for version in versions)

    def __len__(self) -> int:
        return sum(1 for _ in self)


@cache
def public_ranges() -> PublicRanges:
    """Return the ranges that the package ships, with their date.

    Source: https://docs.aws.amazon.com/vpc/latest/userguide/aws-ip-ranges.html
    """
    data = json.loads((files("gatepath") / "data/public-ranges.json").read_text(encoding="utf-8"))
    return PublicRanges(
        date=data["created"][:10], cidrs=_Ranges(data["ranges"]), regions=frozenset(data["regions"])
    )
