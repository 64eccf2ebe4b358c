"""What a client in a VPC is answered when it asks for a name.

Sources: https://docs.aws.amazon.com/vpc/latest/userguide/vpc-dns.html,
https://docs.aws.amazon.com/vpc/latest/userguide/VPC_DHCP_Options.html,
https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/hosted-zone-private-considerations.html,
https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/resolver-forwarding-outbound-queries.html,
https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/resolver-dns-firewall.html and
https://docs.aws.amazon.com/AmazonS3/latest/userguide/privatelink-interface-endpoints.html
"""

from dataclasses import dataclass, replace
from enum import StrEnum

from gatepath.model.names import FirewallRule, HostedZone, ResolverRule, ResourceRecordSet
from gatepath.model.naming import dns_suffix, is_service_name
from gatepath.model.network import Address, EndpointType, Vpc, VpcEndpoint
from gatepath.model.ref import GapReason, Ref, Unknown, unknown
from gatepath.model.world import World, dangling
from gatepath.packets import parse_address
from gatepath.trace import Component

MAX_ALIASES = 8
"""Longer chains of CNAMEs are loops."""


class Outcome(StrEnum):
    """What the resolver says."""

    PUBLIC = "public"
    """What public DNS says: the service's own addresses."""
    ADDRESSES = "addresses"
    """These addresses (of a private zone or an interface endpoint)."""
    NO_SUCH_NAME = "no-such-name"
    NO_DATA = "no-data"
    HIDDEN = "hidden"
    """A resolver that can't be seen, or a gap."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Resolution:
    """The answer for one name and IP version.

    `code` is the finding code that names the decider's effect ("" = none); `servers` are custom resolvers.
    """

    outcome: Outcome
    name: str
    """The last name asked for (after aliases)."""
    addresses: tuple[Address, ...] = ()
    endpoint: VpcEndpoint | None = None
    decider: Component | None = None
    code: str = ""
    arguments: tuple[tuple[str, str], ...] = ()
    refs: tuple[Ref, ...] = ()
    gap: Unknown | None = None
    servers: tuple[str, ...] = ()


AMAZON = frozenset({"amazonprovideddns", "169.254.169.253", "fd00:ec2::253"})


def resolve(world: World, vpc: Vpc, hostname: str, version: int) -> Resolution:
    """Return what the resolver of a VPC answers for a name."""
    servers = _servers(world, vpc)
    if isinstance(servers, Unknown):
        return _hidden(hostname, servers)
    amazon = [s for s in servers if _is_amazon(s, vpc)]
    if servers and not amazon:
        gap = unknown("", "", GapReason.NOT_IN_API, detail=", ".join(servers))
        return replace(_hidden(hostname, gap), servers=servers)
    if vpc.enable_dns_support is False and not [s for s in servers if s not in amazon]:
        return _disabled(vpc, hostname)
    answer = _amazon(world, vpc, hostname, version, 0)
    if isinstance(vpc.enable_dns_support, Unknown):
        return _hidden(hostname, vpc.enable_dns_support)
    if len(amazon) < len(servers) and answer.outcome is not Outcome.HIDDEN:
        custom = tuple(s for s in servers if s not in amazon)
        gap = unknown("", "", GapReason.NOT_IN_API, detail=", ".join(custom))
        return replace(_hidden(hostname, gap), servers=custom)
    return answer


def _hidden(name: str, gap: Unknown) -> Resolution:
    return Resolution(outcome=Outcome.HIDDEN, name=name, gap=gap)


def _servers(world: World, vpc: Vpc) -> tuple[str, ...] | Unknown:
    """Return the DHCP options' name servers; none = Amazon's."""
    if vpc.dhcp_options_id is None:
        return ()
    found = world.dhcp_options.find(vpc.dhcp_options_id, region=vpc.region, account=vpc.owner)
    if found is None:
        return dangling("ec2", "DescribeDhcpOptions", vpc.dhcp_options_id, vpc.region)
    return found if isinstance(found, Unknown) else found.domain_name_servers


def _is_amazon(server: str, vpc: Vpc) -> bool:
    """Tell whether a server is the VPC's own resolver: its name, link-local address, or VPC base plus two."""
    if server.lower() in AMAZON:
        return True
    address = parse_address(server)
    primary = next((c for c in vpc.cidrs if c.version == 4), None)  # noqa: PLR2004 - IP version
    return address is not None and primary is not None and address == primary.network_address + 2


def _disabled(vpc: Vpc, name: str) -> Resolution:
    return Resolution(
        outcome=Outcome.NO_SUCH_NAME,
        name=name,
        decider=Component(type="vpc", id=vpc.id, account=vpc.owner, region=vpc.region),
        code="dns.support-disabled",
        arguments=(("vpc", vpc.id),),
        refs=(vpc.dns_ref or vpc.ref,),
    )


def _amazon(world: World, vpc: Vpc, name: str, version: int, depth: int) -> Resolution:
    """Return the VPC resolver's answer: DNS Firewall, then the most specific of rule and zone, then endpoints."""
    if depth > MAX_ALIASES:
        return Resolution(outcome=Outcome.NO_SUCH_NAME, name=name)
    firewall = _firewall(world, vpc, name, version, depth)
    if firewall is not None and firewall.outcome is not Outcome.HIDDEN:
        return firewall
    answer = _rule_or_zone(world, vpc, name, version, depth) or _endpoint_or_public(world, vpc, name, version)
    return firewall if firewall is not None else answer


def _firewall(world: World, vpc: Vpc, name: str, version: int, depth: int) -> Resolution | None:
    """Return what DNS Firewall does with the query; None = it lets it pass."""
    gap = world.firewall_rule_groups.missing(region=vpc.region, account=vpc.owner, vpc_id=vpc.id)
    if gap is not None:
        return _hidden(name, gap)
    for group in sorted(world.firewall_rule_groups.of_vpc(vpc.id), key=lambda g: g.priority):
        if isinstance(group.rules, Unknown):
            return _hidden(name, group.rules)
        for rule in group.rules:
            if rule.action == "ALERT":
                continue
            if isinstance(rule.domains, Unknown):
                return _hidden(name, rule.domains)
            if not any(_covers(domain, name) for domain in rule.domains) or not _asked(rule, version):
                continue
            if rule.action == "ALLOW":
                return None
            if rule.action == "BLOCK":
                return _blocked(world, vpc, group.id, rule, name, version, depth)
    return None


def _asked(rule: FirewallRule, version: int) -> bool:
    return rule.qtype in {None, "", "A" if version == 4 else "AAAA", "1" if version == 4 else "28"}  # noqa: PLR2004 - IP version


def _covers(domain: str, name: str) -> bool:
    if domain == "*":
        return True
    if domain.startswith("*."):
        return name.endswith(domain[1:])
    return name == domain


def _blocked(
    world: World, vpc: Vpc, group_id: str, rule: FirewallRule, name: str, version: int, depth: int
) -> Resolution:
    component = Component(
        type="dns-firewall-rule-group", id=f"dns:{group_id}", account=vpc.owner, region=vpc.region
    )
    arguments = (("rule_group", group_id), ("response", rule.block_response), ("hostname", name))
    if rule.block_response == "OVERRIDE" and rule.override_name:
        followed = _amazon(world, vpc, rule.override_name, version, depth + 1)
        return replace(
            followed, decider=component, code="dns.firewall-blocks", arguments=arguments, refs=(rule.ref,)
        )
    outcome = Outcome.NO_DATA if rule.block_response == "NODATA" else Outcome.NO_SUCH_NAME
    return Resolution(
        outcome=outcome,
        name=name,
        decider=component,
        code="dns.firewall-blocks",
        arguments=arguments,
        refs=(rule.ref,),
    )


def _within(name: str, domain: str) -> bool:
    return domain in {"", name} or name.endswith("." + domain)


def _rule_or_zone(  # noqa: PLR0911 - one return a rule of precedence
    world: World, vpc: Vpc, name: str, version: int, depth: int
) -> Resolution | None:
    """Return what the most specific Resolver rule or private zone says; a rule wins a tie."""
    gap = world.resolver_rules.missing(region=vpc.region, account=vpc.owner, vpc_id=vpc.id)
    zone_gap = None
    if not _zones_off(vpc):
        zone_gap = world.hosted_zones.missing(region=vpc.region, account=vpc.owner, vpc_id=vpc.id)
    if gap is not None or zone_gap is not None:
        hidden = gap or zone_gap
        both = gap | zone_gap if gap is not None and zone_gap is not None else hidden
        return _hidden(name, both) if both is not None else None
    rules = [r for r in world.resolver_rules.of_vpc(vpc.id) if _effective(r)]
    unread = next((r for r in rules if r.type == "UNKNOWN"), None)
    if unread is not None:
        said = tuple(g for g in world.resolver_rules.gaps if g.operation == "ListResolverRules")
        missing = unknown("route53resolver", "ListResolverRules", region=vpc.region)
        return _hidden(name, Unknown(said) if said else missing)
    rule = max((r for r in rules if _within(name, r.domain)), key=lambda r: len(r.domain), default=None)
    zones = world.hosted_zones.of_vpc(vpc.id)
    zone = max((z for z in zones if _within(name, z.name)), key=lambda z: len(z.name), default=None)
    if zone is not None and _zones_off(vpc):
        zone = None
    if zone is not None and isinstance(vpc.enable_dns_hostnames, Unknown):
        return _hidden(name, vpc.enable_dns_hostnames)
    own = _private_dns_domain(world, vpc, name)
    if len(own) > max(len(rule.domain) if rule else 0, len(zone.name) if zone else 0):
        return None  # an interface endpoint's private DNS is a zone too, and the most specific one
    if rule is not None and (zone is None or len(rule.domain) >= len(zone.name)):
        answer = _by_rule(rule, vpc, name)
        if answer is None and zone is not None:
            # that a SYSTEM rule leaves a zone of the name aside, or not, is stated by no page
            return _hidden(name, unknown("", "", GapReason.NOT_IN_API, detail=rule.id))
        return answer
    return _by_zone(world, vpc, zone, name, version, depth) if zone is not None else None


def _zones_off(vpc: Vpc) -> bool:
    return vpc.enable_dns_hostnames is False or vpc.enable_dns_support is False


def _effective(rule: ResolverRule) -> bool:
    """Leave out AWS's own rules, which mean ordinary resolution."""
    return not rule.id.startswith("rslvr-autodefined-")


def _by_rule(rule: ResolverRule, vpc: Vpc, name: str) -> Resolution | None:
    if rule.type in {"SYSTEM", "RECURSIVE"}:
        return None
    gap = unknown("", "", GapReason.NOT_IN_API, detail=", ".join(rule.target_ips) or rule.id)
    return Resolution(
        outcome=Outcome.HIDDEN,
        name=name,
        decider=Component(type="resolver-rule", id=f"dns:{rule.id}", account=vpc.owner, region=vpc.region),
        code="dns.rule-forwards",
        arguments=(
            ("rule", rule.id),
            ("domain", rule.domain or "."),
            ("targets", ", ".join(rule.target_ips)),
        ),
        refs=(rule.ref,),
        gap=gap,
    )


def _by_zone(
    world: World, vpc: Vpc, zone: HostedZone, name: str, version: int, depth: int
) -> Resolution | None:
    """Return a private zone's answer; a name without a record does not exist, there is no way back to public DNS."""
    component = Component(type="hosted-zone", id=f"dns:{zone.id}", account=vpc.owner, region=vpc.region)
    arguments = (("zone", zone.id), ("zone_name", zone.name), ("hostname", name))
    if isinstance(zone.records, Unknown):
        return replace(_hidden(name, zone.records), decider=component)
    wanted = "A" if version == 4 else "AAAA"  # noqa: PLR2004 - IP version
    named = _records(zone.records, zone.name, name)
    found = [r for r in named if r.type in {wanted, "CNAME"}]
    if not found:
        return Resolution(
            outcome=Outcome.NO_DATA if named else Outcome.NO_SUCH_NAME,
            name=name,
            decider=component,
            code="dns.zone-lacks-record",
            arguments=arguments,
            refs=(zone.ref,),
        )
    followed = [_record(world, vpc, r, version, depth) for r in found]
    answer = _joined(followed)
    code = (
        "dns.zone-leads-to-interface-endpoint"
        if answer.endpoint is not None
        else "dns.zone-answers-elsewhere"
    )
    if answer.outcome is Outcome.PUBLIC:
        code = ""
    more = (*arguments, ("endpoint", answer.endpoint.id if answer.endpoint else ""))
    return replace(answer, decider=component, code=code, arguments=more, refs=tuple(r.ref for r in found))


def _records(records: tuple[ResourceRecordSet, ...], zone_name: str, name: str) -> list[ResourceRecordSet]:
    """Return the record sets of a name, else those of the closest wildcard."""
    exact = [r for r in records if r.name == name]
    if exact:
        return exact
    parent = name
    while parent != zone_name and "." in parent:
        parent = parent.partition(".")[2]
        wild = [r for r in records if r.name == f"*.{parent}"]
        if wild:
            return wild
        if any(r.name == parent or r.name.endswith("." + parent) for r in records) and parent != zone_name:
            return []  # the closest encloser exists and has no wildcard
    return []


def _record(world: World, vpc: Vpc, record: ResourceRecordSet, version: int, depth: int) -> Resolution:
    target = record.alias or (
        record.values[0].lower().rstrip(".") if record.type == "CNAME" and record.values else None
    )
    if target is not None:
        return _amazon(world, vpc, target, version, depth + 1)
    parsed = [parse_address(value) for value in record.values]
    addresses = tuple(a for a in parsed if a is not None)
    return Resolution(
        outcome=Outcome.ADDRESSES,
        name=record.name,
        addresses=addresses,
        endpoint=_endpoint_with(world, addresses),
    )


def _joined(answers: list[Resolution]) -> Resolution:
    """Return several record sets' answers as one: any of their addresses may be given."""
    if len(answers) == 1:
        return answers[0]
    kinds = {(a.outcome, a.name if a.outcome is Outcome.PUBLIC else "") for a in answers}
    if len(kinds) > 1:
        hidden = next((a for a in answers if a.outcome is Outcome.HIDDEN), None)
        return hidden or _hidden(
            answers[0].name, unknown("", "", GapReason.NOT_IN_API, detail=answers[0].name)
        )
    addresses = tuple(dict.fromkeys(address for a in answers for address in a.addresses))
    return replace(answers[0], addresses=addresses)


def _endpoint_with(world: World, addresses: tuple[Address, ...]) -> VpcEndpoint | None:
    """Return the interface endpoint that owns one of the addresses."""
    wanted = set(addresses)
    for endpoint in world.vpc_endpoints:
        if endpoint.type is not EndpointType.INTERFACE:
            continue
        for interface_id in endpoint.interface_ids:
            interface = world.network_interfaces.get(interface_id)
            if interface is not None and wanted & set(interface.addresses):
                return endpoint
    return None


def _endpoint_or_public(world: World, vpc: Vpc, name: str, version: int) -> Resolution:
    """Return an interface endpoint's addresses where its names or private DNS cover the name, else public DNS."""
    if ".vpce." in name:
        return _specific(world, vpc, name, version)
    gap = world.vpc_endpoints.missing(region=vpc.region, account=vpc.owner, vpc_id=vpc.id)
    for endpoint in world.vpc_endpoints.of_vpc(vpc.id):
        if not _hijacks(endpoint, vpc, name):
            continue
        if isinstance(vpc.enable_dns_hostnames, Unknown):
            return _hidden(name, vpc.enable_dns_hostnames)
        if _zones_off(vpc):
            continue
        answer = _of_endpoint(world, endpoint, name, version)
        return replace(
            answer,
            code="dns.interface-endpoint-answers",
            decider=Component(
                type="vpc-endpoint", id=endpoint.id, account=endpoint.owner, region=endpoint.region
            ),
            arguments=(("endpoint", endpoint.id), ("hostname", name)),
            refs=(endpoint.ref,),
        )
    if gap is not None and _could_be_hijacked(name, vpc):
        return _hidden(name, gap)
    return Resolution(outcome=Outcome.PUBLIC, name=name)


def _hijacks(endpoint: VpcEndpoint, vpc: Vpc, name: str) -> bool:
    """Tell whether an interface endpoint's private DNS answers for a name inside its VPC.

    S3's covers the Regional name, its buckets, access points and the control names; not the global name,
    dash names, FIPS or website names. DynamoDB interface endpoints have no private DNS.
    """
    if endpoint.type is not EndpointType.INTERFACE or not endpoint.private_dns_enabled:
        return False
    if endpoint.private_dns_only_for_inbound_resolver or not endpoint.available:
        return False
    if not is_service_name(endpoint.service_name, vpc.region, "s3"):
        return False
    return _could_be_hijacked(name, vpc)


def _could_be_hijacked(name: str, vpc: Vpc) -> bool:
    return bool(_covering_domain(name, vpc))


def _covering_domain(name: str, vpc: Vpc) -> str:
    """Return the domain of S3's private DNS that a name lies in, else the empty text."""
    suffix = f"{vpc.region}.{dns_suffix(vpc.region)}"
    domains = (f"{word}.{suffix}" for word in ("s3", "s3-control", "s3-accesspoint"))
    return next((domain for domain in domains if _within(name, domain)), "")


def _private_dns_domain(world: World, vpc: Vpc, name: str) -> str:
    """Return the domain by which an endpoint's private DNS answers for a name, else the empty text."""
    if _zones_off(vpc) or isinstance(vpc.enable_dns_hostnames, Unknown):
        return ""
    if any(_hijacks(endpoint, vpc, name) for endpoint in world.vpc_endpoints.of_vpc(vpc.id)):
        return _covering_domain(name, vpc)
    return ""


def _specific(world: World, vpc: Vpc, name: str, version: int) -> Resolution:
    """Return the addresses behind an endpoint-specific name (public DNS answers it with private addresses)."""
    endpoint_id = next((part for label in name.split(".") for part in [_endpoint_label(label)] if part), None)
    endpoint = world.vpc_endpoints.get(endpoint_id) if endpoint_id is not None else None
    if endpoint is not None:
        return _of_endpoint(world, endpoint, name, version)
    gap = world.vpc_endpoints.missing(region=vpc.region) or unknown(
        "ec2", "DescribeVpcEndpoints", GapReason.NOT_IN_API, detail=endpoint_id or name
    )
    return _hidden(name, gap)


def _endpoint_label(label: str) -> str | None:
    """Return the endpoint id in a label such as `vpce-0123-abcd` or `vpce-0123-abcd-eu-west-1a`."""
    if not label.startswith("vpce-"):
        return None
    return "-".join(label.split("-")[:2])


def _of_endpoint(world: World, endpoint: VpcEndpoint, name: str, version: int) -> Resolution:
    addresses: list[Address] = []
    for interface_id in endpoint.interface_ids:
        interface = world.network_interfaces.find(
            interface_id, region=endpoint.region, account=endpoint.owner, vpc_id=endpoint.vpc_id
        )
        if interface is None:
            interface = dangling("ec2", "DescribeNetworkInterfaces", interface_id, endpoint.region)
        if isinstance(interface, Unknown):
            return replace(_hidden(name, interface), endpoint=endpoint)
        addresses.extend(a for a in interface.addresses if a.version == version)
    outcome = Outcome.ADDRESSES if addresses else Outcome.NO_DATA
    return Resolution(outcome=outcome, name=name, addresses=tuple(addresses), endpoint=endpoint)
