"""Labels of any format, translated to phase codes on input."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from keramos.core import NOT_ANNOTATED, ArraySource, Box, Finding, LabelVolume, Phase, PhaseTable, VoxelSize
from keramos.core.errors import FormatError, LabelError
from keramos.io.calibration import doubts_of
from keramos.io.format import LabelValue, Opened
from keramos.io.images import open_source, region_of
from keramos.io.label_codes import Claim, CodeMap, codes_of_table, codes_of_text, leave_out, without
from keramos.io.label_doubts import (
    BACKGROUND,
    doubt_background,
    find_doubts,
    find_shown_otherwise,
    refuse_mixed_values,
)
from keramos.io.label_guess import MAX_PHASES, guess_codes, looks_grey
from keramos.io.label_scan import scan_labels
from keramos.io.label_source import LabelSource, read_integers
from keramos.io.ngff_write import NOT_ANNOTATED_NAME

Note = Callable[[str], None]


def open_labels(
    path: str | Path,
    *,
    phases: str | PhaseTable | None = None,
    positive: str | None = None,
    ignore: int | None = None,
    voxel_size: VoxelSize | None = None,
    box: Box | str | None = None,
    note: Note | None = None,
) -> LabelVolume:
    """Phase codes 0 ... K - 1, and 255 where nobody annotated, of any file that `open_volume` reads.

    `phases` says which values mean what, as text (`void=0,solid=128-255`) or as a table whose codes the file holds.
    Without it a store by Keramos or an NGFF label image says so itself, and any other file is scanned once for its
    distinct values (`guess_codes`; `note` is told what was assumed, doubts are among the `findings` of the labels).
    `positive` names the phase of interest, `ignore` a value to be read as not annotated, as are transparent pixels.

    Raises:
        LabelError: grey values instead of labels, no such positive phase; on reading, a value that no phase claims.
        FindingError: values that mix those of phases along outlines, as resizing leaves them.
        KeramosError: others as of `open_volume`.

    Example:
        >>> from tempfile import TemporaryDirectory
        >>> with TemporaryDirectory() as folder:
        ...     np.save(f"{folder}/mask.npy", np.array([[0, 2, 252], [9, 255, 3]], np.uint8))
        ...     labels = open_labels(f"{folder}/mask.npy", phases="void=0-3,solid=252-255", ignore=9)
        ...     print(labels.phases.names, labels.read().tolist())
        ('void', 'solid') [[[0, 0, 1], [255, 1, 0]]]
    """
    opened = _label_image(open_source(path, indices=True), str(path))
    region = region_of(box, Box.whole(opened.source.shape))
    given = _Given(opened, region or Box.whole(opened.source.shape), str(path), positive, ignore, note or _unheard)
    return _code(given, phases, voxel_size, region)


def code_labels(
    array: Any,
    *,
    phases: str | PhaseTable | None = None,
    positive: str | None = None,
    ignore: int | None = None,
    voxel_size: VoxelSize | None = None,
    name: str = "memory",
    note: Note | None = None,
) -> LabelVolume:
    """Phase codes of an array of label values (Z Y X, of NumPy or any library that is sliced like it), read as those
    of a file are by `open_labels`, with the same errors.

    Example:
        >>> code_labels(np.array([[[0, 2, 2]]]), phases="void=0,solid=2").read().tolist()
        [[[0, 1, 1]]]
    """
    opened = Opened(ArraySource(array), voxel_size)
    given = _Given(opened, Box.whole(opened.source.shape), name, positive, ignore, note or _unheard)
    return _code(given, phases, None, None)


def _code(
    given: _Given, phases: str | PhaseTable | None, voxel_size: VoxelSize | None, region: Box | None
) -> LabelVolume:
    """The labels of a file, cut to a region; the file's own voxel size where none is given."""
    opened, name = given.opened, given.name
    codes, doubts = _read_codes(given, phases)
    source = LabelSource(opened.source, leave_out(codes, opened.unpainted), name)
    labels = LabelVolume(
        source,
        voxel_size or opened.voxel_size,
        name,
        opened.provenance,
        _with_positive(codes.phases, given.positive),
        opened.facts,
        findings=(*doubts_of(opened, voxel_size, given.region, name), *doubts),
    )
    return labels if region is None else labels.crop(region)


@dataclass(frozen=True, eq=False)
class _Given:
    """A label file, the region of it to read, and what the user says of it."""

    opened: Opened
    region: Box
    name: str
    positive: str | None
    ignore: int | None
    note: Note

    def read(self, z: int) -> NDArray[Any]:
        """The values (Y X, integers) of slice z of the region."""
        values: NDArray[Any] = read_integers(self.opened.source, _slice_of(self.region, z), self.name)[0]
        return values

    @property
    def left_out(self) -> tuple[int, ...]:
        """Values that stand for no phase."""
        return tuple(value for value in (self.ignore, self.opened.unpainted) if value is not None)


def _unheard(_: str) -> None:
    """No-op note."""


def _read_codes(given: _Given, phases: str | PhaseTable | None) -> tuple[CodeMap, list[Finding]]:
    """The codes of the values, as the user says, else the file, else as is most likely; and doubts about them."""
    if isinstance(phases, str):
        codes = codes_of_text(phases, given.positive, given.ignore)
        if codes.marks_255 and given.ignore != NOT_ANNOTATED:
            _note_ignored(given, codes)
        return codes, find_shown_otherwise(given.name, codes, given.opened.display)
    table = phases or given.opened.phases
    if table is not None:
        return codes_of_table(table, given.ignore), []
    described = _codes_of_values(given.opened.values, given.ignore, given.name, given.note)
    if described is None:
        return _guess(given)
    marked = any(row.name == NOT_ANNOTATED_NAME for row in given.opened.values)
    return described, [] if marked else doubt_background(given.name, described.phases.names, given.opened.values)


def _guess(given: _Given) -> tuple[CodeMap, list[Finding]]:
    """The most likely codes of the values that the region holds; FindingError where they mix those of phases."""
    start, stop = given.region.start[0], given.region.stop[0]
    scan = scan_labels(given.read, range(start, stop), given.left_out, MAX_PHASES)
    transparent = 0 if given.opened.unpainted is None else scan.left_out[given.opened.unpainted]
    if transparent and len(scan.counts) == 1:
        raise LabelError(
            f"expected at least two phases in {given.name}, found only the value {scan.values[0]} beside "
            f"{transparent:,} transparent pixels, which are not annotated; paint the other phases, too"
        )
    if transparent:
        given.note(f"{given.name}: {transparent:,} transparent pixels are not annotated")
    display = given.opened.display
    refuse_mixed_values(given.name, scan, given.read, given.left_out, display)
    if len(scan.counts) > MAX_PHASES:
        raise looks_grey(len(scan.counts), given.name)
    codes = guess_codes(
        scan.values,
        where=given.name,
        positive=given.positive,
        ignore=given.ignore,
        note=given.note,
        display=display,
        counts=scan.counts,
    )
    return codes, find_doubts(given.name, scan, codes)


def _note_ignored(given: _Given, codes: CodeMap) -> None:
    """Note how many voxels of value 255 are read as not annotated; LabelError where 255 is more likely a phase."""
    codes = leave_out(codes, given.opened.unpainted)
    counts = np.zeros(NOT_ANNOTATED + 1, np.int64)
    for z in range(given.region.start[0], given.region.stop[0]):
        values = given.read(z)
        if values.dtype == np.uint8:  # to count first and translate 256 values is quicker
            numbers = np.bincount(values.ravel(), minlength=256)
            slice_codes, stray = codes.translate(np.arange(256, dtype=np.uint8))
            np.add.at(counts, slice_codes[~stray], numbers[~stray])
        else:
            slice_codes, stray = codes.translate(values)
            counts += np.bincount(slice_codes[~stray & (values >= 0)], minlength=len(counts))
    ignored, present = int(counts[NOT_ANNOTATED]), np.count_nonzero(counts[: len(codes.phases)])
    if ignored and present < 2:
        raise LabelError(
            f"expected voxels of the phases {', '.join(codes.phases.names)} in {given.name}, found {present} of them "
            f"and {ignored:,} voxels of value 255, which no phase claims; claim it, for example --phases "
            "void=0,solid=255, or say --ignore 255 if it means not annotated"
        )
    if ignored:
        given.note(f"{given.name}: {ignored:,} voxels of value 255 read as not annotated; --phases can claim it")


def _slice_of(region: Box, z: int) -> Box:
    return Box((z, *region.start[1:]), (z + 1, *region.stop[1:]))


def _with_positive(phases: PhaseTable, positive: str | None) -> PhaseTable:
    return phases if positive is None else replace(phases, positive=phases.code(positive))


def _label_image(opened: Opened, name: str) -> Opened:
    """The label image itself where the path is an image with labels beside it."""
    if opened.kind != "image" or not opened.labels:
        return opened
    first, *others = opened.labels.values()
    if others:
        raise FormatError(
            f"expected one label image in {name}, found {', '.join(opened.labels)}; give one, for example {first}"
        )
    return open_source(first, indices=True)


def _codes_of_values(described: Sequence[LabelValue], ignore: int | None, name: str, note: Note) -> CodeMap | None:
    """Phases from the values that a label image by other software names or colours; None if there are none.

    Value 0 is the background by NGFF's convention where it is not listed.
    """
    known = {row.value: row for row in described}
    not_annotated = {row.value for row in described if row.name == NOT_ANNOTATED_NAME}
    values = sorted({0, *known} - not_annotated - {ignore})
    if not known or not 2 <= len(values) <= NOT_ANNOTATED:
        return None
    rows = [known.get(value, LabelValue(value)) for value in values]
    names = [row.name or (BACKGROUND if row.value == 0 else f"phase-{row.value}") for row in rows]
    usual = PhaseTable.from_names(names)
    phases = tuple(Phase(phase.name, row.colour or phase.colour) for row, phase in zip(rows, usual, strict=True))
    note(f"{name}: read with the {len(names)} phases it names: {', '.join(names)}")
    claims = without([Claim(value, value, code) for code, value in enumerate(values)], ignore)
    left_out = not_annotated | ({ignore} if ignore is not None else set())
    return CodeMap(replace(usual, phases=phases), (*claims, *(Claim(v, v, NOT_ANNOTATED) for v in left_out)))
