"""The run list: workers that end well, badly, or not at all, and jobs that go on."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import psutil
import pytest

from keramos.apps.studio.workers import run_list as runs_module
from keramos.apps.studio.workers.catalogue import describe_verbs
from keramos.apps.studio.workers.job import Job
from keramos.apps.studio.workers.process import WorkerProcess
from keramos.apps.studio.workers.run_folder import CUT_SHORT, read_jobs
from keramos.apps.studio.workers.run_list import RunList
from keramos.apps.studio.workers.verb import run_verb
from keramos.core import Volume, VoxelSize
from keramos.core.errors import SettingsError, StorageError
from keramos.io import open_labels, save_volume

ROWS = describe_verbs()


def wait_until(is_true: Callable[[], bool], seconds: float = 40) -> None:
    end = time.monotonic() + seconds
    while not is_true():
        if time.monotonic() > end:
            pytest.fail("it did not come to that")
        time.sleep(0.01)


def script(folder: Path, text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let workers run this program."""
    (folder / "fake_worker.py").write_text(text)
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(folder), *sys.path]))
    monkeypatch.setattr(runs_module, "WORKER", "fake_worker")


@pytest.fixture
def jobs(tmp_path: Path) -> RunList:
    return RunList(tmp_path / "runs", tmp_path, lambda _: None)


def test_a_verb_runs_in_a_worker_and_its_result_lies_in_the_folder_of_the_run(tmp_path: Path) -> None:
    states: list[tuple[str, str]] = []
    jobs = RunList(tmp_path / "runs", tmp_path, lambda job: states.append((job.title, job.state)))
    grey = np.random.default_rng(0).integers(0, 255, (4, 40, 40), np.uint8)
    save_volume(tmp_path / "stack.ome.zarr", Volume.from_array(grey, VoxelSize(20, 10, 10)))
    good = jobs.submit("segment", ROWS["segment"], {"images": "stack.ome.zarr", "model": "otsu"})
    assert good.state == "running"
    wait_until(lambda: good.is_over)
    assert (good.state, good.error) == ("done", "")
    assert good.result is not None
    assert set(good.result["numbers"]["phase_fractions"]) == {"void", "solid"}
    assert open_labels(tmp_path / "runs" / "0001-segment" / "segmentation.ome.zarr").shape == (4, 40, 40)
    assert good.done == good.total > 0
    assert "--model otsu" in good.command
    assert [job.state for job in read_jobs(tmp_path / "runs")] == ["done"]
    assert ("Segment the stack", "running") in states


def test_a_mistake_in_the_options_is_the_sentence_of_the_verb() -> None:
    sent: list[Mapping[str, Any]] = []

    class Ear:
        def send(self, message: Mapping[str, Any]) -> None:
            sent.append(message)

    run_verb({"verb": "check", "options": {"images": "nothing.tif"}}, Ear())  # type: ignore[arg-type]
    assert [message["type"] for message in sent] == ["error"]
    assert "nothing.tif" in sent[0]["message"]


DIES = "import os, sys; sys.stdin.readline(); print('last words', flush=True); os.kill(os.getpid(), 9)"
TALKS = """
import sys, json
sys.stdin.readline()
print('no message'); print('{"half": '); print(json.dumps({"type": "note", "text": "a note"}))
print(json.dumps({"type": "result", "result": {"numbers": {}}}), flush=True)
"""
FLOODS = "import sys; sys.stdin.readline(); sys.stdout.write('x' * 2**23); sys.stdout.flush(); sys.stdin.read()"
DEAF = "import sys, time, signal; signal.signal(15, signal.SIG_IGN); print('x', flush=True); time.sleep(60)"


@pytest.mark.parametrize(
    ("program", "state", "sentence"),
    [(DIES, "failed", "killed, perhaps because memory ran out"), (TALKS, "done", ""), (FLOODS, "failed", "killed")],
)
def test_a_worker_that_dies_or_talks_nonsense_is_one_sentence(
    jobs: RunList, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, program: str, state: str, sentence: str
) -> None:
    script(tmp_path, program, monkeypatch)
    job = jobs.submit("quantify", ROWS["quantify"], {"labels": "a"})
    wait_until(lambda: job.is_over and bool(jobs.list_jobs()))
    assert job.state == state
    assert sentence in job.error
    assert job.resumable
    if program == DIES:
        assert "last words" in (tmp_path / "runs" / job.folder / "log.txt").read_text()


def test_cancelling_ends_even_a_deaf_worker_and_the_job_can_go_on(
    jobs: RunList, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    script(tmp_path, DEAF, monkeypatch)
    monkeypatch.setattr(WorkerProcess, "end", lambda self: self.kill())
    job = jobs.submit("check", ROWS["check"], {"images": "a"})
    waiting = jobs.submit("check", ROWS["check"], {"images": "b"})
    jobs.cancel(waiting.id)
    jobs.cancel(job.id)
    wait_until(lambda: job.is_over and bool(jobs.list_jobs()))
    assert (job.state, waiting.state) == ("cancelled", "cancelled")
    with pytest.raises(SettingsError, match="over already"):
        jobs.cancel(job.id)
    script(tmp_path, TALKS, monkeypatch)
    jobs.resume(job.id)
    wait_until(lambda: job.is_over and bool(jobs.list_jobs()))
    assert job.state == "done"


def test_a_job_that_was_cut_short_with_the_server_can_be_run_again(tmp_path: Path, jobs: RunList) -> None:
    cut = Job(1, "verb", "Check", verb="check", folder="0001-check")
    cut.begin()
    runs_module.save_job(tmp_path / "runs", cut)
    (tmp_path / "runs" / "0002-check").mkdir()
    (tmp_path / "runs" / "0002-check" / "job.json").write_text("{")
    again = RunList(tmp_path / "runs", tmp_path, lambda _: None).list_jobs()
    assert [(job.id, job.state) for job in again] == [(1, "failed")]
    assert "run it again" in again[0].error


def test_a_worker_ends_when_its_server_is_killed(tmp_path: Path) -> None:
    program = (
        "import sys, time\n"
        "from pathlib import Path\n"
        "from keramos.apps.studio.workers.process import WorkerProcess\n"
        "worker = WorkerProcess('keramos.apps.studio.workers.verb', folder=Path('.'), receive=print, ended=print)\n"
        "print(worker.number, flush=True)\n"
        "time.sleep(60)\n"
    )
    with subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, cwd=tmp_path, text=True) as process:
        assert process.stdout is not None
        worker = int(process.stdout.readline())
        process.kill()

    def is_gone() -> bool:
        try:
            os.kill(worker, 0)
        except ProcessLookupError:
            return True
        state = Path(f"/proc/{worker}/stat")
        return state.exists() and state.read_text().rsplit(")", 1)[1].split()[0] == "Z"

    wait_until(is_gone)


def test_closing_kills_what_runs(jobs: RunList, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    script(tmp_path, DEAF, monkeypatch)
    job = jobs.submit("check", ROWS["check"], {"images": "a"})
    jobs.close()
    assert job.state == "failed"
    assert job.error == CUT_SHORT
    assert "memory" not in read_jobs(tmp_path / "runs")[0].error


def test_a_full_disk_fails_a_job_and_the_next_one_runs(
    jobs: RunList, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: Any) -> None:
        raise StorageError("no space left")

    script(tmp_path, TALKS, monkeypatch)
    job = jobs.submit("check", ROWS["check"], {"images": "a"})
    wait_until(lambda: job.is_over and bool(jobs.list_jobs()))
    job.findings.append({"kind": "of the first time"})
    with monkeypatch.context() as patch:
        patch.setattr(runs_module, "save_job", refuse)
        jobs.resume(job.id)
        assert (job.state, job.findings) == ("failed", [])
        assert "no space left" in job.error
    jobs.resume(job.id)
    wait_until(lambda: job.is_over and bool(jobs.list_jobs()))
    assert (job.state, job.notes) == ("done", ["a note"])


def test_a_worker_is_heard_to_end_where_a_message_cannot_be_taken_in(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "talks.py").write_text('import time\nprint(\'{"type": "progress"}\', flush=True)\ntime.sleep(60)')
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    told: list[tuple[int, str]] = []

    def receive(message: Mapping[str, Any]) -> None:
        raise KeyError(message["done"])

    worker = WorkerProcess("talks", folder=tmp_path, receive=receive, ended=lambda *how: told.append(how))
    worker.wait(30)
    assert told
    assert "KeyError" in told[0][1]


@pytest.mark.skipif(os.name == "nt", reason="process groups")
def test_a_worker_that_is_killed_leaves_no_process_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    child = "import time; time.sleep(600)"
    (tmp_path / "parent_worker.py").write_text(
        "import json, subprocess, sys, time\n"
        "quiet = {'stdout': subprocess.DEVNULL, 'stderr': subprocess.DEVNULL}\n"
        f"child = subprocess.Popen([sys.executable, '-c', {child!r}], **quiet)\n"
        "print(json.dumps({'type': 'child', 'child': child.pid}), flush=True)\n"
        "time.sleep(600)\n"
    )
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(tmp_path), *sys.path]))
    said: list[Mapping[str, Any]] = []
    worker = WorkerProcess("parent_worker", folder=tmp_path, receive=said.append, ended=lambda *_: None)
    wait_until(lambda: bool(said))
    worker.kill()
    worker.wait(10)
    child_number = said[0]["child"]
    wait_until(lambda: not psutil.pid_exists(child_number) or psutil.Process(child_number).status() == "zombie")
