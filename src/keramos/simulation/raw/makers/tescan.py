"""TESCAN: `key=value` lines in TIFF tag 50431, behind a thumbnail (JPEG 2000) and eight bytes.

Images are usually not corrected for the tilt: pixels are square in the plane of the image. `ImageStripSize` has the
rows of the information strip.
"""

from __future__ import annotations

from functools import cache
from io import BytesIO
from typing import Any

from keramos.simulation.raw.maker import Maker, RawSlice, Tag

_TAG, _BYTES = 50431, 7
_BEHIND = bytes(8)


def describe(facts: RawSlice) -> list[Tag]:
    """The tag with thumbnail and text."""
    text = "".join(f"{key}={_write(value)}\r\n" for key, value in _values(facts).items())
    return [(_TAG, _BYTES, draw_thumbnail() + _BEHIND + text.encode("latin-1"))]


def _values(facts: RawSlice) -> dict[str, Any]:
    return {
        "AccFrames": 1,
        "Date": f"{facts.time:%Y-%m-%d}",
        "Description": "",
        "Device": "AMBER X",
        "ImageStripSize": facts.bar_rows,
        "Magnification": 1e5,
        "PixelSizeX": facts.pixels.x_nm * 1e-9,
        "PixelSizeY": facts.pixels.y_nm * 1e-9,
        "TagRevision": 2,
        "Time": f"{facts.time:%H:%M:%S}",
        "Version": "4.2.27.0",
        "Detector": "In-Beam SE",
        "DwellTime": 3.2e-6,
        "HV": 2e3,
        "ImageShiftX": 0.0,
        "ImageShiftY": facts.followed_nm * 1e-9,
        "PredictedBeamCurrent": 3e-10,
        "ScanMode": "UH RESOLUTION",
        "ScanRotation": 0.0,
        "SpotSize": 4.1e-9,
        "StageRotation": 0.0,
        "StageTilt": 90 - facts.view.tilt_deg,
        "StageX": 5.1572e-3,
        "StageY": 6.0938e-3,
        "StageZ": 6.1e-3,
        "TiltCorrection": facts.view.tilt_deg if facts.is_corrected else 0.0,
        "WD": 6e-3,
    }


def _write(value: Any) -> str:
    return f"{value:.9g}" if isinstance(value, float) else str(value)


@cache
def draw_thumbnail() -> bytes:
    """A small grey picture in JPEG 2000."""
    from PIL import Image

    content = BytesIO()
    Image.new("L", (32, 24), 96).save(content, "JPEG2000", no_jp2=True)
    return content.getvalue()


def _bar_text(facts: RawSlice) -> tuple[str, ...]:
    width_um = facts.pixels.x_nm * facts.columns * 1e-3
    return ("SEM HV: 2.0 kV", f"View field: {width_um:.2f} um", f"{facts.time:%m/%d/%y %H:%M:%S}", "AMBER TESCAN")


TESCAN = Maker(
    "tescan",
    "TESCAN",
    columns_deg=55.0,
    corrects=False,
    stretches=True,
    bar_share=120 / 768,
    name_file=lambda facts: f"Slice-{facts.number:04}.tif",
    tags=describe,
    bar_text=_bar_text,
)
