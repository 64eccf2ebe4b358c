"""The documented rules of policy evaluation, one test each.

Pages below https://docs.aws.amazon.com/IAM/latest/UserGuide/: reference_policies_elements_action.html, …_resource.html,
…_condition_operators.html, reference_policies_condition-single-vs-multi-valued-context-keys.html,
reference_policies_variables.html, reference_policies_elements_principal.html, …_notprincipal.html,
reference_policies_evaluation-logic.html; and, for endpoints,
https://docs.aws.amazon.com/vpc/latest/privatelink/vpc-endpoints-access.html.
"""

from typing import Any

import pytest

from gatepath.engine.iam.authorize import authorize

Row = dict[str, Any]
HOME, OTHER = "111122223333", "444455556666"
ROLE = f"arn:aws:iam::{HOME}:role/app"
SESSION = f"arn:aws:sts::{HOME}:assumed-role/app/s1"
USER = f"arn:aws:iam::{HOME}:user/ann"
ROOT = f"arn:aws:iam::{HOME}:root"
FEDERATED = f"arn:aws:sts::{HOME}:federated-user/fred"
OBJECT = "arn:aws:s3:::b/k"
KEY = f"arn:aws:kms:eu-west-1:{HOME}:key/1"
ALLOWED, EXPLICIT, IMPLICIT, OPEN = "allowed", "explicit_deny", "implicit_deny", "unknown"
UNKNOWN = {"$unknown": True}


def document(*statements: Row, version: str = "2012-10-17") -> Row:
    return {"Version": version, "Statement": list(statements)}


def allow(**more: object) -> Row:
    return {"Effect": "Allow", "Action": "*", "Resource": "*", **more}


def deny(**more: object) -> Row:
    return {**allow(**more), "Effect": "Deny"}


def ask(
    principal: str = ROLE,
    action: str = "s3:GetObject",
    resource: str = OBJECT,
    owner: str | None = HOME,
    context: Row | None = None,
    settings: Row | None = None,
    bucket: object = None,
    **policies: object,
) -> Row:
    request = {"principal": principal, "action": action, "resource": resource, "context": context or {}}
    line: Row = {
        "id": 1,
        "request": {**request, "resource_account": owner},
        "policies": {"resource": bucket, **policies},
    }
    return authorize({**line, "settings": settings} if settings else line)


def decision(*args: Any, **kwargs: Any) -> str:
    answer = ask(*args, **kwargs)
    assert "error" not in answer, answer
    return str(answer["decision"])


def holds(operator: str, values: object, context: Row, key: str = "aws:SourceVpce") -> bool:
    """Tell whether a condition lets an Allow apply."""
    statement = allow(Condition={operator: {key: values}})
    return decision(identity=[document(statement)], context=context) == ALLOWED


# matching


@pytest.mark.parametrize(
    ("pattern", "hits"),
    [
        ("s3:GetObject", True),
        ("S3:getobject", True),
        ("s3:Get*", True),
        ("s3:?etObject", True),
        ("s3:*", True),
        ("*", True),
        ("s3:GetObjec", False),
        ("ec2:*", False),
        ("*:GetObject", False),
        ("s?:GetObject", False),
    ],
)
def test_action_names_ignore_case_and_the_prefix_takes_no_wildcard(pattern: str, hits: bool) -> None:
    assert (decision(identity=[document(allow(Action=pattern))]) == ALLOWED) is hits


@pytest.mark.parametrize(
    ("pattern", "resource", "hits"),
    [
        ("arn:aws:s3:::b/*", OBJECT, True),
        ("arn:aws:s3:::b/K", OBJECT, False),
        ("arn:aws:s3:::b*", "arn:aws:s3:::b/x/y:z", True),
        ("arn:aws:s3:::b/?", OBJECT, True),
        ("arn:aws:s3:::b/??", OBJECT, False),
        ("arn:aws:s3:::b", OBJECT, False),
        ("arn:aws:s3:::b/*", "arn:aws:s3:::b", False),
        ("arn:aws:s3:::b/*", "arn:aws:s3:::b/a\nb", True),
        ("arn:aws:s3", OBJECT, True),
        ("arn:aws-cn:s3:::b/*", OBJECT, False),
        ("arn:aws:*:::b/*", OBJECT, False),
        ("b/*", OBJECT, False),
    ],
)
def test_resources_keep_case_and_a_star_crosses_slashes(pattern: str, resource: str, hits: bool) -> None:
    assert (decision(resource=resource, identity=[document(allow(Resource=pattern))]) == ALLOWED) is hits


def test_a_key_may_hold_a_star_literally() -> None:
    named = document(allow(Resource="arn:aws:s3:::b/x"))
    assert decision(resource="arn:aws:s3:::b/*", identity=[named]) == IMPLICIT


def test_actions_without_resource_need_a_star() -> None:
    asked = {"action": "s3:ListAllMyBuckets", "resource": "*", "owner": None}
    assert decision(identity=[document(allow())], **asked) == ALLOWED
    assert decision(identity=[document(allow(Resource="arn:aws:s3:::b"))], **asked) == IMPLICIT


def test_not_elements_hit_all_others() -> None:
    one = document({"Effect": "Allow", "NotAction": "s3:Delete*", "NotResource": "arn:aws:s3:::c/*"})
    assert decision(identity=[one]) == ALLOWED
    assert decision(action="s3:DeleteObject", identity=[one]) == IMPLICIT
    assert decision(resource="arn:aws:s3:::c/k", identity=[one]) == IMPLICIT


# conditions

E, E2 = {"aws:SourceVpce": "vpce-1"}, {"aws:SourceVpce": "vpce-2"}


@pytest.mark.parametrize(
    ("operator", "values", "context", "result"),
    [
        ("StringEquals", "vpce-1", E, True),
        ("StringEquals", ["vpce-0", "vpce-1"], E, True),
        ("StringEquals", "VPCE-1", E, False),
        ("StringEqualsIgnoreCase", "VPCE-1", E, True),
        ("StringEquals", "vpce-*", E, False),
        ("StringLike", "vpce-?", E, True),
        ("StringNotEquals", ["vpce-1", "vpce-3"], E, False),
        ("StringNotEquals", ["vpce-2", "vpce-3"], E, True),
        ("StringNotLike", "vpce-*", E, False),
        ("StringEquals", "vpce-1", {}, False),
        ("StringNotEquals", "vpce-1", {}, True),
        ("StringNotLike", "*", {}, True),
        ("StringEqualsIfExists", "vpce-1", {}, True),
        ("StringEqualsIfExists", "vpce-1", E2, False),
        ("StringNotEqualsIfExists", "vpce-1", {}, True),
        ("Null", "true", {}, True),
        ("Null", "true", E, False),
        ("Null", "false", E, True),
        ("Null", "false", {}, False),
        ("Null", "true", {"aws:SourceVpce": []}, True),
    ],
)
def test_text_operators_and_missing_keys(operator: str, values: object, context: Row, result: bool) -> None:
    assert holds(operator, values, context) is result


def test_condition_keys_ignore_case() -> None:
    assert holds("StringEquals", "vpce-1", {"AWS:sourcevpce": "vpce-1"})


@pytest.mark.parametrize(
    ("operator", "value", "given", "result"),
    [
        ("NumericEquals", "3600", "3600.0", True),
        ("NumericLessThan", 3600, "300", True),
        ("NumericLessThan", 300, "300", False),
        ("NumericLessThanEquals", 300, "300", True),
        ("NumericGreaterThan", "300", "301", True),
        ("NumericGreaterThanEquals", "300", "299", False),
        ("NumericNotEquals", "300", "301", True),
        ("NumericEquals", "300", "many", False),
        ("NumericNotEquals", "300", "many", False),
        ("DateLessThan", "2026-11-24T00:00:00Z", "2026-11-23T23:59:59Z", True),
        ("DateGreaterThan", "2026-11-24T00:00:00+09:00", "2026-11-23T15:00:01Z", True),
        ("DateEquals", "2026-11-24T10:00:00Z", "1795514400", True),
        ("DateGreaterThan", "2026", "2026-06-01T00:00:00Z", True),
        ("Bool", True, "true", True),
        ("Bool", "TRUE", "true", True),
        ("Bool", "false", "true", False),
        ("IpAddress", "10.0.0.0/8", "10.1.2.3", True),
        ("IpAddress", "10.1.2.3", "10.1.2.3", True),
        ("IpAddress", "10.1.2.3", "10.1.2.4", False),
        ("IpAddress", "0.0.0.0/0", "203.0.113.9", True),
        ("IpAddress", "0.0.0.0/0", "2001:db8::1", False),
        ("IpAddress", "::/0", "2001:db8::1", True),
        ("NotIpAddress", "10.0.0.0/8", "203.0.113.9", True),
        ("NotIpAddress", "10.0.0.0/8", "2001:db8::1", True),
        ("BinaryEquals", "YWJj", "YWJj", True),
        ("BinaryEquals", "YWJj", "YWJk", False),
        ("ArnEquals", "arn:aws:s3:::*", "arn:aws:s3:::b", True),
        ("ArnLike", "arn:aws:iam::*:role/*", "arn:aws:iam::1:role/a/b", True),
        ("ArnLike", "arn:aws:*:b", "arn:aws:s3:::b", False),
        ("ArnNotEquals", "arn:aws:s3:::c", "arn:aws:s3:::b", True),
    ],
)
def test_typed_operators(operator: str, value: object, given: str, result: bool) -> None:
    assert holds(operator, value, {"x:y": given}, key="x:y") is result


@pytest.mark.parametrize(
    ("operator", "values", "given", "result"),
    [
        ("ForAllValues:StringEquals", ["a", "b"], ["a"], True),
        ("ForAllValues:StringEquals", ["a", "b"], ["a", "c"], False),
        ("ForAllValues:StringEquals", ["a"], None, True),
        ("ForAllValues:StringEquals", ["a"], [], True),
        ("ForAllValues:StringEquals", ["a"], "", True),
        ("ForAllValues:StringNotEquals", ["a"], ["b", "c"], True),
        ("ForAllValues:StringNotEquals", ["a"], ["a", "c"], False),
        ("ForAnyValue:StringEquals", ["a"], ["a", "c"], True),
        ("ForAnyValue:StringEquals", ["a"], ["c"], False),
        ("ForAnyValue:StringEquals", ["a"], None, False),
        ("ForAnyValue:StringEquals", ["a"], [], False),
        ("ForAnyValue:StringNotEquals", ["a"], ["a", "c"], True),
        ("ForAnyValue:StringNotEquals", ["a"], ["a"], False),
        ("ForAnyValue:StringLike", ["a*"], "ab", True),
        ("StringEquals", ["a"], ["a"], False),
        ("StringNotEquals", ["a"], ["b"], False),
    ],
)
def test_multi_valued_keys(operator: str, values: object, given: object, result: bool) -> None:
    context = {} if given is None else {"aws:TagKeys": given}
    assert holds(operator, values, context, key="aws:TagKeys") is result


def test_several_keys_and_operators_all_have_to_hold() -> None:
    both = {
        "StringEquals": {"aws:SourceVpce": "vpce-1", "aws:SourceVpc": "vpc-1"},
        "Bool": {"aws:SecureTransport": "true"},
    }
    whole = {"aws:SourceVpce": "vpce-1", "aws:SourceVpc": "vpc-1", "aws:SecureTransport": True}
    for missing in (None, *whole):
        context = {key: value for key, value in whole.items() if key != missing}
        expected = ALLOWED if missing is None else IMPLICIT
        assert decision(identity=[document(allow(Condition=both))], context=context) == expected


# variables


@pytest.mark.parametrize(
    ("resource", "context", "version", "result"),
    [
        ("arn:aws:s3:::b/${aws:PrincipalTag/team}/*", {"aws:PrincipalTag/team": "blue"}, "2012-10-17", True),
        ("arn:aws:s3:::b/${aws:PrincipalTag/team}/*", {"aws:PrincipalTag/team": "blue"}, "2008-10-17", False),
        ("arn:aws:s3:::b/${aws:PrincipalTag/team}/*", {}, "2012-10-17", False),
        ("arn:aws:s3:::b/${aws:PrincipalTag/team, 'blue'}/*", {}, "2012-10-17", True),
        ("arn:aws:s3:::b/${aws:PrincipalTag/team}/*", {"aws:PrincipalTag/team": "b*"}, "2012-10-17", False),
        ("arn:aws:s3:::b/${aws:TagKeys}/*", {"aws:TagKeys": ["blue"]}, "2012-10-17", False),
        ("arn:${aws:PrincipalTag/team}:s3:::b/*", {"aws:PrincipalTag/team": "aws"}, "2012-10-17", False),
        ("arn:aws:s3:::b/blue${?}k", {}, "2012-10-17", False),
    ],
)
def test_variables_in_resources(resource: str, context: Row, version: str, result: bool) -> None:
    policy = document(allow(Resource=resource), version=version)
    found = decision(resource="arn:aws:s3:::b/blue/k", context=context, identity=[policy])
    assert (found == ALLOWED) is result


@pytest.mark.parametrize(
    ("operator", "value", "context", "result"),
    [
        ("StringEquals", "${aws:username}", {"x:y": "ann"}, True),
        ("StringEquals", "${aws:PrincipalTag/t}", {"x:y": "ann"}, False),
        ("StringNotEquals", "${aws:PrincipalTag/t}", {"x:y": "ann"}, True),
        ("StringEquals", "${aws:PrincipalTag/t, 'ann'}", {"x:y": "ann"}, True),
        ("StringLike", "${aws:username}*", {"x:y": "annie"}, True),
        ("StringEquals", "a${*}", {"x:y": "a*"}, True),
        ("StringLike", "a${*}", {"x:y": "ab"}, False),
        ("StringLike", "a${$}", {"x:y": "a$"}, True),
        ("NumericEquals", "${aws:EpochTime}", {"x:y": "1", "aws:EpochTime": "1"}, False),
    ],
)
def test_variables_in_conditions(operator: str, value: str, context: Row, result: bool) -> None:
    policy = document(allow(Condition={operator: {"x:y": value}}))
    assert (decision(USER, context=context, identity=[policy]) == ALLOWED) is result


# principals


@pytest.mark.parametrize(
    ("principal", "element", "found"),
    [
        ("anonymous", "*", ALLOWED),
        ("anonymous", {"AWS": "*"}, ALLOWED),
        ("anonymous", {"AWS": HOME}, IMPLICIT),
        (USER, {"AWS": USER}, ALLOWED),
        (USER, {"AWS": USER.replace("ann", "Ann")}, IMPLICIT),
        (USER, {"AWS": f"arn:aws:iam::{HOME}:user/*"}, IMPLICIT),
        (USER, {"AWS": HOME}, IMPLICIT),
        (USER, {"AWS": ROOT}, IMPLICIT),
        (ROLE, {"AWS": ROLE}, ALLOWED),
        (SESSION, {"AWS": ROLE}, ALLOWED),
        (SESSION, {"AWS": f"arn:aws:iam::{HOME}:role/path/app"}, ALLOWED),
        (SESSION, {"AWS": SESSION}, ALLOWED),
        (SESSION, {"AWS": SESSION.replace("s1", "s2")}, IMPLICIT),
        (FEDERATED, {"AWS": FEDERATED}, ALLOWED),
        (SESSION, {"AWS": "AROAEXAMPLE0000000001"}, IMPLICIT),
        ("logs.amazonaws.com", {"Service": "logs.amazonaws.com"}, ALLOWED),
        ("logs.amazonaws.com", {"Service": "s3.amazonaws.com"}, IMPLICIT),
    ],
)
def test_principals_of_resource_policies(principal: str, element: object, found: str) -> None:
    assert decision(principal, bucket=document(allow(Principal=element))) == found


@pytest.mark.parametrize(
    ("principal", "listed", "found"),
    [
        (SESSION, [SESSION, ROLE, ROOT], IMPLICIT),
        (SESSION, [ROLE, HOME], EXPLICIT),
        (SESSION, [SESSION, ROLE], EXPLICIT),
        (USER, [USER, HOME], IMPLICIT),
        (USER, [USER], EXPLICIT),
        (USER, [ROOT], EXPLICIT),
        (ROOT, [ROOT], ALLOWED),
    ],
)
def test_not_principal_spares_only_whom_it_lists_wholly(
    principal: str, listed: list[str], found: str
) -> None:
    statement = {"Effect": "Deny", "NotPrincipal": {"AWS": listed}, "Action": "*", "Resource": "*"}
    assert decision(principal, bucket=document(statement)) == found


def test_not_principal_spares_nobody_with_a_boundary() -> None:
    statement = {"Effect": "Deny", "NotPrincipal": {"AWS": [USER, HOME]}, "Action": "*", "Resource": "*"}
    found = decision(
        USER, bucket=document(statement), identity=[document(allow())], boundary=document(allow())
    )
    assert found == EXPLICIT


@pytest.mark.parametrize(
    ("element", "principal", "gateway", "interface"),
    [
        ("*", ROLE, ALLOWED, ALLOWED),
        ({"AWS": "*"}, ROLE, ALLOWED, ALLOWED),
        ({"AWS": HOME}, ROLE, IMPLICIT, ALLOWED),
        ({"AWS": ROOT}, ROLE, IMPLICIT, ALLOWED),
        ({"AWS": ROOT}, ROOT, ALLOWED, ALLOWED),
        ({"AWS": ROLE}, ROLE, IMPLICIT, ALLOWED),
        ({"AWS": OTHER}, ROLE, IMPLICIT, IMPLICIT),
    ],
)
def test_principals_of_endpoint_policies(
    element: object, principal: str, gateway: str, interface: str
) -> None:
    policies = {"identity": [document(allow())], "vpce": document(allow(Principal=element))}
    assert decision(principal, vpce_type="gateway", **policies) == gateway
    assert decision(principal, vpce_type="interface", **policies) == interface


# combination

ALL, NONE = document(allow()), document(allow(Action="ec2:*"))


def test_an_explicit_deny_in_any_layer_wins() -> None:
    layers: Row = {
        "identity": [document(allow()), document(deny())],
        "boundary": document(allow(), deny()),
        "session": document(allow(), deny()),
        "vpce": document(allow(Principal="*"), deny(Principal="*")),
        "bucket": document(deny(Principal="*")),
        "scp": [{"target": "r", "policies": [document(allow(), deny())]}],
        "rcp": [{"target": "r", "policies": [document(deny(Principal="*"))]}],
    }
    for layer, policy in layers.items():
        answer = ask(SESSION, **{"identity": [ALL], layer: policy})
        assert answer["decision"] == EXPLICIT, layer
        assert [row["layer"] for row in answer["decided_by"]] == ["resource" if layer == "bucket" else layer]


def test_one_side_is_enough_in_one_account_and_both_are_needed_across() -> None:
    grants = document(allow(Principal={"AWS": ROLE}))
    assert decision(identity=[ALL]) == ALLOWED
    assert decision(bucket=grants) == ALLOWED
    assert decision(owner=OTHER, identity=[ALL]) == IMPLICIT
    assert decision(owner=OTHER, bucket=grants) == IMPLICIT
    assert decision(owner=OTHER, identity=[ALL], bucket=grants) == ALLOWED
    assert decision(owner=OTHER, identity=[ALL], bucket=document(allow(Principal={"AWS": HOME}))) == ALLOWED


@pytest.mark.parametrize(
    ("principal", "element", "limit", "found"),
    [
        (USER, USER, "boundary", ALLOWED),
        (ROLE, ROLE, "boundary", IMPLICIT),
        (SESSION, ROLE, "boundary", IMPLICIT),
        (SESSION, ROLE, "session", IMPLICIT),
        (SESSION, SESSION, "boundary", ALLOWED),
        (SESSION, SESSION, "session", ALLOWED),
        (SESSION, "*", "boundary", ALLOWED),
        (SESSION, "*", "session", ALLOWED),
        (FEDERATED, FEDERATED, "session", ALLOWED),
    ],
)
def test_which_grants_boundary_and_session_policy_limit(
    principal: str, element: str, limit: str, found: str
) -> None:
    grants = document(allow(Principal={"AWS": element}))
    assert decision(principal, bucket=grants, **{limit: NONE}) == found


def test_boundary_and_session_policy_limit_identity_policies() -> None:
    for limit in ("boundary", "session"):
        assert decision(SESSION, identity=[ALL], **{limit: NONE}) == IMPLICIT
        assert decision(SESSION, identity=[ALL], **{limit: ALL}) == ALLOWED


def test_a_federated_user_without_session_policy_has_only_what_resources_grant() -> None:
    assert decision(FEDERATED, identity=[ALL]) == IMPLICIT
    assert decision(FEDERATED, identity=[ALL], session=ALL) == ALLOWED


def test_every_level_of_service_control_policies_has_to_allow() -> None:
    def levels(*policies: list[Row]) -> list[Row]:
        return [{"target": f"t-{n}", "policies": level} for n, level in enumerate(policies)]

    assert decision(identity=[ALL], scp=levels([ALL], [NONE, ALL])) == ALLOWED
    assert decision(identity=[ALL], scp=levels([ALL], [NONE])) == IMPLICIT
    assert decision(identity=[ALL], scp=levels([ALL], [])) == IMPLICIT
    assert decision(identity=[ALL], scp=[]) == ALLOWED
    assert decision(ROOT, scp=levels([NONE])) == IMPLICIT
    answer = ask(identity=[ALL], scp=levels([ALL, NONE], [ALL, document(deny())]))
    assert answer["decided_by"] == [{"layer": "scp", "policy": 3, "statement": 0}]


def test_resource_control_policies_allow_by_themselves_and_hit_every_account() -> None:
    rcp = [{"target": "r", "policies": [document(deny(Principal="*", Action="s3:Put*"))]}]
    assert decision(identity=[ALL], rcp=rcp) == ALLOWED
    assert decision(identity=[ALL], rcp=[{"target": "r", "policies": []}]) == ALLOWED
    for principal in (ROLE, ROOT, "anonymous", USER.replace(HOME, OTHER)):
        everyone = document(allow(Principal="*"))
        assert decision(principal, "s3:PutObject", identity=[ALL], bucket=everyone, rcp=rcp) == EXPLICIT


def test_the_root_user_needs_no_identity_policy_and_repairs_its_bucket_policy() -> None:
    shut = document(deny(Principal="*"))
    assert decision(ROOT) == ALLOWED
    assert decision(ROOT, bucket=shut) == EXPLICIT
    for action in ("s3:GetBucketPolicy", "s3:PutBucketPolicy", "s3:DeleteBucketPolicy"):
        assert decision(ROOT, action, "arn:aws:s3:::b", bucket=shut) == ALLOWED
        assert decision(ROOT, action, "arn:aws:s3:::b", bucket=shut, vpce=shut) == EXPLICIT
        assert decision(USER, action, "arn:aws:s3:::b", bucket=shut, identity=[ALL]) == EXPLICIT


def test_a_key_policy_has_to_allow_or_delegate() -> None:
    asked = {"action": "kms:Decrypt", "resource": KEY}
    delegates = document(allow(Principal={"AWS": ROOT}))
    assert decision(identity=[ALL], **asked) == IMPLICIT
    assert decision(identity=[ALL], bucket=delegates, **asked) == ALLOWED
    assert decision(identity=[], bucket=delegates, **asked) == IMPLICIT
    assert decision(bucket=document(allow(Principal={"AWS": ROLE})), **asked) == ALLOWED


def test_get_caller_identity_needs_no_permission() -> None:
    asked = {"action": "sts:GetCallerIdentity", "resource": "*", "owner": None}
    assert decision(**asked) == ALLOWED
    assert decision(identity=[document(deny())], **asked) == ALLOWED


# what is not known


def test_what_is_not_known_is_named() -> None:
    perimeter = document(allow(Condition={"StringEquals": {"aws:PrincipalOrgID": "o-1"}}))
    answer = ask(identity=[perimeter], context={"aws:PrincipalOrgID": UNKNOWN})
    assert (answer["decision"], answer["depends_on"]) == (OPEN, ["aws:PrincipalOrgID"])
    answer = ask(identity=UNKNOWN)
    assert (answer["decision"], answer["depends_on"]) == (OPEN, ["identity"])
    answer = ask(owner=None, identity=[ALL])
    assert (answer["decision"], answer["depends_on"]) == (OPEN, ["resource_account"])
    assert decision(owner=None, identity=[ALL], bucket=document(allow(Principal={"AWS": ROLE}))) == ALLOWED
    assert decision(identity=UNKNOWN, vpce=document(deny(Principal="*"))) == EXPLICIT


def test_the_nearest_miss_of_an_implicit_denial() -> None:
    missed = document(allow(Action="s3:Put*"), allow(Condition={"StringEquals": {"aws:SourceVpc": "vpc-1"}}))
    answer = ask(identity=[NONE, missed])
    assert answer["decided_by"] == [{"layer": "identity", "policy": 1, "statement": 1}]


# Block Public Access: https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html


@pytest.mark.parametrize(
    ("statement", "public"),
    [
        (allow(Principal="*"), True),
        (allow(Principal={"AWS": "*"}), True),
        (allow(Principal={"AWS": OTHER}), False),
        (allow(Principal="*", Condition={"StringEquals": {"aws:SourceVpce": "vpce-1"}}), False),
        (allow(Principal="*", Condition={"StringLike": {"aws:SourceVpc": "vpc-*"}}), True),
        (allow(Principal="*", Condition={"IpAddress": {"aws:SourceIp": "203.0.113.0/24"}}), False),
        (allow(Principal="*", Condition={"IpAddress": {"aws:SourceIp": "0.0.0.0/1"}}), True),
        (allow(Principal="*", Condition={"Bool": {"aws:SecureTransport": "true"}}), True),
        (deny(Principal="*"), False),
    ],
)
def test_block_public_access_shuts_out_other_accounts_from_public_buckets(
    statement: Row, public: bool
) -> None:
    settings = {"s3": {"block_public_access": {"RestrictPublicBuckets": True}}}
    stranger = f"arn:aws:iam::{OTHER}:user/eve"
    extra = allow(Principal={"AWS": stranger})
    answer = ask(stranger, identity=[ALL], bucket=document(statement, extra), settings=settings, context=E)
    blocked = [row for row in answer["decided_by"] if row["layer"] == "settings"]
    assert bool(blocked) is public
    inside = ask(USER, identity=[ALL], bucket=document(statement, extra), settings=settings, context=E)
    assert not [row for row in inside["decided_by"] if row["layer"] == "settings"]


# errors and malformed policies


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"principal": "ann"}, "iam.bad-principal"),
        ({"principal_account": OTHER}, "iam.account-contradicts"),
        ({"resource": KEY, "resource_account": OTHER}, "iam.account-contradicts"),
        ({"resource": "b/k"}, "iam.bad-resource"),
        ({"action": "GetObject"}, "iam.bad-action"),
        ({"context": {"aws:SourceVpc": "a", "AWS:SourceVPC": "a"}}, "iam.key-twice"),
        ({"context": {"aws:SourceVpc": {"a": 1}}}, "iam.bad-context-value"),
    ],
)
def test_what_can_not_be_judged_is_an_error(change: Row, code: str) -> None:
    request = {
        "principal": ROLE,
        "action": "s3:GetObject",
        "resource": OBJECT,
        "resource_account": HOME,
        **change,
    }
    answer = authorize({"id": "x", "request": request, "policies": {}})
    assert answer["id"] == "x"
    assert code in str(answer["error"])


@pytest.mark.parametrize(
    "broken",
    [
        {"Effect": "allow", "Action": "*", "Resource": "*"},
        {"Effect": "Deny"},
        {"Effect": "Deny", "Action": "*", "Resource": "*", "Condition": {"StringEqualsMaybe": {"a": "b"}}},
        {"Effect": "Deny", "Action": 3, "Resource": "*"},
        "Deny",
        None,
    ],
)
def test_a_malformed_policy_is_evaluated_as_far_as_it_goes_and_reported(broken: object) -> None:
    answer = ask(identity=[{"Version": "2012-10-17", "Statement": [broken, allow()]}])
    assert answer["decision"] == ALLOWED
    assert answer["problems"]


@pytest.mark.parametrize("policy", [3, "x", [], {}, {"Statement": 3}, {"Statement": [[]]}, None])
def test_no_document_at_all_allows_nothing(policy: object) -> None:
    answer = ask(identity=[policy])
    assert answer.get("decision") == IMPLICIT or "error" in answer
