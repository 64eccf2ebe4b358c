"""Actions, resources and policy variables.

Sources: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_action.html,
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_resource.html,
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference-arns.html,
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html and, for directory buckets,
https://docs.aws.amazon.com/AmazonS3/latest/userguide/s3-express-create-session.html
"""

from typing import Any

import pytest
from tests.iam_requests import (
    ALLOWED,
    BUCKET,
    EXPLICIT,
    IMPLICIT,
    OBJECT,
    OWN,
    USER,
    allow,
    ask,
    decision,
    deny,
    holds,
    policy,
    problem_codes,
    statement,
)

ACTIONS = [
    ("the prefix ignores case", "S3:GetObject", True),
    ("the name ignores case", "s3:getOBJECT", True),
    ("a star in the name", "s3:Get*", True),
    ("a star in the middle", "s3:G*ct", True),
    ("a question mark is one character", "s3:GetObjec?", True),
    ("a question mark is not none", "s3:GetObject?", False),
    ("a star alone", "*", True),
    ("another service", "s3express:*", False),
    ("the name without a wildcard is whole", "s3:Get", False),
]


@pytest.mark.parametrize(("pattern", "hit"), [a[1:] for a in ACTIONS], ids=[a[0] for a in ACTIONS])
def test_action(pattern: str, hit: bool) -> None:
    assert decision({"identity": [allow(Action=pattern)]}) == (ALLOWED if hit else IMPLICIT)
    assert decision({"identity": [allow(NotAction=pattern)]}) == (IMPLICIT if hit else ALLOWED)


@pytest.mark.parametrize("pattern", ["*:GetObject", "s?:GetObject", "GetObject"])
def test_an_action_with_a_wild_or_no_service_prefix_matches_nothing_and_is_reported(pattern: str) -> None:
    answer = ask({"identity": [allow(Action=pattern)]})
    assert answer["decision"] == IMPLICIT
    assert "action-never-matches" in problem_codes(answer)


def test_the_request_s_action_ignores_case() -> None:
    assert decision({"identity": [allow(Action="s3:GetObject")]}, action="S3:GETOBJECT") == ALLOWED


RESOURCES: list[tuple[str, str, str, bool]] = [
    ("case counts", "arn:aws:s3:::b/K", OBJECT, False),
    ("a star crosses slashes", "arn:aws:s3:::b/*", "arn:aws:s3:::b/a/b/c", True),
    ("a star crosses colons", "arn:aws:s3:::b/*z", "arn:aws:s3:::b/a:b:z", True),
    ("a star matches newlines", "arn:aws:s3:::b/*z", "arn:aws:s3:::b/a\nz", True),
    ("a star matches nothing", "arn:aws:s3:::b/k*", OBJECT, True),
    ("a question mark is one character", "arn:aws:s3:::?/k", OBJECT, True),
    ("a question mark matches a newline", "arn:aws:s3:::b/a?z", "arn:aws:s3:::b/a\nz", True),
    ("a question mark is not none", "arn:aws:s3:::b/k?", OBJECT, False),
    ("the bucket is not its objects", BUCKET, OBJECT, False),
    ("the objects are not the bucket", f"{BUCKET}/*", BUCKET, False),
    ("a bucket prefix covers other buckets", "arn:aws:s3:::b*", "arn:aws:s3:::bc/k", True),
    ("the partition counts", "arn:aws-cn:s3:::b/*", OBJECT, False),
    ("a star alone is everything", "*", OBJECT, True),
    ("an ARN too short is filled up", "arn:aws:s3", OBJECT, True),
    ("an ARN too short of another service", "arn:aws:sqs", OBJECT, False),
    ("another account", "arn:aws:sqs:*:444455556666:q", f"arn:aws:sqs:eu-west-1:{OWN}:q", False),
    ("any Region", f"arn:aws:sqs:*:{OWN}:q", f"arn:aws:sqs:eu-west-1:{OWN}:q", True),
    (
        "an index is not its table",
        f"arn:aws:dynamodb:eu-west-1:{OWN}:table/t",
        f"arn:aws:dynamodb:eu-west-1:{OWN}:table/t/index/i",
        False,
    ),
    (
        "a table prefix covers indexes",
        f"arn:aws:dynamodb:eu-west-1:{OWN}:table/t*",
        f"arn:aws:dynamodb:eu-west-1:{OWN}:table/t/index/i",
        True,
    ),
]


@pytest.mark.parametrize(
    ("pattern", "given", "hit"), [r[1:] for r in RESOURCES], ids=[r[0] for r in RESOURCES]
)
def test_resource(pattern: str, given: str, hit: bool) -> None:
    for listed in (pattern, [pattern], ["arn:aws:s3:::other", pattern]):
        found = decision({"identity": [allow(Resource=listed)]}, resource=given)
        assert found == (ALLOWED if hit else IMPLICIT)
    assert decision({"identity": [allow(NotResource=pattern)]}, resource=given) == (
        IMPLICIT if hit else ALLOWED
    )


def test_a_wildcard_in_the_service_of_an_arn_matches_nothing_and_is_reported() -> None:
    answer = ask({"identity": [allow(Resource="arn:aws:*:::b/k")]})
    assert answer["decision"] == IMPLICIT
    assert "resource-never-matches" in problem_codes(answer)


def test_a_session_policy_takes_no_arn_that_is_too_short() -> None:
    answer = ask({"identity": [allow()], "session": allow(Resource="arn:aws:s3")})
    assert answer["decision"] == IMPLICIT
    assert "resource-never-matches" in problem_codes(answer)


def test_the_request_s_resource_is_literal() -> None:
    assert decision({"identity": [allow(Resource=OBJECT)]}, resource="arn:aws:s3:::b/*") == IMPLICIT
    assert (
        decision({"identity": [allow(Resource="arn:aws:s3:::b/?")]}, resource="arn:aws:s3:::b/*") == ALLOWED
    )


def test_actions_without_resources_need_a_star() -> None:
    narrow = {"identity": [allow(Action="dynamodb:ListTables", Resource=f"arn:aws:dynamodb:*:{OWN}:table/*")]}
    wide = {"identity": [allow(Action="dynamodb:ListTables")]}
    assert decision(narrow, action="dynamodb:ListTables", resource="*") == IMPLICIT
    assert decision(wide, action="dynamodb:ListTables", resource="*") == ALLOWED


class TestDirectoryBuckets:
    RESOURCE = f"arn:aws:s3express:eu-west-1:{OWN}:bucket/b--euw1-az1--x-s3"

    def test_s3_statements_never_match(self) -> None:
        for row in ({"Action": "s3:*"}, {"Resource": "arn:aws:s3:::*"}):
            found = decision(
                {"identity": [allow(**row)]}, action="s3express:CreateSession", resource=self.RESOURCE
            )
            assert found == IMPLICIT

    def test_create_session_on_the_bucket(self) -> None:
        row = allow(Action="s3express:CreateSession", Resource=self.RESOURCE)
        assert (
            decision({"identity": [row]}, action="s3express:CreateSession", resource=self.RESOURCE) == ALLOWED
        )

    def test_the_session_mode_is_a_condition(self) -> None:
        row = allow(Condition={"StringEquals": {"s3express:SessionMode": "ReadOnly"}})
        for mode, found in (("ReadOnly", ALLOWED), ("ReadWrite", IMPLICIT)):
            got = decision(
                {"identity": [row]},
                action="s3express:CreateSession",
                resource=self.RESOURCE,
                context={"s3express:SessionMode": mode},
            )
            assert got == found


TAG = "aws:PrincipalTag/team"
KEY = "aws:RequestTag/x"
OLD = "2008-10-17"


def on(resource: str, given: str, version: str | None = "2012-10-17", **context: Any) -> bool:
    """Tell whether a statement's resource with variables matches."""
    document = policy(statement(Resource=resource), version=version)
    tags = {TAG: context["tag"]} if "tag" in context else {}
    return decision({"identity": [document]}, principal=USER, resource=given, context=tags) == ALLOWED


class TestVariablesInResources:
    PATTERN = "arn:aws:s3:::b/${aws:PrincipalTag/team}/*"

    def test_are_replaced(self) -> None:
        assert on(self.PATTERN, "arn:aws:s3:::b/blue/k", tag="blue")
        assert not on(self.PATTERN, "arn:aws:s3:::b/red/k", tag="blue")

    def test_also_by_what_follows_from_the_principal(self) -> None:
        assert on("arn:aws:s3:::b/${aws:username}/*", "arn:aws:s3:::b/alice/k")

    def test_names_ignore_case(self) -> None:
        assert on("arn:aws:s3:::b/${AWS:UserName}/*", "arn:aws:s3:::b/alice/k")

    @pytest.mark.parametrize("version", [OLD, None])
    def test_are_text_in_older_versions(self, version: str | None) -> None:
        assert not on(self.PATTERN, "arn:aws:s3:::b/blue/k", version, tag="blue")
        assert on(self.PATTERN, "arn:aws:s3:::b/${aws:PrincipalTag/team}/k", version, tag="blue")

    def test_count_only_after_the_fifth_colon(self) -> None:
        pattern = "arn:aws:sqs:eu-west-1:${aws:PrincipalAccount}:q"
        assert not on(pattern, f"arn:aws:sqs:eu-west-1:{OWN}:q")
        assert on("arn:aws:sqs:eu-west-1:*:${aws:PrincipalAccount}", f"arn:aws:sqs:eu-west-1:{OWN}:{OWN}")

    def test_without_value_match_nothing(self) -> None:
        for given in (
            "arn:aws:s3:::b//k",
            "arn:aws:s3:::b/blue/k",
            "arn:aws:s3:::b/${aws:PrincipalTag/team}/k",
        ):
            assert not on(self.PATTERN, given)

    def test_another_pattern_still_matches_beside_one_without_value(self) -> None:
        document = policy(statement(Resource=[self.PATTERN, "arn:aws:s3:::b/open/*"]))
        assert decision({"identity": [document]}, resource="arn:aws:s3:::b/open/k") == ALLOWED

    def test_take_the_default_where_the_key_is_missing(self) -> None:
        pattern = "arn:aws:s3:::b/${aws:PrincipalTag/team, 'none'}/*"
        assert on(pattern, "arn:aws:s3:::b/none/k")
        assert on(pattern, "arn:aws:s3:::b/blue/k", tag="blue")
        assert not on(pattern, "arn:aws:s3:::b/none/k", tag="blue")

    def test_names_of_tags_may_hold_spaces(self) -> None:
        context = {"aws:PrincipalTag/cost center": "blue"}
        for inside in ("aws:PrincipalTag/cost center", "aws:PrincipalTag/cost center, 'none'"):
            row = allow(Resource=f"arn:aws:s3:::b/${{{inside}}}/*")
            assert decision({"identity": [row]}, resource="arn:aws:s3:::b/blue/k", context=context) == ALLOWED
        row = allow(Resource="arn:aws:s3:::b/${aws:PrincipalTag/cost center , 'none'}/*")
        assert decision({"identity": [row]}, resource="arn:aws:s3:::b/none/k") == ALLOWED

    @pytest.mark.parametrize("tag", ["*", "b*", "b???"])
    def test_replaced_text_never_globs(self, tag: str) -> None:
        assert not on(self.PATTERN, "arn:aws:s3:::b/blue/k", tag=tag)
        assert on(self.PATTERN, f"arn:aws:s3:::b/{tag}/k", tag=tag)

    def test_a_default_never_globs(self) -> None:
        assert not on("arn:aws:s3:::b/${aws:PrincipalTag/team, '*'}/k", "arn:aws:s3:::b/blue/k")

    def test_replaced_text_is_not_replaced_again(self) -> None:
        assert not on(self.PATTERN, "arn:aws:s3:::b/alice/k", tag="${aws:username}")
        assert on(self.PATTERN, "arn:aws:s3:::b/${aws:username}/k", tag="${aws:username}")

    def test_multi_valued_keys_cannot_be_used(self) -> None:
        for tags in (["blue"], ["blue", "red"], []):
            assert not on(self.PATTERN, "arn:aws:s3:::b/blue/k", tag=tags)

    @pytest.mark.parametrize("mark", ["*", "?", "$"])
    def test_literal_marks(self, mark: str) -> None:
        pattern = f"arn:aws:s3:::b/a${{{mark}}}z"
        assert on(pattern, f"arn:aws:s3:::b/a{mark}z")
        assert not on(pattern, "arn:aws:s3:::b/abz")


class TestVariablesInConditions:
    @pytest.mark.parametrize(
        ("operator", "wanted", "given"),
        [
            ("StringEquals", f"${{{TAG}}}", "blue"),
            ("StringEqualsIgnoreCase", f"${{{TAG}}}", "BLUE"),
            ("StringLike", f"${{{TAG}}}-*", "blue-1"),
            ("ArnLike", f"arn:aws:sns:*:*:${{{TAG}}}-*", "arn:aws:sns:eu-west-1:1:blue-1"),
            ("ArnEquals", f"arn:aws:sns:*:*:${{{TAG}}}-*", "arn:aws:sns:eu-west-1:1:blue-1"),
        ],
    )
    def test_string_and_arn_operators_replace(self, operator: str, wanted: str, given: str) -> None:
        negated = operator.replace("String", "StringNot").replace("Arn", "ArnNot")
        assert holds({operator: {KEY: wanted}}, {KEY: given, TAG: "blue"})
        assert not holds({negated: {KEY: wanted}}, {KEY: given, TAG: "blue"})
        assert not holds({operator: {KEY: wanted}}, {KEY: given, TAG: "red"})
        assert holds({negated: {KEY: wanted}}, {KEY: given, TAG: "red"})

    def test_without_value_a_positive_operator_fails_and_a_negated_one_holds(self) -> None:
        for positive, negated in (("StringEquals", "StringNotEquals"), ("StringLike", "StringNotLike")):
            assert not holds({positive: {KEY: f"${{{TAG}}}"}}, {KEY: "v"})
            assert holds({negated: {KEY: f"${{{TAG}}}"}}, {KEY: "v"})
            assert not holds({positive: {KEY: f"${{{TAG}}}"}}, {KEY: ""})

    def test_defaults(self) -> None:
        wanted = f"${{{TAG}, 'company-wide'}}"
        assert holds({"StringEquals": {KEY: wanted}}, {KEY: "company-wide"})
        assert not holds({"StringEquals": {KEY: wanted}}, {KEY: "company-wide", TAG: "blue"})
        assert holds({"StringEquals": {KEY: f"${{{TAG},'x'}}"}}, {KEY: "x"})

    @pytest.mark.parametrize("version", [OLD, None])
    def test_are_text_in_older_versions(self, version: str | None) -> None:
        wanted = f"${{{TAG}}}"
        assert not holds({"StringEquals": {KEY: wanted}}, {KEY: "blue", TAG: "blue"}, version)
        assert holds({"StringEquals": {KEY: wanted}}, {KEY: wanted, TAG: "blue"}, version)

    @pytest.mark.parametrize(
        ("operator", "value"),
        [
            ("NumericEquals", "5"),
            ("DateEquals", "2026-01-01"),
            ("IpAddress", "10.0.0.1"),
            ("BinaryEquals", "QQ=="),
            ("Null", "true"),
        ],
    )
    def test_other_operators_do_not_replace(self, operator: str, value: str) -> None:
        context = {TAG: value} if operator == "Null" else {KEY: value, TAG: value}
        assert not holds({operator: {KEY: f"${{{TAG}}}"}}, context)

    def test_replaced_text_never_globs(self) -> None:
        assert not holds({"StringLike": {KEY: f"${{{TAG}}}"}}, {KEY: "blue", TAG: "b*"})
        assert holds({"StringLike": {KEY: f"${{{TAG}}}"}}, {KEY: "b*", TAG: "b*"})
        assert not holds({"ArnLike": {KEY: f"arn:aws:sns:::${{{TAG}}}"}}, {KEY: "arn:aws:sns:::x", TAG: "?"})

    def test_multi_valued_keys_cannot_be_used(self) -> None:
        assert not holds({"StringEquals": {KEY: f"${{{TAG}}}"}}, {KEY: "blue", TAG: ["blue"]})

    @pytest.mark.parametrize("mark", ["*", "?", "$"])
    def test_literal_marks(self, mark: str) -> None:
        wanted = f"a${{{mark}}}z"
        for operator in ("StringLike", "StringEquals"):
            assert holds({operator: {KEY: wanted}}, {KEY: f"a{mark}z"})
            assert not holds({operator: {KEY: wanted}}, {KEY: "abz"})

    def test_plain_values_beside_variables_are_alternatives(self) -> None:
        wanted = [f"${{{TAG}}}", "plain"]
        assert holds({"StringEquals": {KEY: wanted}}, {KEY: "plain"})
        assert not holds({"StringNotEquals": {KEY: wanted}}, {KEY: "plain"})


class TestMalformedPolicies:
    """https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html."""

    GOOD = statement("Deny", Action="s3:GetObject")

    @pytest.mark.parametrize(
        ("row", "code"),
        [
            ({"Effect": "allow"}, "bad-effect"),
            ({"Effect": None}, "bad-effect"),
            ({"Action": None}, "no-action"),
            ({"Action": [5]}, "not-a-text"),
            ({"Resource": {"a": 1}}, "not-a-text"),
            ({"Resource": None}, "no-resource"),
            ({"Condition": "x"}, "bad-condition"),
            ({"Condition": {"StringEquals": "x"}}, "bad-condition"),
            ({"Condition": {"StringEquals": {"aws:SourceVpc": {"x": 1}}}}, "not-a-text"),
        ],
    )
    def test_a_bad_statement_allows_nothing_and_its_neighbours_count(
        self, row: dict[str, Any], code: str
    ) -> None:
        alone = ask({"identity": [policy(statement(**row))]})
        assert alone["decision"] == IMPLICIT
        assert code in problem_codes(alone)
        assert decision({"identity": [policy(statement(**row), self.GOOD)]}) == EXPLICIT
        assert decision({"identity": [policy(statement(**row)), allow()]}) == ALLOWED

    @pytest.mark.parametrize("document", ["not json", 5, [], None, "", "[1]", {"Statement": [7]}, {}])
    def test_what_is_no_document_allows_nothing_and_is_reported(self, document: object) -> None:
        answer = ask({"identity": [document]})
        assert answer["decision"] == IMPLICIT
        assert problem_codes(answer)
        assert decision({"identity": [document, allow()]}) == ALLOWED

    def test_unknown_elements_and_versions_are_reported(self) -> None:
        answer = ask({"identity": [policy(statement(Priority=1), version="2020-01-01")]})
        assert answer["decision"] == ALLOWED
        assert problem_codes(answer) == {"unknown-element", "unknown-version"}

    def test_both_forms_of_an_element_are_reported(self) -> None:
        document = policy({"Effect": "Allow", "Action": "s3:*", "NotAction": "s3:Get*", "Resource": "*"})
        assert problem_codes(ask({"identity": [document]})) == {"both-elements"}

    def test_a_single_statement_needs_no_list(self) -> None:
        assert decision({"identity": [{"Version": "2012-10-17", "Statement": statement()}]}) == ALLOWED

    def test_a_document_as_text_or_url_encoded_text_is_read(self) -> None:
        for text in (
            '{"Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}',
            "%7B%22Statement%22%3A%7B%22Effect%22%3A%22Allow%22%2C%22Action%22%3A%22%2A%22%2C%22Resource%22%3A%22%2A%22%7D%7D",
        ):
            assert decision({"identity": [text]}) == ALLOWED

    def test_a_problem_names_layer_policy_and_place(self) -> None:
        answer = ask({"identity": [allow(), policy(statement(), statement(Effect="Permit"))]})
        assert answer["problems"] == [
            {
                "layer": "identity",
                "policy": 1,
                "pointer": "/Statement/1/Effect",
                "code": "bad-effect",
                "detail": "Permit",
            }
        ]

    def test_well_formed_policies_have_no_problems(self) -> None:
        assert "problems" not in ask({"identity": [allow(), deny(Action="s3:PutObject")]})

    @pytest.mark.parametrize("layer", ["resource", "vpce"])
    def test_a_missing_principal_names_nobody_and_is_reported(self, layer: str) -> None:
        answer = ask({"identity": [allow()], layer: deny()})
        assert answer["decision"] == (ALLOWED if layer == "resource" else IMPLICIT)
        assert "no-principal" in problem_codes(answer)
