"""The position of each section, and the part of it that each image shows."""

from __future__ import annotations

from dataclasses import dataclass
from math import radians, tan
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from keramos.simulation.line_of_sight import rows_per_slice
from keramos.simulation.raw.settings import RawSettings

_STREAM = 2**17  # of the seed's random streams: none of those that a phantom has
_MOST = 2.5  # standard deviations
_THINNEST = 0.1  # of the nominal thickness: positions, also as measured, keep their order
_BAD: tuple[Role, ...] = ("repeated", "blank", "missing")
_FEWEST = 5  # sections that three bad ones need

Role = Literal["usual", "blank", "repeated", "missing"]


@dataclass(frozen=True, eq=False)
class Course:
    """The course of an acquisition, section by section.

    Attributes:
        z_nm: position of each section; the first lies at 0.
        offsets_px: row and column (Y X) of the specimen that the first pixel of each image shows.
        roles: what became of each image.
        shear_px: the steady drift in `offsets_px` (Y X) per section, by the microscope alone.
        measured_z_nm: positions as the microscope measured them.
    """

    z_nm: NDArray[np.float64]
    offsets_px: NDArray[np.float64]
    roles: tuple[Role, ...]
    shear_px: tuple[float, float]
    measured_z_nm: NDArray[np.float64]

    def to_json(self) -> dict[str, Any]:
        return {"shear_px": list(self.shear_px)}


def draw_course(settings: RawSettings) -> Course:
    """The course that follows from the seed.

    Thicknesses vary independently, so that errors of the position add up. The offset of a section is the sum of a
    steady drift, a random walk, a jitter, and the way that the section moves against the field of view along y:
    tan(tilt) times its position if the field of view stands still (`sheared`), or times its deviation from the nominal
    position if the field of view follows the section.
    """
    count, view, voxels = settings.shape[0], settings.raw_view, settings.section_voxels
    rng = np.random.default_rng(np.random.SeedSequence(settings.seed, spawn_key=(_STREAM,)))
    errors = np.clip(rng.standard_normal(count - 1), -_MOST, _MOST) * settings.strength("thickness_error")
    z_nm = np.concatenate([[0.0], np.cumsum(voxels.z_nm * np.maximum(1 + errors, _THINNEST))])
    walk = np.cumsum(rng.standard_normal((count, 2)), axis=0) * settings.strength("drift_walk")
    jitter = rng.standard_normal((count, 2)) * settings.strength("drift_jitter")
    shear = rng.standard_normal(2) * 0.4 * settings.severity
    if settings.drift_shear is not None:
        shear = np.asarray(settings.drift_shear)
    numbers = np.arange(count)
    offsets = walk - walk[0] + jitter + numbers[:, None] * shear
    moved = z_nm if view.frame == "sheared" else z_nm - numbers * voxels.z_nm
    offsets[:, 0] += moved * tan(radians(view.tilt_deg)) / voxels.y_nm
    measured = z_nm + rng.standard_normal(count) * 0.02 * voxels.z_nm
    roles = _draw_roles(count, rng) if settings.bad_slices else _all_usual(count)
    return Course(z_nm, offsets, roles, (float(shear[0]), float(shear[1])), measured)


def rows_per_section(settings: RawSettings) -> float:
    """Rows by which the section moves in the image from one to the next if the field of view stands still."""
    return rows_per_slice(settings.raw_view, settings.section_voxels)


def _all_usual(count: int) -> tuple[Role, ...]:
    usual: tuple[Role, ...] = ("usual",)
    return usual * count


def _draw_roles(count: int, rng: np.random.Generator) -> tuple[Role, ...]:
    """One repeated, one blank and one missing section in three parts of the stack, none of them next to another if
    there is room; none in a stack of fewer than five."""
    roles: list[Role] = ["usual"] * count
    if count < _FEWEST:
        return tuple(roles)
    for role, part in zip(_BAD, np.array_split(np.arange(1, count - 1), 3), strict=True):
        inner = part[1:] if len(part) > 1 else part
        roles[int(rng.choice(inner))] = role
    return tuple(roles)
