"""`gatepath authorize` on files that are not what they should be: one answer a line, in order, and 2 at the end."""

import json
from pathlib import Path
from typing import Any

import pytest
from tests.iam_requests import ALLOWED, OWN, ROLE, allow
from tests.unit.test_cli import gatepath

from gatepath.cli.authorize import _MAX_LINE

Json = dict[str, Any]


def line(id_: object = 1, **request: Any) -> str:
    asked = {"principal": ROLE, "action": "s3:GetObject", "resource": "arn:aws:s3:::b/k", "context": {}}
    asked |= {"resource_account": OWN, **request}
    return json.dumps({"id": id_, "request": asked, "policies": {"identity": [allow()]}})


def answers(folder: Path, text: bytes, *options: str) -> tuple[int, list[Json]]:
    """Return exit code and answers; a failure says why in one line."""
    path = folder / "requests.jsonl"
    path.write_bytes(text)
    done = gatepath(*options, "authorize", "--requests", str(path))
    if done.returncode:
        assert len(done.stderr.splitlines()) == 1
    return done.returncode, [json.loads(row) for row in done.stdout.splitlines()]


BAD = [
    b'{"id":',
    b"[]",
    b"\xff\xfe\x00",
    b'{"id":1}',
    b'{"id":1,"a":' + b"[" * 100_000,
    line(context={"a:b": 1, "A:B": 2}).encode(),
    line(context={"a:b": 1}).replace('"a:b": 1', '"a:b": 1, "a:b": 2').encode(),
    line(context={"a:b": {"c": 1}}).encode(),
    line(context=5).encode(),
]


@pytest.mark.parametrize("bad", BAD)
def test_a_bad_line_is_an_error_and_the_rest_goes_on(tmp_path: Path, bad: bytes) -> None:
    code, rows = answers(tmp_path, b"\n".join([line("a").encode(), bad, b"", line("b").encode()]))
    assert code == 2
    assert [row.get("decision") for row in rows] == [ALLOWED, None, ALLOWED]
    assert set(rows[1]) == {"id", "error"}


def test_the_id_of_a_bad_line_comes_back_where_it_has_one(tmp_path: Path) -> None:
    texts = [line("日本", principal="nobody"), line(["x"], action="none"), '{"id": NaN}', line("\ud800")]
    code, rows = answers(tmp_path, "\n".join(texts).encode())
    assert (code, [row["id"] for row in rows]) == (2, ["日本", ["x"], None, rows[3]["id"]])
    assert all("error" in row for row in rows)


def test_a_line_without_end_is_one_error(tmp_path: Path) -> None:
    long = line("long", context={"a:b": "x" * (2 * _MAX_LINE + 1)})
    code, rows = answers(tmp_path, f"{line(1)}\n{long}\n{line(2)}".encode())
    assert (code, [row["id"] for row in rows]) == (2, [1, None, 2])
    assert str(_MAX_LINE) in rows[1]["error"]


@pytest.mark.parametrize("text", [b"", b"\n \n"])
def test_a_file_without_requests_has_no_answers(tmp_path: Path, text: bytes) -> None:
    assert answers(tmp_path, text) == (0, [])


def test_marks_of_the_encoding_and_line_ends_of_windows_are_taken(tmp_path: Path) -> None:
    code, rows = answers(tmp_path, b"\xef\xbb\xbf" + f"{line(1)}\r\n{line(2)}\r\n".encode())
    assert (code, [row["decision"] for row in rows]) == (0, [ALLOWED, ALLOWED])


def test_quotes_and_colons_in_values_are_no_keys(tmp_path: Path) -> None:
    code, rows = answers(tmp_path, line(context={"a:b": '":":', "c:d": {"$unknown": True}}).encode())
    assert (code, rows[0]["decision"]) == (0, ALLOWED)


def test_errors_are_readable_in_japanese(tmp_path: Path) -> None:
    path = tmp_path / "requests.jsonl"
    path.write_bytes(b"[]")
    done = gatepath("--language", "ja", "authorize", "--requests", str(path))
    assert "リクエストとして読み取れません" in done.stdout
