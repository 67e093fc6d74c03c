"""The share of the positive phase in each slice: does a method drift along the stack?"""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray

from keramos.core import NOT_ANNOTATED, Box, LabelVolume
from keramos.reports.content import MethodResult, ReportContent
from keramos.reports.picture import WIDE_FROM_INCHES, Chart, chart
from keramos.reports.robust_axes import leave_outliers_out
from keramos.reports.theme import Theme, dress, label

Profile = NDArray[np.float64]

MOST_SLICES_READ = 400
"""Labels without an evaluation are read slice by slice; of a deep stack this many, evenly spaced."""


def fraction_over_z(content: ReportContent) -> Chart | None:
    """The chart, or None where there is only one slice or no method. Slices without truth leave gaps in its line."""
    phases = content.phases
    if phases is None or not content.methods or content.volume.shape[0] < 2:
        return None
    name = phases.names[phases.positive]
    truth = true_profile(content)
    profiles = [(method.name, predict_profile(method)) for method in content.methods]

    def draw(figure: Figure, theme: Theme) -> None:
        axes = figure.subplots()
        dress(axes, theme)
        _mark_annotated(figure, content, theme)
        for index, (method, profile) in enumerate(profiles):
            axes.plot(*_per_cent(profile), color=theme.method(index), linewidth=1.4, label=label(method))
        if truth is not None:
            _draw_truth(figure, truth, theme)
        axes.set(xlabel=_z_label(content), ylabel=label(f"{name}, % of the slice"))
        axes.margins(x=0.01)
        leave_outliers_out(axes)
        _legend(figure, theme)

    return chart(draw, f"Share of {name} in each slice, for each method and the truth", narrow_height=3.5)


def true_profile(content: ReportContent) -> Profile | None:
    """The truth's fraction for each slice (NaN where not annotated).

    From the scores where they hold it; slices left out of the scores are read from the truth.
    """
    profile = np.full(content.volume.shape[0], np.nan)
    for method in content.methods:
        if method.evaluation is not None and len(method.evaluation.per_slice) == len(profile):
            profile = np.array([np.nan if row.truth is None else row.truth for row in method.evaluation.per_slice])
            break
    if content.truth is not None:
        profile = _read_profile(content.truth, profile)
    return None if np.isnan(profile).all() else profile


def predict_profile(method: MethodResult) -> Profile:
    """The predicted fraction over all voxels of each slice; NaN where it is not known."""
    if method.evaluation is not None and len(method.evaluation.per_slice) == method.labels.shape[0]:
        return np.array([np.nan if row.predicted is None else row.predicted for row in method.evaluation.per_slice])
    return _read_profile(method.labels, np.full(method.labels.shape[0], np.nan))


def _read_profile(labels: LabelVolume, known_so_far: Profile) -> Profile:
    """`known_so_far` with its unknown slices (NaN) read from the labels."""
    _, height, width = labels.shape
    profile, unknown = known_so_far.copy(), np.flatnonzero(np.isnan(known_so_far))
    picked = np.linspace(0, len(unknown) - 1, min(len(unknown), MOST_SLICES_READ)).astype(int)
    for z in unknown[picked]:
        pixels = labels.read(Box((int(z), 0, 0), (int(z) + 1, height, width)))
        known = np.count_nonzero(pixels != NOT_ANNOTATED)
        if known:
            profile[z] = np.count_nonzero(pixels == labels.phases.positive) / known
    return profile


def _per_cent(profile: Profile) -> tuple[NDArray[np.intp], Profile]:
    """z and per cent of the slices that are known."""
    z = np.flatnonzero(~np.isnan(profile))
    return z, 100 * profile[z]


def _draw_truth(figure: Figure, truth: Profile, theme: Theme) -> None:
    # A slice whose neighbours are not annotated would vanish in a line.
    gaps = np.isnan(np.pad(truth, 1, constant_values=np.nan))
    marker = "o" if (~gaps[1:-1] & gaps[:-2] & gaps[2:]).any() else ""
    style: dict[str, Any] = {"color": theme.ink, "linewidth": 2.4, "alpha": 0.85, "zorder": 1.9}
    figure.axes[0].plot(100 * truth, marker=marker, markersize=5, label="truth", **style)


def _mark_annotated(figure: Figure, content: ReportContent, theme: Theme) -> None:
    for index, z in enumerate(content.annotated_slices):
        words = "annotated for training" if index == 0 else None
        figure.axes[0].axvline(z, color=theme.faint, linewidth=1.2, linestyle=(0, (4, 3)), label=words)


def _z_label(content: ReportContent) -> str:
    voxel = content.volume.voxel_size
    return "slice z" if voxel is None else f"slice z ({voxel.z_nm:g} nm apart)"


def _legend(figure: Figure, theme: Theme) -> None:
    columns = 5 if figure.get_figwidth() > WIDE_FROM_INCHES else 2
    figure.legend(loc="outside upper left", ncols=columns, frameon=False, fontsize=9, labelcolor=theme.ink)
