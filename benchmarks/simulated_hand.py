"""A simulated person who draws labels with the tools of `keramos.annotation`, and what each movement costs.

The person sees labels with human errors (`keramos.simulation`'s annotator), never the exact truth. Times are stated,
not measured: aiming and pressing by Fitts' law for targets of this size (about a second), tracing an outline by the
steering law of Accot and Zhai (1997) for a tolerance of about two voxels at twice their size on the screen.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage
from skimage.measure import approximate_polygon, find_contours

from keramos.annotation.drawing import Drawing, VolumeScene, make_edit
from keramos.core import NOT_ANNOTATED

COSTS = {
    "aim and press, s a stroke": 0.9,
    "click or key, s": 0.8,
    "trace an outline, voxels/s": 50.0,
    "scribble or paint, voxels/s": 150.0,
    "look through 512 x 512 voxels, s": 10.0,
    "go to another slice, s": 1.0,
}
SMALLEST = 12
"""Errors of fewer voxels are not seen."""
_EDGE = 2
"""Nor are those within this distance of an outline, in voxels: there the person's own labels err, too."""
_TOLERANCE = 0.4
Codes = NDArray[np.uint8]


@dataclass
class Hand:
    """The person with their drawing; `seen` (Z Y X) are the labels that they would give.

    Attributes:
        strokes: strokes and clicks so far.
        seconds: time that they took, looking included.
    """

    drawing: Drawing
    scene: VolumeScene
    seen: Codes
    strokes: int = 0
    seconds: float = 0.0
    corrected: list[int] = field(default_factory=list)

    def paint_slice(self, z: int) -> None:
        """Label a whole slice: trace each region of the phases but the most frequent one, then fill the rest."""
        self._turn_and_look(self.seen[z].size)
        rest = int(np.argmax(np.bincount(self.seen[z].ravel())))
        for code in np.unique(self.seen[z]):
            if code != rest:
                self._trace_regions(z, self.seen[z] == code, int(code), rest)
        rows, columns = self.seen[z].shape
        frame = [[-1, -1], [columns, -1], [columns, rows], [-1, rows]]
        self._make("polygon", z, rest, frame, {"keep": True})
        self._click()

    def scribble(self, z: int, box: tuple[slice, slice], proposal: Codes | None, count: int) -> None:
        """Paint inside of up to `count` regions of a box: first those that the proposal has wrong, then at random."""
        self._turn_and_look(self._area(box))
        wrong = [] if proposal is None else self._see_errors(z, box, proposal)
        for mask, code in wrong[:count]:
            self._paint_inside(z, mask, code)
        rng = np.random.default_rng((z, self.strokes))
        for number in range(max(0, count - len(wrong))):
            codes = np.unique(self.seen[z][box])
            code = int(codes[number % len(codes)])
            self._paint_inside(z, self._region_at_random(z, box, code, rng), code)

    def correct(self, z: int, box: tuple[slice, slice], proposal: Codes, most: int) -> None:
        """Draw over up to `most` errors of the proposal in a box, the largest first, and accept the rest of the box."""
        self._turn_and_look(self._area(box))
        wrong = self._see_errors(z, box, proposal)
        self.corrected.append(len(wrong))
        for mask, code in wrong[:most]:
            if mask.sum() > 400:
                self._trace_regions(z, mask, code, None)
            else:
                self._paint_inside(z, mask, code, cover=True)
        top, left = box[0].start, box[1].start
        bottom, right = box[0].stop - 1, box[1].stop - 1
        frame = [[left, top], [right, top], [right, bottom], [left, bottom]]
        self._make("accept", z, NOT_ANNOTATED, frame, {"where": "outline", "keep": True})
        self._click()

    def _see_errors(self, z: int, box: tuple[slice, slice], proposal: Codes) -> list[tuple[NDArray[np.bool_], int]]:
        """Regions (Y X of the slice) that the proposal has wrong, each with its right phase; largest first."""
        seen, rows = self.seen[z], []
        outlines = ndimage.maximum_filter(seen, 3) != ndimage.minimum_filter(seen, 3)
        far = ndimage.distance_transform_edt(~outlines) > _EDGE if outlines.any() else np.ones(seen.shape, bool)
        inside = np.zeros(seen.shape, bool)
        inside[box] = True
        for code in np.unique(seen):
            wrong = (seen == code) & (proposal != code) & (proposal != NOT_ANNOTATED)
            # What reaches far from the outline is seen, and then painted up to the outline.
            regions, count = ndimage.label(wrong & inside)
            core = np.bincount(regions[far & wrong & inside], minlength=count + 1)
            sizes = np.bincount(regions.ravel(), minlength=count + 1)
            noticed = np.flatnonzero((core >= SMALLEST // 2) & (sizes >= SMALLEST))
            rows.extend((regions == number, int(code)) for number in noticed if number)
        return sorted(rows, key=lambda row: -int(row[0].sum()))

    def _region_at_random(
        self, z: int, box: tuple[slice, slice], code: int, rng: np.random.Generator
    ) -> NDArray[np.bool_]:
        inside = np.zeros(self.seen[z].shape, bool)
        inside[box] = self.seen[z][box] == code
        regions, _ = ndimage.label(inside)
        voxels = np.argwhere(regions)
        row, column = voxels[rng.integers(len(voxels))]
        window = np.zeros_like(inside)
        window[max(0, row - 40) : row + 40, max(0, column - 40) : column + 40] = True
        regions, _ = ndimage.label(inside & window)
        return np.asarray(regions == regions[row, column])

    def _paint_inside(self, z: int, mask: NDArray[np.bool_], code: int, *, cover: bool = False) -> None:
        """One stroke from the innermost voxel of a region to the voxel farthest from it that a straight line reaches
        inside; its width is that of the region there."""
        depth = ndimage.distance_transform_edt(np.pad(mask, 1))[1:-1, 1:-1]
        row, column = np.unravel_index(int(np.argmax(depth)), mask.shape)
        ends = np.argwhere(depth >= max(1.0, 0.5 * depth.max()))
        order = np.argsort(-np.hypot(*(ends - (row, column)).T))
        chosen = next((end for end in ends[order[:200:4]] if self._reaches(mask, (row, column), end)), (row, column))
        length = float(np.hypot(chosen[0] - row, chosen[1] - column))
        radius = float(np.clip(0.7 * depth.max() if cover else 0.5 * depth.max(), 0.6, 12))
        points = [[float(column), float(row), 1.0], [float(chosen[1]), float(chosen[0]), 1.0]]
        self._make("brush", z, code, points, {"radius": radius})
        self._stroke(length, COSTS["scribble or paint, voxels/s"])

    @staticmethod
    def _reaches(mask: NDArray[np.bool_], start: tuple[Any, Any], end: Any) -> bool:
        steps = np.linspace(0, 1, 24)[:, None]
        line = np.rint(np.asarray(start) + steps * (np.asarray(end) - np.asarray(start))).astype(int)
        return bool(mask[line[:, 0], line[:, 1]].all())

    def _trace_regions(self, z: int, mask: NDArray[np.bool_], code: int, rest: int | None) -> None:
        """Trace each region of a mask as a closed outline; then its holes, where the rest is to be filled."""
        regions, count = ndimage.label(mask)
        for number in range(1, count + 1):
            region = regions == number
            self._trace(z, ndimage.binary_fill_holes(region), code)
            if rest is not None:
                holes, number_of_holes = ndimage.label(ndimage.binary_fill_holes(region) & ~region)
                for hole in range(1, number_of_holes + 1):
                    values = self.seen[z][holes == hole]
                    self._trace(z, holes == hole, int(np.argmax(np.bincount(values))))

    def _trace(self, z: int, region: NDArray[np.bool_], code: int) -> None:
        outline = max(find_contours(np.pad(region, 1).astype(float), 0.5), key=len) - 1
        corners = approximate_polygon(outline, _TOLERANCE)
        if len(corners) < 4:
            return
        self._make("polygon", z, code, corners[:, ::-1].round(2).tolist(), {})
        length = float(np.hypot(*np.diff(outline, axis=0).T).sum())
        self._stroke(length, COSTS["trace an outline, voxels/s"])

    def _make(self, tool: str, z: int, phase: int, points: list[list[float]], options: dict[str, Any]) -> None:
        gesture = {"tool": tool, "z": z, "phase": phase, "points": points, "options": options}
        self.drawing.make(make_edit(self.scene, gesture))

    def _turn_and_look(self, voxels: float) -> None:
        self.seconds += COSTS["go to another slice, s"]
        self.seconds += COSTS["look through 512 x 512 voxels, s"] * voxels / 512**2

    def _stroke(self, length: float, speed: float) -> None:
        self.strokes += 1
        self.seconds += COSTS["aim and press, s a stroke"] + length / speed

    def _click(self) -> None:
        self.strokes += 1
        self.seconds += COSTS["click or key, s"]

    @staticmethod
    def _area(box: tuple[slice, slice]) -> float:
        return float((box[0].stop - box[0].start) * (box[1].stop - box[1].start))
