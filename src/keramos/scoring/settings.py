"""What is scored, and on which grid the scores are kept for their intervals."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from keramos.core import Box, PhaseTable, Triple, triple
from keramos.core.errors import SettingsError


@dataclass(frozen=True, slots=True)
class ScoreSettings:
    """The phases and the volume of a measurement.

    `classes` phases have the codes 0 ... classes - 1 and the `names`; `positive` is the code of the phase of interest.
    `shape` (Z Y X, voxels) is the whole volume. Counts are kept for each `cell` (Z Y X, voxels) of a grid fixed to
    the volume's origin, so that they do not depend on the blocks measured. `z_per_y` is the cutting pitch over the
    pixel height (1 where unknown); only the depth of the bootstrap's blocks depends on it.

    Raises:
        SettingsError: names or positive code that do not fit the classes, or a shape, cell or ratio not positive.
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
        """For a volume of `shape` (Z Y X) with these phases, on the default grid of cells."""
        return cls(len(phases), phases.positive, phases.names, triple(shape), z_per_y=z_per_y)

    def cells_of(self, core: Box) -> Box:
        """The cells that `core` touches, as a box of cells."""
        start = triple([a // c for a, c in zip(core.start, self.cell, strict=True)])
        return Box(start, triple([-(-b // c) for b, c in zip(core.stop, self.cell, strict=True)]))
