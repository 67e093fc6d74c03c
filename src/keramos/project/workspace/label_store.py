"""The drawn labels of a project as an ordinary label store, which every verb and other software reads."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from keramos.annotation.drawing import UNSURE
from keramos.core import NOT_ANNOTATED, Box, PhaseTable, Provenance, Step, Volume
from keramos.core.files import whole_output
from keramos.io import create_labels
from keramos.project.workspace.workspace import Workspace


def save_labels(
    workspace: Workspace,
    planes: Mapping[int, NDArray[np.uint8]],
    images: Volume,
    phases: PhaseTable,
    record: Mapping[str, Any],
) -> None:
    """Write drawn slices (Y X, by their numbers) as the labels of a project, whole or not at all.

    What was marked as not sure is not annotated there. There are no coarser levels: those of a large stack take longer
    than a person who learns wants to wait. `record` says how they were drawn, as JSON values.

    Raises:
        StorageError: the disk refuses.
    """
    provenance = Provenance((Step("draw", dict(record), {}, {}),))
    with whole_output(workspace.labels) as path:
        store = create_labels(
            path, images.shape, phases=phases, voxel_size=images.voxel_size, name="drawn", provenance=provenance
        )
        thick = store.chunks[0]
        for first in sorted({z // thick * thick for z in planes}):
            slab = Box((first, 0, 0), (min(first + thick, images.shape[0]), *images.shape[1:]))
            codes = np.full(slab.shape, NOT_ANNOTATED, np.uint8)
            for z in range(slab.start[0], slab.stop[0]):
                if z in planes:
                    codes[z - first] = np.where(planes[z] == UNSURE, NOT_ANNOTATED, planes[z])
            store.write(slab, codes)
        store.write_metadata(is_finished=True)
