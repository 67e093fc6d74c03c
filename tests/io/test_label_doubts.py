"""What label files of other software leave in doubt: mixtures along outlines, a value for nothing, too little."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tifffile
from numpy.typing import NDArray
from PIL import Image
from scipy.ndimage import gaussian_filter, zoom

from keramos.core.errors import FindingError, LabelError
from keramos.io import open_labels

Pixels = NDArray[Any]
SIDE = 96


def smooth(seed: int = 0, width: float = 4.0) -> NDArray[np.float64]:
    field = gaussian_filter(np.random.default_rng(seed).normal(size=(SIDE, SIDE)), width, mode="wrap")
    return np.asarray(field / field.std())


MASK = smooth() > 0
THREE = np.digitize(smooth(), [-0.5, 0.5])


def enlarged() -> Pixels:
    """A mask that was enlarged with linear interpolation."""
    return np.rint(zoom(MASK[: SIDE // 2, : SIDE // 2] * 255.0, 2, order=1)).astype(np.uint8)


def soft_brush() -> Pixels:
    """A few grey pixels along the outlines of an otherwise binary mask."""
    mask = MASK * 255
    outline = MASK ^ np.roll(MASK, 1, axis=0)
    grey = np.random.default_rng(1).integers(30, 220, MASK.shape)
    return np.where(outline & (np.random.default_rng(2).random(MASK.shape) < 0.2), grey // 6 * 6, mask).astype(np.uint8)


def as_jpeg(tmp_path: Path, quality: int) -> Pixels:
    Image.fromarray((MASK * 255).astype(np.uint8)).save(tmp_path / "a.jpg", quality=quality)
    return np.asarray(Image.open(tmp_path / "a.jpg"))


def one_step() -> Pixels:
    """Each pixel the mean of 2 x 2: five values, evenly spaced."""
    mask = MASK.astype(int)
    four = mask + np.roll(mask, 1, 0) + np.roll(mask, 1, 1) + np.roll(mask, (1, 1), (0, 1))
    return np.array([0, 64, 128, 191, 255], np.uint8)[four]


def refused(path: Path, **options: Any) -> FindingError:
    with pytest.raises(FindingError) as caught:
        open_labels(path, **options)
    return caught.value


@pytest.mark.parametrize("make", [enlarged, soft_brush, one_step])
@pytest.mark.parametrize("save", [np.save, tifffile.imwrite])
def test_values_that_lie_along_outlines_alone_are_no_phases(tmp_path: Path, make: Any, save: Any) -> None:
    path = tmp_path / ("a.npy" if save is np.save else "a.tif")
    pixels = make()
    save(path, pixels)
    finding = refused(path).finding
    assert (finding.kind, finding.severity) == ("antialiased-labels", "fatal")
    between = int(np.count_nonzero((pixels > 0) & (pixels < 255)))
    assert f"({between:,} voxels) lie only along the outlines between 0 and 255" in finding.message
    assert "--phases void=0-127,solid=128-255" in finding.advice
    assert np.array_equal(open_labels(path, phases="void=0-127,solid=128-255").read()[0], pixels >= 128)


@pytest.mark.parametrize("quality", [95, 90, 60])
def test_a_mask_that_went_through_jpeg(tmp_path: Path, quality: int) -> None:
    pixels = as_jpeg(tmp_path, quality)
    assert len(np.unique(pixels)) > 8
    Image.fromarray(pixels).save(tmp_path / "a.png")
    assert "void=0-127,solid=128-255" in refused(tmp_path / "a.png").finding.advice
    read = open_labels(tmp_path / "a.png", phases="void=0-127,solid=128-255").read()[0]
    assert np.mean(read == MASK) > 0.999


def test_small_values_that_were_resized(tmp_path: Path) -> None:
    soft = np.rint(gaussian_filter(MASK * 20.0, 0.6)).astype(np.uint8)
    np.save(tmp_path / "a.npy", soft)
    assert "void=0-10,solid=11-255" in refused(tmp_path / "a.npy").finding.advice


def test_16_bit_and_three_phases_and_stacks(tmp_path: Path) -> None:
    np.save(tmp_path / "a.npy", enlarged().astype(np.uint16) * 257)
    assert "void=0-32767,solid=32768-65535" in refused(tmp_path / "a.npy").finding.advice
    levels = np.array([0, 100, 200])[THREE].astype(float)
    np.save(tmp_path / "b.npy", np.rint(gaussian_filter(levels, 0.5)).astype(np.uint8))
    assert "phase-0=0-50,phase-100=51-150,phase-200=151-255" in refused(tmp_path / "b.npy").finding.advice
    stack = np.full((5, SIDE, SIDE), 0, np.uint8)
    stack[3, :SIDE, :SIDE] = enlarged()
    np.save(tmp_path / "c.npy", stack)
    assert refused(tmp_path / "c.npy").finding.kind == "antialiased-labels"


@pytest.mark.parametrize("values", [(0, 85, 170), (0, 128, 255), (0, 1, 2), (0, 100, 254), (10, 20, 40)])
@pytest.mark.parametrize("width", [1.5, 4.0])
def test_phases_that_lie_between_others_are_read(tmp_path: Path, values: tuple[int, ...], width: float) -> None:
    """The middle one of three levels of one field lies between the others everywhere, in bands some pixels wide."""
    codes = np.digitize(smooth(3, width), [-0.5, 0.5])
    np.save(tmp_path / "a.npy", np.array(values)[codes])
    assert np.array_equal(open_labels(tmp_path / "a.npy").read()[0], codes)


def test_a_coating_one_pixel_thin_is_read_when_it_is_named(tmp_path: Path) -> None:
    coated = np.where(MASK, 255, np.where(np.roll(MASK, 1, 0) | np.roll(MASK, 1, 1), 128, 0))
    np.save(tmp_path / "a.npy", coated.astype(np.uint8))
    advice = refused(tmp_path / "a.npy").finding.advice
    assert advice.endswith("if all are phases, --phases phase-0=0,phase-128=128,phase-255=255")
    named = open_labels(tmp_path / "a.npy", phases=advice.rsplit(" ", 1)[1])
    assert np.array_equal(named.read()[0], (coated + 1) // 128)


def test_many_grains_and_an_unannotated_sea_are_no_mixtures(tmp_path: Path) -> None:
    cells = np.kron(np.arange(36).reshape(6, 6), np.ones((16, 16), int)) * 7
    cells[::16] = cells[:, ::16] = 0
    np.save(tmp_path / "a.npy", cells)
    assert len(open_labels(tmp_path / "a.npy").phases) == 36
    lines = np.full((SIDE, SIDE), 255)
    lines[10:60, 10:60] = 0
    lines[20:50, 30] = 2
    lines[20:50, 31] = 1
    np.save(tmp_path / "b.npy", lines)
    assert len(open_labels(tmp_path / "b.npy").phases) == 3


@pytest.mark.parametrize("levels", [12, 40, 60])
def test_images_of_few_grey_levels_are_no_labels(tmp_path: Path, levels: int) -> None:
    noisy = MASK * 0.5 + np.random.default_rng(0).normal(0.25, 0.1, MASK.shape)
    np.save(tmp_path / "a.npy", np.clip(noisy * levels, 0, levels - 1).astype(np.uint8))
    with pytest.raises(LabelError, match="look like grey values"):
        open_labels(tmp_path / "a.npy")


def scribbles(values: tuple[int, int] = (1, 2)) -> Pixels:
    drawn = np.zeros((SIDE, SIDE), int)
    drawn[10:14, 5:90], drawn[60:66, 20:70] = values
    return drawn


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16, np.int32, np.float32])
def test_0_beside_labels_from_1_may_be_unlabelled(tmp_path: Path, dtype: type) -> None:
    tifffile.imwrite(tmp_path / "a.tif", scribbles().astype(dtype))
    labels = open_labels(tmp_path / "a.tif")
    (finding,) = labels.findings
    assert (finding.kind, finding.severity) == ("unlabelled-value", "warning")
    assert f"the value 0 ({np.count_nonzero(scribbles() == 0):,} voxels, 93.1 %) stands beside 1, 2" in finding.message
    assert "--ignore 0" in finding.advice
    assert "--phases void=1,solid=2" in finding.advice
    told = open_labels(tmp_path / "a.tif", phases="void=1,solid=2", ignore=0)
    assert np.array_equal(told.read()[0], np.array([255, 0, 1])[scribbles()])
    assert told.findings == open_labels(tmp_path / "a.tif", ignore=0).findings == ()


def test_the_question_is_a_note_where_0_is_no_larger_than_others(tmp_path: Path) -> None:
    np.save(tmp_path / "a.npy", THREE)
    assert [finding.severity for finding in open_labels(tmp_path / "a.npy").findings] == ["note"]
    np.save(tmp_path / "b.npy", np.stack([THREE, np.zeros_like(THREE), np.full_like(THREE, 2)]))
    (finding,) = open_labels(tmp_path / "b.npy").findings
    assert finding.severity == "warning"


@pytest.mark.parametrize("values", [(0, 1), (0, 255), (0, 1, 255), (0, 1, 2, 255), (1, 2), (1, 2, 3)])
def test_no_question_about_0_where_it_is_void_or_another_value_says_unlabelled(
    tmp_path: Path, values: tuple[int, ...]
) -> None:
    np.save(tmp_path / "a.npy", np.array(values)[np.arange(SIDE * SIDE).reshape(SIDE, SIDE) // 512 % len(values)])
    assert open_labels(tmp_path / "a.npy").findings == ()


@pytest.mark.parametrize(("dtype", "top"), [(np.uint8, 255), (np.uint16, 255), (np.uint16, 65535)])
def test_the_largest_value_everywhere_is_no_annotation(tmp_path: Path, dtype: type, top: int) -> None:
    np.save(tmp_path / "a.npy", np.full((2, 6, 6), top, dtype))
    with pytest.raises(LabelError, match=f"the value {top} in every one.*--phases void=0,solid={top}"):
        open_labels(tmp_path / "a.npy")
    assert (open_labels(tmp_path / "a.npy", phases=f"void=0,solid={top}").read() == 1).all()


def test_no_advice_leaves_out_a_phase(tmp_path: Path) -> None:
    signed = np.where(MASK, -127, -128).astype(np.int8)
    np.save(tmp_path / "a.npy", signed)
    number = np.count_nonzero(~MASK)
    with pytest.raises(LabelError, match=rf"found -128 \({number:,} voxels\), -127 .*void=-128,solid=-127") as caught:
        open_labels(tmp_path / "a.npy")
    assert "--ignore" not in str(caught.value)
    assert np.array_equal(open_labels(tmp_path / "a.npy", phases="void=-128,solid=-127").read()[0], MASK)
    assert np.array_equal(open_labels(tmp_path / "a.npy", phases="void=-128--128,solid=-127--1").read()[0], MASK)
    np.save(tmp_path / "b.npy", np.where(MASK, -1, 0).astype(np.int8))
    with pytest.raises(LabelError, match="void=0,solid=-1") as caught:
        open_labels(tmp_path / "b.npy")
    assert "--ignore" not in str(caught.value)


def test_several_values_between_those_of_phases_get_ranges_not_ignored(tmp_path: Path) -> None:
    np.save(tmp_path / "a.npy", enlarged())
    with pytest.raises(LabelError, match="--phases void=0-127,solid=128-255") as caught:
        open_labels(tmp_path / "a.npy", phases="void=0,solid=255").read()
    assert "--ignore" not in str(caught.value)
