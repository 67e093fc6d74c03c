"""Labels of any format, translated to phase codes on input."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from keramos.core import NOT_ANNOTATED, Box, LabelVolume, Phase, PhaseTable, PixelSource, SourceView, VoxelSize
from keramos.core.errors import FormatError, LabelError
from keramos.io.finite import place
from keramos.io.format import LabelValue, Opened
from keramos.io.images import doubts_left, open_source, region_of
from keramos.io.label_codes import Claim, CodeMap, codes_of_table, codes_of_text, without
from keramos.io.label_guess import MAX_PHASES, guess_codes, looks_grey
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
    distinct values (`guess_codes`; `note` is told what was assumed). `positive` names the phase of interest, `ignore`
    a value to be read as not annotated.

    Raises:
        LabelError: grey values instead of labels, no such positive phase; on reading, a value that no phase claims.
        Others as `open_volume`.

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
    codes = _codes(opened, phases, positive, ignore, str(path), region or Box.whole(opened.source.shape), note)
    source = LabelSource(opened.source, codes, str(path))
    labels = LabelVolume(
        source,
        voxel_size or opened.voxel_size,
        str(path),
        opened.provenance,
        _with_positive(codes.phases, positive),
        opened.facts,
        findings=doubts_left(opened.findings, voxel_size),
    )
    return labels if region is None else labels.crop(region)


@dataclass(frozen=True, eq=False)
class LabelSource(SourceView):
    """The codes of another source's values; LabelError on reading a value that no phase claims."""

    codes: CodeMap
    name: str

    @property
    def dtype(self) -> np.dtype[Any]:
        return np.dtype(np.uint8)

    def read(self, box: Box) -> NDArray[np.uint8]:
        values = _integers(self.source, box, self.name)
        codes, stray = self.codes.translate(values)
        if stray.any():
            self._refuse(box, values, stray)
        return codes

    def _refuse(self, box: Box, values: NDArray[Any], stray: NDArray[np.bool_]) -> None:
        z = box.start[0] + int(np.flatnonzero(stray.any(axis=(1, 2)))[0])
        unclaimed = [int(value) for value in np.unique(values[stray])]
        listed = ", ".join(map(str, unclaimed[:5])) + (", ..." if len(unclaimed) > 5 else "")
        first = unclaimed[0]
        raise LabelError(
            f"expected values of the phases {', '.join(self.codes.phases.names)}, found {listed}, which no phase "
            f"claims, in {place(self.source, z, self.name)}; "
            f"claim it, for example --phases NAME={first},..., or leave it out with --ignore {first}"
        )


def _integers(source: PixelSource, box: Box, name: str) -> NDArray[Any]:
    """Values as integers; LabelError for a float image whose values are not whole numbers."""
    values = source.read(box)
    if values.dtype.kind != "f":
        return values
    whole = np.isfinite(values) & (values == np.rint(values))
    if not whole.all():
        z, y, x = (int(axis[0]) for axis in np.nonzero(~whole))
        raise LabelError(
            f"expected whole numbers as labels, found {values[z, y, x]:g} in {place(source, box.start[0] + z, name)}, "
            "which looks like a grey value; give the label file"
        )
    return values.astype(np.int64)


def _codes(
    opened: Opened,
    phases: str | PhaseTable | None,
    positive: str | None,
    ignore: int | None,
    name: str,
    region: Box,
    note: Note | None,
) -> CodeMap:
    if isinstance(phases, str):
        codes = codes_of_text(phases, positive, ignore)
        if codes.marks_255 and ignore != NOT_ANNOTATED:
            _note_ignored(opened.source, region, codes, name, note)
        return codes
    if phases is not None:
        return codes_of_table(phases, ignore)
    if opened.phases is not None:
        return codes_of_table(opened.phases, ignore)
    described = _codes_of_values(opened.values, ignore, name, note)
    if described is not None:
        return described
    values = _distinct(opened.source, region, name, ignore)
    return guess_codes(values, where=name, positive=positive, ignore=ignore, note=note)


def _note_ignored(source: PixelSource, region: Box, codes: CodeMap, name: str, note: Note | None) -> None:
    """Note how many voxels of value 255 are read as not annotated; LabelError where 255 is more likely a phase."""
    counts = np.zeros(NOT_ANNOTATED + 1, np.int64)
    for z in range(region.start[0], region.stop[0]):
        slice_codes, stray = codes.translate(_integers(source, _slice_of(region, z), name))
        counts += np.bincount(slice_codes[~stray], minlength=len(counts))
    ignored, present = int(counts[NOT_ANNOTATED]), np.count_nonzero(counts[: len(codes.phases)])
    if ignored and present < 2:
        raise LabelError(
            f"expected voxels of the phases {', '.join(codes.phases.names)} in {name}, found {present} of them and "
            f"{ignored:,} voxels of value 255, which no phase claims; claim it, for example --phases void=0,solid=255, "
            "or say --ignore 255 if it means not annotated"
        )
    if ignored and note is not None:
        note(f"{name}: {ignored:,} voxels of value 255 read as not annotated; --phases can claim it")


def _slice_of(region: Box, z: int) -> Box:
    return Box((z, *region.start[1:]), (z + 1, *region.stop[1:]))


def _with_positive(phases: PhaseTable, positive: str | None) -> PhaseTable:
    return phases if positive is None else replace(phases, positive=phases.code(positive))


def _distinct(source: PixelSource, region: Box, name: str, ignore: int | None) -> list[int]:
    """The distinct values of a box, slice by slice; stops as soon as they look like grey values."""
    distinct: set[int] = set()
    for z in range(region.start[0], region.stop[0]):
        values = _integers(source, _slice_of(region, z), name)
        byte = values.dtype == np.uint8
        distinct.update((np.flatnonzero(np.bincount(values.ravel())) if byte else np.unique(values)).tolist())
        if len(distinct - {ignore}) > MAX_PHASES:
            raise looks_grey(len(distinct), name)
    return sorted(distinct)


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


def _codes_of_values(
    described: Sequence[LabelValue], ignore: int | None, name: str, note: Note | None
) -> CodeMap | None:
    """Phases from the values that a label image by other software names or colours; None if there are none.

    Value 0 is the background by NGFF's convention where it is not listed.
    """
    known = {row.value: row for row in described}
    not_annotated = {row.value for row in described if row.name == NOT_ANNOTATED_NAME}
    values = sorted({0, *known} - not_annotated - {ignore})
    if not known or not 2 <= len(values) <= NOT_ANNOTATED:
        return None
    rows = [known.get(value, LabelValue(value)) for value in values]
    names = [row.name or ("background" if row.value == 0 else f"phase-{row.value}") for row in rows]
    usual = PhaseTable.from_names(names)
    phases = tuple(Phase(phase.name, row.colour or phase.colour) for row, phase in zip(rows, usual, strict=True))
    if note is not None:
        note(f"{name}: read with the {len(names)} phases it names: {', '.join(names)}")
    claims = without([Claim(value, value, code) for code, value in enumerate(values)], ignore)
    left_out = not_annotated | ({ignore} if ignore is not None else set())
    return CodeMap(replace(usual, phases=phases), (*claims, *(Claim(v, v, NOT_ANNOTATED) for v in left_out)))
