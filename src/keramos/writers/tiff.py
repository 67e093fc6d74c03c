"""A stack as one TIFF that Fiji opens with the right scale."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from keramos.core import Box, LabelVolume, Volume, VoxelSize
from keramos.core.errors import PixelError
from keramos.core.options import Settings
from keramos.core.progress import Progress, Reporter, silent
from keramos.writers.writer import Writer, begins_with

# ImageJ itself reads plain TIFF up to 4 GiB; some room is left for the header.
PLAIN_LIMIT = 2**32 - 2**25


def write_tiff(volume: Volume | LabelVolume, path: Path, *, imagej: bool = True, progress: Progress = silent) -> None:
    """Write slice by slice, uncompressed, with the voxel size in um where it is known; BigTIFF beyond 4 GB.

    ImageJ's TIFF holds uint8, uint16 and float32. Other types become float32 if no value changes (float64 is
    rounded). Labels are written as phase codes, 255 where nobody annotated; the file names their phases for Keramos,
    and has Fiji show the first black and what is not annotated white. It has no lookup table: ITK would turn codes into
    colours. Without `imagej` it is one that tifffile reads as Z Y X also where there is a single slice, and without
    scale and phases.

    Raises:
        PixelError: an integer that float32 cannot hold.
    """
    import tifffile

    dtype = volume.dtype if volume.dtype in (np.uint8, np.uint16, np.float32) else np.dtype(np.float32)
    big = volume.box.voxels * dtype.itemsize > PLAIN_LIMIT
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # a BigTIFF with ImageJ's tags is what Fiji wants
        with tifffile.TiffWriter(path, bigtiff=big, imagej=imagej) as tif:
            resolution, scale = _scale(volume.voxel_size if imagej else None)
            metadata = {"axes": "ZYX", **scale, **(_appearance(volume) if imagej else {})}
            tif.write(
                _slices(volume, dtype, progress),
                shape=volume.shape,
                dtype=dtype,
                resolution=resolution,
                metadata=metadata,
                software="Keramos",
            )


def _slices(volume: Volume | LabelVolume, dtype: np.dtype[Any], progress: Progress) -> Iterator[NDArray[Any]]:
    depth, height, width = volume.shape
    for z in range(depth):
        pixels = volume.read(Box((z, 0, 0), (z + 1, height, width)))[0]
        kept = pixels.astype(dtype)
        if pixels.dtype.kind in "iu" and dtype.kind == "f" and (kept.astype(np.float64) != pixels).any():
            raise PixelError(
                f"expected integers up to 16777216 for a float32 TIFF, found larger ones in slice {z} of {volume.name}"
                "; rescale them to 16 bit first"
            )
        yield kept
        progress(z + 1, depth)


def _scale(size: VoxelSize | None) -> tuple[tuple[float, float] | None, dict[str, Any]]:
    """Pixels per um along x and y, and what ImageJ says of z; nothing where the voxel size is unknown."""
    if size is None:
        return None, {}
    z_um, y_um, x_um = (length / 1000 for length in size.zyx)
    return (1 / x_um, 1 / y_um), {"spacing": z_um, "unit": "um"}


def _appearance(volume: Volume | LabelVolume) -> dict[str, Any]:
    """The display range of labels, and their phases; nothing for images."""
    from keramos.io.tiff_phases import describe_phases

    if not isinstance(volume, LabelVolume):
        return {}
    return {"min": 0.0, "max": float(len(volume.phases)), **describe_phases(volume.phases)}


def _write(stack: Volume | LabelVolume, path: Path, _settings: Settings, reporter: Reporter) -> None:
    write_tiff(stack, path, progress=reporter.progress("write the TIFF", "slice"))


TIFF = Writer(
    "tiff",
    "a stack that Fiji opens with its voxel size; labels are phase codes",
    "stack",
    _write,
    suffixes=(".tif", ".tiff"),
    any_suffix=True,
    is_own=begins_with(b"II", b"MM", mark=b"Keramos"),
    example="keramos export segmentation.ome.zarr --to tiff --out segmentation.tif",
)
