"""Is a needed bucket reached and allowed: the user's question asked anew for it, by whoever signs.

Source: https://github.com/aws-samples/data-perimeter-policy-examples (service_owned_resources.md)
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from gatepath.diagnose import diagnose_request
from gatepath.model.naming import partition
from gatepath.model.question import Client, Principal, Question
from gatepath.model.ref import GapReason, unknown
from gatepath.model.workload import Bucket
from gatepath.model.world import World
from gatepath.needs.catalogue import HTTPS, NeededBucket, SignedBy
from gatepath.needs.results import BucketResult, worst
from gatepath.request import Request, build_request
from gatepath.trace import Certainty, Diagnosis, Finding, Removal, Unsettled, Verdict

CODE = "endpoint-policy.blocks-needed-bucket"
POLICY = "endpoint-policy"
_STAND_INS = (("{suffix}", "0a1b2c3d"), ("{service_account}", "000000000000"))
_OBJECT = "needed-object"
_SERVICE_ROLE = "service-role"
_LAST_IF_EQUAL = (Certainty.PROVEN, Certainty.CONDITIONAL, Certainty.SUSPECT)


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """One request for a bucket, and the identity policies that it takes as allowing."""

    question: Question
    resource: str
    passed: frozenset[Removal] = frozenset()
    optional: bool = False
    """A second way to sign, which counts only where it can be judged (`_counts`)."""


def judge_bucket(
    home: Request, world: World, need: str, bucket: NeededBucket, *, policies: bool
) -> BucketResult:
    """Return how requests for a bucket fare; `home` is the user's own request, whose source they share."""
    region = home.region
    name = bucket.name(region)
    asked_for = name or _stand_in(bucket, region)
    world = _with_bucket(world, bucket, asked_for, region)
    found: list[tuple[Asked, Diagnosis]] = []
    for asked in _questions(home, bucket, asked_for):
        request = build_request(asked.question, world, region=region)
        diagnosis = diagnose_request(request, world, policies=policies, passed=asked.passed)
        if not asked.optional or _counts(diagnosis):
            found.append((asked, diagnosis))
    verdict = worst(diagnosis.verdict for _, diagnosis in found)
    asked, diagnosis = next(pair for pair in found if pair[1].verdict is verdict)
    result = BucketResult(
        bucket=bucket,
        name=bucket.shown(region),
        resources=tuple(dict.fromkeys(each.resource for each, _ in found)),
        hostname=str(dict(diagnosis.request_summary).get("hostname") or ""),
        verdict=verdict,
        certainty=max((d.certainty for _, d in found), key=_LAST_IF_EQUAL.index),
        paths=diagnosis.paths,
        because=_because(diagnosis),
        unknowns=diagnosis.unknowns,
        diagnosis=diagnosis,
        guessed_name=name is None,
    )
    if partition(region) not in bucket.partitions:
        return _open(result, "unknown.needed-bucket-partition", partition(region))
    if name is None:
        return _without_name(result)
    return replace(result, finding=_finding(result, need, asked))


def _counts(diagnosis: Diagnosis) -> bool:
    """Tell whether a second way to sign counts: what its own permissions don't allow goes the first way."""
    because = _because(diagnosis)
    own = because is not None and because.check == "identity-policy"
    return diagnosis.verdict is not Verdict.UNKNOWN and not own


def _questions(home: Request, bucket: NeededBucket, name: str) -> Iterator[Asked]:
    arn = f"arn:{partition(home.region)}:s3:::{name}"
    keys = [text.removesuffix("*") + _OBJECT for text in bucket.objects]
    for principal, passed, optional in _signers(home, bucket.signed_by):
        own = principal is None or principal.arn is not None  # what was given of one's own request holds
        for action in bucket.actions:
            whole = action == "s3:ListBucket"
            for key, pattern in zip(keys, bucket.objects, strict=True):
                question = replace(
                    home.question,
                    service="s3",
                    region=home.region,
                    action=action,
                    resource=arn if whole else f"{arn}/{key}",
                    resource_account=None,
                    principal=principal,
                    client=_client(home, bucket),
                    context=home.question.context if own else {},
                    operation=None,
                    copy_source=None,
                    copy_source_region=None,
                )
                named = arn if whole else f"{arn}/{pattern}"
                yield Asked(question=question, resource=named, passed=passed, optional=optional)


def _signers(
    home: Request, signed_by: SignedBy
) -> Iterator[tuple[Principal | None, frozenset[Removal], bool]]:
    """Yield who signs, the layers taken as allowing, and whether it counts only where it can be judged."""
    given = home.question.principal
    own = given if given is not None and given.arn is not None else None
    match signed_by:
        case SignedBy.ANONYMOUS:
            yield Principal(anonymous=True), frozenset(), False
        case SignedBy.PRESIGNED:
            yield Principal(presigned_by="an account of AWS"), frozenset(), False
        case SignedBy.ROLE:
            yield own, frozenset(), False
        case SignedBy.MIXED:
            yield Principal(anonymous=True), frozenset(), False
            yield own, frozenset(), True
        case SignedBy.SERVICE:
            # its rights are the service's affair: only what stands between is judged
            arn = f"arn:{partition(home.region)}:iam::{home.account or '000000000000'}:role/{_SERVICE_ROLE}"
            trusted = Removal(check="identity-policy", component=f"iam:role/{_SERVICE_ROLE}")
            yield Principal(arn=arn), frozenset({trusted}), False


def _client(home: Request, bucket: NeededBucket) -> Client:
    """Return the client: the same machine and proxy, but its own host name and port."""
    given = home.question.client
    env = given.env
    if env is not None:
        env = {key: value for key, value in env.items() if key.lower().endswith("proxy")}
    return Client(
        region=home.region,
        hostname=bucket.host(home.region),
        port=bucket.port if bucket.port != HTTPS else None,
        sdk=given.sdk,
        ip_version=given.ip_version,
        env=env,
        ephemeral_ports=given.ephemeral_ports,
        platform=given.platform,
    )


def _stand_in(bucket: NeededBucket, region: str) -> str:
    name = bucket.shown(region)
    for placeholder, text in _STAND_INS:
        name = name.replace(placeholder, text)
    return name


def _with_bucket(world: World, bucket: NeededBucket, name: str, region: str) -> World:
    """Return the world in which a bucket whose name says its Region is there."""
    if not bucket.regional or world.buckets.get(name) is not None:
        return world
    row = Bucket(name=name, region=region, exists=True, status=0, account=None, ref=None)
    return replace(world, buckets=world.buckets.with_row(name, row))


def _because(diagnosis: Diagnosis) -> Finding | None:
    if diagnosis.verdict in {Verdict.OK, Verdict.UNKNOWN}:
        return None
    return diagnosis.findings[0] if diagnosis.findings else None


def _refusal(diagnosis: Diagnosis | None) -> Finding | None:
    """Return the finding by which an endpoint policy refuses; its lints have no effect."""
    if diagnosis is None or diagnosis.verdict not in {Verdict.DENIED, Verdict.INTERMITTENT}:
        return None
    found = (f for f in diagnosis.findings if f.check == POLICY and dict(f.arguments).get("effect"))
    return next(found, None)


def _finding(result: BucketResult, need: str, asked: Asked) -> Finding | None:
    because = _refusal(result.diagnosis)
    if because is None:
        return None
    details = dict(because.arguments)
    conditions = details.get("conditions")
    return Finding(
        code=CODE,
        check=POLICY,
        component=because.component,
        arguments=(
            ("need", need),
            ("bucket", result.name),
            ("resource", asked.resource),
            ("action", asked.question.action),
            ("signer", result.bucket.signed_by.value),
            ("endpoint", because.component.id),
            ("sid", details.get("sid")),
            ("statement", details.get("statement")),
            ("effect", details.get("effect")),
            ("conditions", conditions if isinstance(conditions, tuple) else ()),
            ("because", because.code),
        ),
        certainty=because.certainty,
        evidence=because.evidence,
    )


def _without_name(result: BucketResult) -> BucketResult:
    """Return what holds whatever the name: a refusal may not, for a policy may hold the true name."""
    if result.verdict is Verdict.DENIED or _refusal(result.diagnosis) is not None:
        return _open(result, "unknown.needed-bucket-name", result.name)
    certainty = Certainty.PROVEN if result.verdict is Verdict.UNKNOWN else Certainty.SUSPECT
    return replace(result, certainty=certainty)


def _open(result: BucketResult, code: str, detail: str) -> BucketResult:
    gap = unknown("", "", GapReason.NOT_IN_API, detail=detail)
    unsettled = Unsettled(
        code=code,
        unknown=gap,
        arguments=(("bucket", result.name), ("source", result.bucket.source), ("detail", detail)),
    )
    return replace(
        result,
        verdict=Verdict.UNKNOWN,
        certainty=Certainty.PROVEN,
        because=None,
        unknowns=(unsettled, *result.unknowns),
    )
