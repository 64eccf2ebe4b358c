"""One record of a snapshot: an AWS read call and what AWS answered."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import msgspec

from gatepath.model.ref import CallRef
from gatepath.model.told import Told, of_system, told


class SnapshotError(Exception):
    """A snapshot can't be read; `place` says where, `code` and `arguments` are those of the catalogue."""

    def __init__(self, place: str, code: str, **arguments: str | Told) -> None:
        self.place = place
        self.code = code
        self.arguments = {"place": place, **arguments}
        super().__init__(f"{place}: {arguments.get('detail', code)}")


_EXPECTED = re.compile(r"Expected `(?P<expected>.+)`, got `(?P<got>.+)`")
_MISSING = re.compile(r"Object missing required field `(?P<name>.+)`")


def complaint(error: Exception, root: str) -> Told:
    """Return what a decoder has against a document; `root` is the path of the document itself."""
    message, _, path = str(error).partition(" - at `$")
    where = f"{root}{path.rstrip('`')}".lstrip(".") or "."
    if found := _EXPECTED.fullmatch(message):
        return told("snapshot.detail.type", path=where, **found.groupdict())
    if found := _MISSING.fullmatch(message):
        return told("snapshot.detail.member", path=where, name=found["name"])
    if isinstance(error, UnicodeError):
        return of_system(error)
    if isinstance(error, RecursionError):
        return told("json.too-deep")
    if isinstance(error, msgspec.ValidationError):
        return told("snapshot.detail.value", path=where)
    return told("json.damaged")


class _Error(msgspec.Struct, frozen=True):
    Code: str
    Message: str = ""


class _Http(msgspec.Struct, frozen=True):
    status: int | None = None
    headers: dict[str, str] = {}


class _Line(msgspec.Struct, frozen=True):
    account: str
    region: str
    service: str
    operation: str
    request: dict[str, Any] = {}
    response: msgspec.Raw = msgspec.Raw()
    error: _Error | None = None
    at: str | None = None
    http: _Http | None = None


_DECODER = msgspec.json.Decoder(_Line)


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """One call. `response` is the answer's JSON text; a record has a response or an error."""

    index: int
    account: str
    region: str
    service: str
    operation: str
    request: dict[str, Any]
    response: bytes | None
    error_code: str | None = None
    error_message: str | None = None
    at: str | None = None
    status: int | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    place: str = ""

    @property
    def name(self) -> str:
        """Return `service.Operation`."""
        return f"{self.service}.{self.operation}"


def decode_line(line: bytes, index: int, place: str) -> Record:
    """Return the record of one line; raises `SnapshotError` for anything else."""
    try:
        read = _DECODER.decode(line)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise SnapshotError(place, "snapshot.bad-line", detail=complaint(error, "")) from error
    raw = bytes(read.response)
    if (read.error is None) == (not raw or raw == b"null"):
        raise SnapshotError(place, "snapshot.no-answer")
    http = read.http or _Http()
    return Record(
        index=index,
        account=read.account,
        region=read.region,
        service=read.service,
        operation=read.operation,
        request=read.request,
        response=raw if read.error is None else None,
        error_code=None if read.error is None else read.error.Code,
        error_message=None if read.error is None else read.error.Message,
        at=read.at,
        status=http.status,
        headers=http.headers,
        place=place,
    )


def call_ref(record: Record) -> CallRef:
    """Return the record as what evidence points at."""
    return CallRef(
        index=record.index,
        account=record.account,
        region=record.region,
        service=record.service,
        operation=record.operation,
        request=json.dumps(record.request, sort_keys=True, separators=(",", ":")),
    )
