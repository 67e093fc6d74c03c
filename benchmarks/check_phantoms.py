"""Clean phantoms for the check of stacks: noise and shine-through are the only defects, bodies and voxels vary.

Ten materials, in turn: sintered grains, two-phase anodes, battery electrodes, fibres and platelets whose axis is
inclined, random fields (isotropic, stretched, and sheared), spheres, composites; isotropic and anisotropic voxels.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from keramos.core import VOID_SOLID, LabelVolume, VoxelSize
from keramos.simulation import STRUCTURES, Body, Geometry, PhantomSettings, PhantomStack, collect_slabs
from keramos.simulation.bodies.fibres import Fibres
from keramos.simulation.bodies.random_field import RandomField

SHAPE = (48, 160, 160)
VOXELS = (VoxelSize(20, 26.4, 20.8), VoxelSize(20, 20, 20), VoxelSize(40, 20, 20), VoxelSize(10, 10, 10))
MATERIALS = (
    "ba122",
    "sofc",
    "battery",
    "inclined fibres",
    "inclined platelets",
    "stretched field",
    "spheres",
    "composite",
    "sheared field",
    "field",
)


@dataclass(frozen=True, eq=False)
class Stack:
    """Grey values (Z Y X) as recorded and without noise, the voxel size, and the name of the material."""

    grey: NDArray[np.uint8]
    quiet: NDArray[np.uint8]
    voxels: VoxelSize
    material: str


def clean_stack(seed: int, work: Path) -> Stack:
    """The clean phantom of a seed, kept in `work`; the material and the voxels follow from the seed."""
    grey = _kept(seed, work, "clean", ("noise", "shine_through"))
    return Stack(grey, _kept(seed, work, "quiet", ("shine_through",)), voxels_of(seed), material_of(seed))


def usual_stack(seed: int, work: Path) -> NDArray[np.uint8]:
    """A phantom at severity 0.5, with all the defects of a usual microscope, kept in `work`."""
    return _kept(seed, work, "usual", None)


def _kept(seed: int, work: Path, name: str, only: tuple[str, ...] | None) -> NDArray[np.uint8]:
    kept = work / f"{name}-{seed}.npy"
    if not kept.exists():
        kept.parent.mkdir(parents=True, exist_ok=True)
        np.save(kept, phantom(seed, material_of(seed), voxels_of(seed), only))
    pixels: NDArray[np.uint8] = np.load(kept)
    return pixels


def material_of(seed: int) -> str:
    """The material of a seed."""
    return MATERIALS[seed % len(MATERIALS)]


def voxels_of(seed: int) -> VoxelSize:
    """The voxel size of a seed."""
    return VOXELS[seed // len(MATERIALS) % len(VOXELS)]


def phantom(seed: int, material: str, voxels: VoxelSize, only: tuple[str, ...] | None) -> NDArray[np.uint8]:
    """The images of a phantom at severity 0.5; of the defects that follow severity it has `only` these."""
    rng = np.random.default_rng(seed)
    chosen: dict[str, Any] = {"preset": material} if material in ("sofc", "battery") else {}
    body = body_of(material, rng, voxels)
    if body is None or body.adjustable:
        chosen["solid_fraction"] = float(rng.uniform(0.45, 0.8))
    settings = PhantomSettings(shape=SHAPE, voxel_size=voxels, seed=seed, severity=0.5, **chosen)
    stack = PhantomStack(settings, body)
    if only is not None:
        parts = stack.microscope.defects
        off = {name: 0.0 for name in parts if name not in only and name not in STAYS}
        stack.microscope = stack.microscope.scale(**off)
    return np.asarray(collect_slabs(stack).images.read(), np.uint8)


STAYS = {"channelling", "edge_brightening", "interaction_volume", "probe"}
"""Properties of the microscope, no defects."""


def body_of(material: str, rng: np.random.Generator, voxels: VoxelSize) -> Body | None:
    """The body of a material; None for that of the preset."""
    key = int(rng.integers(2**53))
    axis = rng.normal(size=3)
    tilted = tuple(float(part) for part in axis / np.linalg.norm(axis))
    if material == "inclined fibres":
        return Fibres(key, axis=tilted)
    if material == "inclined platelets":
        return Fibres(key, long_nm=220.0, thick_nm=1600.0, per_um3=1.6, axis=tilted)
    if material == "stretched field":
        lengths = rng.permutation([90.0, 150.0, 260.0])
        return RandomField(key, length_nm=tuple(float(one) for one in lengths))
    if material == "sheared field":
        return sheared_field(rng, voxels)
    names = {"field": "random-field", "spheres": "spheres", "composite": "composite"}
    return STRUCTURES[names[material]].draw(key) if material in names else None


def sheared_field(rng: np.random.Generator, voxels: VoxelSize) -> Geometry:
    """A random field whose slices move by a steady fraction of a pixel from one to the next: inclined structures."""
    depth, rows, columns = SHAPE[0] + 24, SHAPE[1] + 24, SHAPE[2] + 24
    frequencies = [np.fft.fftfreq(n)[:, None] for n in (depth, rows)]
    z, y, x = frequencies[0][:, :, None], frequencies[1][None], np.fft.rfftfreq(columns)
    dy, dx = rng.uniform(-0.8, 0.8, 2)
    length = 220.0
    wave = ((z + dy * y + dx * x) * length / voxels.z_nm) ** 2 + (y * length / voxels.y_nm) ** 2
    wave = wave + (x * length / voxels.x_nm) ** 2
    spectrum = np.fft.rfftn(rng.normal(size=(depth, rows, columns))) * np.exp(-2 * np.pi**2 * wave)
    field = np.fft.irfftn(spectrum, (depth, rows, columns))
    codes = (field > np.quantile(field, rng.uniform(0.2, 0.5))).astype(np.uint8)
    return Geometry(LabelVolume.from_array(codes, VOID_SOLID, voxels, "sheared field"), "sheared field")
