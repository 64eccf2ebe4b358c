"""`gatepath diagnose` without a snapshot: record from a simulated AWS, then answer."""

import json
import os
import subprocess
import sys
from pathlib import Path

from demo.aws_truth import running_server
from demo.vpc import REGION, Builder, question_text

PROGRAM = Path(sys.executable).with_name("gatepath")


def gatepath(*arguments: str) -> "subprocess.CompletedProcess[str]":
    kept = {name: value for name, value in os.environ.items() if name in {"PATH", "PYTHONPATH"}}
    keys = {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test", "AWS_EC2_METADATA_DISABLED": "true"}
    env = {**kept, **keys, "HOME": "/nonexistent", "PYTHONIOENCODING": "utf-8"}
    return subprocess.run(
        [PROGRAM, *arguments], check=False, capture_output=True, text=True, encoding="utf-8", env=env
    )


def test_live_equals_record_then_diagnose(tmp_path: Path) -> None:
    question, saved = tmp_path / "question.json", tmp_path / "saved.jsonl"
    asked = ("--question", str(question), "--only", "network", "--output", "json")
    with running_server() as url:
        question.write_text(question_text(Builder(url).build()), encoding="utf-8")
        place = ("--endpoint-url", url, "--region", REGION)
        live = gatepath("diagnose", *asked, *place, "--save-snapshot", str(saved))
    assert live.returncode == 1, live.stderr
    later = gatepath("diagnose", str(saved), *asked, "--region", REGION)
    assert json.loads(later.stdout) == json.loads(live.stdout)
    assert json.loads(live.stdout)["verdict"] == "blocked"


def test_an_address_where_nobody_answers_is_4(tmp_path: Path) -> None:
    words = ("--from", "i-0123456789abcdef0", "--to", "s3", "--only", "network")
    done = gatepath("diagnose", *words, "--endpoint-url", "http://127.0.0.1:9", "--region", REGION)
    assert done.returncode == 4
    assert done.stdout == ""
    assert done.stderr.count("\n") == 1
