"""Writes src/gatepath/data/demo: the demonstration's VPC, recorded, with made-up ids that never change."""

import json
import re
import sys
from collections.abc import Iterable
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
TARGET = ROOT / "src" / "gatepath" / "data" / "demo"
ACCOUNT = "111122223333"
_ID = re.compile(r"\b([a-z][a-z-]*)-([0-9a-f]{17})\b")
_STAMP = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z")


def with_stable_ids(lines: Iterable[str], zone: str) -> list[str]:
    """Return the lines with ids counted through per kind, one account, one point in time."""
    numbers: dict[str, int] = {}
    names: dict[str, str] = {}

    def rename(match: re.Match[str]) -> str:
        kind = match.group(1)
        if match.group(0) not in names:
            numbers[kind] = numbers.get(kind, 0) + 1
            names[match.group(0)] = f"{kind}-0de0{numbers[kind]:013x}"
        return names[match.group(0)]

    renamed = (_ID.sub(rename, line.replace(zone, "Z0DEM0EXAMPLEZ0NE00001")) for line in lines)
    return [
        _STAMP.sub(
            "2026-11-24T09:00:00Z",
            line.replace("123456789012", ACCOUNT).replace("user/moto", "user/recorder"),
        )
        for line in renamed
    ]


def main() -> None:
    """Build, record, rename, write."""
    from demo.aws_truth import running_server
    from demo.vpc import REGION, Builder, question_text
    from gatepath.collect.live import record_for_question
    from gatepath.collect.session import SessionOptions
    from gatepath.model.question import parse_question

    records: list[dict[str, object]] = []
    with running_server() as url:
        demo = Builder(url).build()
        question = parse_question(demo.question)
        record_for_question(
            question, SessionOptions(endpoint_url=url, region=REGION), lambda _: None, records.append
        )
    records.sort(
        key=lambda record: [str(record[key]) for key in ("region", "service", "operation", "request")]
    )
    records.sort(key=lambda record: record["operation"] != "GetCallerIdentity")
    lines = [json.dumps(record, separators=(",", ":")) for record in records]
    asked, *recorded = with_stable_ids([json.dumps(json.loads(question_text(demo))), *lines], demo.zone)
    TARGET.mkdir(parents=True, exist_ok=True)
    (TARGET / "snapshot.jsonl").write_text("\n".join(recorded) + "\n", "utf-8")
    (TARGET / "question.json").write_text(json.dumps(json.loads(asked), indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    import os

    keys = {"AWS_ACCESS_KEY_ID": "demo", "AWS_SECRET_ACCESS_KEY": "demo"}
    os.environ.update(keys, AWS_EC2_METADATA_DISABLED="true")
    sys.path.insert(0, str(ROOT))
    main()
