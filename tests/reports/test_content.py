"""What a report may hold."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from keramos.core import VOID_SOLID, LabelVolume, PhaseTable
from keramos.core.errors import ShapeError
from keramos.reports import MethodResult, ReportContent
from keramos.reports.content import iou_of

MakeMethod = Callable[..., MethodResult]


def test_labels_of_another_shape_are_refused_by_name(content: ReportContent) -> None:
    small = LabelVolume.from_array(np.zeros((4, 32, 63), np.uint8), VOID_SOLID)
    with pytest.raises(ShapeError, match=r"the truth of the volume's shape \(4, 32, 64\).*found \(4, 32, 63\)"):
        replace(content, truth=small)
    with pytest.raises(ShapeError, match="the labels of Shifted"):
        replace(content, methods=(MethodResult("Shifted", small),))


def test_scored_methods_come_best_first_and_unscored_ones_not_at_all(content: ReportContent) -> None:
    plain = replace(content.methods[0], name="Plain", evaluation=None)
    scored = replace(content, methods=(plain, *content.methods)).scored
    assert [m.name for m in scored] == ["Close", "Wide"]
    assert [iou_of(m) for m in scored] == [pytest.approx(32 / 33), pytest.approx(32 / 40)]


def test_phases_are_those_of_the_truth_then_of_the_first_method(content: ReportContent, method: MakeMethod) -> None:
    three = PhaseTable.from_names(["pore", "YSZ", "nickel"])
    other = method("Other", np.zeros((4, 32, 64), np.uint8), None, three)
    assert replace(content, methods=(other,)).phases is VOID_SOLID
    assert replace(content, truth=None, methods=(other,)).phases is three
    assert replace(content, truth=None, methods=()).phases is None
