"""Questions about all requests at once, answered by exact enumeration, each answer with a concrete request.

Exact for keys whose values have the key's type (an address in `aws:SourceIp`, `true` or `false` in
`aws:SecureTransport`), for direct calls of one caller on the targets given. What is not enumerated is named in
`undecided`; nothing is guessed.
"""

from collections.abc import Iterator, Sequence
from typing import Literal, NamedTuple

from gatepath.engine.iam.evaluate import Decision, evaluate
from gatepath.engine.iam.symbolic_answer import Answer, Class, Run, Told
from gatepath.engine.iam.symbolic_cubes import cubes, open_keys
from gatepath.engine.iam.symbolic_diff import difference
from gatepath.engine.iam.symbolic_fold import CAP, INTERNET, Base, Final, Space, Way
from gatepath.engine.iam.symbolic_system import Action, Scenario, System, Target, Written, written
from gatepath.engine.iam.symbolic_witness import Hit, ask_of, line_of

__all__ = [
    "CAP",
    "INTERNET",
    "Action",
    "Answer",
    "Class",
    "Scenario",
    "Target",
    "Way",
    "Written",
    "blocks",
    "difference",
    "endpoint_way",
    "only_via",
    "written",
]
ENDPOINT, OTHER = "endpoint", "other-endpoint"
Place = tuple[str, int, str, str]


def endpoint_way(endpoint: str | None = None, vpc: str | None = None) -> Way:
    """Return the way through an endpoint; where its id or VPC is not given, any will do."""
    pairs = (("aws:sourcevpce", endpoint), ("aws:sourcevpc", vpc))
    return Way(ENDPOINT, tuple((key, value) for key, value in pairs if value is not None))


def blocks(scenario: Scenario, actions: Sequence[Action], way: Way, cap: int = CAP) -> Answer:
    """Return what the endpoint policy refuses that all other policies allow."""
    system = System(scenario)
    run = Run(system, cap)
    hits: list[Hit] = []
    for space, base, finals in run.bases(actions, way, passing=True):
        across = space.fixed.across
        passing = [final for final in finals if system.core(final.mask, across=across)]
        refused = [final for final in passing if not system.endpoint(final.mask)]
        let = frozenset(final.mask for final in passing if system.endpoint(final.mask))
        cover = run.cover(space, base, refused, let)
        hits += [Hit(base, cube.final, cube.held, space) for cube in cover]
    return run.answer(hits, _blocked)


def _blocked(hit: Hit) -> Told:
    given = hit.scenario
    refused = evaluate(ask_of(hit, given, given.vpce))
    allowed = evaluate(ask_of(hit, given, None))
    agrees = refused.refused and allowed.decision is Decision.ALLOWED
    return Told(agrees, refused.decided_by, allowed.decided_by, line_of(hit, given, given.vpce))


def only_via(scenario: Scenario, actions: Sequence[Action], way: Way, cap: int = CAP) -> Answer:
    """Return what is allowed through an endpoint, and on which ways (`Class.ways`) some of it is allowed.

    The other ways are the internet and any other endpoint, whose policy is taken as full access.
    """
    system = System(scenario)
    run = Run(system, cap)
    itself = tuple(pair for pair in way.known if pair[0] == "aws:sourcevpce")
    found = [_found(run, actions, each, own=each is way) for each in (way, INTERNET, Way(OTHER, but=itself))]
    return run.answer(_met(found), _allowed)


class _Reached(NamedTuple):
    """What is allowed on one way: `sure` requests by (action, target, kind, example), places not decided, all."""

    way: str
    sure: dict[Place, Hit]
    open: set[Place]
    seen: set[Place]


def _found(run: Run, actions: Sequence[Action], way: Way, *, own: bool) -> _Reached:
    made = _Reached(way.name, {}, set(), set())
    for space, base, finals in run.kinds(actions, way, passing=True):
        places = [(name, base.atom.target, base.atom.kind, base.atom.example) for name in base.actions]
        made.seen.update(places)
        hit = _some(run, space, base, finals, own=own)
        if isinstance(hit, Hit):
            made.sure.update(dict.fromkeys(places, hit))
        elif hit is None:
            made.open.update(places)
    return made


def _met(found: Sequence[_Reached]) -> Iterator[Hit]:
    """Yield what is allowed on the first way, with the other ways of each; actions alike in all are joined.

    What another way was not asked about, since a limit was reached or it tells resources apart otherwise, is
    not decided there.
    """
    first, *others = found
    alike: dict[tuple[object, ...], tuple[list[str], list[tuple[str, Hit]], tuple[str, ...]]] = {}
    for place, hit in first.sure.items():
        sure = [(first.way, hit)] + [(each.way, each.sure[place]) for each in others if place in each.sure]
        loose = tuple(each.way for each in others if place in each.open or place not in each.seen)
        key = (place[1:], loose, *((way, id(one)) for way, one in sure))
        alike.setdefault(key, ([], sure, loose))[0].append(place[0])
    for names, sure, loose in alike.values():
        hits = tuple((way, one._replace(base=one.base._replace(actions=tuple(names)))) for way, one in sure)
        yield hits[0][1]._replace(others=hits, open_ways=loose)


def _some(
    run: Run, space: Space, base: Base, finals: Sequence[Final] | None, *, own: bool
) -> Hit | Literal[False] | None:
    """Return some requests that are allowed, False if there are none, None where that is not decided."""
    system = run.system

    def passes(mask: int) -> bool:
        return system.core(mask, across=space.fixed.across) and (not own or system.endpoint(mask))

    if finals is None:
        return None
    allowed = [final for final in finals if passes(final.mask)]
    if not allowed:
        return False
    masks = frozenset(final.mask for final in allowed)
    loose = run.within(base, lambda: open_keys(space, base, {}, masks))
    if loose is None or loose:
        run.gaps |= dict.fromkeys(loose or (), "unknown")
        return None
    other = frozenset(final.mask for final in finals) - masks
    cube = run.within(base, lambda: next(cubes(space, base, allowed, other)))
    return None if cube is None else Hit(base, cube.final, cube.held, space)


def _allowed(hit: Hit) -> Told:
    found = [(way, one, hit.scenario.vpce if way == ENDPOINT else None) for way, one in hit.others]
    judged = [evaluate(ask_of(one, one.scenario, vpce)) for _, one, vpce in found]
    agrees = all(each.decision is Decision.ALLOWED for each in judged)
    rows = tuple((way, line_of(one, one.scenario, vpce)) for way, one, vpce in found)
    return Told(agrees, (), judged[0].decided_by, rows[0][1], rows[1:])
