"""Fill the connected region of like grey values around a click, as far as the next edge.

Of 100 random clicks each into a phantom, the micrograph Ba122 and the mitochondria of Lucchi, the median share of
filled voxels in the phase that was clicked is 0.97, 0.95 and 1 with the defaults (benchmarks/drawing.py).
"""

from __future__ import annotations

from dataclasses import dataclass
from math import pi, sqrt

import numpy as np
from scipy.ndimage import binary_dilation, gaussian_gradient_magnitude, label

from keramos.annotation.drawing.patch import Mask, Patch
from keramos.annotation.drawing.scene import Grey, Scene
from keramos.annotation.drawing.smooth_grey import grey_span, smooth_grey
from keramos.annotation.drawing.tool import Gesture, PaintOptions, Tool, paint
from keramos.core.options import option

_MOST_CLICKS = 50
_EDGE_WIDTH = 2
"""Voxels on either side of an edge that are filled again if their grey is right: an edge is a line, not a wall."""


@dataclass(frozen=True, kw_only=True)
class SmartFillOptions(PaintOptions):
    """Likeness of the grey, and what stops the fill."""

    tolerance: float = option(10.0, help="Largest difference from the grey at the click.", unit="%", low=0, high=100)
    edge: float = option(30.0, help="Step in grey that stops the fill; 100: none.", unit="%", low=1, high=100)
    smooth: float = option(1.0, help="Smoothing against noise.", unit="px", low=0.5, high=10)
    holes: int = option(16, help="Largest hole that is filled, too.", unit="px", low=0, high=10_000)
    reach: int = option(512, help="Farthest that the fill goes from the click.", unit="px", low=1, high=4096)


def fill_region(scene: Scene, gesture: Gesture) -> tuple[Patch, ...]:
    """The regions around each click get the gesture's phase."""
    grey = scene.images(gesture.z)
    clicks = {(round(y), round(x)) for x, y, _ in gesture.points[:_MOST_CLICKS].tolist()}
    inside = [(y, x) for y, x in sorted(clicks) if 0 <= y < grey.shape[0] and 0 <= x < grey.shape[1]]
    if not inside:
        return ()
    (rows, columns), span = _window(inside, gesture.options.reach, grey.shape), grey_span(grey)
    mask = np.zeros((rows.stop - rows.start, columns.stop - columns.start), bool)
    for y, x in inside:
        own_rows, own_columns = _window([(y, x)], gesture.options.reach, grey.shape)
        seed = (y - own_rows.start, x - own_columns.start)
        into = mask[
            own_rows.start - rows.start : own_rows.stop - rows.start,
            own_columns.start - columns.start : own_columns.stop - columns.start,
        ]
        into |= find_region(grey[own_rows, own_columns], seed, gesture.options, span)
    return paint(scene, gesture, mask, corner=(rows.start, columns.start))


def find_region(grey: Grey, seed: tuple[int, int], options: SmartFillOptions, span: float) -> Mask:
    """The voxels (Y X) that are connected with the seed by grey values within the tolerance, across no edge; percent
    are of `span`. A step of height h, smoothed by a Gaussian of width s, has a gradient of h / (s sqrt(2 pi))."""
    smooth = smooth_grey(grey, options.smooth)
    y, x = seed
    level = float(smooth[max(y - 1, 0) : y + 2, max(x - 1, 0) : x + 2].mean())
    like = np.abs(smooth - level) <= options.tolerance / 100 * span
    passable = like
    if options.edge < 100:
        steepest = options.edge / 100 * span / (options.smooth * sqrt(2 * pi))
        passable = like & (gaussian_gradient_magnitude(np.asarray(grey, np.float32), options.smooth) <= steepest)
    passable[seed] = True
    regions, _ = label(passable)
    region: Mask = regions == regions[seed]
    if options.edge < 100:
        region |= binary_dilation(region, iterations=_EDGE_WIDTH, mask=like | region)
    return _fill_holes(region, options.holes)


def _fill_holes(region: Mask, largest: int) -> Mask:
    """The region with its holes of up to `largest` voxels; what touches the window's border is no hole."""
    holes, _ = label(~region)
    small = np.bincount(holes.ravel()) <= largest
    small[0] = False
    for border in (holes[0], holes[-1], holes[:, 0], holes[:, -1]):
        small[border] = False
    filled: Mask = region | small[holes]
    return filled


def _window(places: list[tuple[int, int]], reach: int, shape: tuple[int, ...]) -> tuple[slice, slice]:
    ends = np.array(places)
    low, high = np.maximum(ends.min(axis=0) - reach, 0), np.minimum(ends.max(axis=0) + reach + 1, shape)
    return slice(int(low[0]), int(high[0])), slice(int(low[1]), int(high[1]))


SMART_FILL = Tool(
    "smart_fill",
    "Smart fill",
    "Fill the connected region of like grey values around a click.",
    "click",
    SmartFillOptions,
    fill_region,
)
