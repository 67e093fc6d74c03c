"""Gestures from a page become edits; what makes no sense is refused in a sentence."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from drawings import paint_box, scene_of

from keramos.annotation.drawing import TOOLS, UNSURE, Drawing, describe_tools, make_edit
from keramos.core import NOT_ANNOTATED, PhaseTable
from keramos.core.errors import KeramosError

TWO = PhaseTable.from_names(["void", "solid"])


def gesture(tool: str, *points: tuple[float, ...], z: int = 1, phase: int = 1, **options: Any) -> dict[str, Any]:
    return {"tool": tool, "z": z, "phase": phase, "points": [list(row) for row in points], "options": options}


def test_a_stroke_becomes_labels_and_the_eraser_takes_them_away() -> None:
    drawing = Drawing((3, 20, 30), TWO)
    scene = scene_of(np.zeros((3, 20, 30), np.uint8), drawing)
    edit = drawing.make(make_edit(scene, gesture("brush", (5, 10), (25, 10, 1), radius=2)))
    assert (edit.tool, edit.phase, edit.source, dict(edit.details)) == (
        "brush",
        1,
        "drawn",
        {"keep": False, "radius": 2},
    )
    assert drawing.counts() == {1: 21 * 5 + 8}
    drawing.make(make_edit(scene, gesture("brush", (15, 10), phase=UNSURE, radius=1)))
    assert drawing.counts()[UNSURE] == 5
    drawing.make(make_edit(scene, gesture("eraser", (5, 10), (25, 10), radius=2, only=True)))
    assert drawing.counts() == {UNSURE: 5}
    drawing.make(make_edit(scene, gesture("eraser", (15, 10), radius=2)))
    assert drawing.annotated_slices() == ()
    assert scene.labels(1)[10, 15] == NOT_ANNOTATED


def test_a_brush_can_keep_what_is_drawn() -> None:
    drawing = Drawing((3, 20, 30), TWO)
    scene = scene_of(np.zeros((3, 20, 30), np.uint8), drawing)
    drawing.make(paint_box(drawing, 1, 10, 10, 1, 5, 0))
    drawing.make(make_edit(scene, gesture("brush", (12, 10), radius=1, keep=True)))
    assert drawing.counts() == {0: 5, 1: 2}


@pytest.mark.parametrize(
    ("row", "words"),
    [
        ({"tool": "brsh", "z": 0}, "did you mean brush"),
        (["brush"], "is an object with the keys"),
        (gesture("brush", (1, 1), z=3), "slices 0 to 2, not 3"),
        (gesture("brush", (1, 1), z=-1), "slices 0 to 2, not -1"),
        ({**gesture("brush", (1, 1)), "z": "1"}, "z of a gesture is a whole number"),
        ({**gesture("brush", (1, 1)), "z": None}, "z of a gesture is a whole number"),
        (gesture("brush", (1, 1), phase=2), "belongs to none of the phases void, solid"),
        (gesture("brush", (1, 1), phase=True), "phase of a gesture is a whole number"),
        (gesture("brush", (1, float("nan"))), "point 0"),
        (gesture("brush", (1, float("inf"))), "point 0"),
        (gesture("brush", (1, 2), (1e300, 1)), "point 1"),
        (gesture("brush", (1,)), "point 0"),
        ({**gesture("brush"), "points": [["1", "2"]]}, "point 0"),
        ({**gesture("brush"), "points": [[0, 0]] * 20_001}, "at most 20,000 points"),
        ({**gesture("brush"), "points": "12"}, "at most 20,000 points"),
        (gesture("brush", (1, 1), radius=-1), "radius: expected at least 0 px"),
        (gesture("brush", (1, 1), radius="5"), "radius: expected a number"),
        (gesture("brush", (1, 1), raduis=1), "did you mean radius"),
        ({**gesture("brush", (1, 1)), "options": [1]}, "an object of names and values"),
    ],
)
def test_gestures_that_make_no_sense_are_refused_in_a_sentence(row: Any, words: str) -> None:
    with pytest.raises(KeramosError, match=words) as refused:
        make_edit(scene_of(np.zeros((3, 8, 8), np.uint8)), row)
    assert "\n" not in str(refused.value)
    assert len(str(refused.value)) < 300


def test_pressure_beyond_its_range_counts_as_full() -> None:
    scene = scene_of(np.zeros((3, 20, 30), np.uint8))
    one, other = (make_edit(scene, gesture("brush", (9, 9, p), radius=3)).patches[0].after for p in (1, 7.5))
    np.testing.assert_array_equal(one, other)


def test_each_tool_is_described_for_forms() -> None:
    rows = {row["name"]: row for row in describe_tools()}
    assert list(rows) == list(TOOLS)
    brush = {option["name"]: option for option in rows["brush"]["options"]}
    assert brush["radius"] == {
        "name": "radius",
        "help": "Radius of the brush.",
        "kind": "number",
        "choices": [],
        "default": 6.0,
        "low": 0,
        "high": 1000,
        "unit": "px",
    }
    for row in rows.values():
        assert row["title"]
        assert row["help"].endswith(".")
        assert all(option["help"] and option["default"] is not None for option in row["options"])
