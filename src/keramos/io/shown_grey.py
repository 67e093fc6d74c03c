"""Images read as they are shown, where a file shows large values dark."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from keramos.core import Finding
from keramos.io.display import INVERTED, Display, FlippedSource
from keramos.io.format import Opened


def show_grey(opened: Opened, top: int, name: str) -> Opened:
    """Images read as they are shown, with a note that they are, where a file shows large values dark. Signed values
    and floats, which have no end to turn at, stay as they are stored, with a warning."""
    if not opened.display.falls:
        return opened
    if opened.source.dtype.kind != "u":
        return replace(opened, findings=(*opened.findings, _read_as_stored(name)))
    findings = (*opened.findings, *list_shown_inverted(opened.display, name, top))
    return replace(opened, source=FlippedSource(opened.source, top), findings=findings)


def list_shown_inverted(display: Display, name: str, top: int) -> tuple[Finding, ...]:
    """A note on images that are read as they are shown, 0 white and `top` black; none where larger is lighter."""
    if not display.falls:
        return ()
    return (
        Finding(
            INVERTED,
            f"{name} shows 0 white and {top} black (an inverted lookup table, or WhiteIsZero)",
            "grey values are read as they are shown: other software may read them as stored, dark and bright swapped",
            "if they are meant as stored, save the images again with a usual grey lookup table",
            "note",
        ),
    )


def compare_displays(files: Sequence[Path], slices: Sequence[Opened], *, labels: bool) -> list[Finding]:
    """A finding where some slices show 0 white and others black: images are read as shown, labels cannot be."""
    white = tuple(z for z, one in enumerate(slices) if one.display.falls)
    if len(white) in (0, len(slices)):
        return []
    return [
        Finding(
            INVERTED,
            f"{len(white)} of {len(slices)} slices in {files[0].parent} show 0 white (an inverted lookup table, or "
            f"WhiteIsZero), {files[white[0]].name} the first, and the others black",
            "void and solid are swapped between them" if labels else "all are read as they are shown",
            "save all slices with one lookup table",
            "fatal" if labels else "note",
            slices=white,
        )
    ]


def _read_as_stored(name: str) -> Finding:
    return Finding(
        INVERTED,
        f"{name} shows its smallest value white (an inverted lookup table, or WhiteIsZero)",
        "its grey values are read as they are stored: dark and bright are swapped against what is seen",
        "if they should be as shown, invert the pixels in Fiji (Edit > Invert), and save the images again",
    )
