"""Condition operators as the IAM user guide describes them.

Sources: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html
and https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-single-vs-multi-valued-context-keys.html
"""

from typing import Any, ClassVar, NamedTuple

import pytest
from tests.iam_requests import (
    ALLOWED,
    EXPLICIT,
    IMPLICIT,
    MODERN,
    allow,
    ask,
    decision,
    deny,
    holds,
    problem_codes,
)

KEY = "aws:RequestTag/x"
EMPTY: tuple[object, ...] = (None, [])
ARN = "arn:aws:iam::111122223333:role/app"

NEGATED = {
    "StringEquals": "StringNotEquals",
    "StringEqualsIgnoreCase": "StringNotEqualsIgnoreCase",
    "StringLike": "StringNotLike",
    "NumericEquals": "NumericNotEquals",
    "DateEquals": "DateNotEquals",
    "IpAddress": "NotIpAddress",
    "ArnEquals": "ArnNotEquals",
    "ArnLike": "ArnNotLike",
}


class Case(NamedTuple):
    """A positive operator, the policy's value, a request's value that matches, and one that doesn't."""

    operator: str
    wanted: str
    hit: str
    miss: str

    def __str__(self) -> str:
        return self.operator

    @property
    def negated(self) -> str:
        return NEGATED[self.operator]


OPERATORS = [
    Case("StringEquals", "Abc", "Abc", "abc"),
    Case("StringEqualsIgnoreCase", "Abc", "aBC", "abd"),
    Case("StringLike", "a*c?", "abbc1", "abbc"),
    Case("NumericEquals", "10", "10.0", "11"),
    Case("DateEquals", "2026-01-01T00:00:00Z", "2026-01-01T00:00:00Z", "2026-01-01T00:00:01Z"),
    Case("IpAddress", "10.0.0.0/8", "10.255.1.2", "11.0.0.1"),
    Case("ArnEquals", "arn:aws:iam::*:role/a*", ARN, "arn:aws:iam::111122223333:user/app"),
    Case("ArnLike", "arn:aws:iam::*:role/a*", ARN, "arn:aws:iam::111122223333:user/app"),
]
ONE_SIDED = [
    Case("NumericLessThan", "10", "9.9", "10"),
    Case("NumericLessThanEquals", "10", "10", "10.1"),
    Case("NumericGreaterThan", "10", "10.1", "10"),
    Case("NumericGreaterThanEquals", "10", "10", "9.9"),
    Case("DateLessThan", "2026-01-01", "2025-12-31T23:59:59Z", "2026-01-01"),
    Case("DateLessThanEquals", "2026-01-01", "2026-01-01", "2026-01-01T00:00:01Z"),
    Case("DateGreaterThan", "2026-01-01", "2026-01-01T00:00:01Z", "2026-01-01"),
    Case("DateGreaterThanEquals", "2026-01-01", "2026-01-01", "2025-12-31T23:59:59Z"),
    Case("Bool", "true", "TRUE", "false"),
    Case("BinaryEquals", "QmluYXJ5", "QmluYXJ5", "QmluYXJ6"),
]
POSITIVE = OPERATORS + ONE_SIDED


@pytest.mark.parametrize("case", POSITIVE, ids=str)
class TestPositiveOperator:
    def test_holds_where_the_value_matches(self, case: Case) -> None:
        assert holds({case.operator: {KEY: case.wanted}}, {KEY: case.hit})

    def test_fails_where_it_does_not(self, case: Case) -> None:
        assert not holds({case.operator: {KEY: case.wanted}}, {KEY: case.miss})

    def test_a_missing_key_fails(self, case: Case) -> None:
        assert not holds({case.operator: {KEY: case.wanted}}, {})

    def test_a_missing_key_holds_with_if_exists(self, case: Case) -> None:
        assert holds({f"{case.operator}IfExists": {KEY: case.wanted}}, {})

    def test_if_exists_judges_a_key_that_is_there(self, case: Case) -> None:
        assert holds({f"{case.operator}IfExists": {KEY: case.wanted}}, {KEY: case.hit})
        assert not holds({f"{case.operator}IfExists": {KEY: case.wanted}}, {KEY: case.miss})

    def test_null_and_the_empty_list_are_as_missing(self, case: Case) -> None:
        for empty in EMPTY:
            assert not holds({case.operator: {KEY: case.wanted}}, {KEY: empty})
            assert holds({f"{case.operator}IfExists": {KEY: case.wanted}}, {KEY: empty})

    def test_for_any_value_needs_one_match(self, case: Case) -> None:
        any_of = {f"ForAnyValue:{case.operator}": {KEY: case.wanted}}
        assert holds(any_of, {KEY: [case.miss, case.hit]})
        assert not holds(any_of, {KEY: [case.miss]})
        assert not holds(any_of, {})
        assert not holds(any_of, {KEY: []})

    def test_for_all_values_needs_every_match(self, case: Case) -> None:
        all_of = {f"ForAllValues:{case.operator}": {KEY: case.wanted}}
        assert holds(all_of, {KEY: [case.hit, case.hit]})
        assert not holds(all_of, {KEY: [case.hit, case.miss]})
        assert holds(all_of, {})
        assert holds(all_of, {KEY: []})

    def test_a_set_operator_takes_a_single_value_as_a_set_of_one(self, case: Case) -> None:
        for head in ("ForAnyValue", "ForAllValues"):
            assert holds({f"{head}:{case.operator}": {KEY: case.wanted}}, {KEY: case.hit})
            assert not holds({f"{head}:{case.operator}": {KEY: case.wanted}}, {KEY: case.miss})

    def test_a_multi_valued_key_without_set_operator_does_not_match(self, case: Case) -> None:
        assert not holds({case.operator: {KEY: case.wanted}}, {KEY: [case.hit, case.hit]})
        assert not holds({case.operator: {KEY: case.wanted}}, {KEY: [case.hit]})

    def test_the_policy_s_values_are_alternatives(self, case: Case) -> None:
        if case.operator == "Bool":
            assert holds({case.operator: {KEY: ["true", "false"]}}, {KEY: case.miss})
            return
        assert holds({case.operator: {KEY: [case.wanted, case.wanted]}}, {KEY: case.hit})
        assert not holds({case.operator: {KEY: [case.wanted, case.wanted]}}, {KEY: case.miss})


@pytest.mark.parametrize("case", OPERATORS, ids=lambda case: case.negated)
class TestNegatedOperator:
    def test_is_the_opposite(self, case: Case) -> None:
        negated = {case.negated: {KEY: case.wanted}}
        assert not holds(negated, {KEY: case.hit})
        assert holds(negated, {KEY: case.miss})

    def test_a_missing_key_holds(self, case: Case) -> None:
        for empty in ({}, *({KEY: value} for value in EMPTY)):
            assert holds({case.negated: {KEY: case.wanted}}, empty)
            assert holds({f"{case.negated}IfExists": {KEY: case.wanted}}, empty)

    def test_with_several_values_none_may_match(self, case: Case) -> None:
        several = {case.negated: {KEY: [case.wanted, case.wanted]}}
        assert not holds(several, {KEY: case.hit})
        assert holds(several, {KEY: case.miss})

    def test_for_any_value_needs_one_that_differs(self, case: Case) -> None:
        any_of = {f"ForAnyValue:{case.negated}": {KEY: case.wanted}}
        assert holds(any_of, {KEY: [case.hit, case.miss]})
        assert not holds(any_of, {KEY: [case.hit, case.hit]})
        assert not holds(any_of, {})

    def test_for_all_values_needs_all_to_differ(self, case: Case) -> None:
        all_of = {f"ForAllValues:{case.negated}": {KEY: case.wanted}}
        assert holds(all_of, {KEY: [case.miss, case.miss]})
        assert not holds(all_of, {KEY: [case.hit, case.miss]})
        assert holds(all_of, {})

    def test_a_multi_valued_key_without_set_operator_does_not_match(self, case: Case) -> None:
        assert not holds({case.negated: {KEY: case.wanted}}, {KEY: [case.miss]})


NULLS: list[tuple[str, dict[str, Any], bool]] = [
    ("absent", {}, True),
    ("null", {KEY: None}, True),
    ("an empty list", {KEY: []}, True),
    ("present", {KEY: "v"}, False),
    ("present with several values", {KEY: ["v", "w"]}, False),
]


@pytest.mark.parametrize(("context", "absent"), [n[1:] for n in NULLS], ids=[n[0] for n in NULLS])
def test_null_true_is_absent_and_false_is_present(context: dict[str, Any], absent: bool) -> None:
    assert holds({"Null": {KEY: "true"}}, context) is absent
    assert holds({"Null": {KEY: "false"}}, context) is not absent
    assert holds({"Null": {KEY: True}}, context) is absent


def test_null_has_no_if_exists() -> None:
    answer = ask({"identity": [allow(Condition={"NullIfExists": {KEY: "true"}})]})
    assert answer["decision"] == IMPLICIT
    assert "unknown-operator" in problem_codes(answer)


@pytest.mark.parametrize("head", ["ForAllValues", "ForAnyValue"])
def test_an_empty_string_is_a_null_data_set_to_the_set_operators(head: str) -> None:
    found = holds({f"{head}:StringEquals": {KEY: "v"}}, {KEY: ""})
    assert found is (head == "ForAllValues")


def test_for_any_value_if_exists_on_a_missing_key_holds_by_choice() -> None:
    assert holds({"ForAnyValue:StringEqualsIfExists": {KEY: "v"}}, {})


def test_if_exists_holds_on_a_missing_key_also_under_a_deny_with_a_negated_operator() -> None:
    row = {"StringNotEqualsIfExists": {"aws:SourceVpce": "vpce-1"}}
    assert decision({"identity": [allow(), deny(Condition=row)]}) == EXPLICIT


class TestSeveral:
    def test_keys_are_joined_by_and(self) -> None:
        both = {"StringEquals": {KEY: "v", "aws:RequestTag/y": "w"}}
        assert holds(both, {KEY: "v", "aws:RequestTag/y": "w"})
        assert not holds(both, {KEY: "v", "aws:RequestTag/y": "x"})

    def test_operators_are_joined_by_and(self) -> None:
        both = {"StringLike": {KEY: "v*"}, "StringNotEquals": {KEY: "vx"}}
        assert holds(both, {KEY: "vy"})
        assert not holds(both, {KEY: "vx"})

    def test_values_of_one_key_are_joined_by_or(self) -> None:
        assert holds({"StringEquals": {KEY: ["a", "b"]}}, {KEY: "b"})

    def test_values_of_a_negated_operator_are_joined_by_nor(self) -> None:
        assert not holds({"StringNotEquals": {KEY: ["a", "b"]}}, {KEY: "b"})
        assert holds({"StringNotEquals": {KEY: ["a", "b"]}}, {KEY: "c"})

    def test_for_all_values_holds_for_a_subset(self) -> None:
        subset = {"ForAllValues:StringEquals": {"aws:TagKeys": ["a", "b", "c"]}}
        assert holds(subset, {"aws:TagKeys": ["a", "c"]})
        assert not holds(subset, {"aws:TagKeys": ["a", "d"]})


class TestStrings:
    @pytest.mark.parametrize("operator", ["StringEquals", "StringEqualsIgnoreCase"])
    def test_equals_takes_wildcards_literally(self, operator: str) -> None:
        assert not holds({operator: {KEY: "a*"}}, {KEY: "abc"})
        assert not holds({operator: {KEY: "a?"}}, {KEY: "ab"})
        assert holds({operator: {KEY: "a*?"}}, {KEY: "a*?"})

    def test_like_minds_case(self) -> None:
        assert not holds({"StringLike": {KEY: "A*"}}, {KEY: "abc"})

    def test_a_star_matches_nothing_slashes_and_newlines(self) -> None:
        for text in ("ab", "a/:/b", "a\nb"):
            assert holds({"StringLike": {KEY: "a*b"}}, {KEY: text})

    def test_a_question_mark_is_exactly_one_character(self) -> None:
        assert holds({"StringLike": {KEY: "a?c"}}, {KEY: "a\nc"})
        assert not holds({"StringLike": {KEY: "a?c"}}, {KEY: "ac"})

    def test_wildcards_of_the_request_are_text(self) -> None:
        assert not holds({"StringLike": {KEY: "abc"}}, {KEY: "a*"})
        assert not holds({"StringEquals": {KEY: "abc"}}, {KEY: "*"})


class TestKeys:
    @pytest.mark.parametrize("spelled", ["AWS:SOURCEVPCE", "aws:sourcevpce", "aws:SourceVpce"])
    def test_names_ignore_case(self, spelled: str) -> None:
        assert holds({"StringEquals": {spelled: "vpce-1"}}, {"aws:SourceVpce": "vpce-1"})
        assert holds({"StringEquals": {"aws:SourceVpce": "vpce-1"}}, {spelled: "vpce-1"})

    def test_tag_keys_in_key_names_ignore_case(self) -> None:
        assert holds({"StringEquals": {"aws:PrincipalTag/Team": "a"}}, {"aws:PrincipalTag/team": "a"})

    def test_values_of_numbers_and_booleans_may_be_unquoted(self) -> None:
        assert holds({"NumericLessThanEquals": {"s3:max-keys": 10}}, {"s3:max-keys": 10})
        assert holds({"Bool": {"aws:SecureTransport": False}}, {"aws:SecureTransport": False})
        assert holds({"StringEquals": {KEY: 10}}, {KEY: "10"})


NUMBERS = [("10", "10.00", True), ("-1.5", "-1.5", True), ("1e3", "1000", True), ("10", "9", False)]


@pytest.mark.parametrize(("wanted", "given", "equal"), NUMBERS)
def test_numbers_are_decimals(wanted: str, given: str, equal: bool) -> None:
    assert holds({"NumericEquals": {KEY: wanted}}, {KEY: given}) is equal


@pytest.mark.parametrize("junk", ["1_000", "\u0661\u0662", "0x10", "1e", "NaN", "Infinity", "1" * 101])
def test_what_only_looks_like_a_number_is_none(junk: str) -> None:
    assert not holds({"NumericGreaterThan": {KEY: "0"}}, {KEY: junk})
    assert not holds({"NumericLessThanEquals": {KEY: "0"}}, {KEY: junk})


def test_numbers_do_not_lose_digits() -> None:
    assert not holds({"NumericEquals": {KEY: "9007199254740993"}}, {KEY: "9007199254740992"})


class TestDates:
    def test_epoch_seconds_stand_on_either_side(self) -> None:
        assert holds({"DateEquals": {KEY: "1767225600"}}, {KEY: "2026-01-01T00:00:00Z"})
        assert holds({"DateEquals": {KEY: "2026-01-01T00:00:00Z"}}, {KEY: 1767225600})

    def test_four_digits_are_a_year(self) -> None:
        assert holds({"DateGreaterThan": {KEY: "2026"}}, {KEY: "2026-01-01T00:00:01Z"})
        assert not holds({"DateGreaterThan": {KEY: "2027"}}, {KEY: "2026-01-01T00:00:01Z"})

    def test_zones_and_fractions_count(self) -> None:
        assert holds({"DateEquals": {KEY: "2026-01-01T09:00:00+09:00"}}, {KEY: "2026-01-01T00:00:00Z"})
        assert holds({"DateLessThan": {KEY: "2026-01-01T00:00:00.5Z"}}, {KEY: "2026-01-01T00:00:00.25Z"})


ADDRESSES = [
    ("a bare IPv4 address is one", "203.0.113.7", "203.0.113.7", True),
    ("a bare IPv4 address is no other", "203.0.113.7", "203.0.113.8", False),
    ("a bare IPv6 address is one", "2001:db8::1", "2001:db8:0:0::1", True),
    ("all of IPv4", "0.0.0.0/0", "198.51.100.1", True),
    ("all of IPv6", "::/0", "2001:db8::1", True),
    ("all of IPv4 holds no IPv6", "0.0.0.0/0", "2001:db8::1", False),
    ("all of IPv6 holds no IPv4", "::/0", "198.51.100.1", False),
    ("compared as numbers, not as text", "10.0.0.0/9", "10.127.255.255", True),
    ("past the end", "10.0.0.0/9", "10.128.0.0", False),
    ("IPv6 in capitals", "2001:DB8:12::/64", "2001:db8:12::9", True),
]


@pytest.mark.parametrize(
    ("block", "given", "inside"), [a[1:] for a in ADDRESSES], ids=[a[0] for a in ADDRESSES]
)
def test_ip_address(block: str, given: str, inside: bool) -> None:
    assert holds({"IpAddress": {"aws:VpcSourceIp": block}}, {"aws:VpcSourceIp": given}) is inside
    assert holds({"NotIpAddress": {"aws:VpcSourceIp": block}}, {"aws:VpcSourceIp": given}) is not inside


ARNS = [
    ("a star stays inside its field", "arn:aws:sns:*:*:app", "arn:aws:sns:eu-west-1:1:a:app", False),
    ("each of six fields by itself", "arn:aws:iam::*:role/app", ARN, True),
    ("an empty field is matched by a star", "arn:aws:iam:*:111122223333:role/app", ARN, True),
    ("the sixth field takes colons", "arn:aws:sns:*:*:a*z", "arn:aws:sns:eu-west-1:1:a:b:z", True),
    ("question marks", "arn:aws:iam::11112222333?:role/app", ARN, True),
    ("case counts", "arn:aws:iam::*:role/App", ARN, False),
    ("another account", "arn:aws:iam::444455556666:role/app", ARN, False),
]


@pytest.mark.parametrize("operator", ["ArnEquals", "ArnLike"])
@pytest.mark.parametrize(("pattern", "given", "same"), [a[1:] for a in ARNS], ids=[a[0] for a in ARNS])
def test_arn_operators_are_the_same_and_compare_fields(
    operator: str, pattern: str, given: str, same: bool
) -> None:
    negated = operator.replace("Arn", "ArnNot")
    assert holds({operator: {"aws:SourceArn": pattern}}, {"aws:SourceArn": given}) is same
    assert holds({negated: {"aws:SourceArn": pattern}}, {"aws:SourceArn": given}) is not same


@pytest.mark.parametrize(
    ("wanted", "given", "same"),
    [("true", "True", True), ("TRUE", "true", True), ("false", "true", False), ("false", "FALSE", True)],
)
def test_bool_ignores_case(wanted: str, given: str, same: bool) -> None:
    assert holds({"Bool": {"aws:SecureTransport": wanted}}, {"aws:SecureTransport": given}) is same


def test_binary_compares_bytes_not_text() -> None:
    assert holds({"BinaryEquals": {KEY: "QQ=="}}, {KEY: "QQ=="})
    assert not holds({"BinaryEquals": {KEY: "QQ=="}}, {KEY: "qq=="})


MALFORMED = [
    ("NumericEquals", "ten", "10"),
    ("NumericNotEquals", "ten", "10"),
    ("DateEquals", "yesterday", "2026-01-01"),
    ("DateNotEquals", "yesterday", "2026-01-01"),
    ("IpAddress", "10.0.0.0/33", "10.0.0.1"),
    ("NotIpAddress", "10.0.0.0/33", "10.0.0.1"),
    ("ArnEquals", "app", ARN),
    ("ArnNotEquals", "app", ARN),
    ("BinaryEquals", "%%%", "QQ=="),
    ("Bool", "yes", "true"),
    ("Null", "yes", "true"),
]


@pytest.mark.parametrize(("operator", "wanted", "given"), MALFORMED, ids=[m[0] for m in MALFORMED])
def test_a_value_the_operator_cannot_read_matches_nothing_and_is_reported(
    operator: str, wanted: str, given: str
) -> None:
    answer = ask({"identity": [allow(Condition={operator: {KEY: wanted}})]}, context={KEY: given})
    assert answer["decision"] == IMPLICIT
    assert "malformed-value" in problem_codes(answer)


@pytest.mark.parametrize("operator", ["NumericNotEquals", "DateNotEquals", "NotIpAddress", "ArnNotEquals"])
def test_a_request_s_value_that_cannot_be_read_matches_nothing_by_choice(operator: str) -> None:
    wanted = {"NumericNotEquals": "1", "DateNotEquals": "2026-01-01", "NotIpAddress": "10.0.0.0/8"}
    assert not holds({operator: {KEY: wanted.get(operator, ARN)}}, {KEY: "?!"})


class TestOperatorNames:
    def test_an_unknown_operator_matches_nothing_and_is_reported(self) -> None:
        answer = ask({"identity": [allow(Condition={"StringMatches": {KEY: "v"}})]}, context={KEY: "v"})
        assert answer["decision"] == IMPLICIT
        assert "unknown-operator" in problem_codes(answer)

    def test_an_unknown_set_operator_likewise(self) -> None:
        answer = ask(
            {"identity": [allow(Condition={"ForSome:StringEquals": {KEY: "v"}})]}, context={KEY: "v"}
        )
        assert answer["decision"] == IMPLICIT
        assert "unknown-operator" in problem_codes(answer)

    def test_another_case_is_evaluated_and_reported(self) -> None:
        answer = ask({"identity": [allow(Condition={"stringequals": {KEY: "v"}})]}, context={KEY: "v"})
        assert answer["decision"] == ALLOWED
        assert problem_codes(answer) == {"operator-case"}


class TestNetworkKeys:
    """https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html."""

    THROUGH_ENDPOINT: ClassVar = {
        "aws:SourceVpce": "vpce-1",
        "aws:SourceVpc": "vpc-1",
        "aws:VpcSourceIp": "10.0.0.1",
    }

    def test_an_allow_by_source_ip_fails_through_an_endpoint(self) -> None:
        assert not holds({"IpAddress": {"aws:SourceIp": "0.0.0.0/0"}}, self.THROUGH_ENDPOINT)

    def test_a_deny_by_other_source_ips_hits_through_an_endpoint(self) -> None:
        row = {"NotIpAddress": {"aws:SourceIp": "203.0.113.0/24"}}
        found = decision({"identity": [allow(), deny(Condition=row)]}, context=self.THROUGH_ENDPOINT)
        assert found == EXPLICIT

    def test_endpoint_keys_are_absent_past_an_endpoint(self) -> None:
        context = {"aws:SourceIp": "203.0.113.9"}
        assert not holds({"StringEquals": {"aws:SourceVpce": "vpce-1"}}, context)
        assert holds({"StringNotEquals": {"aws:SourceVpce": "vpce-1"}}, context)
        assert not holds({"IpAddress": {"aws:VpcSourceIp": "10.0.0.0/8"}}, context)

    def test_a_new_endpoint_s_id_breaks_an_exact_one(self) -> None:
        assert not holds({"StringEquals": {"aws:SourceVpce": "vpce-0"}}, self.THROUGH_ENDPOINT)

    def test_network_and_clock_keys_are_never_filled_in(self) -> None:
        for key in (
            "aws:SourceIp",
            "aws:SourceVpc",
            "aws:CurrentTime",
            "aws:EpochTime",
            "aws:SecureTransport",
        ):
            assert holds({"Null": {key: "true"}}, {}), key


def test_multi_valued_keys_of_dynamodb_need_a_set_operator() -> None:
    key = "dynamodb:LeadingKeys"
    assert holds({"ForAllValues:StringEquals": {key: ["u1"]}}, {key: ["u1"]})
    assert not holds({"StringEquals": {key: "u1"}}, {key: ["u1"]})


def test_the_version_does_not_change_operators() -> None:
    for version in (MODERN, "2008-10-17", None):
        assert holds({"StringLike": {KEY: "a*"}}, {KEY: "ab"}, version)
