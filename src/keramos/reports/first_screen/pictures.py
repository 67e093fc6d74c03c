"""The material: a slice with its labels, and the volume as a block, as pictures that need no script."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from keramos.core import Box, LabelVolume
from keramos.reports.content import ReportContent
from keramos.reports.example_slices import example_slices
from keramos.reports.plain_words import length
from keramos.reports.slice_panel import phase_picture, slice_panel
from keramos.reports.slice_rows import Panel
from keramos.reports.surface import choose_labels, still_picture
from keramos.scoring import stretch_grey

_OVER = 0.5
"""The share of a phase's colour over the grey value beneath it."""


@dataclass(frozen=True)
class Material:
    """The pictures, and the colours of the phases in them."""

    panels: tuple[Panel, ...]
    legend: tuple[tuple[str, str], ...]


def material(content: ReportContent) -> Material:
    """A slice, labelled in its right half where there are labels, and the block of the positive phase."""
    shown = choose_labels(content)
    z = example_slices(content)[-1]
    box = Box((z, 0, 0), (z + 1, *content.volume.shape[1:]))
    grey = stretch_grey(content.volume.read(box)[0])
    where = f"slice {z} of 0–{content.volume.shape[0] - 1}" if content.volume.shape[0] > 1 else ""
    if shown is None:
        uri = slice_panel(grey, content.volume.voxel_size)
        return Material((Panel("Image", where, uri, f"Grey values of slice {z}"),), ())
    name, labels = shown
    codes = labels.read(box)[0]
    if content.has_images:
        picture, caption = half_labelled(grey, codes, labels), "Image and labels"
        alt = f"Slice {z}: grey values at the left, the phases by {name} over them at the right"
    else:
        picture, caption, alt = phase_picture(codes, grey, labels.phases), "Labels", f"Slice {z}: the phases by {name}"
    panels = [Panel(caption, where, slice_panel(picture, content.volume.voxel_size), alt)]
    if min(content.volume.shape) > 1:
        phase = content.positive
        still, alt = still_picture(content, labels), f"The volume as a block of {phase}, by {name}"
        panels.append(Panel("In 3-D", _edges(content, phase), still, alt))
    return Material(tuple(panels), tuple((phase.colour, phase.name) for phase in labels.phases))


def half_labelled(grey: NDArray[np.uint8], codes: NDArray[np.uint8], labels: LabelVolume) -> NDArray[np.uint8]:
    """The grey values (Y X) as RGB, with the phases' colours over them right of the middle, behind a white line.

    What is not annotated stays grey.
    """
    rgb = np.repeat(grey[..., None], 3, axis=2).astype(np.float32)
    half = grey.shape[1] // 2
    right = np.arange(grey.shape[1]) >= half
    for code, phase in enumerate(labels.phases):
        found = (codes == code) & right
        rgb[found] += _OVER * (np.asarray(phase.rgb, np.float32) - rgb[found])
    line = max(1, grey.shape[1] // 300)
    rgb[:, half : half + line] = 255
    return np.asarray(np.round(rgb), np.uint8)


def _edges(content: ReportContent, phase: str) -> str:
    voxel = content.volume.voxel_size
    if voxel is None:
        return phase
    edges = (n * nm for n, nm in zip(content.volume.shape[::-1], voxel.zyx[::-1], strict=True))
    return f"{phase}, {' × '.join(map(length, edges))} (x y z)"
