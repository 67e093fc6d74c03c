"""A log in a bucket is written in parts, and two runs on it are told apart."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any
from unittest.mock import Mock

import obstore
import pytest
from buckets import Buckets, put_buckets
from doubles import Killed

from keramos.blocks import Checkpoint, open_checkpoint
from keramos.core import object_log, object_store
from keramos.core.errors import OutputInUseError
from keramos.core.object_log import append_to_log, begin_log, complete_log, read_log, remove_log
from keramos.core.object_path import as_path


@pytest.fixture
def buckets(monkeypatch: pytest.MonkeyPatch) -> Buckets:
    begun = put_buckets(monkeypatch)
    begin_log("lab", "log", b"head")
    return begun


def add(start: int, stop: int) -> bytes:
    """The lines that were added."""
    lines = [f"\n{number:09d}".encode() for number in range(start, stop)]
    for line in lines:
        append_to_log("lab", "log", line)
    return b"".join(lines)


def test_it_grows_in_parts_and_ends_as_one_object(buckets: Buckets, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(object_log, "PART_BYTES", 35)
    lines = add(0, 10)
    assert [name.split("/")[1] for name in sorted(buckets.content("log.parts"))] == ["00000", "00001", "00002", "00003"]
    assert read_log("lab", "log") == b"head" + lines
    for _ in range(2):
        complete_log("lab", "log")
        assert obstore.get(buckets("lab"), "log").bytes() == b"head" + lines
        assert not buckets.content("log.parts")
    add(0, 3)
    remove_log("lab", "log")
    assert not buckets.content("")
    with pytest.raises(FileNotFoundError):
        read_log("lab", "log")


@pytest.mark.parametrize("change", [complete_log, partial(begin_log, content=b"new head")], ids=["end", "start over"])
@pytest.mark.parametrize("killed_in", ["write_object", "delete_objects"])
def test_a_change_that_is_killed_is_made_whole_or_not_at_all(
    killed_in: str, change: Callable[[str, str], None], buckets: Buckets, monkeypatch: pytest.MonkeyPatch
) -> None:
    add(0, 3)
    before = read_log("lab", "log")
    with monkeypatch.context() as patch:
        patch.setattr(object_log, killed_in, Mock(side_effect=Killed))
        with pytest.raises(Killed):
            change("lab", "log")
    after = before if change is complete_log else b"new head"
    assert read_log("lab", "log") == (before if killed_in == "write_object" else after)
    change("lab", "log")
    assert not buckets.content("log.parts")
    assert read_log("lab", "log") == after


def test_parts_that_a_killed_run_left_are_deleted_when_it_is_opened_again(
    buckets: Buckets, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, identity = as_path("s3://lab/run/log"), {"seed": 1}
    checkpoint = Checkpoint(path, identity)
    checkpoint.record(0)
    with monkeypatch.context() as patch:
        patch.setattr(object_log, "delete_objects", Mock(side_effect=Killed))
        with pytest.raises(Killed):
            checkpoint.finish(voxels=8)
    assert buckets.content("run/log.parts")
    opened = open_checkpoint(path, identity, output="run")
    assert (opened.done, opened.result) == ({0}, {"voxels": 8})
    assert not buckets.content("run/log.parts")


def test_bytes_written_grow_as_the_lines_do(buckets: Buckets, monkeypatch: pytest.MonkeyPatch) -> None:
    sizes: list[int] = []
    put = obstore.put

    def count(store: Any, key: str, content: bytes, **more: Any) -> Any:
        sizes.append(len(content))
        return put(store, key, content, **more)

    monkeypatch.setattr(object_log, "PART_BYTES", 100)
    monkeypatch.setattr(obstore, "put", count)
    add(0, 200)
    first = sum(sizes)
    add(200, 400)
    assert sum(sizes) == 2 * first
    assert max(sizes) == 100


@pytest.mark.parametrize("lines", [0, 2, 3, 5], ids=["no part", "in a part", "a full part", "in the second part"])
@pytest.mark.parametrize("other", ["adds", "starts over"])
def test_a_second_run_is_noticed(other: str, lines: int, buckets: Buckets, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(object_log, "PART_BYTES", 30)
    begin_log("lab", "log", b"head")
    add(0, lines)
    mine = dict(object_store._known)
    if other == "adds":
        add(0, 1)
    else:
        begin_log("lab", "log", b"head")
        add(0, 1)
    there = read_log("lab", "log")
    object_store._known.clear()
    object_store._known.update(mine)
    with pytest.raises(OutputInUseError, match="another run has written"):
        add(7, 8)
    assert read_log("lab", "log") == there


def test_a_log_that_was_read_is_gone_on_with(buckets: Buckets) -> None:
    lines = add(0, 3)
    object_store._known.clear()
    assert read_log("lab", "log") == b"head" + lines
    more = add(3, 5)
    assert read_log("lab", "log") == b"head" + lines + more
