"""A scale bar of a round length."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from keramos.report.plain_words import length

if TYPE_CHECKING:
    from matplotlib.axes import Axes

LARGEST_SHARE = 0.3


def round_length(width_nm: float) -> float:
    """The largest of 1, 2, 5, 10, ... nm that takes at most 30 % of a picture's width."""
    limit = LARGEST_SHARE * width_nm
    power = 10.0 ** math.floor(math.log10(limit))
    return max(step * power for step in (1, 2, 5) if step * power <= limit * (1 + 1e-9))


def draw_scale_bar(axes: Axes, width_nm: float, height_nm: float) -> None:
    """White on a dark plate in the lower left corner, readable on any picture. The axes are in nm, y downwards."""
    nm = round_length(width_nm)
    pad = 0.025 * width_nm
    plate = {"boxstyle": "square,pad=0.25", "facecolor": "#000000b0", "edgecolor": "none"}
    y = height_nm - 2.2 * pad
    style = {"color": "white", "fontsize": 11, "ha": "center", "va": "bottom", "bbox": plate}
    axes.text(2 * pad + nm / 2, y - 1.1 * pad, length(nm), **style)  # type: ignore[arg-type]
    axes.plot([2 * pad, 2 * pad + nm], [y, y], color="black", linewidth=6, solid_capstyle="butt")
    axes.plot([2 * pad, 2 * pad + nm], [y, y], color="white", linewidth=3.5, solid_capstyle="butt")
