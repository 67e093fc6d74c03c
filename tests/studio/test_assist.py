"""The assistant beside the drawing: what comes first, what is told, and what a death of its process does."""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from studio_browser import Browser, open_tab, run_studio

from keramos.annotation.drawing import Drawing, Edit, make_patches, save_drawing
from keramos.apps.studio.workers import assist_process, assistant
from keramos.apps.studio.workers.assistant import AssistantWorker
from keramos.core import NOT_ANNOTATED, VOID_SOLID, Volume, VoxelSize
from keramos.io import open_labels, save_volume
from keramos.learning import clock
from keramos.project.assist import lessons
from keramos.project.workspace import Workspace, open_project
from keramos.settings.studio import StudioSettings

TWO = [{"name": "void", "colour": "#000000"}, {"name": "solid", "colour": "#ffffff"}]
PHASES: dict[str, Any] = {"phases": TWO, "positive": "solid"}


@pytest.fixture(scope="module")
def squares(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A stack of dark and bright squares."""
    path = tmp_path_factory.mktemp("squares") / "stack.ome.zarr"
    _, y, x = np.indices((5, 80, 96))
    grey = np.where((y // 20 + x // 20) % 2, 190, 60) + np.random.default_rng(0).normal(0, 8, y.shape)
    save_volume(path, Volume.from_array(grey.clip(0, 255).astype(np.uint8), VoxelSize(20, 26.4, 20.8)))
    return path


class Recorder:
    """A channel that keeps what is sent, and sends the worker more while it works."""

    def __init__(self) -> None:
        self.sent: list[Mapping[str, Any]] = []
        self.worker: AssistantWorker | None = None
        self.meanwhile: list[tuple[str, Mapping[str, Any]]] = []

    def send(self, message: Mapping[str, Any]) -> None:
        json.dumps(message, allow_nan=False)
        self.sent.append(message)
        if self.meanwhile and self.worker and message["type"] == self.meanwhile[0][0]:
            self.worker.receive(self.meanwhile.pop(0)[1])

    def kinds(self) -> list[str]:
        return [str(message["type"]) for message in self.sent if message["type"] != "progress"]

    def answer(self, number: int) -> Any:
        return next(message for message in self.sent if message.get("id") == number)


@pytest.fixture
def project(squares: Path, tmp_path: Path) -> tuple[Workspace, Volume]:
    return open_project(StudioSettings(stack=str(squares), project=tmp_path / "project"))


@pytest.fixture
def ear(project: tuple[Workspace, Volume], monkeypatch: pytest.MonkeyPatch) -> Recorder:
    for name, value in {"_LEAST_TRAINING_S": 0.2, "CROP": 48, "BATCH": 2}.items():
        monkeypatch.setattr(lessons, name, value)
    monkeypatch.setattr(clock, "now", time.process_time)  # other work on the machine decides nothing
    recorder = Recorder()
    recorder.worker = AssistantWorker(recorder, project[0])  # type: ignore[arg-type]
    return recorder


def serve(ear: Recorder, *requests: Mapping[str, Any]) -> None:
    """Let the worker serve requests until there is nothing to do."""
    assert ear.worker is not None
    for request in requests:
        ear.worker.receive(request)
    while ear.worker._requests or ear.worker._whole_stack:
        ear.worker.serve_next()


def test_learning_saves_proposes_scores_and_goes_on_with_the_stack(
    ear: Recorder, project: tuple[Workspace, Volume]
) -> None:
    workspace, images = project
    codes = np.full(images.shape[1:], NOT_ANNOTATED, np.uint8)
    codes[::4] = (images.read()[2] > 125)[::4]
    codes[0] = 254
    drawing = Drawing(images.shape, VOID_SOLID)
    drawing.make(Edit("brush", make_patches(2, drawing.plane(2), codes != NOT_ANNOTATED, codes)))
    save_drawing(workspace.labels, drawing)
    assert (open_labels(workspace.labels).read()[2, 0] == NOT_ANNOTATED).all()
    # While it learns, the slice in view is asked for: it is proposed before the training is over.
    ear.meanwhile = [("progress", {"type": "propose", "id": 9, "z": 4})]
    serve(ear, {"type": "open", "id": 1, **PHASES}, {"type": "learn", "id": 2, "z": 3, "slices": [2], "seconds": 0.1})
    kinds = ear.kinds()
    assert ear.answer(9)["result"] is True
    assert kinds.index("proposed") < kinds.index("learnt") < kinds.index("status") < kinds.index("whole-stack")
    proposed = [(message["slices"], message["model"]) for message in ear.sent if message["type"] == "proposed"]
    assert proposed[:2] == [([4], 0), ([4], 1)]  # the slice in view has changed meanwhile
    assert {z for (z,), model in proposed if model == 1} == {0, 1, 2, 3, 4}
    status = ear.worker._status()  # type: ignore[union-attr]
    assert (status["current"], status["proposed"], status["models"][0]["slices"]) == (1, 5, (2,))


def test_a_stop_ends_the_proposing_of_the_stack_and_nothing_is_told_of_it_afterwards(
    ear: Recorder, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert ear.worker is not None
    worker = ear.worker
    serve(ear, {"type": "open", "id": 1, **PHASES})

    def propose(z: int) -> bool:
        worker.receive({"type": "stop"})
        return True

    monkeypatch.setattr(worker._beside, "propose", propose)
    ear.sent.clear()
    worker._whole_stack = True
    worker._propose_some()
    told = [message for message in ear.sent if message["type"] in ("progress", "whole-stack")]
    assert told == [{"type": "whole-stack", "state": "cancelled"}]


def test_a_stop_ends_what_was_asked_for_before_it_though_it_has_not_begun(
    ear: Recorder, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert ear.worker is not None
    worker, stopped = ear.worker, list[bool]()
    serve(ear, {"type": "open", "id": 1, **PHASES})

    def learn(*_: Any, stop: Callable[[], bool], **__: Any) -> None:
        stopped.append(stop())

    monkeypatch.setattr(worker._beside, "learn", learn)
    monkeypatch.setattr(assistant, "open_labels", lambda _: None)
    monkeypatch.setattr(worker, "_make_proposal", lambda _: True)
    for kind in ("learn", "propose_all", "stop", "learn", "propose_all"):
        worker.receive({"type": kind, "id": 2, "z": 0})
    worker.serve_next()
    worker.serve_next()
    assert (stopped, worker._whole_stack) == ([True], False)
    worker.serve_next()
    worker.serve_next()
    assert (stopped, worker._whole_stack) == ([True, False], True)


def test_of_the_jobs_of_a_long_day_the_last_ones_are_listed(tmp_path: Path) -> None:
    process = assist_process.AssistProcess(tmp_path, tmp_path, lambda _: None, lambda _: None)
    jobs = [process._add_job("Learn") for _ in range(250)]
    for job in jobs[1:]:
        job.end("done")
    process._add_job("Learn")
    kept = process.list_jobs()
    assert [job.id for job in kept] == [-1, *range(-151, -252, -1)]


def test_what_cannot_be_done_is_one_sentence_and_the_worker_lives(ear: Recorder) -> None:
    serve(ear, {"type": "propose", "id": 1, "z": 0}, {"type": "dance", "id": 2})
    three = [*TWO, {"name": "crack", "colour": "#ff0000"}]
    serve(ear, {"type": "open", "id": 3, "phases": three, "positive": "solid"}, {"type": "propose", "id": 4, "z": 0})
    serve(ear, {"type": "learn", "id": 5, "z": 0}, {"type": "status", "id": 6})
    kinds = [ear.answer(number)["type"] for number in range(1, 7)]
    assert kinds == ["refused", "refused", "answer", "refused", "refused", "answer"]
    assert "nothing is proposed until something is learnt" in ear.answer(4)["message"]


FAKE = """
import json, sys
for line in sys.stdin:
    request = json.loads(line)
    kind, number = request["type"], request["id"]
    if kind == "suggest": sys.exit(7)
    if kind == "learn": print(json.dumps({"type": "progress", "task": "train", "unit": "%", "done": 5, "total": 100}))
    if kind == "learn": print("chatter")
    result = {"current": 0, "models": []} if kind == "open" else {"kind": kind, "slices": request.get("slices")}
    print(json.dumps({"type": "answer", "id": number, "result": result}), flush=True)
"""


@pytest.fixture
def quick(squares: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Browser]:
    """A studio whose assistant answers at once, without networks."""
    (tmp_path / "fake_assistant.py").write_text(FAKE)
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(tmp_path), *sys.path]))
    monkeypatch.setattr(assist_process, "WORKER", "fake_assistant")
    with run_studio(tmp_path / "project", squares) as browser:
        yield browser


def post(browser: Browser, path: str, body: Any) -> tuple[int, Any]:
    status, _, content = browser.ask("POST", path, body)
    return status, json.loads(content)


def test_learn_takes_the_drawn_slices_and_is_a_job(quick: Browser) -> None:
    assert post(quick, "/api/assist/learn", {"z": 1})[1] == {
        "error": "there is something to learn once two phases are drawn; draw some of each"
    }
    with open_tab(quick) as tab:
        tab.paint(3, 40, 30, phase=0)
        tab.paint(1, 20, 20, phase=1)
        status, answer = post(quick, "/api/assist/learn", {"z": 1, "seconds": 5})
        assert (status, answer["job"]["title"]) == (200, "Learn")
        while (job := tab.wait_for("job")["job"])["state"] == "running":
            pass
    assert (job["state"], job["result"]["slices"]) == ("done", [1, 3])
    labels = open_labels(quick.studio.workspace.labels)
    assert labels.provenance.steps[-1].verb == "annotate"
    assert np.unique(labels.read()).tolist() == [0, 1, NOT_ANNOTATED]


def test_a_dead_assistant_is_told_and_starts_anew(quick: Browser) -> None:
    status, answer = post(quick, "/api/assist/suggest", {})
    assert status == 400
    assert "it starts anew" in answer["error"]
    assert post(quick, "/api/assist/use", {"model": 0})[0] == 200


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("propose", {"z": 5}),
        ("propose", {"z": True}),
        ("use", {"model": "../x"}),
        ("compare", {"first": 1}),
        ("compare", {"first": 0, "second": 0, "slices": [99]}),
        ("suggest", {"count": 1e9}),
        ("learn", {"seconds": "long"}),
    ],
)
def test_requests_that_make_no_sense_are_refused(quick: Browser, path: str, body: Any) -> None:
    assert post(quick, f"/api/assist/{path}", body)[0] == 400


def test_the_real_process_proposes_what_tiles_then_show(squares: Path, tmp_path: Path) -> None:
    with run_studio(tmp_path / "project", squares) as browser:
        beside_status = json.loads(wait(browser))
        assert beside_status["current"] == 0
        assert post(browser, "/api/assist/propose", {"z": 2}) == (200, {"z": 2, "made": True})
        status, headers, body = browser.get("/tiles/proposal/xy/0/2/0/0")
        assert (status, headers["x-shape"]) == (200, "80,96")
        tile = np.frombuffer(body, np.uint8).reshape(80, 96)
        grey = np.frombuffer(browser.get("/tiles/images/xy/0/2/0/0")[2], np.uint8).reshape(80, 96)
        assert np.mean(tile == (grey > 125)) > 0.85
    assert True


def wait(browser: Browser) -> bytes:
    """The status; its process takes a while to start."""
    end = time.monotonic() + 60
    while True:
        try:
            return browser.get("/api/assist")[2]
        except TimeoutError:
            if time.monotonic() > end:
                raise
