"""Stacks and labels of every format that Keramos reads, as layers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from keramos.apps.napari.layers import LayerData, image_layer, labels_layer
from keramos.apps.napari.messages import say_findings, say_note
from keramos.core import LabelVolume
from keramos.core.errors import FormatError
from keramos.io import describe, is_zarr, open_channels, open_labels, open_uncertainty
from keramos.io.format import format_of
from keramos.settings.reading import ReadOptions

Reader = Callable[[str | Sequence[str]], list[LayerData]]


def find_reader(path: str | Sequence[str]) -> Reader | None:
    """The reader of a path; None for a file of no format that Keramos reads, or for several that are no one folder."""
    places = [Path(each) for each in ([path] if isinstance(path, str) else path)]
    if len(places) > 1:
        return None
    return read_layers if places[0].is_dir() or format_of(places[0]) is not None else None


def read_layers(path: str | Sequence[str]) -> list[LayerData]:
    """The layers of a file, a folder of slices, or a pattern of them: labels where the file says that it holds phases,
    images otherwise, with the labels that lie in their store."""
    place = path if isinstance(path, str) else next(iter(path))
    facts = describe(place)
    if facts["kind"] == "scores":
        raise FormatError(
            f"{place} holds scores of phases, which are no image; open the store of the labels that they belong to"
        )
    if facts["kind"] == "uncertainty":
        return [image_layer(open_uncertainty(place))]
    if facts["kind"] == "labels" or facts["phases"]:
        return [read_coded(place)]
    layers = read_images(place)
    inner = [Path(place) / "labels" / name for name in facts["labels"]]
    return [*layers, *(read_coded(str(each)) for each in inner if is_zarr(each))]


def read_images(path: str, options: ReadOptions | None = None) -> list[LayerData]:
    """A layer for each detector of a stack."""
    given = options or ReadOptions()
    volume = open_channels(path, voxel_size=given.voxel_size, box=given.box, detector=given.detector)
    names = volume.channel_names or (None,)
    whole = path if options is None and not volume.others else None
    say_findings([volume])
    return [image_layer(one, whole, name=name) for one, name in zip(volume.channels, names, strict=True)]


def read_coded(path: str, options: ReadOptions | None = None, *, in_memory: bool = False) -> LayerData:
    """A layer of labels; what was assumed, and the doubts about it, are shown."""
    given = options or ReadOptions()
    labels: LabelVolume = open_labels(
        path,
        phases=given.phases,
        positive=given.positive,
        ignore=given.ignore,
        voxel_size=given.voxel_size,
        box=given.box,
        note=say_note,
    )
    say_findings([labels])
    return labels_layer(labels, path if options is None else None, in_memory=in_memory)
