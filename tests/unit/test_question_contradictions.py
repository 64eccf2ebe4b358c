"""Questions that contradict themselves: told with the place, on the command line and in a file."""

import json
from pathlib import Path
from typing import Any

import pytest
from tests.unit.test_cli import SNAPSHOT, gatepath, one_line

from gatepath.model.question import QuestionError, parse_question

TABLE = "arn:aws:dynamodb:eu-west-1:111122223333:table/t"
BASE: dict[str, Any] = {"source": {"instance": "i-1"}, "service": "s3"}

WRONG = [
    ({"action": "GetObject"}, "action", "question.not-an-action"),
    ({"action": "s3:Get Object"}, "action", "question.not-an-action"),
    ({"action": "dynamodb:GetItem"}, "action", "question.contradicts"),
    ({"service": "dynamodb", "action": "s3:GetObject"}, "action", "question.contradicts"),
    ({"resource": TABLE}, "resource", "question.contradicts"),
    ({"service": "dynamodb", "resource": "arn:aws:s3:::b"}, "resource", "question.contradicts"),
    ({"resource_account": "12"}, "resource_account", "question.not-an-account"),
    (
        {"service": "dynamodb", "resource": TABLE, "resource_account": "444455556666"},
        "resource_account",
        "question.contradicts",
    ),
    ({"client": {"resolves_to": []}}, "client.resolves_to", "question.empty"),
    ({"client": {"resolves_to": ["::1"], "ip_version": 4}}, "client.resolves_to", "question.contradicts"),
]

RIGHT: list[dict[str, Any]] = [
    {"action": "s3:GetObject", "resource": "arn:aws:s3:::b/k"},
    {"action": "S3:getobject", "resource": "*"},
    {"action": "s3-object-lambda:GetObject"},
    {"service": "s3express", "action": "s3express:CreateSession"},
    {
        "service": "dynamodb",
        "action": "dynamodb:GetItem",
        "resource": TABLE,
        "resource_account": "111122223333",
    },
    {"client": {"resolves_to": ["::1", "52.216.0.1"], "ip_version": 4}},
]


@pytest.mark.parametrize(("more", "path", "code"), WRONG)
def test_a_contradiction_names_its_place(more: dict[str, Any], path: str, code: str) -> None:
    with pytest.raises(QuestionError) as raised:
        parse_question({**BASE, **more})
    assert (raised.value.path, raised.value.code) == (path, code)


@pytest.mark.parametrize("more", RIGHT)
def test_what_goes_together_is_no_contradiction(more: dict[str, Any]) -> None:
    assert parse_question({**BASE, **more}).source.id == "i-1"


@pytest.mark.parametrize(
    ("arguments", "place"),
    [
        (("--to", "s3://b/k", "--action", "GetObject"), "--action: "),
        (("--to", "s3://b/k", "--service", "dynamodb"), "--to: "),
        (("--to", "s3", "--hostname", "dynamodb.eu-west-1.amazonaws.com"), "--hostname: "),
    ],
)
@pytest.mark.parametrize("language", ["en", "ja"])
def test_options_that_contradict_each_other(arguments: tuple[str, ...], place: str, language: str) -> None:
    done = gatepath("diagnose", SNAPSHOT, "--from", "i-1", *arguments, "--language", language)
    assert done.returncode == 2
    assert one_line(done).startswith(place)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('{"service": "s3", "service": "dynamodb"}', "`service` stands twice"),
        ("[]", "object"),
        ('{"service": ' + "9" * 5000 + "}", "number"),
        (
            json.dumps({**BASE, "client": {"hostname": "dynamodb.eu-west-1.amazonaws.com"}}),
            "client.hostname: ",
        ),
    ],
)
def test_files_that_hold_no_single_question(tmp_path: Path, text: str, said: str) -> None:
    place = tmp_path / "q.json"
    place.write_text(text, encoding="utf-8")
    done = gatepath("diagnose", SNAPSHOT, "--question", str(place))
    assert done.returncode == 2
    assert one_line(done).startswith(f"{place}: ")
    assert said in one_line(done)
