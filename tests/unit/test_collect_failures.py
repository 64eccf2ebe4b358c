"""What AWS, the network or the options do wrong: the right sentence, never a traceback."""

import socket
from collections.abc import Iterator
from pathlib import Path
from threading import Thread

import pytest
from botocore.exceptions import ConnectionClosedError, InvalidRegionError, ProxyConnectionError
from tests.unit.aws_stub import Answer, stub_aws
from tests.unit.test_cli import gatepath, one_line

from gatepath.cli.errors import CliError
from gatepath.cli.live_options import session_options
from gatepath.collect.answers import ask
from gatepath.collect.calling import call_pages
from gatepath.collect.session import SessionOptions, open_clients, to_collect_error

KEYS = {"AWS_ACCESS_KEY_ID": "a", "AWS_SECRET_ACCESS_KEY": "b", "AWS_CONFIG_FILE": "/nonexistent"}
ASKED = ("diagnose", "--from", "i-1", "--to", "s3", "--region", "eu-west-1")


def sts_error(code: str) -> Answer:
    return 403, f"<ErrorResponse><Error><Code>{code}</Code><Message>no</Message></Error></ErrorResponse>"


@pytest.fixture
def hanging_up() -> Iterator[str]:
    """Yield the URL of a server that closes every connection at once."""
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            while True:
                try:
                    connection, _ = server.accept()
                    connection.recv(100)
                    connection.close()
                except OSError:
                    return

        Thread(target=serve, daemon=True).start()
        yield f"http://127.0.0.1:{server.getsockname()[1]}"
        server.shutdown(socket.SHUT_RDWR)


@pytest.mark.parametrize("language", ["en", "ja"])
def test_a_connection_that_is_closed_is_one_line_and_4(hanging_up: str, language: str) -> None:
    done = gatepath(*ASKED, "--endpoint-url", hanging_up, "--language", language, **KEYS)
    assert done.returncode == 4
    assert "ConnectionClosedError" in one_line(done)


def test_errors_without_an_answer_of_aws_are_told_by_what_they_name() -> None:
    closed = to_collect_error(ConnectionClosedError(endpoint_url="https://ec2.example/"))
    assert (closed.code, closed.arguments["detail"]) == ("collect.cannot-connect", "https://ec2.example/")
    proxy = to_collect_error(ProxyConnectionError(proxy_url="http://me:secret@10.0.0.1:3128"))
    assert (proxy.code, proxy.arguments["detail"]) == ("collect.cannot-connect", "http://10.0.0.1:3128")
    region = to_collect_error(InvalidRegionError(region_name="eu west"))
    assert (region.code, region.arguments["detail"]) == ("collect.bad-region", "eu west")


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        (sts_error("ExpiredToken"), "collect.credentials-refused"),
        (sts_error("AccessDenied"), "collect.credentials-refused"),
        (sts_error("SignatureDoesNotMatch"), "collect.clock"),
        ((500, "oops"), "collect.failed"),
        ((200, "<html>a proxy's page"), "collect.failed"),
    ],
)
def test_a_refused_identity_is_told_by_its_reason(
    monkeypatch: pytest.MonkeyPatch, answer: Answer, code: str
) -> None:
    for name, value in KEYS.items():
        monkeypatch.setenv(name, value)
    with stub_aws(lambda *_: answer, answer) as (url, _):
        clients = open_clients(SessionOptions(endpoint_url=url, region="eu-west-1"))
        (page,) = call_pages(clients, ask("eu-west-1", "sts.GetCallerIdentity"), "")
    assert page.reason is not None
    assert page.reason.code == code


@pytest.mark.parametrize(
    ("name", "value", "code"),
    [
        ("region", "eu west", "collect.bad-region-option"),
        ("role_arn", "role/x", "collect.bad-role-option"),
        ("endpoint_url", "localhost:4566", "collect.bad-url-option"),
        ("endpoint_url", "ftp://x", "collect.bad-url-option"),
        ("ca_bundle", "/nonexistent.pem", "cli.cannot-read"),
    ],
)
def test_options_that_can_not_be_used(name: str, value: str, code: str) -> None:
    with pytest.raises(CliError) as raised:
        session_options({name: value})
    assert raised.value.code == code
    assert raised.value.exit_code == 2


def test_regions_and_a_question_exclude_each_other(tmp_path: Path) -> None:
    out = str(tmp_path / "s.jsonl")
    both = gatepath(
        "snapshot", "record", "--from", "i-1", "--to", "s3", "--regions", "eu-west-1", "--out", out
    )
    assert both.returncode == 2
    assert "--regions" in one_line(both)
    for wrong in ("x y", "", "eu-west-1,"):
        done = gatepath("snapshot", "record", "--regions", wrong, "--out", out)
        assert done.returncode == 2
        assert "--regions: " in one_line(done)


def test_where_a_snapshot_can_not_be_saved_nothing_is_asked(tmp_path: Path) -> None:
    url = "http://127.0.0.1:9"
    for place in (tmp_path / "none" / "s.jsonl", tmp_path):
        done = gatepath(*ASKED, "--endpoint-url", url, "--save-snapshot", str(place), **KEYS)
        assert done.returncode == 2
        assert one_line(done).startswith(f"{place}: ")
