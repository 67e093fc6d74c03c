"""A review visits what it should, and goes on where it stopped."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from keramos.annotation.drawing import Drawing, Edit, make_patches
from keramos.annotation.review import Stop, open_progress, plan_tour
from keramos.core import Finding, LabelVolume, PhaseTable, Volume
from keramos.core.errors import FormatError, SettingsError

PHASES = PhaseTable.from_names(["void", "solid"])


@pytest.fixture(scope="module")
def stops() -> tuple[Stop, ...]:
    """Three labelled slices; the proposal differs in a patch of one and along an outline; the model is unsure once
    beside labels and once far from them."""
    drawing = Drawing((31, 48, 48), PHASES)
    for z in (3, 9, 10, 30):
        for code, columns in ((0, slice(0, 8)), (1, slice(8, 20))):
            mask = np.zeros((48, 48), bool)
            mask[:, columns] = True
            drawing.make(Edit("brush", make_patches(z, drawing.plane(z), mask, code)))
    proposed = np.zeros((31, 48, 48), np.uint8)
    proposed[:, :, 9:] = 1
    proposed[9, 20:26, 12:20] = 0
    unsure = np.zeros(proposed.shape, np.uint8)
    unsure[10, 30:36, 20:24] = unsure[10, 5:12, 40:47] = unsure[20] = 200
    findings = [Finding("noisy-labels", "slice 30 is noisy", "the model learns noise", slices=(30, 99))]
    proposal = LabelVolume.from_array(proposed, PHASES)
    return plan_tour(drawing, proposal=proposal, uncertainty=Volume.from_array(unsure), findings=findings, between=2)


def test_passes_visit_labels_slices_between_and_doubts(stops: tuple[Stop, ...]) -> None:
    assert [(stop.review_pass, stop.z) for stop in stops] == [
        *[(1, z) for z in (3, 9, 10, 30)],
        *[(2, z) for z in (5, 7, 17, 23)],
        *[(3, 9), (3, 10), (3, 30)],
    ]
    disputed, uncertain, noisy = stops[-3:]
    assert (20 <= disputed.y < 26, 12 <= disputed.x < 20) == (True, True)
    assert disputed.why == "48 pixels of slice 9 are labelled solid, the model says void"
    assert (30 <= uncertain.y < 36, 20 <= uncertain.x < 24) == (True, True)
    assert noisy.why.startswith("slice 30 is noisy")


def test_small_spots_are_left_out_unless_asked_for() -> None:
    drawing = Drawing((3, 48, 48), PHASES)
    drawing.make(Edit("brush", make_patches(1, drawing.plane(1), np.ones((48, 48), bool), 0)))
    proposed, unsure = np.zeros((3, 48, 48), np.uint8), np.zeros((3, 48, 48), np.uint8)
    proposed[1, 2:6, 2:6] = proposed[1, 20:25, 20:25] = 1
    unsure[1, 40:44, 2:6] = unsure[1, 30:35, 30:35] = 255
    proposal, doubt = LabelVolume.from_array(proposed, PHASES), Volume.from_array(unsure)
    places = {
        least: [(stop.y, stop.x) for stop in plan_tour(drawing, proposal=proposal, uncertainty=doubt, least=least)[1:]]
        for least in (1, 17, 26)
    }
    assert [len(places[least]) for least in (1, 17, 26)] == [4, 2, 0]
    assert places[17] == [(22, 22), (32, 32)]


def test_progress_is_kept(tmp_path: Path, stops: tuple[Stop, ...]) -> None:
    progress = open_progress(tmp_path / "review.json")
    for stop, how in zip(stops, ("done", "skip", "done"), strict=False):
        progress.mark(stop.id, how)
    again = open_progress(tmp_path / "review.json")
    assert again.find_next(stops) == stops[3]
    assert again.go_back(stops) == stops[2].id
    told = open_progress(tmp_path / "review.json").to_json(stops)
    assert told["next"] == stops[2].id
    assert [row["mark"] for row in told["stops"][:3]] == ["done", "skip", None]
    assert [row["left"] for row in told["passes"]] == [2, 4, 3]


def test_other_words_and_files_are_refused(tmp_path: Path) -> None:
    progress = open_progress(tmp_path / "review.json")
    assert progress.go_back([]) is None
    with pytest.raises(SettingsError):
        progress.mark("1-3", "maybe")
    for content in ("[]", "{", '{"keramos-review": 1, "marks": 3}'):
        (tmp_path / "bad.json").write_text(content, "utf-8")
        with pytest.raises(FormatError):
            open_progress(tmp_path / "bad.json")
