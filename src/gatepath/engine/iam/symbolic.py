"""Questions about all requests at once, answered by exact enumeration, each answer with a concrete request.

Exact for keys whose values have the key's type (an address in `aws:SourceIp`, `true` or `false` in
`aws:SecureTransport`), for direct calls of one caller on the targets given. What is not enumerated is named in
`undecided`; nothing is guessed.
"""

from collections.abc import Sequence

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
    places: dict[tuple[object, ...], dict[str, Hit | None]] = {}
    for each in (way, INTERNET, Way(OTHER, but=itself)):
        for space, base, finals in run.bases(actions, each, passing=True):
            found = _some(run, space, base, finals, own=each is way)
            if found is not None:
                place = (base.actions, base.atom.target, base.atom.kind, base.atom.example)
                places.setdefault(place, {})[each.name] = found[0]
    hits = [_joined(found) for found in places.values() if found.get(way.name) is not None]
    return run.answer(hits, _allowed)


def _some(
    run: Run, space: Space, base: Base, finals: Sequence[Final], *, own: bool
) -> tuple[Hit | None] | None:
    """Return some requests that are allowed, (None,) where that is not decided, or None if there are none."""
    system = run.system

    def passes(mask: int) -> bool:
        return system.core(mask, across=space.fixed.across) and (not own or system.endpoint(mask))

    allowed = [final for final in finals if passes(final.mask)]
    if not allowed:
        return None
    masks = frozenset(final.mask for final in allowed)
    loose = open_keys(space, base, {}, masks)
    if loose:
        run.gaps |= dict.fromkeys(loose, "unknown")
        return (None,)
    other = frozenset(final.mask for final in finals) - masks
    cube = next(cubes(space, base, allowed, other))
    return (Hit(base, cube.final, cube.held, space),)


def _joined(found: dict[str, Hit | None]) -> Hit:
    """Return the hit of the endpoint's way, with those of all."""
    sure = tuple((way, hit) for way, hit in found.items() if hit is not None)
    return sure[0][1]._replace(others=sure, open_ways=tuple(way for way, hit in found.items() if hit is None))


def _allowed(hit: Hit) -> Told:
    found = [(way, one, hit.scenario.vpce if way == ENDPOINT else None) for way, one in hit.others]
    judged = [evaluate(ask_of(one, one.scenario, vpce)) for _, one, vpce in found]
    agrees = all(each.decision is Decision.ALLOWED for each in judged)
    rows = tuple((way, line_of(one, one.scenario, vpce)) for way, one, vpce in found)
    return Told(agrees, (), judged[0].decided_by, rows[0][1], rows[1:])
