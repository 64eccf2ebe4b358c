"""Ctrl-C while a recording runs: exit 130 at once, and a snapshot of whole records."""

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Mapping
from pathlib import Path

from tests.unit.aws_stub import Answer, ec2, stub_aws

PROGRAM = [str(Path(sys.executable).with_name("gatepath")), "snapshot", "record"]


def test_an_interrupted_recording_leaves_a_readable_snapshot(tmp_path: Path) -> None:
    stuck = threading.Event()
    waiting = threading.Event()

    def script(operation: str, _: Mapping[str, str], __: int) -> Answer:
        if operation == "DescribeRouteTables":
            waiting.set()
            stuck.wait(60)
        item = "<item><subnetId>subnet-1</subnetId><vpcId>vpc-1</vpcId></item>"
        return ec2(operation, f"<subnetSet>{item}</subnetSet>")

    snapshot, question = tmp_path / "snapshot.jsonl", tmp_path / "question.json"
    question.write_text('{"source": {"subnet": "subnet-1"}, "service": "s3"}')
    kept = {name: value for name, value in os.environ.items() if not name.lower().endswith("_proxy")}
    keys = {"AWS_ACCESS_KEY_ID": "x", "AWS_SECRET_ACCESS_KEY": "x", "AWS_EC2_METADATA_DISABLED": "true"}
    with stub_aws(script) as (url, _):
        place = ["--endpoint-url", url, "--region", "eu-west-1"]
        command = [*PROGRAM, "--question", str(question), "--out", str(snapshot), *place]
        recording = subprocess.Popen(command, env={**kept, **keys}, stderr=subprocess.PIPE, text=True)
        assert waiting.wait(30)
        time.sleep(1)
        interrupted = time.monotonic()
        recording.send_signal(signal.SIGINT)
        _, said = recording.communicate(timeout=20)
        took = time.monotonic() - interrupted
        stuck.set()
    assert recording.returncode == 130
    assert took < 5
    assert str(snapshot) in said
    assert "Traceback" not in said
    records = [json.loads(line) for line in snapshot.read_text().splitlines()]
    assert {"GetCallerIdentity", "DescribeSubnets"} <= {record["operation"] for record in records}
    assert "DescribeRouteTables" not in {record["operation"] for record in records}
