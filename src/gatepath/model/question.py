"""What the user asks: `Question`. Its JSON form is the `--question FILE.json` contract."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class SourceKind(StrEnum):
    """The key of `source` that names what sends."""

    INSTANCE = "instance"
    NETWORK_INTERFACE = "network_interface"
    LAMBDA = "lambda"
    ECS_TASK = "ecs_task"
    ECS_SERVICE = "ecs_service"
    EKS_POD = "eks_pod"
    SUBNET = "subnet"
    IP = "ip"
    EXTERNAL = "external"


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """Who sends. `subnet_id`/`interface_id` name what a Lambda function, task or address sits on."""

    kind: SourceKind
    id: str
    """The instance, interface, function, task, service, node (for `eks_pod`), subnet, address or free words."""
    subnet_id: str | None = None
    interface_id: str | None = None
    group_ids: tuple[str, ...] | None = None
    """For `subnet`: the security groups the workload will have."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Principal:
    """Who signs; exactly one field is set."""

    arn: str | None = None
    anonymous: bool = False
    presigned_by: str | None = None
    service: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Client:
    """What the client program was told. None = not said."""

    region: str | None = None
    hostname: str | None = None
    port: int | None = None
    sdk: str | None = None
    ip_version: int | None = None
    """4 or 6."""
    addressing: str | None = None
    """`virtual`, `path`, `dualstack`, `fips`, `accelerate` (comma-separated where several)."""
    env: Mapping[str, str] | None = None
    ephemeral_ports: tuple[int, int] | None = None
    platform: str | None = None
    """`linux`, `windows`, `lambda`, `eks`."""
    resolves_to: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """One question. Only `source` and `service` are required."""

    source: Source
    service: str
    """`s3`, `dynamodb` or `s3express`."""
    region: str | None = None
    """The source's Region where the snapshot leaves a choice."""
    action: str | None = None
    resource: str | None = None
    resource_account: str | None = None
    principal: Principal | None = None
    client: Client = Client()
    context: Mapping[str, object] = field(default_factory=dict)
    operation: str | None = None
    copy_source: str | None = None
    copy_source_region: str | None = None
