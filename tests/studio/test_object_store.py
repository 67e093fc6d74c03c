"""A studio of a stack in a bucket: its project lies on a disk."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import obstore
import pytest
from buckets import put_buckets
from studio_browser import SHAPE, grey_of, pixels_of, run_studio

from keramos.apps.cli.main import run
from keramos.apps.studio.beside import Beside
from keramos.apps.studio.job_options import begin_options
from keramos.core import VOID_SOLID, LabelVolume
from keramos.core.object_path import as_path
from keramos.core.object_store import bucket_client
from keramos.io import save_labels
from keramos.project.workspace import open_project
from keramos.settings.studio import StudioSettings


@pytest.fixture
def address(stack: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> str:
    """That of the stack; the current folder is an empty one."""
    monkeypatch.chdir(tmp_path)
    buckets = put_buckets(monkeypatch)
    codes = np.indices(SHAPE).sum(axis=0) % 2
    save_labels(tmp_path / "s.ome.zarr", LabelVolume.from_array(codes.astype(np.uint8), VOID_SOLID))
    for key in ("in/s.ome.zarr", "other/s.ome.zarr"):
        buckets.upload(tmp_path / "s.ome.zarr", key)
    return buckets.upload(stack, "in/stack.ome.zarr")


def test_it_is_shown_with_labels_beside_it_and_drawn_on_a_disk(address: str, tmp_path: Path) -> None:
    with run_studio(tmp_path / "stack-studio", as_path(address)) as browser:
        tile = pixels_of(browser, "/tiles/images/xy/0/7/0/0")
        np.testing.assert_array_equal(
            tile, np.fromfunction(lambda y, x: grey_of(7, y, x), SHAPE[1:], dtype=int)[:256, :256]
        )
        beside = browser.studio.part(Beside)
        assert begin_options(browser.studio, beside, "segment")["images"] == address
        status, _, body = browser.ask("POST", "/api/layers", {"path": "s3://lab/in/s.ome.zarr"})
        assert status == 200, body
        for place in ("s3://lab/other/s.ome.zarr", "s3://lab/in/../other/s.ome.zarr"):
            status, _, body = browser.ask("POST", "/api/layers", {"path": place})
            assert (status, b"can be opened here" in body) == (400, True)
        listed = json.loads(browser.get("/api/files?path=s3://lab/in")[2])
        assert [(row["name"], row["kind"]) for row in listed["entries"]] == [
            ("s.ome.zarr", "store"),
            ("stack.ome.zarr", "store"),
        ]
    assert (tmp_path / "stack-studio" / "journal.jsonl").is_file()
    with run_studio(tmp_path / "stack-studio", as_path(address)) as browser:
        assert browser.studio.workspace.read_layers()[0]["path"] == "s3://lab/in/s.ome.zarr"


def test_its_project_goes_on_and_is_of_no_other_stack(address: str, capsys: pytest.CaptureFixture[str]) -> None:
    for _ in range(2):
        workspace, images = open_project(StudioSettings(stack=address))
        assert (workspace.folder, images.name) == (Path("stack-studio"), address)
    assert run(["studio", "--no-browser", "s3://lab/in/s.ome.zarr", "--project", "stack-studio"]) == 2
    assert f"found one of {address}" in capsys.readouterr().err


def test_a_project_in_a_bucket_is_refused(address: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["studio", "--no-browser", address, "--project", "s3://lab/project"]) == 2
    said = capsys.readouterr().err
    assert "expected the folder of a project on a disk, found s3://lab/project; give another by --project" in said
    obstore.put(bucket_client("lab"), "project/recipe.toml", b"[stack]")
    assert run(["studio", "--no-browser", "s3://lab/project"]) == 2
    assert "found s3://lab/project; copy it to a disk" in capsys.readouterr().err
