"""The layer of two segmentations' differences shows what they say otherwise, and its places come from a worker."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from studio_browser import SHAPE, open_tab, pixels_of, run_studio

from keramos.apps.studio import difference_desk
from keramos.apps.studio.workers import differences
from keramos.core import VOID_SOLID, LabelVolume
from keramos.io import save_labels


class QuickWorker:
    """Does the work of the process at once, in the thread that asks for it."""

    def __init__(self, _module: str, *, folder: Path, receive: Any, ended: Any) -> None:  # noqa: ARG002
        self._receive, self._ended = receive, ended

    def send(self, message: Any) -> None:
        """Do what is asked for; what the work sends goes to the desk."""
        if message["type"] == "run":
            differences.compare(message, self)  # type: ignore[arg-type]
            self._ended(0, "")
        else:
            self._receive(message)

    def kill(self) -> None:
        """Nothing goes on."""


def test_two_segmentations_are_compared(stack: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(difference_desk, "WorkerProcess", QuickWorker)
    first = ((np.indices(SHAPE).sum(0) // 9) % 2).astype(np.uint8)
    second = first.copy()
    second[4:7, 100:110, 50:62] = 1 - first[4:7, 100:110, 50:62]
    second[12, 200, 200] = 1 - first[12, 200, 200]
    with run_studio(tmp_path / "project", stack) as browser, open_tab(browser) as tab:
        for name, codes in (("one", first), ("two", second)):
            save_labels(tmp_path / "project" / f"{name}.ome.zarr", LabelVolume.from_array(codes, VOID_SOLID))
            browser.ask("POST", "/api/layers", {"path": str(tmp_path / "project" / f"{name}.ome.zarr")})
        for pair in (
            {"first": "one-ome-zarr"},
            {"first": "images", "second": "two-ome-zarr"},
            {"first": 1, "second": 2},
        ):
            assert browser.ask("POST", "/api/difference", pair)[0] == 400
        assert browser.ask("POST", "/api/difference", dict.fromkeys(("first", "second"), "one-ome-zarr"))[0] == 400
        status, _, body = browser.ask("POST", "/api/difference", {"first": "one-ome-zarr", "second": "two-ome-zarr"})
        assert status == 200, body
        told = json.loads(browser.get("/api/difference")[2])
        assert tab.wait_for("difference")["difference"]["first"] == "one-ome-zarr"
        assert (told["result"]["compared"], told["result"]["differing"]) == (first.size, 361)
        assert [place["voxels"] for place in told["result"]["places"]][-1] == 1
        tile = pixels_of(browser, "/tiles/difference/xy/0/5/0/0")
        np.testing.assert_array_equal(tile, np.where(first[5] != second[5], second[5], 255)[:256, :256])
        phases = next(row["phases"] for row in browser.project()["layers"] if row["name"] == "difference")
        assert [row["name"] for row in phases] == ["void instead of solid", "solid instead of void"]
        # What is drawn can be compared, too.
        tab.paint(5, 55, 105, phase=int(first[5, 105, 55]))
        assert browser.ask("POST", "/api/difference", {"first": "labels", "second": "two-ome-zarr"})[0] == 200
        told = json.loads(browser.get("/api/difference")[2])
        assert (told["result"]["compared"], told["error"]) == (13, "")
