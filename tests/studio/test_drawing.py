"""Gestures of a tab are saved, told to all tabs, and there again when the studio is opened the next time."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from studio_browser import Browser, open_tab, pixels_of, run_studio

from keramos.apps.studio.label_saver import LabelSaver, copy_drawing
from keramos.io import open_labels

DISC = [(-2, 1), (-1, 3), (0, 5), (1, 3), (2, 1)]
"""Rows of a disc of radius 2, with the voxels in each."""


def codes_of(patch: dict[str, Any]) -> np.ndarray:
    codes = np.frombuffer(base64.b64decode(patch["codes"]), np.uint8)
    return codes.reshape(patch["height"], patch["width"])


def label_tile(browser: Browser, address: str) -> np.ndarray:
    return pixels_of(browser, f"/tiles/labels/{address}")


def test_a_stroke_is_answered_with_what_it_changed(browser: Browser) -> None:
    with open_tab(browser) as tab:
        answer = tab.paint(5, 40, 30)
    assert (answer["type"], answer["undo"], answer["redo"]) == ("saved", answer["number"], 0)
    (patch,) = answer["patches"]
    assert (patch["z"], patch["y"], patch["x"]) == (5, 28, 38)
    assert [int((row == 1).sum()) for row in codes_of(patch)] == [count for _, count in DISC]
    tile = label_tile(browser, "xy/0/5/0/0")
    assert (tile[28:33, 38:43] == codes_of(patch)).all()
    assert np.count_nonzero(tile != 255) == sum(count for _, count in DISC)
    assert browser.project()["annotated"] == [5]


def test_labels_are_seen_on_all_planes_and_levels(browser: Browser) -> None:
    with open_tab(browser) as tab:
        tab.paint(9, 100, 200, phase=0)
    assert label_tile(browser, "xz/0/200/0/0")[9, 98:103].tolist() == [0] * 5
    assert label_tile(browser, "yz/0/100/0/0")[198:203, 9].tolist() == [0] * 5
    assert label_tile(browser, "xy/1/9/0/0")[100, 50] == 0


def test_undo_and_redo_are_told_to_all_tabs(browser: Browser) -> None:
    with open_tab(browser) as tab, open_tab(browser, draws=False) as other:
        tab.paint(3, 10, 10)
        undone, redone = tab.do("undo"), tab.do("redo")
        seen = [other.wait_for("saved") for _ in range(3)]
        tab.do("undo")
    assert (codes_of(undone["patches"][0]) == 255).all()
    assert (codes_of(redone["patches"][0]) == 1).sum() == 13
    assert [answer["number"] for answer in seen][1:] == [undone["number"], redone["number"]]
    assert 3 not in browser.project()["annotated"]


def test_a_gesture_that_is_sent_again_is_done_once(browser: Browser) -> None:
    gesture = {"tool": "brush", "z": 7, "phase": 1, "points": [[5, 5, 1]], "options": {"radius": 1}}
    with open_tab(browser) as tab:
        first = tab.do("gesture", gesture=gesture, id=987654)
        tab.do("undo")
        again = tab.do("gesture", gesture=gesture, id=987654)
    assert again["number"] == first["number"] + 1
    assert (codes_of(again["patches"][0]) == 255).all()


def test_one_tab_draws_and_others_look_on_until_they_take_over(browser: Browser) -> None:
    with open_tab(browser) as tab, open_tab(browser, draws=False) as other:
        role = other.wait_for("writer")
        assert (role["mine"], "another tab" in role["message"]) == (False, True)
        refusal = other.paint(1, 5, 5)
        assert (refusal["type"], "another tab draws" in refusal["message"]) == ("refused", True)
        other.send({"type": "take-writing"})
        while tab.wait_for("writer")["mine"]:
            pass
        assert tab.paint(1, 5, 5)["type"] == "refused"
        assert other.paint(1, 5, 5)["type"] == "saved"
        other.do("undo")


def test_a_tab_that_looks_on_changes_nothing_by_other_ways_either(browser: Browser) -> None:
    with open_tab(browser, draws=False) as first, open_tab(browser, draws=False) as second:
        keys = [tab.wait_for("writer")["page"] for tab in (first, second)]
        first.send({"type": "take-writing"})
        while not first.wait_for("writer")["mine"]:
            pass
        learning = [f"assist/{name}" for name in ("propose", "learn", "stop", "use", "suggest", "compare")]
        drawing = ["phases", "labels", "labels/save", "layers", "proofread/labels", "review/mark"]
        requests = [("POST", path) for path in ("run", "cancel", "resume", *learning, *drawing)]
        for method, path in (*requests, ("DELETE", "layers/proposal")):
            status, _, body = browser.ask(method, f"/api/{path}", {}, X_Page=keys[1])
            assert (status, b"another tab draws" in body) == (400, True), path
        status, _, body = browser.ask("POST", "/api/phases", {}, X_Page=keys[0])
        assert b"phases are a list" in body


def test_earlier_labels_never_replace_later_ones(browser: Browser) -> None:
    studio = browser.studio
    with open_tab(browser) as tab:
        tab.paint(2, 20, 20)
        earlier = copy_drawing(studio.editor.drawing)
        tab.paint(2, 40, 40)
        later = copy_drawing(studio.editor.drawing)
        saver = LabelSaver(studio.workspace, studio.images, "")
        for number, drawing in (later, earlier):
            saver.save(number, drawing)
        assert open_labels(studio.workspace.labels).read()[2, 40, 40] == 1
        tab.do("undo")
        tab.do("undo")


def test_what_fails_at_the_end_keeps_nothing_else_from_being_saved_and_closed(stack: Path, tmp_path: Path) -> None:
    ended = []

    def fail() -> None:
        raise OSError("this does not end")

    with run_studio(tmp_path / "project", stack) as browser, open_tab(browser) as tab:
        tab.paint(4, 50, 60)
        studio = browser.studio
        studio.closing += [fail, lambda: ended.append("worker")]
        studio.view.write = fail  # type: ignore[method-assign]
        with pytest.raises(OSError, match="does not end"):
            studio.close()
        assert ended == ["worker"]
        assert (open_labels(studio.workspace.labels).read()[4] == 1).sum() == 13
        assert studio.workspace.journal.with_suffix(".snapshot").is_file()
        with pytest.raises(RuntimeError, match="shutdown"):
            studio.readers.submit(fail)
        studio.closing.clear()
        studio.view.write = lambda: None  # type: ignore[method-assign]


def test_phases_are_named_and_added(browser: Browser) -> None:
    rows = [{"name": "pore", "colour": "#112233"}, {"name": "nickel", "colour": "#445566"}]
    rows.append({"name": "YSZ", "colour": "#778899"})
    status, _, body = browser.ask("POST", "/api/phases", {"phases": rows, "positive": "nickel"})
    assert status == 200, body
    assert browser.project()["phases"] == [{"code": code, **row} for code, row in enumerate(rows)]
    with open_tab(browser) as tab:
        assert tab.paint(2, 20, 20, phase=2)["type"] == "saved"
        assert "phases" in tab.paint(2, 20, 20, phase=3)["message"]
    status, _, body = browser.ask("POST", "/api/phases", {"phases": rows[:2]})
    assert (status, "pore, nickel, YSZ" in json.loads(body)["error"]) == (400, True)


def test_phases_are_removed_while_nothing_is_drawn_with_them(stack: Path, tmp_path: Path) -> None:
    rows: list[dict[str, Any]] = [{"name": name, "colour": "#abcdef"} for name in ("a", "b", "c", "d")]
    coded = [{**row, "code": code} for code, row in enumerate(rows)]

    def give(browser: Browser, phases: list[dict[str, Any]]) -> int:
        status: int = browser.ask("POST", "/api/phases", {"phases": phases})[0]
        return status

    with run_studio(tmp_path / "project", stack) as browser, open_tab(browser) as tab:
        assert give(browser, rows) == 200
        tab.paint(4, 50, 60, phase=1)
        assert give(browser, [coded[0], *coded[2:]]) == 400  # the labels of b would be of c
        assert give(browser, [*coded[:2], coded[3]]) == 200
        tab.paint(4, 90, 60, phase=2)
        tab.do("undo")
        assert give(browser, coded[:2]) == 400  # redo brings it back
        tab.paint(4, 90, 60, phase=0)
        assert give(browser, coded[:2]) == 200
    with run_studio(tmp_path / "project", stack) as browser:
        assert [phase["name"] for phase in browser.project()["phases"]] == ["a", "b"]


def test_everything_is_there_again(stack: Path, tmp_path: Path) -> None:
    folder, rows = tmp_path / "project", [{"name": name, "colour": "#abcdef"} for name in ("a", "b", "c")]
    view = {"position": {"z": 4, "y": 1, "x": 2}}
    with run_studio(folder, stack) as browser, open_tab(browser) as tab:
        browser.ask("POST", "/api/phases", {"phases": rows})
        tab.send({"type": "view", "view": view})
        tab.paint(4, 50, 60, phase=2)
        tab.paint(4, 90, 60, phase=0)
        tab.do("undo")
    labels = open_labels(folder / "labels.ome.zarr")
    assert (labels.phases.names, labels.provenance.steps[0].verb) == (("a", "b", "c"), "annotate")
    assert np.unique(labels.read(), return_counts=True)[1].tolist() == [13, labels.box.voxels - 13]
    with run_studio(folder, stack) as browser, open_tab(browser) as tab:
        project = browser.project()
        assert (project["annotated"], project["view"]) == ([4], view)
        assert [phase["name"] for phase in project["phases"]] == ["a", "b", "c"]
        assert (label_tile(browser, "xy/0/4/0/0") == 2).sum() == 13
        assert (codes_of(tab.do("redo")["patches"][0]) == 0).sum() == 13
        assert tab.do("undo")["undo"] == 1
