"""One door for every image format."""

from __future__ import annotations

import glob
from dataclasses import dataclass, field
from pathlib import Path

from keramos.core import Box, PixelSource, Provenance, Volume, VoxelSize, parse_box
from keramos.core.errors import FormatError, MissingFileError, ShapeError
from keramos.io.finite import FiniteSource
from keramos.io.folder import PICTURES, TIFF, open_files, slices_matching, slices_of
from keramos.io.mrc_file import open_mrc
from keramos.io.ngff_read import NgffImage, is_zarr, read_ngff
from keramos.io.ngff_write import phases_from_json, view_from_json
from keramos.io.numpy_file import open_npy
from keramos.io.reasons import reason
from keramos.io.tiff import open_tiff

MRC = (".mrc", ".rec", ".map")


@dataclass(frozen=True)
class Opened:
    """A file's pixels and what its metadata says, before anything is asked of them."""

    source: PixelSource
    format: str
    voxel_size: VoxelSize | None = None
    ngff: NgffImage | None = None
    provenance: Provenance = field(default_factory=Provenance)


def open_volume(path: str | Path, *, voxel_size: VoxelSize | None = None, box: Box | str | None = None) -> Volume:
    """Grey values of a TIFF, a folder or pattern of slices, a PNG, BMP, OME-Zarr, MRC or NumPy file, read lazily.

    The voxel size is the one given, else the file's if it states all three edges, else None. `box` (or its text
    `z0:z1,y0:y1,x0:x1`) crops. NaN and infinity are found when they are read (PixelError).

    Raises:
        MissingFileError: no such file, an empty folder, a pattern without a match.
        FormatError: an unknown, damaged, truncated or colour file.
        ShapeError: slices of different sizes, or a box that leaves the volume.
    """
    opened = open_source(path, indices=False)
    source = opened.source
    if source.dtype.kind == "f":
        source = FiniteSource(source, str(path))
    view = view_from_json(opened.ngff.keramos.get("view")) if opened.ngff else None
    volume = Volume(source, voxel_size or opened.voxel_size, str(path), opened.provenance, view)
    region = region_of(box, volume.box)
    return volume if region is None else volume.crop(region)


def region_of(box: Box | str | None, whole: Box) -> Box | None:
    """The box to cut out, checked against the volume; ShapeError if it is empty or leaves it."""
    if isinstance(box, str):
        return parse_box(box, whole.shape)
    if box is not None and (box.voxels == 0 or not whole.contains(box)):
        raise ShapeError(f"expected a box with voxels inside the volume of {whole.shape} (z, y, x), found {box}")
    return box


def open_source(path: str | Path, *, indices: bool) -> Opened:
    """The pixels behind any path; palette images as `indices` (for labels) or as grey."""
    path = Path(path)
    if path.is_dir():
        return _open_folder(path, indices)
    if path.is_file():
        return _open_file(path, indices)
    if glob.has_magic(str(path)):
        return _open_pattern(str(path), indices)
    raise MissingFileError(f"expected a file or folder, found nothing at {path}; check the path")


def _open_folder(path: Path, indices: bool) -> Opened:
    if is_zarr(path) or path.suffix.lower() == ".zarr":
        image = read_ngff(path)
        provenance = _checked(image)
        return Opened(image.source(), f"OME-Zarr {image.version}", image.voxel_size, image, provenance)
    source, size = open_files(slices_of(path), indices=indices)
    return Opened(source, "folder of slices", size)


def _checked(image: NgffImage) -> Provenance:
    """The provenance in a store of ours, whose other facts are understood, too; FormatError if they are not."""
    ours = image.keramos
    try:
        if ours.get("phases"):
            phases_from_json(ours["phases"])
        view_from_json(ours.get("view"))
        return Provenance.from_json(ours.get("provenance", []))
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise FormatError(
            f"expected the facts that this version of Keramos writes in {image.group}, found others "
            f"({reason(error)}); open it with the version that wrote it"
        ) from None


def _open_pattern(pattern: str, indices: bool) -> Opened:
    folder, name = Path(pattern).parent, Path(pattern).name
    # A folder that is there is meant as it stands, brackets in its name included.
    whole = str(Path(glob.escape(str(folder))) / name) if folder.is_dir() else pattern
    matches = [Path(match) for match in glob.glob(whole)]  # noqa: PTH207 (Path.glob takes no absolute pattern)
    if not matches:
        raise MissingFileError(f"expected files that match the pattern '{pattern}', found none; check the path")
    if len(matches) == 1:
        return open_source(matches[0], indices=indices)
    source, size = open_files(slices_matching(matches, pattern), indices=indices)
    return Opened(source, "pattern of slices", size)


def _open_file(path: Path, indices: bool) -> Opened:
    suffix = path.suffix.lower()
    if suffix in TIFF:
        tiff, size = open_tiff(path)
        return Opened(tiff, "TIFF", size)
    if suffix in PICTURES:
        slices, size = open_files([path], indices=indices)
        return Opened(slices, suffix.lstrip(".").upper(), size)
    if suffix == ".npy":
        return Opened(open_npy(path), "NumPy")
    if suffix in MRC:
        mrc, size = open_mrc(path)
        return Opened(mrc, "MRC", size)
    raise FormatError(
        f"expected a TIFF, PNG, BMP, MRC or NumPy file, a folder of slices or an OME-Zarr, found {path}; "
        "export it as TIFF, for example with Fiji"
    )
