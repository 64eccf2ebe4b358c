"""Laws of packet sets: those of sets, and that equal sets are equal values however they were cut."""

from ipaddress import collapse_addresses, ip_address, ip_network

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gatepath.packets import PacketSet
from tests.properties import strategies as s

Group = tuple[int, tuple[s.Both, ...]]
SOME = settings(max_examples=150, deadline=None)


@SOME
@given(s.one, st.randoms(use_true_random=False))
def test_a_set_put_together_from_its_atoms_in_any_order_is_the_same_value(group: Group, rng: object) -> None:
    version, (drawn,) = group
    atoms = [s.atom_box(version, atom) for atom in drawn.model]
    rng.shuffle(atoms)  # type: ignore[attr-defined]
    again = s.union(version, atoms)
    assert again == drawn.packets
    assert hash(again) == hash(drawn.packets)


@SOME
@given(s.one)
def test_a_set_put_together_from_its_own_boxes_is_the_same_value(group: Group) -> None:
    version, (drawn,) = group
    again = s.union(version, [PacketSet.of(version, [a], [p], [q]) for a, p, q in drawn.packets.boxes()])
    assert again == drawn.packets
    assert hash(again) == hash(drawn.packets)


@SOME
@given(s.pairs)
def test_a_set_cut_by_another_and_joined_again_is_the_same_value(group: Group) -> None:
    _, (a, b) = group
    assert (a.packets & b.packets) | (a.packets - b.packets) == a.packets


@SOME
@given(s.pairs)
def test_de_morgan(group: Group) -> None:
    version, (a, b) = group
    everything = PacketSet.everything(version)
    assert everything - (a.packets | b.packets) == (everything - a.packets) & (everything - b.packets)
    assert everything - (a.packets & b.packets) == (everything - a.packets) | (everything - b.packets)
    assert everything - (everything - a.packets) == a.packets


@SOME
@given(s.triples)
def test_set_laws(group: Group) -> None:
    _, (left, middle, right) = group
    a, b, c = left.packets, middle.packets, right.packets
    assert a | b == b | a
    assert a & b == b & a
    assert (a | b) | c == a | (b | c)
    assert (a & b) & c == a & (b & c)
    assert a & (b | c) == (a & b) | (a & c)
    assert a | (b & c) == (a | b) & (a | c)
    assert a - (b | c) == (a - b) - c
    assert a | (a & b) == a


@SOME
@given(s.one)
def test_neutral_elements(group: Group) -> None:
    version, (drawn,) = group
    everything, empty, a = PacketSet.everything(version), PacketSet.empty(version), drawn.packets
    assert a & everything == a
    assert a | empty == a
    assert a - empty == a
    assert a | everything == everything
    assert a & empty == a - everything == a - a == empty
    assert empty <= a <= everything


@SOME
@given(s.pairs)
def test_sizes_add_up(group: Group) -> None:
    version, (a, b) = group
    assert (a.packets | b.packets).size == a.packets.size + b.packets.size - (a.packets & b.packets).size
    assert a.packets.share_of(PacketSet.everything(version)) * 2 ** ({4: 32, 6: 128}[version] + 32) == (
        a.packets.size
    )


cidrs = st.tuples(st.integers(0, 2**32 - 1), st.integers(0, 32)).map(lambda t: ip_network(t, strict=False))


@SOME
@given(st.lists(cidrs, max_size=8))
def test_networks_are_collapsed_and_give_back_the_fewest(networks: list[object]) -> None:
    made = PacketSet.of(4, networks)  # type: ignore[arg-type]
    assert list(made.addresses()) == list(collapse_addresses(networks))  # type: ignore[type-var]
    assert made == s.union(4, [PacketSet.of(4, [n]) for n in networks])  # type: ignore[list-item]
    assert made.address_count() == sum(n.num_addresses for n in made.addresses())


@SOME
@given(cidrs)
def test_a_network_is_its_two_halves(network: object) -> None:
    if network.prefixlen < 32:  # type: ignore[attr-defined]
        halves = PacketSet.of(4, network.subnets())  # type: ignore[attr-defined]
        assert halves == PacketSet.of(4, [network])  # type: ignore[list-item]
        assert hash(halves) == hash(PacketSet.of(4, [network]))  # type: ignore[list-item]


def test_all_stands_for_the_full_ranges() -> None:
    for version, top in s.TOP.items():
        spelled = PacketSet.of(version, [(0, top)], [(0, 65535)], [(0, 65535)])
        assert spelled == PacketSet.everything(version)
        assert spelled.size == (top + 1) * 65536 * 65536


def test_an_empty_side_makes_the_box_empty() -> None:
    for version in (4, 6):
        of = PacketSet.of
        for made in (
            of(version, []),
            of(version, None, []),
            of(version, None, None, []),
            of(version, [(5, 4)]),
        ):
            assert made == PacketSet.empty(version)
            assert not made
            assert made.example() is None


def test_ranges_beyond_the_edges_are_clipped() -> None:
    for version, top in s.TOP.items():
        assert PacketSet.of(version, [(-5, top + 5)], [(-1, 70000)]) == PacketSet.everything(version)
        assert not PacketSet.of(version, [(top + 1, top + 9)])
        assert not PacketSet.of(version, None, [(65536, 70000)])


def test_addresses_of_the_other_version_are_left_out() -> None:
    mixed = [ip_address("2001:db8::1"), ip_network("192.0.2.0/24")]
    assert PacketSet.of(4, mixed) == PacketSet.of(4, [ip_network("192.0.2.0/24")])
    assert PacketSet.of(6, mixed) == PacketSet.of(6, [ip_address("2001:db8::1")])


def test_versions_do_not_mix() -> None:
    four, six = PacketSet.everything(4), PacketSet.everything(6)
    assert four != six
    assert PacketSet.empty(4) != PacketSet.empty(6)
    with pytest.raises(ValueError, match="different IP versions"):
        _ = four & six


def test_a_set_does_not_change() -> None:
    made = PacketSet.everything(4)
    with pytest.raises(AttributeError):
        made.version = 6
    with pytest.raises(TypeError):
        PacketSet()


def test_share_of_nothing_is_not_a_share() -> None:
    with pytest.raises(ZeroDivisionError):
        PacketSet.everything(4).share_of(PacketSet.empty(4))
