"""Presets: a material and a microscope that a phantom can look like."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace

from keramos.core import View, VoxelSize
from keramos.core.errors import SettingsError
from keramos.simulation.bodies.particles import Particles
from keramos.simulation.bodies.polycrystal import Polycrystal
from keramos.simulation.body import Body
from keramos.simulation.imaging import Imaging


@dataclass(frozen=True)
class Preset:
    """A material and a microscope, with their defaults.

    Attributes:
        description: one line for help texts.
        draw_body: gives the body of a key (a random integer).
        solid_fraction, voxel_size, view: defaults.
        adapt: changes the imaging of the default microscope.
        has_impurities: whether there are dark inclusions in the solid.
    """

    description: str
    draw_body: Callable[[int], Body]
    solid_fraction: float
    voxel_size: VoxelSize
    adapt: Callable[[Imaging], Imaging] = lambda imaging: imaging
    has_impurities: bool = False
    view: View = field(default_factory=lambda: View(tilt_deg=38.0, cutting_order="increasing", frame="section"))


def _draw_anode(key: int) -> Body:
    return Polycrystal(
        key,
        smallest_grain_nm=480.0,
        kept=0.3,
        spread=0.3,
        lost=0.1,
        roughness_nm=8.0,
        small_voids_nm=0.0,
        names=("pore", "nickel", "YSZ"),
        shares=(0.42, 0.58),
    )


def _adapt_to_anode(imaging: Imaging) -> Imaging:
    """Low voltage, in-lens detector: nickel bright, zirconia darker, clear channelling, some charging."""
    imaging = imaging.scale(channelling=3.0, charging=2.0)
    return replace(imaging, base_level=imaging.base_level.with_solids(1.2, 0.85))


def _adapt_to_cathode(imaging: Imaging) -> Imaging:
    """Oxide particles bright, carbon and binder hardly brighter than the floors of voids; charging."""
    shine = imaging.defects["shine_through"]
    imaging = imaging.with_defects(shine_through=replace(shine, floor_grey=0.75 * shine.floor_grey))
    imaging = imaging.scale(charging=3.0, shading=0.5)
    return replace(imaging, base_level=imaging.base_level.with_solids(1.15, 0.5))


_PRESETS = {
    "ba122": Preset(
        description="porous iron-based superconductor (Ba122) as in Hirabayashi et al. 2024: 77 % solid, 5 kV, "
        "beam 38 degrees from the section's normal",
        draw_body=Polycrystal,
        solid_fraction=0.77,
        voxel_size=VoxelSize(20, 26.4, 20.8),
        has_impurities=True,
    ),
    "sofc": Preset(
        description="anode of a solid oxide fuel cell: nickel, zirconia (YSZ) and 30 % pores, voxels of 25 nm",
        draw_body=_draw_anode,
        solid_fraction=0.7,
        voxel_size=VoxelSize(25, 31.7, 25),
        adapt=_adapt_to_anode,
    ),
    "battery": Preset(
        description="cathode of a lithium-ion battery: oxide particles of some micrometres, carbon and binder between "
        "them, 30 % pores, voxels of 50 nm",
        draw_body=Particles,
        solid_fraction=0.7,
        voxel_size=VoxelSize(50, 63.5, 50),
        adapt=_adapt_to_cathode,
    ),
}

PRESETS: dict[str, str] = {name: preset.description for name, preset in _PRESETS.items()}
"""One-line descriptions of the presets by name."""


def find_preset(name: str) -> Preset:
    """The preset called `name`; SettingsError, listing the existing names, if there is none."""
    if name not in _PRESETS:
        raise SettingsError(f"expected a phantom preset named {' or '.join(sorted(_PRESETS))}, found '{name}'")
    return _PRESETS[name]
