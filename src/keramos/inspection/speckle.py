"""Is a segmentation speckled? Specks add surface and components by the thousand, and hardly change a fraction."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from keramos.core import NOT_ANNOTATED, Box, Finding, LabelVolume, Triple, VoxelSize, triple
from keramos.inspection.amounts import percent
from keramos.inspection.check import Check
from keramos.measurements import measure_surface
from keramos.measurements.components import RESOLVED_VOXELS
from keramos.segmenters.component_filter import drop_small

SPECK = RESOLVED_VOXELS
"""Specks have fewer voxels."""
_LEAST_SHARE = 0.05
"""The share of the boundary between phases that specks hold. In exact truths, simulated and measured, it is 0.03 at
most; in noisy segmentations 0.09 to 0.65."""
_FEWEST = 50
_WHOLE = 2**23
_EDGE = 160
_BOXES = 4


@dataclass(frozen=True)
class Speckle:
    """Components of fewer than `SPECK` voxels in a part of a volume: by phase their number and that of all components,
    and the share of the boundary between phases that goes with them; the codes with and without them."""

    specks: tuple[int, ...]
    components: tuple[int, ...]
    codes: NDArray[np.uint8]
    clean: NDArray[np.uint8]

    @property
    def boundary(self) -> tuple[int, int]:
        """Faces between voxels of different phases, with specks and without."""
        return _count_faces(self.codes), _count_faces(self.clean)


def check_speckle(labels: LabelVolume) -> list[Finding]:
    """A finding where specks hold much of the boundary between the phases. Of a large volume a few boxes are looked
    at."""
    boxes = _choose_boxes(labels.shape)
    parts = [find_specks(labels, box) for box in boxes]
    before, after = (sum(part.boundary[i] for part in parts) for i in (0, 1))
    if not before or before - after < _LEAST_SHARE * before or sum(sum(part.specks) for part in parts) < _FEWEST:
        return []
    return [_report(labels, parts, 1 - after / before, sum(box.voxels for box in boxes) / labels.box.voxels)]


def find_specks(labels: LabelVolume, box: Box) -> Speckle:
    """The specks of a box of the labels. What reaches beyond the box is none."""
    codes = labels.read(box)
    clean, specks, components = codes, [], []
    for code in range(len(labels.phases)):
        clean, dropped, number = drop_small(clean, code, SPECK, box, labels.shape)
        specks.append(dropped)
        components.append(number)
    return Speckle(tuple(specks), tuple(components), codes, clean)


def _choose_boxes(shape: Triple) -> list[Box]:
    """The whole of a small volume, else a few boxes spread over it."""
    whole = Box.whole(shape)
    if whole.voxels <= _WHOLE:
        return [whole]
    edges = [min(_EDGE, n) for n in shape]
    boxes = []
    for number in range(_BOXES):
        places = ((number + 0.5) / _BOXES, (0.3 + 0.618 * number) % 1, (0.7 + 0.382 * number) % 1)
        start = triple([int(place * (n - edge)) for place, n, edge in zip(places, shape, edges, strict=True)])
        boxes.append(Box(start, triple([a + edge for a, edge in zip(start, edges, strict=True)])))
    return boxes


def _count_faces(codes: NDArray[np.uint8]) -> int:
    """Pairs of neighbouring voxels of two phases."""
    faces = 0
    for axis in range(3):
        here, there = (np.moveaxis(codes, axis, 0)[part] for part in (np.s_[1:], np.s_[:-1]))
        faces += int(np.count_nonzero((here != there) & (here != NOT_ANNOTATED) & (there != NOT_ANNOTATED)))
    return faces


def _report(labels: LabelVolume, parts: Sequence[Speckle], share: float, looked_at: float) -> Finding:
    names, positive = labels.phases.names, labels.phases.positive
    counts = [
        f"{sum(part.specks[code] for part in parts):,} of {sum(part.components[code] for part in parts):,} pieces of "
        f"{name}"
        for code, name in enumerate(names)
        if sum(part.specks[code] for part in parts)
    ]
    where = "" if looked_at > 0.999 else f" (in {percent(looked_at)} of the volume)"
    return Finding(
        "noisy-segmentation",
        f"the segmentation is speckled: {' and '.join(counts)} have fewer than {SPECK} voxels{where}",
        f"specks hold {percent(share)} of the boundary between phases{_describe_surface(labels, parts, positive)}; "
        "numbers of components, Euler numbers and intercepts are those of the noise",
        f"remove them (segment with --remove-specks {SPECK} --fill-holes {SPECK}), or annotate what suggest names, or "
        "train longer",
    )


def _describe_surface(labels: LabelVolume, parts: Sequence[Speckle], code: int) -> str:
    """The specific surface area of a phase with and without specks, in words; empty without a voxel size, for a single
    slice, which has none, and for a phase that is nowhere."""
    size = labels.voxel_size
    if size is None or 1 in labels.shape or not any(np.any(part.codes == code) for part in parts):
        return ""
    with_specks, without = (
        np.mean([_measure(getattr(part, name), labels, size, code) or 0.0 for part in parts])
        for name in ("codes", "clean")
    )
    return (
        f" (specific surface area of {labels.phases.names[code]}: {with_specks:.3g} /µm with them, {without:.3g} /µm "
        "without)"
    )


def _measure(codes: NDArray[np.uint8], labels: LabelVolume, size: VoxelSize, code: int) -> float | None:
    if not np.any(codes == code):  # all of it is specks
        return 0.0
    part = LabelVolume.from_array(codes, replace(labels.phases, positive=code), size)
    return measure_surface(part, labels.phases.names[code])


SPECKLE = Check("specks in a segmentation", "result", check_speckle)
