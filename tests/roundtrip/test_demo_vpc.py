"""The demonstration's VPC: all four faults are found, mending them makes the verdict ok; so does the packaged one."""

import json
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path

import pytest
from demo.aws_truth import running_server
from demo.run import FAULTS
from demo.vpc import REGION, Builder, Demo

from gatepath.collect.live import record_for_question, record_regions
from gatepath.collect.session import SessionOptions
from gatepath.diagnose import diagnose
from gatepath.model.question import Question, parse_question
from gatepath.snapshot.load import load_file
from gatepath.trace import Diagnosis, Verdict

NETWORK = frozenset({"network"})


@pytest.fixture(autouse=True)
def _environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in (
        "AWS_PROFILE",
        "AWS_SESSION_TOKEN",
        "HTTP_PROXY",
        "HTTPS_PROXY",
        "http_proxy",
        "https_proxy",
    ):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "demo")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "demo")
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_CONFIG_FILE", "/nonexistent")


@pytest.fixture
def url() -> Iterator[str]:
    with running_server() as address:
        yield address


def answered(question: Question, snapshot: Path) -> tuple[Diagnosis, set[str]]:
    diagnosis = diagnose(question, load_file(snapshot).world, only=NETWORK)
    return diagnosis, {finding.code for finding in diagnosis.findings if finding.code in FAULTS}


def record(question: Question, url: str, path: Path) -> Path:
    with path.open("w") as out:
        options = SessionOptions(endpoint_url=url, region=REGION)
        record_for_question(question, options, lambda _: None, lambda one: print(json.dumps(one), file=out))
    return path


def record_all(demo: Demo, url: str, path: Path) -> Path:
    bucket = str(demo.question["resource"]).rpartition(":")[2].partition("/")[0]
    with path.open("w") as out:
        options = SessionOptions(endpoint_url=url, region=REGION)
        record_regions(
            options, (), lambda _: None, lambda one: print(json.dumps(one), file=out), buckets=(bucket,)
        )
    return path


def test_broken_then_mended(url: str, tmp_path: Path) -> None:
    builder = Builder(url)
    demo = builder.build()
    question = parse_question(demo.question)
    broken, found = answered(question, record(question, url, tmp_path / "broken.jsonl"))
    assert (broken.verdict, found) == (Verdict.BLOCKED, set(FAULTS))
    assert not broken.unknowns
    builder.repair(demo)
    mended, found = answered(question, record(question, url, tmp_path / "mended.jsonl"))
    assert (mended.verdict, found) == (Verdict.OK, set())
    assert [path.component for path in mended.paths] == [demo.endpoint]
    whole, _ = answered(question, record_all(demo, url, tmp_path / "region.jsonl"))
    assert whole.verdict is Verdict.OK


def test_the_packaged_recording_has_the_same_faults() -> None:
    folder = files("gatepath.data") / "demo"
    question = parse_question(json.loads(folder.joinpath("question.json").read_text("utf-8")))
    diagnosis, found = answered(question, Path(str(folder / "snapshot.jsonl")))
    assert (diagnosis.verdict, found) == (Verdict.BLOCKED, set(FAULTS))
