"""Numbers, dates, addresses, ARNs and bytes as condition operators compare them.

Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html
Each reader returns None for a text that is none of its kind.
"""

import binascii
import re
from base64 import b64decode
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from functools import lru_cache
from ipaddress import ip_network

ARN_FIELDS = 6
Network = tuple[int, int, int]
"""IP version, first address, last address."""
_DATE = re.compile(
    r"(\d{4})(?:-(\d\d)(?:-(\d\d)(?:[Tt](\d\d):(\d\d)(?::(\d\d)(?:[.,](\d+))?)?(Z|z|[+-]\d\d:?\d\d)?)?)?)?",
    re.ASCII,
)
_EPOCH = re.compile(r"-?\d+(\.\d+)?", re.ASCII)
_NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d{1,3})?", re.ASCII)
_MAX_TEXT = 100
"""Longer texts are no number, date or address."""
_BOOLEANS = {"true": True, "false": False}
_KEPT = 4096
"""Texts whose value is remembered: requests carry the same ones again and again."""


def number(text: str) -> Decimal | None:
    """Return a decimal number."""
    return _number(text) if len(text) <= _MAX_TEXT else None


@lru_cache(maxsize=_KEPT)
def _number(text: str) -> Decimal | None:
    text = text.strip()
    return Decimal(text) if _NUMBER.fullmatch(text) else None


def date(text: str) -> Decimal | None:
    """Return seconds since 1970 of an ISO 8601 date or of epoch seconds; four digits are a year."""
    return _date(text) if len(text) <= _MAX_TEXT else None


@lru_cache(maxsize=_KEPT)
def _date(text: str) -> Decimal | None:
    text = text.strip()
    found = _DATE.fullmatch(text)
    if found is None:
        return number(text) if _EPOCH.fullmatch(text) else None
    year, month, day, hour, minute, second, fraction, zone = found.groups()
    try:
        made = datetime(
            int(year),
            int(month or 1),
            int(day or 1),
            int(hour or 0),
            int(minute or 0),
            int(second or 0),
            tzinfo=_zone(zone),
        )
    except ValueError:
        return None
    seconds = made - datetime(1970, 1, 1, tzinfo=UTC)
    return Decimal(seconds.days * 86400 + seconds.seconds) + Decimal(f"0.{fraction or 0}")


def _zone(text: str | None) -> timezone:
    if text is None or text in {"Z", "z"}:
        return UTC
    sign = -1 if text[0] == "-" else 1
    return timezone(sign * timedelta(hours=int(text[1:3]), minutes=int(text[-2:])))


def network(text: str) -> Network | None:
    """Return a CIDR block or a bare address (/32 or /128); host bits are ignored."""
    return _network(text) if len(text) <= _MAX_TEXT else None


@lru_cache(maxsize=_KEPT)
def _network(text: str) -> Network | None:
    try:
        made = ip_network(text.strip(), strict=False)
    except ValueError:
        return None
    return made.version, int(made.network_address), int(made.broadcast_address)


def blob(text: str) -> bytes | None:
    """Return the bytes of a base64 text."""
    return _short_blob(text) if len(text) <= _MAX_TEXT else _blob(text)


def _blob(text: str) -> bytes | None:
    try:
        return b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return None


_short_blob = lru_cache(maxsize=_KEPT)(_blob)


def boolean(text: str) -> bool | None:
    """Return `true` or `false`, ignoring case."""
    return _BOOLEANS.get(text.strip().lower())


def arn_fields(text: str) -> tuple[str, ...] | None:
    """Return the six fields of an ARN."""
    fields = tuple(text.split(":", ARN_FIELDS - 1))
    return fields if len(fields) == ARN_FIELDS and fields[0] == "arn" else None
