"""Keramos phantoms v1: ten raw stacks that anyone can make again, from `keramos.simulation.raw`.

Each has 60 sections of 400 x 400 pixels of 10 nm, one of them blank, one repeated and one missing. Seeds, bodies and
strengths are fixed here and do not change within version 1.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from keramos.core import VoxelSize
from keramos.simulation import Body
from keramos.simulation.bodies.fibres import Fibres
from keramos.simulation.bodies.random_field import RandomField
from keramos.simulation.bodies.spheres import Spheres
from keramos.simulation.raw import RawSettings

VERSION = "Keramos phantoms v1"
SHAPE = (60, 400, 400)
EDGE_NM = 10.0
STILL = {"drift_walk": 0.0, "drift_jitter": 0.0, "drift_shear": (0.0, 0.0), "thickness_error": 0.0}


@dataclass(frozen=True)
class RawCase:
    """A stack of the benchmark: its name, its slice thickness in nm, its options, and its body; None: the preset's."""

    name: str
    thickness_nm: float
    options: dict[str, Any]
    draw_body: Callable[[int], Body] | None = field(default=None)

    def settings(self, shape: tuple[int, int, int] = SHAPE) -> RawSettings:
        """The settings of the stack; a smaller shape is for trials."""
        return RawSettings(shape, voxel_size=VoxelSize(self.thickness_nm, EDGE_NM, EDGE_NM), **self.options)

    @property
    def body(self) -> Body | None:
        """The body, inclined as the settings say by `RawStack`."""
        return None if self.draw_body is None else self.draw_body(self.options["seed"])


def _draw_field(seed: int) -> Body:
    return RandomField(seed, (140.0, 140.0, 140.0))


def _draw_stretched(seed: int) -> Body:
    return RandomField(seed, (260.0, 130.0, 130.0))


def _draw_fibres(seed: int) -> Body:
    return Fibres(seed, long_nm=2000.0, thick_nm=240.0, per_um3=6.0, spread=0.3)


def _draw_platelets(seed: int) -> Body:
    return Fibres(seed, long_nm=180.0, thick_nm=1200.0, per_um3=3.0, spread=0.3)


def _draw_spheres(seed: int) -> Body:
    return Spheres(seed, radius_nm=(150.0, 300.0), per_um3=16.0)


CASES = (
    RawCase("1 grains, thermo", 10, {"raw": "thermo", "seed": 101, "severity": 0.5}),
    RawCase(
        "2 field, thermo, sheared",
        20,
        {"raw": "thermo", "seed": 102, "severity": 0.3, "frame": "sheared", "solid_fraction": 0.6},
        _draw_field,
    ),
    RawCase(
        "3 fibres at 45, thermo",
        30,
        {"raw": "thermo", "seed": 103, "severity": 0.8, "inclination": 45.0, "solid_fraction": 0.5},
        _draw_fibres,
    ),
    RawCase(
        "4 spheres, zeiss", 20, {"raw": "zeiss", "seed": 104, "severity": 0.5, "solid_fraction": 0.6}, _draw_spheres
    ),
    RawCase(
        "5 platelets at 30, zeiss",
        10,
        {"raw": "zeiss", "seed": 105, "severity": 0.5, "inclination": 30.0, "solid_fraction": 0.5},
        _draw_platelets,
    ),
    RawCase("6 grains, atlas, sheared", 20, {"raw": "atlas", "seed": 106, "severity": 0.8, "frame": "sheared"}),
    RawCase(
        "7 stretched field at 20, atlas",
        30,
        {"raw": "atlas", "seed": 107, "severity": 0.3, "inclination": 20.0, "solid_fraction": 0.6},
        _draw_stretched,
    ),
    RawCase("8 anode, tescan", 20, {"raw": "tescan", "seed": 108, "severity": 0.5, "preset": "sofc"}),
    RawCase(
        "9 fibres at 20, tescan, sheared",
        10,
        {
            "raw": "tescan",
            "seed": 109,
            "severity": 0.5,
            "inclination": 20.0,
            "frame": "sheared",
            "solid_fraction": 0.5,
            "bits": 16,
        },
        _draw_fibres,
    ),
    RawCase(
        "10 field at 30, thermo, no drift",
        20,
        {"raw": "thermo", "seed": 110, "severity": 0.5, "inclination": 30.0, "solid_fraction": 0.6, **STILL},
        _draw_field,
    ),
)
