"""Evidence against a segmentation: its uncertainty, another segmentation of the same volume."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from keramos.core import Box, LabelVolume, Triple, Volume, triple
from keramos.core.errors import LabelError, ShapeError
from keramos.settings.proofread import ProofreadingOptions


@dataclass(frozen=True, eq=False)
class Seen:
    """A box of the evidence (arrays Z Y X): phase codes, uncertainty (0 to 255) and the codes of another segmentation,
    where there are such."""

    box: Box
    codes: NDArray[np.uint8]
    unsure: NDArray[np.uint8] | None
    other: NDArray[np.uint8] | None
    options: ProofreadingOptions

    @property
    def parity(self) -> NDArray[np.uint16]:
        """0 to 7 (Z Y X), alternating from tile to tile, so that patches end where a tile does."""
        edges = zip(self.box.start, self.box.stop, strict=True)
        z, y, x = (np.arange(a, b) // self.options.tile % 2 for a, b in edges)
        return np.asarray(4 * z[:, None, None] + 2 * y[:, None] + x, np.uint16)


@dataclass(frozen=True, eq=False)
class Evidence:
    """A segmentation and what may speak against it.

    Attributes:
        labels: the segmentation.
        uncertainty: its normalised entropy as `keramos segment --uncertainty` writes it (uint8, 255 all phases equally
            likely).
        other: another segmentation of the same volume.
        options: what counts as a place.
        offset: where the first voxel lies in the whole, of which this may be a part (Z Y X); tiles are those of the
            whole.

    Raises:
        ShapeError: an uncertainty or another segmentation of another shape.
        LabelError: another segmentation with other phases.
    """

    labels: LabelVolume
    uncertainty: Volume | None = None
    other: LabelVolume | None = None
    options: ProofreadingOptions = field(default_factory=ProofreadingOptions)
    offset: Triple = (0, 0, 0)

    def __post_init__(self) -> None:
        for volume in (self.uncertainty, self.other):
            if volume is not None and volume.shape != self.labels.shape:
                raise ShapeError(
                    f"{volume.name} has {volume.shape} voxels (z, y, x), the segmentation {self.labels.name} "
                    f"{self.labels.shape}; compare results of the same stack and region"
                )
        if self.other is not None and self.other.phases.names != self.labels.phases.names:
            raise LabelError(
                f"{self.other.name} has the phases {', '.join(self.other.phases.names)}, {self.labels.name} "
                f"{', '.join(self.labels.phases.names)}; compare segmentations with the same phases"
            )

    @property
    def shape(self) -> Triple:
        return self.labels.shape

    def crop(self, box: Box) -> Evidence:
        """The evidence of a box of the segmentation; nothing is read yet. ShapeError if it leaves it, or is empty."""
        if not box.voxels or not self.labels.box.contains(box):
            raise ShapeError(f"the box {box} is no part of the segmentation, which has {self.shape} voxels (z, y, x)")
        parts = [None if part is None else part.crop(box) for part in (self.uncertainty, self.other)]
        offset = triple([a + b for a, b in zip(self.offset, box.start, strict=True)])
        return replace(self, labels=self.labels.crop(box), uncertainty=parts[0], other=parts[1], offset=offset)  # type: ignore[arg-type]

    def read(self, box: Box) -> Seen:
        """All evidence in a box."""
        parts: list[Any] = [None if one is None else one.read(box) for one in (self.uncertainty, self.other)]
        return Seen(box.shift(self.offset), self.labels.read(box), parts[0], parts[1], self.options)
