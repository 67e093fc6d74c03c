"""The raw stack: its slices, what the files state of them, and the options that complete it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

from keramos.acquisition import Acquisition
from keramos.core import Finding, PixelSource, Triple, Volume, VoxelSize
from keramos.core.errors import FormatError, OptionError
from keramos.core.finding import UNCORRECTED_TILT, UNEVEN_STEPS, UNKNOWN_EDGE
from keramos.core.progress import Reporter, report_findings
from keramos.preparation import TurnedSource
from keramos.project.inputs import load_acquired
from keramos.project.label_size import region_in_file
from keramos.project.preparing.field import Field, find_field
from keramos.settings.prepare import PrepareSettings

FILLED = "what stands there in the volume is made of the neighbours, for looking only: it is not measured"
"""The effect of a slice that shows nothing of its own."""
_STRAIGHT_DEG = 5.0
_EVENED = "they are put on an even grid at these positions"
_KEPT = "they are kept as they are, with these positions in the facts of the volume"


@dataclass(frozen=True, eq=False)
class RawInput:
    """A raw stack: its slices with their voxel size where it is known, the field of them without the information bar,
    what the microscope wrote, and whether slices are to be turned by 180 degrees."""

    volume: Volume
    field: Field
    stated: Acquisition
    is_turned: bool = False

    @property
    def source(self) -> PixelSource:
        """The slices as they are prepared: turned, if that is asked for."""
        return TurnedSource(self.volume.source, self.field.box) if self.is_turned else self.volume.source

    @property
    def is_upside_down(self) -> bool:
        """Whether the upper edge of the slices as they are prepared is the lower one of the specimen, as far as files
        state it."""
        rotation = float(self.stated.value("scan_rotation_deg") or 0.0) % 360
        return (abs(rotation - 180) < _STRAIGHT_DEG) != self.is_turned

    @property
    def whole_shape(self) -> Triple:
        """The shape (z, y, x) of the stack in its file, of which a box may be used."""
        return region_in_file(self.volume)[1]

    @property
    def first_slice(self) -> int:
        """The number in its file of the first slice that is used: a box may begin later."""
        return self.volume.origin[0]


def open_raw(settings: PrepareSettings, reporter: Reporter) -> RawInput:
    """The raw stack that the settings name; the reporter hears the doubts about the files.

    Raises:
        FindingError: a doubt is fatal.
        FormatError: a volume that was prepared already, or a segmentation.
        OptionError: a slice thickness beside a voxel size, or slices with too few rows or columns.
    """
    raw, stated = load_acquired(settings.raw, settings)
    _refuse_made(raw)
    size = _complete(raw.voxel_size, stated, settings)
    bar = stated.facts.get("information_bar_rows")
    is_whole = settings.box is None  # a box may leave the bar out already
    findings = [*_settle(raw.findings, size, settings), *_report_unknown(size, raw, stated, settings)]
    report_findings(findings, reporter)
    raw = replace(raw, voxel_size=size, findings=tuple(findings))
    return RawInput(raw, find_field(raw, settings.bar, bar if is_whole else None), stated, settings.turn == 180)


def _refuse_made(raw: Volume) -> None:
    """FormatError for what Keramos made of raw slices."""
    if raw.facts.get("model"):
        raise FormatError(f"expected raw slices, found the segmentation {raw.name}; give the images")
    if raw.facts.get("window"):
        raise FormatError(
            f"expected raw slices, found {raw.name}, which Keramos prepared from {raw.facts['raw']['name']}; prepare "
            "those slices with other options instead"
        )


def _complete(size: VoxelSize | None, stated: Acquisition, settings: PrepareSettings) -> VoxelSize | None:
    """The voxel size, completed by the slice thickness and the tilt that are given; None if an edge stays unknown."""
    thickness = settings.slice_thickness
    if settings.voxel_size is not None:
        if thickness is not None:
            raise OptionError("slice_thickness", "expected either this or a voxel size, found both")
        return size
    z, y, x = _edges(size, stated)
    if thickness is not None and (y is None or x is None):
        raise OptionError(
            "slice_thickness", "expected files that state the edges of a pixel, found none; give the voxel size instead"
        )
    if y is not None and _is_to_stretch(stated, settings):
        y /= math.cos(math.radians(settings.tilt or 0.0))
    z = thickness or z
    return None if z is None or y is None or x is None else VoxelSize(z, y, x)


def _edges(size: VoxelSize | None, stated: Acquisition) -> tuple[float | None, float | None, float | None]:
    """The edges that the files state (z, y, x)."""
    if size is not None:
        return size.zyx
    z, y, x = (stated.value(f"voxel_size_{axis}_nm") for axis in "zyx")
    return z, y, x


def _is_to_stretch(stated: Acquisition, settings: PrepareSettings) -> bool:
    """Whether pixels are longer along y than the files say: those say that nothing was corrected, and the tilt is
    given."""
    return stated.value("tilt_corrected") is False and settings.tilt is not None


def _settle(findings: Sequence[Finding], size: VoxelSize | None, settings: PrepareSettings) -> list[Finding]:
    """The doubts about the files that are left once they are prepared: the information bar is cut off, edges of voxels
    may be given, and slices that are missing are filled."""
    left = []
    for finding in findings:
        is_corrected = finding.topic == UNCORRECTED_TILT and size is not None and settings.tilt is not None
        is_turned = finding.kind == "scan-rotation" and settings.turn == 180
        if finding.kind == "information-bar" or finding.topic == UNKNOWN_EDGE or is_corrected or is_turned:
            continue
        if finding.kind == "missing-slice":
            left.append(replace(finding, effect=FILLED, advice="add the missing slices if there are any"))
        elif finding.topic == UNEVEN_STEPS:
            left.append(_settle_uneven(finding, size, settings))
        else:
            left.append(finding)
    return left


def _settle_uneven(finding: Finding, size: VoxelSize | None, settings: PrepareSettings) -> Finding:
    """A doubt about stated positions that are uneven, with what becomes of these slices."""
    source = settings.positions or ("metadata" if settings.ruler is None else "ruler")
    if size is None or source == "even":
        return replace(finding, advice="")
    effect = _EVENED if settings.uneven == "resample" else _KEPT
    if source != "metadata":
        effect = f"they are placed by {source} all the same"
    return replace(finding, effect=effect, advice="", severity="note")


def _report_unknown(
    size: VoxelSize | None, raw: Volume, stated: Acquisition, settings: PrepareSettings
) -> list[Finding]:
    """A warning where an edge of a voxel is not known."""
    if size is not None or isinstance(settings.raw, Volume):
        return []
    edges = dict(zip("zyx", _edges(None, stated), strict=True))
    missing = [axis for axis, edge in edges.items() if edge is None]
    only_z = missing == ["z"]
    what = "the thickness of a slice (z)" if only_z else f"the voxel size ({', '.join(missing)})"
    return [
        Finding(
            "voxel-size",
            f"{raw.name} does not state {what}",
            "nothing can be measured in nm without it, nor a walk of the field of view be told",
            "give it (--slice-thickness, in nm)" if only_z else "give it (--voxel-size Z Y X, in nm)",
        )
    ]
