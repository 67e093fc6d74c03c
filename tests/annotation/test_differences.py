"""Places where two segmentations differ are those of the whole volume, though it is read slice by slice."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import ndimage

from keramos.annotation.differences import find_differences, match_codes
from keramos.core import LabelVolume, PhaseTable
from keramos.core.errors import LabelError, ShapeError

NAMES = ["pore", "nickel", "YSZ"]


def make(codes: np.ndarray, names: list[str] = NAMES) -> LabelVolume:
    return LabelVolume.from_array(codes, PhaseTable.from_names(names))


def test_places_are_the_components_of_what_differs() -> None:
    random = np.random.default_rng(5)
    first = random.choice(np.array([0, 1, 2, 255], np.uint8), (9, 24, 20), p=[0.4, 0.3, 0.2, 0.1])
    second = np.where(random.random(first.shape) < 0.35, np.roll(first, 1, 2), first)
    told = find_differences(make(first), make(second), most=7)
    differ = (first != second) & (first < 3) & (second < 3)
    labels, count = ndimage.label(differ)
    sizes = np.bincount(labels.ravel())[1:]
    assert (told.compared, told.differing) == (int(((first < 3) & (second < 3)).sum()), int(differ.sum()))
    assert (told.count, len(told.places)) == (count, 7)
    assert [place.voxels for place in told.places] == sorted(sizes.tolist(), reverse=True)[:7]
    for place in told.places:
        number = labels[place.centre]
        area = ndimage.find_objects(labels)[number - 1]
        assert sizes[number - 1] == place.voxels
        assert (place.box.start, place.box.stop) == tuple(
            tuple(getattr(s, end) for s in area) for end in ("start", "stop")
        )
        assert (NAMES[first[place.centre]], NAMES[second[place.centre]]) == (place.first, place.second)


def test_the_same_labels_differ_nowhere() -> None:
    codes = np.random.default_rng(1).integers(0, 3, (4, 6, 6)).astype(np.uint8)
    told = find_differences(make(codes), make(codes))
    assert (told.differing, told.count, told.places) == (0, 0, ())


def test_phases_are_matched_by_their_names() -> None:
    names = ["YSZ", "pore", "nickel"]
    codes = np.random.default_rng(2).integers(0, 3, (2, 5, 5)).astype(np.uint8)
    order = np.array([names.index(name) for name in NAMES], np.uint8)
    assert find_differences(make(codes), make(order[codes], names)).differing == 0
    assert match_codes(make(codes).phases, PhaseTable.from_names(["a", "b", "c"]))[:4].tolist() == [0, 1, 2, 255]


def test_what_cannot_be_compared_is_refused() -> None:
    codes = np.zeros((2, 5, 5), np.uint8)
    with pytest.raises(ShapeError):
        find_differences(make(codes), make(codes[:1]))
    with pytest.raises(LabelError, match="pore, nickel, YSZ"):
        find_differences(make(codes), make(codes, ["void", "solid"]))
