"""Small drawings that tests share."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from keramos.annotation.drawing import Drawing, Edit, Patch, VolumeScene
from keramos.core import PhaseTable, Volume

SHAPE = (3, 8, 10)
PHASES = PhaseTable.from_names(["void", "solid", "third"])


def paint_box(drawing: Drawing, z: int, y: int, x: int, height: int, width: int, code: int, **about: object) -> Edit:
    """An edit that gives a rectangle a code."""
    before = drawing.plane(z)[y : y + height, x : x + width].copy()
    return Edit("box", (Patch(z, y, x, before, np.full_like(before, code)),), code, **about)  # type: ignore[arg-type]


def planes_of(drawing: Drawing) -> NDArray[np.uint8]:
    """All labels and their sources (2 Z Y X)."""
    slices = range(drawing.shape[0])
    return np.array([[drawing.plane(z) for z in slices], [drawing.sources(z) for z in slices]])


def scene_of(grey: NDArray[np.generic], drawing: Drawing | None = None, proposal: object = None) -> VolumeScene:
    """A scene of grey values (Z Y X) with two phases."""
    volume = Volume.from_array(grey)
    made = drawing or Drawing(volume.shape, PhaseTable.from_names(["void", "solid"]))
    return VolumeScene(volume, made, proposal)  # type: ignore[arg-type]
