"""What is not known is left open only where completions of it end differently, and only what matters is named.

Values of condition keys: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html
"""

from typing import Any

import pytest
from tests.iam_requests import (
    ALLOWED,
    EXPLICIT,
    IMPLICIT,
    OPEN,
    OTHER,
    OWN,
    ROLE,
    ROOT,
    UNKNOWN,
    Json,
    allow,
    ask,
    deciders,
    decision,
    deny,
    policy,
    statement,
)

KEY = "aws:SourceVpce"
TAGS = "aws:TagKeys"


def either(*conditions: tuple[str, str], key: str = KEY, effect: str = "Allow") -> Json:
    """Return a document with a statement for each condition (operator, value)."""
    return policy(*[statement(effect, Condition={op: {key: value}}) for op, value in conditions])


COVERING = [
    ("equal or not", KEY, [("StringEquals", "a"), ("StringNotEquals", "a")]),
    ("there or not", KEY, [("Null", "true"), ("Null", "false")]),
    ("like or not", KEY, [("StringLike", "vpce-*"), ("StringNotLike", "vpce-?*"), ("StringEquals", "vpce-")]),
    ("ignoring case", KEY, [("StringEqualsIgnoreCase", "A"), ("StringNotEquals", "a")]),
    ("an ARN or not", "aws:SourceArn", [("ArnLike", "arn:aws:s3:::b"), ("StringNotLike", "arn:aws:s3:::b")]),
    ("a set of keys", TAGS, [("ForAllValues:StringEquals", "a"), ("ForAnyValue:StringNotEquals", "a")]),
]
LEAVING = [
    ("two values", KEY, [("StringEquals", "a"), ("StringNotEquals", "b"), ("StringNotLike", "?")]),
    ("absent", KEY, [("StringLike", "*")]),
    ("between prefixes", KEY, [("StringLike", "a*"), ("StringNotLike", "?*")]),
    ("a set of two", TAGS, [("ForAllValues:StringEquals", "a"), ("ForAnyValue:StringEquals", "b")]),
    ("between numbers", "k:n", [("NumericLessThanEquals", "3"), ("NumericGreaterThanEquals", "4")]),
    ("what is no number", "k:n", [("NumericLessThan", "3"), ("NumericGreaterThanEquals", "3")]),
    ("above all dates", "k:d", [("DateLessThan", "2026-01-01"), ("DateEquals", "2026-01-01")]),
    ("IPv6", "k:i", [("IpAddress", "0.0.0.0/0")]),
]


@pytest.mark.parametrize(("key", "conditions"), [c[1:] for c in COVERING], ids=[c[0] for c in COVERING])
def test_statements_that_cover_all_values_settle_it(key: str, conditions: list[tuple[str, str]]) -> None:
    context = {key: UNKNOWN}
    assert decision({"identity": [either(*conditions, key=key)]}, context=context) == ALLOWED
    refused = {"identity": [allow(), either(*conditions, key=key, effect="Deny")]}
    assert decision(refused, context=context) == EXPLICIT


@pytest.mark.parametrize(("key", "conditions"), [c[1:] for c in LEAVING], ids=[c[0] for c in LEAVING])
def test_statements_that_leave_a_value_out_do_not(key: str, conditions: list[tuple[str, str]]) -> None:
    answer = ask({"identity": [either(*conditions, key=key)]}, context={key: UNKNOWN})
    assert (answer["decision"], answer["depends_on"]) == (OPEN, [key])


def test_conditions_that_exclude_each_other_never_hold() -> None:
    both = {"StringEquals": {KEY: "a"}, "StringLike": {KEY: "b*"}}
    answer = ask({"identity": [allow(Condition=both)]}, context={KEY: UNKNOWN})
    assert (answer["decision"], deciders(answer)) == (IMPLICIT, [("identity", 0, 0)])


def test_statements_that_take_turns_are_all_named() -> None:
    turns = either(("StringEquals", "a"), ("StringNotEquals", "a"))
    answer = ask({"identity": [turns], "vpce": allow(Principal="*")}, context={KEY: UNKNOWN})
    assert set(deciders(answer)) == {("identity", 0, 0), ("identity", 0, 1), ("vpce", 0, 0)}


def test_an_allow_and_a_deny_on_one_key_are_seen_together() -> None:
    rows = policy(
        statement(Condition={"StringEquals": {KEY: "a"}}),
        statement("Deny", Condition={"StringEquals": {KEY: ["a", "b"]}}),
    )
    answer = ask({"identity": [rows]}, context={KEY: UNKNOWN})
    assert (answer["decision"], answer["depends_on"]) == (OPEN, [KEY])
    other = {"identity": [rows, allow(Condition={"StringEquals": {KEY: "c"}})]}
    assert decision(other, context={KEY: "c"}) == ALLOWED
    assert decision(other, context={KEY: "a"}) == EXPLICIT


def test_only_what_matters_is_named() -> None:
    vpce = allow(Principal="*", Condition={"StringEquals": {"aws:SourceVpc": "v"}})
    beside = {"identity": [either(("StringEquals", "a")), allow()], "vpce": vpce}
    context: Json = {KEY: UNKNOWN, "aws:SourceVpc": UNKNOWN}
    assert ask(beside, context=context)["depends_on"] == ["aws:SourceVpc"]
    granted = {"identity": [either(("StringEquals", "a"))], "resource": allow(Principal="*"), "vpce": vpce}
    assert ask(granted, context=context)["depends_on"] == ["aws:SourceVpc"]


def test_keys_and_layers_that_are_not_known_are_named_together() -> None:
    policies = {"identity": [either(("StringEquals", "a"))], "scp": UNKNOWN}
    assert sorted(ask(policies, context={KEY: UNKNOWN})["depends_on"]) == [KEY, "scp"]


def test_a_key_inside_a_variable_stays_open() -> None:
    rows = policy(
        statement(Condition={"StringEquals": {KEY: "${aws:PrincipalTag/v}"}}),
        statement(Condition={"StringNotEquals": {KEY: "${aws:PrincipalTag/v}"}}),
    )
    context = {KEY: UNKNOWN, "aws:PrincipalTag/v": UNKNOWN}
    assert decision({"identity": [rows]}, context=context) == OPEN


def test_a_great_many_values_end_in_unknown_not_in_a_long_wait() -> None:
    keys = [f"k:{n}" for n in range(12)]
    rows = [
        statement(Condition={"StringLike": {key: [f"*{n}*{m}" for m in range(9)]}})
        for n, key in enumerate(keys)
    ]
    answer = ask({"identity": [policy(*rows)]}, context=dict.fromkeys(keys, UNKNOWN))
    assert answer["decision"] == OPEN
    assert set(answer["depends_on"]) <= set(keys)


class TestOwner:
    """The resource's owner is not known: `aws:ResourceAccount` goes with it."""

    def test_the_key_and_the_account_go_together(self) -> None:
        row = allow(Condition={"StringEquals": {"aws:ResourceAccount": OWN}})
        answer = ask({"identity": [row], "resource": allow(Principal={"AWS": ROLE})}, resource_account=None)
        # in the own account the grant to the role is enough, elsewhere the identity policy has to allow too
        assert answer["decision"] == OPEN
        assert "resource_account" in answer["depends_on"]

    def test_an_owner_that_no_completion_allows(self) -> None:
        row = allow(Condition={"StringEquals": {"aws:ResourceAccount": OTHER}})
        assert decision({"identity": [row]}, resource_account=None) == IMPLICIT

    def test_an_owner_whose_values_are_too_many_stays_open(self) -> None:
        mixed = {"StringEquals": {"aws:ResourceAccount": "222222222222"}, "NumericLessThan": {}}
        mixed["NumericLessThan"] = {"s3:ResourceAccount": "222222222223"}
        assert decision({"identity": [allow(Condition=mixed)], "resource": allow(Principal="*")}) == ALLOWED
        policies = {"vpce": allow(Principal="*", Condition=mixed), "resource": allow(Principal="*")}
        answer = ask({**policies, "identity": [allow()]}, resource_account=None)
        assert answer["decision"] == OPEN

    def test_the_root_user_repairs_the_bucket_if_it_is_its_own(self) -> None:
        request: dict[str, Any] = {"action": "s3:PutBucketPolicy", "resource": "arn:aws:s3:::b"}
        answer = ask({"resource": deny(Principal="*")}, principal=ROOT, resource_account=None, **request)
        assert (answer["decision"], answer["depends_on"]) == (OPEN, ["resource_account"])


def test_a_boundary_that_may_exist_leaves_not_principal_open() -> None:
    refusing = policy(statement("Deny", NotPrincipal={"AWS": [OWN, ROLE]}))
    policies = {"identity": [allow()], "resource": refusing}
    assert decision(policies) == ALLOWED
    assert decision({**policies, "boundary": allow()}) == EXPLICIT
    answer = ask({**policies, "boundary": UNKNOWN})
    assert (answer["decision"], answer["depends_on"]) == (OPEN, ["boundary"])
