"""Network namespaces and cables of the lab: four namespaces, one cable for each kind of path.

Nothing outside this process sees them: a namespace is a file descriptor, and is gone with it. Both ends of a
cable have the same MAC address and no ARP, so that any next-hop address works and can name a route.
"""

import contextlib
import ctypes
import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

CLONE_NEWNET, CLONE_NEWUSER = 0x40000000, 0x10000000
PR_SET_PDEATHSIG, SIGKILL = 1, 9
_LIBC = ctypes.CDLL(None, use_errno=True)

LISTENING = ("gw", "igw", "eigw", "vgw", "loc0")
"""Cables between the VPCs' router and the namespace of services; each names what carried the packet."""
SYSCTLS = {
    "net/ipv4/conf/all/rp_filter": "0",
    "net/ipv4/conf/default/rp_filter": "0",
    "net/ipv4/conf/all/accept_local": "1",
    "net/ipv4/conf/default/accept_local": "1",
    "net/ipv4/conf/all/send_redirects": "0",
    "net/ipv4/conf/default/send_redirects": "0",
    "net/ipv6/conf/all/accept_dad": "0",
    "net/ipv6/conf/default/accept_dad": "0",
    "net/ipv6/conf/default/disable_ipv6": "0",
    "net/ipv6/conf/all/disable_ipv6": "0",
}


class NoLab(Exception):  # noqa: N818 - a reason to skip, not an error
    """This machine can't run the lab; says why."""


class CommandFailed(RuntimeError):  # noqa: N818 - says what happened
    """A command of the system refused its input; a fault of the lab, unless it is the very first."""


def missing() -> str | None:
    """Return why the lab can't run here as far as programs go, None if it can."""
    absent = [name for name in ("ip", "nft") if shutil.which(name) is None]
    return (
        f"not installed: {', '.join(absent)} (Debian: apt-get install iproute2 nftables)" if absent else None
    )


def _checked(result: int, what: str) -> None:
    if result != 0:
        number = ctypes.get_errno()
        raise NoLab(f"{what}: {os.strerror(number)}")


def enter_user_namespace() -> None:
    """Become root of a user namespace, unless this process may make network namespaces anyway."""
    if _LIBC.unshare(CLONE_NEWNET) == 0:
        return
    user, group = os.getuid(), os.getgid()
    _checked(
        _LIBC.unshare(CLONE_NEWUSER | CLONE_NEWNET), "no network namespace: needs root or user namespaces"
    )
    try:
        Path("/proc/self/setgroups").write_text("deny", encoding="ascii")
        Path("/proc/self/uid_map").write_text(f"0 {user} 1", encoding="ascii")
        Path("/proc/self/gid_map").write_text(f"0 {group} 1", encoding="ascii")
    except OSError as error:
        raise NoLab(f"user namespaces are restricted here: {error}") from error


def die_with_parent() -> None:
    """Have the kernel end this process when its parent ends."""
    _LIBC.prctl(PR_SET_PDEATHSIG, SIGKILL)


def run(command: list[str], text: str) -> None:
    """Run a command of the system in the current namespace with a script on its input."""
    done = subprocess.run(command, input=text.encode(), capture_output=True, check=False)
    if done.returncode != 0:
        raise CommandFailed(f"{' '.join(command)}: {done.stderr.decode()[:2000]}")


def ip(text: str, family: str = "-4") -> None:
    """Run lines of `ip -batch` (one family a call)."""
    if text:
        run(["ip", family, "-batch", "-"], text)


def nft(text: str) -> None:
    """Run one nftables transaction."""
    if text:
        run(["nft", "-f", "-"], text)


class Spaces:
    """The four namespaces `vpc`, `client`, `service` and `nat`, joined by cables."""

    def __init__(self) -> None:
        """Make them; the process is in none of them afterwards."""
        self._home = os.open("/proc/thread-self/ns/net", os.O_RDONLY | os.O_CLOEXEC)
        self._fds: dict[str, int] = {}
        for name in ("vpc", "client", "service", "nat"):
            _checked(_LIBC.unshare(CLONE_NEWNET), "no network namespace")
            self._fds[name] = os.open("/proc/thread-self/ns/net", os.O_RDONLY | os.O_CLOEXEC)
            self._sysctls(name)
        _checked(_LIBC.setns(self._home, CLONE_NEWNET), "setns")
        try:
            self._cables()
        except CommandFailed as error:
            raise NoLab(f"no cables between namespaces here: {error}") from error

    @contextlib.contextmanager
    def inside(self, name: str) -> Iterator[None]:
        """Be in a namespace for a while; sockets stay where they were made."""
        _checked(_LIBC.setns(self._fds[name], CLONE_NEWNET), "setns")
        try:
            yield
        finally:
            _checked(_LIBC.setns(self._home, CLONE_NEWNET), "setns")

    def close(self) -> None:
        """Give the namespaces back."""
        for number in (*self._fds.values(), self._home):
            os.close(number)

    def _sysctls(self, name: str) -> None:
        wanted = dict(SYSCTLS)
        if name in {"vpc", "nat"}:
            wanted |= {"net/ipv4/ip_forward": "1", "net/ipv6/conf/all/forwarding": "1"}
        if name == "client":
            wanted |= {"net/ipv6/ip_nonlocal_bind": "1", "net/ipv4/ip_unprivileged_port_start": "0"}
        if name == "service":
            wanted |= {"net/ipv4/tcp_synack_retries": "0", "net/core/somaxconn": "8192"}
        try:
            for key, value in wanted.items():
                Path("/proc/sys", key).write_text(value, encoding="ascii")
        except OSError as error:
            raise NoLab(f"/proc/sys/net is not writable here: {error}") from error

    def _cables(self) -> None:
        ends = {"eni0": ("eth0", "client"), "nat0": ("nat0", "nat"), "bh": ("bh", "service")}
        ends |= {name: (name, "service") for name in LISTENING}
        lines = []
        for number, (near, (far, space)) in enumerate(ends.items()):
            mac = f"02:00:00:00:00:{number + 1:02x}"
            peer = f"/proc/{os.getpid()}/fd/{self._fds[space]}"
            lines.append(
                f"link add {near} address {mac} type veth peer name {far} address {mac} netns {peer}"
            )
            lines += _up(near)
        with self.inside("vpc"):
            ip("\n".join([*lines, "link set dev lo up", "route add 10.0.0.0/8 dev eni0"]) + "\n")
            ip("route add 2001:db8::/32 dev eni0\n", "-6")
        with self.inside("client"):
            ip("\n".join(["link set dev lo up", *_up("eth0")]) + "\n")
            for family in ("-4", "-6"):  # what is sent always goes out, even to an address that is local here
                ip(
                    "rule add pref 10 lookup local\nrule add pref 5 iif lo lookup 50\nrule del pref 0\n",
                    family,
                )
                ip("route add default dev eth0 table 50\n", family)
        with self.inside("nat"):
            ip("\n".join(["link set dev lo up", *_up("nat0"), "route add default dev nat0"]) + "\n")
        with self.inside("service"):
            self._services()

    def _services(self) -> None:
        lines, six = ["link set dev lo up", *_up("bh")], []
        for number, name in enumerate(LISTENING):
            lines += [*_up(name), f"addr add 100.127.0.{number + 1}/32 dev {name}"]
            lines.append(f"route add default dev {name} metric {number + 1}")
            six.append(f"addr add fd00:2::{number + 1}/128 dev {name} nodad")
            six.append(f"route add default dev {name} metric {number + 1}")
        ip("\n".join(lines) + "\n")
        ip("\n".join(six) + "\n", "-6")


def _up(device: str) -> list[str]:
    return [f"link set dev {device} arp off addrgenmode none", f"link set dev {device} up"]
