"""Exact sets of packets: destination address x destination port x source port, of one IP version.

A set is a function from addresses to sets of port pairs. It is stored as the coarsest partition of the
address line on which that function is constant (likewise below it for the two ports). There is one such
partition for a set, so equal sets are equal values.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from ipaddress import (
    IPv4Address,
    IPv4Network,
    IPv6Address,
    IPv6Network,
    ip_address,
    summarize_address_range,
)
from math import inf
from typing import Any

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network
Range = tuple[int, int]
"""First and last element, both included."""

PORTS: Range = (0, 65535)
_BITS = {4: 32, 6: 128}

# A level is a tuple of (first, last, payload), sorted, disjoint, neighbours with equal payload merged; a
# payload is the next level, or True below the last one. Emptiness is the empty tuple at every level.
_Level = tuple[tuple[int, int, Any], ...]
_Keep = Callable[[bool, bool], bool]
_BEYOND: tuple[Any, Any, _Level] = (inf, inf, ())
"""What comes after a level's last element: behind all addresses of either version."""


@dataclass(frozen=True, slots=True)
class Packet:
    """One element of a set."""

    address: Address
    port: int
    source_port: int


class PacketSet:
    """An immutable, hashable set of packets; `&`, `|`, `-`, `<=`, `==` are those of sets.

    Operands of different IP versions raise `ValueError`.
    """

    __slots__ = ("_hash", "_level", "version")

    version: int
    """4 or 6."""
    _level: _Level
    _hash: int

    def __init__(self, *_args: object) -> None:
        """Refuse: use `PacketSet.of`, `everything` or `empty`."""
        raise TypeError("use PacketSet.of(…)")

    @classmethod
    def _build(cls, version: int, level: _Level) -> "PacketSet":
        made = object.__new__(cls)
        object.__setattr__(made, "version", version)
        object.__setattr__(made, "_level", level)
        object.__setattr__(made, "_hash", hash((version, level)))
        return made

    def __setattr__(self, name: str, _value: object) -> None:
        """Refuse changes."""
        raise AttributeError(f"PacketSet is immutable: {name}")

    @classmethod
    def of(
        cls,
        version: int,
        addresses: Iterable[Network | Address | Range] | None = None,
        ports: Iterable[Range] | None = None,
        source_ports: Iterable[Range] | None = None,
    ) -> "PacketSet":
        """Return the box `addresses` x `ports` x `source_ports`; None stands for all.

        Networks and addresses of the other IP version are left out.
        """
        below = _cut(_port_ranges(source_ports), True)
        middle = _cut(_port_ranges(ports), below)
        if addresses is None:
            return cls._build(version, _cut([(0, (1 << _BITS[version]) - 1)], middle))
        return cls._build(version, _cut(_address_ranges(version, addresses), middle))

    @classmethod
    def everything(cls, version: int) -> "PacketSet":
        """Return all packets of the IP version."""
        return cls.of(version)

    @classmethod
    def empty(cls, version: int) -> "PacketSet":
        """Return the empty set."""
        return cls._build(version, ())

    def _with(self, other: "PacketSet", keep: _Keep) -> "PacketSet":
        if self.version != other.version:
            raise ValueError("sets of different IP versions")
        return self._build(self.version, _combine(self._level, other._level, keep, 2, {}))  # noqa: SLF001 - same class

    def __and__(self, other: "PacketSet") -> "PacketSet":
        """Return the packets in both."""
        return self._with(other, _both)

    def __or__(self, other: "PacketSet") -> "PacketSet":
        """Return the packets in either."""
        return self._with(other, _either)

    def __sub__(self, other: "PacketSet") -> "PacketSet":
        """Return the packets of this set that are not in the other."""
        return self._with(other, _first_only)

    def __le__(self, other: "PacketSet") -> bool:
        """Tell whether every packet is in the other."""
        return not self - other

    def isdisjoint(self, other: "PacketSet") -> bool:
        """Tell whether no packet is in both."""
        return not self & other

    def __bool__(self) -> bool:
        """Tell whether there is any packet."""
        return bool(self._level)

    def __eq__(self, other: object) -> bool:
        """Tell whether both hold the same packets."""
        if not isinstance(other, PacketSet):
            return NotImplemented
        return self.version == other.version and self._level == other._level

    def __hash__(self) -> int:
        """Return a hash that equal sets share."""
        return self._hash

    def __contains__(self, packet: Packet) -> bool:
        """Tell whether the packet is in the set."""
        level: Any = self._level
        if packet.address.version != self.version:
            return False
        for value in (int(packet.address), packet.port, packet.source_port):
            level = next((payload for low, high, payload in level if low <= value <= high), None)
            if level is None:
                return False
        return True

    @property
    def size(self) -> int:
        """Return the number of packets."""
        return _size(self._level, 2)

    def share_of(self, whole: "PacketSet") -> Fraction:
        """Return the part of `whole` that is in this set; raises `ZeroDivisionError` if `whole` is empty."""
        return Fraction((self & whole).size, whole.size)

    def boxes(self) -> Iterator[tuple[Range, Range, Range]]:
        """Yield disjoint boxes (addresses as integers, ports, source ports), in order."""
        for low, high, middle in self._level:
            for port_low, port_high, below in middle:
                for source_low, source_high, _ in below:
                    yield (low, high), (port_low, port_high), (source_low, source_high)

    def address_ranges(self) -> tuple[Range, ...]:
        """Return the addresses, as merged integer ranges."""
        return _merged((low, high) for low, high, _ in self._level)

    def addresses(self) -> tuple[Network, ...]:
        """Return the addresses as the fewest CIDR blocks."""
        made: list[Network] = []
        for low, high in self.address_ranges():
            made.extend(summarize_address_range(self._address(low), self._address(high)))
        return tuple(made)

    def address_count(self) -> int:
        """Return the number of different addresses."""
        return sum(high - low + 1 for low, high in self.address_ranges())

    def ports(self) -> tuple[Range, ...]:
        """Return the destination ports, as merged ranges."""
        return _merged((low, high) for _, _, middle in self._level for low, high, _ in middle)

    def source_ports(self) -> tuple[Range, ...]:
        """Return the source ports, as merged ranges."""
        return _merged(
            (low, high) for _, _, middle in self._level for _, _, below in middle for low, high, _ in below
        )

    def example(self) -> Packet | None:
        """Return one element, always the same for the same set; None for the empty set.

        Not a network's first address where the set offers more: it looks odd to a reader.
        """
        for (low, high), (port, _), (source_port, _) in self.boxes():
            return Packet(self._address(min(low + 7, high)), port, source_port)
        return None

    def _address(self, value: int) -> Address:
        return IPv4Address(value) if self.version == 4 else IPv6Address(value)  # noqa: PLR2004 - IP version

    def __repr__(self) -> str:
        """Return a short text for debugging."""
        return f"<PacketSet v{self.version} {[str(a) for a in self.addresses()[:4]]} of {self.size}>"


def _both(left: bool, right: bool) -> bool:  # noqa: FBT001 - membership in the operands
    return left and right


def _either(left: bool, right: bool) -> bool:  # noqa: FBT001 - membership in the operands
    return left or right


def _first_only(left: bool, right: bool) -> bool:  # noqa: FBT001 - membership in the operands
    return left and not right


def _merged(ranges: Iterable[Range]) -> tuple[Range, ...]:
    made: list[Range] = []
    for low, high in sorted(ranges):
        if made and low <= made[-1][1] + 1:
            made[-1] = (made[-1][0], max(made[-1][1], high))
        else:
            made.append((low, high))
    return tuple(made)


def _cut(ranges: Iterable[Range], payload: object) -> _Level:
    return tuple((low, high, payload) for low, high in ranges) if payload else ()


def _port_ranges(ranges: Iterable[Range] | None) -> tuple[Range, ...]:
    if ranges is None:
        return (PORTS,)
    clipped = ((max(low, PORTS[0]), min(high, PORTS[1])) for low, high in ranges)
    return _merged((low, high) for low, high in clipped if low <= high)


def _address_ranges(version: int, addresses: Iterable[Network | Address | Range]) -> tuple[Range, ...]:
    found: list[Range] = []
    last = (1 << _BITS[version]) - 1
    for item in addresses:
        if isinstance(item, tuple):
            low, high = max(item[0], 0), min(item[1], last)
            if low <= high:
                found.append((low, high))
        elif item.version == version:
            found.append(_span(item))
    return _merged(found)


def _span(item: Network | Address) -> Range:
    if isinstance(item, IPv4Network | IPv6Network):
        return int(item.network_address), int(item.broadcast_address)
    return int(item), int(item)


def _combine(a: _Level, b: _Level, keep: _Keep, depth: int, memo: dict[tuple[int, int], Any]) -> _Level:
    """Merge two levels piece by piece; `memo` shares the work on equal payloads (most pieces have the same).

    What only one side has is that side's payload or nothing, so only pieces of both are descended into.
    """
    of_a, of_b, of_both = keep(True, False), keep(False, True), keep(True, True)
    made: list[tuple[int, int, Any]] = []
    for low, high, left, right in _pieces(a, b):
        if not right:
            payload: Any = left if of_a else ()
        elif not left:
            payload = right if of_b else ()
        elif depth == 0:
            payload = of_both
        else:
            key = (id(left), id(right))  # both operands live as long as the memo
            payload = memo.get(key)
            if payload is None:
                payload = memo[key] = _combine(left, right, keep, depth - 1, memo)
        if not payload:
            continue
        if made and made[-1][1] == low - 1 and made[-1][2] == payload:
            made[-1] = (made[-1][0], high, payload)
        else:
            made.append((low, high, payload))
    return tuple(made)


def _pieces(a: _Level, b: _Level) -> Iterator[tuple[int, int, Any, Any]]:
    """Yield the common refinement of two levels: (first, last, payload of a, payload of b), () for none."""
    rest_a, rest_b = iter(a), iter(b)
    a_low, a_high, a_load = next(rest_a, _BEYOND)
    b_low, b_high, b_load = next(rest_b, _BEYOND)
    while a_load or b_load:
        if a_low < b_low:
            high = min(a_high, b_low - 1)
            yield a_low, high, a_load, ()
            a_low = high + 1
        elif b_low < a_low:
            high = min(b_high, a_low - 1)
            yield b_low, high, (), b_load
            b_low = high + 1
        else:
            high = min(a_high, b_high)
            yield a_low, high, a_load, b_load
            a_low = b_low = high + 1
        if a_low > a_high:
            a_low, a_high, a_load = next(rest_a, _BEYOND)
        if b_low > b_high:
            b_low, b_high, b_load = next(rest_b, _BEYOND)


def _size(level: _Level, depth: int) -> int:
    if depth == 0:
        return sum(high - low + 1 for low, high, _ in level)
    return sum((high - low + 1) * _size(payload, depth - 1) for low, high, payload in level)


def parse_address(text: str) -> Address | None:
    """Return the IP address, or None if `text` is none."""
    try:
        return ip_address(text)
    except ValueError:
        return None
