"""Prepare a raw stack: from the microscope's slices to a calibrated volume."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from keramos.acquisition import Acquisition
from keramos.blocks import computing_versions, keep_freed_memory, lock_output
from keramos.core import Finding, Step, Triple, Volume
from keramos.core.errors import OptionError
from keramos.core.progress import FindingCollector, Reporter, report_findings
from keramos.io import file_fingerprint, open_volume, slice_names
from keramos.preparation import Preparation, PreparedSource
from keramos.project.inputs import versions
from keramos.project.preparing.estimate import estimate_preparation
from keramos.project.preparing.facts import preparation_facts
from keramos.project.preparing.field import Field
from keramos.project.preparing.page import write_look
from keramos.project.preparing.raw import open_raw
from keramos.project.preparing.write import Output, read_saved, write_prepared
from keramos.project.verb import verb
from keramos.settings.prepare import PrepareSettings


@dataclass(frozen=True, eq=False)
class PrepareResult:
    """A prepared volume, and how it was made.

    Attributes:
        volume: the volume; where nothing was written it makes each voxel when it is read.
        preparation: what is done to the raw slices.
        facts: the same as JSON values (see `preparation_facts`).
        findings: what is to be known of the stack.
    """

    volume: Volume
    preparation: Preparation
    facts: Mapping[str, Any]
    findings: tuple[Finding, ...]

    @property
    def shape(self) -> Triple:
        """The shape of the volume (z, y, x)."""
        return self.preparation.shape

    def to_json(self) -> dict[str, Any]:
        """JSON values: shape (z y x), voxel size in nm, view, and the facts."""
        size = self.volume.voxel_size
        return {
            "shape": list(self.shape),
            "voxel_size_nm": None if size is None else list(size.zyx),
            **self.facts,
        }


@verb(PrepareSettings)
def prepare(settings: PrepareSettings, reporter: Reporter) -> PrepareResult:
    """Make a calibrated volume of a raw stack, and open it.

    A run that was killed resumes when it is called again.

    Raises:
        KeramosError: slices that cannot be read or have nothing in common, options that do not fit, an `out` of
            another run.
    """
    if settings.out is None and settings.look is None:
        raise OptionError("out", "expected a volume to write, or a page (look), found neither")
    keep_freed_memory()
    collector = FindingCollector(reporter)
    raw, field, stated = open_raw(settings, collector)
    identity = {**settings.identity(), "raw": file_fingerprint(raw), **computing_versions()}
    if settings.out is None:
        result = _describe(raw, field, _estimate(raw, field, stated, settings, collector), settings, collector)
        _look(settings, raw, stated, result)
        return result
    with lock_output(settings.out):
        preparation = read_saved(settings.out, identity, fresh=settings.fresh)
        if preparation is None:
            preparation = _estimate(raw, field, stated, settings, collector)
        result = _describe(raw, field, preparation, settings, collector)
        volume = result.volume
        output = Output(settings.out, volume.voxel_size, volume.view, volume.provenance, result.facts)
        source = PreparedSource(raw.source, preparation)
        write_prepared(source, output, identity, memory=settings.memory, reporter=collector)
    result = replace(result, volume=open_volume(settings.out))
    _look(settings, raw, stated, result)
    return result


def _look(settings: PrepareSettings, raw: Volume, stated: Acquisition, result: PrepareResult) -> None:
    """Write the page, if it is asked for."""
    if settings.look is not None:
        write_look(settings.look, raw, result.volume, result.preparation, result.facts, stated, result.findings)


def _estimate(
    raw: Volume, field: Field, stated: Acquisition, settings: PrepareSettings, collector: FindingCollector
) -> Preparation:
    progress = collector.progress("look at the slices", "slice")
    estimate = estimate_preparation(raw, field, stated, settings, progress)
    report_findings(estimate.findings, collector)
    return estimate.preparation


def _describe(
    raw: Volume, field: Field, preparation: Preparation, settings: PrepareSettings, collector: FindingCollector
) -> PrepareResult:
    """The result before anything is written."""
    facts = preparation_facts(preparation, field, slice_names(raw), collector.findings)
    parameters = {"raw": raw.name, **settings.identity()}
    step = Step("prepare", parameters, {"raw": file_fingerprint(raw)}, versions())
    source = PreparedSource(raw.source, preparation)
    volume = Volume(source, raw.voxel_size, raw.name, raw.provenance.then(step), view=raw.view, facts=facts)
    return PrepareResult(volume, preparation, facts, collector.findings)
