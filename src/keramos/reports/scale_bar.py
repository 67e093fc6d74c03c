"""A scale bar of a round length."""

from __future__ import annotations

import math

from matplotlib.axes import Axes
from matplotlib.offsetbox import AnchoredOffsetbox, AuxTransformBox, TextArea, VPacker
from matplotlib.patches import Rectangle
from matplotlib.transforms import blended_transform_factory

from keramos.reports.plain_words import length

LARGEST_SHARE = 0.3
THICKNESS_POINTS = 3.5


def round_length(width_nm: float) -> float:
    """The largest of 1, 2, 5, 10, ... nm that takes at most 30 % of a picture's width."""
    limit = LARGEST_SHARE * width_nm
    power = 10.0 ** math.floor(math.log10(limit))
    return max(step * power for step in (1, 2, 5) if step * power <= limit * (1 + 1e-9))


def draw_scale_bar(axes: Axes, width_nm: float) -> None:
    """White on a dark plate in the lower left corner, readable on any picture `width_nm` wide. The axes are in nm."""
    nm = round_length(width_nm)
    figure = axes.get_figure(root=True)
    upright = figure.dpi_scale_trans if figure is not None else axes.transAxes
    bar = AuxTransformBox(blended_transform_factory(axes.transData, upright))
    # An outline would make the bar longer than it says.
    bar.add_artist(Rectangle((0, 0), nm, THICKNESS_POINTS / 72, facecolor="white", linewidth=0))
    words = TextArea(length(nm), textprops={"color": "white", "fontsize": 11})
    together = VPacker(children=[words, bar], align="center", pad=0, sep=2)
    plate = AnchoredOffsetbox("lower left", child=together, pad=0.35, borderpad=0.5, frameon=True)
    plate.patch.set(facecolor="black", alpha=0.7, linewidth=0)
    axes.add_artist(plate)
