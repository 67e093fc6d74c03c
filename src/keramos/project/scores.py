"""Score labels against truth block by block, so that a volume of any size is scored in bounded memory."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from keramos.blocks import Block, fold_blocks, plan_blocks
from keramos.core import Box, Finding, LabelVolume, Volume
from keramos.core.errors import LabelError, ShapeError
from keramos.core.files import make_folder, remove_file
from keramos.core.progress import Progress, silent
from keramos.inspection import run_checks
from keramos.io import RegionMap
from keramos.scoring import (
    Evaluation,
    RegionCounts,
    RegionScore,
    ScoreSettings,
    compute_region_scores,
    count_regions,
    draw_error_overlay,
    empty_partial,
    finish,
    measure,
    merge,
    save_png,
)

RELIABILITY = "reliability.png"
_BLOCK_VOXELS = 2**23
_MAX_OVERLAYS = 50
"""More pictures than this nobody looks through; they are then spread evenly over the annotated slices."""


def score_labels(
    prediction: LabelVolume, truth: LabelVolume, *, settings: ScoreSettings | None = None, progress: Progress
) -> Evaluation:
    """All scores of a prediction whose codes mean what the truth's mean. `settings` are those of one volume, if None.

    Raises:
        ShapeError: prediction and truth differ in shape.
        LabelError: a voxel without prediction where the truth is annotated, or no annotated voxel at all.
    """
    if prediction.shape != truth.shape:
        raise ShapeError(
            f"expected a prediction of the truth's shape {truth.shape} (z, y, x), found {prediction.shape} "
            f"in {prediction.name}; evaluate the same region of the same stack"
        )
    size = truth.voxel_size or prediction.voxel_size
    settings = settings or ScoreSettings.of(truth.phases, truth.shape, z_per_y=size.z_nm / size.y_nm if size else 1.0)
    plan = plan_blocks(truth.shape, halo=(0, 1, 1), chunk=settings.cell, max_voxels=_BLOCK_VOXELS)
    total = empty_partial(settings)
    for block in plan:
        read, core = block.read, block.core
        counts = measure(prediction.read(read), truth.read(read), read=read, core=core, settings=settings)
        total = merge(total, counts)
        progress(block.index + 1, len(plan))
    evaluation = finish(total, settings)
    if evaluation.voxels == 0:
        raise LabelError(
            f"expected annotated voxels in {truth.name}, found none to score; check --ignore and --leave-out"
        )
    return evaluation


def check_scores(evaluation: Evaluation, truth: LabelVolume) -> list[Finding]:
    """Findings about an evaluation; their slices are numbers in the file of the truth, of which it may be a box."""
    rows = tuple(replace(row, z=row.z + truth.origin[0]) for row in evaluation.per_slice)
    return run_checks("evaluation", replace(evaluation, per_slice=rows))


def score_regions(
    prediction: LabelVolume, truth: LabelVolume, regions: RegionMap, *, progress: Progress
) -> tuple[RegionScore, ...]:
    """The error rates of the prediction in each region, counted a few whole slices at a time.

    Raises:
        ShapeError: the map's shape is not the truth's.
    """
    if regions.shape != truth.shape:
        raise ShapeError(
            f"expected a map of regions of the truth's shape {truth.shape} (z, y, x), found {regions.shape} in "
            f"{regions.name}; give the map of the same stack and box"
        )
    depth, height, width = truth.shape
    slices = max(1, _BLOCK_VOXELS // (height * width))
    total = RegionCounts(np.zeros((4, len(regions.names)), np.int64))
    for start in range(0, depth, slices):
        box = Box((start, 0, 0), (min(start + slices, depth), height, width))
        total += count_regions(prediction.read(box), truth.read(box), regions.read(box), len(regions.names))
        progress(box.stop[0], depth)
    return compute_region_scores(total, regions.names)


def write_overlays(
    prediction: LabelVolume,
    truth: LabelVolume,
    evaluation: Evaluation,
    folder: Path,
    *,
    images: Volume | None,
    progress: Progress,
) -> list[Path]:
    """One PNG of hits and errors for each annotated slice (at most 50, spread evenly): `slice_0048.png`, ..."""
    if images is not None and images.shape != truth.shape:
        raise ShapeError(f"expected images of the truth's shape {truth.shape} (z, y, x), found {images.shape}")
    annotated = [row.z for row in evaluation.per_slice if row.annotated_voxels]
    picked = np.linspace(0, len(annotated) - 1, min(len(annotated), _MAX_OVERLAYS)).round().astype(int)
    make_folder(folder)
    written = []
    for done, z in enumerate([annotated[i] for i in picked], 1):
        box = Box((z, 0, 0), (z + 1, *truth.shape[1:]))
        codes = truth.read(box)[0]
        grey = np.zeros_like(codes) if images is None else images.read(box)[0]
        written.append(folder / f"slice_{z:04d}.png")
        save_png(draw_error_overlay(grey, prediction.read(box)[0], codes, truth.phases.positive), written[-1])
        progress(done, len(picked))
    for stale in {*folder.glob("slice_*.png"), folder / RELIABILITY} - set(written):
        remove_file(stale)  # of an earlier prediction
    return written


def phase_fractions(labels: LabelVolume, *, progress: Progress = silent) -> dict[str, float]:
    """The share of each phase among the voxels that have one; NaN-free: an empty volume has none of anything."""
    plan = plan_blocks(labels.shape, chunk=(16, 256, 256), max_voxels=_BLOCK_VOXELS)

    def count(block: Block) -> NDArray[np.int64]:
        codes = labels.read(block.core)
        return np.array([np.count_nonzero(codes == code) for code in range(len(labels.phases))], np.int64)

    counts = fold_blocks(plan, count, np.add, threads=os.cpu_count() or 1, progress=progress)
    total = max(1, int(counts.sum()))
    return {name: int(count) / total for name, count in zip(labels.phases.names, counts, strict=True)}
