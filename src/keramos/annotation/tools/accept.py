"""Accept the model's proposal: whole, under a stroke, or inside of an outline."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from keramos.annotation.drawing.outline import cover_outline
from keramos.annotation.drawing.patch import Mask, Patch
from keramos.annotation.drawing.scene import Scene
from keramos.annotation.drawing.stroke import cover_stroke
from keramos.annotation.drawing.tool import Gesture, PaintOptions, Tool, paint
from keramos.core import NOT_ANNOTATED
from keramos.core.errors import SettingsError
from keramos.core.options import option


@dataclass(frozen=True, kw_only=True)
class AcceptOptions(PaintOptions):
    """The part of the proposal that is accepted."""

    where: Literal["slice", "stroke", "outline"] = option("slice", help="All of the slice, or a part.")
    radius: float = option(12.0, help="Radius of the stroke.", unit="px", low=0, high=1000)
    phase_only: bool = option(False, help="Accept only voxels that the model gives the chosen phase.")
    keep: bool = option(True, help="Leave voxels that have a label already as they are.")


def accept_proposal(scene: Scene, gesture: Gesture) -> tuple[Patch, ...]:
    """The labels that the model proposes. SettingsError if there is no proposal for the slice."""
    proposal = scene.proposal(gesture.z)
    if proposal is None or not (proposal != NOT_ANNOTATED).any():
        raise SettingsError(f"there is no proposal for slice {gesture.z} yet; let the model propose one first")
    mask, (y, x) = _find_part(gesture, scene.shape[1:])
    window = proposal[y : y + mask.shape[0], x : x + mask.shape[1]]
    wanted = window == gesture.phase if gesture.options.phase_only else window != NOT_ANNOTATED
    return paint(scene, gesture, mask & wanted, window, (y, x))


def _find_part(gesture: Gesture, shape: tuple[int, int]) -> tuple[Mask, tuple[int, int]]:
    """The voxels to accept, as a mask of a window, and the window's first row and column."""
    if gesture.options.where == "stroke":
        return cover_stroke(gesture.points, gesture.options.radius, shape)
    if gesture.options.where == "outline":
        return cover_outline(gesture.points, shape)
    return np.ones(shape, bool), (0, 0)


ACCEPT = Tool(
    "accept",
    "Accept proposal",
    "Take over the model's proposal: whole, under a stroke, or inside of an outline.",
    "slice",
    AcceptOptions,
    accept_proposal,
    source="accepted",
    gives="several",
)
