"""A request with all that applies to it, and what an evaluation answers."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from gatepath.engine.iam.compiled import Policy, Rule
from gatepath.engine.iam.logic import MAYBE, NO, Context, Truth
from gatepath.engine.iam.principals import Grant, Kind, Who

Concern = tuple[tuple[tuple[int, Rule | None], ...], tuple[tuple[int, Rule | None], ...]]
"""(denying, allowing) rules with the number of their policy; None = a policy that could not be read."""
Listed = tuple[tuple[int, Rule, bool], ...]
_MEMO_LIMIT = 1024
Attached = tuple[Policy | None, ...]
"""The policies of one layer; None stands for one that could not be read."""
NOT_KNOWN: Attached = (None,)


class Stack(tuple[Policy | None, ...]):  # noqa: SLOT001 - a tuple can't have slots and a memory
    """The policies of a layer, with a memory of the rules each action concerns."""

    memo: dict[str, Concern]
    lists: dict[str, Listed]

    def __new__(cls, policies: Iterable[Policy | None] = ()) -> "Stack":  # noqa: PYI034 - no subclasses
        """Make it of policies in order."""
        made = super().__new__(cls, policies)
        made.memo, made.lists = {}, {}
        return made

    def listed(self, action: str) -> Listed:
        """Return all rules of the policies that could be read, and whether an action in lower case concerns them."""
        found = self.lists.get(action)
        if found is None:
            if len(self.lists) >= _MEMO_LIMIT:
                self.lists.clear()
            rows: list[tuple[int, Rule, bool]] = []
            for number, policy in enumerate(self):
                if policy is not None:
                    concerned = {rule for rules in policy.concerned(action) for rule in rules}
                    rows += [(number, rule, rule in concerned) for rule in policy.rules]
            found = self.lists[action] = tuple(rows)
        return found

    def concerned(self, action: str) -> Concern:
        """Return the rules that concern an action given in lower case."""
        denying: list[tuple[int, Rule | None]] = []
        allowing: list[tuple[int, Rule | None]] = []
        for number, policy in enumerate(self):
            if policy is None:
                denying.append((number, None))
                allowing.append((number, None))
                continue
            denies, allows = policy.concerned(action)
            denying += [(number, rule) for rule in denies]
            allowing += [(number, rule) for rule in allows]
        if len(self.memo) >= _MEMO_LIMIT:
            self.memo.clear()
        found = self.memo[action] = (tuple(denying), tuple(allowing))
        return found


class Levels(tuple[Stack, ...]):  # noqa: SLOT001 - likewise
    """Guardrails level by level, and all of them as one stack."""

    stack: Stack

    def __new__(cls, levels: Iterable[Attached] = ()) -> "Levels":  # noqa: PYI034 - no subclasses
        """Make it of levels in order."""
        made = super().__new__(cls, (stack_of(level) for level in levels))
        made.stack = Stack(policy for level in made for policy in level)
        return made


def stack_of(policies: Attached) -> Stack:
    """Return policies as a stack."""
    return policies if isinstance(policies, Stack) else Stack(policies)


class Layer(StrEnum):
    """Where a policy is attached; `settings` is Block Public Access."""

    IDENTITY = "identity"
    RESOURCE = "resource"
    BOUNDARY = "boundary"
    SESSION = "session"
    SCP = "scp"
    RCP = "rcp"
    VPCE = "vpce"
    SETTINGS = "settings"


class Decision(StrEnum):
    """What becomes of the request."""

    ALLOWED = "allowed"
    EXPLICIT_DENY = "explicit_deny"
    IMPLICIT_DENY = "implicit_deny"


class Decider(NamedTuple):
    """The policy (counted through its layer) and statement that decide; None = there is none."""

    layer: Layer
    policy: int | None = None
    statement: int | None = None
    doubtful: bool = False
    """The statement's meaning here rests on no documented rule."""
    misnamed: bool = False
    """There is an Allow that fails on its `Principal` alone."""


@dataclass(slots=True, kw_only=True)
class Ask:
    """A request and all that applies to it. `action` in lower case; a layer None = there is none.

    `resource` holds at most one policy. `scp`/`rcp`: one entry a level. `block_public`: whether
    `RestrictPublicBuckets` is on (None = not known). `resource_account` None = not known.
    """

    caller: Who
    action: str
    resource_arn: str
    resource_account: str | None
    context: Context
    identity: Attached = ()
    resource: Attached = ()
    boundary: Attached | None = None
    session: Attached | None = None
    scp: tuple[Attached, ...] = ()
    rcp: tuple[Attached, ...] = ()
    vpce: Attached | None = None
    block_public: bool | None = False


class Evaluation(NamedTuple):
    """All decisions that what is not known leaves open, and what decides.

    `depends_on`: condition keys, layers or `resource_account` whose value would settle it.
    """

    possible: frozenset[Decision]
    decided_by: tuple[Decider, ...] = ()
    depends_on: tuple[str, ...] = ()

    @property
    def decision(self) -> Decision | None:
        """Return the decision, or None where it is open."""
        return next(iter(self.possible)) if len(self.possible) == 1 else None

    @property
    def refused(self) -> bool:
        """Tell whether it is denied in every case."""
        return Decision.ALLOWED not in self.possible

    @property
    def doubtful(self) -> bool:
        """Tell whether it rests on no documented rule."""
        return any(decider.doubtful for decider in self.decided_by)


def flat(levels: tuple[Attached, ...]) -> Stack:
    """Return the policies of all levels."""
    return levels.stack if isinstance(levels, Levels) else Levels(levels).stack


def matching(ask: Ask, policies: Attached, *, deny: bool) -> Iterator[tuple[int, Rule | None, Truth, Grant]]:
    """Yield (policy, rule, truth, grant) of statements that do or may apply; rule None = unread policy."""
    bounded = ask.boundary is not None
    for number, rule in stack_of(policies).concerned(ask.action)[0 if deny else 1]:
        if rule is None:
            yield number, None, MAYBE, Grant.DIRECT
            continue
        found = rule.resource(ask.context, ask.resource_arn)
        grant = Grant.DIRECT if rule.anyone else rule.principal.grant(ask.caller, bounded)
        found = min(found, rule.holds(ask.context)) if found != NO and grant else NO
        if found != NO:
            yield number, rule, found, grant


def has_account(ask: Ask) -> bool:
    """Tell whether the caller belongs to an account, so that identity policies and SCPs apply."""
    return ask.caller.kind not in {Kind.ANONYMOUS, Kind.SERVICE}
