"""Labels of the slices that have some, with their sources."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from keramos.annotation.drawing.patch import Codes, Patch
from keramos.core import NOT_ANNOTATED, Triple

Counts = NDArray[np.int64]


class LabelPlanes:
    """Labels of a stack, slice by slice; a slice without labels takes no memory.

    Example:
        >>> planes = LabelPlanes((9, 2, 3))
        >>> one = np.ones((1, 2), np.uint8)
        >>> planes.write(Patch(4, 0, 1, planes.codes(4)[0:1, 1:3], one), one)
        >>> planes.codes(4).tolist(), list(planes.counts)
        ([[255, 1, 1], [255, 255, 255]], [4])
    """

    def __init__(self, shape: Triple) -> None:
        self.shape = shape
        self._codes: dict[int, Codes] = {}
        self._sources: dict[int, Codes] = {}
        self._counts: dict[int, Counts] = {}
        self._writes, self._revisions = 0, dict[int, int]()
        self._blank = _read_only(np.full(shape[1:], NOT_ANNOTATED, np.uint8))
        self._no_sources = _read_only(np.zeros(shape[1:], np.uint8))

    @property
    def counts(self) -> Mapping[int, Counts]:
        """Numbers of voxels by code (256,) of each slice that has labels."""
        return MappingProxyType(self._counts)

    def revision(self, z: int) -> int:
        """A number that changes with each change of slice `z`; 0 before the first."""
        return self._revisions.get(z, 0)

    def codes(self, z: int) -> Codes:
        """A read-only view (Y X) of the labels of slice `z`; it changes with them."""
        return _read_only(self._codes[z].view()) if z in self._codes else self._blank

    def sources(self, z: int) -> Codes:
        """A read-only view (Y X) of where they came from."""
        return _read_only(self._sources[z].view()) if z in self._sources else self._no_sources

    def write(self, patch: Patch, sources: Codes) -> None:
        """Give the patch's rectangle its codes after, and these sources."""
        z, area = patch.z, patch.area
        self._writes += 1
        self._revisions[z] = self._writes
        if z not in self._codes:
            self._codes[z], self._sources[z] = self._blank.copy(), self._no_sources.copy()
            self._counts[z] = np.bincount([NOT_ANNOTATED], [self._blank.size], 256).astype(np.int64)
        now = self._codes[z][area]
        self._counts[z] += np.bincount(patch.after.ravel(), minlength=256)
        self._counts[z] -= np.bincount(now.ravel(), minlength=256)
        now[...] = patch.after
        self._sources[z][area] = sources
        if self._counts[z][NOT_ANNOTATED] == self._blank.size:
            del self._codes[z], self._sources[z], self._counts[z]

    def put(self, z: int, codes: Codes, sources: Codes) -> None:
        """Set a whole slice."""
        self.write(Patch(z, 0, 0, self.codes(z), codes), sources)


def _read_only(array: Codes) -> Codes:
    array.flags.writeable = False
    return array
