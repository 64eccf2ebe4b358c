"""All statements of all layers, numbered; what a set of statements that apply decides.

A request is only the set of statements that apply to it, as bits of one number.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from gatepath.engine.iam.ask import Ask, Attached, Layer, Stack, has_account
from gatepath.engine.iam.compiled import Policy, Role, Rule, action_test, compile_policy
from gatepath.engine.iam.logic import Context
from gatepath.engine.iam.principals import Grant, Kind, Who
from gatepath.engine.iam.public import is_public

REPAIR = frozenset({"s3:getbucketpolicy", "s3:putbucketpolicy", "s3:deletebucketpolicy"})
"""No bucket policy stops the owner's root user: https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketPolicy.html"""


class Written(NamedTuple):
    """A policy with the JSON value or text it was compiled from."""

    raw: object
    policy: Policy


def written(raw: object, role: Role) -> Written:
    """Return a document compiled for what it is attached to."""
    return Written(raw, compile_policy(raw, role))


Layered = tuple[Written | None, ...]
"""The policies of one layer; None stands for one that could not be read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Action:
    """An action, the kinds of resource it is on (`*` = none) and the keys it may carry (None = any).

    `keys` in lower case, tag keys cut before the slash; keys of every service (`aws:…`) are not listed.
    """

    name: str
    kinds: frozenset[str]
    keys: frozenset[str] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """A bucket, table or stream: the ARN of the thing itself (`*` stands for any name), its owner, its policy.

    `kind`: `bucket`, `table`, `stream`, or `*` for actions without a resource. `block_public` as in `Ask`.
    """

    kind: str
    arn: str
    account: str | None
    policy: Layered = ()
    block_public: bool | None = False
    but: tuple[str, ...] = ()
    """ARNs (of buckets, tables) that `arn`, a pattern, does not stand for."""
    usual: str = ""
    """What its first `*` and the rest may read like, tried before a walk makes something up."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """Who asks, and every policy that has a say. A layer None = there is none.

    `known`: what is known of the request's keys (lower case); `absent`: keys it does not have. All other keys
    that a policy reads may have any value of their type. `chosen` tells which of these differ from request to
    request (None: all do): what hangs on one of the rest is not decided.
    """

    caller: Who
    targets: tuple[Target, ...]
    identity: Layered = ()
    boundary: Layered | None = None
    session: Layered | None = None
    scp: tuple[Layered, ...] = ()
    rcp: tuple[Layered, ...] = ()
    vpce: Layered | None = None
    vpce_type: str = "gateway"
    known: Context = field(default_factory=dict)
    absent: frozenset[str] = frozenset()
    free: frozenset[str] = frozenset()
    """Keys that follow from caller and resource and yet may have any value: the caller stands for others."""
    present: frozenset[str] = frozenset()
    """Free keys that every request has."""
    rootless: bool = False
    """Whether the caller does not stand for root users."""
    chosen: Callable[[str], bool] | None = None


class Numbered(NamedTuple):
    """A statement with its number's bit. `target`: index of the one whose policy it is in."""

    bit: int
    layer: Layer
    level: int
    policy: int
    """Its place in the layer."""
    target: int | None
    rule: Rule
    role: Role
    variables: bool
    grant: Grant


class System:
    """The statements of a scenario that name its caller."""

    def __init__(self, scenario: Scenario) -> None:
        """Give the statements numbers; `unread` lists layers with a policy that could not be read."""
        self.scenario = scenario
        self.rules: list[Numbered] = []
        self.unread: list[str] = []
        self._own = has_account(_bare(scenario))
        self._bounded = scenario.boundary is not None
        endpoint = Role.GATEWAY if scenario.vpce_type == "gateway" else Role.RESOURCE
        self._add(Layer.VPCE, scenario.vpce or (), endpoint)
        for level, attached in enumerate(scenario.rcp):
            self._add(Layer.RCP, attached, Role.IDENTITY, level)
        if self._own:
            for level, attached in enumerate(scenario.scp):
                self._add(Layer.SCP, attached, Role.IDENTITY, level)
            self._add(Layer.IDENTITY, scenario.identity, Role.IDENTITY)
            self._add(Layer.BOUNDARY, scenario.boundary or (), Role.IDENTITY)
            self._add(Layer.SESSION, scenario.session or (), Role.SESSION)
        for number, target in enumerate(scenario.targets):
            self._add(Layer.RESOURCE, target.policy, Role.RESOURCE, target=number)
        self.masks = _masks(self.rules, len(scenario.scp))
        self._stacks: dict[int, Stack] = {}
        self._actions = [(action_test(n.rule.statement), n.bit) for n in self.rules]

    def _add(
        self, layer: Layer, attached: Layered, role: Role, level: int = 0, target: int | None = None
    ) -> None:
        for number, one in enumerate(attached):
            if one is None:
                self.unread.append(layer.value)
                continue
            for rule in one.policy.rules:
                if not rule.statement.usable:
                    continue
                grant = (
                    Grant.DIRECT if rule.anyone else rule.principal.grant(self.scenario.caller, self._bounded)
                )
                if grant:
                    variables = one.policy.document.variables
                    bit = 1 << len(self.rules)
                    self.rules.append(
                        Numbered(bit, layer, level, number, target, rule, role, variables, grant)
                    )

    def concerned(self, action: str) -> int:
        """Return the statements that concern an action in lower case."""
        found = 0
        for test, bit in self._actions:
            if test(action):
                found |= bit
        return found

    def of(self, target: int) -> int:
        """Return the statements that may apply to a target: all but those of other targets' policies."""
        found = 0
        for numbered in self.rules:
            if numbered.target in {None, target}:
                found |= numbered.bit
        return found

    def shut(self, target: int) -> bool | None:
        """Tell whether Block Public Access stops this caller at a target; None = not known."""
        aim, caller = self.scenario.targets[target], self.scenario.caller
        if aim.block_public is False or not aim.policy or aim.kind != "bucket":
            return False
        if caller.kind is Kind.SERVICE or (
            caller.kind is not Kind.ANONYMOUS and caller.account == aim.account
        ):
            return False
        policy = aim.policy[0]
        if policy is None or not is_public(policy.policy.document):
            return None if policy is None else False
        return True if aim.block_public else None

    def core(self, mask: int, *, across: bool) -> bool:
        """Tell whether all layers but the endpoint policy let a request pass."""
        masks = self.masks
        if mask & masks.deny:
            return False
        if self._own and not all(mask & level for level in masks.scp):
            return False
        caller = self.scenario.caller
        granted = mask & masks.direct or mask & masks.role or mask & masks.account
        if not self._own:
            return bool(granted)
        within = not (
            (self.scenario.boundary is not None and not mask & masks.boundary)
            or (self.scenario.session is not None and not mask & masks.session)
        )
        identity = caller.kind is Kind.ROOT or bool(mask & masks.identity)
        if caller.kind is Kind.FEDERATED and self.scenario.session is None:
            identity = False
        own = identity and within
        if across:
            return own and bool(granted)
        return bool(own or mask & masks.direct or (mask & masks.role and within))

    def hopeless(self, mask: int, *, across: bool) -> bool:
        """Tell whether no request that meets some of these statements, and no others, can pass."""
        return not self.core(mask & ~self.masks.deny, across=across)

    def stack(self, layer: Layered) -> Stack:
        """Return a layer of the scenario as the evaluator takes it, made once."""
        if id(layer) not in self._stacks:
            self._stacks[id(layer)] = Stack(compiled_of(layer))
        return self._stacks[id(layer)]

    def endpoint(self, mask: int) -> bool:
        """Tell whether the endpoint policy lets a request pass."""
        if self.scenario.vpce is None:
            return True
        return not mask & self.masks.vpce_deny and bool(mask & self.masks.vpce)


class _Masks(NamedTuple):
    deny: int
    identity: int
    boundary: int
    session: int
    scp: tuple[int, ...]
    vpce: int
    vpce_deny: int
    direct: int
    role: int
    account: int
    resource_deny: int


def _masks(rules: list[Numbered], levels: int) -> _Masks:
    def allows(layer: Layer, level: int = 0) -> int:
        return sum(n.bit for n in rules if n.layer is layer and n.rule.statement.allow and n.level == level)

    def grants(grant: Grant) -> int:
        listed = (n for n in rules if n.layer is Layer.RESOURCE and n.rule.statement.allow)
        return sum(n.bit for n in listed if n.grant is grant)

    denying = [n for n in rules if not n.rule.statement.allow]
    scp = [allows(Layer.SCP, level) for level in range(levels)]
    return _Masks(
        deny=sum(n.bit for n in denying if n.layer is not Layer.VPCE),
        identity=allows(Layer.IDENTITY),
        boundary=allows(Layer.BOUNDARY),
        session=allows(Layer.SESSION),
        scp=tuple(scp),
        vpce=allows(Layer.VPCE),
        vpce_deny=sum(n.bit for n in denying if n.layer is Layer.VPCE),
        direct=grants(Grant.DIRECT),
        role=grants(Grant.ROLE),
        account=grants(Grant.ACCOUNT),
        resource_deny=sum(n.bit for n in denying if n.layer is Layer.RESOURCE),
    )


def _bare(scenario: Scenario) -> Ask:
    return Ask(caller=scenario.caller, action="", resource_arn="*", resource_account=None, context={})


def compiled_of(attached: Iterable[Written | None]) -> Attached:
    """Return a layer as the evaluator takes it."""
    return tuple(None if one is None else one.policy for one in attached)


def raws_of(attached: Iterable[Written | None]) -> Iterator[object]:
    """Yield the documents of a layer as they were given."""
    for one in attached:
        yield {"$unknown": True} if one is None else one.raw
