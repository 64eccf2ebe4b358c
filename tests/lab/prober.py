"""Real connections through the lab: each ends with an answer or with the rule that dropped it."""

import errno
import os
import select
import signal
import socket
import struct
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Self

from tests.lab import kernel, nflog
from tests.lab.kernel import LISTENING, Spaces
from tests.lab.nflog import Tuple

PORT = 7000
IN_FLIGHT = 48
PATIENCE = 5.0
KINDS = {"tcp": socket.SOCK_STREAM, "udp": socket.SOCK_DGRAM}
FAMILIES = {False: socket.AF_INET, True: socket.AF_INET6}
LINGER = struct.pack("ii", 1, 0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Probe:
    """One connection to try. `nat` is the address a NAT gateway would give it."""

    source: str
    source_port: int
    to: str
    port: int
    protocol: str = "tcp"
    nat: str = ""

    def flows(self) -> list[Tuple]:
        """Return the flows by which the log may name it, both ways round."""
        found: list[Tuple] = []
        for own in (self.source, self.nat) if self.nat else (self.source,):
            found.append((self.protocol, own, self.source_port, self.to, self.port))
            found.append((self.protocol, self.to, self.port, own, self.source_port))
        return found


@dataclass(slots=True)
class Seen:
    """What became of a probe: `by` what carried it and `source` as the service saw it, or the drop's mark."""

    by: str = ""
    source: str = ""
    mark: int = -1
    trail: dict[str, int] = field(default_factory=dict)
    """Station -> mark of the rule that let it pass."""

    @property
    def done(self) -> bool:
        """Tell whether it has ended."""
        return bool(self.by) or self.mark >= 0


class Server:
    """The services: a child process that says on which cable a connection came and from whom."""

    def __init__(self, spaces: Spaces) -> None:
        """Listen on every cable and start."""
        with spaces.inside("service"):
            self._sockets = {
                _listener(device, kind, six=six): device
                for device in LISTENING
                for kind in KINDS.values()
                for six in (False, True)
            }
        self._pid = os.fork()
        if self._pid == 0:
            kernel.die_with_parent()
            self._serve()

    def __enter__(self) -> Self:
        """Return the server."""
        return self

    def __exit__(self, *_: object) -> None:
        """End the child."""
        os.kill(self._pid, signal.SIGKILL)
        os.waitpid(self._pid, 0)
        for one in self._sockets:
            one.close()

    def _serve(self) -> None:
        poll = select.epoll()
        by_number = {one.fileno(): (one, f"{device} ") for one, device in self._sockets.items()}
        for number in by_number:
            poll.register(number, select.EPOLLIN)
        while True:
            for number, _ in poll.poll():
                one, device = by_number[number]
                try:
                    if one.type == socket.SOCK_DGRAM:
                        _, peer = one.recvfrom(64)
                        one.sendto((device + peer[0]).encode(), peer)
                    else:
                        connection, peer = one.accept()
                        connection.send((device + peer[0]).encode())
                        connection.close()
                except OSError:
                    continue


def _listener(device: str, kind: socket.SocketKind, *, six: bool) -> socket.socket:
    made = socket.socket(FAMILIES[six], kind)
    made.setsockopt(socket.SOL_SOCKET, socket.SO_BINDTODEVICE, device.encode())
    made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    if six:
        made.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
    made.bind(("::" if six else "0.0.0.0", PORT))  # noqa: S104 - inside the lab's own namespace
    if kind is socket.SOCK_STREAM:
        made.listen(4096)
    made.setblocking(False)
    return made


class Prober:
    """Sends probes from the namespace `client` and collects their ends."""

    def __init__(self, spaces: Spaces, *, trail: bool) -> None:
        """Open the packet log."""
        with spaces.inside("vpc"):
            self._log = nflog.listen((1, 2) if trail else (1,))
        self._spaces = spaces
        self._poll = select.epoll()
        self._poll.register(self._log.fileno(), select.EPOLLIN)
        self._flows: dict[Tuple, int] = {}
        self._open: dict[int, tuple[socket.socket, int]] = {}
        self._seen: list[Seen] = []

    def run(self, probes: Sequence[Probe]) -> list[Seen]:
        """Return the ends of all probes; one without an end is a broken lab."""
        self._seen = [Seen() for _ in probes]
        with self._spaces.inside("client"):
            for number, probe in enumerate(probes):
                self._start(number, probe)
                while len(self._open) >= IN_FLIGHT:
                    self._collect(0.05)
                self._collect(0)
            deadline = time.monotonic() + PATIENCE
            while self._open and time.monotonic() < deadline:
                self._collect(0.05)
        for one, _ in self._open.values():
            one.close()
        self._log.close()
        return self._seen

    def _start(self, number: int, probe: Probe) -> None:
        for flow in probe.flows():
            self._flows[flow] = number
        made = socket.socket(FAMILIES[":" in probe.to], KINDS[probe.protocol] | socket.SOCK_NONBLOCK)
        made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if probe.protocol == "tcp":
            made.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, LINGER)
        made.bind((probe.source, probe.source_port))
        self._open[made.fileno()] = (made, number)
        self._poll.register(made.fileno(), select.EPOLLIN)
        result = made.connect_ex((probe.to, probe.port))
        if result not in {0, errno.EINPROGRESS}:
            raise OSError(result, f"{os.strerror(result)}: {probe}")
        if probe.protocol == "udp":
            made.send(b"?")

    def _collect(self, patience: float) -> None:
        for number, _ in self._poll.poll(patience):
            if number == self._log.fileno():
                self._drops()
            elif number in self._open:
                self._answer(number)

    def _answer(self, number: int) -> None:
        one, probe = self._open[number]
        try:
            words = one.recv(96).decode().split()
        except OSError:
            words = []
        if words:
            # What was logged on the way is in the log by now.
            self._drops()
            self._seen[probe].by, self._seen[probe].source = words[0], words[1]
        self._close(number)

    def _drops(self) -> None:
        for logged in nflog.read(self._log):
            probe = self._flows.get(logged.flow)
            if probe is None or self._seen[probe].done:
                continue
            if logged.prefix:
                self._seen[probe].trail.setdefault(logged.prefix, logged.mark)
                continue
            self._seen[probe].mark = logged.mark
            for number, (_, owner) in self._open.items():
                if owner == probe:
                    self._close(number)
                    break

    def _close(self, number: int) -> None:
        entry = self._open.pop(number, None)
        if entry is not None:
            self._poll.unregister(number)
            entry[0].close()
