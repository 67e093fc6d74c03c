"""A copy of the stack with coarser levels, in the project's cache, for stacks that have none."""

from __future__ import annotations

import json
import shutil
from math import prod
from pathlib import Path
from typing import Any

from keramos.core import Box, Volume, size_in_words, triple
from keramos.core.errors import StorageError
from keramos.core.files import make_folder, write_text
from keramos.core.progress import Reporter
from keramos.io import Level, ZarrWriter, create_image, file_fingerprint, list_levels, open_volume, remove_store
from keramos.project.workspace.workspace import Workspace

SMALL_BYTES = 256 * 2**20
"""A stack of this size is cut along any plane by reading it once."""
_LARGE_EDGE = 1024
_SLAB_BYTES = 192 * 2**20
_CHUNK_DEPTH, _CHUNK_EDGE = 16, 256
_SPARE = 1.2


def needs_copy(volume: Volume) -> bool:
    """Whether a stack is better looked at in a copy: it has large slices and no coarser levels, or it is large and its
    pieces are whole slices.

    Example:
        >>> import numpy as np
        >>> needs_copy(Volume.from_array(np.zeros((4, 30, 40), np.uint8)))
        False
    """
    is_large = max(volume.shape[1:]) > _LARGE_EDGE or not is_fast(volume)
    return is_large and len(list_levels(volume.source)) == 1


def is_fast(volume: Volume) -> bool:
    """Whether a stack can be cut along any plane at once: it is small, or it has coarser levels."""
    size = prod(volume.shape) * volume.dtype.itemsize
    return size <= SMALL_BYTES or len(list_levels(volume.source)) > 1


def open_copy(workspace: Workspace, volume: Volume) -> tuple[Level, ...] | None:
    """The levels of the copy of a stack; None where there is none that is finished and of the stack as it is now."""
    place = workspace.stack_copy
    try:
        mark = json.loads(_mark(place).read_text(encoding="utf-8"))
        if mark["fingerprint"] != file_fingerprint(volume):
            return None
        return list_levels(open_volume(place).source)
    except (OSError, ValueError, LookupError, TypeError):
        return None


def make_copy(workspace: Workspace, volume: Volume, reporter: Reporter) -> None:
    """Copy a stack slab by slab, with coarser levels, in place of an earlier copy.

    Memory stays below half a GiB, whatever the size of the stack.

    Raises:
        StorageError: the disk is too small, or refuses.
        KeramosError: the stack cannot be read.
    """
    place = workspace.stack_copy
    make_folder(workspace.cache)
    size = prod(volume.shape) * volume.dtype.itemsize
    _mark(place).unlink(missing_ok=True)
    remove_store(place)
    free = shutil.disk_usage(workspace.cache).free
    if free < _SPARE * size:
        raise StorageError(
            f"a copy of the stack for looking at it takes up to {size_in_words(round(_SPARE * size))}, and "
            f"{workspace.cache} has {size_in_words(free)} left; free some, or put the project on another disk"
        )
    depth = max(1, min(_CHUNK_DEPTH, _SLAB_BYTES // (prod(volume.shape[1:]) * volume.dtype.itemsize)))
    writer = create_image(
        place,
        volume.shape,
        volume.dtype,
        voxel_size=volume.voxel_size,
        chunks=(depth, _CHUNK_EDGE, _CHUNK_EDGE),
        view=volume.view,
        provenance=volume.provenance,
    )
    _copy_slabs(volume, writer, depth, reporter)
    writer.finish(reporter.progress("make coarser levels", "block"))
    mark: dict[str, Any] = {"fingerprint": file_fingerprint(volume)}
    write_text(_mark(place), json.dumps(mark) + "\n")


def _copy_slabs(volume: Volume, writer: ZarrWriter, depth: int, reporter: Reporter) -> None:
    show, (slices, *edges) = reporter.progress("copy the stack", "slice"), volume.shape
    for first in range(0, slices, depth):
        last = min(first + depth, slices)
        box = Box(triple([first, 0, 0]), triple([last, *edges]))
        writer.write(box, volume.read(box))
        show(last, slices)


def _mark(place: Path) -> Path:
    """The file beside a copy that says it is finished, and of what."""
    return place.with_name(f"{place.name}.json")
