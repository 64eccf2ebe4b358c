"""Filters and routes on sets against one-packet evaluators that know no sets."""

import random
from ipaddress import ip_address, ip_network

import pytest

from gatepath.engine.filters import Filtered, Peer, groups_egress, groups_ingress, network_acl
from gatepath.engine.routing import lookup
from gatepath.model.network import (
    NetworkAcl,
    PrefixList,
    PrefixListTarget,
    Route,
    RouteTable,
    SecurityGroup,
    SecurityGroupRule,
)
from gatepath.packets import Address, Packet, PacketSet
from tests.properties import worlds

SEEDS = range(150)


def single(packet: Packet) -> PacketSet:
    return PacketSet.of(4, [packet.address], [(packet.port,) * 2], [(packet.source_port,) * 2])


def within(ports: tuple[int, int] | None, port: int) -> bool:
    return ports is None or ports[0] <= port <= ports[1]


def naive_acl(acl: NetworkAcl, far: Address, port: int, *, egress: bool) -> bool:
    for entry in sorted(acl.entries, key=lambda e: e.rule_number):
        if (
            entry.egress is egress
            and entry.protocol in {"-1", "6"}
            and far in entry.cidr
            and within(entry.ports, port)
        ):
            return entry.allow
    return False


def naive_group(
    groups: list[SecurityGroup], lists: tuple[PrefixList, ...], far: Address, port: int, *, egress: bool
) -> bool:
    def hit(rule: SecurityGroupRule) -> bool:
        if rule.protocol not in {"-1", "tcp"} or not within(rule.ports, port):
            return False
        if isinstance(rule.peer, PrefixListTarget):
            wanted = rule.peer.id
            return any(far in c for pl in lists if pl.id == wanted for c in pl.cidrs)  # type: ignore[union-attr]
        return not hasattr(rule.peer, "id") and far in rule.peer

    return any(hit(rule) for group in groups for rule in (group.egress if egress else group.ingress))


def check(filtered: Filtered, packet: Packet, *, allowed: bool) -> None:
    assert (packet in filtered.allowed) is allowed
    assert (packet in filtered.denied) is not allowed
    hits = [hit for hit in filtered.hits if packet in hit.packets]
    assert len(hits) <= 1
    assert all(hit.allow is allowed for hit in hits)


@pytest.mark.parametrize("seed", SEEDS)
def test_network_acl_out_and_back(seed: int) -> None:
    rng = random.Random(seed)
    acl = worlds.acl(rng)
    out = network_acl(acl, worlds.everything(), egress=True, by_source_port=False)
    back = network_acl(acl, worlds.everything(), egress=False, by_source_port=True)
    for packet in worlds.packets(rng, 40):
        check(out, packet, allowed=naive_acl(acl, packet.address, packet.port, egress=True))
        check(back, packet, allowed=naive_acl(acl, packet.address, packet.source_port, egress=False))


@pytest.mark.parametrize("seed", SEEDS)
def test_network_acl_of_the_next_hops_subnet_sees_the_sender(seed: int) -> None:
    rng = random.Random(seed)
    acl = worlds.acl(rng)
    sender = ip_address(worlds.BASE + rng.randrange(256))
    side = (ip_network(sender),)
    into = network_acl(acl, worlds.everything(), egress=False, by_source_port=False, far_side=side)
    back = network_acl(acl, worlds.everything(), egress=True, by_source_port=True, far_side=side)
    for packet in worlds.packets(rng, 20):
        check(into, packet, allowed=naive_acl(acl, sender, packet.port, egress=False))
        check(back, packet, allowed=naive_acl(acl, sender, packet.source_port, egress=True))


@pytest.mark.parametrize("seed", SEEDS)
def test_security_groups_are_a_union(seed: int) -> None:
    rng = random.Random(seed)
    groups = [worlds.security_group(rng, f"sg-{n}") for n in range(rng.randint(1, 3))]
    lists = worlds.prefix_lists(rng)
    world = worlds.world(lists, tuple(groups))
    ids = tuple(group.id for group in groups)
    out = groups_egress(world, ids, worlds.REGION, worlds.everything())
    sender = ip_address(worlds.BASE + rng.randrange(256))
    into = groups_ingress(
        world, ids, worlds.REGION, Peer(networks=(ip_network(sender),)), worlds.everything()
    )
    for packet in worlds.packets(rng, 40):
        check(out, packet, allowed=naive_group(groups, lists, packet.address, packet.port, egress=True))
        check(into, packet, allowed=naive_group(groups, lists, sender, packet.port, egress=False))


def naive_routes(table: RouteTable, lists: tuple[PrefixList, ...], far: Address) -> set[Route]:
    """Return the route AWS takes, or every one of several it may choose between."""
    matching: list[tuple[int, int, int, Route]] = []
    for number, route in enumerate(table.routes):
        listed = isinstance(route.destination, PrefixListTarget)
        cidrs = (
            [c for pl in lists if pl.id == route.destination.id for c in pl.cidrs]  # type: ignore[union-attr]
            if listed
            else [route.destination]
        )
        rank = 2 if route.propagated else 1 if listed else 0
        matching.extend((-c.prefixlen, rank, number, route) for c in cidrs if far in c)  # type: ignore[union-attr,operator]
    if not matching:
        return set()
    best = min(matching, key=lambda m: m[:3])[3]
    if isinstance(best.destination, PrefixListTarget):
        rivals = {m[3] for m in matching if isinstance(m[3].destination, PrefixListTarget)}
        others = {r for r in rivals if r.target != best.target}
        return {best, *others}
    return {best}


@pytest.mark.parametrize("seed", range(400))
def test_route_selection(seed: int) -> None:
    rng = random.Random(seed)
    table, lists = worlds.route_table(rng), worlds.prefix_lists(rng)
    choices = lookup(worlds.world(lists), table, worlds.everything())
    for packet in worlds.packets(rng, 30):
        taken = [choice for choice in choices if packet in choice.packets]
        assert len(taken) == 1
        expected = naive_routes(table, lists, packet.address)
        targets = {route.target for route in taken[0].routes}
        assert targets == {route.target for route in expected}
        assert (taken[0].gap is not None) is (len(targets) > 1)


@pytest.mark.parametrize("seed", range(40))
def test_choices_cut_the_packets(seed: int) -> None:
    rng = random.Random(seed)
    table, lists = worlds.route_table(rng), worlds.prefix_lists(rng)
    whole = PacketSet.empty(4)
    for choice in lookup(worlds.world(lists), table, worlds.everything()):
        assert whole.isdisjoint(choice.packets)
        whole |= choice.packets
    assert whole == worlds.everything()
