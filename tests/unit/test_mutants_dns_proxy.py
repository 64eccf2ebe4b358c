"""The names asked for with a proxy: the proxy's own by the client, the target's by the proxy.

https://www.rfc-editor.org/rfc/rfc9110.html#name-connect
"""

from dataclasses import replace
from ipaddress import ip_network

import pytest
from tests import scenarios_clients as clients
from tests import snapshots as s
from tests.unit.test_dns_more import record
from tests.unit.test_mutants_dns_asking import FROM, HIDDEN, HOME

from gatepath.checks.dns_answers import Notes
from gatepath.checks.dns_proxy import proxy_hop, to_proxy
from gatepath.engine.legs import Fault
from gatepath.engine.proxied import PROXY_PORTS, Sent
from gatepath.model.question import parse_question
from gatepath.model.ref import GapReason, Unknown
from gatepath.packets import PacketSet
from gatepath.request import Request, build_request
from gatepath.trace import ANY_FATE, Fate, Removal, Traffic, Verdict

PORTS = (40000, 40009)
TO_SERVICE = PacketSet.of(4, HOME.addresses(), [(443, 443)], [PORTS])
CLIENT = Removal(check="dns", component="client:https_proxy")
ZONE = Removal(check="dns", component="dns:Z0A1")
NAMED = "http://proxy.corp.example:3128"


def asked(made: s.Snapshot, url: str) -> Request:
    client = s.client(sdk="botocore", env={"https_proxy": url})
    return build_request(parse_question(s.question(client=client)), made.world())


def led(
    made: s.Snapshot,
    url: str = NAMED,
    *,
    vpc: Unknown | None = None,
    outside: bool = False,
    removed: tuple[Removal, ...] = (),
) -> tuple[Traffic, Notes]:
    world, request, notes = made.world(), asked(made, url), Notes({}, [])
    assert not isinstance(request.parts, Unknown)
    part = request.parts[0]
    assert part.subnet is not None
    of = None if outside else vpc or world.vpc_of_subnet(part.subnet)
    traffic = Traffic(part=0, packets=TO_SERVICE, unsettled=(FROM,))
    (one,) = to_proxy(request, world, part, of, traffic, frozenset(removed), notes)
    assert notes.diverted
    return one, notes


def at(address: str | None) -> PacketSet:
    return PacketSet.of(4, None if address is None else [ip_network(address)], [(3128, 3128)], [PORTS])


@pytest.mark.parametrize("kept", [True, False])
def test_an_address_is_not_asked_for(kept: bool) -> None:
    one, notes = led(s.sound(), "http://10.0.200.30:3128", outside=not kept)
    assert one == Traffic(part=0, packets=at("10.0.200.30/32"), unsettled=(FROM,))
    assert (notes.findings, notes.unknowns, notes.lacks) == ({}, [], False)


def test_an_address_of_the_other_ip_version_leads_nowhere() -> None:
    one, notes = led(s.sound(), "http://[2001:db8::30]:3128")
    assert (one.packets, one.dropped) == (PacketSet.empty(4), CLIENT)
    assert notes.lacks
    (finding,) = notes.findings.values()
    assert (finding.code, dict(finding.arguments)["ip_version"]) == ("dns.no-address-of-version", 4)
    assert dict(finding.arguments)["hostname"] == asked(s.sound(), "http://[2001:db8::30]:3128").proxy.host


@pytest.mark.parametrize("outside", [True, False])
def test_a_proxys_name_that_nobody_here_resolves_leads_anywhere_but_the_gateway(outside: bool) -> None:
    one, notes = led(s.sound(), vpc=None if outside else HIDDEN, outside=outside)
    (unsettled,) = notes.unknowns
    assert (one.packets, one.live) == (at(None), True)
    assert one.fates == ANY_FATE - {Fate.GATEWAY}
    assert one.unsettled == (FROM, unsettled.unknown)
    (gap,) = unsettled.unknown.gaps
    if outside:
        assert (gap.reason, gap.detail) == (GapReason.NOT_IN_API, "proxy.corp.example")
    else:
        assert unsettled.unknown == HIDDEN
    (finding,) = notes.findings.values()
    assert (finding.code, finding.arguments) == ("proxy.address-unknown", (("proxy", NAMED),))
    assert unsettled.arguments == (("proxy", NAMED),)


def test_a_name_that_only_public_dns_knows_is_no_gap_of_the_recording() -> None:
    _, notes = led(s.sound())
    ((gap,),) = [unsettled.unknown.gaps for unsettled in notes.unknowns]
    assert (gap.reason, gap.detail) == (GapReason.NOT_IN_API, "proxy.corp.example")


@pytest.mark.parametrize("url", ["socks5://10.0.200.30", "http://10.0.200.30:99999", "http://"])
def test_a_url_that_tells_no_port_or_host_leads_anywhere_but_the_gateway(url: str) -> None:
    one, notes = led(s.sound(), url)
    assert one.fates == ANY_FATE - {Fate.GATEWAY}
    assert one.packets == PacketSet.of(4, None, None, [PORTS])
    ((gap,),) = [unsettled.unknown.gaps for unsettled in notes.unknowns]
    assert (gap.reason, gap.detail) == (GapReason.NOT_IN_API, url)
    assert [code for code, _ in notes.findings] == ["proxy.address-unknown"]


def test_a_proxy_whose_port_nobody_tells_is_not_found_blocked() -> None:
    """Its group lets all TCP ports in: whichever it listens at is open."""
    made = s.sound()
    clients.proxied(made)
    row = made.row("ec2.DescribeSecurityGroups", GroupId="sg-0p1")
    row["IpPermissions"] = [s.permission("tcp", 1, 65535, cidrs=["10.0.0.0/16"])]
    client = s.client(sdk="botocore", env={"https_proxy": "socks5://10.0.200.30"})
    assert s.ask(made, s.question(client=client)).verdict is Verdict.UNKNOWN


def test_what_hides_the_proxys_name_is_named() -> None:
    made = s.sound()
    del made.lists["ec2.DescribeDhcpOptions"]
    _, notes = led(made)
    ((gap,),) = [unsettled.unknown.gaps for unsettled in notes.unknowns]
    assert gap.operation == "DescribeDhcpOptions"


def test_a_zone_knows_the_proxy() -> None:
    made = s.sound()
    clients.zone(made, "corp.example", [{**record("A", "10.0.200.30"), "Name": "proxy.corp.example."}])
    one, notes = led(made)
    assert (one.packets, one.live, one.unsettled) == (at("10.0.200.30/32"), True, (FROM,))
    assert notes.findings == {}


def test_a_zone_without_the_proxy_leads_nowhere_unless_taken_as_passed() -> None:
    made = s.sound()
    clients.zone(made, "corp.example", [])
    one, notes = led(made)
    assert (one.packets, one.dropped, notes.lacks) == (PacketSet.empty(4), ZONE, False)
    assert list(notes.findings) == [("dns.zone-lacks-record", "dns:Z0A1")]
    passed, notes = led(made, removed=(ZONE,))
    assert (passed.packets, passed.live) == (at(None), True)
    assert [unsettled.code for unsettled in notes.unknowns] == ["unknown.proxy-address"]


def test_a_zone_with_an_ipv6_address_of_the_proxy_lacks_the_other() -> None:
    made = s.sound()
    clients.zone(made, "corp.example", [{**record("AAAA", "2001:db8::30"), "Name": "proxy.corp.example."}])
    one, notes = led(made)
    assert not one.live
    assert notes.lacks


def test_servers_that_no_query_reaches_lose_the_proxys_name() -> None:
    made = s.sound()
    clients.own_server(made)
    one, notes = led(made)
    assert (one.packets, one.suspect) == (PacketSet.empty(4), False)
    assert one.dropped == Removal(check="security-group", component="sg-0d1")
    assert list(notes.findings) == [("dns.custom-resolver-unreachable", "sg-0d1")]


def test_without_a_proxy_or_its_port_nothing_is_sent_on() -> None:
    made = s.sound()
    request = asked(made, NAMED)
    assert proxy_hop(request, made.world(), frozenset()) is not None
    for lacking in (replace(request.proxy, url=None), replace(request.proxy, port=None)):
        assert proxy_hop(replace(request, proxy=lacking), made.world(), frozenset()) is None


def sent_on(made: s.Snapshot, *removed: Removal, public: bool = True) -> tuple[tuple[Sent, ...], list[Fault]]:
    clients.proxied(made)
    if not public:
        row = made.row("ec2.DescribeNetworkInterfaces", NetworkInterfaceId="eni-0p1")
        row.pop("Association", None)
        for address in row["PrivateIpAddresses"]:
            address.pop("Association", None)
    world = made.world()
    hop = proxy_hop(asked(made, "http://10.0.200.30:3128"), world, frozenset(removed))
    interface = world.network_interfaces.get("eni-0p1")
    subnet = world.subnets.get(s.PUBLIC)
    assert hop is not None
    assert interface is not None
    assert subnet is not None
    assert hop.port == 3128
    return hop.onward(subnet, interface)


def test_the_proxy_asks_for_the_target_and_sends_from_its_own_ports() -> None:
    (one,), faults = sent_on(s.sound())
    assert one == Sent(packets=PacketSet.of(4, HOME.addresses(), [(443, 443)], [PROXY_PORTS]))
    assert faults == []


def test_what_drops_the_target_behind_the_proxy_is_told() -> None:
    made = s.sound()
    clients.zone(made, f"s3.{s.REGION}.amazonaws.com", [])
    (one,), (fault,) = sent_on(made)
    assert one.culprit == ZONE
    assert (fault.code, fault.check, fault.component.id) == ("dns.zone-lacks-record", "dns", "dns:Z0A1")
    assert fault.refs
    assert not fault.suspect
    assert fault.packets == PacketSet.of(4, None, [(443, 443)], [PROXY_PORTS])


def test_what_the_proxys_unseen_resolver_answers_stays_open() -> None:
    made = s.sound()
    clients.own_server(made, s.permission("udp", 53, cidrs=["10.0.0.0/16"]))
    sent, faults = sent_on(made)
    assert [one.culprit is None for one in sent] == [False, True]
    assert {one.group for one in sent} == {"dns:0"}
    (doubt,) = sent[0].doubts
    assert [one.gaps for one in sent] == [(), (doubt,)]
    assert [fault.code for fault in faults] == ["dns.custom-resolver"]


def test_a_proxys_queries_leave_from_its_own_interface() -> None:
    """The server lets in the proxy alone, the client's queries it drops."""
    made = s.sound()
    clients.own_server(made, s.permission("udp", 53, cidrs=["10.0.200.30/32"]))
    sent, faults = sent_on(made)
    assert [fault.code for fault in faults] == ["dns.custom-resolver"]
    assert len(sent) == 2
    made = s.sound()
    clients.own_server(made, s.permission("udp", 53, cidrs=["10.0.1.0/24"]))
    (lost,), (fault,) = sent_on(made)
    assert lost.culprit == Removal(check="security-group", component="sg-0d1")
    assert fault.code == "dns.custom-resolver-unreachable"


def test_a_public_server_answers_a_proxy_with_a_public_address_only() -> None:
    made = s.sound()
    clients.servers(made, "198.51.100.53")
    sent, _ = sent_on(made)
    assert any(one.culprit is None for one in sent)
    made = s.sound()
    clients.servers(made, "198.51.100.53")
    sent, faults = sent_on(made, public=False)
    assert [fault.code for fault in faults] == ["dns.custom-resolver-unreachable"]
    assert all(one.culprit is not None for one in sent)
