"""Files are shown over the stack, and stacks without coarser levels are copied."""

from __future__ import annotations

import json
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
import tifffile
from studio_browser import SHAPE, Browser, grey_of, open_tab, pixels_of, run_studio

from keramos.apps.studio.pieces import PieceCache
from keramos.apps.studio.stored_voxels import StoredVoxels, average
from keramos.core import VOID_SOLID, ArraySource, Box, LabelVolume, Volume
from keramos.core.progress import Reporter
from keramos.io import Level, create_scores, create_uncertainty, open_labels, open_volume, remove_store, save_labels
from keramos.project.workspace import Workspace, make_copy, needs_copy, open_copy
from keramos.project.workspace import stack_copy as copying


def test_a_segmentation_is_shown_again_until_it_is_closed(stack: Path, tmp_path: Path) -> None:
    z, y, x = np.indices(SHAPE)
    codes = ((z + y // 7 + x // 5) % 2).astype(np.uint8)
    path = tmp_path / "project" / "Segmentation 1.ome.zarr"
    with run_studio(tmp_path / "project", stack) as browser:
        save_labels(path, LabelVolume.from_array(codes, VOID_SOLID))
        unsure = create_uncertainty(path, SHAPE, voxel_size=None)
        unsure.write(Box.whole(SHAPE), codes + 7)
        unsure.finish()
        scores = create_scores(path, SHAPE, 2, voxel_size=None, phases=VOID_SOLID)
        scores.write(Box.whole(SHAPE), np.stack([codes + 40, codes + 80]))
        scores.finish()
        status, _, body = browser.ask("POST", "/api/layers", {"path": str(path)})
        assert status == 200, body
        assert (json.loads(body)["name"], json.loads(body)["kind"]) == ("segmentation-1-ome-zarr", "labels")
    with run_studio(tmp_path / "project", stack) as browser:
        while "segmentation-1-ome-zarr-scores" not in browser.studio.layers:
            time.sleep(0.01)
        tile = pixels_of(browser, "/tiles/segmentation-1-ome-zarr/xz/0/8/0/1")
        np.testing.assert_array_equal(tile, codes[:, 8, 256:])
        for kind, base in (("uncertainty", 7), ("scores", 80)):
            tile = pixels_of(browser, f"/tiles/segmentation-1-ome-zarr-{kind}/xz/0/8/0/1")
            np.testing.assert_array_equal(tile, codes[:, 8, 256:] + base)
        assert browser.ask("DELETE", "/api/layers/segmentation-1-ome-zarr")[0] == 200
        assert list(browser.studio.layers) == ["images", "labels"]
        assert browser.get("/tiles/segmentation-1-ome-zarr/xz/0/8/0/1")[0] == 404
        assert browser.ask("DELETE", "/api/layers/labels")[0] == 400
        assert browser.studio.workspace.read_layers() == []


def test_a_file_is_one_layer_however_often_it_is_opened(browser: Browser, stack: Path) -> None:
    path = stack.parent / "twice.ome.zarr"
    save_labels(path, LabelVolume.from_array(np.zeros(SHAPE, np.uint8), VOID_SOLID))
    (stack.parent / "link").symlink_to(path)
    given = [str(path), str(stack.parent / "link"), str(path)]
    with ThreadPoolExecutor() as pool:
        answers = list(pool.map(lambda each: browser.ask("POST", "/api/layers", {"path": each}), given))
    assert {json.loads(body)["name"] for _, _, body in answers} == {"twice-ome-zarr"}
    assert list(browser.studio.layers) == ["images", "labels", "twice-ome-zarr"]
    remove_store(path)
    save_labels(path, LabelVolume.from_array(np.ones(SHAPE, np.uint8), VOID_SOLID))
    browser.ask("POST", "/api/layers", {"path": str(path)})
    assert pixels_of(browser, "/tiles/twice-ome-zarr/xy/0/0/0/0").all()
    browser.ask("DELETE", "/api/layers/twice-ome-zarr")
    assert list(browser.studio.layers) == ["images", "labels"]


def test_only_files_in_folders_that_were_opened_are_shown_again(stack: Path, tmp_path: Path) -> None:
    blank = LabelVolume.from_array(np.zeros(SHAPE, np.uint8), VOID_SOLID)
    project = Workspace(tmp_path / "project")
    with run_studio(project.folder, stack):
        pass
    for name, folder in (("elsewhere", tmp_path), ("inside", project.folder), ("labels", project.folder)):
        save_labels(folder / f"{name}.zarr", blank)
        project.remember_layer(name, folder / f"{name}.zarr")
    project.remember_layer("gone", project.folder / "gone.zarr")
    with run_studio(project.folder, stack) as browser:
        while len(browser.studio.doubts) < 3:
            time.sleep(0.01)
        assert list(browser.studio.layers) == ["images", "labels", "inside"]
        told = [row["message"] for row in browser.project()["findings"] if row["kind"] == "layer-not-shown"]
    assert ["only files in" in told[0], "another layer" in told[1], "no file gone.zarr" in told[2]] == [True] * 3
    assert {row["name"] for row in project.read_layers()} == {"elsewhere", "inside", "labels"}


def test_the_proposal_of_an_earlier_day_is_shown_without_the_assistant(stack: Path, tmp_path: Path) -> None:
    codes = np.indices(SHAPE)[0].astype(np.uint8) % 2
    path = tmp_path / "project" / "proposal.ome.zarr"
    with run_studio(tmp_path / "project", stack):
        save_labels(path, LabelVolume.from_array(codes, VOID_SOLID))
        unsure = create_uncertainty(path, SHAPE, voxel_size=None)
        unsure.write(Box.whole(SHAPE), codes + 7)
        unsure.finish()
    with run_studio(tmp_path / "project", stack) as browser:
        while "proposal" not in browser.studio.layers:
            time.sleep(0.01)
        np.testing.assert_array_equal(pixels_of(browser, "/tiles/proposal/xz/0/8/0/1"), codes[:, 8, 256:])
        np.testing.assert_array_equal(pixels_of(browser, "/tiles/uncertainty/xy/0/5/0/0"), codes[5, :256, :256] + 7)
        assert browser.ask("POST", "/api/layers", {"path": str(path)})[0] == 200
        assert list(browser.studio.layers) == ["images", "labels", "uncertainty", "proposal"]


def test_layers_that_are_remembered_at_once_are_all_remembered(tmp_path: Path) -> None:
    project = Workspace(tmp_path)
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda number: project.remember_layer(str(number), tmp_path / "a"), range(40)))
    assert {row["name"] for row in project.read_layers()} == set(map(str, range(40)))


def test_labels_of_other_voxels_are_refused(browser: Browser, stack: Path) -> None:
    path = stack.parent / "small.tif"
    tifffile.imwrite(path, np.eye(40, dtype=np.uint8)[None])
    status, _, body = browser.ask("POST", "/api/layers", {"path": str(path)})
    assert (status, "20 x 300 x 280" in json.loads(body)["error"]) == (400, True)


def test_files_can_be_chosen_in_folders_that_were_opened(browser: Browser, stack: Path) -> None:
    status, _, body = browser.get(f"/api/files?path={stack.parent}")
    assert status == 200
    assert {"name": stack.name, "path": str(stack), "kind": "store"} in json.loads(body)["entries"]
    assert json.loads(body)["above"] is None
    assert browser.get(f"/api/files?path={stack.parents[2]}")[0] == 400


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16, np.float32])
def test_a_stack_without_coarser_levels_is_copied(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, dtype: type[np.generic]
) -> None:
    monkeypatch.setattr(copying, "SMALL_BYTES", 1000)
    monkeypatch.setattr(copying, "_SLAB_BYTES", 3 * 300 * 280 * np.dtype(dtype).itemsize)
    pixels = np.fromfunction(grey_of, SHAPE, dtype=int).astype(dtype)
    tifffile.imwrite(tmp_path / "stack.tif", pixels)
    volume, workspace = open_volume(tmp_path / "stack.tif"), Workspace(tmp_path / "project")
    assert needs_copy(volume)
    assert open_copy(workspace, volume) is None
    make_copy(workspace, volume, Reporter())
    levels = open_copy(workspace, volume)
    assert levels is not None
    assert [level.merged for level in levels] == [(1, 1, 1), (2, 2, 2)]
    np.testing.assert_array_equal(levels[0].source.read(Box.whole(SHAPE)), pixels)
    tifffile.imwrite(tmp_path / "stack.tif", pixels[:9])
    assert open_copy(workspace, open_volume(tmp_path / "stack.tif")) is None


def test_until_there_are_coarser_levels_slices_are_merged_when_asked_for() -> None:
    pixels = np.random.default_rng(0).integers(0, 255, (2, 1030, 70), np.uint8)
    source = ArraySource(pixels)
    voxels = StoredVoxels((Level(source, (1, 1, 1)),), PieceCache(), reduce=average)
    assert list(voxels.levels) == [((2, 1030, 70), (1, 1, 1)), ((2, 515, 35), (1, 2, 2))]
    coarse = voxels.read(1, Box((1, 3, 4), (2, 5, 7)))
    fine = pixels[1, 6:10, 8:14].reshape(2, 2, 3, 2).mean(axis=(1, 3))
    np.testing.assert_array_equal(coarse[0], np.rint(fine))


def test_the_page_sees_what_is_in_a_file_now() -> None:
    pixels = np.zeros((4, 8, 8), np.uint8)
    cache, source = PieceCache(), ArraySource(pixels)
    box = Box((2, 0, 0), (3, 4, 4))
    assert cache.read(source, box).sum() == 0
    pixels += 1
    cache.forget(source, [1])
    assert cache.read(source, Box((1, 0, 0), (2, 4, 4))).sum() == 16
    cache.forget(source)
    assert (cache.read(source, box).sum(), cache.held_bytes) == (16, 64)


def test_no_more_pieces_are_kept_than_the_budget() -> None:
    cache, volume = PieceCache(budget_bytes=200), Volume.from_array(np.zeros((9, 8, 8), np.uint8))
    for z in range(9):
        cache.read(volume.source, Box((z, 0, 0), (z + 1, 8, 8)))
        assert cache.held_bytes <= 200


def test_the_copy_is_shown_when_it_is_made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(copying, "SMALL_BYTES", 1000)
    pixels = np.fromfunction(grey_of, SHAPE, dtype=int).astype(np.uint8)
    tifffile.imwrite(tmp_path / "stack.tif", pixels)
    with run_studio(tmp_path / "project", tmp_path / "stack.tif") as browser, open_tab(browser) as tab:
        np.testing.assert_array_equal(pixels_of(browser, "/tiles/images/xy/0/7/0/0"), pixels[7, :256, :256])
        while (job := tab.wait_for("job")["job"])["state"] == "running":
            pass
        assert job["state"] == "done", job
        np.testing.assert_array_equal(pixels_of(browser, "/tiles/images/yz/0/9/0/0"), pixels[:, :256, 9].T)
        assert len(browser.project()["stack"]["levels"]) == 2


def test_labels_of_a_file_are_taken_into_the_drawing(stack: Path, tmp_path: Path) -> None:
    codes = np.full(SHAPE, 255, np.uint8)
    codes[4, 10:20, 10:30], codes[5, :5] = 1, 0
    with run_studio(tmp_path / "project", stack) as browser, open_tab(browser) as tab:
        tab.paint(4, 10, 10, phase=0)
        save_labels(tmp_path / "project" / "mine.ome.zarr", LabelVolume.from_array(codes, VOID_SOLID))
        given = {"path": str(tmp_path / "project" / "mine.ome.zarr")}
        status, _, body = browser.ask("POST", "/api/labels", given)
        assert (status, json.loads(body)) == (200, {"slices": [4, 5]})
        tile = pixels_of(browser, "/tiles/labels/xy/0/4/0/0")
        assert (tile[10, 10], tile[15, 15], (tile == 0).sum(), (tile == 1).sum()) == (0, 1, 13, 200 - 6)
        assert browser.ask("POST", "/api/labels", {**given, "z": "4"})[0] == 400
        record = json.loads(browser.get("/api/labels/record")[2])
        assert record["sources"] == {"drawn": 13, "opened": 194 + 5 * 280}
        assert browser.ask("POST", "/api/labels/save", {})[0] == 200
        saved = open_labels(tmp_path / "project" / "labels.ome.zarr").read()
        assert (saved == 1).sum() == 194
