"""Layers of files: segmentations, truths, proposals, uncertainty, laid over the stack."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from keramos.apps.studio.layers import Kind, Layer
from keramos.apps.studio.pieces import PieceCache
from keramos.apps.studio.stored_voxels import StoredVoxels
from keramos.core import Box, LabelVolume, Triple, Volume
from keramos.core.errors import ShapeError
from keramos.io import Level, ScoreReader, is_zarr, list_levels, open_labels, open_uncertainty, scores_beside

COMPANIONS = ("uncertainty", "scores")
"""Layers that come and go with one of labels, named after it."""


def open_layer(name: str, title: str, path: Path, shape: Triple, cache: PieceCache, kind: Kind = "labels") -> Layer:
    """A layer of the labels, or the uncertainty, at a path.

    Raises:
        ShapeError: it has not the stack's shape.
        KeramosError: it cannot be opened.
    """
    volume: LabelVolume | Volume = open_uncertainty(path) if kind == "uncertainty" else open_labels(path)
    if volume.shape != shape:
        raise ShapeError(
            f"{path.name} has {_words(volume.shape)} voxels (z, y, x) and the stack {_words(shape)}; open one of the "
            "same voxels, or lay it onto the stack by keramos export --onto"
        )
    phases = volume.phases if isinstance(volume, LabelVolume) else None
    return Layer(name, title, kind, StoredVoxels(list_levels(volume.source), cache), phases, path=path)


def open_layers(name: str, title: str, path: Path, shape: Triple, cache: PieceCache) -> list[Layer]:
    """The layer of the labels at a path, and those of the uncertainty and of the scores of the phase of interest, where
    they are stored beside the labels. Raises as `open_layer`."""
    layers = [open_layer(name, title, path, shape, cache)]
    if is_zarr(path / "uncertainty"):
        layers.append(open_layer(f"{name}-uncertainty", f"uncertainty of {title}", path, shape, cache, "uncertainty"))
    scores = scores_beside(path)
    if scores is not None and scores.shape == shape:
        code = scores.phases.positive
        voxels = StoredVoxels((Level(ScoreSource(scores, code), (1, 1, 1)),), cache)
        layers.append(Layer(f"{name}-scores", f"score of {scores.phases.names[code]} of {title}", "scores", voxels))
    return layers


@dataclass(frozen=True, eq=False)
class ScoreSource:
    """The scores of one phase, 255 where it is certain."""

    scores: ScoreReader
    code: int

    @property
    def shape(self) -> Triple:
        return self.scores.shape

    @property
    def dtype(self) -> np.dtype[Any]:
        return np.dtype(np.uint8)

    @cached_property
    def piece_shape(self) -> Triple:
        return self.scores.piece_shape

    def read(self, box: Box) -> NDArray[Any]:
        """The scores of a box."""
        pixels: NDArray[Any] = self.scores.read(box)[self.code]
        return pixels


def _words(shape: Triple) -> str:
    return " x ".join(map(str, shape))
