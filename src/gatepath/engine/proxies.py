"""Proxy settings of the client's environment, by each SDK's own rules.

Sources: https://docs.aws.amazon.com/cli/latest/userguide/cli-configure-proxy.html,
https://github.com/boto/botocore (Python's `urllib.request` rules, asked once for the client's own endpoint),
https://curl.se/docs/manpage.html, https://github.com/golang/net/blob/master/http/httpproxy/proxy.go and
https://github.com/aws/aws-sdk-java-v2
"""

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from gatepath.engine.host_building import legacy_global
from gatepath.engine.hostnames import Host, classify
from gatepath.engine.no_proxy import NoProxyEntry, judge_entries
from gatepath.engine.proxy_variables import Setting, no_proxy_setting, proxy_setting
from gatepath.engine.sdks import Sdk, family
from gatepath.model.naming import dns_suffix, dualstack_suffix
from gatepath.model.shown import without_password
from gatepath.packets import parse_address

__all__ = ["NoProxyEntry", "ProxyDecision", "client_endpoint", "decide", "suggest_no_proxy"]

METADATA = "169.254.169.254"
_DEFAULT_PORTS = {"http": 80, "https": 443}


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


def decide(
    env: Mapping[str, str] | None,
    sdk: str | None,
    hostname: str,
    port: int = 443,
    scheme: str = "https",
    *,
    client_region: str | None = None,
) -> ProxyDecision:
    """Return whether a request to `scheme://hostname:port` goes to a proxy, and what decided.

    With a proxy set but the host exempted, `url` is None and `variable` names the proxy's variable. A variable
    that the SDK does not read (JavaScript reads none) is as if unset.
    """
    values = dict(env or {})
    kind = family(sdk)
    setting = proxy_setting(kind, values, scheme)
    if setting is None:
        return ProxyDecision()
    exempt = no_proxy_setting(kind, values)
    asked = client_endpoint(classify(hostname), values, client_region) if _asks_endpoint(kind) else hostname
    entries = () if exempt is None else judge_entries(kind, exempt.value, asked, port, scheme)
    certain = kind is not Sdk.OTHER and _separators_certain(kind, exempt)
    proxied = not any(entry.matches for entry in entries) and not _always_direct(kind, asked)
    url = setting.value if "://" in setting.value else f"http://{setting.value.removeprefix('//')}"
    host, proxy_port = _place(url, kind)
    return ProxyDecision(
        url=without_password(url) if proxied else None,
        host=host if proxied else None,
        port=proxy_port if proxied else None,
        variable=setting.name,
        no_proxy_variable=None if exempt is None else exempt.name,
        entries=entries,
        certain=certain,
        imds_proxied=proxied and _metadata_proxied(kind, values, exempt),
    )


def _asks_endpoint(kind: Sdk) -> bool:
    """Tell whether the SDK settles the proxy when a client is made, for the client's endpoint.

    botocore does (`EndpointCreator`): the bucket's or account's own name plays no part.
    """
    return kind in {Sdk.PYTHON, Sdk.CLI}


def client_endpoint(host: Host, env: Mapping[str, str] | None = None, region: str | None = None) -> str:
    """Return the endpoint that botocore makes a client for, whose requests then go to `host`.

    `region` is the client's where the name tells none or the bucket's own.
    """
    own = region or host.region
    if host.form in {"access-point", "object-lambda", "zonal", "accelerate", "multi-region-access-point"}:
        return _plain_endpoint(own, env)
    if host.form == "control" and host.service == "s3express":
        return _plain_endpoint(own, env)
    if host.form == "account" and host.region is not None:
        suffix = dualstack_suffix(host.region) if host.dualstack else dns_suffix(host.region)
        return f"dynamodb.{host.region}.{suffix}"
    if host.bucket is not None and host.form not in {"endpoint-specific", "foreign"}:
        return host.name.removeprefix(f"{host.bucket}.")
    return host.name


def _plain_endpoint(region: str | None, env: Mapping[str, str] | None) -> str:
    if legacy_global(Sdk.PYTHON, region, env or {}):
        return "s3.amazonaws.com"
    return f"s3.{region}.{dns_suffix(region or '')}"


def _separators_certain(kind: Sdk, exempt: Setting | None) -> bool:
    """Java's versions differ in whether a comma separates entries of the environment's list."""
    return kind is not Sdk.JAVA or exempt is None or not {",", "|"} & set(exempt.value)


def _always_direct(kind: Sdk, hostname: str) -> bool:
    """Go never proxies to the machine itself (https://pkg.go.dev/golang.org/x/net/http/httpproxy)."""
    address = parse_address(hostname.strip("[]"))
    return kind is Sdk.GO and (hostname == "localhost" or (address is not None and address.is_loopback))


def _metadata_proxied(kind: Sdk, env: Mapping[str, str], exempt: Setting | None) -> bool:
    """Tell whether plain HTTP to the credentials service takes a proxy."""
    if proxy_setting(kind, env, "http") is None:
        return False
    entries = () if exempt is None else judge_entries(kind, exempt.value, METADATA, 80, "http")
    return not any(entry.matches for entry in entries)


def _place(url: str, kind: Sdk) -> tuple[str | None, int | None]:
    """Return the proxy's host and port; (None, None) where the URL can't be read."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError:
        return None, None
    if host is None:
        return None, None
    curl_default = 1080 if kind is Sdk.CURL and parts.scheme != "https" else None
    return host, port or curl_default or _DEFAULT_PORTS.get(parts.scheme)


def suggest_no_proxy(hostname: str, sdk: str | None) -> str:
    """Return the smallest `NO_PROXY` entry that lets requests to a host go direct.

    A suffix with a leading dot works in Python, curl and Go; Java matches patterns against the whole name.
    """
    kind = family(sdk)
    host = classify(hostname)
    if _asks_endpoint(kind):
        return f".{client_endpoint(host)}"
    suffix = host.name.removeprefix(f"{host.bucket}.") if host.bucket else host.name
    inside = suffix != host.name
    if kind is Sdk.JAVA:
        return f"*.{suffix}" if inside else suffix
    return f".{suffix}" if inside else suffix
