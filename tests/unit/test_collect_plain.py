from datetime import UTC, datetime, timedelta, timezone

import pytest

from gatepath.collect.plain import plain, response_of
from gatepath.model.shown import keeps, without_password


def test_times_become_utc_and_blobs_base64() -> None:
    east = timezone(timedelta(hours=9))
    value = {
        "t": datetime(2026, 11, 24, 18, 0, tzinfo=east),
        "naive": datetime(2026, 1, 2, tzinfo=UTC),
        "b": b"\x00\xff",
    }
    assert plain(value) == {"t": "2026-11-24T09:00:00Z", "naive": "2026-01-02T00:00:00Z", "b": "AP8="}


def test_response_metadata_is_dropped() -> None:
    answer = {"Vpcs": [{"VpcId": "vpc-1"}], "ResponseMetadata": {"RequestId": "r"}}
    assert response_of("ec2", answer) == {"Vpcs": [{"VpcId": "vpc-1"}]}


def test_lambda_keeps_only_variables_that_decide_where_it_connects() -> None:
    answer = {
        "Functions": [
            {
                "FunctionName": "f",
                "Environment": {
                    "Variables": {
                        "DB_PASSWORD": "hunter2",
                        "https_proxy": "http://user:secret@10.0.0.9:3128",
                        "NO_PROXY": "169.254.169.254",
                        "AWS_REGION": "eu-west-1",
                        "AWS_SECRET_ACCESS_KEY": "key",
                        "AWS_ENDPOINT_URL_S3": "https://s3.eu-west-1.amazonaws.com",
                    }
                },
            }
        ]
    }
    environment = response_of("lambda", answer)["Functions"][0]["Environment"]  # type: ignore[index]
    assert environment["Variables"] == {
        "https_proxy": "http://10.0.0.9:3128",
        "NO_PROXY": "169.254.169.254",
        "AWS_REGION": "eu-west-1",
        "AWS_ENDPOINT_URL_S3": "https://s3.eu-west-1.amazonaws.com",
    }
    assert environment["OmittedNames"] == ["AWS_SECRET_ACCESS_KEY", "DB_PASSWORD"]


def test_ecs_drops_environment_values_and_command_lines() -> None:
    container = {
        "name": "app",
        "environment": [
            {"name": "TOKEN", "value": "secret"},
            {"name": "HTTPS_PROXY", "value": "http://10.0.0.9:3128"},
        ],
        "command": ["run", "--password", "secret"],
        "entryPoint": ["sh", "-c", "secret"],
    }
    definition = response_of("ecs", {"taskDefinition": {"containerDefinitions": [container]}})
    task = response_of("ecs", {"tasks": [{"overrides": {"containerOverrides": [container]}}]})
    assert "secret" not in str(definition)
    assert "secret" not in str(task)
    assert "HTTPS_PROXY" in str(definition)


@pytest.mark.parametrize(
    ("url", "clean"),
    [
        ("http://u:p@proxy:3128", "http://proxy:3128"),
        ("u:p@proxy:3128", "proxy:3128"),
        ("http://proxy:3128", "http://proxy:3128"),
        ("10.0.0.1,.amazonaws.com", "10.0.0.1,.amazonaws.com"),
    ],
)
def test_user_names_and_passwords_are_taken_out_of_urls(url: str, clean: str) -> None:
    assert without_password(url) == clean


@pytest.mark.parametrize(
    "name", ["HTTP_PROXY", "https_proxy", "no_proxy", "AWS_DEFAULT_REGION", "AWS_ENDPOINT_URL"]
)
def test_names_that_are_kept(name: str) -> None:
    assert keeps(name)


@pytest.mark.parametrize(
    "name", ["AWS_SESSION_TOKEN", "PROXY_PASSWORD", "MY_HTTP_PROXY", "JAVA_TOOL_OPTIONS"]
)
def test_names_that_are_not_kept(name: str) -> None:
    assert not keeps(name)
