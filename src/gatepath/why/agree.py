"""Whether the configuration, as diagnosed, would produce the error that a text tells of."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from gatepath.checks import POLICY_CHECKS
from gatepath.checks.base import INFO_CODES
from gatepath.trace import Diagnosis, Finding, PathKind, Verdict
from gatepath.why.kinds import Layer
from gatepath.why.reading import Problem

DROPPED = "dropped"
_SETTINGS = "settings"


class State(StrEnum):
    """Whether text and configuration agree."""

    SAME = "same"
    """The configuration produces this error, by the layer that the text names if it names one."""
    OTHER = "other"
    """The configuration produces another outcome: another layer or effect, or none at all."""
    UNKNOWN = "unknown"
    """Not comparable, or something needed is not recorded."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Agreement:
    """The comparison. `deciding`: (layer, effect) that the configuration denies by; `findings`: those compared."""

    state: State
    verdict: Verdict
    deciding: tuple[tuple[str, str], ...] = ()
    findings: tuple[Finding, ...] = ()


def agree(problem: Problem, diagnosis: Diagnosis) -> Agreement:
    """Compare a text's error with a diagnosis of the same request."""
    faults = tuple(found for found in diagnosis.findings if found.code not in INFO_CODES)
    fitting = tuple(found for found in faults if _fits(problem, found))
    deciding = tuple(dict.fromkeys(pair for found in faults if (pair := _decided(found)) is not None))
    named = problem.layer is not None
    if problem.layer is Layer.TRUST or not problem.row.agrees:
        state = State.UNKNOWN
    elif _produced(problem, diagnosis, deciding, fitting=bool(fitting)):
        state = State.SAME
    elif diagnosis.verdict is Verdict.UNKNOWN:
        state = State.UNKNOWN
    else:
        state = State.OTHER
    shown = fitting if not named else tuple(found for found in faults if _decided(found) is not None)
    return Agreement(state=state, verdict=diagnosis.verdict, deciding=deciding, findings=shown or faults)


def _produced(
    problem: Problem, diagnosis: Diagnosis, deciding: tuple[tuple[str, str], ...], *, fitting: bool
) -> bool:
    """Tell whether the configuration produces the error."""
    if problem.layer is not None:
        return any(_matches(problem, pair) for pair in deciding)
    return fitting and _happens(problem, diagnosis)


def _fits(problem: Problem, found: Finding) -> bool:
    """Tell whether a finding is of the kind that produces the error."""
    for text in problem.row.agrees:
        if text == DROPPED and found.check not in POLICY_CHECKS:
            return True
        if found.code == text or (text.endswith(".") and found.code.startswith(text)):
            return True
    return False


def _happens(problem: Problem, diagnosis: Diagnosis) -> bool:
    """Tell whether packets really drop, where the error is one of dropped packets."""
    if DROPPED not in problem.row.agrees or problem.row.family != "connect":
        return True
    drops = any(path.kind is PathKind.DROPPED for path in diagnosis.paths)
    return drops or diagnosis.verdict in {Verdict.BLOCKED, Verdict.INTERMITTENT}


def _decided(found: Finding) -> tuple[str, str] | None:
    """Return layer and effect of a policy's denial."""
    if found.check not in POLICY_CHECKS:
        return None
    arguments = dict(found.arguments)
    layer, effect = arguments.get("layer"), arguments.get("effect")
    return (str(layer), str(effect or "")) if layer else None


def _matches(problem: Problem, pair: tuple[str, str]) -> bool:
    """Tell whether the text names this layer; AWS words Block Public Access as a resource's explicit deny."""
    layer, effect = pair
    if layer == _SETTINGS:
        layer, effect = Layer.RESOURCE, "explicit_deny"
    return layer == problem.layer and (problem.effect is None or not effect or effect == problem.effect)


def codes(findings: Iterable[Finding]) -> tuple[str, ...]:
    """Return the findings' codes, each once."""
    return tuple(dict.fromkeys(found.code for found in findings))
