"""New OME-Zarr stores (NGFF 0.5, Zarr v3) for images and labels, or unfinished ones opened again."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import DTypeLike

from keramos.core import PhaseTable, Provenance, Triple, View, VoxelSize, triple
from keramos.core.errors import FormatError, SettingsError, StorageError
from keramos.core.files import translate_os_errors
from keramos.core.object_path import as_path
from keramos.io.checked_codecs import open_checked_array
from keramos.io.ngff_read import is_zarr, read_ngff
from keramos.io.ngff_write import BESIDE_LABELS, ImageMetadata
from keramos.io.stores import refuse_existing
from keramos.io.zarr_store import create_group
from keramos.io.zarr_writer import Shards, ZarrWriter, fit_cells

CHUNKS: Triple = (16, 256, 256)
"""1 MiB of bytes: few files for a large volume, and a look at a corner reads little."""


def create_image(
    path: str | Path,
    shape: Triple,
    dtype: DTypeLike,
    *,
    voxel_size: VoxelSize | None,
    chunks: Triple = CHUNKS,
    view: View | None = None,
    provenance: Provenance = Provenance(),  # noqa: B008 (frozen)
    reopen: bool = False,
) -> ZarrWriter:
    """A writer for grey values. Valid OME-Zarr from the start; `finish` adds the coarser levels.

    Raises:
        StorageError: the path exists and is not to be reopened, or holds something else than is to be written.
    """
    metadata = ImageMetadata("image", "images", voxel_size, view=view, provenance=provenance)
    return prepare(_writer(path, "", shape, np.dtype(dtype), chunks, metadata), reopen=reopen)


def create_labels(
    path: str | Path,
    shape: Triple,
    *,
    phases: PhaseTable,
    voxel_size: VoxelSize | None,
    name: str = "segmentation",
    chunks: Triple | Shards = CHUNKS,
    provenance: Provenance = Provenance(),  # noqa: B008 (frozen)
    reopen: bool = False,
) -> ZarrWriter:
    """A writer for phase codes, stored in `labels/<name>`; the root shows the same arrays as an image.

    Voxels that were never written read as 255, not annotated. Raises StorageError as `create_image` does.
    """
    if not name or "/" in name or "\\" in name or name.startswith("."):
        raise SettingsError(f"expected a name for the labels without slashes, found '{name}'")
    metadata = ImageMetadata("labels", name, voxel_size, phases=phases, provenance=provenance)
    return prepare(_writer(path, f"labels/{name}", shape, np.dtype(np.uint8), chunks, metadata), reopen=reopen)


def create_regions(
    path: str | Path,
    shape: Triple,
    *,
    names: Sequence[str],
    voxel_size: VoxelSize | None,
    chunks: Triple = CHUNKS,
    provenance: Provenance = Provenance(),  # noqa: B008 (frozen)
    reopen: bool = False,
) -> ZarrWriter:
    """A writer for a map of regions that may overlap: each voxel (uint8) has a bit for each of up to 8 regions.

    Raises StorageError as `create_image` does.
    """
    if not 1 <= len(names) <= 8:
        raise SettingsError(f"expected 1 to 8 regions, found {len(names)}")
    metadata = ImageMetadata("regions", "regions", voxel_size, bits=tuple(names), provenance=provenance)
    return prepare(_writer(path, "", shape, np.dtype(np.uint8), chunks, metadata), reopen=reopen)


def create_object_ids(
    path: str | Path, shape: Triple, *, voxel_size: VoxelSize | None, chunks: Triple = CHUNKS
) -> ZarrWriter:
    """A writer for the numbers of objects (uint32; 0 where there is none), which viewers show as labels.

    Raises StorageError as `create_image` does.
    """
    metadata = ImageMetadata("objects", "objects", voxel_size, meaning="number of the object; 0: none")
    return prepare(_writer(path, "", shape, np.dtype(np.uint32), chunks, metadata), reopen=False)


def prepare(writer: ZarrWriter, *, reopen: bool) -> ZarrWriter:
    """Create the groups and level 0, or check that what is there is what is to be written."""
    place = writer.path / writer.prefix
    if reopen and is_zarr(place):
        _refuse_other(writer)
        with translate_os_errors(writer.path):
            writer.write_metadata()
        return writer
    beside = writer.metadata.kind in BESIDE_LABELS
    refuse_existing(place if beside else writer.path)
    with translate_os_errors(writer.path):
        if not beside:
            writer.path.parent.mkdir(parents=True, exist_ok=True)
            create_group(writer.path)
        if writer.metadata.kind == "labels":
            listing = {"ome": {"version": "0.5", "labels": [writer.metadata.name]}}
            create_group(writer.path / "labels", listing)
        if writer.prefix:
            create_group(place)
        writer.create_level(0, writer.shape)
        writer.write_metadata()
    return writer


def _writer(
    path: str | Path,
    prefix: str,
    shape: Triple,
    dtype: np.dtype[np.generic],
    cells: Triple | Shards,
    metadata: ImageMetadata,
) -> ZarrWriter:
    chunks, shards = fit_cells(cells, shape)
    if min(shape) < 1 or min(chunks) < 1:
        raise SettingsError(f"expected a shape and chunks of at least one voxel, found {shape} and {chunks}")
    return ZarrWriter(as_path(path), prefix, triple(shape), dtype, chunks, metadata, shards=shards)


def _refuse_other(writer: ZarrWriter) -> None:
    """StorageError unless the store holds an unfinished result of the same shape, type, phases and voxel size."""
    place = writer.path / writer.prefix
    try:
        present = read_ngff(place)
        array = open_checked_array(place / "0")
    except (FormatError, OSError, ValueError) as error:
        raise StorageError(f"{place} holds no unfinished result that opens; start over with --fresh") from error
    lead = () if writer.classes is None else (writer.classes,)
    unit = () if writer.classes is None else (1,)
    extras = writer.metadata.extras()
    pairs = {
        "shape": ((*lead, *writer.shape), array.shape),
        "type": (writer.dtype, array.dtype),
        "chunks": ((*unit, *writer.chunks), array.chunks),
        "shards": (None if writer.shards is None else (*unit, *writer.shards), array.shards),
        **{key: (extras[key], present.keramos.get(key)) for key in ("kind", "phases", "bits", "voxel_size_nm")},
    }
    for what, (wanted, actual) in pairs.items():
        if wanted != actual:
            raise StorageError(
                f"expected {what} {wanted} in {place} to resume it, found {actual}; "
                "start over with --fresh or choose another name"
            )
