"""Lists of hosts that bypass a proxy: Go's, Java's, curl's and Python's rules where they part.

https://pkg.go.dev/golang.org/x/net/http/httpproxy, https://curl.se/docs/manpage.html#--noproxy and
https://docs.python.org/3/library/urllib.request.html
"""

import pytest

from gatepath.engine.hostnames import classify
from gatepath.engine.no_proxy import judge_entries
from gatepath.engine.proxies import client_endpoint, decide
from gatepath.engine.sdks import Sdk

HOST = "data.s3.eu-west-1.amazonaws.com"
VPCE = "data.bucket.vpce-0e1-abcd.s3.eu-west-1.vpce.amazonaws.com"


def covered(kind: Sdk, value: str, host: str = HOST, port: int = 443, scheme: str = "https") -> bool:
    return any(entry.matches for entry in judge_entries(kind, value, host, port, scheme))


@pytest.mark.parametrize(
    ("value", "host", "found"),
    [
        ("10.0.0.0/8", "10.1.2.3", True),
        ("10.0.0.0/8", "11.1.2.3", False),
        ("10.0.0.0/8", HOST, False),
        ("no/block", "10.1.2.3", False),
        ("10.1.2.3", "10.1.2.3", True),
        ("10.1.2.4", "10.1.2.3", False),
        ("10.1.2.3", HOST, False),
        ("10.1.2.3:443", "10.1.2.3", True),
        ("10.1.2.3:80", "10.1.2.3", False),
        ("2001:db8::1", "2001:db8::1", True),
        ("[2001:db8::1]", "[2001:db8::1]", True),
        ("[2001:db8::1]:443", "2001:db8::1", True),
        ("[2001:db8::1]:80", "2001:db8::1", False),
        ("1.2.3", "10.1.2.3", False),
        ("x.example,*", HOST, True),
        (HOST, HOST, True),
        ("s3.eu-west-1.amazonaws.com", HOST, True),
        (".s3.eu-west-1.amazonaws.com", HOST, True),
        ("*.s3.eu-west-1.amazonaws.com", HOST, True),
        (f".{HOST}", HOST, False),
        (f"*.{HOST}", HOST, False),
        ("amazonaws.com:443", HOST, True),
        ("amazonaws.com:80", HOST, False),
        ("amazonaws.com:", HOST, True),
        ("zonaws.com", HOST, False),
        (":443", HOST, False),
        ("AMAZONAWS.COM", HOST, True),
    ],
)
def test_go(value: str, host: str, found: bool) -> None:
    assert covered(Sdk.GO, value, host) is found


@pytest.mark.parametrize(
    ("value", "found"),
    [
        (HOST, True),
        ("*.amazonaws.com", True),
        ("amazonaws.com", False),
        ("*", True),
        ("[", False),
        ("DATA.*", True),
    ],
)
def test_java_matches_the_whole_name(value: str, found: bool) -> None:
    assert covered(Sdk.JAVA, value) is found


def test_empty_entries_are_none() -> None:
    for kind, value in (
        (Sdk.CURL, " a ,\tb, "),
        (Sdk.GO, " a ,, b, "),
        (Sdk.JAVA, "|a,,b |"),
        (Sdk.PYTHON, ",a, b"),
    ):
        assert [entry.text for entry in judge_entries(kind, value, HOST, 443, "https")] == ["a", "b"]


@pytest.mark.parametrize(
    ("scheme", "port", "entry", "found"),
    [
        ("http", 80, "80", False),
        ("https", 443, "443", False),
        ("http", 443, "443", True),
        ("https", 80, "80", True),
        ("https", 8443, "8443", True),
        ("https", 8443, "443", False),
        ("http", 79, "79", True),
        ("http", 81, "81", True),
    ],
)
def test_python_compares_ports_that_stand_in_the_url(scheme: str, port: int, entry: str, found: bool) -> None:
    assert covered(Sdk.PYTHON, f"{HOST}:{entry}", HOST, port, scheme) is found


def test_go_knows_the_default_port_too() -> None:
    assert covered(Sdk.GO, f"{HOST}:80", HOST, 80, "http")


@pytest.mark.parametrize(
    ("entry", "reason"),
    [("10.0.0.0/8", "cidr"), ("https://x.example", "scheme"), ("a b", "separator"), ("*.x", "wildcard")],
)
def test_why_an_entry_does_not_cover_the_host(entry: str, reason: str) -> None:
    assert judge_entries(Sdk.PYTHON, entry, HOST, 443, "https")[0].reason == reason


PROXY = "http://proxy.example:3128"


def test_nothing_set_is_no_proxy_and_nothing_through_it() -> None:
    made = decide({}, "boto3", HOST)
    assert (made.url, made.imds_proxied, made.certain) == (None, False, True)


@pytest.mark.parametrize(
    ("host", "direct"),
    [
        ("localhost", True),
        ("127.0.0.1", True),
        ("127.example", False),
        ("[::1]", True),
        ("10.1.2.3", False),
        (HOST, False),
    ],
)
def test_go_never_proxies_to_the_machine_itself(host: str, direct: bool) -> None:
    assert (decide({"HTTPS_PROXY": PROXY}, "go", host).url is None) is direct
    assert decide({"https_proxy": PROXY}, "curl", host).url == PROXY


@pytest.mark.parametrize(
    ("sdk", "value", "certain"),
    [("java", "a,b", False), ("java", "a|b", False), ("java", "a", True), ("go", "a,b", True)],
)
def test_javas_separators_are_not_certain(sdk: str, value: str, certain: bool) -> None:
    assert decide({"HTTPS_PROXY": PROXY, "NO_PROXY": value}, sdk, HOST).certain is certain


@pytest.mark.parametrize(
    ("sdk", "url", "host", "port"),
    [
        ("curl", "proxy.example", "proxy.example", 1080),
        ("curl", "https://proxy.example", "proxy.example", 443),
        ("curl", "http://proxy.example:8080", "proxy.example", 8080),
        ("go", "proxy.example", "proxy.example", 80),
        ("go", "http://proxy.example:port", None, None),
        ("go", "http://", None, None),
    ],
)
def test_where_a_proxy_is_by_its_url(sdk: str, url: str, host: str | None, port: int | None) -> None:
    variable = "https_proxy" if sdk == "curl" else "HTTPS_PROXY"
    made = decide({variable: url}, sdk, HOST)
    assert (made.host, made.port) == (host, port)


@pytest.mark.parametrize(
    ("value", "proxied"), [("169.254.169.254", False), ("169.254.169.254:80", True), ("x", True)]
)
def test_credentials_are_asked_for_by_plain_http(value: str, proxied: bool) -> None:
    env = {"https_proxy": PROXY, "http_proxy": PROXY, "no_proxy": value}
    assert decide(env, "boto3", HOST).imds_proxied is proxied
    assert not decide({"https_proxy": PROXY}, "boto3", HOST).imds_proxied
    with_port = {"HTTPS_PROXY": PROXY, "HTTP_PROXY": PROXY, "NO_PROXY": "169.254.169.254:80"}
    assert not decide(with_port, "go", HOST).imds_proxied


@pytest.mark.parametrize(
    ("name", "region", "endpoint"),
    [
        (HOST, None, "s3.eu-west-1.amazonaws.com"),
        ("s3.eu-west-1.amazonaws.com", None, "s3.eu-west-1.amazonaws.com"),
        ("ap-111122223333.s3-accesspoint.eu-west-1.amazonaws.com", None, "s3.eu-west-1.amazonaws.com"),
        (
            "ap-111122223333.s3-accesspoint.eu-west-1.amazonaws.com",
            "eu-central-1",
            "s3.eu-central-1.amazonaws.com",
        ),
        ("111122223333.ddb.eu-west-1.amazonaws.com", None, "dynamodb.eu-west-1.amazonaws.com"),
        ("s3express-control.eu-west-1.amazonaws.com", None, "s3.eu-west-1.amazonaws.com"),
        (
            "111122223333.s3-control.eu-west-1.amazonaws.com",
            None,
            "111122223333.s3-control.eu-west-1.amazonaws.com",
        ),
        ("data.example", None, "data.example"),
        (VPCE, None, VPCE),
    ],
)
def test_the_endpoint_that_botocore_makes_a_client_for(name: str, region: str | None, endpoint: str) -> None:
    assert client_endpoint(classify(name), None, region) == endpoint


@pytest.mark.parametrize(
    ("value", "name"), [("regional", "s3.us-east-1.amazonaws.com"), ("legacy", "s3.amazonaws.com")]
)
def test_a_setting_makes_the_endpoint_of_us_east_1_regional(value: str, name: str) -> None:
    """https://docs.aws.amazon.com/sdkref/latest/guide/feature-s3-regional-endpoint.html"""
    host = classify("ap-111122223333.s3-accesspoint.us-east-1.amazonaws.com")
    assert client_endpoint(host, {"AWS_S3_US_EAST_1_REGIONAL_ENDPOINT": value}) == name
