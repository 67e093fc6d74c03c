"""Parameters of Otsu and Sauvola, chosen on the annotated slices only."""

from __future__ import annotations

from dataclasses import replace
from itertools import product

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter
from skimage.filters import threshold_sauvola

from keramos.core import NOT_ANNOTATED
from keramos.core.errors import LabelError
from keramos.core.progress import Progress, silent
from keramos.learning.annotated import AnnotatedSlice, AnnotatedSlices
from keramos.segmenters import Otsu, Sauvola

SIGMAS = (0.0, 1.0, 2.0, 3.0)
WINDOWS = (15, 25, 35, 51, 75, 101, 151, 201, 255)
KS = np.round(np.arange(-0.2, 0.501, 0.02), 2)
_MAX_SLICES = 8  # the search takes seconds for each megapixel; more slices hardly move the best parameters


def fit_otsu(data: AnnotatedSlices) -> Otsu:
    """Otsu needs only to know which phase is darker: the order of the phases' mean grey values."""
    means = [_mean_grey(data, code) for code in range(len(data.phases))]
    return Otsu(data.phases, tuple(int(code) for code in np.argsort(means)))


def fit_sauvola(data: AnnotatedSlices, r: float, *, progress: Progress = silent) -> Sauvola:
    """The smoothing, window and k with the best IoU of the positive phase over the annotated slices (at most 8).

    `r` is half the range of grey values and is not searched: k makes up for it (Sauvola and Pietikäinen 2000, Eq. 5).
    """
    bright = int(_mean_grey(data, 1) > _mean_grey(data, 0))
    start = Sauvola(data.phases, bright=bright, r=r)
    slices = data.slices[:: -(-len(data.slices) // _MAX_SLICES)]
    trials = [replace(start, sigma=sigma, window=window) for sigma, window in product(SIGMAS, WINDOWS)]
    best, best_iou = start, -1.0
    for done, trial in enumerate(trials, 1):
        both, either = np.sum([_counts(item, bright, data.phases.positive, trial) for item in slices], axis=0)
        ious = both / np.maximum(either, 1)
        if ious.max() > best_iou:
            best, best_iou = replace(trial, k=float(KS[ious.argmax()])), float(ious.max())
        progress(done, len(trials))
    return best


def _counts(item: AnnotatedSlice, bright: int, positive: int, sauvola: Sauvola) -> NDArray[np.float64]:
    """Voxels positive in both and in either of prediction and truth, for each k: (2, len(KS))."""
    smooth = gaussian_filter(item.grey.astype(np.float64), sauvola.sigma)
    # The threshold is linear in k, so two evaluations give all.
    at_zero = threshold_sauvola(smooth, sauvola.window, 0.0, sauvola.r)
    slope = threshold_sauvola(smooth, sauvola.window, 1.0, sauvola.r) - at_zero
    known = item.codes != NOT_ANNOTATED
    excess, slope, true = (smooth - at_zero)[known], slope[known], item.codes[known] == positive
    rows = [((excess > k * slope) == (bright == positive), true) for k in KS]
    return np.array([[np.sum(found & true) for found, true in rows], [np.sum(found | true) for found, true in rows]])


def _mean_grey(data: AnnotatedSlices, code: int) -> float:
    values = np.concatenate([item.grey[item.codes == code] for item in data.slices])
    if not values.size:
        raise LabelError(
            f"expected voxels of every phase to choose thresholds, found none of "
            f"{data.phases.names[code]}; annotate some"
        )
    return float(values.mean(dtype=np.float64))
