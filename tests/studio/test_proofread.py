"""Proofreading through the server: places, decisions, numbers, and all of it again after a restart."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from studio_browser import Browser, open_tab, run_studio

from keramos.annotation.drawing import save_drawing
from keramos.annotation.proofreading import decisions
from keramos.apps.studio import open_proofreading, proofreading_work
from keramos.apps.studio.open_proofreading import OpenProofreading
from keramos.apps.studio.workers.proofread import do_task
from keramos.core import LabelVolume, PhaseTable, Volume
from keramos.core.errors import KeramosError, StorageError
from keramos.core.progress import Reporter
from keramos.io import open_labels, save_labels, save_volume
from keramos.project.proofreading import Proofreading

SHAPE = (16, 24, 24)


class ThreadWorker:
    """Does what the worker process does, in a thread."""

    def __init__(self, _: str, *, receive: Callable[[Any], None], ended: Callable[[int, str], None], **__: Any) -> None:
        self._receive, self._ended = receive, ended

    def send(self, message: dict[str, Any]) -> bool:
        if message["type"] == "cancel":
            self._ended(1, "")
        elif message.get("kinds") != ["necks"]:  # looking for these lasts until it is stopped
            threading.Thread(target=self._run, args=(message,)).start()
        return True

    def end(self) -> None:
        pass

    def _run(self, message: dict[str, Any]) -> None:
        try:
            self._receive({"type": "result", "result": do_task(message, Reporter())})
        except KeramosError as error:
            self._receive({"type": "error", "message": str(error)})
        self._ended(0, "")


@pytest.fixture
def stack(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A stack, and a segmentation with a bridge and a speck beside it."""
    monkeypatch.setattr(proofreading_work, "WorkerProcess", ThreadWorker)
    monkeypatch.chdir(tmp_path)
    codes = np.zeros(SHAPE, np.uint8)
    codes[:, 2:10] = 1
    codes[:, 14:22] = 1
    codes[6:8, 10:14, 5:7] = 1
    codes[3, 12, 18:20] = 1
    save_volume(tmp_path / "stack.ome.zarr", Volume.from_array(codes * 100, (10, 10, 10)))
    labels = LabelVolume.from_array(codes, PhaseTable.from_names(["void", "solid"]), (10, 10, 10))
    save_labels(tmp_path / "segmentation.ome.zarr", labels)
    return tmp_path / "stack.ome.zarr"


def ask(browser: Browser, path: str, body: Any = None, *, status: int = 200) -> dict[str, Any]:
    answer = browser.ask("GET" if body is None else "POST", path, body)
    assert answer[0] == status, answer[2]
    content: dict[str, Any] = json.loads(answer[2])
    return content


def wait_for_worker(browser: Browser, tab: Any) -> dict[str, Any]:
    while (told := ask(browser, "/api/proofread"))["task"] is not None:
        tab.wait_for("proofread")
    assert told["error"] == ""
    return told


def test_places_are_decided_on_and_measured_again(stack: Path, tmp_path: Path) -> None:
    project = tmp_path / "project"
    with run_studio(project, stack) as browser, open_tab(browser) as tab:
        assert ask(browser, "/api/proofread")["layer"] is None
        layer = ask(browser, "/api/layers", {"path": "segmentation.ome.zarr"})["name"]
        ask(browser, "/api/proofread/decide", {"id": "x", "choice": "flip"}, status=400)
        ask(browser, "/api/proofread/find", {"layer": layer})
        told = wait_for_worker(browser, tab)
        first = told["places"][0]
        assert (first["kind"], told["next"], told["left"]) == ("necks", first["id"], len(told["places"]))
        assert "mask" not in first
        told = ask(browser, "/api/proofread/decide", {"id": first["id"], "choice": "flip"})
        assert told["next"] == told["places"][1]["id"]
        tile = np.frombuffer(browser.get("/tiles/corrections/xy/0/6/0/0")[2], np.uint8).reshape(SHAPE[1:])
        assert np.argwhere(tile != 255).tolist() == [[y, x] for y in range(10, 14) for x in (5, 6)]
        assert ask(browser, "/api/proofread/back", {})["next"] == first["id"]
        assert set(browser.get("/tiles/corrections/xy/0/6/0/0")[2]) == {255}
        ask(browser, "/api/proofread/decide", {"id": first["id"], "choice": "flip"})
        tab.paint(6, 5, 11, phase=1)
        ask(browser, "/api/proofread/labels", {})
        labels = np.frombuffer(browser.get("/tiles/labels/xy/0/6/0/0")[2], np.uint8).reshape(SHAPE[1:])
        assert (labels[13, 6], labels[11, 5], labels[13, 20]) == (0, 1, 255)
        for task in ("measure", "save"):
            ask(browser, "/api/proofread/run", {"task": task})
            told = wait_for_worker(browser, tab)
        largest = next(
            row for row in told["numbers"]["changes"] if row["id"] == "largest-component" and row["phase"] == "solid"
        )
        assert (largest["before"] > 0.99, largest["after"]) == (True, pytest.approx(0.5, abs=1e-3))
        assert told["numbers_are_new"]
    (corrected,) = project.glob("proofreading/*/corrected.ome.zarr")
    assert open_labels(corrected).read()[6, 12, 5] == 0
    assert str(tmp_path) not in (project / "proofreading" / "current.json").read_text("utf-8")
    with run_studio(project, stack) as browser:
        again = ask(browser, "/api/proofread")
        assert (again["count"], again["next"]) == (1, told["next"])
        assert browser.get("/tiles/corrections/xy/0/6/0/0")[2].count(b"\xff") == SHAPE[1] * SHAPE[2] - 8


def test_a_decision_is_on_the_disk_with_its_correction_or_not_at_all(
    stack: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    files = Proofreading(stack.with_name("segmentation.ome.zarr"), tmp_path / "proofreading")
    files.find_places(kinds=["necks", "specks"])
    now = OpenProofreading.open("segmentation", files)
    first, second = now.places[:2]

    def refuse(*_: Any, **__: Any) -> None:
        raise StorageError("the disk is full")

    with monkeypatch.context() as patch:
        patch.setattr(decisions, "append_whole", refuse)
        with pytest.raises(StorageError):
            now.decide(first, "flip", "")
    assert (now.drawing.counts(), now.decisions.made, now.changed) == ({}, (), [])
    with monkeypatch.context() as patch:
        patch.setattr(now.drawing, "make", refuse)
        with pytest.raises(StorageError):
            now.decide(first, "flip", "")
    assert OpenProofreading.open("segmentation", files).decisions.made == ()
    now.decide(second, "flip", "")
    again = OpenProofreading.open("segmentation", files)
    assert (again.drawing.counts(), len(again.decisions.made)) == (now.drawing.counts(), 1)
    again.take_back()
    assert again.drawing.counts() == {}


def test_one_draws_on_while_drawn_labels_are_saved_for_the_worker(
    stack: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    saves, go_on = threading.Event(), threading.Event()

    def save(*arguments: Any) -> None:
        saves.set()
        assert go_on.wait(10)
        save_drawing(*arguments)

    monkeypatch.setattr(open_proofreading, "save_drawing", save)
    with run_studio(tmp_path / "project", stack) as browser, open_tab(browser) as tab:
        layer = ask(browser, "/api/layers", {"path": "segmentation.ome.zarr"})["name"]
        ask(browser, "/api/proofread/find", {"layer": layer})
        first = wait_for_worker(browser, tab)["places"][0]
        ask(browser, "/api/proofread/decide", {"id": first["id"], "choice": "redraw"})
        tab.paint(6, 5, 11, phase=0, options={"radius": 1})
        assert ask(browser, "/api/proofread/run", {"task": "save"})["task"]["name"] == "save"
        assert saves.wait(10)
        assert tab.paint(6, 20, 20)["type"] == "saved"
        assert ask(browser, "/api/proofread/stop", {})["error"] == ""
        go_on.set()
        wait_for_worker(browser, tab)
        ask(browser, "/api/proofread/run", {"task": "save"})
        wait_for_worker(browser, tab)
    (corrected,) = (tmp_path / "project").glob("proofreading/*/corrected.ome.zarr")
    codes = open_labels(corrected).read()[6]
    assert (codes[11, 5], codes[13, 6], codes[20, 20]) == (0, 1, 1)


def test_places_are_looked_for_in_a_part_of_the_stack(stack: Path, tmp_path: Path) -> None:
    with run_studio(tmp_path / "project", stack) as browser, open_tab(browser) as tab:
        layer = ask(browser, "/api/layers", {"path": "segmentation.ome.zarr"})["name"]
        told = ask(browser, "/api/proofread/find", {"layer": layer, "slices": [1, 4]})
        assert told["task"]["seconds_left"] is None
        told = wait_for_worker(browser, tab)
        assert [row["centre"][0] for row in told["places"]] == [3]
        assert told["searched"]["box"] == [[1, 0, 0], [5, 24, 24]]
        assert told["searched"]["sentence"].startswith("These places are of slices 1 to 4, rows 0 to 23")
        ask(browser, "/api/proofread/find", {"layer": layer, "box": [[4, 0, 0], [10, 24, 12]]})
        assert {row["kind"] for row in wait_for_worker(browser, tab)["places"]} <= {"necks", "gaps"}
        for part in (
            {"slices": [4, 1]},
            {"slices": [0, 16]},
            {"slices": 3},
            {"box": [[0, 0], [1, 1]]},
            {"slices": [0.5, 2]},
        ):
            ask(browser, "/api/proofread/find", {"layer": layer, **part}, status=400)
        ask(browser, "/api/proofread/find", {"layer": layer})
        assert wait_for_worker(browser, tab)["searched"] is None


def test_a_search_is_stopped(stack: Path, tmp_path: Path) -> None:
    with run_studio(tmp_path / "project", stack) as browser:
        layer = ask(browser, "/api/layers", {"path": "segmentation.ome.zarr"})["name"]
        told = ask(browser, "/api/proofread/find", {"layer": layer, "kinds": ["necks"]})
        assert told["task"]["name"] == "find"
        assert "wait" in ask(browser, "/api/proofread/find", {"layer": layer}, status=400)["error"]
        told = ask(browser, "/api/proofread/stop", {})
        assert (told["task"], told["error"]) == (None, "")


def test_nonsense_is_refused(stack: Path, tmp_path: Path) -> None:
    with run_studio(tmp_path / "project", stack) as browser:
        for path, body in [
            ("/api/proofread/find", {"layer": "images"}),
            ("/api/proofread/find", {"layer": 3}),
            ("/api/proofread/find", {"layer": "nothing", "kinds": "all"}),
            ("/api/proofread/run", {"task": "burn"}),
        ]:
            assert ask(browser, path, body, status=400)["error"]
