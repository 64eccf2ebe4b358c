"""All needs of a workload, judged from its source."""

from collections.abc import Iterable
from dataclasses import replace

from gatepath.model.question import Question
from gatepath.model.world import World
from gatepath.needs.buckets import judge_bucket
from gatepath.needs.catalogue import NeededBucket, need
from gatepath.needs.endpoints import try_endpoint
from gatepath.needs.guess import guesses
from gatepath.needs.hosts import judge_host
from gatepath.needs.mending import mendings
from gatepath.needs.results import BucketResult, EndpointTrial, HostResult, NeedResult, NeedsResult
from gatepath.request import Request, build_request
from gatepath.trace import Verdict

AUTO = "auto"


def judge_needs(question: Question, world: World, wanted: Iterable[str], *, policies: bool) -> NeedsResult:
    """Judge each wanted need (`auto`: those that follow from the source) from the question's source.

    `policies` False judges the network alone. Raises KeyError for a need that is not in the catalogue, and
    what `build_request` raises.
    """
    listed = list(dict.fromkeys(wanted))
    guessed = guesses(question, world) if AUTO in listed else ()
    names = dict.fromkeys([name for name in listed if name != AUTO] + [guess.need for guess in guessed])
    home = build_request(question, world)
    judged = _Judged(home, world, policies=policies)
    results = tuple(_need(judged, name) for name in names)
    return NeedsResult(
        needs=results,
        guesses=tuple(guess for guess in guessed if guess.need not in listed),
        auto=AUTO in listed,
        mendings=mendings(results, world, judged.again),
        endpoints=_endpoints(judged, results),
    )


class _Judged:
    """Judges each bucket and host once, however many needs share it."""

    def __init__(self, home: Request, world: World, *, policies: bool) -> None:
        self.home = home
        self.world = world
        self.policies = policies
        self.buckets: dict[tuple[object, ...], BucketResult] = {}
        self.hosts: dict[str, HostResult] = {}

    def bucket(self, need_name: str, bucket: NeededBucket) -> BucketResult:
        key = (bucket.pattern, bucket.port, bucket.signed_by, bucket.actions)
        if key not in self.buckets:
            self.buckets[key] = judge_bucket(self.home, self.world, need_name, bucket, policies=self.policies)
        return _for_need(replace(self.buckets[key], bucket=bucket), need_name)

    def again(self, world: World, result: BucketResult) -> BucketResult:
        return judge_bucket(self.home, world, "", result.bucket, policies=self.policies)


def _for_need(result: BucketResult, name: str) -> BucketResult:
    """Return the result as this need's: its finding names it."""
    if result.finding is None:
        return result
    arguments = tuple((key, name if key == "need" else value) for key, value in result.finding.arguments)
    return replace(result, finding=replace(result.finding, arguments=arguments))


def _need(judged: _Judged, name: str) -> NeedResult:
    found = need(name)
    region = judged.home.region
    hosts = []
    for host in found.hosts:
        if host.service not in judged.hosts:
            judged.hosts[host.service] = judge_host(judged.home, judged.world, name, host)
        hosts.append(replace(judged.hosts[host.service], host=host))
    buckets = [judged.bucket(name, bucket) for bucket in found.buckets if bucket.used_in(region)]
    return NeedResult(need=found, buckets=tuple(buckets), hosts=tuple(hosts))


def _endpoints(judged: _Judged, results: tuple[NeedResult, ...]) -> tuple[EndpointTrial, ...]:
    """Return the interface endpoints that would give required hosts a way, where there is none of the service."""
    lost = {Verdict.BLOCKED, Verdict.INTERMITTENT}
    missing = {
        host.host.service: host.host
        for result in results
        for host in result.hosts
        if host.required and host.verdict in lost and not _has_endpoint(host)
    }
    return tuple(try_endpoint(judged.home, judged.world, host) for host in missing.values())


def _has_endpoint(host: HostResult) -> bool:
    """Tell whether the VPC has an endpoint for the service, which has to be put right instead."""
    details = {} if host.finding is None else dict(host.finding.arguments)
    return bool(details.get("endpoints"))
