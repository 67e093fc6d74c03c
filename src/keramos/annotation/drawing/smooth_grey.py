"""Grey values as tools that look for regions use them."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter

Smooth = NDArray[np.float32]
_STEP = 4


def smooth_grey(grey: NDArray[Any], sigma: float) -> Smooth:
    """Grey values (Y X) with noise smoothed out by a Gaussian filter of `sigma` voxels; 0 leaves them as they are."""
    values = np.asarray(grey, np.float32)
    return gaussian_filter(values, sigma) if sigma > 0 else values


def grey_span(grey: NDArray[Any]) -> float:
    """The range of the grey values of a slice (Y X) without its darkest and brightest percent; 1 if there is none."""
    low, high = np.percentile(grey[::_STEP, ::_STEP], (1, 99))
    return float(high - low) or float(np.ptp(grey)) or 1.0
