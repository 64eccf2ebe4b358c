"""`snapshot import`: files as the AWS CLI prints them mean what the recording meant."""

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from tests.case_files import Case, all_cases
from tests.unit.test_cli import gatepath, one_line

from gatepath.diagnose import diagnose
from gatepath.model.told import told
from gatepath.snapshot.awscli import import_folder
from gatepath.snapshot.containers import line, to_dict
from gatepath.snapshot.load import load_world
from gatepath.snapshot.pages import Recording
from gatepath.snapshot.record import Record, SnapshotError, decode_line
from gatepath.trace import Verdict

ACCOUNT, REGION = "111122223333", "eu-west-1"
CASES = [case for case in all_cases() if "/" not in case.name]
NAMES = [
    "Bucket",
    "PrefixListId",
    "VPCId",
    "HostedZoneId",
    "FirewallRuleGroupId",
    "FirewallDomainListId",
    "RoleName",
    "UserName",
    "GroupName",
    "TransitGatewayRouteTableId",
    "ChildId",
    "TargetId",
    "KeyId",
    "ResourceArn",
    "PolicyArn",
    "ProfileId",
]


def word(operation: str) -> str:
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "-", operation).lower()


def print_like_the_cli(record: Record, number: int, root: Path) -> None:
    """Write what `aws SERVICE OPERATION > FILE 2>&1` leaves."""
    request: Mapping[str, Any] = record.request
    asked = next((str(request[key]) for key in NAMES if key in request), "")
    region = record.region if record.region != "aws-global" else request.get("VPCRegion", REGION)
    folder = root / record.account / region / str(number)
    folder.mkdir(parents=True)
    name = asked.rpartition("/")[2]
    service = "s3control-" if record.service == "s3control" else ""
    file = folder / f"{service}{word(record.operation)}{'.' if name else ''}{name}.json"
    if record.error_code is not None:
        said = f"({record.error_code}) when calling the {record.operation} operation: {record.error_message}"
        file.write_text(f"\nAn error occurred {said}\n", encoding="utf-8")
    else:
        file.write_text(json.dumps(json.loads(record.response or b""), indent=4), encoding="utf-8")


def records_of(calls: list[dict[str, Any]]) -> list[Record]:
    return [decode_line(line(call), index, f"x:{index + 1}") for index, call in enumerate(calls)]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_the_same_answer_from_files_of_the_cli(case: Case, tmp_path: Path) -> None:
    for number, record in enumerate(case.records()):
        print_like_the_cli(record, number, tmp_path)
    calls = [
        call
        for folder in sorted(tmp_path.iterdir())
        for call in import_folder(folder, folder.name, None).calls
    ]
    found = diagnose(case.question(), load_world(records_of(calls)))
    expected = diagnose(case.question(), case.world())
    if any(record.error_code and record.headers for record in case.records()):
        # a refused HeadBucket names the Region in its headers, which the CLI does not print
        assert found.verdict in {expected.verdict, Verdict.UNKNOWN}
        return
    assert (found.verdict, found.certainty) == (expected.verdict, expected.certainty)
    assert [(f.code, f.component.id) for f in found.findings] == [
        (f.code, f.component.id) for f in expected.findings
    ]


def put(root: Path, **files: object) -> None:
    for name, content in files.items():
        text = content if isinstance(content, str) else json.dumps(content)
        (root / f"{name.replace('__', '.')}.json").write_text(text, encoding="utf-8")


def subnets(*ids: str, **more: str) -> dict[str, Any]:
    return {"Subnets": [{"SubnetId": i, "VpcId": "vpc-1"} for i in ids], **more}


def held(root: Path) -> tuple[list[str], bool]:
    recording = Recording(records_of(import_folder(root, ACCOUNT, REGION).calls))
    name = "ec2.DescribeSubnets"
    found = [row.SubnetId for _, page in recording.pages(name) for row in page.answer.Subnets]  # type: ignore[union-attr] # decoded
    return sorted(found), bool(recording.coverage(name))


@pytest.mark.parametrize(
    ("files", "whole"),
    [
        ({"a": subnets("s-1"), "b": subnets("s-2")}, True),
        ({"a": subnets("s-2"), "b": subnets("s-1", NextToken="x")}, True),
        ({"a": subnets("s-1", NextToken="x"), "b": subnets("s-2", NextToken="y")}, False),
    ],
)
def test_several_files_of_one_list_are_its_pages(tmp_path: Path, files: dict[str, Any], whole: bool) -> None:
    put(tmp_path, **files)
    assert held(tmp_path) == (["s-1", "s-2"], whole)


def test_a_page_without_its_follow_up_is_cut_short(tmp_path: Path) -> None:
    put(tmp_path, a=subnets("s-1", NextToken="x"))
    assert held(tmp_path) == (["s-1"], False)


def test_what_the_answer_does_not_tell_is_never_guessed(tmp_path: Path) -> None:
    put(tmp_path, **{"s3api-head-bucket": {"BucketRegion": REGION}, "location": {"LocationConstraint": None}})
    made = import_folder(tmp_path, ACCOUNT, REGION)
    assert made.calls == []
    assert {str(reason.arguments) for _, reason in made.skipped} == {
        str(told("", file="head-bucket.NAME.json").arguments),
        str(told("", file="get-bucket-location.NAME.json").arguments),
    }


@pytest.mark.parametrize(
    ("name", "bucket"),
    [
        ("get-bucket-policy.my__bucket", "my.bucket"),
        ("my-bucket.get-bucket-policy", "my-bucket"),
        ("s3api-get-bucket-policy-my-bucket", "my-bucket"),
        ("my-bucket-s3api-get-bucket-policy", "my-bucket"),
    ],
)
def test_a_bucket_is_named_by_the_file(tmp_path: Path, name: str, bucket: str) -> None:
    put(tmp_path, **{name: {"Policy": "{}"}})
    (call,) = import_folder(tmp_path, ACCOUNT, REGION).calls
    assert (call["operation"], call["request"]) == ("GetBucketPolicy", {"Bucket": bucket})


def test_a_policy_version_gets_the_arn_of_its_policy(tmp_path: Path) -> None:
    arn = f"arn:aws:iam::{ACCOUNT}:policy/team/reader"
    put(
        tmp_path,
        policy={"Policy": {"PolicyName": "reader", "Arn": arn, "DefaultVersionId": "v2"}},
        **{"get-policy-version.reader": {"PolicyVersion": {"VersionId": "v2", "Document": {}}}},
    )
    calls = {call["operation"]: call["request"] for call in import_folder(tmp_path, ACCOUNT, None).calls}
    assert calls == {
        "GetPolicy": {"PolicyArn": arn},
        "GetPolicyVersion": {"PolicyArn": arn, "VersionId": "v2"},
    }


def test_other_forms_and_failed_calls_are_named_not_fatal(tmp_path: Path) -> None:
    put(tmp_path, subnets=subnets("s-1"), failed="", other={"Widgets": []})
    (tmp_path / "vpcs.yaml").write_text("Vpcs: []\n", encoding="utf-8")
    (tmp_path / "notes.md").write_text("x", encoding="utf-8")
    made = import_folder(tmp_path, ACCOUNT, REGION)
    assert [call["operation"] for call in made.calls] == ["DescribeSubnets"]
    reasons = {Path(file).name: reason.code for file, reason in made.skipped}
    assert reasons == {
        "failed.json": "import.empty",
        "other.json": "import.unknown",
        "vpcs.yaml": "import.other-form",
    }


@pytest.mark.parametrize("text", ["Vpcs: []", "VPCS\t10.0.0.0/16", '{"Vpcs": [', "[" * 100_000])
def test_what_is_no_json_is_an_error_with_its_place(tmp_path: Path, text: str) -> None:
    put(tmp_path, vpcs=text)
    with pytest.raises(SnapshotError) as raised:
        import_folder(tmp_path, ACCOUNT, REGION)
    assert raised.value.place == str(tmp_path / "vpcs.json")


@pytest.mark.parametrize("language", ["en", "ja"])
def test_wrong_options_and_folders_without_answers(tmp_path: Path, language: str) -> None:
    put(tmp_path, other={"Widgets": []})
    out = ("--out", str(tmp_path / "s.jsonl"), "--language", language)
    for more, said in (
        (("--account", "1"), "--account: "),
        (("--account", ACCOUNT, "--region", "x y"), "--region: "),
    ):
        done = gatepath("snapshot", "import", str(tmp_path), *more, *out)
        assert done.returncode == 2
        assert one_line(done).startswith(said)
    done = gatepath("snapshot", "import", str(tmp_path), "--account", ACCOUNT, *out)
    assert done.returncode == 2
    assert len(done.stderr.splitlines()) == 2
    assert not (tmp_path / "s.jsonl").exists()


def test_what_was_imported_reads_back(tmp_path: Path) -> None:
    put(tmp_path, subnets=subnets("s-1"))
    (call,) = import_folder(tmp_path, ACCOUNT, REGION).calls
    (record,) = records_of([call])
    assert to_dict(record) == call
