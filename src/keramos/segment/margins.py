"""How sure a method is of the positive phase, as a number 0 ... 1 that crosses one half where its decision does.

Networks score; thresholds only decide. For their ROC curves the distance of a grey value from its threshold serves,
squashed by a logistic curve: any other monotonic curve gives the same ROC.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

from keramos.errors import SettingsError
from keramos.segment.otsu import Otsu
from keramos.segment.predictor import Predictor
from keramos.segment.sauvola import Sauvola
from keramos.tiling import Block


def positive_scores(
    predictor: Predictor, pixels: NDArray[Any], block: Block, positive: int, *, grey_scale: float
) -> NDArray[np.float32]:
    """Scores (Z Y X) of the phase `positive` in `block.core`; a threshold's rise by 0.25 over `grey_scale` at most.

    Raises:
        SettingsError: Otsu with more than two phases, whose thresholds do not rank one phase.
    """
    if isinstance(predictor, Otsu):
        if len(predictor.phases) != 2:
            raise SettingsError(f"expected two phases for the scores of otsu, found {len(predictor.phases)}")
        rises, bright = predictor.rises(pixels, block), predictor.codes_by_grey[1]
    elif isinstance(predictor, Sauvola):
        rises, bright = predictor.rises(pixels, block), predictor.bright
    else:
        return np.asarray(predictor.scores(pixels, block)[positive], np.float32)
    signed = rises if bright == positive else -rises
    return np.asarray(expit(signed / grey_scale), np.float32)
