"""Scores inside a tolerance against distance transforms, and the centreline Dice against its definition."""

from __future__ import annotations

import json

import numpy as np
import pytest
from scipy.ndimage import distance_transform_edt, gaussian_filter
from skimage.morphology import skeletonize

from keramos.core import VoxelSize
from keramos.scoring import OutlineScores, ToleranceScores, count_outlines, finish_outlines

SIZE = VoxelSize(20, 26.4, 20.8)


def pair(seed: int) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    field = gaussian_filter(rng.random((70, 90)), 2)
    other = field + 0.3 * gaussian_filter(rng.random((70, 90)) - 0.5, 2)
    return (other > 0.5).astype(np.uint8), (field > 0.5).astype(np.uint8)


def scores(prediction: np.ndarray, truth: np.ndarray, tolerance: float) -> OutlineScores:
    return finish_outlines(count_outlines(prediction, truth, 1, tolerance_nm=tolerance, voxel_size=SIZE), "solid")


def share_near(mask: np.ndarray, other: np.ndarray, tolerance: float) -> float:
    """The share of a mask's pixels no farther than a tolerance from the other mask, by a distance transform."""
    distance = distance_transform_edt(~other, sampling=SIZE.zyx[1:])
    return float((distance[mask] <= tolerance + 1e-6).mean())


def outline(mask: np.ndarray, known: np.ndarray) -> np.ndarray:
    out = np.zeros_like(mask)
    for y, x in zip(*np.nonzero(mask), strict=True):
        for a, b in ((y - 1, x), (y + 1, x), (y, x - 1), (y, x + 1)):
            if 0 <= a < mask.shape[0] and 0 <= b < mask.shape[1] and known[a, b] and not mask[a, b]:
                out[y, x] = True
    return out


@pytest.mark.parametrize("tolerance", [0, 20.8, 26.4, 60, 131.5])
def test_shares_are_those_of_a_distance_transform(tolerance: float) -> None:
    prediction, truth = pair(0)
    truth[20:40, 30:50] = 255
    prediction[:, 80:] = 255
    found = scores(prediction, truth, tolerance)
    known = (prediction < 255) & (truth < 255)
    p, t = (prediction == 1) & known, (truth == 1) & known
    assert found.precision == pytest.approx(share_near(p, t, tolerance))
    assert found.recall == pytest.approx(share_near(t, p, tolerance))
    matched, missed = share_near(p, t, tolerance) * p.sum(), (1 - share_near(t, p, tolerance)) * t.sum()
    assert found.iou == pytest.approx(matched / (p.sum() + missed))
    one, other = outline(p, known), outline(t, known)
    precision, recall = share_near(one, other, tolerance), share_near(other, one, tolerance)
    assert (found.outline_precision, found.outline_recall) == pytest.approx((precision, recall))
    assert found.outline_f1 == pytest.approx(2 * precision * recall / (precision + recall))
    if tolerance == 0:
        assert found.iou == pytest.approx((p & t).sum() / (p | t).sum())


def test_centreline_dice_is_that_of_its_definition_and_punishes_a_gap() -> None:
    prediction, truth = (mask == 1 for mask in pair(1))
    found = scores(prediction.astype(np.uint8), truth.astype(np.uint8), 0).cldice
    inside = [skeletonize(a)[b].sum() / skeletonize(a).sum() for a, b in ((prediction, truth), (truth, prediction))]
    assert found == pytest.approx(2 * inside[0] * inside[1] / sum(inside))
    crack = np.zeros((40, 60), np.uint8)
    crack[20:23, 4:56] = 1
    wide, cut = np.zeros_like(crack), crack.copy()
    wide[19:24, 4:56] = 1
    cut[:, 20:40] = 0
    assert scores(wide, crack, 0).iou < scores(cut, crack, 0).iou + 0.05
    assert scores(wide, crack, 0).cldice > 0.95
    assert scores(cut, crack, 0).cldice < 0.8


def test_what_is_undefined_is_none_and_all_is_json() -> None:
    nothing, something = np.zeros((9, 9), np.uint8), np.eye(9, dtype=np.uint8)
    absent = scores(nothing, nothing, 30)
    assert (absent.iou, absent.precision, absent.outline_f1, absent.cldice) == (None,) * 4
    missed = scores(nothing, something, 30)
    assert (missed.recall, missed.iou, missed.precision) == (0, 0, None)
    whole = ToleranceScores(30.0, (3, 5), (absent, missed))
    assert ToleranceScores.from_json(json.loads(json.dumps(whole.to_json()))).slices == (3, 5)
