"""A decision and how sure it is: a number 0 ... 1 for the positive phase, which crosses one half where it decides.

Networks score; thresholds only decide. For their ROC curves the distance of a grey value from its threshold serves,
squashed by a logistic curve: any other monotonic curve gives the same ROC.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

from keramos.blocks import Block
from keramos.segmenters.otsu import Otsu
from keramos.segmenters.sauvola import Sauvola
from keramos.segmenters.segmenter import Segmenter, decide


def codes_and_scores(
    segmenter: Segmenter, pixels: NDArray[Any], block: Block, *, grey_scale: float
) -> tuple[NDArray[np.uint8], NDArray[np.float32] | None]:
    """Codes (Z Y X) of `block.core`, and scores of the phase that is positive; those of a threshold rise by 0.25 over
    `grey_scale` at most. Several thresholds (Otsu's of more than two phases) do not rank one phase: None then.
    """
    positive = segmenter.phases.positive
    if isinstance(segmenter, Otsu | Sauvola) and len(segmenter.phases) == 2:
        bright = segmenter.codes_by_grey[1] if isinstance(segmenter, Otsu) else segmenter.bright
        rises = segmenter.rises(pixels, block)
        codes = np.where(rises > 0, bright, 1 - bright).astype(np.uint8)
        return codes, np.asarray(expit((rises if bright == positive else -rises) / grey_scale), np.float32)
    scores = segmenter.scores(pixels, block)
    return decide(scores), None if isinstance(segmenter, Otsu) else scores[positive]
