"""Paint with a round brush; the pressure of a pen scales its radius."""

from __future__ import annotations

from dataclasses import dataclass

from keramos.annotation.drawing.patch import Patch
from keramos.annotation.drawing.scene import Scene
from keramos.annotation.drawing.stroke import cover_stroke
from keramos.annotation.drawing.tool import Gesture, PaintOptions, Tool, paint
from keramos.core.options import option


@dataclass(frozen=True, kw_only=True)
class BrushOptions(PaintOptions):
    """Size of the brush."""

    radius: float = option(6.0, help="Radius of the brush.", unit="px", low=0, high=1000)


def paint_stroke(scene: Scene, gesture: Gesture) -> tuple[Patch, ...]:
    """The voxels under the stroke get the gesture's phase."""
    mask, corner = cover_stroke(gesture.points, gesture.options.radius, scene.shape[1:])
    return paint(scene, gesture, mask, corner=corner)


BRUSH = Tool("brush", "Brush", "Paint along a stroke.", "stroke", BrushOptions, paint_stroke)
