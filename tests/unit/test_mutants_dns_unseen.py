"""Resolvers that can't be seen or reached: all they may answer, and what says that queries are lost.

https://docs.aws.amazon.com/vpc/latest/userguide/DHCPOptionSetConcepts.html
"""

from dataclasses import replace
from ipaddress import ip_address, ip_network

import pytest
from tests import scenarios_clients as clients
from tests import snapshots as s
from tests.unit.test_mutants_dns_asking import FROM, HIDDEN, HOME, NAME, codes, told

from gatepath.checks.dns_answers import Notes
from gatepath.checks.dns_asking import by_reach, note_lost
from gatepath.engine.addresses import PRIVATE
from gatepath.engine.legs import Fault
from gatepath.engine.resolution import Outcome, Resolution
from gatepath.model.question import parse_question
from gatepath.model.ref import CallRef, Ref, Unknown
from gatepath.model.world import World
from gatepath.packets import PacketSet
from gatepath.request import Part, Request, build_request
from gatepath.trace import ANY_FATE, Arguments, Certainty, Component, Fate, Removal

UDP53 = s.permission("udp", 53, cidrs=["10.0.0.0/16"])
RESOLVER = Removal(check="dns", component="dns:resolver")
BLOCK = PacketSet.of(4, [ip_network("10.0.0.0/16")], [(443, 443)])


def own_server() -> s.Snapshot:
    made = s.sound()
    clients.own_server(made, UDP53)
    return made


def test_an_unseen_resolver_may_answer_nothing_or_the_service() -> None:
    found, notes = told(own_server())
    assert [(one.packets, one.dropped, one.group) for one in found] == [
        (HOME, RESOLVER, "dns:3"),
        (HOME, None, "dns:3"),
    ]
    (gap,) = {unsettled.unknown for unsettled in notes.unknowns}
    assert [one.unsettled for one in found] == [(FROM,), (FROM, gap)]
    assert codes(notes) == ["unknown.dns-custom-resolver"]
    (finding,) = notes.findings.values()
    assert finding.code == "dns.custom-resolver"
    assert finding.component.id == made_options(own_server())
    assert dict(finding.arguments) == {"servers": "10.0.200.53", "dhcp_options": made_options(own_server())}


def made_options(made: s.Snapshot) -> str:
    return str(made.rows("ec2.DescribeDhcpOptions")[0]["DhcpOptionsId"])


def test_an_unseen_resolver_may_answer_each_of_several_regions() -> None:
    made = own_server()
    s.other_region(made, "us-east-1", ["203.0.113.0/24"])
    found, _ = told(made, "data.s3.amazonaws.com")
    far = PacketSet.of(4, [ip_network("203.0.113.0/24")], [(443, 443)])
    assert [(one.packets, one.live) for one in found] == [(far, False), (far, True), (HOME, True)]
    assert len(found[2].unsettled) == 2
    assert {one.group for one in found} == {"dns:3"}


def test_an_unseen_resolver_may_answer_an_interface_endpoints_addresses() -> None:
    made = own_server()
    clients.interface_endpoint(made, private_dns=False)
    found, _ = told(made)
    assert found[2].packets == PacketSet.of(4, [ip_network("10.0.1.51/32")], [(443, 443)])
    assert (found[2].group, found[2].live, len(found[2].unsettled)) == ("dns:3", True, 2)
    assert len(found) == 3


@pytest.mark.parametrize("operation", ["ec2.DescribeVpcEndpoints", "ec2.DescribeNetworkInterfaces"])
def test_endpoints_that_are_not_recorded_may_be_answered(operation: str) -> None:
    made = s.sound()
    del made.lists[operation]
    found, notes = told(made, vpc=HIDDEN)
    last = found[-1]
    assert last.packets == BLOCK
    assert last.fates == ANY_FATE - {Fate.GATEWAY}
    assert last.group == "dns:3"
    assert codes(notes) == ["unknown.dns-vpc", "unknown.dns-answer"]
    assert last.unsettled == (FROM, notes.unknowns[-1].unknown)
    assert len(found) == 3


def test_endpoints_of_a_vpc_whose_blocks_are_not_recorded_may_have_any_private_address() -> None:
    made = s.sound()
    del made.lists["ec2.DescribeVpcEndpoints"]
    del made.lists["ec2.DescribeVpcs"]
    made.rows("ec2.DescribeSubnets")[0]["CidrBlock"] = "100.64.0.0/24"
    found, _ = told(made, vpc=HIDDEN)
    own = ip_network("100.64.0.0/24")
    assert found[-1].packets == PacketSet.of(4, (*PRIVATE, own), [(443, 443)])


def test_a_vpc_that_is_not_recorded_hides_the_answer() -> None:
    found, notes = told(s.sound(), vpc=HIDDEN)
    assert codes(notes) == ["unknown.dns-vpc"]
    assert [(one.live, one.unsettled) for one in found] == [(False, (FROM,)), (True, (FROM, HIDDEN))]


def test_a_hidden_answer_without_servers_of_ones_own() -> None:
    made = s.sound()
    del made.lists["ec2.DescribeDhcpOptions"]
    _, notes = told(made)
    assert codes(notes) == ["unknown.dns-answer"]
    assert notes.findings == {}


def test_servers_that_no_query_reaches_answer_nothing() -> None:
    made = s.sound()
    clients.own_server(made)
    found, notes = told(made)
    assert [(one.packets, one.dropped, one.suspect) for one in found] == [
        (HOME, Removal(check="security-group", component="sg-0d1"), False)
    ]
    (finding,) = notes.findings.values()
    assert (finding.code, finding.check) == ("dns.custom-resolver-unreachable", "security-group")
    assert dict(finding.arguments) == {"server": "10.0.200.53", "by": "sg-0d1"}
    assert finding.certainty is Certainty.PROVEN


def test_what_loses_queries_is_taken_as_passed() -> None:
    made = s.sound()
    clients.own_server(made)
    request, world, part = placed(made)
    lost = Removal(check="security-group", component="sg-0d1")
    assert by_reach(request, world, part, SERVED, frozenset())[1] is not None
    assert by_reach(request, world, part, SERVED, frozenset({lost}))[1] is None
    assert by_reach(request, world, replace(part, subnet=None), SERVED, frozenset()) == (SERVED, None)


SERVED = Resolution(outcome=Outcome.HIDDEN, name=NAME, servers=("10.0.200.53",))


def test_the_vpcs_own_resolver_is_asked_where_no_server_is_reached() -> None:
    made = s.sound()
    clients.own_server(made)
    request, world, part = placed(made)
    otherwise = Resolution(outcome=Outcome.PUBLIC, name=NAME)
    both = replace(SERVED, otherwise=otherwise)
    assert by_reach(request, world, part, both, frozenset()) == (otherwise, None)


@pytest.mark.parametrize("before", [None, HIDDEN])
def test_what_hides_whether_queries_arrive_joins_what_hides_the_answer(before: Unknown | None) -> None:
    made = own_server()
    request, world, part = placed(made)
    part = replace(part, group_ids=FROM)
    answer, lost = by_reach(request, world, part, replace(SERVED, gap=before), frozenset())
    assert lost is None
    assert answer.gap == (FROM if before is None else before | FROM)


V6_SERVER = "2001:db8:1:2::53"


def by_ipv6(made: s.Snapshot, *ingress: s.Json) -> s.Snapshot:
    """Give the client IPv6, and let its DNS server have an IPv6 address only."""
    clients.ipv6(made)
    clients.own_server(made, *ingress)
    made.rows("ec2.DescribeSubnets")[1]["Ipv6CidrBlockAssociationSet"] = [
        {"Ipv6CidrBlock": "2001:db8:1:2::/64", "Ipv6CidrBlockState": {"State": "associated"}}
    ]
    made.rows("ec2.DescribeNetworkInterfaces")[-1]["Ipv6Addresses"] = [{"Ipv6Address": V6_SERVER}]
    for table in made.rows("ec2.DescribeRouteTables"):
        table["Routes"].append(s.route("2001:db8:1::/56", GatewayId="local"))
    clients.servers(made, V6_SERVER)
    return made


@pytest.mark.parametrize("interface", [True, False])
@pytest.mark.parametrize("version", [4, 6])
@pytest.mark.parametrize("open_", [True, False])
def test_a_server_of_the_other_ip_version_is_asked_from_the_other_address(
    interface: bool, version: int, open_: bool
) -> None:
    made = by_ipv6(s.sound(), *([s.permission("udp", 53, cidrs6=["2001:db8:1:1::10/128"])] if open_ else []))
    request, world, part = placed(made)
    assert part.ip_version == 4
    if version == 6:
        part = replace(part, ip_version=6, address=ip_address("2001:db8:1:1::10"))
    if not interface:
        part = replace(part, interface=None)
    served = replace(SERVED, servers=(V6_SERVER,))
    lost = by_reach(request, world, part, served, frozenset())[1]
    told_of = not open_ and (interface or version == 6)
    assert (lost.component.id if lost is not None else None) == ("sg-0d1" if told_of else None)


def placed(made: s.Snapshot) -> tuple[Request, World, Part]:
    world = made.world()
    request = build_request(parse_question(s.question()), world)
    assert not isinstance(request.parts, Unknown)
    return request, world, request.parts[0]


CLIENT = Component(type="security-group", id="sg-0x", account=s.ACCOUNT, region=s.REGION)


@pytest.mark.parametrize(
    ("arguments", "by"),
    [
        ((), "sg-0x"),
        ((("groups", ()),), "sg-0x"),
        ((("groups", ("sg-0a", "sg-0b")),), "sg-0a, sg-0b"),
        ((("groups", "sg-0c"),), "sg-0c"),
        ((("groups", 7),), "7"),
    ],
)
@pytest.mark.parametrize("suspect", [False, True])
def test_groups_that_lose_queries_are_all_named(arguments: Arguments, by: str, suspect: bool) -> None:
    ref = Ref(call=CallRef(index=0, account=s.ACCOUNT, region=s.REGION, service="ec2", operation="DescribeX"))
    lost = Fault(
        code="x",
        check="security-group",
        component=CLIENT,
        packets=HOME,
        arguments=arguments,
        refs=(ref,),
        suspect=suspect,
    )
    notes = Notes({}, [])
    note_lost(Resolution(outcome=Outcome.HIDDEN, name=NAME, servers=("a", "b")), lost, notes)
    (finding,) = notes.findings.values()
    assert dict(finding.arguments) == {"server": "a, b", "by": by}
    assert (finding.certainty is Certainty.SUSPECT) is suspect
    assert [one.ref for one in finding.evidence] == [ref]


def test_a_client_without_an_address_of_the_servers_ip_version_is_not_placed_by_its_subnet() -> None:
    made = by_ipv6(s.sound())
    made.rows("ec2.DescribeNetworkInterfaces")[0]["Ipv6Addresses"] = []
    made.rows("ec2.DescribeInstances")[0]["Instances"][0]["NetworkInterfaces"][0]["Ipv6Addresses"] = []
    request, world, part = placed(made)
    assert part.interface is not None
    assert part.interface.primary(6) is None
    assert by_reach(request, world, part, replace(SERVED, servers=(V6_SERVER,)), frozenset())[1] is None


def test_an_ipv6_address_is_public_by_itself_and_an_ipv4_address_is_not() -> None:
    made = s.sound()
    clients.ipv6(made)
    routes = made.row("ec2.DescribeRouteTables", RouteTableId=s.PRIVATE_TABLE)["Routes"]
    far = ("2001:db8:ffff::53", "198.51.100.53")
    routes.append(s.route(f"{far[0]}/128", GatewayId=s.IGW))
    routes.append(s.route(f"{far[1]}/32", GatewayId=s.IGW))
    request, world, part = placed(made)
    six = replace(part, ip_version=6, address=ip_address("2001:db8:1:1::10"))
    served = [replace(SERVED, servers=(one,)) for one in far]
    assert by_reach(request, world, part, served[0], frozenset())[1] is None
    assert by_reach(request, world, six, served[1], frozenset())[1] is not None
