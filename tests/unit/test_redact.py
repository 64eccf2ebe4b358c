"""A redacted snapshot gives the same answer and none of the owner's names."""

import json
import random
import re
from collections.abc import Iterator
from ipaddress import ip_address
from itertools import pairwise
from typing import Any

import pytest
from msgspec import inspect
from tests.case_files import Case, all_cases

from gatepath.diagnose import diagnose
from gatepath.model.question import parse_question
from gatepath.rights.published import is_published
from gatepath.snapshot.aws_words import KEPT_KEYS
from gatepath.snapshot.load import load_world
from gatepath.snapshot.pages import ANSWERS
from gatepath.snapshot.record import Record, decode_line
from gatepath.snapshot.redact import Redactor, meaningful, redact, redact_question
from gatepath.trace import Diagnosis

KEY = b"k" * 32
ALL = list(all_cases())
REAL = [case for case in ALL if "/" not in case.name]
Row = dict[str, Any]


def redacted(case: Case) -> tuple[str, Row]:
    """Return the redacted snapshot's text and question."""
    asked = json.loads((case.folder / "question.json").read_text(encoding="utf-8"))
    records = case.records()
    kept = meaningful(records)
    lines = [json.dumps(call) for call in redact(records, KEY, kept, is_published)]
    return "\n".join(lines), redact_question(asked, KEY, kept, is_published)


def records_of(text: str) -> list[Record]:
    return [decode_line(line.encode(), n, f"x:{n}") for n, line in enumerate(text.splitlines())]


def codes(found: Diagnosis) -> list[str]:
    """Return the codes of findings but for what measures a text: pseudonyms are shorter or longer."""
    return sorted(f.code for f in found.findings if f.code != "endpoint-policy.nearly-too-long")


@pytest.mark.parametrize("case", ALL, ids=lambda case: case.name)
def test_same_verdict_and_paths(case: Case) -> None:
    text, asked = redacted(case)
    world = load_world(records_of(text))
    for only in (frozenset({"network"}), None):
        before = diagnose(case.question(), case.world(), only=only)
        after = diagnose(parse_question(asked), world, only=only)
        assert after.verdict is before.verdict
        assert sorted((p.kind, p.share or 0, p.decision or "") for p in after.paths) == sorted(
            (p.kind, p.share or 0, p.decision or "") for p in before.paths
        )
        assert codes(after) == codes(before)


def leaves(value: object, key: str = "") -> Iterator[tuple[str, str]]:
    if isinstance(value, dict):
        for name, item in value.items():
            yield from leaves(item, name)
    elif isinstance(value, list):
        for item in value:
            yield from leaves(item, key)
    elif isinstance(value, str) and value.lstrip().startswith("{"):
        yield from leaves(json.loads(value), key)
    elif isinstance(value, str):
        yield key, value


SECRET = re.compile(
    r"(?<![0-9.])\d{12}(?![0-9])|\b(?:i|vpc|subnet|eni|sg|rtb|acl|vpce|nat|igw|tgw|dopt)-[0-9a-f]{8,17}\b"
    r"|(?:10|172\.(?:1[6-9]|2\d|3[01])|192\.168)\.\d+\.\d+\.[1-9]\d*(?![./\d])"
)


@pytest.mark.parametrize("case", REAL, ids=lambda case: case.name)
def test_nothing_that_names_somebody_is_left(case: Case) -> None:
    text, asked = redacted(case)
    shown = text + json.dumps(asked)
    original = (case.folder / "snapshot.jsonl").read_text(encoding="utf-8")
    names = set(SECRET.findall(original))
    for line in original.splitlines():
        for key, value in leaves(json.loads(line)):
            if key in {
                "RoleName",
                "PolicyName",
                "GroupName",
                "FunctionName",
                "TableName",
                "UserName",
                "Sid",
                "Bucket",
            }:
                names.add(value)
    aws = {"default", "", *re.findall(r"arn:aws:iam::aws:policy/(?:[\w-]+/)?([\w-]+)", original)}
    own = {n for n in names - aws if not is_published(n) and "amazonaws.com" not in n}
    assert len(own) > 5
    for name in own:
        assert not re.search(rf"(?<![\w-]){re.escape(name)}(?![\w-])", shown), name


def texts(kind: inspect.Type, name: str = "") -> Iterator[str]:
    match kind:
        case inspect.StructType():
            for field in kind.fields:
                yield from texts(field.type, field.encode_name)
        case inspect.UnionType():
            for each in kind.types:
                yield from texts(each, name)
        case inspect.VarTupleType() | inspect.ListType():
            yield from texts(kind.item_type, name)
        case inspect.StrType():
            yield name


def test_every_text_that_is_kept_is_a_word_of_aws() -> None:
    """A member that loaders read is replaced unless it is listed; the list holds no others."""
    read = {name for answer in ANSWERS.values() for name in texts(inspect.type_info(answer))}
    for name in read - KEPT_KEYS:
        made = Redactor(KEY).value({name: "secret-project 10.1.2.3 111122223333"})
        assert "secret" not in str(made), name
        assert "111122223333" not in str(made), name
        assert "10.1.2.3" not in str(made), name


def test_members_and_calls_that_nobody_reads_are_left_out() -> None:
    place = {"account": "111122223333", "region": "eu-west-1", "request": {}}
    known = {"SubnetId": "subnet-1", "VpcId": "vpc-1", "Secret": "s3cr3t"}
    rows = [
        {
            **place,
            "service": "ec2",
            "operation": "DescribeSubnets",
            "response": {"Subnets": [known], "Other": "s3cr3t"},
        },
        {**place, "service": "rds", "operation": "DescribeDBInstances", "response": {"Name": "s3cr3t"}},
    ]
    made = list(redact(records_of("\n".join(json.dumps(row) for row in rows)), KEY))
    assert [call["operation"] for call in made] == ["DescribeSubnets"]
    assert "s3cr3t" not in json.dumps(made)
    assert set(made[0]["response"]["Subnets"][0]) == {"SubnetId", "VpcId"}


POLICY = {
    "Version": "2012-10-17",
    "Statement": {
        "Sid": "TeamPayments",
        "Effect": "Allow",
        "Action": "s3:GetObject",
        "Principal": {"AWS": "arn:aws:iam::111122223333:role/team/app-*", "Service": "lambda.amazonaws.com"},
        "Resource": ["arn:aws:s3:::app-logs/home/${aws:username}/*", "arn:aws:s3:::*"],
        "Condition": {
            "StringLike": {
                "aws:PrincipalTag/Team": ["payments-*"],
                "aws:PrincipalOrgPaths": "o-a1b2c3d4e5/r-ab12/*",
            },
            "Bool": {"aws:SecureTransport": "true"},
            "StringEquals": {"aws:SourceVpce": "vpce-0123456789abcdef0", "aws:RequestedRegion": "eu-west-1"},
        },
    },
}


def test_policies_keep_their_language_and_lose_their_names() -> None:
    redactor = Redactor(KEY)
    text = redactor.value({"Policy": json.dumps(POLICY)})["Policy"]
    for name in (
        "Team",
        "payments",
        "team",
        "app",
        "logs",
        "home",
        "111122223333",
        "a1b2c3d4e5",
        "ab12",
        "0123456789abcdef0",
    ):
        assert not re.search(rf"\b{name}\b", text), name
    made = json.loads(text)["Statement"]
    assert (made["Effect"], made["Action"]) == ("Allow", "s3:GetObject")
    assert made["Principal"]["Service"] == "lambda.amazonaws.com"
    assert made["Resource"][1] == "arn:aws:s3:::*"
    assert "/${aws:username}/*" in made["Resource"][0]
    assert made["Condition"]["Bool"] == {"aws:SecureTransport": "true"}
    assert made["Condition"]["StringEquals"]["aws:RequestedRegion"] == "eu-west-1"
    (tag,) = (key for key in made["Condition"]["StringLike"] if key.startswith("aws:PrincipalTag/"))
    assert (
        redactor.value([{"Key": "TEAM", "Value": "payments-eu"}], "Tags")[0]["Key"] == tag.partition("/")[2]
    )
    assert made["Condition"]["StringLike"][tag][0].endswith("-*")


@pytest.mark.parametrize(
    ("pattern", "name"),
    [
        ("app-*", "app-logs"),
        ("*-logs", "app-logs"),
        ("*.corp.example", "a.corp.example"),
        ("home/*/x", "home/me/x"),
    ],
)
def test_what_matches_still_matches(pattern: str, name: str) -> None:
    redactor = Redactor(KEY)
    made = re.escape(redactor.name(pattern)).replace(r"\*", ".*")
    assert re.fullmatch(made, redactor.name(name))
    assert not re.fullmatch(made, redactor.name("other"))


def test_addresses_keep_common_prefixes_and_differ() -> None:
    redactor, rng = Redactor(KEY), random.Random(3)
    made = {}
    for _ in range(300):
        address = str(ip_address((10 << 24) + rng.randrange(1 << 24)))
        made[address] = redactor.address(address)
    assert len(set(made.values())) == len(made)
    listed = list(made.items())
    for (a, b), (c, d) in pairwise(listed):
        assert common(a, c) == common(b, d)


def common(left: str, right: str) -> int:
    return 32 - (int(ip_address(left)) ^ int(ip_address(right))).bit_length()


@pytest.mark.parametrize("text", ["0.0.0.0/0", "::/0", "52.218.0.0/17", "10.0.0.0/8", "169.254.169.253"])
def test_what_aws_owns_or_means_stays(text: str) -> None:
    assert Redactor(KEY).address(text) == text


def test_secrets_in_environments_are_dropped() -> None:
    made = Redactor(KEY).value({"Environment": {"Variables": {"TOKEN": "s3cr3t", "AWS_REGION": "eu-west-1"}}})
    assert made == {"Environment": {"Variables": {"AWS_REGION": "eu-west-1"}}}


def test_proxies_and_their_exceptions_keep_their_form() -> None:
    given = "http://me:secret@proxy.corp.example:3128"
    made = Redactor(KEY).value(
        {"Variables": {"https_proxy": given, "NO_PROXY": "169.254.169.254,.corp.example,.amazonaws.com"}}
    )
    proxy, exceptions = made["Variables"]["https_proxy"], made["Variables"]["NO_PROXY"].split(",")
    assert re.fullmatch(r"http://x\w+\.x\w+\.x\w+:3128", proxy)
    assert (exceptions[0], exceptions[2]) == ("169.254.169.254", ".amazonaws.com")
    assert proxy.removesuffix(":3128").endswith(exceptions[1])
