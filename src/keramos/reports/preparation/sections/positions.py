"""The position of each slice along z, by its distance from the one before, from every source that there is."""

from __future__ import annotations

import numpy as np
from markupsafe import Markup
from matplotlib.figure import Figure

from keramos.preparation import Preparation, SlicePositions
from keramos.reports.picture import chart
from keramos.reports.preparation.content import PreparationContent
from keramos.reports.section import Section, fill
from keramos.reports.table import Cell, Row
from keramos.reports.theme import Theme, dress

_TEMPLATE = """
{% from "parts.html.j2" import chart_figure, table %}
{% call chart_figure(chart) %}The distance of each slice from the one before that is used. {{ what }}{% endcall %}
{{ table(columns, rows, first="Source", class="short") }}
{% for sentence in sentences %}<p>{{ sentence }}</p>{% endfor %}
"""
_EVEN = 1e-6
_NAMES = {"even": "even, as assumed", "metadata": "files", "likeness": "likeness of slices", "ruler": "ruler"}


def _render(content: PreparationContent) -> Markup | None:
    preparation = content.preparation
    pitch = preparation.grid.pitch_nm
    told = {name: one for name, one in preparation.known.items() if name != "even"} or {
        preparation.source: SlicePositions(preparation.positions_nm)
    }
    steps = {name: np.diff(one.nm) for name, one in told.items()}
    if len(preparation.kept) < 2 or all(
        np.abs(one / pitch - np.rint(one / pitch)).max() < _EVEN for one in steps.values()
    ):
        return None
    unit = "nm" if content.prepared.voxel_size is not None else "slices"

    numbers = content.facts["raw_slices"][1:]

    def draw(figure: Figure, theme: Theme) -> None:
        axes = figure.subplots()
        dress(axes, theme)
        axes.axhline(pitch, color=theme.faint, linewidth=1, linestyle=(0, (4, 3)))
        for place, (name, one) in enumerate(told.items()):
            colour = theme.method(place)
            axes.plot(numbers, steps[name], color=colour, linewidth=1.3, label=_NAMES[name])
            if one.step_sd_nm is not None:
                low, high = steps[name] - one.step_sd_nm, steps[name] + one.step_sd_nm
                axes.fill_between(numbers, low, high, color=colour, alpha=0.2, linewidth=0)
        axes.set(xlabel="raw slice", ylabel=f"distance, {unit}")
        axes.margins(x=0.01)
        axes.legend(frameon=False)

    return fill(
        _TEMPLATE,
        chart=chart(draw, "Distance of each slice from the one before"),
        what=_say_what_is_done(preparation, f"{pitch:g} {unit}"),
        columns=("Steps vary by (sd)", "Each is known to (sd)"),
        rows=[
            Row(source, tuple(map(Cell, cells)))
            for source, *cells in (
                describe_source(name, one, preparation.known.get("even", one), pitch) for name, one in told.items()
            )
        ],
        sentences=_compare(told, pitch),
    )


def _say_what_is_done(preparation: Preparation, pitch: str) -> str:
    if preparation.source == "even":
        return f"Slices are taken as evenly spaced by {pitch}."
    if not preparation.is_resampled:
        return "Slices are kept as they are; the facts of the volume have their positions."
    source = _NAMES[preparation.source]
    return f"By the positions of the {source}, slices are put on an even grid of {pitch} by linear interpolation."


def describe_source(name: str, one: SlicePositions, even: SlicePositions, pitch: float) -> tuple[str, str, str]:
    """Name of the source, spread of the steps, and how well each is known, both in percent of the nominal step.

    A step over slices that are missing counts as so many by the `even` positions.

    Example:
        >>> even, other = (SlicePositions(np.array(nm)) for nm in ([0.0, 20, 60, 80], [0.0, 22, 62, 80]))
        >>> describe_source("metadata", other, even, 20.0)
        ('files', '8 %', 'not stated')
    """
    counts = np.maximum(np.rint(np.diff(even.nm) / pitch), 1)
    spread = one.spread if np.isfinite(one.spread) else float(np.std(np.diff(one.nm) / counts)) / pitch
    known = "not stated"
    if one.step_sd_nm is not None:
        known = f"{100 * float(np.sqrt(np.mean(one.step_sd_nm**2))) / pitch:.0f} %"
    return _NAMES[name], f"{100 * spread:.0f} %", known


def _compare(told: dict[str, SlicePositions], pitch: float) -> list[str]:
    """A sentence on each pair of sources."""
    names, sentences = list(told), []
    for place, first in enumerate(names):
        for second in names[place + 1 :]:
            apart = np.diff(told[first].nm) - np.diff(told[second].nm)
            percent = 100 * float(apart.std()) / pitch
            sentences.append(
                f"Steps by {_NAMES[first]} and by {_NAMES[second]} differ by {percent:.0f} % of the nominal one (sd)."
            )
    return sentences


POSITIONS = Section("positions", "Positions of the slices", 300, _render)
