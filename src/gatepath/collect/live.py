"""Recording AWS as it answers: for one question, or whole Regions.

The calling thread alone writes to the sink and reports progress; so an interrupt leaves whole records only.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace

from gatepath.collect.answers import Answers, ApiCall, ask, text
from gatepath.collect.calling import Page, Record, call_pages
from gatepath.collect.errors import CollectError
from gatepath.collect.needed import means_none
from gatepath.collect.plan import plan_for_question
from gatepath.collect.plan_regions import enabled_regions, plan_for_regions
from gatepath.collect.session import MAX_THREADS, Clients, SessionOptions, open_clients
from gatepath.collect.threads import DaemonPool
from gatepath.collect.view import View
from gatepath.model.question import Question

Sink = Callable[[Record], None]
"""Takes one record of a snapshot (the JSON object of one line)."""

_NEEDED = frozenset({"ec2"})
"""Without these services of the source's Region, a recording for one question is worth nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """How far a recording is: answers so far, calls known to be left, failed calls, the last call."""

    made: int
    left: int
    failed: int
    last: ApiCall


Report = Callable[[Progress], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Recorded:
    """What a recording did: calls made, and the errors by call (gaps, unless they mean "there is none")."""

    account: str
    region: str
    calls: int
    errors: Mapping[str, str]


def record_for_question(
    question: Question,
    options: SessionOptions,
    progress: Report,
    sink: Sink,
    *,
    policies: bool = True,
    clients: Clients | None = None,
) -> Recorded:
    """Record only what the question needs. Raises `CollectError` where AWS can't be reached at all.

    `policies` False leaves out what only the policy checks read.
    """
    run = _Run(clients or open_clients(options), progress, sink)
    region = View.of(question, run.region_or_empty, "", run.answers).region
    run.identify(region)
    run.stages(
        lambda: plan_for_question(
            question, region=region, account=run.account, answers=run.answers, policies=policies
        ),
        needed=frozenset((service, region) for service in _NEEDED),
    )
    return run.summary(region)


def record_regions(
    options: SessionOptions,
    regions: tuple[str, ...],
    progress: Report,
    sink: Sink,
    *,
    buckets: tuple[str, ...] = (),
    clients: Clients | None = None,
) -> Recorded:
    """Record whole Regions; no `regions` = the session's, `("all",)` = all that the account has enabled."""
    run = _Run(clients or open_clients(options), progress, sink)
    home = next((region for region in regions if region != "all"), run.region_or_empty)
    run.identify(home)
    wanted = regions or (home,)
    if "all" in wanted:
        run.stages(
            lambda: tuple(call for call in (ask(home, "ec2.DescribeRegions"),) if not run.answers.asked(call))
        )
        wanted = enabled_regions(run.answers) or (home,)
    run.stages(
        lambda: plan_for_regions(account=run.account, regions=wanted, buckets=buckets, answers=run.answers)
    )
    return run.summary(home)


class _Run:
    def __init__(self, clients: Clients, progress: Report, sink: Sink) -> None:
        self.answers = Answers()
        self.account = ""
        self._clients = clients
        self._progress = progress
        self._sink = sink
        self._pool: DaemonPool[ApiCall, Page] = DaemonPool(self._pages, MAX_THREADS)
        self._unreachable: dict[tuple[str, str], Page] = {}
        self._made = 0
        self._errors: dict[str, str] = {}

    @property
    def region_or_empty(self) -> str:
        return self._clients.region or ""

    def identify(self, region: str) -> None:
        """Ask who we are; if that fails, nothing else can work."""
        if not region:
            raise CollectError("collect.no-region", error="NoRegionError", detail="")
        call = ask(region, "sts.GetCallerIdentity")
        pages = list(call_pages(self._clients, call, ""))
        page = pages[-1]
        if page.reason is not None:
            raise page.reason
        self.account = text(page.answer.response, "Account")
        page.record["account"] = self.account
        self._take(page, left=0)

    def stages(
        self, plan: Callable[[], tuple[ApiCall, ...]], needed: frozenset[tuple[str, str]] = frozenset()
    ) -> None:
        """Make the calls of stage after stage until the plan wants no more."""
        while calls := plan():
            left = len(calls)
            for page in self._pool.results(calls):
                if page.failure is not None:
                    place = (page.answer.call.service, page.answer.call.region)
                    if place in needed:
                        raise page.failure
                    self._unreachable.setdefault(place, page)
                self._take(page, left=max(left := left - 1, 0))

    def summary(self, region: str) -> Recorded:
        return Recorded(account=self.account, region=region, calls=self._made, errors=dict(self._errors))

    def _take(self, page: Page, left: int) -> None:
        self._sink(page.record)
        self.answers.add(page.answer)
        self._made += 1
        if page.answer.error:
            self._errors.setdefault(page.answer.call.name, page.answer.error)
        self._progress(Progress(made=self._made, left=left, failed=self._failed(), last=page.answer.call))

    def _failed(self) -> int:
        """Return how many kinds of calls became gaps."""
        return sum(not means_none(name, error) for name, error in self._errors.items())

    def _pages(self, call: ApiCall) -> Iterator[Page]:
        """Make a call, unless its service was already found out of reach: then say so without waiting again."""
        first = self._unreachable.get((call.service, call.region))
        if first is None:
            yield from call_pages(self._clients, call, self.account)
            return
        record = first.record | {"operation": call.operation, "request": call.request}
        yield Page(record, replace(first.answer, call=call), first.failure)
