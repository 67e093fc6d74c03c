"""Scores that forgive what lies within a tolerance of the true outline, and the centreline Dice of thin phases.

Two people who annotate the same slice disagree by about a pixel along outlines; of a thin phase that is most of its
area. All is counted in slices and pooled over them.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import binary_dilation

from keramos.core import NOT_ANNOTATED, VoxelSize
from keramos.scoring.ratios import number, ratio

_CROSS = np.array([[0, 1, 0], [1, 1, 1], [0, 1, 0]], bool)


@dataclass(frozen=True, slots=True)
class OutlineScores:
    """Scores of one phase inside a tolerance; None where undefined (0 / 0).

    Attributes:
        phase: its name.
        outline_precision, outline_recall: share of the predicted outline within the tolerance of the true one, and of
            the true one within it of the predicted one.
        outline_f1: their harmonic mean (Csurka et al. 2013, BMVC).
        precision, recall: share of the predicted area within the tolerance of the true area, and of the true area
            within it of the predicted one.
        iou: matched predicted area over predicted area and missed true area (the quality of Wiedemann et al. 1998,
            Empirical Evaluation of Automatically Extracted Road Axes).
        cldice: centreline Dice (Shit et al. 2021, CVPR): harmonic mean of the shares of the predicted skeleton inside
            the true area and of the true skeleton inside the predicted one; no tolerance.
    """

    phase: str
    outline_precision: float | None
    outline_recall: float | None
    outline_f1: float | None
    precision: float | None
    recall: float | None
    iou: float | None
    cldice: float | None


@dataclass(frozen=True)
class ToleranceScores:
    """Scores inside a tolerance of `tolerance_nm`, of the `slices` (z) that were looked at."""

    tolerance_nm: float
    slices: tuple[int, ...]
    phases: tuple[OutlineScores, ...]

    def to_json(self) -> dict[str, Any]:
        """JSON values; the phases by name."""
        rows = [asdict(row) for row in self.phases]
        return {
            "tolerance_nm": self.tolerance_nm,
            "slices": list(self.slices),
            "phases": {row.pop("phase"): row for row in rows},
        }

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> ToleranceScores:
        """The inverse of `to_json`; KeyError or TypeError for anything else."""
        rows = tuple(OutlineScores(phase=name, **row) for name, row in data["phases"].items())
        return cls(data["tolerance_nm"], tuple(data["slices"]), rows)


def count_outlines(
    prediction: NDArray[np.uint8], truth: NDArray[np.uint8], code: int, *, tolerance_nm: float, voxel_size: VoxelSize
) -> NDArray[np.int64]:
    """Matched and all pixels, (6, 2), whose sums over slices `finish_outlines` takes: predicted outline, true outline,
    predicted area, true area, predicted skeleton, true skeleton.

    Args:
        prediction, truth: phase codes (Y X) of one slice; only pixels that both know count (255: unknown).
        code: of the phase.
        tolerance_nm: distance between the centres of pixels.
        voxel_size: in nm.
    """
    from skimage.morphology import skeletonize

    known = (prediction != NOT_ANNOTATED) & (truth != NOT_ANNOTATED)
    predicted, true = (prediction == code) & known, (truth == code) & known
    near = _disc(tolerance_nm, voxel_size)
    outlines = [_outline(mask, known) for mask in (predicted, true)]
    skeletons = [skeletonize(mask) for mask in (predicted, true)]
    pairs = [
        (outlines[0], binary_dilation(outlines[1], near)),
        (outlines[1], binary_dilation(outlines[0], near)),
        (predicted, binary_dilation(true, near)),
        (true, binary_dilation(predicted, near)),
        (skeletons[0], true),
        (skeletons[1], predicted),
    ]
    return np.array([(np.count_nonzero(mask & other), np.count_nonzero(mask)) for mask, other in pairs], np.int64)


def finish_outlines(counts: NDArray[np.int64], phase: str) -> OutlineScores:
    """The scores of a phase from its counts.

    Example:
        >>> truth = np.zeros((20, 20), np.uint8)
        >>> truth[:, 8:11] = 1
        >>> moved = np.roll(truth, 1, axis=1)
        >>> counts = count_outlines(moved, truth, 1, tolerance_nm=10, voxel_size=VoxelSize(10, 10, 10))
        >>> scores = finish_outlines(counts, "crack")
        >>> scores.iou, scores.outline_f1, scores.cldice
        (1.0, 1.0, 1.0)
    """
    shares = ratio(counts[:, 0], counts[:, 1])
    matched, missed = counts[2, 0], counts[3, 1] - counts[3, 0]
    iou = ratio(matched[None], (counts[2, 1] + missed)[None])[0]
    return OutlineScores(
        phase,
        number(shares[0]),
        number(shares[1]),
        _harmonic_mean(shares[0], shares[1]),
        number(shares[2]),
        number(shares[3]),
        number(iou),
        _harmonic_mean(shares[4], shares[5]),
    )


def _harmonic_mean(first: float, second: float) -> float | None:
    if not np.isfinite([first, second]).all():
        return None
    return float(2 * first * second / (first + second)) if first + second else 0.0


def _outline(mask: NDArray[np.bool_], known: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """The pixels of a mask beside a known pixel outside of it, across an edge."""
    return np.asarray(mask & binary_dilation(known & ~mask, _CROSS))


def _disc(radius_nm: float, voxel_size: VoxelSize) -> NDArray[np.bool_]:
    """The pixels around one whose centres lie within a radius."""
    _, dy, dx = voxel_size.zyx
    rows, columns = (int(radius_nm / edge + 1e-9) for edge in (dy, dx))
    y, x = np.arange(-rows, rows + 1) * dy, np.arange(-columns, columns + 1) * dx
    return np.asarray(y[:, None] ** 2 + x**2 <= radius_nm**2 * (1 + 1e-9))
