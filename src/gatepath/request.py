"""Question and world to one concrete request: who sends what to which host (client defaults filled in)."""

from dataclasses import dataclass

from gatepath.engine.hostnames import Host
from gatepath.engine.proxies import ProxyDecision
from gatepath.model.naming import Arn
from gatepath.model.network import Address, NetworkInterface, Subnet
from gatepath.model.question import Question
from gatepath.model.ref import Unknown
from gatepath.packets import Range
from gatepath.trace import Assumption, Finding, Unsettled


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
    public_address: Address | None | Unknown
    group_ids: tuple[str, ...] | Unknown
    source_ports: Range


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
    follows_redirects: bool
    resolves_to: tuple[Address, ...] | None
    findings: tuple[Finding, ...] = ()
    """Of the `source` check."""
    unknowns: tuple[Unsettled, ...] = ()
    assumptions: tuple[Assumption, ...] = ()
