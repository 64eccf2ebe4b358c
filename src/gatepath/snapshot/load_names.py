"""DHCP options, hosted zones, Resolver rules, DNS Firewall: AWS shapes to model."""

from collections.abc import Iterator
from functools import partial
from typing import Any

from gatepath.model import names as n
from gatepath.model.ref import Unknown, unknown
from gatepath.model.store import Coverage
from gatepath.snapshot import wire as w
from gatepath.snapshot.listing import Row, listing
from gatepath.snapshot.load_network import spots
from gatepath.snapshot.pages import Answered, Recording
from gatepath.snapshot.rows import Spot

ZONES = "route53.ListHostedZonesByVPC"
RECORDS = "route53.ListResourceRecordSets"
ASSOCIATIONS = "route53resolver.ListResolverRuleAssociations"
RULES = "route53resolver.ListResolverRules"
PROFILES = "route53profiles.ListProfileAssociations"
FIREWALLS = "route53resolver.ListFirewallRuleGroupAssociations"


def name_listings(recording: Recording) -> dict[str, Any]:
    """Return the listings of this area by their name in `World`."""
    return {
        "dhcp_options": listing(recording, _dhcp(recording), "ec2.DescribeDhcpOptions", shared_view=True),
        "hosted_zones": listing(recording, _zones(recording), ZONES, coverage=_zone_coverage(recording)),
        "resolver_rules": listing(
            recording, _rules(recording), ASSOCIATIONS, more_gaps=recording.gaps(RULES)
        ),
        "firewall_rule_groups": listing(recording, _firewalls(recording), FIREWALLS),
        "dns_profiles": listing(
            recording, _profiles(recording), PROFILES, coverage=_profile_coverage(recording)
        ),
    }


def plain_name(name: str) -> str:
    r"""Return a DNS name in lower case, without trailing dot, `\052` read as `*`."""
    return name.lower().replace("\\052", "*").rstrip(".")


def _dhcp(recording: Recording) -> Iterator[Row]:
    for answered, row, spot in spots(recording, "ec2.DescribeDhcpOptions", "DhcpOptions"):
        servers = [
            value.Value
            for configuration in row.DhcpConfigurations
            if configuration.Key == "domain-name-servers"
            for value in configuration.Values
        ]
        made = n.DhcpOptions(
            id=row.DhcpOptionsId, region=answered.region, domain_name_servers=tuple(servers), ref=spot.ref
        )
        yield Row(made.id, "", answered.account, answered.account, partial(_same, made))


def _same(made: object) -> object:
    return made


def _zone_coverage(recording: Recording) -> tuple[Coverage, ...]:
    """Return what the answers prove: each is whole for one VPC."""
    return tuple(
        Coverage(
            account=answered.account,
            region=str(answered.request.get("VPCRegion", "")),
            vpc_ids=frozenset({str(answered.request.get("VPCId", ""))}),
        )
        for answered in recording.of(ZONES)
        if answered.gap() is None
    )


def _zones(recording: Recording) -> Iterator[Row]:
    for answered, row, spot in spots(recording, ZONES, "HostedZoneSummaries"):
        vpc_id = str(answered.request.get("VPCId", ""))
        zone_id = row.HostedZoneId.rpartition("/")[2]
        make = partial(_zone, recording, row, zone_id, vpc_id, spot)
        yield Row(f"{vpc_id}/{zone_id}", vpc_id, answered.account, answered.account, make)


def _zone(recording: Recording, row: w.ZoneSummary, zone_id: str, vpc_id: str, spot: Spot) -> n.HostedZone:
    return n.HostedZone(
        id=zone_id,
        name=plain_name(row.Name),
        vpc_id=vpc_id,
        owner=row.Owner.OwningAccount or row.Owner.OwningService or "",
        records=_records(recording, zone_id),
        ref=spot.ref,
    )


def _records(recording: Recording, zone_id: str) -> tuple[n.ResourceRecordSet, ...] | Unknown:
    for answered in recording.of(RECORDS):
        if str(answered.request.get("HostedZoneId", "")).rpartition("/")[2] != zone_id:
            continue
        gap = answered.gap()
        if gap is not None:
            return Unknown((gap,))
        return tuple(_record(row, spot) for row, spot in _below(answered, "ResourceRecordSets"))
    return unknown("route53", "ListResourceRecordSets", request=(("HostedZoneId", zone_id),))


def _below(answered: Answered, key: str) -> Iterator[tuple[Any, Spot]]:
    for page in answered.pages.values():
        for number, row in enumerate(getattr(page.answer, key, ())):
            yield row, Spot(page.call, page.place, f"/{key}/{number}")


def _record(row: w.RecordSet, spot: Spot) -> n.ResourceRecordSet:
    return n.ResourceRecordSet(
        name=plain_name(row.Name),
        type=row.Type.upper(),
        values=tuple(value.Value for value in row.ResourceRecords),
        alias=plain_name(row.AliasTarget.DNSName) if row.AliasTarget else None,
        ref=spot.ref,
    )


def _rules(recording: Recording) -> Iterator[Row]:
    rules = {row.Id: (row, spot) for _, row, spot in spots(recording, RULES, "ResolverRules")}
    for answered, row, spot in spots(recording, ASSOCIATIONS, "ResolverRuleAssociations"):
        found = rules.get(row.ResolverRuleId)
        rule = found[0] if found is not None else None
        made = n.ResolverRule(
            id=row.ResolverRuleId,
            region=answered.region,
            vpc_id=row.VPCId,
            domain=plain_name(rule.DomainName) if rule else "",
            type=rule.RuleType if rule else "UNKNOWN",
            target_ips=tuple(ip for t in (rule.TargetIps if rule else ()) if (ip := t.Ip or t.Ipv6)),
            resolver_endpoint_id=rule.ResolverEndpointId if rule else None,
            ref=found[1].ref if found is not None else spot.ref,
        )
        yield Row(
            f"{row.VPCId}/{made.id}", row.VPCId, answered.account, answered.account, partial(_same, made)
        )


def _profile_coverage(recording: Recording) -> tuple[Coverage, ...]:
    """Return what the answers prove: each is whole for its account, or for the one VPC it was asked for."""
    return tuple(
        Coverage(
            account=answered.account,
            region=answered.region,
            vpc_ids=frozenset(map(str, answered.request.values())) or None,
        )
        for answered in recording.of(PROFILES)
        if answered.gap() is None and set(answered.request) <= {"ResourceId"}
    )


def _profiles(recording: Recording) -> Iterator[Row]:
    for answered, row, spot in spots(recording, PROFILES, "ProfileAssociations"):
        made = n.DnsProfile(id=row.ProfileId, vpc_id=row.ResourceId, status=row.Status.upper(), ref=spot.ref)
        yield Row(
            f"{row.ResourceId}/{made.id}",
            row.ResourceId,
            answered.account,
            answered.account,
            partial(_same, made),
        )


def _firewalls(recording: Recording) -> Iterator[Row]:
    for answered, row, spot in spots(recording, FIREWALLS, "FirewallRuleGroupAssociations"):
        make = partial(_firewall, recording, row, answered.region, spot)
        key = f"{row.VpcId}/{row.FirewallRuleGroupId}"
        yield Row(key, row.VpcId, answered.account, answered.account, make)


def _firewall(
    recording: Recording, row: w.FirewallAssociation, region: str, spot: Spot
) -> n.FirewallRuleGroup:
    return n.FirewallRuleGroup(
        id=row.FirewallRuleGroupId,
        region=region,
        vpc_id=row.VpcId,
        association_id=row.Id,
        priority=row.Priority,
        status=row.Status,
        rules=_firewall_rules(recording, row.FirewallRuleGroupId, region),
        ref=spot.ref,
    )


def _firewall_rules(recording: Recording, group_id: str, region: str) -> tuple[n.FirewallRule, ...] | Unknown:
    for answered in recording.of("route53resolver.ListFirewallRules"):
        if answered.request.get("FirewallRuleGroupId") != group_id or set(answered.request) != {
            "FirewallRuleGroupId"
        }:
            continue
        gap = answered.gap()
        if gap is not None:
            return Unknown((gap,))
        rules = [
            _firewall_rule(recording, row, region, spot) for row, spot in _below(answered, "FirewallRules")
        ]
        return tuple(sorted(rules, key=lambda rule: rule.priority))
    request = (("FirewallRuleGroupId", group_id),)
    return unknown("route53resolver", "ListFirewallRules", region=region, request=request)


def _firewall_rule(recording: Recording, row: w.FirewallRule, region: str, spot: Spot) -> n.FirewallRule:
    return n.FirewallRule(
        priority=row.Priority,
        action=row.Action.upper(),
        block_response=row.BlockResponse.upper(),
        override_name=plain_name(row.BlockOverrideDomain) if row.BlockOverrideDomain else None,
        domain_list_id=row.FirewallDomainListId,
        domains=_domains(recording, row.FirewallDomainListId, region),
        qtype=row.Qtype,
        ref=spot.ref,
    )


def _domains(recording: Recording, list_id: str | None, region: str) -> tuple[str, ...] | Unknown:
    for answered in recording.of("route53resolver.ListFirewallDomains"):
        if answered.request.get("FirewallDomainListId") != list_id:
            continue
        gap = answered.gap()
        if gap is not None:
            return Unknown((gap,))
        return tuple(
            plain_name(domain)
            for page in answered.pages.values()
            if isinstance(page.answer, w.FirewallDomains)
            for domain in page.answer.Domains
        )
    request = (("FirewallDomainListId", list_id or ""),)
    return unknown("route53resolver", "ListFirewallDomains", region=region, request=request)
