"""Scores of a model on the labels that no model learns, with 95 % intervals from a bootstrap over squares."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from keramos.core import NOT_ANNOTATED, PhaseTable
from keramos.project.assist.squares import Codes, Squares
from keramos.scoring import fit_temperature, headline_iou, phase_ratios

Interval = tuple[float, float]
FEWEST_SQUARES = 20
"""With fewer there are too few independent places, and an interval is only indicative (as in `scoring.bootstrap`)."""
_RESAMPLES = 1000
_MOST_LOGITS = 2**18


@dataclass(frozen=True)
class HeldOutScore:
    """IoU on held-out labels: of the positive phase of two, or the mean over the phases of more.

    `of` says which; `phases` has the IoU of each phase. `interval` is None with fewer than two `squares`.
    """

    iou: float
    interval: Interval | None
    of: str
    phases: Mapping[str, float | None]
    squares: int
    voxels: int

    @property
    def is_indicative(self) -> bool:
        return self.interval is None or self.squares < FEWEST_SQUARES

    def to_json(self) -> dict[str, Any]:
        return {**asdict(self), "indicative": self.is_indicative}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> HeldOutScore:
        """The inverse of `to_json`. KeyError where something is missing."""
        interval = data["interval"]
        pair = None if interval is None else (float(interval[0]), float(interval[1]))
        return cls(data["iou"], pair, data["of"], data["phases"], data["squares"], data["voxels"])


@dataclass(frozen=True, eq=False)
class Counts:
    """Confusions (squares, K, K; truth along rows) of the held-out squares with labels, and the `temperature` that
    calibrates the scores there."""

    confusions: NDArray[np.int64]
    temperature: float


def count_errors(drawn: Codes, squares: Squares, phases: int, scores: Callable[[int], NDArray[np.float32]]) -> Counts:
    """Confusions of `scores(z)` (phases, Y X) of each slice on the labels that are held out.

    Raises:
        LabelError: none is.
    """
    held, numbers = squares.keep_held_out(drawn), squares.numbers
    total = np.zeros((int(numbers[-1, -1]) + 1, phases, phases), np.int64)
    logits, true = [], []
    share = max(1, -(-sum(int(np.sum(codes != NOT_ANNOTATED)) for codes in held.values()) // _MOST_LOGITS))
    for z, codes in held.items():
        known, probability = codes != NOT_ANNOTATED, scores(z)
        predicted = probability.argmax(axis=0)
        place = (numbers[known] * phases + codes[known]) * phases + predicted[known]
        total += np.bincount(place, minlength=total.size).reshape(total.shape)
        logits.append(np.log(np.maximum(probability[:, known][:, ::share], 1e-12)))
        true.append(codes[known][::share])
    temperature = fit_temperature(np.concatenate(logits, axis=1), np.concatenate(true)) if true else 1.0
    return Counts(total[total.sum(axis=(1, 2)) > 0], temperature)


def score_counts(counts: Counts, phases: PhaseTable) -> HeldOutScore | None:
    """The score of these counts; None where it is not defined, as without any label held out."""
    whole = counts.confusions.sum(axis=0)
    each = phase_ratios(whole)["iou"]
    iou = float(headline_iou(whole, phases.positive))
    if np.isnan(iou):
        return None
    drawn = headline_iou(_resample(counts.confusions), phases.positive)
    by_phase = {name: None if np.isnan(value) else float(value) for name, value in zip(phases.names, each, strict=True)}
    of = phases.names[phases.positive] if len(phases) == 2 else "the mean over the phases"
    return HeldOutScore(
        iou, _interval(drawn, len(counts.confusions)), of, by_phase, len(counts.confusions), int(whole.sum())
    )


def compare_counts(before: Counts, after: Counts, phases: PhaseTable) -> tuple[float, Interval | None] | None:
    """The gain in IoU from one model to another on the same labels, with the interval of that difference; None where it
    is not defined. Both are resampled alike, so that what is hard for both does not count."""
    first, second = (float(headline_iou(counts.confusions.sum(axis=0), phases.positive)) for counts in (before, after))
    if np.isnan(first) or np.isnan(second) or before.confusions.shape != after.confusions.shape:
        return None
    differences = headline_iou(_resample(after.confusions), phases.positive) - headline_iou(
        _resample(before.confusions), phases.positive
    )
    return second - first, _interval(differences, len(after.confusions))


def _resample(confusions: NDArray[np.int64]) -> NDArray[np.int64]:
    """Sums of squares drawn with replacement (resamples, K, K), the same squares for as many squares."""
    count = len(confusions)
    if count < 2:
        return confusions
    drawn = np.random.default_rng(0).multinomial(count, np.full(count, 1 / count), _RESAMPLES)
    return np.asarray(np.tensordot(drawn, confusions, axes=1), np.int64)


def _interval(values: NDArray[np.float64], squares: int) -> Interval | None:
    known = values[~np.isnan(values)]
    if squares < 2 or not known.size:
        return None
    low, high = np.percentile(known, [2.5, 97.5])
    return float(low), float(high)
