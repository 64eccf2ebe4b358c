"""What a proxy sends on, answer by answer of its resolver, for clients in the VPC and outside.

https://docs.aws.amazon.com/vpc/latest/userguide/VPC_Route_Tables.html and
https://aws.amazon.com/blogs/networking-and-content-delivery/secure-hybrid-access-to-amazon-s3-using-aws-privatelink/
"""

from dataclasses import replace
from fractions import Fraction

import pytest
from tests import scenarios as made_of
from tests import snapshots as s
from tests.unit.test_mutants_delivery import AT_PROXY, PROXY_PORT, SENT, by_endpoint, proxied
from tests.unit.test_mutants_legs import journey_of, leg_of

from gatepath.engine.delivery import deliver
from gatepath.engine.legs import DROPPED, WORKS, End, Journey, Notes
from gatepath.engine.proxied import ProxyHop, Sent
from gatepath.engine.via_proxy import from_outside
from gatepath.model.ref import GapReason, unknown
from gatepath.packets import PacketSet
from gatepath.trace import Fate, PathKind, Removal

ONE, TWO = unknown("ec2", "DescribeOne"), unknown("ec2", "DescribeTwo")
HALF = PacketSet.of(4, SENT.addresses()[:1], [(443, 443)], [(32768, 60999)])


def hop(journey: Journey, *sents: Sent) -> Journey:
    return replace(journey, proxy=ProxyHop(port=PROXY_PORT[0], onward=lambda _, __: (sents, [])))


def sent_on(made: s.Snapshot, *sents: Sent) -> list[End]:
    journey = hop(journey_of(made), *sents)
    return deliver(journey, leg_of(journey), AT_PROXY, Notes())


def test_what_hides_whether_it_is_sent_may_drop_it_and_what_hides_where_does_not() -> None:
    made = proxied()
    by_endpoint(made)
    (end,) = sent_on(made, Sent(packets=SENT, gaps=(ONE,), doubts=(TWO,)))
    assert end.fates == {Fate.BYPASS, Fate.DROPPED}
    assert end.gaps == (ONE, TWO)
    (sure,) = sent_on(made, Sent(packets=SENT, doubts=(TWO,)))
    assert sure.fates == WORKS
    assert sure.gaps == (TWO,)


def test_answers_that_exclude_each_other_and_suspicions_stay_so() -> None:
    (end,) = sent_on(proxied(), Sent(packets=SENT, group="g", suspect=True))
    assert (end.group, end.suspect) == ("g", True)
    (plain,) = sent_on(proxied(), Sent(packets=SENT))
    assert (plain.group, plain.suspect, plain.fates) == (None, False, WORKS)


def test_an_answer_of_which_nothing_is_known_says_all_that_hides_it() -> None:
    fates = frozenset({Fate.DROPPED, Fate.BYPASS})
    (end,) = sent_on(proxied(), Sent(packets=SENT, fates=fates, gaps=(ONE, TWO), group="g"))
    assert (end.gaps, end.group, end.kind) == ((ONE, TWO), "g", PathKind.PROXY)
    (bare,) = sent_on(proxied(), Sent(packets=SENT, fates=fates))
    assert [gap.reason for gap in bare.gaps[0].gaps] == [GapReason.NOT_IN_API]


def test_shares_of_answers_are_by_their_addresses() -> None:
    lost = Removal(check="dns", component="client:hostname")
    ends = sent_on(proxied(), Sent(packets=HALF, culprit=lost), Sent(packets=SENT - HALF))
    assert {end.weight for end in ends if end.dropped} == {Fraction(HALF.size, SENT.size)}
    assert {end.packets for end in ends} == {AT_PROXY}
    assert sum((end.weight or 0) for end in ends) == 1
    (nothing,) = sent_on(proxied(), Sent(packets=PacketSet.empty(4), culprit=lost))
    assert (nothing.weight, nothing.culprit) == (None, lost)


def test_a_share_that_a_nat_gateways_port_decides_stays_open_behind_a_proxy() -> None:
    made = proxied()
    made.row("ec2.DescribeNetworkInterfaces", NetworkInterfaceId="eni-0p1").update(
        SubnetId=s.PRIVATE, PrivateIpAddress="10.0.200.30"
    )
    made_of.private_routes(made)[:] = [s.LOCAL, s.route("0.0.0.0/0", NatGatewayId=s.NAT)]
    near = s.entry(10, egress=False, CidrBlock="10.0.0.0/16")
    half = s.entry(20, egress=False, **s.tcp("0.0.0.0/0", 1024, 40000))
    made_of.own_acl(made, [near, half, s.entry(10, egress=True)], s.PUBLIC)
    ends = sent_on(made, Sent(packets=SENT))
    assert {end.dropped for end in ends} == {True, False}
    assert {end.weight for end in ends} == {None}


def outside(made: s.Snapshot, packets: PacketSet = AT_PROXY, *, proxy: bool = True) -> list[End]:
    journey = journey_of(made)
    return from_outside(hop(journey, Sent(packets=SENT)) if proxy else journey, packets, Notes())


def test_a_client_outside_any_vpc_reaches_the_proxy_inside_one() -> None:
    (end,) = outside(proxied())
    assert (end.kind, end.fates, end.component) == (PathKind.INTERNET, WORKS, "eni-0p1")
    assert outside(proxied(), proxy=False) == []
    made = proxied()
    made.row("ec2.DescribeRouteTables", RouteTableId=s.PUBLIC_TABLE)["Routes"].pop()
    assert [(lost.kind, lost.fates) for lost in outside(made)] == [(PathKind.DROPPED, DROPPED)]


def test_two_hosts_with_the_address_are_not_told_apart() -> None:
    made = proxied()
    made.rows("ec2.DescribeNetworkInterfaces").append(
        s.interface("eni-0far", "subnet-0far", "10.0.200.30", VpcId="vpc-0far")
    )
    assert outside(made) == []


@pytest.mark.parametrize(("block", "seen"), [("10.0.0.0/16", True), ("10.1.0.0/16", False)])
def test_interfaces_that_are_not_recorded_may_hold_an_address_of_a_vpcs_block(block: str, seen: bool) -> None:
    made = proxied()
    assert outside(made, PacketSet.of(4, [(0, 0)])) == []
    made.rows("ec2.DescribeNetworkInterfaces").pop()
    assert outside(made) == []
    del made.lists["ec2.DescribeNetworkInterfaces"]
    vpcs = made.rows("ec2.DescribeVpcs")
    vpcs[0].update(CidrBlock=block, CidrBlockAssociationSet=[])
    vpcs.append({"VpcId": "vpc-0far", "CidrBlock": "10.2.0.0/16", "OwnerId": s.ACCOUNT})
    ends = outside(made)
    assert [gap.operation for end in ends for one in end.gaps for gap in one.gaps] == (
        ["DescribeNetworkInterfaces"] if seen else []
    )


@pytest.mark.parametrize(("listed", "reason"), [(True, GapReason.FAILED), (False, GapReason.NOT_RECORDED)])
def test_a_proxy_whose_subnet_is_not_recorded_is_open(listed: bool, reason: GapReason) -> None:
    made = proxied()
    if listed:
        made.rows("ec2.DescribeSubnets").pop()
    else:
        del made.lists["ec2.DescribeSubnets"]
    (end,) = outside(made)
    assert end.fates >= DROPPED | WORKS
    assert [(gap.operation, gap.reason) for one in end.gaps for gap in one.gaps] == [
        ("DescribeSubnets", reason)
    ]
