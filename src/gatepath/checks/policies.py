"""What the three policy checks share: judging each traffic, refusing it, and telling why.

Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
"""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from gatepath.checks.base import Removed, Traffics, hits_of
from gatepath.engine.iam.ask import Decision, Layer
from gatepath.engine.iam.logic import MAYBE, NO, YES
from gatepath.model.ref import Unknown
from gatepath.model.world import World
from gatepath.request import Request
from gatepath.rights.acls import ACL
from gatepath.rights.blame import Failure, OpenEnd
from gatepath.rights.cases import made_by_service
from gatepath.rights.context import Seen
from gatepath.rights.judge import ACTION_AND_RESOURCE, COPY_SOURCE, Judgement, judge
from gatepath.rights.layers import KEY_DISABLED, NETWORK_ORIGIN
from gatepath.trace import (
    Arguments,
    Assumption,
    Certainty,
    Evidence,
    Fate,
    Finding,
    PathKind,
    Removal,
    RuleHit,
    SeenAs,
    Step,
    StepVerdict,
    Traffic,
    Unsettled,
)
from gatepath.verdicts import fates_of

ENDPOINT = "endpoint-policy"
NAT_OR_ENDPOINT = "NAT gateway or endpoint"
READS = frozenset(
    {
        "access_points",
        "account_access_blocks",
        "bucket_rights",
        "ecs_workloads",
        "identities",
        "instance_profiles",
        "instances",
        "keys",
        "lambda_functions",
        "organization_targets",
        "organizations",
        "table_policies",
        "vpc_endpoints",
        "vpcs",
    }
)
"""Who is refused by which layer can only be told from all layers together, so each check reads them all."""
_KMS = "kms:"
_SHOWN_VALUES = 6
_CODES = {
    "endpoint-policy": (
        "endpoint-policy.explicit-deny",
        "endpoint-policy.no-allow",
        "endpoint-policy.condition-fails",
    ),
    "resource-policy": (
        "resource-policy.explicit-deny",
        "resource-policy.no-allow",
        "resource-policy.condition-fails",
    ),
    "identity-policy": (
        "identity-policy.explicit-deny",
        "identity-policy.no-allow",
        "identity-policy.condition-fails",
    ),
}
"""A denying statement, no Allow at all, an Allow that fails on its conditions alone."""
_UNKNOWN_CODES = {
    Layer.VPCE: "unknown.policy-vpce",
    Layer.RESOURCE: "unknown.policy-resource",
    Layer.SETTINGS: "unknown.policy-settings",
    Layer.IDENTITY: "unknown.policy-identity",
    Layer.BOUNDARY: "unknown.policy-boundary",
    Layer.SESSION: "unknown.policy-session",
    Layer.SCP: "unknown.policy-scp",
    Layer.RCP: "unknown.policy-rcp",
}
_OPEN_CODES = {
    ACL: "unknown.access-control-list",
    ACTION_AND_RESOURCE: "unknown.action-and-resource",
    COPY_SOURCE: "unknown.copy-source",
    NAT_OR_ENDPOINT: "unknown.nat-or-endpoint",
    "resource_account": "unknown.resource-account",
}
"""What is open that is neither a layer nor a condition key."""
_RESOURCE_CODES = {
    Layer.SETTINGS: "resource-policy.public-access-blocked",
    Layer.RCP: "resource-policy.guardrail-denies",
}
_IDENTITY_CODES = {Layer.BOUNDARY: "identity-policy.boundary", Layer.SCP: "identity-policy.guardrail-denies"}


@dataclass(slots=True)
class _Notes:
    """What a check collects over the traffics."""

    hits: list[RuleHit] = field(default_factory=list)
    findings: dict[tuple[str, str, str], Finding] = field(default_factory=dict)
    unknowns: list[Unsettled] = field(default_factory=list)
    assumptions: list[Assumption] = field(default_factory=list)
    refused: int = 0
    opened: int = 0


def run_policies(name: str, request: Request, world: World, traffics: Traffics, removed: Removed) -> Step:
    """Judge what gets through; a check refuses what its own layers refuse, and names their faults."""
    notes = _Notes()
    cache: dict[Seen, Judgement] = {}
    out: list[Traffic] = []
    judged = 0
    for traffic in traffics:
        if not traffic.live or (traffic.refused is not None and traffic.refused.check == "region"):
            out.append(traffic)
            continue
        seen = _seen(request, world, traffic)
        if seen not in cache:
            cache[seen] = _either_way(request, world, seen, removed)
        judged += name != ENDPOINT or seen.endpoint is not None or not seen.known
        out.append(_after(name, traffic, cache[seen], notes))
    return Step(
        check=name,
        out=tuple(out),
        verdict=_verdict(judged, notes),
        components=tuple(dict.fromkeys(finding.component for finding in notes.findings.values())),
        rule_hits=hits_of(notes.hits),
        findings=tuple(notes.findings.values()),
        unknowns=tuple(dict.fromkeys(notes.unknowns)),
        assumptions=tuple(dict.fromkeys(notes.assumptions)),
    )


def _verdict(judged: int, notes: _Notes) -> StepVerdict:
    if not judged:
        return StepVerdict.NOT_APPLICABLE
    if notes.opened:
        return StepVerdict.UNKNOWN
    if notes.refused:
        return StepVerdict.BLOCK if notes.refused == judged else StepVerdict.PARTIAL
    return StepVerdict.PASS


def _seen(request: Request, world: World, traffic: Traffic) -> Seen:
    if made_by_service(request):
        return Seen(seen_as=SeenAs(), endpoint=None)
    known = traffic.kind is not None and (traffic.fates is None or traffic.judged)
    endpoint_id = traffic.seen_as.endpoint_id
    endpoint = world.vpc_endpoints.get(endpoint_id) if endpoint_id is not None else None
    if not known and traffic.kind is not PathKind.INTERNET:
        return Seen(seen_as=traffic.seen_as, endpoint=None, known=False)
    return Seen(seen_as=traffic.seen_as, endpoint=endpoint)


def _either_way(request: Request, world: World, seen: Seen, removed: Removed) -> Judgement:
    """Judge what the service sees; where it may see something else instead, only what holds for both stands."""
    found = judge(request, world, seen, removed)
    if seen.seen_as.otherwise is None or not seen.known:
        return found
    other = judge(request, world, Seen(seen_as=seen.seen_as.otherwise, endpoint=None), removed)
    if other.truth == found.truth:
        return found
    ends = tuple(dict.fromkeys((*found.open_ends, *other.open_ends)))
    contradicted = OpenEnd(check=ENDPOINT, key=NAT_OR_ENDPOINT)
    return Judgement(truth=MAYBE, open_ends=ends or (contradicted,))


def _after(name: str, traffic: Traffic, found: Judgement, notes: _Notes) -> Traffic:
    own = tuple(failure for failure in found.failures if failure.check == name)
    for failure in own:
        finding = _finding(failure, found)
        notes.findings.setdefault((finding.code, finding.component.id, failure.permission.action), finding)
    if found.truth == NO:
        if not own:
            return traffic
        notes.assumptions += found.assumptions
        notes.refused += 1
        culprit = Removal(check=name, component=own[0].component.id)
        suspect = traffic.suspect or found.suspect
        if traffic.fates is not None:
            return replace(traffic, fates=frozenset({Fate.REFUSED, *(traffic.fates & {Fate.DROPPED})}))
        return traffic if traffic.refused is not None else replace(traffic, refused=culprit, suspect=suspect)
    notes.assumptions += found.assumptions
    if found.truth == YES:
        notes.hits += [
            RuleHit(
                rule=f"statement {granted.statement}" + (f" {granted.sid}" if granted.sid else ""),
                component=granted.component.id,
                allow=True,
                packets=traffic.packets,
                ref=granted.ref,
            )
            for granted in found.granted
            if granted.check == name
        ]
        return replace(traffic, suspect=True) if found.suspect else traffic
    return _open(name, traffic, found, notes)


def _open(name: str, traffic: Traffic, found: Judgement, notes: _Notes) -> Traffic:
    """Leave open what hangs on something that is not known; the first check that reads it says so."""
    own = [end for end in found.open_ends if end.check == name]
    if not own and (found.open_ends or name != "identity-policy"):
        return traffic
    notes.opened += 1
    notes.unknowns += [_unsettled(end) for end in own]
    gaps = tuple(end.unknown for end in own) or (Unknown(()),)
    return replace(
        traffic,
        fates=fates_of(traffic) | {Fate.REFUSED},
        unsettled=(*traffic.unsettled, *gaps),
        judged=traffic.judged or traffic.fates is None,
    )


def _unsettled(end: OpenEnd) -> Unsettled:
    code = _OPEN_CODES.get(end.key)
    if code is not None:
        return Unsettled(code=code, unknown=end.unknown)
    if end.key:
        return Unsettled(code="unknown.condition-key", unknown=end.unknown, arguments=(("key", end.key),))
    return Unsettled(code=_UNKNOWN_CODES[end.layer or Layer.IDENTITY], unknown=end.unknown)


def _code(failure: Failure, found: Judgement) -> str:
    """Return the finding code of a layer's refusal."""
    explicit = failure.effect is Decision.EXPLICIT_DENY
    if failure.check == ENDPOINT:
        if failure.misnamed:
            return "endpoint-policy.principal-not-everyone"
        return _by_effect(ENDPOINT, failure)
    if failure.check == "resource-policy":
        special = _RESOURCE_CODES.get(failure.layer)
        if special is None and failure.name == NETWORK_ORIGIN and explicit:
            special = "resource-policy.network-origin"
        if special is None and failure.permission.action.startswith(_KMS):
            special = _key_code(failure)
        return special or _by_effect("resource-policy", failure)
    special = _IDENTITY_CODES.get(failure.layer)
    if special is None and found.missing:
        special = "identity-policy.no-such-principal"
    if special is None and failure.permission.action.startswith(_KMS):
        special = "identity-policy.key-not-allowed"
    return special or _by_effect("identity-policy", failure)


def _key_code(failure: Failure) -> str:
    if failure.name == KEY_DISABLED:
        return "resource-policy.key-disabled"
    shared = failure.component.type == "kms-key"
    return "resource-policy.key-policy" if shared else "resource-policy.key-not-shared"


def _by_effect(check: str, failure: Failure) -> str:
    denied, lacking, failing = _CODES[check]
    if failure.effect is Decision.EXPLICIT_DENY:
        return denied
    return lacking if failure.statement is None else failing


def _finding(failure: Failure, found: Judgement) -> Finding:
    caller = failure.caller.arn or failure.caller.kind.value
    arguments: Arguments = (
        ("component", failure.component.id),
        ("layer", failure.layer.value),
        ("effect", failure.effect.value),
        ("policy", failure.policy),
        ("policy_name", failure.name),
        ("statement", failure.statement),
        ("sid", failure.sid),
        ("action", failure.permission.action),
        ("resource", failure.permission.resource),
        ("principal", caller),
        ("conditions", failure.conditions[:_SHOWN_VALUES]),
        ("carried", failure.carried[:_SHOWN_VALUES]),
    )
    return Finding(
        code=_code(failure, found),
        check=failure.check,
        component=failure.component,
        arguments=arguments,
        certainty=Certainty.SUSPECT if failure.doubtful else Certainty.PROVEN,
        evidence=(Evidence(ref=failure.ref),),
    )


def with_lints(step: Step, findings: Iterable[Finding]) -> Step:
    """Return the step with findings that refuse nothing."""
    return replace(step, findings=(*step.findings, *findings))
