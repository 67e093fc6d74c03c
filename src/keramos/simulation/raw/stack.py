"""Raw slices of a phantom as a microscope records them, slab by slab in bounded memory, starting from any slab.

The specimen lies on an even grid without drift, which is the truth. Each section is cut through it where it really
lies, in z between the grid's slices, in y and x to a fraction of a pixel: the body's solidness is interpolated, never
an image.
"""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from keramos.core import Triple
from keramos.core.options import plain
from keramos.core.progress import Progress, silent
from keramos.simulation.body import Body
from keramos.simulation.defect import Sections, SliceRange, Surface
from keramos.simulation.imaging import Imaging
from keramos.simulation.line_of_sight import look, measure_reach, shift_section
from keramos.simulation.raw.bar import draw_bar
from keramos.simulation.raw.course import draw_course
from keramos.simulation.raw.maker import RawSlice
from keramos.simulation.raw.settings import RawSettings
from keramos.simulation.scene import Scene
from keramos.simulation.settings import PhantomSettings
from keramos.simulation.stack import SLAB, PhantomStack
from keramos.simulation.steepness import measure_steepness

_POSITIONS = ("slice_thickness", "stage_drift")  # the course of the acquisition takes their place
_BLANK_GREY = 4.0
_WORKERS = 2


@dataclass(frozen=True, eq=False)
class RawSlab:
    """Consecutive slices of the files and of the truth.

    Attributes:
        start: the first slice of the truth, and the first section (from 0 on) that may be among the images.
        sections: the sections (from 0 on) whose files are here; a missing one is left out.
        images: their images with information bars (Z Y X).
        truth: phase codes of the specimen on the even grid (Z Y X); may be empty at the end.
    """

    start: int
    sections: tuple[int, ...]
    images: NDArray[Any]
    truth: NDArray[np.uint8]


class RawStack:
    """Raw slices of one phantom, made by `slabs`. The same settings give the same bytes, wherever the slabs start.

    Body and microscope are those of a `PhantomStack` of the same settings. `even` is that phantom on the even grid of
    the truth, without drift and errors of thickness: its images are what a perfect alignment would give.

    Args:
        settings: what to simulate.
        body: a body in place of the preset's.
        microscope: imaging parameters in place of those drawn from the seed.
        without: names of defects that do not happen; everything else, noise included, stays the same.

    Raises:
        SettingsError: as `PhantomStack`.

    Example:
        >>> stack = RawStack(RawSettings((8, 40, 48), raw="thermo", seed=1))
        >>> [(slab.sections, slab.images.shape) for slab in stack.slabs()]
        [((0, 1, 2, 3, 4, 5, 7), (7, 52, 48))]
    """

    def __init__(
        self,
        settings: RawSettings,
        body: Body | None = None,
        microscope: Imaging | None = None,
        without: tuple[str, ...] = (),
    ) -> None:
        self.settings, self.course = settings, draw_course(settings)
        low, high = (np.floor(edge(self.course.offsets_px, axis=0)).astype(int) for edge in (np.min, np.max))
        self.origin_px: tuple[int, int] = (int(low[0]), int(low[1]))
        rows, columns = (int(n) for n in np.add(settings.shape[1:], high - low + 1))
        depth = int(self.course.z_nm[-1] // settings.section_voxels.z_nm) + 2
        grid = PhantomSettings.of(settings, shape=(depth, rows, columns), voxel_size=settings.section_voxels)
        if settings.inclination:
            body = (body or grid.draw_body(np.random.SeedSequence(settings.seed).spawn(3)[0])).incline(
                settings.inclination
            )
        self.even = PhantomStack(grid, body, microscope, replace(settings.raw_view, frame="section"))
        drawn = self.even.microscope
        left_out = {*_POSITIONS, *without}
        kept = {name: parameters for name, parameters in drawn.defects.items() if name not in left_out}
        self.microscope = self.even.microscope = replace(drawn, defects=kept)

    @property
    def image_shape(self) -> tuple[int, int]:
        """Rows and columns of a file, its information bar included."""
        _, rows, columns = self.settings.shape
        return rows + self.settings.bar_rows, columns

    @property
    def truth_shape(self) -> Triple:
        """Z Y X of the truth."""
        return self.even.settings.shape

    @property
    def sections(self) -> tuple[int, ...]:
        """The sections (from 0 on) that have a file."""
        return tuple(k for k, role in enumerate(self.course.roles) if role != "missing")

    @cached_property
    def parameters(self) -> dict[str, Any]:
        """Everything that makes the phantom, as JSON values: the content of phantom.json."""
        return {**self.even.parameters, "raw": plain(self.settings.to_json())}

    def facts(self, section: int) -> RawSlice:
        """Facts of a section (from 0 on) for its file."""
        chosen, (_, rows, columns) = self.settings, self.settings.shape
        followed = section * np.sin(np.radians(chosen.raw_view.tilt_deg)) * chosen.pixels.z_nm
        return RawSlice(
            section + 1,
            float(self.course.measured_z_nm[section]),
            chosen.pixels,
            chosen.section_voxels,
            rows,
            columns,
            chosen.bar_rows,
            chosen.bits,
            chosen.is_corrected,
            chosen.raw_view,
            float(followed) if chosen.frame == "section" else 0.0,
        )

    def file_name(self, section: int) -> str:
        """The name of a section's file."""
        return self.settings.maker.name_file(self.facts(section))

    def slabs(self, first: int = 0, progress: Progress = silent) -> Iterator[RawSlab]:
        """Slabs of 16 slices from slab number `first` on. `progress` receives the number of finished slices."""
        count, depth = self.settings.shape[0], self.truth_shape[0]
        total = max(count, depth)
        progress(min(first * SLAB, total), total)
        with ThreadPoolExecutor(_WORKERS) as workers:
            for start in range(first * SLAB, total, SLAB):
                stop = min(start + SLAB, total)
                sections = tuple(k for k in self.sections if start <= k < stop)
                scene = self._make_scene(start, min(stop, depth), sections)
                images = list(workers.map(lambda k, scene=scene: self._record(scene, k), sections))
                truth = _code_phases(scene)[start - scene.first_slice :][: max(0, min(stop, depth) - start)]
                progress(stop, total)
                yield RawSlab(start, sections, np.stack(images) if images else self._no_images, truth)

    @property
    def _no_images(self) -> NDArray[Any]:
        return np.empty((0, *self.image_shape), self._dtype)

    @property
    def _dtype(self) -> type[np.uint8 | np.uint16]:
        return np.uint8 if self.settings.bits == 8 else np.uint16

    def _make_scene(self, start: int, stop: int, sections: tuple[int, ...]) -> Scene:
        """The part of the specimen that slices `start` ... `stop` of the truth and these sections show."""
        places = [int(self._place(self._find_shown(k))) for k in sections]
        low, high = min([start, *places]), max([stop, *(place + 2 for place in places)])
        low = min(low, self.truth_shape[0] - 1)
        return self.even.specimen.make_scene(low, max(1, min(high, self.truth_shape[0]) - low))

    def _find_shown(self, section: int) -> int:
        """The section that the file of `section` shows."""
        return section - 1 if self.course.roles[section] == "repeated" else section

    def _place(self, section: int) -> float:
        """The position of a section in slices of the truth."""
        return float(self.course.z_nm[section] / self.settings.section_voxels.z_nm)

    def _record(self, scene: Scene, section: int) -> NDArray[Any]:
        """The image in the file of a section, with its information bar."""
        grey = self._image_blank(section) if self.course.roles[section] == "blank" else None
        if grey is None:
            grey = self._image(scene, self._find_shown(section))
        most = 2**self.settings.bits
        levels = np.clip(np.rint(grey * np.float32(most / 256)), 0, most - 1)
        image: NDArray[Any] = levels.astype(self._dtype)
        if not self.settings.bar_rows:
            return image
        recorded: NDArray[Any] = np.concatenate([image, draw_bar(self.settings.maker, self.facts(section))])
        return recorded

    def _image_blank(self, section: int) -> NDArray[np.float32]:
        """Grey values (Y X) while the beam is off: the noise of the detector."""
        dark = np.full((1, *self.settings.shape[1:]), _BLANK_GREY, np.float32)
        noise = self.microscope.defects.get("noise")
        lit = SliceRange(voxel_size=self.settings.section_voxels, first_slice=section)
        grey: NDArray[np.float32] = (dark if noise is None else noise.apply(dark, lit))[0]
        return grey

    def _image(self, scene: Scene, section: int) -> NDArray[np.float32]:
        """Grey values (Y X) of a section."""
        surface = self._expose(scene, section)
        grey = self.microscope.apply("surface", self.microscope.base_level.paint(surface), surface)
        context = Sections(
            voxel_size=surface.voxel_size,
            first_slice=section,
            solid=surface.solid[None],
            left_nm=surface.corner_nm[1],
        )
        recorded: NDArray[np.float32] = self.microscope.apply("image", grey[None], context)[0]
        return recorded

    def _expose(self, scene: Scene, section: int) -> Surface:
        """The surface that a section's image shows, cut where the section really lies."""
        _, rows, columns = self.settings.shape
        voxels, view = self.settings.section_voxels, self.settings.raw_view
        place, offset = self._place(section), self.course.offsets_px[section] - self.origin_px
        z, (y, x) = int(place), (int(part) for part in offset)
        shift = (place - z, float(offset[0] - y), float(offset[1] - x))
        reach = measure_reach(view, voxels)[1]
        part = scene.solidness[:, y : y + rows + reach + 1, x : x + columns + 1]
        at, near = scene.lead + z - scene.first_slice, z + round(shift[0]) - scene.first_slice
        sight = look(part, at, rows, view=view, voxel_size=voxels, shift=shift)
        crop = np.s_[:rows, :columns]
        window = np.s_[near, y + round(shift[1]) :, x + round(shift[2]) :]
        steepness = measure_steepness(part, scene.lead + near, rows + 1, voxels)
        tint = None if scene.tint is None else scene.tint[near, y:, x:][: rows + 1, : columns + 1].astype(np.float32)
        return Surface(
            sight=type(sight)(sight.section[crop], sight.path_nm[crop], sight.facing[crop]),
            voxel_size=voxels,
            view=view,
            steepness=_move(steepness, shift)[crop],
            kind=None if scene.kind is None else scene.kind[window][crop],
            tint=None if tint is None else np.rint(_move(tint, shift)[crop]).astype(np.int8),
            impurity=None if scene.impurity is None else scene.impurity[window][crop],
            slice_number=section,
            corner_nm=(
                float(self.course.offsets_px[section, 0]) * voxels.y_nm,
                float(self.course.offsets_px[section, 1]) * voxels.x_nm,
            ),
        )


def _move(plane: NDArray[np.float32], shift: tuple[float, float, float]) -> NDArray[np.float32]:
    """A plane (Y X) displaced along y and x by a fraction of a pixel."""
    return shift_section(plane[None], 0, len(plane), (0.0, shift[1], shift[2]))


def _code_phases(scene: Scene) -> NDArray[np.uint8]:
    """Phase codes of a scene's slices (Z Y X)."""
    solid = scene.solid
    return solid.astype(np.uint8) if scene.kind is None else np.where(solid, scene.kind + np.uint8(1), np.uint8(0))
