"""Scores whose value is known from geometry or from counting by hand, not from our code."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest

from keramos.core import NOT_ANNOTATED, Box
from keramos.scoring import Evaluation, ScoreSettings, finish, measure


def scored(prediction, truth, *, names=("void", "solid"), cell=(8, 32, 32), resamples=200, seed=0) -> Evaluation:
    prediction, truth = (np.asarray(a, np.uint8).reshape((-1, *np.shape(a)[-2:])) for a in (prediction, truth))
    score = ScoreSettings(len(names), len(names) - 1, tuple(names), truth.shape, cell)
    box = Box.whole(truth.shape)
    partial = measure(prediction, truth, read=box, core=box, settings=score)
    return finish(partial, score, seed=seed, resamples=resamples)


def test_counts_by_hand() -> None:
    truth = [[1, 1, 1, 0], [1, 1, 0, 0], [255, 0, 0, 0]]
    prediction = [[1, 0, 1, 1], [1, 1, 1, 0], [1, 0, 0, 1]]
    # solid: 4 found, 1 missed, 3 false; void: 3 right; the voxel nobody annotated does not count
    result = scored(prediction, truth)
    assert result.confusion == ((3, 3), (1, 4))
    assert result.voxels == 11
    solid = result.positive_scores
    assert solid.precision == pytest.approx(4 / 7)
    assert solid.recall == pytest.approx(4 / 5)
    assert solid.iou == pytest.approx(4 / 8)
    assert solid.dice == pytest.approx(8 / 12)
    assert result.phase("void").iou == pytest.approx(3 / 7)
    assert result.mean_iou == pytest.approx((4 / 8 + 3 / 7) / 2)
    assert result.accuracy == pytest.approx(7 / 11)


@pytest.mark.parametrize("shift", [0, 1, 5, 16, 20])
def test_iou_of_shifted_squares(shift: int) -> None:
    # Two squares of edge 16, one shifted along x: overlap 16 (16 - s), union 16 (16 + s).
    truth, prediction = np.zeros((2, 3, 40, 60), np.uint8)
    truth[:, 10:26, 8:24] = 1
    prediction[:, 10:26, 8 + shift : 24 + shift] = 1
    overlap = max(0, 16 - shift)
    assert scored(prediction, truth).positive_scores.iou == pytest.approx(overlap / (32 - overlap))


def test_shift_by_one_lies_wholly_in_the_band_and_by_two_half_of_it() -> None:
    truth, one, two = np.zeros((3, 2, 40, 60), np.uint8)
    truth[:, :, 20:40] = 1
    one[:, :, 21:41] = 1
    two[:, :, 22:42] = 1
    result = scored(one, truth)
    assert result.boundary_band.share_of_errors == 1
    assert result.positive_scores.iou_without_boundary == 1
    assert result.boundary_band.voxels == 2 * 40 * 4  # columns 19, 20, 39 and 40
    result = scored(two, truth)
    assert result.boundary_band.share_of_errors == 0.5
    # off the band: truth 21 ... 38, found of it 22 ... 38, false 41
    assert result.positive_scores.iou_without_boundary == pytest.approx(17 / 19)


def brute_force(prediction, truth, classes):
    """Voxel by voxel, straight from the definitions."""
    confusion, off, pairs = np.zeros((classes, classes), int), np.zeros((classes, classes), int), np.zeros((2, 2), int)
    nz, ny, nx = truth.shape
    for z, y, x in product(range(nz), range(ny), range(nx)):
        t = truth[z, y, x]
        if t == NOT_ANNOTATED:
            continue
        around = truth[z, max(y - 1, 0) : y + 2, max(x - 1, 0) : x + 2].ravel()
        confusion[t, prediction[z, y, x]] += 1
        if all(n in (t, NOT_ANNOTATED) for n in around):
            off[t, prediction[z, y, x]] += 1
        for row, (v, u) in enumerate([(y + 1, x), (y, x + 1)]):
            if v < ny and u < nx and truth[z, v, u] != NOT_ANNOTATED:
                pairs[row] += 1, truth[z, v, u] != t
    return confusion, off, pairs


@pytest.mark.parametrize("seed", range(4))
def test_brute_force_agrees(seed: int) -> None:
    rng = np.random.default_rng(seed)
    truth = rng.integers(0, 3, (2, 3, 4)).repeat(3, axis=1).repeat(3, axis=2).astype(np.uint8)
    prediction = np.where(rng.random(truth.shape) < 0.8, truth, 2 - truth).astype(np.uint8)
    truth[rng.random(truth.shape) < 0.15] = NOT_ANNOTATED
    score = ScoreSettings(3, 2, ("a", "b", "c"), truth.shape, (1, 4, 5))
    box = Box.whole(truth.shape)
    partial = measure(prediction, truth, read=box, core=box, settings=score)
    confusion, off, pairs = brute_force(prediction, truth, 3)
    np.testing.assert_array_equal(partial.confusion.sum(axis=(0, 1, 2)), confusion)
    np.testing.assert_array_equal(partial.slice_confusion.sum(axis=0), confusion)
    np.testing.assert_array_equal(partial.confusion_off_boundary.sum(axis=(0, 1, 2)), off)
    np.testing.assert_array_equal(partial.neighbours, pairs)


def test_correlation_length_of_stripes_and_the_blocks_it_asks_for() -> None:
    # Stripes 10 voxels wide across x: 199 pairs and 19 changes a row; along y nothing ever changes.
    truth = np.broadcast_to((np.arange(200) // 10 % 2).astype(np.uint8), (4, 40, 200))
    boot = scored(truth, truth, cell=(2, 8, 8)).bootstrap
    assert boot.correlation_length_voxels == (None, pytest.approx(0.5 * 199 / 19))
    assert boot.block_edge_voxels[1] == 40  # no change along y: the whole height is one block
    assert boot.block_edge_voxels[2] == 24  # the first multiple of 8 from 4 * 0.5 * 199 / 19 = 20.9
    assert boot.blocks == 9
    assert boot.indicative


def test_correlation_length_is_that_of_a_random_medium() -> None:
    # A telegraph process with mean stays l1 and l2 has the autocorrelation exp(-r / a), 1 / a = 1 / l1 + 1 / l2.
    rng, l1, l2 = np.random.default_rng(3), 60.0, 12.0
    stays = rng.exponential([l1, l2], (3000, 2)).ravel()
    edges = np.cumsum(stays)
    line = (np.searchsorted(edges, np.arange(60_000)) % 2).astype(np.uint8)
    truth = np.broadcast_to(line, (1, 8, 60_000))
    a = scored(truth, truth, cell=(1, 8, 8)).bootstrap.correlation_length_voxels[1]
    assert a == pytest.approx(1 / (1 / l1 + 1 / l2), rel=0.1)
    centred = line - line.mean()
    measured = np.mean(centred[:-10] * centred[10:]) / np.mean(centred**2)
    assert a == pytest.approx(-10 / np.log(measured), rel=0.1)


def checkerboard(shape: tuple[int, int, int]) -> np.ndarray:
    return (np.indices(shape).sum(axis=0) % 2).astype(np.uint8)


def test_interval_of_independent_noise_covers_the_known_recall_about_95_times_in_100() -> None:
    truth, p, covered, widths = checkerboard((4, 64, 64)), 0.8, 0, []
    for seed in range(60):
        wrong = np.random.default_rng(seed).random(truth.shape) > p
        result = scored(np.where(wrong, 1 - truth, truth), truth, cell=(2, 8, 8), seed=seed)
        low, high = result.positive_scores.interval["recall"]
        covered += low <= p <= high
        widths.append(high - low)
    assert 52 <= covered <= 60
    # Binomial: 2 * 1.96 * sqrt(p q / n), because independent noise is as wide in blocks as voxel by voxel.
    assert np.mean(widths) == pytest.approx(3.92 * np.sqrt(p * (1 - p) / (truth.size / 2)), rel=0.15)


def test_interval_of_errors_that_clump_is_wider_than_voxel_by_voxel() -> None:
    rng = np.random.default_rng(5)
    truth = checkerboard((4, 128, 128))
    clumps = (rng.random((2, 16, 16)) > 0.8).repeat(2, 0).repeat(8, 1).repeat(8, 2)
    result = scored(np.where(clumps, 1 - truth, truth), truth, cell=(2, 8, 8))
    low, high = result.positive_scores.interval["recall"]
    blocks = clumps.size / (2 * 8 * 8)
    p = 1 - clumps.mean()
    assert result.bootstrap.blocks == blocks
    assert high - low == pytest.approx(3.92 * np.sqrt(p * (1 - p) / blocks), rel=0.2)
    assert low < result.positive_scores.recall < high
