"""What phantom is to be made."""

from __future__ import annotations

from dataclasses import dataclass

from keramos.errors import SettingsError, ShapeError
from keramos.phantom.presets import Preset, preset_named
from keramos.volume import Triple, VoxelSize, triple

BA122_VOXEL_SIZE = VoxelSize(20, 26.4, 20.8)


@dataclass(frozen=True, slots=True)
class PhantomSettings:
    """A stack of `shape` (Z Y X voxels); severity 0 is clean, 0.5 life as the preset has it, 1 well beyond.

    `solid_fraction` is that of the stack, the preset's own if None.

    Raises:
        SettingsError: an unknown preset, or a severity, seed or fraction out of range.
        ShapeError: the shape is not three positive integers.
    """

    shape: Triple
    voxel_size: VoxelSize = BA122_VOXEL_SIZE
    preset: str = "ba122"
    severity: float = 0.5
    seed: int = 0
    solid_fraction: float | None = None

    def __post_init__(self) -> None:
        if min(triple(self.shape)) < 1:
            raise ShapeError(f"expected a phantom of at least one voxel along each axis Z Y X, found {self.shape}")
        if not 0 <= self.severity <= 1:
            raise SettingsError(f"expected a severity from 0 (clean) to 1, found {self.severity}")
        if not 0 < self.fraction < 1:
            raise SettingsError(f"expected a solid fraction between 0 and 1, found {self.fraction}")
        if self.seed < 0:
            raise SettingsError(f"expected a seed of 0 or more, found {self.seed}")

    @property
    def kind(self) -> Preset:
        """The preset's material and microscope."""
        return preset_named(self.preset)

    @property
    def fraction(self) -> float:
        return self.kind.solid_fraction if self.solid_fraction is None else self.solid_fraction
