"""The cases of a data set: runs of annotated slices, with the code for not annotated that nnU-Net wants."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from keramos.core import NOT_ANNOTATED, Box, LabelVolume, PhaseTable, SourceView, Volume
from keramos.core.errors import LabelError
from keramos.core.progress import Reporter
from keramos.learning import check_pair
from keramos.writers.nnunet.runs import list_annotated_slices, runs_of

BACKGROUND, IGNORE = "background", "ignore"


@dataclass(frozen=True, eq=False)
class Case:
    """Some slices of a stack, the first of which is number `first` in its file, and their labels: codes of the phases,
    and the code after the last one where nobody annotated."""

    images: Volume
    labels: LabelVolume
    first: int

    def ignores(self) -> bool:
        """Whether any voxel is not annotated."""
        depth, height, width = self.labels.shape
        slices = (self.labels.read(Box((z, 0, 0), (z + 1, height, width))) for z in range(depth))
        return any((codes == len(self.labels.phases)).any() for codes in slices)


@dataclass(frozen=True, eq=False)
class _Ignored(SourceView):
    """Codes with another one where nobody annotated."""

    code: int

    def read(self, box: Box) -> NDArray[Any]:
        codes = self.source.read(box)
        return np.where(codes == NOT_ANNOTATED, np.uint8(self.code), codes)


def cases_of(volume: Volume, labels: LabelVolume, context: int, reporter: Reporter) -> list[Case]:
    """The runs of annotated slices of a stack, with `context` slices on either side; a note where there are none.

    Raises:
        VoxelSizeError: nobody says how large the voxels are.
    """
    known = replace(volume, voxel_size=volume.voxel_size or labels.voxel_size)
    known.require_voxel_size()
    annotated = list_annotated_slices(labels, reporter.progress(f"look for annotations in {labels.name}", "slice"))
    if not annotated:
        reporter.note(f"{labels.name}: nothing is annotated, it is left out")
    codes = replace(labels, source=_Ignored(labels.source, len(labels.phases)))
    cases = []
    for first, stop in runs_of(annotated, labels.shape[0], context):
        box = Box((first, 0, 0), (stop, *labels.shape[1:]))
        cases.append(Case(known.crop(box), codes.crop(box), volume.origin[0] + first))
    return cases


def phases_of(pairs: Sequence[tuple[Volume, LabelVolume]]) -> PhaseTable:
    """The phases of all labels.

    Raises:
        ShapeError: an image and its labels differ in shape.
        LabelError: the pairs' phases differ, or have a name that means something to nnU-Net.
    """
    phases = pairs[0][1].phases
    for volume, labels in pairs:
        check_pair(volume, labels)
        if labels.phases.names != phases.names:
            raise LabelError(
                f"expected the same phases in all labels ({', '.join(phases.names)}), found "
                f"{', '.join(labels.phases.names)} in {labels.name}; name them with --phases"
            )
    if BACKGROUND in phases.names[1:] or IGNORE in phases.names:
        raise LabelError(
            f"expected no phase but the first to be called {BACKGROUND} and none {IGNORE}, which mean something to "
            f"nnU-Net, found {', '.join(phases.names)} in {pairs[0][1].name}; name them with --phases"
        )
    return phases
