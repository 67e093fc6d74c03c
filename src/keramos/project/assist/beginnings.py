"""The model that a project begins with: the bundled weights, for the project's phases."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from keramos.core import PhaseTable, Volume
from keramos.networks import BUNDLED, Checkpoint, give_phases, load_bundled, load_checkpoint
from keramos.project.assist.squares import Codes
from keramos.project.assist.training_slices import choose_grid
from keramos.settings.bundled import POROUS_SOLID

_VOID = re.compile(r"void|pore|porosity|hole|gap|air|resin|epoxy|vacuum|crack", re.IGNORECASE)
Scores = Mapping[int, NDArray[np.float32]]
"""Scores (phases, Y X) of the bundled weights by slice."""


def load_beginning(volume: Volume) -> Checkpoint:
    """The bundled weights in the form for this stack: for voxels of its size where they need not, or cannot, be
    resampled."""
    depth = volume.shape[0]
    bundled = load_bundled(POROUS_SOLID, depth, volume.voxel_size)  # None where a file here has that name
    checkpoint = bundled or load_checkpoint(BUNDLED[POROUS_SOLID].file(depth))
    card = checkpoint.card
    if choose_grid(volume.voxel_size, card.voxel_size) is not None:
        return checkpoint
    own = None if volume.voxel_size is None else volume.voxel_size.zyx
    return replace(checkpoint, card=card.model_copy(update={"voxel_size_nm": own}))


def guess_phases(start: Checkpoint, phases: PhaseTable) -> Checkpoint | None:
    """The bundled weights for two phases of which nothing is drawn yet: void and solid by the names of the phases, or
    else by their order; None for more phases."""
    if len(phases) != 2:
        return None
    void = [bool(_VOID.search(name)) for name in phases.names]
    return give_phases(start, phases, (1, 0) if void == [False, True] else (0, 1))


def match_phases(phases: PhaseTable, drawn: Codes, scores: Scores) -> list[int]:
    """The phase of the bundled weights (0 void, 1 solid) that each of any phases begins as: solid where its labels look
    more like solid than those of the other phases do, else void. Phases without labels in these slices begin by their
    order: the first as void."""
    solid = np.full(len(phases), np.nan)
    for code in range(len(phases)):
        seen = [scores[z][1][drawn[z] == code] for z in scores if z in drawn]
        values = np.concatenate(seen) if seen else np.empty(0)
        if values.size:
            solid[code] = float(values.mean())
    middle = np.nanmean(solid) if np.isfinite(solid).any() else 0.5
    return [
        int(code > 0) if np.isnan(value) or value == middle else int(value > middle) for code, value in enumerate(solid)
    ]
