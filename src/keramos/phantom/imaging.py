"""The microscope: every effect, in the order in which it happens."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from keramos.phantom import base_level, curtains, edge_brightening, noise, probe, shading, shine_through
from keramos.volume import View, VoxelSize


@dataclass(frozen=True)
class Imaging:
    """Parameters of every effect, from the specimen to the detector."""

    base_level: base_level.BaseLevel
    shine_through: shine_through.ShineThrough
    edge_brightening: edge_brightening.EdgeBrightening
    probe: probe.Probe
    shading: shading.Shading
    curtains: curtains.Curtains
    noise: noise.Noise

    def to_json(self) -> dict[str, Any]:
        return asdict(self)


def draw(seed: np.random.SeedSequence, severity: float) -> Imaging:
    """Effects as in life at severity 0.5; shine-through, shading, curtains and noise are gone at 0 and strong at 1.

    At 1 shading, curtains and the noise variance are doubled and floors shine from half as deep again.

    Every effect has its own random stream, so adding an effect changes no other.
    """
    streams = [np.random.default_rng(child) for child in seed.spawn(7)]
    level = base_level.draw(streams[0])
    factor = 2 * severity
    return Imaging(
        base_level=level,
        shine_through=shine_through.draw(streams[1], level.solid_grey).scaled(factor),
        edge_brightening=edge_brightening.draw(streams[2]),
        probe=probe.draw(streams[3]),
        shading=shading.draw(streams[4]).scaled(factor),
        curtains=curtains.draw(streams[5]).scaled(factor),
        noise=noise.draw(streams[6]).scaled(factor),
    )


def image(
    solid: NDArray[np.bool_],
    slices: int,
    rows: int,
    params: Imaging,
    *,
    voxel_size: VoxelSize,
    view: View,
    first_slice: int,
) -> NDArray[np.uint8]:
    """8-bit images (Z Y X) of the first `slices` and `rows` of `solid`; what lies deeper is seen through voids.

    `first_slice` is the number of the first slice in the stack, which curtains and noise depend on.
    """
    section = solid[:slices, :rows]
    grey = base_level.apply(section, params.base_level)
    grey = shine_through.apply(grey, params.shine_through, solid=solid, voxel_size=voxel_size, view=view)
    grey = edge_brightening.apply(grey, params.edge_brightening, solid=section, voxel_size=voxel_size)
    grey = probe.apply(grey, params.probe, voxel_size=voxel_size)
    grey = shading.apply(grey, params.shading, voxel_size=voxel_size)
    grey = curtains.apply(grey, params.curtains, solid=section, voxel_size=voxel_size, first_slice=first_slice)
    grey = noise.apply(grey, params.noise, first_slice=first_slice)
    return digitised(grey)


def digitised(grey: NDArray[np.float32]) -> NDArray[np.uint8]:
    """Rounded to whole grey levels and saturated at 0 and 255."""
    return np.clip(np.rint(grey), 0, 255).astype(np.uint8)
