"""Scores over sets of random crops of the test slices, a file for each set, so that a killed run goes on."""

from __future__ import annotations

from dataclasses import dataclass, replace
from io import BytesIO
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from keramos.blocks import Block, Checkpoint, computing_versions, open_checkpoint
from keramos.core import Box, Volume
from keramos.core.files import make_folder
from keramos.core.options import result_identity
from keramos.core.progress import Progress
from keramos.learning import CropSet, draw_crop_set
from keramos.learning.training import TEST_SETS
from keramos.project.comparison.data import ComparisonData
from keramos.project.comparison.settings import CompareSettings, OtsuScope
from keramos.scoring.crop_scores import count_crop_confusions
from keramos.scoring.score_histogram import ScoreHistogram, count_scores, empty_histogram
from keramos.segmenters import Otsu, Segmenter, codes_and_scores

_TOGETHER = 16
Thresholds = tuple[tuple[float, ...], ...]


@dataclass(frozen=True, eq=False)
class CropCounts:
    """Confusions (N, K, K) of each set, and the scores of all crops; no scores where a method ranks no phase."""

    sets: tuple[NDArray[np.int64], ...]
    scores: ScoreHistogram | None


def count_crops(
    predictor: Segmenter, data: ComparisonData, settings: CompareSettings, folder: Path, progress: Progress
) -> CropCounts:
    """Count what `predictor` makes of all crop sets; finished sets are read from the `folder`."""
    make_folder(folder)
    preset = settings.protocol
    sets, histograms = [], []
    for number in range(preset.sets):
        seed = (settings.seed, TEST_SETS, number)
        identity = {"model": predictor.identity(), "otsu_scope": settings.otsu_scope, **result_identity(preset)}
        identity |= {"seed": seed, **computing_versions()}
        path = folder / f"set-{number}.counts"
        checkpoint = open_checkpoint(path, identity, output=path, restart=lambda _: None)
        counts = _load(checkpoint)
        if counts is None:
            crops = draw_crop_set(data.test, seed, count=preset.crops_per_set, edge=preset.test_crop)
            counts = _count(predictor, crops, data, settings.otsu_scope)
            _save(checkpoint, *counts)
        sets.append(counts[0])
        histograms.append(counts[1])
        progress(number + 1, preset.sets)
    total = empty_histogram() if all(h is not None for h in histograms) else None
    for histogram in histograms:
        total = None if total is None or histogram is None else total + histogram
    return CropCounts(tuple(sets), total)


def _count(
    predictor: Segmenter, crops: CropSet, data: ComparisonData, scope: OtsuScope
) -> tuple[NDArray[np.int64], ScoreHistogram | None]:
    phases = data.test.phases
    confusions, total = [], empty_histogram()
    scored = True
    by_slice = slice_thresholds(predictor, data) if isinstance(predictor, Otsu) and scope == "slice" else ()
    for start in range(0, len(crops), _TOGETHER):
        numbers = np.arange(start, min(start + _TOGETHER, len(crops)))
        grey, truth = crops.crops(numbers)
        ready = _surveyed(predictor, grey, crops.places[numbers, 0], by_slice, scope)
        whole = Box.whole(grey.shape)
        codes, scores = codes_and_scores(ready, grey, Block(0, whole, whole), grey_scale=data.half_range)
        confusions.append(count_crop_confusions(codes, truth, len(phases)))
        if scores is None:
            scored = False
        else:
            total += count_scores(scores, truth, phases.positive)
    return np.concatenate(confusions), total if scored else None


def _surveyed(
    predictor: Segmenter, grey: NDArray[np.generic], slices: NDArray[np.int64], by_slice: Thresholds, scope: OtsuScope
) -> Segmenter:
    """Otsu with the thresholds of these crops: their own, or those of the slices that they come from."""
    if not isinstance(predictor, Otsu) or scope == "stack":
        return predictor
    if scope == "crop":
        return replace(predictor, scope="slice").fit_to(Volume.from_array(grey), lambda *_: None)
    rows = tuple(by_slice[int(number)] for number in slices)
    return replace(predictor, scope="slice", thresholds=rows)


def slice_thresholds(predictor: Otsu, data: ComparisonData) -> Thresholds:
    """Otsu's thresholds of each whole test slice."""
    by_slice = replace(predictor, scope="slice")
    return tuple(
        by_slice.fit_to(Volume.from_array(item.grey[None]), lambda *_: None).thresholds[0] for item in data.test.slices
    )


def _save(checkpoint: Checkpoint, confusions: NDArray[np.int64], scores: ScoreHistogram | None) -> None:
    buffer = BytesIO()
    arrays = {"confusions": confusions} | ({} if scores is None else {"scores": scores.counts})
    np.savez_compressed(buffer, **arrays)  # type: ignore[arg-type]
    checkpoint.save({}, buffer.getvalue())


def _load(checkpoint: Checkpoint) -> tuple[NDArray[np.int64], ScoreHistogram | None] | None:
    """A set that was counted with this very predictor; None without one."""
    saved = checkpoint.load()
    if saved is None:
        return None
    with np.load(BytesIO(saved.content), allow_pickle=False) as file:
        return file["confusions"], ScoreHistogram(file["scores"]) if "scores" in file else None
