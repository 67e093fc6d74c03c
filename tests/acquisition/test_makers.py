"""Facts in the texts of Thermo and Zeiss, in folders of images as their microscopes write them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tifffile

from keramos.acquisition import check_facts, read_facts
from keramos.core import VoxelSize
from keramos.io import describe, open_volume

PIXELS = np.random.default_rng(4).integers(0, 255, (5, 14, 9), dtype=np.uint8)


def thermo(**changes: dict[str, Any]) -> bytes:
    sections: dict[str, dict[str, Any]] = {
        "System": {"Type": "DualBeam", "SystemType": "Helios NanoLab"},
        "Beam": {"Beam": "EBeam", "Scan": "EScan"},
        "EScan": {"PixelWidth": 5e-9, "PixelHeight": 6.34509e-9, "VerFieldsize": 5e-8},
        "EBeam": {"TiltCorrectionIsOn": "yes", "TiltCorrectionAngle": -0.663225},
        "Stage": {"StageT": 0.907571},
        "Image": {"ResolutionX": 9, "ResolutionY": 10},
        "PrivateFei": {"DatabarHeight": 0},
    }
    for name, values in changes.items():
        sections[name] = {**sections.get(name, {}), **values}
    rows = [f"[{name}]\r\n" + "".join(f"{k}={v}\r\n" for k, v in keys.items()) for name, keys in sections.items()]
    return "\r\n".join(rows).encode()


def zeiss(**changes: str) -> bytes:
    lines = {
        "AP_PIXEL_SIZE": "Pixel Size = 10.00 nm",
        "AP_IMAGE_PIXEL_SIZE": "Image Pixel Size = 5.000 nm",
        "DP_FIB_PRESENT": "FIB Present = Yes",
        "DP_TILT_CORRECTION": "Tilt Corrn. = On",
        "AP_TILT_ANGLE": "Tilt Angle = 36.0 °",
        "AP_STAGE_AT_T": "Stage at T = 54.0 °",
        "AP_DATE": "Date :5 Mar 2024",
        **changes,
    }
    return ("0\r\n2.5\r\n" + "".join(f"{key}\r\n{text}\r\n" for key, text in lines.items())).encode("latin-1")


def write(folder: Path, tag: int, texts: list[bytes], names: str = "s_{:03}.tif") -> Path:
    for z, text in enumerate(texts):
        extra = [(tag, 2, len(text), text, True)]
        tifffile.imwrite(folder / names.format(z), PIXELS[z], metadata=None, extratags=extra, resolution=(96, 96))
    return folder


@pytest.mark.parametrize("tag", [34682, 34680])
def test_thermo_pixels_bar_and_tilt_with_their_sources(tmp_path: Path, tag: int) -> None:
    facts = describe(write(tmp_path, tag, [thermo()] * 5))
    assert facts["voxel_size_nm"] == [None, 6.34509, 5.0]
    assert facts["sources"]["y"] == f"tag {tag} EScan.PixelHeight"
    assert (facts["information_bar_rows"], facts["tilt_deg"], facts["tilt_corrected"]) == (4, 38.0, True)
    volume = open_volume(tmp_path)
    bar, field, part = sorted(volume.findings, key=lambda one: (one.kind, one.message))[:3]
    assert (bar.kind, bar.severity) == ("information-bar", "warning")
    assert "lowest 4 of 14 rows" in bar.message
    assert "--box 0:5,0:10,0:9" in bar.advice
    assert {field.severity, part.severity} == {"note"}
    assert "--voxel-size Z 6.34509 5" in (field.advice + part.advice)
    cropped = open_volume(tmp_path, box="0:5,0:10,0:9", voxel_size=VoxelSize(20, 6.345, 5))
    assert not cropped.findings


def test_thermo_without_a_bar_or_a_contradiction(tmp_path: Path) -> None:
    texts = [
        thermo(Image={"ResolutionY": 14}, EScan={"VerFieldsize": 14 * 6.34509e-9}, PrivateFei={"DatabarHeight": 4})
    ]
    write(tmp_path, 34682, texts * 5)
    assert [finding.kind for finding in open_volume(tmp_path, voxel_size=VoxelSize(20, 6.345, 5)).findings] == []
    assert describe(tmp_path)["information_bar_rows"] is None


def test_thermo_in_a_section_of_another_scan() -> None:
    text = thermo(Beam={"Scan": "CScan"}, CScan={"PixelWidth": 2e-9, "PixelHeight": 2e-9})
    facts = read_facts({"34682": text, "257": 14})
    assert facts["voxel_size_x_nm"].value == 2.0
    assert facts["voxel_size_x_nm"].source == "tag 34682 CScan.PixelWidth"


OFF = {"EBeam": {"TiltCorrectionIsOn": "no"}, "EScan": {"PixelHeight": 5e-9}}


@pytest.mark.parametrize(
    ("tag", "text", "factor"),
    [
        ("34682", thermo(**OFF), "1.269"),
        ("34118", zeiss(DP_TILT_CORRECTION="Tilt Corrn. = Off"), "1.236"),
        ("34682", thermo(), None),
        (
            "34682",
            thermo(**OFF, System={"Type": "SEM"}),
            None,
        ),
        ("34118", zeiss(), None),
        ("34118", zeiss(DP_TILT_CORRECTION="Tilt Corrn. = Off", DP_FIB_PRESENT="FIB Present = No"), None),
    ],
)
def test_sections_seen_at_an_angle_without_correction(tag: str, text: bytes, factor: str | None) -> None:
    warnings = [finding for finding in check_facts({tag: text, "257": 14}) if finding.severity == "warning"]
    assert [finding.kind for finding in warnings] == ([] if factor is None else ["voxel-size"])
    assert all(str(factor) in finding.effect for finding in warnings)


@pytest.mark.parametrize(("text", "nm"), [("5.000 nm", 5.0), ("5000 pm", 5.0), ("0.005 µm", 5.0)])
def test_zeiss_names_and_pixels_give_the_voxel_size(tmp_path: Path, text: str, nm: float) -> None:
    texts = [zeiss(AP_IMAGE_PIXEL_SIZE=f"Image Pixel Size = {text}")] * 5
    for z in range(5):
        extra = [(34118, 2, len(texts[z]), texts[z], True)]
        tifffile.imwrite(tmp_path / f"slice_{z:05}_z={z * 0.02:.4f}um.tif", PIXELS[z], metadata=None, extratags=extra)
    volume = open_volume(tmp_path)
    assert volume.voxel_size == VoxelSize(20, nm, nm)
    assert not volume.findings
    facts = describe(tmp_path)
    assert facts["sources"]["y"] == "tag 34118 AP_IMAGE_PIXEL_SIZE"
    assert (facts["tilt_deg"], facts["tilt_corrected"]) == (36.0, True)


def test_another_magnification_on_the_way_is_named(tmp_path: Path) -> None:
    texts = [zeiss()] * 3 + [zeiss(AP_IMAGE_PIXEL_SIZE="Image Pixel Size = 10.0 nm")] * 2
    warnings = [one for one in open_volume(write(tmp_path, 34118, texts)).findings if one.severity == "warning"]
    assert [(one.kind, one.slices) for one in warnings] == [("voxel-size", (3,))]


@pytest.mark.parametrize("text", [b"", b"\xff\xfe\0\0", b"[Scan\r\nPixelWidth=abc\r\n[Image]\r\nResolutionY=\r\n"])
def test_texts_that_say_nothing_give_no_facts(text: bytes) -> None:
    for tag in ("34682", "34118"):
        assert read_facts({tag: text, "257": 14}) == {}
        assert check_facts({tag: text, "257": 14}) == []


@pytest.mark.parametrize("tag", ["34682", "34683", "34118", "51023", "50431", ".hdr", ".txt", "270"])
@pytest.mark.parametrize(
    "value", [5_000_000_000, (1, 2, 300), None, 1.5, "text", b"", b"[EScan]\r\nPixelWidth=1e308\r\n"]
)
def test_tags_of_another_type_or_size_give_no_facts(tag: str, value: Any) -> None:
    tags = {tag: value, "256": (9,), "257": -1}
    assert read_facts(tags) == {}
    assert check_facts(tags) == []
