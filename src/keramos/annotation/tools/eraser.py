"""Take labels away with a round eraser."""

from __future__ import annotations

from dataclasses import dataclass

from keramos.annotation.drawing.patch import Patch, make_patches
from keramos.annotation.drawing.scene import Scene
from keramos.annotation.drawing.stroke import cover_stroke
from keramos.annotation.drawing.tool import Gesture, Tool
from keramos.core import NOT_ANNOTATED
from keramos.core.options import Settings, option


@dataclass(frozen=True, kw_only=True)
class EraserOptions(Settings):
    """Size of the eraser, and what it takes away."""

    radius: float = option(6.0, help="Radius of the eraser.", unit="px", low=0, high=1000)
    only: bool = option(False, help="Take away only labels of the chosen phase.")


def erase_stroke(scene: Scene, gesture: Gesture) -> tuple[Patch, ...]:
    """The voxels under the stroke, or those of them that have the gesture's phase, are not annotated any more."""
    mask, (y, x) = cover_stroke(gesture.points, gesture.options.radius, scene.shape[1:])
    plane = scene.labels(gesture.z)
    if gesture.options.only:
        mask &= plane[y : y + mask.shape[0], x : x + mask.shape[1]] == gesture.phase
    return make_patches(gesture.z, plane, mask, NOT_ANNOTATED, corner=(y, x))


ERASER = Tool("eraser", "Eraser", "Take labels away.", "stroke", EraserOptions, erase_stroke, gives="none")
