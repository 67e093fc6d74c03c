"""What a microscopist would compare: grey levels, noise, spectrum, edges, chords, and how hard thresholds find it.

Every measure is of one slice: grey values (Y X), the solid as a mask, and the pixel in nm.
"""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import distance_transform_edt, gaussian_filter
from skimage.filters import threshold_otsu

from keramos.core import VOID_SOLID, VoxelSize
from keramos.learning import AnnotatedSlice, AnnotatedSlices
from keramos.segmenters import Sauvola

Grey = NDArray[np.float64]
Mask = NDArray[np.bool_]
BANDS = (0.02, 0.05, 0.1, 0.18, 0.28, 0.4, 0.5)  # cycles per pixel


def measures(grey: NDArray[np.uint8], solid: Mask, voxel_size: VoxelSize) -> dict[str, float]:
    """All measures of one labelled slice, by name."""
    values = grey.astype(np.float64)
    return {
        **grey_levels(values, solid),
        **noise(values, solid),
        **spectrum(values),
        **edge_profile(values, solid),
        **chords(solid),
        **thresholds(grey, solid, voxel_size),
    }


def grey_levels(grey: Grey, solid: Mask) -> dict[str, float]:
    """Percentiles of each phase; the voids' over the solid's median."""
    middle = float(np.median(grey[solid]))
    found = {"solid median": middle, "solid spread": float(np.std(grey[solid]) / middle)}
    for percent in (10, 25, 50, 75, 90):
        found[f"void {percent} % / solid"] = float(np.percentile(grey[~solid], percent) / middle)
    return found


def noise(grey: Grey, solid: Mask) -> dict[str, float]:
    """Variance of white noise deep inside the solid and in voids, from neighbours along y; correlations along both."""
    deep = np.asarray(distance_transform_edt(solid)) > 4
    inside = np.asarray(distance_transform_edt(~solid)) > 3
    along_y = (grey[1:] - grey[:-1]) ** 2 / 2
    flat = grey - gaussian_filter(grey, 3)
    found = {"noise variance in solid": float(along_y[deep[1:] & deep[:-1]].mean())}
    if (both := inside[1:] & inside[:-1]).sum() > 200:
        found["noise variance in void"] = float(along_y[both].mean())
    variance = float(np.mean(flat[deep] ** 2))
    for name, axis in (("x", 1), ("y", 0)):
        a, b = (np.take(flat, range(i, flat.shape[axis] - 1 + i), axis) for i in (0, 1))
        p, q = (np.take(deep, range(i, flat.shape[axis] - 1 + i), axis) for i in (0, 1))
        found[f"correlation along {name}"] = float(np.mean((a * b)[p & q]) / variance)
    return found


def spectrum(grey: Grey) -> dict[str, float]:
    """Radial power in bands of spatial frequency (cycles per pixel), in grey levels squared."""
    window = np.outer(np.hanning(grey.shape[0]), np.hanning(grey.shape[1]))
    power = np.abs(np.fft.fft2((grey - grey.mean()) * window)) ** 2 / np.sum(window**2)
    radius = np.hypot(*np.meshgrid(np.fft.fftfreq(grey.shape[0]), np.fft.fftfreq(grey.shape[1]), indexing="ij"))
    bands = pairwise(BANDS)
    return {f"power at {a}-{b} / px": float(power[(radius >= a) & (radius < b)].mean()) for a, b in bands}


def edge_profile(grey: Grey, solid: Mask) -> dict[str, float]:
    """Mean grey by distance from the border, over that deep inside the solid: negative distances lie in the void."""
    distance = np.where(solid, np.asarray(distance_transform_edt(solid)), -np.asarray(distance_transform_edt(~solid)))
    # The gradient over the slice would blur the rim: compare with the row's own level.
    deep = distance > 7
    level = np.array([np.median(row[d]) if d.sum() > 8 else np.nan for row, d in zip(grey, deep, strict=True)])
    level = np.where(np.isnan(level), np.nanmedian(level), level)
    relative = grey / gaussian_filter(level, 5)[:, None]
    found = {}
    for low, high in ((-8, -5), (-5, -3), (-3, -2), (-2, -1), (-1, 0), (0, 1), (1, 2), (2, 3), (3, 4), (4, 6)):
        here = (distance > low) & (distance <= high) if low >= 0 else (distance >= low) & (distance < high)
        found[f"edge {low} to {high} px"] = float(relative[here].mean())
    return found


def chords(solid: Mask) -> dict[str, float]:
    """Mean length of runs of each phase along x and y, in pixels; runs cut by the border are left out."""
    found = {}
    for name, phase in (("solid", solid), ("void", ~solid)):
        for axis, rows in (("x", phase), ("y", phase.T)):
            lengths: list[int] = []
            for row in rows:
                edges = np.flatnonzero(np.diff(row.astype(np.int8)))
                if len(edges) > 1:
                    lengths += np.diff(edges)[row[edges[:-1] + 1]].tolist()
            found[f"{name} chord along {axis}"] = float(np.mean(lengths)) if lengths else float("nan")
    return found


def thresholds(grey: NDArray[np.uint8], solid: Mask, voxel_size: VoxelSize) -> dict[str, float]:
    """IoU of Otsu's threshold and of Sauvola's with the best parameters for this very slice."""
    data = AnnotatedSlices((AnnotatedSlice(grey, solid.astype(np.uint8), "", 0),), VOID_SOLID, voxel_size)
    best = Sauvola().choose_parameters(data, half_range=128.0)
    found = {"IoU of Otsu": grey > threshold_otsu(grey), "IoU of the best Sauvola": best.is_bright(grey)}
    return {name: iou(mask, solid) for name, mask in found.items()}


def iou(found: Mask, true: Mask) -> float:
    return float(np.sum(found & true) / np.sum(found | true))


def mean_of(rows: list[dict[str, float]]) -> dict[str, Any]:
    """The mean of each measure over several slices, those without it left out."""
    return {name: float(np.nanmean([row.get(name, np.nan) for row in rows])) for name in rows[0]}
