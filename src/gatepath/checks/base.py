"""What a check is: a pure function with a name and a declaration of what it reads."""

from collections.abc import Callable
from dataclasses import dataclass

from gatepath.model.world import World
from gatepath.request import Request
from gatepath.trace import Removal, Step, Traffic

Traffics = tuple[Traffic, ...]
Removed = frozenset[Removal]
"""(check, component) pairs that this walk takes as passed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One station of the walk. `reads` names the listings of the world it may read; a test compares."""

    name: str
    direction: str | None = None
    reads: frozenset[str] = frozenset()
    run: Callable[[Request, World, Traffics, Removed], Step]
