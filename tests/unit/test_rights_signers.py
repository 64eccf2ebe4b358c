"""Who signs: own role, named principals, strangers, services, nobody; and what a wrong name is told.

Sources: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html,
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html and, for the buckets
of AWS, https://github.com/aws-samples/data-perimeter-policy-examples (service_owned_resources.md)
"""

from pathlib import Path

import pytest
from tests import rights_worlds as w
from tests import scenarios_policies as p
from tests import snapshots as s
from tests.scenarios_clients import function
from tests.snapshots import Json, Snapshot
from tests.unit.test_cli import gatepath, one_line

from gatepath.model.question import QuestionError, parse_question
from gatepath.trace import Certainty, Severity, Verdict

PROFILE = f"arn:aws:iam::{s.ACCOUNT}:instance-profile/app"
LAYERS = f"prod-{s.REGION}-starport-layer-bucket"
REPOSITORY = f"al2023-repos-{s.REGION}-de612dc2"
MEMBERS = {"StringEquals": {"aws:PrincipalOrgID": p.ORGANIZATION}}
OTHER_ACCOUNTS = {"StringNotEquals": {"aws:PrincipalAccount": s.ACCOUNT}}
DENIED = {"Code": "AccessDenied", "Message": "Access Denied"}


def on_bucket(bucket: str, **more: object) -> Json:
    """Return a question for an object of somebody else's bucket."""
    client = {"region": s.REGION, "hostname": f"{bucket}.s3.{s.REGION}.amazonaws.com", "port": 443}
    return p.asked(resource=f"arn:aws:s3:::{bucket}/key", client=client, **more)


def foreign(made: Snapshot, bucket: str) -> None:
    """Record a bucket of somebody else: it is there, its policy is not shown."""
    s.bucket(made, bucket, s.REGION)
    made.add_call("s3", "GetBucketPolicy", {"Bucket": bucket}, error=DENIED)
    made.add_call("s3", "GetPublicAccessBlock", {"Bucket": bucket}, error=DENIED)
    made.add_call("s3", "GetBucketEncryption", {"Bucket": bucket}, error=DENIED)


def instance_role(role: str = p.ROLE) -> Snapshot:
    """Return the sound world, the instance with a profile."""
    made = p.judged()
    row = made.rows("ec2.DescribeInstances")[0]["Instances"][0]
    row["IamInstanceProfile"] = {"Arn": PROFILE, "Id": "AIPA0000000000000001"}
    roles = [{"RoleName": role, "RoleId": "AROA0", "Arn": f"arn:aws:iam::{s.ACCOUNT}:role/{role}"}]
    shown = {"InstanceProfileName": "app", "InstanceProfileId": "AIPA", "Arn": PROFILE, "Roles": roles}
    made.add_call(
        "iam",
        "GetInstanceProfile",
        {"InstanceProfileName": "app"},
        response={"InstanceProfile": shown},
        region=p.GLOBAL,
    )
    return made


def own() -> Json:
    """Return a question that doesn't say who signs."""
    asked = p.asked()
    del asked["principal"]
    return asked


def test_an_instance_signs_as_its_profile_says() -> None:
    found = w.whole(instance_role(), own())
    assert (found.verdict, found.certainty) == (Verdict.OK, Certainty.PROVEN)
    assert "assumption.principal" in {a.code for a in found.assumptions}
    made = instance_role()
    p.bucket_policy(made, p.deny(Principal={"AWS": p.ROLE_ARN}, Resource=w.OBJECTS))
    assert w.whole(made, own()).verdict is Verdict.DENIED


def test_credentials_of_the_instance_carry_its_vpc_and_address() -> None:
    for key, value in (
        ("aws:Ec2InstanceSourceVpc", s.VPC),
        ("aws:Ec2InstanceSourcePrivateIPv4", "10.0.1.10"),
    ):
        assert w.denied_if(instance_role(), own(), {"StringEquals": {key: value}}) is Verdict.DENIED
        assert w.denied_if(instance_role(), own(), {"StringNotEquals": {key: value}}) is Verdict.OK
        # somebody else's credentials may come from any instance, or from none
        assert w.denied_if(p.judged(), p.asked(), {"StringEquals": {key: value}}) is Verdict.UNKNOWN


def test_without_profile_nobody_says_who_signs() -> None:
    found = w.whole(p.judged(), own())
    assert found.verdict is Verdict.UNKNOWN
    assert {u.code for u in found.unknowns} == {"unknown.policy-identity"}


def test_a_function_signs_as_its_role() -> None:
    made = p.judged()
    function(made, {"VpcId": s.VPC, "SubnetIds": [s.PRIVATE], "SecurityGroupIds": [s.GROUP]})
    made.calls[-1]["response"]["Role"] = p.ROLE_ARN
    eni = s.interface("eni-0f1", s.PRIVATE, "10.0.1.60", (s.GROUP,), InterfaceType="lambda")
    made.rows("ec2.DescribeNetworkInterfaces").append(eni)
    asked = {**own(), "source": {"lambda": "job"}, "region": s.REGION}
    assert w.whole(made, asked).verdict is Verdict.OK
    absent = {"Null": {"aws:Ec2InstanceSourceVpc": "true"}}
    assert w.denied_if(made, asked, absent) is Verdict.DENIED


def test_of_a_foreign_bucket_only_its_owner_sees_the_policy() -> None:
    made = p.judged()
    foreign(made, "partner-data")
    found = w.whole(made, on_bucket("partner-data"))
    assert found.verdict is Verdict.UNKNOWN
    assert "GetBucketPolicy" in {gap.operation for u in found.unknowns for gap in u.unknown.gaps}


@pytest.mark.parametrize(
    ("bucket", "principal"),
    [
        (LAYERS, {"presigned_by": "an account of AWS"}),
        (REPOSITORY, {"anonymous": True}),
        (f"aws-ssm-{s.REGION}", {"arn": p.ROLE_ARN}),
        ("partner-data", {"presigned_by": "the partner"}),
    ],
    ids=["layers", "packages", "agent", "stranger"],
)
def test_buckets_and_signatures_of_others_are_assumed_to_allow(bucket: str, principal: Json) -> None:
    made = p.judged()
    foreign(made, bucket)
    found = w.whole(made, on_bucket(bucket, principal=principal))
    assert (found.verdict, found.certainty) == (Verdict.OK, Certainty.CONDITIONAL)
    assert any(a.code == "assumption.other-side" and a.conditional for a in found.assumptions)


def test_a_policy_that_alone_was_refused_is_a_gap_not_somebody_elses() -> None:
    made = p.judged()
    made.replace_call("s3.GetBucketPolicy", {"Bucket": p.BUCKET}, error={"Code": "AccessDenied"})
    found = w.whole(made, p.asked(principal={"presigned_by": "a partner"}))
    assert found.verdict is Verdict.UNKNOWN
    assert "GetBucketPolicy" in {gap.operation for u in found.unknowns for gap in u.unknown.gaps}


def test_without_action_what_was_not_read_is_named() -> None:
    made = p.judged()
    made.replace_call("iam.ListRolePolicies", {"RoleName": p.ROLE}, error={"Code": "AccessDenied"})
    question = {key: value for key, value in p.asked().items() if key != "action"}
    found = w.whole(made, question)
    assert found.verdict is Verdict.UNKNOWN
    assert "ListRolePolicies" in {gap.operation for u in found.unknowns for gap in u.unknown.gaps}


@pytest.mark.parametrize(
    ("bucket", "principal"),
    [(LAYERS, {"presigned_by": "an account of AWS"}), (REPOSITORY, {"anonymous": True})],
    ids=["layers", "packages"],
)
def test_an_endpoint_policy_for_members_breaks_pulls_and_packages(bucket: str, principal: Json) -> None:
    made = p.judged()
    p.organization(made, {"Effect": "Deny", "Action": "sqs:*", "Resource": "*"}, p.deny(Action="sqs:*"))
    foreign(made, bucket)
    p.endpoint_policy(made, p.allow(Condition=MEMBERS))
    found = w.whole(made, on_bucket(bucket, principal=principal))
    assert (found.verdict, found.certainty) == (Verdict.DENIED, Certainty.PROVEN)
    assert w.codes(found) == ["endpoint-policy.condition-fails"]
    mended = {"Sid": "Owned", **p.allow(Action="s3:GetObject", Resource=f"arn:aws:s3:::{bucket}/*")}
    p.endpoint_policy(made, p.allow(Condition=MEMBERS), mended)
    assert w.whole(made, on_bucket(bucket, principal=principal)).verdict is Verdict.OK


def test_an_endpoint_policy_for_own_resources_breaks_the_agent() -> None:
    made = p.judged()
    foreign(made, f"aws-ssm-{s.REGION}")
    own_only = {"StringEquals": {"aws:ResourceAccount": s.ACCOUNT}}
    p.endpoint_policy(made, p.allow(Condition=own_only))
    found = w.whole(made, on_bucket(f"aws-ssm-{s.REGION}"))
    assert (found.verdict, found.certainty) == (Verdict.DENIED, Certainty.PROVEN)


def test_what_the_asker_tells_of_a_stranger_counts() -> None:
    made = p.judged()
    foreign(made, "partner-data")
    p.endpoint_policy(made, p.allow(Condition={"StringEquals": {"aws:PrincipalAccount": "999988887777"}}))
    asked = on_bucket("partner-data", principal={"presigned_by": "the partner"})
    assert w.whole(made, asked).verdict is Verdict.DENIED
    told = {**asked, "context": {"aws:PrincipalAccount": "999988887777"}}
    assert w.whole(made, told).verdict is Verdict.OK


def test_a_presigned_url_has_the_rights_of_its_signer() -> None:
    signed = p.asked(principal={"presigned_by": p.ROLE_ARN})
    assert w.whole(p.judged(), signed).verdict is Verdict.OK
    by_header = {"StringEquals": {"s3:authType": "REST-QUERY-STRING"}}
    assert w.denied_if(p.judged(), signed, by_header) is Verdict.DENIED
    nothing = p.judged({"Effect": "Allow", "Action": "ec2:*", "Resource": "*"})
    assert w.codes(w.whole(nothing, signed)) == ["identity-policy.no-allow"]


def test_an_anonymous_request_needs_the_bucket_policy_and_has_no_principal_keys() -> None:
    nobody = p.asked(principal={"anonymous": True})
    found = w.whole(p.judged(), nobody)
    assert (found.verdict, w.codes(found)) == (Verdict.DENIED, ["resource-policy.no-allow"])
    public = p.allow(Action="s3:GetObject", Resource=w.OBJECTS)
    for key in ("aws:PrincipalAccount", "aws:PrincipalArn", "aws:PrincipalOrgID", "aws:PrincipalTag/a"):
        made = p.judged()
        p.bucket_policy(made, public, p.deny(Condition={"Null": {key: "true"}}, Resource=w.OBJECTS))
        assert w.whole(made, nobody).verdict is Verdict.DENIED
    made = p.judged()
    p.bucket_policy(made, public)
    assert w.whole(made, nobody).verdict is Verdict.OK


def test_a_service_needs_the_bucket_policy_and_carries_no_keys_of_the_way() -> None:
    service = p.asked(principal={"service": "delivery.logs.amazonaws.com"})
    named = p.allow(Principal={"Service": "delivery.logs.amazonaws.com"}, Resource=w.OBJECTS)
    assert w.whole(p.judged(), service).verdict is Verdict.DENIED
    made = p.judged()
    p.bucket_policy(made, named)
    assert w.whole(made, service).verdict is Verdict.OK
    elsewhere = {"StringNotEquals": {"aws:SourceVpce": s.ENDPOINT}}
    p.bucket_policy(made, named, p.deny(Resource=w.OBJECTS, Condition=elsewhere))
    assert w.whole(made, service).verdict is Verdict.DENIED
    spared = {**elsewhere, "Bool": {"aws:PrincipalIsAWSService": "false"}}
    p.bucket_policy(made, named, p.deny(Resource=w.OBJECTS, Condition=spared))
    assert w.whole(made, service).verdict is Verdict.OK


def test_the_source_that_a_service_acts_for_is_not_known() -> None:
    service = p.asked(principal={"service": "delivery.logs.amazonaws.com"})
    made = p.judged()
    account = {"StringEquals": {"aws:SourceAccount": s.ACCOUNT}}
    named = {"Service": "delivery.logs.amazonaws.com"}
    p.bucket_policy(made, p.allow(Principal=named, Resource=w.OBJECTS, Condition=account))
    found = w.whole(made, service)
    assert (found.verdict, w.keys_asked(found)) == (Verdict.UNKNOWN, {"aws:SourceAccount"})
    told = {**service, "context": {"aws:SourceAccount": s.ACCOUNT}}
    assert w.whole(made, told).verdict is Verdict.OK


def test_service_linked_roles_are_exempt_from_guardrails() -> None:
    everything = {"Effect": "Deny", "Action": "*", "Resource": "*"}
    for role, verdict in (("AWSServiceRoleForX", Verdict.OK), (p.ROLE, Verdict.DENIED)):
        made = p.judged()
        p.organization(made, everything, p.deny())
        for call in made.calls:
            if call["request"].get("RoleName") == p.ROLE:
                call["request"]["RoleName"] = role
        asked = p.asked(principal={"arn": f"arn:aws:iam::{s.ACCOUNT}:role/{role}"})
        assert w.whole(made, asked).verdict is verdict


def user(made: Snapshot, *, group: Json) -> Json:
    """Record a user whose only policy is that of its group; return the question."""
    place = {"UserName": "ann"}
    where = {"region": p.GLOBAL}
    arn = f"arn:aws:iam::{s.ACCOUNT}:user/ann"
    row = {"UserName": "ann", "UserId": "AIDA0", "Arn": arn, "Tags": [{"Key": "Team", "Value": "blue"}]}
    made.add_call("iam", "GetUser", place, response={"User": row}, **where)
    made.add_call("iam", "ListUserPolicies", place, response={"PolicyNames": []}, **where)
    made.add_call("iam", "ListAttachedUserPolicies", place, response={"AttachedPolicies": []}, **where)
    groups = {"Groups": [{"GroupName": "readers"}]}
    made.add_call("iam", "ListGroupsForUser", place, response=groups, **where)
    place = {"GroupName": "readers"}
    made.add_call("iam", "ListGroupPolicies", place, response={"PolicyNames": ["read"]}, **where)
    made.add_call("iam", "ListAttachedGroupPolicies", place, response={"AttachedPolicies": []}, **where)
    inline = {"GroupName": "readers", "PolicyName": "read", "PolicyDocument": p.document(group)}
    made.add_call("iam", "GetGroupPolicy", {**place, "PolicyName": "read"}, response=inline, **where)
    return p.asked(principal={"arn": arn})


def test_a_user_has_the_rights_of_its_groups_and_its_tags() -> None:
    for group, verdict in ((p.S3_READ, Verdict.OK), ({**p.S3_READ, "Effect": "Deny"}, Verdict.DENIED)):
        made = p.judged()
        assert w.whole(made, user(made, group=group)).verdict is verdict
    for key, value in (("aws:username", "ann"), ("aws:userid", "AIDA0"), ("aws:PrincipalTag/team", "blue")):
        made = p.judged()
        asked = user(made, group=p.S3_READ)
        assert w.denied_if(made, asked, {"StringEquals": {key: value}}) is Verdict.DENIED


def test_a_groups_policy_that_was_not_read_is_unknown() -> None:
    made = p.judged()
    asked = user(made, group=p.S3_READ)
    made.calls = [call for call in made.calls if call["operation"] != "GetGroupPolicy"]
    found = w.whole(made, asked)
    assert found.verdict is Verdict.UNKNOWN
    assert "GetGroupPolicy" in {gap.operation for u in found.unknowns for gap in u.unknown.gaps}


def details(*policies: Json) -> Snapshot:
    """Return the sound world whose identities come from the account's authorization details."""
    made = p.judged()
    made.calls = [call for call in made.calls if call["service"] != "iam"]
    row = {
        "RoleName": p.ROLE,
        "RoleId": "AROAEXAMPLE0000000001",
        "Arn": p.ROLE_ARN,
        "RolePolicyList": [{"PolicyName": "own", "PolicyDocument": p.document(*policies)}],
        "AttachedManagedPolicies": [],
        "Tags": [],
    }
    shown = {"RoleDetailList": [row], "UserDetailList": [], "GroupDetailList": [], "Policies": []}
    made.add_call("iam", "GetAccountAuthorizationDetails", {}, response=shown, region=p.GLOBAL)
    return made


def test_the_authorization_details_say_the_same_as_single_calls() -> None:
    assert w.whole(details(p.S3_READ), p.asked()).verdict is Verdict.OK
    lacking = w.whole(details({"Effect": "Allow", "Action": "ec2:*", "Resource": "*"}), p.asked())
    assert (lacking.verdict, w.codes(lacking)) == (Verdict.DENIED, ["identity-policy.no-allow"])


def test_who_is_not_in_the_authorization_details_does_not_exist() -> None:
    asked = p.asked(principal={"arn": f"arn:aws:iam::{s.ACCOUNT}:role/gone"})
    found = w.whole(details(p.S3_READ), asked)
    assert (found.verdict, w.codes(found)) == (Verdict.DENIED, ["identity-policy.no-such-principal"])


def test_the_authorization_details_of_one_account_say_nothing_of_another() -> None:
    asked = p.asked(principal={"arn": f"arn:aws:iam::{p.OTHER_ACCOUNT}:role/app"})
    made = details(p.S3_READ)
    p.bucket_policy(made, p.allow(Principal={"AWS": p.OTHER_ACCOUNT}, Resource=w.OBJECTS))
    assert w.whole(made, asked).verdict is Verdict.UNKNOWN


def test_root_needs_no_identity_policy() -> None:
    root = p.asked(principal={"arn": f"arn:aws:iam::{s.ACCOUNT}:root"})
    assert w.whole(p.judged(), root).verdict is Verdict.OK
    assert w.denied_if(p.judged(), root, {"StringEquals": {"aws:PrincipalType": "Account"}}) is Verdict.DENIED


WRONG = [
    "arn:aws:s3:::bucket",
    "arn:aws:iam::aws:policy/ReadOnlyAccess",
    "arn:aws:iam::111122223333:group/readers",
    "arn:aws:iam::111122223333:instance-profile/app",
    "arn:aws:iam::1111:role/app",
    "arn:aws:sts::111122223333:assumed-role/app",
    "arn:aws:iam:eu-west-1:111122223333:role/app",
]


@pytest.mark.parametrize("arn", WRONG)
@pytest.mark.parametrize("key", ["arn", "presigned_by"])
def test_what_cannot_sign_is_a_fault_of_the_question(arn: str, key: str) -> None:
    with pytest.raises(QuestionError) as caught:
        parse_question(p.asked(principal={key: arn}))
    assert (caught.value.path, caught.value.code) == (f"principal.{key}", "question.not-a-principal")


@pytest.mark.parametrize(
    "arn",
    [
        "arn:aws:iam::111122223333:role/path/to/app",
        "arn:aws-cn:iam::111122223333:user/ann",
        "arn:aws:iam::111122223333:root",
        "arn:aws-us-gov:sts::111122223333:assumed-role/app/i-0a1",
        "arn:aws:sts::111122223333:federated-user/ann",
    ],
)
def test_what_can_sign_is_taken(arn: str) -> None:
    principal = parse_question(p.asked(principal={"arn": arn})).principal
    assert principal is not None
    assert principal.arn == arn


def test_the_session_policy_of_a_federated_user_is_not_known() -> None:
    arn = "arn:aws:sts::111122223333:federated-user/ann"
    found = w.whole(p.judged(), p.asked(principal={"arn": arn}))
    assert found.verdict is Verdict.UNKNOWN


@pytest.mark.parametrize(
    ("context", "path", "code"),
    [
        ({"aws:SourceVpc": {"id": "vpc-1"}}, "context.aws:SourceVpc", "question.wrong-type"),
        ({"aws:TagKeys": ["a", None]}, "context.aws:TagKeys", "question.wrong-type"),
        ({"aws:SourceVpc": "a", "AWS:sourcevpc": "b"}, "context.AWS:sourcevpc", "question.key-twice"),
    ],
)
def test_condition_keys_are_read_once_and_hold_texts(context: Json, path: str, code: str) -> None:
    with pytest.raises(QuestionError) as caught:
        parse_question(p.asked(context=context))
    assert (caught.value.path, caught.value.code) == (path, code)


@pytest.mark.parametrize("more", [{"principal": {"arn": WRONG[0]}}, {"context": {"a": {"b": 1}}}])
def test_a_wrong_question_ends_with_2(tmp_path: Path, more: Json) -> None:
    p.judged().write(tmp_path, p.asked(**more), {})
    done = gatepath(
        "diagnose", str(tmp_path / "snapshot.jsonl"), "--question", str(tmp_path / "question.json")
    )
    assert done.returncode == 2
    assert next(iter(more)) in one_line(done)


def test_an_allowed_request_has_no_policy_finding() -> None:
    found = w.whole(p.judged(), p.asked())
    assert not [f for f in found.findings if f.severity is not Severity.INFO]


def test_the_path_of_a_sessions_role_is_open_where_the_role_was_not_read() -> None:
    made = p.judged()
    with_path = f"arn:aws:iam::{s.ACCOUNT}:role/service/{p.ROLE}"
    role = {"RoleName": p.ROLE, "RoleId": "AROAEXAMPLE0000000001", "Arn": with_path, "Tags": []}
    made.replace_call("iam.GetRole", {"RoleName": p.ROLE}, response={"Role": role})
    p.bucket_policy(made, p.deny(Condition={"ArnNotEquals": {"aws:PrincipalArn": with_path}}))
    assert w.whole(made, p.asked()).verdict is Verdict.OK
    made.calls = [call for call in made.calls if call["operation"] != "GetRole"]
    found = w.whole(made, p.asked())
    assert found.verdict is Verdict.UNKNOWN
    assert "GetRole" in {gap.operation for u in found.unknowns for gap in u.unknown.gaps}
