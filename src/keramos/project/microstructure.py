"""The errors of a prediction's microstructure, with their noise floor; scores inside a tolerance.

Where many neighbouring slices are annotated the volume is measured, block by block; where single slices are, they are.
Scores in slices are those of at most 16 slices, spread evenly.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from keramos.blocks import Block, fold_blocks, plan_blocks
from keramos.core import NOT_ANNOTATED, Box, LabelVolume, VoxelSize, triple
from keramos.core.finding import name_slices
from keramos.core.progress import Progress
from keramos.measurements import (
    BlockView,
    Structure,
    StructureCounts,
    count_structure,
    finish_structure,
    middle_box,
)
from keramos.measurements.structure import AFTER
from keramos.project.noise_floor import annotate_twice
from keramos.project.structure_rows import compare_slices, compare_structures, differ
from keramos.scoring import Evaluation, MicrostructureScores, ToleranceScores, count_outlines, finish_outlines

_WHOLE_SLICE = 0.95
"""The annotated share of a slice from which on it counts as part of a whole volume."""
_FEWEST_SLICES = 8
"""Neighbouring slices that make a volume; fewer have hardly any cells between them."""
_MOST_SLICES, _MOST_PIXELS = 16, 2**23
"""Slices, and pixels in them, of which scores in slices are made."""
_BLOCK_VOXELS = 2**22
_FLOOR_VOXELS = 2**19
"""Of how much of the truth the noise floor is found."""
_THREADS = 2
Codes = NDArray[np.uint8]


def score_microstructure(
    prediction: LabelVolume, truth: LabelVolume, evaluation: Evaluation, *, progress: Progress
) -> MicrostructureScores | None:
    """The errors of the microstructure of a prediction, where the truth is annotated; None without a voxel size.

    Args:
        prediction, truth: of one shape and the same phases.
        evaluation: of the prediction, whose slices say what is annotated.
        progress: called after each block, or slice.
    """
    size = truth.voxel_size or prediction.voxel_size
    if size is None:
        return None
    run = _longest_run(evaluation, truth.shape[1] * truth.shape[2])
    if len(run) >= _FEWEST_SLICES:
        return _score_volume(prediction, truth, run, size, progress)
    return _score_slices(prediction, truth, evaluation, size, progress)


def score_within(
    prediction: LabelVolume, truth: LabelVolume, evaluation: Evaluation, tolerance_nm: float | None, progress: Progress
) -> ToleranceScores | None:
    """Scores inside a tolerance, the longer edge of a pixel if None, in slices; None without voxel size and tolerance.

    Raises:
        VoxelSizeError: a tolerance without a voxel size.
    """
    size = truth.voxel_size or prediction.voxel_size
    if size is None:
        if tolerance_nm is None:
            return None
        size = truth.require_voxel_size()
    tolerance = max(size.zyx[1:]) if tolerance_nm is None else tolerance_nm
    codes = _judged_codes(truth)
    slices = choose_slices(evaluation, truth)
    counts = np.zeros((len(codes), 6, 2), np.int64)
    for done, z in enumerate(slices, 1):
        pair = _read_slice(prediction, truth, z)
        for number, code in enumerate(codes):
            counts[number] += count_outlines(*pair, code, tolerance_nm=tolerance, voxel_size=size)
        progress(done, len(slices))
    names = truth.phases.names
    rows = tuple(finish_outlines(each, names[code]) for each, code in zip(counts, codes, strict=True))
    return ToleranceScores(tolerance, tuple(z + truth.origin[0] for z in slices), rows)


def choose_slices(evaluation: Evaluation, truth: LabelVolume) -> list[int]:
    """The annotated slices, or some of them, evenly spread."""
    annotated = [row.z for row in evaluation.per_slice if row.annotated_voxels]
    most = min(_MOST_SLICES, max(1, _MOST_PIXELS // (truth.shape[1] * truth.shape[2])))
    picked = np.linspace(0, len(annotated) - 1, min(len(annotated), most)).round().astype(int)
    return [annotated[number] for number in picked]


def _judged_codes(truth: LabelVolume) -> list[int]:
    """The positive phase of two, which tells both; all of several."""
    phases = truth.phases
    return [phases.positive] if len(phases) == 2 else list(range(len(phases)))


def _longest_run(evaluation: Evaluation, pixels: int) -> range:
    """The longest run of neighbouring slices that are annotated throughout, or nearly so."""
    best = run = range(0)
    for row in evaluation.per_slice:
        whole = row.annotated_voxels >= _WHOLE_SLICE * pixels
        run = range(run.start if len(run) else row.z, row.z + 1) if whole else range(0)
        best = max(best, run, key=len)
    return best


def _score_volume(
    prediction: LabelVolume, truth: LabelVolume, run: range, size: VoxelSize, progress: Progress
) -> MicrostructureScores:
    """The errors of the slices of a run, taken as a volume."""
    box = Box((run.start, 0, 0), (run.stop, *truth.shape[1:]))
    codes, surfaces = list(range(len(truth.phases))), _judged_codes(truth)

    def measure(block: Block) -> tuple[StructureCounts, StructureCounts]:
        stop = triple([b + n for b, n in zip(block.core.stop, AFTER, strict=True)])
        read = Box(block.core.start, stop).clip(Box.whole(box.shape))
        pair = _read_both(prediction, truth, read.shift(box.start))
        one, other = (count_structure(BlockView(part, read, block.core, box.shape), codes, surfaces) for part in pair)
        return one, other

    plan = plan_blocks(box.shape, chunk=(16, 256, 256), max_voxels=_BLOCK_VOXELS)
    counts = fold_blocks(plan, measure, _add_both, threads=_THREADS, progress=progress)
    predicted, true = (finish_structure(part, codes, size) for part in counts)
    rows = compare_structures(predicted, true, truth.phases)
    part = _middle(box, _FLOOR_VOXELS)
    first, second = (_measure_array(each, codes, surfaces, size) for each in annotate_twice(truth.read(part), size))
    floor = differ(compare_structures(first, second, truth.phases))
    rows = tuple(replace(row, noise_floor=floor.get(row.key)) for row in rows)
    first_z = truth.origin[0]
    domain = f"slices {first_z + run.start} to {first_z + run.stop - 1}, as a volume"
    return MicrostructureScores(3, domain, rows, _describe_floor(part.voxels))


def _score_slices(
    prediction: LabelVolume, truth: LabelVolume, evaluation: Evaluation, size: VoxelSize, progress: Progress
) -> MicrostructureScores:
    """The errors of single slices."""
    slices, codes = choose_slices(evaluation, truth), _judged_codes(truth)
    pairs = []
    for done, z in enumerate(slices, 1):
        pairs.append(_read_slice(prediction, truth, z))
        progress(done, len(slices))
    predictions, truths = [list(side) for side in zip(*pairs, strict=True)]
    rows = compare_slices(predictions, truths, truth.phases, codes, size)
    parts = _some_pixels(truths)
    first, second = ([both[side][0] for both in (annotate_twice(p[None], size) for p in parts)] for side in (0, 1))
    floor = differ(compare_slices(first, second, truth.phases, codes, size))
    rows = tuple(replace(row, noise_floor=floor.get(row.key)) for row in rows)
    domain = f"{name_slices([z + truth.origin[0] for z in slices])}, each by itself"
    return MicrostructureScores(2, domain, rows, _describe_floor(sum(part.size for part in parts)))


def _add_both(
    first: tuple[StructureCounts, StructureCounts], second: tuple[StructureCounts, StructureCounts]
) -> tuple[StructureCounts, StructureCounts]:
    return first[0] + second[0], first[1] + second[1]


def _measure_array(codes: Codes, phases: Sequence[int], surfaces: Sequence[int], size: VoxelSize) -> list[Structure]:
    whole = Box.whole(codes.shape)
    return finish_structure(
        count_structure(BlockView(codes, whole, whole, whole.shape), phases, surfaces), phases, size
    )


def _read_both(prediction: LabelVolume, truth: LabelVolume, box: Box) -> tuple[Codes, Codes]:
    """Both, not annotated where the truth is not."""
    true = truth.read(box)
    return np.where(true == NOT_ANNOTATED, np.uint8(NOT_ANNOTATED), prediction.read(box)), true


def _read_slice(prediction: LabelVolume, truth: LabelVolume, z: int) -> tuple[Codes, Codes]:
    """Both in the annotated part of a slice (Y X), of a very large one in its middle."""
    whole = Box((z, 0, 0), (z + 1, *truth.shape[1:]))
    known = truth.read(whole)[0] != NOT_ANNOTATED
    rows, columns = (np.flatnonzero(known.any(axis=axis)) for axis in (1, 0))
    part = Box((z, int(rows[0]), int(columns[0])), (z + 1, int(rows[-1]) + 1, int(columns[-1]) + 1))
    predicted, true = _read_both(prediction, truth, _middle(part, _MOST_PIXELS))
    return predicted[0], true[0]


def _some_pixels(slices: Sequence[Codes]) -> list[Codes]:
    """The first of these slices, as many as the noise floor is found of; the middle of the first, if it is larger."""
    first = slices[0]
    middle = first[_middle(Box.whole((1, *first.shape)), _FLOOR_VOXELS).slices[1:]]
    chosen, pixels = [middle], middle.size
    for codes in slices[1:]:
        pixels += codes.size
        if pixels > _FLOOR_VOXELS:
            break
        chosen.append(codes)
    return chosen


def _middle(box: Box, most: int) -> Box:
    """The middle of a box, of at most so many voxels."""
    return middle_box(box.shape, most).shift(box.start)


def _describe_floor(voxels: int) -> str:
    return (
        "by how much two annotations of this truth would differ whose outlines lie about a pixel apart, at random "
        f"(simulated annotators, on {voxels:,} voxels)"
    )
