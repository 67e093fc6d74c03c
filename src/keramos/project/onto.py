"""Labels of a prepared volume laid onto its raw slices, and labels drawn on raw slices onto the prepared volume."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from keramos.core import NOT_ANNOTATED, Box, Finding, LabelVolume, SourceView, Triple, Volume
from keramos.core.errors import LabelError, ShapeError
from keramos.io import slice_names
from keramos.preparation import SliceTransforms
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
        labels: a segmentation of a prepared volume, or labels drawn on raw slices.
        target: the raw slices of that volume, or the volume that was prepared from those slices.
        slices: numbers of the raw slices that labels of fewer slices than these are of, in their order.

    Raises:
        LabelError: neither side was prepared, the number of slices is another, or the volume does not show one of them.
        ShapeError: labels or raw slices of another size than those that were prepared.
    """
    facts = facts_of(labels)
    if facts is not None and facts.preparation:
        transforms = SliceTransforms.of(facts.preparation)
        if target.shape != transforms.raw_shape:
            raise ShapeError(
                f"expected the raw slices that {labels.name} were prepared from, of {transforms.raw_shape} (z, y, x), "
                f"found {target.shape} in {target.name}"
            )
        z, y, x = facts.origin
        numbers = {z + own: own for own in range(labels.shape[0])}
        source = LaidLabels(labels.source, transforms.raw_shape, transforms.place_of, numbers, (y, x))
    elif target.facts.get("window"):
        transforms = SliceTransforms.of(target.facts)
        numbers = _number_raw(labels, transforms, slices)
        source = LaidLabels(labels.source, transforms.shape, transforms.origin_of, numbers)
    else:
        raise LabelError(
            f"expected labels of a volume that Keramos prepared, or such a volume to lay labels onto, found "
            f"{labels.name} and {target.name}"
        )
    return replace(labels, source=source, voxel_size=target.voxel_size, facts={}, findings=())


def _number_raw(labels: LabelVolume, transforms: SliceTransforms, slices: Sequence[int] | None) -> dict[int, int]:
    """The slices of labels by the numbers of the raw slices that they are of."""
    depth, *size = labels.shape
    if tuple(size) != transforms.raw_shape[1:]:
        raise ShapeError(
            f"expected labels of whole raw slices, {transforms.raw_shape[1]} x {transforms.raw_shape[2]} pixels "
            f"(y, x), found {size[0]} x {size[1]} in {labels.name}"
        )
    if depth == transforms.raw_shape[0]:
        return {z: z for z in range(depth)}
    if slices is None or len(slices) != depth:
        raise LabelError(
            f"expected the numbers of the raw slices (from 0 on) that the {depth} slice(s) of {labels.name} are of, "
            f"found {'none' if slices is None else len(slices)}; give them with --slices"
        )
    _refuse_slices(slices, transforms, labels.name)
    return {z: own for own, z in enumerate(slices)}


def _refuse_slices(slices: Sequence[int], transforms: SliceTransforms, name: str) -> None:
    """LabelError for a raw slice that is named twice, or that no slice of the volume shows."""
    origins = (transforms.origin_of(z) for z in range(transforms.shape[0]))
    shown = {origin[0] for origin in origins if origin is not None}
    for place, z in enumerate(slices):
        if z in slices[:place]:
            raise LabelError(f"expected another raw slice for each slice of {name}, found {z} twice")
        if z not in shown:
            raise LabelError(
                f"expected numbers of raw slices that the volume shows, found {z}, which was left out (blank, a copy, "
                f"too near to others) or is none of the {transforms.raw_shape[0]}; leave it out of {name}"
            )


def doubt_raw(labels: LabelVolume, target: Volume) -> Finding | None:
    """A finding where slices, onto which labels of a prepared volume are laid, have other file names than those that it
    was prepared from; None where all are alike, or one of the stacks is a single file."""
    facts = facts_of(labels)
    if facts is None or not facts.preparation:
        return None
    names, stated = slice_names(target), facts.preparation["slices"]
    pairs = [(names[z], name) for z, name in zip(facts.preparation["raw_slices"], stated, strict=True)]
    others = [pair for pair in pairs if pair[0] != pair[1]]
    if not others or any(name.startswith("slice ") for name in others[0]):
        return None
    return Finding(
        "other-slice",
        f"{len(others)} of {len(pairs)} slices of {target.name} have other names than those that {labels.name} was "
        f"prepared from, such as {others[0][0]} for {others[0][1]}",
        "if they are those of another stack, the labels do not belong to them",
        "give the raw slices that were prepared",
    )
