"""Close small gaps and holes in a phase under a stroke."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil

import numpy as np
from scipy.ndimage import distance_transform_edt

from keramos.annotation.drawing.patch import Mask, Patch
from keramos.annotation.drawing.scene import Scene
from keramos.annotation.drawing.stroke import cover_stroke
from keramos.annotation.drawing.tool import Gesture, PaintOptions, Tool, paint
from keramos.core.options import option


@dataclass(frozen=True, kw_only=True)
class CloseGapsOptions(PaintOptions):
    """Size of the brush, and of the gaps that it closes."""

    radius: float = option(12.0, help="Radius of the brush.", unit="px", low=0, high=1000)
    gap: float = option(6.0, help="Widest gap that is closed.", unit="px", low=1, high=200)
    keep: bool = option(True, help="Leave voxels that have a label already as they are.")


def close_stroke(scene: Scene, gesture: Gesture) -> tuple[Patch, ...]:
    """The gaps under the stroke in labels of the gesture's phase get that phase."""
    mask, (y, x) = cover_stroke(gesture.points, gesture.options.radius, scene.shape[1:])
    if not mask.any():
        return ()
    margin = ceil(gesture.options.gap) + 2
    top, left = max(0, y - margin), max(0, x - margin)
    around = scene.labels(gesture.z)[top : y + mask.shape[0] + margin, left : x + mask.shape[1] + margin]
    closed = close_mask(around == gesture.phase, gesture.options.gap)[y - top :, x - left :]
    return paint(scene, gesture, mask & closed[: mask.shape[0], : mask.shape[1]], corner=(y, x))


def close_mask(mask: Mask, gap: float) -> Mask:
    """A mask (Y X) with its gaps of up to `gap` voxels closed: morphological closing by a disc of that diameter, beyond
    the array's borders nothing.

    Example:
        >>> close_mask(np.array([[1, 1, 0, 0, 1, 0, 0, 0, 0, 1]], bool), 2).astype(int).tolist()
        [[1, 1, 1, 1, 1, 0, 0, 0, 0, 1]]
    """
    if not mask.any():
        return mask
    width = ceil(gap) + 1
    padded = np.pad(mask, width)
    # A gap of n voxels has borders n + 1 apart: the disc reaches its middle from both sides.
    radius = (gap + 1) / 2
    grown = distance_transform_edt(~padded) <= radius
    closed = distance_transform_edt(grown) > radius
    inner: Mask = (closed | padded)[width:-width, width:-width]
    return inner


CLOSE_GAPS = Tool(
    "close_gaps", "Close gaps", "Close gaps in a phase under a stroke.", "stroke", CloseGapsOptions, close_stroke
)
