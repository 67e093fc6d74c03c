"""ROC and precision-recall curves."""

from __future__ import annotations

from typing import Any

import numpy as np
from markupsafe import Markup
from matplotlib.figure import Figure

from keramos.reports.comparison.content import ComparisonContent
from keramos.reports.comparison.figures import show_chart, two_panels
from keramos.reports.plain_words import score
from keramos.reports.section import Section
from keramos.reports.theme import Theme, dress, label
from keramos.scoring.score_histogram import BINS

_POINTS = 400  # of a curve: more cannot be told apart in a picture


def draw_curves(content: ComparisonContent, figure: Figure, theme: Theme) -> None:
    """Both curves of each method that ranks voxels, over all crops."""
    left, right = two_panels(figure)
    dress(left, theme)
    dress(right, theme)
    for index, method in enumerate(content.methods):
        curves = method.curves
        if curves is None or curves.roc_area is None:
            continue
        pick = np.unique(np.linspace(0, len(curves.true_positive_rate) - 1, _POINTS).astype(int))
        style: dict[str, Any] = {"color": theme.method(index), "linewidth": 1.5}
        fpr, tpr = curves.false_positive_rate[pick], curves.true_positive_rate[pick]
        left.plot(fpr, tpr, label=label(f"{method.title} {score(curves.roc_area)}"), **style)
        name = label(f"{method.title} {score(curves.average_precision)}")
        right.plot(tpr, curves.precision[pick], label=name, **style)
    left.set(xlabel="false positive rate", ylabel="true positive rate (recall)", xlim=(0, 1), ylim=(0, 1.01))
    right.set(xlabel="recall", ylabel="precision", xlim=(0, 1))
    for axes, name, place in ((left, "area", "lower right"), (right, "average precision", "lower left")):
        style = {"frameon": False, "fontsize": 8, "labelcolor": theme.ink, "title_fontsize": 8, "loc": place}
        legend = axes.legend(title=name, **style)
        legend.get_title().set_color(theme.faint)


def _render(content: ComparisonContent) -> Markup | None:
    if not any(m.curves is not None and m.curves.roc_area is not None for m in content.methods):
        return None
    return show_chart(
        content,
        "curves",
        lambda figure, theme: draw_curves(content, figure, theme),
        "ROC and precision-recall curves of each method",
        f"Over all test crops, from histograms of {BINS:,} bins of the scores' logits. Networks rank voxels by their "
        f"score of {content.positive}, thresholds by the distance of a (smoothed) grey value from the threshold.",
        panels=2,
    )


CURVES = Section("curves", "ROC and precision-recall curves", 130, _render)
