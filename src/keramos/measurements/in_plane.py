"""The microstructure that single slices show, annotated in part or throughout, and how far that of a prediction is off.

These are the counterparts in the plane of surface, chords, Euler number and components of a volume: they need one slice
only, so that a training can watch them on its hold-out.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import reduce
from math import pi
from operator import add
from typing import Any

import numpy as np
from numpy.typing import NDArray

from keramos.core import NOT_ANNOTATED, VoxelSize
from keramos.core.errors import LabelError, ShapeError
from keramos.measurements.counting.directions import plane_weights
from keramos.measurements.counting.plane import PlaneCounts, count_plane

PLANE_UNITS = {
    "fraction": "1",
    "outline": "1/um",
    "chord_y": "nm",
    "chord_x": "nm",
    "euler": "1/um2",
    "components": "1/um2",
    "holes": "1/um2",
}
"""The quantities of a slice by name, with their units."""
_ENOUGH = 2 / 3
"""Lags count while they have this share of the pairs at lag 0: to a third of a whole slice, as in a volume."""


@dataclass(frozen=True, eq=False)
class PlaneMicrostructure:
    """The microstructure of one phase in slices; None where it cannot be told.

    Attributes:
        fraction: share of the annotated area.
        outline: length of the outline per area, 1/um (Crofton's formula over 4 directions, extrapolated from pairs of
            pixels one and two apart).
        chord_y, chord_x: mean chords in nm: all length in the phase, two ends making one chord.
        euler: 2-D Euler number (pieces less holes) per area, 1/um2, of the phase connected through edges of pixels.
        components, holes: pieces of the phase, and pieces of the rest that it surrounds, per area, 1/um2.
        s2: (2, lags) probability that two pixels so far apart along Y and X are both of the phase, over `LAGS`; NaN
            where too few pairs are annotated.
    """

    fraction: float | None
    outline: float | None
    chord_y: float | None
    chord_x: float | None
    euler: float | None
    components: float | None
    holes: float | None
    s2: NDArray[np.float64] = field(repr=False)

    def values(self) -> dict[str, float | None]:
        """The quantities of `PLANE_UNITS`."""
        return {name: getattr(self, name) for name in PLANE_UNITS}


@dataclass(frozen=True, eq=False)
class PlaneErrors:
    """The microstructure in the plane of a prediction and of the truth, and how far apart they are.

    Attributes:
        predicted, true: of the pixels where both are known.
        errors: by the names of `PLANE_UNITS`, predicted over true less 1; None where the true value is 0 or unknown.
        s2: the root mean square difference of S2 over all lags, as a share of the truth's variance f (1 - f); None
            where nothing varies.
        euler_share: the difference of the Euler numbers over the truth's pieces and holes; None without any. The Euler
            number itself may be near 0, so its relative error may mean nothing.
    """

    predicted: PlaneMicrostructure
    true: PlaneMicrostructure
    errors: Mapping[str, float | None]
    s2: float | None
    euler_share: float | None

    @property
    def mean_error(self) -> float:
        """One number to choose by, from 0 (alike) to 1: the mean size of the errors of outline, chords, pieces, holes,
        S2 and the Euler number (as `euler_share`), each at most 1; unknown ones left out."""
        names = ("outline", "chord_y", "chord_x", "components", "holes")
        sizes = [self.errors[name] for name in names] + [self.s2, self.euler_share]
        bounded = [min(1.0, abs(size)) for size in sizes if size is not None]
        return float(np.mean(bounded)) if bounded else 0.0

    def to_json(self) -> dict[str, Any]:
        """JSON values: by quantity the unit, the predicted value, the true one and the relative error; `s2_distance`,
        `euler_share` and `mean_error`."""
        predicted, true = self.predicted.values(), self.true.values()
        rows = {
            name: {"unit": unit, "predicted": predicted[name], "true": true[name], "error": self.errors[name]}
            for name, unit in PLANE_UNITS.items()
        }
        shares = {"s2_distance": self.s2, "euler_share": self.euler_share, "mean_error": self.mean_error}
        return {"quantities": rows, **shares}


def measure_planes(slices: Iterable[NDArray[np.uint8]], code: int, voxel_size: VoxelSize) -> PlaneMicrostructure:
    """The microstructure in the plane of a phase, of all slices together.

    Args:
        slices: phase codes (Y X) of each; 255 where nobody annotated. Sizes may differ.
        code: of the phase.
        voxel_size: in nm.

    Raises:
        LabelError: no slice, or none with an annotated pixel.
        ShapeError: a slice that is not 2-D.

    Example:
        >>> stripes = np.tile(np.uint8([0, 0, 0, 0, 1, 1, 1, 1]), (64, 8))
        >>> plane = measure_planes([stripes], 1, VoxelSize(10, 10, 10))
        >>> plane.fraction, round(plane.chord_x, 1), plane.chord_y, plane.holes
        (0.5, 42.7, None, 0.0)
    """
    counts = [count_plane(codes, code) for codes in slices]
    if not counts:
        raise LabelError("expected at least one slice of labels, found none")
    return finish_plane(reduce(add, counts), voxel_size)


def compare_planes(
    predictions: Iterable[NDArray[np.uint8]], truths: Iterable[NDArray[np.uint8]], code: int, voxel_size: VoxelSize
) -> PlaneErrors:
    """The errors of the microstructure that predicted slices show against that of true ones, where both are known.

    Args:
        predictions, truths: phase codes (Y X) of each slice, 255 where not known.
        code: of the phase.
        voxel_size: in nm.

    Raises:
        ShapeError: different numbers or shapes of slices.
        LabelError: no pixel that both know.

    Example:
        >>> truth = np.zeros((40, 40), np.uint8)
        >>> truth[10:30, 10:30] = 1
        >>> speckled = truth.copy()
        >>> speckled[::8, ::8] = 1
        >>> errors = compare_planes([speckled], [truth], 1, VoxelSize(10, 10, 10))
        >>> errors.true.components, errors.errors["components"], errors.errors["outline"] > 1
        (6.25, 21.0, True)
    """
    lists = list(predictions), list(truths)
    if len(lists[0]) != len(lists[1]):
        raise ShapeError(f"expected a true slice for each predicted one, found {len(lists[1])} for {len(lists[0])}")
    pairs = list(zip(*lists, strict=True))
    if not pairs:
        raise LabelError("expected at least one slice to compare, found none")
    for prediction, truth in pairs:
        if prediction.shape != truth.shape:
            raise ShapeError(f"expected slices of one shape to compare, found {prediction.shape} and {truth.shape}")
    missing = [(prediction == NOT_ANNOTATED) | (truth == NOT_ANNOTATED) for prediction, truth in pairs]
    predicted, true = (
        measure_planes(map(_hide, slices, missing), code, voxel_size) for slices in zip(*pairs, strict=True)
    )
    return compare_microstructures(predicted, true)


def compare_microstructures(predicted: PlaneMicrostructure, true: PlaneMicrostructure) -> PlaneErrors:
    """The errors of one against the other; both of the same pixels."""
    values, aims = predicted.values(), true.values()
    errors = {name: _relative_error(values[name], aims[name]) for name in PLANE_UNITS}
    fraction, pieces = true.fraction or 0.0, (true.components or 0.0) + (true.holes or 0.0)
    varies = fraction * (1 - fraction)
    both = np.isfinite(predicted.s2) & np.isfinite(true.s2)
    s2 = float(np.sqrt(np.mean((predicted.s2 - true.s2)[both] ** 2))) / varies if varies and both.any() else None
    known = pieces and predicted.euler is not None and true.euler is not None
    share = ((predicted.euler or 0.0) - (true.euler or 0.0)) / pieces if known else None
    return PlaneErrors(predicted, true, errors, s2, share)


def finish_plane(counts: PlaneCounts, voxel_size: VoxelSize) -> PlaneMicrostructure:
    """The microstructure from counts. LabelError without an annotated pixel.

    The outline's length per area is pi / 4 times what it lets expect of surface per volume (both from crossings per
    length, P_L: L_A = pi / 2 P_L and S_V = 2 P_L; Underwood, Quantitative Stereology, 1970, chapter 2).
    """
    if not counts.known:
        raise LabelError("expected slices with an annotated pixel, found none")
    _, dy, dx = voxel_size.zyx
    area = dy * dx / 1e6
    ratios = counts.pairs[..., 1] / np.maximum(counts.pairs[..., 0], 1)
    outline = pi / 4 * float((2 * ratios[0] - ratios[1] / 2) @ plane_weights(voxel_size))
    pairs, hits = counts.both[..., 0].astype(float), counts.both[..., 1]
    enough = pairs >= np.maximum(_ENOUGH * pairs[:, :1], 1)
    return PlaneMicrostructure(
        fraction=counts.phase / counts.known,
        outline=max(0.0, outline) if counts.pairs[0, :, 0].all() else None,
        chord_y=_mean_chord(counts.phase, int(counts.pairs[0, 2, 1]), dy),
        chord_x=_mean_chord(counts.phase, int(counts.pairs[0, 0, 1]), dx),
        euler=counts.euler / 4 / counts.cells / area if counts.cells else None,
        components=counts.components / counts.known / area,
        holes=counts.holes / counts.known / area,
        s2=np.where(enough, hits / np.maximum(pairs, 1), np.nan),
    )


def _hide(codes: NDArray[np.uint8], missing: NDArray[np.bool_]) -> NDArray[np.uint8]:
    return np.where(missing, np.uint8(NOT_ANNOTATED), codes)


def _mean_chord(pixels: int, ends: int, step: float) -> float | None:
    return 2 * pixels * step / ends if ends else None


def _relative_error(predicted: float | None, true: float | None) -> float | None:
    return predicted / true - 1 if predicted is not None and true else None
