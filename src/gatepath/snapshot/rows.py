"""Rows of a listing, built when first asked for; and the reading of CIDR blocks and addresses."""

from collections.abc import Callable, Iterator, Mapping
from ipaddress import ip_address, ip_network
from typing import Generic, TypeVar

from gatepath.model.network import Address, Network
from gatepath.model.ref import CallRef, Ref
from gatepath.model.told import told
from gatepath.snapshot.record import SnapshotError

T = TypeVar("T")


class Rows(Mapping[str, T], Generic[T]):
    """A mapping whose values are built on first access and kept."""

    def __init__(self, makers: dict[str, Callable[[], T]]) -> None:
        """Take the makers by key."""
        self._makers = makers
        self._made: dict[str, T] = {}

    def __getitem__(self, key: str) -> T:
        """Return the row, built if need be."""
        if key not in self._made:
            self._made[key] = self._makers[key]()
        return self._made[key]

    def __iter__(self) -> Iterator[str]:
        """Iterate over keys."""
        return iter(self._makers)

    def __len__(self) -> int:
        """Return the number of rows."""
        return len(self._makers)

    def __contains__(self, key: object) -> bool:
        """Tell whether there is such a row (without building it)."""
        return key in self._makers


class Spot:
    """A place inside a recorded answer, for evidence and for errors."""

    __slots__ = ("call", "place", "pointer")

    def __init__(self, call: CallRef, place: str, pointer: str) -> None:
        """Take the call, the record's place and the JSON pointer."""
        self.call = call
        self.place = place
        self.pointer = pointer

    def at(self, *more: object) -> "Spot":
        """Return a place below this one."""
        return Spot(self.call, self.place, "/".join([self.pointer, *(str(part) for part in more)]))

    @property
    def ref(self) -> Ref:
        """Return the place as evidence."""
        return Ref(self.call, self.pointer)

    def error(self, code: str, value: str = "") -> SnapshotError:
        """Return the error of a value that isn't what it should be, by the catalogue's code of the reason."""
        path = "response"
        for part in self.pointer.split("/")[1:]:
            path += f"[{part}]" if part.isdigit() else f".{part}"
        return SnapshotError(self.place, "snapshot.bad-value", detail=told(code, path=path, value=value[:50]))

    def network(self, text: str) -> Network:
        """Return a CIDR block, host bits cleared (as AWS does)."""
        try:
            return ip_network(text, strict=False)
        except ValueError as error:
            raise self.error("snapshot.detail.not-a-cidr", text) from error

    def address(self, text: str) -> Address:
        """Return an IP address."""
        try:
            return ip_address(text)
        except ValueError as error:
            raise self.error("snapshot.detail.not-an-address", text) from error
