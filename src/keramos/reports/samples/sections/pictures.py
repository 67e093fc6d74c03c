"""The middle slice of each sample, and its size."""

from __future__ import annotations

import numpy as np
from markupsafe import Markup

from keramos.core import Box
from keramos.reports.samples.content import Sample, SamplesContent
from keramos.reports.section import Section, fill
from keramos.reports.slice_panel import phase_picture, slice_panel
from keramos.reports.slice_rows import Panel
from keramos.scoring import stretch_grey

_TEMPLATE = """
{% from "parts.html.j2" import legend_list, panel_grid %}
<h3>{{ name }}</h3>
<p class="quiet">{{ size }}</p>
{% if panels %}
{{ panel_grid(panels, 2) }}
{{ legend_list(legend, "Phases:") }}
{% endif %}
"""


def sample_panels(sample: Sample) -> tuple[Panel, ...]:
    """Grey values, if there are images, and phases; none without labels."""
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


def _size(sample: Sample) -> str:
    if sample.labels is None:
        return "Numbers only: the segmentation was not given."
    (z, y, x), voxel = sample.labels.shape, sample.labels.voxel_size
    size = "" if voxel is None else " of " + " × ".join(f"{nm:g}" for nm in voxel.zyx) + " nm"
    return f"{z} × {y} × {x} voxels{size} (z y x)."


def _render(content: SamplesContent) -> Markup | None:
    if all(sample.labels is None for sample in content.samples):
        return None
    parts = []
    for sample in content.samples:
        legend = () if sample.labels is None else [(phase.colour, phase.name) for phase in sample.labels.phases]
        parts.append(fill(_TEMPLATE, name=sample.name, size=_size(sample), panels=sample_panels(sample), legend=legend))
    return Markup("").join(parts)


PICTURES = Section("samples", "Samples", 100, _render)
