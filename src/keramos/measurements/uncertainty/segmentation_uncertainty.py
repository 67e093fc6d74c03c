"""Intervals of a segmentation: where a quantity would lie if every voxel were right.

Two things are not known: how wrong the labels are on the whole, of which the annotated slices are a sample, and how the
doubtful voxels elsewhere fell out, which realizations imitate. Both variances are added. Realizations have rougher
surfaces than labels and truth alike, so only their spread is used, never their mean.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt

import numpy as np
import scipy  # its parts are loaded when they are first used
from numpy.typing import NDArray

from keramos.core import VoxelSize
from keramos.measurements.counting.interval import LEVEL, Spread
from keramos.measurements.results import Measured, Measurements
from keramos.measurements.spec import Interval
from keramos.measurements.uncertainty.annotated_slices import AnnotatedSlices, BiasEstimate


@dataclass(frozen=True, eq=False)
class SegmentationUncertainty:
    """All that an interval is made of.

    Attributes:
        slices: the annotated slices.
        codes, scores: labels (Z Y X) and recalibrated scores (phases, Z Y X) of the measured box.
        realizations: what was measured of each segmentation sampled from these scores.
        voxel_size: of all of them.
    """

    slices: AnnotatedSlices
    codes: NDArray[np.uint8]
    scores: NDArray[np.float32]
    realizations: Sequence[Measurements]
    voxel_size: VoxelSize

    def shifted_interval(self, row: Measured, code: int, bias: BiasEstimate | None) -> Interval | None:
        """Around a fraction, corrected by how much more or less the scores say of the measured box, and by their
        bias."""
        if bias is None:
            return None
        more = float(self.scores[code].mean(dtype=np.float64) - np.mean(self.codes == code))
        value = row.quantity.value + more + bias.value
        return join_interval(value, value, [bias.spread, self._spread(row)], 1.0)

    def scaled_interval(self, row: Measured, ratio: BiasEstimate | None, share: float = 1.0) -> Interval | None:
        """Around the measured value times the ratio of true to measured on the annotated slices, and down to a `share`
        of that."""
        values, value = self._values(row), row.quantity.value
        mean = float(np.mean(values)) if values else 0.0
        if ratio is None or not mean > 0:
            return None
        high, sampled = value * ratio.value, self._spread(row)
        spreads = [
            Spread(value * ratio.spread.standard_error, ratio.spread.dof),
            Spread(high / mean * sampled.standard_error, sampled.dof),
        ]
        return join_interval(share * high, high, spreads, np.inf)

    def _spread(self, row: Measured) -> Spread:
        values = self._values(row)
        return Spread(float(np.std(values, ddof=1)), len(values) - 1)

    def _values(self, row: Measured) -> list[float]:
        """The quantity in all realizations; none where one of them has none, because the phase is not in it."""
        try:
            return [each.find(row.id, row.phase, row.axis).value for each in self.realizations]
        except KeyError:
            return []


def join_interval(least: float, most: float, spreads: Sequence[Spread], limit: float) -> Interval:
    """The interval (from 0 to `limit` at most) of a value that lies anywhere from `least` to `most` with equal
    probability, both with errors of these spreads; all variances add up.

    The rectangle's is a twelfth of its squared width (JCGM 100:2008, Guide to the Expression of Uncertainty in
    Measurement, 4.3.7); degrees of freedom by Welch and Satterthwaite (there G.4.1).

    Example:
        >>> low, high = join_interval(5, 5, [Spread(1, 10)], 100)
        >>> round(low, 2), round(high, 2)
        (2.77, 7.23)
    """
    errors = sum(each.standard_error**2 for each in spreads)
    variance, middle = errors + (most - least) ** 2 / 12, (least + most) / 2
    shares = sum(each.standard_error**4 / each.dof for each in spreads)
    law = scipy.stats.t(variance**2 / shares) if shares else scipy.stats.norm
    factor = law.ppf((1 + LEVEL) / 2)
    half = float(factor) * sqrt(variance)
    return min(max(0.0, middle - half), limit), max(0.0, min(middle + half, limit))
