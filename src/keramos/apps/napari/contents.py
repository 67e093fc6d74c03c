"""The stack or the labels of a layer, as verbs take them: the file that it was opened from, or pixels of its own."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np

from keramos.apps.napari.layers import KEY, Origin
from keramos.core import ArraySource, LabelVolume, PhaseTable, Volume, VoxelSize
from keramos.core.errors import ShapeError
from keramos.io import code_labels

Coding = Callable[[Callable[[str], None]], LabelVolume]
"""Reads labels; it is given what notes are told to."""

_SAME = 1e-6
_CODING = ("phases", "positive", "ignore")
"""Options that say what label values mean."""


def images_of(layer: Any) -> str | Volume:
    """The stack of a layer: its path where it is a whole file as it was opened, so that the verb reads what the
    microscope wrote into it, too.

    Raises:
        ShapeError: colours, or more than three axes.
    """
    origin = find_origin(layer)
    if origin is None or not isinstance(origin.volume, Volume):
        return Volume(_source_of(layer), find_voxel_size(layer), layer.name)
    if origin.path is not None and not _is_scaled(layer, origin):
        return origin.path
    return replace(origin.volume, voxel_size=find_voxel_size(layer), others=())


def labels_of(layer: Any, given: dict[str, Any], note: Callable[[str], None]) -> str | LabelVolume:
    """The labels of a layer: its path where it is a whole file as it was opened. Values of a layer that Keramos has
    not opened are read as those of a file are, by options that are taken out of `given`: phases, positive, ignore.

    Raises:
        LabelError: values that are no phases.
        ShapeError: more than three axes.
    """
    found = prepare_labels(layer, given)
    return found(note) if callable(found) else found


def prepare_labels(layer: Any, given: dict[str, Any]) -> str | LabelVolume | Coding:
    """The same, but where values are to be read for it: a call that does so, given where notes go, and does not touch
    the layer any more, so that it can be made in another thread.

    Raises:
        ShapeError: more than three axes.
    """
    origin = find_origin(layer)
    if origin is not None and isinstance(origin.volume, LabelVolume) and not _is_scaled(layer, origin):
        return origin.path or origin.volume
    table = find_phases(layer)
    coding = {} if table else {name: given.pop(name) for name in _CODING if name in given}
    coding |= {"phases": table} if table else {}
    pixels = _source_of(layer).array
    return partial(_code, pixels, {**coding, "voxel_size": find_voxel_size(layer), "name": layer.name})


def find_origin(layer: Any) -> Origin | None:
    """The source of a layer's pixels; None where they are its own: of another reader, or painted on."""
    origin = layer.metadata.get(KEY)
    is_kept = isinstance(origin, Origin) and getattr(_array_of(layer), "name", None) == origin.token
    return origin if is_kept else None


def find_phases(layer: Any) -> PhaseTable | None:
    """The phases of labels that Keramos has opened, also after they were painted on."""
    origin = layer.metadata.get(KEY)
    labels = origin.volume if isinstance(origin, Origin) else None
    return labels.phases if isinstance(labels, LabelVolume) else None


def find_voxel_size(layer: Any) -> VoxelSize | None:
    """The voxel size by the scale and the units of a layer; None where the units are no lengths."""
    units = layer.units[-3:]
    if len(units) < 3 or any(not unit.is_compatible_with("nm") for unit in units):
        return None
    edges = [scale * (1 * unit).to("nm").magnitude for scale, unit in zip(layer.scale[-3:], units, strict=True)]
    return VoxelSize.of([float(edge) for edge in edges])


def _code(pixels: Any, about: dict[str, Any], note: Callable[[str], None]) -> LabelVolume:
    return code_labels(pixels, **about, note=note)


def _is_scaled(layer: Any, origin: Origin) -> bool:
    """Whether somebody has changed the voxel size of a layer: its scale, or its units."""
    shown, given = find_voxel_size(layer), origin.volume.voxel_size
    if shown is None or given is None:
        return shown is not given
    return any(abs(a / b - 1) > _SAME for a, b in zip(shown.zyx, given.zyx, strict=True))


def _array_of(layer: Any) -> Any:
    return layer.data[0] if layer.multiscale else layer.data


def _source_of(layer: Any) -> ArraySource:
    """The pixels of a layer as they are now: a copy of what can be painted on while a verb reads it."""
    if getattr(layer, "rgb", False):
        raise ShapeError(f"expected grey values, found colours in the layer {layer.name}; split its channels first")
    array = _array_of(layer)
    return ArraySource(array.copy() if isinstance(array, np.ndarray) and array.flags.writeable else array)
