"""The rows of pictures: grey values, truth and every method, slice by slice."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from keramos.core import NOT_ANNOTATED, Box, LabelVolume, PhaseTable
from keramos.reports.content import MethodResult, ReportContent
from keramos.reports.example_slices import distance_to, example_slices
from keramos.reports.plain_words import count, length
from keramos.reports.slice_panel import WRONG, pale, phase_picture, slice_panel, verdict_picture
from keramos.scoring import stretch_grey
from keramos.scoring.overlay import FALSE_NEGATIVE, FALSE_POSITIVE, TRUE_NEGATIVE, TRUE_POSITIVE


@dataclass(frozen=True, slots=True)
class Panel:
    """A picture with its caption; `detail` is a second, quieter line, `pixels` what was drawn (Y X, or Y X 3)."""

    caption: str
    detail: str
    uri: str
    alt: str
    pixels: NDArray[np.uint8] | None = field(default=None, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class SliceRow:
    """The pictures of the slice z, under a heading that says where it lies."""

    heading: str
    panels: tuple[Panel, ...]
    z: int = 0


def columns(content: ReportContent) -> int:
    """The number of pictures beside each other on a wide page: the one that leaves the fewest places of the last row
    empty."""
    pictures = len(content.methods) + content.has_images + (content.truth is not None)
    return min((3, 4, 2), key=lambda number: -pictures % number)


def slice_rows(content: ReportContent) -> tuple[SliceRow, ...]:
    return tuple(SliceRow(_heading(content, z), tuple(_panels(content, z)), z) for z in example_slices(content))


def legend(content: ReportContent) -> tuple[tuple[str, str], ...]:
    """(colour, meaning) of the methods' pictures."""
    phases = content.phases
    if phases is None:
        return ()
    if content.truth is None:
        return tuple((phase.colour, phase.name) for phase in phases)
    return verdict_legend(phases)


def verdict_legend(phases: PhaseTable) -> tuple[tuple[str, str], ...]:
    """(colour, meaning) of pictures of right and wrong."""
    if len(phases) > 2:
        right = [(_hex(pale(phase.rgb)), f"{phase.name}, right") for phase in phases]
        return (*right, (_hex(WRONG), "wrong"))
    positive, other = phases.names[phases.positive], phases.names[1 - phases.positive]
    return (
        (_hex(TRUE_POSITIVE), f"{positive}, found (true positive)"),
        (_hex(TRUE_NEGATIVE), f"{other}, found (true negative)"),
        (_hex(FALSE_POSITIVE), f"{other} taken for {positive} (false positive)"),
        (_hex(FALSE_NEGATIVE), f"{positive} missed (false negative)"),
    )


def truth_legend(content: ReportContent) -> tuple[tuple[str, str], ...]:
    """(colour, phase) of the picture of the truth."""
    return () if content.truth is None else tuple((p.colour, p.name) for p in content.truth.phases)


def _panels(content: ReportContent, z: int) -> list[Panel]:
    grey = stretch_grey(content.volume.read(_at(content, z))[0])
    voxel = content.volume.voxel_size
    image = Panel("Image", "", slice_panel(grey, voxel), f"Grey values of slice {z}", grey)
    panels = [image] if content.has_images else []
    truth = None
    if content.truth is not None:
        truth = _codes(content.truth, _at(content, z))
        picture = phase_picture(truth, grey, content.truth.phases)
        detail = "grey: not annotated" if (truth == NOT_ANNOTATED).any() else ""
        panels.append(Panel("Truth", detail, slice_panel(picture, voxel), f"True phases of slice {z}", picture))
    return panels + [_method_panel(content, method, z, grey, truth) for method in content.methods]


def _method_panel(
    content: ReportContent, method: MethodResult, z: int, grey: NDArray[np.uint8], truth: NDArray[np.uint8] | None
) -> Panel:
    labels, phases = _codes(method.labels, _at(content, z)), method.labels.phases
    voxel = content.volume.voxel_size
    if truth is None or (truth == NOT_ANNOTATED).all():
        detail = "" if truth is None else "phases: nobody annotated this slice"
        picture = phase_picture(labels, grey, phases)
        alt = f"Phases that {method.name} found in slice {z}"
        return Panel(method.name, detail, slice_panel(picture, voxel), alt, picture)
    picture = verdict_picture(grey, labels, truth, phases)
    alt = f"Right and wrong voxels of {method.name} in slice {z}"
    return Panel(method.name, _slice_iou(labels, truth, phases), slice_panel(picture, voxel), alt, picture)


def _slice_iou(labels: NDArray[np.uint8], truth: NDArray[np.uint8], phases: PhaseTable) -> str:
    known, code = truth != NOT_ANNOTATED, phases.positive
    union = np.count_nonzero(known & ((labels == code) | (truth == code)))
    both = np.count_nonzero((labels == code) & (truth == code))
    return f"IoU of {phases.names[code]} in this slice {both / union:.3f}" if union else ""


def _heading(content: ReportContent, z: int) -> str:
    voxel, depth = content.volume.voxel_size, content.volume.shape[0]
    if depth == 1:
        return "The only slice"
    where = f"Slice {z} of 0–{depth - 1}" + ("" if voxel is None or not z else f", z = {length(z * voxel.z_nm)}")
    if not content.annotated_slices:
        return where
    away = distance_to(z, list(content.annotated_slices))
    if away == 0:
        return f"{where}: annotated for training"
    far = "" if voxel is None else f" ({length(away * voxel.z_nm)})"
    return f"{where}: {count(away, 'slice')}{far} from the nearest annotated one"


def _at(content: ReportContent, z: int) -> Box:
    return Box((z, 0, 0), (z + 1, *content.volume.shape[1:]))


def _codes(labels: LabelVolume, slice_box: Box) -> NDArray[np.uint8]:
    codes: NDArray[np.uint8] = labels.read(slice_box)[0]
    return codes


def _hex(rgb: tuple[int, int, int]) -> str:
    return "#{:02x}{:02x}{:02x}".format(*rgb)
