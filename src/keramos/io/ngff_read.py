"""Reading OME-Zarr metadata: NGFF 0.4 (Zarr v2) and 0.5 (Zarr v3)."""

from __future__ import annotations

from dataclasses import dataclass, field
from math import isfinite
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from keramos.core import Box, Finding, Triple, VoxelSize, triple
from keramos.core.errors import FormatError, StorageError
from keramos.core.object_path import ObjectPath
from keramos.io.checked_codecs import open_checked_array, read_part
from keramos.io.error_text import one_line
from keramos.io.grey import refuse_channels
from keramos.io.missing_chunks import check_chunks
from keramos.io.plausible import refuse_lengths
from keramos.io.units import voxel_size_of
from keramos.io.zarr_store import open_group

Attributes = dict[str, Any]

MARKS = ("zarr.json", ".zgroup", ".zarray", ".zattrs")


def is_zarr(path: Path) -> bool:
    """Whether a folder is a Zarr group or array."""
    return (isinstance(path, ObjectPath) or path.is_dir()) and any((path / mark).is_file() for mark in MARKS)


@dataclass(frozen=True)
class NgffImage:
    """One multiscale image: its group, its axes, its levels (paths inside the group, finest first), how many voxels of
    the finest along Z Y X one of each level merges, and the names that its channels have for display."""

    group: Path
    version: str
    axes: tuple[str, ...]
    levels: tuple[str, ...]
    merged: tuple[Triple, ...]
    voxel_size: VoxelSize | None
    image_label: Attributes | None
    labels: tuple[str, ...]
    keramos: Attributes
    findings: tuple[Finding, ...] = ()
    channels: tuple[str, ...] = ()

    def source(self, level: int = 0, channel: int | None = None) -> ZarrSource:
        return ZarrSource(self.group, self.levels[level], self.axes, channel)


@dataclass(eq=False)
class ZarrSource:
    """One level of a multiscale image, Z Y X, or one `channel` of it. Other axes must have length 1. Opened lazily,
    again where unpickled.

    Raises:
        FormatError: the array cannot be opened, or has several channels or time points.
    """

    group: Path
    level: str
    axes: tuple[str, ...]
    channel: int | None = None
    _array: Any = field(default=None, repr=False)

    def __post_init__(self) -> None:
        array = self._open_array()
        if len(array.shape) != len(self.axes):
            raise FormatError(
                f"expected an array of the axes {', '.join(self.axes)} in {self.group / self.level}, found one of "
                f"{len(array.shape)} axes; write it again as OME-Zarr"
            )
        refuse_lengths(self.group / self.level, array.shape)
        kind = np.dtype(array.dtype).kind
        if kind not in "buif":
            raise FormatError(f"expected numbers in {self.group / self.level}, found {np.dtype(array.dtype)}")
        lengths = dict(zip(self.axes, self._open_array().shape, strict=True))
        if self.channel is not None:
            lengths.pop("c")
        if lengths.get("c", 1) > 1:
            raise refuse_channels(lengths["c"], str(self.group), is_stack=lengths.get("z", 1) > 1)
        extra = {axis: n for axis, n in lengths.items() if axis not in "zyx" and n > 1}
        if extra:
            raise FormatError(f"expected one volume (z, y, x) in {self.group}, found axes of length {extra}")

    @property
    def shape(self) -> Triple:
        lengths = dict(zip(self.axes, self._open_array().shape, strict=True))
        return triple([lengths.get(axis, 1) for axis in "zyx"])

    @property
    def stored_shape(self) -> tuple[int, ...]:
        """The lengths of all axes."""
        return tuple(self._open_array().shape)

    @property
    def dtype(self) -> np.dtype[Any]:
        stored = np.dtype(self._open_array().dtype)
        return np.dtype(np.uint8) if stored == np.bool_ else stored.newbyteorder("=")

    def read(self, box: Box) -> NDArray[Any]:
        ranges = dict(zip("zyx", box.slices, strict=True))
        index = tuple(ranges.get(axis, (self.channel or 0) if axis == "c" else 0) for axis in self.axes)
        pixels = read_part(self._open_array(), index, self.group / self.level)
        kept = [axis for axis in self.axes if axis in ranges]
        pixels = pixels.transpose([kept.index(axis) for axis in "zyx" if axis in kept])
        return np.ascontiguousarray(pixels.reshape(box.shape), self.dtype)

    @property
    def piece_shape(self) -> Triple:
        """The voxels that are decoded at once."""
        lengths = dict(zip(self.axes, self._open_array().chunks, strict=True))
        return triple([lengths.get(axis, 1) for axis in "zyx"])

    def check_chunks(self, written: int | None, kind: str) -> list[Finding]:
        """A finding where chunks are not there; `written` is their number when an image of that kind was finished."""
        return check_chunks(self._open_array(), self.axes, self.group / self.level, written, kind)

    @property
    def files(self) -> tuple[Path, ...]:
        """Every file of this level, metadata included."""
        return tuple(sorted(path for path in (self.group / self.level).rglob("*") if path.is_file()))

    def _open_array(self) -> Any:
        if self._array is None:
            self._array = open_checked_array(self.group / self.level)
        return self._array

    def __getstate__(self) -> dict[str, Any]:
        return {**self.__dict__, "_array": None}


def read_ngff(path: Path) -> NgffImage:
    """The first multiscale image of an OME-Zarr group.

    A collection as bioformats2raw writes it is opened as its only image.

    Raises:
        FormatError: not a Zarr group, no multiscales metadata, or metadata that cannot be understood.
    """
    attributes = read_attributes(path)
    ome = _mapping(attributes.get("ome", attributes))
    if "multiscales" not in ome and ome.get("bioformats2raw.layout") == 3 and is_zarr(path / "0"):
        if is_zarr(path / "1"):
            raise FormatError(
                f"expected one image in {path}, found several; give one of them, for example {path / '0'}"
            )
        return read_ngff(path / "0")
    if not ome.get("multiscales"):
        raise FormatError(
            f"expected OME-Zarr metadata (multiscales, NGFF 0.4 or 0.5) in {path}, found a Zarr without; "
            "give the folder of the image group, or write it again as OME-Zarr"
        )
    try:
        return _parse(path, attributes, ome)
    except FormatError:
        raise
    except Exception as error:  # other people's JSON may be anything
        raise FormatError(
            f"expected NGFF 0.4 or 0.5 multiscales with named axes in {path}, found others ({one_line(error)}); "
            "write it again as OME-Zarr 0.4 or 0.5"
        ) from None


def read_attributes(path: Path) -> Attributes:
    """The attributes of a Zarr group; FormatError if there is no group."""
    try:
        return dict(open_group(path).attrs.asdict())
    except StorageError:
        raise
    except Exception as error:
        content = f"something else ({one_line(error)})" if is_zarr(path) else "no Zarr at all"
        raise FormatError(
            f"expected an OME-Zarr group with multiscales in {path}, found {content}; "
            "give the folder of the image group"
        ) from error


def _parse(path: Path, attributes: Attributes, ome: Attributes) -> NgffImage:
    multiscale = ome["multiscales"][0]
    axes = tuple(axis["name"].lower() for axis in multiscale["axes"])
    levels = tuple(dataset["path"] for dataset in multiscale["datasets"])
    if not {"y", "x"} <= set(axes) or len(set(axes)) < len(axes):
        raise ValueError(f"axes {', '.join(axes)}")
    if not all(isinstance(level, str) for level in levels):
        raise ValueError("levels without a name")
    scale = _scale(multiscale["datasets"][0], len(axes))
    outer = _scale(multiscale, len(axes))
    edges = {axis: a * b for axis, a, b in zip(axes, scale, outer, strict=True)}
    units = {axis["name"].lower(): axis.get("unit") for axis in multiscale["axes"]}
    return NgffImage(
        group=path,
        version=str(ome.get("version", multiscale.get("version", "0.4"))),
        axes=axes,
        levels=levels,
        merged=tuple(_merged_voxels(dataset, scale, axes) for dataset in multiscale["datasets"]),
        voxel_size=voxel_size_of([edges.get(axis) for axis in "zyx"], [units.get(axis) for axis in "zyx"]),
        image_label=None if ome.get("image-label") is None else _mapping(ome["image-label"]),
        labels=_label_names(path),
        keramos=_mapping(attributes.get("keramos", {})),
        findings=_report_scale(path, edges),
        channels=tuple(str(row.get("label") or "") for row in _mapping(ome.get("omero")).get("channels") or ()),
    )


def _merged_voxels(dataset: Attributes, finest: list[float], axes: tuple[str, ...]) -> Triple:
    """The whole numbers of voxels of the finest level that one voxel of a level merges, by their scales."""
    scale = _scale(dataset, len(axes))
    ratios = {axis: a / b if b > 0 else 1.0 for axis, a, b in zip(axes, scale, finest, strict=True)}
    return triple([max(1, round(ratio)) if isfinite(ratio := ratios.get(axis, 1.0)) else 1 for axis in "zyx"])


def _mapping(value: Any) -> Attributes:
    """A value that is to be a JSON object; an empty one for anything else."""
    return value if isinstance(value, dict) else {}


def _report_scale(path: Path, edges: dict[str, float]) -> tuple[Finding, ...]:
    """A doubt where a scale is no length."""
    odd = {axis: edges[axis] for axis in "zyx" if axis in edges and not (isfinite(edges[axis]) and edges[axis] > 0)}
    if not odd:
        return ()
    listed = ", ".join(f"{scale:g} along {axis}" for axis, scale in odd.items())
    return (
        Finding(
            "voxel-size",
            f"{path} states a scale of {listed}, which is no length",
            "its voxel size counts as unknown",
            "give it with --voxel-size Z Y X",
        ),
    )


def _scale(holder: Attributes, axes: int) -> list[float]:
    for transformation in holder.get("coordinateTransformations", []):
        if transformation["type"] == "scale":
            return [float(factor) for factor in transformation["scale"]]
    return [1.0] * axes


def _label_names(path: Path) -> tuple[str, ...]:
    folder = path / "labels"
    if not is_zarr(folder):
        return ()
    attributes = read_attributes(folder)
    names = _mapping(attributes.get("ome", attributes)).get("labels") or ()
    return tuple(name for name in names if isinstance(name, str))
