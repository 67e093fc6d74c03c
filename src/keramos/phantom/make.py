"""Make a phantom in memory: grow a body, image it, keep the truth."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from keramos.phantom.settings import BA122_VOXEL_SIZE, PhantomSettings
from keramos.phantom.stack import PhantomStack
from keramos.progress import Progress, silent
from keramos.volume import VOID_SOLID, ArraySource, LabelVolume, Volume, VoxelSize, triple


@dataclass(frozen=True, eq=False)
class Phantom:
    """Simulated images, the exact truth, and every parameter that made them (JSON values)."""

    images: Volume
    truth: LabelVolume
    parameters: dict[str, Any]


def make_phantom(
    shape: Sequence[int],
    *,
    voxel_size: VoxelSize = BA122_VOXEL_SIZE,
    preset: str = "ba122",
    severity: float = 0.5,
    seed: int = 0,
    solid_fraction: float | None = None,
    progress: Progress | None = None,
) -> Phantom:
    """A simulated FIB-SEM stack of `shape` (Z Y X voxels) with its exact truth, all in memory.

    The body is given in nm: another voxel size samples the same body. Severity scales shading, curtains,
    shine-through and noise; the truth never depends on it. The same settings give the same bytes.

    Raises:
        SettingsError, ShapeError: as `PhantomSettings`.
    """
    settings = PhantomSettings(triple(shape), voxel_size, preset, severity, seed, solid_fraction)
    stack = PhantomStack(settings)
    grey, truth = (np.empty(settings.shape, np.uint8) for _ in range(2))
    for slab in stack.slabs(progress=progress or silent):
        place = slice(slab.start, slab.start + len(slab.grey))
        grey[place], truth[place] = slab.grey, slab.truth
    name, made, view = f"phantom {preset} seed {seed}", stack.provenance, settings.kind.view
    return Phantom(
        Volume(ArraySource(grey), voxel_size, name, made, view=view),
        LabelVolume(ArraySource(truth), voxel_size, f"truth of {name}", made, phases=VOID_SOLID),
        stack.parameters,
    )
