"""Distances to the border of a phase as whole numbers, block by block, the same in any blocks."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from threading import Lock

import edt
import numpy as np
from numpy.typing import NDArray

from keramos.core import NOT_ANNOTATED, Box, LabelVolume, triple
from keramos.core.errors import MemoryShortageError

STEPS = 64
"""Heights are in 64ths of the shortest edge of a voxel: below the distance's own error, and free of rounding."""
_HIGHEST = 2**16 - 1
_FIRST_HALO = 12.0
_BYTES_PER_VOXEL = 16
Heights = NDArray[np.uint16]


@dataclass(frozen=True, eq=False)
class HeightReader:
    """Reads how far voxels of a phase lie from the nearest voxel of another phase, centre to centre.

    Neither the volume's border nor voxels that nobody annotated end the phase.

    Attributes:
        labels: the volume.
        code: of the phase.
        edges: of a voxel, in units of the shortest.
        memory: bytes that reading a block may take; threads read one after the other.
        threads: threads that work at a time.
    """

    labels: LabelVolume
    code: int
    edges: tuple[float, float, float]
    memory: int
    threads: int = 1
    _halos: deque[float] = field(default_factory=lambda: deque([_FIRST_HALO], maxlen=1), repr=False)
    _lock: Lock = field(default_factory=Lock, repr=False)

    def read(self, box: Box) -> Heights:
        """The heights in a box of the volume, at least 1 in the phase and 0 elsewhere.

        So much around the box is read that what is not read could not be nearer.

        Raises:
            MemoryShortageError: the phase is so wide there that this does not fit into the memory.
        """
        with self._lock:
            return self._read(box)

    def _read(self, box: Box) -> Heights:
        halo = self._halos[-1]
        if not self._fits(self._around(box, halo)):  # what the last block needed; this one may do with less
            halo = _FIRST_HALO
        while True:
            around = self._around(box, halo)
            self.check_memory(around)
            codes = self.labels.read(around)
            ends = (codes != self.code) & (codes != NOT_ANNOTATED)
            distance = edt.edt(
                np.ascontiguousarray(~ends), anisotropy=self.edges, black_border=False, parallel=self.threads
            )
            part = box.relative_to(around).slices
            inside, depth = codes[part] == self.code, np.asarray(distance)[part]
            needed = self._farthest_short(np.where(inside, depth, np.float32(0)), box, around)
            if needed is None:
                # The next block is likely to need as much as this one did.
                self._halos.append(min(halo, max(_FIRST_HALO, float(depth.max(where=inside, initial=0)) + 1)))
                return _to_steps(depth, inside)
            halo = max(2 * halo, needed + 1 if needed < 16 * halo else 2 * halo)

    def _farthest_short(self, depth: NDArray[np.float32], box: Box, around: Box) -> float | None:
        """The largest of the distances that voxels which were not read might shorten; None if there is none."""
        lines = []
        for axis, (edge, end) in enumerate(zip(self.edges, self.labels.shape, strict=True)):
            places = np.arange(box.start[axis], box.stop[axis])
            first, last = around.start[axis], around.stop[axis]
            below = (places - first + 1) * edge if first > 0 else np.full(len(places), np.inf)
            above = (last - places) * edge if last < end else np.full(len(places), np.inf)
            lines.append(np.minimum(below, above))
        # Most distances are shorter than the way to any voxel that was not read.
        far = np.argwhere(depth > min(line.min() for line in lines))
        reach = np.min([line[at] for line, at in zip(lines, far.T, strict=True)], axis=0)
        deep = depth[tuple(far.T)]
        return float(deep[deep > reach].max()) if (deep > reach).any() else None

    def _around(self, box: Box, halo: float) -> Box:
        return box.grow(triple([int(halo / edge) + 1 for edge in self.edges])).clip(self.labels.box)

    def _fits(self, around: Box) -> bool:
        return _BYTES_PER_VOXEL * around.voxels <= self.memory

    def check_memory(self, around: Box) -> None:
        """Refuse to measure distances in a box that is too large for the memory."""
        if not self._fits(around):
            needed = _BYTES_PER_VOXEL * around.voxels
            raise MemoryShortageError(
                f"the distances in objects as wide as those of {self.labels.phases.names[self.code]} take about "
                f"{needed / 2**30:.2g} GiB at a time, more than the {self.memory / 2**30:.2g} GiB that are left for "
                "them; allow more memory"
            )


def _to_steps(depth: NDArray[np.float32], inside: NDArray[np.bool_]) -> Heights:
    steps = np.zeros(depth.shape, np.uint16)
    steps[inside] = np.clip(np.rint(depth[inside] * STEPS), 1, _HIGHEST)
    return steps
