"""What a snapshot holds, and what is missing from it."""

from collections.abc import Iterable
from dataclasses import dataclass

from gatepath.model.ref import Gap
from gatepath.snapshot.calls import CALLS
from gatepath.snapshot.pages import Recording
from gatepath.snapshot.record import Record


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """Numbers of records by operation, accounts, Regions, and the gaps."""

    records: int
    accounts: tuple[str, ...]
    regions: tuple[str, ...]
    calls: tuple[tuple[str, int], ...]
    unknown_calls: tuple[str, ...]
    """Operations that are kept and ignored."""
    gaps: tuple[Gap, ...]


def summary(records: Iterable[Record]) -> Summary:
    """Return what the records hold; raises `SnapshotError` for an answer of a wrong shape."""
    recording = Recording(records)
    return Summary(
        records=sum(recording.counts.values()),
        accounts=tuple(sorted(recording.accounts)),
        regions=tuple(sorted(recording.regions)),
        calls=tuple(sorted(recording.counts.items())),
        unknown_calls=tuple(sorted(name for name in recording.counts if name not in CALLS)),
        gaps=tuple(gap for name in sorted(recording.counts) for gap in recording.gaps(name)),
    )
