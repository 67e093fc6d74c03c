"""One row for each object, in physical units: the columns with their definitions, and what they are made of."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from math import pi

import numpy as np
from numpy.typing import NDArray

from keramos.core import Box, Triple
from keramos.measurements.separation.shapes import PAIRS, ObjectSums

Column = NDArray[np.generic]
_FACE_NAMES = ("z0", "z1", "y0", "y1", "x0", "x1")


@dataclass(frozen=True, eq=False)
class ObjectRows:
    """Facts about each object, in the order of their numbers.

    Attributes:
        sums: over their voxels.
        shape: of the volume in voxels.
        box: the one of annotated voxels in which objects are counted for means; None: there is none.
        start: where this volume begins in the one that was given, in voxels.
        numbers: that they were given; None for 1, 2, ...
    """

    sums: ObjectSums
    shape: Triple
    box: Box | None
    start: Triple = (0, 0, 0)
    numbers: NDArray[np.int64] | None = None

    def __len__(self) -> int:
        return len(self.sums.voxels) - 1

    @cached_property
    def edges(self) -> NDArray[np.float64]:
        return np.array(self.sums.voxel_size.zyx)

    @cached_property
    def id(self) -> NDArray[np.int64]:
        return np.arange(1, len(self) + 1) if self.numbers is None else self.numbers

    @cached_property
    def voxels(self) -> NDArray[np.int64]:
        return self.sums.voxels[1:]

    @cached_property
    def volume(self) -> NDArray[np.float64]:
        return np.asarray(self.voxels * self.sums.voxel_size.volume_nm3, np.float64)

    @cached_property
    def diameter(self) -> NDArray[np.float64]:
        return np.asarray(np.cbrt(6 * self.volume / pi), np.float64)

    @cached_property
    def position(self) -> NDArray[np.float64]:
        return np.asarray((self.centre + self.start) * self.edges, np.float64)

    @cached_property
    def centre(self) -> NDArray[np.float64]:
        """Centres of mass in voxels, from where this volume begins; the middle of voxel n lies at n + 0.5."""
        return self._mean + 0.5

    @cached_property
    def _mean(self) -> NDArray[np.float64]:
        return np.asarray(self.sums.first[1:] / np.maximum(self.voxels, 1)[:, None], np.float64)

    @cached_property
    def surface(self) -> NDArray[np.float64]:
        return np.maximum(self.sums.surface[1:], 0)

    @cached_property
    def sphericity(self) -> NDArray[np.float64]:
        ball = np.asarray(np.cbrt(pi) * np.cbrt(6 * self.volume) ** 2, np.float64)
        return np.asarray(np.divide(ball, self.surface, out=np.full(len(self), np.nan), where=self.surface > 0))

    @cached_property
    def _ellipsoids(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """The axes (N, 3) of the ellipsoids of the same inertia, the longest first, and their directions (N, 3, Z Y X),
        which point to where z ends, or y, or x. Each voxel counts as a box, not as a point."""
        moments = np.zeros((len(self), 3, 3))
        for number, (one, other) in enumerate(PAIRS):
            mean = self.sums.second[1:, number] / np.maximum(self.voxels, 1) - self._mean[:, one] * self._mean[:, other]
            moments[:, one, other] = moments[:, other, one] = mean * self.edges[one] * self.edges[other]
        moments[:, range(3), range(3)] += self.edges**2 / 12
        values, vectors = np.linalg.eigh(moments)
        vectors = np.moveaxis(vectors, 1, 2)[:, ::-1]
        leading = np.argmax(np.abs(vectors) > 1e-9, axis=2)
        sign = np.sign(np.take_along_axis(vectors, leading[:, :, None], axis=2))
        return 2 * np.sqrt(5 * np.maximum(values[:, ::-1], 0)), vectors * sign

    @cached_property
    def axes(self) -> NDArray[np.float64]:
        return self._ellipsoids[0]

    @cached_property
    def orientation(self) -> NDArray[np.float64]:
        return self._ellipsoids[1][:, 0]

    @cached_property
    def _widths(self) -> NDArray[np.float64]:
        """The extent along each direction (directions, N): of the voxels' centres, and one voxel's edge."""
        edge = self.sums.directions**2 @ self.edges
        return np.asarray(self.sums.most[:, 1:] - self.sums.least[:, 1:], float) + edge[:, None]

    @cached_property
    def feret(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        return self._widths.max(axis=0), self._widths.min(axis=0)

    @cached_property
    def contacts(self) -> NDArray[np.int64]:
        return np.bincount(self.sums.pairs.ravel(), minlength=len(self) + 1)[1:]

    @cached_property
    def at_faces(self) -> NDArray[np.bool_]:
        """The faces of the volume that each object touches: first and last of Z, Y and X (N, 6)."""
        ends = [(self.sums.low[1:] == 0), (self.sums.high[1:] == np.array(self.shape) - 1)]
        return np.stack(ends, axis=2).reshape(len(self), 6)

    @cached_property
    def is_cut(self) -> NDArray[np.bool_]:
        return self.at_faces.any(axis=1) | self.sums.is_open[1:]

    @cached_property
    def weight(self) -> NDArray[np.float64]:
        """The number of objects of the material that each stands for: the inverse of the chance that one of its extent
        lies inside the annotated box (Miles-Lantuejoul); 0 of one that does not, which others of its size stand for."""
        if self.box is None:
            return np.zeros(len(self))
        low, high = self.sums.low[1:], self.sums.high[1:]
        is_inside = np.all((low > self.box.start) & (high < np.array(self.box.stop) - 1), axis=1)
        edges = np.array(self.box.shape)
        return np.where(is_inside, np.prod(edges / np.maximum(edges - (high - low) - 2, 1), axis=1), 0.0)


@dataclass(frozen=True)
class ColumnSpec:
    """A column of the table: its name and unit, what it is, and its bias, and how it is read from the rows."""

    name: str
    unit: str
    meaning: str
    read: Callable[[ObjectRows], Column | Sequence[str]]
    bias: str = ""


def _faces(rows: ObjectRows) -> list[str]:
    return [" ".join(name for name, at in zip(_FACE_NAMES, row, strict=True) if at) for row in rows.at_faces.tolist()]


COLUMNS: tuple[ColumnSpec, ...] = (
    ColumnSpec("id", "1", "its number, and its value in the volume of ids", lambda rows: rows.id),
    *(
        ColumnSpec(
            axis,
            "nm",
            "centre of mass, from the corner where the volume begins",
            lambda rows, number=number: rows.position[:, number],  # type: ignore[misc]
            "of an object that is cut, that of its part",
        )
        for number, axis in enumerate("zyx")
    ),
    ColumnSpec("voxels", "1", "number of voxels", lambda rows: rows.voxels),
    ColumnSpec("volume", "nm3", "voxels times their volume", lambda rows: rows.volume, "exact for the voxels"),
    ColumnSpec(
        "equivalent_diameter",
        "nm",
        "diameter of the ball of the same volume, (6 V / pi)^(1/3)",
        lambda rows: rows.diameter,
        "balls of 6 voxels' radius and more within 0.5 %",
    ),
    ColumnSpec(
        "surface",
        "nm2",
        "Crofton's formula over 13 directions, extrapolated from pairs of voxels one and two apart; where it touches "
        "another object, too, but not at the volume's faces",
        lambda rows: rows.surface,
        "balls within 2.5 %",
    ),
    ColumnSpec(
        "sphericity",
        "1",
        "surface of the ball of the same volume over its surface, pi^(1/3) (6 V)^(2/3) / S (Wadell 1935)",
        lambda rows: rows.sphericity,
        "balls within 3 %, also above 1",
    ),
    *(
        ColumnSpec(
            f"axis_{number + 1}",
            "nm",
            "axes of the ellipsoid of the same volume-weighted inertia, the longest first: 2 (5 lambda)^(1/2) with the "
            "eigenvalues lambda of the covariance of its places",
            lambda rows, number=number: rows.axes[:, number],  # type: ignore[misc]
            "ellipsoids of 5 voxels' half-axes and more within 3 %",
        )
        for number in range(3)
    ),
    *(
        ColumnSpec(
            f"direction_{axis}",
            "1",
            "unit vector along the longest of these axes",
            lambda rows, number=number: rows.orientation[:, number],  # type: ignore[misc]
            "of no meaning where two axes are alike",
        )
        for number, axis in enumerate("zyx")
    ),
    ColumnSpec(
        "feret_max",
        "nm",
        "largest extent between parallel planes, over 49 directions",
        lambda rows: rows.feret[0],
        "needles up to 3.5 % too short, balls up to half a voxel too wide",
    ),
    ColumnSpec(
        "feret_min",
        "nm",
        "smallest extent between parallel planes, over 49 directions",
        lambda rows: rows.feret[1],
        "plates that lie between the directions too thick by up to a quarter of their width",
    ),
    ColumnSpec(
        "contacts",
        "1",
        "coordination number: objects with which it shares faces of voxels",
        lambda rows: rows.contacts,
        "what is cut by the volume's faces may have more",
    ),
    ColumnSpec("faces", "", "faces of the volume that it touches: z0 where z begins, z1 where it ends, ...", _faces),
    ColumnSpec(
        "is_cut",
        "1",
        "1 where it touches a face of the volume or voxels that nobody annotated",
        lambda rows: rows.is_cut.astype(np.int64),
    ),
    ColumnSpec(
        "weight",
        "1",
        "objects of the material that it stands for, the largest annotated box over the part of it in which one of its "
        "extent is not cut (Miles-Lantuejoul); 0 of one that the faces of this box cut, or that lies outside",
        lambda rows: rows.weight,
        "large where an object is nearly as large as the box",
    ),
)
"""The columns of the table of objects."""


def read_columns(rows: ObjectRows) -> Mapping[str, Column | Sequence[str]]:
    """All columns by name, with units after the names."""
    return {column.name: column.read(rows) for column in COLUMNS}
