"""A clean stack gives no finding; one defect, planted in it, gives one of its kind, with the right slices."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter, shift

from keramos.core import Finding, Volume, VoxelSize
from keramos.inspection import find_bar, read_whole_slices, run_checks, survey_stack
from keramos.simulation import make_phantom

Pixels = NDArray[np.float64]
DEPTH, EDGE, AT = 20, 96, 9
NOISE = 8.0


def make_material(seed: int = 0, reach: float = 5.0) -> Pixels:
    """Grey values (Z Y X) of a random two-phase material, without noise: void 40, solid 130."""
    rng = np.random.default_rng(seed)
    field = gaussian_filter(rng.normal(size=(DEPTH, EDGE, EDGE)), reach, mode="wrap")
    return gaussian_filter(np.where(field > np.quantile(field, 0.35), 130.0, 40.0), (0, 0.7, 0.7))


def take_image(material: Pixels, seed: int = 1) -> NDArray[np.uint8]:
    noisy = material + np.random.default_rng(seed).normal(0, NOISE, material.shape)
    return np.clip(np.rint(noisy), 0, 255).astype(np.uint8)


@pytest.fixture(scope="session")
def material() -> Pixels:
    return make_material()


def find(grey: NDArray[Any]) -> list[Finding]:
    return run_checks("stack", survey_stack(Volume.from_array(grey, VoxelSize(10, 10, 10), "stack.tif")))


def blank(grey: NDArray[Any]) -> None:
    grey[AT] = 17


def noise_alone(grey: NDArray[Any]) -> None:
    grey[AT] = np.random.default_rng(5).normal(60, NOISE, grey[AT].shape)


def cut_off(grey: NDArray[Any]) -> None:
    grey[AT, 60:] = 0


def dark(grey: NDArray[Any]) -> None:
    grey[AT] = grey[AT] * 0.6


def overexposed(grey: NDArray[Any]) -> None:
    grey[AT] = np.minimum(grey[AT] * 2.5, 255)


def repeated(grey: NDArray[Any]) -> None:
    grey[AT] = grey[AT - 1]


def brighter_from_here(grey: NDArray[Any]) -> None:
    grey[AT:] = grey[AT:] * 1.15


PLANTED: dict[Callable[[NDArray[Any]], None], str] = {
    blank: "blank-slice",
    noise_alone: "blank-slice",
    cut_off: "blank-slice",
    dark: "dark-slice",
    overexposed: "clipping",
    repeated: "repeated-slice",
    brighter_from_here: "brightness-jump",
}


def test_a_clean_stack_gives_nothing(material: Pixels) -> None:
    assert [finding for finding in find(take_image(material)) if finding.severity != "note"] == []


@pytest.mark.parametrize("plant", PLANTED, ids=lambda plant: plant.__name__)
def test_one_defect_is_one_finding_with_its_slice(material: Pixels, plant: Callable[[NDArray[Any]], None]) -> None:
    grey = take_image(material)
    plant(grey)
    grave = [finding for finding in find(grey) if finding.severity != "note"]
    assert [(finding.kind, finding.slices) for finding in grave] == [(PLANTED[plant], (AT,))]


def test_a_slice_imaged_twice_is_nearly_repeated(material: Pixels) -> None:
    again = material.copy()
    again[AT] = again[AT - 1]
    (finding,) = [finding for finding in find(take_image(again)) if finding.severity != "note"]
    assert (finding.kind, finding.slices) == ("repeated-slice", (AT,))
    assert "hardly differs" in finding.message


def grave(material: Pixels) -> list[tuple[str, tuple[int, ...]]]:
    return [(one.kind, one.slices) for one in find(take_image(material)) if one.severity != "note"]


def move(material: Pixels, across: Pixels) -> Pixels:
    return np.stack([shift(one, (0, by), order=1, mode="nearest") for one, by in zip(material, across, strict=True)])


def test_a_slice_out_of_focus_though_its_noise_is_sharp(material: Pixels) -> None:
    blurred = material.copy()
    blurred[AT] = gaussian_filter(blurred[AT], 2.5)
    assert grave(blurred) == [("defocused-slice", (AT,))]


def test_one_brighter_slice_is_one_slice(material: Pixels) -> None:
    brighter = material.copy()
    brighter[AT] *= 1.15
    assert grave(brighter) == [("brightness-jump", (AT,))]


def test_brightness_that_drifts_is_named_without_a_step(material: Pixels) -> None:
    assert grave(material * np.linspace(0.8, 1.2, DEPTH)[:, None, None]) == [("brightness-jump", ())]


def test_steps_that_vary_by_three_tenths_of_a_pixel_are_named(material: Pixels) -> None:
    steps = np.random.default_rng(4).normal(size=DEPTH)
    across = np.cumsum(0.3 * (steps - steps.mean()) / steps.std())
    (finding,) = [one for one in find(take_image(move(material, across))) if one.severity != "note"]
    assert (finding.kind, finding.slices) == ("drift", ())
    assert "vary from slice to slice" in finding.message


def test_an_image_that_jumps_is_named_where_it_does(material: Pixels) -> None:
    assert grave(move(material, np.where(np.arange(DEPTH) < AT, 0.0, 3.0))) == [("drift", (AT,))]


def test_a_jump_of_two_pixels_in_a_restless_stack_is_a_jump(material: Pixels) -> None:
    across = np.random.default_rng(2).normal(0, 0.1, DEPTH) + np.where(np.arange(DEPTH) < AT, 0.0, 2.0)
    assert grave(move(material, across)) == [("drift", (AT,))]


def test_more_of_a_phase_on_one_side_is_no_shading() -> None:
    rng = np.random.default_rng(2)
    field, other = gaussian_filter(rng.normal(size=(2, 12, 128, 128)), (0, 4, 4, 4), mode="wrap")
    dense = other / other.std() > np.linspace(-0.9, 0.9, 128)[:, None]
    grey = np.where(field < np.quantile(field, 0.3), 20.0, np.where(dense, 140.0, 70.0))
    findings = find(take_image(gaussian_filter(grey, (0, 0.7, 0.7))))
    assert [one for one in findings if one.kind == "shading"] == []


def test_images_of_few_pixels_give_no_more_than_notes(material: Pixels) -> None:
    for start in range(0, EDGE, 32):
        findings = find(take_image(material)[:, :32, start : start + 32])
        assert {one.severity for one in findings} <= {"note"}


def test_a_steady_step_is_a_note(material: Pixels) -> None:
    findings = find(take_image(move(material, 0.5 * np.arange(DEPTH))))
    assert {one.severity for one in findings} == {"note"}
    (shear,) = [one for one in findings if one.message.startswith("shear")]
    mean, error = re.search(r"([+-][\d.]+) ± ([\d.]+) px a slice along x", shear.message).groups()  # type: ignore[union-attr]
    assert abs(float(mean) - 0.5) <= float(error)
    assert "images cannot tell" in shear.effect


def shaded(_: Pixels) -> Pixels:
    return take_image(make_material(reach=3.0)) * np.linspace(0.7, 1.3, EDGE)


def with_text_below(grey: Pixels) -> Pixels:
    grey[:, -14:] = 0
    grey[:, -11:-4, 10:60:5] = 255
    return grey


def with_border(grey: Pixels) -> Pixels:
    grey[:, :3] = 0
    grey[8:, :, -5:] = 0
    return grey


def with_slanting_border(grey: Pixels) -> Pixels:
    for row in range(EDGE):
        grey[:, row, : (EDGE - row) // 12] = 0
    return grey


def cut_off_above(grey: Pixels) -> Pixels:
    return grey * 2


def with_curtains(grey: Pixels) -> Pixels:
    return grey * (1 + 0.06 * np.random.default_rng(2).normal(size=EDGE))


IN_ALL_SLICES: dict[Callable[[Pixels], Pixels], tuple[str, str]] = {
    shaded: ("shading", "along x"),
    with_text_below: ("information-bar", "--box :,0:82,0:96"),
    with_border: ("empty-border", "--box :,3:96,0:91"),
    with_slanting_border: ("empty-border", "slanting"),
    cut_off_above: ("clipping", "hold the largest grey value, 255"),
    with_curtains: ("curtains", "streaks along y"),
}


@pytest.mark.parametrize("plant", IN_ALL_SLICES, ids=lambda plant: plant.__name__)
def test_what_is_in_all_slices_is_one_finding(material: Pixels, plant: Callable[[Pixels], Pixels]) -> None:
    grey = plant(take_image(material).astype(float))
    grave = [one for one in find(np.clip(grey, 0, 255).astype(np.uint8)) if one.severity != "note"]
    kind, words = IN_ALL_SLICES[plant]
    assert [(one.kind, one.slices) for one in grave] == [(kind, ())]
    assert words in grave[0].text


def test_an_information_bar_that_is_mostly_text_is_whole(material: Pixels) -> None:
    grey = take_image(material)
    text = np.random.default_rng(6).choice([0, 120, 255], (12, EDGE))
    grey[:, -20:] = 0
    grey[:, -18:-6] = text
    grey[:, -14:-8, 40:48] = np.random.default_rng(7).integers(0, 255, (DEPTH, 6, 8))  # the number of the slice
    (finding,) = [one for one in find(grey) if one.severity != "note"]
    assert finding.kind == "information-bar"
    assert "--box :,0:76,0:96" in finding.text


def test_an_information_bar_that_the_file_states_is_said_once(material: Pixels) -> None:
    volume = Volume.from_array(with_text_below(take_image(material)), VoxelSize(5, 5, 5))
    stated = replace(volume, findings=(Finding("information-bar", "the lowest 14 rows are", "they count", "leave"),))
    kinds = [{one.kind for one in run_checks("stack", survey_stack(each))} for each in (volume, stated)]
    assert kinds[0] - kinds[1] == {"information-bar"}


def notes(grey: NDArray[Any], size: VoxelSize) -> list[str]:
    findings = run_checks("stack", survey_stack(Volume.from_array(grey, size)))
    assert {one.severity for one in findings} <= {"note"}
    return [one.kind for one in findings]


def test_twelve_bits_in_sixteen_and_a_pitch_against_the_structure_are_notes(material: Pixels) -> None:
    image = take_image(material)
    assert notes(image, VoxelSize(10, 10, 10)) == []
    assert notes(image.astype(np.uint16) * 16, VoxelSize(10, 10, 10)) == ["grey-range"]
    for pitch in (40, 2.5):
        assert notes(image, VoxelSize(pitch, 10, 10)) == ["slice-thickness"]


def test_a_voxel_size_that_is_unknown_or_unusual_is_a_note(material: Pixels) -> None:
    image = take_image(material)
    assert notes(image, VoxelSize(400, 400, 400)) == ["voxel-size"]
    unknown = Volume.from_array(image)
    assert [one.kind for one in run_checks("stack", survey_stack(unknown))] == ["voxel-size"]
    doubted = replace(unknown, findings=(Finding("voxel-size", "the file knows its pixel only", "z is missing"),))
    assert run_checks("stack", survey_stack(doubted)) == []


SHAPES = ((1, 8, 8), (2, 8, 8), (3, 1, 9), (5, 9, 1), (4, 1, 1), (1, 64, 70), (7, 40, 33))
DTYPES = ("u1", "u2", "i2", "f4", "i4")
LOOKS = ("constant", "labels", "noise", "ramp")


def make_odd(shape: tuple[int, int, int], dtype: str, look: str) -> NDArray[Any]:
    rng = np.random.default_rng(3)
    values = {
        "constant": np.full(shape, 7.0),
        "labels": rng.integers(0, 2, shape),
        "noise": rng.normal(100, 20, shape),
        "ramp": np.linspace(0, 120, int(np.prod(shape))).reshape(shape),
    }
    return values[look].astype(dtype)


@pytest.mark.parametrize("look", LOOKS)
@pytest.mark.parametrize("dtype", DTYPES)
def test_no_input_is_too_odd_to_be_checked(dtype: str, look: str) -> None:
    for shape in SHAPES:
        for quick in (False, True):
            for size in (None, VoxelSize(20, 5, 5)):
                volume = Volume.from_array(make_odd(shape, dtype, look), size)
                for finding in run_checks("stack", survey_stack(volume, quick=quick)):
                    assert set(finding.slices) <= set(range(shape[0]))
                    assert "nan" not in finding.text


def test_slices_that_hardly_resemble_each_other_are_not_taken_for_drift() -> None:
    # A pitch of four pixels, as long as the structures: each slice is another.
    field = gaussian_filter(np.random.default_rng(3).normal(size=(48, 64, 72)), 4, mode="wrap")[::4]
    grey = take_image(np.where(field > np.quantile(field, 0.4), 130.0, 40.0))
    findings = run_checks("stack", survey_stack(Volume.from_array(grey, VoxelSize(20, 5, 5))))
    assert [one for one in findings if one.severity != "note"] == []


@pytest.mark.parametrize("top", [255, 65535])
def test_rows_that_are_saturated_towards_the_edge_are_no_information_bar(top: int) -> None:
    grey = make_phantom((5, 120, 140), seed=2, severity=0.5).images.read().astype(float)
    shaded = grey * 2.1 / 255 * (1 + 0.6 * np.linspace(-0.5, 0.5, 120))[None, :, None]
    noise = np.random.default_rng(0).normal(size=grey.shape) / 128
    pixels = (top * np.clip(shaded + noise, 0, 1)).astype(np.uint8 if top == 255 else np.uint16)
    assert (pixels[:, -8:] == top).mean() > 0.5
    assert find_bar(read_whole_slices(Volume.from_array(pixels), 5)) == 0
    written = np.zeros((5, 14, 140), pixels.dtype)
    written[:, 4:9, 20:90:2] = top
    both = np.concatenate([pixels, written], axis=1)
    assert find_bar(read_whole_slices(Volume.from_array(both), 5)) == 14
