"""The layer that shows where two others differ."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from keramos.annotation.differences import mark_differences, match_codes, name_differences
from keramos.apps.studio.layers import IMAGES, Layer
from keramos.apps.studio.proposal_layers import SampledVoxels
from keramos.apps.studio.stored_voxels import StoredVoxels
from keramos.apps.studio.studio import Studio
from keramos.core import Box
from keramos.io import Level, open_labels

DIFFERENCE = "difference"


@dataclass(eq=False)
class DifferingVoxels:
    """The codes of one layer where another says something else; 255 elsewhere."""

    first: Layer
    second: Layer

    @cached_property
    def _table(self) -> NDArray[np.uint8]:
        return match_codes(_phases(self.first), _phases(self.second))

    def read(self, level: int, box: Box) -> NDArray[Any]:
        """The voxels of a box of the finest level."""
        one, other = (layer.voxels.read(level, box) for layer in (self.first, self.second))
        return mark_differences(one, self._table[other], len(_phases(self.first)))

    def forget(self, slices: Sequence[int] | None = None) -> None:
        """Nothing to do: the two layers forget themselves."""


def show_difference(studio: Studio, first: Layer, second: Layer) -> None:
    """Show where two layers differ. LabelError where they have other numbers of phases."""
    match_codes(_phases(first), _phases(second))
    voxels = SampledVoxels(DifferingVoxels(first, second), studio.layers[IMAGES].voxels.levels)
    title = f"difference: {second.title} from {first.title}"
    studio.show_layer(Layer(DIFFERENCE, title, "labels", voxels, name_differences(_phases(first))))


def show_model_difference(studio: Studio, path: Path, first: int, second: int) -> None:
    """Show where two models differ, on the slices that were compared. KeramosError where the file cannot be read."""
    labels = open_labels(path)
    stored = StoredVoxels((Level(labels.source, (1, 1, 1)),), studio.cache)
    voxels = SampledVoxels(stored, studio.layers[IMAGES].voxels.levels)
    title = f"difference: {_name_model(second)} from {_name_model(first)}"
    studio.show_layer(Layer(DIFFERENCE, title, "labels", voxels, labels.phases, path=path))


def _name_model(number: int) -> str:
    return f"model {number}" if number else "bundled weights"


def _phases(layer: Layer) -> Any:
    return layer.phases
