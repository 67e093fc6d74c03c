"""Layers as OME-Zarr or as TIFF for Fiji, with their voxel size and phases."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

from keramos.apps.napari.contents import images_of, labels_of
from keramos.apps.napari.messages import say_note
from keramos.core import LabelVolume, Volume
from keramos.io import open_labels, open_volume, save_labels, save_volume
from keramos.project.verbs.export import export
from keramos.settings.export import ExportSettings


def write_labels(path: str, data: Any, attributes: dict[str, Any]) -> list[str]:
    """Write the labels of a layer; give the path."""
    given = labels_of(_layer(data, attributes), {}, say_note)
    return _write(path, given if isinstance(given, LabelVolume) else open_labels(given))


def write_image(path: str, data: Any, attributes: dict[str, Any]) -> list[str]:
    """Write the grey values of a layer; give the path."""
    given = images_of(_layer(data, attributes))
    return _write(path, given if isinstance(given, Volume) else open_volume(given))


def _write(path: str, volume: Volume | LabelVolume) -> list[str]:
    if not path.lower().endswith(".zarr"):
        export.run(ExportSettings(path=(volume,), out=Path(path), to="tiff"))
    elif isinstance(volume, LabelVolume):
        save_labels(path, volume)
    else:
        save_volume(path, volume)
    return [path]


def _layer(data: Any, attributes: dict[str, Any]) -> Any:
    """A layer as writers get it: its data and its attributes by name."""
    return SimpleNamespace(data=data, **{"multiscale": isinstance(data, list), "metadata": {}, **attributes})
