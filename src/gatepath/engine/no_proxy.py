"""Entries of `NO_PROXY` and why each does or doesn't cover a host, by each SDK's own rules."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_network

from gatepath.engine.sdks import Sdk
from gatepath.packets import parse_address


@dataclass(frozen=True, slots=True, kw_only=True)
class NoProxyEntry:
    """One entry of `NO_PROXY` and why it does or doesn't cover the host.

    `reason`: `matches`, `other-name`, `wildcard`, `cidr`, `port`, `trailing-dot`, `separator`, `scheme`,
    `exact-only`, `subdomains-only`.
    """

    text: str
    matches: bool
    reason: str


def judge_entries(kind: Sdk, value: str, hostname: str, port: int, scheme: str) -> tuple[NoProxyEntry, ...]:
    """Return the entries of a list, each with whether it covers the host.

    A default port is not part of the URL, so Python's rules don't see it.
    """
    host = hostname.lower()
    shown = "" if port == {"http": 80, "https": 443}.get(scheme) else str(port)
    if value == "*" and kind is not Sdk.JAVA:
        return (NoProxyEntry(text=value, matches=True, reason="matches"),)
    split, covers = _RULES[kind]
    made = []
    for text in split(value):
        found = covers(text, host, str(port) if kind is Sdk.GO else shown)
        made.append(NoProxyEntry(text=text, matches=found, reason=_reason(text, host, matches=found)))
    return tuple(made)


def _commas(value: str) -> list[str]:
    return [text for item in value.split(",") if (text := item.strip())]


def _blanks(value: str) -> list[str]:
    return [text for text in re.split(r"[ \t,]+", value) if text]


def _bars(value: str) -> list[str]:
    return [text for item in re.split(r"[,|]", value) if (text := item.strip())]


def _python(text: str, host: str, port: str) -> bool:
    """Compare as https://docs.python.org/3/library/urllib.request.html does: suffixes, nothing else."""
    name = text.lstrip(".").lower()
    names = (host, f"{host}:{port}") if port else (host,)
    return any(each == name or each.endswith(f".{name}") for each in names)


def _curl(text: str, host: str, _: str) -> bool:
    """Compare as https://curl.se/docs/manpage.html#--noproxy: suffixes, and CIDR blocks for addresses."""
    address = parse_address(host.strip("[]"))
    if address is not None:
        return _address_in(text, address)
    name = text.lower()
    name = name.removesuffix(".")
    name = name.removeprefix(".")
    return bool(name) and (host.rstrip(".") == name or host.rstrip(".").endswith(f".{name}"))


def _go(text: str, host: str, port: str) -> bool:
    """Compare as https://github.com/golang/net/blob/master/http/httpproxy/proxy.go."""
    entry = text.lower()
    address = parse_address(host.strip("[]"))
    if "/" in entry:
        return address is not None and _address_in(entry, address)
    name, _, wanted = entry.rpartition(":") if re.fullmatch(r"(\[.*\]|[^:]*):\d*", entry) else (entry, "", "")
    if entry == "*":
        return True
    if wanted and wanted != port:
        return False
    if address is not None or parse_address(name.strip("[]")) is not None:
        return address is not None and address == parse_address(name.strip("[]"))
    name = name[1:] if name.startswith("*.") else name
    if not name:
        return False
    return host.endswith(name) if name.startswith(".") else host == name or host.endswith(f".{name}")


def _java(text: str, host: str, _: str) -> bool:
    """Compare as the SDK for Java 2.x: the entry is a pattern for the whole name, `*` for any text."""
    try:
        return re.fullmatch(text.lower().replace("*", ".*?"), host) is not None
    except re.error:
        return False


def _address_in(text: str, address: IPv4Address | IPv6Address) -> bool:
    block = _block(text.strip("[]"))
    return block is not None and block.version == address.version and address in block


def _block(text: str) -> IPv4Network | IPv6Network | None:
    try:
        return ip_network(text, strict=False)
    except ValueError:
        return None


_RULES: dict[Sdk, tuple[Callable[[str], list[str]], Callable[[str, str, str], bool]]] = {
    Sdk.PYTHON: (_commas, _python),
    Sdk.CLI: (_commas, _python),
    Sdk.CURL: (_blanks, _curl),
    Sdk.GO: (_commas, _go),
    Sdk.JAVA: (_bars, _java),
    Sdk.JAVASCRIPT: (_commas, _curl),
    Sdk.OTHER: (_commas, _curl),
}


def _reason(text: str, host: str, *, matches: bool) -> str:  # noqa: PLR0911 - one word each
    if matches:
        return "matches"
    if "://" in text:
        return "scheme"
    if re.search(r"[\s;|]", text):
        return "separator"
    if "/" in text:
        return "cidr"
    bare = text.lower()
    if "*" in bare:
        return "wildcard"
    if re.search(r":\d+$", bare) and parse_address(bare) is None:
        return "port"
    if bare.endswith("."):
        return "trailing-dot"
    name = bare.lstrip(".")
    if name == host:
        return "subdomains-only"
    return "exact-only" if host.endswith(f".{name}") else "other-name"
