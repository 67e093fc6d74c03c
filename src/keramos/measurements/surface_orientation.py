"""Orientation of surfaces: the structure tensor of a phase, the mean of n n over the normals n of its surface.

n is the gradient of the phase, smoothed over a voxel; its length adds up to the area of the surface, so that the tensor
is the integral of n n over the surface, over its area (trace 1; a third along each direction where all are alike). A
normal that is rarely met is the direction of fibres; one that is met most is that of platelets (Bigun and Granlund,
Proc. 1st Int. Conf. Computer Vision, 433, 1987; Krause et al., Image Anal. Stereol. 29, 145, 2010).
"""

from __future__ import annotations

from dataclasses import dataclass
from math import floor, log2

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from keramos.core import NOT_ANNOTATED, Box, Triple, VoxelSize, triple
from keramos.measurements.block_view import BlockView
from keramos.measurements.counting.interval import add_interval
from keramos.measurements.fabric_tensor import add_angle_interval, angles_of, linear_spreads, name_direction
from keramos.measurements.measurement import Measurement
from keramos.measurements.results import AXES, Measured, Measurements
from keramos.measurements.spec import QuantitySpec
from keramos.measurements.volume import MeasuredVolume

_REACH = 2
_DIGITS = 24
"""Binary digits to which the voxels' shares are rounded: sums of 2^29 of them are exact, so that they do not depend on
the blocks in which they are added."""
_PAIRS = ((0, 0), (1, 1), (2, 2), (0, 1), (0, 2), (1, 2))
_BIGUN = "J. Bigun and G. H. Granlund, Proc. 1st Int. Conf. Comput. Vis., 433 (1987)"
_KRAUSE = "M. Krause et al., Image Anal. Stereol. 29, 145 (2010)"
_METHOD = "structure tensor of the smoothed phase, weighted by the area of the surface"

FEWEST = QuantitySpec(
    id="surface-orientation-least",
    name="least share of surface normals",
    unit="1",
    length_power=0,
    meaning="The share of its surface of {phase} that looks along the direction in which it looks least: 1/3 if it "
    "looks everywhere alike, 0 for parallel fibres and for platelets.",
    method=f"smallest eigenvalue; {_METHOD}",
    caveat="isotropic bodies 0.31 to 1/3; fibres within 0.02; in voxels 4 and 10 times as deep as wide fibres up to "
    "0.06 and 0.18 too high, balls 0.31 and 0.28",
    sources=(_BIGUN, _KRAUSE),
    rank=83,
    headline=False,
    has_interval=True,
)
MOST = QuantitySpec(
    id="surface-orientation-most",
    name="largest share of surface normals",
    unit="1",
    length_power=0,
    meaning="The share of its surface of {phase} that looks along the direction in which it looks most: 1/3 if it "
    "looks everywhere alike, 1/2 for parallel fibres, 1 for parallel platelets.",
    method=f"largest eigenvalue; {_METHOD}",
    caveat="isotropic bodies 1/3 to 0.36; plates four longest edges thick up to 0.04 too low in cubic voxels, "
    "and up to 0.07, 0.18 and 0.32 in voxels 2, 4 and 10 times as deep as wide",
    sources=(_BIGUN, _KRAUSE),
    rank=84,
    headline=False,
    has_interval=True,
)
FIBRE = QuantitySpec(
    id="fibre-angle",
    name="angle of the fibre direction",
    unit="degree",
    length_power=0,
    meaning="The angle between an axis of the volume and the direction in which the surface of {phase} looks least: "
    "that of fibres.",
    method=f"direction of the smallest eigenvalue; {_METHOD}",
    caveat="fibres within 1 degree (2.3 and 10 in voxels 4 and 10 times as deep as wide); "
    "of no meaning where the smallest and the middle eigenvalue are alike: the interval is then any angle",
    sources=(_BIGUN, _KRAUSE),
    rank=85,
    headline=False,
    has_interval=True,
)
PLATELET = QuantitySpec(
    id="platelet-angle",
    name="angle of the platelet normal",
    unit="degree",
    length_power=0,
    meaning="The angle between an axis of the volume and the direction in which the surface of {phase} looks most: the "
    "normal of platelets.",
    method=f"direction of the largest eigenvalue; {_METHOD}",
    caveat="plates within 1.3 degrees (3 and 8 in voxels 4 and 10 times as deep as wide); "
    "of no meaning where the largest and the middle eigenvalue are alike: the interval is then any angle",
    sources=(_BIGUN, _KRAUSE),
    rank=86,
    headline=False,
    has_interval=True,
)


@dataclass(frozen=True)
class SurfaceOrientation:
    """The structure tensor of each phase, from sums over windows."""

    volume: MeasuredVolume
    before: Triple = (_REACH,) * 3
    after: Triple = (_REACH,) * 3

    def measure(self, block: BlockView) -> NDArray[np.float64]:
        """Sums of g g / |g| (`_PAIRS`), in a small unit, over the voxels of each phase and window, those left out
        around which not all is annotated."""
        windows, unit = self.volume.windows, _unit(self.volume.voxel_size)
        sums = np.zeros((len(self.volume.measured_codes), *windows.grid, len(_PAIRS)))
        core = block.core.clip(_inner(block.shape))
        if not core.voxels:
            return sums
        around = core.grow((_REACH,) * 3)
        codes = block.codes_in(around)
        known = None if block.is_annotated else _is_known(codes)
        for number, code in enumerate(self.volume.measured_codes):
            gradient = _gradient(codes == code, self.volume.voxel_size)
            length = np.sqrt(sum(part**2 for part in gradient))
            used = length > 0 if known is None else (length > 0) & known
            scale = np.divide(1, length, out=np.zeros_like(length), where=used)
            for pair, (one, other) in enumerate(_PAIRS):
                product = np.rint(gradient[one] * gradient[other] * scale * unit)
                for position, part in windows.parts_of(core):
                    sums[(number, *position, pair)] += product[part.relative_to(core).slices].sum(dtype=np.float64)
        return sums

    def merge(self, first: NDArray[np.float64], second: NDArray[np.float64]) -> NDArray[np.float64]:
        return first + second

    def finish(self, partial: NDArray[np.float64]) -> Measurements:
        rows: list[Measured] = []
        for number, code in enumerate(self.volume.measured_codes):
            if partial[number].any():
                rows += _of_phase(self.volume.phases.names[code], partial[number])
        return Measurements(tuple(rows))


def _of_phase(phase: str, sums: NDArray[np.float64]) -> list[Measured]:
    trace = np.repeat(sums[..., :3].sum(axis=-1)[..., None], len(_PAIRS), axis=-1)
    values, spreads = linear_spreads(_describe, sums, trace, trace[..., 0] > 0)
    least, most = _directions(sums.sum(axis=(0, 1, 2)))
    rows = [
        add_interval(spec.row(float(values[n]), phase), spreads[n], *bounds)
        for n, (spec, bounds) in enumerate(((FEWEST, (0.0, 1 / 3)), (MOST, (1 / 3, 1.0))))
    ]
    for gap, start, spec, direction in ((2, 4, FIBRE, least), (3, 7, PLATELET, most)):
        method = f"{spec.method}, z y x {name_direction(direction)}"
        for number, axis in enumerate(AXES, start):
            row = spec.row(float(values[number]), phase, axis, method=method)
            rows.append(add_angle_interval(row, spreads[number], (float(values[gap]), spreads[gap])))
    return rows


def _tensor(parts: NDArray[np.float64]) -> NDArray[np.float64]:
    tensor = np.zeros((3, 3))
    for value, (one, other) in zip(parts, _PAIRS, strict=True):
        tensor[one, other] = tensor[other, one] = value
    return tensor


def _directions(parts: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The directions of the smallest and the largest eigenvalue."""
    _, vectors = np.linalg.eigh(_tensor(parts))
    return vectors[:, 0], vectors[:, 2]


def _describe(parts: NDArray[np.float64]) -> NDArray[np.float64]:
    """The smallest and the largest eigenvalue, how far each is from the middle one, and the angles of their directions
    with Z, Y and X."""
    values, vectors = np.linalg.eigh(_tensor(parts))
    angles = [angles_of(vectors[:, number]) for number in (0, 2)]
    return np.concatenate([values[[0, 2]], np.diff(values), *angles])


def _gradient(mask: NDArray[np.bool_], voxel_size: VoxelSize) -> list[NDArray[np.float32]]:
    """The gradient (Z Y X) per nm of a mask smoothed by a Gaussian of one voxel, `_REACH` voxels less on each side."""
    places = np.arange(-_REACH, _REACH + 1)
    weights = np.exp(-(places**2) / 2)
    smooth = weights / weights.sum()
    slope = places * weights / (places**2 * weights).sum()
    inner = tuple(slice(_REACH, n - _REACH) for n in mask.shape)
    values, found = mask.astype(np.float32), []
    for axis, edge in enumerate(voxel_size.zyx):
        part = values
        for along in range(3):
            part = ndimage.correlate1d(part, slope / edge if along == axis else smooth, axis=along, mode="nearest")
        found.append(np.asarray(part[inner], np.float32))
    return found


def _unit(voxel_size: VoxelSize) -> np.float32:
    """The power of two (nm) with which no g g / |g| comes to more than `_DIGITS` digits: |g| is less than one over the
    shortest edge."""
    return np.float32(2.0 ** (_DIGITS + floor(log2(min(voxel_size.zyx)))))


def _inner(shape: Triple) -> Box:
    """The voxels of a volume around which `_REACH` voxels lie on each side; empty for none."""
    start = triple([min(_REACH, n) for n in shape])
    return Box(start, triple([max(a, n - _REACH) for a, n in zip(start, shape, strict=True)]))


def _is_known(codes: NDArray[np.uint8]) -> NDArray[np.bool_]:
    """Whether all voxels around each are annotated, `_REACH` voxels less on each side."""
    known = ndimage.minimum_filter(codes != NOT_ANNOTATED, 2 * _REACH + 1)
    return np.asarray(known[tuple(slice(_REACH, n - _REACH) for n in codes.shape)])


def _applies(volume: MeasuredVolume) -> bool:
    return volume.settings.fabric and _inner(volume.shape).voxels > 0


MEASUREMENT = Measurement(
    name="surface-orientation",
    quantities=(FEWEST, MOST, FIBRE, PLATELET),
    applies=_applies,
    in_blocks=SurfaceOrientation,
)
