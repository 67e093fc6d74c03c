"""Gather what a page on several samples shows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from keramos.core import LabelVolume, Volume
from keramos.core.errors import KeramosError, MissingFileError, SettingsError
from keramos.core.progress import Reporter
from keramos.io import open_labels, open_volume, source_fingerprint
from keramos.measurements import Measurements
from keramos.measurements.groups import GroupComparison, GroupedSample, compare_samples
from keramos.measurements.groups.to_json import comparison_to_json
from keramos.measurements.tables import to_json
from keramos.project.measure import measure_middle_slice, measurements_for
from keramos.project.named_labels import open_named_labels
from keramos.project.quantities import QUANTITIES, read_measured_labels, read_quantities
from keramos.project.record import RECORD, read_record
from keramos.project.reporting import CITATIONS, findings_of
from keramos.project.sample_doubts import check_groups
from keramos.project.sample_groups import SampleDesign
from keramos.project.segmentation_facts import images_of
from keramos.reports import Sample, SamplesContent
from keramos.reports.plain_words import join_words
from keramos.settings.reading import ReadOptions

_COMPARISON = "comparison"
_RESERVED = (_COMPARISON, "findings", "written_by")
"""Keys of the JSON file that no sample can have."""


def gather_samples(
    design: SampleDesign, options: ReadOptions, reporter: Reporter, wanted: Sequence[str] = ()
) -> SamplesContent:
    """Samples of runs' folders (their last method), segmentations, labels of any software, or folders of quantities;
    what was not measured yet is measured now. Independent ones are compared, in groups if there are any.

    Raises:
        SettingsError: fewer than two, one twice, or groups that cannot be compared.
        KeramosError: one that cannot be read or measured.
    """
    paths = design.paths
    _check_paths(paths)
    names = _names(paths)
    samples = tuple(_sample(path, name, options, reporter) for path, name in zip(paths, names, strict=True))
    _check_copies(samples)
    same = _find_same_images(samples)
    title = f"{' and '.join(names)}, side by side"
    if same and not design.grouped:
        return SamplesContent(title, samples, CITATIONS, same_volume=True)
    if same:
        raise SettingsError(
            f"expected samples of different material in the groups, found {join_words(same)} to be of the same images; "
            "volumes and segmentations of one sample count once: give one of them"
        )
    grouped = [
        GroupedSample(sample.name, row.group or sample.name, sample.measurements, row.x)
        for sample, row in zip(samples, design.rows, strict=True)
    ]
    comparison = compare_samples(grouped, wanted, design.against)
    if design.grouped:
        _check_comparison(comparison)
        title = f"{join_words(list(comparison.groups))} compared"
        if len(comparison.groups) == len(samples):
            title = f"{join_words(names)} compared" if len(names) < 4 else f"{len(names)} samples compared"
    findings = check_groups(comparison, {sample.name: sample.voxel_size for sample in samples})
    return SamplesContent(title, samples, CITATIONS, False, comparison, design.grouped, findings)


def numbers_of_samples(content: SamplesContent) -> dict[str, Any]:
    """Quantities of each sample, as `quantify` writes them; under `comparison` how groups of them differ."""
    numbers: dict[str, Any] = {sample.name: to_json(sample.measurements) for sample in content.samples}
    if content.comparison is not None:
        numbers[_COMPARISON] = comparison_to_json(content.comparison)
    return numbers


def _check_paths(paths: Sequence[Path]) -> None:
    resolved = [path.resolve() for path in paths]
    twice = [path for path, place in zip(paths, resolved, strict=True) if resolved.count(place) > 1]
    if len(paths) < 2 or twice:
        found = f", found {twice[0]} twice" if twice else ""
        raise SettingsError(f"expected one run, or at least two different ones to set side by side{found}")


def _check_copies(samples: Sequence[Sample]) -> None:
    """SettingsError if two samples have the same values: a copy is no second sample."""
    seen: dict[tuple[Any, ...], str] = {}
    for sample in samples:
        key = tuple((row.id, row.phase, row.axis, row.quantity.value) for row in sample.measurements.quantities)
        if key and key in seen:
            raise SettingsError(
                f"expected different samples, found the same values in {seen[key]} and {sample.name}; a copy is no "
                "second sample"
            )
        seen[key] = sample.name


def _check_comparison(comparison: GroupComparison) -> None:
    """SettingsError for groups with nothing to compare."""
    placed = {sample.x for sample in comparison.samples if sample.x is not None}
    if comparison.against and (len(comparison.samples) < 3 or len(placed) < 2):
        raise SettingsError(
            f"expected at least three samples at two places or more of {comparison.against}, found "
            f"{len(comparison.samples)} at {len(placed)}"
        )
    if comparison.quantities:
        return
    if len(comparison.groups) < 2 and not comparison.against:
        raise SettingsError(f"expected at least two groups, found only {next(iter(comparison.groups), 'none')}")
    phases = {one.name: dict.fromkeys(row.phase for row in one.measurements.quantities) for one in comparison.samples}
    listed = "; ".join(f"{', '.join(filter(None, names))} in {name}" for name, names in list(phases.items())[:4])
    raise SettingsError(
        f"expected a quantity that all groups have, found none (phases are {listed}); name phases alike with "
        "--phases when measuring"
    )


def _find_same_images(samples: Sequence[Sample]) -> tuple[str, ...]:
    """The names of samples that share their images with another one."""
    prints = {sample.name: sample.fingerprint for sample in samples if sample.fingerprint is not None}
    return tuple(name for name, one in prints.items() if list(prints.values()).count(one) > 1)


@dataclass(frozen=True, eq=False)
class _OpenSample:
    labels: LabelVolume
    path: Path
    images: Volume | None = None
    quantities: Path | None = None


def _sample(path: Path, name: str, options: ReadOptions, reporter: Reporter) -> Sample:
    if not path.exists():
        raise MissingFileError(
            f"expected a segmentation, labels or quantities, found nothing at {path}; check the path"
        )
    if path.suffix == ".json" or (path / QUANTITIES).is_file():
        about = read_measured_labels(path)
        return Sample(
            name, read_quantities(path), steps=about.steps, voxel_size=about.voxel_size, fingerprint=about.images
        )
    opened = _open_sample(path, options, reporter)
    measured = measurements_for(opened.labels, opened.path, opened.quantities, reporter)
    if measured is None:
        opened.labels.require_voxel_size()
        measured = Measurements()
    one_slice = measure_middle_slice(opened.labels, reporter)
    steps = tuple(opened.labels.provenance.to_json())
    return Sample(
        name,
        measured,
        opened.labels,
        opened.images,
        one_slice,
        steps,
        findings_of(opened.labels),
        opened.labels.voxel_size,
        None if opened.images is None else source_fingerprint(opened.images),
    )


def _open_sample(path: Path, options: ReadOptions, reporter: Reporter) -> _OpenSample:
    if (path / RECORD).is_file():
        record = read_record(path)
        if not record.methods:
            raise SettingsError(f"expected a run with at least one segmentation, found none in {path}")
        last = record.methods[-1]
        kept = path / record.quantities if record.quantities and record.measured == last.name else None
        return _OpenSample(open_labels(path / last.labels), path / last.labels, open_volume(path / record.images), kept)
    labels = open_named_labels(str(path), options, reporter).labels
    return _OpenSample(labels, path, _find_images(labels))


def _find_images(labels: LabelVolume) -> Volume | None:
    """The images that a segmentation was made of; None where no segmentation made them, or the
    images have moved or no longer fit."""
    try:
        images = images_of(labels)
    except KeramosError:
        return None
    return images if images.shape == labels.shape else None


def _names(paths: Sequence[Path]) -> list[str]:
    """File names without endings, of `quantities.json` that of its folder; with the name of the folder around where two
    would be the same, or a name is taken."""
    places = [path.resolve().parent if path.name == QUANTITIES else path.resolve() for path in paths]
    short = [place.name.split(".")[0] for place in places]
    taken = [*short, *_RESERVED]
    names = [
        name if taken.count(name) == 1 else f"{place.parent.name}/{name}"
        for place, name in zip(places, short, strict=True)
    ]
    return [name if names.count(name) == 1 else str(place) for place, name in zip(places, names, strict=True)]
