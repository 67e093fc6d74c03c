"""A picture of how often voxels are right against how sure the scores are."""

from __future__ import annotations

from pathlib import Path

from matplotlib.figure import Figure

from keramos.reports.picture import write_png
from keramos.reports.theme import LIGHT, dress
from keramos.scoring import Calibration


def write_reliability(calibration: Calibration, path: Path) -> None:
    """Write the reliability diagram as PNG: a point for each bin, on the diagonal where scores mean what they say.

    Raises:
        StorageError: it cannot be written.
    """
    write_png(reliability_figure(calibration), path)


def reliability_figure(calibration: Calibration) -> Figure:
    """Bins hold equally many voxels, so of a network that is sure of nearly all most points lie near 1: the axes begin
    a little below the least bin."""
    score = [row.mean_score for row in calibration.bins]
    right = [row.share_right for row in calibration.bins]
    low = max(0.0, min(*score, *right, 0.95) - 0.03)
    figure = Figure(figsize=(4.6, 4.4), layout="constrained", facecolor="white")
    axes = figure.subplots()
    dress(axes, LIGHT)
    axes.plot([low, 1], [low, 1], color=LIGHT.faint, linestyle=(0, (4, 3)), label="scores that mean what they say")
    axes.plot(
        score, right, color=LIGHT.method(0), marker="o", linewidth=1.6, label=f"{len(score)} bins of equally many"
    )
    axes.set(
        xlabel="mean score of the decided phase",
        ylabel="share of voxels that are right",
        xlim=(low, 1.005),
        ylim=(low, 1.005),
        title=f"expected calibration error {calibration.ece:.4f}",
        aspect="equal",
    )
    axes.title.set(size=10, color=LIGHT.ink)
    axes.legend(frameon=False, fontsize=9, loc="upper left")
    return figure
