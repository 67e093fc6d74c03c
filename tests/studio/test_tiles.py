"""Tiles hold the voxels of their place, on all planes."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from studio_browser import SHAPE, Browser, grey_of, pixels_of

from keramos.apps.studio.grey_range import measure_range
from keramos.core import Volume


def test_the_project_says_what_there_is(browser: Browser) -> None:
    project = browser.project()
    assert project["name"] == "stack-studio"
    assert project["stack"]["shape"] == list(SHAPE)
    assert project["stack"]["voxel_size_nm"] == [20, 10, 10]
    assert project["stack"]["levels"] == [
        {"shape": [20, 300, 280], "merged": [1, 1, 1]},
        {"shape": [20, 150, 140], "merged": [1, 2, 2]},
    ]
    assert [phase["name"] for phase in project["phases"]] == ["void", "solid"]


@pytest.mark.parametrize(
    ("plane", "row", "column", "rows", "columns"),
    [
        ("xy", 0, 0, range(256), range(256)),
        ("xy", 1, 1, range(256, 300), range(256, 280)),
        ("xz", 0, 1, range(20), range(256, 280)),
        ("yz", 1, 0, range(256, 300), range(20)),
    ],
)
def test_a_tile_has_the_voxels_of_its_place(
    browser: Browser, plane: str, row: int, column: int, rows: range, columns: range
) -> None:
    place = 13
    down, along = np.meshgrid(rows, columns, indexing="ij")
    z, y, x = {"xy": (place, down, along), "xz": (down, place, along), "yz": (along, down, place)}[plane]
    pixels = pixels_of(browser, f"/tiles/images/{plane}/0/{place}/{row}/{column}")
    np.testing.assert_array_equal(pixels, grey_of(z, y, x))


def test_a_coarser_tile_covers_more(browser: Browser) -> None:
    assert pixels_of(browser, "/tiles/images/xy/1/7/0/0").shape == (150, 140)


@pytest.mark.parametrize(
    "path",
    ["xy/2/0/0/0", "xy/0/20/0/0", "xy/0/0/2/0", "xy/0/0/0/2", "yx/0/0/0/0", "xy/0/99999999999999999999999/0/0"],
)
def test_there_is_no_tile_outside(browser: Browser, path: str) -> None:
    assert browser.get(f"/tiles/images/{path}")[0] == 404


def test_a_slice_does_not_wait_for_side_views(browser: Browser) -> None:
    go_on, pool = threading.Event(), browser.studio.side_readers
    waiting = [pool.submit(go_on.wait, 10) for _ in range(2 * pool._max_workers)]
    with ThreadPoolExecutor(1) as other:
        side = other.submit(browser.get, "/tiles/images/xz/0/3/0/0")
        for z in range(8):
            assert pixels_of(browser, f"/tiles/images/xy/0/{z}/0/0")[0, 0] == grey_of(z, 0, 0)
        assert not side.done()
        go_on.set()
        assert side.result()[0] == 200
    assert all(each.result() for each in waiting)


def test_a_browser_keeps_a_tile_until_its_layer_changes(browser: Browser) -> None:
    version = browser.project()["layers"][0]["version"]
    _, headers, _ = browser.get(f"/tiles/images/xy/0/0/0/0?v={version}")
    assert "immutable" in headers["cache-control"]
    status, _, body = browser.get("/tiles/images/xy/0/0/0/0", If_None_Match=headers["etag"])
    assert (status, body) == (304, b"")


def test_labels_opened_as_a_stack_are_doubted() -> None:
    noise = np.random.default_rng(0).integers(0, 256, (6, 40, 40)).astype(np.uint8)
    for pixels, doubted in ((noise // 90, ["the stack has only 3 grey values, like labels"]), (noise, [])):
        source = Volume.from_array(pixels).source
        measured = measure_range(source, lambda source, box: source.read(box))
        assert [finding.message for finding in measured.findings] == doubted
