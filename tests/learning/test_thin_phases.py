"""Skeleton recall: where the tubes of thin phases lie, what it costs to miss them, and which trainings have it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from keramos.core import NOT_ANNOTATED, PhaseTable
from keramos.core.progress import Reporter
from keramos.learning import AnnotatedSlice, AnnotatedSlices, CropSampler, TrainSettings, train_model
from keramos.learning.crop_centres import find_rare_phases
from keramos.learning.suit_settings import suit_settings
from keramos.learning.thin_phases import draw_tubes, skeleton_recall
from keramos.networks import load_checkpoint

TABLE = PhaseTable.from_names(["a", "b", "crack"])


def banded(thickness: int = 3) -> NDArray[np.uint8]:
    """Two halves, and one straight crack across them of so many rows; some is not annotated."""
    codes = np.repeat([[0] * 48 + [1] * 48], 96, axis=0).astype(np.uint8)
    codes[:, :5] = NOT_ANNOTATED
    codes[40 : 40 + thickness, 10:86] = 2
    return codes


def spotted() -> NDArray[np.uint8]:
    """Two halves, and round spots of a third phase that is as rare as the crack, with one scratch."""
    codes = np.where(banded() == 2, 0, banded())
    y, x = np.mgrid[:96, :96]
    for row in (20, 50, 80):
        codes[np.hypot(y - row, x - 60) < 5] = 2
    codes[5, 30:38] = 2
    return codes


def annotated(codes: NDArray[np.uint8]) -> AnnotatedSlices:
    grey = codes * 60.0 + np.random.default_rng(0).normal(0, 20, codes.shape)
    return AnnotatedSlices((AnnotatedSlice(grey, codes, "a.png", 0),), TABLE, None)


@pytest.mark.parametrize(("thickness", "rows"), [(1, range(40, 41)), (3, range(40, 43)), (9, range(42, 47))])
def test_a_tube_is_five_pixels_of_the_middle_at_most_and_never_beyond_the_phase(thickness: int, rows: range) -> None:
    tubes = draw_tubes(banded(thickness), [2])
    # Far from the ends of the crack, where its skeleton may branch.
    assert np.flatnonzero((tubes[:, 20:76] == 2).all(axis=1)).tolist() == list(rows)
    assert np.flatnonzero((tubes[:, 20:76] == 2).any(axis=1)).tolist() == list(rows)
    assert set(np.unique(tubes).tolist()) == {2, NOT_ANNOTATED}
    assert (banded(thickness)[tubes == 2] == 2).all()


def by_hand(logits: NDArray[np.float64], tubes: NDArray[np.int64], phases: list[int]) -> float:
    p = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    found = [p[:, phase][tubes == phase] for phase in phases if (tubes == phase).any()]
    return float(np.mean([1 - (each.sum() + 1) / (each.size + 1) for each in found]))


@pytest.mark.parametrize("phases", [[2], [1, 2], [1, 2, 3]])
def test_it_is_the_share_of_the_tubes_that_is_missed(phases: list[int]) -> None:
    rng = np.random.default_rng(0)
    logits, tubes = rng.normal(0, 2, (2, 4, 6, 5)), np.full((2, 6, 5), NOT_ANNOTATED)
    tubes[0, 1], tubes[1, :, 3] = 1, 2
    score = torch.from_numpy(logits).requires_grad_()
    loss = skeleton_recall(score, torch.from_numpy(tubes), phases)
    assert loss.item() == pytest.approx(by_hand(logits, tubes, phases))
    loss.backward()
    assert score.grad is not None
    counted = np.isin(tubes, phases)
    assert ((score.grad != 0).any(dim=1).numpy() == counted).all()
    assert float(skeleton_recall(score.detach(), torch.full((2, 6, 5), NOT_ANNOTATED), phases)) == 0


def sampler(codes: NDArray[np.uint8], *, tubes: bool = True, grey: NDArray[np.float64] | None = None) -> CropSampler:
    data = AnnotatedSlices((AnnotatedSlice(codes if grey is None else grey, codes, "a.png", 0),), TABLE, None)
    return CropSampler(data, [((0.0, 1.0),)], size=64, batch=24, seed=0, tubes=tubes)


def test_tubes_are_turned_and_scaled_with_the_labels() -> None:
    """The image shows the tubes: its pixels and those of the tubes part only at outlines."""
    codes = np.tile(banded(11), (2, 2))
    codes[100:][codes[100:] == 2] = 0
    assert sampler(codes).thin == [2]
    shown = np.where(draw_tubes(codes, [2]) == 2, 100.0, -100.0)
    grey, found, tubes = next(sampler(codes, grey=shown).batches())
    assert tubes is not None
    tube = tubes == 2
    assert (found[tube] == 2).all()
    assert 0.2 < tube.sum() / (found == 2).sum() < 0.7
    agree = (grey[:, 0] > 0) == tube
    near = torch.nn.functional.max_pool2d(tube[:, None].float(), 9, 1, 4)[:, 0] > 0
    inside = found != NOT_ANNOTATED
    assert agree[inside & ~near].float().mean() > 0.995
    assert agree[inside & tube].float().mean() > 0.8


def test_crops_are_the_same_with_tubes_and_without() -> None:
    with_tubes, without = (next(sampler(banded(), tubes=tubes).batches()) for tubes in (True, False))
    assert torch.equal(with_tubes.grey, without.grey)
    assert torch.equal(with_tubes.codes, without.codes)
    assert with_tubes.tubes is not None
    assert without.tubes is None


def weights(data: AnnotatedSlices, tmp_path: Path, name: str, recall: bool | None) -> dict[str, torch.Tensor]:
    settings = TrainSettings(
        epochs=1, crop=32, batch=4, width=2, device="cpu", layers="none", scored_slices=0, skeleton_recall=recall
    )
    return dict(load_checkpoint(train_model(data, settings, tmp_path / name, half_range=128.0).path).weights)


@pytest.mark.parametrize(
    ("codes", "with_loss"),
    [
        pytest.param(banded(), True, id="thin"),
        pytest.param(banded(20), False, id="common"),
        pytest.param(spotted(), False, id="round"),
    ],
)
def test_only_trainings_with_a_thin_and_rare_phase_change(
    codes: NDArray[np.uint8], with_loss: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Bit for bit: the same weights as without the loss where no phase is both, even if it is asked for."""
    monkeypatch.setattr("keramos.learning.settings.CROPS_PER_EPOCH", 40)
    data = annotated(codes)
    never, auto, asked = (weights(data, tmp_path, f"{n}.keramos", n) for n in (False, None, True))
    assert all(torch.equal(auto[name], asked[name]) for name in auto)
    assert any(not torch.equal(auto[name], never[name]) for name in auto) == with_loss


def test_it_is_for_fresh_weights_and_phases_that_are_thin_and_rare() -> None:
    rare, common, spots = annotated(banded()), annotated(banded(20)), annotated(spotted())
    assert find_rare_phases(spots) == [2]
    suited = [
        suit_settings(TrainSettings(), data, Reporter(), fresh=fresh).skeleton_recall
        for data, fresh in ((rare, True), (rare, False), (common, True), (spots, True))
    ]
    assert suited == [True, False, False, False]
    assert suit_settings(TrainSettings(skeleton_recall=False), rare, Reporter(), fresh=True).skeleton_recall is False
