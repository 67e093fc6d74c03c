"""A phantom written slab by slab is the phantom made in memory, killed in between or not."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from keramos.errors import LedgerError, StorageError
from keramos.phantom import PhantomSettings, make_phantom
from keramos.progress import Progress, Reporter
from keramos.store import open_labels, open_volume
from keramos.volume import Box
from keramos.workflow import phantom

SHAPE = (40, 48, 56)


class Dies(Reporter):
    def progress(self, task: str, unit: str = "block") -> Progress:  # noqa: ARG002
        def die(done: int, _: int) -> None:
            if done >= 32 and "make" in task:
                raise RuntimeError("power cut")

        return die


class Notes(Reporter):
    def __init__(self) -> None:
        self.notes: list[str] = []

    def note(self, text: str) -> None:
        self.notes.append(text)


def test_killed_and_resumed_it_is_what_is_made_in_memory(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError, match="power cut"):
        phantom(tmp_path, shape=SHAPE, seed=5, reporter=Dies())
    assert not (tmp_path / "phantom.json").exists()
    notes = Notes()
    parameters = phantom(tmp_path, shape=SHAPE, seed=5, reporter=notes)
    assert "16 of 40 slices are finished" in notes.notes[0]
    made = make_phantom(SHAPE, seed=5)
    images, truth = open_volume(tmp_path / "images.ome.zarr"), open_labels(tmp_path / "truth.ome.zarr")
    np.testing.assert_array_equal(images.read(), made.images.read())
    np.testing.assert_array_equal(truth.read(), made.truth.read())
    assert images.view == made.images.view
    assert parameters == made.parameters
    assert images.provenance.steps[0].parameters["seed"] == 5


def test_a_finished_one_is_left_and_another_refused(tmp_path: Path) -> None:
    phantom(tmp_path, shape=(2, 24, 24))
    notes = Notes()
    phantom(tmp_path, shape=(2, 24, 24), reporter=notes)
    assert "finished already" in notes.notes[0]
    with pytest.raises(LedgerError, match="begun with another phantom"):
        phantom(tmp_path, shape=(2, 24, 24), severity=0.9)
    phantom(tmp_path, shape=(3, 24, 24), fresh=True)
    assert open_volume(tmp_path / "images.ome.zarr").shape == (3, 24, 24)


def test_images_of_someone_else_are_not_replaced(tmp_path: Path) -> None:
    phantom(tmp_path, shape=(2, 24, 24))
    (tmp_path / "phantom-ledger.jsonl").unlink()
    before = open_volume(tmp_path / "images.ome.zarr").read()
    with pytest.raises(StorageError, match="found some already there"):
        phantom(tmp_path, shape=(2, 24, 24), seed=1)
    np.testing.assert_array_equal(open_volume(tmp_path / "images.ome.zarr").read(), before)


def test_a_deep_stack_meets_the_fraction_too() -> None:
    from keramos.phantom import PhantomStack

    stack = PhantomStack(PhantomSettings((200, 64, 64), solid_fraction=0.7))
    truth = np.concatenate([slab.truth for slab in stack.slabs()])
    assert truth.mean() == pytest.approx(0.7, abs=0.005)
    # From any slab on, the same bytes.
    late = next(iter(stack.slabs(7)))
    np.testing.assert_array_equal(late.truth, truth[Box((112, 0, 0), (128, 64, 64)).slices])
