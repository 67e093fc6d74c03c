"""The middle slice of a sample."""

from __future__ import annotations

import numpy as np

from keramos.core import Box
from keramos.reports.samples.content import Sample
from keramos.reports.slice_panel import phase_picture, slice_panel
from keramos.reports.slice_rows import Panel
from keramos.scoring import stretch_grey


def sample_panels(sample: Sample) -> tuple[Panel, ...]:
    """Grey values, if at hand, and phases; nothing without labels."""
    labels, images = sample.labels, sample.images
    if labels is None:
        return ()
    z = labels.shape[0] // 2
    box = Box((z, 0, 0), (z + 1, *labels.shape[1:]))
    panels, grey = [], np.full(labels.shape[1:], 128, np.uint8)
    if images is not None:
        grey = stretch_grey(images.read(box)[0])
        alt = f"Grey values of slice {z} of {sample.name}"
        panels.append(Panel("Image", f"slice {z}", slice_panel(grey, labels.voxel_size), alt))
    picture = slice_panel(phase_picture(labels.read(box)[0], grey, labels.phases), labels.voxel_size)
    return (*panels, Panel("Phases", f"slice {z}", picture, f"Phases in slice {z} of {sample.name}"))
