"""What an analysis produces: traffics, rule hits, steps, findings, the diagnosis; and what a change is."""

from dataclasses import dataclass, field, replace
from enum import StrEnum
from fractions import Fraction
from ipaddress import IPv4Network, IPv6Network
from typing import TYPE_CHECKING, Protocol

from gatepath.model.network import Address
from gatepath.model.question import Question
from gatepath.model.ref import Ref, Unknown
from gatepath.packets import Packet, PacketSet

if TYPE_CHECKING:
    from gatepath.model.world import World

Argument = str | int | float | bool | tuple[str, ...] | None
Arguments = tuple[tuple[str, Argument], ...]
"""Named arguments of a message, as pairs (hashable)."""


class Verdict(StrEnum):
    """The whole answer; see `verdicts` for how they follow from the packets' fates."""

    OK = "ok"
    BYPASS = "bypass"
    INTERMITTENT = "intermittent"
    DENIED = "denied"
    BLOCKED = "blocked"
    UNKNOWN = "unknown"


class StepVerdict(StrEnum):
    """A step's verdict for its live traffics."""

    PASS = "pass"  # noqa: S105 - a verdict
    DIVERT = "divert"
    PARTIAL = "partial"
    BLOCK = "block"
    UNKNOWN = "unknown"
    NOT_APPLICABLE = "not-applicable"


class Certainty(StrEnum):
    """How sure an answer or a finding is (a finding is never `conditional`)."""

    PROVEN = "proven"
    CONDITIONAL = "conditional"
    SUSPECT = "suspect"


class Severity(StrEnum):
    """How bad a finding is; `info` drops, diverts or refuses nothing."""

    CRITICAL = "critical"
    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"
    INFO = "info"


class PathKind(StrEnum):
    """The first carrier after the source's own interface, or `dropped`."""

    GATEWAY_ENDPOINT = "gateway-endpoint"
    INTERFACE_ENDPOINT = "interface-endpoint"
    NAT_GATEWAY = "nat-gateway"
    INTERNET_GATEWAY = "internet-gateway"
    EGRESS_ONLY_INTERNET_GATEWAY = "egress-only-internet-gateway"
    TRANSIT_GATEWAY = "transit-gateway"
    VPC_PEERING = "vpc-peering"
    VIRTUAL_PRIVATE_GATEWAY = "virtual-private-gateway"
    CORE_NETWORK = "core-network"
    CARRIER_GATEWAY = "carrier-gateway"
    LOCAL_GATEWAY = "local-gateway"
    GATEWAY_LOAD_BALANCER_ENDPOINT = "gateway-load-balancer-endpoint"
    NETWORK_INTERFACE = "network-interface"
    LOCAL = "local"
    PROXY = "proxy"
    INTERNET = "internet"
    DROPPED = "dropped"


class Fate(StrEnum):
    """How a packet may end."""

    GATEWAY = "gateway"
    """Works, by the gateway endpoint."""
    BYPASS = "bypass"
    """Works, another way."""
    REFUSED = "refused"
    DROPPED = "dropped"


ANY_FATE = frozenset(Fate)


@dataclass(frozen=True, slots=True, kw_only=True)
class Component:
    """What a finding points at. `id` is the AWS id or a made-up form such as `client:no_proxy`."""

    type: str
    """AWS's noun with dashes: `route-table`, `security-group`, `network-acl`, `vpc-endpoint`, `client`, …"""
    id: str
    account: str = ""
    region: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """Where it can be seen, and one packet it happens to."""

    ref: Ref | None = None
    example: Packet | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleHit:
    """A rule that decided about live packets. `rule` is a short identifier a person recognises."""

    rule: str
    component: str
    allow: bool
    packets: PacketSet
    ref: Ref | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Removal:
    """A (check, component) that a further walk takes as passed, to find the root cause."""

    check: str
    component: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SeenAs:
    """What the service sees of the sender; decides the network condition keys of policies.

    `address` is the private address for VPC endpoints, the public one otherwise, None if not known.
    """

    address: Address | None = None
    endpoint_id: str | None = None
    endpoint_vpc_id: str | None = None
    senders: tuple[IPv4Network | IPv6Network, ...] = ()
    """Where `address` lies, if it is not known."""
    otherwise: "SeenAs | None" = None
    """What it may be instead, where AWS's pages contradict each other."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Traffic:
    """A packet set and what became of it so far.

    Live while `dropped` is None; a dropped traffic walks on as a shadow. `unsettled`: its packets may be
    dropped where a gap hides the rule. `fates`: if set, all that may become of it (then no check can say
    more). Traffics of the same `group` exclude each other: AWS or a hidden resolver takes one or several.
    """

    part: int
    """Index into the request's parts."""
    packets: PacketSet
    weight: Fraction | None = Fraction(1)
    """Part of `packets` it stands for where a later leg cut it; None = not computable."""
    kind: PathKind | None = None
    component: str | None = None
    hops: tuple[str, ...] = ()
    dropped: Removal | None = None
    refused: Removal | None = None
    unsettled: tuple[Unknown, ...] = ()
    fates: frozenset[Fate] | None = None
    group: str | None = None
    suspect: bool = False
    """An uncertain fact decided on the way."""
    judged: bool = False
    """Policies leave it open, not the way: `fates` was not set before they were asked."""
    seen_as: SeenAs = SeenAs()
    crosses_subnet: bool = True
    """Whether the next hop lies outside the source's subnet, so that its network ACL judges the answers."""

    @property
    def live(self) -> bool:
        """Tell whether the packets are still on their way as far as is known."""
        return self.dropped is None

    def drop(self, check: str, component: str, *, suspect: bool = False) -> "Traffic":
        """Return the traffic as dropped here; the first drop stays."""
        if self.dropped is not None:
            return self
        return replace(
            self, dropped=Removal(check=check, component=component), suspect=self.suspect or suspect
        )

    def only(self, packets: PacketSet) -> "Traffic":
        """Return the traffic for these packets."""
        return replace(self, packets=packets)


class Change(Protocol):
    """One edit of the world, which is also one AWS write call (or one client setting)."""

    def apply(self, world: "World") -> "World":
        """Return the world after the change."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """A fault or risk. The catalogue has severity, source and texts of its `code`.

    `severity` None = the catalogue's; a finding that drops, diverts or refuses nothing is given `info`.
    """

    code: str
    check: str
    component: Component
    arguments: Arguments = ()
    severity: Severity | None = None
    certainty: Certainty = Certainty.PROVEN
    evidence: tuple[Evidence, ...] = ()
    changes: tuple[Change, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Assumption:
    """What was filled in; `conditional` only for those that make an answer conditional."""

    code: str
    arguments: Arguments = ()
    conditional: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Unsettled:
    """What is not known: a message code with arguments, and the gaps that hide it."""

    code: str
    unknown: Unknown
    arguments: Arguments = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """What a check found. `out` holds live traffics and shadows."""

    check: str
    direction: str | None = None
    """`out`, `in`, or None."""
    out: tuple[Traffic, ...] = ()
    verdict: StepVerdict = StepVerdict.NOT_APPLICABLE
    components: tuple[Component, ...] = ()
    rule_hits: tuple[RuleHit, ...] = ()
    findings: tuple[Finding, ...] = ()
    unknowns: tuple[Unsettled, ...] = ()
    assumptions: tuple[Assumption, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Path:
    """A part of the traffic that goes one way."""

    kind: PathKind
    ip_version: int
    component: str | None
    hops: tuple[str, ...]
    share: Fraction | None
    decision: str | None = None
    """`allowed`, `denied`, `unknown`; None where the policy checks were left out."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fix:
    """A sequence of changes, tried; `verdict_after` is the diagnosis of the changed world."""

    title: str
    changes: tuple[Change, ...]
    verified: bool
    verdict_after: Verdict
    safe: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Diagnosis:
    """The answer to one question."""

    question: Question
    verdict: Verdict
    certainty: Certainty
    paths: tuple[Path, ...]
    steps: tuple[Step, ...]
    findings: tuple[Finding, ...]
    """The root cause first."""
    unknowns: tuple[Unsettled, ...] = ()
    assumptions: tuple[Assumption, ...] = ()
    left_out: tuple[str, ...] = ()
    fixes: tuple[Fix, ...] = ()
    request_summary: Arguments = field(default=())
    """Filled-in request for a reader: `hostname`, `port`, `region`, `source_interface`, …"""
