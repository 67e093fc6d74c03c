"""What an entrant of the benchmark of raw phantoms is given, and what it gives back."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class Case:
    """Raw slices, and what the operator of the microscope could say of them.

    Attributes:
        folder: as the microscope wrote it.
        work: an empty folder for the entrant's own files.
        thickness_nm: nominal distance of slices.
        columns_deg: angle between the columns of the microscope.
        rows: rows of an image without its information bar; the bar is below. It is for entrants that cannot find it.
    """

    folder: Path
    work: Path
    thickness_nm: float
    columns_deg: float
    rows: int

    def read(self) -> tuple[list[str], NDArray[Any]]:
        """Names and images (Z Y X, bars included) of all slices in the order of their names."""
        import tifffile

        files = sorted(self.folder.glob("*.tif"))
        return [file.name for file in files], np.stack([tifffile.imread(file) for file in files])

    def read_by_hand(self) -> tuple[list[str], NDArray[Any], NDArray[np.float64]]:
        """What a careful user does by hand first: names, images without bars, and nominal positions in nm of the slices
        that are neither black nor a copy of the one before."""
        names, images = self.read()
        grey = images[:, : self.rows]
        means = grey.mean(axis=(1, 2))
        seen = [
            n
            for n in range(len(names))
            if means[n] > np.median(means) / 2 and (n == 0 or not np.array_equal(grey[n], grey[n - 1]))
        ]
        return [names[n] for n in seen], grey[seen], np.array(seen) * self.thickness_nm


@dataclass(frozen=True, eq=False)
class Entry:
    """The answer of an entrant; what it does not say is None.

    Attributes:
        files: names of the slices that it kept, in their order.
        shifts_px: (kept, Y X): a feature at (y, x) of the raw slice lies at (y + dy, x + dx).
        positions_nm: (kept): where each of them lies along z, up to a constant.
        bar_rows: rows of the information bar.
        voxel_size_nm: edges on the section, Z Y X.
        tilt_deg: tilt of the beam from the section's normal.
        frame: `section` if the sections lie above each other after the shifts, `sheared` if lines of sight do, because
            the field of view stood still and that was left as it is.
        volume: the prepared grey values (Z Y X).
        volume_z_nm: positions of its slices, counted as `positions_nm`.
        corner_px: row and column, after the shifts, of its first voxel.
    """

    files: list[str]
    shifts_px: NDArray[np.float64]
    positions_nm: NDArray[np.float64] | None = None
    bar_rows: int | None = None
    voxel_size_nm: tuple[float | None, float | None, float | None] = (None, None, None)
    tilt_deg: float | None = None
    frame: str | None = None
    volume: NDArray[Any] | None = None
    volume_z_nm: NDArray[np.float64] | None = None
    corner_px: tuple[int, int] = (0, 0)
