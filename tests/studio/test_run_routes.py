"""Verbs from the page: forms from the settings, options that are checked, results that cannot ask the studio."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from studio_browser import Browser, open_tab, run_studio

from keramos.apps.studio import beside
from keramos.apps.studio.readable import find_readable
from keramos.apps.studio.workers import run_list
from keramos.core.errors import MissingFileError

CATALOGUE = """
import json
from keramos.apps.studio.workers.catalogue import describe_verbs
print(json.dumps({"type": "catalogue", "verbs": describe_verbs(), "suffixes": {"tiff": ".tif"}, "models": ["otsu"]}))
"""
VERB = """
import json, sys
from pathlib import Path
task = json.loads(sys.stdin.readline())
Path(task["options"].get("out", "none")).write_text("<script>1</script>")
print(json.dumps({"type": "progress", "task": "measure", "unit": "block", "done": 1, "total": 2}))
print(json.dumps({"type": "result", "result": {"verb": task["verb"], "outputs": {}, "numbers": task["options"]}}))
"""


@pytest.fixture(scope="module")
def page(stack: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    """A studio whose workers are quick."""
    folder = tmp_path_factory.mktemp("runs")
    for name, text in {"fake_catalogue": CATALOGUE, "fake_verb": VERB}.items():
        (folder / f"{name}.py").write_text(text)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHONPATH", os.pathsep.join([str(folder), *sys.path]))
        patch.setattr(beside, "CATALOGUE", "fake_catalogue")
        patch.setattr(run_list, "WORKER", "fake_verb")
        patch.chdir(stack.parent)
        with run_studio(folder / "project", stack) as browser:
            yield browser


def post(page: Browser, path: str, body: Any) -> tuple[int, Any]:
    status, _, content = page.ask("POST", path, body)
    return status, json.loads(content)


def test_forms_have_labels_bounds_and_the_stack_to_begin_with(page: Browser) -> None:
    verbs = {row["name"]: row for row in json.loads(page.get("/api/verbs")[2])["verbs"]}
    segment = {row["name"]: row for row in verbs["segment"]["options"]}
    assert (segment["threshold"]["low"], segment["threshold"]["high"], segment["threshold"]["kind"]) == (0, 1, "number")
    assert segment["scores"]["help"].startswith("Also save")
    assert verbs["segment"]["begin"]["images"] == "stack.ome.zarr"
    assert verbs["segment"]["begin"]["model"] == "porous-solid"
    assert verbs["report"]["begin"]["images"] == "stack.ome.zarr"
    assert "internal" not in str(verbs["train"]["options"])


def test_a_run_writes_into_its_own_folder_and_tells_the_page(page: Browser) -> None:
    with open_tab(page) as tab:
        options = {"images": "stack.ome.zarr", "model": "otsu", "workers": 2}
        status, _answer = post(page, "/api/run", {"verb": "segment", "options": options})
        assert status == 200
        while (job := tab.wait_for("job")["job"])["state"] in ("waiting", "running"):
            pass
    assert job["state"] == "done"
    folder = page.studio.workspace.runs / job["folder"]
    assert Path(job["options"]["out"]) == folder / "segmentation.ome.zarr"
    assert job["command"].startswith("keramos segment stack.ome.zarr --workers 2 --model otsu --out ")
    assert job["recipe"].splitlines() == ["[segment]", "workers = 2", 'model = "otsu"']
    jobs = json.loads(page.get("/api/jobs")[2])["jobs"]
    assert job["id"] in [row["id"] for row in jobs]
    assert post(page, "/api/cancel", {"id": job["id"]}) == (400, {"error": f"job {job['id']} is over already"})


def test_a_stack_that_is_a_pattern_can_be_given(page: Browser, stack: Path) -> None:
    (stack.parent / "slice-1.tif").touch()
    assert find_readable(page.studio, "slice-*.tif") == stack.parent.resolve() / "slice-*.tif"
    (stack.parent / "slice-2.tif").symlink_to("/etc/passwd")
    with pytest.raises(MissingFileError, match="no file"):
        find_readable(page.studio, "slice-*.tif")


def test_a_page_that_a_run_wrote_has_no_right_to_ask_the_studio(page: Browser) -> None:
    with open_tab(page) as tab:
        post(page, "/api/run", {"verb": "report", "options": {"runs": ["stack.ome.zarr"]}})
        while (job := tab.wait_for("job")["job"])["state"] in ("waiting", "running"):
            pass
    status, headers, body = page.get(f"/results/{job['folder']}/report.html")
    assert (status, body) == (200, b"<script>1</script>")
    assert headers["content-security-policy"].startswith("sandbox allow-scripts allow-popups; default-src 'none'")
    for path in ("job.json/../../../recipe.toml", "..%2F..%2Frecipe.toml", "nothing.html", "report%00.html"):
        assert page.get(f"/results/{job['folder']}/{path}")[0] == 404
    assert page.get("/results/9999-report/report.html")[0] == 404


@pytest.mark.parametrize(
    ("body", "sentence"),
    [
        ({"verb": "demo"}, "verb is one of"),
        ({"verb": "segment", "options": {"fresh_": 1}}, "no option"),
        ({"verb": "segment", "options": {"images": "/etc/passwd"}}, "only files in the folder"),
        ({"verb": "segment", "options": {"images": "../../x.tif"}}, "only files in the folder"),
        ({"verb": "segment", "options": {"images": "/etc/*.conf"}}, "only files in the folder"),
        ({"verb": "segment", "options": {"images": "*.nothing"}}, "there is no file"),
        ({"verb": "train", "options": {"pretrained": "/etc/passwd"}}, "only files in the folder"),
        ({"verb": "segment", "options": {"out": "../../x.ome.zarr"}}, "name of a file without a folder"),
        ({"verb": "segment", "options": {"out": "/tmp/x"}}, "name of a file without a folder"),
        ({"verb": "segment", "options": {"threshold": {"a": 1}}}, "a number, a text, or a list"),
        ({"verb": "segment", "options": [1]}, "options are an object"),
    ],
)
def test_options_that_make_no_sense_start_nothing(page: Browser, body: Any, sentence: str) -> None:
    status, answer = post(page, "/api/run", body)
    assert status == 400
    assert sentence in answer["error"]
