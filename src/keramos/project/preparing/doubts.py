"""Findings about raw slices, from how they were prepared."""

from __future__ import annotations

import numpy as np

from keramos.core import Finding, name_slices
from keramos.preparation import Preparation, SliceShifts
from keramos.project.preparing.raw import FILLED

_STEADY, _SURE = 0.05, 3.0
"""Pixels a slice below which a steady shift is none, and standard deviations of it above which it is sure."""

_STRAY = 0.25
"""Pixels (rms) off a straight course that are named where they were left."""

_LEFT_OUT = "the volume begins behind or ends before what lies at the ends of the stack"
"""The effect of a slice that shows nothing of its own before the first or behind the last one that does."""


def doubt_slices(preparation: Preparation, first_slice: int = 0) -> list[Finding]:
    """Findings about slices that are not used, neighbours that do not fit, and a steady shift that was left.

    Args:
        preparation: of the slices from number `first_slice` of the file on.
        first_slice: added to the numbers of slices, so that findings name them as they are in the file.
    """
    return [
        *_report_unused(preparation, first_slice),
        *_report_tears(preparation, first_slice),
        *_report_left(preparation.shifts),
        *_report_steady(preparation.shifts),
    ]


def _report_unused(preparation: Preparation, first_slice: int) -> list[Finding]:
    rows = (
        ("blank-slice", preparation.blank, "without an image"),
        ("repeated-slice", preparation.repeated, "equal to the slice before"),
    )
    findings, kept = [], preparation.kept
    for kind, places, what in rows:
        inner = tuple(first_slice + z for z in places if kept[0] < z < kept[-1])
        outer = tuple(first_slice + z for z in places if not kept[0] < z < kept[-1])
        for slices, effect in ((inner, FILLED), (outer, _LEFT_OUT)):
            if slices:
                message = f"{name_slices(slices)} {'are' if slices[1:] else 'is'} {what}"
                findings.append(Finding(kind, message, effect, slices=slices))
    return findings


def _report_tears(preparation: Preparation, first_slice: int) -> list[Finding]:
    if preparation.is_unrelated:
        return [
            Finding(
                "unrelated-slices",
                "neighbouring slices show nothing in common: hardly any structure, or slices of different places",
                "drift could not be measured, and no slice was moved",
                "look at the slices; take a part that shows structure (--box), or leave alignment out (--align none)",
            )
        ]
    findings = []
    for tear in preparation.tears:
        first, second = (first_slice + z for z in tear)
        findings.append(
            Finding(
                "torn-stack",
                f"slices {first} and {second} are far less alike than other neighbours",
                "the shift between them is not known, so that both sides of the stack may be put together wrongly",
                "prepare the parts by themselves (--box) if they show different places, or many slices are missing",
                slices=(first, second),
            )
        )
    return findings


def _report_left(shifts: SliceShifts) -> list[Finding]:
    """A note about a course that is not straight, but no surer than that of a structure."""
    if max(shifts.left) < _STRAY:
        return []
    sd = np.sqrt(np.mean(shifts.sd**2, axis=0))
    stray = [f"{left:.2f} ± {own:.2f} px along {axis}" for axis, left, own in zip("yx", shifts.left, sd, strict=True)]
    return [
        Finding(
            "drift",
            f"the slices seem to lie {' and '.join(stray)} (rms) off a straight course, which is too unsure to undo",
            "that may be drift, or what the structure itself does in so small, sparse or thick slices: it was left",
            "prepare a larger part of the slices (--box) if there is one, and look at the volume from the side",
            severity="note",
        )
    ]


def _report_steady(shifts: SliceShifts) -> list[Finding]:
    """A note about a steady shift that would be there if the material had no preferred direction."""
    free = shifts.free_shear
    if free is None or shifts.shear.source != "none":
        return []
    clear = [
        f"{steady:.2f} ± {sd:.2f} px along {axis}"
        for axis, steady, sd in zip("yx", free.yx, free.sd, strict=True)
        if np.isfinite(sd) and abs(steady) > max(_STEADY, _SURE * sd)
    ]
    if not clear:
        return []
    return [
        Finding(
            "steady-shift",
            f"the structure moves on by {' and '.join(clear)} from slice to slice",
            "that may be drift or an inclined material, which images cannot tell: it was left as it is",
            "if it is drift, name the evidence (--shear fiducial, metadata or isotropy)",
            severity="note",
        )
    ]
