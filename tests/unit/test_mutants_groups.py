"""The check `security-group` on traffic made by hand.

https://docs.aws.amazon.com/vpc/latest/userguide/security-group-rules.html
"""

from dataclasses import replace

import pytest
from tests import scenarios as made_of
from tests import snapshots as s
from tests.unit.test_mutants_checks import ALL, LIVE, NEAR, OPEN, REST, step
from tests.unit.test_mutants_legs import S3

from gatepath.checks import security_group
from gatepath.model.question import parse_question
from gatepath.model.ref import Unknown, unknown
from gatepath.request import build_request
from gatepath.trace import StepVerdict


def test_groups_drop_what_no_rule_lets_out() -> None:
    made = s.sound()
    made_of.egress(made, s.permission("tcp", 443, cidrs=[str(S3.addresses()[0])]))
    found = step(made, security_group.CHECK, ALL)
    assert {(one.live, one.packets) for one in found.out} == {(True, NEAR), (False, REST)}
    assert [f.code for f in found.findings] == ["security-group.partial-egress"]
    assert found.verdict is StepVerdict.PARTIAL
    made_of.egress(made)
    found = step(made, security_group.CHECK, replace(ALL, packets=NEAR), LIVE)
    assert [f.code for f in found.findings] == ["security-group.no-egress"]
    arguments = dict(found.findings[0].arguments)
    assert (arguments["groups"], arguments["interface"], arguments["port"]) == ((s.GROUP,), s.ENI, "443")
    assert {evidence.ref.pointer for evidence in found.findings[0].evidence if evidence.ref} == {
        "/SecurityGroups/0"
    }


@pytest.mark.parametrize(
    ("listed", "name"), [(s.DDB_LIST, f"com.amazonaws.{s.REGION}.dynamodb"), ("pl-0none", "")]
)
def test_a_lists_rule_that_is_another_services_or_nobodys_is_named(listed: str, name: str) -> None:
    made = s.sound()
    made.lists["ec2.DescribeManagedPrefixLists"] = {"PrefixLists": []}
    other = s.permission("tcp", 443, cidrs=["10.0.0.0/8"])
    made_of.egress(made, other, s.permission("tcp", 443, lists=[listed]))
    found = {f.code: dict(f.arguments) for f in step(made, security_group.CHECK, ALL).findings}
    named = found["security-group.other-prefix-list"]
    assert (named["group"], named["prefix_list"], named["name"]) == (s.GROUP, listed, name)
    made_of.egress(made, other)
    assert {f.code for f in step(made, security_group.CHECK, ALL).findings} == {"security-group.no-egress"}


def test_a_customers_own_list_is_not_called_another_services() -> None:
    made = s.sound()
    row = {"PrefixListId": "pl-0own", "PrefixListName": "own", "AddressFamily": "IPv4", "OwnerId": s.ACCOUNT}
    made.lists["ec2.DescribeManagedPrefixLists"] = {"PrefixLists": [row]}
    made.add_call(
        "ec2",
        "GetManagedPrefixListEntries",
        {"PrefixListId": "pl-0own"},
        response={"Entries": [{"Cidr": "10.0.0.0/8"}]},
    )
    own = s.permission("tcp", 443, lists=["pl-0own"])
    made_of.egress(made, own)
    assert [f.code for f in step(made, security_group.CHECK, ALL).findings] == ["security-group.no-egress"]
    made_of.egress(made, own, s.permission("tcp", 443, lists=[s.DDB_LIST]))
    codes = {f.code for f in step(made, security_group.CHECK, ALL).findings}
    assert codes == {"security-group.no-egress", "security-group.other-prefix-list"}


def test_groups_that_are_not_recorded_leave_it_open_and_the_rest_is_asked() -> None:
    made = s.sound()
    del made.lists["ec2.DescribeSecurityGroups"]
    found = step(made, security_group.CHECK, replace(ALL, packets=NEAR), LIVE)
    assert [(one.packets, bool(one.unsettled)) for one in found.out] == [(NEAR, True), (REST, True)]
    assert len(found.unknowns) == 1


def test_interfaces_whose_groups_are_not_known_are_undecided_one_by_one() -> None:
    made = s.sound()
    world = made.world()
    request = build_request(parse_question(s.question()), world)
    assert not isinstance(request.parts, Unknown)
    gap = unknown("ec2", "DescribeNetworkInterfaces")
    blind = replace(request, parts=tuple(replace(part, group_ids=gap) for part in request.parts))
    found = security_group.CHECK.run(blind, world, (replace(ALL, packets=NEAR), LIVE), frozenset())
    assert [(one.packets, one.unsettled) for one in found.out] == [(NEAR, (gap,)), (REST, (gap,))]
    assert [(u.code, u.unknown) for u in found.unknowns] == [("unknown.security-groups", gap)]
    bare = replace(request, parts=tuple(replace(part, group_ids=()) for part in request.parts))
    assert security_group.CHECK.run(bare, world, (ALL,), frozenset()).out == (ALL,)


def test_a_part_without_groups_leaves_the_others_to_be_asked() -> None:
    made = s.sound()
    made_of.egress(made)
    world = made.world()
    request = build_request(parse_question(s.question()), world)
    assert not isinstance(request.parts, Unknown)
    parts = (replace(request.parts[0], group_ids=()), request.parts[0])
    traffics = (ALL, replace(ALL, part=1))
    found = security_group.CHECK.run(replace(request, parts=parts), world, traffics, frozenset())
    assert [one.live for one in found.out] == [True, False]


def test_traffic_whose_fate_is_open_makes_no_drop_partial() -> None:
    made = s.sound()
    made_of.egress(made)
    found = step(made, security_group.CHECK, OPEN, LIVE)
    assert [f.code for f in found.findings] == ["security-group.no-egress"]


def test_any_of_the_vpcs_groups_is_an_assumption_where_nobody_names_them() -> None:
    made = s.sound()
    made.rows("ec2.DescribeSecurityGroups").append(s.group("sg-0b2", egress=[]))
    world = made.world()
    request = build_request(parse_question(s.question(source={"subnet": s.PRIVATE})), world)
    found = security_group.CHECK.run(request, world, (ALL,), frozenset())
    (assumed,) = found.assumptions
    assert assumed.code == "assumption.any-groups"
    assert dict(assumed.arguments) == {"subnet": s.PRIVATE, "groups": f"{s.GROUP}, sg-0b2"}
    assert [bool(one.unsettled) for one in found.out] == [True]
    assert {u.code for u in found.unknowns} == {"unknown.security-groups"}
    made_of.egress(made)
    world = made.world()
    found = security_group.CHECK.run(request, world, (ALL,), frozenset())
    (fault,) = found.findings
    assert dict(fault.arguments)["interface"] == s.PRIVATE
    assert (fault.component.account, fault.component.region) == (s.ACCOUNT, s.REGION)
