"""Times of training and segmenting, and how the networks' training converged."""

from __future__ import annotations

from markupsafe import Markup
from matplotlib.figure import Figure

from keramos.reports.comparison.content import ComparisonContent
from keramos.reports.comparison.figures import show_chart, two_panels
from keramos.reports.comparison.tables import time_rows
from keramos.reports.section import Section, fill
from keramos.reports.sections.learning_curve import points
from keramos.reports.theme import Theme, dress, label

_TEMPLATE = """
{% from "parts.html.j2" import table %}
{{ table(columns, rows) }}
{{ chart }}
"""


def draw_training(content: ComparisonContent, figure: Figure, theme: Theme) -> None:
    """Loss and IoU on the training crops, a line for each network."""
    for axes, key, name in zip(two_panels(figure), ("loss", "iou"), ("loss", "IoU"), strict=True):
        dress(axes, theme)
        for index, method in enumerate(content.methods):
            if method.curve:
                x, y = points(method.curve, "seconds", key)
                axes.plot([s / 60 for s in x], y, color=theme.method(index), label=label(method.title), linewidth=1.5)
        axes.set(xlabel="training time in minutes", ylabel=name)
        axes.set_xlim(left=0)
        if key == "loss":
            axes.legend(frameon=False, fontsize=9, labelcolor=theme.ink)


def _render(content: ComparisonContent) -> Markup:
    chart = Markup("")
    if any(m.curve for m in content.methods):
        chart = show_chart(
            content,
            "learning",
            lambda figure, theme: draw_training(content, figure, theme),
            "Loss and IoU during the trainings",
            "Loss and IoU on the training crops during training: they show whether training had converged, not how "
            "good the networks are.",
            panels=2,
        )
    segmented = "stack" if content.stack is not None else "test slices"
    columns = ("Training", f"Segmenting the {segmented}", "Rate", "Parameters")
    return fill(_TEMPLATE, columns=columns, rows=time_rows(content), chart=chart)


TIMES = Section("times", "Times", 800, _render)
