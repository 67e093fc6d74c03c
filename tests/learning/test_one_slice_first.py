"""A fresh network of several slices learns from single ones first if asked, and goes on exactly after a kill."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from doubles import Dies, Killed
from torch import Tensor

from keramos.core import VOID_SOLID, VoxelSize
from keramos.core.errors import SettingsError
from keramos.core.progress import Reporter
from keramos.learning import AnnotatedSlice, AnnotatedSlices, TrainSettings, train_model
from keramos.learning.one_slice_first import build_of_one_slice, grow
from keramos.learning.suit_settings import suit_settings
from keramos.networks import build_network, load_checkpoint

SETTINGS = TrainSettings(
    model="compact-5",
    epochs=1,
    crop=32,
    batch=20,
    device="cpu",
    network={"width": 4, "levels": 3},
    scored_slices=0,
    one_slice_share=0.5,
)
"""Four steps with the crops below, two of them on single slices."""


@pytest.fixture(scope="module", autouse=True)
def few_crops() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("keramos.learning.settings.CROPS_PER_EPOCH", 80)
        yield


def data() -> AnnotatedSlices:
    planes = tuple(np.random.default_rng(0).integers(0, 255, (5, 48, 48)).astype(np.uint8))
    codes = (planes[2] > 128).astype(np.uint8)
    return AnnotatedSlices(
        (AnnotatedSlice(planes[2], codes, "a.tif", 2, planes=planes),), VOID_SOLID, VoxelSize(5, 5, 5)
    )


def trained(out: Path, reporter: Reporter | None = None, **other: float) -> dict[str, Tensor]:
    settings = replace(SETTINGS, **other)
    train_model(data(), settings, out, half_range=128, keep_stopped=False, reporter=reporter)
    return load_checkpoint(out).weights


def test_a_grown_network_decides_as_that_of_one_slice() -> None:
    network = build_network("compact-7", {"classes": 3, "width": 8, "levels": 3}).eval()
    small = build_of_one_slice(network, "compact").eval()
    grow(network, "compact-7", "compact", small)
    grey = torch.randn(1, 7, 32, 32)
    torch.testing.assert_close(network(grey), small(grey[:, 3:4]))


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory, few_crops: None) -> Path:
    """A model whose training nobody disturbed."""
    out = tmp_path_factory.mktemp("whole") / "m.keramos"
    trained(out)
    return out


def test_neighbours_count_in_the_end_and_the_card_says_what_was_first(whole: Path) -> None:
    weights = load_checkpoint(whole).weights
    first = weights["down.0.0.weight"].unflatten(1, (5, 4))
    assert first[:, 0].abs().max() > 0
    training = load_checkpoint(whole).card.training
    assert training.settings["one_slice_share"] == 0.5
    assert training.steps == 4
    assert [row["step"] for row in training.curve] == [1, 2, 3, 4]
    rates = [row["learning_rate"] for row in training.curve]
    assert rates[1] > rates[0]
    assert rates[2] == pytest.approx(rates[0] / 2), "the second stage begins with a rise of its own"


class DiesIn(Reporter):
    """Dies at the second sign of progress of a network's training."""

    def __init__(self, model: str) -> None:
        self.model = model

    def progress(self, task: str, unit: str = "block"):  # type: ignore[no-untyped-def]
        return Dies(1, "train").progress(task, unit) if task == f"train {self.model}" else super().progress(task, unit)


@pytest.mark.parametrize("stage", ["compact", "compact-5"])
def test_a_training_killed_in_either_stage_ends_as_one_that_was_not(stage: str, whole: Path, tmp_path: Path) -> None:
    with pytest.raises(Killed):
        trained(tmp_path / "m.keramos", DiesIn(stage))
    again = trained(tmp_path / "m.keramos")
    undisturbed = load_checkpoint(whole).weights
    assert all(torch.equal(undisturbed[name], again[name]) for name in undisturbed)


def test_it_is_for_fresh_networks_of_several_slices() -> None:
    with pytest.raises(SettingsError, match="expected a network of several slices"):
        TrainSettings(one_slice_share=0.5)
    asked = TrainSettings(model="compact-7", one_slice_share=0.5)
    with pytest.raises(SettingsError, match="expected fresh weights"):
        suit_settings(asked, data(), Reporter(), fresh=False)
    for model in ("compact-7", "compact", "compact-3d"):
        assert suit_settings(TrainSettings(model=model), data(), Reporter(), fresh=True).one_slice_share == 0
