"""Make a phantom in memory: grow a body, image it, keep the truth."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from keramos.core import ArraySource, LabelVolume, Volume, VoxelSize, triple
from keramos.core.progress import Progress, silent
from keramos.simulation.bodies.matter import Body
from keramos.simulation.settings import PhantomSettings
from keramos.simulation.stack import PhantomStack


@dataclass(frozen=True, eq=False)
class Phantom:
    """A simulated stack and all that is known about it.

    Attributes:
        images: as the microscope recorded them.
        truth: the specimen.
        shown: what each voxel of the images shows: the truth as far off as slice thickness and stage drift put it.
            The best that can be painted or learned on these images.
        hand: simulated hand labels of the slices asked for, 255 elsewhere.
        regions: the bits of `REGIONS` that each voxel of the images lies in (Z Y X).
        parameters: all that made them (JSON values).
    """

    images: Volume
    truth: LabelVolume
    shown: LabelVolume
    hand: LabelVolume
    regions: NDArray[np.uint8]
    parameters: dict[str, Any]


def make_phantom(
    shape: Sequence[int],
    *,
    voxel_size: VoxelSize | None = None,
    preset: str = "ba122",
    severity: float = 0.5,
    seed: int = 0,
    solid_fraction: float | None = None,
    structure: str | None = None,
    body: Body | None = None,
    progress: Progress | None = None,
) -> Phantom:
    """A simulated FIB-SEM stack of `shape` (Z Y X voxels) with its exact truth, all in memory.

    The body is given in nm: another voxel size samples the same body. Severity scales what spoils the images; the
    truth never depends on it. The same settings give the same bytes. `body` takes the place of the preset's own.

    Raises:
        SettingsError, ShapeError: as `PhantomSettings` and `PhantomStack`.
    """
    settings = PhantomSettings(triple(shape), voxel_size, preset, severity, seed, solid_fraction, structure)
    return collect_slabs(PhantomStack(settings, body), progress or silent)


def collect_slabs(stack: PhantomStack, progress: Progress = silent) -> Phantom:
    """All slabs of a stack, in memory."""
    parts = {name: np.empty(stack.settings.shape, np.uint8) for name in ("grey", "truth", "shown", "regions", "hand")}
    for slab in stack.slabs(progress=progress):
        for name, pixels in parts.items():
            pixels[slab.start : slab.start + len(slab.grey)] = getattr(slab, name)
    name, made, size = f"phantom {stack.settings.preset}", stack.provenance, stack.settings.voxels
    truth, shown, hand = (
        LabelVolume(ArraySource(parts[part]), size, f"{part} of {name}", made, phases=stack.phases)
        for part in ("truth", "shown", "hand")
    )
    images = Volume(ArraySource(parts["grey"]), size, name, made, view=stack.view)
    return Phantom(images, truth, shown, hand, parts["regions"], stack.parameters)
