"""Which addresses a host name stands for.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/VirtualHosting.html and
https://docs.aws.amazon.com/vpc/latest/userguide/nat-gateway-nat64-dns64.html
"""

from dataclasses import replace
from ipaddress import ip_address, ip_network
from typing import Any

import pytest
from tests import scenarios_clients as clients
from tests import snapshots as s

from gatepath.checks.dns_targets import Target, endpoint_addresses, known_region, target_packets
from gatepath.model.question import parse_question
from gatepath.model.ref import Unknown, unknown
from gatepath.model.world import PublicRanges, World
from gatepath.packets import PacketSet
from gatepath.request import Request, build_request

HOME = PacketSet.of(4, [ip_network(c) for c in s.S3_CIDRS])
DDB = PacketSet.of(4, [ip_network(c) for c in s.DDB_CIDRS])
FAR = PacketSet.of(4, [ip_network("52.92.0.0/20")])
GAP = unknown("s3", "HeadBucket")


def asked(world: World, name: str, service: str = "s3", **more: Any) -> Request:
    question = s.question(service=service, client=s.client(hostname=name))
    if service != "s3":
        question = {key: value for key, value in question.items() if key not in {"action", "resource"}}
    return replace(build_request(parse_question(question), world), **more)


def target(
    name: str, version: int = 4, *, made: s.Snapshot | None = None, service: str = "s3", **more: Any
) -> Target:
    world = (made or s.sound()).world()
    request = asked(world, name, service, **more)
    return target_packets(request, world, request.host, version)


def with_us_east_1() -> s.Snapshot:
    made = s.sound()
    s.other_region(made, "us-east-1", [str(FAR.addresses()[0])])
    return made


def test_a_regional_name_is_the_regions_list() -> None:
    assert target(f"data.s3.{s.REGION}.amazonaws.com") == Target(packets=HOME)
    assert target(f"dynamodb.{s.REGION}.amazonaws.com", service="dynamodb") == Target(packets=DDB)


def test_a_name_whose_way_is_only_believed_is_a_suspicion() -> None:
    found = target(f"data.s3-website.{s.REGION}.amazonaws.com")
    assert (found.packets, found.open, found.suspect) == (HOME, False, True)


def test_another_regions_name_whose_list_nobody_recorded_lies_outside() -> None:
    found = target("data.s3.xx-nowhere-1.amazonaws.com")
    assert found.open
    assert found.gap is not None
    assert found.packets is not None
    assert found.packets.isdisjoint(HOME)
    assert found.packets.address_count() > 2**31


def test_the_global_name_is_us_east_1s_until_dns_knows_better() -> None:
    made = with_us_east_1()
    moved = target("data.s3.amazonaws.com", made=made)
    assert (moved.packets, moved.alternatives) == (FAR, (HOME,))
    assert (moved.open, moved.suspect, moved.gap) == (True, False, None)
    there = target("data.s3.amazonaws.com", made=made, resource_region="us-east-1")
    assert there == Target(packets=FAR)
    nobody = target("data.s3.amazonaws.com", made=made, resource_region=None)
    assert nobody == Target(packets=FAR)


def test_a_bucket_whose_region_is_hidden_may_be_anywhere() -> None:
    found = target("data.s3.amazonaws.com", made=with_us_east_1(), resource_region=GAP)
    assert found.packets == FAR
    assert found.alternatives[0] == HOME
    assert len(found.alternatives) == 2
    assert (found.gap, found.open, found.suspect) == (GAP, True, False)


def test_regions_whose_lists_are_packaged_only_are_suspected() -> None:
    found = target("data.s3.amazonaws.com", made=with_us_east_1(), resource_region="eu-central-1")
    assert (found.packets, found.suspect, len(found.alternatives)) == (FAR, True, 1)
    assert found.gap is not None
    first = target("data.s3.amazonaws.com")
    assert (first.alternatives, first.suspect) == ((HOME,), True)


def test_a_name_without_ipv6_has_none_unless_dns64_makes_it() -> None:
    name = f"data.s3.{s.REGION}.amazonaws.com"
    assert target(name, 6) == Target(packets=PacketSet.empty(6))
    made = s.sound()
    clients.ipv6(made)
    made.rows("ec2.DescribeSubnets")[0]["EnableDns64"] = True
    found = target(name, 6, made=made)
    base = int(ip_address("64:ff9b::"))
    boxes = [(base + low, base + high) for low, high in HOME.address_ranges()]
    assert found == Target(packets=PacketSet.of(6, boxes), nat64=True)
    far = target("data.s3.eu-central-1.amazonaws.com", 6, made=made)
    assert (far.open, far.suspect, far.nat64) == (True, True, True)
    assert target("s3.amazonaws.com", 6, made=with_dns64_and_us_east_1()).packets is not None
    both = target(name, 6, made=made)
    assert both.packets


def with_dns64_and_us_east_1() -> s.Snapshot:
    made = with_us_east_1()
    clients.ipv6(made)
    made.rows("ec2.DescribeSubnets")[0]["EnableDns64"] = True
    return made


def test_dns64_of_a_service_of_which_nothing_is_known_is_open() -> None:
    made = s.sound()
    clients.ipv6(made)
    made.rows("ec2.DescribeSubnets")[0]["EnableDns64"] = True
    del made.lists["ec2.DescribePrefixLists"]
    found = target("dynamodb.xx-nowhere-1.amazonaws.com", 6, made=made, service="dynamodb")
    assert found.nat64
    assert (found.packets, found.gap is not None) == (None, True)


def test_a_region_is_known_by_the_published_ranges_or_the_recording() -> None:
    world = s.sound().world()
    assert known_region("eu-central-1", world)
    assert not known_region("xx-nowhere-1", world)
    made = s.sound()
    s.other_region(made, "xx-new-1", ["198.51.100.0/24"])
    assert known_region("xx-new-1", made.world())
    bare = replace(world, public_ranges=replace(world.public_ranges, regions=frozenset()))
    assert known_region("xx-nowhere-1", bare)


def own_endpoints(made: s.Snapshot, version: int = 4) -> tuple[str, ...]:
    world = made.world()
    request = asked(world, f"data.s3.{s.REGION}.amazonaws.com")
    assert not isinstance(request.parts, Unknown)
    part = replace(request.parts[0], ip_version=version)
    assert endpoint_addresses(request, world, replace(part, subnet=None)) == ()
    return tuple(map(str, endpoint_addresses(request, world, part)))


@pytest.mark.parametrize("reverse", [False, True])
def test_addresses_of_interface_endpoints_for_the_service(reverse: bool) -> None:
    made = s.sound()
    clients.interface_endpoint(made, private_dns=True)
    rows = made.rows("ec2.DescribeVpcEndpoints")
    own = rows[-1]
    made.row("ec2.DescribeNetworkInterfaces", NetworkInterfaceId="eni-0e1")["Ipv6Addresses"] = [
        {"Ipv6Address": "2001:db8:1:1::51"}
    ]
    rows.append(
        {
            **own,
            "VpcEndpointId": "vpce-0sqs",
            "ServiceName": f"com.amazonaws.{s.REGION}.sqs",
            "NetworkInterfaceIds": [s.NAT_ENI],
        }
    )
    rows.append(
        {
            **own,
            "VpcEndpointId": "vpce-0glb",
            "VpcEndpointType": "GatewayLoadBalancer",
            "NetworkInterfaceIds": [s.ENI],
        }
    )
    own["NetworkInterfaceIds"] = ["eni-0gone", "eni-0e1"]
    if reverse:
        rows.reverse()
    assert own_endpoints(made) == ("10.0.1.51",)
    assert own_endpoints(made, 6) == ("2001:db8:1:1::51",)


def bare(name: str, version: int, made: s.Snapshot, **more: Any) -> Target:
    """Look at a world for which nothing was published."""
    world = replace(made.world(), public_ranges=PublicRanges())
    request = asked(world, name, **more)
    return target_packets(request, world, request.host, version)


def test_the_name_says_the_service_not_the_question() -> None:
    assert target(f"dynamodb.{s.REGION}.amazonaws.com").packets == DDB
    made = s.sound()
    clients.ipv6(made)
    made.rows("ec2.DescribeSubnets")[0]["EnableDns64"] = True
    found = target(f"dynamodb.{s.REGION}.amazonaws.com", 6, made=made)
    assert found.packets is not None
    assert found.packets.address_count() == DDB.address_count()


def test_another_region_whose_list_is_recorded_is_that_list() -> None:
    made = s.sound()
    s.other_region(made, "eu-central-1", ["203.0.113.0/24"])
    found = target("data.s3.eu-central-1.amazonaws.com", made=made)
    assert found == Target(packets=PacketSet.of(4, [ip_network("203.0.113.0/24")]))


def test_a_bucket_in_a_region_of_which_nothing_is_known_has_no_alternative() -> None:
    found = target("data.s3.amazonaws.com", made=with_us_east_1(), resource_region="xx-nowhere-1")
    assert (found.packets, found.alternatives) == (FAR, ())
    assert found.gap is not None


def test_a_listed_service_without_ipv6_addresses_has_none() -> None:
    assert bare(f"data.s3.dualstack.{s.REGION}.amazonaws.com", 6, s.sound()) == Target(
        packets=PacketSet.empty(6)
    )


def test_dns64_of_any_part_counts() -> None:
    made = s.sound()
    clients.ipv6(made)
    world = made.world()
    request = asked(world, f"data.s3.{s.REGION}.amazonaws.com")
    assert not isinstance(request.parts, Unknown)
    plain = request.parts[0]
    assert plain.subnet is not None
    other = replace(plain, subnet=replace(plain.subnet, enable_dns64=True))
    found = target_packets(replace(request, parts=(plain, other)), world, request.host, 6)
    assert found.nat64


def test_acceleration_ends_at_edges_of_which_one_is_taken() -> None:
    found = target("data.s3-accelerate.amazonaws.com")
    world = s.sound().world()
    edges = PacketSet.of(4, world.public_ranges.cidrs["s3", "GLOBAL", 4])
    assert found == Target(packets=edges, open=True, suspect=True)


@pytest.mark.parametrize("hidden", ["s3", "dynamodb"])
def test_outside_the_lists_only_the_gap_of_the_service_asked_for_counts(hidden: str) -> None:
    world = replace(s.sound().world(), public_ranges=PublicRanges())
    lists = world.prefix_lists
    rows = {
        key: replace(pl, cidrs=GAP) if pl.name.endswith(f".{hidden}") else pl
        for key, pl in lists.rows.items()
    }
    world = replace(world, prefix_lists=replace(lists, rows=rows))
    request = asked(world, "data.s3-accelerate.amazonaws.com")
    found = target_packets(request, world, request.host, 4)
    assert found.gap == (GAP if hidden == "s3" else None)
