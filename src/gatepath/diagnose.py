"""The one orchestration: a question and a world to a diagnosis."""

from collections.abc import Iterable
from dataclasses import replace

from gatepath.checks import ORDER, POLICY_CHECKS
from gatepath.checks.base import INFO_CODES
from gatepath.model.question import Question
from gatepath.model.ref import Unknown
from gatepath.model.world import World
from gatepath.request import Request, build_request
from gatepath.trace import (
    Arguments,
    Assumption,
    Certainty,
    Diagnosis,
    Finding,
    Removal,
    Severity,
    Step,
    Unsettled,
    Verdict,
)
from gatepath.verdicts import RANK, verdict
from gatepath.walk import Walk, paths_of, walk, works_share

NETWORK = "network"


def diagnose(question: Question, world: World, *, only: frozenset[str] | None = None) -> Diagnosis:
    """Answer a question from what is recorded.

    `only={"network"}` leaves the policy checks out. Raises what `build_request` raises for a source that a
    complete list shows not to exist.
    """
    policies = only is None or NETWORK not in only
    return diagnose_request(build_request(question, world), world, policies=policies)


def diagnose_request(
    request: Request, world: World, *, policies: bool = True, passed: frozenset[Removal] = frozenset()
) -> Diagnosis:
    """Answer for one concrete request; what `passed` names is taken as letting everything through."""
    made = walk(request, world, passed, policies=policies)
    answer = Verdict.UNKNOWN if isinstance(request.parts, Unknown) else verdict(made.possible)
    findings = _graded(_findings(made), answer)
    return Diagnosis(
        question=request.question,
        verdict=answer,
        certainty=_certainty(made, answer),
        paths=paths_of(made, policies=policies),
        steps=_steps(made),
        findings=_root_first(request, world, made, answer, findings, policies=policies, passed=passed),
        unknowns=_unknowns(made, answer),
        assumptions=_assumptions(made),
        left_out=() if policies else POLICY_CHECKS,
        request_summary=_summary(request),
    )


def _steps(made: Walk) -> tuple[Step, ...]:
    """Return the steps that tell the story: the first host's where nothing gets through there."""
    if made.first is not None and not any(t.live for t in made.first.traffics):
        return made.first.steps
    return made.steps


def _all_steps(made: Walk) -> Iterable[Step]:
    if made.first is not None:
        yield from made.first.steps
    yield from made.steps


def _findings(made: Walk) -> tuple[Finding, ...]:
    """Return every step's findings once, in the order of the checks."""
    found: dict[tuple[str, str], tuple[float, Finding]] = {}
    for step in _all_steps(made):
        for finding in step.findings:
            found.setdefault((finding.code, finding.component.id), (_place(step), finding))
    return tuple(finding for _, finding in sorted(found.values(), key=lambda pair: pair[0]))


def _place(step: Step) -> float:
    """Return where a step stands: the way back through the network ACL comes after the route."""
    if step.check == "network-acl" and step.direction == "in":
        return ORDER.index("route") + 0.5
    return ORDER.index(step.check)


def _graded(findings: tuple[Finding, ...], answer: Verdict) -> tuple[Finding, ...]:
    """Grade findings that drop, divert and refuse nothing as `info`."""
    return tuple(
        replace(f, severity=Severity.INFO) if answer is Verdict.OK or f.code in INFO_CODES else f
        for f in findings
    )


def _root_first(
    request: Request,
    world: World,
    made: Walk,
    answer: Verdict,
    findings: tuple[Finding, ...],
    *,
    policies: bool,
    passed: frozenset[Removal] = frozenset(),
) -> tuple[Finding, ...]:
    """Put the root cause first: the first finding whose removal alone improves the verdict."""
    candidates = [f for f in findings if f.severity is not Severity.INFO]
    rest = [f for f in findings if f.severity is Severity.INFO]
    if answer in RANK and len(candidates) > 1:
        base = RANK[answer], works_share(made)
        tried: set[Removal] = set()
        for finding in candidates:
            removal = Removal(check=finding.check, component=finding.component.id)
            if removal in tried:
                continue
            tried.add(removal)
            after = walk(request, world, passed | {removal}, policies=policies)
            better = verdict(after.possible)
            if better in RANK and (RANK[better], works_share(after)) > base:
                candidates.remove(finding)
                candidates.insert(0, finding)
                break
    return (*candidates, *rest)


def _certainty(made: Walk, answer: Verdict) -> Certainty:
    walks = [made] if made.first is None else [made.first, made]
    traffics = [t for w in walks for t in w.traffics]
    if answer is Verdict.UNKNOWN:
        return Certainty.PROVEN
    proxied = made.request.proxy.url is not None
    if any(t.suspect for t in traffics) or (proxied and not made.request.proxy.certain):
        return Certainty.SUSPECT
    if any(a.conditional for a in _assumptions(made)):
        return Certainty.CONDITIONAL
    return Certainty.PROVEN


def _unknowns(made: Walk, answer: Verdict) -> tuple[Unsettled, ...]:
    """Return what is not known, where it leaves the answer or a path of it open."""
    open_ends = any(t.live and (t.unsettled or t.fates is not None) for t in made.traffics)
    if answer is not Verdict.UNKNOWN and not open_ends:
        return ()
    return tuple(dict.fromkeys(unsettled for step in _all_steps(made) for unsettled in step.unknowns))


def _assumptions(made: Walk) -> tuple[Assumption, ...]:
    return tuple(dict.fromkeys(a for step in made.steps for a in step.assumptions))


def _summary(request: Request) -> Arguments:
    parts = () if isinstance(request.parts, Unknown) else request.parts
    interfaces = dict.fromkeys(p.interface.id for p in parts if p.interface is not None)
    subnets = dict.fromkeys(p.subnet.id for p in parts if p.subnet is not None)
    return (
        ("service", request.service),
        ("region", request.region),
        ("hostname", request.host.name),
        ("port", request.port),
        ("vpc", request.vpc_id),
        ("interfaces", tuple(interfaces)),
        ("subnets", tuple(subnets)),
    )
