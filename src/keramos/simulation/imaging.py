"""The microscope: defects applied in the order of their stages, from the surface of the specimen to 8-bit images.

The order of Keramos's own defects: slice thickness, stage drift (where the section lies) - channelling, shine-through,
redeposition, edge brightening, charging (surface) - shading, curtains, interaction volume, probe, scan lines,
brightness drift, noise (image).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from keramos.simulation.base_level import BaseLevel, draw_base_level
from keramos.simulation.defect import DEFECTS, Sections, SliceRange, Stage, Surface
from keramos.simulation.line_of_sight import Shift, Sight, look, shift_plane
from keramos.simulation.scene import Scene
from keramos.simulation.steepness import measure_steepness

_BASE_LEVEL_STREAM = 0


@dataclass(frozen=True)
class Imaging:
    """Parameters of a microscope.

    Attributes:
        base_level: grey levels of the phases.
        defects: parameters by the name of the defect; a defect that is missing does not happen.
    """

    base_level: BaseLevel
    defects: Mapping[str, Any]

    def with_defects(self, **parameters: Any) -> Imaging:
        """The same microscope with other parameters of the defects named."""
        return replace(self, defects={**self.defects, **parameters})

    def scale(self, **factors: float) -> Imaging:
        """The same microscope with the defects named so many times as strong."""
        return self.with_defects(**{name: self.defects[name].scale(factor) for name, factor in factors.items()})

    def apply(self, stage: Stage, values: NDArray[Any], context: Any) -> NDArray[Any]:
        """The values after all defects of a stage, in their order (see `Stage` for values and contexts)."""
        for defect in sorted((DEFECTS.find(name) for name in self.defects), key=lambda defect: defect.place):
            if defect.stage == stage:
                values = self.defects[defect.name].apply(values, context)
        return values

    def to_json(self) -> dict[str, Any]:
        """All parameters by defect, as JSON values."""
        return {name: asdict(values) for name, values in {"base_level": self.base_level, **self.defects}.items()}


@dataclass(frozen=True, eq=False)
class Picture:
    """8-bit images, and the sections that they show (all arrays Z Y X).

    Attributes:
        grey: the images.
        shown: phase codes of the sections that were really imaged, 0 for void and impurities.
        impurity: where these sections cut impurities; None if there are none.
        sights: what each pixel shows, slice by slice.
        curtain_gain: factor that curtains multiply the grey values by.
        also: a second image of the same sections; None if there is none.
    """

    grey: NDArray[np.uint8]
    shown: NDArray[np.uint8]
    impurity: NDArray[np.bool_] | None
    sights: tuple[Sight, ...]
    curtain_gain: NDArray[np.float32]
    also: NDArray[np.uint8] | None = None


def draw_imaging(seed: np.random.SeedSequence, severity: float, extra: Sequence[str] = ()) -> Imaging:
    """A realistic microscope at severity 0.5; defects that follow severity are off at 0 and doubled at 1.

    Channelling, bright rims, the interaction volume and the probe belong to the microscope and stay as drawn. Doubled
    noise means doubled variance. Each defect has a random stream of its own, so that adding one changes no other.

    Args:
        extra: names of defects beyond those that every microscope has.

    Raises:
        SettingsError: no defect has one of these names.
    """
    base = np.random.SeedSequence(seed.entropy, spawn_key=(*seed.spawn_key, _BASE_LEVEL_STREAM))
    level = draw_base_level(np.random.default_rng(base))
    usual = sorted((d for d in DEFECTS.values() if d.stream is not None), key=lambda defect: defect.stream or 0)
    parameters = {}
    for defect in (*usual, *(DEFECTS.find(name) for name in extra)):
        drawn = defect.draw(np.random.default_rng(defect.seed(seed)), level.solid_grey[0])
        parameters[defect.name] = drawn.scale(2 * severity) if defect.follows_severity else drawn
    return Imaging(level, parameters)


def image(scene: Scene, imaging: Imaging, also: Imaging | None = None) -> Picture:
    """8-bit images of a scene, and `also` second ones of the same sections. A slice looks the same in whichever slab it
    is imaged."""
    place = SliceRange(voxel_size=scene.voxel_size, first_slice=scene.first_slice)
    shifts = imaging.apply("position", np.zeros((scene.slices, 3)), place)
    surfaces = [_look_at_surface(scene, z, (dz, dy, dx)) for z, (dz, dy, dx) in enumerate(shifts.tolist())]
    solid = np.stack([surface.solid for surface in surfaces])
    sections = Sections(voxel_size=scene.voxel_size, first_slice=scene.first_slice, solid=solid)
    curtains = imaging.defects.get("curtains")
    impurity = [surface.impurity & surface.solid for surface in surfaces if surface.impurity is not None]
    return Picture(
        _expose(surfaces, sections, imaging),
        np.stack([_code_phases(surface) for surface in surfaces]),
        np.stack(impurity) if impurity else None,
        tuple(surface.sight for surface in surfaces),
        np.ones(solid.shape, np.float32) if curtains is None else curtains.gain(sections),
        None if also is None else _expose(surfaces, sections, also),
    )


def _expose(surfaces: Sequence[Surface], sections: Sections, imaging: Imaging) -> NDArray[np.uint8]:
    grey = np.stack([imaging.apply("surface", imaging.base_level.paint(s), s) for s in surfaces])
    return digitise(imaging.apply("image", grey, sections))


def digitise(grey: NDArray[np.float32]) -> NDArray[np.uint8]:
    """Grey values rounded to whole levels and saturated at 0 and 255.

    Example:
        >>> digitise(np.array([-4.0, 127.6, 300.0], np.float32)).tolist()
        [0, 128, 255]
    """
    return np.clip(np.rint(grey), 0, 255).astype(np.uint8)


def _look_at_surface(scene: Scene, z: int, shift: Shift) -> Surface:
    """The surface in image `z` of a scene, `shift` voxels (Z Y X) from where the section should lie."""
    voxels, at = scene.voxel_size, scene.lead + z
    kind, tint, impurity = (
        None if part is None else shift_plane(part[z], shift) for part in (scene.kind, scene.tint, scene.impurity)
    )
    return Surface(
        sight=look(scene.solidness, at, scene.rows, view=scene.view, voxel_size=voxels, shift=shift),
        voxel_size=voxels,
        view=scene.view,
        steepness=shift_plane(measure_steepness(scene.solidness, at, scene.rows, voxels), shift),
        kind=kind,
        tint=tint,
        impurity=impurity,
        slice_number=scene.first_slice + z,
    )


def _code_phases(surface: Surface) -> NDArray[np.uint8]:
    """Phase codes (Y X): 0 for void and impurities, 1 + the kind of the solid."""
    solid = surface.solid if surface.impurity is None else surface.solid & ~surface.impurity
    return solid.astype(np.uint8) if surface.kind is None else np.where(solid, surface.kind + np.uint8(1), np.uint8(0))
