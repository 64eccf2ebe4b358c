"""A request with all that applies to it, and what an evaluation answers."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from gatepath.engine.iam.compiled import Policy, Rule
from gatepath.engine.iam.logic import MAYBE, NO, Context, Truth
from gatepath.engine.iam.principals import Grant, Kind, Who

Attached = tuple[Policy | None, ...]
"""The policies of one layer; None stands for one that could not be read."""
NOT_KNOWN: Attached = (None,)


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


@dataclass(frozen=True, slots=True)
class Decider:
    """The policy (counted through its layer) and statement that decide; None = there is none."""

    layer: Layer
    policy: int | None = None
    statement: int | None = None
    doubtful: bool = False
    """The statement's meaning here rests on no documented rule."""
    misnamed: bool = False
    """There is an Allow that fails on its `Principal` alone."""


@dataclass(frozen=True, slots=True, kw_only=True)
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Evaluation:
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


def flat(levels: Iterable[Attached]) -> Attached:
    """Return the policies of all levels."""
    return tuple(policy for level in levels for policy in level)


def matching(ask: Ask, policies: Attached, *, deny: bool) -> Iterator[tuple[int, Rule | None, Truth, Grant]]:
    """Yield (policy, rule, truth, grant) of statements that do or may apply; rule None = unread policy."""
    action, resource, context, caller = ask.action, ask.resource_arn, ask.context, ask.caller
    bounded = ask.boundary is not None
    for number, policy in enumerate(policies):
        if policy is None:
            yield number, None, MAYBE, Grant.DIRECT
            continue
        for rule in policy.concerned(action)[0 if deny else 1]:
            found = rule.resource(context, resource)
            if found == NO:
                continue
            grant = Grant.DIRECT if rule.anyone else rule.principal.grant(caller, bounded)
            if not grant:
                continue
            held = rule.holds(context)
            if held != NO:
                yield number, rule, min(found, held), grant


def has_account(ask: Ask) -> bool:
    """Tell whether the caller belongs to an account, so that identity policies and SCPs apply."""
    return ask.caller.kind not in {Kind.ANONYMOUS, Kind.SERVICE}
