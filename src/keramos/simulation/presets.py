"""Materials and microscopes that a phantom can look like."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace

import numpy as np

from keramos.core import View, VoxelSize
from keramos.core.errors import SettingsError
from keramos.simulation import imaging
from keramos.simulation.bodies.impurities import Impurities
from keramos.simulation.bodies.matter import Body
from keramos.simulation.bodies.particles import Particles
from keramos.simulation.bodies.polycrystal import Polycrystal


@dataclass(frozen=True)
class Preset:
    """How to draw a body and its imaging, and what both are unless asked otherwise."""

    description: str
    draw_body: Callable[[np.random.Generator], Body]
    draw_impurities: Callable[[np.random.Generator], Impurities]
    draw_imaging: Callable[[np.random.SeedSequence, float], imaging.Imaging]
    solid_fraction: float
    voxel_size: VoxelSize
    view: View = field(default_factory=lambda: View(tilt_deg=38.0, cutting_order="increasing", frame="section"))


def _key(rng: np.random.Generator) -> int:
    return int(rng.integers(2**53))


def _few(rng: np.random.Generator) -> Impurities:
    return Impurities(_key(rng))


def _none(rng: np.random.Generator) -> Impurities:
    return Impurities(_key(rng), per_um3=0.0)


def _sofc_imaging(seed: np.random.SeedSequence, severity: float) -> imaging.Imaging:
    """Low voltage, in-lens look: nickel bright, zirconia darker, clear channelling, some charging of the ceramic."""
    drawn = imaging.draw(seed, severity)
    return replace(
        drawn,
        base_level=drawn.base_level.with_solids(1.2, 0.85),
        channelling=replace(drawn.channelling, contrast=3 * drawn.channelling.contrast),
        charging=drawn.charging.scaled(2.0),
    )


def _battery_imaging(seed: np.random.SeedSequence, severity: float) -> imaging.Imaging:
    """Oxide particles bright, the carbon and binder between them hardly brighter than the voids' floors; charging."""
    drawn = imaging.draw(seed, severity)
    return replace(
        drawn,
        base_level=drawn.base_level.with_solids(1.15, 0.5),
        shine_through=replace(drawn.shine_through, floor_grey=0.75 * drawn.shine_through.floor_grey),
        charging=drawn.charging.scaled(3.0),
        shading=drawn.shading.scaled(0.5),
    )


_PRESETS = {
    "ba122": Preset(
        description="porous iron-based superconductor (Ba122) as in Hirabayashi et al. 2024: 77 % solid, 5 kV, "
        "beam 38 degrees from the section's normal",
        draw_body=lambda rng: Polycrystal(_key(rng)),
        draw_impurities=_few,
        draw_imaging=imaging.draw,
        solid_fraction=0.77,
        voxel_size=VoxelSize(20, 26.4, 20.8),
    ),
    "sofc": Preset(
        description="anode of a solid oxide fuel cell: nickel, zirconia (YSZ) and 30 % pores, voxels of 25 nm",
        draw_body=lambda rng: Polycrystal(
            _key(rng),
            smallest_grain_nm=480.0,
            kept=0.3,
            spread=0.3,
            lost=0.1,
            roughness_nm=8.0,
            small_voids_nm=0.0,
            names=("pore", "nickel", "YSZ"),
            shares=(0.42, 0.58),
        ),
        draw_impurities=_none,
        draw_imaging=_sofc_imaging,
        solid_fraction=0.7,
        voxel_size=VoxelSize(25, 31.7, 25),
    ),
    "battery": Preset(
        description="cathode of a lithium-ion battery: oxide particles of some micrometres, carbon and binder between "
        "them, 30 % pores, voxels of 50 nm",
        draw_body=lambda rng: Particles(_key(rng)),
        draw_impurities=_none,
        draw_imaging=_battery_imaging,
        solid_fraction=0.7,
        voxel_size=VoxelSize(50, 63.5, 50),
    ),
}

PRESETS: dict[str, str] = {name: preset.description for name, preset in _PRESETS.items()}
"""Names and one-line descriptions of the presets."""


def preset_named(name: str) -> Preset:
    """The preset called `name`; SettingsError, with the names there are, if none is."""
    if name not in _PRESETS:
        raise SettingsError(f"expected a phantom preset named {' or '.join(sorted(_PRESETS))}, found '{name}'")
    return _PRESETS[name]
