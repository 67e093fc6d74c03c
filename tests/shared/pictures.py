"""Pages without the time that pictures take, where a test is about the numbers: rendering takes most of a page."""

from __future__ import annotations

from typing import Any

import pytest
from markupsafe import Markup


def leave_narrow_charts_out(patch: pytest.MonkeyPatch) -> None:
    """Charts are drawn for wide screens only: those for narrow ones have tests of their own."""
    from keramos.reports import picture

    patch.setattr(picture, "_draw_narrow", lambda *_: Markup("<svg></svg>"))


def leave_pictures_out(patch: pytest.MonkeyPatch) -> None:
    """Figures are made, of charts the wide ones, but saved as one grey dot, with what a PNG file says of its writer."""
    from matplotlib.figure import Figure
    from PIL import Image, PngImagePlugin

    from keramos.reports import rendering

    def save(figure: Figure, file: Any, **options: Any) -> None:
        if options["format"] == "svg":
            file.write("<svg></svg>")
            return
        facts = PngImagePlugin.PngInfo()
        for name, value in options["metadata"].items():
            if value is not None:
                facts.add_text(name, value)
        Image.new("L", (1, 1), 128).save(file, format="png", pnginfo=facts)

    patch.setattr(Figure, "savefig", save)
    leave_narrow_charts_out(patch)
    patch.setattr(rendering, "_cast_rays", lambda part, *_: (part[0], part[0].astype(int)))
