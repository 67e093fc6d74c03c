"""Which slices are shown: scored before unscored, fresh before annotated, far before near."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from keramos.core import Volume
from keramos.reports import MethodResult, ReportContent
from keramos.reports.example_slices import example_slices


def stack(depth: int, annotated: tuple[int, ...] = (), methods: tuple[MethodResult, ...] = ()) -> ReportContent:
    volume = Volume.from_array(np.zeros((depth, 4, 4), np.uint8))
    return ReportContent("t", volume, annotated_slices=annotated, methods=methods)


@pytest.mark.parametrize(
    ("depth", "annotated", "shown"),
    [
        (1, (), (0,)),
        (1, (0,), (0,)),
        (2, (0,), (1,)),
        (40, (), (10, 20)),
        (41, (20,), (0, 19)),
        (41, (0,), (40, 20)),
        (41, (0, 40), (20, 19)),
        (3, (0, 1, 2), (0, 1)),
        (10, (99,), (2, 5)),
    ],
)
def test_without_scores(depth: int, annotated: tuple[int, ...], shown: tuple[int, ...]) -> None:
    assert example_slices(stack(depth, annotated)) == shown


def test_only_scored_slices_that_nobody_annotated_are_shown(method: Callable[..., MethodResult]) -> None:
    truth = np.full((30, 4, 4), 255, np.uint8)
    truth[[3, 8, 26]] = np.eye(4, dtype=np.uint8)
    scored = method("M", np.zeros((30, 4, 4), np.uint8), truth)
    assert example_slices(stack(30, (8,), (scored,))) == (26, 3)
    assert example_slices(stack(30, (8, 26), (scored,))) == (3,)
    unscored = replace(scored, evaluation=None)
    assert example_slices(stack(30, (8,), (unscored,))) == (29, 15)
