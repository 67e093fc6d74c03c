"""Labels of a prepared volume laid onto its raw slices, and labels drawn on raw slices onto the prepared volume."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from keramos.core import NOT_ANNOTATED, Box, LabelVolume, SourceView, Triple, Volume, triple
from keramos.core.errors import LabelError, ShapeError
from keramos.preparation import SliceTransforms
from keramos.project.raw_slices import RawSlices
from keramos.project.segmentation_facts import facts_of

Find = Callable[[int], tuple[int, NDArray[np.intp], NDArray[np.intp]] | None]


@dataclass(frozen=True, eq=False)
class LaidLabels(SourceView):
    """Labels on the grid of another stack, to the nearest voxel; not annotated where the other one shows more.

    Attributes:
        grid: the shape of the other stack.
        find: for a slice of it the slice of the labels, and their row and column for each of its rows and columns.
        slices: of the labels, by their number in what `find` gives.
        start: row and column of that at which the labels begin.
    """

    grid: Triple
    find: Find
    slices: Mapping[int, int]
    start: tuple[int, int] = (0, 0)

    @property
    def shape(self) -> Triple:
        return self.grid

    @property
    def origin(self) -> Triple:
        return (0, 0, 0)

    def read(self, box: Box) -> NDArray[Any]:
        codes = np.full(box.shape, NOT_ANNOTATED, np.uint8)
        _, height, width = self.source.shape
        for place, z in enumerate(range(box.start[0], box.stop[0])):
            origin = self.find(z)
            if origin is None or origin[0] not in self.slices:
                continue
            at, rows, columns = origin
            rows = rows[box.start[1] : box.stop[1]] - self.start[0]
            columns = columns[box.start[2] : box.stop[2]] - self.start[1]
            y, x = (rows >= 0) & (rows < height), (columns >= 0) & (columns < width)
            if y.any() and x.any():
                own = self.slices[at]
                plane = self.source.read(Box((own, 0, 0), (own + 1, height, width)))[0]
                codes[place][np.ix_(y, x)] = plane[np.ix_(rows[y], columns[x])]
        return codes


def lay_onto(labels: LabelVolume, target: Volume, slices: Sequence[int] | None = None) -> LabelVolume:
    """Labels on the grid of another stack.

    Args:
        labels: those of a prepared volume, or labels drawn on raw slices.
        target: the raw slices of that volume, or the volume that was prepared from those slices.
        slices: numbers of the raw slices that labels of fewer slices than these are of, in their order; None: those of
            the same names.

    Raises:
        LabelError: neither side was prepared, or nothing says which raw slices the labels are of.
        ShapeError: labels or raw slices of another size than those that were prepared.
    """
    preparation = preparation_of(labels)
    if preparation is not None:
        transforms = SliceTransforms.of(preparation)
        if target.shape != transforms.raw_shape:
            raise ShapeError(
                f"expected the raw slices that {labels.name} were prepared from, of {transforms.raw_shape} (z, y, x), "
                f"found {target.shape} in {target.name}"
            )
        z, y, x = _place_in_volume(labels)
        numbers = {z + own: own for own in range(labels.shape[0])}
        source = LaidLabels(labels.source, transforms.raw_shape, transforms.place_of, numbers, (y, x))
    elif target.facts.get("window"):
        transforms = SliceTransforms.of(target.facts)
        numbers = RawSlices.of(target.facts).number(labels, slices)
        source = LaidLabels(labels.source, transforms.shape, transforms.origin_of, numbers)
    else:
        raise LabelError(
            f"expected labels of a volume that Keramos prepared, or such a volume to lay labels onto, found "
            f"{labels.name} and {target.name}"
        )
    return replace(labels, source=source, voxel_size=target.voxel_size, facts={}, findings=())


def preparation_of(labels: LabelVolume) -> Mapping[str, Any] | None:
    """The facts about how the volume of labels was prepared; None where it was not, or labels do not say it."""
    facts = facts_of(labels)
    if facts is not None:
        return facts.preparation or None
    return labels.facts if labels.facts.get("window") else None


def _place_in_volume(labels: LabelVolume) -> Triple:
    """The place of the first voxel of labels in the volume that they are of."""
    facts = facts_of(labels)
    start = (0, 0, 0) if facts is None else facts.origin
    return triple([one + other for one, other in zip(start, labels.origin, strict=True)])
