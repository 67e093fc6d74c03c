"""Base of methods without a network that tell material from what shines through voids by how grey values go along z.

Both see a stack in the order of cutting, with grey values of 0 in dark voids and 1 in the material. Where the material
ends, what is behind it appears, deeper and darker: the grey value drops from one slice to the next. Towards the next
floor it rises bit by bit, so that the floor itself begins without a step.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from math import ceil, isfinite
from typing import TYPE_CHECKING, Any, Self

import numpy as np
import skimage
from numpy.typing import NDArray

from keramos.core import NOT_ANNOTATED, VOID_SOLID, Box, CuttingOrder, PhaseTable, Volume
from keramos.core.errors import LabelError, PixelError, SettingsError
from keramos.core.progress import Progress, silent
from keramos.segmenters.labelled import LabelledSlice, LabelledSlices, mean_grey
from keramos.segmenters.segmenter import Segmenter

if TYPE_CHECKING:
    from keramos.blocks import Block

TRUNCATE = 3.0  # radii of Gaussians kept
BYTES_PER_PIXEL = 32
_BYTES_WORKING = 28  # of each voxel that is looked at, at once; measured
_SURVEYED_SLICES = 9
_MAX_SLICES = 3  # of those that parameters are chosen on
_ROUNDS = 2


@dataclass(frozen=True)
class DepthSegmenter(Segmenter):
    """Two phases, told apart by neighbouring slices; a subclass gives `distances`, `signature` and `choices`.

    Attributes:
        phases: two phases.
        material: the code of the phase that is cut; the other one's voids are seen through.
        inverted: whether the material is dark and its voids bright, as in images with inverted contrast.
        cutting_order: whether z rises in the order of cutting, of a stack that does not say it.
        levels: grey values of dark voids and of the material; None until `fit_to` has measured them.
    """

    phases: PhaseTable = VOID_SOLID
    material: int = 1
    inverted: bool = False
    cutting_order: CuttingOrder = "increasing"
    levels: tuple[float, float] | None = None
    name: str = ""

    has_scores = False
    adapts = True
    max_phases = 2

    def __post_init__(self) -> None:
        if len(self.phases) != 2:
            raise SettingsError(f"expected two phases for {self.name}, found {', '.join(self.phases.names)}; use otsu")
        if self.material not in (0, 1) or self.cutting_order not in ("increasing", "decreasing"):
            raise SettingsError(
                f"expected material 0 or 1, cut in increasing or decreasing order, found {self.material} and "
                f"{self.cutting_order}"
            )
        if self.levels is not None and not (len(self.levels) == 2 and all(map(isfinite, self.levels))):
            raise SettingsError(f"expected the grey values of void and material, found {self.levels}")

    @abstractmethod
    def distances(self, grey: NDArray[np.float32], core: slice) -> NDArray[np.float32]:
        """Numbers above zero where the slices `core` of `grey` (Z Y X, in the order of cutting, 0 in dark voids and 1
        in the material) are material. They depend on voxels within the halo alone."""

    @abstractmethod
    def choices(self) -> Mapping[str, Sequence[float]]:
        """The values that may be chosen for each parameter, the one that matters most last."""

    def fit_to(self, volume: Volume, progress: Progress = silent) -> Self:
        """With the grey values of void and material in this volume, and its order of cutting where it says it.

        Raises:
            SettingsError: a single slice.
            PixelError: a volume of one grey value.
        """
        if volume.shape[0] < 2:
            raise SettingsError(
                f"expected a stack for {self.name}, which compares neighbouring slices, found one slice in "
                f"{volume.name}; use otsu or sauvola"
            )
        dark, bright = measure_levels(volume, progress)
        order = self.cutting_order if volume.view is None else volume.view.cutting_order
        return replace(self, levels=(bright, dark) if self.inverted else (dark, bright), cutting_order=order)

    def scores(self, pixels: NDArray[Any], block: Block) -> NDArray[np.float32]:
        material = self.core_distances(pixels, block) > 0
        pair = (~material, material) if self.material == 1 else (material, ~material)
        return np.stack(pair).astype(np.float32)

    def core_distances(self, pixels: NDArray[Any], block: Block) -> NDArray[np.float32]:
        """Distances of the core's voxels (Z Y X), some rows at a time."""
        core, reach = block.core_in_read, self.signature.halo[1]
        backwards = self.cutting_order == "decreasing"
        planes = core.slices[0]
        if backwards:
            planes = slice(len(pixels) - planes.stop, len(pixels) - planes.start)
        found = np.empty(block.core.shape, np.float32)
        rows = self._rows_at_once(pixels.shape, block.core.shape[0])
        for first in range(core.start[1], core.stop[1], rows):
            stop = min(first + rows, core.stop[1])
            low, high = max(first - reach, 0), min(stop + reach, pixels.shape[1])
            grey = self._normalise(pixels[:: -1 if backwards else 1, low:high])
            part = self.distances(grey, planes)[:, first - low : stop - low, core.slices[2]]
            found[:, first - core.start[1] : stop - core.start[1]] = part[:: -1 if backwards else 1]
        return found

    def choose_parameters(self, data: LabelledSlices, *, half_range: float, progress: Progress = silent) -> Self:  # noqa: ARG002
        """With the parameters of the best IoU of the positive phase over the slices (at most 3), looked for one after
        the other, twice; first whether the material is the brighter or the darker phase.

        Raises:
            LabelError: slices without neighbours, or a phase of which nothing is annotated.
        """
        if len(data.phases) != 2:
            return replace(self, phases=data.phases)
        items = data.slices[:: -(-len(data.slices) // _MAX_SLICES)]
        if any(all(np.array_equal(plane, item.grey) for plane in item.seen) for item in items):
            raise LabelError(
                f"expected annotated slices of a stack for {self.name}, which compares neighbouring slices, found one "
                "without neighbours; give the stack as --images, or use otsu or sauvola"
            )
        bright = int(mean_grey(data, 1) > mean_grey(data, 0))
        start = replace(self, phases=data.phases, material=bright, cutting_order=data.cutting_order)
        judged: dict[Self, float] = {}

        def judge(trial: Self) -> float:
            if trial not in judged:
                judged[trial] = _compute_iou(trial, items)
                progress(min(len(judged), total), total)
            return judged[trial]

        total = 2 + _ROUNDS * sum(len(values) for values in self.choices().values())
        best = max((start, replace(start, material=1 - bright, inverted=True)), key=judge)
        for _ in range(_ROUNDS):
            for name, values in self.choices().items():
                best = max((best, *(replace(best, **{name: value}) for value in values)), key=judge)  # type: ignore[arg-type]
        progress(total, total)
        return best

    def summary(self) -> str:
        chosen = ", ".join(f"{name} {getattr(self, name):g}" for name in self.choices())
        return f"{chosen}, {'dark' if self.inverted else 'bright'} {self.phases.names[self.material]}"

    def identity(self) -> str:
        return f"{self.name} {asdict(self)}"

    def contrast(self) -> float:
        """Grey levels between void and material."""
        void, material = self._known_levels()
        return abs(material - void)

    def _normalise(self, pixels: NDArray[Any]) -> NDArray[np.float32]:
        """Grey values from 0 in dark voids to 1 in the material; pixels without a value count as void."""
        void, material = self._known_levels()
        grey = (pixels.astype(np.float32) - np.float32(void)) / np.float32(material - void)
        return np.asarray(np.nan_to_num(grey, copy=False, nan=0.0, posinf=1.0, neginf=0.0), np.float32)

    def _known_levels(self) -> tuple[float, float]:
        if self.levels is None:
            raise SettingsError(f"{self.name} has no grey levels yet; call fit_to() with the volume first")
        return self.levels

    def _rows_at_once(self, read: tuple[int, ...], depth: int) -> int:
        """As many rows as fit into the memory that the signature states, with those around them."""
        reach = self.signature.halo[1]
        room = depth * read[1] * BYTES_PER_PIXEL // (read[0] * _BYTES_WORKING)
        return read[1] if room >= read[1] else max(room - 2 * reach, reach, 1)


def measure_levels(volume: Volume, progress: Progress = silent) -> tuple[float, float]:
    """Mean grey values below and above Otsu's threshold of nine slices spread over the stack.

    Raises:
        PixelError: they are all the same.

    Example:
        >>> grey = np.full((4, 8, 8), 50, np.uint8)
        >>> grey[:, :4] = 150
        >>> measure_levels(Volume.from_array(grey))
        (50.0, 150.0)
    """
    depth, height, width = volume.shape
    chosen = np.unique(np.linspace(0, depth - 1, _SURVEYED_SLICES).round().astype(int)).tolist()
    step, parts = max(1, ceil((height * width / 2**18) ** 0.5)), []
    for done, z in enumerate(chosen, 1):
        parts.append(volume.read(Box((z, 0, 0), (z + 1, height, width)))[0, ::step, ::step].ravel())
        progress(done, len(chosen))
    grey = np.concatenate(parts).astype(np.float64)
    grey = grey[np.isfinite(grey)]
    if not grey.size or grey.min() == grey.max():
        raise PixelError(f"expected grey values of void and material in {volume.name}, found a single grey value")
    above = grey > skimage.filters.threshold_otsu(grey)
    return float(grey[~above].mean()), float(grey[above].mean())


def average_slices(grey: NDArray[np.float32], offsets: Sequence[int]) -> NDArray[np.float32]:
    """For each slice the mean of those at `offsets` from it; beyond the ends the slices there are repeated."""
    places = np.arange(len(grey))
    total = sum(grey[np.clip(places + offset, 0, len(grey) - 1)] for offset in offsets)
    return np.asarray(total / np.float32(len(offsets)), np.float32)


def find_last_occurrences(before: NDArray[np.float32], after: NDArray[np.float32], least: float) -> NDArray[np.bool_]:
    """Voxels from which the grey value drops by more than `least` to the next slice, and more than from the voxels
    before and after them."""
    drop = before - after
    last = drop > np.float32(least)
    last[1:] &= drop[1:] >= drop[:-1]
    last[:-1] &= drop[:-1] >= drop[1:]
    return last


def _compute_iou(trial: DepthSegmenter, items: Sequence[LabelledSlice]) -> float:
    """IoU of the positive phase over the annotated voxels."""
    from keramos.blocks import Block

    both = either = 0
    for item in items:
        stack = np.stack(item.seen)
        middle, whole = len(stack) // 2, Box.whole(stack.shape)
        block = Block(0, Box((middle, 0, 0), (middle + 1, *stack.shape[1:])), whole)
        ready = trial.fit_to(Volume.from_array(stack))
        material = ready.core_distances(stack, block)[0] > 0
        found = material == (trial.material == trial.phases.positive)
        known, true = item.codes != NOT_ANNOTATED, item.codes == trial.phases.positive
        both += int(np.count_nonzero(found & true & known))
        either += int(np.count_nonzero((found | true) & known))
    return both / either if either else 0.0
