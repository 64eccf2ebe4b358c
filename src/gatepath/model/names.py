"""What answers DNS questions inside a VPC, as frozen values."""

from dataclasses import dataclass

from gatepath.model.ref import Ref, Unknown


@dataclass(frozen=True, slots=True, kw_only=True)
class DhcpOptions:
    """`ec2.DescribeDhcpOptions`; `domain_name_servers` is empty where the set names none.

    Source: https://docs.aws.amazon.com/vpc/latest/userguide/VPC_DHCP_Options.html
    """

    id: str
    region: str
    domain_name_servers: tuple[str, ...]
    ref: Ref


@dataclass(frozen=True, slots=True, kw_only=True)
class ResourceRecordSet:
    r"""One record set of a hosted zone; names lower case, without trailing dot, `\052` read as `*`."""

    name: str
    type: str
    values: tuple[str, ...]
    alias: str | None
    """`AliasTarget.DNSName`, likewise normalised."""
    ref: Ref


@dataclass(frozen=True, slots=True, kw_only=True)
class HostedZone:
    """A private hosted zone associated with a VPC (`route53.ListHostedZonesByVPC`).

    Source: https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/hosted-zone-private-considerations.html
    """

    id: str
    name: str
    vpc_id: str
    owner: str
    """The owning account or AWS service."""
    records: tuple[ResourceRecordSet, ...] | Unknown
    ref: Ref


@dataclass(frozen=True, slots=True, kw_only=True)
class DnsProfile:
    """A Route 53 Profile on a VPC: zones, rules and firewall groups out of sight of the VPC's own lists.

    Source: https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/hosted-zone-private-considerations.html
    """

    id: str
    vpc_id: str
    status: str
    ref: Ref


@dataclass(frozen=True, slots=True, kw_only=True)
class ResolverRule:
    """A Resolver rule and the VPC it is associated with.

    Source: https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/resolver-forwarding-outbound-queries.html
    """

    id: str
    region: str
    vpc_id: str
    domain: str
    """Lower case, without trailing dot; `` for the root `.`."""
    type: str
    """`FORWARD`, `SYSTEM`, `RECURSIVE`, `DELEGATE` or a newer word."""
    target_ips: tuple[str, ...]
    resolver_endpoint_id: str | None
    ref: Ref


@dataclass(frozen=True, slots=True, kw_only=True)
class FirewallRule:
    """A DNS Firewall rule. `domains` lower case, without trailing dot, may start with `*.`.

    Source: https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/resolver-dns-firewall.html
    """

    priority: int
    action: str
    """`ALLOW`, `BLOCK`, `ALERT`."""
    block_response: str
    """`NODATA`, `NXDOMAIN`, `OVERRIDE` or empty."""
    override_name: str | None
    domain_list_id: str | None
    domains: tuple[str, ...] | Unknown
    qtype: str | None
    ref: Ref


@dataclass(frozen=True, slots=True, kw_only=True)
class FirewallRuleGroup:
    """A rule group as associated with a VPC; `priority` is the association's."""

    id: str
    region: str
    vpc_id: str
    association_id: str
    priority: int
    status: str
    rules: tuple[FirewallRule, ...] | Unknown
    ref: Ref
