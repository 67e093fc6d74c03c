"""What `measure` refuses and what it leaves out."""

from __future__ import annotations

import numpy as np
import pytest

from keramos.core import VOID_SOLID, Box
from keramos.core.errors import LabelError, SettingsError, ShapeError
from keramos.scoring import ScoreSettings, empty_partial, finish, measure, merge

SHAPE = (2, 6, 8)
SETTINGS = ScoreSettings.of(VOID_SOLID, SHAPE)
WHOLE = Box.whole(SHAPE)


def zeros() -> np.ndarray:
    return np.zeros(SHAPE, np.uint8)


def test_a_missing_prediction_is_named_with_its_place() -> None:
    prediction = zeros()
    prediction[1, 2, 3] = 255
    with pytest.raises(LabelError, match=r"found 255 \(no prediction, but the truth is annotated\) at z=1, y=2, x=3"):
        measure(prediction, zeros(), read=WHOLE, core=WHOLE, settings=SETTINGS)


def test_a_missing_prediction_outside_the_annotation_is_fine() -> None:
    prediction, truth = zeros(), zeros()
    prediction[0], truth[0] = 255, 255
    assert measure(prediction, truth, read=WHOLE, core=WHOLE, settings=SETTINGS).confusion.sum() == 48


@pytest.mark.parametrize(("what", "where"), [("truth", 1), ("prediction", 0)])
def test_a_code_no_phase_has_is_named(what: str, where: int) -> None:
    arrays = [zeros(), zeros()]
    arrays[where][0, 0, 7] = 4
    with pytest.raises(LabelError, match=rf"the {what}'s codes to be 0 to 1 \(void, solid\), found 4 at z=0, y=0, x=7"):
        measure(*arrays, read=WHOLE, core=WHOLE, settings=SETTINGS)


def test_a_read_box_without_the_halo_is_refused() -> None:
    core = Box((0, 0, 0), (2, 6, 4))
    part = zeros()[core.slices]
    with pytest.raises(ShapeError, match="one voxel around it in y and x"):
        measure(part, part, read=core, core=core, settings=SETTINGS)


def test_arrays_that_are_not_the_read_box_are_refused() -> None:
    with pytest.raises(ShapeError, match=r"found \(2, 6, 8\) and \(1, 6, 8\)"):
        measure(zeros(), zeros()[:1], read=WHOLE, core=WHOLE, settings=SETTINGS)


def test_parts_of_different_measurements_do_not_merge() -> None:
    other = ScoreSettings(3, 0, ("a", "b", "c"), SHAPE)
    with pytest.raises(SettingsError, match="same measurement"):
        merge(empty_partial(SETTINGS), empty_partial(other))


def test_nothing_annotated_gives_none_everywhere() -> None:
    truth = np.full(SHAPE, 255, np.uint8)
    result = finish(measure(zeros(), truth, read=WHOLE, core=WHOLE, settings=SETTINGS), SETTINGS)
    assert result.voxels == 0
    assert result.mean_iou is result.accuracy is result.positive_scores.iou is None
    assert result.positive_scores.interval["iou"] is None
    assert [(row.z, row.truth, row.predicted) for row in result.per_slice] == [(0, None, 0.0), (1, None, 0.0)]


@pytest.mark.parametrize(
    "wrong",
    [
        {"classes": 1, "names": ("a",), "positive": 0},
        {"names": ("a",)},
        {"positive": 2},
        {"shape": (0, 1, 1)},
        {"cell": (1, 0, 1)},
        {"z_per_y": 0.0},
    ],
)
def test_settings_that_make_no_sense_are_refused(wrong: dict) -> None:
    with pytest.raises(SettingsError, match="expected"):
        ScoreSettings(**{"classes": 2, "positive": 1, "names": ("void", "solid"), "shape": SHAPE, **wrong})
