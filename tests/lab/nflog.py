"""The kernel's packet log (NFLOG): each drop as an event, with the mark that names the deciding rule."""

import socket
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address

NETLINK_NETFILTER = 12
CONFIG, PACKET = (4 << 8) | 1, 4 << 8
FLAGS = 1 | 4  # request, acknowledge
MARK, PAYLOAD, PREFIX = 2, 9, 10
PROTOCOLS = {6: "tcp", 17: "udp"}

Tuple = tuple[str, str, int, str, int]
"""Protocol, source, source port, destination, destination port."""


@dataclass(frozen=True, slots=True)
class Logged:
    """One logged packet."""

    mark: int
    prefix: str
    flow: Tuple


def _attribute(kind: int, data: bytes) -> bytes:
    padded = data + b"\0" * (-len(data) % 4)
    return struct.pack("=HH", 4 + len(data), kind) + padded


def listen(groups: tuple[int, ...]) -> socket.socket:
    """Return a socket on which the packets of these groups arrive, of the current namespace."""
    made = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, NETLINK_NETFILTER)
    made.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 8 << 20)
    made.bind((0, 0))
    settings = (
        _attribute(1, b"\x01"),
        _attribute(2, struct.pack("!IBB", 128, 2, 0)),
        _attribute(5, struct.pack("!I", 1)),
    )
    for group in groups:
        for setting in settings:
            body = struct.pack("=BBH", 0, 0, socket.htons(group)) + setting
            made.send(struct.pack("=IHHII", 16 + len(body), CONFIG, FLAGS, 0, 0) + body)
            answer = made.recv(4096)
            (error,) = struct.unpack_from("=i", answer, 16)
            if error:
                raise OSError(-error, "packet log")
    made.setblocking(False)
    return made


def read(source: socket.socket) -> Iterator[Logged]:
    """Yield what has been logged so far."""
    while True:
        try:
            data = source.recv(65536)
        except BlockingIOError:
            return
        at = 0
        while at + 16 <= len(data):
            length, kind = struct.unpack_from("=IH", data, at)
            if kind == PACKET:
                yield _logged(data[at + 20 : at + length])
            at += (length + 3) & ~3


def _logged(data: bytes) -> Logged:
    at, mark, prefix, payload = 0, 0, "", b""
    while at + 4 <= len(data):
        length, kind = struct.unpack_from("=HH", data, at)
        value = data[at + 4 : at + length]
        kind &= 0x7FFF
        if kind == MARK:
            (mark,) = struct.unpack("!I", value)
        elif kind == PREFIX:
            prefix = value.rstrip(b"\0").decode()
        elif kind == PAYLOAD:
            payload = value
        at += (length + 3) & ~3
    return Logged(mark, prefix, _flow(payload))


def _flow(packet: bytes) -> Tuple:
    if packet[0] >> 4 == 4:
        source, target = str(IPv4Address(packet[12:16])), str(IPv4Address(packet[16:20]))
        protocol, start = packet[9], (packet[0] & 15) * 4
    else:
        source, target = str(IPv6Address(packet[8:24])), str(IPv6Address(packet[24:40]))
        protocol, start = packet[6], 40
    ports = struct.unpack_from("!HH", packet, start) if len(packet) >= start + 4 else (0, 0)
    return PROTOCOLS.get(protocol, str(protocol)), source, ports[0], target, ports[1]
