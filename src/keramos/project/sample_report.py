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
from keramos.measurements.tables import to_json
from keramos.project.measure import measure_middle_slice, measurements_for
from keramos.project.named_labels import open_named_labels
from keramos.project.quantities import QUANTITIES, read_quantities
from keramos.project.record import RECORD, read_record
from keramos.project.reporting import CITATIONS, findings_of
from keramos.project.segmentation_facts import images_of
from keramos.reports import Sample, SamplesContent
from keramos.settings.reading import ReadOptions


def gather_samples(paths: Sequence[Path], options: ReadOptions, reporter: Reporter) -> SamplesContent:
    """Samples of runs' folders (their last method), segmentations, labels of any software, or folders of quantities;
    what was not measured yet is measured now.

    Raises:
        SettingsError: fewer than two, or one twice.
        KeramosError: one that cannot be read or measured.
    """
    if len(paths) < 2 or len({path.resolve() for path in paths}) < len(paths):
        raise SettingsError("expected one run, or at least two different ones to set side by side")
    names = _names(paths)
    samples = tuple(_sample(path, name, options, reporter) for path, name in zip(paths, names, strict=True))
    images = {source_fingerprint(sample.images) for sample in samples if sample.images is not None}
    same = len(images) < sum(sample.images is not None for sample in samples)
    return SamplesContent(f"{' and '.join(names)}, side by side", samples, CITATIONS, same)


def numbers_of_samples(content: SamplesContent) -> dict[str, Any]:
    """Quantities of each sample, as `quantify` writes them."""
    return {sample.name: to_json(sample.measurements) for sample in content.samples}


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
    if path.name == QUANTITIES or (path / QUANTITIES).is_file():
        return Sample(name, read_quantities(path))
    opened = _open_sample(path, options, reporter)
    measured = measurements_for(opened.labels, opened.path, opened.quantities, reporter)
    if measured is None:
        opened.labels.require_voxel_size()
        measured = Measurements()
    one_slice = measure_middle_slice(opened.labels, reporter)
    steps = tuple(opened.labels.provenance.to_json())
    return Sample(name, measured, opened.labels, opened.images, one_slice, steps, findings_of(opened.labels))


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
    """File names without endings; with their folder's name where two would be the same."""
    short = [path.resolve().name.split(".")[0] for path in paths]
    return [
        name if short.count(name) == 1 else f"{path.resolve().parent.name}/{name}"
        for path, name in zip(paths, short, strict=True)
    ]
