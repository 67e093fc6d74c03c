"""Settings of the scores: phases, volume, and the grid on which counts are kept for confidence intervals."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from keramos.core import Box, PhaseTable, Triple, triple
from keramos.core.errors import SettingsError


@dataclass(frozen=True, slots=True)
class ScoreSettings:
    """The phases and the volume that are scored.

    Attributes:
        classes: number of phases; their codes are 0 ... classes - 1.
        positive: code of the phase of interest.
        names: of the phases.
        shape: of the whole volume, Z Y X in voxels.
        cell: Z Y X in voxels. Counts are kept per cell of a grid through the volume's origin, so that they do not
            depend on the blocks.
        z_per_y: cutting pitch over pixel height (1 if unknown); only the depth of bootstrap blocks depends on it.

    Raises:
        SettingsError: names or positive code do not fit the classes, or a shape, cell or ratio is not positive.
    """

    classes: int
    positive: int
    names: tuple[str, ...]
    shape: Triple
    cell: Triple = (8, 32, 32)
    z_per_y: float = 1.0

    def __post_init__(self) -> None:
        if self.classes < 2 or len(self.names) != self.classes or not 0 <= self.positive < self.classes:
            raise SettingsError(
                f"expected at least 2 classes, a name for each and a positive code among them, "
                f"found {self.classes} classes, names {self.names} and positive {self.positive}"
            )
        if min(self.shape) < 1 or min(self.cell) < 1 or not self.z_per_y > 0:
            raise SettingsError(f"expected positive shape, cell and z_per_y for the scores, found {self}")

    @classmethod
    def of(cls, phases: PhaseTable, shape: Sequence[int], *, z_per_y: float = 1.0) -> ScoreSettings:
        """Settings for a volume of `shape` (Z Y X) with these phases, on the default grid of cells."""
        return cls(len(phases), phases.positive, phases.names, triple(shape), z_per_y=z_per_y)

    def cells_of(self, core: Box) -> Box:
        """The cells that `core` overlaps, as a box of cells."""
        start = triple([a // c for a, c in zip(core.start, self.cell, strict=True)])
        return Box(start, triple([-(-b // c) for b, c in zip(core.stop, self.cell, strict=True)]))
