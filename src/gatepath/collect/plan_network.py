"""Which calls tell the source, the filters, the routes and what lies behind them. Pure rules."""

from collections.abc import Iterator

from gatepath.collect.answers import ApiCall, Json, ask, objects, part, text, unique
from gatepath.collect.view import View
from gatepath.model.naming import Arn
from gatepath.model.question import SourceKind
from gatepath.snapshot.calls import CALLS

VPC_LISTS = tuple(
    name
    for name, call in CALLS.items()
    if call.vpc_filter == "vpc-id"
    and call.group in {"source", "filters-and-routes"}
    and call.operation != "DescribeInstances"
)
"""Lists that take the filter `vpc-id`, and are then complete for that VPC; instances are asked for by id."""


def vpc_filter(vpc_id: str, key: str = "Filters") -> dict[str, object]:
    """Return the request that limits a list to one VPC (NAT gateways and flow logs say `Filter`)."""
    return {key: [{"Name": "vpc-id", "Values": [vpc_id]}]}


def source(view: View) -> Iterator[ApiCall]:
    """Ask for the source itself, by id."""
    for instance in view.source_instances():
        yield ask(view.region, "ec2.DescribeInstances", InstanceIds=[instance])
    for interface in view.source_interfaces():
        yield ask(view.region, "ec2.DescribeNetworkInterfaces", NetworkInterfaceIds=[interface])
    for subnet in view.source_subnets():
        yield ask(view.region, "ec2.DescribeSubnets", SubnetIds=[subnet])
    kind, name = view.question.source.kind, view.question.source.id
    if kind is SourceKind.LAMBDA:
        yield ask(view.region, "lambda.GetFunctionConfiguration", FunctionName=name)
    elif kind is SourceKind.IP and not (view.source_interfaces() or view.source_subnets()):
        yield ask(view.region, "ec2.DescribeSubnets")
    elif kind is SourceKind.EKS_POD:
        yield from _eks(view)
    elif kind in {SourceKind.ECS_TASK, SourceKind.ECS_SERVICE}:
        yield from _ecs(view)


def _eks(view: View) -> Iterator[ApiCall]:
    """Ask for the cluster that the node's tags name: https://docs.aws.amazon.com/eks/latest/userguide/eks-using-tags.html."""
    for instance in view.instances():
        tags = {text(tag, "Key"): text(tag, "Value") for tag in objects(instance.get("Tags"))}
        cluster = tags.get("eks:cluster-name") or tags.get("aws:eks:cluster-name", "")
        if cluster:
            yield ask(view.region, "eks.DescribeCluster", name=cluster)
            yield ask(view.region, "eks.DescribeAddon", clusterName=cluster, addonName="vpc-cni")
            if group := tags.get("eks:nodegroup-name"):
                yield ask(view.region, "eks.DescribeNodegroup", clusterName=cluster, nodegroupName=group)


def ecs_name(identifier: str) -> tuple[str, str]:
    """Return (cluster, task or service) of an ARN or of `cluster/name`; the cluster may be empty."""
    arn = Arn.parse(identifier)
    path = arn.resource.split("/")[1:] if arn is not None else identifier.split("/")
    if len(path) > 1:
        return path[0], identifier if arn is not None else path[-1]
    return "", identifier


def _ecs(view: View) -> Iterator[ApiCall]:
    cluster, name = ecs_name(view.question.source.id)
    place: dict[str, object] = {"cluster": cluster} if cluster else {}
    if view.question.source.kind is SourceKind.ECS_TASK:
        yield ask(view.region, "ecs.DescribeTasks", **place, tasks=[name])
    else:
        yield ask(view.region, "ecs.DescribeServices", **place, services=[name])
    for row in view.ecs_rows():
        definition = text(row, "taskDefinitionArn") or text(row, "taskDefinition")
        if definition:
            yield ask(view.region, "ecs.DescribeTaskDefinition", taskDefinition=definition)
        if host := text(row, "containerInstanceArn"):
            yield ask(view.region, "ecs.DescribeContainerInstances", **place, containerInstances=[host])


def filters_and_routes(view: View) -> Iterator[ApiCall]:
    """Ask for the VPCs' lists, and for groups that interfaces borrow from elsewhere."""
    for vpc in view.vpcs():
        yield ask(view.region, "ec2.DescribeVpcs", VpcIds=[vpc])
        for name in VPC_LISTS:
            yield ask(view.region, name, **vpc_filter(vpc))
    yield from _borrowed_groups(view)


def _borrowed_groups(view: View) -> Iterator[ApiCall]:
    """Ask by id for groups that are shared with, or associated from, another VPC."""
    listed = list(view.answers.pages("ec2.DescribeSecurityGroups", view.region))
    if not listed or any(page.error for page in listed):
        return
    known = {
        text(group, "GroupId") for page in listed for group in objects(page.response.get("SecurityGroups"))
    }
    interfaces = set(view.source_interfaces())
    used: list[str] = list(view.question.source.group_ids or ())
    for row in view.rows("ec2.DescribeNetworkInterfaces", "NetworkInterfaces"):
        if text(row, "NetworkInterfaceId") in interfaces or _of_source(view, row):
            used += [text(group, "GroupId") for group in objects(row.get("Groups"))]
    for group in unique(used):
        if group not in known:
            yield ask(view.region, "ec2.DescribeSecurityGroups", GroupIds=[group])


def _of_source(view: View, interface: Json) -> bool:
    return text(part(interface, "Attachment"), "InstanceId") in view.source_instances()


def prefix_lists(view: View) -> Iterator[ApiCall]:
    """Ask for the prefix lists of every Region in question, and for the entries of those that matter."""
    for region in view.regions():
        yield ask(region, "ec2.DescribePrefixLists")
        yield ask(region, "ec2.DescribeManagedPrefixLists")
        ending = f".{region}.{view.question.service}", f".{region}.ipv6.{view.question.service}"
        for row in view.answers.rows("ec2.DescribeManagedPrefixLists", "PrefixLists", region):
            if text(row, "PrefixListName").endswith(ending):
                yield _entries(region, text(row, "PrefixListId"))
    for prefix_list in _referenced(view):
        yield _entries(view.region, prefix_list)


def _entries(region: str, prefix_list: str) -> ApiCall:
    return ask(region, "ec2.GetManagedPrefixListEntries", PrefixListId=prefix_list)


def _referenced(view: View) -> tuple[str, ...]:
    found = list(view.route_targets("DestinationPrefixListId"))
    for group in view.rows("ec2.DescribeSecurityGroups", "SecurityGroups"):
        for key in ("IpPermissionsEgress", "IpPermissions"):
            for rule in objects(group.get(key)):
                found += [text(row, "PrefixListId") for row in objects(rule.get("PrefixListIds"))]
    return unique(found)


def onward(view: View) -> Iterator[ApiCall]:
    """Ask for what the routes lead to, only where one leads there."""
    region = view.region
    gateways = [target for target in view.route_targets("GatewayId") if target.startswith("igw-")]
    egress_only = view.route_targets("EgressOnlyInternetGatewayId")
    nats = view.route_targets("NatGatewayId")
    if nats:
        for vpc in view.vpcs():
            yield ask(region, "ec2.DescribeNatGateways", **vpc_filter(vpc, "Filter"))
    for gateway in gateways:
        yield ask(region, "ec2.DescribeInternetGateways", InternetGatewayIds=[gateway])
    for gateway in egress_only:
        yield ask(region, "ec2.DescribeEgressOnlyInternetGateways", EgressOnlyInternetGatewayIds=[gateway])
    for peering in view.route_targets("VpcPeeringConnectionId"):
        yield ask(region, "ec2.DescribeVpcPeeringConnections", VpcPeeringConnectionIds=[peering])
    for instance in view.route_targets("InstanceId"):
        yield ask(region, "ec2.DescribeInstances", InstanceIds=[instance])
    if gateways or egress_only or nats:
        yield ask(region, "ec2.DescribeVpcBlockPublicAccessOptions")
        yield ask(region, "ec2.DescribeVpcBlockPublicAccessExclusions")


def transit(view: View) -> Iterator[ApiCall]:
    """Ask for a transit gateway's attachments, tables and routes, where a route leads to one."""
    gateways = view.route_targets("TransitGatewayId")
    if not gateways:
        return
    for vpc in view.home_vpcs():
        yield ask(view.region, "ec2.DescribeTransitGatewayVpcAttachments", **vpc_filter(vpc))
    yield ask(view.region, "ec2.DescribeTransitGatewayRouteTables")
    for table in view.rows("ec2.DescribeTransitGatewayRouteTables", "TransitGatewayRouteTables"):
        if text(table, "TransitGatewayId") in gateways:
            yield from transit_table(view.region, text(table, "TransitGatewayRouteTableId"))
    for route in view.rows("ec2.SearchTransitGatewayRoutes", "Routes"):
        for attachment in objects(route.get("TransitGatewayAttachments")):
            if text(attachment, "ResourceType") == "vpc":
                yield ask(
                    view.region,
                    "ec2.DescribeTransitGatewayVpcAttachments",
                    TransitGatewayAttachmentIds=[text(attachment, "TransitGatewayAttachmentId")],
                )


def transit_table(region: str, table: str) -> Iterator[ApiCall]:
    """Ask for the associations and all routes of one transit gateway route table."""
    yield ask(region, "ec2.GetTransitGatewayRouteTableAssociations", TransitGatewayRouteTableId=table)
    yield ask(
        region,
        "ec2.SearchTransitGatewayRoutes",
        TransitGatewayRouteTableId=table,
        Filters=[{"Name": "state", "Values": ["active", "blackhole"]}],
    )


def refinements(view: View) -> Iterator[ApiCall]:
    """Ask for what only refines an answer."""
    for vpc in view.home_vpcs():
        yield ask(view.region, "ec2.DescribeVpcEncryptionControls", VpcIds=[vpc])
        yield ask(view.region, "ec2.DescribeFlowLogs", Filter=[{"Name": "resource-id", "Values": [vpc]}])
