"""Sources above the network interface and the resources they ask for, as frozen values."""

from dataclasses import dataclass

from gatepath.model.ref import Ref, Unknown


@dataclass(frozen=True, slots=True, kw_only=True)
class LambdaFunction:
    """`lambda.GetFunctionConfiguration`; without a VPC the id fields are empty."""

    name: str
    region: str
    account: str
    arn: str
    role_arn: str
    vpc_id: str
    subnet_ids: tuple[str, ...]
    group_ids: tuple[str, ...]
    ipv6_allowed_for_dual_stack: bool
    environment: tuple[tuple[str, str], ...]
    ref: Ref


@dataclass(frozen=True, slots=True, kw_only=True)
class EcsWorkload:
    """An ECS task or service (`ecs.DescribeTasks` / `DescribeServices`) with its task definition."""

    name: str
    """Task or service name or ARN as asked for; `cluster/name` is the lookup key."""
    region: str
    account: str
    cluster: str
    network_mode: str | Unknown
    """`awsvpc`, `bridge`, `host`, … of the task definition."""
    subnet_ids: tuple[str, ...]
    group_ids: tuple[str, ...]
    interface_ids: tuple[str, ...]
    """Of a running task's `ElasticNetworkInterface` attachment."""
    task_role_arn: str | Unknown | None
    assign_public_ip: bool
    container_instance_id: str | None
    platform: str | Unknown
    """`windows` or `linux`."""
    environment: tuple[tuple[str, str], ...]
    ref: Ref


@dataclass(frozen=True, slots=True, kw_only=True)
class Bucket:
    """What is known of a bucket's place: `s3.HeadBucket`, `s3.GetBucketLocation`.

    Source: https://docs.aws.amazon.com/AmazonS3/latest/API/API_HeadBucket.html
    """

    name: str
    region: str | Unknown
    """Empty if the bucket does not exist."""
    exists: bool | Unknown
    status: int
    """HTTP status of HeadBucket, 0 if not recorded."""
    account: str | None
    """The account whose own call was answered 200, if any (a hint at the owner)."""
    ref: Ref | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """`dynamodb.DescribeTable`."""

    name: str
    region: str
    account: str
    exists: bool | Unknown
    status: str
    replica_regions: tuple[str, ...]
    ref: Ref | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """`sts.GetCallerIdentity` of a recording."""

    account: str
    arn: str
    ref: Ref
