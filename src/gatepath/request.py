"""Question and world to one concrete request: who sends what to which host (client defaults filled in)."""

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from gatepath.asking import Target, existence, resource_region, target_of
from gatepath.engine.client_region import client_region
from gatepath.engine.host_building import configured_endpoint
from gatepath.engine.hostnames import Host, build_hostname, classify
from gatepath.engine.proxies import ProxyDecision, decide
from gatepath.engine.sdks import DEFAULT_SDK, Sdk, family
from gatepath.model.naming import Arn
from gatepath.model.network import Address, NetworkInterface, Subnet
from gatepath.model.question import Question
from gatepath.model.ref import Unknown
from gatepath.model.world import World
from gatepath.packets import Range, parse_address
from gatepath.placing import Placement, Seat, UnknownSourceError, not_told, source_region
from gatepath.placing_services import place
from gatepath.trace import Assumption, Finding, Unsettled

__all__ = ["Part", "Request", "UnknownSourceError", "build_request"]

IPV6, HTTP, HTTPS = 6, 80, 443
NO_REGION = "region-not-known"
"""Stands in a DynamoDB host name where nothing tells a Region: a name that does not exist."""
SOURCE_PORTS: dict[str, Range] = {
    "linux": (32768, 60999),
    "windows": (49152, 65535),
    "lambda": (1024, 65535),
    "eks": (1024, 65535),
}
"""Linux: the kernel's default. EKS: the VPC CNI's source NAT picks at random.
https://docs.aws.amazon.com/vpc/latest/userguide/nacl-ephemeral-ports.html"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One way of sending: one IP version on one interface (or in one subnet). Parts weigh the same.

    `subnet` None = the sender sits outside any VPC we know (`ip`/`external`): path kind `internet`.
    """

    ip_version: int
    subnet: Subnet | None
    interface: NetworkInterface | None
    address: Address | None
    """The private address that sends; None = any of the subnet's."""
    public_address: Address | Unknown | None
    group_ids: tuple[str, ...] | Unknown
    source_ports: Range
    mute: bool = False
    """Whether the sender has no address of the IP version that the question asks for."""


OtherPorts = tuple[Range, Unknown]
"""The source ports of the other platform that the source may run on, and why that isn't known."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One connection and API action.

    `parts` is Unknown when the source can't be placed. `host` is the first host contacted, `second_host`
    the one an SDK follows a redirect to (https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html).
    """

    question: Question
    service: str
    region: str
    """The source's Region."""
    account: str
    vpc_id: str | None
    parts: tuple[Part, ...] | Unknown
    client_region: str | None
    host: Host
    second_host: Host | None
    port: int
    sdk: str
    env: tuple[tuple[str, str], ...]
    proxy: ProxyDecision
    resource: Arn | None
    bucket: str | None
    table: str | None
    resource_region: str | Unknown | None
    """Empty text if the resource is proven not to exist; None if no resource is named."""
    existence: Unknown | None = None
    """What hides whether the resource exists, where its Region is known without."""
    follows_redirects: bool
    resolves_to: tuple[Address, ...] | None
    other_ports: OtherPorts | None = None
    findings: tuple[Finding, ...] = ()
    """Of the `source` check."""
    unknowns: tuple[Unsettled, ...] = ()
    assumptions: tuple[Assumption, ...] = ()


def build_request(question: Question, world: World, *, region: str | None = None) -> Request:
    """Return the request that a question comes to in a world.

    `region` overrides the source's Region. Raises `UnknownSourceError` where a complete list shows that the
    source does not exist.
    """
    found = region or source_region(question, world)
    home = found or question.client.region or ""
    placement = place(question, world, home)
    env, sdk = _env(question, placement), question.client.sdk or DEFAULT_SDK
    target = target_of(question)
    wanted, assumed = client_region(question, env, sdk, home)
    if wanted is None and question.service == "dynamodb":
        wanted = NO_REGION
    host, host_assumed, scheme, port = _first_host(question, env, wanted, target)
    where = resource_region(target, host, world, home)
    follows = question.service == "s3" and family(sdk) in {Sdk.PYTHON, Sdk.CLI}
    bucket = target.bucket or (host.bucket if host.service == "s3" else None)
    second = _second_host(env, host, bucket, where) if follows else None
    ports, ports_assumed = _source_ports(question, placement)
    seats = placement.seats
    parts = seats if isinstance(seats, Unknown) else _parts(question, seats, host, ports)
    return Request(
        question=question,
        service=question.service,
        region=home,
        account=placement.account or _caller(world),
        vpc_id=_vpc(seats),
        parts=parts,
        client_region=wanted,
        host=host,
        second_host=second,
        port=port,
        sdk=sdk,
        env=tuple(env.items()),
        proxy=decide(env, sdk, host.name, port, scheme, client_region=wanted),
        resource=target.arn,
        bucket=bucket,
        table=target.table,
        resource_region=where,
        existence=existence(target, world),
        follows_redirects=follows,
        resolves_to=_resolved(question),
        other_ports=_other_ports(question, placement),
        findings=placement.findings,
        assumptions=(
            *(() if found else (Assumption(code="assumption.source-region", arguments=(("region", home),)),)),
            *_sdk_assumed(question),
            *assumed,
            *host_assumed,
            *ports_assumed,
            *placement.assumptions,
        ),
    )


def _env(question: Question, placement: Placement) -> dict[str, str]:
    return dict(placement.env if question.client.env is None else question.client.env)


def _sdk_assumed(question: Question) -> tuple[Assumption, ...]:
    if question.client.sdk is not None:
        return ()
    return (Assumption(code="assumption.sdk", arguments=(("sdk", DEFAULT_SDK),)),)


def _first_host(
    question: Question, env: Mapping[str, str], region: str | None, target: Target
) -> tuple[Host, tuple[Assumption, ...], str, int]:
    """Return the host the client contacts first, with scheme and port."""
    client = question.client
    custom = configured_endpoint(question.service, env)
    scheme, port = "https", client.port
    assumed: tuple[Assumption, ...] = ()
    if client.hostname is not None:
        host = classify(client.hostname, question.service)
    else:
        name, assumed = build_hostname(
            service=question.service,
            region=region,
            bucket=target.bucket,
            sdk=client.sdk,
            addressing=client.addressing,
            env=env,
            resource=target.given_arn,
            operation=_operation(question),
        )
        host = classify(name, question.service)
        if custom is not None:
            parts = urlsplit(custom[1])
            scheme, port = parts.scheme, port or parts.port
    if port is None:
        plain = scheme == "http" or host.form == "website"
        port = HTTP if plain else HTTPS
        assumed = (*assumed, Assumption(code="assumption.port", arguments=(("port", port),)))
    return host, assumed, "http" if port == HTTP else scheme, port


def _operation(question: Question) -> str | None:
    if question.operation is not None:
        return question.operation
    _, _, name = (question.action or "").partition(":")
    return name if name and "*" not in name else None


def _second_host(
    env: Mapping[str, str],
    host: Host,
    bucket: str | None,
    where: str | Unknown | None,
) -> Host | None:
    """Return the host of the resource's own Region, where botocore follows the redirect to it (once).

    It redirects buckets only, and not where a custom endpoint is set.
    Source: `S3RegionRedirectorv2`, https://github.com/boto/botocore
    """
    addressed = "us-east-1" if host.form == "global" else host.region
    forms = {"global", "regional", "dash", "dualstack", "fips", "fips-dualstack"}
    if not isinstance(where, str) or where in {"", addressed} or bucket is None or host.form not in forms:
        return None
    if host.service != "s3" or addressed is None or configured_endpoint("s3", env) is not None:
        return None
    words = [word for word in ("dualstack", "fips") if word in host.form]
    name, _ = build_hostname(
        service="s3",
        region=where,
        bucket=bucket,
        addressing=",".join([*words, *([] if host.bucket else ["path"])]),
        env={"AWS_S3_US_EAST_1_REGIONAL_ENDPOINT": "regional"},
    )
    return classify(name)


def _source_ports(question: Question, placement: Placement) -> tuple[Range, tuple[Assumption, ...]]:
    """Return the client's own ports: https://docs.aws.amazon.com/vpc/latest/userguide/nacl-ephemeral-ports.html."""
    given = question.client.ephemeral_ports
    if given is not None:
        return given, ()
    platform = question.client.platform or placement.platform
    low, high = ports = SOURCE_PORTS[platform if platform in SOURCE_PORTS else "linux"]
    arguments = (("platform", platform), ("low", low), ("high", high))
    return ports, (Assumption(code="assumption.ephemeral-ports", arguments=arguments),)


def _other_ports(question: Question, placement: Placement) -> OtherPorts | None:
    client, gap = question.client, placement.platform_gap
    if gap is None or client.ephemeral_ports is not None or client.platform is not None:
        return None
    return SOURCE_PORTS["windows"], gap


def _parts(question: Question, seats: tuple[Seat, ...], host: Host, ports: Range) -> tuple[Part, ...]:
    return tuple(_part(seat, version, ports) for seat in seats for version in _versions(question, seat, host))


def _versions(question: Question, seat: Seat, host: Host) -> tuple[int, ...]:
    """Return the IP versions a seat sends by: both for a dual-stack name where it has both, else IPv4."""
    client = question.client
    if client.ip_version is not None:
        return (client.ip_version,)
    wanted: list[int] = [6, 4] if host.dualstack else [4]
    has = _has(seat)
    found = [version for version in wanted if version in has]
    return tuple(found or sorted(has) or wanted[-1:])


def _has(seat: Seat) -> frozenset[int]:
    """Return the IP versions of which a seat has addresses."""
    if seat.interface is not None:
        has = {address.version for address in seat.interface.addresses}
    elif seat.address is not None:
        has = {seat.address.version}
    else:
        has = {cidr.version for cidr in seat.subnet.cidrs} if seat.subnet is not None else {4, 6}
    return frozenset(has if seat.ipv6 else has - {6})


def _part(seat: Seat, version: int, ports: Range) -> Part:
    own = seat.address if seat.address is not None and seat.address.version == version else None
    address = own or (seat.interface.primary(version) if seat.interface is not None else None)
    return Part(
        ip_version=version,
        subnet=seat.subnet,
        interface=seat.interface,
        address=address,
        public_address=_public(seat, address, version),
        group_ids=seat.group_ids,
        source_ports=ports,
        mute=version not in (_has(seat) or {version}),
    )


def _public(seat: Seat, address: Address | None, version: int) -> Address | Unknown | None:
    """Return the address the internet sees; an `Unknown` without gaps = there is one, its value is open."""
    if version == IPV6:
        return address
    if seat.subnet is None:
        return address if address is not None and address.is_global else Unknown(())
    if seat.public is not None:
        return Unknown(()) if seat.public else None
    if seat.interface is None:
        return not_told(seat.subnet.id)
    return seat.interface.public_ip(address) if address is not None else None


def _resolved(question: Question) -> tuple[Address, ...] | None:
    given = question.client.resolves_to
    if given is None:
        return None
    return tuple(address for text in given if (address := parse_address(text)) is not None)


def _vpc(seats: tuple[Seat, ...] | Unknown) -> str | None:
    if isinstance(seats, Unknown):
        return None
    return next((seat.subnet.vpc_id for seat in seats if seat.subnet is not None), None)


def _caller(world: World) -> str:
    accounts = {caller.account for caller in world.callers}
    return accounts.pop() if len(accounts) == 1 else ""
