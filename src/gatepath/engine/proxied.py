"""The request as a proxy sends it on."""

from dataclasses import dataclass

from gatepath.model.ref import Unknown
from gatepath.packets import PacketSet, Range

PROXY_PORTS: Range = (32768, 60999)
"""A proxy's own source ports: Linux's default `ip_local_port_range`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ProxyHop:
    """What the proxy contacts: packets to the service by IP version (its own source ports), by the
    resolver of the proxy's VPC; Unknown where that can't be told. `port` is the proxy's own.
    """  # noqa: D205 - one sentence

    port: int
    onward: dict[int, PacketSet | Unknown]
