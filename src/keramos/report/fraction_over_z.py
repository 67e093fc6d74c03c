"""The fraction of the positive phase in each slice: does a method drift along the stack?"""

from __future__ import annotations

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray

from keramos.report.content import MethodResult, ReportContent
from keramos.report.picture import Chart, chart
from keramos.report.theme import Theme, dress
from keramos.volume import NOT_ANNOTATED, Box, LabelVolume

Profile = NDArray[np.float64]

MOST_SLICES_READ = 400
"""Labels without an evaluation are read slice by slice; of a deep stack this many, evenly spaced."""


def fraction_over_z(content: ReportContent) -> Chart | None:
    """The chart, or None where there is only one slice or no labels. Slices without truth leave gaps in its line."""
    phases = content.phases
    if phases is None or content.volume.shape[0] < 2:
        return None
    name = phases.names[phases.positive]
    truth = true_profile(content)
    profiles = [(method.name, predicted_profile(method)) for method in content.methods]

    def draw(figure: Figure, theme: Theme) -> None:
        axes = figure.subplots()
        dress(axes, theme)
        _annotated(figure, content, theme)
        for index, (label, profile) in enumerate(profiles):
            axes.plot(*_known(profile), color=theme.method(index), linewidth=1.4, label=label)
        if truth is not None:
            _draw_truth(figure, truth, theme)
        axes.set(xlabel=_z_label(content), ylabel=f"fraction of {name}")
        axes.margins(x=0.01)
        _legend(figure, theme)

    return chart(draw, f"Fraction of {name} in each slice, for each method and the truth", narrow_height=3.5)


def true_profile(content: ReportContent) -> Profile | None:
    """The truth's fraction for each slice (NaN where not annotated), from the scores if they hold it."""
    for method in content.methods:
        if method.evaluation is not None and len(method.evaluation.per_slice) == content.volume.shape[0]:
            return np.array([np.nan if row.truth is None else row.truth for row in method.evaluation.per_slice])
    return None if content.truth is None else _read_profile(content.truth)


def predicted_profile(method: MethodResult) -> Profile:
    """The predicted fraction over all voxels of each slice; NaN where it is not known."""
    if method.evaluation is not None and len(method.evaluation.per_slice) == method.labels.shape[0]:
        return np.array([np.nan if row.predicted is None else row.predicted for row in method.evaluation.per_slice])
    return _read_profile(method.labels)


def _read_profile(labels: LabelVolume) -> Profile:
    depth, height, width = labels.shape
    profile = np.full(depth, np.nan)
    for z in np.unique(np.linspace(0, depth - 1, min(depth, MOST_SLICES_READ)).astype(int)):
        pixels = labels.read(Box((int(z), 0, 0), (int(z) + 1, height, width)))
        known = np.count_nonzero(pixels != NOT_ANNOTATED)
        if known:
            profile[z] = np.count_nonzero(pixels == labels.phases.positive) / known
    return profile


def _known(profile: Profile) -> tuple[NDArray[np.intp], Profile]:
    z = np.flatnonzero(~np.isnan(profile))
    return z, profile[z]


def _draw_truth(figure: Figure, truth: Profile, theme: Theme) -> None:
    axes = figure.axes[0]
    axes.plot(truth, color=theme.ink, linewidth=2.4, alpha=0.85, zorder=1.9, label="truth")
    # A slice whose neighbours are not annotated would vanish in a line.
    gaps = np.isnan(np.pad(truth, 1, constant_values=np.nan))
    alone = np.flatnonzero(~np.isnan(truth) & gaps[:-2] & gaps[2:])
    axes.plot(alone, truth[alone], "o", color=theme.ink, markersize=5)


def _annotated(figure: Figure, content: ReportContent, theme: Theme) -> None:
    for index, z in enumerate(content.annotated_slices):
        label = "annotated for training" if index == 0 else None
        figure.axes[0].axvline(z, color=theme.faint, linewidth=1.2, linestyle=(0, (4, 3)), label=label)


def _z_label(content: ReportContent) -> str:
    voxel = content.volume.voxel_size
    return "slice z" if voxel is None else f"slice z ({voxel.z_nm:g} nm apart)"


def _legend(figure: Figure, theme: Theme) -> None:
    columns = 5 if figure.get_figwidth() > 6 else 2
    figure.legend(loc="outside upper left", ncols=columns, frameon=False, fontsize=9, labelcolor=theme.ink)
