"""Sizes by balls: what of a phase is covered by balls of each radius that fit into it, and what of that can be entered.

classes of voxels by the largest ball around them -> voxels that balls of each class cover (an opening by balls)
-> of these, for each outer face, what balls cover whose centres are connected to that face through centres of balls at
least as large (simulated intrusion)

Both are counted for the same radii and in the same voxels, so that what is intruded is a part of what is covered, and a
phase that everything can enter is intruded as it is covered.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from keramos.core import VoxelSize
from keramos.core.progress import Progress, silent
from keramos.measurements.ball_reach import reach_of
from keramos.measurements.border_distance import distance_to_border
from keramos.measurements.pieces import Pieces, label_pieces

_MAX_CLASSES = 48
_OUTSIDE = 255
# A ball's middle lies up to half an edge off the centres of the voxels around it, and all of them reach out: they reach
# out less far, to cover what the ball covers. By half an edge less, the middle of a plate would not reach its sides.
_OFF_CENTRE = 0.4
Map = NDArray[np.uint8]


@dataclass(frozen=True, eq=False)
class BallClasses:
    """Balls in a phase by their radius.

    Attributes:
        centres: the class of each voxel (Z Y X) by the largest ball around any point of it, 0 the largest, 255 outside.
        covered: the class of the largest ball that covers each voxel; 255 outside the phase.
        radii: of each class, in nm, the largest first; NaN of a class without centres.
        depth: the largest distance in nm to the phase's border from any point of each voxel.
        step: from one class to the next, in nm.
        voxel_size: of the maps.
    """

    centres: Map
    covered: Map
    radii: NDArray[np.float64]
    depth: NDArray[np.float32]
    step: float
    voxel_size: VoxelSize

    @property
    def used(self) -> list[int]:
        """The classes that have centres, the largest balls first."""
        return [int(number) for number in np.flatnonzero(np.isfinite(self.radii))]


def classify_balls(
    mask: NDArray[np.bool_], voxel_size: VoxelSize, *, progress: Progress = silent
) -> BallClasses | None:
    """The balls in a mask (Z Y X) in memory; None where nothing lies in it, or nothing outside it.

    Balls whose radii differ by less than half a voxel's shortest edge, or a 48th of the largest if that is more, count
    as balls of their mean radius. The volume's border does not end the phase: a ball may stick out of it.
    """
    if not mask.any() or mask.all():
        return None
    depth = distance_to_border(mask, voxel_size)
    largest = float(depth.max())
    step = max(min(voxel_size.zyx) / 2, largest / _MAX_CLASSES)
    centres = np.where(mask, ((largest - depth) / step + 1e-4).astype(np.uint8), np.uint8(_OUTSIDE))
    radii = _radii(depth, mask, centres, step)
    covered = np.full(mask.shape, _OUTSIDE, np.uint8)
    classes = BallClasses(centres, covered, radii, depth, step, voxel_size)
    for done, number in enumerate(reversed(classes.used), 1):
        reached = reach_of(centres <= number, radii[number] - _OFF_CENTRE * min(voxel_size.zyx), voxel_size)
        covered[mask & reached] = number
        progress(done, len(classes.used))
    return classes


def _radii(depth: NDArray[np.float32], mask: NDArray[np.bool_], centres: Map, step: float) -> NDArray[np.float64]:
    """The radius of each class: the mean of its voxels that are no nearer to the border than their neighbours, or else
    of all."""
    peaks = mask & (depth >= ndimage.maximum_filter(depth, 3, mode="nearest") - 1e-4 * step)
    sums, counts = (np.zeros((2, _MAX_CLASSES + 1)) for _ in range(2))
    for row, chosen in enumerate((mask, peaks)):
        counts[row] = np.bincount(centres[chosen], minlength=_MAX_CLASSES + 1)
        sums[row] = np.bincount(centres[chosen], weights=depth[chosen], minlength=_MAX_CLASSES + 1)
    best = np.where(counts[1] > 0, 1, 0), np.arange(_MAX_CLASSES + 1)
    with np.errstate(invalid="ignore"):
        return np.asarray(sums[best] / counts[best], np.float64)


def covered_shares(classes: BallClasses) -> NDArray[np.float64]:
    """The share of the phase that the balls of each class in use, and of all larger ones, cover."""
    counts = np.bincount(classes.covered.ravel(), minlength=_OUTSIDE + 1)[: _MAX_CLASSES + 1]
    return np.asarray(np.cumsum(counts)[classes.used] / counts.sum())


def intruded_shares(classes: BallClasses, pieces: Pieces, *, progress: Progress = silent) -> NDArray[np.float64]:
    """The share of the phase that is intruded at the radius of each class in use, from each of the outer faces (first
    and last of Z, then of Y, then of X) and, last, from all of them together: (classes, 7).

    Centres are connected through faces, edges and corners of voxels, within one of the `pieces` of the phase. A ball's
    reach is a little wider than the ball, up to the diagonal of a voxel, which may be more than a wall: it fills only
    what is connected to its centre through what balls of this radius cover.
    """
    # One bit for each face: from which of them the centres of a voxel are reached, and from which it is covered.
    reached, intruded = (np.zeros(classes.centres.shape, np.uint8) for _ in range(2))
    shares, none = [], np.uint32(0)
    for done, number in enumerate(classes.used, 1):
        new = _reach(np.where(classes.centres <= number, pieces, none)) & ~reached
        reached |= new
        opened = label_pieces(np.where(classes.covered <= number, pieces, none), 26)
        far = classes.radii[number] + np.linalg.norm(classes.voxel_size.zyx) / 2
        for bits, box in _groups(new, classes.radii[number], classes.voxel_size):
            entered = np.zeros(int(opened.max()) + 1, bool)
            entered[opened[box][new[box] == bits]] = True
            near = reach_of(new[box] == bits, far, classes.voxel_size)
            intruded[box][near & entered[opened[box]]] |= np.uint8(bits)
        counts = np.bincount(intruded.ravel(), minlength=64)
        by_face = [counts[(np.arange(64) >> face) % 2 == 1].sum() for face in range(6)]
        shares.append([*by_face, counts[1:].sum()])
        progress(done, len(classes.used))
    return np.array(shares, float) / np.count_nonzero(classes.covered != _OUTSIDE)


def _reach(pieces: Pieces) -> Map:
    """The faces (one bit each) to which each voxel is connected within its piece."""
    labels = label_pieces(pieces, 26)
    table = np.zeros(int(labels.max()) + 1, np.uint8)
    for face in range(6):
        table[np.unique(labels.take(-(face % 2), axis=face // 2))] |= np.uint8(1 << face)
    table[0] = 0
    return np.asarray(table[labels])


def _groups(new: Map, radius: float, voxel_size: VoxelSize) -> Iterator[tuple[int, tuple[slice, ...]]]:
    """Each set of faces from which some voxels were newly reached, and the box that balls around these may cover."""
    margin = [int(radius / edge) + 2 for edge in voxel_size.zyx]
    boxes = ndimage.find_objects(new, 63)
    for bits, box in enumerate(boxes, 1):
        if box is not None:
            yield bits, tuple(slice(max(0, part.start - m), part.stop + m) for part, m in zip(box, margin, strict=True))
