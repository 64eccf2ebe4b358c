"""How filters and translated source ports cut what ends together, and which shares are known then.

https://docs.aws.amazon.com/vpc/latest/userguide/vpc-network-acls.html and
https://docs.aws.amazon.com/vpc/latest/userguide/nat-gateway-basics.html
"""

from dataclasses import replace
from fractions import Fraction
from ipaddress import ip_network
from typing import Any

from tests import snapshots as s
from tests.unit.test_mutants_legs import journey_of, leg_of

from gatepath.engine.faults import acl_fault, dropped, table_fault
from gatepath.engine.filters import Filtered
from gatepath.engine.legs import DROPPED, End, Fault, Notes, apply_filter, back_on, settled
from gatepath.model.network import NetworkAcl, RouteTable
from gatepath.model.ref import unknown
from gatepath.packets import PacketSet
from gatepath.trace import Component, Fate, PathKind, Removal, RuleHit


def part(addresses: str, ports: tuple[int, int] = (0, 65535)) -> PacketSet:
    return PacketSet.of(4, [ip_network(addresses)], None, [ports])


def end_of(packets: PacketSet, component: str = "a", **more: Any) -> End:
    made = End(
        packets=packets, fates=frozenset({Fate.BYPASS}), kind=PathKind.NAT_GATEWAY, component=component
    )
    return replace(made, **more)


def weighed(ends: list[End]) -> object:
    found = {(end.component, end.packets, end.weight) for end in ends}
    assert len(found) == len(ends)
    return found


ONE, TWO, BOTH = part("10.0.0.0/32"), part("10.0.0.1/32"), part("10.0.0.0/31")
LOW, HIGH = (0, 32767), (32768, 65535)


def test_what_ends_otherwise_by_the_port_a_translator_picks_has_no_share() -> None:
    """One address is cut by source ports, the other is not."""
    ends = [
        end_of(part("10.0.0.0/32", LOW), "a"),
        end_of(part("10.0.0.0/32", HIGH), "b"),
        end_of(part("10.0.0.1/32"), "c"),
    ]
    seen = part("10.0.0.0/31", (40000, 40000))
    first = ONE & seen
    assert weighed(back_on(seen, ends)) == {("a", first, None), ("b", first, None), ("c", TWO & seen, 1)}


def test_rival_routes_are_no_cut_by_ports() -> None:
    ends = [end_of(ONE, "a", group="g"), end_of(ONE, "b", group="g"), end_of(TWO, "c")]
    assert weighed(back_on(BOTH, ends)) == {("a", ONE, 1), ("b", ONE, 1), ("c", TWO, 1)}
    mixed = [end_of(ONE, "a", group="g"), end_of(BOTH, "c")]
    assert weighed(back_on(BOTH, mixed)) == {("a", ONE, 1), ("c", BOTH, 1)}
    assert weighed(back_on(BOTH, mixed[::-1])) == {("a", ONE, 1), ("c", BOTH, 1)}


def test_ends_that_turn_out_the_same_get_their_share_back() -> None:
    ends = [end_of(ONE, weight=None), end_of(ONE, weight=None), end_of(TWO, "c")]
    assert weighed(settled(ends)) == {("a", ONE, 1), ("c", TWO, 1)}


def test_a_share_comes_back_only_where_no_other_end_is_possible() -> None:
    ends = [end_of(BOTH, weight=None), end_of(TWO, "b", weight=None), end_of(TWO, "c", weight=Fraction(1, 2))]
    assert weighed(settled(ends)) == {
        ("a", ONE, 1),
        ("a", TWO, None),
        ("b", TWO, None),
        ("c", TWO, Fraction(1, 2)),
    }


def filtered(
    ends: list[End], *removed: Removal, earlier: bool | None = None, **parts: PacketSet
) -> tuple[list[End], Notes]:
    """Cut ends by a filter of network ACL `acl-1`; what is in no part isn't asked."""
    nothing, notes = PacketSet.empty(4), Notes()
    made = Filtered(
        **{"allowed": nothing, "denied": nothing, "unknown": nothing, **parts}, gaps=(GAP,), hits=(HIT,)
    )
    component = Component(type="network-acl", id="acl-1", account=s.ACCOUNT, region=s.REGION)
    fault = Fault(
        code="network-acl.egress-denied", check="network-acl", component=component, packets=made.denied
    )
    order = {} if earlier is None else {"earlier": earlier}
    journey = journey_of(s.sound(), *removed)
    return apply_filter(
        journey, ends, made, check="network-acl", component=component, fault=fault, notes=notes, **order
    ), notes


GAP = unknown("ec2", "DescribeNetworkAcls")
HIT = RuleHit(rule="egress:*", component="acl-1", allow=False, packets=ONE)
ACL_PASSED = Removal(check="network-acl", component="acl-1")


def test_a_filter_cuts_an_end_into_what_it_drops_hides_and_lets_through() -> None:
    suspect = end_of(part("10.0.0.0/30"), suspect=True)
    ends, notes = filtered([suspect], denied=ONE, unknown=TWO, allowed=part("10.0.0.2/31"))
    assert {(end.packets, end.fates, end.suspect, end.gaps) for end in ends} == {
        (ONE, DROPPED, False, ()),
        (TWO, DROPPED | {Fate.BYPASS}, True, (GAP,)),
        (part("10.0.0.2/31"), frozenset({Fate.BYPASS}), True, ()),
    }
    assert notes.hits == [HIT]
    assert [fault.packets for fault in notes.faults] == [ONE]


def test_a_filter_taken_as_passed_drops_and_hides_nothing_but_is_still_told() -> None:
    ends, notes = filtered([end_of(BOTH)], ACL_PASSED, denied=ONE, unknown=TWO)
    assert {(end.packets, end.fates, end.culprit) for end in ends} == {
        (ONE, frozenset({Fate.BYPASS}), None),
        (TWO, frozenset({Fate.BYPASS}), None),
    }
    assert len(notes.faults) == 1


def test_a_filter_that_drops_nothing_is_no_fault() -> None:
    assert filtered([end_of(BOTH)], allowed=BOTH)[1].faults == []


def test_the_first_filter_that_packets_meet_is_the_one_that_drops() -> None:
    before = Removal(check="route", component="rtb-1")
    lost = end_of(ONE, fates=DROPPED, culprit=before)
    assert filtered([lost], denied=ONE)[0] == [lost]
    (end,) = filtered([lost], denied=ONE, earlier=True)[0]
    assert end.culprit == ACL_PASSED


def test_a_fault_is_certain_and_harms_unless_said_otherwise() -> None:
    fault = filtered([end_of(ONE)], denied=ONE)[1].faults[0]
    assert (fault.suspect, fault.harmless) == (False, False)


def test_a_fault_of_a_table_shows_the_route_else_the_table() -> None:
    journey = journey_of(s.sound())
    leg = leg_of(journey)
    assert isinstance(leg.table, RouteTable)
    route = leg.table.routes[0]
    assert table_fault(leg, "route.no-route", ONE, ()).refs == (leg.table.ref,)
    assert table_fault(leg, "route.no-route", ONE, (), route).refs == (route.ref,)
    assert table_fault(replace(leg, table=GAP), "route.no-route", ONE, ()).refs == ()


def test_a_fault_of_an_acl_shows_the_acl() -> None:
    leg = leg_of(journey_of(s.sound()))
    assert isinstance(leg.acl, NetworkAcl)
    fault = acl_fault(leg, ONE, egress=True, far="egress")
    assert (fault.refs, fault.component.id, fault.suspect) == ((leg.acl.ref,), s.ACL, False)
    hidden = acl_fault(replace(leg, acl=GAP), ONE, egress=True, far="egress")
    assert (hidden.refs, hidden.component.id) == ((), "")


def test_a_drop_is_certain_unless_said_otherwise() -> None:
    assert not dropped(ONE, "route", "rtb-1", ()).suspect
