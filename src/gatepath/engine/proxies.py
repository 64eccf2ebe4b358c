"""Proxy settings of the client's environment, by each SDK's own rules."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class NoProxyEntry:
    """One entry of `NO_PROXY` and why it does or doesn't cover the host.

    `reason`: `matches`, `other-name`, `wildcard`, `cidr`, `port`, `trailing-dot`, `separator`, `scheme`,
    `exact-only`, `subdomains-only`.
    """

    text: str
    matches: bool
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ProxyDecision:
    """Whether the request goes to a proxy. `variable` is the environment variable that decided."""

    url: str | None = None
    host: str | None = None
    port: int | None = None
    variable: str | None = None
    no_proxy_variable: str | None = None
    entries: tuple[NoProxyEntry, ...] = ()
    certain: bool = True
    """False where the SDK's rule is only believed."""
    imds_proxied: bool = False
    """The credentials service 169.254.169.254 would be asked through the proxy too."""
