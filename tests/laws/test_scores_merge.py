"""Law: measuring block by block and merging gives the scores of the whole, for any plan and any order."""

from __future__ import annotations

import json

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from keramos.blocks import Plan
from keramos.core import NOT_ANNOTATED, Box
from keramos.scoring import Partial, ScoreSettings, empty_partial, finish, measure, merge

triples = st.tuples(st.integers(1, 5), st.integers(1, 13), st.integers(1, 13))


def arrays_of(partial: Partial) -> list[np.ndarray]:
    return [
        partial.confusion,
        partial.confusion_off_boundary,
        partial.slice_confusion,
        partial.slice_predicted,
        partial.neighbours,
    ]


def assert_same(a: Partial, b: Partial) -> None:
    assert a.cells == b.cells
    for left, right in zip(arrays_of(a), arrays_of(b), strict=True):
        np.testing.assert_array_equal(left, right)


def random_labels(shape: tuple[int, int, int], classes: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    truth = rng.integers(0, classes, shape).astype(np.uint8)
    prediction = np.where(rng.random(shape) < 0.7, truth, rng.integers(0, classes, shape)).astype(np.uint8)
    truth[rng.random(shape) < 0.2] = NOT_ANNOTATED
    return prediction, truth


@settings(max_examples=60, deadline=None)
@given(shape=triples, core=triples, cell=triples, classes=st.integers(2, 4), seed=st.integers(0, 2**31))
def test_split_and_merge_is_the_whole(shape, core, cell, classes, seed) -> None:
    prediction, truth = random_labels(shape, classes, seed)
    score = ScoreSettings(classes, classes - 1, tuple("abcd"[:classes]), shape, cell)
    box = Box.whole(shape)
    whole = measure(prediction, truth, read=box, core=box, settings=score)
    parts = [
        measure(prediction[b.read.slices], truth[b.read.slices], read=b.read, core=b.core, settings=score)
        for b in Plan(shape, core, halo=(0, 1, 1))
    ]
    merged = empty_partial(score)
    for i in np.random.default_rng(seed).permutation(len(parts)):
        merged = merged + parts[i]
    assert_same(merged, whole)
    assert json.dumps(finish(merged, score, resamples=20).to_json()) == json.dumps(
        finish(whole, score, resamples=20).to_json()
    )


@settings(max_examples=30, deadline=None)
@given(shape=triples, cell=triples, seed=st.integers(0, 2**31))
def test_merge_is_associative_and_commutative_and_empty_changes_nothing(shape, cell, seed) -> None:
    prediction, truth = random_labels(shape, 3, seed)
    score = ScoreSettings(3, 2, ("a", "b", "c"), shape, cell)
    plan = Plan(shape, tuple(-(-n // 2) for n in shape), halo=(0, 1, 1))
    parts = [
        measure(prediction[b.read.slices], truth[b.read.slices], read=b.read, core=b.core, settings=score) for b in plan
    ]
    a, b, c = parts[0], parts[len(parts) // 2], parts[-1]
    assert_same(merge(merge(a, b), c), merge(a, merge(b, c)))
    assert_same(merge(a, c), merge(c, a))
    assert_same(merge(empty_partial(score), a), a)
    assert_same(merge(a, empty_partial(score)), a)
