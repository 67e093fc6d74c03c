"""Drawings: changes, undo and redo, counts and sources."""

from __future__ import annotations

import numpy as np
import pytest
from drawings import PHASES, SHAPE, paint_box, planes_of
from hypothesis import given, settings
from hypothesis import strategies as st

from keramos.annotation.drawing import SOURCES, UNSURE, Drawing, Edit, Patch, make_patches
from keramos.core import NOT_ANNOTATED, PhaseTable
from keramos.core.errors import LabelError, ShapeError, StorageError

box = st.tuples(
    st.integers(0, 2),
    st.integers(0, 5),
    st.integers(0, 6),
    st.integers(1, 3),
    st.integers(1, 4),
    st.sampled_from([0, 1, 2, UNSURE, NOT_ANNOTATED]),
    st.sampled_from(SOURCES),
)


def brute_sources(before: np.ndarray, sources: np.ndarray, after: np.ndarray, source: str) -> np.ndarray:
    """Sources voxel by voxel, as the words of `Source` say."""
    names = ["", *SOURCES]
    out = sources.copy()
    for place in np.ndindex(before.shape):
        if before[place] == after[place]:
            continue
        earlier = names[sources[place]]
        new = "corrected" if source == "drawn" and earlier in ("accepted", "opened", "corrected") else source
        out[place] = names.index("" if after[place] == NOT_ANNOTATED else new)
    return out


@settings(max_examples=60, deadline=None)
@given(st.lists(box, max_size=12), st.data())
def test_undo_and_redo_walk_through_the_very_states(boxes: list[tuple[int, ...]], data: st.DataObject) -> None:
    drawing = Drawing(SHAPE, PHASES)
    states = [planes_of(drawing)]
    for *place, source in boxes:
        codes, sources = planes_of(drawing)
        z, y, x, height, width, code = place
        edit = drawing.make(paint_box(drawing, *place, source=source))
        after = codes.copy()
        after[z, y : y + height, x : x + width] = code
        np.testing.assert_array_equal(planes_of(drawing), [after, brute_sources(codes, sources, after, source)])
        assert edit.number == drawing.number
        states.append(planes_of(drawing))
    at = len(boxes)
    for _ in range(data.draw(st.integers(0, 20))):
        again = data.draw(st.booleans())
        done = drawing.redo() if again else drawing.undo()
        assert (done is None) == (at == (len(boxes) if again else 0))
        at += 0 if done is None else 1 if again else -1
        np.testing.assert_array_equal(planes_of(drawing), states[at])
        for patch in () if done is None else done.patches:
            np.testing.assert_array_equal(drawing.plane(patch.z)[patch.area], patch.after)
    assert (drawing.undo_count, drawing.redo_count) == (at, len(boxes) - at)
    while drawing.undo():
        pass
    np.testing.assert_array_equal(planes_of(drawing), states[0])
    while drawing.redo():
        pass
    np.testing.assert_array_equal(planes_of(drawing), states[-1])
    counted = np.bincount(states[-1][0].ravel(), minlength=256)
    assert drawing.counts() == {code: n for code, n in enumerate(counted) if n and code != NOT_ANNOTATED}
    assert drawing.annotated_slices() == tuple(z for z in range(3) if (states[-1][0][z] != NOT_ANNOTATED).any())
    named = np.bincount(states[-1][1].ravel(), minlength=5)
    assert drawing.source_counts() == {name: n for name, n in zip(SOURCES, named[1:], strict=True) if n}


def test_labels_drawn_over_accepted_or_opened_ones_are_corrections() -> None:
    drawing = Drawing(SHAPE, PHASES)
    for x, source in enumerate(SOURCES):
        drawing.make(paint_box(drawing, 0, 0, x, 4, 1, 0, source=source))
    for code in (1, 2):
        drawing.make(paint_box(drawing, 0, 0, 0, 2, 4, code))
    assert drawing.sources(0)[:4, :4].tolist() == [[1, 3, 3, 3]] * 2 + [[1, 2, 3, 4]] * 2
    drawing.make(paint_box(drawing, 0, 0, 0, 1, 4, NOT_ANNOTATED))
    drawing.make(paint_box(drawing, 0, 0, 0, 1, 4, 1))
    assert drawing.sources(0)[0, :4].tolist() == [1, 1, 1, 1]


def test_a_new_edit_ends_what_can_be_redone() -> None:
    drawing = Drawing(SHAPE, PHASES)
    drawing.make(paint_box(drawing, 0, 0, 0, 2, 2, 1))
    drawing.undo()
    drawing.make(paint_box(drawing, 1, 0, 0, 2, 2, 2))
    assert drawing.redo() is None
    assert drawing.counts() == {2: 4}


def test_an_edit_that_changes_nothing_is_not_recorded() -> None:
    drawing = Drawing(SHAPE, PHASES)
    edit = drawing.make(Edit("brush", make_patches(0, drawing.plane(0), np.zeros(SHAPE[1:], bool), 1)))
    assert (edit.number, drawing.number, drawing.undo_count) == (0, 0, 0)


def test_labels_are_read_only_and_blank_slices_take_no_memory() -> None:
    drawing = Drawing((1000, 64, 64), PHASES)
    assert drawing.plane(3) is drawing.plane(999)
    with pytest.raises(ValueError, match="read-only"):
        drawing.plane(3)[0, 0] = 1
    drawing.make(paint_box(drawing, 3, 0, 0, 1, 1, 1))
    with pytest.raises(ValueError, match="read-only"):
        drawing.plane(3)[0, 0] = 0


def test_wrong_edits_are_refused_and_change_nothing() -> None:
    drawing = Drawing(SHAPE, PHASES)
    stale = paint_box(drawing, 0, 0, 0, 2, 2, 1)
    drawing.make(paint_box(drawing, 0, 1, 1, 1, 1, 2))
    blank = np.full((2, 2), 255, np.uint8)
    wrong = {
        "changed since": stale,
        "code 3 belongs to none": paint_box(drawing, 1, 0, 0, 1, 1, 3),
        "leaves the slice": Edit("box", (Patch(1, 7, 9, blank, np.ones_like(blank)),)),
        "slices 0 to 2, not 3": Edit("box", (Patch(3, 0, 0, blank, np.ones_like(blank)),)),
        "one patch only": Edit("box", (Patch(1, 0, 0, blank, blank), Patch(1, 4, 4, blank, blank))),
    }
    for words, edit in wrong.items():
        with pytest.raises((LabelError, ShapeError), match=words):
            drawing.make_all([paint_box(drawing, 2, 0, 0, 1, 1, 1), edit])
    assert drawing.counts() == {2: 1}
    with pytest.raises(ShapeError, match="one shape"):
        Patch(0, 0, 0, blank, blank[:1])
    with pytest.raises(LabelError, match="type uint8, not uint8, int64"):
        Patch(0, 0, 0, blank, blank.astype(int))
    with pytest.raises(LabelError, match="up to 254 phases"):
        Drawing(SHAPE, PhaseTable.from_names([str(n) for n in range(255)]))


def test_a_change_that_cannot_be_kept_is_not_made() -> None:
    drawing = Drawing(SHAPE, PHASES)
    drawing.make(paint_box(drawing, 0, 0, 0, 2, 2, 1))

    def refuse(records: object) -> None:
        raise StorageError("the disk is full")

    before, drawing.history.add = planes_of(drawing), refuse  # type: ignore[method-assign]
    for change in (lambda: drawing.make(paint_box(drawing, 0, 0, 0, 1, 1, 2)), drawing.undo):
        with pytest.raises(StorageError):
            change()
    np.testing.assert_array_equal(planes_of(drawing), before)
    assert (drawing.undo_count, drawing.redo_count) == (1, 0)


def test_the_tally_counts_what_holds_and_the_time_without_pauses() -> None:
    times = iter(["2026-01-01T10:00:00.000+00:00", "2026-01-01T10:01:00.000+00:00", "2026-01-01T12:00:00.000+00:00"])
    drawing = Drawing(SHAPE, PHASES, clock=lambda: next(times))
    drawing.make(paint_box(drawing, 0, 0, 0, 2, 2, 1))
    drawing.make(paint_box(drawing, 0, 0, 0, 1, 2, 2, source="accepted"))
    drawing.undo()
    tally = drawing.tally
    assert dict(tally.edits) == {("box", "drawn"): 1}
    assert (tally.undone, tally.seconds, tally.first[11:16], tally.last[11:16]) == (1, 60, "10:00", "12:00")
