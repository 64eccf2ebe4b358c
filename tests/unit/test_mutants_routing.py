"""Route selection where the random tables of the property tests don't go: hidden and rival prefix lists.

https://docs.aws.amazon.com/vpc/latest/userguide/route-tables-priority.html
"""

from dataclasses import replace
from ipaddress import ip_network

from tests.properties import worlds

from gatepath.engine.routing import Choice, lookup
from gatepath.model.network import (
    Network,
    PrefixList,
    PrefixListTarget,
    Route,
    RouteTable,
    RouteTarget,
    TargetKind,
)
from gatepath.model.store import Listing
from gatepath.model.world import World
from gatepath.packets import PacketSet

A, B = RouteTarget(TargetKind.GATEWAY_ENDPOINT, "vpce-a"), RouteTarget(TargetKind.GATEWAY_ENDPOINT, "vpce-b")


def listed(number: int, *cidrs: str) -> PrefixList:
    return PrefixList(
        id=f"pl-{number}",
        region=worlds.REGION,
        name=f"own{number}",
        owner=worlds.ACCOUNT,
        version=4,
        cidrs=tuple(ip_network(cidr) for cidr in cidrs),
        ref=worlds.REF,
    )


def to(destination: str, target: RouteTarget) -> Route:
    where: Network | PrefixListTarget
    where = PrefixListTarget(destination) if destination.startswith("pl-") else ip_network(destination)
    return Route(destination=where, target=target, origin="CreateRoute", state="active", ref=worlds.REF)


def choices(world: World, *routes: Route) -> tuple[Choice, ...]:
    table = RouteTable(
        id="rtb-1",
        region=worlds.REGION,
        vpc_id="vpc-1",
        owner=worlds.ACCOUNT,
        main=True,
        subnet_ids=(),
        gateway_ids=(),
        routes=routes,
        ref=worlds.REF,
    )
    return lookup(world, table, worlds.everything())


def unrecorded() -> World:
    return replace(worlds.world(()), prefix_lists=Listing(operation="ec2.DescribeManagedPrefixLists"))


def test_a_plain_route_takes_its_packets_for_sure() -> None:
    only, rest = choices(worlds.world(()), to("52.216.0.0/25", A))
    assert [route.target for route in only.routes] == [A]
    assert rest.routes == ()
    assert not only.or_none
    assert not rest.or_none


def test_routes_after_one_with_an_unrecorded_list_count() -> None:
    found = choices(unrecorded(), to("pl-9", A), to("52.216.0.0/24", B))
    taken = next(c for c in found if c.packets.address_count() == 256)
    assert [route.target for route in taken.routes] == [B, A]
    assert not taken.or_none


def test_where_only_an_unrecorded_list_may_match_no_route_is_possible_too() -> None:
    (found,) = choices(unrecorded(), to("pl-9", A))
    assert [route.target for route in found.routes] == [A]
    assert found.or_none


def test_every_unrecorded_list_is_named_as_missing() -> None:
    (found,) = choices(unrecorded(), to("pl-8", A), to("pl-9", B))
    one, two = (choices(unrecorded(), to(name, A))[0].gap for name in ("pl-8", "pl-9"))
    assert found.gap is not None
    assert one is not None
    assert two is not None
    assert set(found.gap.gaps) == {*one.gaps, *two.gaps}


def test_lists_that_overlap_and_lead_to_one_target_are_one_choice() -> None:
    world = worlds.world((listed(0, "52.216.0.0/24"), listed(1, "52.216.0.0/25")))
    found = choices(world, to("pl-0", A), to("pl-1", A))
    assert all(len(choice.routes) <= 1 and choice.gap is None for choice in found)
    assert [choice.packets.address_count() for choice in found] == [128, 128]


def test_a_rival_with_a_longer_block_is_none_beside_it() -> None:
    world = worlds.world((listed(0, "52.216.0.0/24"), listed(1, "52.216.0.0/25")))
    longer, shorter = choices(world, to("pl-0", A), to("pl-1", B))
    assert [route.target for route in longer.routes] == [B, A]
    assert [route.target for route in shorter.routes] == [A]


def test_lists_that_overlap_cut_into_parts_that_hold_packets() -> None:
    world = worlds.world((listed(0, "52.216.0.0/24"), listed(1, "52.216.0.0/24")))
    found = choices(world, to("pl-0", A), to("pl-1", B))
    assert [{r.target for r in c.routes} for c in found if c.routes] == [{A, B}]
    assert all(choice.packets for choice in found)


def test_two_rivals_with_one_target_are_one_possibility() -> None:
    same = "52.216.0.0/24"
    world = worlds.world((listed(0, same), listed(1, same), listed(2, same)))
    found = choices(world, to("pl-0", A), to("pl-1", B), to("pl-2", B))
    assert [[r.target for r in c.routes] for c in found if c.routes] == [[A, B]]


def test_no_packets_no_choices() -> None:
    empty = PacketSet.empty(4)
    table = RouteTable(
        id="rtb-1",
        region=worlds.REGION,
        vpc_id="vpc-1",
        owner=worlds.ACCOUNT,
        main=True,
        subnet_ids=(),
        gateway_ids=(),
        routes=(to("0.0.0.0/0", A),),
        ref=worlds.REF,
    )
    assert lookup(worlds.world(()), table, empty) == ()


def test_rival_lists_beside_an_unrecorded_one_are_both_told() -> None:
    rivals = (listed(0, "52.216.0.0/24"), listed(1, "52.216.0.0/24"))
    recorded = worlds.world(rivals).prefix_lists
    made = replace(unrecorded(), prefix_lists=replace(recorded, coverage=()))
    (rival, *_) = choices(worlds.world(rivals), to("pl-0", A), to("pl-1", B))
    (hidden,) = choices(made, to("pl-9", A))
    (both, *_) = choices(made, to("pl-0", A), to("pl-1", B), to("pl-9", A))
    assert rival.gap is not None
    assert hidden.gap is not None
    assert both.gap is not None
    assert set(both.gap.gaps) == {*rival.gap.gaps, *hidden.gap.gaps}
