"""How many voxels of each phase are annotated."""

from __future__ import annotations

import numpy as np

from keramos.learning.annotated import AnnotatedSlices


def phase_voxels(data: AnnotatedSlices) -> tuple[int, ...]:
    """Annotated voxels of each phase, in the order of the codes, over all slices."""
    counts = sum((np.bincount(item.codes.ravel(), minlength=256) for item in data.slices), np.zeros(256, np.int64))
    return tuple(int(count) for count in counts[: len(data.phases)])
