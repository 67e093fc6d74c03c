"""The decision between rare phases and the others, after training on crops that show the rare ones too often."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter
from scipy.special import softmax

from keramos.blocks import Block
from keramos.core import NOT_ANNOTATED, PhaseTable, Volume
from keramos.learning import AnnotatedSlice, AnnotatedSlices, TrainSettings, train_model
from keramos.learning.rare_balance import balance_rare_phases
from keramos.networks import Checkpoint, load_checkpoint

GREY, NOISE = np.array([0.0, 40.0, 80.0])[:, None, None, None], 25.0


def spotted(rare: float = 0.98) -> AnnotatedSlices:
    """Blobs of two phases and, here and there, of a third, all in noise."""
    rng = np.random.default_rng(0)
    codes = (gaussian_filter(rng.standard_normal((160, 160)), 8) > 0).astype(np.uint8)
    field = gaussian_filter(rng.standard_normal(codes.shape), 3)
    codes[field > np.quantile(field, rare)] = 2
    grey = GREY[codes, 0, 0, 0] + rng.normal(0, NOISE, codes.shape)
    codes[:5] = NOT_ANNOTATED
    return AnnotatedSlices((AnnotatedSlice(grey, codes, "a.png", 0),), PhaseTable.from_names(["a", "b", "rare"]), None)


class Bayes:
    """Scores by the grey value alone, as if all phases were as frequent but for the biases of the checkpoint."""

    def __init__(self, checkpoint: Checkpoint) -> None:
        self.biases = checkpoint.weights["head.0.bias"].reshape(3, 4).mean(dim=1).numpy()

    def fit_to(self, _: Volume) -> Bayes:
        return self

    def scores(self, pixels: NDArray[np.float64], _: Block) -> NDArray[np.float64]:
        return softmax(self.biases[:, None, None, None] - (pixels - GREY) ** 2 / (2 * NOISE**2), axis=0)


def ious(checkpoint: Checkpoint, data: AnnotatedSlices) -> list[float]:
    item = data.slices[0]
    known = item.codes != NOT_ANNOTATED
    predicted = Bayes(checkpoint).scores(item.grey[None], item.block).argmax(axis=0)[0][known]
    true = item.codes[known]
    return [float(np.sum((predicted == c) & (true == c)) / np.sum((predicted == c) | (true == c))) for c in range(3)]


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Checkpoint:
    """A model that has learnt next to nothing."""
    path = tmp_path_factory.mktemp("trained") / "m.keramos"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("keramos.learning.settings.CROPS_PER_EPOCH", 2)
        patch.setattr("keramos.learning.network_training.balance_rare_phases", give_ones)
        settings = TrainSettings(epochs=1, crop=32, batch=2, width=8, scored_slices=0)
        return load_checkpoint(train_model(spotted(), settings, path, half_range=128.0).path)


def give_ones(checkpoint: Checkpoint, _: AnnotatedSlices) -> Checkpoint:
    return Checkpoint(checkpoint.card, {**checkpoint.weights, "head.0.bias": torch.ones(12)}, "")


def test_a_training_ends_with_the_balance(trained: Checkpoint) -> None:
    assert trained.weights["head.0.bias"].tolist() == [1] * 12


def test_a_phase_that_is_seen_too_often_is_seen_as_often_as_it_is(
    trained: Checkpoint, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("keramos.learning.rare_balance.segmenter_of", Bayes)
    data = spotted()
    balanced = balance_rare_phases(trained, data)
    before, after = ious(trained, data), ious(balanced, data)
    assert after[2] > before[2] + 0.05
    assert np.mean(after) > np.mean(before) + 0.02
    assert [name for name in trained.weights if not trained.weights[name].equal(balanced.weights[name])] == [
        "head.0.bias"
    ]
    moved = (balanced.weights["head.0.bias"] - trained.weights["head.0.bias"]).reshape(3, 4).mean(dim=1).tolist()
    assert moved[:2] == [0, 0], "phases that are as frequent in crops as in images keep their scores"
    assert moved[2] < -1
    assert balance_rare_phases(trained, spotted(0.9)) is trained  # no phase is rare


def test_a_phase_that_a_loss_has_exaggerated_much_is_brought_back(
    trained: Checkpoint, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("keramos.learning.rare_balance.segmenter_of", Bayes)
    data, bias = spotted(), trained.weights["head.0.bias"].clone()
    moderate = ious(balance_rare_phases(trained, data), data)
    bias[8:] += 8
    exaggerated = Checkpoint(trained.card, {**trained.weights, "head.0.bias": bias}, "")
    assert ious(balance_rare_phases(exaggerated, data), data) == pytest.approx(moderate, abs=0.01)
