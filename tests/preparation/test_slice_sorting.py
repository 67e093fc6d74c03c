"""Blank and repeated slices are told from those that only are dark, noisy or alike."""

from __future__ import annotations

from functools import cache
from hashlib import blake2b

import numpy as np

from keramos.preparation.slice_sorting import SliceSorter, digest_slice
from keramos.simulation import make_phantom


@cache
def clean() -> np.ndarray:
    return make_phantom((24, 64, 64), seed=11).images.read()


def sort(slices: np.ndarray, at_once: int) -> list[str]:
    sorter = SliceSorter()
    return [kind for z in range(0, len(slices), at_once) for kind in sorter.sort(slices[z : z + at_once])]


def test_a_stack_without_them_is_good_however_it_is_cut() -> None:
    for at_once in (1, 5, 24):
        assert sort(clean(), at_once) == ["good"] * len(clean())


def test_constant_noisy_and_repeated_slices_are_told() -> None:
    stack = clean().copy()
    stack[3] = 0
    stack[9] = np.random.default_rng(2).normal(20, 3, stack[9].shape)
    stack[15] = stack[14]
    stack[20] = (0.4 * stack[20]).astype(np.uint8)
    kinds = sort(stack, 7)
    assert {z: kind for z, kind in enumerate(kinds) if kind != "good"} == {3: "blank", 9: "blank", 15: "repeated"}


def test_equal_slices_are_told_by_the_same_digest_in_every_process() -> None:
    # Python's own hash of bytes is another in each process.
    assert digest_slice(clean()[0]).digest == blake2b(clean()[0].tobytes(), digest_size=8).digest()
