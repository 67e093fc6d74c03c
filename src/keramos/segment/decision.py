"""Which phase a voxel is of, by its scores."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from keramos.errors import SettingsError
from keramos.segment.otsu import Otsu
from keramos.segment.predictor import Predictor, decide
from keramos.segment.sauvola import Sauvola


@dataclass(frozen=True)
class Decision:
    """The most likely phase; with a `threshold` the `positive` one of two where its score is at least that."""

    positive: int = 1
    threshold: float | None = None

    def codes(self, scores: NDArray[np.float32]) -> NDArray[np.uint8]:
        """Codes (Z Y X) of scores (phases, Z Y X)."""
        if self.threshold is None:
            return decide(scores)
        return np.where(scores[self.positive] >= self.threshold, self.positive, 1 - self.positive).astype(np.uint8)

    def identity(self) -> str:
        """A text that differs between any two decisions; empty for the usual one, so that older runs can go on."""
        return "" if self.threshold is None else f"threshold {self.threshold!r}"


def decision_for(predictor: Predictor, threshold: float | None) -> Decision:
    """How to decide on the scores of a predictor.

    Raises:
        SettingsError: a threshold outside 0 ... 1, for a method without scores, or for more than two phases.
    """
    phases = predictor.phases
    if threshold is None:
        return Decision(phases.positive)
    if not 0 <= threshold <= 1:
        raise SettingsError(f"expected a --threshold from 0 to 1, found {threshold:g}")
    if isinstance(predictor, Otsu | Sauvola):
        raise SettingsError(
            f"expected a trained network for --threshold, found {predictor.name}, which finds a threshold of grey "
            "values itself; leave --threshold out, or train a network"
        )
    if len(phases) != 2:
        raise SettingsError(
            f"expected a network of two phases for --threshold, found {len(phases)}: {', '.join(phases.names)}; "
            "leave --threshold out"
        )
    return Decision(phases.positive, float(threshold))
