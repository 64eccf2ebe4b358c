"""The request as a proxy sends it on."""

from collections.abc import Callable
from dataclasses import dataclass

from gatepath.engine.legs import Fault
from gatepath.model.network import NetworkInterface, Subnet
from gatepath.model.ref import Unknown
from gatepath.packets import PacketSet, Range
from gatepath.trace import Fate, Removal

PROXY_PORTS: Range = (32768, 60999)
"""A proxy's own source ports: Linux's default `ip_local_port_range`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """Packets that a proxy may send to the service, by what its own resolver answers.

    `culprit`: it is given no address. `fates`: all that may become of them, where addresses are not known.
    `gaps`: why they may not be sent at all; `doubts`: why the addresses may be others of the same group. Those
    of one `group` exclude each other.
    """

    packets: PacketSet
    culprit: Removal | None = None
    fates: frozenset[Fate] | None = None
    gaps: tuple[Unknown, ...] = ()
    doubts: tuple[Unknown, ...] = ()
    group: str | None = None
    suspect: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ProxyHop:
    """What the proxy contacts, and the faults of its names, by where it sits. `port` is the proxy's own."""

    port: int
    onward: Callable[[Subnet, NetworkInterface], tuple[tuple[Sent, ...], list[Fault]]]
