"""DNS answers that lead elsewhere than the name says: found by reading, mended since."""

from collections.abc import Callable

import pytest
from tests import snapshots as s
from tests.scenarios_clients import interface_endpoint, ipv6, zone

from gatepath.diagnose import diagnose
from gatepath.model.question import parse_question
from gatepath.snapshot.load import load_world
from gatepath.trace import Diagnosis, PathKind, Verdict

S3 = f"s3.{s.REGION}.amazonaws.com"
NAME = f"data.{S3}"
FOREIGN = "www.example.org"


def ask(made: s.Snapshot, question: s.Json | None = None) -> Diagnosis:
    asked = parse_question(s.question() if question is None else question)
    return diagnose(asked, made.world(), only=frozenset({"network"}))


def record(kind: str, *values: str, **more: object) -> s.Json:
    listed = [{"Value": value} for value in values]
    return {"Name": f"{NAME}.", "Type": kind, "TTL": 60, "ResourceRecords": listed, **more}


def firewall(made: s.Snapshot, rule: s.Json, *domains: str) -> None:
    """Associate a rule group with one rule; without domains its list was not recorded."""
    made.rows("route53resolver.ListFirewallRuleGroupAssociations").append(
        {
            "Id": "rslvr-frgassoc-1",
            "FirewallRuleGroupId": "rslvr-frg-1",
            "VpcId": s.VPC,
            "Priority": 101,
            "Status": "COMPLETE",
        }
    )
    listed = {"FirewallDomainListId": "rslvr-fdl-1", "Priority": 1, **rule}
    made.add_call(
        "route53resolver",
        "ListFirewallRules",
        {"FirewallRuleGroupId": "rslvr-frg-1"},
        response={"FirewallRules": [listed]},
    )
    if domains:
        made.add_call(
            "route53resolver",
            "ListFirewallDomains",
            {"FirewallDomainListId": "rslvr-fdl-1"},
            response={"Domains": list(domains)},
        )


def to_foreign_name(made: s.Snapshot) -> None:
    zone(made, S3, [record("CNAME", f"{FOREIGN}.")])


def to_other_region(made: s.Snapshot) -> None:
    zone(made, S3, [record("CNAME", "s3.us-east-1.amazonaws.com.")])


def overridden(made: s.Snapshot) -> None:
    override = {"BlockResponse": "OVERRIDE", "BlockOverrideDomain": FOREIGN, "BlockOverrideDnsType": "CNAME"}
    firewall(made, {"Action": "BLOCK", **override}, f"*.{S3}.")


def weighted(made: s.Snapshot) -> None:
    ours = record("A", "52.218.1.1", SetIdentifier="a", Weight=1)
    zone(made, S3, [ours, record("CNAME", f"{FOREIGN}.", SetIdentifier="b", Weight=1)])


@pytest.mark.parametrize("lead_away", [to_foreign_name, to_other_region, overridden, weighted])
def test_a_name_led_elsewhere_is_not_the_services(lead_away: Callable[[s.Snapshot], None]) -> None:
    made = s.sound()
    lead_away(made)
    assert ask(made).verdict is not Verdict.OK


def test_a_strangers_address_beside_an_endpoints_is_still_a_strangers() -> None:
    made = s.sound()
    interface_endpoint(made, private_dns=False)
    zone(made, S3, [record("A", "10.0.1.51", "198.51.100.7")])
    assert ask(made).verdict is Verdict.UNKNOWN


def test_private_dns_of_an_endpoint_is_more_specific_than_a_zone_above_it() -> None:
    made = s.sound()
    interface_endpoint(made, private_dns=True)
    zone(made, "amazonaws.com", [])
    found = ask(made)
    assert found.verdict is Verdict.BYPASS
    assert {path.kind for path in found.paths} == {PathKind.INTERFACE_ENDPOINT}


def test_an_alert_rule_whose_domains_are_not_recorded_changes_nothing() -> None:
    made = s.sound()
    firewall(made, {"Action": "ALERT"})
    assert ask(made).verdict is Verdict.OK


def test_zones_that_are_not_recorded_do_not_matter_where_they_are_off() -> None:
    made = s.sound()
    made.replace_call(
        "ec2.DescribeVpcAttribute",
        {"VpcId": s.VPC, "Attribute": "enableDnsHostnames"},
        response={"VpcId": s.VPC, "EnableDnsHostnames": {"Value": False}},
    )
    made.calls = [call for call in made.calls if call["operation"] != "ListHostedZonesByVPC"]
    assert ask(made).verdict is Verdict.OK


def test_a_drop_by_dns_has_a_finding_of_dns() -> None:
    made = s.sound()
    ipv6(made)
    interface_endpoint(made, private_dns=False)
    name = f"data.bucket.vpce-0e1-abcd.s3.{s.REGION}.vpce.amazonaws.com"
    found = ask(made, s.question(client=s.client(hostname=name, ip_version=6)))
    assert found.verdict is Verdict.BLOCKED
    assert "dns.no-address-of-version" in {finding.code for finding in found.findings}


def test_the_call_that_would_tell_whose_address_it_is_is_named() -> None:
    made = s.sound()
    asked = s.parse_question(s.question(client=s.client(resolves_to=["198.51.100.7"])))
    for operation in ("DescribeVpcs", "DescribeVpcEndpoints"):
        world = load_world(r for r in made.records() if r.operation != operation)
        found = diagnose(asked, world, only=frozenset({"network"}))
        assert found.verdict == "unknown"
        assert operation in {gap.operation for u in found.unknowns for gap in u.unknown.gaps}
