"""Places of doubt on labelled slices: where the model differs from the labels, or is uncertain beside them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import binary_dilation, binary_opening, find_objects, label

from keramos.annotation.drawing.drawing import Drawing
from keramos.annotation.drawing.patch import UNSURE
from keramos.core import NOT_ANNOTATED, Box, LabelVolume, Volume

_WIDE = np.ones((3, 3), bool)
"""Patches narrower than this are rims of outlines."""
_NEAR = 8
"""Pixels around labels that belong to their neighbourhood."""
_UNSURE = 128


@dataclass(frozen=True, slots=True)
class Doubt:
    """A patch of a slice: its pixels, the pixel of it nearest to its middle, and why it is one."""

    pixels: int
    z: int
    y: int
    x: int
    why: str


def find_disputed(drawing: Drawing, proposal: LabelVolume, count: int, least: int = 1) -> list[Doubt]:
    """The largest patches of labelled slices where the proposal says another phase than the label, outlines and patches
    of fewer than `least` pixels aside."""
    return _largest(_dispute(drawing, proposal), count, least)


def find_uncertain(drawing: Drawing, uncertainty: Volume, count: int, least: int = 1) -> list[Doubt]:
    """The largest patches, on labels or up to 8 pixels beside them, of which the model is uncertain, outlines and
    patches of fewer than `least` pixels aside."""
    return _largest(_doubt(drawing, uncertainty), count, least)


def _largest(doubts: Iterator[Doubt], count: int, least: int) -> list[Doubt]:
    large = (doubt for doubt in doubts if doubt.pixels >= least)
    return sorted(large, key=lambda doubt: (-doubt.pixels, doubt.z, doubt.y, doubt.x))[:count]


def _dispute(drawing: Drawing, proposal: LabelVolume) -> Iterator[Doubt]:
    names = drawing.phases.names
    for z in drawing.annotated_slices():
        labels, proposed = drawing.plane(z), _read(proposal, z)
        sure = (labels != NOT_ANNOTATED) & (labels != UNSURE) & (proposed < len(names))
        for pixels, y, x in _find_patches(sure & (labels != proposed)):
            why = (
                f"{pixels} pixels of slice {z} are labelled {names[labels[y, x]]}, the model says "
                f"{names[proposed[y, x]]}"
            )
            yield Doubt(pixels, z, y, x, why)


def _doubt(drawing: Drawing, uncertainty: Volume) -> Iterator[Doubt]:
    for z in drawing.annotated_slices():
        near = binary_dilation(drawing.plane(z) != NOT_ANNOTATED, _WIDE, iterations=_NEAR)
        for pixels, y, x in _find_patches(near & (_read(uncertainty, z) >= _UNSURE)):
            yield Doubt(pixels, z, y, x, f"the model is uncertain of {pixels} pixels beside labels of slice {z}")


def _read(volume: Volume | LabelVolume, z: int) -> NDArray[np.uint8]:
    return np.asarray(volume.read(Box((z, 0, 0), (z + 1, *volume.shape[1:])))[0], np.uint8)


def _find_patches(mask: NDArray[np.bool_]) -> Iterator[tuple[int, int, int]]:
    """Pixels of each patch of a slice that is wide enough, and the row and column of one near its middle."""
    labels, _ = label(binary_opening(mask, _WIDE))
    for number, area in enumerate(find_objects(labels), 1):
        rows, columns = np.nonzero(labels[area] == number)
        away = (rows - rows.mean()) ** 2 + (columns - columns.mean()) ** 2
        nearest = int(np.argmin(away))
        yield len(rows), int(rows[nearest]) + area[0].start, int(columns[nearest]) + area[1].start
