"""Several measurements of a volume in one pass over its blocks."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from keramos.blocks import Block, FoldCheckpoint, Plan, fold_blocks
from keramos.core import Box, LabelVolume, triple
from keramos.core.progress import Progress, silent
from keramos.measurements.block_view import BlockView
from keramos.measurements.measurement import BlockMeasurement
from keramos.measurements.results import Measurements


def measure_in_blocks(
    labels: LabelVolume,
    bodies: Sequence[BlockMeasurement],
    plan: Plan,
    *,
    workers: int = 1,
    progress: Progress = silent,
    checkpoint: FoldCheckpoint | None = None,
) -> Measurements:
    """Read every block once, with the voxels around it that the measurements need, and finish them all.

    Args:
        labels: the volume, of the shape that the bodies were made for.
        bodies: what is measured; empty for nothing.
        plan: the blocks; the result does not depend on them.
        workers: threads that measure blocks at the same time; the result does not depend on their number.
        progress: called after each block.
        checkpoint: resumes a pass that was killed.
    """
    if not bodies:
        return Measurements()
    before = triple(np.max([body.before for body in bodies], axis=0))
    after = triple(np.max([body.after for body in bodies], axis=0))

    def measure(block: Block) -> list[Any]:
        read = Box(
            triple([a - n for a, n in zip(block.core.start, before, strict=True)]),
            triple([b + n for b, n in zip(block.core.stop, after, strict=True)]),
        ).clip(labels.box)
        view = BlockView(labels.read(read), read, block.core, labels.shape)
        return [body.measure(view) for body in bodies]

    def merge(first: list[Any], second: list[Any]) -> list[Any]:
        return [body.merge(a, b) for body, a, b in zip(bodies, first, second, strict=True)]

    partials = fold_blocks(plan, measure, merge, workers=workers, progress=progress, checkpoint=checkpoint)
    finished = (body.finish(partial) for body, partial in zip(bodies, partials, strict=True))
    return sum(finished, Measurements())
