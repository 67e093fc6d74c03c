"""The shift of each slice, and the steady shift that images cannot tell from the material."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from markupsafe import Markup
from matplotlib.figure import Figure

from keramos.reports.picture import Chart, chart
from keramos.reports.preparation.content import PreparationContent
from keramos.reports.section import Section, fill
from keramos.reports.theme import Theme, dress

_TEMPLATE = """
{% from "parts.html.j2" import chart_figure %}
{% call chart_figure(chart) %}The shift of each slice that undoes its drift, with a band of twice its standard
deviation.{% endcall %}
<p>{{ steady }}</p>
"""


def _render(content: PreparationContent) -> Markup | None:
    if not content.preparation.shifts.is_moved:
        return None
    return fill(_TEMPLATE, chart=_draw(content), steady=describe_shear(content.facts))


def _draw(content: PreparationContent) -> Chart:
    shifts, numbers = content.preparation.shifts, content.facts["raw_slices"]

    def draw(figure: Figure, theme: Theme) -> None:
        axes = figure.subplots()
        dress(axes, theme)
        for axis, name in enumerate(("y (down)", "x (to the right)")):
            yx, sd, colour = shifts.yx[:, axis], 2 * shifts.sd[:, axis], theme.method(axis)
            axes.fill_between(numbers, yx - sd, yx + sd, color=colour, alpha=0.2, linewidth=0)
            axes.plot(numbers, yx, color=colour, linewidth=1.3, label=f"along {name}")
        axes.set(xlabel="raw slice", ylabel="shift, px")
        axes.margins(x=0.01)
        figure.legend(loc="outside upper left", ncols=2, frameon=False, fontsize=9, labelcolor=theme.ink)

    return chart(draw, "Shift of each slice along y and along x")


def describe_shear(facts: Mapping[str, Any]) -> str:
    """A sentence on the steady shift: what was removed and by which evidence, or why none was."""
    shear, free = facts["shear"], facts["free_shear"]
    if shear["source"] != "none":
        return (
            f"A steady shift of {_pair(shear)} was removed, by the evidence of {_EVIDENCE[shear['source']]}. Images of "
            "a material alone cannot tell it from an inclined structure."
        )
    if free is None:
        return "A steady shift from slice to slice was left as it is: images alone cannot tell it from the material."
    return (
        "A steady shift from slice to slice (shear) is not identifiable from these images, and was left as it is; if "
        f"the material is isotropic it is {_pair(free)}."
    )


_EVIDENCE = {
    "fiducial": "edges that do not belong to the material",
    "isotropy": "an isotropic material, which was assumed",
    "metadata": "what the microscope wrote",
}


def _pair(shear: Mapping[str, Any]) -> str:
    return " and ".join(f"{_with_sd(*shear[axis])} px a slice along {axis}" for axis in "yx")


def _with_sd(value: float, sd: float | None) -> str:
    return f"{value:.3f}" if sd is None or not np.isfinite(sd) else f"{value:.3f} ± {sd:.3f}"


DRIFT = Section("drift", "Drift", 200, _render)
