"""Stored scores are matched with labels by phase and by place, however the labels are seen."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from keramos.core import Box, LabelVolume, PhaseTable
from keramos.core.progress import Reporter, silent
from keramos.io import create_labels, create_scores, open_labels
from keramos.project.calibration import calibrate
from keramos.project.phase_matching import LabelsWithNames, reconcile
from keramos.scoring import measure_calibration

SHAPE = (3, 40, 50)
PHASES = PhaseTable.from_names(["void", "solid"])
RNG = np.random.default_rng(0)
SOLID = RNG.integers(0, 256, SHAPE).astype(np.uint8)
CODES = (SOLID > 127).astype(np.uint8)
TRUTH = np.where(RNG.random(SHAPE) < 0.8, CODES, 1 - CODES).astype(np.uint8)
TRUTH[1, :9] = 255


@pytest.fixture
def store(tmp_path: Path) -> Path:
    path, whole = tmp_path / "l.ome.zarr", Box.whole(SHAPE)
    create_labels(path, SHAPE, phases=PHASES, voxel_size=None).write(whole, CODES)
    create_scores(path, SHAPE, 2, voxel_size=None, phases=PHASES).write(whole, np.stack([255 - SOLID, SOLID]))
    return path


def expected(box: Box) -> float:
    codes, true, solid = CODES[box.slices], TRUTH[box.slices], SOLID[box.slices] / 255
    known = true != 255
    return measure_calibration(np.where(codes == 1, solid, 1 - solid)[known], (codes == true)[known]).ece


def truth_of(box: Box, names: tuple[str, ...] = ("void", "solid")) -> LabelVolume:
    return LabelVolume.from_array(TRUTH, PhaseTable.from_names(names), name="truth.tif").crop(box)


def test_it_is_the_calibration_of_the_decided_phase(store: Path) -> None:
    whole = Box.whole(SHAPE)
    found = calibrate(open_labels(store), truth_of(whole), progress=silent)
    assert found is not None
    assert found.ece == pytest.approx(expected(whole))
    assert found.voxels == np.sum(TRUTH != 255)
    assert calibrate(open_labels(store / "labels" / "segmentation"), truth_of(whole), progress=silent) == found


def test_a_box_is_compared_with_its_own_scores(store: Path) -> None:
    box = Box((1, 5, 20), (3, 33, 50))
    found = calibrate(open_labels(store).crop(box), truth_of(box), progress=silent)
    assert found is not None
    assert found.ece == pytest.approx(expected(box))


def test_phases_in_another_order_are_matched_by_name(store: Path) -> None:
    truth = LabelVolume.from_array(
        np.where(TRUTH == 255, 255, 1 - TRUTH).astype(np.uint8),
        PhaseTable.from_names(["solid", "void"]),
        name="truth.tif",
    )
    labels, true = reconcile(LabelsWithNames(open_labels(store), True), LabelsWithNames(truth, True), Reporter())
    found = calibrate(labels, true, progress=silent)
    assert found is not None
    assert found.ece == pytest.approx(expected(Box.whole(SHAPE)))


def test_labels_without_scores_have_no_calibration(tmp_path: Path) -> None:
    labels = create_labels(tmp_path / "l.ome.zarr", SHAPE, phases=PHASES, voxel_size=None)
    labels.write(Box.whole(SHAPE), CODES)
    assert calibrate(open_labels(tmp_path / "l.ome.zarr"), truth_of(Box.whole(SHAPE)), progress=silent) is None
    in_memory = LabelVolume.from_array(CODES, PHASES)
    assert calibrate(in_memory, truth_of(Box.whole(SHAPE)), progress=silent) is None
