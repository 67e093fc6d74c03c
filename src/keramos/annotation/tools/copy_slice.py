"""Copy labels from the slice above or below."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from keramos.annotation.drawing.outline import cover_outline
from keramos.annotation.drawing.patch import Patch
from keramos.annotation.drawing.scene import Scene
from keramos.annotation.drawing.tool import Gesture, PaintOptions, Tool, paint
from keramos.core import NOT_ANNOTATED
from keramos.core.errors import SettingsError
from keramos.core.options import option


@dataclass(frozen=True, kw_only=True)
class CopySliceOptions(PaintOptions):
    """The slice to copy from."""

    side: Literal["above", "below"] = option("above", help="The slice above (z - 1) or below (z + 1).")
    keep: bool = option(True, help="Leave voxels that have a label already as they are.")


def copy_labels(scene: Scene, gesture: Gesture) -> tuple[Patch, ...]:
    """The labels of the neighbouring slice, all of them or those inside of an outline. SettingsError if it has none."""
    z = gesture.z + (-1 if gesture.options.side == "above" else 1)
    if not 0 <= z < scene.shape[0]:
        raise SettingsError(f"there is no slice {gesture.options.side} slice {gesture.z}")
    labels = scene.labels(z)
    if not (labels != NOT_ANNOTATED).any():
        raise SettingsError(f"slice {z} has no labels to copy; draw some, or interpolate between slices that have")
    if not len(gesture.points):
        return paint(scene, gesture, labels != NOT_ANNOTATED, labels)
    inside, (y, x) = cover_outline(gesture.points, scene.shape[1:])
    window = labels[y : y + inside.shape[0], x : x + inside.shape[1]]
    return paint(scene, gesture, inside & (window != NOT_ANNOTATED), window, (y, x))


COPY_SLICE = Tool(
    "copy_slice",
    "Copy slice",
    "Copy the labels of the slice above or below, or those inside of an outline.",
    "slice",
    CopySliceOptions,
    copy_labels,
    gives="several",
)
