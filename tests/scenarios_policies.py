"""One scenario a finding code of the policy checks: a sound VPC and account, and one policy that refuses.

`python -m tests.make_cases` writes them as case folders under `tests/cases/findings/`.
"""

import json
from collections.abc import Callable
from typing import Any

from tests import snapshots as s
from tests.scenarios import OK_PATH, Scenario
from tests.snapshots import Json, Snapshot

SCENARIOS: dict[str, tuple[Callable[[], Scenario], Callable[[], Scenario]]] = {}
"""Code -> (fires, stays quiet)."""

ROLE, BUCKET, OTHER_ACCOUNT = "app", "reports", "444455556666"
ROLE_ARN = f"arn:aws:iam::{s.ACCOUNT}:role/{ROLE}"
KEY = f"arn:aws:kms:{s.REGION}:{s.ACCOUNT}:key/0a1b2c3d-0000-4000-8000-000000000001"
GLOBAL = "aws-global"
POLICY = f"s3:bucket-policy/{BUCKET}"
IDENTITY = f"iam:role/{ROLE}"
ORGANIZATION = "o-aaaa1111"
S3_READ = {"Effect": "Allow", "Action": "s3:*", "Resource": "*"}


def document(*statements: Json) -> str:
    """Return a policy's text."""
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def allow(**more: object) -> Json:
    """Return a statement that allows everything to everyone, with changes."""
    return {"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*", **more}


def deny(**more: object) -> Json:
    """Return a statement that denies everything to everyone, with changes."""
    return {**allow(**more), "Effect": "Deny"}


def judged(*identity: Json, owner: str = s.ACCOUNT) -> Snapshot:
    """Return the sound VPC with a role, a bucket and no organization; `owner` records the bucket."""
    made = s.sound()
    where = {"region": GLOBAL}
    role = {"RoleName": ROLE, "RoleId": "AROAEXAMPLE0000000001", "Arn": ROLE_ARN, "Tags": []}
    made.add_call("iam", "GetRole", {"RoleName": ROLE}, response={"Role": role}, **where)
    made.add_call("iam", "ListRolePolicies", {"RoleName": ROLE}, response={"PolicyNames": ["own"]}, **where)
    made.add_call(
        "iam",
        "GetRolePolicy",
        {"RoleName": ROLE, "PolicyName": "own"},
        response={
            "RoleName": ROLE,
            "PolicyName": "own",
            "PolicyDocument": document(*(identity or (S3_READ,))),
        },
        **where,
    )
    made.add_call(
        "iam", "ListAttachedRolePolicies", {"RoleName": ROLE}, response={"AttachedPolicies": []}, **where
    )
    none = {"Code": "AWSOrganizationsNotInUseException", "Message": "none"}
    for account in dict.fromkeys((s.ACCOUNT, owner)):
        made.add_call("organizations", "DescribeOrganization", {}, error=none, account=account, **where)
    _bucket(made, owner)
    return made


def _bucket(made: Snapshot, owner: str) -> None:
    place = {"Bucket": BUCKET}
    head = {"status": 200, "headers": {"x-amz-bucket-region": s.REGION}}
    made.add_call("s3", "HeadBucket", place, response={"BucketRegion": s.REGION}, http=head, account=owner)
    errors = {
        "GetBucketPolicy": "NoSuchBucketPolicy",
        "GetPublicAccessBlock": "NoSuchPublicAccessBlockConfiguration",
        "GetBucketEncryption": "ServerSideEncryptionConfigurationNotFoundError",
    }
    for operation, code in errors.items():
        made.add_call("s3", operation, place, error={"Code": code, "Message": "none"}, account=owner)
    made.add_call(
        "s3control",
        "GetPublicAccessBlock",
        {"AccountId": owner},
        error={"Code": errors["GetPublicAccessBlock"], "Message": "none"},
        account=owner,
    )


def bucket_policy(made: Snapshot, *statements: Json) -> None:
    """Set the bucket's policy."""
    answer = {"Policy": document(*statements)}
    made.replace_call("s3.GetBucketPolicy", {"Bucket": BUCKET}, response=answer)


def endpoint_policy(made: Snapshot, *statements: Json) -> None:
    """Set the gateway endpoint's policy."""
    row = made.row("ec2.DescribeVpcEndpoints", VpcEndpointId=s.ENDPOINT)
    row["PolicyDocument"] = document(*statements)


def asked(**more: object) -> Json:
    """Return a question for an object of the bucket as the role."""
    made: Json = {
        "source": {"instance": s.INSTANCE},
        "service": "s3",
        "action": "s3:GetObject",
        "resource": f"arn:aws:s3:::{BUCKET}/2026/a.csv",
        "principal": {"arn": f"arn:aws:sts::{s.ACCOUNT}:assumed-role/{ROLE}/session"},
        "client": {"region": s.REGION, "hostname": f"{BUCKET}.s3.{s.REGION}.amazonaws.com", "port": 443},
    }
    return {**made, **more}


def answer(verdict: str, *components: str, decider: Json | None = None, certainty: str = "proven") -> Json:
    """Return an `expected.json`."""
    made: Json = {"verdict": verdict, "components": list(components), "path": OK_PATH, "certainty": certainty}
    return {**made, "needs_policies": True, **({"decider": decider} if decider else {})}


def refused(
    component: str, layer: str, effect: str, statement: int | None, certainty: str = "proven"
) -> Json:
    """Return the expectation of a refusal."""
    decider = {"layer": layer, "effect": effect, "statement": statement}
    return answer("denied", component, decider=decider, certainty=certainty)


def scenario(code: str) -> Callable[[Callable[[bool], Scenario]], Callable[[bool], Scenario]]:
    """Register a maker: called with True it makes the code fire, with False the near miss."""

    def register(make: Callable[[bool], Scenario]) -> Callable[[bool], Scenario]:
        SCENARIOS[code] = (lambda: make(True), lambda: make(False))
        return make

    return register


@scenario("endpoint-policy.explicit-deny")
def _(fires: bool) -> Scenario:
    made = judged()
    hit = f"arn:aws:s3:::{BUCKET if fires else 'other'}/*"
    endpoint_policy(made, allow(), deny(Action="s3:GetObject", Resource=hit))
    expected = refused(s.ENDPOINT, "vpce", "explicit_deny", 1)
    return made, asked(), expected if fires else answer("ok")


@scenario("endpoint-policy.no-allow")
def _(fires: bool) -> Scenario:
    made = judged()
    # the bucket's own ARN covers no objects
    endpoint_policy(made, allow(Action="s3:*", Resource=f"arn:aws:s3:::{BUCKET}" + ("" if fires else "/*")))
    expected = refused(s.ENDPOINT, "vpce", "implicit_deny", None)
    return made, asked(), expected if fires else answer("ok")


@scenario("endpoint-policy.condition-fails")
def _(fires: bool) -> Scenario:
    made = judged()
    endpoint_policy(made, allow(Condition={"StringEquals": {"aws:PrincipalOrgID": ORGANIZATION}}))
    bucket_policy(made, allow(Action="s3:GetObject", Resource=f"arn:aws:s3:::{BUCKET}/*"))
    # a package manager doesn't sign its requests, so they carry no principal keys
    question = (
        asked(principal={"anonymous": True}) if fires else asked(context={"aws:PrincipalOrgID": ORGANIZATION})
    )
    expected = refused(s.ENDPOINT, "vpce", "implicit_deny", 0)
    return made, question, expected if fires else answer("ok")


@scenario("endpoint-policy.principal-not-everyone")
def _(fires: bool) -> Scenario:
    made = judged()
    principal: Json = {"Principal": {"AWS": s.ACCOUNT}} if fires else {"Principal": {"AWS": "*"}}
    endpoint_policy(made, allow(**principal))
    expected = refused(s.ENDPOINT, "vpce", "implicit_deny", None)
    return made, asked(), expected if fires else answer("ok")


@scenario("endpoint-policy.named-principal")
def _(fires: bool) -> Scenario:
    made = judged()
    endpoint_policy(
        made, allow(), allow(Principal={"AWS": ROLE_ARN} if fires else "*", Action="s3:GetObject")
    )
    return made, asked(), answer("ok")


@scenario("endpoint-policy.restricted-form")
def _(fires: bool) -> Scenario:
    made = judged()
    pattern = "1111*" if fires else s.ACCOUNT
    operator = "StringLike" if fires else "StringEquals"
    endpoint_policy(made, allow(), allow(Condition={operator: {"aws:PrincipalAccount": pattern}}))
    return made, asked(), answer("ok")


@scenario("endpoint-policy.nearly-too-long")
def _(fires: bool) -> Scenario:
    made = judged()
    keys = [f"arn:aws:s3:::{BUCKET}/{number:0120}" for number in range(130 if fires else 120)]
    endpoint_policy(made, allow(), allow(Resource=keys))
    return made, asked(), answer("ok")


@scenario("endpoint-policy.malformed")
def _(fires: bool) -> Scenario:
    made = judged()
    operator = "StringEqualsSometimes" if fires else "StringEquals"
    endpoint_policy(made, allow(), allow(Condition={operator: {"aws:PrincipalAccount": s.ACCOUNT}}))
    return made, asked(), answer("ok")


@scenario("resource-policy.explicit-deny")
def _(fires: bool) -> Scenario:
    made = judged()
    # through the endpoint there is no aws:SourceIp, so NotIpAddress is true
    by_address = {"NotIpAddress": {"aws:SourceIp": "203.0.113.20/32"}}
    by_endpoint = {"StringNotEquals": {"aws:SourceVpce": s.ENDPOINT}}
    bucket_policy(
        made,
        deny(
            Action="s3:*", Resource=f"arn:aws:s3:::{BUCKET}/*", Condition=by_address if fires else by_endpoint
        ),
    )
    return made, asked(), refused(POLICY, "resource", "explicit_deny", 0) if fires else answer("ok")


@scenario("resource-policy.no-allow")
def _(fires: bool) -> Scenario:
    made = judged(owner=OTHER_ACCOUNT)
    who = f"arn:aws:iam::{s.ACCOUNT}:role/{'other' if fires else ROLE}"
    bucket_policy(
        made, allow(Principal={"AWS": who}, Action="s3:GetObject", Resource=f"arn:aws:s3:::{BUCKET}/*")
    )
    return made, asked(), refused(POLICY, "resource", "implicit_deny", None) if fires else answer("ok")


@scenario("resource-policy.condition-fails")
def _(fires: bool) -> Scenario:
    made = judged({"Effect": "Allow", "Action": "ec2:Describe*", "Resource": "*"})
    vpc = "vpc-0ff" if fires else s.VPC
    bucket_policy(
        made,
        allow(
            Resource=f"arn:aws:s3:::{BUCKET}/*",
            Action="s3:*",
            Condition={"StringEquals": {"aws:SourceVpc": vpc}},
        ),
    )
    return made, asked(), refused(POLICY, "resource", "implicit_deny", 0) if fires else answer("ok")


@scenario("resource-policy.public-access-blocked")
def _(fires: bool) -> Scenario:
    made = judged()
    bucket_policy(made, allow(Action="s3:GetObject", Resource=f"arn:aws:s3:::{BUCKET}/*"))
    block = {"PublicAccessBlockConfiguration": {"RestrictPublicBuckets": fires}}
    made.replace_call("s3control.GetPublicAccessBlock", {"AccountId": s.ACCOUNT}, response=block)
    expected = refused(POLICY, "settings", "explicit_deny", None)
    return made, asked(principal={"anonymous": True}), expected if fires else answer("ok")


@scenario("resource-policy.network-origin")
def _(fires: bool) -> Scenario:
    made = judged()
    point = f"arn:aws:s3:{s.REGION}:{s.ACCOUNT}:accesspoint/team"
    place = {"AccountId": s.ACCOUNT, "Name": "team"}
    shown = {
        "Bucket": BUCKET,
        "BucketAccountId": s.ACCOUNT,
        "VpcConfiguration": {"VpcId": "vpc-0ff" if fires else s.VPC},
    }
    made.add_call("s3control", "GetAccessPoint", place, response=shown)
    none = {"Code": "NoSuchAccessPointPolicy", "Message": "none"}
    made.add_call("s3control", "GetAccessPointPolicy", place, error=none)
    client = {
        "region": s.REGION,
        "hostname": f"team-{s.ACCOUNT}.s3-accesspoint.{s.REGION}.amazonaws.com",
        "port": 443,
    }
    question = asked(resource=f"{point}/object/2026/a.csv", client=client)
    expected = refused(point, "resource", "explicit_deny", 0)
    return made, question, expected if fires else answer("ok")


def encryption(made: Snapshot, **default: str) -> None:
    """Set the bucket's default encryption."""
    rule = {"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "aws:kms", **default}}
    made.replace_call(
        "s3.GetBucketEncryption",
        {"Bucket": BUCKET},
        response={"ServerSideEncryptionConfiguration": {"Rules": [rule]}},
    )


def key(made: Snapshot, *policy: Json, arn: str = KEY, **more: object) -> None:
    """Record a KMS key, by the account that owns it."""
    owner = arn.split(":")[4]
    metadata = {"Arn": arn, "AWSAccountId": owner, "KeyManager": "CUSTOMER", "Enabled": True, **more}
    shown = {"KeyMetadata": metadata}
    made.add_call("kms", "DescribeKey", {"KeyId": arn}, response=shown, account=owner)
    request = {"KeyId": arn, "PolicyName": "default"}
    answer = {"Policy": document(*policy)}
    made.add_call("kms", "GetKeyPolicy", request, response=answer, account=owner)


def encrypted(made: Snapshot, *key_policy: Json, **more: Any) -> None:
    """Encrypt the bucket with a customer managed key."""
    encryption(made, KMSMasterKeyID=KEY)
    key(made, *key_policy, **more)


DELEGATES = allow(Principal={"AWS": f"arn:aws:iam::{s.ACCOUNT}:root"}, Action="kms:*")
USES_KEY = {"Effect": "Allow", "Action": ["kms:Decrypt", "kms:GenerateDataKey"], "Resource": KEY}


@scenario("resource-policy.key-policy")
def _(fires: bool) -> Scenario:
    made = judged(S3_READ, USES_KEY)
    administrator = allow(Principal={"AWS": f"arn:aws:iam::{s.ACCOUNT}:role/keys"}, Action="kms:*")
    encrypted(made, administrator if fires else DELEGATES)
    return made, asked(), refused(KEY, "resource", "implicit_deny", None) if fires else answer("ok")


@scenario("resource-policy.key-disabled")
def _(fires: bool) -> Scenario:
    made = judged(S3_READ, USES_KEY)
    encrypted(made, DELEGATES, Enabled=not fires, KeyState="Disabled" if fires else "Enabled")
    return made, asked(), refused(KEY, "resource", "explicit_deny", 0) if fires else answer("ok")


@scenario("resource-policy.key-not-shared")
def _(fires: bool) -> Scenario:
    owner = OTHER_ACCOUNT if fires else s.ACCOUNT
    made = judged(owner=owner)
    bucket_policy(made, allow(Principal={"AWS": s.ACCOUNT}, Resource=f"arn:aws:s3:::{BUCKET}/*"))
    encryption(made)
    expected = refused(f"s3:bucket/{BUCKET}", "resource", "implicit_deny", None)
    return made, asked(), expected if fires else answer("ok")


@scenario("identity-policy.key-not-allowed")
def _(fires: bool) -> Scenario:
    made = judged(S3_READ) if fires else judged(S3_READ, USES_KEY)
    encrypted(made, DELEGATES)
    return made, asked(), refused(IDENTITY, "identity", "implicit_deny", None) if fires else answer("ok")


def organization(made: Snapshot, scp: Json, rcp: Json) -> None:
    """Put the account into an organization with one policy of each kind on its root."""
    shown = {"Id": ORGANIZATION, "MasterAccountId": OTHER_ACCOUNT, "FeatureSet": "ALL"}
    made.replace_call("organizations.DescribeOrganization", {}, response={"Organization": shown})
    place = {"region": GLOBAL, "account": OTHER_ACCOUNT}
    parents = {"Parents": [{"Id": "r-ab12", "Type": "ROOT"}]}
    made.add_call("organizations", "ListParents", {"ChildId": s.ACCOUNT}, response=parents, **place)
    for kind, own in (("SERVICE_CONTROL_POLICY", "p-scp00001"), ("RESOURCE_CONTROL_POLICY", "p-rcp00001")):
        everything = "p-FullAWSAccess" if kind.startswith("SERVICE") else "p-RCPFullAWSAccess"
        for target, ids in ((s.ACCOUNT, [everything]), ("r-ab12", [everything, own])):
            rows = {"Policies": [{"Id": policy, "Name": policy} for policy in ids]}
            request = {"TargetId": target, "Filter": kind}
            made.add_call("organizations", "ListPoliciesForTarget", request, response=rows, **place)
    for policy, statement in (
        ("p-FullAWSAccess", {"Effect": "Allow", "Action": "*", "Resource": "*"}),
        ("p-RCPFullAWSAccess", allow()),
        ("p-scp00001", scp),
        ("p-rcp00001", rcp),
    ):
        shown_policy = {"Policy": {"PolicySummary": {"Id": policy}, "Content": document(statement)}}
        made.add_call("organizations", "DescribePolicy", {"PolicyId": policy}, response=shown_policy, **place)


def elsewhere(vpc: str) -> Json:
    """Return the condition of a data perimeter: requests from other networks."""
    return {"StringNotEqualsIfExists": {"aws:SourceVpc": vpc}}


@scenario("resource-policy.guardrail-denies")
def _(fires: bool) -> Scenario:
    made = judged()
    scp = {"Effect": "Deny", "Action": "ec2:DeleteVpc", "Resource": "*"}
    organization(made, scp, deny(Action="s3:*", Condition=elsewhere("vpc-0ff" if fires else s.VPC)))
    return made, asked(), refused("p-rcp00001", "rcp", "explicit_deny", 0) if fires else answer("ok")


@scenario("identity-policy.guardrail-denies")
def _(fires: bool) -> Scenario:
    made = judged()
    scp = {
        "Effect": "Deny",
        "Action": "s3:*",
        "Resource": "*",
        "Condition": elsewhere("vpc-0ff" if fires else s.VPC),
    }
    organization(made, scp, deny(Action="sqs:*"))
    return made, asked(), refused("p-scp00001", "scp", "explicit_deny", 0) if fires else answer("ok")


@scenario("resource-policy.malformed")
def _(fires: bool) -> Scenario:
    made = judged()
    effect = "allow" if fires else "Allow"
    bucket_policy(
        made, {**allow(Action="s3:GetObject", Resource=f"arn:aws:s3:::{BUCKET}/*"), "Effect": effect}
    )
    return made, asked(), answer("ok")


@scenario("resource-policy.private-source-ip")
def _(fires: bool) -> Scenario:
    made = judged()
    key = "aws:SourceIp" if fires else "aws:VpcSourceIp"
    bucket_policy(
        made,
        allow(
            Action="s3:GetObject",
            Resource=f"arn:aws:s3:::{BUCKET}/*",
            Condition={"IpAddress": {key: "10.0.0.0/16"}},
        ),
    )
    return made, asked(), answer("ok")


@scenario("resource-policy.locks-out")
def _(fires: bool) -> Scenario:
    made = judged()
    spared = {} if fires else {"Condition": {"ArnNotEquals": {"aws:PrincipalArn": f"{ROLE_ARN}-admin"}}}
    repairs = ["s3:PutBucketPolicy", "s3:DeleteBucketPolicy"]
    bucket_policy(made, deny(Action=repairs, Resource=f"arn:aws:s3:::{BUCKET}", **spared))
    return made, asked(), answer("ok")


@scenario("resource-policy.deleted-principal")
def _(fires: bool) -> Scenario:
    made = judged()
    who = "AROAEXAMPLE0000000009" if fires else ROLE_ARN
    bucket_policy(
        made, allow(Principal={"AWS": who}, Action="s3:GetObject", Resource=f"arn:aws:s3:::{BUCKET}/*")
    )
    return made, asked(), answer("ok")


@scenario("identity-policy.explicit-deny")
def _(fires: bool) -> Scenario:
    hit = f"arn:aws:s3:::{BUCKET if fires else 'other'}/*"
    made = judged(S3_READ, {"Effect": "Deny", "Action": "s3:Get*", "Resource": hit})
    return made, asked(), refused(IDENTITY, "identity", "explicit_deny", 1) if fires else answer("ok")


@scenario("identity-policy.no-allow")
def _(fires: bool) -> Scenario:
    # HeadObject is an operation; what it needs is s3:GetObject
    made = judged(
        {"Effect": "Allow", "Action": "s3:HeadObject" if fires else "s3:GetObject", "Resource": "*"}
    )
    question = asked(action="s3:HeadObject")
    return made, question, refused(IDENTITY, "identity", "implicit_deny", None) if fires else answer("ok")


@scenario("identity-policy.condition-fails")
def _(fires: bool) -> Scenario:
    condition = {"IpAddress": {"aws:SourceIp" if fires else "aws:VpcSourceIp": "10.0.0.0/16"}}
    made = judged({**S3_READ, "Condition": condition})
    return made, asked(), refused(IDENTITY, "identity", "implicit_deny", 0) if fires else answer("ok")


@scenario("identity-policy.boundary")
def _(fires: bool) -> Scenario:
    made = judged()
    arn = f"arn:aws:iam::{s.ACCOUNT}:policy/boundary"
    role: Json = {"RoleName": ROLE, "RoleId": "AROAEXAMPLE0000000001", "Arn": ROLE_ARN, "Tags": []}
    role["PermissionsBoundary"] = {"PermissionsBoundaryArn": arn}
    made.replace_call("iam.GetRole", {"RoleName": ROLE}, response={"Role": role})
    version = {
        "Document": document({"Effect": "Allow", "Action": "ec2:*" if fires else "s3:*", "Resource": "*"})
    }
    found = {"Policy": {"Arn": arn, "DefaultVersionId": "v1"}}
    made.add_call("iam", "GetPolicy", {"PolicyArn": arn}, response=found, region=GLOBAL)
    request = {"PolicyArn": arn, "VersionId": "v1"}
    made.add_call("iam", "GetPolicyVersion", request, response={"PolicyVersion": version}, region=GLOBAL)
    return made, asked(), refused(IDENTITY, "boundary", "implicit_deny", None) if fires else answer("ok")


@scenario("identity-policy.no-such-principal")
def _(fires: bool) -> Scenario:
    made = judged()
    if fires:
        gone = {"Code": "NoSuchEntity", "Message": "The role cannot be found."}
        made.replace_call("iam.GetRole", {"RoleName": ROLE}, error=gone)
        for operation in ("ListRolePolicies", "ListAttachedRolePolicies"):
            made.replace_call(f"iam.{operation}", {"RoleName": ROLE}, error=gone)
        made.calls = [call for call in made.calls if call["operation"] != "GetRolePolicy"]
    return made, asked(), refused(IDENTITY, "identity", "implicit_deny", None) if fires else answer("ok")
