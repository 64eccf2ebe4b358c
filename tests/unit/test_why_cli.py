"""`gatepath why`: both languages, JSON by its schema, comparison with a recording, bad and huge input."""

import io
import json
import re
import time
from dataclasses import dataclass
from pathlib import Path

import jsonschema_rs
import pytest
from tests import snapshots as s

from gatepath.cli.main import run as start
from gatepath.cli.why import _merged
from gatepath.why.kinds import GENERAL
from gatepath.why.reading import read

SCHEMA = json.loads(Path("src/gatepath/report/schema/gatepath-why-1.json").read_text(encoding="utf-8"))
VALIDATOR = jsonschema_rs.Draft202012Validator(SCHEMA)
JAPANESE = re.compile(r"[\u3040-\u30ff\u4e00-\u9fff]")
ROLE = "arn:aws:sts::111122223333:assumed-role/app/i-0123456789abcdef0"
DENIED = (
    "An error occurred (AccessDenied) when calling the GetObject operation: "
    f'User: {ROLE} is not authorized to perform: s3:GetObject on resource: "arn:aws:s3:::orders/key" '
    "because no VPC endpoint policy allows the s3:GetObject action"
)
TIMEOUT = 'Connect timeout on endpoint URL: "https://{bucket}.s3.eu-west-1.amazonaws.com/key"'


@dataclass
class Done:
    code: object
    stdout: str
    stderr: str


class Program:
    """Starts the command line in this process."""

    def __init__(self, folder: Path, capsys: pytest.CaptureFixture[str], patch: pytest.MonkeyPatch) -> None:
        self.folder = folder
        self.capsys = capsys
        self.patch = patch

    def start(self, *arguments: str, language: str = "en", stdin: bytes | None = None) -> Done:
        if stdin is not None:
            self.patch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(stdin)))
        with pytest.raises(SystemExit) as caught:
            start(["--language", language, "why", *arguments])
        shown = self.capsys.readouterr()
        return Done(caught.value.code, shown.out, shown.err)

    def rows(self, *arguments: str, language: str = "en", stdin: bytes | None = None) -> dict[str, object]:
        done = self.start(*arguments, "--output", "json", language=language, stdin=stdin)
        assert done.code == 0, done.stderr
        document: dict[str, object] = json.loads(done.stdout)
        assert [f"{list(e.instance_path)}: {e.message}" for e in VALIDATOR.iter_errors(document)] == []
        return document

    def first(self, *arguments: str, stdin: bytes | None = None) -> dict[str, object]:
        found = self.rows(*arguments, stdin=stdin)["problems"]
        assert isinstance(found, list)
        first: dict[str, object] = found[0]
        return first

    def record(self, made: s.Snapshot) -> tuple[str, ...]:
        made.write(self.folder, s.question(), {})
        return (
            "--snapshot",
            str(self.folder / "snapshot.jsonl"),
            "--question",
            str(self.folder / "question.json"),
        )


@pytest.fixture
def program(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Program:
    return Program(tmp_path, capsys, monkeypatch)


@pytest.mark.parametrize("language", ["en", "ja"])
def test_text_in_both_languages(program: Program, language: str) -> None:
    done = program.start(DENIED, language=language)
    assert (done.code, done.stderr) == (0, "")
    assert bool(JAPANESE.search(done.stdout)) == (language == "ja")
    assert f"--to arn:aws:s3:::orders/key --action s3:GetObject --as {ROLE}" in done.stdout
    assert "gatepath authorize --requests - --snapshot SNAPSHOT" in done.stdout
    assert "why." not in done.stdout


@pytest.mark.parametrize("language", ["en", "ja"])
@pytest.mark.parametrize("text", [DENIED, "Access Denied", TIMEOUT, "nothing of that kind"])
def test_json_by_its_schema(program: Program, text: str, language: str) -> None:
    found = program.rows(text, language=language)
    shown = json.dumps(found, ensure_ascii=False)
    assert bool(JAPANESE.search(shown)) == (language == "ja")


def test_the_line_for_authorize_is_taken_by_it(program: Program) -> None:
    from gatepath.engine.iam.authorize import Authorizer

    commands = program.first(DENIED)["commands"]
    assert isinstance(commands, list)
    line = commands[1].split("'")[3]
    asked = Authorizer().read(line.encode())
    assert (asked.ask.action, asked.ask.resource_arn) == ("s3:getobject", "arn:aws:s3:::orders/key")


def test_an_unknown_text_gets_the_general_list(program: Program) -> None:
    found = program.rows("it does not work")
    assert found["recognised"] is False
    general = found["general"]
    assert isinstance(general, list)
    assert [each["code"] for each in general] == list(GENERAL)


@pytest.mark.parametrize("text", ["", "   \n"])
def test_empty_input_is_wrong_usage(program: Program, text: str) -> None:
    assert program.start(text).code == 2
    done = program.start("-", stdin=text.encode())
    assert (done.code, done.stdout) == (2, "")
    assert done.stderr


def test_standard_input_in_many_encodings(program: Program) -> None:
    text = f"「{DENIED}」というエラー"
    for encoding in ("utf-8", "utf-8-sig", "utf-16", "cp932"):
        assert program.first("-", stdin=text.encode(encoding))["layer"] == "vpce", encoding
    assert program.first("-", stdin=b"\xff\xfa\x80 " + DENIED.encode() + b" \xc3\x28")["layer"] == "vpce"


def test_control_characters_and_secrets_are_not_echoed(program: Program) -> None:
    nasty = DENIED.replace(
        "orders/key", "orders/\x1b]0;owned\x07\x1b[2Jk\u202eey?X-Amz-Signature=5ec4e75ec4e7"
    )
    for output in ("text", "json"):
        shown = program.start(nasty, "--output", output).stdout
        assert "5ec4e7" not in shown
        assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u202e]", shown)


HUGE = (
    "isnotauthorizedtoperform: s3:GetObject on resource: ",
    'is not authorized to perform: s3:GetObject on resource: "',
    "User: arn:aws:iam::111122223333:user/",
    "connect timeout on endpoint url: https://",
    "a.",
    "\\",
    "\x1b[",
    "2026-01-01T00:00:00Z ",
    "AccessDenied https://a.amazonaws.com ",
    "with an explicit deny in a resource-based policy: arn:aws:iam::1:policy/a",
    "\n> ",
    "X-Amz-Signature=",
)


@pytest.mark.parametrize("unit", HUGE)
def test_a_megabyte_takes_bounded_time(program: Program, unit: str) -> None:
    pasted = (unit * (1_000_000 // len(unit))).encode()
    begun = time.process_time()
    done = program.start("-", stdin=pasted)
    assert done.code == 0
    assert time.process_time() - begun < 8


def test_what_is_too_long_is_cut_and_said(program: Program) -> None:
    found = program.rows("-", stdin=b"Access Denied\n" + b"x" * (4 * 1024 * 1024))
    assert found["shortened"] is True
    assert program.rows("Access Denied")["shortened"] is False


# with a recording


def without_route() -> s.Snapshot:
    made = s.sound()
    for table in made.rows("ec2.DescribeRouteTables"):
        table["Routes"] = [route for route in table["Routes"] if route.get("GatewayId") == "local"]
    return made


def agreement(program: Program, made: s.Snapshot, text: str, *more: str) -> dict[str, object]:
    found = program.first(text, *program.record(made), *more)["agreement"]
    assert isinstance(found, dict)
    return found


def bucket() -> str:
    return str(s.question()["resource"]).rpartition(":")[2].partition("/")[0]


def test_a_timeout_and_a_missing_route_agree(program: Program) -> None:
    found = agreement(program, without_route(), TIMEOUT.format(bucket=bucket()))
    assert (found["state"], found["verdict"]) == ("same", "blocked")
    assert any(str(code).startswith("route.") for code in found["findings"])  # type: ignore[attr-defined] # a list by the schema


def test_a_timeout_and_a_sound_network_do_not_agree(program: Program) -> None:
    found = agreement(program, s.sound(), TIMEOUT.format(bucket=bucket()))
    assert found["state"] in {"other", "unknown"}
    assert found["verdict"] != "blocked"


def test_a_denial_and_a_blocked_network_do_not_agree(program: Program) -> None:
    text = DENIED.replace("orders/key", f"{bucket()}/key")
    found = agreement(program, without_route(), text)
    assert (found["state"], found["verdict"]) == ("other", "blocked")


def test_the_endpoint_policy_that_denies_is_the_layer_named(program: Program) -> None:
    made = s.sound()
    rule = {"Effect": "Deny", "Principal": "*", "Action": "s3:GetObject", "Resource": "*"}
    everything = {"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*"}
    endpoint = made.rows("ec2.DescribeVpcEndpoints")[0]
    endpoint["PolicyDocument"] = json.dumps({"Version": "2012-10-17", "Statement": [everything, rule]})
    named = f"arn:aws:s3:::{bucket()}/key"
    text = (
        f'User: {ROLE} is not authorized to perform: s3:GetObject on resource: "{named}" '
        "with an explicit deny in a VPC endpoint policy"
    )
    found = agreement(program, made, text)
    assert found["state"] == "same", found
    assert {"layer": "vpce", "effect": "explicit_deny"} in found["deciding"]  # type: ignore[operator] # a list by the schema
    other = text.replace(
        "with an explicit deny in a VPC endpoint policy",
        "because no VPC endpoint policy allows the s3:GetObject action",
    )
    assert agreement(program, made, other)["state"] != "same"
    bare = "An error occurred (AccessDenied) when calling the GetObject operation: Access Denied"
    aimed = ("--to", f"s3://{bucket()}/key", "--as", ROLE)
    assert agreement(program, made, bare, *aimed)["state"] == "same"


def test_nothing_to_compare(program: Program) -> None:
    made = program.record(s.sound())
    source = ("--snapshot", made[1], "--from", str(next(iter(s.question()["source"].values()))))
    assert program.first("Task timed out after 3.00 seconds", *source)["agreement"] is None
    done = program.start("Task timed out after 3.00 seconds", *source, language="ja")
    assert (done.code, "--to" in done.stdout) == (0, True)


def test_options_win_over_the_text(program: Program) -> None:
    made = without_route()
    found = program.first(
        TIMEOUT.format(bucket="other"), *program.record(made), "--to", f"s3://{bucket()}/key"
    )
    assert isinstance(found["agreement"], dict)
    assert found["agreement"]["verdict"] == "blocked"


def test_the_files_host_is_not_asked_for_another_bucket(program: Program) -> None:
    row = s.question()
    assert row["client"]["hostname"].startswith(bucket())
    problem = read(TIMEOUT.format(bucket="other")).problems[0]
    made = _merged(row, problem, {})
    assert (made["resource"], made["client"]["hostname"]) == (  # type: ignore[index] # a row by its form
        "arn:aws:s3:::other",
        "other.s3.eu-west-1.amazonaws.com",
    )
    chosen = _merged(row, problem, {"service": "s3", "resource": "arn:aws:s3:::third/key"})
    assert chosen["resource"] == "arn:aws:s3:::third/key"
    assert "hostname" not in chosen["client"]  # type: ignore[operator] # a row by its form


def test_faults_of_the_comparison(program: Program) -> None:
    files = program.record(s.sound())
    assert program.start(DENIED, "--snapshot", files[1]).code == 2
    assert program.start(DENIED, "--snapshot", "missing.zip", "--from", "i-0123456789abcdef0").code == 2
    assert program.start(DENIED, *files[:2], "--question", "missing.json").code == 2
    assert program.start(DENIED, *files, "--from", "what").code == 2
    assert program.start(DENIED, *files, "--from", "i-0fffffffffffffff0").code == 2


@pytest.mark.parametrize(
    "resource", ["*", "table/x", "arn:aws:s3:::", "arn:aws:s3:eu-west-1:111122223333:accesspoint/ap/object/k"]
)
def test_odd_resources_are_no_fault(program: Program, resource: str) -> None:
    text = DENIED.replace("arn:aws:s3:::orders/key", resource)
    assert program.first(text, *program.record(s.sound()))["kind"] == "denied"
