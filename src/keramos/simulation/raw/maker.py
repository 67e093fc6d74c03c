"""Makers of microscopes: how each names and describes its slices, for raw phantoms.

A module-level `Maker` in `makers/` registers one, or an entry point of the group `keramos.makers` of another package.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from keramos.core import View, VoxelSize
from keramos.core.registry import Registry

Tag = tuple[int, int, bytes]
"""A TIFF tag: its number, its type (2: text, 7: bytes), and its content."""

_START = datetime(2024, 3, 5, 9, 0, 0)
_SECONDS = 96


@dataclass(frozen=True)
class RawSlice:
    """Facts that a microscope knows of a slice when it writes the file.

    Attributes:
        number: of the section, from 1 on, in the order of cutting.
        z_nm: position of the section as measured.
        pixels: nominal thickness of a slice, and the edges of a pixel in the plane of the image.
        section_voxels: the same with the edges on the section.
        rows, columns: of the image without its information bar.
        bar_rows: rows of the information bar.
        bits: per pixel.
        is_corrected: whether the image is corrected for the tilt.
        view: tilt and frame.
        followed_nm: how far the field of view was moved with the section since the first slice, in the plane of the
            image along y; 0 where it stands still.
    """

    number: int
    z_nm: float
    pixels: VoxelSize
    section_voxels: VoxelSize
    rows: int
    columns: int
    bar_rows: int
    bits: int
    is_corrected: bool
    view: View
    followed_nm: float = 0.0

    @property
    def time(self) -> datetime:
        """When the slice was imaged."""
        return _START + timedelta(seconds=_SECONDS * self.number)


@dataclass(frozen=True)
class Maker:
    """A maker of microscopes.

    Attributes:
        name: as in `--raw NAME`.
        title: the maker's name.
        columns_deg: angle between the electron and the ion column.
        corrects: whether its microscopes usually correct for the tilt of the section.
        stretches: whether that stretches the image; otherwise only the height of a pixel is written accordingly.
        bar_share: rows of the information bar as a share of the image's; 0: it has none.
        name_file: the name of a slice's file.
        tags: the tags in its TIFF.
        bar_text: the texts in its information bar, from left to right.
        resolution: pixels per inch that the TIFF claims, which say nothing of the voxel size.
        other_files: files of the series beside the slices, by name, from the facts of the first slice.
    """

    name: str
    title: str
    columns_deg: float
    corrects: bool
    stretches: bool
    bar_share: float
    name_file: Callable[[RawSlice], str]
    tags: Callable[[RawSlice], list[Tag]]
    bar_text: Callable[[RawSlice], tuple[str, ...]] = lambda _: ()
    resolution: int = 72
    other_files: Callable[[RawSlice], Mapping[str, bytes]] = lambda _: {}


MAKERS: Registry[Maker] = Registry("makers", Maker, "keramos.simulation.raw.makers")
"""Makers by name."""
