"""All groups of samples against the first one, and their trend along a series."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from keramos.core import Quantity
from keramos.measurements.groups.difference import Difference, compare_groups, compare_single
from keramos.measurements.groups.effect_size import EffectSize, hedges_g
from keramos.measurements.groups.holm import adjust_holm
from keramos.measurements.groups.power import detectable_difference
from keramos.measurements.groups.ratio import Ratio, ratio_of_means
from keramos.measurements.groups.rows import ChosenRow, GroupedSample, Key, choose_rows
from keramos.measurements.groups.scatter import Scatter
from keramos.measurements.groups.trend import Trend, fit_trend
from keramos.measurements.results import Measured


@dataclass(frozen=True)
class GroupDifference:
    """A group against the first one: `p_holm` after the correction for all comparisons, and the smallest true
    difference that would be detected, now and with one more sample in each group; None where it cannot be said."""

    group: str
    difference: Difference
    effect: EffectSize | None = None
    ratio: Ratio | None = None
    detectable: float | None = None
    detectable_with_more: float | None = None
    p_holm: float | None = None


@dataclass(frozen=True)
class ComparedQuantity:
    """One quantity: its value in each sample that has one, the scatter of each group that has one (by its name), the
    differences from the first group, and the trend along the series.

    `sampling_share` is the part of the scatter within groups that the samples' own sampling errors explain, None
    where they are not known: larger volumes would take away that part, more samples the rest, too.
    """

    about: Measured
    values: Mapping[str, Quantity]
    groups: Mapping[str, Scatter]
    differences: tuple[GroupDifference, ...] = ()
    trend: Trend | None = None
    trend_p_holm: float | None = None
    sampling_share: float | None = None

    @property
    def key(self) -> Key:
        return self.about.id, self.about.phase, self.about.axis


@dataclass(frozen=True)
class GroupComparison:
    """The samples by group, in order; what they have in common; how many comparisons Holm's correction counts.

    `against` names the numbers of the series, empty where there is none. `mirrored` quantities say the same as another
    one and are left out, `lacking` ones are not in enough samples to compare.
    """

    samples: tuple[GroupedSample, ...]
    quantities: tuple[ComparedQuantity, ...]
    against: str = ""
    mirrored: tuple[Key, ...] = ()
    lacking: tuple[Key, ...] = ()

    @property
    def groups(self) -> dict[str, tuple[GroupedSample, ...]]:
        """The samples of each group, in the order in which groups were named."""
        names = dict.fromkeys(sample.group for sample in self.samples)
        return {name: tuple(sample for sample in self.samples if sample.group == name) for name in names}

    @property
    def tested(self) -> int:
        """The number of differences with a p-value."""
        return sum(one.difference.p is not None for row in self.quantities for one in row.differences)

    @property
    def trends_tested(self) -> int:
        """The number of trends with a p-value."""
        return sum(row.trend is not None and row.trend.p is not None for row in self.quantities)

    @property
    def is_single(self) -> bool:
        """Whether no group has a second sample, so that nothing is known of the scatter between samples."""
        return _all_single(self.samples)


def compare_samples(samples: Sequence[GroupedSample], wanted: Sequence[str] = (), against: str = "") -> GroupComparison:
    """Compare groups of samples. A sample counts once: its voxels and windows belong together, and their number says
    nothing of how much another sample would differ (Hurlbert, Ecological Monographs 54, 187, 1984). In a series with a
    single sample at each place the trend alone is of interest, not each sample's difference from the first.

    Raises:
        SettingsError: a wanted quantity that no sample has.
        FormatError: samples that give one quantity in different units.
    """
    rows, mirrored = choose_rows(samples, wanted)
    is_series = sum(sample.x is not None for sample in samples) > 2 and _all_single(samples)
    compared = [_compare(row, samples, differs=not is_series) for row in rows]
    shown = [row for row in compared if row.differences or row.trend is not None]
    lacking = tuple(row.key for row in compared if row not in shown)
    return GroupComparison(tuple(samples), tuple(_correct(shown)), against, tuple(mirrored), lacking)


def _all_single(samples: Sequence[GroupedSample]) -> bool:
    return len({sample.group for sample in samples}) == len(samples)


def _compare(row: ChosenRow, samples: Sequence[GroupedSample], *, differs: bool) -> ComparedQuantity:
    names = list(dict.fromkeys(sample.group for sample in samples))
    quantities = {
        name: [row.values[sample.name] for sample in samples if sample.group == name and sample.name in row.values]
        for name in names
    }
    scatters = {name: Scatter.of([q.value for q in own]) for name, own in quantities.items() if own}
    differences = [
        _difference(other, quantities[names[0]], quantities[other])
        for other in names[1:]
        if differs and names[0] in scatters and other in scatters
    ]
    placed = [(sample.x, row.values[sample.name].value) for sample in samples if sample.name in row.values]
    series = [(x, y) for x, y in placed if x is not None]
    trend = fit_trend([x for x, _ in series], [y for _, y in series])
    share = _sampling_share(list(row.values.values()), list(scatters.values()))
    return ComparedQuantity(row.about, row.values, scatters, tuple(differences), trend, sampling_share=share)


def _difference(group: str, first: Sequence[Quantity], other: Sequence[Quantity]) -> GroupDifference:
    one, two = (Scatter.of([q.value for q in quantities]) for quantities in (first, other))
    if max(one.count, two.count) == 1:
        single = compare_single(first[0], other[0])
        return GroupDifference(group, single, ratio=ratio_of_means(one, two, single))
    difference = compare_groups(one, two)
    return GroupDifference(
        group,
        difference,
        hedges_g(one, two),
        ratio_of_means(one, two, difference),
        detectable_difference(one, two),
        detectable_difference(one, two, more=1),
    )


def _sampling_share(quantities: Sequence[Quantity], groups: Sequence[Scatter]) -> float | None:
    dof = sum(group.count - 1 for group in groups)
    squares = sum((group.variance or 0.0) * (group.count - 1) for group in groups)
    errors = [q.standard_error for q in quantities if q.standard_error is not None]
    if len(errors) < len(quantities) or not squares > 0:
        return None
    within = sum(error**2 for error in errors) / len(errors)
    return min(1.0, within / (squares / dof))


def _correct(rows: Sequence[ComparedQuantity]) -> list[ComparedQuantity]:
    """The same rows with p-values after Holm's correction: over all differences, and over all trends."""
    pairs = [(n, m, one.difference.p) for n, row in enumerate(rows) for m, one in enumerate(row.differences)]
    tested = [(n, m, p) for n, m, p in pairs if p is not None]
    adjusted = dict(zip([(n, m) for n, m, _ in tested], adjust_holm([p for *_, p in tested]), strict=True))
    trends = [(n, row.trend.p) for n, row in enumerate(rows) if row.trend is not None and row.trend.p is not None]
    slopes = dict(zip([n for n, _ in trends], adjust_holm([p for _, p in trends]), strict=True))
    return [
        replace(
            row,
            differences=tuple(replace(one, p_holm=adjusted.get((n, m))) for m, one in enumerate(row.differences)),
            trend_p_holm=slopes.get(n),
        )
        for n, row in enumerate(rows)
    ]
