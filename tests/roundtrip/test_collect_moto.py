"""The collector against a simulated AWS over real HTTP."""

import io
import json
import zipfile
from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from demo.aws_truth import running_server
from demo.vpc import BUCKET, REGION, Builder, Demo

from gatepath.collect.live import record_for_question, record_regions
from gatepath.collect.session import SessionOptions
from gatepath.model.question import Client, Question, Source, SourceKind

Record = dict[str, Any]
NONE_THERE = {
    "AWSOrganizationsNotInUseException",
    "NoSuchBucketPolicy",
    "NoSuchPublicAccessBlockConfiguration",
    "OwnershipControlsNotFoundError",
    "ServerSideEncryptionConfigurationNotFoundError",
}


@pytest.fixture(autouse=True)
def _environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in (
        "AWS_PROFILE",
        "AWS_SESSION_TOKEN",
        "HTTP_PROXY",
        "HTTPS_PROXY",
        "http_proxy",
        "https_proxy",
    ):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "demo")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "demo")
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_CONFIG_FILE", "/nonexistent")


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    with running_server() as address:
        yield address


@pytest.fixture(scope="module")
def demo(url: str) -> Demo:
    return Builder(url).build()


def options(url: str, **more: str) -> SessionOptions:
    return SessionOptions(endpoint_url=url, region=REGION, **more)  # type: ignore[arg-type] # text options only


def record(question: Question, url: str, **more: str) -> list[Record]:
    records: list[Record] = []
    record_for_question(question, options(url, **more), lambda _: None, records.append)
    return json.loads(json.dumps(records))  # type: ignore[no-any-return] # must be plain JSON


def ask_instance(demo: Demo) -> Question:
    return Question(
        source=Source(kind=SourceKind.INSTANCE, id=demo.instance),
        service="s3",
        resource=f"arn:aws:s3:::{BUCKET}/k",
        client=Client(region=REGION),
    )


def named(records: list[Record], operation: str) -> list[Record]:
    return [record for record in records if record["operation"] == operation]


def test_a_question_is_recorded_with_all_it_needs(url: str, demo: Demo) -> None:
    records = record(ask_instance(demo), url)
    operations = {record["operation"] for record in records}
    assert operations >= {
        "GetCallerIdentity",
        "DescribeInstances",
        "DescribeNetworkInterfaces",
        "DescribeSubnets",
        "DescribeVpcs",
        "DescribeVpcAttribute",
        "DescribeDhcpOptions",
        "DescribeSecurityGroups",
        "DescribeNetworkAcls",
        "DescribeRouteTables",
        "DescribeVpcEndpoints",
        "DescribePrefixLists",
        "DescribeManagedPrefixLists",
        "GetManagedPrefixListEntries",
        "ListHostedZonesByVPC",
        "ListResourceRecordSets",
        "ListResolverRules",
        "ListResolverRuleAssociations",
        "ListFirewallRuleGroupAssociations",
        "HeadBucket",
        "GetBucketLocation",
    }
    assert "DescribeNatGateways" not in operations
    assert {record["error"]["Code"] for record in records if "error" in record} <= NONE_THERE


def test_lists_are_scoped_to_the_vpc_and_answers_are_as_boto3_gives_them(url: str, demo: Demo) -> None:
    records = record(ask_instance(demo), url)
    (tables,) = named(records, "DescribeRouteTables")
    assert tables["request"] == {"Filters": [{"Name": "vpc-id", "Values": [demo.vpc]}]}
    assert {table["VpcId"] for table in tables["response"]["RouteTables"]} == {demo.vpc}
    (instances,) = named(records, "DescribeInstances")
    launched = instances["response"]["Reservations"][0]["Instances"][0]["LaunchTime"]
    assert launched.endswith("Z")
    assert all("ResponseMetadata" not in record.get("response", {}) for record in records)
    (head,) = named(records, "HeadBucket")
    assert head["http"] == {"status": 200, "headers": {"x-amz-bucket-region": REGION}}
    (zones,) = named(records, "ListHostedZonesByVPC")
    assert zones["region"] == "aws-global"


def test_a_bucket_elsewhere_shows_its_region_in_the_first_answer(url: str, demo: Demo) -> None:
    keys = {"aws_access_key_id": "demo", "aws_secret_access_key": "demo"}
    s3 = boto3.client("s3", region_name="eu-west-2", endpoint_url=url, **keys)  # type: ignore[call-overload] # stubs
    s3.create_bucket(Bucket="elsewhere", CreateBucketConfiguration={"LocationConstraint": "eu-west-2"})
    question = Question(source=ask_instance(demo).source, service="s3", resource="arn:aws:s3:::elsewhere/k")
    records = record(question, url)
    (head,) = named(records, "HeadBucket")
    assert head["error"]["Code"] == "301"
    assert head["http"] == {"status": 301, "headers": {"x-amz-bucket-region": "eu-west-2"}}
    assert {item["region"] for item in named(records, "DescribePrefixLists")} == {REGION, "eu-west-2"}
    assert {item["region"] for item in named(records, "GetBucketPolicy")} == {"eu-west-2"}


def test_a_bucket_that_does_not_exist_is_404(url: str, demo: Demo) -> None:
    question = Question(
        source=ask_instance(demo).source, service="s3", resource="arn:aws:s3:::not-there-at-all/k"
    )
    (head,) = named(record(question, url), "HeadBucket")
    assert head["http"]["status"] == 404


def test_a_role_of_another_account_records_that_account(url: str, demo: Demo) -> None:
    role = "arn:aws:iam::210987654321:role/reader"
    records = record(ask_instance(demo), url, role_arn=role, session_name="test", external_id="x-1")
    assert {item["account"] for item in records} == {"210987654321"}
    (instances,) = named(records, "DescribeInstances")
    assert instances["error"]["Code"] == "InvalidInstanceID.NotFound"


def test_a_lambda_function_is_followed_to_its_vpc_without_its_secrets(url: str, demo: Demo) -> None:
    def client(service: str) -> Any:
        session = boto3.Session(region_name=REGION, aws_access_key_id="demo", aws_secret_access_key="demo")  # noqa: S106 - any will do
        return session.client(service, endpoint_url=url)  # type: ignore[call-overload] # any service

    principal = {"Service": "lambda.amazonaws.com"}
    trust = {"Statement": [{"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole"}]}
    role = client("iam").create_role(RoleName="fn", AssumeRolePolicyDocument=json.dumps(trust))["Role"]["Arn"]
    code = io.BytesIO()
    with zipfile.ZipFile(code, "w") as archive:
        archive.writestr("m.py", "def h(e, c): return 1")
    client("lambda").create_function(
        FunctionName="f",
        Runtime="python3.12",
        Role=role,
        Handler="m.h",
        Code={"ZipFile": code.getvalue()},
        VpcConfig={"SubnetIds": [demo.subnet], "SecurityGroupIds": [demo.group]},
        Environment={"Variables": {"PASSWORD": "hunter2", "https_proxy": "http://10.20.9.9:3128"}},
    )
    records = record(Question(source=Source(kind=SourceKind.LAMBDA, id="f"), service="s3"), url)
    (function,) = named(records, "GetFunctionConfiguration")
    assert function["response"]["VpcConfig"]["VpcId"] == demo.vpc
    assert function["response"]["Environment"]["Variables"] == {"https_proxy": "http://10.20.9.9:3128"}
    assert "hunter2" not in json.dumps(records)
    assert named(records, "DescribeRouteTables")[0]["request"]["Filters"][0]["Values"] == [demo.vpc]
    assert [item["request"] for item in named(records, "GetRole")] == [{"RoleName": "fn"}]


def test_whole_regions_are_recorded_with_unfiltered_lists(url: str, demo: Demo) -> None:
    records: list[Record] = []
    done = record_regions(
        options(url), (REGION, "eu-west-2"), lambda _: None, records.append, buckets=(BUCKET,)
    )
    assert done.account == "123456789012"
    for region in (REGION, "eu-west-2"):
        tables = [item for item in named(records, "DescribeRouteTables") if item["region"] == region]
        assert [item["request"] for item in tables] == [{}]
    assert {"VpcId": demo.vpc, "Attribute": "enableDnsSupport"} in [
        item["request"] for item in named(records, "DescribeVpcAttribute")
    ]
    assert named(records, "HeadBucket")[0]["request"] == {"Bucket": BUCKET}
    assert {"PrefixListId": demo.prefix_list} in [
        item["request"] for item in named(records, "GetManagedPrefixListEntries")
    ]


def test_all_enabled_regions_can_be_asked_for(url: str) -> None:
    from gatepath.collect.answers import Answer, Answers, ask
    from gatepath.collect.plan_regions import enabled_regions

    answers = Answers()
    regions = {"Regions": [{"RegionName": "eu-west-1"}, {"RegionName": "us-east-1"}, {}]}
    answers.add(Answer(call=ask(REGION, "ec2.DescribeRegions"), response=regions))
    assert enabled_regions(answers) == ("eu-west-1", "us-east-1")
