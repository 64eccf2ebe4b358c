"""What the command line gets wrong: found by trying it, each a strict expected failure until it is mended."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
from tests.case_files import CASES
from tests.unit.test_cli import ASKED, JAPANESE, PROGRAM, QUESTION, SNAPSHOT, Done, environment, gatepath

PROXIED = CASES / "findings" / "proxy.not-exempted" / "fires"
LISTED = CASES / "findings" / "security-group.other-prefix-list" / "fires"
SECRET = "s3cr3t"  # noqa: S105 - made up
CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")


def is_one_line(done: Done) -> bool:
    return done.stderr.count("\n") == 1 and "Traceback" not in done.stderr


def with_password(folder: Path) -> str:
    """Write the case's question with a proxy URL that holds a password; return its place."""
    row = json.loads((PROXIED / "question.json").read_text(encoding="utf-8"))
    env = row["client"]["env"]
    row["client"]["env"] = {name: text.replace("://", f"://alice:{SECRET}@") for name, text in env.items()}
    place = folder / "question.json"
    place.write_text(json.dumps(row), encoding="utf-8")
    assert SECRET in place.read_text(encoding="utf-8")
    return str(place)


@pytest.mark.parametrize("language", ["en", "ja"])
def test_redact_with_a_wrong_question_is_one_line_and_2(tmp_path: Path, language: str) -> None:
    question = tmp_path / "question.json"
    question.write_text('{"source": {"instance": 3}, "service": "s3"}', encoding="utf-8")
    words = ("--question", str(question), "--out", str(tmp_path / "o.jsonl"), "--language", language)
    done = gatepath("snapshot", "redact", SNAPSHOT, *words)
    assert done.returncode == 2
    assert is_one_line(done)
    assert bool(JAPANESE.search(done.stderr)) is (language == "ja")


def test_a_redacted_question_holds_no_password(tmp_path: Path) -> None:
    out = tmp_path / "redacted.json"
    words = ("--question", with_password(tmp_path), "--question-out", str(out))
    snapshot = str(PROXIED / "snapshot.jsonl")
    done = gatepath("snapshot", "redact", snapshot, *words, "--out", str(tmp_path / "o.jsonl"))
    assert done.returncode == 0
    text = out.read_text(encoding="utf-8")
    assert SECRET not in text
    assert "alice" not in text


@pytest.mark.parametrize("output", ["text", "json"])
def test_a_report_shows_no_password(tmp_path: Path, output: str) -> None:
    asked = ("--question", with_password(tmp_path), "--only", "network", "--output", output)
    done = gatepath("diagnose", str(PROXIED / "snapshot.jsonl"), *asked)
    assert done.returncode == 1
    assert SECRET not in done.stdout


def test_a_report_holds_no_control_characters_of_a_recorded_name(tmp_path: Path) -> None:
    recorded = (LISTED / "snapshot.jsonl").read_text(encoding="utf-8")
    name = "com.amazonaws.eu-west-1.dynamodb"
    assert f'"{name}"' in recorded
    snapshot = tmp_path / "s.jsonl"
    snapshot.write_text(recorded.replace(f'"{name}"', '"x\\u001b]0;title\\u0007y"'), encoding="utf-8")
    words = ("--question", str(LISTED / "question.json"), "--only", "network")
    done = gatepath("diagnose", str(snapshot), *words)
    assert "title" in done.stdout
    assert not CONTROL.search(done.stdout)


def test_show_holds_no_control_characters_of_the_file(tmp_path: Path) -> None:
    row = {"account": "1", "region": "r\x1b[2J", "service": "ec2", "operation": "X\x1b[2J"}
    snapshot = tmp_path / "s.jsonl"
    snapshot.write_text(json.dumps({**row, "request": {}, "response": {}}) + "\n", encoding="utf-8")
    done = gatepath("snapshot", "show", str(snapshot))
    assert done.returncode == 0
    assert not CONTROL.search(done.stdout)


ODD_WORDS = [
    ("diagnose", SNAPSHOT, "--from", "a\nb", "--to", "s3"),
    ("diagnose", SNAPSHOT, "--from", "i-1\x1b[31m", "--to", "what\x1b[31m"),
    ("diagnose", "no\nsuch", "--from", "i-1", "--to", "s3"),
    ("a\nb",),
    ("explain", "a\nb"),
]


@pytest.mark.parametrize("words", ODD_WORDS, ids=repr)
def test_an_error_is_one_plain_line_whatever_was_typed(words: tuple[str, ...]) -> None:
    done = gatepath(*words)
    assert done.returncode == 2
    assert is_one_line(done)
    assert not CONTROL.search(done.stderr.rstrip("\n"))


@pytest.mark.parametrize("to_file", [False, True])
def test_a_lone_surrogate_in_the_question_is_no_traceback(tmp_path: Path, to_file: bool) -> None:
    question = tmp_path / "question.json"
    row = {"source": {"instance": "i-0abc0000000000001"}, "service": "s3", "action": "s3:\ud800"}
    question.write_text(json.dumps(row), encoding="utf-8")
    words = ("--question", str(question), "--only", "network", "--output", "json")
    out = ("--out", str(tmp_path / "answer.json")) if to_file else ()
    done = gatepath("diagnose", SNAPSHOT, *words, *out)
    assert "Traceback" not in done.stderr
    assert done.returncode in {1, 2}


def shell(redirected: str, *words: str) -> Done:
    """Run the program with standard streams as a shell's redirections make them."""
    return subprocess.run(
        ["bash", "-c", f'"$@" {redirected}', "bash", PROGRAM, *words],
        check=False,
        capture_output=True,
        text=True,
        env=environment(),
    )


def test_a_closed_standard_input_is_one_line_and_2() -> None:
    done = shell("<&-", "diagnose", SNAPSHOT, "--question", "-")
    assert done.returncode == 2
    assert is_one_line(done)


@pytest.mark.parametrize("redirected", [">&-", ">/dev/full"])
def test_an_answer_that_can_not_be_written_is_one_line(redirected: str) -> None:
    done = shell(redirected, "diagnose", *ASKED)
    assert done.returncode not in {0, 3}
    assert is_one_line(done)


def test_a_question_from_standard_input_may_begin_with_a_byte_order_mark() -> None:
    question = "\ufeff" + Path(QUESTION).read_text(encoding="utf-8")
    done = gatepath("diagnose", SNAPSHOT, "--question", "-", "--only", "network", given=question)
    assert done.returncode == 1
    assert done.stdout == gatepath("diagnose", *ASKED).stdout


@pytest.mark.parametrize(("encoding", "language"), [("latin-1", "en"), ("latin-1", "ja"), ("cp1252", "ja")])
def test_help_is_no_traceback_in_any_encoding(encoding: str, language: str) -> None:
    words = ("diagnose", "--help", "--language", language)
    done = subprocess.run(
        [PROGRAM, *words], check=False, capture_output=True, env=environment(PYTHONIOENCODING=encoding)
    )
    assert b"Traceback" not in done.stderr
    assert done.returncode == 0
    assert b"--from" in done.stdout


def test_an_error_is_readable_where_the_terminal_has_no_japanese_letters() -> None:
    done = gatepath("explain", "no.such-code", "--language", "ja", PYTHONIOENCODING="ascii")
    assert done.returncode == 2
    assert "??" not in done.stderr


def test_the_language_of_the_arguments_counts_not_the_process() -> None:
    code = "from gatepath.cli.main import run\nrun(['explain', 'route.no-route', '--language', 'ja'])"
    done = subprocess.run(
        [sys.executable, "-c", code],
        check=False,
        capture_output=True,
        text=True,
        encoding="utf-8",
        env=environment(),
    )
    assert done.returncode == 0
    assert JAPANESE.search(done.stdout)


def test_the_last_language_wins() -> None:
    done = gatepath("explain", "route.no-route", "--language", "ja", "--language", "en")
    assert done.returncode == 0
    assert not JAPANESE.search(done.stdout)


@pytest.mark.parametrize("heading", ["Usage:", "Options:", "Commands:"])
def test_headings_of_help_are_translated(heading: str) -> None:
    done = gatepath("--help", "--language", "ja")
    assert done.returncode == 0
    assert heading not in done.stdout


NOT_UTF8, LIST, FOLDER = "not-utf8.json", "list.json", "empty"
ENGLISH = [
    (("diagnose", "a", "b"), "Got unexpected extra argument"),
    (("diagnose", *ASKED, "--port", "many"), "is not a valid integer"),
    (("diagnose", SNAPSHOT, "--question", NOT_UTF8), "not UTF-8"),
    (("diagnose", SNAPSHOT, "--question", LIST), "not an object"),
    (("diagnose", FOLDER, *ASKED[1:]), "no .jsonl file in this folder"),
]


@pytest.mark.parametrize(("words", "english"), ENGLISH, ids=lambda value: str(value)[-40:])
def test_a_japanese_error_is_japanese_throughout(
    tmp_path: Path, words: tuple[str, ...], english: str
) -> None:
    (tmp_path / NOT_UTF8).write_bytes(b"\xff")
    (tmp_path / LIST).write_text("[]", encoding="utf-8")
    (tmp_path / FOLDER).mkdir()
    made = {NOT_UTF8, LIST, FOLDER}
    done = gatepath(*(str(tmp_path / word) if word in made else word for word in words), "--language", "ja")
    assert done.returncode == 2
    assert english not in done.stderr


def test_an_extra_argument_is_told_once() -> None:
    done = gatepath("diagnose", "a", "b")
    assert done.returncode == 2
    assert done.stderr.lower().count("unexpected") == 1
