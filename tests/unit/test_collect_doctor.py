"""`doctor`'s core: clock, surroundings, permissions."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from tests.unit.aws_stub import Answer, ec2_error, stub_aws

from gatepath.collect.doctor import Level, Needed, Result, clock, examine, permissions, surroundings
from gatepath.collect.errors import CollectError
from gatepath.collect.probes import is_denied, proves_allowed, request_for
from gatepath.collect.session import SessionOptions, open_clients

NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_PROFILE", "HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy", "AWS_REGION"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIAEXAMPLE")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "example")
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_CONFIG_FILE", "/nonexistent")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", "/nonexistent")


@pytest.mark.parametrize(
    ("seconds", "level"),
    [(0, Level.OK), (59, Level.OK), (-120, Level.WARNING), (301, Level.PROBLEM), (-4000, Level.PROBLEM)],
)
def test_clock(seconds: int, level: Level) -> None:
    result = clock(format_datetime(NOW + timedelta(seconds=seconds), usegmt=True), NOW)
    assert (result.level, result.arguments) == (level, {"seconds": str(abs(seconds))})


@pytest.mark.parametrize("date", ["", "yesterday"])
def test_a_clock_without_a_date_is_no_verdict(date: str) -> None:
    assert clock(date, NOW).code == "doctor.clock-unknown"


def codes(environment: Mapping[str, str], **options: str) -> dict[str, Mapping[str, str]]:
    results = surroundings(environment, SessionOptions(**options))  # type: ignore[arg-type] # text options only
    return {result.code: result.arguments for result in results}


def test_surroundings_show_proxies_and_endpoints_without_passwords() -> None:
    found = codes(
        {"https_proxy": "http://me:secret@proxy:3128", "AWS_ENDPOINT_URL_S3": "http://127.0.0.1:9000"}
    )
    assert found["doctor.proxy"] == {"variable": "https_proxy", "value": "http://proxy:3128"}
    assert found["doctor.endpoint-override"]["variable"] == "AWS_ENDPOINT_URL_S3"


def test_quiet_surroundings() -> None:
    assert set(codes({"PATH": "/bin"})) == {"doctor.no-proxy-variables", "doctor.no-endpoint-overrides"}


NEEDED = [
    Needed(name="ec2.DescribeVpcs", actions=("ec2:DescribeVpcs",)),
    Needed(name="ec2.DescribeRouteTables", actions=("ec2:DescribeRouteTables",)),
    Needed(name="ec2.DescribeFlowLogs", actions=("ec2:DescribeFlowLogs",), refining=True),
    Needed(name="ec2.DescribeVpcAttribute", actions=("ec2:DescribeVpcAttribute",)),
    Needed(name="s3.HeadBucket", actions=("s3:ListBucket",)),
]


def test_permissions_are_tried_with_dry_runs() -> None:
    forms: dict[str, str] = {}

    def script(operation: str, form: Mapping[str, str], _: int) -> Answer:
        forms[operation] = form.get("DryRun", "")
        if operation == "DescribeVpcs":
            return ec2_error("DryRunOperation", 412)
        if operation == "DescribeVpcAttribute":
            return ec2_error("InvalidVpcID.NotFound", 400)
        return ec2_error("UnauthorizedOperation")

    with stub_aws(script) as (url, _):
        clients = open_clients(SessionOptions(region="eu-west-1", endpoint_url=url))
        results = list(permissions(clients, "eu-west-1", NEEDED))
    by_call = {result.arguments.get("call", ""): result for result in results}
    assert set(forms.values()) == {"true"}
    assert by_call["ec2.DescribeRouteTables"].level is Level.PROBLEM
    assert by_call["ec2.DescribeRouteTables"].arguments["permission"] == "ec2:DescribeRouteTables"
    assert by_call["ec2.DescribeFlowLogs"].level is Level.WARNING
    granted = next(result for result in results if result.code == "doctor.permissions-granted")
    assert granted.arguments == {"count": "2"}
    assert results[-1].code == "doctor.least-rights"


def test_a_whole_examination() -> None:
    with stub_aws(lambda *_: ec2_error("DryRunOperation", 412)) as (url, _):
        options = SessionOptions(region="eu-west-1", endpoint_url=url)
        results = list(examine(options, NEEDED, {}))
    found = {result.code for result in results}
    assert {"doctor.region", "doctor.credentials", "doctor.clock", "doctor.identity"} <= found
    assert not [result for result in results if result.level is Level.PROBLEM]


def test_refused_credentials_end_the_examination_after_the_clock() -> None:
    seen: list[Result] = []
    error = (
        "<ErrorResponse><Error><Code>InvalidClientTokenId</Code><Message>no</Message></Error></ErrorResponse>"
    )

    def look() -> None:
        with stub_aws(lambda *_: (200, ""), identity=(403, error)) as (url, _):
            for result in examine(SessionOptions(region="eu-west-1", endpoint_url=url), NEEDED, {}):
                seen.append(result)  # noqa: PERF402 - what came before the error counts

    with pytest.raises(CollectError) as raised:
        look()
    assert raised.value.code == "collect.credentials-refused"
    assert seen[-1].code == "doctor.clock"


def test_error_codes() -> None:
    assert is_denied("AccessDeniedException")
    assert is_denied("UnauthorizedOperation")
    assert not is_denied("Throttling")
    assert proves_allowed("NoSuchEntity")
    assert not proves_allowed("AccessDenied")
    assert request_for("s3.GetBucketPolicy") is None
    assert request_for("ec2.DescribeVpcs") == {"DryRun": True}
