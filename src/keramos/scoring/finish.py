"""Scores from counts."""

from __future__ import annotations

import numpy as np

from keramos.scoring.bootstrap import bootstrap_blocks, describe_bootstrap, intervals
from keramos.scoring.evaluation import BoundaryBand, Evaluation, PhaseScores, SliceFraction
from keramos.scoring.partial import Counts, Partial
from keramos.scoring.ratios import SCORES, number, phase_ratios, ratio
from keramos.scoring.settings import ScoreSettings


def finish(partial: Partial, settings: ScoreSettings, *, seed: int = 0, resamples: int = 1000) -> Evaluation:
    """Scores of the counted voxels, with 95 % confidence intervals from `resamples` bootstrap samples of a seed.

    Without an annotated voxel every score is None and `voxels` is 0.
    """
    total = partial.confusion.sum(axis=(0, 1, 2))
    off_boundary = partial.confusion_off_boundary.sum(axis=(0, 1, 2))
    blocks, edge = bootstrap_blocks(partial, settings)
    voxels = int(total.sum())
    iou = phase_ratios(total)["iou"]
    return Evaluation(
        phases=_phase_scores(total, off_boundary, blocks, settings, seed, resamples),
        positive=settings.names[settings.positive],
        mean_iou=None if np.isnan(iou).all() else float(np.nanmean(iou)),
        accuracy=int(np.trace(total)) / voxels if voxels else None,
        confusion=tuple(tuple(row) for row in total.tolist()),
        voxels=voxels,
        boundary_band=_score_band(total, off_boundary),
        bootstrap=describe_bootstrap(blocks, edge, partial, seed=seed, resamples=resamples),
        per_slice=_fractions_per_slice(partial, settings.positive),
    )


def _phase_scores(
    total: Counts, off_boundary: Counts, blocks: Counts, settings: ScoreSettings, seed: int, resamples: int
) -> tuple[PhaseScores, ...]:
    scores, inner = phase_ratios(total), phase_ratios(off_boundary)["iou"]
    bounds = intervals(blocks, seed=seed, resamples=resamples)
    return tuple(
        PhaseScores(
            name=name,
            **{score: number(scores[score][code]) for score in SCORES},
            iou_without_boundary=number(inner[code]),
            interval={score: bounds[score][code] for score in SCORES},
        )
        for code, name in enumerate(settings.names)
    )


def _score_band(total: Counts, off_boundary: Counts) -> BoundaryBand:
    band = total - off_boundary
    voxels, errors = int(band.sum()), int(band.sum() - np.trace(band))
    all_voxels, all_errors = int(total.sum()), int(total.sum() - np.trace(total))
    return BoundaryBand(
        voxels=voxels,
        errors=errors,
        share_of_voxels=voxels / all_voxels if all_voxels else None,
        share_of_errors=errors / all_errors if all_errors else None,
    )


def _fractions_per_slice(partial: Partial, positive: int) -> tuple[SliceFraction, ...]:
    annotated = partial.slice_confusion.sum(axis=(1, 2))
    truth = ratio(partial.slice_confusion[:, positive].sum(axis=1), annotated)
    where_annotated = ratio(partial.slice_confusion[:, :, positive].sum(axis=1), annotated)
    predicted = ratio(partial.slice_predicted[:, positive], partial.slice_predicted.sum(axis=1))
    return tuple(
        SliceFraction(z, int(n), number(t), number(w), number(p))
        for z, (n, t, w, p) in enumerate(zip(annotated, truth, where_annotated, predicted, strict=True))
    )
