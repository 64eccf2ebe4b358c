"""A workload whose groups nobody names, and the addresses of a service of which a list is missing.

https://docs.aws.amazon.com/vpc/latest/userguide/vpc-security-groups.html and
https://docs.aws.amazon.com/vpc/latest/userguide/working-with-aws-managed-prefix-lists.html
"""

from dataclasses import replace
from ipaddress import ip_network

from tests import snapshots as s
from tests.unit.test_mutants_filters import group, lists_missing, rule, world

from gatepath.engine.service_ranges import ServiceRanges, service_ranges
from gatepath.engine.unnamed_groups import any_groups_egress, vpc_groups
from gatepath.model.network import PrefixListTarget, Subnet
from gatepath.model.ref import GapReason, Unknown, unknown
from gatepath.model.world import World
from gatepath.packets import PacketSet

NOBODY = unknown("", "", GapReason.NOT_IN_API)
UNREAD = unknown("ec2", "DescribeNetworkInterfaces")


def subnet_of(made: World) -> Subnet:
    found = made.subnets.get(s.PRIVATE)
    assert found is not None
    return found


def test_only_where_no_call_would_tell_any_of_the_vpcs_groups_may_hold() -> None:
    made = s.sound()
    made.rows("ec2.DescribeSecurityGroups").append({**s.group("sg-0far"), "VpcId": "vpc-0other"})
    known = made.world()
    assert vpc_groups(known, subnet_of(known), NOBODY) == (s.GROUP,)
    assert vpc_groups(known, subnet_of(known), UNREAD) == UNREAD
    assert vpc_groups(known, subnet_of(known), NOBODY | UNREAD) == NOBODY | UNREAD


def test_groups_that_are_not_recorded_are_named_beside_the_question() -> None:
    made = s.sound()
    del made.lists["ec2.DescribeSecurityGroups"]
    found = vpc_groups(made.world(), subnet_of(made.world()), NOBODY)
    assert isinstance(found, Unknown)
    assert [gap.operation for gap in found.gaps] == ["", "DescribeSecurityGroups"]


def test_a_vpc_without_groups_leaves_the_question_open() -> None:
    made = s.sound()
    made.rows("ec2.DescribeSecurityGroups").clear()
    assert vpc_groups(made.world(), subnet_of(made.world()), NOBODY) == NOBODY


A, B, C = (PacketSet.of(4, [ip_network(f"10.{n}.0.0/16")], [(443, 443)]) for n in (1, 2, 3))


def test_what_all_groups_let_out_passes_and_what_none_does_drops() -> None:
    one, two = group("sg-1", rule("10.1.0.0/16")), group("sg-2", rule("10.1.0.0/16"), rule("10.2.0.0/16"))
    for order in (("sg-1", "sg-2"), ("sg-2", "sg-1")):
        found = any_groups_egress(world(one, two), order, s.REGION, A | B | C, NOBODY)
        assert (found.allowed, found.denied, found.unknown) == (A, C, B)
        assert (found.gaps, found.hits) == ((NOBODY,), ())
    sure = any_groups_egress(world(one, two), ("sg-1", "sg-2"), s.REGION, A | C, NOBODY)
    assert (sure.allowed, sure.denied, sure.gaps) == (A, C, ())


def test_a_single_group_decides_by_its_rules() -> None:
    found = any_groups_egress(world(group("sg-1", rule("10.1.0.0/16"))), ("sg-1",), s.REGION, A | C, NOBODY)
    assert {(hit.allow, hit.packets) for hit in found.hits} == {(True, A), (False, C)}


def test_what_hides_a_rule_of_one_of_the_groups_is_named_too() -> None:
    hidden = group("sg-1", rule(PrefixListTarget("pl-0")))
    found = any_groups_egress(lists_missing(hidden), ("sg-1",), s.REGION, A, NOBODY)
    assert found.unknown == A
    assert found.gaps[0] == NOBODY
    assert len(found.gaps) == 2


def test_a_recorded_region_without_a_list_of_the_version_has_no_addresses_there() -> None:
    found = service_ranges(s.sound().world(), "dynamodb", s.REGION, 6)
    assert isinstance(found, ServiceRanges)
    assert (found.cidrs, found.exact) == ((), True)


def test_a_list_whose_blocks_are_hidden_says_so() -> None:
    made = s.sound().world()
    rows = dict(made.prefix_lists.rows)
    key = next(key for key, row in rows.items() if row.id == s.DDB_LIST)
    hidden = replace(
        made, prefix_lists=replace(made.prefix_lists, rows={**rows, key: replace(rows[key], cidrs=UNREAD)})
    )
    found = service_ranges(hidden, "dynamodb", s.REGION, 4)
    assert (found.gap if isinstance(found, ServiceRanges) else found) == UNREAD
    assert not isinstance(found, ServiceRanges) or not found.exact
