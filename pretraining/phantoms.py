"""Phantoms for training and testing the bundled weights.

The number of a phantom determines its body, microscope, severity, voxel size and solid fraction. Structures are seen
at half to twice their usual size in pixels, pixels are higher and flatter, and slices thinner and thicker than usual:
the same network is to serve other materials and microscopes. Each phantom is one compressed file, so that an
interrupted script resumes.
"""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from math import log
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from keramos.core import LabelVolume, PhaseTable, Volume, VoxelSize
from keramos.simulation import PhantomSettings, PhantomStack, collect_slabs

SHAPE = (24, 256, 256)
VOXELS = VoxelSize(20, 26.4, 20.8)
PHASES = PhaseTable.from_names(("void", "solid"))
SEVERITY = (0.05, 0.75)
"""Severity of training phantoms; test phantoms are more severe."""
SCALE, DEPTH, HEIGHT = log(2), 0.4, (-0.3, 0.1)
"""Logarithms: largest of the factor on all edges of a voxel, and of a further one on its depth; range of that on its
height. Images that were corrected for the tilt have square pixels."""
FRACTIONS = (0.35, 0.92)
"""Solid fractions of what the microscope of `ba122` looks at."""
BODIES = (
    ("ba122", None, 0.34),
    ("ba122", "random-field", 0.14),
    ("ba122", "spheres", 0.08),
    ("ba122", "fibres", 0.08),
    ("ba122", "platelets", 0.08),
    ("ba122", "composite", 0.08),
    ("sofc", None, 0.1),
    ("battery", None, 0.1),
)
"""Preset, another body for its microscope, and probability."""


@dataclass(frozen=True, eq=False)
class Stack:
    """Grey values, truth (void and solid) and hard regions of one phantom, all uint8, Z Y X."""

    grey: NDArray[np.uint8]
    truth: NDArray[np.uint8]
    regions: NDArray[np.uint8]

    def volume(self, name: str) -> Volume:
        return Volume.from_array(self.grey, VOXELS, name)

    def labels(self, name: str) -> LabelVolume:
        return LabelVolume.from_array(self.truth, PHASES, VOXELS, name)


def draw_settings(number: int) -> PhantomSettings:
    """Settings of the training phantom with that number."""
    rng = np.random.default_rng([20261128, number])
    preset, structure, _ = BODIES[rng.choice(len(BODIES), p=[share for *_, share in BODIES])]
    z, y, x = VOXELS.zyx
    scale, depth, height = np.exp([rng.uniform(-SCALE, SCALE), rng.uniform(-DEPTH, DEPTH), rng.uniform(*HEIGHT)])
    return PhantomSettings(
        SHAPE,
        VoxelSize(z * depth * scale, y * height * scale, x * scale),
        preset=preset,
        severity=float(rng.uniform(*SEVERITY)),
        seed=number,
        solid_fraction=float(rng.uniform(*FRACTIONS)) if preset == "ba122" else None,
        structure=structure,
    )


def training_stack(number: int, folder: Path) -> Stack:
    """The phantom with that number, from its file in `folder`; made and written if missing."""
    file = folder / f"{number:04d}.npz"
    if not file.is_file():
        made = collect_slabs(PhantomStack(draw_settings(number)))
        solid = (made.shown.read() > 0).astype(np.uint8)
        partial_file = file.with_suffix(".partial.npz")
        np.savez_compressed(partial_file, grey=made.images.read(), truth=solid, regions=made.regions)
        partial_file.replace(file)
    with np.load(file) as arrays:
        return Stack(arrays["grey"], arrays["truth"], arrays["regions"])


def training_stacks(numbers: Sequence[int], folder: Path, *, workers: int = 2) -> list[Stack]:
    """The phantoms with these numbers, made by several processes."""
    folder.mkdir(parents=True, exist_ok=True)
    with ProcessPoolExecutor(workers) as pool:
        return list(pool.map(partial(training_stack, folder=folder), numbers))
