"""DNS Firewall rule by rule.

https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/resolver-dns-firewall-rule-actions.html and
https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/resolver-dns-firewall-rule-groups.html
"""

from dataclasses import replace
from ipaddress import ip_address
from typing import Any

import pytest
from tests import snapshots as s
from tests.properties import worlds

from gatepath.engine.dns_firewall import filtered
from gatepath.engine.resolution import Outcome, Resolution
from gatepath.model.names import FirewallRule, FirewallRuleGroup
from gatepath.model.ref import Unknown, unknown
from gatepath.model.store import Coverage, Listing
from gatepath.model.world import World

NAME = f"data.s3.{s.REGION}.amazonaws.com"
GAP = unknown("route53resolver", "ListFirewallDomains")


def rule(priority: int, action: str, *domains: str, **more: Any) -> FirewallRule:
    made = FirewallRule(
        priority=priority,
        action=action,
        block_response="NXDOMAIN" if action == "BLOCK" else "",
        override_name=None,
        domain_list_id="rslvr-fdl-1",
        domains=domains or ("*",),
        qtype=None,
        ref=worlds.REF,
    )
    return replace(made, **more)


def group(priority: int, *rules: FirewallRule, **more: Any) -> FirewallRuleGroup:
    made = FirewallRuleGroup(
        id=f"rslvr-frg-{priority}",
        region=s.REGION,
        vpc_id=s.VPC,
        association_id=f"rslvr-frgassoc-{priority}",
        priority=priority,
        status="COMPLETE",
        rules=rules,
        ref=worlds.REF,
    )
    return replace(made, **more)


def follow(name: str) -> Resolution:
    return Resolution(outcome=Outcome.ADDRESSES, name=name, addresses=(ip_address("10.0.0.9"),))


def answer(*groups: FirewallRuleGroup, version: int = 4) -> Resolution | None:
    rows = {one.association_id: one for one in groups}
    listing = Listing(
        operation="route53resolver.ListFirewallRuleGroupAssociations",
        rows=rows,
        by_vpc={s.VPC: tuple(rows)},
        coverage=(Coverage(account=s.ACCOUNT, region=s.REGION),),
    )
    vpc = s.sound().world().vpcs.get(s.VPC)
    assert vpc is not None
    return filtered(World(firewall_rule_groups=listing), vpc, NAME, version, follow)


def outcome(*rules: FirewallRule, version: int = 4) -> Outcome | None:
    found = answer(group(100, *rules), version=version)
    return None if found is None else found.outcome


BLOCKED = Outcome.NO_SUCH_NAME


@pytest.mark.parametrize("reverse", [False, True])
def test_the_rule_with_the_lowest_number_decides(reverse: bool) -> None:
    block, allow = rule(1, "BLOCK"), rule(2, "ALLOW")
    order = (allow, block) if reverse else (block, allow)
    assert outcome(*order) is BLOCKED
    later = (replace(block, priority=3), allow)
    assert outcome(*(later[::-1] if reverse else later)) is None


@pytest.mark.parametrize("reverse", [False, True])
def test_the_group_with_the_lowest_number_decides(reverse: bool) -> None:
    groups = [group(1, rule(9, "BLOCK")), group(2, rule(1, "ALLOW"))]
    found = answer(*(groups[::-1] if reverse else groups))
    assert found is not None
    assert found.outcome is BLOCKED
    assert found.decider is not None
    assert found.decider.id == "dns:rslvr-frg-1"


@pytest.mark.parametrize(
    ("domain", "matches"),
    [
        ("*", True),
        (NAME, True),
        ("*.amazonaws.com", True),
        (f"*.{NAME}", False),
        ("amazonaws.com", False),
        ("other.example", False),
        ("*.example", False),
        ("*.onaws.com", False),
    ],
)
def test_a_domain_matches_itself_and_with_a_star_what_lies_below(domain: str, matches: bool) -> None:
    assert outcome(rule(1, "BLOCK", domain)) is (BLOCKED if matches else None)
    assert outcome(rule(1, "BLOCK", "other.example", domain)) is (BLOCKED if matches else None)


def test_a_star_without_a_dot_is_not_documented() -> None:
    assert outcome(rule(1, "BLOCK", "*onaws.com")) is Outcome.HIDDEN
    assert outcome(rule(1, "BLOCK", "*zonaws.com.example")) is None
    assert outcome(rule(1, "BLOCK", "*xnaws.com")) is None
    assert outcome(rule(1, "BLOCK", "xonaws.com")) is None
    found = answer(group(1, rule(1, "BLOCK", "*onaws.com")))
    assert found is not None
    assert found.gap is not None
    assert found.gap.gaps


@pytest.mark.parametrize(
    ("version", "qtype", "blocked"),
    [
        (4, "A", True),
        (4, "a", True),
        (4, "1", True),
        (4, "AAAA", False),
        (4, "28", False),
        (4, "MX", False),
        (6, "AAAA", True),
        (6, "28", True),
        (6, "A", False),
        (6, "1", False),
        (6, None, True),
        (4, None, True),
    ],
)
def test_a_rule_for_a_query_type_matches_no_other(version: int, qtype: str | None, blocked: bool) -> None:
    assert outcome(rule(1, "BLOCK", qtype=qtype), version=version) is (BLOCKED if blocked else None)


def test_an_alert_lets_the_query_through_to_the_next_rule() -> None:
    assert outcome(rule(1, "ALERT")) is None
    assert outcome(rule(1, "ALERT"), rule(2, "BLOCK")) is BLOCKED


def test_other_domains_leave_the_query_to_the_next_rule() -> None:
    assert outcome(rule(1, "ALLOW", "other.example"), rule(2, "BLOCK")) is BLOCKED


@pytest.mark.parametrize(
    ("response", "found"),
    [("NODATA", Outcome.NO_DATA), ("NXDOMAIN", BLOCKED), ("OVERRIDE", Outcome.ADDRESSES)],
)
def test_a_block_answers_as_it_says(response: str, found: Outcome) -> None:
    made = rule(1, "BLOCK", block_response=response, override_name="sinkhole.example")
    said = answer(group(1, made))
    assert said is not None
    assert (said.outcome, said.code) == (found, "dns.firewall-blocks")
    assert said.name == ("sinkhole.example" if response == "OVERRIDE" else NAME)
    assert said.gap is None


def test_an_override_without_a_name_is_not_known() -> None:
    said = answer(group(1, rule(1, "BLOCK", block_response="OVERRIDE")))
    assert said is not None
    assert said.outcome is Outcome.HIDDEN


def test_a_new_action_is_not_known() -> None:
    assert outcome(rule(1, "QUARANTINE")) is Outcome.HIDDEN


def test_unrecorded_rules_of_a_group_hide_what_follows_and_nothing_before() -> None:
    hidden = group(5, rules=GAP)
    found = answer(hidden)
    assert found is not None
    assert found.gap == GAP
    first = answer(group(1, rule(1, "BLOCK")), hidden)
    assert first is not None
    assert first.outcome is BLOCKED
    last = answer(hidden, group(9, rule(1, "ALLOW")), group(1, rule(1, "ALERT")))
    assert last is not None
    assert last.gap == GAP


@pytest.mark.parametrize(
    ("action", "after", "found"),
    [
        ("ALLOW", (), None),
        ("ALLOW", ("ALLOW",), None),
        ("ALLOW", ("BLOCK",), Outcome.HIDDEN),
        ("BLOCK", (), Outcome.HIDDEN),
        ("BLOCK", ("BLOCK",), BLOCKED),
        ("BLOCK", ("ALLOW",), Outcome.HIDDEN),
    ],
)
def test_unrecorded_domains_matter_only_where_the_answer_would_differ(
    action: str, after: tuple[str, ...], found: Outcome | None
) -> None:
    hidden: tuple[str, ...] | Unknown = GAP
    rules = [rule(2 + number, each) for number, each in enumerate(after)]
    assert outcome(rule(1, action, domains=hidden), *rules) is found


def test_two_blocks_that_answer_otherwise_differ() -> None:
    override = rule(2, "BLOCK", block_response="OVERRIDE", override_name="sinkhole.example")
    assert outcome(rule(1, "BLOCK", domains=GAP), override) is Outcome.HIDDEN
    assert outcome(replace(override, priority=1, domains=GAP), rule(2, "BLOCK")) is Outcome.HIDDEN
