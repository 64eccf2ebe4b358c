"""What random requests and junk found in the policy evaluator; each once wrong."""

import json
from typing import Any

import pytest

from gatepath.engine.iam.authorize import AuthorizeError, Authorizer, authorize
from gatepath.engine.iam.documents import parse

Row = dict[str, Any]


def asked(policy: object) -> Row:
    request = {
        "principal": "arn:aws:iam::111122223333:role/app",
        "action": "s3:GetObject",
        "resource": "arn:aws:s3:::orders/a",
        "resource_account": "111122223333",
        "context": {},
    }
    return {"id": 1, "request": request, "policies": {"identity": [policy]}}


@pytest.mark.parametrize("junk", [[], ["Allow"], {}, {"a": []}])
def test_lists_and_objects_as_effect_or_version_are_problems(junk: object) -> None:
    statement = {"Effect": "Allow", "Action": "*", "Resource": "*"}
    effect = {"Version": "2012-10-17", "Statement": [{**statement, "Effect": junk}, statement]}
    assert [p.code for p in parse(effect).problems] == ["bad-effect"]
    answer = authorize(asked(effect))
    assert answer["decision"] == "allowed"
    assert answer["decided_by"] == [{"layer": "identity", "policy": 0, "statement": 1}]
    version = {"Version": junk, "Statement": [statement]}
    assert [p.code for p in parse(version).problems] == ["unknown-version"]
    assert authorize(asked(version))["decision"] == "allowed"


@pytest.mark.parametrize("line", [None, [], 1, True, "x", [[]]])
def test_a_line_that_is_no_object_is_an_error(line: Any) -> None:
    answer = authorize(line)
    assert answer["id"] is None
    assert "error" in answer


@pytest.mark.parametrize("place", [b"s3:GetObject", b"orders/a", b"Statement", b"gateway", b"0123"])
def test_bytes_that_are_no_text_are_an_error(place: bytes) -> None:
    line = asked({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Resource": "0123"}]})
    line["policies"]["vpce_type"] = "gateway"
    with pytest.raises(AuthorizeError):
        Authorizer().answer(json.dumps(line).encode().replace(place, b"\xe7"))


def test_policies_that_look_alike_are_not_all_kept() -> None:
    """Texts of one length whose sampled bytes are equal were compared with all before them, and all kept."""
    authorizer = Authorizer()
    for number in range(500):
        statement = {"Effect": "Allow", "Action": "*", "Resource": f"arn:aws:s3:::{number:08d}"}
        authorizer.answer(json.dumps(asked({"Version": "2012-10-17", "Statement": [statement]})).encode())
    alike = [len(kept) for kept in authorizer._whole.values()]
    assert max(alike) > 1
    assert max(alike) < 50


def test_keys_that_are_not_known_are_named_once_as_policies_spell_them() -> None:
    variable = "arn:aws:s3:::orders/${aws:PrincipalTag/Team, 'a'}"
    rows = [{"Effect": "Allow", "Action": "*", "Resource": variable}]
    rows += [{"Effect": "Allow", "Action": "*", "Resource": variable.replace("Team", "team")}]
    line = asked({"Version": "2012-10-17", "Statement": rows})
    line["request"]["context"] = {"aws:principaltag/team": {"$unknown": True}}
    assert authorize(line)["depends_on"] == ["aws:PrincipalTag/Team"]
