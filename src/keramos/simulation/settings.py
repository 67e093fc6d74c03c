"""Settings of a phantom."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from keramos.core import Triple, VoxelSize, triple
from keramos.core.errors import SettingsError, ShapeError
from keramos.core.options import option
from keramos.settings.phantom import PhantomOptions
from keramos.simulation.body import STRUCTURES, Body
from keramos.simulation.imaging import Imaging, draw_imaging
from keramos.simulation.impurities import Impurities
from keramos.simulation.presets import Preset, find_preset


@dataclass(frozen=True, kw_only=True)
class PhantomSettings(PhantomOptions):
    """Options of a phantom with its shape and voxel size. All that is random follows from the seed.

    Raises:
        SettingsError: an unknown preset, or a severity, seed, fraction or slice out of range.
        ShapeError: the shape is not three positive integers.

    Example:
        >>> PhantomSettings((64, 256, 256), preset="sofc").voxels
        VoxelSize(z_nm=25, y_nm=31.7, x_nm=25)
    """

    shape: Triple = option(help="Voxels along z y x.", convert=triple, leading=True)
    voxel_size: VoxelSize | None = option(None, help="Voxel size; default: the preset's.", unit="nm", leading=True)

    def __post_init__(self) -> None:
        super().__post_init__()
        if min(self.shape) < 1:
            raise ShapeError(f"expected a phantom of at least one voxel along each axis Z Y X, found {self.shape}")
        if not 0 < self.fraction < 1:
            raise SettingsError(f"expected a solid fraction between 0 and 1, found {self.fraction}")
        outside = [z for z in self.hand_labels if not 0 <= z < self.shape[0]]
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
