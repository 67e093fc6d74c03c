"""The checkpoint: what is finished survives a crash, and another run's checkpoint is refused with what differs."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import pytest

from keramos.blocks import (
    Checkpoint,
    Plan,
    computing_versions,
    has_finished_blocks,
    open_checkpoint,
    plan_identity,
    read_setting,
)
from keramos.core.errors import ResumeError, StorageError

IDENTITY = {"input": "a", "model": "b", "threshold": 0.5, "shape": (1, 2, 3)}


def opened(folder: Path, **changes: Any) -> Checkpoint:
    return open_checkpoint(folder / "checkpoint", {**IDENTITY, **changes}, output=folder / "out")


def test_finished_blocks_are_read_back(tmp_path: Path) -> None:
    checkpoint = opened(tmp_path)
    assert (checkpoint.done, checkpoint.is_finished) == (set(), False)
    assert not (tmp_path / "checkpoint").exists(), "nothing is written before there is something to say"
    for block in (3, 0, 7):
        checkpoint.record(block)
    again = opened(tmp_path)
    assert (again.done, again.is_finished) == ({0, 3, 7}, False)
    again.finish(voxels=5)
    assert opened(tmp_path).result == {"voxels": 5}
    opened(tmp_path).delete()
    assert opened(tmp_path).done == set()


def test_a_line_cut_short_by_a_crash_is_not_counted(tmp_path: Path) -> None:
    path, checkpoint = tmp_path / "checkpoint", opened(tmp_path)
    checkpoint.record(1)
    checkpoint.record(12)
    for cut in range(1, len('{"block": 12}')):
        text = path.read_text(encoding="utf-8")
        whole = text[: text.rindex("\n") + 1] + '{"block": 12}'
        path.write_text(whole[:-cut], encoding="utf-8")
        resumed = opened(tmp_path)
        assert resumed.done == {1}
    resumed.record(5)
    assert opened(tmp_path).done == {1, 5}


def test_a_state_is_read_back_and_the_next_one_replaces_it(tmp_path: Path) -> None:
    checkpoint = opened(tmp_path)
    assert checkpoint.load() is None
    for step in (1, 2):
        checkpoint.save({"step": step}, bytes([10, step, 10]) * 1000)
    state = opened(tmp_path).load()
    assert state is not None
    assert (state.facts, state.content) == ({"step": 2}, b"\n\2\n" * 1000)
    assert [path.name for path in tmp_path.iterdir()] == ["checkpoint"]


@pytest.mark.parametrize("damage", [lambda content: content[:-1], lambda content: content[:-1] + b"x"])
def test_a_damaged_state_is_refused(damage: Any, tmp_path: Path) -> None:
    opened(tmp_path).save({}, b"12345")
    (tmp_path / "checkpoint").write_bytes(damage((tmp_path / "checkpoint").read_bytes()))
    with pytest.raises(ResumeError, match="checkpoint is damaged"):
        opened(tmp_path).load()


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"model": "x"}, "model differs from"),
        ({"threshold": 0.6, "input": "x"}, "input and threshold differ from"),
        ({"shape": (1, 2, 4), "seed": 1, "input": None}, "input, shape and seed differ from"),
    ],
)
def test_another_run_is_refused_and_what_differs_is_named(changes: dict[str, Any], says: str, tmp_path: Path) -> None:
    opened(tmp_path).record(0)
    with pytest.raises(
        ResumeError, match=f"^cannot resume {tmp_path / 'out'}: {says} the earlier run; give the same as before"
    ):
        opened(tmp_path, **changes)
    assert opened(tmp_path).done == {0}


def test_an_option_that_is_new_or_gone_is_a_difference(tmp_path: Path) -> None:
    opened(tmp_path, added=1).record(0)
    with pytest.raises(ResumeError, match="added differs"):
        opened(tmp_path)


def test_another_run_starts_over_where_that_is_asked_for(tmp_path: Path) -> None:
    opened(tmp_path).record(0)
    told: list[str] = []
    other = open_checkpoint(tmp_path / "checkpoint", {"input": "x"}, output=tmp_path / "out", restart=told.append)
    assert other.done == set()
    assert not (tmp_path / "checkpoint").exists()
    assert told == [
        f"cannot resume {tmp_path / 'out'}: input, model, threshold and shape differ from the earlier run; "
        "starting over"
    ]


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"not JSON",
        b'{"identity": {"input": "a"}}\n{"block": 0}',  # a ledger of version 0.1
        b'\x58\0\0\0\0\0\0\0{"__metadata__":{"keramos-training":"{}"}}',  # a training's state of version 0.1
        b'{"keramos-checkpoint": 2, "identity": {}}',
    ],
)
def test_a_file_of_another_version_is_refused_in_one_sentence(content: bytes, tmp_path: Path) -> None:
    (tmp_path / "checkpoint").write_bytes(content)
    with pytest.raises(
        ResumeError,
        match=r"^cannot resume .*: checkpoint is damaged or of another version of Keramos; start over, or write",
    ):
        opened(tmp_path)
    assert read_setting(tmp_path / "checkpoint", "input") is None
    assert has_finished_blocks(tmp_path / "checkpoint"), "so that it is not thrown away unasked"


def test_a_setting_and_whether_anything_is_finished_are_told_without_the_identity(tmp_path: Path) -> None:
    assert read_setting(tmp_path / "checkpoint", "model") is None
    opened(tmp_path).start()
    assert read_setting(tmp_path / "checkpoint", "model") == "b"
    assert not has_finished_blocks(tmp_path / "checkpoint")
    opened(tmp_path).record(2)
    assert has_finished_blocks(tmp_path / "checkpoint")


@pytest.mark.parametrize("change", [{"shape": (9, 8, 8)}, {"core_shape": (1, 8, 8)}, {"halo": (0, 1, 1)}])
def test_every_part_of_a_plan_counts(change: dict[str, Any]) -> None:
    plan = {"shape": (8, 8, 8), "core_shape": (2, 8, 8), "halo": (0, 0, 0), "stride": (1, 1, 1)}
    assert plan_identity(Plan(**{**plan, **change})) != plan_identity(Plan(**plan)) == plan_identity(Plan(**plan))  # type: ignore[arg-type]
    coarse = {**plan, "core_shape": (2, 8, 8), "stride": (2, 2, 2)}
    assert plan_identity(Plan(**coarse)) != plan_identity(Plan(**plan))  # type: ignore[arg-type]


def test_versions_are_those_of_what_computes() -> None:
    import numpy

    assert computing_versions()["version of numpy"] == numpy.__version__
    assert {"version of keramos", "version of torch", "version of scipy"} <= computing_versions().keys()


def test_a_full_disk_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    checkpoint = opened(tmp_path)
    checkpoint.start()

    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "open", full)
    with pytest.raises(StorageError, match="No space left on device; free space"):
        checkpoint.record(0)
    assert checkpoint.done == set()


def test_the_file_is_readable_text(tmp_path: Path) -> None:
    checkpoint = opened(tmp_path)
    checkpoint.record(4)
    rows = [json.loads(line) for line in io.StringIO((tmp_path / "checkpoint").read_text(encoding="utf-8"))]
    assert rows == [{"keramos-checkpoint": 1, "identity": {**IDENTITY, "shape": [1, 2, 3]}}, {"block": 4}]
