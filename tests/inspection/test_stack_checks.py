"""A clean stack gives no finding; one defect, planted in it, gives one of its kind, with the right slices."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter

from keramos.core import Finding, Volume, VoxelSize
from keramos.inspection import run_checks, survey_stack

Pixels = NDArray[np.float64]
DEPTH, EDGE, AT = 20, 96, 9
NOISE = 8.0


def make_material(seed: int = 0) -> Pixels:
    """Grey values (Z Y X) of a random two-phase material, without noise: void 40, solid 130."""
    rng = np.random.default_rng(seed)
    field = gaussian_filter(rng.normal(size=(DEPTH, EDGE, EDGE)), 5.0, mode="wrap")
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
