"""The surface of a layer, made beside the server."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
from studio_browser import SHAPE, Browser

from keramos.apps.studio.label_layers import open_layer
from keramos.core import VOID_SOLID, LabelVolume
from keramos.io import save_labels


def test_a_ball_has_a_surface_of_its_size(browser: Browser, tmp_path: Path) -> None:
    z, y, x = np.indices(SHAPE)
    codes = ((2 * (z - 10)) ** 2 + (y - 150) ** 2 + (x - 140) ** 2 < 16**2).astype(np.uint8)
    save_labels(tmp_path / "ball.ome.zarr", LabelVolume.from_array(codes, VOID_SOLID))
    studio = browser.studio
    studio.show_layer(open_layer("ball", "Ball", tmp_path / "ball.ome.zarr", SHAPE, studio.cache))
    status, _, body = browser.get("/api/surface?layer=ball")
    content = json.loads(body)
    assert status == 200, content
    assert content["physical"]
    assert content["surfaces"][0]["name"] == "Ball: solid"
    assert content["surfaces"][0]["count"] > 100
    assert [round(edge, 2) for edge in content["surfaces"][0]["box"]] == [0.93, 1.0, 0.13]


def test_what_has_no_surface_is_refused(browser: Browser) -> None:
    for name, sentence in {"labels": "drawn on single slices", "images": "no layer of labels", "x": "no layer"}.items():
        status, _, body = browser.get(f"/api/surface?layer={name}")
        assert status == 400
        assert sentence in json.loads(body)["error"]


def test_the_script_of_the_view_is_the_reports_own(browser: Browser) -> None:
    status, headers, body = browser.get("/surface.js")
    assert (status, headers["content-type"]) == (200, "text/javascript; charset=utf-8")
    assert b"export function showSurface" in body
