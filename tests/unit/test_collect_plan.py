"""Which calls come next: the plan is pure, so a dictionary of answers is all it takes."""

import re
from collections.abc import Mapping
from pathlib import Path

from gatepath.collect import plan_network
from gatepath.collect.answers import Answer, Answers, ApiCall, ask
from gatepath.collect.needed import actions_of
from gatepath.collect.plan import plan_for_question
from gatepath.collect.plan_names import zone_could_match
from gatepath.collect.plan_network import ecs_name
from gatepath.collect.plan_regions import plan_for_regions
from gatepath.model.question import Client, Principal, Question, Source, SourceKind
from gatepath.snapshot.calls import CALLS

NOT_PLANNED = {
    "ec2.DescribeTransitGateways",
    "ec2.DescribeSecurityGroupRules",
    "route53profiles.ListProfileResourceAssociations",
}
"""Refining calls that nothing reads yet."""
HOME, ACCOUNT, VPC = "eu-west-1", "111122223333", "vpc-1"
INSTANCE = Question(source=Source(kind=SourceKind.INSTANCE, id="i-1"), service="s3")
VPC_FILTER = [{"Name": "vpc-id", "Values": [VPC]}]


def rounds(question: Question, world: Mapping[str, object], *, policies: bool = False) -> list[list[ApiCall]]:
    """Play the plan against `world`: call name, or call name with its arguments, to response or error code."""
    answers, stages = Answers(), []
    while calls := plan_for_question(
        question, region=HOME, account=ACCOUNT, answers=answers, policies=policies
    ):
        stages.append(list(calls))
        for call in calls:
            said = world.get(f"{call.name} {call.arguments}", world.get(call.name, {}))
            error = said if isinstance(said, str) else ""
            answers.add(Answer(call=call, response={} if error else said, error=error))  # type: ignore[arg-type]
        assert len(stages) < 15, "a plan must come to an end"
    return stages


def names(stages: list[list[ApiCall]]) -> set[str]:
    return {call.name for stage in stages for call in stage}


def instance_world(**routes: object) -> dict[str, object]:
    return {
        "ec2.DescribeInstances": {"Reservations": [{"Instances": [{"InstanceId": "i-1", "VpcId": VPC}]}]},
        "ec2.DescribeRouteTables": {
            "RouteTables": [{"RouteTableId": "rtb-1", "VpcId": VPC, "Routes": [routes]}]
        },
        "ec2.DescribeVpcs": {"Vpcs": [{"VpcId": VPC, "DhcpOptionsId": "dopt-1"}]},
    }


def test_the_source_comes_first_then_its_vpc_by_filter() -> None:
    stages = rounds(INSTANCE, instance_world())
    assert ask(HOME, "ec2.DescribeInstances", InstanceIds=["i-1"]) in stages[0]
    assert "ec2.DescribeRouteTables" not in {call.name for call in stages[0]}
    second = set(stages[1])
    for name in (
        "Subnets",
        "RouteTables",
        "NetworkAcls",
        "SecurityGroups",
        "VpcEndpoints",
        "NetworkInterfaces",
    ):
        assert ask(HOME, f"ec2.Describe{name}", Filters=VPC_FILTER) in second
    assert ask(HOME, "ec2.DescribeVpcAttribute", VpcId=VPC, Attribute="enableDnsSupport") in second
    assert ask(HOME, "ec2.DescribeDhcpOptions", DhcpOptionsIds=["dopt-1"]) in stages[2]


def test_nothing_onward_is_asked_without_a_route_that_leads_there() -> None:
    found = names(rounds(INSTANCE, instance_world(GatewayId="local")))
    assert not found & {
        "ec2.DescribeNatGateways",
        "ec2.DescribeInternetGateways",
        "ec2.DescribeTransitGatewayRouteTables",
        "ec2.DescribeVpcPeeringConnections",
        "ec2.DescribeVpcBlockPublicAccessOptions",
    }


def test_a_route_to_a_nat_gateway_leads_to_the_nat_gateways_of_the_vpc() -> None:
    stages = rounds(INSTANCE, instance_world(NatGatewayId="nat-1"))
    assert ask(HOME, "ec2.DescribeNatGateways", Filter=VPC_FILTER) in stages[2]
    assert "ec2.DescribeVpcBlockPublicAccessOptions" in names(stages)


def test_a_peering_route_leads_to_the_peer_vpc_of_the_same_account_only() -> None:
    world = instance_world(VpcPeeringConnectionId="pcx-1")
    world["ec2.DescribeVpcPeeringConnections"] = {
        "VpcPeeringConnections": [
            {
                "RequesterVpcInfo": {"VpcId": VPC, "OwnerId": ACCOUNT, "Region": HOME},
                "AccepterVpcInfo": {"VpcId": "vpc-2", "OwnerId": ACCOUNT, "Region": HOME},
            },
            {"AccepterVpcInfo": {"VpcId": "vpc-3", "OwnerId": "999999999999", "Region": HOME}},
        ]
    }
    asked = {
        call.arguments
        for stage in rounds(INSTANCE, world)
        for call in stage
        if call.operation == "DescribeVpcs"
    }
    assert asked == {'{"VpcIds": ["vpc-1"]}', '{"VpcIds": ["vpc-2"]}'}


def test_a_transit_gateway_route_leads_to_its_tables_and_attached_vpcs() -> None:
    world = instance_world(TransitGatewayId="tgw-1")
    world["ec2.DescribeTransitGatewayRouteTables"] = {
        "TransitGatewayRouteTables": [
            {"TransitGatewayRouteTableId": "tgw-rtb-1", "TransitGatewayId": "tgw-1"},
            {"TransitGatewayRouteTableId": "tgw-rtb-9", "TransitGatewayId": "tgw-9"},
        ]
    }
    world["ec2.SearchTransitGatewayRoutes"] = {
        "Routes": [
            {
                "TransitGatewayAttachments": [
                    {"TransitGatewayAttachmentId": "tgw-attach-2", "ResourceType": "vpc"}
                ]
            }
        ]
    }
    calls = {call for stage in rounds(INSTANCE, world) for call in stage}
    tables = {
        call.request["TransitGatewayRouteTableId"] for call in calls if call.operation.startswith("Search")
    }
    assert tables == {"tgw-rtb-1"}
    assert (
        ask(HOME, "ec2.DescribeTransitGatewayVpcAttachments", TransitGatewayAttachmentIds=["tgw-attach-2"])
        in calls
    )


def test_prefix_lists_of_the_clients_region_are_asked_too() -> None:
    question = Question(source=INSTANCE.source, service="dynamodb", client=Client(region="us-east-1"))
    lists = {"PrefixLists": [{"PrefixListId": "pl-d", "PrefixListName": "com.amazonaws.us-east-1.dynamodb"}]}
    world = instance_world() | {"ec2.DescribeManagedPrefixLists": lists}
    calls = {call for stage in rounds(question, world) for call in stage}
    assert ask("us-east-1", "ec2.DescribePrefixLists") in calls
    assert ask("us-east-1", "ec2.GetManagedPrefixListEntries", PrefixListId="pl-d") in calls


def test_only_zones_that_could_hold_the_name_are_read() -> None:
    zones = [
        {"HostedZoneId": "Z1", "Name": "s3.eu-west-1.amazonaws.com."},
        {"HostedZoneId": "Z2", "Name": "amazonaws.com."},
        {"HostedZoneId": "Z3", "Name": "corp.example."},
        {"HostedZoneId": "Z4", "Name": "b.s3.eu-west-1.amazonaws.com."},
    ]
    world = instance_world() | {"route53.ListHostedZonesByVPC": {"HostedZoneSummaries": zones}}
    calls = {call for stage in rounds(INSTANCE, world) for call in stage}
    read = {call.request["HostedZoneId"] for call in calls if call.operation == "ListResourceRecordSets"}
    assert read == {"Z1", "Z2", "Z4"}
    assert zone_could_match("corp.example.", ("proxy.corp.example",))


def test_a_bucket_elsewhere_is_asked_in_its_own_region() -> None:
    answers = Answers()
    question = Question(
        source=Source(kind=SourceKind.EXTERNAL, id="laptop"), service="s3", resource="arn:aws:s3:::b/k"
    )
    first = plan_for_question(question, region=HOME, account=ACCOUNT, answers=answers)
    head = ask(HOME, "s3.HeadBucket", Bucket="b")
    assert head in first
    assert not any(call.operation == "GetBucketPolicy" for call in first)
    answers.add(Answer(call=head, response={}, error="301", headers={"x-amz-bucket-region": "eu-west-2"}))
    second = plan_for_question(question, region=HOME, account=ACCOUNT, answers=answers)
    assert ask("eu-west-2", "s3.GetBucketPolicy", Bucket="b") in second
    assert ask("eu-west-2", "ec2.DescribePrefixLists") in second


def test_a_bucket_that_does_not_exist_is_asked_no_further() -> None:
    question = Question(
        source=Source(kind=SourceKind.EXTERNAL, id="laptop"), service="s3", resource="arn:aws:s3:::b"
    )
    found = names(rounds(question, {"s3.HeadBucket": "404"}, policies=True))
    assert "s3.GetBucketPolicy" not in found


def test_policies_are_left_out_on_request() -> None:
    question = Question(
        source=INSTANCE.source, service="s3", principal=Principal(arn=f"arn:aws:iam::{ACCOUNT}:role/app")
    )
    assert not any(
        name.startswith(("iam.", "organizations.")) for name in names(rounds(question, instance_world()))
    )
    found = names(rounds(question, instance_world(), policies=True))
    assert {"iam.GetRole", "iam.ListRolePolicies", "organizations.DescribeOrganization"} <= found


def test_managed_policies_and_boundaries_are_followed() -> None:
    question = Question(
        source=INSTANCE.source,
        service="s3",
        principal=Principal(arn=f"arn:aws:sts::{ACCOUNT}:assumed-role/app/me"),
    )
    boundary, managed = f"arn:aws:iam::{ACCOUNT}:policy/boundary", f"arn:aws:iam::{ACCOUNT}:policy/managed"
    world = instance_world() | {
        "iam.GetRole": {"Role": {"PermissionsBoundary": {"PermissionsBoundaryArn": boundary}}},
        "iam.ListAttachedRolePolicies": {"AttachedPolicies": [{"PolicyArn": managed}]},
        "iam.ListRolePolicies": {"PolicyNames": ["inline"]},
        f'iam.GetPolicy {{"PolicyArn": "{managed}"}}': {"Policy": {"Arn": managed, "DefaultVersionId": "v3"}},
    }
    calls = {call for stage in rounds(question, world, policies=True) for call in stage}
    assert ask("", "iam.GetPolicy", PolicyArn=boundary) in calls
    assert ask("", "iam.GetPolicyVersion", PolicyArn=managed, VersionId="v3") in calls
    assert ask("", "iam.GetRolePolicy", RoleName="app", PolicyName="inline") in calls


def test_a_lambda_function_leads_to_its_subnets() -> None:
    question = Question(source=Source(kind=SourceKind.LAMBDA, id="f"), service="s3")
    world: dict[str, object] = {
        "lambda.GetFunctionConfiguration": {"VpcConfig": {"SubnetIds": ["subnet-1"], "VpcId": "vpc-wrong"}},
        "ec2.DescribeSubnets": {"Subnets": [{"SubnetId": "subnet-1", "VpcId": VPC}]},
    }
    calls = {call for stage in rounds(question, world) for call in stage}
    assert ask(HOME, "ec2.DescribeRouteTables", Filters=VPC_FILTER) in calls


def test_the_region_of_the_sources_arn_wins() -> None:
    arn = "arn:aws:lambda:ap-northeast-1:111122223333:function:f"
    question = Question(source=Source(kind=SourceKind.LAMBDA, id=arn), service="s3")
    stages = rounds(question, {})
    assert {call.region for call in stages[0]} == {"ap-northeast-1"}


def test_ecs_names() -> None:
    task = "arn:aws:ecs:eu-west-1:111122223333:task/prod/abc"
    assert ecs_name(task) == ("prod", task)
    assert ecs_name("prod/web") == ("prod", "web")
    assert ecs_name("web") == ("", "web")


def test_an_address_is_placed_by_the_subnets_that_hold_it() -> None:
    question = Question(source=Source(kind=SourceKind.IP, id="10.0.1.9"), service="s3")
    subnets = [
        {"SubnetId": "subnet-1", "VpcId": VPC, "CidrBlock": "10.0.1.0/24"},
        {"SubnetId": "subnet-2", "VpcId": "vpc-2", "CidrBlock": "10.0.2.0/24"},
        {"SubnetId": "subnet-3", "VpcId": "vpc-2", "CidrBlock": "rubbish"},
    ]
    calls = {
        call for stage in rounds(question, {"ec2.DescribeSubnets": {"Subnets": subnets}}) for call in stage
    }
    assert ask(HOME, "ec2.DescribeVpcs", VpcIds=[VPC]) in calls
    assert ask(HOME, "ec2.DescribeVpcs", VpcIds=["vpc-2"]) not in calls


def test_half_answers_do_not_derail_the_plan() -> None:
    rubbish = {
        "Reservations": ["x", {"Instances": 3}, {"Instances": [None, {"InstanceId": 5, "VpcId": ["v"]}]}]
    }
    rounds(
        INSTANCE,
        {"ec2.DescribeInstances": rubbish, "ec2.DescribeSubnets": {"Subnets": "none"}},
        policies=True,
    )


def test_whole_regions_are_listed_without_filters() -> None:
    answers = Answers()
    first = plan_for_regions(account=ACCOUNT, regions=(HOME, "eu-west-2"), buckets=(), answers=answers)
    for region in (HOME, "eu-west-2"):
        assert ask(region, "ec2.DescribeRouteTables") in first
        assert ask(region, "lambda.ListFunctions") in first
    answers.add(Answer(call=ask(HOME, "ec2.DescribeVpcs"), response={"Vpcs": [{"VpcId": VPC}]}))
    second = plan_for_regions(account=ACCOUNT, regions=(HOME, "eu-west-2"), buckets=(), answers=answers)
    assert ask("", "route53.ListHostedZonesByVPC", VPCId=VPC, VPCRegion=HOME) in second


def test_the_plan_makes_the_calls_of_the_table_and_no_others() -> None:
    folder = Path(plan_network.__file__).parent
    text = "".join(path.read_text("utf-8") for path in folder.glob("plan*.py"))
    written = set(re.findall(r'"([a-z0-9]+\.[A-Z][A-Za-z0-9]+)"', text)) | set(plan_network.VPC_LISTS)
    written |= {f"s3.{name}" for name in re.findall(r'"(GetB[A-Za-z]+|GetPublicAccessBlock)"', text)}
    by_kind = re.findall(r'"iam\.([A-Za-z]*\{kind\}[A-Za-z]*)"', text)
    written |= {
        f"iam.{name.replace('{kind}', kind)}" for name in by_kind for kind in ("Role", "User", "Group")
    }
    written |= {"sts.GetCallerIdentity"}
    assert set(CALLS) - written == NOT_PLANNED
    strangers = written - set(CALLS) - {"ec2.DescribeRegions", "iam.GetGroup"}
    assert all(actions_of(name) for name in strangers), strangers
