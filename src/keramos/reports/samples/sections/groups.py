"""Groups compared: differences with intervals, effect sizes, corrected p-values, a plot of each main quantity."""

from __future__ import annotations

from markupsafe import Markup

from keramos.measurements import quantity_specs
from keramos.measurements.groups import GroupComparison, scatter_factors
from keramos.reports.plain_words import SPACE, join_words
from keramos.reports.samples.content import SamplesContent
from keramos.reports.samples.group_chart import group_charts, main_quantities
from keramos.reports.samples.group_table import describe_groups, group_tables
from keramos.reports.section import Section, fill_file

_CAPTION = "A point for each sample, with its own interval where it has one: how typical the volume is of its sample."
_MEANS = " Beside them the mean of each group and its 95 % interval, from the scatter between samples."
_LINE = " The line is the trend by least squares."


def _render(content: SamplesContent) -> Markup | None:
    comparison = content.comparison
    if comparison is None or not content.grouped:
        return None
    main = main_quantities(comparison)
    others = [row for row in comparison.quantities if row not in main]
    is_series = any(row.trend is not None for row in main)
    return fill_file(
        "groups.html.j2",
        listed=describe_groups(comparison),
        charts=group_charts(comparison, main),
        more_charts=group_charts(comparison, others),
        caption=_CAPTION + (_LINE if is_series else "" if comparison.is_single else _MEANS),
        tables=group_tables(comparison),
        notes=method_notes(comparison),
    )


def method_notes(comparison: GroupComparison) -> list[str]:
    """Sentences on what the tables say, as far as it applies."""
    bases = {one.difference.basis for row in comparison.quantities for one in row.differences}
    notes = [_ABOUT_WELCH] if "welch" in bases else []
    notes += [_ABOUT_SHARED] if "shared-scatter" in bases else []
    notes += [_ABOUT_SINGLE] if "within-sample" in bases else []
    notes += [_ABOUT_NOTHING] if "none" in bases else []
    if comparison.tested:
        notes.append(_about_holm(comparison.tested, "differences"))
    if comparison.trends_tested:
        notes += [_ABOUT_TREND, _about_holm(comparison.trends_tested, "trends")]
    if bases & {"welch", "shared-scatter"}:
        notes.append(_about_power(comparison))
    if comparison.mirrored:
        notes.append(_about_mirrored(comparison))
    return notes


def _about_holm(tested: int, what: str) -> str:
    return (
        f"{tested} {what} were tested. Of so many, {_chance(tested)} would have p below 0.05 by chance alone if "
        "nothing differed; p after Holm’s correction allows for that, and what is below 0.05 after it is highlighted."
    )


def _chance(tested: int) -> str:
    expected = 0.05 * tested
    return f"about {expected:.0f}" if expected >= 1.5 else f"{expected:.2g} on average"


def _about_power(comparison: GroupComparison) -> str:
    counts = [len(samples) for samples in comparison.groups.values()]
    low, high = scatter_factors(max(1, sum(counts) - len(counts)))
    return (
        "Detectable: the smallest true difference that a test at two-sided 5 % finds in 80 % of experiments with so "
        "many samples and this scatter, without the correction; then with one more sample in each group. The scatter "
        f"between so few samples is itself known only within a factor of {low:.2g} to {high:.2g} (95 %), and so is the "
        "detectable difference. “From small volumes”: about this share of the scatter is that of "
        "volumes too small to be typical of their samples; larger volumes would take that away, more samples all of it."
    )


def _about_mirrored(comparison: GroupComparison) -> str:
    specs = quantity_specs()
    names = join_words([f"{specs[id].name if id in specs else id} of {phase}" for id, phase, _ in comparison.mirrored])
    return f"Left out because another row says the same: {names}."


_ABOUT_WELCH = (
    f"Means are given with the half-width of their 95{SPACE}% interval, differences with Welch’s. A sample counts "
    "once: voxels and windows of one sample belong together, and their number says nothing of how much another sample "
    "would differ. × is the ratio of the means with Fieller’s interval; g is the difference in standard deviations "
    "between samples."
)
_ABOUT_SHARED = (
    "Where a group has a single sample, its scatter is taken to be that of the other group (Student’s t); nothing "
    "tells whether it is."
)
_ABOUT_SINGLE = (
    "Within the samples alone: half-widths of the two sampling intervals added in quadrature, and p of the normal "
    "distribution. Errors of the segmentation are not included."
)
_ABOUT_NOTHING = (
    "No scatter: all samples have one value, or single samples have no interval. The difference is given without "
    "any statement on chance."
)
_ABOUT_TREND = (
    "Slopes are by least squares, with the t interval; a sample counts once. A straight line is assumed: look at the "
    "plots whether it holds. Detectable: the smallest true slope found in 80 % of experiments, now and with one more "
    "sample at each place."
)


def _title(content: SamplesContent) -> str:
    comparison = content.comparison
    if comparison is None or not (comparison.is_single and comparison.trends_tested):
        return "Comparison of groups"
    return f"Trend with {comparison.against}"


GROUPS = Section("groups", _title, 50, _render)
