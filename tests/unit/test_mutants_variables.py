"""Variables that name a proxy, as each SDK reads them.

https://docs.python.org/3/library/urllib.request.html, https://curl.se/docs/manpage.html#ENVIRONMENT and
https://pkg.go.dev/golang.org/x/net/http/httpproxy
"""

import pytest
from tests import snapshots as s

from gatepath.checks import proxy
from gatepath.engine.hostnames import build_hostname, classify
from gatepath.engine.proxy_variables import no_proxy_setting, proxy_setting
from gatepath.engine.sdks import Sdk, family
from gatepath.model.naming import Arn
from gatepath.model.question import parse_question
from gatepath.request import build_request
from gatepath.trace import Step, StepVerdict


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


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("java/2.1", Sdk.JAVA),
        ("go/1.22", Sdk.GO),
        ("aws-cli/1.29", Sdk.PYTHON),
        ("aws-cli/2.15", Sdk.CLI),
        ("aws-cli", Sdk.CLI),
    ],
)
def test_the_family_of_an_sdk_with_its_version(name: str, kind: Sdk) -> None:
    assert family(name) is kind


def test_names_of_s3_tables_under_either_suffix() -> None:
    for name in ("s3tables.eu-west-1.amazonaws.com", "s3tables.eu-west-1.api.aws"):
        assert classify(name).form == "tables"


def proxy_step(env: dict[str, str], sdk: str = "javascript-v3") -> Step:
    asked = s.question(client=s.client(sdk=sdk, env=env))
    return proxy.CHECK.run(
        build_request(parse_question(asked), s.sound().world()), s.sound().world(), (), frozenset()
    )


@pytest.mark.parametrize(
    ("env", "variable"),
    [
        ({}, None),
        ({"HTTPS_PROXY": ""}, None),
        ({"NO_PROXY": "x"}, None),
        ({"A": "b", "HTTPS_PROXY": "http://p.example:1"}, "HTTPS_PROXY"),
        ({"http_proxy": "", "ALL_PROXY": "http://p.example:1"}, "ALL_PROXY"),
    ],
)
def test_a_variable_that_the_sdk_does_not_read_is_named(env: dict[str, str], variable: str | None) -> None:
    found = proxy_step(env)
    assert [dict(f.arguments)["variable"] for f in found.findings] == ([variable] if variable else [])
    assert found.verdict is (StepVerdict.PASS if env else StepVerdict.NOT_APPLICABLE)


def test_a_variable_that_exempts_the_host_is_not_ignored() -> None:
    assert proxy_step({"HTTPS_PROXY": "http://p.example:1", "no_proxy": "*"}, "boto3").findings == ()


@pytest.mark.parametrize(
    ("arn", "name"),
    [
        ("arn:aws:s3:::b-b", "b-b.s3.eu-west-1.amazonaws.com"),
        (
            "arn:aws:s3:eu-west-1:111122223333:accesspoint/ap",
            "ap-111122223333.s3-accesspoint.eu-west-1.amazonaws.com",
        ),
        ("arn:aws:s3:eu-west-1:111122223333:accesspoint/", "b-b.s3.eu-west-1.amazonaws.com"),
        ("arn:aws:dynamodb:eu-west-1:111122223333:accesspoint/ap", "b-b.s3.eu-west-1.amazonaws.com"),
    ],
)
def test_only_the_arn_of_an_access_point_is_a_host_of_its_own(arn: str, name: str) -> None:
    made, _ = build_hostname(
        service="s3", region="eu-west-1", bucket="b-b", sdk="boto3", resource=Arn.parse(arn)
    )
    assert made == name
