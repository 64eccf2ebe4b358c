"""Variables that name a proxy, as each SDK reads them.

https://docs.python.org/3/library/urllib.request.html, https://curl.se/docs/manpage.html#ENVIRONMENT and
https://pkg.go.dev/golang.org/x/net/http/httpproxy
"""

import pytest

from gatepath.engine.proxy_variables import no_proxy_setting, proxy_setting
from gatepath.engine.sdks import Sdk


@pytest.mark.parametrize(
    ("kind", "scheme", "env", "name", "value"),
    [
        (Sdk.JAVA, "https", {"https_proxy": " ", "HTTPS_PROXY": " a "}, "HTTPS_PROXY", "a"),
        (Sdk.GO, "https", {"HTTPS_PROXY": " a "}, "HTTPS_PROXY", " a "),
        (Sdk.GO, "http", {"HTTP_PROXY": "a", "REQUEST_METHOD": "GET"}, None, None),
        (Sdk.GO, "http", {"HTTP_PROXY": "a", "REQUEST_METHOD": ""}, "HTTP_PROXY", "a"),
        (Sdk.GO, "https", {"HTTPS_PROXY": "a", "REQUEST_METHOD": "GET"}, "HTTPS_PROXY", "a"),
        (Sdk.GO, "https", {"https_proxy": "b", "HTTPS_PROXY": "a"}, "HTTPS_PROXY", "a"),
        (Sdk.CURL, "https", {"https_proxy": " ", "HTTPS_PROXY": "a"}, "https_proxy", " "),
        (Sdk.CURL, "http", {"HTTP_PROXY": "a"}, None, None),
        (Sdk.CURL, "http", {"HTTP_PROXY": "a", "ALL_PROXY": "b"}, "ALL_PROXY", "b"),
        (Sdk.OTHER, "http", {"HTTP_PROXY": "a"}, "HTTP_PROXY", "a"),
        (Sdk.JAVASCRIPT, "https", {"HTTPS_PROXY": "a", "https_proxy": "a"}, None, None),
        (Sdk.PYTHON, "http", {"HTTP_PROXY": "a", "REQUEST_METHOD": "GET"}, None, None),
        (Sdk.PYTHON, "https", {"HTTPS_PROXY": "a", "https_proxy": ""}, None, None),
        (Sdk.CLI, "https", {"Https_Proxy": "a"}, "Https_Proxy", "a"),
    ],
)
def test_the_variable_that_counts(
    kind: Sdk, scheme: str, env: dict[str, str], name: str | None, value: str | None
) -> None:
    found = proxy_setting(kind, env, scheme)
    assert (found.name if found else None, found.value if found else None) == (name, value)


@pytest.mark.parametrize(
    ("kind", "env", "value"),
    [
        (Sdk.JAVA, {"no_proxy": " ", "NO_PROXY": " a "}, "a"),
        (Sdk.CURL, {"no_proxy": " ", "NO_PROXY": "a"}, " "),
        (Sdk.GO, {"no_proxy": "b", "NO_PROXY": "a"}, "a"),
        (Sdk.CURL, {"no_proxy": "b", "NO_PROXY": "a"}, "b"),
        (Sdk.PYTHON, {"NO_PROXY": "a"}, "a"),
    ],
)
def test_the_list_of_exceptions_that_counts(kind: Sdk, env: dict[str, str], value: str) -> None:
    found = no_proxy_setting(kind, env)
    assert found is not None
    assert found.value == value
