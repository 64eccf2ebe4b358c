"""What the resolver of a VPC makes of a traffic, answer by answer.

https://docs.aws.amazon.com/vpc/latest/userguide/vpc-dns.html and
https://docs.aws.amazon.com/vpc/latest/privatelink/vpc-endpoints-s3.html
"""

from dataclasses import replace
from ipaddress import ip_network
from typing import Any

import pytest
from tests import scenarios_clients as clients
from tests import snapshots as s
from tests.unit.test_dns_more import record
from tests.unit.test_mutants_legs import S3

from gatepath.checks.dns_answers import Notes
from gatepath.checks.dns_asking import answered
from gatepath.model.question import parse_question
from gatepath.model.ref import Unknown, unknown
from gatepath.model.world import PublicRanges
from gatepath.packets import PacketSet
from gatepath.request import build_request
from gatepath.trace import ANY_FATE, Removal, Traffic

NAME = f"data.s3.{s.REGION}.amazonaws.com"
DUAL = f"data.s3.dualstack.{s.REGION}.amazonaws.com"
HTTPS = PacketSet.of(4, None, [(443, 443)])
HOME = S3 & HTTPS
FROM = unknown("ec2", "DescribeBefore")
HIDDEN = unknown("ec2", "DescribeVpcs")


def told(  # noqa: PLR0913 - what a test sets
    made: s.Snapshot,
    name: str = NAME,
    *,
    version: int = 4,
    packets: PacketSet | None = None,
    removed: tuple[str, ...] = (),
    vpc: Unknown | None = None,
    outside: bool = False,
    parts: int = 1,
    bare: bool = False,
    **more: Any,
) -> tuple[list[Traffic], Notes]:
    """Ask for a name on a traffic to everywhere."""
    world = made.world()
    if bare:
        world = replace(world, public_ranges=PublicRanges())
    request = build_request(parse_question(s.question(client=s.client(hostname=name))), world)
    assert not isinstance(request.parts, Unknown)
    part = next((p for p in request.parts if p.ip_version == version), request.parts[0])
    part = replace(part, ip_version=version)
    if outside:
        part = replace(part, subnet=None)
    request = replace(request, parts=(part,) * parts, **more)
    of = vpc or (world.vpc_of_subnet(part.subnet) if part.subnet is not None else None)
    every = PacketSet.of(version, None, [(443, 443)]) if packets is None else packets
    traffic, notes = Traffic(part=3, packets=every, unsettled=(FROM,)), Notes({}, [])
    gone = frozenset(Removal(check="dns", component=one) for one in removed)
    return answered(request, world, part, of, traffic, gone, notes), notes


def codes(notes: Notes) -> list[str]:
    return [unsettled.code for unsettled in notes.unknowns]


def test_a_plain_answer_is_the_services_and_nothing_else() -> None:
    (one,), notes = told(s.sound())
    assert one == Traffic(part=3, packets=HOME, unsettled=(FROM,))
    assert (notes.findings, notes.unknowns, notes.diverted, notes.lacks) == ({}, [], False, False)


def test_outside_any_vpc_public_dns_answers() -> None:
    made = s.sound()
    clients.zone(made, f"s3.{s.REGION}.amazonaws.com", [])
    (one,), notes = told(made, outside=True)
    assert (one.packets, one.live, notes.findings) == (HOME, True, {})


def test_a_region_that_does_not_exist_has_no_names() -> None:
    (one,), notes = told(s.sound(), "data.s3.xx-nowhere-1.amazonaws.com")
    assert one.dropped == Removal(check="dns", component="client:region")
    assert one.packets == HOME
    assert list(notes.findings) == [("dns.name-does-not-exist", "client:region")]
    (passed,), notes = told(s.sound(), "data.s3.xx-nowhere-1.amazonaws.com", removed=("client:region",))
    assert (passed.live, passed.packets, notes.findings) == (True, HOME, {})


def test_another_region_that_is_known_has_names() -> None:
    made = s.sound()
    s.other_region(made, "eu-central-1", ["203.0.113.0/24"])
    (one,), notes = told(made, "data.s3.eu-central-1.amazonaws.com")
    assert one.packets == PacketSet.of(4, [ip_network("203.0.113.0/24")], [(443, 443)])
    assert (one.live, one.group, one.suspect, notes.unknowns) == (True, None, False, [])


def test_answers_that_are_not_all_known_exclude_each_other() -> None:
    made = s.sound()
    s.other_region(made, "us-east-1", ["203.0.113.0/24"])
    made_of, notes = told(made, "data.s3.amazonaws.com")
    far = PacketSet.of(4, [ip_network("203.0.113.0/24")], [(443, 443)])
    assert [(one.packets, one.group, one.suspect) for one in made_of] == [
        (far, "dns:3", False),
        (HOME, "dns:3", False),
    ]
    assert codes(notes) == ["unknown.dns-answer"]
    near, _ = told(made, "data.s3.amazonaws.com", packets=HOME)
    assert [one.packets for one in near] == [PacketSet.empty(4), HOME]


def test_a_gap_in_the_services_addresses_is_named_once() -> None:
    made = s.sound()
    made_of, notes = told(made, "data.s3.amazonaws.com", resource_region=HIDDEN)
    assert codes(notes) == ["unknown.service-addresses"]
    assert {one.group for one in made_of} == {"dns:3"}


def test_where_the_services_addresses_are_hidden_all_may_happen() -> None:
    made = s.sound()
    del made.lists["ec2.DescribePrefixLists"]
    made_of, notes = told(made, bare=True)
    assert codes(notes) == ["unknown.service-addresses"]
    (one,) = made_of
    assert one.fates == ANY_FATE
    assert one.unsettled == (FROM, notes.unknowns[0].unknown)


def test_a_name_led_to_another_region_diverts_and_one_led_home_does_not() -> None:
    made = s.sound()
    s.other_region(made, "eu-central-1", ["203.0.113.0/24"])
    clients.zone(made, f"s3.{s.REGION}.amazonaws.com", [record("CNAME", "s3.eu-central-1.amazonaws.com.")])
    (one,), notes = told(made)
    assert one.packets == PacketSet.of(4, [ip_network("203.0.113.0/24")], [(443, 443)])
    assert notes.diverted
    made = s.sound()
    clients.zone(made, f"s3.{s.REGION}.amazonaws.com", [record("CNAME", f"s3-{s.REGION}.amazonaws.com.")])
    (one,), notes = told(made)
    assert one.packets == HOME
    assert not notes.diverted


def test_a_zone_without_the_record_drops_and_taken_as_passed_it_does_not() -> None:
    made = s.sound()
    clients.zone(made, f"s3.{s.REGION}.amazonaws.com", [])
    (one,), notes = told(made)
    assert (one.packets, one.dropped) == (HOME, Removal(check="dns", component="dns:Z0A1"))
    assert list(notes.findings) == [("dns.zone-lacks-record", "dns:Z0A1")]
    assert not notes.lacks
    (passed,), notes = told(made, removed=("dns:Z0A1",))
    assert (passed.packets, passed.live, notes.findings) == (HOME, True, {})


def test_a_zone_with_addresses_of_the_other_version_lacks_this_one() -> None:
    made = s.sound()
    clients.zone(made, f"s3.{s.REGION}.amazonaws.com", [record("AAAA", "2001:db8::9")])
    (one,), notes = told(made)
    assert not one.live
    assert notes.lacks


def test_an_ipv6_client_finds_an_endpoint_that_carries_ipv4_only() -> None:
    made = s.sound()
    clients.ipv6(made)
    _, notes = told(made, DUAL, version=6)
    assert ("dns.ipv6-not-by-endpoint", s.ENDPOINT) in notes.findings
    assert notes.diverted
    _, four = told(made, DUAL)
    assert (four.findings, four.diverted) == ({}, False)
    _, nowhere = told(made, DUAL, version=6, outside=True)
    assert (nowhere.findings, nowhere.diverted) == ({}, False)


@pytest.mark.parametrize(
    ("changes", "told_of"),
    [
        ({"IpAddressType": "ipv4"}, True),
        ({"IpAddressType": "dualstack"}, False),
        ({"VpcEndpointType": "Interface"}, False),
        ({"ServiceName": f"com.amazonaws.{s.REGION}.dynamodb"}, False),
    ],
)
def test_which_endpoint_carries_ipv4_only(changes: dict[str, str], told_of: bool) -> None:
    made = s.sound()
    clients.ipv6(made)
    made.rows("ec2.DescribeVpcEndpoints")[:] = [
        {**s.endpoint(s.ENDPOINT), **changes},
        s.endpoint("vpce-0last", IpAddressType="ipv4"),
    ]
    _, notes = told(made, DUAL, version=6)
    assert (("dns.ipv6-not-by-endpoint", s.ENDPOINT) in notes.findings) is told_of
    assert ("dns.ipv6-not-by-endpoint", "vpce-0last") in notes.findings


def test_a_name_without_ipv6_addresses() -> None:
    made = s.sound()
    clients.ipv6(made)
    (one,), notes = told(made, version=6)
    assert (one.packets, one.dropped) == (
        PacketSet.empty(6),
        Removal(check="dns", component="client:hostname"),
    )
    assert list(notes.findings) == [("dns.no-address-of-version", "client:hostname")]
    (other,), notes = told(made, version=6, parts=2)
    assert (other.packets, other.live, notes.findings) == (PacketSet.empty(6), True, {})


def test_dns64_leads_around_the_endpoint() -> None:
    made = s.sound()
    clients.ipv6(made)
    made.rows("ec2.DescribeSubnets")[0]["EnableDns64"] = True
    (one,), notes = told(made, version=6)
    assert one.live
    assert one.packets.address_count() == HOME.address_count()
    assert list(notes.findings) == [("dns.nat64", s.PRIVATE)]
    assert notes.diverted


def test_the_endpoint_of_the_names_service_counts_not_of_the_questions() -> None:
    made = s.sound()
    clients.ipv6(made)
    made.rows("ec2.DescribePrefixLists").append(
        {
            "PrefixListId": "pl-0six",
            "PrefixListName": f"com.amazonaws.{s.REGION}.ipv6.dynamodb",
            "Cidrs": ["2001:db8:dd::/48"],
        }
    )
    made.rows("ec2.DescribeVpcEndpoints").append(s.endpoint("vpce-0ddb", "dynamodb"))
    _, notes = told(made, f"dynamodb.{s.REGION}.api.aws", version=6)
    assert list(notes.findings) == [("dns.ipv6-not-by-endpoint", "vpce-0ddb")]
