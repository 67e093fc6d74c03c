"""An image and its coarser copies, each read box by box."""

from __future__ import annotations

from dataclasses import dataclass, replace

from keramos.core import BoxSource, PixelSource, SourceView, Triple
from keramos.io.ngff_read import ZarrSource, read_ngff


@dataclass(frozen=True, eq=False)
class Level:
    """Pixels of an image, or of a coarser copy of it: one voxel of the copy merges `merged` of the image along
    Z Y X."""

    source: PixelSource
    merged: Triple


def list_levels(source: PixelSource) -> tuple[Level, ...]:
    """The levels of an image that has been opened, the finest first: of an OME-Zarr all that it has, of any other
    format, and of a part of an image, the pixels themselves.

    Example:
        >>> from tempfile import TemporaryDirectory
        >>> import numpy as np
        >>> from keramos.io import open_volume, save_volume
        >>> from keramos.core import Volume
        >>> with TemporaryDirectory() as folder:
        ...     saved = save_volume(f"{folder}/a.ome.zarr", Volume.from_array(np.zeros((4, 300, 600), np.uint8)))
        ...     for level in list_levels(open_volume(f"{folder}/a.ome.zarr").source):
        ...         print(level.source.shape, level.merged)
        (4, 300, 600) (1, 1, 1)
        (2, 150, 300) (2, 2, 2)
        (1, 75, 150) (4, 4, 4)
    """
    whole = Level(source, (1, 1, 1))
    if isinstance(source, ZarrSource):
        image = read_ngff(source.group)
        if image.levels[0] != source.level:
            return (whole,)
        coarser = [Level(image.source(number), image.merged[number]) for number in range(1, len(image.levels))]
        return (whole, *(level for level in coarser if level.source.dtype == source.dtype))
    if isinstance(source, SourceView) and not isinstance(source, BoxSource):
        return tuple(Level(replace(source, source=level.source), level.merged) for level in list_levels(source.source))
    return (whole,)
