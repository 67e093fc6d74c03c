"""Training a network: it learns, it can be repeated, interrupted and gone on from, and its card tells all."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from doubles import Dies, Killed
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter
from torch import nn

from keramos.blocks import Block
from keramos.core import Box, PhaseTable, Volume, VoxelSize
from keramos.core.errors import ResumeError, SettingsError
from keramos.core.progress import Progress, Reporter
from keramos.learning import AnnotatedSlice, AnnotatedSlices, TrainSettings, train_model
from keramos.learning.crops import Batch
from keramos.learning.fabric import open_fabric
from keramos.learning.loop import fit, refresh_statistics
from keramos.learning.resuming import training_identity
from keramos.networks import Checkpoint, Compact, load_checkpoint
from keramos.segmenters import Otsu, decide, segmenter_of

SIZE = VoxelSize(20, 26.4, 20.8)


def stripes(seed: int, phases: int = 2) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """Two phases of the same mean grey, smooth and striped: no threshold can tell them apart. A third is bright."""
    rng = np.random.default_rng(seed)
    codes = (gaussian_filter(rng.standard_normal((96, 96)), 6) > 0).astype(np.uint8)
    if phases == 3:
        codes[gaussian_filter(rng.standard_normal((96, 96)), 6) > 0.04] = 2
    y, x = np.mgrid[:96, :96]
    striped = 100 + 50 * np.sign(np.sin((x + y) * 1.6))
    grey = np.select([codes == 0, codes == 1], [np.full(codes.shape, 100.0), striped], 220.0)
    return np.clip(grey + rng.normal(0, 10, grey.shape), 0, 255).astype(np.uint8), codes


def data(phases: int = 2) -> AnnotatedSlices:
    table = PhaseTable.from_names(["smooth", "striped", "bright"][:phases])
    return AnnotatedSlices((AnnotatedSlice(*stripes(0, phases), "image.tif", 48),), table, SIZE)


def trained(tmp_path: Path, name: str = "m", phases: int = 2, **settings: Any) -> Path:
    chosen = replace(TrainSettings(epochs=1, crop=64, batch=4), **settings)
    return train_model(data(phases), chosen, tmp_path / f"{name}.keramos", half_range=128.0).path


@pytest.fixture(scope="module")
def fitted(tmp_path_factory: pytest.TempPathFactory) -> Checkpoint:
    """A network trained for a whole, short epoch on two phases, with a quarter of the places held out."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("keramos.learning.settings.CROPS_PER_EPOCH", 200)
        return load_checkpoint(trained(tmp_path_factory.mktemp("fitted"), hold_out=0.25))


def iou_on_another_image(segmenter: Any, phase: int = 1, phases: int = 2) -> float:
    grey, codes = stripes(1, phases)
    volume = Volume.from_array(grey, SIZE)
    whole = Box.whole(volume.shape)
    ready = segmenter.fit_to(volume, lambda *_: None)
    found = decide(ready.scores(volume.read(), Block(0, whole, whole)))[0]
    return float(np.sum((found == phase) & (codes == phase)) / np.sum((found == phase) | (codes == phase)))


def test_it_learns_what_no_threshold_can(fitted: Checkpoint) -> None:
    network = iou_on_another_image(segmenter_of(fitted))
    assert network > 0.8
    assert network > iou_on_another_image(Otsu()) + 0.2


def test_three_phases(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("keramos.learning.settings.CROPS_PER_EPOCH", 200)
    segmenter = segmenter_of(load_checkpoint(trained(tmp_path, phases=3)))
    assert [iou_on_another_image(segmenter, phase, 3) > 0.6 for phase in range(3)] == [True] * 3


def weights(path: Path) -> dict[str, torch.Tensor]:
    return load_checkpoint(path).weights


def few_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("keramos.learning.settings.CROPS_PER_EPOCH", 32)


def test_the_same_seed_gives_the_same_weights(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    few_steps(monkeypatch)
    first, again, other = (weights(trained(tmp_path, f"m{i}", seed=seed)) for i, seed in enumerate((3, 3, 4)))
    assert all(torch.equal(first[name], again[name]) for name in first)
    assert not torch.equal(first["head.0.weight"], other["head.0.weight"])


def test_the_card_tells_how_it_came_to_be(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    few_steps(monkeypatch)
    card = load_checkpoint(trained(tmp_path, seed=5)).card
    grey = stripes(0)[0].astype(float)
    assert card.normalisation is not None
    assert (card.normalisation.mean, card.normalisation.std) == (pytest.approx(grey.mean()), pytest.approx(grey.std()))
    assert card.voxel_size == SIZE
    assert card.phase_table.names == ("smooth", "striped")
    training = card.training
    assert (training.images, training.annotated_slices, training.annotated_voxels) == (
        ("image.tif",),
        ((48,),),
        96 * 96,
    )
    assert (training.seed, training.steps, training.data_sha256) == (5, 8, data().sha256())
    assert training.curve[-1]["step"] == 8
    assert training.sources == (data().slices[0].source,)
    assert training.grey_dtype == "uint8"
    assert training.grey_range == tuple(np.percentile(grey, [1, 99]))
    assert (training.settings["optimiser"], training.settings["learning_rate"]) == ("muon", 1e-2)
    assert 0 <= card.scores["training_iou"] <= 1
    assert {"keramos", "torch", "numpy"} <= card.versions.keys()


def test_the_learning_rate_rises_at_once_and_falls_as_half_a_cosine(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("keramos.learning.settings.CROPS_PER_EPOCH", 64)
    curve = load_checkpoint(trained(tmp_path)).card.training.curve
    assert [row["step"] for row in curve] == list(range(1, 17))
    shares = np.arange(16) / 16
    expected = 1e-2 * (1 + np.cos(np.pi * shares)) / 2
    expected[0] *= 0.001 / 0.02  # the first step of a rise over 2 % of the training
    assert [row["learning_rate"] for row in curve] == pytest.approx(expected.tolist())


class Interrupts(Reporter):
    """Ctrl-C at the first sign of progress."""

    def progress(self, task: str, unit: str = "block") -> Progress:  # noqa: ARG002
        def press(done: int, total: int) -> None:
            if done < total:
                raise KeyboardInterrupt

        return press


def test_ctrl_c_keeps_the_model(tmp_path: Path) -> None:
    settings = TrainSettings(budget=600, crop=64, batch=8)
    began = time.monotonic()
    fitted = train_model(data(), settings, tmp_path / "m.keramos", half_range=128.0, reporter=Interrupts())
    assert fitted.stopped
    assert time.monotonic() - began < 300
    assert load_checkpoint(fitted.path).card.training.steps >= 0
    assert sorted(path.name for path in tmp_path.iterdir()) == ["m.keramos"]


def test_a_killed_training_leaves_a_model_to_go_on_from(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    few_steps(monkeypatch)
    monkeypatch.setattr("keramos.learning.network_fitting._SAVE_EVERY_S", 0.0)
    settings, out = TrainSettings(epochs=4, crop=64, batch=8), tmp_path / "m.keramos"
    with pytest.raises(Killed):
        train_model(data(), settings, out, half_range=128.0, reporter=Dies(50))
    assert not out.exists()
    unfinished = load_checkpoint(tmp_path / "m.unfinished.keramos")
    assert 0 < unfinished.card.training.steps < 16
    assert "unfinished" in unfinished.card.notes
    with pytest.raises(ResumeError, match="optimiser and initial weights differ from"):
        train_model(data(), settings, out, half_range=128.0, start=unfinished)
    train_model(data(), replace(settings, fresh=True), out, half_range=128.0, start=unfinished)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["m.keramos"]


def test_going_on_begins_with_the_weights_given(
    fitted: Checkpoint, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    few_steps(monkeypatch)
    settings = TrainSettings(epochs=1, crop=64, batch=8, learning_rate=1e-5)
    on = train_model(data(), settings, tmp_path / "on.keramos", half_range=128.0, start=fitted)
    fresh = train_model(data(), settings, tmp_path / "fresh.keramos", half_range=128.0)
    assert on.card.scores["training_iou"] > 0.8 > fresh.card.scores["training_iou"]
    with pytest.raises(SettingsError, match=r"phases smooth, striped, bright .*, found compact with smooth, striped"):
        train_model(data(3), settings, tmp_path / "no.keramos", half_range=128.0, start=fitted)


def test_statistics_become_those_of_the_batches_given() -> None:
    network = Compact(width=8)
    for norm in network.modules():
        if isinstance(norm, nn.BatchNorm2d):
            norm.running_mean.fill_(99)  # type: ignore[union-attr]
    batches = [Batch(torch.randn(4, 1, 64, 64), torch.zeros(4, 64, 64)) for _ in range(3)]
    refresh_statistics(network, iter(batches), "cpu")
    first = network.down[0][0](network.unshuffle(torch.cat([grey for grey, *_ in batches])))
    torch.testing.assert_close(network.down[0][1].running_mean, first.mean(dim=(0, 2, 3)), rtol=1e-3, atol=1e-4)
    assert network.down[0][1].momentum == 0.1
    assert not network.training


def test_a_training_begun_with_other_weights_is_not_gone_on_with(fitted: Checkpoint) -> None:
    settings = TrainSettings(epochs=1, crop=64, batch=8)
    other = replace(fitted, sha256="other")
    one, same, two, none = (
        training_identity(data(), settings, "cpu", weights) for weights in (fitted, fitted, other, None)
    )
    assert one == same
    assert len({identity["initial weights"] for identity in (one, two, none)}) == 3


def test_held_out_places_score_the_network_and_make_its_scores_honest(fitted: Checkpoint) -> None:
    """A network that was trained on 96 x 96 pixels only is too sure of others."""
    card = fitted.card
    assert card.training.annotated_voxels < 0.75 * 96 * 96
    assert card.scores["held_out_iou"] == pytest.approx(iou_on_another_image(segmenter_of(fitted)), abs=0.1)
    assert 0.3 < card.temperature < 5
    assert card.temperature != 1


def test_hold_out_changes_no_training_without_it() -> None:
    assert TrainSettings().to_json()["hold_out"] == 0
    assert TrainSettings(hold_out=0.2).to_json()["hold_out"] == 0.2


@pytest.mark.parametrize(("model", "share"), [("compact", 0.6), ("compact", -0.1), ("unet", 0.2)])
def test_what_cannot_be_held_out_is_refused(model: str, share: float) -> None:
    with pytest.raises(SettingsError, match=r"hold_out: expected at (least|most) 0|compact network for a hold-out"):
        TrainSettings(model=model, hold_out=share)


class TwoStreams:
    """Crops for learning that are far brighter than the images that will come."""

    positive = 1

    thin = ()

    def batches(self, *_: int) -> Iterator[Batch]:
        while True:
            yield Batch(torch.randn(2, 1, 64, 64) + 5, torch.randint(0, 2, (2, 64, 64)))

    def plain_batches(self) -> Iterator[Batch]:
        for batch in self.batches():
            yield Batch(batch.grey - 5, batch.codes)

    def state(self) -> dict[str, Any]:
        return {}


def test_after_a_training_the_statistics_are_those_of_images_as_they_are() -> None:
    torch.manual_seed(0)
    network = Compact(width=8)
    settings = TrainSettings(epochs=1, crop=64, batch=500)
    fit(network, TwoStreams(), settings, fabric=open_fabric("cpu"), report=lambda *_: None)  # type: ignore[arg-type]
    convolution, norm = network.down[0][0], network.down[0][1]
    with torch.no_grad():
        mean = convolution(network.unshuffle(torch.randn(16, 1, 64, 64))).mean(dim=(0, 2, 3))
    torch.testing.assert_close(norm.running_mean, mean, rtol=0.1, atol=0.05)
    assert not network.training
