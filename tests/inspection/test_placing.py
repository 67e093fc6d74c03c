"""Labels that are mirrored, turned, far off or of another slice are told from those that fit, which are left alone."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter

from keramos.core import VOID_SOLID, Finding, Volume
from keramos.inspection import check_placing
from keramos.io import source_fingerprint
from keramos.learning import AnnotatedSlice, AnnotatedSlices

Codes = NDArray[np.uint8]
Change = Callable[[Codes], Codes]
Z = 9


def make_stack(shape: tuple[int, int, int]) -> tuple[Codes, Volume]:
    """Blobs about eight voxels large, and noisy images of them."""
    rng = np.random.default_rng(4)
    smooth = gaussian_filter(rng.standard_normal(shape), 4)
    codes = (smooth > np.quantile(smooth, 0.3)).astype(np.uint8)
    grey = gaussian_filter(np.array([70.0, 120.0])[codes], 0.7) + rng.normal(0, 15, shape)
    return codes, Volume.from_array(np.clip(grey, 0, 255).astype(np.uint8), name="stack.tif")


CODES, IMAGES = make_stack((32, 144, 144))


def findings(labels: dict[int, Codes], volume: Volume = IMAGES) -> list[Finding]:
    grey, source = volume.read(), source_fingerprint(volume)
    slices = tuple(AnnotatedSlice(grey[z], codes, volume.name, z, source) for z, codes in labels.items())
    return check_placing(AnnotatedSlices(slices, VOID_SOLID, None), [volume])


def test_labels_that_fit_have_none() -> None:
    assert findings({z: CODES[z] for z in (0, Z, 20, 31)}) == []
    part = np.full_like(CODES[Z], 255)
    part[30:110, 40:120] = CODES[Z, 30:110, 40:120]
    assert findings({Z: part}) == []


@pytest.mark.parametrize("other", [0, 8, 11, 28])
def test_labels_of_another_slice_say_which(other: int) -> None:
    (finding,) = findings({Z: CODES[other]})
    assert (finding.kind, finding.severity, finding.slices) == ("other-slice", "warning", (Z,))
    assert f"the labels of slice {Z} fit slice {other} better" in finding.message
    assert f"--slices {other}" in finding.advice


def test_slices_counted_from_one_are_said_once() -> None:
    (finding,) = findings({z + 1: CODES[z] for z in (5, 15, 25)})
    assert finding.slices == (6, 16, 26)
    assert "slices 6, 16, 26 fit slices 5, 15, 25 better (are they counted from 1?)" in finding.message


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda codes: codes[::-1], "mirrored top to bottom they do"),
        (lambda codes: codes[:, ::-1], "mirrored left to right they do"),
        (lambda codes: codes[::-1, ::-1], "turned by 180 degrees they do"),
        (lambda codes: np.rot90(codes, 3), "turned by 90 degrees they do"),
        (lambda codes: np.rot90(codes), "turned by 270 degrees they do"),
        (lambda codes: codes.T, "with x and y exchanged they do"),
        (lambda codes: np.roll(codes, (20, -9), (0, 1)), "moved 20 pixels up and 9 pixels to the right they do"),
        (lambda codes: np.roll(codes[::-1], 12, 0), "mirrored top to bottom and moved 12 pixels down they do"),
    ],
)
def test_turned_and_moved_labels_say_how(change: Change, words: str) -> None:
    (finding,) = findings({Z: np.ascontiguousarray(change(CODES[Z]))})
    assert (finding.kind, finding.slices) == ("misplaced-labels", (Z,))
    assert words in finding.message


def test_a_slice_that_is_no_square() -> None:
    codes, images = make_stack((4, 96, 128))
    (finding,) = findings({2: np.ascontiguousarray(codes[2, ::-1, ::-1])}, images)
    assert "turned by 180 degrees" in finding.message
    (finding,) = findings({2: np.roll(codes[2], 2, 1)}, images)
    assert "moved 2 pixels to the left they fit better" in finding.message


def test_labels_that_fit_nowhere_are_left_alone() -> None:
    blobs = gaussian_filter(np.random.default_rng(8).standard_normal((144, 144)), 4) > 0
    assert findings({Z: blobs.astype(np.uint8)}) == []
