"""Objects whose numbers are given, by the user's own program or hand, instead of separated here."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from keramos.blocks import Block, Plan
from keramos.core import Box, Volume
from keramos.core.errors import LabelError
from keramos.core.progress import Reporter
from keramos.measurements.block_pass import measure_in_blocks
from keramos.measurements.components import MeasuredComponents
from keramos.measurements.separation.heights import HeightReader
from keramos.measurements.separation.stages import Stages
from keramos.measurements.volume import MeasuredVolume

Ids = NDArray[np.uint32]
_Counted = tuple[NDArray[np.int64], int, int]
"""Numbers of objects, voxels with a number outside of the phase, and voxels of it without one."""
_MOST = 2**32 - 2
_FIND = "find"
"""The first stage."""


@dataclass(frozen=True, eq=False)
class Instances:
    """Objects numbered from 1 in the order of the ids that they were given (`numbers`): voxels of the phase with an id
    above 0; and the `heights` of the voxels."""

    volume: MeasuredVolume
    given: Volume
    heights: HeightReader
    numbers: NDArray[np.int64]

    @property
    def count(self) -> int:
        return len(self.numbers)

    def read(self, box: Box) -> Ids:
        """The objects' numbers in a box; 0 where there is none."""
        ids = read_ids(self.volume, self.given, self.heights.code, box)
        numbers = np.searchsorted(self.numbers, ids) + 1
        return np.where(ids > 0, numbers, 0).astype(np.uint32)


def find_instances(
    volume: MeasuredVolume, given: Volume, heights: HeightReader, stages: Stages, plan: Plan, reporter: Reporter
) -> tuple[Instances, str]:
    """The given objects, and a note on what is left out (empty for nothing), from one pass over them.

    Raises:
        LabelError: ids that are no whole numbers or below 0, phases instead of objects, or no number in the phase.
    """
    phase, code = volume.phases.names[heights.code], heights.code
    if given.source.dtype.kind not in "iu":
        raise LabelError(
            f"expected whole numbers of objects in {given.name}, found {given.source.dtype}; save them as integers"
        )
    stages.begin(_FIND, plan)

    def count(block: Block) -> _Counted:
        ids = given.read(block.core.shift(volume.start))
        if ids.size and (int(ids.min()) < 0 or int(ids.max()) > _MOST):
            worst = int(ids.min()) if int(ids.min()) < 0 else int(ids.max())
            raise LabelError(f"expected numbers of objects from 0 to {_MOST:,} in {given.name}, found {worst}")
        inside = volume.labels.read(block.core) == code
        outside, without = int(np.count_nonzero(ids[~inside])), int(np.count_nonzero(ids[inside] == 0))
        return np.unique(ids[inside].astype(np.int64)), outside, without

    found, outside, without = stages.fold(
        _FIND,
        plan,
        lambda: (np.zeros(0, np.int64), 0, 0),
        count,
        lambda so_far, _, part: (np.union1d(so_far[0], part[0]), so_far[1] + part[1], so_far[2] + part[2]),
        progress=reporter.progress(f"find the given objects of {phase}"),
    )
    if found.size and not found.any():
        raise LabelError(f"expected a number in some voxel of {phase}, found none in {given.name}")
    instances = Instances(volume, given, heights, found[found > 0])
    if instances.count == 1 and (pieces := _count_pieces(volume, phase, plan)) > 1:
        raise LabelError(
            f"expected a number for each object in {given.name}, found one number for all {pieces} pieces of {phase}: "
            "it holds phases; number the objects, or have them separated"
        )
    parts = [(outside, f"with a number that are not {phase}"), (without, f"of {phase} without a number")]
    told = " and ".join(f"{count:,} voxels {what}" for count, what in parts if count)
    return instances, f"{told} belong to no object" if told else ""


def read_ids(volume: MeasuredVolume, given: Volume, code: int, box: Box) -> NDArray[np.int64]:
    """The ids in a box of the measured volume; 0 outside the phase."""
    ids = given.read(box.shift(volume.start)).astype(np.int64)
    return np.where(volume.labels.read(box) == code, ids, 0)


def _count_pieces(volume: MeasuredVolume, phase: str, plan: Plan) -> int:
    """The connected components of a phase."""
    alone = replace(volume, settings=replace(volume.settings, phase=(phase,)))
    blocks = Plan(plan.shape, plan.core_shape)
    return int(measure_in_blocks(volume.labels, [MeasuredComponents(alone)], blocks).find("components", phase).value)
