"""Snapshots on disk: a `.jsonl` file, a folder `ACCOUNT/REGION/SERVICE.jsonl`, a `.zip` of such a folder."""

import io
import json
import stat
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from pathlib import Path, PurePosixPath
from typing import IO, Any

from gatepath.model.told import Told, of_system, told
from gatepath.snapshot.record import Record, SnapshotError, decode_line
from gatepath.snapshot.whole_file import whole_file

MAX_LINE = 256 * 1024 * 1024
"""Longest line read, bytes: above any answer of AWS, below what would fill memory."""

MAX_UNPACKED = 8 * 1024**3
"""Most bytes unpacked from an archive in all."""

MAX_RATIO = 1000
"""Highest compression a member may have: recordings reach about 50."""

BOM = b"\xef\xbb\xbf"


def read_records(path: Path) -> Iterator[Record]:
    """Yield the records of a snapshot, whatever its container; records count from 0 in order.

    Raises `SnapshotError` with the place for anything that can't be read. Nothing is held in memory but the
    line at hand.
    """
    index = 0
    for place, lines in _members(path):
        for number, read in enumerate(_lines(lines, place), 1):
            text = read.removeprefix(BOM) if number == 1 else read
            if text.strip():
                yield decode_line(text, index, f"{place}:{number}")
                index += 1


def _lines(stream: IO[bytes], place: str) -> Iterator[bytes]:
    number = 0
    while True:
        number += 1
        try:
            read = stream.readline(MAX_LINE + 1)
        except (OSError, EOFError, zipfile.BadZipFile, zlib.error, RuntimeError, ValueError) as error:
            raise SnapshotError(
                f"{place}:{number}", "snapshot.unreadable", detail=_of_archive(error)
            ) from error
        if not read:
            return
        if len(read) > MAX_LINE:
            raise SnapshotError(f"{place}:{number}", "snapshot.line-too-long")
        yield read


def _members(path: Path) -> Iterator[tuple[str, IO[bytes]]]:
    try:
        mode = path.stat().st_mode
    except OSError as error:
        raise SnapshotError(str(path), "snapshot.unreadable", detail=of_system(error)) from error
    if stat.S_ISDIR(mode):
        yield from _folder(path)
        return
    try:
        with path.open("rb") as stream:
            begin = stream.peek(4)[:4]
            if begin.startswith(b"PK"):
                yield from _archive(path)
                return
            for magic, code in _OTHERS:
                if begin.startswith(magic):
                    raise SnapshotError(path.name, "snapshot.unreadable", detail=told(code))
            yield path.name, stream
    except OSError as error:
        raise SnapshotError(str(path), "snapshot.unreadable", detail=of_system(error)) from error


_OTHERS = (
    (b"\x1f\x8b", "snapshot.detail.gzip"),
    (b"\xff\xfe", "system.not-utf8"),
    (b"\xfe\xff", "system.not-utf8"),
)
"""What begins like something else that a snapshot may have been put into."""


def _folder(root: Path) -> Iterator[tuple[str, IO[bytes]]]:
    found = sorted(p for p in root.rglob("*.jsonl") if p.is_file())
    if not found:
        raise SnapshotError(str(root), "snapshot.empty", detail=told("snapshot.detail.no-jsonl-file"))
    inside = root.resolve()
    for path in found:
        if not path.resolve().is_relative_to(inside):
            raise SnapshotError(str(path), "snapshot.outside", detail=told("snapshot.detail.link"))
        with path.open("rb") as stream:
            yield path.relative_to(root).as_posix(), stream


def _archive(path: Path) -> Iterator[tuple[str, IO[bytes]]]:
    try:
        archive = zipfile.ZipFile(path)
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as error:
        raise SnapshotError(path.name, "snapshot.bad-archive", detail=_of_archive(error)) from error
    with archive:
        members = _checked(archive, path.name)
        for info in members:
            place = f"{path.name}!{info.filename}"
            try:
                stream = archive.open(info)
            except (zipfile.BadZipFile, OSError, RuntimeError, NotImplementedError, ValueError) as error:
                raise SnapshotError(place, "snapshot.bad-archive", detail=_of_archive(error)) from error
            with stream:
                yield place, stream


def _of_archive(error: Exception) -> Told:
    """Return why a member can't be unpacked; the library's own words are English only."""
    if isinstance(error, NotImplementedError):
        return told("archive.method")
    if isinstance(error, RuntimeError):
        return told("archive.encrypted")
    return of_system(error) if isinstance(error, OSError) and error.errno else told("archive.damaged")


def _checked(archive: zipfile.ZipFile, name: str) -> list[zipfile.ZipInfo]:
    """Return the members to read; raise for tricks (absolute paths, `..`, links, duplicates, bombs)."""
    seen: set[str] = set()
    members = []
    for info in archive.infolist():
        place = f"{name}!{info.filename}"
        parts = PurePosixPath(info.filename.replace("\\", "/"))
        if parts.is_absolute() or ".." in parts.parts or ":" in info.filename:
            raise SnapshotError(place, "snapshot.outside", detail=told("snapshot.detail.path"))
        if stat.S_ISLNK(info.external_attr >> 16):
            raise SnapshotError(place, "snapshot.outside", detail=told("snapshot.detail.link"))
        if info.filename in seen:
            raise SnapshotError(place, "snapshot.duplicate-member")
        seen.add(info.filename)
        if info.filename.endswith(".jsonl"):
            members.append(info)
    if sum(info.file_size for info in members) > MAX_UNPACKED:
        raise SnapshotError(name, "snapshot.bomb", detail=told("snapshot.detail.too-much"))
    for info in members:
        if info.file_size > MAX_RATIO * max(info.compress_size, 1024):
            raise SnapshotError(
                f"{name}!{info.filename}", "snapshot.bomb", detail=told("snapshot.detail.ratio")
            )
    if not members:
        raise SnapshotError(name, "snapshot.empty", detail=told("snapshot.detail.no-jsonl-member"))
    return sorted(members, key=lambda info: info.filename)


def to_dict(record: Record) -> dict[str, Any]:
    """Return a record as the JSON object it is on disk."""
    made: dict[str, Any] = {
        "account": record.account,
        "region": record.region,
        "service": record.service,
        "operation": record.operation,
        "request": record.request,
    }
    if record.error_code is not None:
        made["error"] = {"Code": record.error_code, "Message": record.error_message or ""}
    else:
        made["response"] = json.loads(record.response or b"null")
    if record.at is not None:
        made["at"] = record.at
    if record.status is not None:
        made["http"] = {"status": record.status, "headers": dict(record.headers)}
    return made


def write_records(calls: Iterable[dict[str, Any]], path: Path) -> int:
    """Write calls to a `.jsonl` file, or to a `.zip` if the name says so; return their number.

    The file appears whole or not at all.
    """
    with whole_file(path) as out:
        return _write_zip(calls, out) if path.suffix == ".zip" else _write_lines(calls, out)


def line(call: dict[str, Any]) -> bytes:
    """Return a call as one line of a snapshot."""
    return json.dumps(call, ensure_ascii=False, separators=(",", ":")).encode(errors="replace") + b"\n"


def _write_lines(calls: Iterable[dict[str, Any]], out: IO[bytes]) -> int:
    count = 0
    for call in calls:
        out.write(line(call))
        count += 1
    return count


def _write_zip(calls: Iterable[dict[str, Any]], out: IO[bytes]) -> int:
    members: dict[str, io.BytesIO] = {}
    count = 0
    for call in calls:
        name = f"{_part(call['account'])}/{_part(call['region'])}/{_part(call['service'])}.jsonl"
        members.setdefault(name, io.BytesIO()).write(line(call))
        count += 1
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in sorted(members):
            archive.writestr(name, members[name].getvalue())
    return count


def _part(text: object) -> str:
    return "".join(c if c.isalnum() or c in "-_." else "_" for c in str(text)).strip(".") or "_"
