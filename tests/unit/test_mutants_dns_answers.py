"""What DNS answers mean for the traffic: addresses of the service, of endpoints, of strangers.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/privatelink-interface-endpoints.html
"""

from dataclasses import replace
from ipaddress import ip_address

import pytest
from tests import scenarios_clients as clients
from tests import snapshots as s
from tests.unit.test_mutants_checks import ALL
from tests.unit.test_mutants_legs import S3

from gatepath.checks.dns_answers import Notes, by_addresses, joined, note, resolved
from gatepath.engine.resolution import Outcome, Resolution
from gatepath.model.question import parse_question
from gatepath.model.ref import Unknown
from gatepath.model.world import PublicRanges
from gatepath.packets import Address, PacketSet
from gatepath.request import build_request
from gatepath.trace import Certainty, Component, Removal, Traffic

VPC = Component(type="vpc", id=s.VPC, account=s.ACCOUNT, region=s.REGION)
HOME, ENDPOINT, STRANGER = ip_address("52.218.1.1"), ip_address("10.0.1.51"), ip_address("198.51.100.9")
EVERY = replace(ALL, packets=PacketSet.of(4, None, [(443, 443)]))


def test_a_finding_is_certain_unless_said_otherwise_and_the_first_counts() -> None:
    notes = Notes({}, [])
    assert (notes.diverted, notes.lacks) == (False, False)
    notes.add("a", VPC, ())
    notes.add("b", VPC, (), suspect=True)
    notes.add("a", VPC, (), suspect=True)
    assert [f.certainty for f in notes.findings.values()] == [Certainty.PROVEN, Certainty.SUSPECT]


@pytest.mark.parametrize(("first", "second"), [(True, False), (False, True), (False, False), (True, True)])
def test_one_diverted_traffic_diverts_the_whole(first: bool, second: bool) -> None:
    made = joined([Notes({}, [], diverted=first), Notes({}, [], diverted=second)])
    assert made.diverted is (first or second)


def test_only_a_decider_with_a_code_is_noted() -> None:
    notes = Notes({}, [])
    note(Resolution(outcome=Outcome.PUBLIC, name="x", code="dns.x"), notes)
    note(Resolution(outcome=Outcome.PUBLIC, name="x", decider=VPC), notes)
    assert notes.findings == {}
    note(Resolution(outcome=Outcome.PUBLIC, name="x", decider=VPC, code="dns.x"), notes)
    assert list(notes.findings) == [("dns.x", s.VPC)]


def told(
    *addresses: Address,
    seen: bool,
    traffic: Traffic = EVERY,
    name: str = "",
    removed: tuple[Removal, ...] = (),
    bare: bool = False,
) -> tuple[list[Traffic], Notes]:
    made = s.sound()
    clients.interface_endpoint(made, private_dns=False)
    if not bare:
        s.other_region(made, "us-east-1", ["203.0.113.0/24", "52.218.1.0/24"])
    world = made.world()
    if bare:
        world = replace(world, public_ranges=PublicRanges())
    name = name or f"data.s3.{s.REGION}.amazonaws.com"
    request = build_request(parse_question(s.question(client=s.client(hostname=name))), world)
    assert not isinstance(request.parts, Unknown)
    part, notes = request.parts[0], Notes({}, [])
    if seen:
        return resolved(request, world, part, traffic, addresses, frozenset(removed), notes), notes
    found = world.vpc_endpoints.get("vpce-0e1") if ENDPOINT in addresses else None
    answer = Resolution(
        outcome=Outcome.ADDRESSES,
        name=name,
        addresses=addresses,
        endpoint=found,
        decider=VPC,
        code="dns.x",
    )
    return by_addresses(request, world, part, traffic, answer, notes), notes


def sets(made: list[Traffic]) -> set[tuple[PacketSet, bool]]:
    return {(one.packets, bool(one.unsettled)) for one in made}


def at(*addresses: Address) -> PacketSet:
    return PacketSet.of(4, addresses, [(443, 443)])


def test_a_zones_answer_with_the_services_own_addresses_diverts_nothing() -> None:
    made, notes = told(HOME, seen=False)
    assert sets(made) == {(at(HOME), False)}
    assert (notes.diverted, notes.findings, notes.unknowns) == (False, {}, [])


def test_a_strangers_address_may_be_anything() -> None:
    made, notes = told(HOME, STRANGER, seen=False)
    assert sets(made) == {(at(HOME), False), (at(STRANGER), True)}
    assert notes.diverted
    assert [(u.code, dict(u.arguments)["addresses"]) for u in notes.unknowns] == [
        ("unknown.dns-address", str(STRANGER))
    ]
    assert list(notes.findings) == [("dns.x", s.VPC)]


def test_an_endpoints_address_is_known_and_diverts() -> None:
    made, notes = told(ENDPOINT, seen=False)
    assert sets(made) == {(at(ENDPOINT), False)}
    assert (notes.diverted, notes.unknowns) == (True, [])


@pytest.mark.parametrize(
    ("name", "before", "suspect"),
    [("", False, False), ("", True, True), (f"data.s3-website.{s.REGION}.amazonaws.com", False, True)],
)
def test_addresses_believed_to_be_the_services_are_suspected(name: str, before: bool, suspect: bool) -> None:
    made, _ = told(HOME, seen=False, traffic=replace(EVERY, suspect=before), name=name)
    assert [one.suspect for one in made] == [suspect]
    private, _ = told(ENDPOINT, seen=False, name=name)
    assert [one.suspect for one in private] == [False]


def test_what_the_user_saw_is_taken() -> None:
    made, notes = told(HOME, ENDPOINT, STRANGER, seen=True)
    assert sets(made) == {(at(HOME, ENDPOINT), False), (at(STRANGER), True)}
    assert set(notes.findings) == {
        ("dns.address-outside-service", "client:hostname"),
        ("dns.interface-endpoint-answers", "vpce-0e1"),
    }
    assert notes.diverted


def test_addresses_of_the_other_version_are_none() -> None:
    made, notes = told(ip_address("2001:db8::1"), seen=True)
    assert [(one.live, bool(one.packets)) for one in made] == [(False, False)]
    assert notes.lacks
    assert not told(HOME, seen=True)[1].lacks


def test_an_endpoints_answer_taken_as_passed_is_the_services() -> None:
    passed = (Removal(check="dns", component="vpce-0e1"),)
    (one,), notes = told(ENDPOINT, seen=True, removed=passed)
    assert one.packets == S3
    assert notes.findings == {}


@pytest.mark.parametrize(
    ("address", "elsewhere"),
    [("203.0.113.9", True), ("52.218.1.1", False), ("52.218.9.9", False), ("198.51.100.9", False)],
)
def test_the_global_name_seen_to_lead_to_us_east_1_only_is_another_regions(
    address: str, elsewhere: bool
) -> None:
    _, notes = told(ip_address(address), seen=True, name="data.s3.amazonaws.com")
    assert (("region.client-elsewhere", "client:region") in notes.findings) is elsewhere
    assert notes.diverted is elsewhere


def test_no_more_than_four_addresses_of_strangers_are_told() -> None:
    strangers = [ip_address(f"198.51.100.{2 * number + 1}") for number in range(6)]
    _, notes = told(*strangers, seen=False)
    (unsettled,) = notes.unknowns
    assert dict(unsettled.arguments)["addresses"] == ", ".join(map(str, strangers[:4]))


def test_an_endpoints_address_for_the_global_name_says_nothing_of_regions() -> None:
    _, notes = told(ENDPOINT, seen=True, name="data.s3.amazonaws.com")
    assert list(notes.findings) == [("dns.interface-endpoint-answers", "vpce-0e1")]


def test_without_us_east_1s_addresses_nothing_is_said_of_regions() -> None:
    _, notes = told(ENDPOINT, seen=True, name="data.s3.amazonaws.com", bare=True)
    assert list(notes.findings) == [("dns.interface-endpoint-answers", "vpce-0e1")]
