"""Stacks whose drift is known: phantoms imaged with sections at exact places, and stacks moved by parts of pixels."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from keramos.core import Box, VoxelSize
from keramos.preparation.alignment import shift_slab
from keramos.simulation import STRUCTURES, Body, PhantomSettings, PhantomStack, collect_slabs
from keramos.simulation.bodies.fibres import Fibres
from keramos.simulation.bodies.random_field import RandomField
from keramos.simulation.defect import SliceRange

PIXEL_NM = 20.0
STEP = 0.7  # pixels: standard deviation of the steps of a walk
BODIES = ("field", "fine field", "spheres", "fibres 45", "platelets 45")
ISOTROPIC = ("field", "fine field", "spheres")


@dataclass(frozen=True)
class Placed:
    """Drift as a defect: sections at given places, in pixels (slices, Y X)."""

    yx: tuple[tuple[float, float], ...]

    def scale(self, _: float) -> Placed:
        return self

    def apply(self, offsets: NDArray[np.float64], slices: SliceRange) -> NDArray[np.float64]:
        moved = offsets.copy()
        moved[:, 1:] += np.array(self.yx)[slices.first_slice : slices.first_slice + len(offsets)]
        return moved


@dataclass(frozen=True, eq=False)
class Moved:
    """A stack, the shifts that undo its drift (slices, Y X), and the thickness of a slice in pixels."""

    grey: NDArray[np.uint8]
    yx: NDArray[np.float64]
    thickness: float


def make_body(name: str, key: int) -> Body:
    """A body by its name; fibres and platelets are inclined by 45 degrees against the normal of the slices."""
    if name == "field":
        return RandomField(key, (180.0,) * 3)
    if name == "fine field":
        return RandomField(key, (90.0,) * 3)
    axis = (0.7071, 0.5, 0.5)
    if name == "fibres 45":
        return Fibres(key, 2000.0, 200.0, 6.0, 0.35, axis)
    if name == "platelets 45":
        return Fibres(key, 160.0, 1200.0, 6.0, 0.3, axis)
    return STRUCTURES.find(name).draw(key)


def walk(seed: int, slices: int, step: float) -> NDArray[np.float64]:
    """A random walk (slices, Y X) of mean 0."""
    yx = np.cumsum(np.random.default_rng(seed + 1000).normal(0, step, (slices, 2)), axis=0)
    return np.asarray(yx - yx.mean(axis=0))


def phantom(
    body: str, *, seed: int, thickness: int, shape: tuple[int, int, int], severity: float, step: float, work: Path
) -> Moved:
    """A phantom of a body that drifts by a random walk of that step, kept in `work`."""
    yx = walk(seed, shape[0], step)
    name = f"{body}-{seed}-{thickness}-{'x'.join(map(str, shape))}-{severity:.2f}-{step}.npy".replace(" ", "_")
    kept = work / "stacks" / name
    if not kept.exists():
        kept.parent.mkdir(parents=True, exist_ok=True)
        settings = PhantomSettings(
            shape,
            seed=seed,
            severity=severity,
            voxel_size=VoxelSize(PIXEL_NM * thickness, PIXEL_NM, PIXEL_NM),
            solid_fraction=0.6 if body in ISOTROPIC else 0.35,
        )
        made = make_body(body, seed + 77)
        microscope = PhantomStack(settings, made).microscope.with_defects(stage_drift=Placed(tuple(map(tuple, yx))))
        images = collect_slabs(PhantomStack(settings, made, microscope)).images
        np.save(kept, images.read(Box((0, 0, 0), shape)))
    return Moved(np.load(kept), yx, thickness)


def move_stack(grey: NDArray[Any], yx: NDArray[np.float64], margin: int, thickness: float) -> Moved:
    """A stack with drift put in: each slice moved by a sinc of eight taps, and cut to what is seen in all."""
    moved, _ = shift_slab(grey.astype(np.float32), -yx)
    cut = moved[:, margin:-margin, margin:-margin]
    return Moved(np.clip(np.rint(cut), 0, 255).astype(np.uint8), yx, thickness)


def paint_mark(stack: Moved, box: tuple[int, int, int, int]) -> Moved:
    """The stack with a ring of deposit in a box, that lies still in the specimen."""
    top, bottom, left, right = box
    grey = stack.grey.copy()
    rng = np.random.default_rng(0)
    for plane, (dy, dx) in zip(grey, stack.yx.tolist(), strict=True):
        y = np.arange(top, bottom)[:, None] - (top + bottom) / 2 + dy
        x = np.arange(left, right) - (left + right) / 2 + dx
        ring = 60 + 140 / (1 + np.exp((np.abs(np.hypot(y, x) - (bottom - top) / 4) - 6) / 0.8))
        plane[top:bottom, left:right] = np.clip(ring + rng.normal(0, 8, ring.shape), 0, 255).astype(np.uint8)
    return Moved(grey, stack.yx, stack.thickness)
