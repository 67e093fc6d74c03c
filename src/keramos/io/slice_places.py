"""The names of the slices of a stack, and the places and positions that these give them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from keramos.core import PixelSource, Volume
from keramos.core.volume import origin_of
from keramos.io.slice_names import SliceName, columns_of, counting_field, pitch_of, positions_of
from keramos.io.sources import files_behind, source_behind


def slice_names(volume: Volume) -> tuple[str, ...]:
    """A name for each slice: that of its file, or its number in the file of the stack."""
    files, first = _files_of(volume.source)
    if files:
        return tuple(path.name for path in files)
    return tuple(f"slice {first + z}" for z in range(volume.shape[0]))


def slice_places(volume: Volume) -> NDArray[np.intp]:
    """The place of each slice, counted in slices from the first: where numbers are left out in the names of files,
    places are left out, too."""
    files, _ = _files_of(volume.source)
    names = [SliceName.of(path) for path in files]
    even = np.arange(volume.shape[0], dtype=np.intp)
    if len(names) < 3 or len({name.skeleton for name in names}) > 1:
        return even
    field = counting_field(names)
    if field is None:
        return even
    numbers = np.array(columns_of(names)[field])
    steps = np.diff(numbers)
    step = float(np.median(steps))
    places = np.rint((numbers - numbers[0]) / step)
    whole = np.abs((numbers - numbers[0]) / step - places).max() < 0.25
    if names[0].is_length[field] or not whole or (np.diff(places) < 1).any():
        return even
    return np.asarray(places, np.intp)


def uneven_positions(volume: Volume) -> tuple[float, ...] | None:
    """The position of each slice in nm by the names of the files; None where these have none, or even ones, which are
    those that were asked for rather than measured."""
    files, _ = _files_of(volume.source)
    return positions_of(files) if pitch_of(files)[1] else None


def _files_of(source: PixelSource) -> tuple[tuple[Path, ...], int]:
    """The files, one a slice, behind a source, and the number of its first slice in the file; no files where the stack
    is one file."""
    first, depth, files = origin_of(source)[0], source.shape[0], files_behind(source)
    is_one_a_slice = len(files) == source_behind(source).shape[0] > 1
    return (files[first : first + depth] if is_one_a_slice else (), first)
