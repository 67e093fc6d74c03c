"""Settings of a phantom."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from keramos.core import Triple, VoxelSize, triple
from keramos.core.errors import SettingsError, ShapeError
from keramos.simulation.body import STRUCTURES, Body
from keramos.simulation.imaging import Imaging, draw_imaging
from keramos.simulation.impurities import Impurities
from keramos.simulation.presets import Preset, find_preset


@dataclass(frozen=True, slots=True)
class PhantomSettings:
    """Settings of one phantom; everything random follows from the seed.

    Attributes:
        shape: Z Y X in voxels.
        voxel_size: default: the preset's.
        preset: material and microscope.
        severity: strength of the artefacts: 0 none, 0.5 realistic for the preset, 1 severe.
        seed: random seed, 0 or more.
        solid_fraction: solid volume fraction without impurities (default: the preset's).
        structure: name of another body for the preset's microscope (default: the preset's own).
        cutting_order: whether z increases or decreases in the order of cutting.
        hand_labelled: slices (z) that get a simulated hand label.
        defects: names of defects beyond the usual ones, which other packages bring.

    Raises:
        SettingsError: an unknown preset, or a severity, seed, fraction or slice out of range.
        ShapeError: the shape is not three positive integers.

    Example:
        >>> PhantomSettings((64, 256, 256), preset="sofc").voxels
        VoxelSize(z_nm=25, y_nm=31.7, x_nm=25)
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
    defects: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if min(triple(self.shape)) < 1:
            raise ShapeError(f"expected a phantom of at least one voxel along each axis Z Y X, found {self.shape}")
        if not 0 <= self.severity <= 1:
            raise SettingsError(f"expected a severity from 0 (none) to 1 (severe), found {self.severity}")
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
        return find_preset(self.preset)

    @property
    def voxels(self) -> VoxelSize:
        """The given voxel size, or the preset's."""
        return self.kind.voxel_size if self.voxel_size is None else self.voxel_size

    @property
    def fraction(self) -> float:
        """The given solid fraction, or the preset's."""
        return self.kind.solid_fraction if self.solid_fraction is None else self.solid_fraction

    def draw_body(self, seed: np.random.SeedSequence) -> Body:
        """The body of these settings. SettingsError if no structure has the given name."""
        draw = self.kind.draw_body if self.structure is None else STRUCTURES.find(self.structure).draw
        return draw(_draw_key(seed))

    def draw_impurities(self, seed: np.random.SeedSequence, body: Body) -> Impurities | None:
        """The impurities; None if the preset has none, or if the body's truth is fixed."""
        return Impurities(_draw_key(seed)) if self.kind.has_impurities and body.adjustable else None

    def draw_imaging(self, seed: np.random.SeedSequence) -> Imaging:
        """The imaging parameters. SettingsError if no defect has one of the given names."""
        return self.kind.adapt(draw_imaging(seed, self.severity, self.defects))


def _draw_key(seed: np.random.SeedSequence) -> int:
    return int(np.random.default_rng(seed).integers(2**53))
