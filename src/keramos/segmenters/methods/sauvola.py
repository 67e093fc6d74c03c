"""Sauvola's local threshold (Pattern Recognit. 33, 225, 2000) after a Gaussian, as in the paper."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from functools import cached_property
from itertools import product
from math import ceil, inf, isfinite
from typing import TYPE_CHECKING, Any

import numpy as np
import scipy
import skimage
from numpy.typing import NDArray

from keramos.core import NOT_ANNOTATED, VOID_SOLID, PhaseTable, Volume
from keramos.core.errors import SettingsError
from keramos.core.progress import Progress, silent
from keramos.networks.signature import Signature
from keramos.segmenters.distance_scores import codes_and_scores_of_distances
from keramos.segmenters.grey import half_range
from keramos.segmenters.labelled import LabelledSlice, LabelledSlices, mean_grey
from keramos.segmenters.segmenter import Segmenter

if TYPE_CHECKING:
    from keramos.blocks import Block

SIGMAS = (0.0, 1.0, 2.0, 3.0)
WINDOWS = (15, 25, 35, 51, 75, 101, 151, 201, 255)
KS = np.round(np.arange(-0.2, 0.501, 0.02), 2)
_MAX_SLICES = 8  # the search takes seconds for each megapixel; more slices hardly move the best parameters
_WIDEST = 10001
_TRUNCATE = 4.0  # Gaussian radii kept; beyond lies less than 1e-4 of the weight


@dataclass(frozen=True)
class Sauvola(Segmenter):
    """Bright where grey > mean * (1 + k * (deviation / r - 1)) of the window around the pixel, in the slice.

    Attributes:
        phases: two phases.
        bright: the code of the brighter one.
        sigma: Gaussian smoothing before, in pixels (0: none).
        window: odd edge of the square window, in pixels.
        k: how far the threshold sinks below the mean where the grey values hardly vary.
        r: the deviation at which it sinks no further, in grey levels; 128 for 8-bit images.
    """

    phases: PhaseTable = VOID_SOLID
    bright: int = 1
    sigma: float = 2.0
    window: int = 101
    k: float = 0.2
    r: float = 128.0
    name: str = "sauvola"

    title = "Sauvola"
    description = "local threshold (Sauvola and Pietikäinen 2000)"
    reference = "Sauvola and Pietikäinen 2000"
    paper = True
    has_scores = False
    max_phases = 2

    def __post_init__(self) -> None:
        if len(self.phases) != 2:
            raise SettingsError(f"expected two phases for Sauvola, found {', '.join(self.phases.names)}; use otsu")
        odd = 3 <= self.window <= _WIDEST and self.window % 2 == 1 and self.bright in (0, 1)
        if not (odd and 0 <= self.sigma <= _WIDEST and isfinite(self.k) and 0 < self.r < inf):
            raise SettingsError(
                f"expected an odd window of 3 to {_WIDEST} pixels, sigma >= 0, r > 0 and a bright phase 0 or 1, found "
                f"window {self.window}, sigma {self.sigma}, r {self.r}, k {self.k}, bright {self.bright}"
            )

    @cached_property
    def signature(self) -> Signature:
        reach = self.window // 2 + 1 + ceil(_TRUNCATE * self.sigma)
        return Signature(halo=(0, reach, reach))

    def for_volume(self, volume: Volume) -> Sauvola:
        return replace(self, r=half_range(volume))

    def scores(self, pixels: NDArray[Any], block: Block) -> NDArray[np.float32]:
        core = block.core_in_read
        bright = np.stack([self.is_bright(grey)[core.slices[1:]] for grey in pixels[core.slices[0]]])
        pair = (~bright, bright) if self.bright == 1 else (bright, ~bright)
        return np.stack(pair).astype(np.float32)

    def is_bright(self, grey: NDArray[Any]) -> NDArray[np.bool_]:
        """Whether pixels of one slice (Y X) are above their threshold."""
        return self._distance(grey) > 0

    def codes_and_scores(
        self, pixels: NDArray[Any], block: Block, *, grey_scale: float
    ) -> tuple[NDArray[np.uint8], NDArray[np.float32]]:
        core = block.core_in_read
        distances = np.stack([self._distance(grey)[core.slices[1:]] for grey in pixels[core.slices[0]]])
        return codes_and_scores_of_distances(distances, self.bright, self.phases.positive, grey_scale=grey_scale)

    def choose_parameters(self, data: LabelledSlices, *, half_range: float, progress: Progress = silent) -> Sauvola:
        """With the smoothing, window and k of the best IoU of the positive phase over the slices (at most 8).

        `r` is `half_range` and is not searched: k makes up for it (Sauvola and Pietikäinen 2000, Eq. 5).
        """
        bright = int(mean_grey(data, 1) > mean_grey(data, 0)) if len(data.phases) == 2 else 1
        start = replace(self, phases=data.phases, bright=bright, r=half_range)
        slices = data.slices[:: -(-len(data.slices) // _MAX_SLICES)]
        trials = [replace(start, sigma=sigma, window=window) for sigma, window in product(SIGMAS, WINDOWS)]
        best, best_iou = start, -1.0
        for done, trial in enumerate(trials, 1):
            both, either = np.sum([_count_overlap(item, trial) for item in slices], axis=0)
            ious = both / np.maximum(either, 1)
            if ious.max() > best_iou:
                best, best_iou = replace(trial, k=float(KS[ious.argmax()])), float(ious.max())
            progress(done, len(trials))
        return best

    def summary(self) -> str:
        limit = " (the largest tried)" if self.window == WINDOWS[-1] else ""
        return f"Gaussian {self.sigma:g} px, window {self.window} px{limit}, k {self.k:g}"

    def _distance(self, grey: NDArray[Any]) -> NDArray[np.float64]:
        """Distances of the smoothed grey values of a slice from their thresholds."""
        smooth = scipy.ndimage.gaussian_filter(grey.astype(np.float64), self.sigma, truncate=_TRUNCATE)
        distance: NDArray[np.float64] = smooth - skimage.filters.threshold_sauvola(smooth, self.window, self.k, self.r)
        return distance

    def identity(self) -> str:
        return f"sauvola {asdict(self)}"


def _count_overlap(item: LabelledSlice, sauvola: Sauvola) -> NDArray[np.float64]:
    """Voxels positive in both and in either of prediction and truth, for each k: (2, len(KS))."""
    smooth, positive = (
        scipy.ndimage.gaussian_filter(item.grey.astype(np.float64), sauvola.sigma),
        sauvola.phases.positive,
    )
    # The threshold is linear in k, so two evaluations give all.
    at_zero = skimage.filters.threshold_sauvola(smooth, sauvola.window, 0.0, sauvola.r)
    slope = skimage.filters.threshold_sauvola(smooth, sauvola.window, 1.0, sauvola.r) - at_zero
    known = item.codes != NOT_ANNOTATED
    excess, slope, true = (smooth - at_zero)[known], slope[known], item.codes[known] == positive
    rows = [(excess > k * slope) == (sauvola.bright == positive) for k in KS]
    return np.array([[np.sum(row & true) for row in rows], [np.sum(row | true) for row in rows]])


SAUVOLA = Sauvola()
