"""The first reading of a raw stack: every slice once, in order, past everything that has to see it."""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from keramos.core import Box, PixelSource
from keramos.core.errors import PixelError
from keramos.core.progress import Progress, silent
from keramos.preparation.slice_sorting import SliceSorter

_SLAB_BYTES = 2**26
_LARGEST = 1e7
"""Grey value whose fourth power, summed over the pixels of a slice, float32 (3.4e38) holds."""


class SliceObserver(Protocol):
    """Looks at each good slice once, in order, and then says what it found; see `Observer` for those of remedies."""

    def add(self, z: int, grey: NDArray[np.float32]) -> None:
        """Look at slice `z` (Y X)."""
        ...

    def finish(self) -> Any:
        """The result."""
        ...


@dataclass(frozen=True, eq=False)
class Observation:
    """The findings of the observers: the slices to use, those that are blank or repeated, and what each observer says.

    Slices are numbers in the raw stack.
    """

    kept: tuple[int, ...]
    blank: tuple[int, ...]
    repeated: tuple[int, ...]
    findings: Mapping[str, Any]


def observe_stack(
    source: PixelSource, field: Box, observers: Mapping[str, SliceObserver], *, progress: Progress = silent
) -> Observation:
    """Show each good slice of a field to all observers; the next slices are read meanwhile.

    Args:
        source: the raw slices.
        field: the part of them that is shown.
        observers: by name; each sees float32 grey values (Y X).

    Raises:
        PixelError: grey values whose products float32 does not hold.
    """
    kinds: list[str] = []
    sorter, depth = SliceSorter(), field.shape[0]
    boxes = _plan_slabs(source, field)
    progress(0, depth)
    with ThreadPoolExecutor(1) as reader:
        ahead: Future[NDArray[Any]] | None = None
        for place, box in enumerate(boxes):
            slab = ahead.result() if ahead is not None else source.read(box)
            ahead = reader.submit(source.read, boxes[place + 1]) if place + 1 < len(boxes) else None
            _refuse_large(slab)
            for z, (grey, kind) in enumerate(zip(slab, sorter.sort(slab), strict=True), box.start[0]):
                kinds.append(kind)
                if kind == "good":
                    shown = grey.astype(np.float32)
                    for observer in observers.values():
                        observer.add(z, shown)
                progress(z + 1 - field.start[0], depth)
    first = field.start[0]
    by_kind = {kind: tuple(first + z for z, own in enumerate(kinds) if own == kind) for kind in set(kinds)}
    kept = by_kind.get("good", ())
    said = {name: observer.finish() for name, observer in observers.items()} if kept else {}
    return Observation(kept, by_kind.get("blank", ()), by_kind.get("repeated", ()), said)


def _refuse_large(slab: NDArray[Any]) -> None:
    largest = float(max(slab.max(), -slab.min())) if slab.dtype.kind == "f" else 0.0
    if largest > _LARGEST:
        raise PixelError(
            f"expected grey values of at most {_LARGEST:g}, found {largest:.3g}; divide the images by a number first"
        )


def _plan_slabs(source: PixelSource, field: Box) -> list[Box]:
    """Boxes of some slices of the field."""
    area = field.shape[1] * field.shape[2] * source.dtype.itemsize
    deep = max(1, min(16, _SLAB_BYTES // max(1, area)))
    return [
        Box((z, *field.start[1:]), (min(z + deep, field.stop[0]), *field.stop[1:]))
        for z in range(field.start[0], field.stop[0], deep)
    ]
