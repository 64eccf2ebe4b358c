"""Random packet sets beside an exact model of them: a set of atoms.

The three lines (addresses, ports, source ports) are cut into few atoms each, with single values at both edges
and everything between as one atom. Sets made of atoms are all the sets whose borders lie there, so a
`frozenset` of atoms is a second, naive representation of the same packets, sizes included.
"""

from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address
from itertools import product

from hypothesis import strategies as st

from gatepath.packets import Packet, PacketSet, Range

Atom = tuple[int, int, int]
"""Index of the address, port and source port range."""
Model = frozenset[Atom]

PORT_ATOMS: tuple[Range, ...] = ((0, 0), (1, 442), (443, 443), (444, 65534), (65535, 65535))
TOP = {4: 2**32 - 1, 6: 2**128 - 1}


def address_atoms(version: int) -> tuple[Range, ...]:
    top = TOP[version]
    return ((0, 0), (1, 1), (2, 9), (10, top - 10), (top - 9, top - 2), (top - 1, top - 1), (top, top))


@dataclass(frozen=True, slots=True)
class Both:
    """The same set twice."""

    packets: PacketSet
    model: Model


def atom_box(version: int, atom: Atom) -> PacketSet:
    a, p, s = atom
    return PacketSet.of(version, [address_atoms(version)[a]], [PORT_ATOMS[p]], [PORT_ATOMS[s]])


def union(version: int, sets: list[PacketSet]) -> PacketSet:
    made = PacketSet.empty(version)
    for one in sets:
        made |= one
    return made


def whole_model(version: int) -> Model:
    ports = range(len(PORT_ATOMS))
    return frozenset(product(range(len(address_atoms(version))), ports, ports))


def model_size(version: int, model: Model) -> int:
    def width(bounds: Range) -> int:
        return bounds[1] - bounds[0] + 1

    atoms = address_atoms(version)
    return sum(width(atoms[a]) * width(PORT_ATOMS[p]) * width(PORT_ATOMS[s]) for a, p, s in model)


def corners(version: int, atom: Atom) -> list[Packet]:
    """Return the first and last packets of an atom."""
    a, p, s = (address_atoms(version)[atom[0]], PORT_ATOMS[atom[1]], PORT_ATOMS[atom[2]])
    make = IPv4Address if version == 4 else IPv6Address
    return [Packet(make(x), y, z) for x, y, z in product(set(a), set(p), set(s))]


versions = st.sampled_from([4, 6])


@st.composite
def runs(draw: st.DrawFn, count: int) -> tuple[int, int]:
    low = draw(st.integers(0, count - 1))
    return low, draw(st.integers(low, count - 1))


@st.composite
def boxes(draw: st.DrawFn, version: int) -> Both:
    """Draw a box whose borders are borders of atoms."""
    atoms = address_atoms(version)
    (a, b), (p, q), (s, t) = (draw(runs(n)) for n in (len(atoms), len(PORT_ATOMS), len(PORT_ATOMS)))
    packets = PacketSet.of(
        version,
        [(atoms[a][0], atoms[b][1])],
        [(PORT_ATOMS[p][0], PORT_ATOMS[q][1])],
        [(PORT_ATOMS[s][0], PORT_ATOMS[t][1])],
    )
    model = frozenset(product(range(a, b + 1), range(p, q + 1), range(s, t + 1)))
    return Both(packets, model)


@st.composite
def packet_sets(draw: st.DrawFn, version: int) -> Both:
    """Draw a union of up to five boxes, some of them taken away again."""
    packets, model = PacketSet.empty(version), Model()
    for box in draw(st.lists(boxes(version), max_size=5)):
        if draw(st.integers(0, 3)):
            packets, model = packets | box.packets, model | box.model
        else:
            packets, model = packets - box.packets, model - box.model
    return Both(packets, model)


@st.composite
def groups_of_sets(draw: st.DrawFn, count: int) -> tuple[int, tuple[Both, ...]]:
    version = draw(versions)
    return version, tuple(draw(packet_sets(version)) for _ in range(count))


one = groups_of_sets(1)
pairs = groups_of_sets(2)
triples = groups_of_sets(3)
