"""Images of any registered format, opened lazily."""

from __future__ import annotations

import glob
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from keramos.acquisition import Acquisition
from keramos.core import Box, Volume, VoxelSize, parse_box
from keramos.core.errors import FormatError, MissingFileError, OptionError, ShapeError
from keramos.core.object_path import ObjectPath, as_path
from keramos.io.calibration import calibrate, doubts_of
from keramos.io.detectors import choose_detector, refuse_name, require_detector
from keramos.io.finite import FiniteSource
from keramos.io.folder import folders_of_slices, open_files, report_unread, slices_matching, slices_of
from keramos.io.format import FORMATS, Opened, format_of
from keramos.io.ngff_read import is_zarr
from keramos.io.other_pictures import OTHER_PICTURES
from keramos.io.plausible import refuse_large_pieces
from keramos.io.sidecars import project_facts
from keramos.io.unfinished import refuse_unfinished


def open_volume(
    path: str | Path,
    *,
    voxel_size: VoxelSize | None = None,
    box: Box | str | None = None,
    detector: str | None = None,
) -> Volume:
    """Grey values of a file of any registered format, or of a folder or pattern of slices, read lazily.

    The voxel size is the one given, else the file's if it states all three edges, else None. `box` (or its text
    `z0:z1,y0:y1,x0:x1`) crops. Of a folder or pattern with the images of several detectors those of one `detector` are
    read, by the names of the files or by what these state. NaN and infinity are found when they are read (PixelError).

    Raises:
        MissingFileError: no such file, an empty folder, a pattern without a match.
        FormatError: an unknown, damaged, truncated or colour file, or a store that a killed run has not finished.
        ShapeError: slices of different sizes, or a box that leaves the volume.
        OptionError: no image of that detector.

    Example:
        >>> import numpy as np
        >>> from tempfile import TemporaryDirectory
        >>> with TemporaryDirectory() as folder:
        ...     np.save(f"{folder}/stack.npy", np.zeros((4, 30, 40), np.uint8))
        ...     volume = open_volume(f"{folder}/stack.npy", voxel_size=VoxelSize(20, 10, 10), box="1:3,0:30,10:20")
        ...     print(volume.shape, volume.voxel_size, volume.origin)
        (2, 30, 10) 20 x 10 x 10 nm (z y x) (1, 0, 10)
    """
    return open_acquired(path, voxel_size=voxel_size, box=box, detector=detector)[0]


def open_acquired(
    path: str | Path,
    *,
    voxel_size: VoxelSize | None = None,
    box: Box | str | None = None,
    detector: str | None = None,
) -> tuple[Volume, Acquisition]:
    """The volume that `open_volume` gives, and the way in which it was acquired, as far as its files say so."""
    opened = open_source(path, indices=False, detector=detector)
    return volume_of(opened, str(path), voxel_size, box), opened.acquisition


def volume_of(opened: Opened, name: str, voxel_size: VoxelSize | None, box: Box | str | None) -> Volume:
    """A volume of an opened file, with a voxel size that was given, and cut to a box."""
    source = opened.source
    if source.dtype.kind == "f":
        source = FiniteSource(source, name)
    size, whole = voxel_size or opened.voxel_size, Box.whole(source.shape)
    region = region_of(box, whole)
    findings = doubts_of(opened, voxel_size, region or whole, name)
    volume = Volume(source, size, name, opened.provenance, opened.view, opened.facts, findings=findings)
    return volume if region is None else volume.crop(region)


def read_acquisition(path: str | Path, *, detector: str | None = None) -> Acquisition:
    """The way in which a stack was acquired, as far as its files say so, each fact with its source. The metadata of all
    slices are looked at. Raises as `open_volume` does."""
    return open_source(path, indices=False, detector=detector).acquisition


def region_of(box: Box | str | None, whole: Box) -> Box | None:
    """The box to cut out, checked against the volume; ShapeError if it is empty or leaves it."""
    if isinstance(box, str):
        return parse_box(box, whole.shape)
    if box is not None and (box.voxels == 0 or not whole.contains(box)):
        raise ShapeError(f"expected a box with voxels inside the volume of {whole.shape} (z, y, x), found {box}")
    return box


def open_source(path: str | Path, *, indices: bool, unfinished: bool = False, detector: str | None = None) -> Opened:
    """The pixels behind any path; palette images as `indices` (for labels) or as grey. A store that a killed run has
    left `unfinished` is refused unless asked for."""
    return complete(_open(as_path(path), indices, detector), path, unfinished=unfinished, detector=detector)


def complete(raw: Opened, path: str | Path, *, unfinished: bool = False, detector: str | None = None) -> Opened:
    """The file that a format opened, with all that is known of how it was acquired; checked as `open_source` says."""
    files: Sequence[Path] = getattr(raw.source, "files", ())
    opened = calibrate(raw, str(path), project_facts(files[0].parent) if len(files) > 1 else None)
    if detector is not None and len(files) <= 1:
        require_detector(opened.acquisition.value("detector"), detector, str(path))
    if not unfinished:
        refuse_unfinished(path, opened.unfinished)
    refuse_large_pieces(str(path), opened.source)
    if opened.has_channels:
        opened.source.read(Box((0, 0, 0), (1, 1, 1)))  # colour is refused here, not hours later
    return opened


def _open(path: Path, indices: bool, detector: str | None) -> Opened:
    if not path.exists():
        if glob.has_magic(str(path)):
            return _open_pattern(str(path), indices, detector)
        raise MissingFileError(f"expected a file or folder, found nothing at {path}; check the path")
    if isinstance(path, ObjectPath) and not is_zarr(path):
        raise FormatError(
            f"expected an OME-Zarr in an object store, found something else at {path}; copy it to a disk, or write "
            "it as OME-Zarr"
        )
    chosen = format_of(path)
    if chosen is not None:
        opened = chosen.open_path(path, indices)
        return replace(opened, format=opened.format or chosen.name)
    if path.is_dir():
        return _open_folder(path, indices, detector)
    why = OTHER_PICTURES.get(path.suffix.lower())
    raise FormatError(
        f"expected a file of the formats {', '.join(FORMATS)}, or a folder of slices, found {path}"
        + (f", which {why}" if why else "; export it as TIFF, for example with Fiji")
    )


def _open_folder(folder: Path, indices: bool, detector: str | None) -> Opened:
    """The slices of a folder, or of the folder in it that has a detector's name, as some microscopes make them."""
    inner = folders_of_slices(folder)
    if detector is not None and inner:
        where = f"the folder {folder}"
        names = {path.name.lower(): path for path in inner}
        if detector.lower() not in names:
            raise OptionError("detector", refuse_name(detector, [path.name for path in inner], where))
        return _open_folder(names[detector.lower()], indices, None)
    files = slices_of(folder)
    if detector is not None:
        files = choose_detector(files, detector, f"the folder {folder}")
    opened = open_files(files, indices=indices)
    return replace(opened, format="folder of slices", findings=(*opened.findings, *report_unread(folder)))


def _open_pattern(pattern: str, indices: bool, detector: str | None) -> Opened:
    folder, name = Path(pattern).parent, Path(pattern).name
    # A folder that is there is meant as it stands, brackets in its name included.
    whole = str(Path(glob.escape(str(folder))) / name) if folder.is_dir() else pattern
    matches = [Path(match) for match in glob.glob(whole)]  # noqa: PTH207 (Path.glob takes no absolute pattern)
    if not matches:
        raise MissingFileError(f"expected files that match the pattern '{pattern}', found none; check the path")
    if len(matches) == 1:
        return _open(matches[0], indices, detector)
    files = slices_matching(matches, pattern)
    if detector is not None:
        files = choose_detector(files, detector, f"the pattern '{pattern}'")
    return replace(open_files(files, indices=indices), format="pattern of slices")
