"""Fill the slices between two drawn ones by interpolating the distance to the border of each phase.

Shape-based interpolation (Raya and Udupa 1990): the signed distance to the border of a phase, positive inside, is
interpolated linearly between the two slices, and a voxel gets the phase that is deepest inside there. Not annotated and
not sure count as phases. A phase that only one of the slices has shrinks to nothing half way.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import distance_transform_edt

from keramos.annotation.drawing.patch import Codes, Mask, Patch, make_patches
from keramos.annotation.drawing.scene import Scene
from keramos.annotation.drawing.tool import Gesture, Tool
from keramos.core import NOT_ANNOTATED
from keramos.core.errors import SettingsError
from keramos.core.options import Settings, option

Distance = NDArray[np.float32]
_MOST_VOXELS = 5 * 10**8


@dataclass(frozen=True, kw_only=True)
class InterpolateOptions(Settings):
    """The slices that are filled."""

    only: bool = option(False, help="Fill the slice in view only, not all between the two drawn ones.")


def interpolate_slices(scene: Scene, gesture: Gesture) -> tuple[Patch, ...]:
    """Labels for the slice in view, or for all slices without labels around it, from the drawn slices on both sides.
    SettingsError if the slice has labels, or if there is none on one side."""
    drawn, z = scene.annotated_slices(), gesture.z
    above, below = [one for one in drawn if one < z], [one for one in drawn if one > z]
    if z in drawn or not above or not below:
        why = "it has labels itself" if z in drawn else f"no slice {'below' if above else 'above'} it has labels"
        raise SettingsError(
            f"slice {z} cannot be filled from its neighbours: {why}; choose one between two drawn slices"
        )
    first, last = max(above), min(below)
    chosen = [z] if gesture.options.only else list(range(first + 1, last))
    if len(chosen) * scene.shape[1] * scene.shape[2] > _MOST_VOXELS:
        raise SettingsError(
            f"{len(chosen)} slices of this size are too many to fill at once; draw one of them, or fill the slice in "
            "view only"
        )
    edges = scene.voxel_size.zyx[1:] if scene.voxel_size else (1.0, 1.0)
    shares = [(one - first) / (last - first) for one in chosen]
    planes = interpolate_labels(scene.labels(first), scene.labels(last), shares, edges)
    patches: list[Patch] = []
    for one, codes in zip(chosen, planes, strict=True):
        patches.extend(make_patches(one, scene.labels(one), codes != NOT_ANNOTATED, codes))
    return tuple(patches)


def interpolate_labels(
    first: Codes, last: Codes, shares: list[float], edges: tuple[float, float] = (1.0, 1.0)
) -> list[Codes]:
    """Labels (Y X) at these shares of the way from the first slice to the last.

    Args:
        first, last: labels of the two slices.
        shares: 0 ... 1.
        edges: of a voxel along y and x, in any unit.

    Example:
        >>> row = lambda n: np.array([[1] * n + [0] * (9 - n)], np.uint8)
        >>> interpolate_labels(row(2), row(6), [0.5])[0].tolist()
        [[1, 1, 1, 1, 0, 0, 0, 0, 0]]
    """
    codes = np.union1d(first, last).astype(np.uint8)
    distances = [_signed_distances(first == code, last == code, edges) for code in codes]
    out = []
    for share in shares:
        deepest, labels = np.full(first.shape, -np.inf, np.float32), np.full(first.shape, NOT_ANNOTATED, np.uint8)
        for code, (one, other) in zip(codes, distances, strict=True):
            distance = np.float32(1 - share) * one + np.float32(share) * other
            deeper = distance > deepest
            deepest[deeper] = distance[deeper]
            labels[deeper] = code
        out.append(labels)
    return out


def _signed_distances(one: Mask, other: Mask, edges: tuple[float, float]) -> tuple[Distance, Distance]:
    """Distances to the border of a phase in two slices."""
    first, last = _signed_distance(one, edges), _signed_distance(other, edges)
    return (
        _stand_in(one, last) if first is None else first,
        _stand_in(other, first) if last is None else last,
    )


def _stand_in(mask: Mask, other: Distance | None) -> Distance:
    """The distance in a slice without a border: without the phase, as far outside everywhere as the phase is deep in
    the other slice, and where there is nothing but it, as far inside as the other slice goes outside."""
    inside = bool(mask.all())
    reach = 1.0 if other is None else -float(other.min()) if inside else float(other.max())
    return np.full(mask.shape, reach if inside else -reach, np.float32)


def _signed_distance(mask: Mask, edges: tuple[float, float]) -> Distance | None:
    """Distance to the border, half a voxel off the nearest centre on its other side; None where there is no border."""
    if mask.all() or not mask.any():
        return None
    half = min(edges) / 2
    inside, outside = distance_transform_edt(mask, sampling=edges), distance_transform_edt(~mask, sampling=edges)
    return np.where(mask, inside - half, half - outside).astype(np.float32)


INTERPOLATE = Tool(
    "interpolate",
    "Interpolate",
    "Fill the slices between two drawn ones.",
    "slice",
    InterpolateOptions,
    interpolate_slices,
    gives="several",
)
