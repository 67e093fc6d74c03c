"""Scores over sets of random crops of the test slices, a file for each set, so that a killed run goes on."""

from __future__ import annotations

from dataclasses import dataclass
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
from keramos.learning.crop_set import TEST_SETS
from keramos.project.comparison.data import ComparisonData
from keramos.project.comparison.settings import Protocol
from keramos.scoring.crop_scores import count_crop_confusions
from keramos.scoring.score_histogram import ScoreHistogram, count_scores, empty_histogram
from keramos.segmenters import Segmenter, planes_of
from keramos.settings.compare import OtsuScope

_TOGETHER = 16


@dataclass(frozen=True, eq=False)
class CropCounts:
    """Confusions (N, K, K) of each set, and the scores of all crops; no scores where a method ranks no phase."""

    sets: tuple[NDArray[np.int64], ...]
    scores: ScoreHistogram | None


def count_crops(
    predictor: Segmenter, data: ComparisonData, settings: Protocol, folder: Path, progress: Progress
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
    if planes_of(predictor.name) > 1:
        return _count_in_slices(predictor, crops, data)
    phases = data.test.phases
    confusions, total = [], empty_histogram()
    scored = True
    fitted = _fit_to_slices(predictor, data) if predictor.adapts and scope == "slice" else ()
    for start in range(0, len(crops), _TOGETHER):
        numbers = np.arange(start, min(start + _TOGETHER, len(crops)))
        grey, truth = crops.crops(numbers)
        if fitted:
            pairs = [
                _codes_and_scores(fitted[int(slice_)], crop[None], data)
                for slice_, crop in zip(crops.places[numbers, 0], grey, strict=True)
            ]
            codes = np.concatenate([pair[0] for pair in pairs])
            ranked = [pair[1] for pair in pairs if pair[1] is not None]
            scores = np.concatenate(ranked) if len(ranked) == len(pairs) else None
        else:
            ready = predictor.fit_to(Volume.from_array(grey)) if predictor.adapts and scope == "crop" else predictor
            codes, scores = _codes_and_scores(ready, grey, data)
        confusions.append(count_crop_confusions(codes, truth, len(phases)))
        if scores is None:
            scored = False
        else:
            total += count_scores(scores, truth, phases.positive)
    return np.concatenate(confusions), total if scored else None


def _count_in_slices(
    predictor: Segmenter, crops: CropSet, data: ComparisonData
) -> tuple[NDArray[np.int64], ScoreHistogram | None]:
    """A method that reads neighbouring slices labels whole test slices, and the crops are cut from its labels."""
    planes, labelled = planes_of(predictor.name), []
    for item in data.test.slices:
        seen = item.with_planes(planes)
        volume = seen.as_volume(data.test.voxel_size)
        ready = predictor.fit_to(volume)
        codes, scores = ready.codes_and_scores(volume.read(), seen.block, grey_scale=data.half_range)
        labelled.append((codes[0], None if scores is None else scores[0]))
    confusions, total = [], empty_histogram()
    is_scored = all(scores is not None for _, scores in labelled)
    for number in range(len(crops)):
        truth = crops.crop(number)[1][None]
        codes, scores = labelled[crops.places[number, 0]]
        confusions.append(count_crop_confusions(crops.cut(number, codes)[None], truth, len(data.test.phases)))
        if is_scored and scores is not None:
            total += count_scores(crops.cut(number, scores)[None], truth, data.test.phases.positive)
    return np.concatenate(confusions), total if is_scored else None


def with_scope(predictor: Segmenter, scope: OtsuScope) -> Segmenter:
    """The segmenter with thresholds of each slice, or of the whole stack, where it has that option."""
    if not predictor.takes("otsu_scope"):
        return predictor
    return predictor.with_options(otsu_scope="stack" if scope == "stack" else "slice")


def _fit_to_slices(predictor: Segmenter, data: ComparisonData) -> tuple[Segmenter, ...]:
    """The segmenter fit to each whole test slice."""
    return tuple(predictor.fit_to(Volume.from_array(item.grey[None])) for item in data.test.slices)


def _codes_and_scores(
    predictor: Segmenter, grey: NDArray[np.generic], data: ComparisonData
) -> tuple[NDArray[np.uint8], NDArray[np.float32] | None]:
    whole = Box.whole(grey.shape)
    return predictor.codes_and_scores(grey, Block(0, whole, whole), grey_scale=data.half_range)


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
