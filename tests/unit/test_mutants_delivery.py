"""What becomes of packets to addresses inside a VPC: interface endpoints, proxies, appliances, nobody.

https://docs.aws.amazon.com/vpc/latest/privatelink/interface-endpoints.html,
https://docs.aws.amazon.com/vpc/latest/userguide/vpc-security-groups.html and
https://docs.aws.amazon.com/vpc/latest/reachability/explanation-codes.html
"""

from dataclasses import replace
from ipaddress import ip_address, ip_network
from typing import Any

import pytest
from tests import scenarios as made_of
from tests import scenarios_clients as clients
from tests import snapshots as s
from tests.unit.test_mutants_legs import S3, SENDER, journey_of, leg_of

from gatepath.engine.delivery import deliver, own_filters
from gatepath.engine.filters import hosts
from gatepath.engine.legs import End, Notes
from gatepath.engine.onward import route_leg
from gatepath.engine.proxied import PROXY_PORTS, ProxyHop, Sent
from gatepath.model.ref import GapReason
from gatepath.packets import PacketSet
from gatepath.trace import Fate, PathKind, Removal, Verdict

PROXY_PORT = (3128, 3128)
SENT = PacketSet.of(4, S3.addresses(), [(443, 443)], [PROXY_PORTS])


def to(*addresses: str, port: int = 443) -> PacketSet:
    return PacketSet.of(4, [ip_network(address) for address in addresses], [(port, port)])


def delivered(
    made: s.Snapshot, packets: PacketSet, *removed: Removal, proxy: bool = False, **more: Any
) -> tuple[list[End], Notes]:
    journey, notes = journey_of(made, *removed), Notes()
    if proxy:
        journey = replace(
            journey, proxy=ProxyHop(port=PROXY_PORT[0], onward=lambda _, __: ((Sent(packets=SENT),), []))
        )
    return deliver(journey, leg_of(journey, **more), packets, notes), notes


def test_only_interfaces_that_have_the_address_are_met() -> None:
    ends, _ = delivered(s.sound(), to("10.0.200.20/32"))
    assert [end.component for end in ends] == [s.NAT_ENI]


def test_private_addresses_of_nobody_and_public_ones_in_the_vpcs_block_are_told_apart() -> None:
    """What lies in the VPC's own blocks is local, also where these are public addresses."""
    ends, notes = delivered(s.sound(), to("10.0.9.0/24", "52.218.1.0/24"))
    assert [(end.dropped, end.suspect, end.component) for end in ends] == [(True, True, s.VPC)]
    assert {fault.code: (fault.packets, fault.suspect) for fault in notes.faults} == {
        "route.no-such-host": (to("10.0.9.0/24"), True),
        "route.local-overlap": (to("52.218.1.0/24"), True),
    }


def test_an_interface_whose_subnet_is_not_recorded_is_unknown() -> None:
    made = s.sound()
    made.rows("ec2.DescribeSubnets").pop()
    (end,), _ = delivered(made, to("10.0.200.20/32"))
    assert end.fates >= {Fate.DROPPED, Fate.BYPASS}
    assert [gap.operation for gap in end.gaps[0].gaps] == ["DescribeSubnets"]


def endpoint(**more: object) -> s.Snapshot:
    made = s.sound()
    clients.interface_endpoint(made, private_dns=True)
    made.row("ec2.DescribeVpcEndpoints", VpcEndpointId="vpce-0e1").update(more)
    return made


AT_ENDPOINT = to("10.0.1.51/32")


def test_an_endpoint_that_is_not_ready_is_a_suspicion_only() -> None:
    _, notes = delivered(endpoint(State="pending"), AT_ENDPOINT)
    assert [(fault.code, fault.suspect) for fault in notes.faults] == [("route.endpoint-not-available", True)]


def test_a_targets_group_drops_before_what_stands_behind_it() -> None:
    made = endpoint(State="pending")
    made.row("ec2.DescribeSecurityGroups", GroupId="sg-0e1")["IpPermissions"] = []
    (end,), _ = delivered(made, AT_ENDPOINT)
    assert end.culprit == Removal(check="security-group", component="sg-0e1")


def test_the_first_of_several_groups_stands_for_all() -> None:
    made = endpoint()
    made.rows("ec2.DescribeSecurityGroups").append(s.group("sg-0e2"))
    made.row("ec2.DescribeSecurityGroups", GroupId="sg-0e1")["IpPermissions"] = []
    eni = made.row("ec2.DescribeNetworkInterfaces", NetworkInterfaceId="eni-0e1")
    eni["Groups"] = [{"GroupId": "sg-0e1"}, {"GroupId": "sg-0e2"}]
    (end,), _ = delivered(made, AT_ENDPOINT)
    assert end.culprit == Removal(check="security-group", component="sg-0e1")


def test_an_interface_endpoint_of_another_service_does_not_serve_this_one() -> None:
    (end,), _ = delivered(endpoint(ServiceName=f"com.amazonaws.{s.REGION}.sqs"), AT_ENDPOINT)
    assert (end.kind, end.fates >= {Fate.DROPPED, Fate.BYPASS}) == (PathKind.INTERFACE_ENDPOINT, True)


@pytest.mark.parametrize(
    ("senders", "seen"),
    [
        (hosts([SENDER]), SENDER),
        ((ip_network("10.0.1.0/24"),), None),
        ((ip_network("10.0.1.10/32"), ip_network("10.0.1.11/32")), None),
    ],
)
def test_an_interface_endpoint_sees_the_address_of_the_one_sender(senders: object, seen: object) -> None:
    (end,), _ = delivered(endpoint(), AT_ENDPOINT, senders=senders)
    assert (end.kind, end.seen_as.address) == (PathKind.INTERFACE_ENDPOINT, seen)


def test_which_address_of_a_subnet_asks_an_interface_endpoint_is_not_known() -> None:
    """A policy that lets in one address answers for some senders only."""
    policy = (
        '{"Statement":[{"Effect":"Allow","Principal":"*","Action":"*","Resource":"*",'
        '"Condition":{"IpAddress":{"aws:VpcSourceIp":"10.0.1.77/32"}}}]}'
    )
    asked = s.question(
        source={"subnet": s.PRIVATE, "security_groups": [s.GROUP]}, principal={"anonymous": True}
    )
    found = s.ask(endpoint(PolicyDocument=policy), asked, network=False)
    assert found.verdict is Verdict.UNKNOWN


def proxied(*groups: str) -> s.Snapshot:
    made = s.sound()
    clients.proxied(made)
    for group in groups:
        made.rows("ec2.DescribeSecurityGroups").append(s.group(group))
    return made


AT_PROXY = to("10.0.200.30/32", port=3128)


def by_endpoint(made: s.Snapshot) -> None:
    made.rows("ec2.DescribeVpcEndpoints")[0]["RouteTableIds"].append(s.PUBLIC_TABLE)
    made.row("ec2.DescribeRouteTables", RouteTableId=s.PUBLIC_TABLE)["Routes"].append(
        s.route(s.S3_LIST, GatewayId=s.ENDPOINT)
    )


def test_a_gateway_endpoint_sees_the_proxys_own_address_and_the_way_is_the_proxys() -> None:
    made = proxied()
    by_endpoint(made)
    (end,), _ = delivered(made, AT_PROXY, proxy=True)
    assert (end.kind, end.component) == (PathKind.PROXY, "eni-0p1")
    assert end.fates == {Fate.BYPASS}
    assert end.seen_as.address == ip_address("10.0.200.30")
    assert end.seen_as.endpoint_id == s.ENDPOINT


def test_what_a_proxy_sends_to_a_host_of_its_own_subnet_crosses_no_boundary() -> None:
    made = proxied()
    made.rows("ec2.DescribeNetworkInterfaces").append(
        s.interface("eni-0b1", s.PUBLIC, "10.0.200.40", SourceDestCheck=False)
    )
    made.row("ec2.DescribeRouteTables", RouteTableId=s.PUBLIC_TABLE)["Routes"][1] = s.route(
        "0.0.0.0/0", NetworkInterfaceId="eni-0b1"
    )
    vpc = [s.entry(10, egress=e, CidrBlock="10.0.0.0/16") for e in (True, False)]
    made_of.own_acl(made, vpc, s.PUBLIC)
    ends, notes = delivered(made, AT_PROXY, proxy=True)
    assert [end.dropped for end in ends] == [False]
    assert not [fault for fault in notes.faults if fault.component.id != "acl-0b1"]


def test_an_appliance_that_is_an_unrecorded_instance_says_what_is_missing() -> None:
    made = s.sound()
    made_of.private_routes(made)[:] = [s.LOCAL, s.route("0.0.0.0/0", InstanceId="i-0gone")]
    del made.lists["ec2.DescribeInstances"]
    asked = s.question(source={"subnet": s.PRIVATE, "security_groups": [s.GROUP]})
    found = s.ask(made, asked)
    gaps = {(gap.operation, gap.reason) for one in found.unknowns for gap in one.unknown.gaps}
    assert gaps == {("DescribeInstances", GapReason.NOT_RECORDED)}


def test_an_endpoint_answers_for_any_of_its_names() -> None:
    names = [{"DnsName": f"*.sqs.{s.REGION}.amazonaws.com"}, {"DnsName": "other.example"}]
    made = endpoint(ServiceName=f"com.amazonaws.{s.REGION}.sqs", DnsEntries=names)
    journey = replace(journey_of(made), hostname=f"queue.sqs.{s.REGION}.amazonaws.com")
    (end,) = deliver(journey, leg_of(journey), AT_ENDPOINT, Notes())
    assert end.fates == {Fate.BYPASS}


def silent_proxy() -> s.Snapshot:
    """Return a proxy of another account with two groups, neither of which lets anything out."""
    made = proxied("sg-0p2")
    for name in ("sg-0p1", "sg-0p2"):
        group = made.row("ec2.DescribeSecurityGroups", GroupId=name)
        group.update(IpPermissionsEgress=[], IpPermissions=[s.permission("tcp", 3128, cidrs=["10.0.0.0/16"])])
    row = made.row("ec2.DescribeNetworkInterfaces", NetworkInterfaceId="eni-0p1")
    row.update(OwnerId="444455556666", Groups=[{"GroupId": "sg-0p1"}, {"GroupId": "sg-0p2"}])
    return made


def test_groups_of_a_proxy_drop_before_its_subnets_acl_and_belong_to_the_interfaces_owner() -> None:
    made = silent_proxy()
    made_of.own_acl(made, [s.entry(10, egress=e, CidrBlock="10.0.0.0/16") for e in (True, False)], s.PUBLIC)
    ends, notes = delivered(made, AT_PROXY, proxy=True)
    assert {end.culprit for end in ends} == {Removal(check="security-group", component="sg-0p1")}
    (fault,) = [fault for fault in notes.faults if fault.check == "security-group"]
    assert (fault.component.id, fault.component.account) == ("sg-0p1", "444455556666")


def test_groups_of_nobodys_interface_belong_to_the_subnets_owner() -> None:
    journey, notes = journey_of(silent_proxy()), Notes()
    leg = leg_of(journey, group_ids=("sg-0p1",))
    (end,) = own_filters(journey, leg, None, route_leg(journey, leg, S3, notes), S3, notes)
    assert end.culprit == Removal(check="security-group", component="sg-0p1")
    assert [fault.component.account for fault in notes.faults] == [s.ACCOUNT]


@pytest.mark.parametrize(
    ("place", "address", "drops"), [(s.PRIVATE, "10.0.1.30", False), (s.PUBLIC, "10.0.200.30", True)]
)
def test_only_an_appliance_of_another_subnet_is_entered_through_an_acl(
    place: str, address: str, drops: bool
) -> None:
    made = s.sound()
    made_of.private_routes(made)[:] = [s.LOCAL, s.route("0.0.0.0/0", NetworkInterfaceId="eni-0b1")]
    made.rows("ec2.DescribeNetworkInterfaces").append(
        s.interface("eni-0b1", place, address, SourceDestCheck=False)
    )
    made_of.own_acl(made, [s.entry(10, egress=True)], place)
    journey = journey_of(made)
    (end,) = route_leg(journey, leg_of(journey), S3, Notes())
    assert end.dropped is drops
