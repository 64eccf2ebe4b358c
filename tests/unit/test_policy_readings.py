"""What AWS's pages leave open is read both ways: a decision that hangs on it is `suspect`, others are not."""

import pytest
from tests import scenarios_policies as p
from tests import snapshots as s
from tests.rights_worlds import whole
from tests.snapshots import Json, Snapshot

from gatepath.trace import Diagnosis

VIOLATES = {"StringLike": {"aws:PrincipalAccount": "1111*"}}
"""Wildcards beside ids, which endpoint policies don't take."""
NAMED = {"Principal": {"AWS": p.ROLE_ARN}}


def answer(*statements: Json, **more: object) -> tuple[str, str]:
    made = p.judged()
    p.endpoint_policy(made, *statements)
    found = whole(made, p.asked(**more))
    return found.verdict.value, found.certainty.value


@pytest.mark.parametrize(
    ("statements", "expected"),
    [
        # an Allow or Deny that names the caller's role may count or not
        ([p.allow(**NAMED)], ("denied", "suspect")),
        ([p.allow(), p.deny(**NAMED)], ("ok", "suspect")),
        (
            [p.allow(**NAMED), p.allow(Condition={"StringEquals": {"aws:SourceVpc": "vpc-0ff"}})],
            ("denied", "suspect"),
        ),
        # one that names somebody else changes nothing beside an Allow for everyone
        ([p.allow(), p.deny(Principal={"AWS": f"{p.ROLE_ARN}-2"})], ("ok", "proven")),
        # an account means its root user, that is documented
        ([p.allow(), p.deny(Principal={"AWS": s.ACCOUNT})], ("ok", "proven")),
        ([p.allow(Principal={"AWS": s.ACCOUNT})], ("denied", "proven")),
        # a condition of an excluded form may never match
        ([p.allow(Condition=VIOLATES)], ("ok", "suspect")),
        ([p.allow(), p.allow(Condition=VIOLATES)], ("ok", "proven")),
        ([p.allow(), p.deny(Condition=VIOLATES)], ("denied", "suspect")),
        (
            [p.allow(), p.deny(Condition={"StringLike": {"aws:PrincipalArn": "*nobody*"}})],
            ("ok", "proven"),
        ),
    ],
)
def test_an_endpoint_policy_is_read_both_ways(statements: list[Json], expected: tuple[str, str]) -> None:
    assert answer(*statements) == expected


def test_not_principal_is_nothing_that_the_page_on_endpoint_policies_knows() -> None:
    everybody_else = {"NotPrincipal": {"AWS": f"arn:aws:iam::{p.OTHER_ACCOUNT}:root"}}
    statement = {key: value for key, value in p.allow().items() if key != "Principal"}
    assert answer({**statement, **everybody_else}) == ("ok", "suspect")


def test_the_root_user_is_matched_by_its_account_in_both_readings() -> None:
    root = {"arn": f"arn:aws:iam::{s.ACCOUNT}:root"}
    statement = p.allow(Principal={"AWS": [s.ACCOUNT, p.ROLE_ARN]})
    assert answer(statement, principal=root) == ("ok", "proven")


def test_what_another_layer_refuses_anyway_is_proven() -> None:
    made = p.judged({"Effect": "Allow", "Action": "ec2:*", "Resource": "*"})
    p.endpoint_policy(made, p.allow(**NAMED))
    found = whole(made, p.asked())
    assert (found.verdict.value, found.certainty.value) == ("denied", "proven")
    certainties = {f.component.id: f.certainty.value for f in found.findings if f.code.endswith("allow")}
    assert certainties == {p.IDENTITY: "proven"}


def with_key_policy(*statements: Json) -> Diagnosis:
    made: Snapshot = p.judged(p.S3_READ, p.USES_KEY)
    p.encrypted(made, *statements)
    return whole(made, p.asked())


@pytest.mark.parametrize("key", ["aws:SourceVpce", "aws:SourceVpc", "aws:VpcSourceIp"])
def test_whether_a_call_on_the_callers_behalf_carries_the_way_is_not_stated(key: str) -> None:
    value = {"aws:SourceVpce": s.ENDPOINT, "aws:SourceVpc": s.VPC, "aws:VpcSourceIp": "10.0.1.10"}[key]
    operator = "NotIpAddress" if key == "aws:VpcSourceIp" else "StringNotEquals"
    found = with_key_policy(p.DELEGATES, p.deny(Action="kms:*", Condition={operator: {key: value}}))
    assert (found.verdict.value, found.certainty.value) == ("denied", "suspect")
    assert found.findings[0].certainty == "suspect"
    assert found.findings[0].component.id == p.KEY


def test_a_key_policy_that_names_another_endpoint_denies_in_both_readings() -> None:
    other = {"StringNotEquals": {"aws:SourceVpce": "vpce-0dead"}}
    found = with_key_policy(p.DELEGATES, p.deny(Action="kms:*", Condition=other))
    assert (found.verdict.value, found.certainty.value) == ("denied", "proven")


def test_a_key_policy_without_keys_of_the_way_is_read_one_way() -> None:
    found = with_key_policy(p.DELEGATES)
    assert (found.verdict.value, found.certainty.value) == ("ok", "proven")
