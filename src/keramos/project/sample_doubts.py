"""Findings about samples in groups: what else than the material may make them differ."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from math import isclose

from keramos.core import Finding, Quantity, VoxelSize
from keramos.measurements.groups import ComparedQuantity, GroupComparison
from keramos.reports.plain_words import join_words

_ALIKE = 0.05
"""Edges of voxels that differ by no more than this share change surfaces by less than samples usually scatter."""
_NAMED = 4
_FOUND = re.compile(
    r"; residual [^;,]+|[;,] (?:fluxes|flows) through sections within [^;,]+ %|,(?: towards)? z y x \([^)]*\)"
)
"""What methods say of the volume and not of how it was measured: how far a solver converged, and directions found."""


def check_groups(comparison: GroupComparison, voxel_sizes: Mapping[str, VoxelSize | None]) -> tuple[Finding, ...]:
    """Findings about a comparison; `voxel_sizes` by the names of samples, None where a file does not say."""
    return (
        *_check_voxel_sizes(comparison, voxel_sizes),
        *_check_ways(comparison),
        *_check_missing(comparison),
        *_check_counts(comparison),
        *_check_segmentation(comparison),
    )


def _check_voxel_sizes(comparison: GroupComparison, voxel_sizes: Mapping[str, VoxelSize | None]) -> Iterator[Finding]:
    known = {name: size.zyx for name, size in voxel_sizes.items() if size is not None}
    unknown = [name for name, size in voxel_sizes.items() if size is None]
    kinds: list[tuple[tuple[float, ...], list[str]]] = []
    for name, edges in known.items():
        same = next((names for other, names in kinds if _are_alike(edges, other)), None)
        if same is None:
            kinds.append((edges, [name]))
        else:
            same.append(name)
    if len(kinds) > 1:
        sizes = "; ".join(f"{' x '.join(f'{edge:g}' for edge in edges)} nm in {_few(names)}" for edges, names in kinds)
        yield Finding(
            "voxel-size",
            f"the samples have voxels of different size: {sizes} (z y x)",
            "surfaces, chords, curvature and sizes depend on the voxel size, so samples differ for that alone"
            + (" and so do the groups" if _differ_between_groups(comparison, kinds) else ""),
            "segment all of them at the coarser voxel size, or compare what depends least on it, such as the fraction",
        )
    if unknown and comparison.samples:
        yield Finding(
            "voxel-size",
            f"the voxel size of {_few(unknown)} is not in the file",
            "whether the samples were measured with voxels of one size is not known",
            "run keramos quantify again to have it in quantities.json",
            "note",
        )


def _are_alike(one: Sequence[float], other: Sequence[float]) -> bool:
    return all(isclose(a, b, rel_tol=_ALIKE) for a, b in zip(one, other, strict=True))


def _differ_between_groups(comparison: GroupComparison, kinds: Sequence[tuple[object, Sequence[str]]]) -> bool:
    """Whether some group of several samples has another mix of voxel sizes than the first."""
    if comparison.is_single:
        return False
    mixes = [
        [sum(one.name in names for one in samples) / len(samples) for _, names in kinds]
        for samples in comparison.groups.values()
    ]
    return any(mix != mixes[0] for mix in mixes)


def _check_ways(comparison: GroupComparison) -> Iterator[Finding]:
    """Whether a quantity was measured in one way and of comparable domains in all samples."""
    ways: tuple[tuple[Callable[[Quantity], str], str, str], ...] = (
        (lambda quantity: quantity.method, "method", "by different methods"),
        (lambda quantity: quantity.domain, "domain", "in different domains"),
    )
    for read, what, said in ways:
        found = [_unlike(read(one) for one in row.values.values()) for row in comparison.quantities]
        rows = [row for row, texts in zip(comparison.quantities, found, strict=True) if len(texts) > 1]
        if rows:
            first = next(texts for texts in found if len(texts) > 1)
            yield Finding(
                "unlike-measurements",
                f"{_names(rows)} of the samples were measured {said} ({_either(first)})",
                f"a difference may be that of the {what}, not of the material",
                "measure all samples with one version and the same options of keramos quantify",
                "note" if what == "domain" else "warning",
            )


def _unlike(texts: Iterable[str]) -> list[str]:
    """The first of each kind of these texts, whole, but for what they say of the volume."""
    kinds: dict[str, str] = {}
    for text in texts:
        kinds.setdefault(_FOUND.sub("", text), text)
    return list(kinds.values())


def _either(texts: Sequence[str]) -> str:
    return " or ".join(f'"{text}"' for text in texts[:2])


def _check_missing(comparison: GroupComparison) -> Iterator[Finding]:
    rows = [row for row in comparison.quantities if len(row.values) < len(comparison.samples)]
    if rows:
        without = [one.name for one in comparison.samples if any(one.name not in row.values for row in rows)]
        yield Finding(
            "missing-quantity",
            f"{_names(rows)} were compared without {_few(without)}, which have no value of them",
            "where a sample has none because of its structure, as where a phase does not connect both ends, leaving it "
            "out makes the groups look more alike or more different than they are",
            "say in the text which samples are left out",
        )
    if comparison.lacking:
        names = dict.fromkeys(" of ".join(part for part in key[:2] if part) for key in comparison.lacking)
        yield Finding(
            "missing-quantity",
            f"{_few(list(names))} could not be compared",
            "at least one group has no sample with a value of them",
            severity="note",
        )


def _check_counts(comparison: GroupComparison) -> Iterator[Finding]:
    single = [name for name, samples in comparison.groups.items() if len(samples) == 1]
    if comparison.against and any(row.trend is not None for row in comparison.quantities):
        return
    if comparison.is_single:
        yield Finding(
            "few-samples",
            f"there is one sample of each of {_few(single)}",
            "how much samples of one material differ is not known, and the intervals, of the scatter within each "
            "volume, are too narrow for a claim on the material",
            "measure two or three samples of each",
        )
    elif single:
        yield Finding(
            "few-samples",
            f"{_few(single)} has a single sample",
            "its scatter is taken to be that of the group it is compared with",
            "measure a second and a third sample",
        )


def _check_segmentation(comparison: GroupComparison) -> Iterator[Finding]:
    """Whether the segmentation leaves a quantity less sure than groups differ."""
    rows = []
    for row in comparison.quantities:
        halves = [(q.segmentation[1] - q.segmentation[0]) / 2 for q in row.values.values() if q.segmentation]
        apart = max((abs(one.difference.value) for one in row.differences), default=0.0)
        if halves and sum(halves) / len(halves) > apart > 0:
            rows.append(row)
    if rows:
        yield Finding(
            "uncertain-segmentation",
            f"the segmentation leaves {_names(rows)} of single samples less sure than the groups differ",
            "errors that differ from sample to sample are in the scatter; one that all samples of a group share is "
            "not, and would look like a difference",
            "segment all samples with one model, and annotate a slice of each group to check it",
        )


def _names(rows: Sequence[ComparedQuantity]) -> str:
    return _few(list(dict.fromkeys(f"{row.about.name} of {row.about.phase}".removesuffix(" of ") for row in rows)))


def _few(names: Sequence[str]) -> str:
    more = len(names) - _NAMED
    return join_words(names) if more <= 0 else f"{', '.join(names[:_NAMED])} and {more} more"
