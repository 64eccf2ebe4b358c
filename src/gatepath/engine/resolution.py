"""The answer to one DNS question, and the small makers that the resolver's parts share."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from gatepath.model.network import Address, VpcEndpoint
from gatepath.model.ref import GapReason, Ref, Unknown, unknown
from gatepath.trace import Component


class Outcome(StrEnum):
    """What the resolver says."""

    PUBLIC = "public"
    """What public DNS says about `Resolution.name`, which is another name than asked for after a CNAME."""
    ADDRESSES = "addresses"
    """These addresses (of a private zone or an interface endpoint)."""
    NO_SUCH_NAME = "no-such-name"
    NO_DATA = "no-data"
    HIDDEN = "hidden"
    """A resolver that can't be seen, or a gap."""


NOTHING = frozenset({Outcome.NO_SUCH_NAME, Outcome.NO_DATA})
"""The client is given no address."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Resolution:
    """The answer for one name and IP version.

    `code` is the finding code that names the decider's effect ("" = none); `servers` are custom resolvers.
    """

    outcome: Outcome
    name: str
    """The last name asked for (after aliases)."""
    addresses: tuple[Address, ...] = ()
    endpoint: VpcEndpoint | None = None
    """An interface endpoint among the addresses."""
    decider: Component | None = None
    code: str = ""
    arguments: tuple[tuple[str, str], ...] = ()
    refs: tuple[Ref, ...] = ()
    gap: Unknown | None = None
    servers: tuple[str, ...] = ()
    trail: tuple[str, ...] = ()
    """All names asked for, in order."""
    otherwise: "Resolution | None" = None
    """What the VPC's own resolver says, where it is asked if none of `servers` can be reached."""


Follow = Callable[[str], Resolution]
"""Asks the same resolver for another name (the target of a CNAME, an alias or an override)."""


def hidden(name: str, gap: Unknown) -> Resolution:
    """Return the answer that `gap` hides."""
    return Resolution(outcome=Outcome.HIDDEN, name=name, gap=gap)


def unseen(name: str, detail: str) -> Resolution:
    """Return the answer that no read call tells."""
    return hidden(name, unknown("", "", GapReason.NOT_IN_API, detail=detail))


def within(name: str, domain: str) -> bool:
    """Tell whether a name is the domain or lies below it; `` is the root."""
    return domain in {"", name} or name.endswith("." + domain)


def record_type(version: int) -> str:
    """Return the DNS type that holds addresses of the IP version."""
    return "A" if version == 4 else "AAAA"  # noqa: PLR2004 - IP version
