"""Charts of a comparison: ROC and precision-recall curves, the fraction along the stack (Fig. 6), learning."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from keramos.reports.comparison.content import ComparisonContent
from keramos.reports.learning_curve import points
from keramos.reports.picture import WIDE_FROM_INCHES, Chart, Draw, chart
from keramos.reports.plain_words import score
from keramos.reports.theme import Theme, dress, label

_POINTS = 400  # of a curve: more cannot be told apart in a picture


def curves_draw(content: ComparisonContent) -> Draw | None:
    """ROC and precision-recall, over all crops; None where no method ranks voxels."""
    ranked = [(i, m) for i, m in enumerate(content.methods) if m.curves is not None and m.curves.roc_area is not None]
    if not ranked:
        return None

    def draw(figure: Figure, theme: Theme) -> None:
        left, right = _panels(figure)
        dress(left, theme)
        dress(right, theme)
        for index, method in ranked:
            curves = method.curves
            if curves is None:
                continue
            pick = np.unique(np.linspace(0, len(curves.true_positive_rate) - 1, _POINTS).astype(int))
            style = {"color": theme.method(index), "linewidth": 1.5}
            fpr, tpr = curves.false_positive_rate[pick], curves.true_positive_rate[pick]
            left.plot(fpr, tpr, label=label(f"{method.title} {score(curves.roc_area)}"), **style)  # type: ignore[arg-type]
            name = label(f"{method.title} {score(curves.average_precision)}")
            right.plot(tpr, curves.precision[pick], label=name, **style)  # type: ignore[arg-type]
        left.set(xlabel="false positive rate", ylabel="true positive rate (recall)", xlim=(0, 1), ylim=(0, 1.01))
        right.set(xlabel="recall", ylabel="precision", xlim=(0, 1))
        for axes, name in ((left, "area"), (right, "average precision")):
            legend = axes.legend(
                frameon=False, fontsize=8, labelcolor=theme.ink, title=name, title_fontsize=8, loc="lower left"
            )
            legend.get_title().set_color(theme.faint)
        left.get_legend().set_loc("lower right")  # type: ignore[union-attr]

    return draw


def fraction_draw(content: ComparisonContent) -> Draw | None:
    """Fig. 6: the positive phase in each slice of the stack, annotated slices marked; None without a stack."""
    shown = [(i, m) for i, m in enumerate(content.methods) if len(m.fractions) > 1]
    if not shown:
        return None

    def draw(figure: Figure, theme: Theme) -> None:
        axes = figure.subplots()
        dress(axes, theme)
        for index, method in shown:
            style = {"color": theme.method(index), "linewidth": 1.4}
            z = content.first_z + np.arange(len(method.fractions))
            axes.plot(z, 100 * np.asarray(method.fractions), label=label(method.title), **style)  # type: ignore[arg-type]
        for (name, rows), marker in zip(content.annotated.items(), "os", strict=False):
            places, shares = zip(*rows, strict=True)
            axes.plot(
                places,
                [100 * share for share in shares],
                marker,
                color=theme.ink,
                markersize=6,
                zorder=3,
                label=label(f"{name} slice, annotated"),
            )
        size = content.stack.voxel_size if content.stack is not None else None
        axes.set(
            xlabel="slice z" if size is None else f"slice z ({size.z_nm:g} nm apart)",
            ylabel=label(f"{content.positive}, % of the slice"),
        )
        axes.margins(x=0.01)
        columns = 4 if figure.get_figwidth() > WIDE_FROM_INCHES else 2
        figure.legend(loc="outside upper left", ncols=columns, frameon=False, fontsize=9, labelcolor=theme.ink)

    return draw


def learning_draw(content: ComparisonContent) -> Draw | None:
    """Loss and IoU on the training crops; None where nothing was trained."""
    shown = [(i, m) for i, m in enumerate(content.methods) if m.curve]
    if not shown:
        return None

    def draw(figure: Figure, theme: Theme) -> None:
        for axes, key, name in zip(_panels(figure), ("loss", "iou"), ("loss", "IoU"), strict=True):
            dress(axes, theme)
            for index, method in shown:
                x, y = points(method.curve, "seconds", key)
                axes.plot([s / 60 for s in x], y, color=theme.method(index), label=label(method.title), linewidth=1.5)
            axes.set(xlabel="training time in minutes", ylabel=name)
            axes.set_xlim(left=0)
            if key == "loss":
                axes.legend(frameon=False, fontsize=9, labelcolor=theme.ink)

    return draw


def drawn(draw: Draw | None, alt: str, *, panels: int = 1) -> Chart | None:
    """The chart, for a wide and a narrow page."""
    return None if draw is None else chart(draw, alt, narrow_height=3.4 * panels)


def _panels(figure: Figure) -> tuple[Axes, Axes]:
    """Two, beside each other, or below each other on a narrow page."""
    wide = figure.get_figwidth() > WIDE_FROM_INCHES
    left, right = figure.subplots(1 if wide else 2, 2 if wide else 1, squeeze=False).flat
    return left, right
