"""The plan of recording whole Regions: every list unfiltered, then what hangs on its rows. Pure."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from gatepath.collect import plan_rights
from gatepath.collect.answers import Answers, ApiCall, ask, objects, text, texts, unique
from gatepath.collect.plan_names import service_suffixes, vpc_attributes, zone_could_match
from gatepath.collect.plan_network import VPC_LISTS, transit_table
from gatepath.collect.view import View
from gatepath.model.naming import Arn
from gatepath.model.question import Question, Source, SourceKind

REGION_LISTS = (
    "ec2.DescribeVpcs",
    *VPC_LISTS,
    "ec2.DescribeInstances",
    "ec2.DescribeDhcpOptions",
    "ec2.DescribePrefixLists",
    "ec2.DescribeManagedPrefixLists",
    "ec2.DescribeNatGateways",
    "ec2.DescribeInternetGateways",
    "ec2.DescribeEgressOnlyInternetGateways",
    "ec2.DescribeVpcPeeringConnections",
    "ec2.DescribeTransitGatewayVpcAttachments",
    "ec2.DescribeTransitGatewayRouteTables",
    "ec2.DescribeVpcBlockPublicAccessOptions",
    "ec2.DescribeVpcBlockPublicAccessExclusions",
    "ec2.DescribeVpcEncryptionControls",
    "ec2.DescribeFlowLogs",
    "route53resolver.ListResolverRuleAssociations",
    "route53resolver.ListResolverRules",
    "route53resolver.ListFirewallRuleGroupAssociations",
    "route53profiles.ListProfileAssociations",
    "lambda.ListFunctions",
    "ecs.ListClusters",
    "eks.ListClusters",
    "dynamodb.ListTables",
)
"""Lists that every Region is asked for, without a filter."""

_ENDPOINT_SERVICES = ("s3", "dynamodb", "s3express")
_SERVICES_AT_ONCE, _TASKS_AT_ONCE = 10, 100


@dataclass(frozen=True, slots=True, kw_only=True)
class RegionsView:
    """What is to be recorded, and the answers so far."""

    account: str
    regions: tuple[str, ...]
    buckets: tuple[str, ...]
    answers: Answers


def _lists(view: RegionsView) -> Iterator[ApiCall]:
    for region in view.regions:
        for name in REGION_LISTS:
            yield ask(region, name)


def _vpcs(view: RegionsView) -> Iterator[ApiCall]:
    for region in view.regions:
        for row in view.answers.rows("ec2.DescribeVpcs", "Vpcs", region):
            vpc = text(row, "VpcId")
            yield from vpc_attributes(region, vpc)
            yield ask(region, "route53.ListHostedZonesByVPC", VPCId=vpc, VPCRegion=region)
    suffixes = tuple(suffix for region in view.regions for suffix in service_suffixes(region))
    for row in view.answers.rows("route53.ListHostedZonesByVPC", "HostedZoneSummaries"):
        if zone_could_match(text(row, "Name"), suffixes):
            yield ask("", "route53.ListResourceRecordSets", HostedZoneId=text(row, "HostedZoneId"))


def _prefix_lists(view: RegionsView) -> Iterator[ApiCall]:
    for region in view.regions:
        for row in view.answers.rows("ec2.DescribeManagedPrefixLists", "PrefixLists", region):
            name = text(row, "PrefixListName")
            if text(row, "OwnerId") != "AWS" or name.endswith(
                tuple(f".{service}" for service in _ENDPOINT_SERVICES)
            ):
                yield ask(region, "ec2.GetManagedPrefixListEntries", PrefixListId=text(row, "PrefixListId"))


def _firewalls(view: RegionsView) -> Iterator[ApiCall]:
    for region in view.regions:
        groups = view.answers.rows(
            "route53resolver.ListFirewallRuleGroupAssociations", "FirewallRuleGroupAssociations", region
        )
        for row in groups:
            group = text(row, "FirewallRuleGroupId")
            yield ask(region, "route53resolver.ListFirewallRules", FirewallRuleGroupId=group)
            yield ask(region, "route53resolver.GetFirewallConfig", ResourceId=text(row, "VpcId"))
        for row in view.answers.rows("route53resolver.ListFirewallRules", "FirewallRules", region):
            if domains := text(row, "FirewallDomainListId"):
                yield ask(region, "route53resolver.ListFirewallDomains", FirewallDomainListId=domains)


def _transit(view: RegionsView) -> Iterator[ApiCall]:
    for region in view.regions:
        tables = view.answers.rows(
            "ec2.DescribeTransitGatewayRouteTables", "TransitGatewayRouteTables", region
        )
        for row in tables:
            yield from transit_table(region, text(row, "TransitGatewayRouteTableId"))


def _workloads(view: RegionsView) -> Iterator[ApiCall]:
    for region in view.regions:
        for row in view.answers.rows("lambda.ListFunctions", "Functions", region):
            yield ask(region, "lambda.GetFunctionConfiguration", FunctionName=text(row, "FunctionName"))
        for name in _listed(view, "eks.ListClusters", "clusters", region):
            yield ask(region, "eks.DescribeCluster", name=name)
            yield ask(region, "eks.DescribeAddon", clusterName=name, addonName="vpc-cni")
        for cluster in _listed(view, "ecs.ListClusters", "clusterArns", region):
            yield ask(region, "ecs.ListServices", cluster=cluster)
            yield ask(region, "ecs.ListTasks", cluster=cluster)
        yield from _ecs(view, region)


def _ecs(view: RegionsView, region: str) -> Iterator[ApiCall]:
    for name, key, wanted, size in (
        ("ecs.ListServices", "serviceArns", "services", _SERVICES_AT_ONCE),
        ("ecs.ListTasks", "taskArns", "tasks", _TASKS_AT_ONCE),
    ):
        for page in view.answers.pages(name, region):
            arns = texts(page.response.get(key))
            for start in range(0, len(arns), size):
                chunk = list(arns[start : start + size])
                place = {"cluster": page.call.request.get("cluster")}
                yield ask(region, f"ecs.Describe{wanted.capitalize()}", **place, **{wanted: chunk})
    for name, key, field in (
        ("ecs.DescribeServices", "services", "taskDefinition"),
        ("ecs.DescribeTasks", "tasks", "taskDefinitionArn"),
    ):
        for definition in unique(text(row, field) for row in view.answers.rows(name, key, region)):
            yield ask(region, "ecs.DescribeTaskDefinition", taskDefinition=definition)


def _tables(view: RegionsView) -> Iterator[ApiCall]:
    for region in view.regions:
        for name in _listed(view, "dynamodb.ListTables", "TableNames", region):
            yield ask(region, "dynamodb.DescribeTable", TableName=name)
        for page in view.answers.pages("dynamodb.DescribeTable", region):
            table = page.response.get("Table")
            arn = text(table, "TableArn") if isinstance(table, dict) else ""
            if arn:
                yield ask(region, "dynamodb.GetResourcePolicy", ResourceArn=arn)


def _buckets(view: RegionsView) -> Iterator[ApiCall]:
    for bucket in view.buckets:
        question = Question(
            source=Source(kind=SourceKind.EXTERNAL, id=""),
            service="s3",
            resource=str(Arn("aws", "s3", "", "", bucket)),
        )
        one = View.of(question, view.regions[0], view.account, view.answers)
        yield from plan_rights.bucket_place(one)
        yield from plan_rights.bucket_policies(one)


def _account(view: RegionsView) -> Iterator[ApiCall]:
    yield ask("", "iam.GetAccountAuthorizationDetails")
    question = Question(source=Source(kind=SourceKind.EXTERNAL, id=""), service="s3")
    yield from plan_rights.guardrails(View.of(question, view.regions[0], view.account, view.answers))


def _listed(view: RegionsView, name: str, key: str, region: str) -> tuple[str, ...]:
    return unique(item for page in view.answers.pages(name, region) for item in texts(page.response.get(key)))


RULES: tuple[Callable[[RegionsView], Iterator[ApiCall]], ...] = (
    _lists,
    _vpcs,
    _prefix_lists,
    _firewalls,
    _transit,
    _workloads,
    _tables,
    _buckets,
    _account,
)


def plan_for_regions(
    *, account: str, regions: tuple[str, ...], buckets: tuple[str, ...], answers: Answers
) -> tuple[ApiCall, ...]:
    """Return the calls that come next, none if the recording is complete; `regions` has at least one."""
    view = RegionsView(account=account, regions=regions, buckets=buckets, answers=answers)
    wanted = dict.fromkeys(call for rule in RULES for call in rule(view))
    return tuple(call for call in wanted if not answers.asked(call))


def enabled_regions(answers: Answers) -> tuple[str, ...]:
    """Return the Regions that `ec2.DescribeRegions` named."""
    return unique(
        text(row, "RegionName")
        for page in answers.pages("ec2.DescribeRegions")
        for row in objects(page.response.get("Regions"))
    )
