"""Scores over sets of random crops of the test slices, a file for each set, so that a killed run goes on."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from keramos.blocks import Block
from keramos.core import Box, Volume
from keramos.core.files import make_folder, translate_os_errors
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
    """What `predictor` makes of all crop sets; finished sets are read from the `folder`."""
    make_folder(folder)
    preset = settings.protocol
    sets, histograms = [], []
    for number in range(preset.sets):
        path, seed = folder / f"set-{number}.npz", (settings.seed, TEST_SETS, number)
        identity = f"{predictor.identity()} {settings.otsu_scope} {preset.crops_per_set} {preset.test_crop} {seed}"
        found = _read(path, identity)
        if found is None:
            crops = draw_crop_set(data.test, seed, count=preset.crops_per_set, edge=preset.test_crop)
            found = _count(predictor, crops, data, settings.otsu_scope)
            _write(path, identity, *found)
        sets.append(found[0])
        histograms.append(found[1])
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


def _write(path: Path, identity: str, confusions: NDArray[np.int64], scores: ScoreHistogram | None) -> None:
    partial = path.with_suffix(".partial")
    arrays = {"confusions": confusions} | ({} if scores is None else {"scores": scores.counts})
    with translate_os_errors(path):
        with partial.open("wb") as file:
            np.savez_compressed(file, identity=np.array(identity), **arrays)  # type: ignore[arg-type]
        partial.replace(path)


def _read(path: Path, identity: str) -> tuple[NDArray[np.int64], ScoreHistogram | None] | None:
    """A set that was counted with this very predictor; None without one, or with one that a crash cut short."""
    try:
        with np.load(path, allow_pickle=False) as file:
            if str(file["identity"]) != identity:
                return None
            scores = ScoreHistogram(file["scores"]) if "scores" in file else None
            return file["confusions"], scores
    except (OSError, ValueError, KeyError, EOFError):
        return None
