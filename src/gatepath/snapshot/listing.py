"""Recorded rows to a `Listing`."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TypeVar

from gatepath.model.ref import Gap
from gatepath.model.store import Coverage, Listing
from gatepath.snapshot.pages import Recording
from gatepath.snapshot.rows import Rows

T = TypeVar("T")


@dataclass(slots=True)
class Row:
    """A row as recorded: its key, its VPC, who recorded it, who owns it, and how to build it."""

    key: str
    vpc_id: str
    account: str
    owner: str
    make: Callable[[], object]


def listing(
    recording: Recording,
    rows: Iterable[Row],
    operation: str,
    *others: str,
    shared_view: bool = False,
    coverage: tuple[Coverage, ...] | None = None,
    more_gaps: tuple[Gap, ...] = (),
) -> Listing[T]:
    """Return a listing of an operation (and others that list the same kind).

    Of a row recorded by several accounts (a shared VPC) the owner's recording counts.
    """
    makers: dict[str, Callable[[], object]] = {}
    own: dict[str, bool] = {}
    by_vpc: dict[str, list[str]] = {}
    for row in rows:
        if row.key in makers and (own[row.key] or row.account != row.owner):
            continue
        if row.key not in makers and row.vpc_id:
            by_vpc.setdefault(row.vpc_id, []).append(row.key)
        makers[row.key] = row.make
        own[row.key] = row.account == row.owner
    names = (operation, *others)
    covers = tuple(c for name in names for c in recording.coverage(name)) if coverage is None else coverage
    gaps: tuple[Gap, ...] = tuple(gap for name in names for gap in recording.gaps(name))
    return Listing(
        operation=operation,
        rows=Rows(makers),  # type: ignore[arg-type]
        by_vpc={vpc: tuple(keys) for vpc, keys in by_vpc.items()},
        coverage=covers,
        gaps=(*gaps, *more_gaps),
        shared_view=shared_view,
    )
