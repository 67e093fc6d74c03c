"""Several images of the same slices, by detector or voltage: `a.tif+b.tif`, or a stack with an axis of channels."""

from __future__ import annotations

import glob
import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from keramos.core import Box, Volume, VoxelSize
from keramos.core.errors import FormatError, ShapeError, VoxelSizeError
from keramos.core.object_path import as_path, is_address
from keramos.io.format import Opened, format_of
from keramos.io.images import complete, open_source, open_volume, volume_of

JOIN = "+"
_SAME_SIZE = 0.01


def open_channels(
    path: str | Path,
    *,
    voxel_size: VoxelSize | None = None,
    box: Box | str | None = None,
    detector: str | None = None,
) -> Volume:
    """Grey values as `open_volume` gives them; of several paths joined by `+`, or of a stack (TIFF, OME-Zarr) with an
    axis of channels, the first channel with the `others`.

    Raises:
        FormatError, ShapeError, VoxelSizeError: the channels are not of the same slices, or one of them twice.
        KeramosError: as `open_volume`.

    Example:
        >>> import numpy as np
        >>> from tempfile import TemporaryDirectory
        >>> with TemporaryDirectory() as folder:
        ...     np.save(f"{folder}/se.npy", np.zeros((4, 30, 40), np.uint8))
        ...     np.save(f"{folder}/inlens.npy", np.ones((4, 30, 40), np.uint8))
        ...     volume = open_channels(f"{folder}/se.npy+{folder}/inlens.npy", box="1:3,0:30,10:20")
        ...     print(volume.channel_names, volume.read_channels().shape)
        ('se', 'inlens') (2, 30, 10, 2)
    """
    parts = split_channels(path)
    if len(parts) > 1:
        opened = [open_source(part, indices=False, detector=detector) for part in parts]
        names = _name_parts(parts, opened)
    else:
        parts, opened = (str(path),), _open_axis(as_path(path))
        names = [one.channel for one in opened]
        if not opened:
            return open_volume(path, voxel_size=voxel_size, box=box, detector=detector)
        parts = tuple(f"{name} of {path}" for name in names)
    _refuse_same(parts)
    size = voxel_size or next((one.voxel_size for one in opened if one.voxel_size is not None), None)
    _refuse_other_slices(parts, opened)
    first, *others = (
        replace(volume_of(one, part, size, box), channel=name)
        for one, part, name in zip(opened, parts, names, strict=True)
    )
    findings = [one for channel in (first, *others) for one in channel.findings]
    return replace(first, name=str(path), others=tuple(others), findings=tuple(dict.fromkeys(findings)))


def split_channels(path: str | Path, home: Path | None = None) -> tuple[str, ...]:
    """The paths that are joined by `+`, as seen from `home`; the path itself where there is such a file, or where none
    of the parts is there.

    Example:
        >>> split_channels("a+b.tif")
        ('a+b.tif',)
    """
    folder, begun = home or Path(), ""
    parts: list[str] = []
    for piece in str(path).split(JOIN):
        begun = f"{begun}{JOIN}{piece}" if begun else piece
        if _is_there(_join(folder, begun)):
            parts.append(begun)
            begun = ""
    if not parts or _is_there(_join(folder, str(path))):
        return (str(path),)
    return (*parts, begun) if begun else tuple(parts)


def _join(folder: Path, text: str) -> Path:
    """A path as seen from a folder."""
    return as_path(text) if is_address(text) else folder / text


def _is_there(path: Path) -> bool:
    return path.exists() or (glob.has_magic(str(path)) and bool(glob.glob(str(path))))  # noqa: PTH207 (absolute)


def _open_axis(path: Path) -> list[Opened]:
    """The stack of each channel of a file or store with an axis of them; none for other paths."""
    chosen = format_of(path) if path.exists() else None
    if chosen is None:
        return []
    return [complete(replace(one, format=one.format or chosen.name), path) for one in chosen.channels_of(path)]


def _name_parts(parts: Sequence[str], opened: Sequence[Opened]) -> list[str]:
    """A name for each file: its detector where each states another one, else its own name, else its path."""
    detectors = [str(one.acquisition.value("detector") or "") for one in opened]
    stems = [re.sub(r"(\.ome)?\.\w+$", "", Path(part).name) for part in parts]
    candidates = (names for names in (detectors, stems) if all(names) and len(set(names)) == len(parts))
    return next(candidates, list(parts))


def _refuse_same(parts: Sequence[str]) -> None:
    """FormatError for a file that is given twice."""
    places = [as_path(part).resolve() for part in parts]
    twice = next((part for part, place in zip(parts, places, strict=True) if places.count(place) > 1), None)
    if twice is not None:
        raise FormatError(f"expected images of several detectors or voltages, found {twice} twice; give each once")


def _refuse_other_slices(parts: Sequence[str], opened: Sequence[Opened]) -> None:
    """ShapeError, VoxelSizeError or FormatError unless the channels can be of the same slices."""
    first = opened[0]
    sized = next((one for one in opened if one.voxel_size is not None), None)
    for part, one in zip(parts[1:], opened[1:], strict=True):
        if one.source.shape != first.source.shape:
            raise ShapeError(
                f"expected channels of one shape, as they are images of the same slices, found {first.source.shape} "
                f"(z, y, x) in {parts[0]} and {one.source.shape} in {part}; cut or align them alike"
            )
        if sized is not None and one.voxel_size is not None and not _is_same(sized, one):
            raise VoxelSizeError(
                f"expected channels of one voxel size, found {sized.voxel_size} in {parts[0]} and {one.voxel_size} in "
                f"{part}; correct the metadata of one of them"
            )
        orders = {each.view.cutting_order for each in (first, one) if each.view is not None}
        if len(orders) > 1:
            raise FormatError(
                f"expected channels whose slices were cut in one order, found both orders in {parts[0]} and {part}; "
                "turn one of them round"
            )


def _is_same(a: Opened, b: Opened) -> bool:
    if a.voxel_size is None or b.voxel_size is None:
        return True
    return all(abs(x / y - 1) <= _SAME_SIZE for x, y in zip(a.voxel_size.zyx, b.voxel_size.zyx, strict=True))
