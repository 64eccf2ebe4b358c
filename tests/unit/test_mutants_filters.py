"""Security groups and network ACLs: the deciding rule by name, and what a hidden or partly matching rule leaves open.

https://docs.aws.amazon.com/vpc/latest/userguide/security-group-rules.html and
https://docs.aws.amazon.com/vpc/latest/userguide/nacl-rules.html
"""

import random
from dataclasses import replace
from ipaddress import ip_address, ip_network

import pytest
from tests import snapshots as s
from tests.properties import worlds

from gatepath.engine.filters import Peer, group_members, groups_egress, groups_ingress, network_acl
from gatepath.model.network import (
    GroupTarget,
    Network,
    NetworkAcl,
    NetworkAclEntry,
    PrefixList,
    PrefixListTarget,
    SecurityGroup,
    SecurityGroupRule,
)
from gatepath.model.ref import Unknown, unknown
from gatepath.model.store import Listing
from gatepath.model.world import World
from gatepath.packets import PacketSet

ALL = PacketSet.everything(4)
WEB = PacketSet.of(4, ports=[(443, 443)])


def rule(
    peer: str | PrefixListTarget | GroupTarget, ports: tuple[int, int] | None = (443, 443)
) -> SecurityGroupRule:
    far = ip_network(peer) if isinstance(peer, str) else peer
    return SecurityGroupRule(protocol="tcp", ports=ports, peer=far, ref=worlds.REF)


def group(name: str, *rules: SecurityGroupRule) -> SecurityGroup:
    return replace(worlds.security_group(random.Random(0), name), egress=rules, ingress=rules)


def world(*groups: SecurityGroup, lists: tuple[PrefixList, ...] = ()) -> World:
    return worlds.world(lists, groups)


def lists_missing(*groups: SecurityGroup) -> World:
    return replace(world(*groups), prefix_lists=Listing(operation="ec2.DescribeManagedPrefixLists"))


def test_a_group_names_the_rule_that_lets_out_and_itself_where_none_does() -> None:
    made = world(group("sg-1", rule("10.0.0.0/8")), group("sg-2"))
    found = groups_egress(made, ("sg-1", "sg-2"), worlds.REGION, WEB)
    allowed, denied = found.hits
    assert (allowed.component, allowed.allow, allowed.rule) == ("sg-1", True, "tcp 443-443 10.0.0.0/8")
    assert (denied.component, denied.allow, denied.rule) == ("sg-1", False, "egress:none")
    assert denied.packets == found.denied == WEB - PacketSet.of(4, [ip_network("10.0.0.0/8")])
    assert found.gaps == ()
    assert not found.unknown


def test_an_ingress_drop_is_named_so() -> None:
    found = groups_ingress(
        world(group("sg-1")), ("sg-1",), worlds.REGION, Peer(networks=(ip_network("10.0.0.1/32"),)), WEB
    )
    assert [(hit.rule, hit.allow) for hit in found.hits] == [("ingress:none", False)]


def test_where_all_is_let_through_nothing_drops() -> None:
    found = groups_egress(world(group("sg-1", rule("0.0.0.0/0", None))), ("sg-1",), worlds.REGION, ALL)
    assert [hit.allow for hit in found.hits] == [True]


def test_no_group_names_no_drop() -> None:
    assert groups_egress(world(), (), worlds.REGION, ALL).hits == ()


def test_groups_after_an_unrecorded_one_still_let_through() -> None:
    made = replace(
        world(group("sg-2", rule("10.0.0.0/8"))),
        security_groups=Listing(
            operation="ec2.DescribeSecurityGroups", rows={"sg-2": group("sg-2", rule("10.0.0.0/8"))}
        ),
    )
    found = groups_egress(made, ("sg-1", "sg-2"), worlds.REGION, WEB)
    inside = WEB & PacketSet.of(4, [ip_network("10.0.0.0/8")])
    assert found.allowed == inside
    assert found.unknown == WEB - inside
    assert not found.denied
    assert found.gaps


def test_a_rule_with_an_unrecorded_list_leaves_open_its_ports_only() -> None:
    made = lists_missing(group("sg-1", rule(PrefixListTarget("pl-9")), rule("10.0.0.0/8", (22, 22))))
    found = groups_egress(made, ("sg-1",), worlds.REGION, ALL)
    ssh = PacketSet.of(4, [ip_network("10.0.0.0/8")], [(22, 22)])
    assert found.unknown == WEB
    assert found.allowed == ssh
    assert found.denied == ALL - WEB - ssh
    only_web = groups_egress(made, ("sg-1",), worlds.REGION, WEB & PacketSet.of(4, [(0, 9)]))
    assert only_web.unknown == WEB & PacketSet.of(4, [(0, 9)])


def test_an_unrecorded_list_says_so_only_where_it_matters() -> None:
    made = lists_missing(
        group("sg-1", rule(PrefixListTarget("pl-9")), rule("0.0.0.0/0")),
    )
    assert groups_egress(made, ("sg-1",), worlds.REGION, WEB).gaps == ()


GAP: Unknown = unknown("ec2", "DescribeInstances")
SENDERS = (ip_network("10.0.0.0/25"),)


@pytest.mark.parametrize(
    ("networks", "peer", "expected"),
    [
        (("10.0.0.0/25",), "10.0.0.0/24", True),
        (("10.0.0.0/25",), "10.0.0.0/26", None),
        (("10.0.0.0/25",), "10.0.0.128/25", False),
        (("10.0.0.1/32", "10.0.0.2/32"), "10.0.0.0/24", True),
        (("10.0.0.1/32", "10.0.0.200/32"), "10.0.0.0/25", None),
        (("10.0.0.200/32", "10.0.0.1/32"), "10.0.0.0/25", None),
        (("10.0.0.200/32", "10.0.0.201/32"), "10.0.0.0/25", False),
        (("10.0.0.1/32",), "::/0", False),
        ((), "0.0.0.0/0", False),
    ],
)
def test_senders_all_partly_or_not_within_a_rule(
    networks: tuple[str, ...], peer: str, expected: bool | None
) -> None:
    sender = Peer(networks=tuple(ip_network(network) for network in networks))
    found = groups_ingress(world(group("sg-1", rule(peer))), ("sg-1",), worlds.REGION, sender, WEB)
    parts = {True: found.allowed, False: found.denied, None: found.unknown}
    assert parts[expected] == WEB
    assert bool(found.gaps) is (expected is None)


@pytest.mark.parametrize(
    ("groups", "expected"), [(("sg-a",), "allowed"), (("sg-b",), "denied"), (GAP, "unknown")]
)
def test_a_rule_for_a_group_takes_its_members(groups: tuple[str, ...] | Unknown, expected: str) -> None:
    sender = Peer(networks=SENDERS, group_ids=groups)
    found = groups_ingress(
        world(group("sg-1", rule(GroupTarget("sg-a")))), ("sg-1",), worlds.REGION, sender, WEB
    )
    assert getattr(found, expected) == WEB
    assert found.gaps == ((GAP,) if expected == "unknown" else ())


def test_an_unrecorded_list_as_the_sender_is_open() -> None:
    made = lists_missing(group("sg-1", rule(PrefixListTarget("pl-9"))))
    found = groups_ingress(made, ("sg-1",), worlds.REGION, Peer(networks=SENDERS), ALL)
    assert found.unknown == WEB


def test_interfaces_that_are_not_recorded_leave_a_rule_for_their_group_open() -> None:
    made = replace(
        world(group("sg-1", rule(GroupTarget("sg-a")))),
        network_interfaces=Listing(operation="ec2.DescribeNetworkInterfaces"),
    )
    found = groups_egress(made, ("sg-1",), worlds.REGION, ALL)
    assert found.unknown == WEB
    assert {gap.operation for one in found.gaps for gap in one.gaps} == {"DescribeNetworkInterfaces"}


def entry(number: int, cidr: str, *, allow: bool, low: int = 0, high: int = 65535) -> NetworkAclEntry:
    far: Network = ip_network(cidr)
    return NetworkAclEntry(
        rule_number=number,
        egress=False,
        allow=allow,
        protocol="6",
        ports=(low, high),
        cidr=far,
        ref=worlds.REF,
    )


def acl(*entries: NetworkAclEntry) -> NetworkAcl:
    return replace(worlds.acl(random.Random(0)), entries=entries)


def test_an_entry_for_a_part_of_the_senders_leaves_open_what_later_entries_dont_change() -> None:
    """A subnet may send: the entry holds for some of its addresses, for two boxes of ports."""
    made = acl(
        entry(10, "10.0.0.0/26", allow=True, low=100, high=199),
        entry(20, "10.0.0.0/26", allow=False, low=300, high=399),
        entry(30, "0.0.0.0/0", allow=True, low=150, high=450),
    )
    found = network_acl(made, ALL, egress=False, by_source_port=False, far_side=SENDERS)

    def ports(*ranges: tuple[int, int]) -> PacketSet:
        return PacketSet.of(4, ports=ranges)

    assert found.unknown == ports((100, 199), (300, 399))
    assert found.allowed == ports((200, 299), (400, 450))
    assert found.denied == ALL - found.unknown - found.allowed
    assert len(found.gaps) == 2
    assert [(hit.rule, hit.allow) for hit in found.hits] == [("ingress:30", True), ("ingress:*", False)]


def test_hidden_senders_leave_open_no_more_than_the_packets() -> None:
    made = acl(entry(10, "10.0.0.0/26", allow=True), entry(20, "0.0.0.0/0", allow=True))
    found = network_acl(made, WEB, egress=False, by_source_port=False, far_side=SENDERS)
    assert found.unknown == WEB
    assert found.hits == ()


def test_an_entry_of_the_other_version_meets_no_sender() -> None:
    made = acl(entry(10, "::/0", allow=True))
    found = network_acl(made, ALL, egress=False, by_source_port=False, far_side=SENDERS)
    assert found.denied == ALL


@pytest.mark.parametrize("egress", [True, False])
def test_each_acl_entry_is_named_for_its_packets(egress: bool) -> None:
    for seed in range(60):
        rng = random.Random(seed)
        made = worlds.acl(rng)
        found = network_acl(made, ALL, egress=egress, by_source_port=False)
        way = "egress" if egress else "ingress"
        numbers = {f"{way}:{e.rule_number}": e.allow for e in made.entries if e.egress is egress}
        assert found.gaps == ()
        rest = ALL
        for hit in found.hits:
            assert hit.packets <= rest
            rest -= hit.packets
            assert hit.allow is numbers.get(hit.rule, False)
            assert hit.rule in {*numbers, f"{way}:*"}
        assert not rest


def test_nothing_meets_the_last_entry_where_all_is_taken_before() -> None:
    found = network_acl(acl(entry(10, "0.0.0.0/0", allow=True)), ALL, egress=False, by_source_port=False)
    assert [hit.rule for hit in found.hits] == ["ingress:10"]
    one = PacketSet.of(4, [ip_address("10.0.0.1")])
    assert network_acl(acl(), one, egress=False, by_source_port=False).denied == one


def test_a_reference_to_a_group_means_its_members_addresses() -> None:
    made = s.sound()
    made.rows("ec2.DescribeSecurityGroups").append(s.group("sg-0m1"))
    made.rows("ec2.DescribeNetworkInterfaces").append(
        s.interface("eni-0m1", s.PUBLIC, "10.0.200.9", ("sg-0m1",))
    )
    assert group_members(made.world(), "sg-0m1", s.REGION) == (ip_address("10.0.200.9"),)


def test_a_hidden_rule_for_other_ports_leaves_nothing_open() -> None:
    hidden = rule(PrefixListTarget("pl-0"), (80, 80))
    found = groups_egress(lists_missing(group("sg-1", hidden)), ("sg-1",), worlds.REGION, WEB)
    assert found.denied == WEB
    assert found.gaps == ()
