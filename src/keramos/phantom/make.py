"""Make a phantom: grow a body, image it, keep the truth."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from keramos.errors import SettingsError, ShapeError
from keramos.phantom import imaging, polycrystal, shine_through
from keramos.phantom.presets import Preset, preset_named
from keramos.phantom.smooth_field import centres_nm
from keramos.progress import Progress, silent
from keramos.version import __version__
from keramos.volume import (
    VOID_SOLID,
    ArraySource,
    LabelVolume,
    Provenance,
    Step,
    Triple,
    View,
    Volume,
    VoxelSize,
    triple,
)

BA122_VOXEL_SIZE = VoxelSize(20, 26.4, 20.8)
_CHUNK = 8  # slices imaged at a time, to bound memory


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
    """A simulated FIB-SEM stack of `shape` (Z Y X voxels) with its exact truth.

    The body is given in nm: another voxel size samples the same body. Severity scales shading, curtains,
    shine-through and noise: 0 is clean, 0.5 is life as the preset has it, 1 well beyond; the truth never depends on
    it. The same seed gives the same bytes. Progress counts slices grown and slices imaged.

    Args:
        solid_fraction: of the stack's voxels, met exactly but for rounding; the preset's own if not given.

    Raises:
        SettingsError: an unknown preset, or a severity, seed or fraction out of range.
        ShapeError: the shape is not three positive integers.
    """
    chosen = preset_named(preset)
    fraction = chosen.solid_fraction if solid_fraction is None else solid_fraction
    size = _checked(shape, severity, seed, fraction)
    body_seed, imaging_seed = np.random.SeedSequence(seed).spawn(2)
    body = chosen.draw_body(np.random.default_rng(body_seed))
    microscope = chosen.draw_imaging(imaging_seed, severity)
    report = progress or silent
    solid = _grown(body, size, fraction, voxel_size, chosen.view, report)
    grey = _imaged(solid, size, microscope, voxel_size, chosen.view, report)
    parameters = {
        "preset": preset, "shape": list(size), "voxel_size_nm": list(voxel_size.zyx), "severity": severity,
        "seed": seed, "solid_fraction": fraction, "view": asdict(chosen.view), "body": asdict(body),
        "imaging": microscope.to_json(), "keramos": __version__,
    }  # fmt: skip
    return _labelled(grey, solid[: size[0], : size[1]], parameters, voxel_size, chosen)


def _checked(shape: Sequence[int], severity: float, seed: int, fraction: float) -> Triple:
    size = triple(shape)
    if min(size) < 1:
        raise ShapeError(f"expected a phantom of at least one voxel along each axis Z Y X, found {size}")
    if not 0 <= severity <= 1:
        raise SettingsError(f"expected a severity from 0 (clean) to 1, found {severity}")
    if not 0 < fraction < 1:
        raise SettingsError(f"expected a solid fraction between 0 and 1, found {fraction}")
    if seed < 0:
        raise SettingsError(f"expected a seed of 0 or more, found {seed}")
    return size


def _grown(
    body: polycrystal.Polycrystal, size: Triple, fraction: float, voxel_size: VoxelSize, view: View, report: Progress
) -> NDArray[np.bool_]:
    """The body where the images look and, deeper and lower, where their lines of sight end."""
    slices, rows = shine_through.deeper(view, voxel_size)
    grid = (size[0] + slices, size[1] + rows, size[2])
    positions = [centres_nm(n, length) for n, length in zip(grid, voxel_size.zyx, strict=True)]
    total = grid[0] + size[0]
    depth = polycrystal.grow(body, positions, lambda done, _: report(done, total))
    seen = depth[: size[0], : size[1]].ravel()
    voids = min(max(round((1 - fraction) * seen.size), 0), seen.size - 1)
    solid: NDArray[np.bool_] = depth >= np.partition(seen, voids)[voids]
    return solid


def _imaged(
    solid: NDArray[np.bool_],
    size: Triple,
    microscope: imaging.Imaging,
    voxel_size: VoxelSize,
    view: View,
    report: Progress,
) -> NDArray[np.uint8]:
    grey = np.empty(size, dtype=np.uint8)
    for start in range(0, size[0], _CHUNK):
        stop = min(start + _CHUNK, size[0])
        grey[start:stop] = imaging.image(
            solid[start:], stop - start, size[1], microscope, voxel_size=voxel_size, view=view, first_slice=start
        )
        report(len(solid) + stop, len(solid) + size[0])
    return grey


def _labelled(
    grey: NDArray[np.uint8], solid: NDArray[np.bool_], parameters: dict[str, Any], voxel_size: VoxelSize, preset: Preset
) -> Phantom:
    name = f"phantom {parameters['preset']} seed {parameters['seed']}"
    made = Provenance((Step("phantom", parameters, {}, {"keramos": __version__}),))
    images = Volume(ArraySource(grey), voxel_size, name, made, view=preset.view)
    truth = LabelVolume(ArraySource(solid.astype(np.uint8)), voxel_size, f"truth of {name}", made, phases=VOID_SOLID)
    return Phantom(images, truth, parameters)
