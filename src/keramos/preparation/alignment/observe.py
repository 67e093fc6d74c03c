"""The observer of drift: looks at each slice once, and measures its shift against slices 1, 2, 4 and 8 before it."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from keramos.preparation.alignment.coarse import CoarseMatcher
from keramos.preparation.alignment.fiducial import FiducialObserver, PlaneBox
from keramos.preparation.alignment.flow import (
    Flow,
    LayerName,
    measure_difference,
    measure_flow,
    measure_sd,
)
from keramos.preparation.alignment.layers import Layers, choose_reduction, split_layers
from keramos.preparation.alignment.motion import SliceMotion, find_motion
from keramos.preparation.alignment.tracks import Link
from keramos.preparation.alignment.wander import Wander, measure_wander
from keramos.preparation.block_means import shrink_slice
from keramos.preparation.remedy import Grey, RawStack

BASELINES: dict[LayerName, tuple[int, ...]] = {"face": (1, 2), "floor": (1, 2, 4, 8)}
"""Distances in slices between those that are compared, by layer: floors stay in sight for long, cut edges do not."""

_REMEMBERED = 8
_SLOPE = 2.0  # pixels a slice: scale of the motion of edges on the face
_FIRST, _AGAIN = 4, 2  # largest number of iterations from a rough and from a good guess


@dataclass(frozen=True, eq=False)
class _Seen:
    """A slice that later ones are compared with; `at` is the position of each layer as far as it is known (Y X)."""

    z: int
    layers: Layers
    spectrum: NDArray[np.complex64]
    at: dict[LayerName, NDArray[np.float64]]


class ShiftObserver:
    """Measures the shifts between usable slices, shown in order, each once. Blank and repeated ones are not shown.

    Only the last eight slices are kept, reduced to at most 560 pixels along each axis.
    """

    def __init__(self, stack: RawStack, fiducial: PlaneBox | None = None) -> None:
        self._stack = stack
        shape = (stack.shape[1], stack.shape[2])
        self._fiducial = None if fiducial is None else FiducialObserver(shape, fiducial)
        self._factor = choose_reduction(shape)
        self._coarse = CoarseMatcher((shape[0] // self._factor, shape[1] // self._factor))
        self._seen: deque[_Seen] = deque(maxlen=_REMEMBERED)
        self._links: list[Link] = []
        self._shown: list[int] = []
        self._sums: dict[LayerName, list[NDArray[np.float64]]] = {"face": [], "floor": []}
        self._step = np.zeros(2)  # of the face, from the last slice but one to the last
        self._parallax = np.zeros(2)  # of floors against the face, pixels a slice

    def add(self, z: int, grey: Grey) -> None:
        """Look at slice `z` (Y X)."""
        if self._fiducial is not None:
            self._fiducial.add(z, grey)
        plane = shrink_slice(grey, self._factor)
        layers, spectrum = split_layers(plane, self._stack.ion_beam), self._coarse.transform(plane)
        at: dict[LayerName, NDArray[np.float64]] = {"face": np.zeros(2), "floor": np.zeros(2)}
        if self._seen:
            at = self._measure_last(z, layers, spectrum)
        for seen in self._seen:
            for layer, baselines in BASELINES.items():
                if seen is not self._seen[-1] and z - seen.z in baselines and _can_match(layer, seen.layers, layers):
                    self._measure(layer, seen, z, layers, at[layer] - seen.at[layer], _AGAIN)
        self._shown.append(z)
        self._seen.append(_Seen(z, layers, spectrum, at))

    def find_place(self) -> NDArray[np.float64]:
        """The position (Y X, pixels of the slices as shown) of the face in the last slice: what lies at p in it lies at
        p plus this in the first, as far as its neighbours tell."""
        return np.asarray(self._factor * self._seen[-1].at["face"])

    def show_last(self) -> tuple[Layers, dict[LayerName, NDArray[np.float64]]]:
        """The layers of the last slice, reduced, and the position of either as far as its neighbours tell (Y X; pixels
        of the layers)."""
        return self._seen[-1].layers, self._seen[-1].at

    def finish(self) -> SliceMotion:
        """The motion of the slices, in pixels of the slices as they were shown."""
        links = [link.scale(self._factor) for link in self._links]
        fixed = () if self._fiducial is None else self._fiducial.links
        wander: dict[str, Wander] = {
            name: measure_wander(name, sums).scale(self._factor) for name, sums in self._sums.items() if sums
        }
        return find_motion([*links, *fixed], self._stack.shape[0], np.array(self._shown, np.int64), wander)

    def _measure_last(
        self, z: int, layers: Layers, spectrum: NDArray[np.complex64]
    ) -> dict[LayerName, NDArray[np.float64]]:
        """The position of slice `z` from the slice before it."""
        last = self._seen[-1]
        guesses = (self._coarse.guess(last.spectrum, spectrum), self._step * (z - last.z), np.zeros(2))
        start = min(guesses, key=lambda guess: measure_difference(last.layers.face, layers.face, guess))
        face = self._measure("face", last, z, layers, start, _FIRST).yx
        floor = face
        if _can_match("floor", last.layers, layers):
            floor = self._measure("floor", last, z, layers, face + self._parallax * (z - last.z), _FIRST).yx
            self._parallax += (np.clip((floor - face) / (z - last.z), -6, 6) - self._parallax) / 4
        self._step = face / (z - last.z)
        return {"face": last.at["face"] + face, "floor": last.at["floor"] + floor}

    def _measure(
        self, layer: LayerName, seen: _Seen, z: int, layers: Layers, start: NDArray[np.float64], steps: int
    ) -> Flow:
        flow = measure_flow(seen.layers, layers, layer, start, steps, _SLOPE * (z - seen.z))
        if seen is self._seen[-1]:
            self._sums[layer].append(flow.sums)
        self._links.append(Link(seen.z, z, layer, flow.yx, measure_sd(flow)))
        return flow


def observe_shifts(stack: RawStack, fiducial: PlaneBox | None = None) -> ShiftObserver:
    """An observer of the drift of a stack.

    Args:
        fiducial: the part of the slices in which something fixed is seen, such as a fiducial mark or the edges of the
            trench: its shifts tell the drift without the material.

    Raises:
        SettingsError: the box is not within the slices, or too small.

    Example:
        >>> from scipy.ndimage import gaussian_filter
        >>> rng = np.random.default_rng(0)
        >>> wide = gaussian_filter(rng.normal(size=(90, 90)), 2).astype(np.float32)
        >>> observer = observe_shifts(RawStack((3, 80, 80)))
        >>> for z in range(3):
        ...     observer.add(z, wide[5 : 85, 3 * z : 80 + 3 * z])
        >>> np.rint(observer.finish().yx).astype(int).tolist()
        [[0, -3], [0, 0], [0, 3]]
    """
    return ShiftObserver(stack, fiducial)


def _can_match(layer: LayerName, first: Layers, second: Layers) -> bool:
    return layer == "face" or (first.has_floors and second.has_floors)
