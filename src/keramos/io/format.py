"""Input formats as members of an open set, and what opening a file gives."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from numpy.typing import NDArray

from keramos.acquisition import Acquisition, Fact
from keramos.core import Box, Finding, PhaseTable, PixelSource, Provenance, Triple, View, VoxelSize
from keramos.core.errors import FormatError, KeramosError
from keramos.core.registry import Registry
from keramos.io.display import AS_STORED, Display
from keramos.io.error_text import one_line
from keramos.io.unfinished import Unfinished


@dataclass(frozen=True)
class LabelValue:
    """A value of a label image, with the name and the colour (`#rrggbb`) that the file gives it, if any."""

    value: int
    name: str | None = None
    colour: str | None = None


@dataclass(frozen=True)
class Opened:
    """The pixels of a file or folder and what its metadata says, before options such as a box are applied.

    Attributes:
        source: the pixels, Z Y X, read when asked for.
        voxel_size: None unless the file states all three edges.
        edges: those that the file states, in nm by axis (`z`, `y`, `x`), where it may state some of them only.
        format: its name with a version or the like; empty: the name of the `Format`.
        kind: `image`, `labels`, `scores`, `uncertainty` or `regions`.
        has_channels: the pixels may be colour, which is refused: the first slice is read when the file is opened.
        tags: the raw metadata of each file of the stack, in the order of its slices, read when looked at.
        acquisition: what the microscope wrote, of all slices.
        phases: of labels whose codes the file explains as Keramos does.
        values: of labels by other software, where the file names or colours them.
        display: how values are shown, by which void and solid are told apart in labels that say no more.
        unpainted: of labels, the value that pixels have which are transparent in the file: nobody annotated them.
        labels: the paths of label images that belong to an image, by name.
        regions: the names of the bits of a map of regions.
        facts: how a segmentation was made, as JSON values.
        findings: doubts about the file, such as slices that seem to be missing.
        levels: gives the shapes (Z Y X) of the image and its coarser copies; None for a format without them.
        unfinished: the run that has not finished writing it.
        channel: the name of the channel that it is, of a file that has several.
    """

    source: PixelSource
    voxel_size: VoxelSize | None = None
    format: str = ""
    kind: str = "image"
    has_channels: bool = False
    edges: Mapping[str, Fact] = field(default_factory=dict)
    tags: Sequence[Mapping[str, Any]] = ()
    acquisition: Acquisition = field(default_factory=Acquisition)
    view: View | None = None
    provenance: Provenance = field(default_factory=Provenance)
    phases: PhaseTable | None = None
    values: Sequence[LabelValue] = ()
    display: Display = AS_STORED
    unpainted: int | None = None
    labels: Mapping[str, Path] = field(default_factory=dict)
    regions: tuple[str, ...] = ()
    facts: Mapping[str, Any] = field(default_factory=dict)
    findings: tuple[Finding, ...] = ()
    levels: Callable[[], Sequence[Triple]] | None = None
    unfinished: Unfinished | None = None
    channel: str = ""


@dataclass(frozen=True)
class Format:
    """An input format. A module-level value of this class in `keramos/io/formats/`, or behind an entry point of the
    group `keramos.formats` of another package, is all that a new format needs.

    Attributes:
        name: as messages and `keramos info` show it.
        suffixes: in lower case with the dot; a path that ends with one of them is opened as this format.
        open: from a path, and whether a palette image is to give its indices (labels) instead of its colours, to what
            was opened. It reads headers only, and raises FormatError for what is damaged or not of this format.
        sniff: whether a path without a known suffix, or whose suffix several formats share, holds this format.
        is_folder: whether it is a folder instead of a file.
        in_folders: whether its files may be the slices of a stack, one a file, in a folder.
        decode_slice: the pixels (Y X) of a file with one slice, where there is a faster way to them than by `open`.
        open_channels: the stack of each channel, in the order of a file with an axis of several; none for other files.
    """

    name: str
    suffixes: tuple[str, ...]
    open: Callable[[Path, bool], Opened]
    sniff: Callable[[Path], bool] | None = None
    is_folder: bool = False
    in_folders: bool = False
    decode_slice: Callable[[Path, bool], NDArray[Any]] | None = None
    open_channels: Callable[[Path], Sequence[Opened]] | None = None

    def open_path(self, path: Path, indices: bool) -> Opened:
        """A file or folder of this format; whatever its reader stumbles over is a FormatError."""
        with _damage_named(self.name, path):
            return self.open(path, indices)

    def channels_of(self, path: Path) -> Sequence[Opened]:
        """The stack of each channel of a file that has several; none for other files and formats without channels."""
        if self.open_channels is None:
            return ()
        with _damage_named(self.name, path):
            return self.open_channels(path)

    def read_slice(self, path: Path, indices: bool) -> NDArray[Any]:
        """The pixels (Y X) of a file with one slice."""
        if self.decode_slice is not None:
            with _damage_named(self.name, path):
                return self.decode_slice(path, indices)
        source = self.open_path(path, indices).source
        pixels: NDArray[Any] = source.read(Box.whole(source.shape))[0]
        return pixels

    def has_suffix(self, path: Path) -> bool:
        """Whether the path ends with one of the suffixes."""
        return path.name.lower().endswith(self.suffixes)

    def recognises(self, path: Path) -> bool:
        """Whether the content of the path says that it is of this format."""
        return self.sniff is not None and self.sniff(path)


FORMATS: Registry[Format] = Registry("formats", Format, "keramos.io.formats")


def format_of(path: Path) -> Format | None:
    """The format of a file or folder by its suffix, else by its content; None if no format fits."""
    candidates = [one for one in FORMATS.values() if one.is_folder == path.is_dir()]
    return _choose_by_suffix(candidates, path) or next((one for one in candidates if one.recognises(path)), None)


def slice_format_of(path: Path) -> Format | None:
    """The format of a file that may be a slice of a folder, by its suffix; None for other files."""
    return _choose_by_suffix([one for one in FORMATS.values() if one.in_folders], path)


def _choose_by_suffix(candidates: Sequence[Format], path: Path) -> Format | None:
    """The format with the suffix of the path; of several the one that recognises its content, or else the first."""
    by_suffix = [one for one in candidates if one.has_suffix(path)]
    if len(by_suffix) < 2:
        return by_suffix[0] if by_suffix else None
    return next((one for one in by_suffix if one.recognises(path)), by_suffix[0])


@contextmanager
def _damage_named(name: str, path: Path) -> Iterator[None]:
    """FormatError for errors of reading libraries, which raise what they like on damaged files."""
    try:
        yield
    except (KeramosError, MemoryError):
        raise
    except Exception as error:
        raise FormatError(
            f"expected a readable {name} in {path}, found damage ({one_line(error)}); copy or export it again"
        ) from error


def starts_with(*starts: bytes) -> Callable[[Path], bool]:
    """A sniffer that looks whether a file begins with one of some byte strings."""

    def sniff(path: Path) -> bool:
        with path.open("rb") as file:
            return file.read(max(map(len, starts))).startswith(starts)

    return sniff


class LazyTags(Mapping[str, Any]):
    """Raw metadata by name, which `load` reads from the file when it is first looked at."""

    def __init__(self, load: Callable[[], Mapping[str, Any]]) -> None:
        self._load = load

    @cached_property
    def _tags(self) -> Mapping[str, Any]:
        return self._load()

    def __getitem__(self, name: str) -> Any:
        return self._tags[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._tags)

    def __len__(self) -> int:
        return len(self._tags)
