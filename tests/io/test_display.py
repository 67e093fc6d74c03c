"""Files that show small values white, and pixels that are transparent."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tifffile
from numpy.typing import NDArray
from PIL import Image

from keramos.core import Box
from keramos.core.errors import FormatError, LabelError
from keramos.io import describe, file_fingerprint, open_labels, open_volume, source_fingerprint

RNG = np.random.default_rng(0)
SOLID: NDArray[np.bool_] = RNG.random((3, 12, 17)) < 0.6
GREY: NDArray[np.uint8] = RNG.integers(0, 256, (3, 12, 17)).astype(np.uint8)
FALLING = np.repeat(np.arange(255, -1, -1, dtype=np.uint8)[:, None], 3, axis=1)


def save_inverted(path: Path, stored: NDArray[Any], how: str) -> Path:
    """A file that shows 0 white: by TIFF's photometric, its colour map, ImageJ's table, or a palette."""
    if how == "palette":
        image = Image.fromarray(stored if stored.ndim == 2 else stored[0], mode="P")
        image.putpalette(FALLING.tobytes())
        image.save(path.with_suffix(".png"))
        return path.with_suffix(".png")
    if how == "imagej":
        tifffile.imwrite(path, stored, imagej=True, metadata={"axes": "ZYX", "LUTs": [FALLING.T]})
    elif how == "colour map":
        tifffile.imwrite(path, stored, photometric="palette", colormap=FALLING.T.astype(np.uint16) * 257)
    else:
        tifffile.imwrite(path, stored, photometric="miniswhite", compression=how or None)
    return path


HOW = ["", "zlib", "colour map", "imagej", "palette"]


@pytest.mark.parametrize("how", HOW)
def test_solid_is_where_labels_are_shown_white(tmp_path: Path, how: str) -> None:
    path = save_inverted(tmp_path / "a.tif", np.where(SOLID, 0, 255).astype(np.uint8), how)
    said: list[str] = []
    labels = open_labels(path, note=said.append)
    true = SOLID[: labels.shape[0]]
    assert np.array_equal(labels.read(), true)
    (finding,) = labels.findings
    assert (finding.kind, finding.severity) == ("inverted-display", "warning")
    assert "0-3, shown white, is solid" in finding.effect
    assert said == []
    assert "--phases void=0-3,solid=252-255" in finding.advice
    other = open_labels(path, phases="void=0-3,solid=252-255")
    assert np.array_equal(other.read(), ~true)
    assert [finding.severity for finding in other.findings] == ["note"]
    assert open_labels(path, phases="void=255,solid=0").findings == ()


def test_one_bit_and_small_codes(tmp_path: Path) -> None:
    tifffile.imwrite(tmp_path / "bits.tif", ~SOLID[0], photometric="miniswhite")
    white_first = Image.fromarray((~SOLID[0]).astype(np.uint8), mode="P")
    white_first.putpalette([255, 255, 255, 0, 0, 0])
    white_first.save(tmp_path / "a.bmp", bits=1)
    white_first.save(tmp_path / "a.png", bits=1)
    tifffile.imwrite(tmp_path / "codes.tif", (~SOLID[0]).astype(np.uint8), photometric="miniswhite")
    for name in ("bits.tif", "a.bmp", "a.png", "codes.tif"):
        labels = open_labels(tmp_path / name)
        assert np.array_equal(labels.read()[0], SOLID[0]), name
        assert [finding.kind for finding in labels.findings] == ["inverted-display"], name


def test_usual_tables_colours_and_phases_by_value_say_nothing(tmp_path: Path) -> None:
    stored = np.where(SOLID, 255, 0).astype(np.uint8)
    tifffile.imwrite(tmp_path / "a.tif", stored, photometric="palette", colormap=FALLING[::-1].T.astype("u2") * 257)
    tables = {"axes": "ZYX", "LUTs": [FALLING[::-1].T]}
    tifffile.imwrite(tmp_path / "b.tif", stored, imagej=True, metadata=tables)
    colours = Image.fromarray(SOLID[0].astype(np.uint8), mode="P")
    colours.putpalette([255, 255, 255, 230, 30, 0])
    colours.save(tmp_path / "c.png")
    for name in ("a.tif", "b.tif", "c.png"):
        labels = open_labels(tmp_path / name)
        assert np.array_equal(labels.read(), SOLID[: labels.shape[0]]), name
        assert labels.findings == ()
    three = RNG.choice(np.array([0, 85, 170], np.uint8), (12, 17))
    tifffile.imwrite(tmp_path / "d.tif", three, photometric="miniswhite")
    assert np.array_equal(open_labels(tmp_path / "d.tif").read()[0], three // 85)


@pytest.mark.parametrize("how", HOW)
def test_images_are_read_as_they_are_shown(tmp_path: Path, how: str) -> None:
    path = save_inverted(tmp_path / "a.tif", 255 - GREY, how)
    volume = open_volume(path)
    shown = GREY[: volume.shape[0]]
    assert np.array_equal(volume.read(), shown)
    assert np.array_equal(volume.read(Box((0, 2, 3), (1, 9, 11))), shown[:1, 2:9, 3:11])
    assert [(finding.kind, finding.severity) for finding in volume.findings] == [("inverted-display", "note")]
    assert len(source_fingerprint(volume)) == len(file_fingerprint(path)) == 64


@pytest.mark.parametrize(("dtype", "top"), [(np.uint16, 65535), (np.uint32, 2**32 - 1)])
def test_images_of_more_bits(tmp_path: Path, dtype: type, top: int) -> None:
    values = np.array([[0, 1, top - 1, top]], dtype)
    tifffile.imwrite(tmp_path / "a.tif", values, photometric="miniswhite")
    assert open_volume(tmp_path / "a.tif").read().ravel().tolist() == [top, top - 1, 1, 0]


def test_floats_that_show_small_values_white_stay_as_stored_with_a_warning(tmp_path: Path) -> None:
    tifffile.imwrite(tmp_path / "a.tif", GREY.astype(np.float32), photometric="miniswhite")
    volume = open_volume(tmp_path / "a.tif")
    assert np.array_equal(volume.read(), GREY)
    assert [finding.severity for finding in volume.findings] == ["warning"]


def test_folders_of_slices(tmp_path: Path) -> None:
    for z in range(3):
        grey = 255 - GREY[z] if z == 1 else GREY[z]
        tifffile.imwrite(tmp_path / f"{z}.tif", grey, photometric="miniswhite" if z == 1 else "minisblack")
    volume = open_volume(tmp_path)
    assert np.array_equal(volume.read(), GREY)
    assert [(finding.slices, finding.severity) for finding in volume.findings] == [((1,), "note")]
    for z in range(3):
        values = np.where(SOLID[z], 0, 255).astype(np.uint8)
        tifffile.imwrite(tmp_path / f"{z}.tif", values, photometric="miniswhite")
    labels = open_labels(tmp_path)
    assert np.array_equal(labels.read(), SOLID)
    assert [finding.severity for finding in labels.findings] == ["warning"]
    tifffile.imwrite(tmp_path / "1.tif", values, photometric="minisblack")
    (mixed, *_) = open_labels(tmp_path).findings
    assert (mixed.severity, mixed.slices) == ("fatal", (0, 2))


UNKNOWN = RNG.random(SOLID.shape[1:]) < 0.5
EXPECTED = np.where(UNKNOWN, 255, SOLID[0])


def save_transparent(folder: Path, how: str) -> Path:
    """Labels of 0 and 255, transparent where unknown."""
    values = np.where(SOLID[0] & ~UNKNOWN, 255, 0).astype(np.uint8)
    opacity = np.where(UNKNOWN, 20, 160).astype(np.uint8)
    noise = np.where(UNKNOWN, 99, values).astype(np.uint8)
    if how == "tRNS":
        image = Image.fromarray(np.where(UNKNOWN, 2, SOLID[0]).astype(np.uint8), mode="P")
        image.putpalette([0, 0, 0, 255, 255, 255, 9, 200, 9])
        image.save(folder / "a.png", transparency=2)
    elif how == "key":
        keyed = Image.fromarray(np.where(UNKNOWN, 7, values).astype(np.uint8))
        keyed.save(folder / "a.png", transparency=7)
    elif how in ("LA", "RGBA"):
        bands = [noise, opacity] if how == "LA" else [noise, values, values, opacity]
        Image.fromarray(np.stack(bands, -1), mode=how).save(folder / "a.png")
    else:
        scale = 257 if how == "16 bit" else 1
        bands = [values.astype("u2" if scale > 1 else "u1") * scale] * 3 + [opacity.astype("u2") * scale]
        pixels = np.stack(bands, -1).astype(bands[0].dtype)
        tifffile.imwrite(folder / "a.tif", pixels, photometric="rgb", extrasamples=["unassalpha"])
        return folder / "a.tif"
    return folder / "a.png"


@pytest.mark.parametrize("how", ["LA", "RGBA", "tRNS", "key", "TIFF", "16 bit"])
def test_transparent_pixels_of_labels_are_not_annotated(tmp_path: Path, how: str) -> None:
    path = save_transparent(tmp_path, how)
    said: list[str] = []
    labels = open_labels(path, note=said.append)
    assert np.array_equal(labels.read()[0], EXPECTED)
    assert f"{np.count_nonzero(UNKNOWN)} transparent pixels are not annotated" in said[0]
    if how not in ("tRNS", "16 bit"):
        assert np.array_equal(open_labels(path, phases="void=0,solid=255").read()[0], EXPECTED)


def test_transparent_and_plain_slices_make_one_stack(tmp_path: Path) -> None:
    save_transparent(tmp_path, "LA")
    Image.fromarray(np.where(SOLID[1], 255, 0).astype(np.uint8)).save(tmp_path / "b.png")
    assert np.array_equal(open_labels(tmp_path).read(), np.stack([EXPECTED, SOLID[1]]))


def test_opacity_does_not_count_where_all_is_opaque_or_for_images(tmp_path: Path) -> None:
    values = np.where(SOLID[0], 255, 0).astype(np.uint8)
    Image.fromarray(np.stack([values, np.full_like(values, 255)], -1), mode="LA").save(tmp_path / "a.png")
    assert np.array_equal(open_labels(tmp_path / "a.png").read()[0], SOLID[0])
    assert (describe(tmp_path / "a.png")["dtype"], open_volume(tmp_path / "a.png").dtype) == ("uint8", np.uint8)
    assert np.array_equal(open_volume(save_transparent(tmp_path, "LA")).read()[0] == 255, SOLID[0] & ~UNKNOWN)


def test_labels_of_which_one_phase_alone_was_painted(tmp_path: Path) -> None:
    painted = np.where(SOLID[0], 255, 0).astype(np.uint8)
    Image.fromarray(np.stack([painted, painted], -1), mode="LA").save(tmp_path / "a.png")
    number = np.count_nonzero(~SOLID[0])
    with pytest.raises(LabelError, match=f"only the value 255 beside {number} transparent pixels"):
        open_labels(tmp_path / "a.png")


def test_labels_painted_in_colour_or_nowhere(tmp_path: Path) -> None:
    colours = np.zeros((*UNKNOWN.shape, 4), np.uint8)
    Image.fromarray(colours, mode="RGBA").save(tmp_path / "empty.png")
    labels = open_labels(tmp_path / "empty.png")
    assert (labels.read() == 255).all()
    colours[4:, 4:] = (255, 0, 0, 255)
    Image.fromarray(colours, mode="RGBA").save(tmp_path / "red.png")
    with pytest.raises(FormatError, match="RGB"):
        open_labels(tmp_path / "red.png")
