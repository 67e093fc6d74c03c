"""The same training and the same scores on a GPU. Skipped where there is none."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from doubles import Dies, Killed, Notes
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter

from keramos.blocks import Block
from keramos.core import VOID_SOLID, Box, Volume, VoxelSize
from keramos.learning import AnnotatedSlice, AnnotatedSlices, CropSampler, TrainSettings, train_model
from keramos.networks import load_checkpoint
from keramos.segmenters import segmenter_of

pytestmark = pytest.mark.skipif(not torch.cuda.is_available(), reason="expected a CUDA device, found none")
SIZE = VoxelSize(20, 26.4, 20.8)


def stack(seed: int) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """Seven slices (Z Y X) of two phases of the same mean grey, smooth and striped, and the codes of the middle one."""
    rng = np.random.default_rng(seed)
    codes = (gaussian_filter(rng.standard_normal((96, 96)), 6) > 0).astype(np.uint8)
    y, x = np.mgrid[:96, :96]
    grey = np.where(codes == 0, 100.0, 100 + 50 * np.sign(np.sin((x + y) * 1.6)))
    return np.clip(grey + rng.normal(0, 10, (7, 96, 96)), 0, 255).astype(np.uint8), codes


def data() -> AnnotatedSlices:
    grey, codes = stack(0)
    return AnnotatedSlices((AnnotatedSlice(grey[3], codes, "image.tif", 3, planes=tuple(grey)),), VOID_SOLID, SIZE)


def scores(model: Path, device: str) -> NDArray[np.float32]:
    grey, _ = stack(1)
    whole = Box.whole(grey.shape)
    segmenter = segmenter_of(load_checkpoint(model), device=device).fit_to(
        Volume.from_array(grey, SIZE), lambda *_: None
    )
    return segmenter.scores(grey, Block(0, whole, whole))


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    settings = TrainSettings("compact-7", None, 2, crop=64, batch=8, device="cuda")
    return train_model(data(), settings, tmp_path_factory.mktemp("gpu") / "m.keramos", half_range=128.0).path


def test_a_network_trained_on_a_gpu_has_learnt(model: Path) -> None:
    _, codes = stack(1)
    found = scores(model, "cuda")[:, 3].argmax(axis=0)
    assert np.sum((found == 1) & (codes == 1)) / np.sum((found == 1) | (codes == 1)) > 0.85


def test_scores_of_a_gpu_are_those_of_the_cpu(model: Path) -> None:
    there, here = scores(model, "cuda"), scores(model, "cpu")
    assert np.abs(there - here).max() < 0.05
    assert np.mean(there.argmax(axis=0) == here.argmax(axis=0)) > 0.999


def test_crops_of_a_gpu_lie_where_those_of_the_cpu_do() -> None:
    each = {
        device: CropSampler(data(), [((0.0, 1.0),)], size=64, batch=8, seed=0, device=device)
        for device in ("cpu", "cuda")
    }
    (grey, codes, _), (there, there_codes, _) = (next(each[device].plain_batches()) for device in ("cpu", "cuda"))
    assert there.device.type == "cuda"
    torch.testing.assert_close(there.cpu(), grey, rtol=0, atol=0.01)
    assert (there_codes.cpu() == codes).float().mean() > 0.999


def test_a_training_on_a_gpu_goes_on_where_it_was_killed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("keramos.learning.network_fitting._SAVE_EVERY_S", 0.0)
    settings = TrainSettings("compact-7", None, 1, crop=64, batch=8, device="cuda")
    out, listening = tmp_path / "m.keramos", Notes()
    with pytest.raises(Killed):
        train_model(data(), settings, out, half_range=128.0, reporter=Dies(50))
    card = train_model(data(), settings, out, half_range=128.0, reporter=listening).card
    assert any("resuming the training" in note for note in listening.notes)
    assert card.training.steps == 125
