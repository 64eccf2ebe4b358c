"""What two policies of a kind answer differently: requests gained and lost."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from gatepath.engine.iam.ask import Decider, Layer
from gatepath.engine.iam.compiled import Policy, Role
from gatepath.engine.iam.principals import ANONYMOUS, Kind, Who, who
from gatepath.engine.iam.symbolic import (
    CAP,
    INTERNET,
    Action,
    Class,
    Scenario,
    Target,
    Way,
    difference,
    endpoint_way,
)
from gatepath.engine.iam.symbolic_diff import ROLES
from gatepath.engine.iam.symbolic_system import Written, written
from gatepath.rights.answers import WHY, Named, PolicyAnswer, Told, effect_of
from gatepath.rights.context import keys_read
from gatepath.rights.key_gaps import NOTHING
from gatepath.rights.service_actions import account_actions, service_actions, stream_actions
from gatepath.trace import Certainty, Unsettled

KINDS = {
    "endpoint": Layer.VPCE,
    "identity": Layer.IDENTITY,
    "resource": Layer.RESOURCE,
    "scp": Layer.SCP,
    "rcp": Layer.RCP,
}
"""Kinds of policies by the words for them."""
SERVICES = ("s3", "dynamodb")
OTHERS, SIGNED = "others", "signed"
"""Stand for every principal that neither policy names: where some are named, and where none is."""
_CALLER_KEYS = frozenset(
    {"aws:principalarn", "aws:principalaccount", "aws:principaltype", "aws:userid", "aws:username"}
)
_OWNER_KEYS = frozenset({"aws:resourceaccount", "s3:resourceaccount"})
_SERVICE_KEYS = frozenset({"aws:sourcearn", "aws:sourceaccount", "aws:sourceorgid", "aws:sourceorgpaths"})
_ALWAYS = frozenset({"aws:principalarn", "aws:principalaccount", "aws:principaltype", "aws:userid"})
"""Keys of every signed request."""
_SOMEBODY = "arn:aws:iam::999999999999:role/any"
_OWNER = "000000000000"
_BY_SERVICE = Way("by-service", endpoint=False)
_MOST_CALLERS = 20
_LEAST_CAP, _FEW = 2_000, 4
"""What is enumerated for each of very many callers; up to how many it is all."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """Two policies of a kind as they are written; `caller` None: requests of anybody."""

    old: object
    new: object
    kind: str
    services: tuple[str, ...]
    caller: Who | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Caller:
    name: str
    who: Who
    ways: tuple[Way, ...]
    free: frozenset[str]


def services_of(documents: Iterable[object]) -> tuple[str, ...]:
    """Return the services that policies name in their actions; S3 where they name neither."""
    found: set[str] = set()
    for document in documents:
        for rule in written(document, Role.IDENTITY).policy.rules:
            statement = rule.statement
            for text in (*(statement.actions or ()), *(statement.not_actions or ())):
                found.add(text.partition(":")[0].lower())
    return tuple(service for service in SERVICES if service in found) or SERVICES[:1]


def compare(asked: Compared) -> PolicyAnswer:
    """Return what the new policy lets pass that the old one does not, and the other way round."""
    layer = KINDS[asked.kind]
    old, new = (written(document, ROLES[layer]) for document in (asked.old, asked.new))
    callers = list(_callers(asked, layer, (old.policy, new.policy)))
    unsettled: list[Unsettled] = []
    if len(callers) > _MOST_CALLERS:
        unsettled.append(_open("Principal", "cap"))
        callers = callers[:_MOST_CALLERS]
    runs = sum(len(caller.ways) for caller in callers) * len(asked.services)
    cap = max(_LEAST_CAP, CAP // max(runs // _FEW, 1))
    kept: dict[object, _Found] = {}
    for caller in callers:
        for target, actions in _targets(asked, layer):
            for way in caller.ways:
                before = _scenario(caller, layer, (old, new), target)
                found = difference(before, new, layer, actions, way, cap)
                unsettled += [_open(key, why) for key, why in found.undecided]
                for each in found.classes:
                    _take(kept, each, caller.name, way.name, (old, new))
    names = {caller.name: len(caller.ways) for caller in callers}
    return PolicyAnswer(
        told=tuple(told for each in kept.values() for told in _spread(each, names)),
        unsettled=tuple(dict.fromkeys(unsettled)),
        left_out=tuple(_left_out((old.policy, new.policy), asked.services)),
        certainty=Certainty.SUSPECT if _doubtful((old.policy, new.policy)) else Certainty.PROVEN,
        actions=sum(len(_actions(service, layer)) for service in asked.services),
    )


@dataclass(slots=True)
class _Found:
    """A class, and on which ways it is told of each caller."""

    told: Told
    ways: dict[str, list[str]]


def _take(
    found: dict[object, _Found], one: Class, caller: str, way: str, sides: tuple[Written, Written]
) -> None:
    """Keep a class, or the caller and way of one that is found already."""
    place = (one.actions, one.resource, one.matching, one.excluding, one.conditions, one.change)
    if place not in found:
        found[place] = _Found(_told(one, sides), {})
    found[place].ways.setdefault(caller, []).append(way)


def _told(one: Class, sides: tuple[Written, Written]) -> Told:
    old, new = sides
    refusing, allowing = (old, new) if one.change == "gained" else (new, old)
    return Told(
        of=one,
        decided_by=tuple(
            _named(each, refusing, is_old=refusing is old, refused=True) for each in one.decided_by
        ),
        allowed_by=tuple(
            _named(each, allowing, is_old=allowing is old, refused=False) for each in one.allowed_by
        ),
    )


def _spread(found: _Found, callers: dict[str, int]) -> Iterator[Told]:
    """Yield a class for those callers that have it on the same ways; `callers`: how many ways each has."""
    alike: dict[tuple[str, ...], list[str]] = {}
    for name, ways in found.ways.items():
        alike.setdefault(() if len(ways) == callers[name] else tuple(ways), []).append(name)
    for shared, names in alike.items():
        everybody = len(names) == len(callers)
        yield replace(found.told, principals=() if everybody else tuple(names), ways=shared)


def _named(decider: Decider, side: Written, *, is_old: bool, refused: bool) -> Named:
    rule = next((rule for rule in side.policy.rules if rule.number == decider.statement), None)
    return Named(
        layer=decider.layer,
        effect=effect_of(decider, rule, refused=refused),
        component="old" if is_old else "new",
        policy=decider.policy,
        statement=decider.statement,
        sid="" if rule is None else rule.statement.sid,
    )


def _callers(asked: Compared, layer: Layer, policies: tuple[Policy, ...]) -> Iterator[_Caller]:
    """Yield who asks: each principal that a policy names, and one who stands for all others."""
    ways = (endpoint_way(),) if layer is Layer.VPCE else (endpoint_way(), INTERNET)
    if asked.caller is not None:
        yield _Caller(name=asked.caller.arn or "anonymous", who=asked.caller, ways=ways, free=_OWNER_KEYS)
        return
    somebody, named = who(_SOMEBODY), _principals(policies) if layer in {Layer.VPCE, Layer.RESOURCE} else ()
    if somebody is not None:
        yield _Caller(
            name=OTHERS if named else SIGNED, who=somebody, ways=ways, free=_OWNER_KEYS | _CALLER_KEYS
        )
    for each in named:
        service = each.kind is Kind.SERVICE
        if service and layer is Layer.VPCE:
            continue
        free = _OWNER_KEYS | _SERVICE_KEYS if service else _OWNER_KEYS
        yield _Caller(name=each.arn, who=each, ways=(_BY_SERVICE,) if service else ways, free=free)
    if layer in {Layer.VPCE, Layer.RESOURCE, Layer.RCP}:
        yield _Caller(name="anonymous", who=ANONYMOUS, ways=ways, free=_OWNER_KEYS)


def _principals(policies: Iterable[Policy]) -> tuple[Who, ...]:
    """Return the principals named: for an account its root user and one of its roles."""
    made: dict[Who, None] = {}
    for policy in policies:
        for rule in policy.rules:
            for element in (rule.statement.principals, rule.statement.not_principals):
                for _, value in () if element is None else element.entries:
                    made |= dict.fromkeys(_meant(value))
    return tuple(made)


def _meant(value: str) -> Iterator[Who]:
    account = value if value.isdigit() else ""
    found = who(f"arn:aws:iam::{value}:root" if account else value)
    if found is None:
        return
    yield found
    if found.kind is Kind.ROOT:
        role = who(f"arn:{found.partition}:iam::{found.account}:role/any")
        if role is not None:
            yield role


def _scenario(caller: _Caller, layer: Layer, sides: tuple[Written, Written], target: Target) -> Scenario:
    old = sides[0]
    absent: set[str] = set()
    if caller.who.kind is Kind.ANONYMOUS:
        absent = {key for side in sides for key in keys_read(side.policy) if _is_callers(key)}
    account = _OWNER if layer is Layer.RESOURCE else caller.who.account or _OWNER
    aim = replace(target, account=account, policy=(old,) if layer is Layer.RESOURCE else ())
    return Scenario(
        caller=caller.who,
        targets=(aim,),
        identity=(old,) if layer is Layer.IDENTITY else (),
        scp=((old,),) if layer is Layer.SCP else (),
        rcp=((old,),) if layer is Layer.RCP else (),
        vpce=(old,) if layer is Layer.VPCE else None,
        free=caller.free - _OWNER_KEYS if target.arn == "*" else caller.free,
        present=_ALWAYS if target.arn == "*" else _ALWAYS | _OWNER_KEYS,
        absent=frozenset(absent),
        rootless=layer is Layer.IDENTITY,
    )


def _is_callers(key: str) -> bool:
    """Tell whether a key says something of who signs: unsigned requests don't have it."""
    return key.startswith(("aws:principal", "aws:userid", "aws:username")) and "service" not in key


def _targets(asked: Compared, layer: Layer) -> Iterator[tuple[Target, tuple[Action, ...]]]:
    """Yield all buckets, all tables, all streams, and no resource, with their actions."""
    for service in asked.services:
        place = _partition((asked.old, asked.new))
        if service == "s3":
            arn, usual, kind = f"arn:{place}:s3:::*", "example-bucket", "bucket"
        else:
            arn, kind = f"arn:{place}:dynamodb:*:*:table/*", "table"
            usual = "us-east-1:111122223333:table/example-table"
        yield Target(kind=kind, arn=arn, account=None, usual=usual), service_actions(service)
        if service == "dynamodb" and layer is not Layer.VPCE:
            label = f"{usual}/stream/2026-01-01T00:00:00.000"
            stream = Target(kind="stream", arn=f"{arn}/stream/*", account=None, usual=label)
            yield stream, stream_actions()
        if layer is not Layer.RESOURCE:
            yield Target(kind="*", arn="*", account=None), account_actions(service)


def _actions(service: str, layer: Layer) -> tuple[Action, ...]:
    more = stream_actions() if service == "dynamodb" and layer is not Layer.VPCE else ()
    return (
        *service_actions(service),
        *more,
        *(account_actions(service) if layer is not Layer.RESOURCE else ()),
    )


def _partition(documents: Iterable[object]) -> str:
    text = str(documents)
    return next((each for each in ("aws-cn", "aws-us-gov") if f"arn:{each}:" in text), "aws")


def _left_out(policies: Iterable[Policy], services: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    """Yield what the policies name that the answer is not about."""
    found: dict[tuple[str, str], None] = {}
    for policy in policies:
        for rule in policy.rules:
            for text in rule.statement.actions or ():
                prefix = text.partition(":")[0].lower()
                if ":" in text and prefix not in services:
                    found[prefix, "other-service"] = None
            for text in rule.statement.resources or ():
                if ":accesspoint/" in text:
                    found[text, "access-point"] = None
    yield from found


def _doubtful(policies: Iterable[Policy]) -> bool:
    return any(rule.principal.doubtful for policy in policies for rule in policy.rules)


def _open(key: str, why: str) -> Unsettled:
    if why in WHY:
        return Unsettled(code=WHY[why], unknown=NOTHING, arguments=(("what", key),))
    return Unsettled(code="unknown.condition-key", unknown=NOTHING, arguments=(("key", key),))
