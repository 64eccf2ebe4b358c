"""What the user asks: `Question`. Its JSON form is the `--question FILE.json` contract."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields
from enum import StrEnum

from gatepath.model.naming import Arn
from gatepath.model.question_contradictions import check
from gatepath.model.question_reading import (
    QuestionError,
    Row,
    choice_of,
    join_path,
    number_of,
    object_of,
    required_text,
    text_of,
    texts_of,
)
from gatepath.packets import parse_address

__all__ = [
    "Client",
    "Principal",
    "Question",
    "QuestionError",
    "Source",
    "SourceKind",
    "parse_question",
    "to_json",
]


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


_SERVICES = ("s3", "dynamodb", "s3express")
_ADDRESSING = ("virtual", "path", "dualstack", "fips", "accelerate")
_PLATFORMS = ("linux", "windows", "lambda", "eks")
_PLACES = ("subnet", "network_interface")
_PRINCIPAL = re.compile(
    r"arn:[a-z0-9-]+:(iam::\d{12}:(root|(user|role)/.+)|sts::\d{12}:(assumed-role/[^/]+/.+|federated-user/.+))"
)
"""Who can sign: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html"""
_HOST = re.compile(r"[A-Za-z0-9_*-]+(\.[A-Za-z0-9_*-]+)*\.?")
_MAX_PORT = 65535


def parse_question(data: object) -> Question:
    """Return the question that a decoded JSON document holds; raises `QuestionError`."""
    known = {f.name for f in fields(Question)}
    row = object_of(data, "", known)
    service = choice_of(row, "service", "", _SERVICES)
    if service is None:
        raise QuestionError("service", "question.missing")
    if row.get("source") is None:
        raise QuestionError("source", "question.missing")
    principal, client, context = row.get("principal"), row.get("client"), row.get("context")
    made = Question(
        source=_source(row["source"]),
        service=service,
        principal=None if principal is None else _principal(principal),
        client=Client() if client is None else _client(client),
        context={} if context is None else _context(context),
        resource=_arn(row, "resource", ""),
        copy_source=_arn(row, "copy_source", ""),
        **{
            key: text_of(row, key, "")
            for key in ("region", "action", "resource_account", "operation", "copy_source_region")
        },
    )
    check(made)
    return made


def _arn(row: Row, key: str, path: str) -> str | None:
    value = text_of(row, key, path)
    if value is not None and value != "*" and Arn.parse(value) is None:
        raise QuestionError(join_path(path, key), "question.not-an-arn", (("value", value),))
    return value


def _only_one(found: list[str], path: str, choices: Iterable[str]) -> str:
    if len(found) != 1:
        raise QuestionError(path, "question.exactly-one", (("choices", ", ".join(choices)),))
    return found[0]


def _source(value: object) -> Source:
    kinds = tuple(kind.value for kind in SourceKind)
    row = object_of(value, "source", {*kinds, "security_groups"})
    named = [key for key in kinds if key in row and key not in _PLACES]
    # an interface lies in a subnet: where both stand alone, the interface is what sends
    places: list[str] = [key for key in ("network_interface", "subnet") if key in row]
    kind = SourceKind(_only_one(named or places[:1], "source", kinds))
    place = {key: text_of(row, key, "source") for key in _PLACES if key != kind}
    groups = texts_of(row, "security_groups", "source")
    interface = place.get("network_interface")
    if kind is SourceKind.EKS_POD:
        pod = object_of(row["eks_pod"], "source.eks_pod", {"node", *_PLACES})
        own = text_of(pod, "network_interface", "source.eks_pod")
        node = text_of(pod, "node", "source.eks_pod")
        if node is None and own is None and interface is None:
            raise QuestionError("source.eks_pod.node", "question.missing")
        subnet = text_of(pod, "subnet", "source.eks_pod") or place.get("subnet")
        return Source(
            kind=kind, id=node or "", subnet_id=subnet, interface_id=own or interface, group_ids=groups
        )
    if kind is SourceKind.EXTERNAL and row[kind] is True:
        row[kind] = kind.value
    sender = required_text(row, kind, "source")
    if kind is SourceKind.IP and parse_address(sender) is None:
        raise QuestionError("source.ip", "question.not-an-address", (("value", sender),))
    return Source(
        kind=kind, id=sender, subnet_id=place.get("subnet"), interface_id=interface, group_ids=groups
    )


def _principal(value: object) -> Principal:
    choices = tuple(f.name for f in fields(Principal))
    row = object_of(value, "principal", choices)
    anonymous = row.get("anonymous", False)
    if not isinstance(anonymous, bool):
        raise QuestionError("principal.anonymous", "question.wrong-type", (("expected", "boolean"),))
    given = [key for key in row if key != "anonymous" or anonymous]
    _only_one(given, "principal", choices)
    return Principal(
        arn=_signer(row, "arn"),
        anonymous=anonymous,
        presigned_by=_signer(row, "presigned_by"),
        service=text_of(row, "service", "principal"),
    )


def _signer(row: Row, key: str) -> str | None:
    """Return the ARN of who signs; `presigned_by` may be words for somebody of another account."""
    value = text_of(row, key, "principal")
    if value is None or _PRINCIPAL.fullmatch(value) or (key == "presigned_by" and Arn.parse(value) is None):
        return value
    code = "question.not-an-arn" if Arn.parse(value) is None else "question.not-a-principal"
    raise QuestionError(f"principal.{key}", code, (("value", value),))


def _context(value: object) -> Row:
    """Return condition keys with what they hold; a key stands once, in whatever case."""
    row = object_of(value, "context", None)
    seen: set[str] = set()
    for key, item in row.items():
        path = join_path("context", key)
        if key.lower() in seen:
            raise QuestionError(path, "question.key-twice", (("key", key),))
        seen.add(key.lower())
        unknown = item == {"$unknown": True}
        items = item if isinstance(item, list | tuple) else [item]
        if not unknown and not all(isinstance(one, str | bool | int | float | None) for one in items):
            raise QuestionError(path, "question.wrong-type", (("expected", "string"),))
        if isinstance(item, list | tuple) and None in item:
            raise QuestionError(path, "question.wrong-type", (("expected", "string"),))
    return row


def _client(value: object) -> Client:
    row = object_of(value, "client", {f.name for f in fields(Client)})
    port, version, env = row.get("port"), row.get("ip_version"), row.get("env")
    hostname = text_of(row, "hostname", "client")
    if hostname is not None and not _HOST.fullmatch(hostname):
        raise QuestionError("client.hostname", "question.not-a-hostname", (("value", hostname),))
    if version is not None:
        version = number_of(version, "client.ip_version", 4, 6)
        if version == 5:  # noqa: PLR2004 - neither of the two IP versions
            raise QuestionError("client.ip_version", "question.not-one-of", (("choices", "4, 6"),))
    return Client(
        region=text_of(row, "region", "client"),
        hostname=hostname,
        port=None if port is None else number_of(port, "client.port", 1, _MAX_PORT),
        sdk=text_of(row, "sdk", "client"),
        ip_version=version,
        addressing=_addressing(row),
        env=None if env is None else _env(env),
        ephemeral_ports=_port_range(row.get("ephemeral_ports")),
        platform=choice_of(row, "platform", "client", _PLATFORMS),
        resolves_to=_addresses(row),
    )


def _addressing(row: Row) -> str | None:
    value = text_of(row, "addressing", "client")
    if value is not None and not all(word.strip() in _ADDRESSING for word in value.split(",")):
        raise QuestionError(
            "client.addressing", "question.not-one-of", (("choices", ", ".join(_ADDRESSING)),)
        )
    return value


def _env(value: object) -> Mapping[str, str]:
    row = object_of(value, "client.env", None)
    made: dict[str, str] = {}
    for name, item in row.items():
        if not isinstance(item, str):
            raise QuestionError(f"client.env.{name}", "question.wrong-type", (("expected", "string"),))
        made[name] = item
    return made


def _port_range(value: object) -> tuple[int, int] | None:
    path = "client.ephemeral_ports"
    if value is None:
        return None
    if not isinstance(value, list | tuple) or len(value) != 2:  # noqa: PLR2004 - first and last port
        raise QuestionError(path, "question.wrong-type", (("expected", "[first, last]"),))
    low = number_of(value[0], f"{path}[0]", 1, _MAX_PORT)
    return low, number_of(value[1], f"{path}[1]", low, _MAX_PORT)


def _addresses(row: Row) -> tuple[str, ...] | None:
    found = texts_of(row, "resolves_to", "client")
    if found == ():
        raise QuestionError("client.resolves_to", "question.empty")
    for index, text in enumerate(found or ()):
        if parse_address(text) is None:
            path = f"client.resolves_to[{index}]"
            raise QuestionError(path, "question.not-an-address", (("value", text),))
    return found


def to_json(question: Question) -> Row:
    """Return the JSON form that `parse_question` reads back to an equal question."""
    made: Row = {"source": _source_json(question.source)}
    for f in fields(Question):
        value = getattr(question, f.name)
        if f.name == "client":
            value = _plain(value) or None
        elif f.name == "principal" and value is not None:
            value = {key: item for key, item in _plain(value).items() if item is not False}
        elif f.name == "context":
            value = dict(value) or None
        if value is not None and f.name != "source":
            made[f.name] = value
    return made


def _plain(value: Client | Principal) -> Row:
    made: Row = {}
    for f in fields(value):
        item = getattr(value, f.name)
        if isinstance(item, tuple):
            made[f.name] = list(item)
        elif item is not None:
            made[f.name] = dict(item) if isinstance(item, Mapping) else item
    return made


def _source_json(source: Source) -> Row:
    place: Row = {"subnet": source.subnet_id, "network_interface": source.interface_id}
    place = {key: value for key, value in place.items() if value is not None and key != source.kind}
    made: Row = {source.kind.value: source.id}
    if source.kind is SourceKind.EKS_POD:
        made = {"eks_pod": {**({"node": source.id} if source.id else {}), **place}}
        place = {}
    if source.group_ids is not None:
        place["security_groups"] = list(source.group_ids)
    return {**made, **place}
