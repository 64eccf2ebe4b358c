"""The command line as a user starts it: exit codes, one line on stderr, data alone on stdout."""

import json
import os
import re
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest
from tests.case_files import CASES, Case, all_cases

from gatepath.cli.diagnose import exit_code
from gatepath.diagnose import diagnose
from gatepath.trace import Certainty

PROGRAM = Path(sys.executable).with_name("gatepath")
FOLDER = CASES / "case-045-stale-hardcoded-service-cidrs"
SNAPSHOT, QUESTION = str(FOLDER / "snapshot.jsonl"), str(FOLDER / "question.json")
ASKED = (SNAPSHOT, "--question", QUESTION, "--only", "network")
JAPANESE = re.compile(r"[\u3040-\u30ff\u4e00-\u9fff]")
KEPT = ("PATH", "PYTHONPATH", "COVERAGE_PROCESS_START", "COVERAGE_FILE")
Done = subprocess.CompletedProcess[str]


def environment(**more: str) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if name in KEPT}
    lonely = {"HOME": "/nonexistent", "AWS_EC2_METADATA_DISABLED": "true", "PYTHONIOENCODING": "utf-8"}
    return {**kept, **lonely, **more}


def gatepath(*arguments: str, given: str = "", **more: str) -> Done:
    return subprocess.run(
        [PROGRAM, *arguments],
        check=False,
        capture_output=True,
        text=True,
        encoding="utf-8",
        input=given,
        env=environment(**more),
    )


def one_line(done: Done) -> str:
    assert done.stdout == ""
    assert done.stderr.count("\n") == 1
    assert "Traceback" not in done.stderr
    return done.stderr.strip()


EXITS = {"ok": 0, "unknown": 3}
SOME = [case for case in all_cases() if "/" not in case.name and not case.needs_policies]


@pytest.mark.parametrize("case", SOME, ids=lambda case: case.name)
def test_exit_code_follows_the_verdict(case: Case) -> None:
    arguments = (str(case.folder / "snapshot.jsonl"), "--question", str(case.folder / "question.json"))
    done = gatepath("diagnose", *arguments, "--only", "network", "--output", "json")
    assert json.loads(done.stdout)["verdict"] == case.expected["verdict"]
    assert done.returncode == EXITS.get(case.expected["verdict"], 1)
    assert done.stderr == ""


def test_what_a_missing_policy_leaves_open_is_3(tmp_path: Path) -> None:
    lines = Path(SNAPSHOT).read_text(encoding="utf-8").splitlines()
    kept = [line for line in lines if '"GetBucketPolicy"' not in line]
    assert len(kept) == len(lines) - 1
    place = tmp_path / "without.jsonl"
    place.write_text("\n".join(kept) + "\n", encoding="utf-8")
    done = gatepath("diagnose", str(place), *ASKED[1:3])
    assert done.returncode == 3
    assert "s3:GetBucketPolicy" in done.stdout


@pytest.mark.parametrize("language", ["en", "ja"])
def test_answers_in_the_language_asked_for(language: str) -> None:
    done = gatepath("diagnose", *ASKED, "--language", language)
    assert done.returncode == 1
    assert bool(JAPANESE.search(done.stdout)) is (language == "ja")
    same = gatepath("diagnose", *ASKED, LC_ALL="ja_JP.UTF-8" if language == "ja" else "en_US.UTF-8")
    assert same.stdout == done.stdout


WRONG = [
    (("diagnos",), "diagnose"),
    (("snapshot", "recrod"), "record"),
    (("diagnose", *ASKED, "--quetsion", "x"), "--question"),
    (("diagnose", "/nowhere", *ASKED[1:]), "/nowhere"),
    (("diagnose", SNAPSHOT, "--question", "/nowhere"), "/nowhere"),
    (("diagnose", SNAPSHOT), "--from"),
    (("diagnose", SNAPSHOT, "--from", "i-1"), "--to"),
    (("diagnose", SNAPSHOT, "--to", "s3"), "--from"),
    (("diagnose", SNAPSHOT, "--from", "nonsense", "--to", "s3"), "nonsense"),
    (("diagnose", SNAPSHOT, "--from", "i-1", "--to", "http://example.com"), "example.com"),
    (("diagnose", SNAPSHOT, "--from", "i-1", "--to", "dynamodb://orders"), "--client-region"),
    (("diagnose", SNAPSHOT, "--from", "i-0notthere", "--to", "s3"), "i-0notthere"),
    (("diagnose", *ASKED, "--port", "70000"), "--port"),
    (("diagnose", *ASKED, "--port", "many"), "--port"),
    (("diagnose", *ASKED, "--env", "novalue"), "novalue"),
    (("diagnose", *ASKED, "--ephemeral-ports", "5"), "--ephemeral-ports"),
    (("diagnose", *ASKED, "--ephemeral-ports", "9-5"), "--ephemeral-ports"),
    (("diagnose", *ASKED, "--resolves-to", "name"), "--resolves-to"),
    (("diagnose", *ASKED, "--ip-version", "5"), "--ip-version"),
    (("diagnose", *ASKED, "--only", "dns"), "network"),
    (("diagnose", *ASKED, "--output", "xml"), "json"),
    (("diagnose", *ASKED, "--out", "/nowhere/x"), "/nowhere/x"),
    (("diagnose", *ASKED, "--port"), "--port"),
    (("diagnose", SNAPSHOT, "--question", SNAPSHOT), SNAPSHOT),
    (("diagnose", QUESTION, "--question", QUESTION), "question.json:1"),
    (("explain", "no.such-code"), "no.such-code"),
    (("explain", "route.no-rout"), "route.no-route"),
    (("completion", "csh"), "zsh"),
    (("snapshot", "show", "/nowhere"), "/nowhere"),
    (("snapshot", "redact", SNAPSHOT), "--out"),
    (("snapshot", "import", "/nowhere", "--account", "111122223333", "--out", "x"), "/nowhere"),
    (("snapshot", "import", "/nowhere", "--account", "1", "--out", "x"), "--account"),
]


@pytest.mark.parametrize("language", ["en", "ja"])
@pytest.mark.parametrize(("arguments", "named"), WRONG, ids=lambda value: str(value)[-60:])
def test_wrong_usage_is_one_line_and_2(arguments: tuple[str, ...], named: str, language: str) -> None:
    done = gatepath(*arguments, LC_ALL=f"{language}_XX.UTF-8")
    line = one_line(done)
    assert done.returncode == 2
    assert named in line
    assert bool(JAPANESE.search(line)) is (language == "ja")


@pytest.mark.parametrize("language", ["en", "ja"])
@pytest.mark.parametrize(("group", "named"), [((), "diagnose"), (("snapshot",), "redact")])
def test_options_without_a_command_are_one_line_and_2(
    group: tuple[str, ...], named: str, language: str
) -> None:
    done = gatepath(*group, "--language", language)
    line = one_line(done)
    assert done.returncode == 2
    assert named in line
    assert bool(JAPANESE.search(line)) is (language == "ja")


def test_a_wrong_file_is_told_with_place_and_path(tmp_path: Path) -> None:
    question = tmp_path / "question.json"
    question.write_text('{"source": {"instance": 3}, "service": "s3"}', encoding="utf-8")
    done = gatepath("diagnose", SNAPSHOT, "--question", str(question))
    assert done.returncode == 2
    assert one_line(done).startswith(f"{question}: source.instance: ")
    snapshot = tmp_path / "calls.jsonl"
    lines = Path(SNAPSHOT).read_text(encoding="utf-8").splitlines()
    snapshot.write_text("\n".join([*lines[:5], lines[5][:40]]), encoding="utf-8")
    done = gatepath("diagnose", str(snapshot), *ASKED[1:])
    assert done.returncode == 2
    assert one_line(done).startswith("calls.jsonl:6: ")


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_an_unreadable_file_is_told(tmp_path: Path) -> None:
    snapshot = tmp_path / "calls.jsonl"
    snapshot.write_text("", encoding="utf-8")
    snapshot.chmod(0)
    done = gatepath("diagnose", str(snapshot), *ASKED[1:])
    assert done.returncode == 2
    assert str(snapshot) in one_line(done)


def test_no_credentials_is_4() -> None:
    done = gatepath("diagnose", *ASKED[1:], "--region", "us-west-2")
    assert done.returncode == 4
    assert "aws sso login" in one_line(done)


def test_options_say_the_same_as_the_file() -> None:
    words = ("--from", "i-0abc0000000000001", "--to", "s3://app-bucket/key", "--action", "s3:GetObject")
    more = ("--as", "arn:aws:sts::111122223333:assumed-role/app-role/session", "--client-region", "us-west-2")
    last = ("--hostname", "app-bucket.s3.us-west-2.amazonaws.com", "--port", "443")
    asked = (*words, *more, *last, "--only", "network", "--output", "json")
    by_options = json.loads(gatepath("diagnose", SNAPSHOT, *asked).stdout)
    by_file = json.loads(gatepath("diagnose", *ASKED, "--output", "json").stdout)
    assert by_options == by_file


def test_options_win_over_the_file_one_by_one() -> None:
    done = gatepath("diagnose", *ASKED, "--output", "json", "--port", "8443", "--env", "https_proxy=")
    client = json.loads(done.stdout)["question"]["client"]
    assert client == {
        "region": "us-west-2",
        "hostname": "app-bucket.s3.us-west-2.amazonaws.com",
        "port": 8443,
        "env": {"https_proxy": ""},
    }


def test_the_question_from_standard_input() -> None:
    question = Path(QUESTION).read_text(encoding="utf-8")
    done = gatepath("diagnose", SNAPSHOT, "--question", "-", "--only", "network", given=question)
    assert done.returncode == 1
    assert done.stdout == gatepath("diagnose", *ASKED).stdout


def test_strict_makes_what_is_not_proven_1() -> None:
    case = next(case for case in SOME if case.expected["verdict"] == "ok")
    found = diagnose(case.question(), case.world(), only=frozenset({"network"}))
    assert exit_code(found, strict=True) == 0
    for certainty in (Certainty.SUSPECT, Certainty.CONDITIONAL):
        weaker = replace(found, certainty=certainty)
        assert (exit_code(weaker), exit_code(weaker, strict=True)) == (0, 1)


def test_out_writes_the_whole_file_and_nothing_else(tmp_path: Path) -> None:
    out = tmp_path / "answer.json"
    done = gatepath("diagnose", *ASKED, "--output", "json", "--out", str(out))
    assert (done.returncode, done.stdout, done.stderr) == (1, "", "")
    assert json.loads(out.read_text(encoding="utf-8"))["verdict"] == "intermittent"
    assert list(tmp_path.iterdir()) == [out]
    umask = os.umask(0)
    os.umask(umask)
    assert out.stat().st_mode & 0o777 == 0o666 & ~umask


def test_a_closed_pipe_is_quiet() -> None:
    command = f"{PROGRAM} diagnose {' '.join(ASKED)} --output json | head -c 1; exit ${{PIPESTATUS[0]}}"
    done = subprocess.run(
        ["bash", "-c", command], check=False, capture_output=True, text=True, env=environment()
    )
    assert done.stderr == ""
    assert done.returncode == 1, "the answer's own"


def test_plain_letters_where_the_terminal_has_no_others() -> None:
    done = gatepath("diagnose", *ASKED, "--language", "ja", PYTHONIOENCODING="ascii")
    assert done.stdout.isascii()
    assert done.stdout.startswith("INTERMITTENT: ")
    assert "?" not in done.stdout.split("Paths")[0]


def test_no_colour_in_a_pipe_unless_forced() -> None:
    assert "\x1b" not in gatepath("diagnose", *ASKED).stdout
    assert "\x1b[" in gatepath("diagnose", *ASKED, FORCE_COLOR="1").stdout
    assert "\x1b" not in gatepath("diagnose", *ASKED, FORCE_COLOR="1", NO_COLOR="1").stdout


@pytest.mark.parametrize("language", ["en", "ja"])
def test_help_and_demo(language: str) -> None:
    for words in (
        (),
        ("diagnose",),
        ("snapshot",),
        ("snapshot", "show"),
        ("explain",),
        ("demo",),
        ("policy",),
    ):
        done = gatepath(*words, "--help", "--language", language)
        assert done.returncode == 0
        assert bool(JAPANESE.search(done.stdout)) is (language == "ja")
        assert not re.search(r"help\.(command|option|collect)", done.stdout)
    demo = gatepath("demo", "--language", language)
    assert demo.returncode == 0
    assert "dns.zone-lacks-record" in demo.stdout


def test_explain_lists_and_explains() -> None:
    listed = gatepath("explain").stdout.splitlines()
    code = listed[0].partition(":")[0]
    page = gatepath("explain", code)
    assert page.returncode == 0
    assert page.stdout.startswith(code)
    row = json.loads(gatepath("explain", code, "--output", "json", "--language", "ja").stdout)
    assert row["code"] == code
    assert JAPANESE.search(row["title"])


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion(shell: str) -> None:
    assert "_GATEPATH_COMPLETE" in gatepath("completion", shell).stdout


def test_completion_knows_commands_and_options() -> None:
    def completed(words: str) -> list[str]:
        more = {"_GATEPATH_COMPLETE": "bash_complete", "COMP_WORDS": words, "COMP_CWORD": "1"}
        more["COMP_CWORD"] = str(len(words.split()) - 1)
        return gatepath(**more).stdout.split()

    assert completed("gatepath diag") == ["plain,diagnose"]
    assert "plain,--strict" in completed("gatepath diagnose --s")


def test_redact_keeps_the_verdict_and_hides_names(tmp_path: Path) -> None:
    out, question = tmp_path / "redacted.zip", tmp_path / "question.json"
    words = ("--out", str(out), "--question", QUESTION, "--question-out", str(question))
    done = gatepath("snapshot", "redact", SNAPSHOT, *words)
    assert done.returncode == 0
    again = gatepath("diagnose", str(out), "--question", str(question), "--only", "network")
    assert again.returncode == 1
    assert "app-bucket" not in again.stdout
    assert "i-0abc0000000000001" not in again.stdout


def test_show_names_what_is_missing(tmp_path: Path) -> None:
    lines = Path(SNAPSHOT).read_text(encoding="utf-8").splitlines()
    row = json.loads(next(line for line in lines if "DescribeSubnets" in line))
    row.pop("response")
    row["error"] = {"Code": "UnauthorizedOperation", "Message": "no"}
    snapshot = tmp_path / "s.jsonl"
    snapshot.write_text(json.dumps(row) + "\n", encoding="utf-8")
    shown = gatepath("snapshot", "show", str(snapshot)).stdout
    assert "`ec2:DescribeSubnets`" in shown
    assert "UnauthorizedOperation" in shown
    summary = json.loads(gatepath("snapshot", "show", SNAPSHOT, "--output", "json").stdout)
    assert summary["records"] == len(lines)


def test_an_interrupt_is_130_and_one_line() -> None:
    command = [str(PROGRAM), "diagnose", SNAPSHOT, "--question", "-"]
    with subprocess.Popen(
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=environment(),
    ) as process:
        time.sleep(1)
        process.send_signal(signal.SIGINT)
        stdout, stderr = process.communicate(timeout=20)
    assert process.returncode == 130
    assert stdout == ""
    assert stderr.count("\n") == 1


HEAVY = ("boto3", "botocore", "rich", "msgspec", "gatepath.diagnose", "gatepath.checks", "gatepath.snapshot")


@pytest.mark.parametrize("words", [["--help"], ["--version"], ["completion", "bash"]])
def test_nothing_heavy_is_imported_for_help(words: list[str]) -> None:
    code = (
        "import sys\nfrom gatepath.cli.main import run\n"
        f"try:\n    run({words!r})\nexcept SystemExit:\n    pass\n"
        f"print([m for m in {HEAVY!r} if m in sys.modules], file=sys.stderr)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], check=False, capture_output=True, text=True, env=environment()
    )
    assert done.stderr.strip() == "[]"


def test_diagnosing_a_snapshot_imports_no_aws_library() -> None:
    code = (
        "import sys\nfrom gatepath.cli.main import run\n"
        f"try:\n    run(['diagnose', *{ASKED!r}])\nexcept SystemExit as end:\n    assert end.code == 1\n"
        "print([m for m in ('boto3', 'botocore', 'rich') if m in sys.modules], file=sys.stderr)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], check=False, capture_output=True, text=True, env=environment()
    )
    assert done.stderr.strip() == "[]"
