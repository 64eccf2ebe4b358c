"""Private hosted zones record by record.

https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/hosted-zone-private-considerations.html,
https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/DomainNameFormat.html and
https://www.rfc-editor.org/rfc/rfc4592 (which name a wildcard stands for)
"""

from ipaddress import ip_address

import pytest
from tests import scenarios_clients as clients
from tests import snapshots as s
from tests.properties import worlds

from gatepath.engine.hosted_zones import by_zone, records_of
from gatepath.engine.resolution import Outcome, Resolution, unseen
from gatepath.model.names import HostedZone, ResourceRecordSet
from gatepath.model.network import Address, VpcEndpoint
from gatepath.model.ref import Unknown, unknown

ZONE = "example.com"


def record(name: str, kind: str, *values: str, alias: str | None = None) -> ResourceRecordSet:
    return ResourceRecordSet(name=name, type=kind, values=values, alias=alias, ref=worlds.REF)


def names(wanted: str, *records: str) -> list[str]:
    return [found.name for found in records_of(tuple(record(r, "A") for r in records), ZONE, wanted)]


@pytest.mark.parametrize(
    ("wanted", "records", "found"),
    [
        ("a.example.com", ["a.example.com", "*.example.com"], ["a.example.com"]),
        ("b.example.com", ["a.example.com", "*.example.com"], ["*.example.com"]),
        ("x.b.example.com", ["a.example.com", "*.example.com"], ["*.example.com"]),
        ("x.b.example.com", ["b.example.com", "*.example.com"], []),
        ("x.b.example.com", ["y.b.example.com", "*.example.com"], []),
        ("x.b.example.com", ["*.b.example.com", "*.example.com"], ["*.b.example.com"]),
        ("x.y.b.example.com", ["*.b.example.com", "z.example.com"], ["*.b.example.com"]),
        ("x.y.b.example.com", ["b.example.com", "*.example.com", "z.example.com"], []),
        ("x.b.example.com", ["xb.example.com", "*.example.com"], ["*.example.com"]),
        ("a.example.com", ["*.com", "*.a.example.com"], []),
        ("example.com", ["*.example.com", "*.com"], []),
    ],
)
def test_a_wildcard_stands_for_names_below_the_closest_name_that_exists(
    wanted: str, records: list[str], found: list[str]
) -> None:
    assert names(wanted, *records) == found


NAME = "data.example.com"
ELSEWHERE = Resolution(outcome=Outcome.PUBLIC, name="public.example")
TOLD = {
    "public.example": ELSEWHERE,
    "other.example": Resolution(outcome=Outcome.PUBLIC, name="other.example"),
    "nothing.example": Resolution(outcome=Outcome.NO_DATA, name="nothing.example"),
    "blocked.example": Resolution(
        outcome=Outcome.NO_SUCH_NAME, name="blocked.example", code="dns.firewall-blocks"
    ),
    "hidden.example": unseen("hidden.example", "one"),
    "unread.example": unseen("unread.example", "two"),
}


def endpoint_at(address: Address) -> VpcEndpoint | None:
    made = s.sound()
    clients.interface_endpoint(made, private_dns=False)
    return made.world().vpc_endpoints.get("vpce-0e1") if address == ip_address("10.0.1.51") else None


def answer(*records: ResourceRecordSet, version: int = 4) -> Resolution:
    zone = HostedZone(id="Z1", name=ZONE, vpc_id=s.VPC, owner=s.ACCOUNT, records=records, ref=worlds.REF)
    vpc = s.sound().world().vpcs.get(s.VPC)
    assert vpc is not None
    return by_zone(zone, vpc, NAME, version, TOLD.__getitem__, endpoint_at)


def test_a_name_with_records_of_other_types_has_no_data() -> None:
    assert answer(record(NAME, "MX", "10 x.")).outcome is Outcome.NO_DATA
    assert answer(record("x.example.com", "A", "10.0.0.1")).outcome is Outcome.NO_SUCH_NAME
    assert answer(record(NAME, "AAAA", "2001:db8::1")).outcome is Outcome.NO_DATA
    assert answer(record(NAME, "A", "10.0.0.1"), version=6).outcome is Outcome.NO_DATA
    mixed = answer(
        record(NAME, "TXT", "10.0.0.9"), record(NAME, "A", "10.0.0.1", "no address", "2001:db8::1")
    )
    assert mixed.addresses == (ip_address("10.0.0.1"),)
    assert mixed.code == "dns.zone-answers-elsewhere"


def test_a_record_without_an_address_of_the_version_gives_none() -> None:
    assert answer(record(NAME, "A", "2001:db8::1")).outcome is Outcome.NO_DATA


def test_an_alias_goes_before_values_and_a_cname_leads_on() -> None:
    assert answer(record(NAME, "A", "10.0.0.1", alias="public.example")).name == "public.example"
    assert answer(record(NAME, "CNAME", "Public.Example.", "other.example")).name == "public.example"


def test_an_address_of_an_interface_endpoint_leads_there() -> None:
    found = answer(record(NAME, "A", "10.0.0.1", "10.0.1.51"))
    assert found.endpoint is not None
    assert found.code == "dns.zone-leads-to-interface-endpoint"
    assert dict(found.arguments)["endpoint"] == "vpce-0e1"


def test_what_an_alias_leads_to_names_itself() -> None:
    found = answer(record(NAME, "A", alias="blocked.example"))
    assert (found.outcome, found.code) == (Outcome.NO_SUCH_NAME, "dns.firewall-blocks")
    assert answer(record(NAME, "A", alias="nothing.example")).code == "dns.zone-answers-elsewhere"


def test_several_records_give_any_of_their_addresses() -> None:
    found = answer(
        record(NAME, "A", "10.0.0.1"), record(NAME, "A", "10.0.1.51"), record(NAME, "A", "10.0.0.1")
    )
    assert found.addresses == (ip_address("10.0.0.1"), ip_address("10.0.1.51"))
    assert found.endpoint is not None


@pytest.mark.parametrize(
    ("targets", "outcome", "details"),
    [
        (["nothing.example", "nothing.example"], Outcome.NO_DATA, []),
        (["nothing.example", "public.example"], Outcome.HIDDEN, [NAME]),
        (["public.example", "other.example"], Outcome.HIDDEN, [NAME]),
        (["public.example", "public.example"], Outcome.PUBLIC, []),
        (["public.example", "hidden.example", "unread.example"], Outcome.HIDDEN, ["one"]),
    ],
)
def test_records_of_which_one_is_taken_are_known_where_they_agree(
    targets: list[str], outcome: Outcome, details: list[str]
) -> None:
    found = answer(*(record(NAME, "A", alias=target) for target in targets))
    assert found.outcome is outcome
    assert [gap.detail for gap in (found.gap.gaps if found.gap else ())] == details


@pytest.mark.parametrize("first", ["blocked.example", "nothing.example"])
def test_of_records_that_all_lead_to_nothing_the_first_is_told(first: str) -> None:
    second = "nothing.example" if first == "blocked.example" else "blocked.example"
    found = answer(record(NAME, "A", alias=first), record(NAME, "A", alias=second))
    assert found.name == first


def test_a_zone_whose_records_are_not_recorded_hides_its_answer() -> None:
    gap: Unknown = unknown("route53", "ListResourceRecordSets")
    zone = HostedZone(id="Z1", name=ZONE, vpc_id=s.VPC, owner=s.ACCOUNT, records=gap, ref=worlds.REF)
    vpc = s.sound().world().vpcs.get(s.VPC)
    assert vpc is not None
    found = by_zone(zone, vpc, NAME, 4, TOLD.__getitem__, endpoint_at)
    assert (found.outcome, found.gap) == (Outcome.HIDDEN, gap)
