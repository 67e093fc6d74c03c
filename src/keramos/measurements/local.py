"""All local measurements of a volume in one pass over its blocks."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from keramos.blocks import Block, FoldCheckpoint, Plan, fold_blocks
from keramos.core import Box, LabelVolume, triple
from keramos.core.progress import Progress, silent
from keramos.measurements.measured import Measurements
from keramos.measurements.measurement import Measurement
from keramos.measurements.seen import Seen


def measure_locally(
    labels: LabelVolume,
    measurements: Sequence[Measurement],
    plan: Plan,
    *,
    workers: int = 1,
    progress: Progress = silent,
    checkpoint: FoldCheckpoint | None = None,
) -> Measurements:
    """Read every block once, with what the measurements need around it, and finish them all.

    `workers` threads measure blocks at the same time; the result does not depend on their number or on the plan. With
    a `checkpoint`, a pass that was killed is resumed.
    """
    before = triple(np.max([m.before for m in measurements], axis=0))
    after = triple(np.max([m.after for m in measurements], axis=0))

    def measure(block: Block) -> list[Any]:
        read = Box(
            triple([a - n for a, n in zip(block.core.start, before, strict=True)]),
            triple([b + n for b, n in zip(block.core.stop, after, strict=True)]),
        ).clip(Box.whole(labels.shape))
        seen = Seen(labels.read(read), read, block.core, labels.shape)
        return [measurement.measure(seen) for measurement in measurements]

    def merge(one: list[Any], other: list[Any]) -> list[Any]:
        return [m.merge(a, b) for m, a, b in zip(measurements, one, other, strict=True)]

    partials = fold_blocks(plan, measure, merge, workers=workers, progress=progress, checkpoint=checkpoint)
    found = Measurements()
    for measurement, partial in zip(measurements, partials, strict=True):
        found += measurement.finish(partial)
    return found
