"""One answer out of a recording, or what is missing of it."""

import json
from collections.abc import Callable, Iterator
from typing import Any, TypeVar

from gatepath.model.policies import PolicyText
from gatepath.model.ref import Gap, GapReason, Unknown
from gatepath.snapshot.calls import CALLS
from gatepath.snapshot.pages import Answered, Page, Recording
from gatepath.snapshot.rows import Spot

T = TypeVar("T")
Read = Callable[[Page, Any], T | None]
"""Reads the answer of a page."""


def asked(
    recording: Recording, name: str, *, account: str | None = None, **request: str
) -> tuple[Answered, ...]:
    """Return the recorded calls of an operation with these request members, whole ones first."""
    found = [
        answered
        for answered in recording.of(name)
        if (account is None or answered.account == account)
        and all(str(answered.request.get(key, "")) == value for key, value in request.items())
    ]
    return tuple(sorted(found, key=lambda answered: answered.gap() is not None))


def one(
    recording: Recording, name: str, read: Read[T], *, account: str | None = None, **request: str
) -> T | Unknown | None:
    """Return what the first whole answer says; None where AWS says that there is none (or no such thing)."""
    found = asked(recording, name, account=account, **request)
    if not found:
        return missing(name, account, **request)
    first = found[0]
    gap = first.gap()
    if gap is not None:
        return Unknown(tuple(g for a in found if (g := a.gap()) is not None))
    if first.is_none or first.not_found:
        return None
    page = next(page for page in first.pages.values() if page.answer is not None)
    return read(page, page.answer)


def rows(
    recording: Recording, name: str, key: str, *, account: str | None = None, **request: str
) -> tuple[tuple[Spot, Any], ...] | Unknown:
    """Return all rows of a list with their places, or what is missing."""
    found = asked(recording, name, account=account, **request)
    if not found:
        return missing(name, account, **request)
    gap = found[0].gap()
    if gap is not None:
        return Unknown((gap,))
    return tuple(_rows(found[0], key))


def _rows(answered: Answered, key: str) -> Iterator[tuple[Spot, Any]]:
    for page in answered.pages.values():
        if page.answer is not None:
            for number, row in enumerate(getattr(page.answer, key)):
                yield Spot(page.call, page.place, f"/{key}/{number}"), row


def missing(name: str, account: str | None, **request: str) -> Unknown:
    """Return the gap of a call that was not recorded."""
    needed = CALLS[name]
    return Unknown(
        (
            Gap(
                service=needed.service,
                operation=needed.operation,
                reason=GapReason.NOT_RECORDED,
                account=account,
                request=tuple(sorted(request.items())),
            ),
        )
    )


def policy_text(spot: Spot, document: object, name: str = "") -> PolicyText:
    """Return a document as text, whatever of its three forms it came in."""
    text = document if isinstance(document, str) else json.dumps(document, ensure_ascii=False)
    return PolicyText(text=text, name=name, ref=spot.ref)


def page_spot(page: Page, pointer: str = "") -> Spot:
    """Return a place inside a page."""
    return Spot(page.call, page.place, pointer)
