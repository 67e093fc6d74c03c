"""The points of a chart as a table."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator

import numpy as np
from matplotlib.axes import Axes
from matplotlib.container import ErrorbarContainer
from matplotlib.figure import Figure
from numpy.typing import NDArray

COLUMNS = ("panel", "line", "x", "y", "x axis", "y axis", "low", "high")


def list_points(figure: Figure) -> str:
    """CSV with a row for each finite point of each line: its panel, its name, x and y, what the axes say, and the ends
    of its error bar along y.

    Lines that only mark a place, such as zero, are left out.
    """
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(COLUMNS)
    for number, axes in enumerate(figure.axes):
        panel = axes.get_title().replace("\n", ", ") or str(number + 1)
        labels = axes.get_xlabel(), axes.get_ylabel() or figure.axes[0].get_ylabel()
        for name, x, y, *ends in _points(axes):
            if np.isfinite(x) and np.isfinite(y):
                shown = ("" if np.isnan(end) else f"{end:.6g}" for end in ends)
                writer.writerow((panel, "" if name.startswith("_") else name, f"{x:.6g}", f"{y:.6g}", *labels, *shown))
    return text.getvalue()


def _points(axes: Axes) -> Iterator[tuple[str, float, float, float, float]]:
    """Name, x, y and both ends of each point; caps of error bars are no points."""
    bars = [one for one in axes.containers if isinstance(one, ErrorbarContainer)]
    caps = {cap for one in bars for cap in one.lines[1]}
    with_bars = {one.lines[0]: one for one in bars}
    for line in axes.get_lines():
        if line.get_transform() != axes.transData or line in caps:
            continue
        x, y = (np.asarray(values, float) for values in line.get_data())
        bar = with_bars.get(line)
        # The label is that of the line with its bars, of which the line is one part.
        name, ends = (line.get_label(), np.full((len(x), 2), np.nan)) if bar is None else (bar.get_label(), _ends(bar))
        for point, (low, high) in zip(zip(x, y, strict=True), ends, strict=True):
            yield str(name), *point, low, high


def _ends(bar: ErrorbarContainer) -> NDArray[np.float64]:
    """The lower and the upper end of each point's error bar along y; not a number where it has none."""
    points = len(np.asarray(bar.lines[0].get_xdata()))
    if not bar.has_yerr:
        return np.full((points, 2), np.nan)
    # Bars along x come before those along y.
    segments = [np.asarray(part, float).reshape(-1, 2)[:, 1] for part in bar.lines[2][-1].get_segments()]
    return np.array([(part.min(), part.max()) if part.size else (np.nan, np.nan) for part in segments])
