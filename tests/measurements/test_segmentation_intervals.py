"""Segmentation realizations, and the intervals made of them, obey their laws."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter

from keramos.core import NOT_ANNOTATED, VOID_SOLID, Box, LabelVolume, Quantity, VoxelSize
from keramos.core.errors import LabelError, ShapeError
from keramos.measurements import quantify_volume, with_segmentation
from keramos.measurements.counting.interval import Spread
from keramos.measurements.results import Measured, Measurements
from keramos.measurements.tables import from_json, table_rows, to_json
from keramos.measurements.uncertainty import segmentation_intervals
from keramos.measurements.uncertainty.error_correlation import ErrorCorrelation, fit_correlation, hidden_correlation
from keramos.measurements.uncertainty.realizations import sample_segmentation
from keramos.measurements.uncertainty.recalibration import fit_recalibration
from keramos.measurements.uncertainty.segmentation_intervals import measure_uncertain_quantities
from keramos.measurements.uncertainty.segmentation_uncertainty import join_interval
from keramos.measurements.volume import MeasuredVolume
from keramos.reports.microstructure import headline_groups
from keramos.settings.quantify import MeasurementOptions

SIZE = VoxelSize(20, 26.4, 20.8)
Stored = NDArray[np.uint8]


class Kept:
    """Stored scores in memory."""

    def __init__(self, stored: Stored) -> None:
        self.stored = stored

    def read(self, box: Box) -> Stored:
        return self.stored[(slice(None), *box.slices)]


def smooth_scores(shape: tuple[int, int, int], softness: float, seed: int = 0) -> NDArray[np.float32]:
    """Scores of two phases (2, Z Y X) of a smooth body whose borders are in doubt over a width that `softness` sets."""
    field = gaussian_filter(np.random.default_rng(seed).standard_normal(shape), 6, mode="wrap")
    solid = 1 / (1 + np.exp(-field / field.std() / softness))
    return np.stack([1 - solid, solid]).astype(np.float32)


def synthetic(shape: tuple[int, int, int], length_nm: float = 60.0, seed: int = 0) -> tuple[Stored, Stored]:
    """Stored scores, and a truth drawn from them."""
    scores = smooth_scores(shape, 0.3, seed)
    truth = sample_segmentation(scores, ErrorCorrelation(length_nm, 0), SIZE, np.random.default_rng([seed, 1]))
    return np.round(255 * scores).astype(np.uint8), truth


def intervals(stored: Stored, truth: Stored, annotated: list[int], seed: int = 0) -> Measurements:
    """What is measured of the labels that the scores decide, some slices of the truth being known."""
    labels = LabelVolume.from_array((stored[1] > 127).astype(np.uint8), VOID_SOLID, SIZE, "labels")
    known = np.full_like(truth, NOT_ANNOTATED)
    known[annotated] = truth[annotated]
    settings = MeasurementOptions(transport=False, threads=1, realizations=4, seed=seed)
    found = measure_uncertain_quantities(labels, settings)
    return with_segmentation(
        found, labels, Kept(stored), LabelVolume.from_array(known, VOID_SOLID, SIZE, "truth"), settings
    )


@pytest.mark.parametrize("length", [40.0, 90.0])
@pytest.mark.parametrize("softness", [0.4, 3.0])
def test_the_correlation_of_errors_is_recovered(length: float, softness: float) -> None:
    scores = smooth_scores((4, 400, 400), softness)
    truth = sample_segmentation(scores, ErrorCorrelation(length, 0), SIZE, np.random.default_rng(1))
    found = fit_correlation(scores[1], truth, SIZE, phase=1)
    assert found is not None
    assert found.length_nm == pytest.approx(length, rel=0.12)


def test_the_hidden_correlation_is_sheppards_at_even_odds() -> None:
    even = np.full(5, 0.501)  # Sheppard 1899: both below the middle in 1/4 + asin(r) / (2 pi) of all cases
    assert hidden_correlation(even, even, 5 / 12) == pytest.approx(np.sin(5 / 12 * 2 * np.pi / 5), abs=0.01)


def test_the_correlation_is_the_same_in_the_mirror() -> None:
    scores = smooth_scores((2, 96, 96), 0.4)
    truth = sample_segmentation(scores, ErrorCorrelation(60, 0), SIZE, np.random.default_rng(1))
    found = fit_correlation(scores[1], truth, SIZE, phase=1)
    for mirror in (np.s_[:, ::-1], np.s_[:, :, ::-1]):
        other = fit_correlation(scores[1][mirror], truth[mirror], SIZE, phase=1)
        assert found is not None
        assert other is not None
        assert other.length_nm == pytest.approx(found.length_nm, rel=1e-5)


def test_scores_that_leave_no_doubt_have_no_correlation_to_see() -> None:
    sure = smooth_scores((1, 40, 40), 0.3).round()
    assert fit_correlation(sure[1], sure[1].astype(np.uint8), SIZE, phase=1) is None
    with pytest.raises(ShapeError, match="of one shape"):
        fit_correlation(sure[1], np.zeros((1, 40, 41), np.uint8), SIZE, phase=1)


@pytest.mark.parametrize("length", [10.0, 60.0, 400.0])
@pytest.mark.parametrize("shape", [(1, 30, 30), (12, 24, 24)])
def test_draws_have_each_voxels_scores(length: float, shape: tuple[int, int, int]) -> None:
    odds = np.array([0.05, 0.35, 0.6], np.float32)
    scores = np.broadcast_to(odds[:, None, None, None], (3, *shape))
    drawn = [
        sample_segmentation(scores, ErrorCorrelation(length, 0), SIZE, np.random.default_rng(n)) for n in range(400)
    ]
    for code, odd in enumerate(odds):
        shares = np.mean([codes[0, :2, :2] == code for codes in drawn], axis=0)
        assert shares == pytest.approx(np.full((2, 2), odd), abs=0.1)
        assert np.mean([codes == code for codes in drawn]) == pytest.approx(odd, abs=0.05)


def test_scores_of_zero_and_one_draw_the_labels_every_time() -> None:
    sure = smooth_scores((6, 20, 20), 0.3).round()
    for number in range(5):
        drawn = sample_segmentation(sure, ErrorCorrelation(50, 0), SIZE, np.random.default_rng(number))
        assert np.array_equal(drawn, sure[1])


def test_recalibrated_scores_have_the_true_fraction_and_undo_a_known_distortion() -> None:
    rng = np.random.default_rng(0)
    odds = rng.normal(0, 2, 40_000)
    truth = (rng.random(odds.size) < 1 / (1 + np.exp(-odds))).astype(np.uint8)
    said = 1 / (1 + np.exp(-(2 * odds + 1)))  # too sure of itself, and too fond of solid
    stored = np.round(255 * np.stack([1 - said, said])).astype(np.uint8)
    found = fit_recalibration(stored, truth)
    assert found.apply(stored)[1].mean() == pytest.approx(truth.mean(), abs=1e-3)
    assert found.slope == pytest.approx(0.5, abs=0.05)
    assert found.shifts == pytest.approx((0.0, -0.5), abs=0.1)
    assert fit_recalibration(stored[::-1], 1 - truth).shifts[1] == pytest.approx(-found.shifts[1], abs=1e-3)


def test_more_annotated_slices_leave_less_doubt() -> None:
    stored, truth = synthetic((12, 80, 80))
    few, many = (intervals(stored, truth, slices) for slices in ([4], [1, 3, 5, 7, 9, 11]))
    for name, axis in (("phase-fraction", ""), ("mean-intercept-length", "y")):
        narrow, wide = (np.ptp(found.find(name, "solid", axis).segmentation or ()) for found in (many, few))
        assert narrow < 0.7 * wide


def test_intervals_hold_the_truth_of_labels_that_are_biased() -> None:
    held, centred, measured = 0, 0.0, 0.0
    for seed in range(6):
        stored, truth = synthetic((12, 80, 80), seed=seed)
        stored[1] = np.round(255 * (stored[1] / 255.0) ** 0.3)  # fonder of solid than it should be
        stored[0] = 255 - stored[1]
        quantity, true = intervals(stored, truth, [6]).find("phase-fraction", "solid"), float(np.mean(truth == 1))
        assert quantity.segmentation is not None
        low, high = quantity.segmentation
        held += int(low <= true <= high)
        centred += (low + high) / 2 - true
        measured += quantity.value - true
    assert held >= 5
    assert abs(centred) < measured / 3


def test_unannotated_voxels_around_labels_and_truth_change_no_interval() -> None:
    stored, truth = synthetic((8, 64, 64))
    codes = (stored[1] > 127).astype(np.uint8)
    known = np.full_like(truth, NOT_ANNOTATED)
    known[4] = truth[4]
    around, settings = ((2, 1), (0, 9), (5, 30)), MeasurementOptions(transport=False, threads=1, realizations=4)
    results = []
    for pads in (((0, 0),) * 3, around):
        labels, true = (
            LabelVolume.from_array(np.pad(part, pads, constant_values=NOT_ANNOTATED), VOID_SOLID, SIZE)
            for part in (codes, known)
        )
        scores = Kept(np.pad(stored, ((0, 0), *pads)))
        results.append(with_segmentation(quantify_volume(labels, settings), labels, scores, true, settings))
    alone, padded = (replace(each, curves=()) for each in results)  # of which positions are in the larger volume
    assert any(row.quantity.segmentation for row in alone.quantities)
    assert alone == padded


def test_the_seed_decides_the_interval() -> None:
    stored, truth = synthetic((8, 64, 64))
    one, same, other = (intervals(stored, truth, [4], seed) for seed in (0, 0, 1))
    assert one == same
    assert one != other


def test_where_nothing_can_be_said_there_is_a_note_and_no_interval() -> None:
    stored, truth = synthetic((8, 64, 64))
    sure = np.where(stored > 127, 255, 0).astype(np.uint8)
    found = intervals(sure, (sure[1] > 0).astype(np.uint8), [4])
    assert all(row.quantity.segmentation is None for row in found.quantities)
    assert "have a score in doubt" in found.notes[-1]
    with pytest.raises(LabelError, match="expected annotated voxels"):
        intervals(stored, truth, [])


def test_the_interval_between_two_bounds_is_the_students_where_they_meet_and_the_bounds_without_errors() -> None:
    low, high = join_interval(5, 5, [Spread(1, 10)], 100)
    assert (low, high) == pytest.approx((5 - 2.228, 5 + 2.228), abs=1e-3)
    assert join_interval(5, 5, [], 100) == (5, 5)
    low, high = join_interval(4, 6, [Spread(1e-6, 10)], 100)
    assert (low, high) == pytest.approx((5 - 1.96 / 3**0.5, 5 + 1.96 / 3**0.5), abs=1e-3)
    assert join_interval(0.5, 0.9, [Spread(0.4, 10)], 1.0) == (pytest.approx(0.0, abs=0.1), 1.0)


def test_intervals_of_the_segmentation_are_written_and_read_again_and_older_files_have_none() -> None:
    row = Measured("phase-fraction", "phase fraction", Quantity(0.5, "1", "counted", segmentation=(0.4, 0.7)), "solid")
    written = to_json(Measurements((row,)))
    assert from_json(json.loads(json.dumps(written))).quantities == (row,)
    assert table_rows(Measurements((row,)))[0][-2:] == (0.4, 0.7)
    del written["quantities"][0]["segmentation"]
    assert from_json(written).find("phase-fraction", "solid").segmentation is None


def test_the_report_shows_the_interval_of_the_segmentation() -> None:
    row = Measured("phase-fraction", "phase fraction", Quantity(0.5, "1", "counted", segmentation=(0.4, 0.7)), "solid")
    (group,) = headline_groups(Measurements((row,)))
    assert group.rows[0].cells[0].segmentation == "40–70"


def test_a_truth_stays_with_this_process(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[tuple[int, str | None]] = []

    def find(_: LabelVolume, settings: MeasurementOptions) -> MeasuredVolume:
        asked.append((settings.workers, settings.scheduler))
        raise InterruptedError

    monkeypatch.setattr(segmentation_intervals, "find_measured_volume", find)
    labels = LabelVolume.from_array(np.zeros((2, 8, 8), np.uint8), VOID_SOLID, SIZE)
    for options in ({"workers": 4}, {"scheduler": "tcp://host:1"}):
        with pytest.raises(InterruptedError):
            with_segmentation(Measurements(), labels, Kept(labels.read()), labels, MeasurementOptions(**options))
    assert asked == [(1, None)] * 2
