"""A prepared stack is opened as a project of its own, served beside the present one, and ends with it."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

import pytest
from studio_browser import Browser, run_studio

from keramos.apps.studio.beside_project import BesideProjects
from keramos.apps.studio.workers.job import Job
from keramos.apps.studio.workers.run_folder import save_job


def ask(browser: Browser, number: Any) -> tuple[int, dict[str, Any]]:
    status, _, body = browser.ask("POST", "/api/open-prepared", {"id": number})
    return status, json.loads(body)


def test_a_prepared_stack_becomes_a_project(stack: Path, tmp_path: Path) -> None:
    runs = tmp_path / "images-studio" / "runs"
    with run_studio(tmp_path / "images-studio", stack) as first:
        first.studio.workspace.runs.mkdir(exist_ok=True)
    for number, state in ((1, "done"), (2, "failed"), (3, "done")):
        (runs / f"000{number}-prepare").mkdir()
        out = str(stack if number == 1 else tmp_path / "gone.ome.zarr")
        job = Job(number, "verb", "Prepare", verb="prepare", options={"out": out}, folder=f"000{number}-prepare")
        job.end(state)  # type: ignore[arg-type]
        save_job(runs, job)
    with run_studio(tmp_path / "images-studio", stack) as browser:
        for number in (2, 3, 9, None, "1"):
            status, answer = ask(browser, number)
            assert (status, bool(answer["error"])) == (400, True)
        status, answer = ask(browser, 1)
        assert status == 200, answer
        assert "--project" in answer["command"]
        opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor())
        with opener.open(answer["address"], timeout=10) as page:
            assert b"Keramos studio" in page.read()
        assert ask(browser, 1)[1] == answer  # the one that is open
        project = tmp_path / "images-prepared-1-studio"
        assert (project / "recipe.toml").is_file()
        worker = browser.studio.part(BesideProjects).workers[project]
    worker.wait(10)
    assert not worker.is_alive
    with pytest.raises(urllib.error.URLError):
        urllib.request.urlopen(answer["address"], timeout=5)
