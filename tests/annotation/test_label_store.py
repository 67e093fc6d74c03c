"""Drawings saved as label stores, read by everything that reads labels, and label files opened as drawings."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from drawings import PHASES, SHAPE, paint_box, planes_of

from keramos.annotation.drawing import (
    UNSURE,
    Drawing,
    add_labels,
    describe_record,
    identify_stack,
    make_record,
    save_drawing,
    share_accepted,
    view_as_labels,
)
from keramos.core import NOT_ANNOTATED, Box, LabelVolume, PhaseTable, Volume, VoxelSize
from keramos.core.errors import LabelError, ShapeError, StorageError
from keramos.io import open_accepted, open_labels, save_labels


@pytest.fixture
def drawing() -> Drawing:
    """Labels drawn, accepted, corrected and not sure, on two of three slices."""
    times = iter(f"2026-01-01T10:{minute:02}:00.000+00:00" for minute in range(60))
    drawn = Drawing(SHAPE, PHASES, clock=lambda: next(times))
    drawn.make(paint_box(drawn, 0, 0, 0, 4, 5, 0, source="accepted"))
    drawn.make(paint_box(drawn, 0, 0, 0, 2, 2, 1))
    drawn.make(paint_box(drawn, 2, 0, 0, 3, 3, 2))
    drawn.make(paint_box(drawn, 2, 0, 0, 1, 3, UNSURE))
    return drawn


def test_saved_labels_are_read_as_labels_with_the_record(drawing: Drawing, tmp_path: Path) -> None:
    path = tmp_path / "labels.ome.zarr"
    save_drawing(path, drawing, VoxelSize(10, 5, 5), stack="abc")
    labels = open_labels(path)
    codes = planes_of(drawing)[0]
    np.testing.assert_array_equal(labels.read(), np.where(codes == UNSURE, NOT_ANNOTATED, codes))
    assert (labels.phases, labels.voxel_size) == (PHASES, VoxelSize(10, 5, 5))
    (step,) = labels.provenance.steps
    assert (step.verb, step.inputs) == ("annotate", {"images": "abc"})
    assert step.parameters == make_record(drawing)
    assert not labels.findings
    np.testing.assert_array_equal(view_as_labels(drawing).read(), labels.read())


def test_the_share_of_accepted_labels_is_known_of_saved_drawings(drawing: Drawing, tmp_path: Path) -> None:
    save_drawing(tmp_path / "labels.ome.zarr", drawing)
    assert share_accepted(open_labels(tmp_path / "labels.ome.zarr")) == 16 / 26
    save_labels(tmp_path / "others.ome.zarr", LabelVolume.from_array(np.zeros(SHAPE, np.uint8), PHASES))
    assert share_accepted(open_labels(tmp_path / "others.ome.zarr")) == 0


def test_saved_labels_say_which_of_them_are_accepted_proposals(drawing: Drawing, tmp_path: Path) -> None:
    save_drawing(tmp_path / "labels.ome.zarr", drawing)
    marks = open_accepted(tmp_path / "labels.ome.zarr")
    assert marks is not None
    expected = np.zeros(SHAPE, np.uint8)
    expected[0, :4, :5] = 1
    expected[0, :2, :2] = 0
    np.testing.assert_array_equal(marks.read(), expected)
    by_hand = Drawing(SHAPE, PHASES)
    by_hand.make(paint_box(by_hand, 0, 0, 0, 2, 2, 1))
    save_drawing(tmp_path / "labels.ome.zarr", by_hand)
    assert open_accepted(tmp_path / "labels.ome.zarr") is None


def test_the_record_counts_what_is_saved(drawing: Drawing) -> None:
    record = make_record(drawing)
    assert record == {
        "slices": [0, 2],
        "of_slices": 3,
        "voxels": {"void": 16, "solid": 4, "third": 6},
        "not_sure": 3,
        "sources": {"drawn": 6, "accepted": 16, "corrected": 4},
        "edits": [
            {"tool": "box", "source": "accepted", "count": 1},
            {"tool": "box", "source": "drawn", "count": 3},
        ],
        "undone": 0,
        "begun": "2026-01-01T10:00:00.000+00:00",
        "ended": "2026-01-01T10:03:00.000+00:00",
        "minutes": 3.0,
    }
    text = describe_record(record)
    assert (
        "2 of 3 slices (slices 0, 2) on 2026-01-01, in 3 minutes: 26 voxels, 23 % drawn by hand, 62 % accepted" in text
    )
    assert "15 % corrected by hand. Tools: box (4). 3 voxels that were marked as not sure" in text
    assert describe_record(make_record(Drawing(SHAPE, PHASES))) == "No labels were drawn."


def test_only_a_saved_drawing_is_replaced(drawing: Drawing, tmp_path: Path) -> None:
    path = tmp_path / "labels.ome.zarr"
    save_drawing(path, drawing)
    drawing.make(paint_box(drawing, 1, 0, 0, 2, 2, 1))
    save_drawing(path, drawing)
    assert (open_labels(path).read()[1, :2, :2] == 1).all()
    made = LabelVolume.from_array(np.zeros(SHAPE, np.uint8), PHASES)
    save_labels(tmp_path / "made.ome.zarr", made)
    (tmp_path / "text").write_text("mine")
    for taken in ("made.ome.zarr", "text"):
        with pytest.raises(StorageError, match="something else than labels saved from a drawing"):
            save_drawing(tmp_path / taken, drawing)
    assert (tmp_path / "text").read_text() == "mine"
    assert sorted(place.name for place in tmp_path.iterdir()) == ["labels.ome.zarr", "made.ome.zarr", "text"]


def test_saving_a_few_slices_of_a_large_stack_writes_only_these(tmp_path: Path) -> None:
    drawing = Drawing((4000, 512, 512), PHASES)
    drawing.make(paint_box(drawing, 1234, 300, 300, 50, 50, 1))
    save_drawing(tmp_path / "labels.ome.zarr", drawing)
    chunks = [place for place in (tmp_path / "labels.ome.zarr").rglob("c/*/*/*") if place.is_file()]
    levels = {place.parts[-5] for place in chunks}
    assert len(chunks) == len(levels) == len(list((tmp_path / "labels.ome.zarr/labels/labels").glob("?")))
    labels = open_labels(tmp_path / "labels.ome.zarr")
    assert (labels.read(Box((1234, 0, 0), (1235, 512, 512))) == 1).sum() == 2500


def test_a_label_file_is_the_start_of_a_drawing(tmp_path: Path) -> None:
    codes = np.full(SHAPE, NOT_ANNOTATED, np.uint8)
    codes[1], codes[2, :3] = 1, 0
    np.save(tmp_path / "labels.npy", codes)
    drawing = Drawing(SHAPE, PHASES)
    drawing.make(paint_box(drawing, 2, 0, 0, 1, 4, 2))
    labels = open_labels(tmp_path / "labels.npy", phases=PhaseTable.from_names(["solid", "void"]))
    assert add_labels(drawing, labels) == (1, 2)
    np.testing.assert_array_equal(drawing.plane(1), np.zeros(SHAPE[1:]))
    assert drawing.counts(2) == {1: 26, 2: 4}
    assert drawing.source_counts() == {"opened": 80 + 26, "drawn": 4}
    assert make_record(drawing)["edits"][1] == {"tool": "open", "source": "opened", "count": 2}
    drawing.undo()
    drawing.undo()
    assert drawing.counts() == {2: 4}
    assert add_labels(drawing, labels, keep=False) == (1, 2)
    assert drawing.counts(2) == {1: 30}


def test_a_saved_drawing_opens_as_the_start_of_another(drawing: Drawing, tmp_path: Path) -> None:
    save_drawing(tmp_path / "labels.ome.zarr", drawing)
    other = Drawing(SHAPE, PHASES)
    add_labels(other, open_labels(tmp_path / "labels.ome.zarr"))
    codes = planes_of(drawing)[0]
    np.testing.assert_array_equal(planes_of(other)[0], np.where(codes == UNSURE, NOT_ANNOTATED, codes))


def test_labels_of_one_slice_need_its_number() -> None:
    drawing, one = Drawing(SHAPE, PHASES), LabelVolume.from_array(np.ones((1, *SHAPE[1:]), np.uint8), PHASES)
    assert add_labels(drawing, one, z=2) == (2,)
    for z in (None, 3, -1):
        with pytest.raises(ShapeError, match="say of which, from 0 to 2"):
            add_labels(drawing, one, z=z)


def test_labels_that_do_not_fit_are_refused() -> None:
    drawing = Drawing(SHAPE, PHASES)
    wrong = LabelVolume.from_array(np.zeros((3, 8, 9), np.uint8), PHASES)
    with pytest.raises(ShapeError, match=r"has \(3, 8, 9\) voxels"):
        add_labels(drawing, wrong)
    other = LabelVolume.from_array(np.zeros(SHAPE, np.uint8), PhaseTable.from_names(["void", "nickel"]))
    with pytest.raises(LabelError, match="void, nickel, and the drawing void, solid, third; name the phases alike"):
        add_labels(drawing, other)
    assert drawing.number == 0


def test_stacks_are_told_apart_by_their_pixels(tmp_path: Path) -> None:
    stack = np.random.default_rng(0).integers(0, 60_000, (9, 8, 8)).astype(np.uint16)
    known = identify_stack(Volume.from_array(stack))
    assert identify_stack(Volume.from_array(stack.astype(">u2"), name="copy")) == known
    others = [stack.astype(np.uint32), stack[:8], stack.reshape(9, 4, 16)]
    for z in (0, 2, 4, 6, 8):
        changed = stack.copy()
        changed[z, 3, 3] ^= 1
        others.append(changed)
    assert known not in [identify_stack(Volume.from_array(other)) for other in others]
