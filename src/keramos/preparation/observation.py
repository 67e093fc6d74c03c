"""The first reading of a raw stack: every slice once, in order, past everything that has to see it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from keramos.blocks import FoldCheckpoint, Plan
from keramos.core import Box, PixelSource
from keramos.core.errors import PixelError
from keramos.core.progress import Progress, silent
from keramos.preparation.slice_sorting import Kind, SliceSorter

_SLAB_BYTES = 2**26
_LARGEST = 1e7
"""Grey value whose fourth power, summed over the pixels of a slice, float32 (3.4e38) holds."""


class SliceObserver(Protocol):
    """Looks at each good slice once, in order, and then says what it found; see `Observer` for those of remedies.

    What it holds can be pickled, so that a reading that was killed goes on.
    """

    def add(self, z: int, grey: NDArray[np.float32]) -> None:
        """Look at slice `z` (Y X)."""
        ...

    def finish(self) -> Any:
        """The result."""
        ...


@dataclass(frozen=True, eq=False)
class Observation:
    """The findings of the observers: the slices to use, those that are blank or repeated, and what each observer says.

    Slices are numbers in the raw stack. `digests` of all slices, in hexadecimal digits, tell them from others.
    """

    kept: tuple[int, ...]
    blank: tuple[int, ...]
    repeated: tuple[int, ...]
    findings: Mapping[str, Any]
    digests: tuple[str, ...] = ()


@dataclass
class _Reading:
    """The first slices of a stack, as far as they were read: the observers that saw them, and the kind of each."""

    observers: dict[str, SliceObserver]
    kinds: list[Kind] = field(default_factory=list)
    sorter: SliceSorter = field(default_factory=SliceSorter)

    def add(self, slab: NDArray[Any], first: int) -> Iterator[int]:
        """Look at the next slices (Z Y X), the first of which is number `first`; how many were read is given after
        each."""
        for z, (grey, kind) in enumerate(zip(slab, self.sorter.sort(slab), strict=True), first):
            self.kinds.append(kind)
            if kind == "good":
                shown = grey.astype(np.float32)
                for observer in self.observers.values():
                    observer.add(z, shown)
            yield len(self.kinds)


def observe_stack(
    source: PixelSource,
    field: Box,
    observers: Mapping[str, SliceObserver],
    *,
    progress: Progress = silent,
    checkpoint: FoldCheckpoint | None = None,
) -> Observation:
    """Show each good slice of a field to all observers; the next slices are read meanwhile.

    Args:
        source: the raw slices.
        field: the part of them that is shown.
        observers: by name; each sees float32 grey values (Y X).
        checkpoint: where the reading is saved now and then, so that one that was killed goes on; the caller deletes it
            when the result is saved.

    Raises:
        PixelError: grey values whose products float32 does not hold.
    """
    plan = _plan_slabs(source, field)
    done, reading = 0, _Reading(dict(observers))
    if checkpoint is not None:
        checkpoint.classes = {type(observer) for observer in observers.values()}
        done, reading = checkpoint.load(plan) or (done, reading)
    progress(len(reading.kinds), field.shape[0])
    for place, slab in enumerate(_read_ahead(source, [block.core.shift(field.start) for block in plan][done:]), done):
        _refuse_large(slab)
        for seen in reading.add(slab, field.start[0] + len(reading.kinds)):
            progress(seen, field.shape[0])
        if checkpoint is not None:
            checkpoint.save(place + 1, reading)
    first = field.start[0]
    by_kind = {
        kind: tuple(first + z for z, own in enumerate(reading.kinds) if own == kind) for kind in set(reading.kinds)
    }
    kept = by_kind.get("good", ())
    said = {name: observer.finish() for name, observer in reading.observers.items()} if kept else {}
    digests = tuple(digest.hex() for digest in reading.sorter.digests)
    return Observation(kept, by_kind.get("blank", ()), by_kind.get("repeated", ()), said, digests)


def _refuse_large(slab: NDArray[Any]) -> None:
    largest = float(max(slab.max(), -slab.min())) if slab.dtype.kind == "f" else 0.0
    if largest > _LARGEST:
        raise PixelError(
            f"expected grey values of at most {_LARGEST:g}, found {largest:.3g}; divide the images by a number first"
        )


def _read_ahead(source: PixelSource, boxes: Sequence[Box]) -> Iterator[NDArray[Any]]:
    """The pixels of boxes; those of the next one are read meanwhile."""
    with ThreadPoolExecutor(1) as reader:
        waiting = [reader.submit(source.read, box) for box in boxes[:1]]
        for following in boxes[1:]:
            pixels = waiting.pop().result()
            waiting.append(reader.submit(source.read, following))
            yield pixels
        for last in waiting:
            yield last.result()


def _plan_slabs(source: PixelSource, field: Box) -> Plan:
    """Boxes of some slices of the field, counted from its beginning."""
    area = field.shape[1] * field.shape[2] * source.dtype.itemsize
    return Plan(field.shape, (max(1, min(16, _SLAB_BYTES // max(1, area))), *field.shape[1:]))
