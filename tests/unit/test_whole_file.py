"""Files appear whole or not at all; devices stay devices."""

import os
import stat
import subprocess
from pathlib import Path

import pytest
from tests.unit.test_collect_record import LINE

from gatepath.collect.writing import Recorder
from gatepath.snapshot.containers import read_records, write_records
from gatepath.snapshot.whole_file import whole_file


def test_a_file_has_the_modes_that_the_process_gives(tmp_path: Path) -> None:
    plain = tmp_path / "plain"
    plain.write_text("")
    write_records([LINE], tmp_path / "s.zip")
    assert (tmp_path / "s.zip").stat().st_mode == plain.stat().st_mode


def test_a_failure_leaves_what_was_there(tmp_path: Path) -> None:
    place = tmp_path / "x"
    place.write_text("old")

    def fail() -> None:
        with whole_file(place) as out:
            out.write(b"new")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fail()
    assert [path.read_text() for path in tmp_path.iterdir()] == ["old"]


def test_a_pipe_is_written_to_and_stays(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    with subprocess.Popen(["/bin/cat", pipe], stdout=subprocess.PIPE) as reader:
        write_records([LINE], pipe)
        read = reader.communicate()[0]
    assert read.count(b"\n") == 1
    assert stat.S_ISFIFO(pipe.stat().st_mode)
    with subprocess.Popen(["/bin/cat", pipe], stdout=subprocess.PIPE) as reader:
        with Recorder(pipe) as recorder:
            recorder.write(LINE)
        assert reader.communicate()[0] == read
    assert [path.name for path in tmp_path.iterdir()] == ["pipe"]


def test_a_snapshot_is_read_from_a_pipe(tmp_path: Path) -> None:
    pipe, place = tmp_path / "pipe", tmp_path / "s.jsonl"
    os.mkfifo(pipe)
    write_records([LINE], place)
    with subprocess.Popen(["/bin/sh", "-c", f"cat {place} > {pipe}"]):
        assert len(list(read_records(pipe))) == 1


def test_a_folder_is_refused_before_anything_is_recorded(tmp_path: Path) -> None:
    with pytest.raises(IsADirectoryError):
        Recorder(tmp_path)
    with pytest.raises(IsADirectoryError):
        write_records([LINE], tmp_path)


def test_on_a_full_disk_whole_records_are_left(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    place = tmp_path / "s.jsonl"

    def write() -> None:
        with Recorder(place) as recorder:
            recorder.write(LINE)
            full = open("/dev/full", "wb", buffering=0)  # noqa: PTH123, SIM115 - stands in for the disk
            recorder._out.close()
            monkeypatch.setattr(recorder, "_out", full)
            recorder.write(LINE)

    with pytest.raises(OSError, match="space"):
        write()
    assert not place.exists()
    assert len(list(read_records(tmp_path / "s.jsonl.part.jsonl"))) == 1
