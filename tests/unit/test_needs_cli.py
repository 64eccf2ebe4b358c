"""`gatepath diagnose --needs`: text, JSON and exit codes, in both languages."""

import json
import re
from dataclasses import dataclass
from pathlib import Path

import jsonschema_rs
import pytest
from tests import snapshots as s
from tests.scenarios import private_routes

from gatepath.cli.main import run as start
from gatepath.messages.catalogue import finding, placeholders
from gatepath.model.question import parse_question
from gatepath.needs.catalogue import names
from gatepath.needs.judge import judge_needs
from gatepath.needs.render import needs_json, render_catalogue, render_needs

SCHEMA = json.loads(Path("src/gatepath/report/schema/gatepath-diagnosis-1.json").read_text(encoding="utf-8"))
VALIDATOR = jsonschema_rs.Draft202012Validator(SCHEMA)
JAPANESE = re.compile(r"[\u3040-\u30ff\u4e00-\u9fff]")
LAYERS = "arn:aws:s3:::prod-eu-west-1-starport-layer-bucket/*"


def fenced() -> s.Snapshot:
    """Return a VPC without NAT whose endpoint passes one organization only."""
    made = s.sound()
    condition = {"StringEquals": {"aws:PrincipalOrgID": "o-abc1234567"}}
    rule = {"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*", "Condition": condition}
    made.rows("ec2.DescribeVpcEndpoints")[0]["PolicyDocument"] = json.dumps({"Statement": [rule]})
    routes = private_routes(made)
    routes[:] = [route for route in routes if route.get("DestinationCidrBlock") != "0.0.0.0/0"]
    made.rows("ec2.DescribeInstances")[0]["Instances"][0]["Tags"] = [
        {"Key": "eks:nodegroup-name", "Value": "workers"}
    ]
    return made


@dataclass
class Done:
    code: object
    stdout: str
    stderr: str


class Program:
    """Starts the command line in this process."""

    def __init__(self, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.folder = folder
        self.capsys = capsys

    def start(self, *arguments: str, language: str = "en") -> Done:
        with pytest.raises(SystemExit) as caught:
            start(["--language", language, *arguments])
        shown = self.capsys.readouterr()
        return Done(caught.value.code, shown.out, shown.err)

    def diagnose(self, made: s.Snapshot, *arguments: str, language: str = "en") -> Done:
        made.write(self.folder, s.question(), {})
        files = (str(self.folder / "snapshot.jsonl"), "--question", str(self.folder / "question.json"))
        return self.start("diagnose", *files, *arguments, language=language)


@pytest.fixture
def program(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Program:
    return Program(tmp_path, capsys)


@pytest.mark.parametrize("language", ["en", "ja"])
def test_text_names_what_is_refused_and_what_to_add(program: Program, language: str) -> None:
    done = program.diagnose(fenced(), "--needs", "auto,amazon-linux-2023", language=language)
    assert done.code == 1
    assert "prod-eu-west-1-starport-layer-bucket" in done.stdout
    assert '"Sid": "AllowNeededForEks"' in done.stdout
    assert f'"{LAYERS}"' in done.stdout
    assert "com.amazonaws.eu-west-1.ecr.dkr" in done.stdout
    assert "eks:nodegroup-name" in done.stdout
    assert bool(JAPANESE.search(done.stdout)) == (language == "ja")


def test_the_printed_statements_are_json(program: Program) -> None:
    text = program.diagnose(fenced(), "--needs", "ecr,amazon-linux-2023").stdout
    shown = text[text.index("    {\n") : text.rindex("    }\n") + len("    }\n")]
    statements = json.loads(f"[{shown}]")
    assert [one["Sid"] for one in statements] == [
        "AllowNeededForEcr",
        "AllowNeededForAmazonLinux2023",
        "AllowIfNeededForAmazonLinux2023",
    ]
    assert all(one["Principal"] == "*" and "Condition" not in one for one in statements)


@pytest.mark.parametrize("language", ["en", "ja"])
@pytest.mark.parametrize("made", [s.sound(), fenced()], ids=["sound", "fenced"])
def test_json_is_valid_by_the_schema(program: Program, made: s.Snapshot, language: str) -> None:
    wanted = ",".join(names())
    done = program.diagnose(made, "--needs", f"{wanted},auto", "--output", "json", language=language)
    document = json.loads(done.stdout)
    assert [f"{list(e.instance_path)}: {e.message}" for e in VALIDATOR.iter_errors(document)] == []
    assert [item["need"] for item in document["needs"]["items"]] == list(names())


def test_json_says_that_the_statement_was_tried(program: Program) -> None:
    needs = json.loads(program.diagnose(fenced(), "--needs", "ecr", "--output", "json").stdout)["needs"]
    assert needs["verdict"] == "blocked"
    (added,) = needs["add_statements"]
    assert (added["endpoint"], added["verified"], added["left"]) == (s.ENDPOINT, True, [])
    assert added["statements"][0]["Resource"] == [LAYERS]
    assert json.loads(added["policy"])["Statement"][-1] == added["statements"][-1]
    assert [(one["service_name"], one["verified"]) for one in needs["add_endpoints"]] == [
        ("com.amazonaws.eu-west-1.ecr.api", True),
        ("com.amazonaws.eu-west-1.ecr.dkr", True),
    ]


def test_without_needs_nothing_changes(program: Program) -> None:
    document = json.loads(program.diagnose(fenced(), "--output", "json").stdout)
    assert "needs" not in document
    assert "Needs" not in program.diagnose(fenced()).stdout


def test_exit_code_is_the_worst_of_both(program: Program) -> None:
    network = ("--only", "network")
    sound = s.sound()
    assert program.diagnose(sound, *network).code == 0
    assert program.diagnose(sound, *network, "--needs", "ecr").code == 0
    assert program.diagnose(sound, *network, "--needs", "aws-cli").code == 3
    assert program.diagnose(fenced(), *network, "--needs", "sts").code == 1
    assert program.diagnose(fenced(), *network, "--needs", "aws-cli,sts").code == 1
    assert program.diagnose(sound, "--needs", "ecr").code == 3  # the question's own policies are missing


def test_strict_wants_proof(program: Program) -> None:
    asked = ("--only", "network", "--strict", "--needs")
    assert program.diagnose(s.sound(), *asked, "sts").code == 0
    assert program.diagnose(s.sound(), *asked, "amazon-linux-1").code == 1  # a name believed to be S3's


def test_an_unknown_need_is_wrong_usage(program: Program) -> None:
    done = program.diagnose(s.sound(), "--needs", "ecr,amazon-linux-2022")
    assert (done.code, done.stdout) == (2, "")
    assert "amazon-linux-2023" in done.stderr
    assert program.diagnose(s.sound(), "--needs", " , ").code == 2


@pytest.mark.parametrize("language", ["en", "ja"])
def test_the_list_needs_no_question(program: Program, language: str) -> None:
    done = program.start("diagnose", "--needs", "list", language=language)
    assert done.stdout == render_catalogue(language)
    assert all(f"  {name} " in done.stdout for name in names())
    rows = program.start("diagnose", "--needs", "list", "--output", "json")
    assert [row["need"] for row in json.loads(rows.stdout)] == list(names())


def test_every_placeholder_of_the_findings_is_filled() -> None:
    result = judge_needs(parse_question(s.question()), fenced().world(), ["ecr", "emr"], policies=True)
    items = [b for one in result.needs for b in one.buckets] + [h for one in result.needs for h in one.hosts]
    found = [item.finding for item in items if item.finding is not None]
    assert {one.code for one in found} == {
        "endpoint-policy.blocks-needed-bucket",
        "route.needed-host-without-way",
    }
    for one in found:
        given = {name for name, value in one.arguments if value not in {None, ""}}
        for texts in finding(one.code).texts.values():
            for part in ("title", "message", "remedy"):
                assert placeholders(texts[part]) <= given


def test_nothing_to_guess_says_so() -> None:
    result = judge_needs(parse_question(s.question()), s.sound().world(), ["auto"], policies=True)
    assert "--needs ecr,ssm" in render_needs(result)
    assert needs_json(result)["items"] == []
