"""A fold that is killed goes on where it stopped, and takes up nothing that is not its own."""

from __future__ import annotations

import io
import pickle
import re
from pathlib import Path

import pytest
from doubles import Killed

from keramos.blocks import Block, FoldCheckpoint, Plan, fold_blocks
from keramos.blocks.fold_checkpoint import _Plain

PLAN = Plan((10, 4, 4), (1, 4, 4))


def kept(path: Path, labels: str = "a", told: list[str] | None = None) -> FoldCheckpoint:
    return FoldCheckpoint(path, {"labels": labels}, (told if told is not None else []).append, every_s=0)


def test_a_killed_fold_measures_only_what_was_not_merged(tmp_path: Path) -> None:
    measured: list[int] = []

    def measure(block: Block) -> list[int]:
        measured.append(block.index)
        return [block.index]

    def broken(block: Block) -> list[int]:
        if block.index == 6:
            raise Killed
        return [block.index]

    def merge(one: list[int], other: list[int]) -> list[int]:
        return one + other

    with pytest.raises(Killed):
        fold_blocks(PLAN, broken, merge, checkpoint=kept(tmp_path / "kept"))
    assert fold_blocks(PLAN, measure, merge, checkpoint=kept(tmp_path / "kept")) == list(range(10))
    assert measured == [6, 7, 8, 9]
    own = kept(tmp_path / "kept")
    assert own.load(PLAN) == (10, list(range(10)))
    own.delete()
    assert own.load(PLAN) is None


def saved(path: Path, value: object) -> None:
    checkpoint = kept(path)
    checkpoint.load(PLAN)
    checkpoint.save(3, value)


def test_the_blocks_are_read_only_where_all_else_agrees_and_the_file_stays(tmp_path: Path) -> None:
    told: list[str] = []
    assert kept(tmp_path / "kept").read_plan() is None
    saved(tmp_path / "kept", [1, 2, 3])
    assert kept(tmp_path / "kept", "b", told).read_plan() is None
    assert kept(tmp_path / "kept").read_plan() == PLAN
    assert told == []


@pytest.mark.parametrize(
    ("labels", "plan", "says"),
    [("b", PLAN, "labels differs"), ("a", Plan((10, 4, 4), (2, 4, 4)), r"blocks \(memory, workers\) differs")],
)
def test_a_value_of_other_labels_or_blocks_is_not_used(labels: str, plan: Plan, says: str, tmp_path: Path) -> None:
    saved(tmp_path / "kept", [1, 2, 3])
    told: list[str] = []
    assert kept(tmp_path / "kept", told=told).load(PLAN) == (3, [1, 2, 3])
    assert told == []
    assert kept(tmp_path / "kept", labels, told).load(plan) is None
    assert re.search(f"cannot resume .*: {says} from the earlier run; starting over", told[0])


def test_another_version_s_value_is_not_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    saved(tmp_path / "kept", [1, 2, 3])
    monkeypatch.setattr("keramos.blocks.checkpoint._find_version", lambda _: "another")
    assert kept(tmp_path / "kept").load(PLAN) is None


@pytest.mark.parametrize("content", [b"", b"{}", b"no json\nrest", b'{"labels": "a"}\ncut', b'{"labels": "a"}\n'])
def test_a_file_cut_short_is_as_none(content: bytes, tmp_path: Path) -> None:
    (tmp_path / "kept").write_bytes(content)
    assert kept(tmp_path / "kept").load(PLAN) is None
    saved(tmp_path / "kept", [1, 2, 3])
    whole = (tmp_path / "kept").read_bytes()
    (tmp_path / "kept").write_bytes(whole[:-1])
    assert kept(tmp_path / "kept").load(PLAN) is None


def called(module: str, name: str, argument: str) -> bytes:
    """A pickle that calls what stands under that name."""
    words = b"".join(b"\x8c" + bytes([len(word)]) + word.encode() for word in (module, name))
    return b"\x80\x04" + words + b"\x93\x8c" + bytes([len(argument)]) + argument.encode() + b"\x85R."


@pytest.mark.parametrize(
    ("module", "name"),
    [
        ("os", "mkdir"),
        ("keramos.measurements.tables", "Any.__class__"),
        ("keramos.core.box", "dataclass.__globals__"),
        ("keramos.measurements.counting.runs", "np.memmap"),
        ("keramos.measurements.counting.runs", "np"),
        ("keramos.measurements.volume", "plan_for"),
    ],
)
def test_a_file_from_elsewhere_runs_no_code(module: str, name: str, tmp_path: Path) -> None:
    made = tmp_path / "made"
    with pytest.raises(pickle.UnpicklingError, match="is no plain data"):
        _Plain(io.BytesIO(called(module, name, str(made)))).load()
    checkpoint = kept(tmp_path / "kept")
    checkpoint.load(PLAN)
    assert checkpoint._checkpoint is not None
    checkpoint._checkpoint.save({"blocks": 3}, called(module, name, str(made)))
    assert kept(tmp_path / "kept").load(PLAN) is None
    assert not (tmp_path / "made").exists()


def test_it_is_not_written_for_every_block(tmp_path: Path) -> None:
    slow = FoldCheckpoint(tmp_path / "kept", {}, every_s=1000)
    slow.load(PLAN)
    slow.save(1, [1])
    assert not (tmp_path / "kept").exists()
