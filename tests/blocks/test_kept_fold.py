"""A fold that is killed goes on where it stopped, and takes up nothing that is not its own."""

from __future__ import annotations

import io
import pickle
from pathlib import Path

import pytest
from doubles import Killed

from keramos.blocks import Block, KeptFold, Plan, fold_blocks
from keramos.blocks.kept_fold import _Plain

PLAN = Plan((10, 4, 4), (1, 4, 4))


def kept(path: Path, labels: str = "a") -> KeptFold:
    return KeptFold(path, {"labels": labels}, every_s=0)


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
        fold_blocks(PLAN, broken, merge, kept=kept(tmp_path / "kept"))
    assert fold_blocks(PLAN, measure, merge, kept=kept(tmp_path / "kept")) == list(range(10))
    assert measured == [6, 7, 8, 9]
    own = kept(tmp_path / "kept")
    assert own.taken_up() == (10, list(range(10)))
    own.forget()
    assert own.taken_up() is None


def test_what_is_of_other_labels_is_not_taken_up(tmp_path: Path) -> None:
    kept(tmp_path / "kept").keep(3, [1, 2, 3])
    assert kept(tmp_path / "kept").taken_up() == (3, [1, 2, 3])
    assert kept(tmp_path / "kept", "b").taken_up() is None


@pytest.mark.parametrize("content", [b"", b"{}", b"no json\nrest", b'{"labels": "a"}\ncut', b'{"labels": "a"}\n'])
def test_a_file_cut_short_is_as_none(content: bytes, tmp_path: Path) -> None:
    (tmp_path / "kept").write_bytes(content)
    assert kept(tmp_path / "kept").taken_up() is None


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
        ("keramos.measurements.runs", "np.memmap"),
        ("keramos.measurements.runs", "np"),
        ("keramos.measurements.run", "plan_for"),
    ],
)
def test_a_file_from_elsewhere_runs_no_code(module: str, name: str, tmp_path: Path) -> None:
    made = tmp_path / "made"
    with pytest.raises(pickle.UnpicklingError, match="expected plain data"):
        _Plain(io.BytesIO(called(module, name, str(made)))).load()
    (tmp_path / "kept").write_bytes(b'{"labels": "a"}\n' + called(module, name, str(made)))
    assert kept(tmp_path / "kept").taken_up() is None
    assert not (tmp_path / "made").exists()


def test_it_is_not_written_for_every_block(tmp_path: Path) -> None:
    slow = KeptFold(tmp_path / "kept", {}, every_s=1000)
    slow.keep(1, [1])
    assert not (tmp_path / "kept").exists()
