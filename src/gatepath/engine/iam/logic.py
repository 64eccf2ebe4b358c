"""Three truth values: and is `min`, or is `max`, not is `YES - x`."""

from typing import Final

NO: Final = 0
MAYBE: Final = 1
"""It depends on what is not known."""
YES: Final = 2

Truth = int


class _UnknownValue:
    """A context value that is not known: it may be anything, also absent."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "UNKNOWN"


UNKNOWN: Final = _UnknownValue()

Value = str | tuple[str, ...] | _UnknownValue
"""A single value, a multi-valued key's values, or not known."""
Context = dict[str, Value]
"""Condition keys in lower case; a key that isn't there is not in the request."""
