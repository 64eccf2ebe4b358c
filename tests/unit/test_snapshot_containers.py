"""Containers of snapshots, good and hostile."""

import io
import json
import stat
import zipfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests import snapshots as s

from gatepath.diagnose import diagnose
from gatepath.snapshot.containers import read_records, to_dict, write_records
from gatepath.snapshot.load import load_world
from gatepath.snapshot.record import SnapshotError, decode_line

CALL = {
    "account": "1",
    "region": "r",
    "service": "ec2",
    "operation": "DescribeVpcs",
    "request": {},
    "response": {"Vpcs": []},
}
LINE = json.dumps(CALL).encode()


def code_of(path: Path) -> str:
    with pytest.raises(SnapshotError) as caught:
        list(read_records(path))
    assert caught.value.place
    return caught.value.code


@pytest.mark.parametrize("name", ["a.jsonl", "a.zip"])
def test_written_and_read_again(tmp_path: Path, name: str) -> None:
    calls = [to_dict(record) for record in s.sound().records()]
    path = tmp_path / name
    assert write_records(calls, path) == len(calls)
    again = [to_dict(record) for record in read_records(path)]
    key = json.dumps
    assert sorted(map(key, again)) == sorted(map(key, calls))
    assert [p.name for p in tmp_path.iterdir()] == [name]


def test_folder_file_and_archive_mean_the_same(tmp_path: Path) -> None:
    made = s.sound()
    write_records([to_dict(r) for r in made.records()], tmp_path / "a.zip")
    with zipfile.ZipFile(tmp_path / "a.zip") as archive:
        archive.extractall(tmp_path / "folder")
    question = s.parse_question(s.question())
    for path in (tmp_path / "a.zip", tmp_path / "folder"):
        assert diagnose(question, load_world(read_records(path)), only=frozenset({"network"})).verdict == "ok"


def test_a_failed_write_leaves_what_was_there(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_bytes(b"old")

    def broken() -> object:
        yield CALL
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write_records(broken(), path)  # type: ignore[arg-type]
    assert path.read_bytes() == b"old"
    assert len(list(tmp_path.iterdir())) == 1


def test_byte_order_mark_and_blank_lines(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_bytes(b"\xef\xbb\xbf" + LINE + b"\n\n" + LINE + b"\r\n")
    found = list(read_records(path))
    assert [(r.index, r.place) for r in found] == [(0, "a.jsonl:1"), (1, "a.jsonl:3")]


def test_an_empty_file_has_no_records(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_bytes(b"")
    assert list(read_records(tmp_path / "a.jsonl")) == []


@pytest.mark.parametrize(
    "line",
    [
        LINE[:-10],
        b"[]",
        b"null",
        b"\xff\xfe\x00",
        b'{"account":1}',
        LINE.replace(b'"ec2"', b"7"),
        LINE.replace(b'"response"', b'"reply"'),
        json.dumps({**CALL, "error": {"Code": "X"}}).encode(),
        b"[" * 100_000,
    ],
)
def test_bad_lines_name_their_place(tmp_path: Path, line: bytes) -> None:
    path = tmp_path / "a.jsonl"
    path.write_bytes(LINE + b"\n" + line + b"\n")
    with pytest.raises(SnapshotError) as caught:
        list(read_records(path))
    assert caught.value.place == "a.jsonl:2"


def archive(path: Path, members: dict[str, bytes], **more: int) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as made:
        for name, data in members.items():
            info = zipfile.ZipInfo(name)
            info.external_attr = more.get("mode", 0o644) << 16
            made.writestr(info, data, zipfile.ZIP_DEFLATED)
    return path


@pytest.mark.parametrize("name", ["../x.jsonl", "/x.jsonl", "a/../../x.jsonl", "C:\\x.jsonl", "..\\x.jsonl"])
def test_paths_out_of_an_archive_are_refused(tmp_path: Path, name: str) -> None:
    assert code_of(archive(tmp_path / "a.zip", {name: LINE})) == "snapshot.outside"


def test_links_in_an_archive_are_refused(tmp_path: Path) -> None:
    path = archive(tmp_path / "a.zip", {"x.jsonl": b"/etc/passwd"}, mode=stat.S_IFLNK | 0o777)
    assert code_of(path) == "snapshot.outside"


def test_a_bomb_is_refused(tmp_path: Path) -> None:
    assert code_of(archive(tmp_path / "a.zip", {"x.jsonl": b" " * 50_000_000})) == "snapshot.bomb"


def test_a_link_out_of_a_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "out.jsonl").write_bytes(LINE)
    folder = tmp_path / "folder"
    folder.mkdir()
    (folder / "in.jsonl").symlink_to(tmp_path / "out.jsonl")
    assert code_of(folder) == "snapshot.outside"


def test_broken_archives(tmp_path: Path) -> None:
    whole = archive(tmp_path / "a.zip", {"x.jsonl": LINE * 50}).read_bytes()
    (tmp_path / "cut.zip").write_bytes(whole[: len(whole) // 2])
    assert code_of(tmp_path / "cut.zip") == "snapshot.bad-archive"
    assert code_of(archive(tmp_path / "none.zip", {"x.txt": b""})) == "snapshot.empty"
    damaged = bytearray(whole)
    damaged[45:60] = b"\x00" * 15
    (tmp_path / "bad.zip").write_bytes(bytes(damaged))
    assert code_of(tmp_path / "bad.zip").startswith("snapshot.")


def test_what_is_not_there(tmp_path: Path) -> None:
    assert code_of(tmp_path / "none.jsonl") == "snapshot.unreadable"
    (tmp_path / "empty").mkdir()
    assert code_of(tmp_path / "empty") == "snapshot.empty"


@settings(max_examples=150, deadline=None)
@given(st.binary(max_size=300))
def test_any_bytes_give_records_or_one_error(data: bytes) -> None:
    for line in data.split(b"\n"):
        if line.strip():
            try:
                decode_line(line, 0, "x:1")
            except SnapshotError:
                continue


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 2000), st.binary(min_size=1, max_size=20))
def test_a_damaged_archive_gives_one_error(
    tmp_path_factory: pytest.TempPathFactory, at: int, junk: bytes
) -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as made:
        made.writestr("1/r/ec2.jsonl", LINE * 20)
    data = bytearray(out.getvalue())
    place = at % len(data)
    data[place : place + len(junk)] = junk
    path = tmp_path_factory.mktemp("zip") / "a.zip"
    path.write_bytes(bytes(data))
    try:
        list(read_records(path))
    except SnapshotError:
        return
