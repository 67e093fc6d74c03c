"""The geometry of the view of a prepared volume: as the files state, as given, and as the alignment left it."""

from __future__ import annotations

from dataclasses import replace

from keramos.core import Finding, View
from keramos.preparation import SliceShifts
from keramos.project.preparing.place import walk_of
from keramos.project.preparing.raw import RawInput
from keramos.settings.prepare import PrepareSettings

_SEEN = 0.1
"""Pixels a slice: a walk of less is none."""


def find_view(raw: RawInput, shifts: SliceShifts, settings: PrepareSettings) -> View | None:
    """The view of the volume; None where nothing is known of it."""
    stated, own = raw.stated, raw.volume.view
    tilt = settings.tilt if settings.tilt is not None else stated.value("tilt_deg")
    if own is None and tilt is None and settings.cutting_order is None and settings.frame is None:
        return None
    view = own or View(scan_rotation_deg=stated.value("scan_rotation_deg"))
    if raw.is_turned and view.scan_rotation_deg is not None:
        view = replace(view, scan_rotation_deg=(view.scan_rotation_deg + 180) % 360)
    if tilt is not None:
        view = replace(view, tilt_deg=tilt)
    order = settings.cutting_order or (None if own else stated.value("cutting_order"))
    if order is not None:
        view = replace(view, cutting_order=order)
    if shifts.shear.source != "none":
        return replace(view, frame="section")
    stood_still = stated.followed is not None and not stated.followed.value
    return replace(view, frame=settings.frame or ("sheared" if stood_still else view.frame))


def doubt_view(raw: RawInput, view: View | None, shifts: SliceShifts, settings: PrepareSettings) -> list[Finding]:
    """A finding where nobody states whether the field of view followed the section."""
    size = raw.volume.voxel_size
    is_open = settings.frame is None and raw.stated.followed is None and shifts.shear.source == "none"
    walk = walk_of(size, view.tilt_deg) if view is not None and size is not None and is_open else 0.0
    return [_report_frame(walk)] if walk > _SEEN else []


def _report_frame(walk: float) -> Finding:
    return Finding(
        "unknown-frame",
        "nothing states whether the field of view followed the section as it was cut",
        f"if it stood still, the section walks by {walk:.2f} px a slice along y: a shear that is left in the volume",
        "say it (--frame section or sheared), or name evidence that removes it (--shear)",
        severity="note",
    )
