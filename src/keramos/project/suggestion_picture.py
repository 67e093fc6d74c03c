"""The picture of suggestions: the network looks at the chosen slices once more."""

from __future__ import annotations

from pathlib import Path

from keramos.annotation.run import Suggestions
from keramos.annotation.survey import SliceViewer
from keramos.core import Volume, parse_box
from keramos.reports import FramedSlice, write_suggestions
from keramos.segmenters import Segmenter

MOST_SHOWN = 8
"""More rows than this make a picture that nobody can look at; the first ones are shown."""


def draw_suggestions(volume: Volume, predictor: Segmenter, found: Suggestions, path: Path) -> None:
    """Write a PNG of the suggested slices, their regions framed. StorageError if it cannot be written."""
    viewer, (z0, y0, x0), size = SliceViewer(volume, predictor), volume.origin, volume.voxel_size
    reach = tuple(a + n for a, n in zip(volume.origin, volume.shape, strict=True))
    shown = []
    for number, row in enumerate(found.suggestions[:MOST_SHOWN], 1):
        box = parse_box(row.box, reach)
        region = (box.start[1] - y0, box.start[2] - x0, *box.shape[1:])
        z = row.z - z0
        title = f"{number}: slice {row.z}, rows {box.start[1]}:{box.stop[1]}, columns {box.start[2]}:{box.stop[2]}"
        aspect = size.y_nm / size.x_nm if size else 1.0
        shown.append(FramedSlice(viewer.grey(z), viewer.unsure(z), region, title, aspect))
    write_suggestions(shown, path)
