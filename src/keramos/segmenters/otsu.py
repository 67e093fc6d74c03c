"""Otsu's threshold (IEEE Trans. Syst. Man Cybern. 9, 62, 1979), of each slice or of the whole stack."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from skimage.filters import threshold_multiotsu, threshold_otsu

from keramos.blocks import Block
from keramos.core import VOID_SOLID, Box, PhaseTable, Volume
from keramos.core.errors import PixelError, SettingsError
from keramos.core.progress import Progress
from keramos.networks.signature import Signature

Scope = Literal["slice", "stack"]
_FLOAT_BINS = 4096


@dataclass(frozen=True)
class Otsu:
    """Thresholds between phases by grey level.

    Attributes:
        phases: the phases to tell apart (more than four become slow: the search is exhaustive).
        codes_by_grey: the phases' codes from dark to bright.
        scope: whose histogram: each `slice`'s own (as in the paper, whose Otsu fraction jumps from slice to slice)
            or the whole `stack`'s.
        thresholds: what the first pass found: (slices, phases - 1), one row for a stack; empty before it.
    """

    phases: PhaseTable = VOID_SOLID
    codes_by_grey: tuple[int, ...] = (0, 1)
    scope: Scope = "slice"
    thresholds: tuple[tuple[float, ...], ...] = ()
    name: str = "otsu"

    def __post_init__(self) -> None:
        if sorted(self.codes_by_grey) != list(range(len(self.phases))):
            raise SettingsError(
                f"expected each of the {len(self.phases)} phase codes once, from dark to bright, "
                f"found {self.codes_by_grey}"
            )

    @property
    def signature(self) -> Signature:
        return Signature(classes=len(self.phases))

    def fit_to(self, volume: Volume, progress: Progress) -> Otsu:
        edges = _grey_levels(volume)
        centres = edges[:-1] if np.issubdtype(volume.dtype, np.integer) else (edges[:-1] + edges[1:]) / 2
        found, total = [], np.zeros(len(centres), np.int64)
        for z in range(volume.shape[0]):
            pixels = volume.read(Box((z, 0, 0), (z + 1, *volume.shape[1:])))
            histogram = np.histogram(pixels, edges)[0]
            total += histogram
            if self.scope == "slice":
                found.append(_thresholds(histogram, centres, len(self.phases), f"slice {z} of {volume.name}"))
            progress(z + 1, volume.shape[0])
        if self.scope == "stack":
            found.append(_thresholds(total, centres, len(self.phases), volume.name))
        return replace(self, thresholds=tuple(found))

    def scores(self, pixels: NDArray[Any], block: Block) -> NDArray[np.float32]:
        grey = pixels[block.core_in_read.slices]
        rank = np.sum(grey[None] > self._cuts(block), axis=0)
        codes = np.asarray(self.codes_by_grey)[rank]
        scores: NDArray[np.float32] = (codes[None] == np.arange(len(self.phases))[:, None, None, None]).astype(
            np.float32
        )
        return scores

    def rises(self, pixels: NDArray[Any], block: Block) -> NDArray[np.float64]:
        """How far each grey value of the core lies above its (first) threshold."""
        rises: NDArray[np.float64] = pixels[block.core_in_read.slices].astype(np.float64) - self._cuts(block)[0]
        return rises

    def _cuts(self, block: Block) -> NDArray[np.float64]:
        """The thresholds of the core's slices, (phases - 1, Z, 1, 1)."""
        if not self.thresholds:
            raise SettingsError("expected Otsu to have surveyed the volume, found no thresholds; call fit_to() first")
        rows = self.thresholds if self.scope == "slice" else self.thresholds * block.core.stop[0]
        cuts = np.asarray(rows[block.core.start[0] : block.core.stop[0]])
        return np.asarray(cuts.T[:, :, None, None])

    def identity(self) -> str:
        return f"otsu {asdict(self)}"


def _grey_levels(volume: Volume) -> NDArray[np.float64]:
    """Histogram edges: every grey level of 8- and 16-bit images, else 4096 bins over the volume's range."""
    dtype = volume.dtype
    if np.issubdtype(dtype, np.integer) and dtype.itemsize <= 2:
        info = np.iinfo(dtype)
        return np.arange(int(info.min), int(info.max) + 2, dtype=np.float64)
    low, high = np.inf, -np.inf
    for z in range(volume.shape[0]):
        pixels = volume.read(Box((z, 0, 0), (z + 1, *volume.shape[1:])))
        low, high = min(low, float(pixels.min())), max(high, float(pixels.max()))
    return np.linspace(low, high + (high == low), _FLOAT_BINS + 1)


def _thresholds(
    histogram: NDArray[np.int64], centres: NDArray[np.float64], classes: int, name: str
) -> tuple[float, ...]:
    used = np.flatnonzero(histogram)
    if used.size < classes:
        raise PixelError(
            f"expected at least {classes} grey levels for Otsu's thresholds, found {used.size} in {name}; leave blank "
            "slices out with --box, or take one threshold for the stack with --otsu-scope stack"
        )
    span = slice(used[0], used[-1] + 1)
    hist = (histogram[span], centres[span])
    if classes == 2:
        return (float(threshold_otsu(hist=hist)),)
    return tuple(float(t) for t in threshold_multiotsu(classes=classes, hist=hist))
