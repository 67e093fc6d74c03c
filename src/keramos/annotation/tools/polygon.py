"""Fill a polygon, or a lasso drawn around a region."""

from __future__ import annotations

from keramos.annotation.drawing.outline import cover_outline
from keramos.annotation.drawing.patch import Patch
from keramos.annotation.drawing.scene import Scene
from keramos.annotation.drawing.tool import Gesture, PaintOptions, Tool, paint


def fill_outline(scene: Scene, gesture: Gesture) -> tuple[Patch, ...]:
    """The voxels inside of the outline get the gesture's phase."""
    mask, corner = cover_outline(gesture.points, scene.shape[1:])
    return paint(scene, gesture, mask, corner=corner)


POLYGON = Tool("polygon", "Polygon or lasso", "Fill an outline.", "outline", PaintOptions, fill_outline)
