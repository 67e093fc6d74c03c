"""Slices are chosen for their worth, but not beside one that is annotated or chosen."""

from __future__ import annotations

import numpy as np
import pytest

from keramos.annotation.choice import choose, similarity
from keramos.annotation.survey import SliceSeen
from keramos.annotation.window import Window

GREY = np.linspace(50, 200, 25)
STD = 40.0


def seen(z: int, worth: float, brighter: float = 0.0) -> SliceSeen:
    return SliceSeen(z, worth, worth, Window(0, 0, 8, 8, worth, worth), GREY + brighter)


def chosen(slices: list[SliceSeen], annotated: dict[int, np.ndarray], count: int = 1, depth: int = 100) -> list[int]:
    return [row.slice.z for row in choose(slices, annotated, count=count, depth=depth, grey_std=STD)]


def test_of_equally_far_ones_the_most_unsure() -> None:
    assert chosen([seen(20, 0.1), seen(40, 0.3), seen(60, 0.2)], {}) == [40]
    assert chosen([seen(20, 0.3), seen(80, 0.2)], {50: GREY}) == [20]


def test_of_equally_unsure_ones_the_farthest() -> None:
    slices = [seen(z, 0.2) for z in range(100)]
    assert chosen(slices, {10: GREY}) == [99]
    assert chosen(slices, {0: GREY, 99: GREY}) in ([49], [50])


def test_several_keep_apart_from_one_another() -> None:
    slices = [seen(z, 0.2 + 0.001 * (z == 50)) for z in range(100)]
    found = chosen(slices, {}, count=4)
    assert found[0] == 50
    assert set(found[1:3]) == {0, 99}
    assert min(np.diff(sorted(found))) >= 15


def test_worth_far_above_the_others_is_chosen_though_near() -> None:
    assert chosen([seen(z, 0.02) for z in range(100) if z != 55] + [seen(55, 0.5)], {50: GREY}) == [55]


def test_what_is_annotated_comes_last() -> None:
    assert chosen([seen(50, 0.9), seen(51, 0.001)], {50: GREY}, count=2) == [51, 50]


def test_a_slice_of_other_grey_values_counts_as_new() -> None:
    slices = [seen(z, 0.2) for z in (48, 53)]
    assert chosen(slices, {50: GREY}) == [53]
    assert chosen([seen(48, 0.2, brighter=60), seen(53, 0.2)], {50: GREY}) == [48]


def test_the_reason_names_the_nearest() -> None:
    slices = [seen(z, 0.2) for z in range(0, 100, 10)]
    first, second = choose(slices, {0: GREY}, count=2, depth=100, grey_std=STD)
    assert (first.slice.z, first.nearest, first.nearest_is_chosen) == (90, 0, False)
    assert (second.slice.z, second.nearest_is_chosen) in ((40, False), (50, True))
    alone = choose(slices, {}, count=1, depth=100, grey_std=STD)[0]
    assert (alone.novelty, alone.nearest) == (1.0, None)


def test_no_more_than_there_are() -> None:
    assert len(chosen([seen(1, 0.1), seen(2, 0.1)], {}, count=5)) == 2


def test_similarity_falls_with_distance_and_with_grey() -> None:
    assert similarity(0, GREY, GREY, 10, STD) == 1
    assert similarity(-10, GREY, GREY, 10, STD) == pytest.approx(np.exp(-1))
    assert similarity(0, GREY, GREY + 20, 10, STD) == pytest.approx(np.exp(-1))
