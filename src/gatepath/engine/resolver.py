"""What a client in a VPC is answered when it asks for a name.

Sources: https://docs.aws.amazon.com/vpc/latest/userguide/vpc-dns.html,
https://docs.aws.amazon.com/vpc/latest/userguide/VPC_DHCP_Options.html,
https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/resolver-forwarding-outbound-queries.html and those
of `dns_firewall`, `hosted_zones` and `endpoint_names`.
"""

from dataclasses import replace
from functools import partial

from gatepath.engine.dns_firewall import filtered
from gatepath.engine.endpoint_names import (
    PrivateName,
    by_private_name,
    endpoint_at,
    private_name,
    s3_domain,
    specific,
)
from gatepath.engine.hosted_zones import by_zone
from gatepath.engine.resolution import NOTHING, Follow, Outcome, Resolution, hidden, unseen, within
from gatepath.model.names import HostedZone, ResolverRule
from gatepath.model.network import Vpc
from gatepath.model.ref import GapReason, Unknown, unknown
from gatepath.model.world import World, dangling
from gatepath.packets import parse_address
from gatepath.trace import Component

__all__ = ["MAX_ALIASES", "NOTHING", "Outcome", "Resolution", "resolve"]

MAX_ALIASES = 8
"""Longer chains of CNAMEs are taken for loops."""
AMAZON = "amazonprovideddns"
_WITHOUT_EFFECT = frozenset({"DELETED", "FAILED"})
"""States of a Route 53 Profile's association in which it changes nothing."""
LINK_LOCAL = frozenset({parse_address("169.254.169.253"), parse_address("fd00:ec2::253")})


def resolve(world: World, vpc: Vpc, hostname: str, version: int) -> Resolution:
    """Return what the resolver of a VPC answers for a name."""
    name = hostname.strip().lower().rstrip(".")
    servers = _servers(world, vpc)
    if isinstance(servers, Unknown):
        return hidden(name, servers)
    custom = tuple(s for s in servers if not _is_amazon(s, vpc))
    if custom and len(custom) == len(servers):
        return replace(unseen(name, ", ".join(custom)), servers=custom)
    answer = _own(world, vpc, version, name)
    if not custom or answer.gap is not None:
        return answer
    return replace(unseen(name, ", ".join(custom)), servers=custom, otherwise=answer)


def _own(world: World, vpc: Vpc, version: int, name: str) -> Resolution:
    """Return what the VPC's own resolver answers; what a Route 53 Profile adds to it is hidden."""
    if vpc.enable_dns_support is False:
        return _disabled(vpc, name)
    profile = next((p for p in world.dns_profiles.of_vpc(vpc.id) if p.status not in _WITHOUT_EFFECT), None)
    if profile is not None:
        return unseen(name, profile.id)
    answer = _amazon(world, vpc, version, (), name)
    if isinstance(vpc.enable_dns_support, Unknown) and answer.outcome not in NOTHING:
        return hidden(name, vpc.enable_dns_support)
    return answer


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
    if server.strip().lower() == AMAZON:
        return True
    address = parse_address(server.strip())
    primary = next((c for c in vpc.cidrs if c.version == 4), None)  # noqa: PLR2004 - IP version
    base_plus_two = primary.network_address + 2 if primary is not None else None
    return address is not None and (address in LINK_LOCAL or address == base_plus_two)


def _disabled(vpc: Vpc, name: str) -> Resolution:
    return Resolution(
        outcome=Outcome.NO_SUCH_NAME,
        name=name,
        decider=Component(type="vpc", id=vpc.id, account=vpc.owner, region=vpc.region),
        code="dns.support-disabled",
        arguments=(("vpc", vpc.id),),
        refs=(vpc.dns_ref or vpc.ref,),
        trail=(name,),
    )


def _amazon(world: World, vpc: Vpc, version: int, trail: tuple[str, ...], name: str) -> Resolution:
    """Return the VPC resolver's answer: DNS Firewall first, then rules, zones, endpoints, public DNS.

    `trail` holds the names that led here; a name met twice is a loop and has no answer.
    """
    if name in trail or len(trail) > MAX_ALIASES:
        return Resolution(outcome=Outcome.NO_SUCH_NAME, name=name, trail=(name,))
    follow = partial(_amazon, world, vpc, version, (*trail, name))
    blocked = filtered(world, vpc, name, version, follow)
    answer = _inside(world, vpc, name, version, follow) if blocked is None else blocked
    return replace(answer, trail=(name, *answer.trail))


def _inside(world: World, vpc: Vpc, name: str, version: int, follow: Follow) -> Resolution:
    """Return what the most specific of Resolver rule, private zone and endpoint's private DNS says.

    A rule wins a tie. A gap counts unless what is known is at least as specific as anything it may hide.
    """
    rule = _rule(world, vpc, name)
    if isinstance(rule, Unknown):
        zone_gap = _zone_gap(world, vpc)
        return hidden(name, rule | zone_gap if zone_gap is not None else rule)
    forwards = rule is not None and rule.type not in {"SYSTEM", "RECURSIVE"}
    if rule is not None and forwards and rule.domain == name:
        return _by_rule(rule, vpc, name)
    zone_gap = _zone_gap(world, vpc)
    if zone_gap is not None:
        return hidden(name, zone_gap)
    best = _best(world, vpc, name)
    if rule is not None and (best is None or len(rule.domain) >= len(_domain(best, vpc, name))):
        if forwards:
            return _by_rule(rule, vpc, name)
        if best is not None:
            return _by_exception(rule, _local(world, vpc, best, name, version, follow), name)
    return _local(world, vpc, best, name, version, follow)


def _rule(world: World, vpc: Vpc, name: str) -> ResolverRule | Unknown | None:
    """Return the most specific rule for a name; AWS's own mean ordinary resolution and are left out."""
    gap = world.resolver_rules.missing(region=vpc.region, account=vpc.owner, vpc_id=vpc.id)
    if gap is not None:
        return gap
    associated = world.resolver_rules.of_vpc(vpc.id)
    rules = [r for r in associated if not r.id.startswith("rslvr-autodefined-")]
    if any(r.type == "UNKNOWN" for r in rules):
        said = tuple(g for g in world.resolver_rules.gaps if g.operation == "ListResolverRules")
        return Unknown(said) if said else unknown("route53resolver", "ListResolverRules", region=vpc.region)
    return max((r for r in rules if within(name, r.domain)), key=lambda r: len(r.domain), default=None)


def _zones_off(vpc: Vpc) -> bool:
    """Tell whether private zones and private DNS are not asked: both need both DNS attributes."""
    return vpc.enable_dns_hostnames is False or vpc.enable_dns_support is False


def _zone_gap(world: World, vpc: Vpc) -> Unknown | None:
    if _zones_off(vpc):
        return None
    return world.hosted_zones.missing(region=vpc.region, account=vpc.owner, vpc_id=vpc.id)


Local = HostedZone | PrivateName | Unknown
"""What answers inside the VPC; Unknown = an interface endpoint that isn't recorded may."""


def _best(world: World, vpc: Vpc, name: str) -> Local | None:
    """Return the most specific private zone or private DNS name; None = public DNS answers."""
    if _zones_off(vpc):
        return None
    own = private_name(world, vpc, name)
    zones = [z for z in world.hosted_zones.of_vpc(vpc.id) if within(name, z.name)]
    gap = world.vpc_endpoints.missing(region=vpc.region, account=vpc.owner, vpc_id=vpc.id)
    if own is not None or gap is None:
        # AWS's own zone behind private DNS may be listed too; the endpoint says what is in it
        zones = [z for z in zones if not z.owner.startswith("vpce.") or not isinstance(z.records, Unknown)]
    zone = max(zones, key=lambda z: len(z.name), default=None)
    if own is not None and (zone is None or len(own.domain) > len(zone.name)):
        return own
    domain = s3_domain(vpc, name)
    if gap is not None and domain is not None and (zone is None or len(domain) > len(zone.name)):
        return gap
    return zone


def _domain(best: Local, vpc: Vpc, name: str) -> str:
    if isinstance(best, Unknown):
        return s3_domain(vpc, name) or ""
    return best.name if isinstance(best, HostedZone) else best.domain


def _local(world: World, vpc: Vpc, best: Local | None, name: str, version: int, follow: Follow) -> Resolution:
    """Return the answer without any forwarding."""
    if best is None:
        if ".vpce." in name:
            return specific(world, vpc, name, version)
        return Resolution(outcome=Outcome.PUBLIC, name=name)
    if isinstance(best, Unknown):
        return hidden(name, best)
    if isinstance(vpc.enable_dns_hostnames, Unknown):
        return hidden(name, vpc.enable_dns_hostnames)
    if isinstance(best, PrivateName):
        return by_private_name(world, best, name, version)
    return by_zone(best, vpc, name, version, follow, partial(endpoint_at, world, vpc))


def _by_exception(rule: ResolverRule, local: Resolution, name: str) -> Resolution:
    """Return the answer where a SYSTEM rule is as specific as a zone.

    The pages say that such a rule makes Resolver answer itself, not whether it passes the zone by.
    """
    return local if local.outcome is Outcome.HIDDEN else unseen(name, rule.id)


def _by_rule(rule: ResolverRule, vpc: Vpc, name: str) -> Resolution:
    targets = ", ".join(rule.target_ips)
    return Resolution(
        outcome=Outcome.HIDDEN,
        name=name,
        decider=Component(type="resolver-rule", id=f"dns:{rule.id}", account=vpc.owner, region=vpc.region),
        code="dns.rule-forwards",
        arguments=(("rule", rule.id), ("domain", rule.domain or "."), ("targets", targets)),
        refs=(rule.ref,),
        gap=unknown("", "", GapReason.NOT_IN_API, detail=targets or rule.id),
    )
