"""Proxy decisions: the table of entries, precedence, and against botocore and curl themselves."""

import os
import shutil
import subprocess
from collections.abc import Mapping
from urllib.parse import urlsplit

import botocore.session
import pytest
from botocore.httpsession import ProxyConfiguration
from botocore.utils import get_environ_proxies
from hypothesis import given, settings
from hypothesis import strategies as st

from gatepath.engine.proxies import decide, suggest_no_proxy

PROXY = "http://10.0.9.9:3128"
HOST = "mybucket.s3.us-east-1.amazonaws.com"
ENTRIES = {  # entry -> (Python, curl, Go, Java): does a request to HOST go direct
    "s3.us-east-1.amazonaws.com": (True, True, True, False),
    ".s3.us-east-1.amazonaws.com": (True, True, True, False),
    "*.s3.us-east-1.amazonaws.com": (False, False, True, True),
    ".amazonaws.com": (True, True, True, False),
    "amazonaws.com": (True, True, True, False),
    "*.amazonaws.com": (False, False, True, True),
    "*": (True, True, True, True),
    "52.216.0.0/15": (False, False, False, False),
    "s3.us-east-1.amazonaws.com:443": (False, False, True, False),
    "s3.us-east-1.amazonaws.com.": (False, True, False, False),
    "a, s3.us-east-1.amazonaws.com": (True, True, True, False),
    "a s3.us-east-1.amazonaws.com": (False, True, False, False),
    "S3.US-EAST-1.AMAZONAWS.COM": (True, True, True, False),
    "https://s3.us-east-1.amazonaws.com": (False, False, False, False),
    "s3.amazonaws.com": (False, False, False, False),
}
CURL = shutil.which("curl")


@pytest.mark.parametrize("entry", ENTRIES)
@pytest.mark.parametrize(
    ("column", "sdk"), [(0, "boto3"), (0, "aws-cli"), (1, "curl"), (2, "go"), (3, "java")]
)
def test_entries(entry: str, column: int, sdk: str) -> None:
    decision = decide({"HTTPS_PROXY": PROXY, "NO_PROXY": entry}, sdk, HOST)
    assert (decision.url is None) == ENTRIES[entry][column]
    assert decision.variable == "HTTPS_PROXY"
    assert decision.no_proxy_variable == "NO_PROXY"


@pytest.mark.parametrize(
    ("entry", "reason"),
    [
        ("*.s3.us-east-1.amazonaws.com", "wildcard"),
        ("52.216.0.0/15", "cidr"),
        ("s3.us-east-1.amazonaws.com:443", "port"),
        ("s3.us-east-1.amazonaws.com.", "trailing-dot"),
        ("a s3.us-east-1.amazonaws.com", "separator"),
        ("https://s3.us-east-1.amazonaws.com", "scheme"),
        ("dynamodb.us-east-1.amazonaws.com", "other-name"),
        ("s3.us-east-1.amazonaws.com", "matches"),
    ],
)
def test_reasons_in_python(entry: str, reason: str) -> None:
    (found,) = decide({"https_proxy": PROXY, "no_proxy": entry}, "botocore", HOST).entries
    assert (found.text, found.reason) == (entry, reason)


def test_reasons_of_exact_and_subdomain_rules() -> None:
    (java,) = decide({"https_proxy": PROXY, "no_proxy": "s3.us-east-1.amazonaws.com"}, "java", HOST).entries
    assert java.reason == "exact-only"
    (go,) = decide(
        {"https_proxy": PROXY, "no_proxy": ".s3.us-east-1.amazonaws.com"}, "go", "s3.us-east-1.amazonaws.com"
    ).entries
    assert (go.matches, go.reason) == (False, "subdomains-only")


def test_javascript_reads_no_variable() -> None:
    decision = decide({"HTTPS_PROXY": PROXY}, "javascript", HOST)
    assert (decision.url, decision.variable, decision.certain) == (None, None, True)


def test_an_sdk_that_is_not_known_is_uncertain() -> None:
    decision = decide({"HTTPS_PROXY": PROXY}, "ruby", HOST)
    assert (decision.url, decision.certain) == (PROXY, False)


def test_precedence() -> None:
    both = {"https_proxy": "http://low:1", "HTTPS_PROXY": "http://up:2"}
    assert [decide(both, sdk, HOST).host for sdk in ("boto3", "curl", "go", "java")] == [
        "low",
        "low",
        "up",
        "low",
    ]
    emptied = {"https_proxy": "", "HTTPS_PROXY": PROXY}
    assert decide(emptied, "boto3", HOST).url is None
    assert decide(emptied, "curl", HOST).url == PROXY
    only_http = {"http_proxy": PROXY}
    assert all(decide(only_http, sdk, HOST).variable is None for sdk in ("boto3", "curl", "go", "java"))
    assert decide({"ALL_PROXY": PROXY}, "boto3", HOST).url is None
    assert decide({"ALL_PROXY": PROXY}, "curl", HOST).variable == "ALL_PROXY"


def test_plain_http_and_cgi() -> None:
    assert decide({"HTTP_PROXY": PROXY}, "boto3", HOST, 80, "http").url == PROXY
    assert decide({"HTTP_PROXY": PROXY, "REQUEST_METHOD": "GET"}, "boto3", HOST, 80, "http").url is None
    assert decide({"http_proxy": PROXY, "REQUEST_METHOD": "GET"}, "boto3", HOST, 80, "http").url == PROXY
    assert decide({"HTTP_PROXY": PROXY}, "curl", HOST, 80, "http").url is None


def test_the_place_of_the_proxy() -> None:
    places = {
        "proxy.corp:8080": ("proxy.corp", 8080),
        "//proxy.corp:8080": ("proxy.corp", 8080),
        "http://user:pw@proxy.corp:3128/": ("proxy.corp", 3128),
        "http://proxy.corp": ("proxy.corp", 80),
        "https://proxy.corp": ("proxy.corp", 443),
        "http://[fd00::1]:3128": ("fd00::1", 3128),
        "http://proxy.corp:port": (None, None),
    }
    for url, place in places.items():
        decision = decide({"https_proxy": url}, "boto3", HOST)
        assert (decision.host, decision.port) == place
        assert decision.url is not None


def test_credentials_through_the_proxy() -> None:
    env = {"http_proxy": PROXY, "https_proxy": PROXY}
    assert decide(env, "boto3", HOST).imds_proxied
    assert not decide({**env, "no_proxy": "169.254.169.254"}, "boto3", HOST).imds_proxied
    assert not decide({"https_proxy": PROXY}, "boto3", HOST).imds_proxied


def test_botocore_asks_for_the_endpoint_of_the_client_not_of_the_request(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("HTTPS_PROXY", PROXY)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIAEXAMPLE")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    for entry, region, host in (
        ("bkt.s3.eu-west-1.amazonaws.com", "eu-west-1", "bkt.s3.eu-west-1.amazonaws.com"),
        ("s3.eu-west-1.amazonaws.com", "eu-west-1", "bkt.s3.eu-west-1.amazonaws.com"),
        ("s3.us-east-1.amazonaws.com", "us-east-1", "bkt.s3.amazonaws.com"),
        (".s3.amazonaws.com", "us-east-1", "bkt.s3.amazonaws.com"),
        ("s3.eu-west-1.amazonaws.com", "eu-west-1", "ap-111122223333.s3-accesspoint.eu-west-1.amazonaws.com"),
        (
            "s3-accesspoint.eu-west-1.amazonaws.com",
            "eu-west-1",
            "ap-1.s3-accesspoint.eu-west-1.amazonaws.com",
        ),
    ):
        monkeypatch.setenv("NO_PROXY", entry)
        client = botocore.session.Session().create_client("s3", region_name=region)
        session = client._endpoint.http_session  # type: ignore[attr-defined]
        theirs = session._proxy_config.proxy_url_for(f"https://{host}")
        env = {"HTTPS_PROXY": PROXY, "NO_PROXY": entry}
        assert decide(env, "botocore", host, client_region=region).url == theirs, (entry, host)


NAMES = (
    "no_proxy",
    "NO_PROXY",
    "https_proxy",
    "HTTPS_PROXY",
    "http_proxy",
    "HTTP_PROXY",
    "all_proxy",
    "Https_Proxy",
)
PIECES = (
    "s3.eu-west-1.amazonaws.com",
    "amazonaws.com",
    "*",
    "*.amazonaws.com",
    ".",
    "..amazonaws.com",
    "1",
    "com:443",
    "localhost:8000",
    "192.0.2.7",
    "192.0.2.0/24",
    "x",
)
LISTS = st.lists(st.sampled_from(PIECES), max_size=4).flatmap(
    lambda items: st.sampled_from([",", ", ", " ", " ,", ";"]).map(lambda sep: sep.join(items))
)
VALUES = st.sampled_from(["", "http://p:1", "q:2", "//r:3", "https://s:4"])
ENVIRONMENTS = st.fixed_dictionaries(
    {},
    optional={
        **{n: LISTS if n.lower() == "no_proxy" else VALUES for n in NAMES},
        "REQUEST_METHOD": st.just("GET"),
    },
)
TARGETS = st.sampled_from(
    [
        ("s3.eu-west-1.amazonaws.com", 443, "https"),
        ("s3.amazonaws.com", 443, "https"),
        ("s3.eu-west-1.amazonaws.com", 80, "http"),
        ("dynamodb.eu-west-1.amazonaws.com", 443, "https"),
        ("localhost", 8000, "http"),
        ("192.0.2.7", 443, "https"),
    ]
)


def authority(host: str, port: int, scheme: str) -> str:
    return host if (scheme, port) in {("https", 443), ("http", 80)} else f"{host}:{port}"


@settings(max_examples=400, deadline=None)
@given(ENVIRONMENTS, TARGETS)
def test_against_botocores_own_functions(env: dict[str, str], target: tuple[str, int, str]) -> None:
    host, port, scheme = target
    url = f"{scheme}://{authority(host, port, scheme)}"
    with pytest.MonkeyPatch.context() as patch:
        _only(env, patch)
        theirs = ProxyConfiguration(proxies=get_environ_proxies(url)).proxy_url_for(url)
    decision = decide(env, "botocore", host, port, scheme)
    assert decision.url == theirs
    if theirs:
        assert decision.host == urlsplit(theirs).hostname


def _only(env: Mapping[str, str], patch: pytest.MonkeyPatch) -> None:
    for name in list(os.environ):
        if name.lower().endswith("_proxy") or name == "REQUEST_METHOD":
            patch.delenv(name)
    for name, value in env.items():
        patch.setenv(name, value)


CURL_CASES = [
    *({"HTTPS_PROXY": "http://127.0.0.9:9", "NO_PROXY": entry} for entry in ENTRIES),
    {"https_proxy": "http://127.0.0.9:9", "HTTPS_PROXY": ""},
    {"https_proxy": "", "HTTPS_PROXY": "http://127.0.0.9:9"},
    {"https_proxy": "http://127.0.0.9:9", "no_proxy": "x", "NO_PROXY": "*"},
    {"https_proxy": "http://127.0.0.9:9", "no_proxy": "", "NO_PROXY": "*"},
    {"https_proxy": "http://127.0.0.9:9", "no_proxy": "*,x"},
    {"https_proxy": "http://127.0.0.9:9", "no_proxy": "..amazonaws.com"},
    {"all_proxy": "http://127.0.0.9:9"},
    {"ALL_PROXY": "http://127.0.0.9:9"},
    {"http_proxy": "http://127.0.0.9:9"},
    {"HTTP_PROXY": "http://127.0.0.9:9"},
]


@pytest.mark.skipif(CURL is None, reason="no curl on this machine")
@pytest.mark.parametrize("scheme", ["https", "http"])
@pytest.mark.parametrize("host", [HOST, "192.0.2.7"])
def test_against_curl(host: str, scheme: str) -> None:
    port = {"https": 443, "http": 80}[scheme]
    for env in (*CURL_CASES, {"all_proxy": "http://127.0.0.9:9", "no_proxy": "192.0.2.0/24,10.0.0.1"}):
        run = subprocess.run(
            [
                str(CURL),
                "-sv",
                "--connect-timeout",
                "2",
                "--connect-to",
                f"{host}:{port}:127.0.0.8:1",
                f"{scheme}://{host}/",
            ],
            env={**env, "PATH": "/usr/bin:/bin"},
            capture_output=True,
            text=True,
            check=False,
            timeout=20,
        )
        proxied = "127.0.0.9:9" in run.stderr.split("Trying ", 1)[-1].split("\n")[0]
        assert (decide(env, "curl", host, port, scheme).url is not None) == proxied, (env, run.stderr)


@pytest.mark.parametrize("sdk", ["boto3", "aws-cli", "curl", "go", "java", "ruby", None])
@pytest.mark.parametrize(
    "host",
    [
        HOST,
        "s3.eu-west-1.amazonaws.com",
        "bkt.s3.amazonaws.com",
        "bkt.s3.dualstack.eu-west-1.amazonaws.com",
        "111122223333.ddb.eu-west-1.amazonaws.com",
        "dynamodb.eu-west-1.amazonaws.com",
        "ap-111122223333.s3-accesspoint.eu-west-1.amazonaws.com",
        "b--use1-az4--x-s3.s3express-use1-az4.us-east-1.amazonaws.com",
        "repo.us-east-1.amazonaws.com",
    ],
)
def test_the_suggestion_works(sdk: str | None, host: str) -> None:
    before = decide({"https_proxy": PROXY, "no_proxy": "169.254.169.254"}, sdk, host)
    after = decide(
        {"https_proxy": PROXY, "no_proxy": f"169.254.169.254,{suggest_no_proxy(host, sdk)}"}, sdk, host
    )
    assert before.url == PROXY
    assert after.url is None


def test_the_suggestion_is_the_services_suffix() -> None:
    assert suggest_no_proxy(HOST, "boto3") == ".s3.us-east-1.amazonaws.com"
    assert suggest_no_proxy(HOST, "java") == "*.s3.us-east-1.amazonaws.com"
    assert suggest_no_proxy("dynamodb.eu-west-1.amazonaws.com", "go") == "dynamodb.eu-west-1.amazonaws.com"
