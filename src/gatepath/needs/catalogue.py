"""The catalogue of needs: `catalogue.toml`, typed.

Sources stand beside each entry; the buckets' is
https://github.com/aws-samples/data-perimeter-policy-examples (service_owned_resources.md).
"""

import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cache
from importlib.resources import files
from types import MappingProxyType

from gatepath.model.naming import dns_suffix, dualstack_suffix, endpoint_service_name

HTTPS = 443
_UNKNOWABLE = re.compile(r"\{(?:suffix|service_account)\}")
_ANY_REGION = re.compile(r"\{region(?:_without_dashes)?\}")
Texts = Mapping[str, str]
"""Language -> text."""


class SignedBy(StrEnum):
    """Who signs the requests for a bucket, which decides the condition keys that a policy can ask for."""

    ANONYMOUS = "anonymous"
    PRESIGNED = "presigned"
    """A URL that an account of AWS signed."""
    ROLE = "role"
    """The workload's own role."""
    SERVICE = "service"
    """A service's role, or the service on the caller's behalf."""
    MIXED = "mixed"
    """Without a signature or with the workload's role."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NeededBucket:
    """A bucket. `when` names on what it depends whether it is needed; then it counts for no verdict."""

    pattern: str
    signed_by: SignedBy
    source: str
    partitions: tuple[str, ...]
    objects: tuple[str, ...] = ("*",)
    actions: tuple[str, ...] = ("s3:GetObject",)
    host_pattern: str | None = None
    port: int = HTTPS
    when: str | None = None
    names: Mapping[str, str] = field(default_factory=dict)
    only_in: frozenset[str] = frozenset()
    not_in: frozenset[str] = frozenset()

    def used_in(self, region: str) -> bool:
        """Tell whether the bucket is needed in a Region at all."""
        return region not in self.not_in and (not self.only_in or region in self.only_in)

    def name(self, region: str) -> str | None:
        """Return the bucket's name in a Region; None where only AWS knows a part of it."""
        pattern = self.names.get(region, self.pattern)
        if _UNKNOWABLE.search(pattern):
            return None
        return pattern.replace("{region_without_dashes}", region.replace("-", "")).replace("{region}", region)

    def shown(self, region: str) -> str:
        """Return the name for a reader, with the parts that only AWS knows as they are in the pattern."""
        pattern = self.names.get(region, self.pattern)
        return pattern.replace("{region_without_dashes}", region.replace("-", "")).replace("{region}", region)

    def host(self, region: str) -> str | None:
        """Return the host name the client asks for; None = the one an SDK builds."""
        return None if self.host_pattern is None else _filled(self.host_pattern, region, "")

    @property
    def regional(self) -> bool:
        """Tell whether the name says in which Region the bucket is."""
        return _ANY_REGION.search(self.pattern) is not None


@dataclass(frozen=True, slots=True, kw_only=True)
class NeededHost:
    """A host of another service. `service` is the endpoint service's last part, e.g. `ecr.api`."""

    service: str
    pattern: str
    source: str
    botocore: str | None = None
    """The botocore service that builds this name; None = an agent's own host."""
    when: str | None = None

    def name(self, region: str, account: str) -> str:
        """Return the host name in a Region."""
        return _filled(self.pattern, region, account)

    def endpoint_service(self, region: str) -> str:
        """Return the name under which an interface endpoint is made."""
        name = endpoint_service_name(region, self.service)
        return f"cn.{name}" if region.startswith("cn-") else name


@dataclass(frozen=True, slots=True, kw_only=True)
class Need:
    """What a kind of workload needs, with what the needs it includes need."""

    name: str
    title: Texts
    source: str
    buckets: tuple[NeededBucket, ...] = ()
    hosts: tuple[NeededHost, ...] = ()


def _filled(pattern: str, region: str, account: str) -> str:
    made = pattern.replace("{region}", region).replace("{account}", account or "123456789012")
    return made.replace("{suffix}", dns_suffix(region)).replace("{api_suffix}", dualstack_suffix(region))


@cache
def _document() -> Mapping[str, Mapping[str, object]]:
    text = (files("gatepath") / "needs/catalogue.toml").read_text(encoding="utf-8")
    return MappingProxyType(tomllib.loads(text))


def names() -> tuple[str, ...]:
    """Return the names of all needs, in the catalogue's order."""
    return tuple(_document()["need"])


@cache
def need(name: str) -> Need:
    """Return a need; raises KeyError for a name that is not in the catalogue."""
    row = _row(_document()["need"], name)
    included = [need(text) for text in _texts(row, "includes")]
    buckets = [*_buckets(row), *(bucket for other in included for bucket in other.buckets)]
    hosts = [*_hosts(row), *(host for other in included for host in other.hosts)]
    return Need(
        name=name,
        title=MappingProxyType({"en": str(row["en"]), "ja": str(row["ja"])}),
        source=str(row["source"]),
        buckets=tuple(_once(buckets)),
        hosts=tuple({host.service: host for host in reversed(hosts)}.values())[::-1],
    )


def when_text(word: str, language: str) -> str:
    """Return on what it depends whether an item is needed."""
    row = _row(_document()["when"], word)
    return str(row.get(language) or row["en"])


def _once(buckets: list[NeededBucket]) -> Iterator[NeededBucket]:
    """Yield each bucket once; what is needed anyway wins over what may be needed."""
    required = {(bucket.pattern, bucket.port) for bucket in buckets if bucket.when is None}
    seen: set[tuple[str, int]] = set()
    for bucket in buckets:
        key = (bucket.pattern, bucket.port)
        if key not in seen and (bucket.when is None or key not in required):
            seen.add(key)
            yield bucket


def _row(table: object, name: str) -> Mapping[str, object]:
    found = table[name] if isinstance(table, Mapping) else None
    if not isinstance(found, Mapping):
        raise KeyError(name)
    return found


def _texts(row: Mapping[str, object], key: str, default: tuple[str, ...] = ()) -> tuple[str, ...]:
    found = row.get(key)
    return tuple(str(item) for item in found) if isinstance(found, list) else default


def _items(row: Mapping[str, object], key: str) -> list[object]:
    found = row.get(key)
    return found if isinstance(found, list) else []


def _optional(row: Mapping[str, object], key: str) -> str | None:
    return str(row[key]) if key in row else None


def _buckets(row: Mapping[str, object]) -> Iterator[NeededBucket]:
    partitions = _texts(row, "partitions", ("aws",))
    for item in _items(row, "buckets"):
        if not isinstance(item, Mapping):
            raise TypeError(row["source"])
        renamed = item.get("names")
        yield NeededBucket(
            pattern=str(item["name"]),
            signed_by=SignedBy(str(item["signed_by"])),
            source=str(item.get("source") or _document()["sources"]["perimeter"]),
            partitions=partitions,
            objects=_texts(item, "objects", ("*",)),
            actions=_texts(item, "actions", ("s3:GetObject",)),
            host_pattern=_optional(item, "host"),
            port=int(str(item.get("port", HTTPS))),
            when=_optional(item, "when"),
            names=MappingProxyType(dict(renamed) if isinstance(renamed, Mapping) else {}),
            only_in=frozenset(_texts(item, "only_in")),
            not_in=frozenset(_texts(item, "not_in")),
        )


def _hosts(row: Mapping[str, object]) -> Iterator[NeededHost]:
    for item in _items(row, "hosts"):
        service = str(item["service"]) if isinstance(item, Mapping) else str(item)
        host = _row(_document()["host"], service)
        yield NeededHost(
            service=service,
            pattern=str(host["name"]),
            source=str(host["source"]),
            botocore=_optional(host, "botocore"),
            when=_optional(item, "when") if isinstance(item, Mapping) else None,
        )
