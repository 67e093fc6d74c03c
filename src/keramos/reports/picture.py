"""Figures as PNG inside the page."""

from __future__ import annotations

import base64
import io
from collections.abc import Callable
from dataclasses import dataclass

from matplotlib.figure import Figure

from keramos.reports.theme import DARK, LIGHT, Theme

Draw = Callable[[Figure, Theme], None]

WIDE_INCHES = (8.8, 3.1)
WIDE_FROM_INCHES = 6.0
NARROW_INCHES = (3.9, 3.0)
DOTS_PER_INCH = 170


@dataclass(frozen=True, slots=True)
class Chart:
    """One chart in four versions (data URIs), so that its letters stay readable on a phone and in the dark."""

    light: str
    dark: str
    narrow_light: str
    narrow_dark: str
    alt: str


def chart(draw: Draw, alt: str, *, narrow_height: float = NARROW_INCHES[1]) -> Chart:
    """`draw` paints an empty figure in a theme; it may ask the figure for its width to lay things out."""
    narrow = (NARROW_INCHES[0], narrow_height)
    return Chart(
        light=_drawn(draw, WIDE_INCHES, LIGHT),
        dark=_drawn(draw, WIDE_INCHES, DARK),
        narrow_light=_drawn(draw, narrow, LIGHT),
        narrow_dark=_drawn(draw, narrow, DARK),
        alt=alt,
    )


def data_uri(figure: Figure, dots_per_inch: float) -> str:
    """The figure as a PNG data URI."""
    buffer = io.BytesIO()
    # Without the software's name and version the same numbers give the same bytes.
    figure.savefig(buffer, format="png", dpi=dots_per_inch, metadata={"Software": None})
    return "data:image/png;base64," + base64.b64encode(buffer.getvalue()).decode("ascii")


def _drawn(draw: Draw, inches: tuple[float, float], theme: Theme) -> str:
    figure = Figure(figsize=inches, layout="constrained", facecolor="none")
    draw(figure, theme)
    return data_uri(figure, DOTS_PER_INCH)
