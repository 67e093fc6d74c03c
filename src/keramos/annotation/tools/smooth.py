"""Smooth the borders of labels under a stroke."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil

import numpy as np
from scipy.ndimage import gaussian_filter

from keramos.annotation.drawing.patch import Codes, Patch, make_patches
from keramos.annotation.drawing.scene import Scene
from keramos.annotation.drawing.stroke import cover_stroke
from keramos.annotation.drawing.tool import Gesture, Tool
from keramos.core.options import Settings, option


@dataclass(frozen=True, kw_only=True)
class SmoothOptions(Settings):
    """Size of the brush, and strength of smoothing."""

    radius: float = option(12.0, help="Radius of the brush.", unit="px", low=0, high=1000)
    strength: float = option(2.0, help="Details smaller than this are smoothed away.", unit="px", low=0.5, high=20)


def smooth_borders(scene: Scene, gesture: Gesture) -> tuple[Patch, ...]:
    """The labels under the stroke are those that most of the neighbourhood has."""
    mask, (y, x) = cover_stroke(gesture.points, gesture.options.radius, scene.shape[1:])
    if not mask.any():
        return ()
    plane, margin = scene.labels(gesture.z), ceil(4 * gesture.options.strength)
    top, left = max(0, y - margin), max(0, x - margin)
    around = plane[top : y + mask.shape[0] + margin, left : x + mask.shape[1] + margin]
    smooth = find_majority(around, gesture.options.strength)
    smooth = smooth[y - top : y - top + mask.shape[0], x - left : x - left + mask.shape[1]]
    return make_patches(gesture.z, plane, mask, smooth, corner=(y, x))


def find_majority(labels: Codes, sigma: float) -> Codes:
    """The code (Y X) with the largest share of a Gaussian neighbourhood of `sigma` voxels; not annotated and not sure
    count as codes. A voxel keeps its code where another has the same share.

    Example:
        >>> find_majority(np.array([[0, 0, 0, 1, 0, 0, 1, 1, 1]], np.uint8), 1).tolist()
        [[0, 0, 0, 0, 0, 0, 1, 1, 1]]
    """
    codes = np.unique(labels)
    shares = [gaussian_filter((labels == code).astype(np.float32), sigma) for code in codes]
    own = np.take_along_axis(np.array(shares), np.searchsorted(codes, labels)[None].astype(np.intp), axis=0)[0]
    best = codes[np.argmax(shares, axis=0)]
    return np.where(np.max(shares, axis=0) > own + 1e-5, best, labels).astype(np.uint8)


SMOOTH = Tool(
    "smooth",
    "Smooth",
    "Smooth the borders of labels under a stroke.",
    "stroke",
    SmoothOptions,
    smooth_borders,
    gives="several",
)
