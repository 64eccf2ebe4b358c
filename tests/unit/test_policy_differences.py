"""`policy diff`: who asks, within an account and across, which ways, which services."""

from typing import Any

import pytest
from tests import scenarios_policies as p
from tests import snapshots as s
from tests.policy_worlds import OBJECTS, codes, lines, rows
from tests.snapshots import Json

from gatepath.engine.iam.authorize import authorize
from gatepath.engine.iam.principals import who
from gatepath.policy.asked import Kind
from gatepath.rights.answers import PolicyAnswer
from gatepath.rights.differences import Compared, compare, services_of
from gatepath.trace import Certainty

ROLE, OTHER = p.ROLE_ARN, "arn:aws:iam::444455556666:role/reader"
TABLE = f"arn:aws:dynamodb:eu-west-1:{s.ACCOUNT}:table/orders"
NOTHING: Json = {"Version": "2012-10-17", "Statement": [p.deny()]}


def document(*statements: Json) -> Json:
    return {"Version": "2012-10-17", "Statement": list(statements)}


def difference(old: Json, new: Json, kind: str = "resource", **more: Any) -> PolicyAnswer:
    services = more.pop("services", None) or services_of((old, new))
    return compare(Compared(old=old, new=new, kind=kind, services=services, **more))


def gained(answer: PolicyAnswer) -> dict[str, set[str]]:
    """Return for each principal (empty: anybody) the actions it gains."""
    made: dict[str, set[str]] = {}
    for told in answer.told:
        assert told.of.change == "gained"
        for name in told.principals or ("",):
            made.setdefault(name, set()).update(told.of.actions)
    return made


def confirmed(answer: PolicyAnswer, old: Json, new: Json) -> None:
    for row, line in lines(rows(Kind.DIFF, answer)):
        sides = [
            authorize({**line, "policies": {**line["policies"], "resource": each}})["decision"] == "allowed"
            for each in (old, new)
        ]
        assert sides == [row["change"] == "lost", row["change"] == "gained"], row


def test_a_role_that_is_named_gains_and_nobody_else() -> None:
    old, new = (
        document(p.deny(Action="s3:PutObject")),
        document(p.allow(Principal={"AWS": OTHER}, Action="s3:GetObject", Resource=OBJECTS)),
    )
    answer = difference(old, new)
    assert answer.decided
    assert gained(answer) == {OTHER: {"s3:GetObject"}}
    confirmed(answer, old, new)


def test_an_account_that_is_named_is_its_roles_and_its_root_user() -> None:
    new = document(p.allow(Principal={"AWS": "444455556666"}, Action="s3:GetObject", Resource=OBJECTS))
    answer = difference(NOTHING, new)
    assert set(gained(answer)) == {"arn:aws:iam::444455556666:root", "arn:aws:iam::444455556666:role/any"}


def test_within_the_account_naming_the_account_allows_nothing_by_itself() -> None:
    delegating = p.allow(Principal={"AWS": s.ACCOUNT}, Action="dynamodb:GetItem", Resource=TABLE)
    naming = p.allow(Principal={"AWS": ROLE}, Action="dynamodb:GetItem", Resource=TABLE)
    old = document(p.deny(Action="dynamodb:DeleteTable"))
    for statements, wanted in (((delegating,), {}), ((delegating, naming), {ROLE: {"dynamodb:GetItem"}})):
        answer = difference(old, document(*statements))
        assert codes(answer) == []
        mine = {name: actions for name, actions in gained(answer).items() if name == ROLE}
        assert mine == wanted
        confirmed(answer, old, document(*statements))


def test_everybody_is_told_as_everybody() -> None:
    answer = difference(
        document(p.deny(Action="s3:PutObject")), document(p.allow(Action="s3:GetObject", Resource=OBJECTS))
    )
    assert gained(answer) == {"": {"s3:GetObject"}}


def test_unsigned_requests_have_no_organization() -> None:
    condition = {"StringNotEquals": {"aws:PrincipalOrgID": p.ORGANIZATION}}
    old = document(p.allow(Action="s3:GetObject"), p.deny(Action="s3:GetObject", Condition=condition))
    new = document(
        p.allow(Action="s3:GetObject"),
        p.deny(Action="s3:GetObject", Condition={**condition, "Null": {"aws:PrincipalOrgID": "false"}}),
    )
    answer = difference(old, new, "endpoint")
    (told,) = [told for told in answer.told if told.principals == ("anonymous",)]
    assert told.of.conditions == ()
    signed = [told.of.conditions for told in answer.told if told.principals == ("signed",)]
    assert signed == [(("aws:PrincipalOrgID", None),)]


def test_a_service_carries_who_it_asks_for() -> None:
    logs = {"Service": "delivery.logs.amazonaws.com"}
    condition = {"StringEquals": {"aws:SourceAccount": s.ACCOUNT}}
    new = document(p.allow(Principal=logs, Action="s3:PutObject", Resource=OBJECTS, Condition=condition))
    answer = difference(document(p.deny(Action="s3:DeleteObject")), new)
    (told,) = answer.told
    assert told.principals == (logs["Service"],)
    assert told.of.conditions == (("aws:SourceAccount", s.ACCOUNT),)


def test_a_way_is_told_where_it_makes_the_difference() -> None:
    everything = p.allow(Action="s3:GetObject")
    inside = p.deny(Action="s3:GetObject", Condition={"Null": {"aws:SourceVpce": "true"}})
    answer = difference(document(everything), document(everything, inside), "identity")
    assert [(told.of.change, told.ways) for told in answer.told] == [("lost", ("internet",))]


def test_a_principal_that_is_named_narrows_the_question() -> None:
    new = document(p.allow(Principal={"AWS": [OTHER, ROLE]}, Action="s3:GetObject", Resource=OBJECTS))
    answer = difference(document(p.deny(Action="s3:PutObject")), new, caller=who(OTHER))
    assert gained(answer) == {"": {"s3:GetObject"}}


def test_a_gateway_policy_that_names_a_role_is_suspect() -> None:
    answer = difference(document(p.allow()), document(p.allow(Principal={"AWS": ROLE})), "endpoint")
    assert answer.certainty is Certainty.SUSPECT


@pytest.mark.parametrize(
    ("action", "services"),
    [
        ("s3:GetObject", ("s3",)),
        ("dynamodb:*", ("dynamodb",)),
        ("*", ("s3",)),
        (["s3:*", "dynamodb:*"], ("s3", "dynamodb")),
    ],
)
def test_the_services_are_those_that_the_policies_name(action: object, services: tuple[str, ...]) -> None:
    assert services_of((document(p.allow(Action=action)),)) == services


def test_streams_are_part_of_what_identity_policies_allow() -> None:
    read = {
        "Effect": "Allow",
        "Action": "dynamodb:GetRecords",
        "Resource": f"{TABLE}/stream/2026-01-01T00:00:00.000",
    }
    answer = difference(document({**read, "Action": "dynamodb:GetItem"}), document(read), "identity")
    assert {told.of.resource for told in answer.told} == {"arn:aws:dynamodb:*:*:table/*/stream/*"}
    request = answer.told[0].of.witness["request"]
    assert isinstance(request, dict)
    assert request["resource"] == read["Resource"]


@pytest.mark.parametrize("partition", ["aws", "aws-cn", "aws-us-gov"])
def test_arns_are_those_of_the_policies_partition(partition: str) -> None:
    new = document(p.allow(Action="s3:GetObject", Resource=f"arn:{partition}:s3:::reports/*"))
    (told, *_) = difference(document(p.deny(Action="s3:PutObject")), new, "endpoint").told
    assert told.of.resource == f"arn:{partition}:s3:::*/*"
