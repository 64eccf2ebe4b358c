"""Packet sets where the random ones of the property tests seldom go."""

from ipaddress import ip_address

from gatepath.packets import Packet, PacketSet


def test_a_range_inside_another_adds_nothing() -> None:
    assert PacketSet.of(4, [(0, 10), (2, 5)]).address_ranges() == ((0, 10),)
    assert PacketSet.of(4, None, [(0, 10), (2, 5)]).ports() == ((0, 10),)


def test_a_range_inside_a_later_one_adds_nothing() -> None:
    assert PacketSet.of(4, [(0, 0), (5, 10), (6, 7)]).address_ranges() == ((0, 0), (5, 10))


def test_a_gap_of_one_stays_a_gap() -> None:
    assert PacketSet.of(4, [(0, 0), (2, 2)]).address_count() == 2
    assert PacketSet.of(4, None, [(0, 0), (2, 2)]).ports() == ((0, 0), (2, 2))
    assert PacketSet.of(4, None, None, [(0, 0), (2, 2)]).source_ports() == ((0, 0), (2, 2))


def test_neighbours_join_whatever_lies_before_them() -> None:
    def at(*addresses: int) -> PacketSet:
        return PacketSet.of(4, [(address, address) for address in addresses])

    assert at(0, 5) | at(6) == PacketSet.of(4, [(0, 0), (5, 6)])


def test_a_packet_of_the_other_version_is_in_no_set() -> None:
    assert Packet(ip_address("::1"), 1, 1) not in PacketSet.everything(4)
    assert Packet(ip_address("0.0.0.1"), 1, 1) not in PacketSet.everything(6)


def test_a_set_is_not_something_else() -> None:
    assert (PacketSet.everything(4) == "everything") is False
    assert PacketSet.empty(4) != PacketSet.empty(6)


def test_blocks_of_the_other_version_are_left_out() -> None:
    assert not PacketSet.of(4, [ip_address("::1")])
    assert PacketSet.of(4, [ip_address("::1"), ip_address("0.0.0.1")]).address_count() == 1
