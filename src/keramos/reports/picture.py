"""Charts as SVG and pictures as WebP, inside the page; figures as PNG files."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from markupsafe import Markup
from matplotlib import rc_context
from matplotlib.figure import Figure
from PIL import Image

from keramos.core.files import whole_file
from keramos.reports.embedded import embed_bytes
from keramos.reports.figure_points import list_points
from keramos.reports.theme import LIGHT, Theme

Draw = Callable[[Figure, Theme], None]

WIDE_INCHES = (8.8, 3.1)
WIDE_FROM_INCHES = 6.0
NARROW_INCHES = (3.9, 3.0)
PHOTO_QUALITY = 75
_LONGEST_NAME = 56

_VARIABLES = LIGHT.variables()


@dataclass(frozen=True, slots=True)
class Chart:
    """One chart in two versions (SVG), so that its letters stay readable on a phone; colours are variables of the page,
    which has values of them for a light and a dark theme. `table` has its points (CSV), `draw` paints it again."""

    wide: Markup
    narrow: Markup
    alt: str
    draw: Draw
    table: str
    narrow_shape: float = 1.0
    """Height over width where it is narrow."""

    @property
    def name(self) -> str:
        """A name for files of it, from the words on what it shows."""
        words = "-".join(re.findall(r"[a-z0-9]+", self.alt.lower()))
        return words if len(words) <= _LONGEST_NAME else words[: words.rindex("-", 0, _LONGEST_NAME)]

    @property
    def table_uri(self) -> str:
        """The table as a data URI."""
        return f"data:text/csv;charset=utf-8;base64,{embed_bytes(self.table.encode('utf-8', 'replace'))}"


def chart(draw: Draw, alt: str, *, narrow_height: float = NARROW_INCHES[1]) -> Chart:
    """The chart that `draw` paints on an empty figure; it may ask the figure for its width to lay things out."""
    figure = Figure(figsize=WIDE_INCHES, layout="constrained", facecolor="none")
    draw(figure, LIGHT)
    narrow = _draw_narrow(draw, narrow_height)
    return Chart(_write_svg(figure), narrow, alt, draw, list_points(figure), narrow_height / NARROW_INCHES[0])


def _draw_narrow(draw: Draw, height: float) -> Markup:
    narrow = Figure(figsize=(NARROW_INCHES[0], height), layout="constrained", facecolor="none")
    draw(narrow, LIGHT)
    return _write_svg(narrow)


def data_uri(figure: Figure, dots_per_inch: float, quality: int = PHOTO_QUALITY) -> str:
    """The figure as a WebP data URI."""
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", dpi=dots_per_inch, metadata={"Software": None})
    return webp_uri(Image.open(buffer).convert("RGB"), quality)


def webp_uri(picture: Image.Image, quality: int = 100) -> str:
    """The picture as a WebP data URI; of quality 100 without loss. The same pixels give the same bytes."""
    buffer = io.BytesIO()
    picture.save(buffer, "WEBP", quality=quality, lossless=quality == 100, method=4)
    return f"data:image/webp;base64,{embed_bytes(buffer.getvalue())}"


def write_png(figure: Figure, path: Path, dots_per_inch: float = 140) -> None:
    """Write the figure as a PNG file, whole or not at all, and say in it who made it; its folder is made if need be.

    StorageError if it cannot be written.
    """
    with whole_file(path) as partial:
        figure.savefig(partial, format="png", dpi=dots_per_inch, metadata={"Software": "Keramos"})


def _write_svg(figure: Figure) -> Markup:
    """An `svg` element to put into a page."""
    buffer = io.StringIO()
    # Text stays text; without a date and with a fixed salt the same numbers give the same bytes.
    with rc_context({"svg.fonttype": "none", "svg.hashsalt": "keramos"}):
        figure.savefig(buffer, format="svg", transparent=True, metadata={"Date": None})
    return Markup(_fit_into_page(buffer.getvalue()))


def _fit_into_page(svg: str) -> str:
    """The `svg` element of an SVG file with the page's font and colours, and ids of its own."""
    svg = re.sub(r"<metadata>.*?</metadata>|<style.*?</style>", "", svg[svg.index("<svg") :], flags=re.DOTALL)
    svg = re.sub(r' (xmlns(:xlink)?|version|width|height)="[^"]*"', "", svg, count=5)
    svg = re.sub(r" font-family: [^;]*;", "", svg).replace("xlink:href", "href")
    svg = re.sub(r"(?<=: )#[0-9a-f]{6}\b", lambda colour: _VARIABLES.get(colour[0], colour[0]), svg)
    prefix, used = sha256(svg.encode()).hexdigest()[:8], set(re.findall(r'(?:href="|url\()#([^")]+)', svg))
    svg = re.sub(r' id="([^"]*)"', lambda id: f' id="{prefix}-{id[1]}"' if id[1] in used else "", svg)
    return re.sub(r'((?:href="|url\()#)', rf"\g<1>{prefix}-", svg)
