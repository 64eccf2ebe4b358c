"""`doctor` and `policy self` as commands."""

import json
import subprocess
from pathlib import Path

import pytest
from tests.unit.aws_stub import ec2_error, stub_aws
from tests.unit.test_cli import PROGRAM, environment

from gatepath.cli import main
from gatepath.collect.needed import needed_calls

KEYS = {"AWS_ACCESS_KEY_ID": "AKIAEXAMPLE", "AWS_SECRET_ACCESS_KEY": "example"}


@pytest.fixture(autouse=True)
def _environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_PROFILE", "HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy", "LANG", "LC_ALL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIAEXAMPLE")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "example")
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_CONFIG_FILE", "/nonexistent")


def run(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[object, str, str]:
    with pytest.raises(SystemExit) as ended:
        main.run(list(words))
    said = capsys.readouterr()
    return ended.value.code, said.out, said.err


def levels(text: str) -> dict[str, str]:
    return {row["code"]: row["level"] for row in json.loads(text)["results"]}


def test_doctor_is_content(capsys: pytest.CaptureFixture[str]) -> None:
    with stub_aws(lambda *_: ec2_error("DryRunOperation", 412)) as (url, _):
        code, out, _ = run(
            capsys, "doctor", "--endpoint-url", url, "--region", "eu-west-1", "--output", "json"
        )
    assert code == 0
    assert "problem" not in levels(out).values()


def test_doctor_misses_permissions(capsys: pytest.CaptureFixture[str]) -> None:
    with stub_aws(lambda *_: ec2_error("UnauthorizedOperation")) as (url, _):
        code, out, _ = run(capsys, "doctor", "--endpoint-url", url, "--region", "eu-west-1")
    assert code == 3
    assert "ec2:DescribeRouteTables" in out


@pytest.mark.parametrize("language", ["en", "ja"])
def test_doctor_without_a_network(capsys: pytest.CaptureFixture[str], language: str) -> None:
    place = ["--endpoint-url", "http://127.0.0.1:9", "--region", "eu-west-1", "--language", language]
    code, out, err = run(capsys, "doctor", "--output", "json", *place)
    assert code == 4
    assert levels(out)["collect.cannot-connect"] == "problem"
    assert err == ""


def test_doctor_without_a_region(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_REGION", "AWS_DEFAULT_REGION"):
        monkeypatch.delenv(name, raising=False)
    code, out, _ = run(capsys, "doctor", "--output", "json")
    assert code == 4
    assert levels(out)["collect.no-region"] == "problem"


def test_policy_self(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = run(capsys, "policy", "self")
    actions = {action for row in json.loads(out)["Statement"] for action in row["Action"]}
    assert code == 0
    assert {"ec2:DescribeRouteTables", "iam:GetRole", "lambda:ListFunctions"} <= actions


def test_policy_self_for_one_kind(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = run(capsys, "policy", "self", "--for", "network", "--format", "cloudformation")
    assert code == 0
    assert "ec2:DescribeRouteTables" in out
    assert "iam:" not in out


def test_texts_of_the_collector_exist_in_both_languages_with_the_same_placeholders() -> None:
    from gatepath.messages.catalogue import messages, placeholders

    for code, texts in messages().items():
        if code.startswith(("collect.", "doctor.", "help.collect.")):
            assert set(texts) == {"en", "ja"}, code
            assert placeholders(texts["en"]) == placeholders(texts["ja"]), code


def test_every_code_in_the_sources_has_a_text() -> None:
    import re

    import gatepath
    from gatepath.messages.catalogue import messages

    root = Path(gatepath.__file__).parent
    files = [
        *root.glob("collect/*.py"),
        *(root / "cli" / f"{name}.py" for name in ("record", "doctor", "policy")),
    ]
    found = {
        code
        for path in files
        for code in re.findall(
            r'"((?:collect|doctor|help\.collect)\.[a-z.-]*[a-z])"', path.read_text("utf-8")
        )
    }
    assert found
    assert found <= set(messages())


def test_doctor_read_by_somebody_who_leaves_ends_quietly() -> None:
    with stub_aws(lambda *_: ec2_error("DryRunOperation", 412)) as (url, _):
        command = (
            f"{PROGRAM} doctor --endpoint-url {url} --region eu-west-1 | head -n 1; exit ${{PIPESTATUS[0]}}"
        )
        done = subprocess.run(
            ["/bin/bash", "-c", command],
            check=False,
            capture_output=True,
            text=True,
            env=environment(**KEYS),
        )
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.count("\n") == 1


def test_what_is_not_there_may_be_looked_at() -> None:
    (needed,) = (one for one in needed_calls() if one.name == "ecs.DescribeTaskDefinition")
    assert "ClientException" in needed.harmless
