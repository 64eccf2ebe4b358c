"""`snapshot record` as a command: what it writes, says and exits with."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest
from tests.unit.aws_stub import Answer, ec2, ec2_error, stub_aws

from gatepath.cli import main
from gatepath.collect.writing import Recorder
from gatepath.snapshot.containers import read_records

QUESTION = '{"source": {"subnet": "subnet-1"}, "service": "s3"}'
LINE: dict[str, object] = {
    "account": "111122223333",
    "region": "eu-west-1",
    "service": "ec2",
    "operation": "DescribeVpcs",
    "request": {},
    "response": {"Vpcs": []},
}


@pytest.fixture(autouse=True)
def _environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_PROFILE", "HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy", "LANG", "LC_ALL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIAEXAMPLE")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "example")
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_CONFIG_FILE", "/nonexistent")


def answers(operation: str, _: Mapping[str, str], __: int) -> Answer:
    if operation == "DescribeRouteTables":
        return ec2_error("UnauthorizedOperation")
    item = "<item><subnetId>subnet-1</subnetId><vpcId>vpc-1</vpcId></item>"
    return ec2(operation, f"<subnetSet>{item}</subnetSet>" if operation == "DescribeSubnets" else "")


@dataclass
class Outcome:
    exit_code: int
    stdout: str
    stderr: str


Run = Callable[..., Outcome]


@pytest.fixture
def run(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Run:
    """Return the command, run in `tmp_path` with a question beside it."""

    def runs(*more: str, url: str = "http://127.0.0.1:9", text: str = QUESTION) -> Outcome:
        question = tmp_path / "question.json"
        question.write_text(text)
        place = ["--endpoint-url", url, "--region", "eu-west-1", "--out", str(tmp_path / "s.jsonl")]
        return outcome(["snapshot", "record", "--question", str(question), *place, *more], capsys)

    return runs


def outcome(words: list[str], capsys: pytest.CaptureFixture[str]) -> Outcome:
    with pytest.raises(SystemExit) as ended:
        main.run(words)
    said = capsys.readouterr()
    assert isinstance(ended.value.code, int)
    return Outcome(ended.value.code, said.out, said.err)


def test_gaps_name_the_permission(tmp_path: Path, run: Run) -> None:
    with stub_aws(answers) as (url, _):
        result = run(url=url)
    assert result.exit_code == 0
    assert result.stdout == ""
    denied = [line for line in result.stderr.splitlines() if "ec2.DescribeRouteTables" in line]
    assert ["ec2:DescribeRouteTables" in line for line in denied] == [True]
    operations = {one.operation for one in read_records(tmp_path / "s.jsonl")}
    assert {"GetCallerIdentity", "DescribeSubnets", "DescribeRouteTables"} <= operations


def test_an_archive_is_read_back(tmp_path: Path, run: Run) -> None:
    with stub_aws(answers) as (url, _):
        result = run("--out", str(tmp_path / "s.zip"), url=url)
    assert result.exit_code == 0
    assert len(list(read_records(tmp_path / "s.zip"))) > 10
    assert sorted(path.name for path in tmp_path.iterdir()) == ["question.json", "s.zip"]


def test_no_network_is_exit_4_and_leaves_no_file(tmp_path: Path, run: Run) -> None:
    result = run()
    assert result.exit_code == 4
    assert len(result.stderr.splitlines()) == 1
    assert [path.name for path in tmp_path.iterdir()] == ["question.json"]


def test_an_existing_file_is_not_replaced_unasked(tmp_path: Path, run: Run) -> None:
    (tmp_path / "s.jsonl").write_text("mine")
    assert run().exit_code == 2
    assert (tmp_path / "s.jsonl").read_text() == "mine"


@pytest.mark.parametrize("text", ["{", "[]", "{}", '{"source": {"instance": 1}, "service": "s3"}', "\ufeff"])
def test_a_bad_question_is_exit_2_in_one_line(tmp_path: Path, run: Run, text: str) -> None:
    result = run(text=text)
    assert result.exit_code == 2
    assert len(result.stderr.splitlines()) == 1
    assert "question.json" in result.stderr


def test_an_unwritable_place_is_exit_2(tmp_path: Path, run: Run) -> None:
    result = run("--out", str(tmp_path / "no" / "such" / "s.jsonl"))
    assert result.exit_code == 2
    assert len(result.stderr.splitlines()) == 1


def test_nothing_to_record_is_exit_2(capsys: pytest.CaptureFixture[str]) -> None:
    result = outcome(["snapshot", "record", "--region", "eu-west-1"], capsys)
    assert result.exit_code == 2
    assert "--regions" in result.stderr


def test_a_question_in_options(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with stub_aws(answers) as (url, _):
        place = ["--endpoint-url", url, "--region", "eu-west-1", "--out", str(tmp_path / "s.jsonl")]
        result = outcome(["snapshot", "record", "--from", "subnet-1", "--to", "s3://b/k", *place], capsys)
    assert result.exit_code == 0
    assert "HeadBucket" in {one.operation for one in read_records(tmp_path / "s.jsonl")}


def test_an_interrupted_recorder_keeps_whole_records(tmp_path: Path) -> None:
    def interrupted() -> None:
        with Recorder(tmp_path / "s.zip") as recorder:
            recorder.write(LINE)
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert [one.operation for one in read_records(tmp_path / "s.zip")] == ["DescribeVpcs"]


def test_what_is_recorded_is_readable_before_the_end(tmp_path: Path) -> None:
    with Recorder(tmp_path / "s.jsonl") as recorder:
        recorder.write(LINE)
        (part,) = tmp_path.iterdir()
        assert [json.loads(line) for line in part.read_text().splitlines()] == [LINE]
        assert part.suffix == ".jsonl"
