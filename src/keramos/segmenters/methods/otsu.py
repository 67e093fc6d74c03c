"""Otsu's threshold (IEEE Trans. Syst. Man Cybern. 9, 62, 1979), of each slice or of the whole stack."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from functools import cached_property, reduce
from itertools import groupby
from operator import add
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import skimage
from numpy.typing import NDArray

from keramos.blocks import plan_blocks
from keramos.core import VOID_SOLID, Box, PhaseTable, Volume, piece_shape
from keramos.core.errors import PixelError, SettingsError
from keramos.core.options import Settings, option
from keramos.core.progress import Progress, silent
from keramos.networks.signature import Signature
from keramos.segmenters.distance_scores import codes_and_scores_of_distances
from keramos.segmenters.labelled import LabelledSlices, mean_grey
from keramos.segmenters.segmenter import Segmenter, decide

if TYPE_CHECKING:
    from keramos.blocks import Block

Scope = Literal["slice", "stack"]
_FLOAT_BINS = 4096
_MANY = 2**17
_BYTES_AT_ONCE = 2**25
"""Read at a time in the first pass, unless one chunk holds more: less than a block of the second holds."""


@dataclass(frozen=True, kw_only=True)
class OtsuOptions(Settings):
    """Options of Otsu's threshold."""

    scope: Scope = option(
        "slice", name="otsu_scope", help="Compute Otsu's threshold per slice or for the whole stack.", metavar="SCOPE"
    )


@dataclass(frozen=True)
class Otsu(Segmenter):
    """Thresholds between phases by grey level.

    Attributes:
        phases: the phases to tell apart (more than four become slow: the search is exhaustive).
        codes_by_grey: the phases' codes from dark to bright.
        scope: which histogram is taken: of each `slice` (as in the paper, whose Otsu fraction jumps from slice to
            slice) or of the whole `stack`.
        thresholds: the result of the first pass: (slices, phases - 1), one row for a stack; empty before it.
    """

    phases: PhaseTable = VOID_SOLID
    codes_by_grey: tuple[int, ...] = (0, 1)
    scope: Scope = "slice"
    thresholds: tuple[tuple[float, ...], ...] = ()
    name: str = "otsu"

    title = "Otsu"
    description = "threshold of each slice (Otsu 1979)"
    reference = "Otsu 1979"
    paper = True
    has_scores = False
    adapts = True
    options = OtsuOptions

    def __post_init__(self) -> None:
        if sorted(self.codes_by_grey) != list(range(len(self.phases))):
            raise SettingsError(
                f"expected each of the {len(self.phases)} phase codes once, from dark to bright, "
                f"found {self.codes_by_grey}"
            )

    @cached_property
    def signature(self) -> Signature:
        return Signature(classes=len(self.phases))

    def fit_to(self, volume: Volume, progress: Progress = silent) -> Otsu:
        """With the thresholds of this volume."""
        edges = _grey_levels(volume)
        centres = edges[:-1] if np.issubdtype(volume.dtype, np.integer) else (edges[:-1] + edges[1:]) / 2
        thresholds, total = [], np.zeros(len(centres), np.int64)
        for z, histogram in _histograms(volume, edges):
            total += histogram
            if self.scope == "slice":
                thresholds.append(
                    _thresholds(histogram, centres, len(self.phases), f"slice {volume.origin[0] + z} of {volume.name}")
                )
            progress(z + 1, volume.shape[0])
        if self.scope == "stack":
            thresholds.append(_thresholds(total, centres, len(self.phases), volume.name))
        return replace(self, thresholds=tuple(thresholds))

    def scores(self, pixels: NDArray[Any], block: Block) -> NDArray[np.float32]:
        grey = pixels[block.core_in_read.slices]
        rank = np.sum(grey[None] > self._cuts(block), axis=0)
        codes = np.asarray(self.codes_by_grey)[rank]
        scores: NDArray[np.float32] = (codes[None] == np.arange(len(self.phases))[:, None, None, None]).astype(
            np.float32
        )
        return scores

    def codes(self, pixels: NDArray[Any], block: Block) -> NDArray[np.uint8]:
        """The codes that `scores` say, without a float for each voxel and phase."""
        grey, cuts = pixels[block.core_in_read.slices], self._cuts(block)
        if np.issubdtype(grey.dtype, np.integer):  # above a threshold is above its whole part
            cuts = np.floor(cuts).astype(grey.dtype)
        rank = np.asarray(grey > cuts[0]).view(np.uint8)
        for cut in cuts[1:]:
            rank += grey > cut
        in_order = self.codes_by_grey == tuple(range(len(self.phases)))
        return rank if in_order else np.asarray(self.codes_by_grey, np.uint8)[rank]

    def codes_and_scores(
        self, pixels: NDArray[Any], block: Block, *, grey_scale: float
    ) -> tuple[NDArray[np.uint8], NDArray[np.float32] | None]:
        """Several thresholds do not rank the voxels of one phase: no scores then."""
        if len(self.phases) > 2:
            return decide(self.scores(pixels, block)), None
        distances = pixels[block.core_in_read.slices].astype(np.float64) - self._cuts(block)[0]
        bright, positive = self.codes_by_grey[1], self.phases.positive
        return codes_and_scores_of_distances(distances, bright, positive, grey_scale=grey_scale)

    def choose_parameters(self, data: LabelledSlices, *, half_range: float, progress: Progress = silent) -> Otsu:  # noqa: ARG002
        """With the order of the phases' mean grey values, which is all that Otsu needs to know."""
        means = [mean_grey(data, code) for code in range(len(data.phases))]
        return replace(self, phases=data.phases, codes_by_grey=tuple(int(code) for code in np.argsort(means)))

    def parameters(self) -> dict[str, Any]:
        return {"codes_by_grey": list(self.codes_by_grey), "scope": self.scope}

    def summary(self) -> str:
        return "dark and bright from the training slice"

    def _cuts(self, block: Block) -> NDArray[np.float64]:
        """The thresholds of the core's slices, (phases - 1, Z, 1, 1)."""
        if not self.thresholds:
            raise SettingsError("Otsu has no thresholds yet; call fit_to() with the volume first")
        rows = self.thresholds if self.scope == "slice" else self.thresholds * block.core.stop[0]
        cuts = np.asarray(rows[block.core.start[0] : block.core.stop[0]])
        return np.asarray(cuts.T[:, :, None, None])

    def identity(self) -> str:
        return f"otsu {asdict(self)}"


def _histograms(volume: Volume, edges: NDArray[np.float64]) -> Iterator[tuple[int, NDArray[np.int64]]]:
    """Each slice's number and histogram."""
    for start, boxes in groupby(_whole_chunks(volume), lambda box: box.start[0]):
        parts = (np.stack([_count(pixels, edges) for pixels in volume.read(box)]) for box in boxes)
        yield from enumerate(reduce(add, parts), start)


def _whole_chunks(volume: Volume) -> Iterator[Box]:
    """The volume in boxes of whole chunks, so that each chunk is decoded once: one layer of chunks after the other."""
    (depth, *face), piece = volume.shape, piece_shape(volume.source)
    for start in range(0, depth, piece[0]):
        layer = (min(piece[0], depth - start), *face)
        for block in plan_blocks(layer, chunk=piece, max_voxels=_BYTES_AT_ONCE // volume.dtype.itemsize):
            yield block.core.shift((start, 0, 0))


def _count(pixels: NDArray[Any], edges: NDArray[np.float64]) -> NDArray[np.int64]:
    """The histogram of a slice; of whole numbers by counting each, which needs no sorting."""
    if pixels.dtype == np.uint8 and pixels.size >= _MANY and pixels.size % 2 == 0:  # two at a time: half the steps
        pairs = np.bincount(np.ascontiguousarray(pixels).ravel().view(np.uint16), minlength=2**16).reshape(256, 256)
        return np.asarray(pairs.sum(axis=0) + pairs.sum(axis=1))
    if np.issubdtype(pixels.dtype, np.integer) and pixels.dtype.itemsize <= 2:
        places = pixels.ravel() if edges[0] == 0 else pixels.ravel().astype(np.int64) - int(edges[0])
        return np.bincount(places, minlength=len(edges) - 1)
    return np.histogram(pixels, edges)[0]


def _grey_levels(volume: Volume) -> NDArray[np.float64]:
    """Histogram edges: every grey level of 8- and 16-bit images, else 4096 bins over the volume's range."""
    dtype = volume.dtype
    if np.issubdtype(dtype, np.integer) and dtype.itemsize <= 2:
        info = np.iinfo(dtype)
        return np.arange(int(info.min), int(info.max) + 2, dtype=np.float64)
    low, high = np.inf, -np.inf
    for pixels in map(volume.read, _whole_chunks(volume)):
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
        return (float(skimage.filters.threshold_otsu(hist=hist)),)
    return tuple(float(t) for t in skimage.filters.threshold_multiotsu(classes=classes, hist=hist))


OTSU = Otsu()
