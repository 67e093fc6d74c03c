"""Each remedy against its sibling among the defects: it undoes the defect, leaves what is clean alone, and does the
same to a stack in parts as to the whole."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter

from keramos.core import VoxelSize
from keramos.preparation import REMEDIES, RawStack, Remedy
from keramos.simulation import DEFECTS
from keramos.simulation.defect import Sections

Grey = NDArray[np.float32]
SHAPE = (24, 160, 144)
VOXELS = VoxelSize(20, 20, 20)
LEFT = {"scan_lines": 0.65}
"""The part of a defect that may be left, where that is not half of it: noise hides the gain of so short a row."""
Strong = Callable[[str], Grey]


@pytest.fixture(scope="module")
def solid() -> NDArray[np.bool_]:
    field = gaussian_filter(np.random.default_rng(3).normal(size=SHAPE), (3, 5, 4), mode="wrap")
    return np.asarray(field > np.percentile(field, 35))


def draw_noise(name: str) -> Grey:
    """Noise beside the defect; none beside noise."""
    return np.random.default_rng(4).normal(0, 0 if name == "noise" else 8, SHAPE).astype(np.float32)


@pytest.fixture(scope="module")
def clean(solid: NDArray[np.bool_]) -> Grey:
    return gaussian_filter(np.where(solid, 130, 50).astype(np.float32), (0, 0.7, 0.7))


def spoil(name: str, clean: Grey, solid: NDArray[np.bool_]) -> Grey:
    """The images with the defect three times as strong as usual."""
    parameters = DEFECTS[name].draw(np.random.default_rng(5), 130.0).scale(3.0)
    spoilt: Grey = parameters.apply(clean, Sections(voxel_size=VOXELS, solid=solid))
    return spoilt


def restore(remedy: Remedy, grey: Grey) -> Grey:
    return remedy.apply(grey.copy(), look(remedy, grey), 0)


def look(remedy: Remedy, grey: Grey) -> object:
    observer = remedy.observe(RawStack(grey.shape, VOXELS))
    for z, one in enumerate(grey):
        observer.add(z, one)
    return observer.finish()


def rms(difference: Grey) -> float:
    return float(np.sqrt(np.mean(difference.astype(np.float64) ** 2)))


def left_over(grey: Grey, clean: Grey) -> float:
    """What differs, apart from a common factor."""
    return rms(grey / np.float32(np.sum(grey * clean) / np.sum(clean * clean)) - clean)


@pytest.mark.parametrize("name", list(REMEDIES))
def test_remedies_undo_most_of_their_defects(name: str, clean: Grey, solid: NDArray[np.bool_]) -> None:
    spoilt, noise = spoil(name, clean, solid), draw_noise(name)
    restored = restore(REMEDIES[name], spoilt + noise) - noise
    assert left_over(restored[solid], clean[solid]) < LEFT.get(name, 0.5) * left_over(spoilt[solid], clean[solid])


@pytest.mark.parametrize("name", list(REMEDIES))
def test_remedies_leave_clean_stacks_alone(name: str, clean: Grey) -> None:
    noise = draw_noise(name)
    assert rms(restore(REMEDIES[name], clean + noise) - clean - noise) < 0.5


@pytest.mark.parametrize("name", list(REMEDIES))
def test_a_stack_restored_in_parts_is_the_whole(name: str, clean: Grey, solid: NDArray[np.bool_]) -> None:
    remedy, grey = REMEDIES[name], (spoil(name, clean, solid) + draw_noise(name))[:12]
    parameters = look(remedy, grey)
    whole = remedy.apply(grey.copy(), parameters, 0)
    for start, stop in ((0, 4), (4, 9), (9, 12)):
        low, high = max(0, start - remedy.halo), min(len(grey), stop + remedy.halo)
        part = remedy.apply(grey[low:high].copy(), parameters, low)[start - low : stop - low]
        np.testing.assert_array_equal(part, whole[start:stop])
