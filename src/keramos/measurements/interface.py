"""Surface area, mean curvature and Euler number of each phase, from counted configurations."""

from __future__ import annotations

from dataclasses import dataclass
from math import pi

import numpy as np
from numpy.typing import NDArray

from keramos.core import Box, LabelVolume, Triple, VoxelSize, triple
from keramos.measurements.block_pass import measure_in_blocks
from keramos.measurements.block_view import BlockView
from keramos.measurements.counting.cells import euler_by_corners, euler_by_faces, planes
from keramos.measurements.counting.configurations import Configurations, Counts
from keramos.measurements.counting.directions import sphere_shares
from keramos.measurements.counting.extrapolation import Extrapolated, extrapolate, surface_table
from keramos.measurements.counting.interval import add_interval, ratio_spread, sum_spread
from keramos.measurements.counting.windows import Windows
from keramos.measurements.measurement import Measurement
from keramos.measurements.printed import BONEJ, GEODICT, SCIKIT_IMAGE
from keramos.measurements.results import Measured, Measurements
from keramos.measurements.sources import OHSER
from keramos.measurements.spec import Interval, QuantitySpec
from keramos.measurements.surface_doubts import find_films, note_planes
from keramos.measurements.uncertainty.annotated_slices import surface_ratio
from keramos.measurements.uncertainty.roughness import smooth_share
from keramos.measurements.uncertainty.segmentation_uncertainty import SegmentationUncertainty
from keramos.measurements.volume import MeasuredVolume, find_measured_volume, plan_for
from keramos.settings.quantify import MeasurementOptions

_UM = 1e3
_BY_FACES = "connected through faces (6)"
_BY_CORNERS = "connected through faces, edges and corners (26)"
_CUT_OUT = "the body ends where the volume ends"
_TOO_THIN = "Crofton's formula over 13 directions, from pairs of voxels one apart: too thin a volume to extrapolate"


def _segmentation_interval(uncertainty: SegmentationUncertainty, row: Measured, code: int) -> Interval | None:
    """As slices say, and down to what is left if slices are rough along Z only because they do not fit."""
    share = smooth_share(uncertainty.codes == code, uncertainty.voxel_size)
    return None if share is None else uncertainty.scaled_interval(row, surface_ratio(uncertainty.slices, code), share)


_MINKOWSKI = "matdict_materialcharacterization_minkowski_results.html"
SURFACE = QuantitySpec(
    id="specific-surface-area",
    name="specific surface area",
    unit="1/um",
    length_power=-1,
    meaning="How much boundary of {phase} there is in each cubic micrometre of the material: the more, the finer the "
    "structure and the more room for reactions and for sintering.",
    method="Crofton's formula over 13 directions, extrapolated from pairs of voxels one and two apart",
    caveat="balls of six voxels' radius and more within 2.5 %, of four 3 to 6 %, of two 8 to 17 % too large, the "
    "more, the smaller the volume around them; planes along the voxel grid 7 % too small in cubic voxels; "
    "where voxels are 2, 4 and 10 times as long along one axis, 10, 20 and 31 % across that axis and 10, 13 "
    "and 15 % across the others; from one slice, over 4 directions, if the structure is alike in all of them",
    sources=(OHSER,),
    rank=20,
    comparison="told",
    has_interval=True,
    segmentation_interval=_segmentation_interval,
    seen_on_slice=True,
)
CURVATURE = QuantitySpec(
    id="mean-curvature",
    name="mean curvature",
    unit="1/um",
    length_power=-1,
    meaning="Positive where {phase} bulges outwards (grains, struts), negative where it surrounds hollows.",
    method="Euler numbers of sections along 13 planes, per surface",
    caveat="balls within 3 % (in places of two voxels' radius 9 %), a cylinder within 10 %",
    sources=(OHSER,),
    rank=150,
    headline=False,
    has_interval=True,
    printed=(
        GEODICT.prints(
            "MatDict, Minkowski Parameters: integral of mean curvature",
            page=_MINKOWSKI,
        ),
    ),
)
EULER_DENSITY = QuantitySpec(
    id="euler-number-density",
    name="Euler number density",
    unit="1/um3",
    length_power=-3,
    meaning="Pieces plus closed cavities minus loops, per volume: strongly negative for a well-connected network.",
    method=f"configurations, {_BY_FACES}",
    caveat="a gyroid within 12 %",
    sources=(OHSER,),
    rank=160,
    headline=False,
    has_interval=True,
)
EULER = QuantitySpec(
    id="euler-number",
    name="Euler number",
    unit="1",
    length_power=0,
    meaning="Pieces plus closed cavities minus loops, of the volume as it was cut out.",
    method=f"configurations, {_BY_FACES}; {_CUT_OUT}",
    caveat="exact for the voxels",
    sources=(OHSER,),
    rank=170,
    headline=False,
    display="count",
    printed=(
        SCIKIT_IMAGE.prints("measure.euler_number, connectivity=1", benchmark="oracles"),
        GEODICT.prints(
            "MatDict, Minkowski Parameters: Euler characteristic",
            page=_MINKOWSKI,
        ),
    ),
)
EULER_CORNERS = QuantitySpec(
    id="euler-number-26",
    name="Euler number (26)",
    unit="1",
    length_power=0,
    meaning="The same, where voxels that touch at edges and corners count as connected.",
    method=f"configurations, {_BY_CORNERS}; {_CUT_OUT}",
    caveat="exact for the voxels",
    sources=(OHSER,),
    rank=180,
    headline=False,
    display="count",
    printed=(
        SCIKIT_IMAGE.prints("measure.euler_number, connectivity=3", benchmark="oracles"),
        BONEJ.prints("Connectivity: Euler characteristic"),
    ),
)


@dataclass(eq=False)
class Cells:
    """Counted cells of one voxel and of two, per phase and window; and those at the border of what is annotated."""

    near: Counts
    wide: Counts
    border: Counts


@dataclass(frozen=True)
class Interface:
    """Counts of configurations; quantities are per volume of the cells that were counted."""

    volume: MeasuredVolume
    before: Triple = (1, 1, 1)
    after: Triple = (2, 2, 2)

    def measure(self, block: BlockView) -> Cells:
        codes, windows = self.volume.measured_codes, self.volume.windows
        near, wide = (Configurations(codes, windows, step) for step in (1, 2))
        return Cells(near.count_inside(block), wide.count_inside(block), near.count_border(block))

    def merge(self, first: Cells, second: Cells) -> Cells:
        return Cells(first.near + second.near, first.wide + second.wide, first.border + second.border)

    def finish(self, partial: Cells) -> Measurements:
        rows: list[Measured | None] = []
        surfaces: dict[str, Extrapolated] = {}
        for number, code in enumerate(self.volume.measured_codes):
            phase, near, wide = self.volume.phases.names[code], partial.near[number], partial.wide[number]
            surface = self._extrapolate(near, wide)
            if surface is not None:
                surfaces[phase] = surface
                rows.append(self._surface(phase, surface, near))
            rows += self._of_phase(phase, near, partial.border[number])
        measured = tuple(row for row in rows if row is not None)
        has_surface = any(surface.value > 0 for surface in surfaces.values())
        notes = note_planes(self.volume.voxel_size) if has_surface else ()
        return Measurements(measured, notes=notes, findings=find_films(surfaces))

    def _of_phase(self, phase: str, near: Counts, border: Counts) -> list[Measured | None]:
        size, cells = self.volume.voxel_size, near.sum(axis=-1).astype(float)
        surface, curved = near @ surface_table(size), near @ curvature_table(size)
        euler = near @ euler_by_faces() / size.volume_nm3
        whole, used = near.sum(axis=(0, 1, 2)) + border, self.volume.select_windows(cells)
        return [
            _ratio(CURVATURE, phase, curved * _UM, surface, used),
            _ratio(EULER_DENSITY, phase, euler * _UM**3, cells, used),
            EULER.row(round(float(whole @ euler_by_faces())), phase),
            EULER_CORNERS.row(round(float(whole @ euler_by_corners())), phase),
        ]

    def _surface(self, phase: str, surface: Extrapolated, near: Counts) -> Measured:
        """From pairs one voxel apart and two, to where they would meet."""
        value, method = max(0.0, surface.value), SURFACE.method if surface.is_extrapolated else _TOO_THIN
        spread = sum_spread(surface.deviations, self.volume.select_windows(near.sum(axis=-1).astype(float)))
        return add_interval(SURFACE.row(value, phase, method=method), spread, 0.0)

    def _extrapolate(self, near: Counts, wide: Counts) -> Extrapolated | None:
        table = surface_table(self.volume.voxel_size)
        near_cells, wide_cells = (each.sum(axis=-1).astype(float) for each in (near, wide))
        return extrapolate(near @ table, near_cells, wide @ table, wide_cells)


def measure_surface(labels: LabelVolume, phase: str) -> float | None:
    """The specific surface area of a phase, in 1/um; None where there are no two neighbouring slices, rows and columns
    to see one between.

    Raises:
        VoxelSizeError: the voxel size is not known.
        LabelError: a phase that the labels do not have, or none at all.

    Example:
        >>> from keramos.core import PhaseTable
        >>> codes = np.zeros((8, 8, 8), np.uint8)
        >>> codes[:, 2:6] = 1
        >>> labels = LabelVolume.from_array(codes, PhaseTable.from_names(["void", "solid"]), (10, 10, 10))
        >>> round(measure_surface(labels, "solid"))
        22
    """
    settings = MeasurementOptions(phase=(phase,), transport=False)
    volume = find_measured_volume(labels, settings)
    found = measure_in_blocks(volume.labels, [Interface(volume)], plan_for(volume.shape, settings))
    values = (row.quantity.value for row in found.quantities if (row.id, row.phase) == (SURFACE.id, phase))
    return next(values, None)


def surface_sums(codes: NDArray[np.uint8], code: int, voxel_size: VoxelSize) -> tuple[float, float]:
    """The sums behind the specific surface area (1/um) of a phase in an array (Z Y X), from pairs of voxels one apart
    and two apart: the area is twice the first per cell of one voxel less the second per cell of two."""
    view = BlockView(codes, Box.whole(codes.shape), Box.whole(codes.shape), triple(codes.shape))
    windows, table = Windows(triple(codes.shape), (1, 1, 1)), surface_table(voxel_size)
    near, wide = (Configurations((code,), windows, step).count_inside(view).sum(axis=(0, 1, 2, 3)) for step in (1, 2))
    return float(_UM * near @ table), float(_UM / 2 * wide @ table)


def _ratio(
    spec: QuantitySpec,
    phase: str,
    above: NDArray[np.float64],
    below: NDArray[np.float64],
    used: NDArray[np.bool_],
) -> Measured | None:
    """A ratio of sums over windows with its interval; None where the lower sum is zero."""
    if below.sum() <= 0:
        return None
    value = float(above.sum() / below.sum())
    return add_interval(spec.row(value, phase), ratio_spread(above, below, used))


def curvature_table(size: VoxelSize) -> NDArray[np.float64]:
    """The integral of mean curvature per volume (1/nm2) that a cell of each configuration stands for.

    M_V = 2 pi chi_A, with the Euler number per area of plane sections averaged over directions (Ohser and Muecklich,
    2000, equation 4.17); positive where the phase is convex.
    """
    sections = [(np.multiply(a, size.zyx), np.multiply(b, size.zyx), table) for a, b, table in planes()]
    normals = np.array([np.cross(a, b) for a, b, _ in sections])
    areas = np.linalg.norm(normals, axis=1)
    # In the last four families the tile is a triangle: half of what the two edges span.
    areas[-4:] /= 2
    tables = np.stack([table for _, _, table in sections], axis=1)
    return np.asarray(2 * pi * tables @ (sphere_shares(normals) / areas), float)


def _applies(volume: MeasuredVolume) -> bool:
    return volume.shape[0] > 1


MEASUREMENT = Measurement(
    name="interface",
    quantities=(SURFACE, CURVATURE, EULER_DENSITY, EULER, EULER_CORNERS),
    applies=_applies,
    in_blocks=Interface,
)
