"""Fill the slices between two drawn ones by interpolating the distance to the border of each phase.

Shape-based interpolation (Raya and Udupa 1990): the signed distance to the border of a phase, positive inside, is
interpolated linearly between the two slices, and a voxel gets the phase that is deepest inside there. Not annotated and
not sure count as phases. A phase that only one of the slices has shrinks to nothing half way.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import distance_transform_edt

from keramos.annotation.drawing.patch import Codes, Mask, Patch, make_patches
from keramos.annotation.drawing.scene import Scene
from keramos.annotation.drawing.tool import Gesture, Tool
from keramos.core import NOT_ANNOTATED, size_in_words
from keramos.core.errors import SettingsError
from keramos.core.options import Settings, option

Distance = NDArray[np.float32]
_MOST_BYTES = 5 * 2**28
"""Memory that filling may take: the server has this and its kept pieces within 2 GiB."""


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
        why = "it has labels itself" if z in drawn else f"no slice {'after' if above else 'before'} it has labels"
        raise SettingsError(
            f"slice {z} cannot be filled from its neighbours: {why}; choose one between two drawn slices"
        )
    first, last = max(above), min(below)
    chosen = [z] if gesture.options.only else list(range(first + 1, last))
    area = find_labelled(scene.labels(first), scene.labels(last))
    one, other = scene.labels(first)[area], scene.labels(last)[area]
    _refuse_large(one, other, len(chosen))
    edges = scene.voxel_size.zyx[1:] if scene.voxel_size else (1.0, 1.0)
    planes = interpolate_labels(one, other, [(each - first) / (last - first) for each in chosen], edges)
    patches: list[Patch] = []
    for each, codes in zip(chosen, planes, strict=True):
        corner = (area[0].start, area[1].start)
        patches += make_patches(each, scene.labels(each), codes != NOT_ANNOTATED, codes, corner=corner)
    return tuple(patches)


def find_labelled(one: Codes, other: Codes) -> tuple[slice, slice]:
    """The rows and columns around all labels of two slices, with one voxel beyond them: outside nothing changes, and no
    distance inside depends on it."""
    labelled = (one != NOT_ANNOTATED) | (other != NOT_ANNOTATED)
    ends = [np.flatnonzero(labelled.any(axis=axis)) for axis in (1, 0)]
    rows, columns = (slice(max(0, int(end[0]) - 1), int(end[-1]) + 2) for end in ends)
    return rows, columns


def estimate_bytes(area: int, codes: int, slices: int) -> int:
    """The most memory that filling so many slices takes, of so many voxels each with so many codes: distances and the
    labels that are made of them, or the change with its labels before, after and kept."""
    return area * max(8 * codes + 16 + 2 * slices, 5 * slices)


def _refuse_large(one: Codes, other: Codes, slices: int) -> None:
    need = estimate_bytes(one.size, len(np.union1d(one, other)), slices)
    if need > _MOST_BYTES:
        rather = "draw one of them first, or fill the slice in view only" if slices > 1 else "draw it, or a part of it"
        raise SettingsError(
            f"filling {slices} slices of {one.shape[0]} x {one.shape[1]} voxels at once takes {size_in_words(need)} of "
            f"memory, and {size_in_words(_MOST_BYTES)} is the most that it may; {rather}"
        )


def interpolate_labels(
    first: Codes, last: Codes, shares: Sequence[float], edges: tuple[float, float] = (1.0, 1.0)
) -> Iterator[Codes]:
    """Labels (Y X) at these shares of the way from the first slice to the last, one after the other.

    Args:
        first, last: labels of the two slices.
        shares: 0 ... 1.
        edges: of a voxel along y and x, in any unit.

    Example:
        >>> row = lambda n: np.array([[1] * n + [0] * (9 - n)], np.uint8)
        >>> next(interpolate_labels(row(2), row(6), [0.5])).tolist()
        [[1, 1, 1, 1, 0, 0, 0, 0, 0]]
    """
    codes = np.union1d(first, last).astype(np.uint8)
    distances = [_signed_distances(first == code, last == code, edges) for code in codes]
    for share in shares:
        deepest, labels = np.full(first.shape, -np.inf, np.float32), np.full(first.shape, NOT_ANNOTATED, np.uint8)
        for code, (one, other) in zip(codes, distances, strict=True):
            distance = np.float32(1 - share) * one + np.float32(share) * other
            deeper = distance > deepest
            deepest[deeper] = distance[deeper]
            labels[deeper] = code
        yield labels


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
    distance = np.empty(mask.shape, np.float32)
    for part, sign in ((mask, 1), (~mask, -1)):
        _measure_depth(part, edges, sign, distance)
    return distance


def _measure_depth(part: Mask, edges: tuple[float, float], sign: int, out: Distance) -> None:
    """Give the voxels of a part their distance to the border, row by row, which takes a fourth of the memory."""
    nearest = distance_transform_edt(part, sampling=edges, return_distances=False, return_indices=True)
    columns, half = np.arange(part.shape[1]), min(edges) / 2
    for row, chosen in enumerate(part):
        down, across = (nearest[0, row] - row) * edges[0], (nearest[1, row] - columns) * edges[1]
        out[row, chosen] = sign * (np.sqrt(down * down + across * across)[chosen] - half)


INTERPOLATE = Tool(
    "interpolate",
    "Interpolate",
    "Fill the slices between two drawn ones.",
    "slice",
    InterpolateOptions,
    interpolate_slices,
    gives="several",
)
