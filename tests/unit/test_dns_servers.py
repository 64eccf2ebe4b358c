"""DNS servers of one's own: reached or not, what they may answer, and what the user saw instead."""

from collections.abc import Callable

import pytest
from tests import scenarios as sc
from tests import scenarios_clients as clients
from tests import snapshots as s
from tests.snapshots import Json, Snapshot

from gatepath.diagnose import diagnose
from gatepath.model.question import parse_question
from gatepath.snapshot.load import load_world
from gatepath.trace import Diagnosis, Severity, Verdict

UDP53 = s.permission("udp", 53, cidrs=["10.0.0.0/16"])
ONLY_HTTPS = s.permission("tcp", 443, cidrs=["0.0.0.0/0"])


def without_default(made: Snapshot) -> Snapshot:
    routes = sc.private_routes(made)
    routes[:] = [r for r in routes if r.get("DestinationCidrBlock") != "0.0.0.0/0"]
    return made


def above_info(found: Diagnosis) -> set[str]:
    return {f.component.id for f in found.findings if f.severity is not Severity.INFO}


def paths(found: Diagnosis) -> set[str]:
    return {f"{path.kind} {path.component}" for path in found.paths}


def with_every_call(made: Snapshot, asked: Json) -> Diagnosis:
    """Diagnose; and show that without any one call the verdict stays or is unknown and names the call."""
    found = s.ask(made, asked)
    records = made.records()
    for record in records:
        world = load_world(other for other in records if other.index != record.index)
        other = diagnose(parse_question(asked), world, only=frozenset({"network"}))
        assert other.verdict in {found.verdict, Verdict.UNKNOWN}, record.operation
        if other.verdict is not found.verdict:
            named = {gap.operation for unsettled in other.unknowns for gap in unsettled.unknown.gaps}
            assert record.operation in named, record.operation
    return found


def no_route(made: Snapshot) -> None:
    without_default(made)
    clients.servers(made, "10.9.0.53")


def public_server(made: Snapshot) -> None:
    without_default(made)
    clients.servers(made, "198.51.100.53", "198.51.100.54")


def nobody(made: Snapshot) -> None:
    clients.servers(made, "10.0.1.53")


def closed_acl(made: Snapshot) -> None:
    clients.own_server(made, UDP53)
    sc.own_acl(
        made,
        [
            s.entry(100, egress=True, **s.tcp("0.0.0.0/0", 443, 443)),
            s.entry(100, egress=False, **s.tcp("0.0.0.0/0", 1024, 65535)),
        ],
    )


def closed_acl_of_the_server(made: Snapshot) -> None:
    clients.own_server(made, UDP53)
    sc.own_acl(made, [s.entry(100, egress=True)], s.PUBLIC)


def closed_ingress(made: Snapshot) -> None:
    clients.own_server(made, ONLY_HTTPS)


def closed_egress(made: Snapshot) -> None:
    clients.own_server(made, UDP53)
    sc.egress(made, ONLY_HTTPS)


LOST: list[tuple[Callable[[Snapshot], None], str]] = [
    (no_route, s.PRIVATE_TABLE),
    (public_server, s.PRIVATE_TABLE),
    (nobody, s.VPC),
    (closed_acl, "acl-0b1"),
    (closed_acl_of_the_server, "acl-0b1"),
    (closed_ingress, "sg-0d1"),
    (closed_egress, s.GROUP),
]


@pytest.mark.parametrize(("change", "component"), LOST, ids=lambda item: getattr(item, "__name__", item))
def test_no_query_reaches_the_servers(change: Callable[[Snapshot], None], component: str) -> None:
    made = s.sound()
    change(made)
    found = with_every_call(made, s.question())
    assert found.verdict is Verdict.BLOCKED
    assert found.findings[0].code == "dns.custom-resolver-unreachable"
    assert found.findings[0].component.id == component
    assert paths(found) == {f"dropped {component}"}


def test_a_server_that_is_reached_may_answer_anything() -> None:
    made = s.sound()
    clients.own_server(made, UDP53)
    found = with_every_call(made, s.question())
    assert found.verdict is Verdict.UNKNOWN
    assert [u.code for u in found.unknowns] == ["unknown.dns-custom-resolver"]


def test_tcp_alone_may_carry_queries() -> None:
    made = s.sound()
    clients.own_server(made, s.permission("tcp", 53, cidrs=["10.0.0.0/16"]))
    assert s.ask(made).verdict is Verdict.UNKNOWN


def test_rules_for_tcp_don_t_open_udp_and_the_other_way_round() -> None:
    made = s.sound()
    clients.own_server(made, UDP53)
    sc.egress(made, s.permission("tcp", 53, cidrs=["10.0.0.0/16"]), ONLY_HTTPS)
    found = s.ask(made)
    assert (found.verdict, found.findings[0].code) == (Verdict.BLOCKED, "dns.custom-resolver-unreachable")


def test_one_server_that_is_reached_is_enough() -> None:
    made = s.sound()
    clients.own_server(made, UDP53)
    clients.servers(made, "10.0.1.53", "10.0.200.53")
    assert s.ask(made).verdict is Verdict.UNKNOWN


def test_amazon_s_resolver_is_asked_where_the_others_can_t_be_reached() -> None:
    made = s.sound()
    clients.servers(made, "10.0.1.53", "AmazonProvidedDNS")
    assert s.ask(made).verdict is Verdict.OK
    clients.zone(made, f"s3.{s.REGION}.amazonaws.com", [])
    found = s.ask(made)
    assert (found.verdict, above_info(found)) == (Verdict.BLOCKED, {"dns:Z0A1"})


def test_a_dual_stack_client_asks_a_server_by_the_server_s_ip_version() -> None:
    made = s.sound()
    clients.ipv6(made)
    clients.own_server(made, UDP53)
    host = f"data.s3.dualstack.{s.REGION}.amazonaws.com"
    found = s.ask(made, s.question(client=s.client(hostname=host)))
    assert "dns.custom-resolver-unreachable" not in {f.code for f in found.findings}


def test_what_the_user_saw_needs_no_server() -> None:
    made = s.sound()
    nobody(made)
    asked = s.question(client=s.client(resolves_to=["52.218.1.1"]))
    assert with_every_call(made, asked).verdict is Verdict.OK


@pytest.mark.parametrize(
    ("seen", "expected"),
    [
        (["10.0.1.51"], {"interface-endpoint vpce-0e1"}),
        (["10.0.1.51", "52.218.1.1"], {"interface-endpoint vpce-0e1", f"gateway-endpoint {s.ENDPOINT}"}),
    ],
)
def test_the_user_saw_an_interface_endpoint(seen: list[str], expected: set[str]) -> None:
    made = s.sound()
    clients.interface_endpoint(made, private_dns=False)
    found = s.ask(made, s.question(client=s.client(resolves_to=seen)))
    assert found.verdict is Verdict.BYPASS
    assert above_info(found) == {"vpce-0e1"}
    assert paths(found) == expected


def test_the_user_saw_no_address_of_the_ip_version() -> None:
    found = s.ask(s.sound(), s.question(client=s.client(resolves_to=["2001:db8::7"])))
    assert (found.verdict, above_info(found)) == (Verdict.BLOCKED, {"client:hostname"})
    assert [f.code for f in found.findings] == ["dns.no-address-of-version"]


@pytest.mark.parametrize(("address", "verdict"), [("76.223.102.9", "bypass"), ("198.51.100.4", "unknown")])
def test_edge_addresses_of_transfer_acceleration(address: str, verdict: str) -> None:
    client = s.client(hostname="data.s3-accelerate.amazonaws.com", resolves_to=[address])
    found = s.ask(s.sound(), s.question(client=client))
    assert found.verdict == verdict
    assert bool(found.unknowns) is (verdict == "unknown")


def record(name: str, *values: str) -> Json:
    return {"Name": f"{name}.", "Type": "A", "TTL": 60, "ResourceRecords": [{"Value": v} for v in values]}


def test_a_zone_with_the_addresses_of_two_endpoints() -> None:
    made = s.sound()
    clients.interface_endpoint(made, private_dns=False)
    made.rows("ec2.DescribeNetworkInterfaces").append(
        s.interface("eni-0e2", s.PRIVATE, "10.0.1.52", ("sg-0e1",), InterfaceType="vpc_endpoint")
    )
    endpoints = made.rows("ec2.DescribeVpcEndpoints")
    endpoints.append({**endpoints[-1], "VpcEndpointId": "vpce-0e2", "NetworkInterfaceIds": ["eni-0e2"]})
    name = f"data.s3.{s.REGION}.amazonaws.com"
    clients.zone(made, name, [record(name, "10.0.1.51", "10.0.1.52")])
    found = s.ask(made)
    assert found.verdict is Verdict.BYPASS
    assert paths(found) == {"interface-endpoint vpce-0e1", "interface-endpoint vpce-0e2"}


def test_a_zone_with_ipv4_only_serves_a_dual_stack_client_by_ipv4() -> None:
    made = s.sound()
    clients.ipv6(made)
    host = f"data.s3.dualstack.{s.REGION}.amazonaws.com"
    clients.zone(made, host, [record(host, "52.218.1.1")])
    found = s.ask(made, s.question(client=s.client(hostname=host)))
    assert (found.verdict, above_info(found)) == (Verdict.OK, set())
    assert paths(found) == {f"gateway-endpoint {s.ENDPOINT}"}
    only_v6 = s.ask(made, s.question(client=s.client(hostname=host, ip_version=6)))
    assert (only_v6.verdict, above_info(only_v6)) == (Verdict.BLOCKED, {"dns:Z0A1"})


def test_an_open_answer_is_listed_as_unknown() -> None:
    for host in ("storage.example.com", "my.abc.dax-clusters.eu-west-1.amazonaws.com"):
        found = s.ask(s.sound(), s.question(client=s.client(hostname=host)))
        assert found.verdict is Verdict.UNKNOWN
        assert [u.code for u in found.unknowns] == ["unknown.dns-answer"]


def test_an_endpoint_that_is_not_recorded_is_listed_as_unknown() -> None:
    """A forwarding rule, no route for the service: what an interface endpoint may carry hangs on the list."""
    made = s.sound()
    sc.without_endpoint_route(made, keep_default=False)
    made.rows("route53resolver.ListResolverRuleAssociations").append(
        {"Id": "a1", "ResolverRuleId": "rslvr-rr-1", "VPCId": s.VPC, "Status": "COMPLETE"}
    )
    made.rows("route53resolver.ListResolverRules").append(
        {"Id": "rslvr-rr-1", "DomainName": ".", "RuleType": "FORWARD", "TargetIps": [{"Ip": "10.9.0.53"}]}
    )
    assert with_every_call(made, s.question()).verdict is Verdict.BLOCKED
