"""The points of a chart as a table."""

from __future__ import annotations

import csv
import io

import numpy as np
from matplotlib.figure import Figure

COLUMNS = ("panel", "line", "x", "y", "x axis", "y axis")


def list_points(figure: Figure) -> str:
    """CSV with a row for each finite point of each line: its panel, its name, x and y, and what the axes say.

    Lines that only mark a place, such as zero, are left out.
    """
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(COLUMNS)
    for number, axes in enumerate(figure.axes):
        panel = axes.get_title() or str(number + 1)
        labels = axes.get_xlabel(), axes.get_ylabel() or figure.axes[0].get_ylabel()
        for line in axes.get_lines():
            if line.get_transform() != axes.transData:
                continue
            name = str(line.get_label())
            points = zip(*(np.asarray(values, float) for values in line.get_data()), strict=True)
            for x, y in points:
                if np.isfinite(x) and np.isfinite(y):
                    writer.writerow((panel, "" if name.startswith("_") else name, f"{x:.6g}", f"{y:.6g}", *labels))
    return text.getvalue()
