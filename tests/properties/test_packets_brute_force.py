"""Packet sets against plain Python sets of atoms, at the edges of both IP versions and of the ports."""

from fractions import Fraction
from itertools import combinations

from hypothesis import given, settings

from gatepath.packets import PacketSet, Range
from tests.properties import strategies as s

Group = tuple[int, tuple[s.Both, ...]]
SOME = settings(max_examples=150, deadline=None)


def merged(ranges: list[Range]) -> list[Range]:
    made: list[Range] = []
    for low, high in sorted(set(ranges)):
        if made and made[-1][1] + 1 == low:
            made[-1] = (made[-1][0], high)
        else:
            made.append((low, high))
    return made


def same(version: int, packets: PacketSet, model: s.Model) -> None:
    """Compare membership at the corners of every atom, and the size, which leaves no room between them."""
    for atom in s.whole_model(version):
        for packet in s.corners(version, atom):
            assert (packet in packets) is (atom in model), packet
    assert packets.size == s.model_size(version, model)


@settings(max_examples=60, deadline=None)
@given(s.pairs)
def test_operations_packet_by_packet(group: Group) -> None:
    version, (a, b) = group
    same(version, a.packets, a.model)
    same(version, a.packets & b.packets, a.model & b.model)
    same(version, a.packets | b.packets, a.model | b.model)
    same(version, a.packets - b.packets, a.model - b.model)


@SOME
@given(s.pairs)
def test_relations(group: Group) -> None:
    _, (a, b) = group
    assert (a.packets <= b.packets) is (a.model <= b.model)
    assert (a.packets == b.packets) is (a.model == b.model)
    assert a.packets.isdisjoint(b.packets) is a.model.isdisjoint(b.model)
    assert bool(a.packets) is bool(a.model)


@SOME
@given(s.pairs)
def test_shares_are_exact(group: Group) -> None:
    version, (a, b) = group
    if b.model:
        common = s.model_size(version, a.model & b.model)
        assert a.packets.share_of(b.packets) == Fraction(common, s.model_size(version, b.model))


@SOME
@given(s.one)
def test_projections(group: Group) -> None:
    version, (drawn,) = group
    atoms = s.address_atoms(version)
    assert list(drawn.packets.address_ranges()) == merged([atoms[a] for a, _, _ in drawn.model])
    assert list(drawn.packets.ports()) == merged([s.PORT_ATOMS[p] for _, p, _ in drawn.model])
    assert list(drawn.packets.source_ports()) == merged([s.PORT_ATOMS[q] for _, _, q in drawn.model])


@SOME
@given(s.one)
def test_addresses_as_networks_are_the_same_addresses(group: Group) -> None:
    version, (drawn,) = group
    networks = drawn.packets.addresses()
    assert all(network.version == version for network in networks)
    assert sum(network.num_addresses for network in networks) == drawn.packets.address_count()
    assert PacketSet.of(version, networks).address_ranges() == drawn.packets.address_ranges()


@SOME
@given(s.one)
def test_boxes_are_disjoint_and_all_there_is(group: Group) -> None:
    version, (drawn,) = group
    boxes = [PacketSet.of(version, [a], [p], [q]) for a, p, q in drawn.packets.boxes()]
    assert sum(box.size for box in boxes) == drawn.packets.size
    assert all(left.isdisjoint(right) for left, right in combinations(boxes, 2))
    assert all(box <= drawn.packets for box in boxes)


@SOME
@given(s.one)
def test_the_example_is_an_element_and_depends_on_the_set_alone(group: Group) -> None:
    version, (drawn,) = group
    example = drawn.packets.example()
    assert (example is None) is (not drawn.model)
    if example is not None:
        assert example in drawn.packets
        assert s.union(version, [s.atom_box(version, a) for a in drawn.model]).example() == example
