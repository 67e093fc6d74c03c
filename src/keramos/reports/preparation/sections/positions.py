"""The position of each slice along z, by its distance from the one before."""

from __future__ import annotations

import numpy as np
from markupsafe import Markup
from matplotlib.figure import Figure

from keramos.reports.picture import chart
from keramos.reports.preparation.content import PreparationContent
from keramos.reports.section import Section, fill
from keramos.reports.theme import Theme, dress

_TEMPLATE = """
{% from "parts.html.j2" import chart_figure %}
{% call chart_figure(chart) %}The distance of each slice from the one before. Slices are put on an even grid of
{{ pitch }} by linear interpolation where they lie between its places.{% endcall %}
"""
_EVEN = 1e-6


def _render(content: PreparationContent) -> Markup | None:
    preparation = content.preparation
    steps = np.diff(preparation.positions_nm)
    pitch = preparation.grid.pitch_nm
    if not len(steps) or np.abs(steps / pitch - np.rint(steps / pitch)).max() < _EVEN:
        return None
    unit = "nm" if content.prepared.voxel_size is not None else "slices"

    def draw(figure: Figure, theme: Theme) -> None:
        axes = figure.subplots()
        dress(axes, theme)
        axes.axhline(pitch, color=theme.faint, linewidth=1, linestyle=(0, (4, 3)))
        axes.plot(preparation.kept[1:], steps, color=theme.method(0), linewidth=1.3)
        axes.set(xlabel="raw slice", ylabel=f"distance, {unit}")
        axes.margins(x=0.01)

    return fill(_TEMPLATE, chart=chart(draw, "Distance of each slice from the one before"), pitch=f"{pitch:g} {unit}")


POSITIONS = Section("positions", "Positions of the slices", 300, _render)
