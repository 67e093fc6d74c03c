"""Layers of files: segmentations, truths, proposals, uncertainty, laid over the stack."""

from __future__ import annotations

from pathlib import Path

from keramos.apps.studio.layers import Kind, Layer
from keramos.apps.studio.pieces import PieceCache
from keramos.apps.studio.stored_voxels import StoredVoxels
from keramos.core import LabelVolume, Triple, Volume
from keramos.core.errors import ShapeError
from keramos.io import list_levels, open_labels, open_uncertainty


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


def _words(shape: Triple) -> str:
    return " x ".join(map(str, shape))
