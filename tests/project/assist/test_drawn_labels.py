"""Labels that were drawn or corrected by hand, told apart from accepted proposals."""

from __future__ import annotations

import numpy as np

from keramos.annotation.drawing import Drawing, Edit, make_patches, view_accepted, view_as_labels
from keramos.core import NOT_ANNOTATED, VOID_SOLID, Box, LabelVolume
from keramos.project.assist.drawn_labels import read_drawn

SHAPE = (2, 30, 40)


def test_drawn_and_corrected_labels_are_by_hand_and_accepted_ones_are_not() -> None:
    drawing = Drawing(SHAPE, VOID_SOLID)
    proposal = np.zeros(SHAPE[1:], np.uint8)
    proposal[8:20, 10:25] = 1
    drawn = np.zeros(SHAPE[1:], bool)
    drawn[5:12, 8:14] = True
    drawing.make(Edit("brush", make_patches(0, drawing.plane(0), drawn, proposal)))
    drawing.make(
        Edit(
            "accept", make_patches(0, drawing.plane(0), drawing.plane(0) == NOT_ANNOTATED, proposal), source="accepted"
        )
    )
    corrected = np.zeros(SHAPE[1:], bool)
    corrected[18:22, 22:27] = True
    drawing.make(Edit("brush", make_patches(0, drawing.plane(0), corrected, 1)))
    drawing.make(Edit("brush", make_patches(1, drawing.plane(1), drawn, proposal)))
    labels = read_drawn(view_as_labels(drawing), view_accepted(drawing))
    accepted = view_accepted(drawing).read()[0] > 0
    by_hand = labels.by_hand
    np.testing.assert_array_equal(by_hand[0], np.where(accepted, NOT_ANNOTATED, drawing.plane(0)))
    np.testing.assert_array_equal(by_hand[1], drawing.plane(1))


def test_of_saved_labels_that_do_not_say_where_they_were_accepted_all_count_as_accepted() -> None:
    drawing = Drawing(SHAPE, VOID_SOLID)
    proposal = np.indices(SHAPE[1:])[0].astype(np.uint8) % 2
    drawing.make(Edit("accept", make_patches(0, drawing.plane(0), proposal < 2, proposal), source="accepted"))
    labels = view_as_labels(drawing)
    assert not read_drawn(labels).by_hand
    assert read_drawn(labels).share_accepted == 1
    plain = LabelVolume.from_array(labels.read(Box.whole(SHAPE)), VOID_SOLID)
    assert read_drawn(plain).share_accepted == 0
