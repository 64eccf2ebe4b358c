"""What may keep this tool itself from reading AWS: Region, credentials, clock, proxy, endpoints, permissions."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from enum import StrEnum
from typing import Any

from gatepath.collect.answers import ask
from gatepath.collect.calling import call_pages
from gatepath.collect.errors import CollectError
from gatepath.collect.probes import is_denied, proves_allowed, request_for
from gatepath.collect.session import Clients, SessionOptions, open_clients, to_collect_error
from gatepath.collect.threads import DaemonPool
from gatepath.model.shown import without_password

CLOCK_LIMIT = 300
"""Seconds: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-troubleshooting.html."""
_CLOCK_NOTE = 60
_PROXY_VARIABLES = ("HTTPS_PROXY", "HTTP_PROXY", "ALL_PROXY", "NO_PROXY")
_PROBE_THREADS = 8


class Level(StrEnum):
    """How a result is to be taken."""

    OK = "ok"
    WARNING = "warning"
    PROBLEM = "problem"


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """One thing looked at: a message code of `messages/collect.toml` with its arguments."""

    level: Level
    code: str
    arguments: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Needed:
    """A read call to try: `service.Operation`, its IAM actions, and whether it only refines answers.

    `harmless` are the errors by which AWS says that there is no such thing: whoever is told so may look.
    """

    name: str
    actions: tuple[str, ...]
    refining: bool = False
    harmless: tuple[str, ...] = ()


def examine(
    options: SessionOptions, needed: Sequence[Needed], environment: Mapping[str, str]
) -> Iterator[Result]:
    """Yield the results, most basic first; raises `CollectError` where nothing further can be tried."""
    yield from surroundings(environment, options)
    clients = open_clients(options)
    region = clients.region
    if not region:
        raise CollectError("collect.no-region", error="NoRegionError", detail="")
    yield Result(level=Level.OK, code="doctor.region", arguments={"region": region})
    yield Result(level=Level.OK, code="doctor.credentials", arguments={"method": clients.credential_method()})
    yield from _identity(clients, region)
    yield from permissions(clients, region, needed)


def surroundings(environment: Mapping[str, str], options: SessionOptions) -> Iterator[Result]:
    """Look at the variables that lead the tool itself elsewhere: proxies and endpoint URLs."""
    by_name = {
        name.upper(): (name, value) for name, value in sorted(environment.items(), reverse=True) if value
    }
    proxies = [by_name[name] for name in _PROXY_VARIABLES if name in by_name]
    for name, value in proxies:
        shown = {"variable": name, "value": without_password(value)}
        yield Result(level=Level.WARNING, code="doctor.proxy", arguments=shown)
    if not proxies:
        yield Result(level=Level.OK, code="doctor.no-proxy-variables")
    overrides = [pair for name, pair in sorted(by_name.items()) if name.startswith("AWS_ENDPOINT_URL")]
    overrides += [("--endpoint-url", options.endpoint_url)] if options.endpoint_url else []
    for name, value in overrides:
        shown = {"variable": name, "value": without_password(value)}
        yield Result(level=Level.WARNING, code="doctor.endpoint-override", arguments=shown)
    if not overrides:
        yield Result(level=Level.OK, code="doctor.no-endpoint-overrides")


def _identity(clients: Clients, region: str) -> Iterator[Result]:
    """Ask who we are, and compare the clock with the answer's date, even where AWS refuses the signature."""
    from botocore.exceptions import BotoCoreError, ClientError

    dates: list[str] = []
    sts: Any = clients.get("sts", region)
    sts.meta.events.register("response-received.sts", _date_taker(dates))
    failure: CollectError | None = None
    said: Mapping[str, object] = {}
    try:
        said = sts.get_caller_identity()
    except (BotoCoreError, ClientError) as error:
        failure = to_collect_error(error)
    yield clock(dates[-1] if dates else "", datetime.now(UTC))
    if failure is not None:
        raise failure
    who = {"arn": str(said.get("Arn", "?")), "account": str(said.get("Account", "?"))}
    yield Result(level=Level.OK, code="doctor.identity", arguments=who)


def _date_taker(dates: list[str]) -> Callable[..., None]:
    def take(response_dict: Mapping[str, Any] | None = None, **_: object) -> None:
        headers = (response_dict or {}).get("headers") or {}
        dates.extend(str(value) for name, value in headers.items() if name.lower() == "date")

    return take


def clock(date: str, now: datetime) -> Result:
    """Compare an HTTP date with this computer's clock."""
    try:
        seconds = int(abs((now - parsedate_to_datetime(date)).total_seconds()))
    except (TypeError, ValueError):
        return Result(level=Level.WARNING, code="doctor.clock-unknown")
    level = Level.OK if seconds < _CLOCK_NOTE else Level.WARNING if seconds < CLOCK_LIMIT else Level.PROBLEM
    code = "doctor.clock-skewed" if level is Level.PROBLEM else "doctor.clock"
    return Result(level=level, code=code, arguments={"seconds": str(seconds)})


def permissions(clients: Clients, region: str, needed: Sequence[Needed]) -> Iterator[Result]:
    """Try every needed call once; yield what is refused or unclear, then how many are allowed."""
    pool: DaemonPool[Needed, Result] = DaemonPool(
        lambda one: iter((_try(clients, region, one),)), _PROBE_THREADS
    )
    tried = [one for one in needed if request_for(one.name) is not None]
    results = sorted(pool.results(tried), key=lambda result: result.arguments["call"])
    granted = [result for result in results if result.code == "doctor.permission-granted"]
    yield from (result for result in results if result.code != "doctor.permission-granted")
    yield Result(level=Level.OK, code="doctor.permissions-granted", arguments={"count": str(len(granted))})
    if any(result.level is Level.PROBLEM for result in results):
        yield Result(level=Level.WARNING, code="doctor.least-rights")


def _try(clients: Clients, region: str, one: Needed) -> Result:
    call = ask(region, one.name, **(request_for(one.name) or {}))
    page = next(call_pages(clients, call, ""))
    code = page.answer.error
    shown = {"call": one.name, "error": code, "permission": ", ".join(one.actions)}
    if not code or proves_allowed(code) or code in one.harmless:
        return Result(level=Level.OK, code="doctor.permission-granted", arguments=shown)
    if not is_denied(code):
        return Result(level=Level.WARNING, code="doctor.permission-unclear", arguments=shown)
    if one.refining:
        return Result(level=Level.WARNING, code="doctor.permission-denied-refining", arguments=shown)
    return Result(level=Level.PROBLEM, code="doctor.permission-denied", arguments=shown)
