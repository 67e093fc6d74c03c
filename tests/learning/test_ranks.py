"""Two processes train as one does: batches are split, losses and weights the same; a killed training goes on so."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from doubles import Dies, Killed, Notes
from scipy.ndimage import gaussian_filter

from keramos.core import PhaseTable, VoxelSize
from keramos.core.errors import SettingsError
from keramos.core.progress import Reporter
from keramos.learning import AnnotatedSlice, AnnotatedSlices, CropSampler, TrainSettings, clock, train_model
from keramos.networks import Checkpoint, load_checkpoint

EDGE, BATCH = 32, 4


def data() -> AnnotatedSlices:
    """One slice of blobs, most of it annotated."""
    rng = np.random.default_rng(0)
    codes = (gaussian_filter(rng.standard_normal((64, 64)), 3) > 0).astype(np.uint8)
    grey = (90 + 60 * codes + rng.normal(0, 20, codes.shape)).astype(np.uint8)
    codes[:9] = 255
    return AnnotatedSlices((AnnotatedSlice(grey, codes, "a.tif", 0),), PhaseTable.from_names("ab"), VoxelSize(9, 9, 9))


def train(out: Path, patch: pytest.MonkeyPatch, reporter: Reporter | None = None, **settings: Any) -> Checkpoint:
    """A training whose clock counts how often it was read, in this process alone."""
    times = iter(range(10**6))
    patch.setattr(clock, "now", lambda: float(next(times)))
    chosen = TrainSettings(
        crop=EDGE, batch=BATCH, width=4, budget=22.0, optimiser="adamw", precision="fp32", device="cpu", **settings
    )
    return load_checkpoint(train_model(data(), chosen, out, half_range=128.0, reporter=reporter).path)


def test_two_processes_go_on_as_one_would(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ten steps by two, after one of a training that was killed. Single weights may differ more: of Adam, by noise."""
    one = train(tmp_path / "one.keramos", monkeypatch)
    with pytest.raises(Killed):
        train(tmp_path / "two.keramos", monkeypatch, Dies(at=0.05, task="train"))
    notes = Notes()
    two = train(tmp_path / "two.keramos", monkeypatch, notes, devices=2)
    assert "after 1 steps" in notes.notes[0]
    assert one.card.training.steps == two.card.training.steps == 11
    curves = [[(row["loss"], row["iou"]) for row in model.card.training.curve] for model in (one, two)]
    np.testing.assert_allclose(curves[0], curves[1], rtol=1e-5)
    ours, theirs = (torch.cat([each.double().flatten() for each in model.weights.values()]) for model in (one, two))
    assert torch.linalg.vector_norm(ours - theirs) <= 1e-5 * torch.linalg.vector_norm(ours)


def test_the_parts_of_processes_are_those_of_one_batch() -> None:
    def sampler() -> CropSampler:
        return CropSampler(data(), [((100.0, 50.0),)], size=EDGE, batch=BATCH, seed=3)

    whole = sampler().batches()
    parts = [sampler().batches(rank, 2) for rank in range(2)]
    for _ in range(2):
        batch, halves = next(whole), [next(part) for part in parts]
        torch.testing.assert_close(batch.grey, torch.cat([half.grey for half in halves]), rtol=0, atol=0)
        assert torch.equal(batch.codes, torch.cat([half.codes for half in halves]))


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"devices": 3}, r"a batch that 3 devices can share evenly, found 4 crops"),
        ({"devices": 2, "model": "unet"}, "a compact network for several devices, found unet"),
    ],
)
def test_what_several_devices_cannot_do(settings: dict[str, Any], words: str, tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=words):
        train_model(data(), TrainSettings(batch=BATCH, **settings), tmp_path / "m.keramos", half_range=128.0)


STOPPED = """
import os, signal
from keramos.learning import ranks
from keramos.learning.ranks import helpers

def follow(job, seat):
    pass

def stop(store, others):
    try:
        os.killpg(0, signal.SIGINT)  # as a terminal does, while the helper imports what it needs
    except KeyboardInterrupt:
        pass
    wait_for(store, others)
    raise KeyboardInterrupt

if __name__ == "__main__":
    wait_for, ranks._await = ranks._await, stop
    try:
        with helpers(2, "cpu", follow, b""):
            pass
    except KeyboardInterrupt:
        print("stopped")
"""


@pytest.mark.skipif(sys.platform == "win32", reason="there are no process groups to signal")
def test_a_helper_that_starts_does_not_hear_an_interrupt(tmp_path: Path) -> None:
    (tmp_path / "stopped.py").write_text(STOPPED)
    done = subprocess.run(
        [sys.executable, tmp_path / "stopped.py"],
        start_new_session=True,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "stopped\n", "")
