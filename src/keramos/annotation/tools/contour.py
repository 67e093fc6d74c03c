"""Draw the border of a region with a pen, and fill what it encloses, in one gesture."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from keramos.annotation.drawing.outline import cover_outline
from keramos.annotation.drawing.patch import Patch
from keramos.annotation.drawing.scene import Scene
from keramos.annotation.drawing.stroke import cover_stroke
from keramos.annotation.drawing.tool import Gesture, PaintOptions, Tool, paint
from keramos.core.options import option


@dataclass(frozen=True, kw_only=True)
class ContourOptions(PaintOptions):
    """Width of the pen."""

    radius: float = option(1.5, help="Radius of the pen that draws the border.", unit="px", low=0, high=1000)


def fill_contour(scene: Scene, gesture: Gesture) -> tuple[Patch, ...]:
    """The voxels under the stroke, from its first point round to it again, and those that it winds around, get the
    gesture's phase."""
    points = gesture.points
    closed = np.vstack([points, points[:1]])
    border, (y, x) = cover_stroke(closed, gesture.options.radius, scene.shape[1:])
    inside, (top, left) = cover_outline(points, scene.shape[1:])
    mask = border.copy()
    if inside.size:
        mask[top - y : top - y + inside.shape[0], left - x : left - x + inside.shape[1]] |= inside
    return paint(scene, gesture, mask, corner=(y, x))


CONTOUR = Tool(
    "contour",
    "Filled contour",
    "Draw a border and fill what it encloses.",
    "stroke",
    ContourOptions,
    fill_contour,
)
