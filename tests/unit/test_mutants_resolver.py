"""Whom a VPC's resolver asks: DHCP options, Resolver rules, private zones and private DNS against each other.

https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/resolver-overview-forward-vpc-to-network.html,
https://docs.aws.amazon.com/vpc/latest/userguide/AmazonDNS-concepts.html and
https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/hosted-zone-private-considerations.html
"""

from dataclasses import replace
from ipaddress import ip_network
from itertools import pairwise
from typing import Any

import pytest
from tests import scenarios_clients as clients
from tests import snapshots as s
from tests.properties import worlds

from gatepath.engine.resolver import Outcome, Resolution, resolve
from gatepath.model.names import HostedZone, ResolverRule, ResourceRecordSet
from gatepath.model.network import Vpc
from gatepath.model.ref import Gap, GapReason, Unknown
from gatepath.model.store import Coverage, Listing
from gatepath.model.world import World

REGIONAL = f"s3.{s.REGION}.amazonaws.com"
NAME = f"data.{REGIONAL}"
COVER = (Coverage(account=s.ACCOUNT, region=s.REGION),)


def rule(domain: str, kind: str = "FORWARD", rule_id: str = "rslvr-rr-1") -> ResolverRule:
    return ResolverRule(
        id=f"{rule_id}-{domain}",
        region=s.REGION,
        vpc_id=s.VPC,
        domain=domain,
        type=kind,
        target_ips=("10.0.0.53",),
        resolver_endpoint_id=None,
        ref=worlds.REF,
    )


def zone(name: str, *records: ResourceRecordSet, **more: Any) -> HostedZone:
    made = HostedZone(
        id=f"Z-{name}", name=name, vpc_id=s.VPC, owner=s.ACCOUNT, records=records, ref=worlds.REF
    )
    return replace(made, **more)


def record(name: str, kind: str, *values: str) -> ResourceRecordSet:
    return ResourceRecordSet(name=name, type=kind, values=values, alias=None, ref=worlds.REF)


def listing(rows: list[Any]) -> Listing[Any]:
    by_id = {row.id: row for row in rows}
    return Listing(operation="x.ListThings", rows=by_id, by_vpc={s.VPC: tuple(by_id)}, coverage=COVER)


def world(*rows: ResolverRule | HostedZone, made: s.Snapshot | None = None) -> World:
    rules = [row for row in rows if isinstance(row, ResolverRule)]
    zones = [row for row in rows if isinstance(row, HostedZone)]
    return replace((made or s.sound()).world(), resolver_rules=listing(rules), hosted_zones=listing(zones))


def vpc_of(made: World, **more: Any) -> Vpc:
    vpc = made.vpcs.get(s.VPC)
    assert vpc is not None
    return replace(vpc, **more)


def ask(made: World, name: str = NAME, version: int = 4, **more: Any) -> Resolution:
    return resolve(made, vpc_of(made, **more), name, version)


def decider(found: Resolution) -> str | None:
    return None if found.decider is None else found.decider.id


HERE = record(NAME, "A", "10.0.0.9")


def test_without_anything_public_dns_answers() -> None:
    assert ask(world()).outcome is Outcome.PUBLIC
    assert ask(world(), dhcp_options_id=None).outcome is Outcome.PUBLIC


def test_options_that_a_complete_list_lacks_are_not_known() -> None:
    found = ask(world(), dhcp_options_id="dopt-0gone")
    assert found.gap is not None
    assert [(gap.operation, gap.reason) for gap in found.gap.gaps] == [
        ("DescribeDhcpOptions", GapReason.FAILED)
    ]


def with_servers(*servers: str) -> World:
    made = s.sound()
    values = [{"Value": server} for server in servers]
    made.rows("ec2.DescribeDhcpOptions")[0]["DhcpConfigurations"] = [
        {"Key": "domain-name-servers", "Values": values}
    ]
    return world(made=made)


@pytest.mark.parametrize(
    "server", ["AmazonProvidedDNS", " amazonprovideddns ", "169.254.169.253", "fd00:ec2::253", "10.0.0.2"]
)
def test_amazons_resolver_by_any_of_its_names(server: str) -> None:
    made = with_servers(server)
    blocks = (ip_network("2001:db8::/56"), ip_network("10.0.0.0/16"))
    assert ask(made, cidrs=blocks).outcome is Outcome.PUBLIC
    assert ask(made, cidrs=blocks).servers == ()


@pytest.mark.parametrize("server", ["10.0.0.3", "10.1.0.2", "2001:db8::2", "dns.example"])
def test_any_other_server_is_ones_own(server: str) -> None:
    found = ask(with_servers(server))
    assert (found.outcome, found.servers, found.otherwise) == (Outcome.HIDDEN, (server,), None)


def test_one_of_two_kinds_of_servers_may_be_asked() -> None:
    found = ask(with_servers("10.0.0.3", "AmazonProvidedDNS"))
    assert (found.outcome, found.servers) == (Outcome.HIDDEN, ("10.0.0.3",))
    assert found.otherwise is not None
    assert found.otherwise.outcome is Outcome.PUBLIC
    hidden = replace(
        with_servers("10.0.0.3", "AmazonProvidedDNS"), resolver_rules=Listing(operation="x.ListRules")
    )
    assert ask(hidden).servers == ()
    assert ask(hidden).gap is not None


def test_switched_off_support_answers_nothing() -> None:
    made = world()
    found = ask(made, enable_dns_support=False)
    assert (found.outcome, found.code) == (Outcome.NO_SUCH_NAME, "dns.support-disabled")
    assert found.refs == (vpc_of(made).dns_ref,)
    assert ask(made, enable_dns_support=False, dns_ref=None).refs == (vpc_of(made).ref,)


def chain(length: int) -> HostedZone:
    """Return a zone in which it takes `length` names to come to an address."""
    names = [NAME, *(f"n{number}.{REGIONAL}" for number in range(1, length))]
    links = [record(name, "CNAME", following) for name, following in pairwise(names)]
    return zone(REGIONAL, *links, record(names[-1], "A", "10.0.0.9"))


def test_a_chain_of_names_ends_and_a_loop_has_no_answer() -> None:
    assert ask(world(chain(9))).outcome is Outcome.ADDRESSES
    assert len(ask(world(chain(9))).trail) == 9
    assert ask(world(chain(10))).outcome is Outcome.NO_SUCH_NAME
    loop = zone(REGIONAL, record(NAME, "CNAME", f"b.{REGIONAL}"), record(f"b.{REGIONAL}", "CNAME", NAME))
    found = ask(world(loop))
    assert (found.outcome, found.trail) == (Outcome.NO_SUCH_NAME, (NAME, f"b.{REGIONAL}", NAME))


def test_missing_rules_and_zones_are_both_named() -> None:
    made = replace(
        world(),
        resolver_rules=Listing(operation="route53resolver.ListResolverRuleAssociations"),
        hosted_zones=Listing(operation="route53.ListHostedZonesByVPC"),
    )
    found = ask(made)
    assert found.gap is not None
    assert [gap.operation for gap in found.gap.gaps] == [
        "ListResolverRuleAssociations",
        "ListHostedZonesByVPC",
    ]
    rules = replace(made, hosted_zones=world().hosted_zones)
    only = ask(rules).gap
    assert only is not None
    assert [gap.operation for gap in only.gaps] == ["ListResolverRuleAssociations"]


@pytest.mark.parametrize(("domain", "forwards"), [(NAME, True), (REGIONAL, False), ("x.example", False)])
def test_a_rule_for_the_very_name_wins_over_zones_that_are_not_recorded(domain: str, forwards: bool) -> None:
    made = replace(world(rule(domain)), hosted_zones=Listing(operation="route53.ListHostedZonesByVPC"))
    assert (ask(made).code == "dns.rule-forwards") is forwards


@pytest.mark.parametrize(
    ("rules", "winner"),
    [
        (["", "amazonaws.com"], "amazonaws.com"),
        (["amazonaws.com", ""], "amazonaws.com"),
        ([""], ""),
        (["other.example", "com"], "com"),
        (["x.example"], None),
    ],
)
def test_the_most_specific_rule_forwards(rules: list[str], winner: str | None) -> None:
    found = ask(world(*(rule(domain) for domain in rules)))
    assert decider(found) == (None if winner is None else f"dns:rslvr-rr-1-{winner}")


def test_amazons_own_rules_mean_ordinary_resolution() -> None:
    assert ask(world(rule("", "RECURSIVE", "rslvr-autodefined-rr"))).outcome is Outcome.PUBLIC
    assert ask(world(rule(NAME, "UNKNOWN", "rslvr-autodefined-rr"))).outcome is Outcome.PUBLIC


def test_a_rule_of_which_only_the_association_is_recorded_may_say_anything() -> None:
    listed = Gap(service="route53resolver", operation="ListResolverRules", reason=GapReason.DENIED)
    other = Gap(service="route53resolver", operation="ListResolverEndpoints", reason=GapReason.DENIED)
    rules = replace(listing([rule("", "UNKNOWN")]), gaps=(other, listed))
    found = ask(replace(world(), resolver_rules=rules))
    assert found.gap == Unknown((listed,))


@pytest.mark.parametrize(
    ("domain", "zone_name", "winner"),
    [("amazonaws.com", REGIONAL, "zone"), (REGIONAL, REGIONAL, "rule"), (REGIONAL, "amazonaws.com", "rule")],
)
def test_the_more_specific_of_rule_and_zone_answers_and_the_rule_at_a_tie(
    domain: str, zone_name: str, winner: str
) -> None:
    found = ask(world(rule(domain), zone(zone_name, HERE)))
    assert decider(found) == (f"dns:Z-{zone_name}" if winner == "zone" else f"dns:rslvr-rr-1-{domain}")


@pytest.mark.parametrize("order", [1, -1])
def test_the_most_specific_zone_answers(order: int) -> None:
    zones = [zone("amazonaws.com"), zone(REGIONAL, HERE), zone("other.example")][::order]
    assert decider(ask(world(*zones))) == f"dns:Z-{REGIONAL}"


def test_a_system_rule_as_specific_as_a_zone_leaves_open_who_answers() -> None:
    found = ask(world(rule(REGIONAL, "SYSTEM"), zone(REGIONAL, HERE)))
    assert found.outcome is Outcome.HIDDEN
    assert found.gap is not None
    assert [gap.detail for gap in found.gap.gaps] == [f"rslvr-rr-1-{REGIONAL}"]
    hidden = zone(REGIONAL, records=Unknown((Gap(service="route53", operation="ListResourceRecordSets"),)))
    unread = ask(world(rule(REGIONAL, "SYSTEM"), hidden)).gap
    assert unread is not None
    assert [gap.operation for gap in unread.gaps] == ["ListResourceRecordSets"]
    assert ask(world(rule("amazonaws.com", "SYSTEM"), zone(REGIONAL, HERE))).outcome is Outcome.ADDRESSES
    assert ask(world(rule(REGIONAL, "SYSTEM"))).outcome is Outcome.PUBLIC


def private_dns() -> s.Snapshot:
    made = s.sound()
    clients.interface_endpoint(made, private_dns=True)
    return made


@pytest.mark.parametrize(
    ("zone_name", "winner"),
    [
        ("amazonaws.com", "vpce-0e1"),
        (REGIONAL, f"dns:Z-{REGIONAL}"),
        (NAME, f"dns:Z-{NAME}"),
        (None, "vpce-0e1"),
    ],
)
def test_private_dns_acts_as_a_zone_of_its_domain(zone_name: str | None, winner: str) -> None:
    zones = [] if zone_name is None else [zone(zone_name, HERE)]
    assert decider(ask(world(*zones, made=private_dns()))) == winner


def test_the_zone_of_aws_behind_private_dns_is_the_endpoints_own() -> None:
    """It is listed with a service as its owner, and nobody may read its records."""
    gap = Unknown((Gap(service="route53", operation="ListResourceRecordSets"),))
    theirs = zone(REGIONAL, owner="vpce.amazonaws.com", records=gap)
    assert decider(ask(world(theirs, made=private_dns()))) == "vpce-0e1"
    assert ask(world(theirs)).outcome is Outcome.PUBLIC
    assert ask(replace(world(theirs), vpc_endpoints=Listing(operation="ec2.DescribeVpcEndpoints"))).gap == gap
    read = zone(REGIONAL, HERE, owner="vpce.amazonaws.com")
    assert decider(ask(world(read, made=private_dns()))) == f"dns:Z-{REGIONAL}"
    unread = zone(REGIONAL, records=gap)
    assert ask(world(unread, made=private_dns())).gap == gap


@pytest.mark.parametrize(
    ("zone_name", "hidden"), [("amazonaws.com", True), (REGIONAL, False), (NAME, False), (None, True)]
)
def test_endpoints_that_are_not_recorded_may_answer_unless_a_zone_is_as_specific(
    zone_name: str | None, hidden: bool
) -> None:
    zones = [] if zone_name is None else [zone(zone_name, HERE)]
    made = replace(world(*zones), vpc_endpoints=Listing(operation="ec2.DescribeVpcEndpoints"))
    found = ask(made)
    assert (found.outcome is Outcome.HIDDEN) is hidden
    forwarded = replace(world(rule(REGIONAL)), vpc_endpoints=Listing(operation="ec2.DescribeVpcEndpoints"))
    assert ask(forwarded).code == "dns.rule-forwards"
    above = replace(world(rule("amazonaws.com")), vpc_endpoints=Listing(operation="ec2.DescribeVpcEndpoints"))
    assert ask(above).gap is not None
    assert ask(above).code == ""
