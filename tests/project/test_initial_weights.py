"""The weights that a training begins with where nobody says it."""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from doubles import Notes
from scipy import ndimage

import keramos
from keramos.core import NOT_ANNOTATED, LabelVolume, PhaseTable, Volume, VoxelSize
from keramos.core.errors import FindingError
from keramos.core.progress import FindingCollector
from keramos.learning import AnnotatedSlices, TrainResult, collect_annotated, move_outlines
from keramos.networks import BUNDLED, load_bundled, save_checkpoint
from keramos.project.initial_weights import doubt_unknown_size, fit_to_labels, resolve_initial_weights
from keramos.project.verbs import train as training
from keramos.settings.train import TrainSettings
from keramos.simulation import make_phantom


@pytest.fixture(scope="module")
def phantom() -> Any:
    return make_phantom((3, 96, 96), seed=3, severity=0.3)


def settings(**given: Any) -> TrainSettings:
    return TrainSettings(images=("a",), labels=("b",), out=Path("m.keramos"), **given)


QUICK: dict[str, Any] = {"budget": 0.3, "batch": 2, "crop": 32, "device": "cpu"}
USUAL = VoxelSize(20, 26.4, 20.8)


def stack(size: VoxelSize | None = USUAL, depth: int = 3) -> Volume:
    return Volume.from_array(np.zeros((depth, 8, 8), np.uint8), size)


@pytest.mark.parametrize(
    ("given", "volume", "model"),
    [
        ({}, stack(), "compact-7"),
        ({}, stack(depth=1), "compact"),
        ({}, stack(VoxelSize(10, 10, 10)), "compact-7"),
        ({}, stack(None), "compact-7"),
        ({}, stack(VoxelSize(200, 200, 200)), None),
        ({"from_": "none"}, stack(), None),
        ({"model": "compact"}, stack(), None),
        ({"size": "M"}, stack(), None),
        ({"epochs": 1}, stack(), None),
    ],
)
def test_the_bundled_weights_where_they_fit_and_nothing_else_is_said(
    given: dict[str, Any], volume: Volume, model: str | None
) -> None:
    begin = resolve_initial_weights(settings(**given), [volume])
    assert begin.model == (model or "compact")
    assert (begin.start is None) == (model is None)


def annotated(phantom: Any, codes: Any, *names: str) -> AnnotatedSlices:
    drawn = np.full(phantom.images.shape, NOT_ANNOTATED, np.uint8)
    drawn[1] = codes
    labels = LabelVolume.from_array(drawn, PhaseTable.from_names(names), phantom.images.voxel_size)
    return collect_annotated([(phantom.images, labels)], planes=7)


def test_phases_of_any_name_and_order_are_recognised(phantom: Any) -> None:
    start, truth = load_bundled("porous-solid", 3), phantom.shown.read()[1]
    assert start is not None
    same = fit_to_labels(start, annotated(phantom, truth, "a", "b"))
    turned = fit_to_labels(start, annotated(phantom, 1 - truth, "grain", "pore"))
    assert same.knows
    assert turned.knows
    assert (same.bright, turned.bright) == ((False, True), (True, False))
    assert turned.model.card.phase_table.names == ("grain", "pore")
    bias = [fit.model.weights["head.0.bias"].reshape(2, 4) for fit in (same, turned)]
    assert (bias[0] == bias[1].flip(0)).all()


def test_labels_of_something_else_are_learnt_from_fresh_weights(phantom: Any, tmp_path: Path) -> None:
    halves, table = (np.indices((3, 96, 96))[1] > 48).astype(np.uint8), PhaseTable.from_names(["left", "right"])
    start, notes = load_bundled("porous-solid", 3), Notes()
    assert start is not None
    assert not fit_to_labels(start, annotated(phantom, halves[1], *table.names)).knows
    labels = LabelVolume.from_array(halves, table)
    fitted = keramos.train(phantom.images, labels, out=tmp_path / "m.keramos", slices=[1], reporter=notes, **QUICK)
    assert any("begins with fresh ones" in note for note in notes.notes)
    training = fitted.card.training
    assert [trial["name"] for trial in training.candidates] == ["untouched", "trained"]
    assert training.start is not None
    assert training.rival is not None
    assert (training.start.source, training.rival.source) == ("fresh", "bundled")
    assert ("the bundled network" in training.choice) == (training.kept_share == 0)


def test_of_three_phases_two_may_begin_as_one(phantom: Any) -> None:
    codes, start = phantom.shown.read()[1].copy(), load_bundled("porous-solid", 3)
    codes[:, :30][codes[:, :30] == 1] = 2
    assert start is not None
    fit = fit_to_labels(start, annotated(phantom, codes, "pore", "nickel", "ceramic"))
    assert fit.knows
    rows = fit.model.weights["head.0.bias"].reshape(3, 4)
    assert (rows[1] == rows[2]).all()
    assert (rows[0] != rows[1]).any()


def test_by_default_it_begins_with_them_and_says_what_it_keeps(phantom: Any, tmp_path: Path) -> None:
    labels = LabelVolume.from_array(phantom.shown.read(), PhaseTable.from_names(["void", "solid"]))
    notes, options = Notes(), {**QUICK, "slices": [1]}
    fitted = keramos.train(phantom.images, labels, out=tmp_path / "m.keramos", reporter=notes, **options)
    assert any("begins with the bundled weights" in note for note in notes.notes)
    assert fitted.card.architecture == "compact-7"
    training = fitted.card.training
    assert len(training.candidates) == 5
    (kept,) = [
        share for share, trial in zip((0, 0.25, 0.5, 0.75, 1), training.candidates, strict=True) if trial["kept"]
    ]
    assert training.kept_share == kept
    assert training.start is not None
    assert (training.start.source, training.start.name, training.rival) == ("bundled", "porous-solid", None)
    assert training.start.sha256 == sha256(BUNDLED["porous-solid"].stack.read_bytes()).hexdigest()
    assert training.options == {
        "images": [phantom.images.name], "labels": [labels.name], "slices": [1], "budget": 0.3, "batch": 2, "crop": 32,
        "device": "cpu",
    }  # fmt: skip
    drawn = np.bincount(phantom.shown.read()[1].ravel())
    assert (training.drawn_voxels, training.drawn_slices) == (tuple(drawn), ((1,),))
    assert training.held_out_share is not None
    assert 0.05 < training.held_out_share < 0.4
    assert training.annotated_voxels <= (1 - training.held_out_share) * drawn.sum()
    assert training.outlines_moved_px == 0
    fresh = keramos.train(phantom.images, labels, out=tmp_path / "n.keramos", from_="none", **options)
    assert fresh.card.architecture == "compact"
    training = fresh.card.training
    assert not training.candidates
    assert training.start is not None
    assert (training.start.source, training.kept_share, training.held_out_share) == ("fresh", 1, 0)
    assert training.options is not None
    assert training.options["from"] == "none"


def test_a_voxel_size_that_nobody_knows_is_told_where_weights_read_it_on_their_scale() -> None:
    volumes = [stack(), stack(None)]
    begin = resolve_initial_weights(settings(), volumes)
    doubt = doubt_unknown_size(volumes, begin)
    assert doubt is not None
    assert "made for 20 x 26.4 x 20.8 nm" in doubt.effect
    assert doubt_unknown_size([stack()], begin) is None
    assert doubt_unknown_size(volumes, resolve_initial_weights(settings(from_="none"), volumes)) is None


@pytest.mark.parametrize("slices", [None, "0-5"])
def test_a_stack_of_masks_with_one_painted_slice_is_learnt_only_if_all_slices_are_named(
    phantom: Any, slices: str | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Learnt(Exception):
        """A training would begin."""

    def begin(*_: Any, **__: Any) -> None:
        raise Learnt

    monkeypatch.setattr(training, "train_model", begin)
    grey, codes = np.repeat(phantom.images.read()[1:2], 6, axis=0), np.zeros((6, 96, 96), np.uint8)
    codes[3] = phantom.shown.read()[1]
    images = Volume.from_array(grey, phantom.images.voxel_size)
    labels = LabelVolume.from_array(codes, PhaseTable.from_names(["void", "solid"]), phantom.images.voxel_size)
    with pytest.raises(Learnt if slices else FindingError, match=None if slices else "--slices 3 if"):
        keramos.train(images, labels, out=tmp_path / "m.keramos", slices=slices, **QUICK)


@pytest.fixture
def learnt(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """The codes of the first slice that would be learnt, in place of a training."""
    codes, start = list[Any](), load_bundled("porous-solid", 3)
    assert start is not None

    def catch(data: AnnotatedSlices, _: Any, out: Path, **__: Any) -> TrainResult:
        codes.append(data.slices[0].codes)
        card = start.card.model_copy(update={"training": start.card.training.model_copy(update={"curve": ()})})
        save_checkpoint(out, card, start.weights)
        return TrainResult(out, card)

    monkeypatch.setattr(training, "train_model", catch)
    return codes


@pytest.mark.parametrize(("outlines", "is_moved"), [("image", True), ("drawn", False)])
def test_outlines_drawn_to_one_side_are_learnt_where_the_image_has_them(
    phantom: Any, outlines: str, is_moved: bool, tmp_path: Path, learnt: list[Any]
) -> None:
    collector, truth = FindingCollector(Notes()), phantom.shown.read()[1]
    drawn = move_outlines(truth, (False, True), 1.5)
    labels = LabelVolume.from_array(drawn[None], PhaseTable.from_names(["void", "solid"]))
    options = {**QUICK, "slices": [1], "outlines": outlines, "reporter": collector}
    training_record = keramos.train(phantom.images, labels, out=tmp_path / "m.keramos", **options).card.training
    (codes,) = learnt
    assert training_record.drawn_voxels == tuple(np.bincount(drawn.ravel()))
    assert training_record.outlines_moved_px == (pytest.approx(-1.5, abs=0.5) if is_moved else 0)
    assert ("displaced-outlines" in [finding.kind for finding in collector.findings]) == is_moved
    assert np.mean(codes != truth) < 0.25 * np.mean(drawn != truth) if is_moved else (codes == drawn).all()


def test_a_small_pore_that_was_missed_is_told_and_learnt_as_drawn(
    phantom: Any, tmp_path: Path, learnt: list[Any]
) -> None:
    collector, truth = FindingCollector(Notes()), phantom.shown.read()[1]
    bodies, _ = ndimage.label(truth == 0, np.ones((3, 3)))
    areas = np.bincount(bodies.ravel())
    missed = bodies == np.flatnonzero(areas == np.sort(areas[areas > 12])[0])[0]
    drawn = np.where(missed, 1, truth).astype(np.uint8)
    labels = LabelVolume.from_array(drawn[None], PhaseTable.from_names(["void", "solid"]))
    keramos.train(phantom.images, labels, out=tmp_path / "m.keramos", **QUICK, slices=[1], reporter=collector)
    assert [finding.kind for finding in collector.findings].count("missed-bodies") == 1
    assert (learnt[0] == drawn).all()
