"""What judging needs results in."""

import json
from collections.abc import Iterable
from dataclasses import dataclass

from gatepath.needs.catalogue import Need, NeededBucket, NeededHost
from gatepath.trace import Arguments, Certainty, Diagnosis, Finding, Path, PathKind, Unsettled, Verdict

_WORST_FIRST = (
    Verdict.BLOCKED,
    Verdict.DENIED,
    Verdict.INTERMITTENT,
    Verdict.UNKNOWN,
    Verdict.BYPASS,
    Verdict.OK,
)
"""A known fault counts before what is not known: it is there whatever the rest turns out to be."""

_LONGEST = 20_480


def worst(verdicts: Iterable[Verdict]) -> Verdict:
    """Return the worst of some verdicts; `ok` of none."""
    return min(verdicts, key=_WORST_FIRST.index, default=Verdict.OK)


@dataclass(frozen=True, slots=True, kw_only=True)
class BucketResult:
    """How requests for one needed bucket fare.

    `finding` says that an endpoint policy refuses them; `because` is what decides (its own root cause).
    `guessed_name`: a part of the name stands for what only AWS knows.
    """

    bucket: NeededBucket
    name: str
    resources: tuple[str, ...]
    hostname: str
    verdict: Verdict
    certainty: Certainty
    paths: tuple[Path, ...] = ()
    finding: Finding | None = None
    because: Finding | None = None
    unknowns: tuple[Unsettled, ...] = ()
    diagnosis: Diagnosis | None = None
    guessed_name: bool = False

    @property
    def required(self) -> bool:
        """Tell whether the bucket is needed in any case."""
        return self.bucket.when is None

    @property
    def refused_at(self) -> str | None:
        """Return the endpoint whose policy refuses, if one does."""
        return None if self.finding is None else self.finding.component.id


@dataclass(frozen=True, slots=True, kw_only=True)
class HostResult:
    """Whether a host of another service has a way: `ok` by an interface endpoint, NAT or any other."""

    host: NeededHost
    name: str
    endpoint_service: str
    verdict: Verdict
    certainty: Certainty
    way: PathKind | None = None
    component: str | None = None
    finding: Finding | None = None
    because: Finding | None = None
    unknowns: tuple[Unsettled, ...] = ()

    @property
    def required(self) -> bool:
        """Tell whether the host is needed in any case."""
        return self.host.when is None


@dataclass(frozen=True, slots=True, kw_only=True)
class NeedResult:
    """How all that one kind of workload needs fares."""

    need: Need
    buckets: tuple[BucketResult, ...]
    hosts: tuple[HostResult, ...]

    @property
    def verdict(self) -> Verdict:
        """Return the worst verdict of what is needed in any case."""
        buckets = [bucket.verdict for bucket in self.buckets if bucket.required]
        return worst(buckets + [host.verdict for host in self.hosts if host.required])


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """A statement for an endpoint policy. No condition: unsigned requests and strangers' carry no key of ours."""

    sid: str
    actions: tuple[str, ...]
    resources: tuple[str, ...]
    required: bool = True

    def row(self) -> dict[str, object]:
        """Return the statement as JSON values, as AWS writes them."""
        return {
            "Sid": self.sid,
            "Effect": "Allow",
            "Principal": "*",
            "Action": list(self.actions),
            "Resource": list(self.resources),
        }

    def text(self) -> str:
        """Return the statement as JSON text."""
        return json.dumps(self.row(), indent=2)


@dataclass(frozen=True, slots=True, kw_only=True)
class Mending:
    """Statements to add to an endpoint's policy, tried: `policy` is the whole document with them.

    `left` names the buckets that the policy refuses even then (a Deny).
    """

    endpoint: str
    statements: tuple[Statement, ...]
    policy: str
    left: tuple[str, ...] = ()

    @property
    def too_long(self) -> bool:
        """Tell whether AWS would refuse the document for its length (without any blanks that aren't needed).

        Source: https://docs.aws.amazon.com/vpc/latest/privatelink/vpc-limits-endpoints.html
        """
        return len(json.dumps(json.loads(self.policy), separators=(",", ":"))) > _LONGEST

    @property
    def mends(self) -> bool:
        """Tell whether the policy refuses nothing that is needed any more."""
        return not self.left


@dataclass(frozen=True, slots=True, kw_only=True)
class EndpointTrial:
    """An interface endpoint to create. `because`: what would still keep the source from it."""

    service_name: str
    verified: bool
    because: Finding | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Guess:
    """A need that follows from the source, and why."""

    need: str
    code: str
    arguments: Arguments = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class NeedsResult:
    """The answer for all needs. `endpoints`: interface endpoints to create where NAT isn't wanted, tried."""

    needs: tuple[NeedResult, ...]
    guesses: tuple[Guess, ...] = ()
    auto: bool = False
    mendings: tuple[Mending, ...] = ()
    endpoints: tuple[EndpointTrial, ...] = ()

    @property
    def verdict(self) -> Verdict:
        """Return the worst verdict of all needs."""
        return worst(result.verdict for result in self.needs)

    @property
    def proven(self) -> bool:
        """Tell whether all that is needed in any case is proven."""
        certainties = [b.certainty for one in self.needs for b in one.buckets if b.required]
        certainties += [h.certainty for one in self.needs for h in one.hosts if h.required]
        return all(certainty is Certainty.PROVEN for certainty in certainties)
