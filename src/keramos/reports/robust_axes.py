"""Axes that a few outliers do not squash."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes

_BEYOND = 3.0
"""Ranges of the middle 96 % by which a value lies beyond them to count as an outlier."""

_LEAST_POINTS = 20
_MARGIN = 0.06


def leave_outliers_out(axes: Axes) -> None:
    """Limit y to the bulk of the points where others would squash it, and say how many are not shown.

    Nothing changes where there are few points, or where all lie together.
    """
    lines = [line for line in axes.get_lines() if line.get_transform() == axes.transData]
    values = np.concatenate([np.asarray(line.get_ydata(), float) for line in lines] or [np.empty(0)])
    values = values[np.isfinite(values)]
    if values.size < _LEAST_POINTS:
        return
    low, high = np.percentile(values, (2, 98))
    reach = _BEYOND * (high - low)
    kept = values[(values >= low - reach) & (values <= high + reach)]
    beyond = values.size - kept.size
    if not beyond or high == low:
        return
    margin = _MARGIN * (kept.max() - kept.min())
    axes.set_ylim(kept.min() - margin, kept.max() + margin)
    words = f"{beyond} of {values.size} points lie beyond"
    axes.text(
        0.99,
        0.98,
        words,
        transform=axes.transAxes,
        ha="right",
        va="top",
        fontsize=8,
        color=axes.yaxis.label.get_color(),
    )
