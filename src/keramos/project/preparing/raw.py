"""The raw stack: its slices, what the files state of them, and the options that complete it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from keramos.acquisition import Acquisition
from keramos.core import BoxSource, Finding, Triple, Volume, VoxelSize
from keramos.core.errors import OptionError
from keramos.core.progress import Reporter, report_findings
from keramos.io import read_acquisition
from keramos.project.inputs import load_images
from keramos.project.preparing.field import Field, find_field
from keramos.settings.prepare import PrepareSettings

FILLED = "what stands there in the volume is made of the neighbours, for looking only: it is not measured"
"""The effect of a slice that shows nothing of its own."""


@dataclass(frozen=True, eq=False)
class RawInput:
    """A raw stack: its slices with their voxel size where it is known, the field of them without the information bar,
    and what the microscope wrote."""

    volume: Volume
    field: Field
    stated: Acquisition

    @property
    def whole_shape(self) -> Triple:
        """The shape (z, y, x) of the stack in its file, of which a box may be used."""
        source = self.volume.source
        while isinstance(source, BoxSource):
            source = source.source
        return source.shape


def open_raw(settings: PrepareSettings, reporter: Reporter) -> RawInput:
    """The raw stack that the settings name; the reporter hears the doubts about the files.

    Raises:
        FindingError: a doubt is fatal.
        OptionError: a slice thickness beside a voxel size.
    """
    raw = load_images(settings.raw, settings)
    stated = Acquisition() if isinstance(settings.raw, Volume) else read_acquisition(settings.raw)
    size = _complete(raw.voxel_size, stated, settings)
    bar = stated.facts.get("information_bar_rows")
    is_whole = settings.box is None  # a box may leave the bar out already
    findings = _settle(raw.findings, size)
    report_findings(findings, reporter)
    raw = replace(raw, voxel_size=size, findings=tuple(findings))
    return RawInput(raw, find_field(raw, settings.bar, bar if is_whole else None), stated)


def _complete(size: VoxelSize | None, stated: Acquisition, settings: PrepareSettings) -> VoxelSize | None:
    """The voxel size with the slice thickness that is given, where the files state the other edges."""
    thickness = settings.slice_thickness
    if thickness is None:
        return size
    if settings.voxel_size is not None:
        raise OptionError("slice_thickness", "expected either this or a voxel size, found both")
    y, x = (stated.value(f"voxel_size_{axis}_nm") for axis in "yx")
    if size is not None:
        _, y, x = size.zyx
    if y is None or x is None:
        raise OptionError(
            "slice_thickness", "expected files that state the edges of a pixel, found none; give the voxel size instead"
        )
    return VoxelSize(thickness, y, x)


def _settle(findings: Sequence[Finding], size: VoxelSize | None) -> list[Finding]:
    """The doubts about the files that are left once they are prepared: the information bar is cut off, the thickness of
    a slice may be given, and slices that are missing are filled."""
    left = []
    for finding in findings:
        is_completed = finding.kind == "voxel-size" and finding.severity == "note" and "--voxel-size" in finding.advice
        if finding.kind == "information-bar" or (is_completed and size is not None):
            continue
        left.append(replace(finding, effect=FILLED) if finding.kind == "missing-slice" else finding)
    return left
