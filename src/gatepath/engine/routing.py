"""Route selection on packet sets.

Sources: https://docs.aws.amazon.com/vpc/latest/userguide/route-tables-priority.html and
https://docs.aws.amazon.com/vpc/latest/userguide/VPC_Route_Tables.html
"""

from dataclasses import dataclass

from gatepath.engine.filters import prefix_list_cidrs
from gatepath.model.network import Network, PrefixListTarget, Route, RouteTable
from gatepath.model.ref import GapReason, Unknown, unknown
from gatepath.model.world import World
from gatepath.packets import PacketSet


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """Packets and the route AWS takes for them.

    `routes` is empty where none matches; more than one where AWS's choice can't be told (then `gap` says
    why), the last possibility being no route at all if `or_none`.
    """

    packets: PacketSet
    routes: tuple[Route, ...]
    cidr: Network | None = None
    """The CIDR block that matched (of the first route)."""
    gap: Unknown | None = None
    or_none: bool = False


@dataclass(frozen=True, slots=True)
class _Candidate:
    cidr: Network
    rank: tuple[bool, bool]
    route: Route


def lookup(world: World, table: RouteTable, packets: PacketSet) -> tuple[Choice, ...]:
    """Split packets by the route that takes them: longest prefix, then static > prefix list > propagated.

    A blackhole route takes its packets like any other. Two prefix lists that overlap and lead to different
    targets: AWS chooses at random, so both are returned.
    """
    candidates, hidden = _expand(world, table)
    listed = [c for c in candidates if isinstance(c.route.destination, PrefixListTarget)]
    rest = packets
    made: list[Choice] = []
    for candidate in sorted(candidates, key=lambda c: (-c.cidr.prefixlen, c.rank)):
        if not rest:
            break
        matched = rest & PacketSet.of(packets.version, [candidate.cidr])
        if not matched:
            continue
        rest -= matched
        made.append(_choice(candidate, matched, listed))
    if rest:
        made.append(Choice(packets=rest, routes=()))
    if hidden:
        made = [_with_hidden(choice, hidden) for choice in made]
    return tuple(made)


def _expand(world: World, table: RouteTable) -> tuple[list[_Candidate], list[tuple[Route, Unknown]]]:
    candidates: list[_Candidate] = []
    hidden: list[tuple[Route, Unknown]] = []
    for route in table.routes:
        if isinstance(route.destination, PrefixListTarget):
            cidrs = prefix_list_cidrs(world, table.region, route.destination.id)
            if isinstance(cidrs, Unknown):
                hidden.append((route, cidrs))
                continue
        else:
            cidrs = (route.destination,)
        rank = _rank(route)
        candidates.extend(_Candidate(cidr, rank, route) for cidr in cidrs)
    return candidates, hidden


def _rank(route: Route) -> tuple[bool, bool]:
    return route.propagated, isinstance(route.destination, PrefixListTarget)


def _choice(winner: _Candidate, matched: PacketSet, listed: list[_Candidate]) -> Choice:
    """Return the winner's choice, together with the routes of other prefix lists that match as well.

    What a longer block takes is not among the packets any more, so a rival's block holds all of the winner's.
    """
    routes: tuple[Route, ...] = (winner.route,)
    if isinstance(winner.route.destination, PrefixListTarget):
        for rival in listed:
            if rival.cidr.prefixlen <= winner.cidr.prefixlen and rival.cidr.overlaps(winner.cidr):
                routes = _once(routes, rival.route)
    gap = unknown("", "", GapReason.NOT_IN_API, detail="overlapping-prefix-lists")
    return Choice(packets=matched, routes=routes, cidr=winner.cidr, gap=gap if len(routes) > 1 else None)


def _once(routes: tuple[Route, ...], rival: Route) -> tuple[Route, ...]:
    """Add a rival unless its target is among the routes already."""
    return routes if any(route.target == rival.target for route in routes) else (*routes, rival)


def _with_hidden(choice: Choice, hidden: list[tuple[Route, Unknown]]) -> Choice:
    """Add the routes whose prefix list is not recorded: any of them may take the packets."""
    gap = choice.gap
    for _, why in hidden:
        gap = why if gap is None else gap | why
    return Choice(
        packets=choice.packets,
        routes=(*choice.routes, *(route for route, _ in hidden)),
        cidr=choice.cidr,
        gap=gap,
        or_none=not choice.routes,
    )
