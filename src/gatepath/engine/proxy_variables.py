"""Which environment variable names the proxy, and which the exceptions, in each SDK."""

from collections.abc import Mapping
from dataclasses import dataclass

from gatepath.engine.sdks import Sdk


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """A variable and its value."""

    name: str
    value: str


def proxy_setting(kind: Sdk, env: Mapping[str, str], scheme: str) -> Setting | None:
    """Return the variable that gives the proxy for URLs of the scheme; None if the SDK uses none."""
    match kind:
        case Sdk.PYTHON | Sdk.CLI:
            return _python(env, scheme)
        case Sdk.JAVASCRIPT:
            return None
        case Sdk.GO:
            return _go(env, scheme)
        case Sdk.JAVA:
            return _first(env, f"{scheme}_proxy", f"{scheme.upper()}_PROXY", blank=True)
        case Sdk.CURL | Sdk.OTHER:
            # curl leaves HTTP_PROXY alone: a web server may set it from a request's header
            upper = () if scheme == "http" and kind is Sdk.CURL else (f"{scheme.upper()}_PROXY",)
            return _first(env, f"{scheme}_proxy", *upper, "all_proxy", "ALL_PROXY")


def no_proxy_setting(kind: Sdk, env: Mapping[str, str]) -> Setting | None:
    """Return the variable that lists the exceptions."""
    match kind:
        case Sdk.PYTHON | Sdk.CLI:
            return _python(env, "no")
        case Sdk.GO:
            return _first(env, "NO_PROXY", "no_proxy")
        case Sdk.JAVA:
            return _first(env, "no_proxy", "NO_PROXY", blank=True)
        case _:
            return _first(env, "no_proxy", "NO_PROXY")


def _python(env: Mapping[str, str], scheme: str) -> Setting | None:
    """Any case counts, lower case wins, an empty lower-case variable unsets.

    Under CGI (`REQUEST_METHOD`) `HTTP_PROXY` is dropped.
    Source: https://docs.python.org/3/library/urllib.request.html#urllib.request.getproxies
    """
    wanted = f"{scheme}_proxy"
    found: Setting | None = None
    for name, value in env.items():
        if value and name.lower() == wanted:
            found = Setting(name=name, value=value)
    if scheme == "http" and "REQUEST_METHOD" in env:
        found = None
    for name, value in env.items():
        if name.endswith("_proxy") and name.lower() == wanted:
            found = Setting(name=name, value=value) if value else None
    return found


def _go(env: Mapping[str, str], scheme: str) -> Setting | None:
    found = _first(env, f"{scheme.upper()}_PROXY", f"{scheme}_proxy")
    return None if scheme == "http" and env.get("REQUEST_METHOD") else found


def _first(env: Mapping[str, str], *names: str, blank: bool = False) -> Setting | None:
    """Return the first variable with a value; `blank`: white space counts as none and is trimmed."""
    for name in names:
        value = env.get(name, "")
        if blank:
            value = value.strip()
        if value:
            return Setting(name=name, value=value)
    return None
