"""The decision on scores that a training chooses on held-out squares: what mends the microstructure there is chosen and
mends it elsewhere, and what may be chance is not."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter

from keramos.core import VOID_SOLID, LabelVolume, Volume, VoxelSize
from keramos.io import open_labels
from keramos.learning import AnnotatedSlice, AnnotatedSlices, collect_annotated, split
from keramos.learning.decision_choice import choose_decision
from keramos.learning.held_out_errors import HeldOutScores, read_scores
from keramos.measurements.in_plane import compare_planes
from keramos.networks import Checkpoint, load_bundled
from keramos.segmenters import LearnedDecision, NetworkSegmenter, segment_volume
from keramos.settings.segment import SegmentationOptions

SIZE = VoxelSize(20, 20, 20)
SHAPE = (9, 256, 256)


def body(seed: int = 0) -> NDArray[np.uint8]:
    """Two phases whose structures are some ten voxels wide, and go on from slice to slice."""
    smooth = gaussian_filter(np.random.default_rng(seed).standard_normal(SHAPE), (4, 6, 6))
    return (smooth > 0).astype(np.uint8)


def scores_of(truth: NDArray[np.uint8], *, speckle: float = 0.0, deep: bool = False, shift: float = 0.0) -> Any:
    """Scores (phases, Z, Y, X) that err in outlines a little, in so many unsure pieces of three pixels, of one slice or
    of all alike, and by a shift."""
    rng = np.random.default_rng(1)
    solid = gaussian_filter(truth.astype(np.float32), 1) * 0.94 + 0.03
    depth = 1 if deep else len(truth)
    wrong = rng.random((depth, *truth.shape[1:])) < speckle
    wrong |= np.roll(wrong, 1, axis=2) | np.roll(wrong, 1, axis=1)
    wrong = np.broadcast_to(wrong, truth.shape)
    solid = np.where(wrong, np.where(truth == 1, 0.47, 0.53), solid) + shift
    solid = np.clip(solid + rng.normal(0, 0.02, truth.shape), 0, 1).astype(np.float32)
    return np.stack([1 - solid, solid])


def hold_out(truth: NDArray[np.uint8], scores: NDArray[np.float32], z: int, beside: int = 1) -> list[HeldOutScores]:
    """A third of a slice, as a training would hold it out."""
    item = AnnotatedSlice(truth[z], truth[z], "truth", z)
    held_out = split(AnnotatedSlices((item,), VOID_SOLID, SIZE), 0.33, 0).held_out.slices[0]
    return [HeldOutScores(scores[:, z - beside : z + beside + 1], held_out.codes, ("truth", ""))]


@pytest.fixture(scope="module")
def model() -> Checkpoint:
    """Weights that nobody asks; their card says that flicker is kept."""
    start = load_bundled("porous-solid", 1)
    assert start is not None
    return start


def error_elsewhere(decision: LearnedDecision, truth: NDArray[np.uint8], scores: NDArray[np.float32]) -> float:
    """Of the microstructure in slices of which nothing was annotated."""
    decided = [decision.codes_of_middle(scores[:, z - 1 : z + 2], 1) for z in (2, 6)]
    return compare_planes(decided, [truth[z] for z in (2, 6)], 1, SIZE).mean_error


@pytest.mark.parametrize(
    ("errors", "chosen"),
    [
        ({"speckle": 0.002}, {"removes_flicker": True}),
        ({"speckle": 0.002, "deep": True}, {"removes_flicker": False}),  # of all slices alike: none flickers
        ({"shift": 0.09}, {"threshold": 0.6}),
    ],
)
def test_it_mends_what_is_wrong_elsewhere_too(model: Checkpoint, errors: Any, chosen: dict[str, Any]) -> None:
    truth = body()
    scores = scores_of(truth, **errors)
    choice = choose_decision(model, hold_out(truth, scores, 4), fresh=True)
    for name, value in chosen.items():
        assert getattr(choice.decision, name) == value
    before, after = (error_elsewhere(one, truth, scores) for one in (LearnedDecision(), choice.decision))
    if choice.decision != LearnedDecision():
        assert after < 0.6 * before
        assert "on held-out squares the error of the microstructure falls from" in choice.sentence
    assert sum(trial["kept"] for trial in choice.trials) == 1


def test_specks_of_a_single_image_are_removed_from_the_size_they_have(model: Checkpoint) -> None:
    truth = body()
    scores = scores_of(truth, speckle=0.002)
    choice = choose_decision(model, hold_out(truth, scores, 4, beside=0))
    assert choice.decision == LearnedDecision(specks=4)
    assert not any(trial["decision"]["removes_flicker"] for trial in choice.trials)


def test_good_scores_are_decided_as_before(model: Checkpoint) -> None:
    truth = body()
    for start in (model, replace(model, card=model.card.model_copy(update={"removes_flicker": True}))):
        choice = choose_decision(start, hold_out(truth, scores_of(truth), 4))
        assert choice.decision == LearnedDecision.of(start.card)
        assert "no other decision was better, by more than chance" in choice.sentence


def test_outlines_of_weights_that_knew_more_than_these_labels_are_not_moved(model: Checkpoint) -> None:
    truth = body()
    choice = choose_decision(model, hold_out(truth, scores_of(truth, shift=0.09), 4))
    assert choice.decision == LearnedDecision()


def test_a_single_square_shows_nothing(model: Checkpoint) -> None:
    truth = body()
    scores = scores_of(truth, speckle=0.002)
    codes = np.full(SHAPE[1:], 255, np.uint8)
    codes[32:64, 32:64] = truth[4, 32:64, 32:64]
    seen = [HeldOutScores(scores[:, 3:6], codes, ("truth", ""))]
    assert choose_decision(model, seen).decision == LearnedDecision()


def stack(depth: int = 11) -> Volume:
    """Grey values of phases that go on from slice to slice, with noise that does not."""
    rng = np.random.default_rng(3)
    smooth = gaussian_filter(rng.standard_normal((depth, 64, 80)), (2, 4, 4)) > 0
    grey = np.clip(80 + 70 * smooth + rng.normal(0, 40, smooth.shape), 0, 255)
    return Volume.from_array(grey.astype(np.uint8), SIZE)


@pytest.fixture(scope="module")
def stack_model() -> Checkpoint:
    """The bundled weights for stacks, on grey values shifted and scaled alike in every slice."""
    start = load_bundled("porous-solid", 9, SIZE)
    assert start is not None
    constants = start.card.normalisation.model_copy(update={"scope": "fixed", "mean": 115.0, "std": 50.0})  # type: ignore[union-attr]
    training = start.card.training.model_copy(update={"grey_dtype": "uint8", "grey_range": (0, 255)})
    return replace(start, card=start.card.model_copy(update={"normalisation": constants, "training": training}))


@pytest.mark.parametrize("decision", [LearnedDecision(True, 0.4, 0), LearnedDecision(True), LearnedDecision()])
def test_held_out_slices_are_decided_as_segment_decides_them(
    decision: LearnedDecision, stack_model: Checkpoint, tmp_path: Path
) -> None:
    volume = stack()
    model = replace(stack_model, card=stack_model.card.model_copy(update=decision.to_json()))
    segment_volume(volume, NetworkSegmenter(model), tmp_path / "out", settings=SegmentationOptions(backend="torch"))
    segmented = open_labels(tmp_path / "out").read()
    for z in (0, 5):
        codes = np.full(volume.shape, 255, np.uint8)
        codes[z] = np.arange(80) // 40
        labels = LabelVolume.from_array(codes, VOID_SOLID, SIZE)
        for planes in (9, 7):  # without the slices beside it nothing is known of its flicker
            (seen,) = read_scores(model, collect_annotated([(volume, labels)], planes=planes))
            assert seen.scores.shape[1] == (3 if (z, planes) == (5, 9) else 1)
            known = decision if planes == 9 else replace(decision, removes_flicker=False)
            if planes == 9 or not decision.removes_flicker:
                np.testing.assert_array_equal(known.codes_of_middle(seen.scores, 1), segmented[z])


def test_what_a_training_chose_is_what_segment_does_unless_asked_otherwise(
    stack_model: Checkpoint, tmp_path: Path
) -> None:
    volume = stack(5)
    chosen = replace(stack_model, card=stack_model.card.model_copy(update=LearnedDecision(True, 0.3, 30).to_json()))
    plain = replace(stack_model, card=stack_model.card.model_copy(update=LearnedDecision().to_json()))
    asked = SegmentationOptions(backend="torch", flicker="remove", threshold=0.3, remove_specks=30, fill_holes=30)
    nothing = SegmentationOptions(backend="torch", flicker="keep", threshold=0.5, remove_specks=0, fill_holes=0)
    usual = SegmentationOptions(backend="torch")
    made = {}
    runs = {"chosen": (chosen, usual), "asked": (plain, asked), "undone": (chosen, nothing), "plain": (plain, usual)}
    for name, (model, settings) in runs.items():
        segment_volume(volume, NetworkSegmenter(model), tmp_path / name, settings=settings)
        made[name] = open_labels(tmp_path / name).read()
    np.testing.assert_array_equal(made["chosen"], made["asked"])
    np.testing.assert_array_equal(made["undone"], made["plain"])
    assert np.mean(made["chosen"] != made["plain"]) > 0.005
