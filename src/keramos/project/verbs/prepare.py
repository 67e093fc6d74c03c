"""Prepare a raw stack: from the microscope's slices to a calibrated volume."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from math import prod
from pathlib import Path
from typing import Any

from keramos.blocks import FoldCheckpoint, computing_versions, keep_freed_memory, lock_output
from keramos.core import Finding, LabelVolume, Step, Triple, Volume
from keramos.core.disk import refuse_beyond_disk
from keramos.core.errors import OptionError
from keramos.core.progress import FindingCollector, Reporter, report_findings
from keramos.io import file_fingerprint, open_labels, open_volume, slice_names
from keramos.preparation import REMEDIES, Preparation, PreparedSource
from keramos.project.inputs import versions
from keramos.project.preparing.also import OtherDetector, open_also
from keramos.project.preparing.doubts import doubt_slices
from keramos.project.preparing.drawn import open_drawn, write_drawn
from keramos.project.preparing.estimate import choose_remedies, estimate_preparation, estimate_remedies
from keramos.project.preparing.facts import preparation_facts
from keramos.project.preparing.page import write_look
from keramos.project.preparing.positions import report_uneven
from keramos.project.preparing.raw import RawInput, open_raw
from keramos.project.preparing.view import doubt_view, find_view
from keramos.project.preparing.write import Output, read_saved, slices_at_once, write_prepared
from keramos.project.verb import verb
from keramos.settings.prepare import PreparationOptions, PrepareSettings

_UNFINISHED = ".unfinished"
"""Suffix of the file beside the output in which the first reading of the slices is saved."""
_COMPRESSED = 4
"""Images with noise compress to a half or a third; to less than a quarter only those of nothing."""


@dataclass(frozen=True, eq=False)
class PrepareResult:
    """A prepared volume, and how it was made.

    Attributes:
        volume: the volume; where nothing was written it makes each voxel when it is read.
        preparation: what is done to the raw slices.
        facts: the same as JSON values (see `preparation_facts`).
        findings: what is to be known of the stack.
        labels: those that were drawn on raw slices, laid onto the volume; None where there are none.
        also: the volume of another detector; None where none was asked for.
    """

    volume: Volume
    preparation: Preparation
    facts: Mapping[str, Any]
    findings: tuple[Finding, ...]
    labels: LabelVolume | None = None
    also: Volume | None = None

    @property
    def shape(self) -> Triple:
        """The shape of the volume (z, y, x)."""
        return self.preparation.shape

    def to_json(self) -> dict[str, Any]:
        """JSON values: shape (z y x), voxel size in nm (z y x) and geometry of the view, each null where it is unknown,
        and the facts."""
        size, view = self.volume.voxel_size, self.volume.view
        return {
            "shape": list(self.shape),
            "voxel_size_nm": None if size is None else list(size.zyx),
            "view": None if view is None else asdict(view),
            **self.facts,
            "findings": [finding.to_json() for finding in self.findings],
        }


@verb(PrepareSettings)
def prepare(settings: PrepareSettings, reporter: Reporter) -> PrepareResult:
    """Make a calibrated volume of a raw stack, and open it.

    A run that was killed resumes when it is called again.

    Raises:
        KeramosError: slices that cannot be read or have nothing in common, options that do not fit, an `out` of
            another run.
    """
    out = settings.out or settings.look
    if out is None:
        raise OptionError("out", "expected a volume to write, or a page (look), found neither")
    keep_freed_memory()
    collector = FindingCollector(reporter)
    raw = open_raw(settings, collector)
    other = open_also(raw, settings, collector)
    drawn = open_drawn(raw, settings, collector)
    identity = {**PreparationOptions.of(settings).identity(), "raw": file_fingerprint(raw.volume)}
    with lock_output(out):
        reading = _open_reading(out, identity, settings, reporter)
        saved = None if settings.out is None else _read_saved(settings.out, identity, settings)
        preparation = saved or _estimate(raw, reading, settings, collector)
        result = _describe(raw, preparation, settings, collector)
        if settings.out is not None:
            result = _write(raw, settings.out, identity, result, settings, collector)
        if settings.look is not None:
            write_look(settings.look, raw, result.volume, preparation, result.facts)
        reading.delete()
        if other is not None:
            result = replace(result, also=_write_also(other, preparation, collector))
        if drawn is not None:
            place = write_drawn(drawn, raw.volume, result.volume, settings, collector)
            result = replace(result, labels=open_labels(place))
    return replace(result, findings=collector.findings)


def _write_also(other: OtherDetector, first: Preparation, collector: FindingCollector) -> Volume:
    """Write the volume of another detector."""
    raw, out, settings = other.raw, other.out, other.settings
    with lock_output(out):
        reading = _open_reading(out, other.identity, settings, collector)
        preparation = _read_saved(out, other.identity, settings)
        if preparation is None:
            progress = collector.progress(f"look at the slices of {settings.detector}", "slice")
            preparation = estimate_remedies(raw, first, settings, progress, reading)
        result = _describe(raw, preparation, settings, collector)
        result = _write(raw, out, other.identity, result, settings, collector)
        reading.delete()
    return result.volume


def _open_reading(
    out: Path, identity: Mapping[str, Any], settings: PrepareSettings, reporter: Reporter
) -> FoldCheckpoint:
    """The file in which the first reading of the slices is saved, without what a fresh run discards."""
    reading = FoldCheckpoint(out.with_name(f"{out.name}{_UNFINISHED}"), identity, reporter.note)
    if settings.fresh:
        reading.delete()
    return reading


def _read_saved(out: Path, identity: Mapping[str, Any], settings: PrepareSettings) -> Preparation | None:
    return read_saved(out, {**identity, **computing_versions()}, fresh=settings.fresh)


def _write(
    raw: RawInput,
    out: Path,
    identity: Mapping[str, Any],
    result: PrepareResult,
    settings: PrepareSettings,
    collector: FindingCollector,
) -> PrepareResult:
    """Write the volume, or what is left of it to write."""
    volume = result.volume
    output = Output(out, volume.voxel_size, volume.view, volume.provenance, result.facts)
    source = PreparedSource(raw.source, result.preparation)
    voxels = prod(source.shape)
    refuse_beyond_disk(out, voxels * source.dtype.itemsize // _COMPRESSED, f"a volume of {voxels:.3g} voxels")
    whole = {**identity, **computing_versions()}
    write_prepared(source, output, whole, memory=settings.memory, reporter=collector)
    return replace(result, volume=open_volume(out))


def _estimate(
    raw: RawInput, reading: FoldCheckpoint, settings: PrepareSettings, collector: FindingCollector
) -> Preparation:
    """The preparation, from a reading of the slices.

    Raises:
        SettingsError: the memory is too little to write the volume.
    """
    if settings.out is not None:
        halo = sum(REMEDIES.find(name).halo for name in choose_remedies(settings.remedies))
        slices_at_once(raw.field.box, raw.volume.dtype.itemsize, halo, settings.memory)
    return estimate_preparation(raw, settings, collector.progress("look at the slices", "slice"), reading)


def _describe(
    raw: RawInput, preparation: Preparation, settings: PrepareSettings, collector: FindingCollector
) -> PrepareResult:
    """The result before anything is written; the collector hears the findings about it."""
    shifts, slices = preparation.shifts, raw.volume
    view = find_view(raw, shifts, settings)
    doubts = [
        *doubt_slices(preparation, raw.first_slice),
        *report_uneven(preparation),
        *doubt_view(raw, view, shifts, settings),
    ]
    report_findings(doubts, collector)
    facts = preparation_facts(preparation, raw, slice_names(slices), collector.findings)
    parameters = {"raw": slices.name, **PreparationOptions.of(settings).identity()}
    step = Step("prepare", parameters, {"raw": file_fingerprint(slices)}, versions())
    source = PreparedSource(raw.source, preparation)
    volume = Volume(source, slices.voxel_size, slices.name, slices.provenance.then(step), view=view, facts=facts)
    return PrepareResult(volume, preparation, facts, collector.findings)
