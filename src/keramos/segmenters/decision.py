"""The phase of each voxel: by its scores, and by how large the component is that it would belong to."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from keramos.core import Volume
from keramos.core.errors import SettingsError
from keramos.segmenters.component_filter import Removal, removals_for
from keramos.segmenters.flicker import LEAST_SLICES, MOST_PHASES, mark_unsure
from keramos.segmenters.segmenter import Segmenter, decide

if TYPE_CHECKING:
    from keramos.settings.segment import SegmentationOptions


_STEP = 1.2
"""How many times the model's distance of slices neighbours may be apart to decide on a voxel between them."""


@dataclass(frozen=True)
class Decision:
    """The most likely phase; with a `threshold` the `positive` one of two where its score is at least that. Flicker
    between slices is then removed, and after it small components."""

    positive: int = 1
    threshold: float | None = None
    removals: tuple[Removal, ...] = ()
    removes_flicker: bool = False

    def codes(self, scores: NDArray[np.float32]) -> NDArray[np.uint8]:
        """Codes (Z Y X) of scores (phases, Z Y X), nothing removed yet."""
        if self.threshold is None:
            return decide(scores)
        return np.where(scores[self.positive] >= self.threshold, self.positive, 1 - self.positive).astype(np.uint8)

    def first_codes(self, scores: NDArray[np.float32]) -> NDArray[np.uint8]:
        """The codes that each block writes, marked where they are unsure if flicker is removed of them."""
        codes = self.codes(scores)
        return mark_unsure(codes, scores) if self.removes_flicker else codes

    @property
    def needs_scores(self) -> bool:
        """Whether codes follow from more than which score is the highest."""
        return self.threshold is not None or self.removes_flicker

    @property
    def resolved(self) -> dict[str, int | str]:
        """The settings `flicker`, `remove_specks` and `fill_holes`, in whatever way they were given: sizes as numbers
        of voxels."""
        fewer = {removal.holes: removal.fewer for removal in self.removals}
        flicker = "remove" if self.removes_flicker else "keep"
        return {"flicker": flicker, "remove_specks": fewer.get(False, 0), "fill_holes": fewer.get(True, 0)}


def decision_for(segmenter: Segmenter, volume: Volume, settings: SegmentationOptions) -> Decision:
    """The decision on the scores of a segmenter for a volume.

    Raises:
        SettingsError: a threshold outside 0 ... 1, for a method without scores, or for more than two phases; flicker
            to be removed where there are no scores or no neighbours; sizes of specks and holes that are none.
        VoxelSizeError: such a size in nm3, and the voxel size is not known.
    """
    phases, specks = segmenter.phases, _specks_of_card(segmenter, volume)
    sizes = [specks if size is None else size for size in (settings.remove_specks, settings.fill_holes)]
    removals = removals_for(volume, phases, *sizes)
    threshold = _threshold(segmenter, settings.threshold)
    if threshold is None and segmenter.card is not None and len(phases) == 2:
        threshold = segmenter.card.threshold
    return Decision(phases.positive, threshold, removals, _removes_flicker(segmenter, volume, settings.flicker))


def _specks_of_card(segmenter: Segmenter, volume: Volume) -> int:
    """Voxels of the volume, below which the model's card says that pieces are removed."""
    card = segmenter.card
    if card is None or not card.specks:
        return 0
    own, learned = volume.voxel_size, card.voxel_size
    return card.specks if own is None or learned is None else round(card.specks * learned.volume_nm3 / own.volume_nm3)


def _removes_flicker(segmenter: Segmenter, volume: Volume, flicker: str) -> bool:
    """Whether flicker is removed, as asked for or by the model's card.

    Raises:
        SettingsError: it was asked for, and cannot be.
    """
    depth, phases = volume.shape[0], len(segmenter.phases)
    if flicker == "auto":
        able = segmenter.has_scores and depth >= LEAST_SLICES and phases <= MOST_PHASES
        return able and _gains_by_neighbours(segmenter, volume)
    if flicker == "keep":
        return False
    if not segmenter.has_scores:
        raise SettingsError(
            f"expected a trained network for --flicker remove, found {segmenter.name}, a threshold that is equally "
            "sure of every voxel; leave --flicker out, or train a network"
        )
    if depth < LEAST_SLICES or phases > MOST_PHASES:
        raise SettingsError(
            f"expected at least {LEAST_SLICES} slices and at most {MOST_PHASES} phases for --flicker remove, found "
            f"{depth} and {phases}; leave --flicker out"
        )
    return True


def _gains_by_neighbours(segmenter: Segmenter, volume: Volume) -> bool:
    """Whether the card says so, of slices that lie as near as those of the volume."""
    card = segmenter.card
    if card is None or not card.removes_flicker:
        return False
    if card.voxel_size is None or volume.voxel_size is None:
        return True
    return volume.voxel_size.z_nm <= _STEP * card.voxel_size.z_nm


def _threshold(segmenter: Segmenter, threshold: float | None) -> float | None:
    """The threshold, if it makes sense."""
    phases = segmenter.phases
    if threshold is None:
        return None
    if not 0 <= threshold <= 1:
        raise SettingsError(f"expected a --threshold from 0 to 1, found {threshold:g}")
    if not segmenter.has_scores:
        raise SettingsError(
            f"expected a trained network for --threshold, found {segmenter.name}, which finds a threshold of grey "
            "values itself; leave --threshold out, or train a network"
        )
    if len(phases) != 2:
        raise SettingsError(
            f"expected a network of two phases for --threshold, found {len(phases)}: {', '.join(phases.names)}; "
            "leave --threshold out"
        )
    return float(threshold)
