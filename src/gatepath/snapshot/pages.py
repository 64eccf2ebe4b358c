"""Records to whole answers: pages joined, repeats replaced, what each list is complete for."""

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache

import msgspec

from gatepath.model.ref import CallRef, Gap, GapReason
from gatepath.model.store import Coverage
from gatepath.snapshot.calls import CALLS, NeededCall
from gatepath.snapshot.record import Record, SnapshotError, call_ref, complaint
from gatepath.snapshot.wire import ANSWERS as NETWORK_ANSWERS
from gatepath.snapshot.wire import Answer, joined
from gatepath.snapshot.wire_policies import POLICY_ANSWERS

ANSWERS: dict[str, type[Answer]] = NETWORK_ANSWERS | POLICY_ANSWERS

DENIED = frozenset(
    {
        "AccessDenied",
        "AccessDeniedException",
        "UnauthorizedOperation",
        "AccessDeniedForDependencyException",
        "AuthorizationError",
        "NotAuthorized",
        "403",
        "Forbidden",
    }
)
"""Error codes by which AWS services say that a permission is missing."""


@dataclass(slots=True)
class Page:
    """One recorded answer or error."""

    call: CallRef
    answer: Answer | None
    error: str | None
    at: str | None
    place: str
    status: int | None
    headers: dict[str, str]
    message: str = ""


@dataclass(slots=True)
class Answered:
    """All pages of one call: same account, Region, operation and request but for paging."""

    needed: NeededCall
    account: str
    region: str
    request: dict[str, object]
    """Without paging inputs."""
    pages: dict[str, Page] = field(default_factory=dict)
    """By the token they were asked for with ("" = the first)."""

    @property
    def error(self) -> str | None:
        """Return the error code, if the call (or a page of it) failed."""
        return next((page.error for page in self.pages.values() if page.error is not None), None)

    @property
    def is_none(self) -> bool:
        """Tell whether AWS said that there is none."""
        return self.error in self.needed.none_errors

    @property
    def not_found(self) -> bool:
        """Tell whether AWS said that the named id doesn't exist."""
        return self.error in self.needed.not_found_errors

    def settle(self) -> None:
        """Follow the pages from the first on; others are left over from an earlier recording of the same list."""
        kept: dict[str, Page] = {}
        token: str | None = ""
        while token is not None and token not in kept:
            page = self.pages.get(token)
            if page is None:
                break
            kept[token] = page
            token = None if page.answer is None else self._next(page.answer)
        if kept:
            self.pages = kept

    def _next(self, answer: Answer) -> str | None:
        """Return what the next page was asked for with: AWS's words, or the first of them alone."""
        token = answer.token
        if token is None or token in self.pages:
            return token
        return first if (first := token.partition("\n")[0]) in self.pages else token

    def cut_short(self) -> bool:
        """Tell whether a page is missing: whether the pages, from the first on, don't end in a last one."""
        page = self.pages.get("")
        for _ in self.pages:
            if page is None:
                return True
            token = None if page.answer is None else self._next(page.answer)
            if token is None:
                more = self.needed.page_more
                return more is not None and bool(getattr(page.answer, more, False))
            page = self.pages.get(token)
        return True

    def gap(self) -> Gap | None:
        """Return what is missing, None if the answer is whole."""
        error = self.error
        if error is not None and not self.is_none and not self.not_found:
            reason = GapReason.DENIED if error in DENIED else GapReason.FAILED
        elif error is None and self.cut_short():
            reason, error = GapReason.CUT_SHORT, ""
        else:
            return None
        return Gap(
            service=self.needed.service,
            operation=self.needed.operation,
            reason=reason,
            account=self.account,
            region=None if self.needed.is_global else self.region,
            request=tuple((key, _shown(value)) for key, value in sorted(self.request.items())),
            detail=error,
        )

    def coverage(self) -> Coverage | None:
        """Return what the list proves, None if it proves presence only."""
        if self.gap() is not None:
            return None
        vpc_ids = ids = None
        for key, value in self.request.items():
            if key in self.needed.id_inputs and isinstance(value, list):
                ids = self._told_of(frozenset(str(item) for item in value))
            elif key in _FILTERS and (wanted := _only_filter(value, self.needed.vpc_filter)) is not None:
                vpc_ids = wanted
            else:
                return None
        return Coverage(account=self.account, region=self.region, vpc_ids=vpc_ids, ids=ids)

    def _told_of(self, ids: frozenset[str]) -> frozenset[str]:
        """Return the ids that the answer speaks of: a "not found" names those that don't exist, if there are several."""
        if not self.not_found or len(ids) == 1:
            return ids
        words = {word for page in self.pages.values() for word in _WORD.findall(page.message)}
        return ids & words


_WORD = re.compile(r"[\w.-]*\w")


def _shown(value: object) -> str:
    plain = isinstance(value, list) and all(isinstance(item, str) for item in value)
    return ",".join(value) if plain and isinstance(value, list) else str(value)


def _only_filter(filters: object, name: str | None) -> frozenset[str] | None:
    """Return the values of the filter if it is the only one."""
    if name is None or not isinstance(filters, list) or len(filters) != 1:
        return None
    one = filters[0]
    if not isinstance(one, dict) or one.get("Name") != name or not isinstance(one.get("Values"), list):
        return None
    return frozenset(str(value) for value in one["Values"])


_FILTERS = frozenset({"Filters", "Filter"})
"""EC2 spells it both ways: `DescribeNatGateways` and `DescribeFlowLogs` take `Filter`."""


@cache
def _decoder(name: str) -> "msgspec.json.Decoder[Answer]":
    return msgspec.json.Decoder(ANSWERS[name])


class Recording:
    """All answers of a snapshot by operation; unknown operations are left out."""

    def __init__(self, records: Iterable[Record]) -> None:
        """Read and join the records."""
        self._answers: dict[str, dict[str, Answered]] = {}
        self.counts: dict[str, int] = {}
        self.accounts: dict[str, None] = {}
        self.regions: dict[str, None] = {}
        self.indexes: dict[str, dict[str, tuple[Page, str, object]]] = {}
        """Look-ups that loaders build once: key -> (page, pointer, value)."""
        for record in records:
            name = f"{record.service}.{record.operation}"
            self.counts[name] = self.counts.get(name, 0) + 1
            self.accounts[record.account] = None
            self.regions[record.region] = None
            if name in ANSWERS:
                self._add(name, record)
        for group in self._answers.values():
            for answered in group.values():
                answered.settle()

    def _add(self, name: str, record: Record) -> None:
        needed = CALLS[name]
        request = {key: value for key, value in record.request.items() if key not in needed.page_inputs}
        key = json.dumps([record.account, record.region, request], sort_keys=True, default=str)
        group = self._answers.setdefault(name, {})
        answered = group.get(key)
        if answered is None:
            answered = Answered(needed, record.account, record.region, request)
            group[key] = answered
        page = _page(name, record)
        token = _asked_with(needed, record.request)
        old = answered.pages.get(token)
        if old is None or not _is_older(page.at, old.at):
            answered.pages[token] = page

    def of(self, name: str) -> tuple[Answered, ...]:
        """Return the joined calls of an operation."""
        return tuple(self._answers.get(name, {}).values())

    def pages(self, name: str) -> Iterator[tuple[Answered, Page]]:
        """Yield every page that has an answer."""
        for answered in self.of(name):
            for page in answered.pages.values():
                if page.answer is not None:
                    yield answered, page

    def gaps(self, name: str) -> tuple[Gap, ...]:
        """Return what is missing of an operation."""
        return tuple(gap for answered in self.of(name) if (gap := answered.gap()) is not None)

    def coverage(self, name: str) -> tuple[Coverage, ...]:
        """Return what the operation's lists are complete for."""
        return tuple(c for answered in self.of(name) if (c := answered.coverage()) is not None)


_LIMITS = frozenset({"MaxResults", "MaxItems"})
"""Paging inputs that limit a page, and don't say which."""


def _asked_with(needed: NeededCall, request: dict[str, object]) -> str:
    """Return what a page was asked for with, empty for the first."""
    given = (request.get(key) for key in needed.page_inputs if key not in _LIMITS)
    return joined(part for part in given if isinstance(part, str) and part) or ""


def _is_older(at: str | None, than: str | None) -> bool:
    """Tell whether a time is known to lie before another; a time without an offset is UTC."""
    first, second = _moment(at), _moment(than)
    return first is not None and second is not None and first < second


def _moment(at: str | None) -> datetime | None:
    try:
        moment = datetime.fromisoformat(at or "")
    except ValueError:
        return None
    return moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)


INCOMPLETE = "IncompleteAnswer"
"""Stands for the error of an answer that lacks what it is about: of a proxy's page, say, botocore makes `{}`."""

_MAY_LACK = frozenset({"s3.GetBucketLocation"})
"""Answers that are empty where there is nothing to say (us-east-1)."""


def _is_whole(needed: NeededCall, response: bytes) -> bool:
    """Tell whether an answer has the member it is about; AWS writes empty lists, too."""
    keys = needed.result_keys
    return not keys or needed.name in _MAY_LACK or any(f'"{key}"'.encode() in response for key in keys)


def _page(name: str, record: Record) -> Page:
    answer, code = None, record.error_code
    if record.response is not None and not _is_whole(CALLS[name], record.response):
        code = INCOMPLETE
    elif record.response is not None:
        try:
            answer = _decoder(name).decode(record.response)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            raise SnapshotError(
                record.place, "snapshot.bad-answer", detail=complaint(error, "response")
            ) from error
    return Page(
        call=call_ref(record),
        answer=answer,
        error=code,
        at=record.at,
        place=record.place,
        status=record.status,
        headers=dict(record.headers),
        message=record.error_message or "",
    )
