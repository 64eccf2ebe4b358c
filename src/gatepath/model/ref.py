"""Where a fact comes from, and what is missing: `Ref`, `Gap`, `Unknown`."""

from dataclasses import dataclass
from enum import StrEnum


@dataclass(frozen=True, slots=True, kw_only=True)
class CallRef:
    """One record of a snapshot: `index` counts records from 0, `operation` is botocore's name."""

    index: int
    account: str
    region: str
    service: str
    operation: str
    request: str = "{}"
    """The request as canonical JSON text (hashable)."""


@dataclass(frozen=True, slots=True)
class Ref:
    """A place inside a recorded response: a JSON pointer (RFC 6901) into the call's answer."""

    call: CallRef
    pointer: str = ""


class GapReason(StrEnum):
    """Why something is missing from the snapshot."""

    NOT_RECORDED = "not-recorded"
    DENIED = "denied"
    CUT_SHORT = "cut-short"
    FAILED = "failed"
    NOT_OWNER = "not-owner"
    """Recorded, but by an account that is not shown what belongs to the VPC's owner."""
    NOT_COVERED = "not-covered"
    """Recorded, but limited to other ids or another VPC."""
    NOT_IN_API = "not-in-api"
    """No AWS read call tells it (a custom DNS server's answers, a choice AWS makes at random)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Gap:
    """What could not be read. `service`/`operation` name the call that would settle it ("" if none would)."""

    service: str
    operation: str
    reason: GapReason = GapReason.NOT_RECORDED
    account: str | None = None
    region: str | None = None
    request: tuple[tuple[str, str], ...] = ()
    detail: str = ""
    """A plain identifier or error code that says more, e.g. `AccessDenied` or `10.0.0.2`."""


@dataclass(frozen=True, slots=True)
class Unknown:
    """The value of a field that the snapshot does not hold, with the gaps that hide it."""

    gaps: tuple[Gap, ...]

    def __or__(self, other: "Unknown") -> "Unknown":
        """Both are missing."""
        return Unknown(tuple(dict.fromkeys(self.gaps + other.gaps)))


def unknown(
    service: str, operation: str, reason: GapReason = GapReason.NOT_RECORDED, **more: object
) -> Unknown:
    """Return an `Unknown` of one gap; `more` are further fields of `Gap`."""
    return Unknown((Gap(service=service, operation=operation, reason=reason, **more),))  # type: ignore[arg-type]
