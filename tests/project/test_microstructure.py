"""`evaluate` says how far the microstructure is off, inside a tolerance and beside a second annotator."""

from __future__ import annotations

import json

import numpy as np
import pytest
from scipy.ndimage import gaussian_filter

import keramos
from keramos.core import LabelVolume, PhaseTable, VoxelSize
from keramos.core.errors import LabelError, VoxelSizeError
from keramos.project.noise_floor import annotate_twice
from keramos.scoring import Evaluation

TABLE, SIZE = PhaseTable.from_names(["void", "solid"]), VoxelSize(20, 26.4, 20.8)
TRUTH = (gaussian_filter(np.random.default_rng(0).random((24, 96, 112)), 4) > 0.495).astype(np.uint8)


def labels(codes: np.ndarray, size: VoxelSize | None = SIZE) -> LabelVolume:
    return LabelVolume.from_array(codes.astype(np.uint8), TABLE, size)


def speckle(codes: np.ndarray, share: float) -> np.ndarray:
    specks = np.random.default_rng(1).random(codes.shape) < share
    return np.where(specks, 1 - codes, codes).astype(np.uint8)


@pytest.fixture(scope="module")
def speckled() -> Evaluation:
    return keramos.evaluate(labels(speckle(TRUTH, 0.025)), labels(TRUTH))


def kinds(evaluation: Evaluation) -> list[str]:
    return [finding.kind for finding in evaluation.findings]


def test_speckle_that_iou_hides_is_told_with_its_remedy(speckled: Evaluation) -> None:
    assert speckled.positive_scores.iou > 0.95
    surface = speckled.microstructure.row("specific-surface-area", "solid")
    assert speckled.microstructure.dimensions == 3
    assert surface.error == pytest.approx(surface.predicted / surface.true - 1)
    assert surface.error > 1
    assert surface.noise_floor < 0.1
    measured = keramos.quantify(labels(TRUTH), transport=False)
    wanted = {(row.id, row.phase, row.axis): row.quantity.value for row in measured.quantities}
    shared = [row for row in speckled.microstructure.rows if row.key in wanted]
    assert len(shared) > 10
    assert [row.true for row in shared] == pytest.approx([wanted[row.key] for row in shared])
    [finding] = [finding for finding in speckled.findings if finding.kind == "microstructure-off"]
    assert finding.severity == "warning"
    assert "specific surface area of solid is" in finding.message
    assert "too large" in finding.message
    assert "mean intercept length" in finding.effect
    assert "--remove-specks" in finding.advice


def test_a_right_prediction_and_a_careful_annotator_are_not_told_off() -> None:
    exact = keramos.evaluate(labels(TRUTH), labels(TRUTH))
    assert {row.error for row in exact.microstructure.rows} <= {0, None}
    careful, _ = annotate_twice(TRUTH, SIZE)
    assert "microstructure-off" not in kinds(exact) + kinds(keramos.evaluate(labels(careful), labels(careful)))


def test_lost_detail_is_told_without_the_remedy_of_specks() -> None:
    field = gaussian_filter(TRUTH.astype(float), 4)
    smooth = field > np.quantile(field, 1 - TRUTH.mean())  # as much of it
    [finding] = [f for f in keramos.evaluate(labels(smooth), labels(TRUTH)).findings if f.kind == "microstructure-off"]
    assert "specific surface area of solid" in finding.message
    assert "too small" in finding.message
    assert "do not remove specks" in finding.advice


def test_single_slices_are_compared_in_the_plane_where_they_are_annotated() -> None:
    truth = np.full_like(TRUTH, 255)
    truth[[4, 15], 10:80, 5:] = TRUTH[[4, 15], 10:80, 5:]
    result = keramos.evaluate(labels(speckle(TRUTH, 0.03)), labels(truth))
    assert (result.microstructure.dimensions, result.tolerance.slices) == (2, (4, 15))
    outline = result.microstructure.row("outline-length", "solid")
    assert outline.error > 0.5
    assert "slices 4, 15" in result.microstructure.domain
    assert "microstructure-off" in kinds(result)
    with pytest.raises(KeyError):
        result.microstructure.row("specific-surface-area", "solid")


def test_a_volume_with_a_hole_is_compared_where_it_is_annotated() -> None:
    truth = TRUTH.copy()
    truth[:, :16, :16] = 255
    inverted = np.where(truth == 255, 1 - TRUTH, TRUTH)
    found = keramos.evaluate(labels(inverted), labels(truth)).microstructure
    assert found.dimensions == 3
    assert {row.error for row in found.rows} <= {0, None}


def test_a_tolerance_is_about_a_pixel_or_what_is_given(speckled: Evaluation) -> None:
    assert speckled.tolerance.tolerance_nm == 26.4
    moved = labels(np.roll(TRUTH, 3, axis=2)[:, :, 3:])
    near, far = (
        keramos.evaluate(moved, labels(TRUTH[:, :, 3:]), tolerance=nm, microstructure=False) for nm in (20.8, 63)
    )
    assert near.tolerance.phases[0].iou < 0.97
    assert far.tolerance.phases[0].iou == pytest.approx(1, abs=0.001)
    assert far.tolerance.phases[0].outline_recall == pytest.approx(1, abs=0.02)
    assert far.microstructure is None


def test_without_a_voxel_size_nothing_in_nm_is_said() -> None:
    bare = labels(TRUTH[:2], None)
    result = keramos.evaluate(bare, bare)
    assert result.tolerance is result.microstructure is None
    with pytest.raises(VoxelSizeError, match="voxel size"):
        keramos.evaluate(bare, bare, tolerance=20)


def test_a_second_annotation_is_the_ceiling() -> None:
    first, other = annotate_twice(TRUTH, SIZE)
    other[:3] = 255
    result = keramos.evaluate(labels(speckle(TRUTH, 0.02)), labels(first), second=labels(other))
    both = first[3:] & other[3:]
    iou = both.sum() / (first[3:] | other[3:]).sum()
    assert result.second.positive_scores.iou == pytest.approx(iou)
    assert result.second.microstructure.rows
    assert result.second.tolerance.phases[0].iou > result.second.positive_scores.iou
    again = Evaluation.from_json(json.loads(json.dumps(result.to_json(), allow_nan=False)))
    assert again == result
    with pytest.raises(LabelError, match="both"):
        keramos.evaluate(labels(TRUTH), labels(TRUTH), second=labels(np.full_like(TRUTH, 255)))


def test_a_phase_of_three_has_rows_and_scores_of_its_own() -> None:
    codes = TRUTH[:10].copy()
    codes[:, :40][codes[:, :40] == 1] = 2
    table = PhaseTable.from_names(["pore", "carbon", "binder"])
    volume = LabelVolume.from_array(codes, table, SIZE)
    result = keramos.evaluate(volume, volume)
    assert {row.phase for row in result.microstructure.rows if row.id == "specific-surface-area"} == set(table.names)
    assert [row.phase for row in result.tolerance.phases] == list(table.names)
