"""The phase of each voxel: by its scores, and by how large the component is that it would belong to."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from keramos.core import Volume
from keramos.core.errors import SettingsError
from keramos.segmenters.component_filter import Removal, removals_for
from keramos.segmenters.segmenter import Segmenter, decide

if TYPE_CHECKING:
    from keramos.settings.segment import SegmentationOptions


@dataclass(frozen=True)
class Decision:
    """The most likely phase; with a `threshold` the `positive` one of two where its score is at least that. Small
    components are then removed."""

    positive: int = 1
    threshold: float | None = None
    removals: tuple[Removal, ...] = ()

    def codes(self, scores: NDArray[np.float32]) -> NDArray[np.uint8]:
        """Codes (Z Y X) of scores (phases, Z Y X), nothing removed yet."""
        if self.threshold is None:
            return decide(scores)
        return np.where(scores[self.positive] >= self.threshold, self.positive, 1 - self.positive).astype(np.uint8)

    @property
    def in_voxels(self) -> dict[str, int]:
        """The settings `remove_specks` and `fill_holes` as numbers of voxels, in whatever way they were given."""
        fewer = {removal.holes: removal.fewer for removal in self.removals}
        return {"remove_specks": fewer.get(False, 0), "fill_holes": fewer.get(True, 0)}


def decision_for(segmenter: Segmenter, volume: Volume, settings: SegmentationOptions) -> Decision:
    """The decision on the scores of a segmenter for a volume.

    Raises:
        SettingsError: a threshold outside 0 ... 1, for a method without scores, or for more than two phases; sizes of
            specks and holes that are none.
        VoxelSizeError: such a size in nm3, and the voxel size is not known.
    """
    phases = segmenter.phases
    removals = removals_for(volume, phases, settings.remove_specks, settings.fill_holes)
    return Decision(phases.positive, _threshold(segmenter, settings.threshold), removals)


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
