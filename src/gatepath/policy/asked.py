"""What was asked, for the heading of an answer."""

from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """The three questions, as the commands are called."""

    BLOCKS = "blocks"
    ONLY_VIA = "only-via"
    DIFF = "diff"


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A question's own words. `names`: of the two policies that are compared."""

    kind: Kind
    principal: str = ""
    endpoint: str = ""
    services: tuple[str, ...] = ()
    policy_kind: str = ""
    names: tuple[str, str] = ("", "")
