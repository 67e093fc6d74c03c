"""What phantom is to be made."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from keramos.core import Triple, VoxelSize, triple
from keramos.core.errors import SettingsError, ShapeError
from keramos.simulation.bodies.impurities import Impurities
from keramos.simulation.bodies.matter import Body
from keramos.simulation.presets import Preset, preset_named
from keramos.simulation.structures import drawn_structure


@dataclass(frozen=True, slots=True)
class PhantomSettings:
    """A stack of `shape` (Z Y X voxels); severity 0 is clean, 0.5 life as the preset has it, 1 well beyond.

    Attributes:
        voxel_size: the preset's own if None.
        structure: another body for the preset's microscope; its own if None.
        solid_fraction: of the stack, impurities not counted; the preset's own if None.
        cutting_order: whether z grows or falls with the order in which the slices were cut.
        hand_labelled: slices (z) for which a simulated hand label is made.

    Raises:
        SettingsError: an unknown preset or structure, or a severity, seed, fraction or slice out of range.
        ShapeError: the shape is not three positive integers.
    """

    shape: Triple
    voxel_size: VoxelSize | None = None
    preset: str = "ba122"
    severity: float = 0.5
    seed: int = 0
    solid_fraction: float | None = None
    structure: str | None = None
    cutting_order: Literal["increasing", "decreasing"] = "increasing"
    hand_labelled: tuple[int, ...] = ()

    def __post_init__(self) -> None:
        if min(triple(self.shape)) < 1:
            raise ShapeError(f"expected a phantom of at least one voxel along each axis Z Y X, found {self.shape}")
        if not 0 <= self.severity <= 1:
            raise SettingsError(f"expected a severity from 0 (clean) to 1, found {self.severity}")
        if not 0 < self.fraction < 1:
            raise SettingsError(f"expected a solid fraction between 0 and 1, found {self.fraction}")
        if self.seed < 0:
            raise SettingsError(f"expected a seed of 0 or more, found {self.seed}")
        if self.cutting_order not in ("increasing", "decreasing"):
            raise SettingsError(f"expected a cutting order increasing or decreasing, found '{self.cutting_order}'")
        outside = [z for z in self.hand_labelled if not 0 <= z < self.shape[0]]
        if outside:
            raise SettingsError(f"expected hand-labelled slices from 0 to {self.shape[0] - 1}, found {outside[0]}")

    @property
    def kind(self) -> Preset:
        """The preset's material and microscope."""
        return preset_named(self.preset)

    @property
    def voxels(self) -> VoxelSize:
        """The voxel size asked for, or the preset's."""
        return self.kind.voxel_size if self.voxel_size is None else self.voxel_size

    @property
    def fraction(self) -> float:
        return self.kind.solid_fraction if self.solid_fraction is None else self.solid_fraction

    def drawn_body(self, rng: np.random.Generator) -> Body:
        """The body that these settings name."""
        return self.kind.draw_body(rng) if self.structure is None else drawn_structure(self.structure, rng)

    def drawn_impurities(self, rng: np.random.Generator, body: Body) -> Impurities | None:
        """The preset's impurities; None in a body whose truth is a measured one or known."""
        impurities = self.kind.draw_impurities(rng)
        return impurities if body.adjustable and impurities.per_um3 else None
