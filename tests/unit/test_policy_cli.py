"""`gatepath policy blocks`, `only-via`, `diff`: both languages, JSON by its schema, wrong input in one line."""

import json
import re
from dataclasses import dataclass
from pathlib import Path

import jsonschema_rs
import pytest
from tests import scenarios_policies as p
from tests import snapshots as s
from tests.policy_worlds import BUCKET, OBJECTS, lines, recorded
from tests.snapshots import Json

from gatepath.cli.main import run as start
from gatepath.engine.iam.authorize import authorize
from gatepath.report.layout import width_of

SCHEMAS = Path("src/gatepath/report/schema")
JAPANESE = re.compile(r"[\u3040-\u30ff\u4e00-\u9fff]")
LANGUAGES = ("en", "ja")
ROLE = p.ROLE_ARN


@dataclass
class Done:
    code: object
    stdout: str
    stderr: str


class Program:
    """Starts the command line in this process, in a folder of its own."""

    def __init__(self, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.folder = folder
        self.capsys = capsys

    def start(self, *arguments: str, language: str = "en") -> Done:
        with pytest.raises(SystemExit) as caught:
            start(["--language", language, "policy", *arguments])
        shown = self.capsys.readouterr()
        return Done(caught.value.code, shown.out, shown.err)

    def document(self, *arguments: str, code: int = 0) -> Json:
        done = self.start(*arguments, "--output", "json")
        assert done.code == code, done.stderr
        made: Json = json.loads(done.stdout)
        name = made["format"].replace("/", "-")
        validator = jsonschema_rs.Draft202012Validator(
            json.loads((SCHEMAS / f"{name}.json").read_text(encoding="utf-8"))
        )
        assert [f"{list(e.instance_path)}: {e.message}" for e in validator.iter_errors(made)] == []
        return made

    def policy(self, name: str, *statements: Json) -> str:
        place = self.folder / name
        place.write_text(p.document(*statements), encoding="utf-8")
        return str(place)

    def text(self, name: str, text: str) -> str:
        place = self.folder / name
        place.write_text(text, encoding="utf-8")
        return str(place)

    def snapshot(self, *identity: Json, endpoint: Json | None = None, bucket: Json | None = None) -> str:
        made = recorded(*identity, endpoint=endpoint, bucket=bucket)
        made.calls = [call for call in made.calls if call["request"].get("Bucket") in {None, p.BUCKET}]
        place = self.folder / "s.jsonl"
        place.write_bytes(b"\n".join(made.lines()) + b"\n")
        return str(place)


@pytest.fixture
def program(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Program:
    return Program(tmp_path, capsys)


ASKED = ("--as", ROLE, "--endpoint", s.ENDPOINT)
LIST_ONLY = p.allow(Action="s3:ListBucket", Resource=BUCKET)


@pytest.mark.parametrize("language", LANGUAGES)
def test_blocks_of_a_snapshot(program: Program, language: str) -> None:
    snapshot = program.snapshot(endpoint=LIST_ONLY)
    done = program.start("blocks", snapshot, *ASKED, language=language)
    assert (done.code, done.stderr) == (0, "")
    assert bool(JAPANESE.search(done.stdout)) is (language == "ja")
    for word in ("s3:GetObject", OBJECTS, s.ENDPOINT, p.IDENTITY):
        assert word in done.stdout
    document = program.document("blocks", snapshot, *ASKED)
    (row,) = document["classes"]
    assert row["actions"] == ["s3:GetObject"]
    assert row["decided_by"][0]["effect"] == "none"
    assert document["question"] == {"principal": ROLE, "endpoint": s.ENDPOINT, "services": ["s3"]}


@pytest.mark.parametrize("language", LANGUAGES)
def test_nothing_blocked_is_said_and_0(program: Program, language: str) -> None:
    done = program.start("blocks", program.snapshot(), *ASKED, language=language)
    assert done.code == 0
    assert "1." not in done.stdout


def test_the_source_names_the_way_and_as_the_signer(program: Program) -> None:
    snapshot = program.snapshot(endpoint=LIST_ONLY)
    done = program.start("blocks", snapshot, "--from", s.INSTANCE, *ASKED)
    assert done.code == 0
    assert "s3:GetObject" in done.stdout
    done = program.start("blocks", snapshot, "--from", s.INSTANCE, "--endpoint", s.ENDPOINT)
    assert done.code == 3
    assert done.stderr.count("\n") == 1


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_missing_policy_is_3_and_named(program: Program, language: str) -> None:
    made = recorded(endpoint=LIST_ONLY)
    made.calls = [call for call in made.calls if call["operation"] != "GetBucketPolicy"]
    place = program.folder / "s.jsonl"
    place.write_bytes(b"\n".join(made.lines()) + b"\n")
    done = program.start("blocks", str(place), *ASKED, language=language)
    assert done.code == 3
    assert "`s3:GetBucketPolicy`" in done.stdout
    document = program.document("blocks", str(place), *ASKED, code=3)
    assert not document["decided"]
    assert all(unknown["settle_with"] for unknown in document["unknowns"])


@pytest.mark.parametrize("language", LANGUAGES)
def test_only_via(program: Program, language: str) -> None:
    closed = p.deny(
        Action="s3:GetObject",
        Resource=OBJECTS,
        Condition={"StringNotEquals": {"aws:SourceVpce": s.ENDPOINT}},
    )
    snapshot = program.snapshot(bucket=closed)
    done = program.start("only-via", snapshot, *ASKED, language=language)
    assert done.code == 0
    first, second = done.stdout.split("\n\n  2. ")
    assert "s3:GetObject" in first
    assert "s3:ListBucket" in second
    document = program.document("only-via", snapshot, *ASKED)
    only = {row["actions"][0]: row["only"] for row in document["classes"]}
    assert only == {"s3:ListBucket": False, "s3:GetObject": True}


def test_blocks_of_files_alone(program: Program) -> None:
    endpoint = program.policy("endpoint.json", LIST_ONLY)
    identity = program.policy("identity.json", {"Effect": "Allow", "Action": "s3:*", "Resource": OBJECTS})
    secret = p.deny(Resource=f"{OBJECTS[:-1]}secret/*")
    bucket = program.policy("bucket.json", secret)
    words = ("--endpoint-policy", endpoint, "--identity-policy", identity, "--as", ROLE)
    document = program.document("blocks", *words, "--bucket-policy", f"{p.BUCKET}={bucket}")
    for row, line in lines(document):
        assert row["excluding"] == [f"{OBJECTS[:-1]}secret/*"]
        assert authorize(line)["decision"] == "implicit_deny"
    assert document["resources"] == [BUCKET]
    whole = program.document("blocks", *words)
    assert all(row["excluding"] == [] for row in whole["classes"])


def test_only_via_of_files_alone(program: Program) -> None:
    identity = program.policy(
        "identity.json", {"Effect": "Allow", "Action": "s3:GetObject", "Resource": OBJECTS}
    )
    closed = p.deny(Resource=OBJECTS, Condition={"StringNotEquals": {"aws:SourceVpce": "vpce-0a1b2c3d"}})
    bucket = program.policy("bucket.json", closed)
    words = ("--identity-policy", identity, "--bucket-policy", f"{p.BUCKET}={bucket}", "--as", ROLE)
    document = program.document("only-via", *words, "--endpoint", "vpce-0a1b2c3d")
    assert [(row["resource"], row["only"]) for row in document["classes"]] == [(OBJECTS, True)]


OLD = p.allow(Action=["s3:GetObject", "s3:PutObject"], Resource=OBJECTS)
NEW = p.allow(Action="s3:GetObject", Resource=[OBJECTS, "arn:aws:s3:::more/*"])


@pytest.mark.parametrize("language", LANGUAGES)
def test_diff(program: Program, language: str) -> None:
    old, new = program.policy("old.json", OLD), program.policy("new.json", NEW)
    done = program.start("diff", old, new, language=language)
    assert (done.code, done.stderr) == (0, "")
    assert bool(JAPANESE.search(done.stdout)) is (language == "ja")
    document = program.document("diff", old, new)
    changes = {(row["change"], tuple(row["actions"]), tuple(row["matching"])) for row in document["classes"]}
    assert changes == {
        ("lost", ("s3:PutObject",), (OBJECTS,)),
        ("gained", ("s3:GetObject",), ("arn:aws:s3:::more/*",)),
    }
    turned = program.document("diff", new, old)
    assert {row["change"] for row in turned["classes"]} == {"lost", "gained"}
    assert len(turned["classes"]) == len(document["classes"])


@pytest.mark.parametrize("kind", ["endpoint", "identity", "resource", "scp", "rcp"])
def test_a_policy_does_not_differ_from_itself(program: Program, kind: str) -> None:
    spelled = {**OLD, "Action": ["S3:putobject", "s3:GETOBJECT"]}
    old, new = program.policy("old.json", OLD), program.policy("new.json", spelled, OLD)
    document = program.document("diff", old, new, "--kind", kind)
    assert document["decided"]
    assert document["classes"] == []


def test_diff_says_what_it_is_not_about(program: Program) -> None:
    point = f"arn:aws:s3:eu-west-1:{s.ACCOUNT}:accesspoint/a/object/*"
    old = program.policy("old.json", OLD, p.allow(Action="kms:*"), p.allow(Resource=point))
    document = program.document("diff", old, program.policy("new.json", OLD))
    assert document["left_out"] == [
        {"what": "kms", "why": "other-service"},
        {"what": point, "why": "access-point"},
    ]


def test_diff_takes_what_the_aws_cli_prints(program: Program) -> None:
    text = p.document(OLD)
    printed = [
        json.dumps({"Policy": text}),
        json.dumps({"RoleName": "r", "PolicyName": "p", "PolicyDocument": json.loads(text)}),
        json.dumps({"PolicyVersion": {"Document": json.loads(text), "VersionId": "v1"}}),
    ]
    plain = program.text("plain.json", text)
    for number, each in enumerate(printed):
        assert program.document("diff", plain, program.text(f"{number}.json", each))["classes"] == []


GOOD = '{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*"}}'
MALFORMED = [
    ('{"Version": "2012-10-17",\n "Statement": [}', ("line 2", "2 行")),
    ("", ("line 1", "1 行")),
    ("[" * 200_000, ("nested", "入れ子")),
    ("[]", ("/",)),
    ('"text"', ("/",)),
    ("{}", ("/Statement",)),
    ('{"Statement": [1]}', ("/Statement/0",)),
    (GOOD.replace('"Allow"', '"allow"'), ("/Statement/0/Effect",)),
    (GOOD.replace('"Action": "*", ', ""), ("/Statement/0/Action",)),
    (
        GOOD.replace('"Resource": "*"', '"Resource": "*", "Condition": {"StringIs": {"a": "b"}}'),
        ("StringIs",),
    ),
    (GOOD.replace('"Resource"', '"Resources"'), ("/Statement/0/Resources",)),
    (GOOD.replace("2012-10-17", "2012-10-18"), ("/Version",)),
    ("\ud800".encode("utf-8", "surrogatepass").decode("latin-1"), ("x.json",)),
]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(("text", "named"), MALFORMED, ids=[str(n) for n in range(len(MALFORMED))])
def test_a_malformed_policy_is_one_line_with_file_and_place(
    program: Program, text: str, named: tuple[str, ...], language: str
) -> None:
    place = program.text("x.json", text)
    good = program.text("good.json", GOOD)
    for arguments in (
        ("diff", place, good),
        ("diff", good, place),
        ("blocks", "--endpoint-policy", place, "--as", ROLE),
    ):
        done = program.start(*arguments, language=language)
        assert (done.code, done.stdout) == (2, "")
        assert done.stderr.count("\n") == 1
        assert done.stderr.startswith(f"{place}: ")
        assert any(word in done.stderr for word in named)
        assert bool(JAPANESE.search(done.stderr)) is (language == "ja")


def test_bytes_that_are_no_text_and_missing_files_are_one_line(program: Program) -> None:
    place = program.folder / "x.json"
    place.write_bytes(b"\xff\xfe{}")
    good = program.text("good.json", GOOD)
    for name in (str(place), str(program.folder), str(program.folder / "nothing.json")):
        done = program.start("diff", name, good)
        assert done.code == 2
        assert done.stderr.startswith(f"{name}: ")
        assert done.stderr.count("\n") == 1


WRONG: list[tuple[tuple[str, ...], str]] = [
    (("blocks",), "SNAPSHOT"),
    (("blocks", "--as", ROLE), "--endpoint-policy"),
    (("only-via", "--as", ROLE), "--endpoint"),
    (("blocks", "SNAP", "--as", ROLE), "--endpoint"),
    (("blocks", "SNAP", "--endpoint", s.ENDPOINT), "--as"),
    (("blocks", "SNAP", *ASKED[:2], "--endpoint", "vpce-0nothere"), "vpce-0nothere"),
    (("blocks", "SNAP", *ASKED, "--service", "dynamodb"), "com.amazonaws"),
    (("blocks", "SNAP", *ASKED, "--service", "ec2"), "dynamodb"),
    (("blocks", "SNAP", "--as", "me", "--endpoint", s.ENDPOINT), "`me`"),
    (("blocks", "SNAP", "--as", "logs.amazonaws.com", "--endpoint", s.ENDPOINT), "logs.amazonaws.com"),
    (("blocks", "SNAP", *ASKED, "--from", "nobody"), "nobody"),
    (("blocks", "SNAP", *ASKED, "--from", "i-0nothere"), "i-0nothere"),
    (("blocks", "SNAP", *ASKED, "--bucket-policy", "reports"), "reports"),
    (("blocks", "SNAP", *ASKED, "--bucket-policy", "a*=x.json"), "a*"),
    (("blocks", "SNAP", *ASKED, "--context", "=x"), "--context"),
    (("blocks", "SNAP", *ASKED, "--context", "aws:UserId=x", "--context", "aws:userid=y"), "--context"),
    (("blocks", "SNAP", *ASKED, "--resource-account", "12"), "--resource-account"),
    (("blocks", "/nowhere", *ASKED), "/nowhere"),
    (("diff", "/nowhere"), "NEW"),
    (("diff", "/nowhere", "/nowhere"), "/nowhere"),
    (("diff", "a", "b", "--kind", "trust"), "endpoint"),
    (("block",), "blocks"),
    (("blocks", "SNAP", *ASKED, "--output", "xml"), "json"),
]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(("arguments", "named"), WRONG, ids=lambda value: str(value)[-50:])
def test_wrong_usage_is_one_line_and_2(
    program: Program, arguments: tuple[str, ...], named: str, language: str
) -> None:
    snapshot = program.snapshot()
    done = program.start(*(snapshot if word == "SNAP" else word for word in arguments), language=language)
    assert (done.code, done.stdout) == (2, "")
    assert done.stderr.count("\n") == 1
    assert named in done.stderr
    assert bool(JAPANESE.search(done.stderr)) is (language == "ja")


@pytest.mark.parametrize("language", LANGUAGES)
def test_lines_fit_80_columns_but_for_names(program: Program, language: str) -> None:
    everything = {"Effect": "Allow", "Action": "s3:*", "Resource": "*"}
    snapshot = program.snapshot(
        everything, endpoint={**LIST_ONLY, "Condition": {"StringLike": {"aws:UserAgent": "x"}}}
    )
    old, new = program.policy("o.json", OLD), program.policy("n.json", NEW)
    pages = [
        program.start("blocks", snapshot, *ASKED, language=language).stdout,
        program.start("only-via", snapshot, *ASKED, language=language).stdout,
        program.start("diff", old, new, "--kind", "resource", language=language).stdout,
        *(program.start(name, "--help", language=language).stdout for name in ("blocks", "only-via", "diff")),
    ]
    for page in pages:
        for line in page.splitlines():
            assert width_of(line) <= 80 or str(program.folder) in line, line


def test_a_file_is_written_whole(program: Program) -> None:
    out = program.folder / "answer.txt"
    done = program.start("blocks", program.snapshot(endpoint=LIST_ONLY), *ASKED, "--out", str(out))
    assert (done.code, done.stdout) == (0, "")
    assert "s3:GetObject" in out.read_text(encoding="utf-8")
