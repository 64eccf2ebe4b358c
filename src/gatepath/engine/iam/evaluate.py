"""Is a request allowed: every layer of policies joined, in three truth values.

Sources: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html,
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic-cross-account.html,
https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_scps.html,
https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_rcps.html and
https://docs.aws.amazon.com/vpc/latest/privatelink/vpc-endpoints-access.html
"""

from collections.abc import Iterable

from gatepath.engine.iam.allows import Allows
from gatepath.engine.iam.ask import (
    NOT_KNOWN,
    Ask,
    Attached,
    Decider,
    Decision,
    Evaluation,
    Layer,
    flat,
    has_account,
    matching,
)
from gatepath.engine.iam.completions import settled
from gatepath.engine.iam.denials import Denials
from gatepath.engine.iam.logic import MAYBE, NO, YES

__all__ = ["NOT_KNOWN", "Ask", "Attached", "Decider", "Decision", "Evaluation", "Layer", "evaluate"]

_ALLOWED = frozenset({Decision.ALLOWED})
_EXPLICIT = frozenset({Decision.EXPLICIT_DENY})
_IMPLICIT = frozenset({Decision.IMPLICIT_DENY})
_ALWAYS_ALLOWED = "sts:getcalleridentity"
"""https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html"""


def evaluate(ask: Ask) -> Evaluation:
    """Return what becomes of a request."""
    found = _evaluated(ask)
    return found if found.decision is not None else settled(ask, found, _evaluated)


def _evaluated(ask: Ask) -> Evaluation:
    """Return what becomes of a request; what depends on something unknown stays open."""
    if ask.action == _ALWAYS_ALLOWED:
        return _always(ask)
    found = Denials(ask)
    if found.truth == YES:
        return Evaluation(possible=_EXPLICIT, decided_by=tuple(found.hits))
    judged = Allows(ask)
    total = judged.total()
    if found.truth == NO and total == YES:
        return Evaluation(possible=_ALLOWED, decided_by=judged.granted())
    if found.truth == NO and total == NO:
        return Evaluation(possible=_IMPLICIT, decided_by=judged.lacking())
    possible = frozenset() if total == YES else _IMPLICIT
    possible |= _ALLOWED if total != NO else frozenset()
    possible |= _EXPLICIT if found.truth == MAYBE else frozenset()
    depends = (*found.depends_on, *(judged.depends_on() if total == MAYBE else ()))
    decided = judged.lacking() if total == NO else ()
    return Evaluation(possible=possible, decided_by=decided, depends_on=_once(depends))


def _once(names: Iterable[str]) -> tuple[str, ...]:
    """Return each name once: keys that differ only in case are one."""
    made: dict[str, str] = {}
    for name in names:
        made.setdefault(name.lower(), name)
    return tuple(made.values())


def _always(ask: Ask) -> Evaluation:
    """Return the answer for what needs no permission; what guardrails do to it is not documented."""
    possible, depends = _ALLOWED, []
    levels = ask.scp if has_account(ask) else ()
    for name, limits in ((Layer.SCP, levels), (Layer.VPCE, () if ask.vpce is None else (ask.vpce,))):
        denied = any(True for _ in matching(ask, flat(limits), deny=True))
        lacking = any(not _allows(ask, level) for level in limits)
        possible |= (_EXPLICIT if denied else frozenset()) | (_IMPLICIT if lacking else frozenset())
        depends += [name.value] if denied or lacking else []
    return Evaluation(possible=possible, depends_on=tuple(depends))


def _allows(ask: Ask, policies: Attached) -> bool:
    return any(truth == YES for _, _, truth, _ in matching(ask, policies, deny=False))
