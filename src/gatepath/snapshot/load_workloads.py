"""Lambda functions, ECS workloads, buckets, tables, callers: AWS shapes to model."""

from collections.abc import Iterator
from functools import partial
from typing import Any

from gatepath.model import workload as m
from gatepath.model.ref import Gap, Unknown, unknown
from gatepath.model.store import Coverage
from gatepath.snapshot import wire as w
from gatepath.snapshot.listing import Row, listing
from gatepath.snapshot.load_network import spots
from gatepath.snapshot.pages import Answered, Page, Recording
from gatepath.snapshot.rows import Spot

FUNCTION = "lambda.GetFunctionConfiguration"
TABLE = "dynamodb.DescribeTable"
TABLE_POLICY = "dynamodb.GetResourcePolicy"
HEAD = "s3.HeadBucket"
LOCATION = "s3.GetBucketLocation"


def workload_listings(recording: Recording) -> dict[str, Any]:
    """Return the listings of this area by their name in `World`."""
    return {
        "lambda_functions": listing(
            recording, _functions(recording), FUNCTION, coverage=_named(recording, FUNCTION, "FunctionName")
        ),
        "ecs_workloads": listing(
            recording, _ecs(recording), "ecs.DescribeServices", "ecs.DescribeTasks", coverage=()
        ),
        "buckets": listing(recording, _buckets(recording), HEAD, LOCATION, coverage=()),
        "tables": listing(
            recording, _tables(recording), TABLE, coverage=_named(recording, TABLE, "TableName")
        ),
        "callers": listing(recording, _callers(recording), "sts.GetCallerIdentity"),
    }


def _named(recording: Recording, name: str, key: str) -> tuple[Coverage, ...]:
    """Return what calls for one name prove: whether that one exists."""
    return tuple(
        Coverage(
            account=answered.account,
            region=answered.region,
            ids=frozenset({f"{answered.region}/{_short(str(answered.request.get(key, '')))}"}),
        )
        for answered in recording.of(name)
        if answered.gap() is None
    )


def _short(name: str) -> str:
    """Return the name in a function's or table's ARN."""
    return (
        name.rpartition(":function:")[2].rpartition("/")[2].split(":")[0] if name.startswith("arn:") else name
    )


def _answers(recording: Recording, name: str) -> Iterator[tuple[Answered, Page, Any]]:
    for answered, page in recording.pages(name):
        yield answered, page, page.answer


def _functions(recording: Recording) -> Iterator[Row]:
    for answered, page, row in _answers(recording, FUNCTION):
        made = m.LambdaFunction(
            name=row.FunctionName,
            region=answered.region,
            account=answered.account,
            arn=row.FunctionArn,
            role_arn=row.Role,
            vpc_id=row.VpcConfig.VpcId,
            subnet_ids=row.VpcConfig.SubnetIds,
            group_ids=row.VpcConfig.SecurityGroupIds,
            ipv6_allowed_for_dual_stack=row.VpcConfig.Ipv6AllowedForDualStack,
            environment=tuple(sorted(row.Environment.Variables.items())),
            ref=Spot(page.call, page.place, "").ref,
        )
        key = f"{answered.region}/{made.name}"
        yield Row(key, made.vpc_id, answered.account, answered.account, partial(_same, made))


def _same(made: object) -> object:
    return made


def _ecs(recording: Recording) -> Iterator[Row]:
    definitions = {
        row.taskDefinition.taskDefinitionArn: row.taskDefinition
        for _, _, row in _answers(recording, "ecs.DescribeTaskDefinition")
    }
    for answered, row, spot in spots(recording, "ecs.DescribeServices", "services"):
        network = row.networkConfiguration
        vpc = network.awsvpcConfiguration if network is not None else None
        parts = {
            "name": row.serviceName,
            "cluster": row.clusterArn.rpartition("/")[2],
            "subnet_ids": vpc.subnets if vpc else (),
            "group_ids": vpc.securityGroups if vpc else (),
            "interface_ids": (),
            "assign_public_ip": vpc is not None and vpc.assignPublicIp == "ENABLED",
            "container_instance_id": None,
            "platform": row.platformFamily,
        }
        yield _workload(answered, spot, parts, definitions.get(row.taskDefinition), bool(vpc))
    hosts = {
        row.containerInstanceArn: row.ec2InstanceId
        for _, row, _ in spots(recording, "ecs.DescribeContainerInstances", "containerInstances")
    }
    for answered, row, spot in spots(recording, "ecs.DescribeTasks", "tasks"):
        details = {
            d.name: d.value for a in row.attachments if a.type == "ElasticNetworkInterface" for d in a.details
        }
        arn = row.containerInstanceArn
        parts = {
            "name": row.taskArn.rpartition("/")[2],
            "cluster": row.clusterArn.rpartition("/")[2],
            "subnet_ids": tuple(v for k, v in details.items() if k == "subnetId"),
            "group_ids": (),
            "interface_ids": tuple(v for k, v in details.items() if k == "networkInterfaceId"),
            "assign_public_ip": False,
            "container_instance_id": hosts.get(arn) or arn if arn else None,
            "platform": row.platformFamily,
        }
        yield _workload(answered, spot, parts, definitions.get(row.taskDefinitionArn), bool(details))


def _workload(
    answered: Answered,
    spot: Spot,
    parts: dict[str, Any],
    definition: w.Definition | None,
    own_interface: bool,  # noqa: FBT001 - awsvpc mode is visible without the definition
) -> Row:
    missing = unknown("ecs", "DescribeTaskDefinition", account=answered.account, region=answered.region)
    mode: str | Unknown = "awsvpc" if own_interface else definition.networkMode if definition else missing
    environment = [
        (variable.name, variable.value)
        for container in (definition.containerDefinitions if definition else ())
        for variable in container.environment
    ]
    family = parts.pop("platform") or (_family(definition) if definition else missing)
    made = m.EcsWorkload(
        platform=family if isinstance(family, Unknown) else _platform(family),
        region=answered.region,
        account=answered.account,
        network_mode=mode,
        task_role_arn=definition.taskRoleArn if definition else missing,
        environment=tuple(environment),
        ref=spot.ref,
        **parts,
    )
    key = f"{answered.region}/{made.cluster}/{made.name}"
    return Row(key, "", answered.account, answered.account, partial(_same, made))


def _family(definition: w.Definition) -> str:
    platform = definition.runtimePlatform
    return (platform.operatingSystemFamily or "") if platform is not None else ""


def _platform(family: str) -> str:
    """Return `windows` or `linux` (Fargate's default) for an operating system family.

    Source: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task_definition_parameters.html
    """
    return "windows" if family.lower().startswith("windows") else "linux"


def _buckets(recording: Recording) -> Iterator[Row]:
    names: dict[str, list[Answered]] = {}
    for operation in (HEAD, LOCATION):
        for answered in recording.of(operation):
            names.setdefault(str(answered.request.get("Bucket", "")), []).append(answered)
    for name, answers in names.items():
        account = answers[0].account
        yield Row(name, "", account, account, partial(_bucket, name, answers))


def _bucket(name: str, answers: list[Answered]) -> m.Bucket:
    """Return what HeadBucket (first) and GetBucketLocation tell; either suffices.

    Source: https://docs.aws.amazon.com/AmazonS3/latest/API/API_HeadBucket.html
    """
    gaps: list[Gap] = []
    region: str | None = None
    status, owner, ref = 0, None, None
    for answered in answers:
        for page in answered.pages.values():
            found, gone = _place(answered, page)
            if answered.needed.operation == "HeadBucket":
                status = page.status or (404 if gone else 0)
            if gone:
                return m.Bucket(name=name, region="", exists=False, status=404, account=None, ref=_ref(page))
            if found is not None and region is None:
                region, ref = found, _ref(page)
            if found is not None and page.answer is not None:
                owner = owner or answered.account
        gap = answered.gap()
        if gap is not None:
            gaps.append(gap)
    return m.Bucket(
        name=name,
        region=region if region is not None else _open(name, answers, gaps),
        exists=True if region is not None else _open(name, answers, gaps),
        status=status,
        account=owner,
        ref=ref,
    )


def _open(name: str, answers: list[Answered], gaps: list[Gap]) -> Unknown:
    """Return what is missing: the calls that failed, and the one that was not recorded."""
    asked = {answered.needed.operation for answered in answers}
    for operation in ("HeadBucket", "GetBucketLocation"):
        if operation not in asked:
            first = answers[0]
            request = (("Bucket", name),)
            gaps = [
                *gaps,
                Gap(
                    service="s3",
                    operation=operation,
                    account=first.account,
                    region=first.region,
                    request=request,
                ),
            ]
    return Unknown(tuple(gaps))


def _ref(page: Page) -> Any:
    return Spot(page.call, page.place, "").ref


def _place(answered: Answered, page: Page) -> tuple[str | None, bool]:
    """Return the Region one answer tells, and whether it says that there is no such bucket."""
    if answered.not_found or page.status == 404:  # noqa: PLR2004 - HTTP status
        return None, True
    header = next((v for k, v in page.headers.items() if k.lower() == "x-amz-bucket-region"), None)
    if header:
        return header, False
    if isinstance(page.answer, w.Head):
        return page.answer.BucketRegion, False
    if isinstance(page.answer, w.Location):
        named = page.answer.LocationConstraint
        return ("eu-west-1" if named == "EU" else named or "us-east-1"), False
    return None, False


def _tables(recording: Recording) -> Iterator[Row]:
    """Yield tables that were described, then those that only their policy's call tells of."""
    for name, key in ((TABLE, "TableName"), (TABLE_POLICY, "ResourceArn")):
        for answered in recording.of(name):
            asked = str(answered.request.get(key, ""))
            if answered.gap() is not None or (name == TABLE_POLICY and asked.count("/") != 1):
                continue
            page = next(iter(answered.pages.values()))
            table = page.answer.Table if isinstance(page.answer, w.TableAnswer) else None
            made = m.Table(
                name=_short(asked),
                region=answered.region,
                account=answered.account,
                exists=not answered.not_found,
                status=table.TableStatus if table is not None else "",
                replica_regions=tuple(r.RegionName for r in table.Replicas) if table is not None else (),
                ref=_ref(page),
            )
            yield Row(
                f"{answered.region}/{made.name}", "", answered.account, answered.account, partial(_same, made)
            )


def _callers(recording: Recording) -> Iterator[Row]:
    for answered, page, row in _answers(recording, "sts.GetCallerIdentity"):
        made = m.Caller(account=row.Account or answered.account, arn=row.Arn, ref=_ref(page))
        yield Row(made.account, "", answered.account, answered.account, partial(_same, made))
