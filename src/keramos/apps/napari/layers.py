"""Volumes and labels as layers of napari: read piece by piece, in nm, with the colours and names of their phases."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from keramos.blocks import to_dask
from keramos.core import NOT_ANNOTATED, LabelVolume, PhaseTable, Volume
from keramos.io import list_levels

LayerData = tuple[Any, dict[str, Any], str]
"""The data, the attributes and the type of a layer, as napari takes them."""

KEY = "keramos"
"""Under it a layer's metadata says where it comes from."""
_LABEL_OPACITY = 0.5


@dataclass(frozen=True, eq=False)
class Origin:
    """The source of a layer.

    Attributes:
        volume: what was opened.
        path: the file or folder that it is all of; None where it is no whole file.
        token: the name of the array that was put into the layer: painting on it gives it another one.
    """

    volume: Volume | LabelVolume
    path: str | None
    token: str | None

    def __deepcopy__(self, _: Mapping[int, object]) -> Origin:
        return self


def image_layer(volume: Volume, path: str | None = None, *, name: str | None = None) -> LayerData:
    """A layer of grey values."""
    return _layer(volume, path, {"name": name or _name(volume.name)}, "image")


def labels_layer(
    labels: LabelVolume, path: str | None = None, *, name: str | None = None, in_memory: bool = False
) -> LayerData:
    """A layer of labels; `in_memory` reads them at once, so that they can be painted on."""
    table = labels.phases
    about = {
        "name": name or _name(labels.name),
        "opacity": _LABEL_OPACITY,
        "colormap": colour_codes(table),
        "features": {"index": [*range(len(table)), NOT_ANNOTATED], "phase": [*table.names, "not annotated"]},
    }
    data, attributes, kind = _layer(labels, path, about, "labels")
    return (labels.read(), {**attributes, "multiscale": False}, kind) if in_memory else (data, attributes, kind)


def object_layer(ids: Volume, name: str) -> LayerData:
    """A layer of the numbers of objects, each in a colour of its own."""
    return _layer(ids, None, {"name": name, "opacity": _LABEL_OPACITY}, "labels")


def colour_codes(table: PhaseTable) -> Any:
    """The colours of phases for a layer of labels; what is not annotated is transparent."""
    from napari.utils.colormaps import DirectLabelColormap

    colours: dict[int | None, Any] = {code: phase.colour for code, phase in enumerate(table)}
    return DirectLabelColormap(color_dict={**colours, NOT_ANNOTATED: "transparent", None: "transparent"})


def _layer(volume: Volume | LabelVolume, path: str | None, about: dict[str, Any], kind: str) -> LayerData:
    data = [to_dask(level.source) for level in list_levels(volume.source)]
    size = volume.voxel_size
    scale = (1.0, 1.0, 1.0) if size is None else size.zyx
    origin = Origin(volume, path, data[0].name)
    attributes = {
        **about,
        "scale": scale,
        "translate": tuple(a * edge for a, edge in zip(volume.origin, scale, strict=True)),
        "units": ("pixel" if size is None else "nm",) * 3,
        "axis_labels": ("z", "y", "x"),
        "metadata": {KEY: origin},
    }
    if kind == "image":
        attributes["contrast_limits"] = _grey_range(data[-1])
    if len(data) == 1:
        return data[0], attributes, kind
    return data, {**attributes, "multiscale": True}, kind


def _grey_range(array: Any) -> tuple[float, float]:
    """The grey values between which nearly all voxels of a middle slice lie."""
    pixels = np.asarray(array[array.shape[0] // 2])
    low, high = (float(value) for value in np.percentile(pixels, (0.1, 99.9)))
    return (low, high) if high > low else (low, low + 1.0)


def _name(name: str) -> str:
    """The name of a file without its folder and suffix."""
    stem = Path(name).name
    for suffix in (".zarr", ".ome", ".tiff", ".tif"):
        stem = stem.removesuffix(suffix)
    return stem or name
