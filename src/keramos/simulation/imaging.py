"""The microscope: every effect, in the order in which it happens.

where the section really lies (thickness error, stage drift) -> levels of phases and grains -> light from the depth of
voids, redeposition -> bright rims, charging -> shading, curtains -> interaction volume, probe -> scan lines, brightness
drift, noise
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from keramos.simulation.defects import (
    base_level,
    brightness_drift,
    channelling,
    charging,
    curtains,
    edge_brightening,
    interaction_volume,
    noise,
    probe,
    redeposition,
    scan_lines,
    shading,
    shine_through,
    slice_thickness,
    stage_drift,
)
from keramos.simulation.line_of_sight import Shift, Sight, look, shifted_like
from keramos.simulation.scene import Scene


@dataclass(frozen=True)
class Imaging:
    """Parameters of every effect."""

    base_level: base_level.BaseLevel
    shine_through: shine_through.ShineThrough
    edge_brightening: edge_brightening.EdgeBrightening
    probe: probe.Probe
    shading: shading.Shading
    curtains: curtains.Curtains
    noise: noise.Noise
    channelling: channelling.Channelling
    redeposition: redeposition.Redeposition
    charging: charging.Charging
    interaction_volume: interaction_volume.InteractionVolume
    scan_lines: scan_lines.ScanLines
    brightness_drift: brightness_drift.BrightnessDrift
    stage_drift: stage_drift.StageDrift
    slice_thickness: slice_thickness.SliceThickness

    def to_json(self) -> dict[str, Any]:
        return asdict(self)


@dataclass(frozen=True, eq=False)
class Picture:
    """8-bit images, and the section that they show: sampled where the microscope really looked.

    Attributes:
        grey: the images (Z Y X), as are all of these.
        shown: codes of the section, 0 void and impurities.
        impurity: where the section shows impurities, None if there are none.
        sights: what each pixel of each slice looks at.
        curtain_gain: of the curtains.
    """

    grey: NDArray[np.uint8]
    shown: NDArray[np.uint8]
    impurity: NDArray[np.bool_] | None
    sights: tuple[Sight, ...]
    curtain_gain: NDArray[np.float32]


def draw(seed: np.random.SeedSequence, severity: float) -> Imaging:
    """Effects as in life at severity 0.5; what spoils images is gone at 0 and strong at 1.

    Levels, bright rims, channelling, the probe and the interaction volume are the microscope's own and stay. At 1
    the others are doubled (noise: its variance), and floors shine from half as deep again.

    Every effect has its own random stream, so adding an effect changes no other.
    """
    streams = [np.random.default_rng(child) for child in seed.spawn(15)]
    level = base_level.draw(streams[0])
    solid, factor = level.solid_grey[0], 2 * severity
    return Imaging(
        base_level=level,
        shine_through=shine_through.draw(streams[1], solid).scaled(factor),
        edge_brightening=edge_brightening.draw(streams[2]),
        probe=probe.draw(streams[3]),
        shading=shading.draw(streams[4]).scaled(factor),
        curtains=curtains.draw(streams[5]).scaled(factor),
        noise=noise.draw(streams[6]).scaled(factor),
        channelling=channelling.draw(streams[7]),
        redeposition=redeposition.draw(streams[8], solid).scaled(factor),
        charging=charging.draw(streams[9]).scaled(factor),
        interaction_volume=interaction_volume.draw(streams[10]),
        scan_lines=scan_lines.draw(streams[11]).scaled(factor),
        brightness_drift=brightness_drift.draw(streams[12]).scaled(factor),
        stage_drift=stage_drift.draw(streams[13]).scaled(factor),
        slice_thickness=slice_thickness.draw(streams[14]).scaled(factor),
    )


def image(scene: Scene, params: Imaging) -> Picture:
    """8-bit images of a scene. A slice looks the same in whatever slab it is imaged."""
    shifts = _shifts(scene, params)
    surfaces = [_surface(scene, z, shift, params) for z, shift in enumerate(shifts)]
    grey = np.stack([surface.grey for surface in surfaces])
    sights = tuple(surface.sight for surface in surfaces)
    section = np.stack([sight.section for sight in sights])
    voxels, first = scene.voxel_size, scene.first_slice
    gain = curtains.gain(params.curtains, solid=section, voxel_size=voxels, first_slice=first)
    grey = shading.apply(grey, params.shading, voxel_size=voxels) * gain
    grey = interaction_volume.apply(grey, params.interaction_volume, voxel_size=voxels)
    grey = probe.apply(grey, params.probe, voxel_size=voxels)
    grey = scan_lines.apply(grey, params.scan_lines, first_slice=first)
    grey = brightness_drift.apply(grey, params.brightness_drift, first_slice=first)
    grey = noise.apply(grey, params.noise, first_slice=first)
    shown = np.stack([surface.codes for surface in surfaces])
    foreign = [surface.impurity for surface in surfaces if surface.impurity is not None]
    return Picture(digitised(grey), shown, np.stack(foreign) if foreign else None, sights, gain)


@dataclass(frozen=True, eq=False)
class _Surface:
    """The specimen's surface in one image (Y X): grey values before the column and the detector, and what is there."""

    grey: NDArray[np.float32]
    sight: Sight
    codes: NDArray[np.uint8]
    impurity: NDArray[np.bool_] | None


def _shifts(scene: Scene, params: Imaging) -> list[Shift]:
    first, slices = scene.first_slice, scene.slices
    deeper = slice_thickness.offsets(params.slice_thickness, first, slices)
    aside = stage_drift.offsets(params.stage_drift, first, slices, scene.voxel_size)
    return [(float(z), float(y), float(x)) for z, (y, x) in zip(deeper, aside, strict=True)]


def _surface(scene: Scene, z: int, shift: Shift, params: Imaging) -> _Surface:
    voxels, number = scene.voxel_size, scene.first_slice + z
    kind, tint, impurity = (
        None if part is None else shifted_like(part[z], shift) for part in (scene.kind, scene.tint, scene.impurity)
    )
    sight = look(scene.solidness, scene.lead + z, scene.rows, view=scene.view, voxel_size=voxels, shift=shift)
    section = sight.section
    grey = base_level.apply(section, params.base_level, kind=kind, impurity=impurity)
    grey = channelling.apply(grey, params.channelling, section=section, tint=tint)
    grey = shine_through.apply(grey, params.shine_through, sight=sight, voxel_size=voxels, view=scene.view)
    grey = redeposition.apply(grey, params.redeposition, section=section, voxel_size=voxels, slice_number=number)
    wall = shifted_like(edge_brightening.steepness(scene.solidness, scene.lead + z, scene.rows, voxels), shift)
    grey = edge_brightening.apply(grey, params.edge_brightening, section=section, voxel_size=voxels, wall=wall)
    grey = charging.apply(grey, params.charging, section=section, voxel_size=voxels, slice_number=number)
    impurity = None if impurity is None else impurity & section
    return _Surface(grey, sight, _codes(section, kind, impurity), impurity)


def _codes(
    section: NDArray[np.bool_], kind: NDArray[np.uint8] | None, impurity: NDArray[np.bool_] | None
) -> NDArray[np.uint8]:
    """Of a section (Y X): 0 void and impurities, 1 + the kind of the solid."""
    solid = section if impurity is None else section & ~impurity
    return solid.astype(np.uint8) if kind is None else np.where(solid, kind + np.uint8(1), np.uint8(0))


def digitised(grey: NDArray[np.float32]) -> NDArray[np.uint8]:
    """Rounded to whole grey levels and saturated at 0 and 255."""
    return np.clip(np.rint(grey), 0, 255).astype(np.uint8)
