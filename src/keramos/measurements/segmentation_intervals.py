"""How sure a segmentation is of a volume: where each quantity would lie if every voxel were right.

annotated slices -> scores that mean what they say there -> the error's correlation -> drawn segmentations
                 -> true over measured, window by window, with its spread       -> their spread
                                                                                -> an interval

Two things are not known: how wrong the labels are on the whole, of which the annotated slices are a sample, and how the
doubtful voxels elsewhere fell out, which draws imitate. Both variances are added. Draws have rougher surfaces than
labels and truth alike, so only their spread is used, never their mean. A slice cannot tell how much of the surface
between slices is real: that part counts as anything between all and nothing (`roughness.py`). Not in the interval:
errors that are of another kind elsewhere than on the annotated slices, and slices registered or cut a little off their
places. No interval is given to what one slice cannot put right: Euler numbers, curvature, components, percolation,
intercepts along Z, and all that is solved for.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from math import sqrt
from typing import Protocol

import numpy as np
from numpy.typing import NDArray
from scipy.stats import norm
from scipy.stats import t as student

from keramos.core import NOT_ANNOTATED, Box, LabelVolume, Quantity
from keramos.core.errors import LabelError
from keramos.core.progress import Progress, Reporter, silent
from keramos.measurements.annotated import Annotated, Factor, fraction_error, intercept_ratio, surface_ratio
from keramos.measurements.chords import Chords
from keramos.measurements.draws import draw
from keramos.measurements.error_correlation import LEAST_DOUBTFUL, ErrorCorrelation, fit_correlation
from keramos.measurements.fractions import Fractions
from keramos.measurements.interface import Interface
from keramos.measurements.interval import LEVEL, Spread
from keramos.measurements.local import measure_locally
from keramos.measurements.measured import AXES, Measured, Measurements
from keramos.measurements.measurement import Domain, Measurement
from keramos.measurements.outline import Outline
from keramos.measurements.recalibration import Recalibration, recalibrated
from keramos.measurements.roughness import smooth_share
from keramos.measurements.run import middle, plan_for
from keramos.measurements.settings import QuantifySettings
from keramos.measurements.windows import Windows

Interval = tuple[float, float]

_MOST_ANNOTATED = 2**24
"""Annotated slices beyond so many voxels are thinned out evenly."""


class Scores(Protocol):
    """Stored scores of the phases in the order of the labels' codes, 255 where p = 1."""

    def read(self, box: Box) -> NDArray[np.uint8]: ...


@dataclass(frozen=True, eq=False)
class Evidence:
    """What the annotated slices say: the errors there, how to read scores, and how errors hang together."""

    known: Annotated
    recalibration: Recalibration
    correlation: ErrorCorrelation


def with_segmentation(
    found: Measurements,
    labels: LabelVolume,
    scores: Scores,
    truth: LabelVolume,
    settings: QuantifySettings,
    reporter: Reporter | None = None,
) -> Measurements:
    """`found` of `labels` with an interval of the segmentation for fractions, specific surface and intercepts along Y
    and X; with a note where the annotated slices are too small or too sure to tell.

    Raises:
        LabelError: no annotated voxel in the truth.
    """
    reporter = reporter or Reporter()
    evidence = gathered(labels, scores, truth, progress=reporter.progress("read the annotated slices", "slice"))
    if evidence is None:
        return found + Measurements(
            notes=(
                f"no interval of the segmentation: expected at least {LEAST_DOUBTFUL} annotated voxels whose score is "
                "in doubt, to see how errors hang together, found fewer; annotate more slices",
            )
        )
    box = middle(labels.shape, settings.domain_voxels)
    certain = evidence.recalibration.applied(scores.read(box))
    progress = reporter.progress("draw segmentations", "draw")
    drawn = measured_draws(certain, evidence.correlation, labels, settings, progress=progress)
    doubt = _Doubt(labels, evidence.known, labels.read(box), certain, drawn)
    rows = tuple(replace(row, quantity=doubt.of(row)) for row in found.quantities)
    few = (
        ()
        if any(row.quantity.segmentation for row in rows)
        else (
            "no interval of the segmentation: the annotated slices are too small to say how sure their errors are; "
            "annotate more",
        )
    )
    return Measurements(rows, found.curves, (*found.notes, *few))


def gathered(
    labels: LabelVolume, scores: Scores, truth: LabelVolume, *, progress: Progress = silent
) -> Evidence | None:
    """What the annotated slices of a truth (of the labels' shape and codes) say; None where too few voxels are
    doubtful."""
    places = _annotated_slices(truth, progress)
    if not places:
        raise LabelError(f"expected annotated voxels in {truth.name}, found none; check --ignore and --slices")
    boxes = [Box((z, 0, 0), (z + 1, *truth.shape[1:])) for z in places]
    true, codes = (np.concatenate([each.read(box) for box in boxes]) for each in (truth, labels))
    stored = np.concatenate([scores.read(box) for box in boxes], axis=1)
    annotated = true != NOT_ANNOTATED
    recalibration = recalibrated(stored[:, annotated], true[annotated])
    known = Annotated(recalibration.applied(stored), codes, true, labels.require_voxel_size())
    doubt = [float(np.sum(np.where(annotated, p * (1 - p), 0))) for p in known.scores]
    phase = int(np.argmax(doubt))
    correlation = fit_correlation(known.scores[phase], true, known.voxel_size, phase=phase)
    return None if correlation is None else Evidence(known, recalibration, correlation)


def measured_draws(
    scores: NDArray[np.float32],
    correlation: ErrorCorrelation,
    labels: LabelVolume,
    settings: QuantifySettings,
    *,
    measure: Callable[[LabelVolume], Measurements] | None = None,
    progress: Progress = silent,
) -> list[Measurements]:
    """What `measure` finds of each of `settings.draws` segmentations drawn from recalibrated scores (phases, Z Y X):
    fractions, surface and intercepts, if None."""
    size, found = labels.require_voxel_size(), []
    measure = measure or partial(fractions_and_surface, settings=settings)
    for number in range(settings.draws):
        codes = draw(scores, correlation, size, np.random.default_rng([settings.seed, number]))
        found.append(measure(LabelVolume.from_array(codes, labels.phases, size, f"draw {number}")))
        progress(number + 1, settings.draws)
    return found


def fractions_and_surface(drawn: LabelVolume, settings: QuantifySettings) -> Measurements:
    """What of a volume can have an interval of the segmentation."""
    shape, size, names = drawn.shape, drawn.require_voxel_size(), settings.phases or drawn.phases.names
    domain = Domain(shape, size, drawn.phases, tuple(sorted({drawn.phases.code(name) for name in names})))
    windows = Windows.over(shape, size)
    surface = Interface(domain, windows) if shape[0] > 1 else Outline(domain, windows)
    measurements: list[Measurement] = [Fractions(domain, windows), surface, Chords(domain)]
    return measure_locally(drawn, measurements, plan_for(shape, settings), workers=settings.workers)


@dataclass(frozen=True, eq=False)
class _Doubt:
    """All that an interval is made of: the `codes` and recalibrated `scores` of the domain, and its draws."""

    labels: LabelVolume
    known: Annotated
    codes: NDArray[np.uint8]
    scores: NDArray[np.float32]
    drawn: Sequence[Measurements]

    def of(self, row: Measured) -> Quantity:
        """The row's quantity, with an interval of the segmentation where there can be one."""
        quantity, code = row.quantity, self.labels.phases.code(row.phase) if row.phase else None
        if code is None or not np.isfinite(quantity.value):
            return quantity
        if row.name == "phase fraction":
            return replace(quantity, segmentation=self._fraction(row, code))
        if row.name == "specific surface area":
            return replace(quantity, segmentation=self._surface(row, code))
        if row.name == "mean intercept length" and row.axis in ("y", "x"):
            factor = intercept_ratio(self.known, code, AXES.index(row.axis))
            return replace(quantity, segmentation=self._scaled(row, factor))
        return quantity

    def _fraction(self, row: Measured, code: int) -> Interval | None:
        """Around the labels' fraction, corrected by how much more or less the scores say of the domain."""
        factor = fraction_error(self.known, code)
        if factor is None:
            return None
        more = float(self.scores[code].mean(dtype=np.float64) - np.mean(self.codes == code))
        value = row.quantity.value + more + factor.value
        return between(value, value, [factor.spread, self._spread(row)], 1.0)

    def _surface(self, row: Measured, code: int) -> Interval | None:
        """As slices say, and down to what is left if slices are rough along Z only because they do not fit."""
        share = smooth_share(self.codes == code, self.labels.require_voxel_size())
        return None if share is None else self._scaled(row, surface_ratio(self.known, code), share)

    def _scaled(self, row: Measured, factor: Factor | None, share: float = 1.0) -> Interval | None:
        """Around the measured value times the ratio of true to measured on the annotated slices."""
        values, value = self._values(row), row.quantity.value
        mean = float(np.mean(values)) if values else 0.0
        if factor is None or not mean > 0:
            return None
        high, drawn = value * factor.value, self._spread(row)
        spreads = [
            Spread(value * factor.spread.error, factor.spread.degrees),
            Spread(high / mean * drawn.error, drawn.degrees),
        ]
        return between(share * high, high, spreads, np.inf)

    def _spread(self, row: Measured) -> Spread:
        values = self._values(row)
        return Spread(float(np.std(values, ddof=1)), len(values) - 1)

    def _values(self, row: Measured) -> list[float]:
        """Of all draws; none where a draw has none, because the phase is not in it."""
        try:
            return [each.find(row.name, row.phase, row.axis).value for each in self.drawn]
        except KeyError:
            return []


def between(least: float, most: float, spreads: Sequence[Spread], limit: float) -> Interval:
    """The interval (from 0 to `limit` at most) of a value that lies from `least` to `most`, no place there being
    likelier than another, both with errors of these spreads; all variances add up.

    The rectangle's is a twelfth of its squared width (JCGM 100:2008, Guide to the Expression of Uncertainty in
    Measurement, 4.3.7); degrees of freedom by Welch and Satterthwaite (there G.4.1).
    """
    known = sum(each.error**2 for each in spreads)
    variance, middle = known + (most - least) ** 2 / 12, (least + most) / 2
    shares = sum(each.error**4 / each.degrees for each in spreads)
    factor = student.ppf((1 + LEVEL) / 2, variance**2 / shares) if shares else norm.ppf((1 + LEVEL) / 2)
    half = float(factor) * sqrt(variance)
    return min(max(0.0, middle - half), limit), max(0.0, min(middle + half, limit))


def _annotated_slices(truth: LabelVolume, progress: Progress) -> list[int]:
    """The slices with annotated voxels; evenly spread ones if they are too many to hold at once."""
    depth, height, width = truth.shape
    found = []
    for z in range(depth):
        if np.any(truth.read(Box((z, 0, 0), (z + 1, height, width))) != NOT_ANNOTATED):
            found.append(z)
        progress(z + 1, depth)
    most = max(1, _MOST_ANNOTATED // (height * width))
    picked = np.linspace(0, len(found) - 1, min(len(found), most)).round().astype(int)
    return [found[i] for i in picked]
