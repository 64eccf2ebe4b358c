"""Why packets of the service don't take the gateway endpoint, end by end.

https://docs.aws.amazon.com/vpc/latest/privatelink/gateway-endpoints.html and
https://docs.aws.amazon.com/vpc/latest/userguide/route-tables-priority.html
"""

from ipaddress import ip_network
from typing import Any

import pytest
from tests import scenarios as made_of
from tests import scenarios_clients as clients
from tests import snapshots as s
from tests.unit.test_mutants_legs import S3, leg_of

from gatepath.checks.base import journey_of
from gatepath.checks.route_faults import endpoint_faults
from gatepath.engine.legs import End, Fault, Notes
from gatepath.engine.onward import route_leg
from gatepath.engine.service_ranges import service_ranges
from gatepath.model.question import parse_question
from gatepath.model.ref import Unknown
from gatepath.packets import PacketSet
from gatepath.request import build_request

OTHER = PacketSet.of(4, [ip_network("198.51.100.0/24")], [(443, 443)])
SIX = PacketSet.of(6, [ip_network("2a05:d018::/40")], [(443, 443)])


def faults(
    made: s.Snapshot,
    *sets: PacketSet,
    service: str = "s3",
    region: str = s.REGION,
    name: str = "",
    **more: Any,
) -> list[Fault]:
    world = made.world()
    name = name or f"{service}.{region}.amazonaws.com"
    asked = s.question(service=service, client=s.client(hostname=name, region=region))
    asked = {key: value for key, value in asked.items() if key not in {"action", "resource"}}
    request = build_request(parse_question(asked), world)
    journey = journey_of(request, world, frozenset(), {4, 6})
    leg = leg_of(journey, **more)
    ends: list[End] = []
    for packets in sets or (S3,):
        ends += route_leg(journey, leg, packets, Notes())
    return endpoint_faults(request, journey, leg, ends)


def told(found: list[Fault]) -> list[tuple[str, PacketSet, str]]:
    return [(fault.code, fault.packets, dict(fault.arguments).get("target", "")) for fault in found]  # type: ignore[misc]


def by_nat() -> s.Snapshot:
    made = s.sound()
    made_of.without_endpoint_route(made)
    return made


def test_only_packets_of_the_list_that_go_elsewhere_miss_the_endpoint() -> None:
    assert faults(s.sound(), S3, OTHER) == []
    assert told(faults(by_nat(), S3, OTHER)) == [("route.endpoint-not-associated", S3, s.NAT)]
    assert faults(by_nat(), OTHER) == []


def test_a_hidden_list_or_table_misses_nothing() -> None:
    made = by_nat()
    del made.lists["ec2.DescribeRouteTables"]
    assert faults(made) == []
    made = by_nat()
    made_of.private_routes(made).append(s.route("pl-0unseen", NetworkInterfaceId=s.NAT_ENI))
    made.lists["ec2.DescribePrefixLists"]["NextToken"] = "more"
    assert all(fault.code != "route.endpoint-missing" for fault in faults(made))


@pytest.mark.parametrize(("region", "missing"), [(s.REGION, True), ("eu-central-1", False)])
def test_where_no_list_of_the_version_exists_the_services_own_packets_count(
    region: str, missing: bool
) -> None:
    made = s.sound()
    clients.ipv6(made)
    found = faults(made, SIX, service="dynamodb", region=region)
    assert told(found) == ([("route.endpoint-missing", SIX, "eigw-0a1")] if missing else [])


@pytest.mark.parametrize("reverse", [False, True])
def test_the_first_endpoint_recorded_is_named(reverse: bool) -> None:
    made = by_nat()
    rows = made.rows("ec2.DescribeVpcEndpoints")
    rows.append({**rows[0], "VpcEndpointId": "vpce-0b2"})
    if reverse:
        rows.reverse()
    (fault,) = faults(made)
    assert dict(fault.arguments)["endpoint"] == rows[0]["VpcEndpointId"]
    for row in rows:
        row["IpAddressType"] = "ipv6"
    (only,) = faults(made)
    assert (only.code, only.component.id) == ("route.ipv4-not-by-endpoint", rows[0]["VpcEndpointId"])


@pytest.mark.parametrize(
    ("family", "version", "code"),
    [
        (None, 4, "route.endpoint-not-associated"),
        ("ipv4", 4, "route.endpoint-not-associated"),
        ("dualstack", 4, "route.endpoint-not-associated"),
        ("dualstack", 6, "route.endpoint-not-associated"),
        ("ipv6", 6, "route.endpoint-not-associated"),
        ("ipv6", 4, "route.ipv4-not-by-endpoint"),
        ("ipv4", 6, None),
        (None, 6, None),
    ],
)
def test_an_endpoint_carries_the_versions_of_its_address_type(
    family: str | None, version: int, code: str | None
) -> None:
    made = by_nat()
    clients.ipv6(made)
    row = made.rows("ec2.DescribeVpcEndpoints")[0]
    row.pop("IpAddressType", None)
    if family:
        row["IpAddressType"] = family
    ranges = service_ranges(made.world(), "s3", s.REGION, version)
    assert not isinstance(ranges, Unknown)
    codes = {fault.code for fault in faults(made, PacketSet.of(version, ranges.cidrs))}
    assert codes == ({code} if code else set())


def test_endpoints_that_are_not_recorded_leave_the_diverting_routes_to_be_named() -> None:
    made = by_nat()
    del made.lists["ec2.DescribeVpcEndpoints"]
    assert told(faults(made)) == [("route.diverted", S3, s.NAT)]
    made_of.private_routes(made)[-1] = s.route(str(S3.addresses()[0]), NatGatewayId=s.NAT)
    first = S3 & PacketSet.of(4, [S3.addresses()[0]])
    found = faults(made)
    assert told(found) == [("route.diverted", first, s.NAT)]
    assert dict(found[0].arguments)["destination"] == str(S3.addresses()[0])


def test_no_route_at_all_is_named_so() -> None:
    made = s.sound()
    made_of.without_endpoint_route(made, keep_default=False)
    assert told(faults(made)) == [("route.endpoint-not-associated", S3, "-")]


@pytest.mark.parametrize(("state", "said"), [("available", False), ("failed", True)])
def test_a_state_may_explain_that_there_is_no_route(state: str, said: bool) -> None:
    made = by_nat()
    made.rows("ec2.DescribeVpcEndpoints")[0]["State"] = state
    found = {fault.code: fault for fault in faults(made)}
    assert ("route.endpoint-without-routes" in found) is said
    if said:
        fault = found["route.endpoint-without-routes"]
        assert (fault.suspect, fault.component.id) == (True, s.ENDPOINT)
        assert dict(fault.arguments)["table"] == s.PRIVATE_TABLE


def test_one_endpoint_that_is_ready_is_enough() -> None:
    made = by_nat()
    rows = made.rows("ec2.DescribeVpcEndpoints")
    rows.append({**rows[0], "VpcEndpointId": "vpce-0b2", "State": "failed"})
    assert [fault.code for fault in faults(made)] == ["route.endpoint-not-associated"]


def test_a_name_of_no_service_is_judged_by_the_service_asked_for() -> None:
    assert told(faults(by_nat(), name="data.example")) == [("route.endpoint-not-associated", S3, s.NAT)]


def test_a_route_to_another_services_endpoint_is_not_this_ones() -> None:
    made = by_nat()
    made.rows("ec2.DescribeVpcEndpoints").append(s.endpoint("vpce-0d1", "dynamodb"))
    made_of.private_routes(made).append(s.route(s.DDB_LIST, GatewayId="vpce-0d1"))
    assert told(faults(made)) == [("route.endpoint-not-associated", S3, s.NAT)]


BLOCK = S3.addresses()[0]


@pytest.mark.parametrize(
    ("cidr", "more", "code"),
    [
        (str(BLOCK), {}, "route.same-cidr-static"),
        (f"{BLOCK.network_address}/32", {}, "route.more-specific"),
        (f"{BLOCK.network_address}/32", {"State": "blackhole"}, None),
    ],
)
def test_what_wins_over_the_endpoints_own_route(cidr: str, more: s.Json, code: str | None) -> None:
    made = s.sound()
    made_of.private_routes(made).append({**s.route(cidr, NatGatewayId=s.NAT), **more})
    found = faults(made)
    assert [fault.code for fault in found] == ([code] if code else [])
    if code:
        assert found[0].packets == S3 & PacketSet.of(4, [ip_network(cidr)])
        arguments = dict(found[0].arguments)
        assert (arguments["target"], arguments["endpoint"], arguments["destination"]) == (
            s.NAT,
            s.ENDPOINT,
            cidr,
        )


def test_a_second_route_to_the_same_endpoint_beats_nothing() -> None:
    made = s.sound()
    made_of.private_routes(made).append(s.route(f"{BLOCK.network_address}/32", GatewayId=s.ENDPOINT))
    assert faults(made) == []


def test_after_a_black_hole_other_winners_are_still_named() -> None:
    made = s.sound()
    dead = {**s.route(f"{BLOCK.network_address}/32", NatGatewayId=s.NAT), "State": "blackhole"}
    made_of.private_routes(made).extend([dead, s.route(str(S3.addresses()[1]), NatGatewayId=s.NAT)])
    assert [fault.code for fault in faults(made)] == ["route.same-cidr-static"]


def test_an_endpoint_of_another_service_or_type_is_none_for_this_one() -> None:
    made = by_nat()
    row = made.rows("ec2.DescribeVpcEndpoints")[0]
    row["ServiceName"] = f"com.amazonaws.{s.REGION}.dynamodb"
    assert [fault.code for fault in faults(made)] == ["route.endpoint-missing"]
    row.update(ServiceName=f"com.amazonaws.{s.REGION}.s3", VpcEndpointType="Interface")
    assert [fault.code for fault in faults(made)] == ["route.endpoint-missing"]


def test_where_nothing_is_known_of_the_services_addresses_no_endpoint_is_missed() -> None:
    made = by_nat()
    del made.lists["ec2.DescribePrefixLists"]
    assert faults(made, service="s3express", name=f"s3express-control.{s.REGION}.amazonaws.com") == []


def test_of_rival_routes_only_those_away_from_an_endpoint_divert() -> None:
    made = s.sound()
    row = {"PrefixListId": "pl-0own", "PrefixListName": "own", "AddressFamily": "IPv4", "OwnerId": s.ACCOUNT}
    made.lists["ec2.DescribeManagedPrefixLists"] = {"PrefixLists": [row]}
    entries = {"Entries": [{"Cidr": cidr} for cidr in s.S3_CIDRS]}
    made.add_call("ec2", "GetManagedPrefixListEntries", {"PrefixListId": "pl-0own"}, response=entries)
    made_of.private_routes(made).append(s.route("pl-0own", NatGatewayId=s.NAT))
    del made.lists["ec2.DescribeVpcEndpoints"]
    found = faults(made)
    assert {(fault.code, dict(fault.arguments)["target"]) for fault in found} == {("route.diverted", s.NAT)}
