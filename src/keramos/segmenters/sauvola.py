"""Sauvola's local threshold (Pattern Recognit. 33, 225, 2000) after a Gaussian, as in the paper."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from math import ceil
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter
from skimage.filters import threshold_sauvola

from keramos.blocks import Block
from keramos.core import VOID_SOLID, PhaseTable, Volume
from keramos.core.errors import SettingsError
from keramos.core.progress import Progress
from keramos.networks.signature import Signature

_TRUNCATE = 4.0  # Gaussian radii kept; beyond lies less than 1e-4 of the weight


@dataclass(frozen=True)
class Sauvola:
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

    def __post_init__(self) -> None:
        if len(self.phases) != 2:
            raise SettingsError(f"expected two phases for Sauvola, found {', '.join(self.phases.names)}; use otsu")
        if self.window < 3 or self.window % 2 == 0 or self.sigma < 0 or self.r <= 0:
            raise SettingsError(f"expected an odd window of at least 3, sigma >= 0 and r > 0, found {asdict(self)}")

    @property
    def signature(self) -> Signature:
        reach = self.window // 2 + 1 + ceil(_TRUNCATE * self.sigma)
        return Signature(halo=(0, reach, reach))

    def fit_to(self, volume: Volume, progress: Progress) -> Sauvola:  # noqa: ARG002
        return self

    def scores(self, pixels: NDArray[Any], block: Block) -> NDArray[np.float32]:
        core = block.core_in_read
        bright = np.stack([self.is_bright(grey)[core.slices[1:]] for grey in pixels[core.slices[0]]])
        pair = (~bright, bright) if self.bright == 1 else (bright, ~bright)
        return np.stack(pair).astype(np.float32)

    def is_bright(self, grey: NDArray[Any]) -> NDArray[np.bool_]:
        """Which pixels of one slice (Y X) are above their threshold."""
        return self._rise(grey) > 0

    def rises(self, pixels: NDArray[Any], block: Block) -> NDArray[np.float64]:
        """How far each smoothed grey value of the core lies above its threshold."""
        core = block.core_in_read
        return np.stack([self._rise(grey)[core.slices[1:]] for grey in pixels[core.slices[0]]])

    def _rise(self, grey: NDArray[Any]) -> NDArray[np.float64]:
        smooth = gaussian_filter(grey.astype(np.float64), self.sigma, truncate=_TRUNCATE)
        rise: NDArray[np.float64] = smooth - threshold_sauvola(smooth, self.window, self.k, self.r)
        return rise

    def identity(self) -> str:
        return f"sauvola {asdict(self)}"
