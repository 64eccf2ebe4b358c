"""What a workload needs beside its bucket, judged on small snapshots."""

import json

import pytest
from tests import snapshots as s
from tests.scenarios import egress, own_acl, private_routes, without_endpoint_route
from tests.snapshots import Json, Snapshot

from gatepath.model.question import parse_question
from gatepath.needs.guess import guesses
from gatepath.needs.judge import judge_needs
from gatepath.needs.mending import with_policy
from gatepath.needs.results import BucketResult, HostResult, NeedsResult
from gatepath.trace import Certainty, Verdict

BLOCKS = "endpoint-policy.blocks-needed-bucket"
NO_WAY = "route.needed-host-without-way"
LAYERS = "prod-eu-west-1-starport-layer-bucket"
REPOSITORY = "al2023-repos-eu-west-1-de612dc2"
ORGANIZATION = "o-abc1234567"
GROUP = "sg-0b1"


def statement(**more: object) -> Json:
    return {"Sid": "Ours", "Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*", **more}


def only_own_organization() -> Json:
    condition = {"StringEquals": {"aws:PrincipalOrgID": ORGANIZATION}}
    return {"Version": "2012-10-17", "Statement": [statement(Condition=condition)]}


def with_endpoint_policy(made: Snapshot, document: Json) -> Snapshot:
    made.rows("ec2.DescribeVpcEndpoints")[0]["PolicyDocument"] = json.dumps(document)
    return made


def without_nat(made: Snapshot) -> Snapshot:
    routes = private_routes(made)
    routes[:] = [route for route in routes if route.get("DestinationCidrBlock") != "0.0.0.0/0"]
    return made


def with_interface_endpoint(
    made: Snapshot, service: str, *names: str, ingress: bool = True, **more: object
) -> Snapshot:
    """Add an interface endpoint in the public subnet, with a group that admits the VPC (or nobody)."""
    number = len(made.rows("ec2.DescribeNetworkInterfaces"))
    eni = f"eni-0c{number}"
    groups = made.rows("ec2.DescribeSecurityGroups")
    if GROUP not in {group["GroupId"] for group in groups}:
        rules = [s.permission("tcp", 443, cidrs=["10.0.0.0/16"])] if ingress else []
        groups.append(s.group(GROUP, ingress=rules))
    made.rows("ec2.DescribeNetworkInterfaces").append(
        s.interface(eni, s.PUBLIC, f"10.0.200.{100 + number}", (GROUP,), InterfaceType="vpc_endpoint")
    )
    row = {
        "VpcEndpointType": "Interface",
        "RouteTableIds": [],
        "SubnetIds": [s.PUBLIC],
        "NetworkInterfaceIds": [eni],
        "PrivateDnsEnabled": True,
        "Groups": [{"GroupId": GROUP, "GroupName": GROUP}],
        "DnsEntries": [{"DnsName": name, "HostedZoneId": "Z1"} for name in names],
        **more,
    }
    made.rows("ec2.DescribeVpcEndpoints").append(s.endpoint(f"vpce-0c{number}", service, **row))
    return made


def judged(made: Snapshot, *names: str, policies: bool = True, **question: object) -> NeedsResult:
    return judge_needs(parse_question(s.question(**question)), made.world(), names, policies=policies)


def bucket(result: NeedsResult, name: str) -> BucketResult:
    return next(b for one in result.needs for b in one.buckets if b.name == name)


def host(result: NeedsResult, service: str) -> HostResult:
    return next(h for one in result.needs for h in one.hosts if h.host.service == service)


def test_a_sound_vpc_gives_what_is_needed() -> None:
    result = judged(s.sound(), "ecr", "amazon-linux-2023")
    assert result.verdict is Verdict.OK
    assert bucket(result, LAYERS).certainty is Certainty.CONDITIONAL  # nobody shows us that bucket's policy
    assert not result.mendings
    assert not result.endpoints
    assert host(result, "ecr.api").component == s.NAT


def test_an_endpoint_policy_for_the_organization_breaks_image_pulls_and_package_repositories() -> None:
    made = with_endpoint_policy(s.sound(), only_own_organization())
    result = judged(made, "ecr", "amazon-linux-1", "amazon-linux-2", "amazon-linux-2023")
    assert result.verdict is Verdict.DENIED
    for name in (LAYERS, REPOSITORY, "packages.eu-west-1.amazonaws.com", "amazonlinux-2-repos-eu-west-1"):
        found = bucket(result, name)
        assert found.verdict is Verdict.DENIED
        assert found.finding is not None
        assert found.finding.code == BLOCKS
        assert found.finding.component.id == s.ENDPOINT
        assert found.because is not None
        assert found.because.code == "endpoint-policy.condition-fails"
    assert bucket(result, LAYERS).certainty is Certainty.PROVEN


def test_the_statement_mends_it_and_that_is_proven() -> None:
    made = with_endpoint_policy(s.sound(), only_own_organization())
    result = judged(made, "ecr", "amazon-linux-2023")
    (mending,) = result.mendings
    assert mending.endpoint == s.ENDPOINT
    assert mending.mends
    assert mending.statements[0].row() == {
        "Sid": "AllowNeededForEcr",
        "Effect": "Allow",
        "Principal": "*",
        "Action": ["s3:GetObject"],
        "Resource": [f"arn:aws:s3:::{LAYERS}/*"],
    }
    required = [text for one in mending.statements if one.required for text in one.resources]
    assert required == [f"arn:aws:s3:::{LAYERS}/*", f"arn:aws:s3:::{REPOSITORY}/*"]
    world = with_policy(made.world(), s.ENDPOINT, mending.policy)
    after = judge_needs(parse_question(s.question()), world, ["ecr", "amazon-linux-2023"], policies=True)
    assert after.verdict is Verdict.OK
    assert not after.mendings


def test_one_statement_alone_mends_one_need_alone() -> None:
    made = with_endpoint_policy(s.sound(), only_own_organization())
    (mending,) = judged(made, "ecr").mendings
    world = with_policy(made.world(), s.ENDPOINT, mending.policy)
    after = judge_needs(parse_question(s.question()), world, ["ecr", "amazon-linux-2023"], policies=True)
    assert bucket(after, LAYERS).verdict is Verdict.OK
    assert bucket(after, REPOSITORY).verdict is Verdict.DENIED


def test_the_old_statements_stay() -> None:
    document = only_own_organization()
    document["Statement"] = document["Statement"][0]  # AWS takes a single statement without a list
    (mending,) = judged(with_endpoint_policy(s.sound(), document), "ecr").mendings
    policy = json.loads(mending.policy)
    assert policy["Version"] == "2012-10-17"
    assert [one["Sid"] for one in policy["Statement"]] == ["Ours", "AllowNeededForEcr"]


def test_a_policy_that_names_the_bucket_lets_it_through() -> None:
    document = only_own_organization()
    document["Statement"].append(statement(Sid="Layers", Resource=f"arn:aws:s3:::{LAYERS}/*"))
    result = judged(with_endpoint_policy(s.sound(), document), "ecr")
    assert result.verdict is Verdict.OK


def test_a_deny_is_not_mended_by_an_allow() -> None:
    condition = {"StringNotEquals": {"aws:PrincipalOrgID": ORGANIZATION}}
    document = {
        "Statement": [statement(), statement(Sid="Fence", Effect="Deny", Condition=condition)],
    }
    result = judged(with_endpoint_policy(s.sound(), document), "ecr")
    assert bucket(result, LAYERS).verdict is Verdict.DENIED
    (mending,) = result.mendings
    assert not mending.mends
    assert mending.left == (LAYERS,)


def test_an_endpoint_policy_for_own_resources_refuses_what_aws_owns() -> None:
    condition = {"StringEquals": {"aws:ResourceAccount": s.ACCOUNT}}
    made = with_endpoint_policy(s.sound(), {"Statement": [statement(Condition=condition)]})
    result = judged(made, "codedeploy", "ssm")
    assert bucket(result, "aws-codedeploy-eu-west-1").verdict is Verdict.DENIED
    assert bucket(result, "aws-ssm-eu-west-1").verdict is Verdict.DENIED


def test_custom_resources_are_answered_by_put() -> None:
    document = {"Statement": [statement(Action="s3:GetObject")]}
    result = judged(with_endpoint_policy(s.sound(), document), "cloudformation")
    name = "cloudformation-custom-resource-response-euwest1"
    assert bucket(result, name).verdict is Verdict.DENIED
    assert result.mendings[0].statements[0].actions == ("s3:PutObject",)


def test_what_leaves_by_nat_knows_no_endpoint_policy() -> None:
    made = with_endpoint_policy(s.sound(), only_own_organization())
    without_endpoint_route(made)
    result = judged(made, "ecr")
    assert bucket(result, LAYERS).verdict is Verdict.BYPASS
    assert result.verdict is Verdict.BYPASS
    assert not result.mendings


def test_without_policies_only_the_network_is_judged() -> None:
    result = judged(with_endpoint_policy(s.sound(), only_own_organization()), "ecr", policies=False)
    assert result.verdict is Verdict.OK


def test_a_name_only_aws_knows_is_open_where_the_policy_may_list_it() -> None:
    name = "assets-{service_account}-eu-west-1"
    free = bucket(judged(s.sound(), "codeartifact"), name)
    assert free.verdict is Verdict.OK  # whatever the name
    assert free.certainty is Certainty.SUSPECT
    fenced = judged(with_endpoint_policy(s.sound(), only_own_organization()), "codeartifact")
    assert bucket(fenced, name).verdict is Verdict.UNKNOWN
    assert bucket(fenced, name).unknowns[0].code == "unknown.needed-bucket-name"
    assert not fenced.mendings  # no name is guessed


def test_a_bucket_without_region_in_its_name_may_be_anywhere() -> None:
    result = judged(s.sound(), "aws-cli")
    assert result.verdict is Verdict.UNKNOWN
    assert bucket(result, "aws-cli").unknowns[0].code == "unknown.resource-region"


def test_optional_items_count_for_no_verdict() -> None:
    document = {"Statement": [statement(NotResource="arn:aws:s3:::al2023-eu-west-1/*")]}
    del document["Statement"][0]["Resource"]
    result = judged(with_endpoint_policy(s.sound(), document), "amazon-linux-2023")
    assert bucket(result, "al2023-eu-west-1").verdict is Verdict.DENIED
    assert result.verdict is Verdict.OK
    assert [one.required for one in result.mendings[0].statements] == [False]


def test_plain_http_needs_its_own_port() -> None:
    made = s.sound()
    egress(made, s.permission("tcp", 443, cidrs=["0.0.0.0/0"]))
    result = judged(made, "amazon-linux-2")
    by_port = {b.bucket.port: b.verdict for b in result.needs[0].buckets if "amazonlinux." in b.name}
    assert by_port == {443: Verdict.OK, 80: Verdict.BLOCKED}
    assert result.verdict is Verdict.OK


def test_the_services_role_must_only_pass_what_stands_between() -> None:
    document = {"Statement": [statement(Resource="arn:aws:s3:::data/*")]}
    result = judged(with_endpoint_policy(s.sound(), document), "sagemaker-jumpstart")
    found = bucket(result, "jumpstart-cache-prod-eu-west-1")
    assert found.verdict is Verdict.DENIED
    assert found.resources == (
        "arn:aws:s3:::jumpstart-cache-prod-eu-west-1/*",
        "arn:aws:s3:::jumpstart-cache-prod-eu-west-1",
    )
    assert result.mendings[0].mends


def test_an_interface_endpoint_for_s3_has_a_policy_of_its_own() -> None:
    document = json.dumps(only_own_organization())
    made = with_interface_endpoint(s.sound(), "s3", PolicyDocument=document)
    result = judged(made, "ecr")
    found = bucket(result, LAYERS)
    assert (found.verdict, found.refused_at) == (Verdict.DENIED, "vpce-0c2")
    (mending,) = result.mendings
    assert (mending.endpoint, mending.mends) == ("vpce-0c2", True)
    mended = with_policy(made.world(), mending.endpoint, mending.policy)
    after = judge_needs(parse_question(s.question()), mended, ["ecr"], policies=True)
    assert bucket(after, LAYERS).verdict is Verdict.BYPASS


def test_what_the_instances_role_lacks_an_agent_fetches_without_signature() -> None:
    made = managed("AmazonS3ReadOnlyAccess")  # its recorded document allows ssm:* only
    assert bucket(judged(made, "ssm"), "aws-ssm-eu-west-1").verdict is Verdict.OK
    needs_role = bucket(judged(made, "nitro-enclaves"), "aws-ec2-enclave-certificate-eu-west-1-prod")
    assert needs_role.because is not None
    assert needs_role.because.check == "identity-policy"


def test_in_another_partition_the_page_says_nothing() -> None:
    made = s.sound()
    text = "\n".join(line.decode() for line in made.lines()).replace(s.REGION, "us-gov-west-1")
    from gatepath.snapshot.load import load_world
    from gatepath.snapshot.record import decode_line

    records = [
        decode_line(line.encode(), number, str(number)) for number, line in enumerate(text.splitlines())
    ]
    asked = parse_question({"source": {"instance": s.INSTANCE}, "service": "s3"})
    result = judge_needs(asked, load_world(records), ["ecr"], policies=True)
    found = result.needs[0].buckets[0]
    assert found.verdict is Verdict.UNKNOWN
    assert found.unknowns[0].code == "unknown.needed-bucket-partition"


# ------------------------------------------------------------------------------------------------ hosts


def test_without_a_default_route_hosts_have_no_way() -> None:
    result = judged(without_nat(s.sound()), "ecr")
    api = host(result, "ecr.api")
    assert api.verdict is Verdict.BLOCKED
    assert api.finding is not None
    assert api.finding.code == NO_WAY
    assert api.finding.component.id == s.PRIVATE_TABLE
    assert api.because is not None
    assert api.because.code == "route.no-route"
    assert {trial.service_name: trial.verified for trial in result.endpoints} == {
        "com.amazonaws.eu-west-1.ecr.api": True,
        "com.amazonaws.eu-west-1.ecr.dkr": True,
    }
    assert bucket(result, LAYERS).verdict is Verdict.OK  # the gateway endpoint still serves S3


@pytest.mark.parametrize("names", [(), ("api.ecr.eu-west-1.amazonaws.com",)], ids=["unlisted", "listed"])
def test_an_interface_endpoint_is_a_way(names: tuple[str, ...]) -> None:
    result = judged(with_interface_endpoint(without_nat(s.sound()), "ecr.api", *names), "ecr")
    api = host(result, "ecr.api")
    assert (api.verdict, api.way, api.component) == (Verdict.OK, "interface-endpoint", "vpce-0c2")
    assert [trial.service_name for trial in result.endpoints] == ["com.amazonaws.eu-west-1.ecr.dkr"]


def test_a_wildcard_name_covers_the_registry() -> None:
    made = with_interface_endpoint(without_nat(s.sound()), "ecr.dkr", "*.dkr.ecr.eu-west-1.amazonaws.com")
    found = host(judged(made, "ecr"), "ecr.dkr")
    assert (found.verdict, found.name) == (Verdict.OK, "111122223333.dkr.ecr.eu-west-1.amazonaws.com")


def test_the_endpoints_own_group_must_admit_the_source() -> None:
    made = with_interface_endpoint(s.sound(), "sts", ingress=False)  # NAT doesn't help: the name leads there
    result = judged(made, "sts")
    sts = host(result, "sts")
    assert sts.verdict is Verdict.BLOCKED
    assert sts.because is not None
    assert (sts.because.code, sts.because.component.id) == ("security-group.no-ingress", GROUP)
    assert not result.endpoints  # there is one, to be put right


def test_private_dns_off_leaves_the_public_way() -> None:
    made = with_interface_endpoint(s.sound(), "sts", PrivateDnsEnabled=False)
    assert host(judged(made, "sts"), "sts").component == s.NAT
    lost = judged(without_nat(made), "sts")
    found = host(lost, "sts").finding
    assert found is not None
    assert dict(found.arguments)["private_dns_off"] == ("vpce-0c2",)
    assert not lost.endpoints


def test_an_endpoint_that_is_not_available_is_no_way() -> None:
    made = with_interface_endpoint(without_nat(s.sound()), "kms", State="pending")
    found = host(judged(made, "kms"), "kms")
    assert found.verdict is Verdict.BLOCKED
    assert found.finding is not None
    assert dict(found.finding.arguments)["not_available"] == ("vpce-0c2 (pending)",)


def test_groups_that_let_out_to_s3_only_keep_other_hosts_away() -> None:
    made = s.sound()
    egress(made, s.permission("tcp", 443, lists=[s.S3_LIST]))
    result = judged(made, "ecr")
    api = host(result, "ecr.api")
    assert api.because is not None
    assert (api.verdict, api.because.code) == (Verdict.BLOCKED, "security-group.no-egress")
    assert bucket(result, LAYERS).verdict is Verdict.OK
    trial = result.endpoints[0]  # an endpoint alone would not help: the group lets nothing out to it
    assert trial.because is not None
    assert (trial.verified, trial.because.code) == (False, "security-group.no-egress")


def test_an_endpoint_without_private_dns_in_the_vpc_would_not_help() -> None:
    made = without_nat(s.sound())
    attribute = {"VpcId": s.VPC, "Attribute": "enableDnsHostnames"}
    made.replace_call(
        "ec2.DescribeVpcAttribute",
        attribute,
        response={"VpcId": s.VPC, "EnableDnsHostnames": {"Value": False}},
    )
    (trial,) = judged(made, "sts").endpoints
    assert not trial.verified


def test_where_only_some_public_addresses_pass_the_answer_is_open() -> None:
    made = s.sound()
    entries = [s.entry(100, egress=True, **s.tcp("52.0.0.0/8", 443, 443)), s.entry(100, egress=False)]
    own_acl(made, entries)
    found = host(judged(made, "sts"), "sts")
    assert found.verdict is Verdict.UNKNOWN
    assert [one.code for one in found.unknowns] == ["unknown.needed-host-addresses"]


def test_unrecorded_endpoints_leave_hosts_open() -> None:
    made = s.sound()
    del made.lists["ec2.DescribeVpcEndpoints"]
    found = host(judged(made, "sts"), "sts")
    assert found.verdict is Verdict.UNKNOWN
    assert found.unknowns[0].code == "unknown.needed-host-endpoint"


def test_needs_of_a_workload_that_asks_dynamodb() -> None:
    client = {"region": s.REGION}
    result = judged(s.sound(), "ecr", service="dynamodb", client=client, action=None, resource=None)
    assert result.verdict is Verdict.OK


def test_an_unknown_need_is_an_error() -> None:
    with pytest.raises(KeyError):
        judged(s.sound(), "teapot")


# ---------------------------------------------------------------------------------------------- guessing


def tagged(key: str) -> Snapshot:
    made = s.sound()
    row = made.rows("ec2.DescribeInstances")[0]["Instances"][0]
    row["Tags"] = [{"Key": "Name", "Value": "kubernetes.io/cluster"}, {"Key": key, "Value": "x"}]
    return made


@pytest.mark.parametrize(
    ("tag", "need"),
    [
        ("kubernetes.io/cluster/prod", "eks"),
        ("eks:nodegroup-name", "eks"),
        ("aws:elasticmapreduce:job-flow-id", "emr"),
        ("elasticbeanstalk:environment-name", "elastic-beanstalk"),
    ],
)
def test_tags_of_aws_tell_the_workload(tag: str, need: str) -> None:
    result = judged(tagged(tag), "auto")
    assert [one.need.name for one in result.needs] == [need]
    (guess,) = result.guesses
    assert (guess.need, guess.code, dict(guess.arguments)["tag"]) == (need, "assumption.needs-tag", tag)


def test_nothing_is_guessed_of_a_plain_instance() -> None:
    result = judged(tagged("kubernetes"), "auto")
    assert result.auto
    assert not result.needs
    assert result.verdict is Verdict.OK


def test_what_is_named_is_no_guess() -> None:
    result = judged(tagged("eks:nodegroup-name"), "auto", "eks", "sts")
    assert [one.need.name for one in result.needs] == ["eks", "sts"]
    assert not result.guesses


def test_a_pod_needs_its_registry() -> None:
    source = {"eks_pod": {"node": s.INSTANCE}}
    result = judged(s.sound(), "auto", source=source)
    assert [guess.code for guess in result.guesses] == ["assumption.needs-pod"]
    assert bucket(result, LAYERS).verdict is Verdict.OK


@pytest.mark.parametrize("kind", ["ecs_task", "ecs_service"])
def test_a_task_needs_its_registry(kind: str) -> None:
    asked = parse_question({"source": {kind: "cluster/web"}, "service": "s3"})
    assert [(guess.need, guess.code) for guess in guesses(asked, s.sound().world())] == [
        ("ecs", "assumption.needs-task")
    ]


def test_what_is_given_of_ones_own_request_holds_for_ones_own_role_only() -> None:
    made = with_endpoint_policy(s.sound(), only_own_organization())
    given = {"aws:PrincipalOrgID": ORGANIZATION}
    result = judged(made, "sagemaker-jumpstart", "ecr", context=given)
    assert bucket(result, "jumpstart-cache-prod-eu-west-1").verdict is Verdict.OK
    assert bucket(result, LAYERS).verdict is Verdict.DENIED


def managed(policy: str) -> Snapshot:
    made = s.sound()
    row = made.rows("ec2.DescribeInstances")[0]["Instances"][0]
    profile = f"arn:aws:iam::{s.ACCOUNT}:instance-profile/web"
    row["IamInstanceProfile"] = {"Arn": profile, "Id": "AIPA0"}
    role = {
        "RoleName": "web",
        "RoleId": "AROA0",
        "Arn": f"arn:aws:iam::{s.ACCOUNT}:role/web",
        "Path": "/",
        "AssumeRolePolicyDocument": {},
        "CreateDate": "2026-01-01T00:00:00Z",
    }
    place = {"region": "aws-global"}
    answer = {"InstanceProfile": {"InstanceProfileName": "web", "Arn": profile, "Roles": [role]}}
    made.add_call("iam", "GetInstanceProfile", {"InstanceProfileName": "web"}, response=answer, **place)
    made.add_call("iam", "GetRole", {"RoleName": "web"}, response={"Role": role}, **place)
    made.add_call("iam", "ListRolePolicies", {"RoleName": "web"}, response={"PolicyNames": []}, **place)
    attached = [{"PolicyName": policy, "PolicyArn": f"arn:aws:iam::aws:policy/{policy}"}]
    made.add_call(
        "iam",
        "ListAttachedRolePolicies",
        {"RoleName": "web"},
        response={"AttachedPolicies": attached},
        **place,
    )
    arn = attached[0]["PolicyArn"]
    made.add_call(
        "iam",
        "GetPolicy",
        {"PolicyArn": arn},
        response={"Policy": {"Arn": arn, "DefaultVersionId": "v1"}},
        **place,
    )
    document = {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Action": "ssm:*", "Resource": "*"}],
    }
    made.add_call(
        "iam",
        "GetPolicyVersion",
        {"PolicyArn": arn, "VersionId": "v1"},
        response={"PolicyVersion": {"Document": document, "VersionId": "v1"}},
        **place,
    )
    return made


def test_a_role_of_systems_manager_tells_a_managed_instance() -> None:
    result = judged(managed("AmazonSSMManagedInstanceCore"), "auto")
    assert [guess.need for guess in result.guesses] == ["ssm"]
    assert not judged(managed("AmazonS3ReadOnlyAccess"), "auto").guesses


# --------------------------------------------------------------------------------------- odd policies


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "[]",
        "null",
        '"x"',
        '{"Statement": 5}',
        '{"Statement": [5, null]}',
        '{"Version": "2012-10-17"}',
    ],
)
def test_a_policy_that_is_none_is_no_crash(text: str) -> None:
    made = s.sound()
    made.rows("ec2.DescribeVpcEndpoints")[0]["PolicyDocument"] = text
    result = judged(made, "ecr")
    assert bucket(result, LAYERS).verdict in {Verdict.OK, Verdict.DENIED, Verdict.UNKNOWN}
    for mending in result.mendings:
        assert json.loads(mending.policy)["Statement"]


def test_a_policy_that_would_get_too_long_is_named() -> None:
    document = only_own_organization()
    document["Statement"] += [
        statement(Sid=f"S{number}", Resource=f"arn:aws:s3:::{'b' * 60}{number}/*") for number in range(150)
    ]
    (mending,) = judged(with_endpoint_policy(s.sound(), document), "ecr").mendings
    assert mending.mends
    assert mending.too_long
    (short,) = judged(with_endpoint_policy(s.sound(), only_own_organization()), "ecr").mendings
    assert not short.too_long
