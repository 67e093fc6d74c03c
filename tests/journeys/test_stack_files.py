"""Doubts about the files of a stack reach the user before any work: refused, or said by check, segment and info."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import tifffile

PIXELS = np.random.default_rng(6).choice([60, 180], (6, 32, 32)).astype(np.uint8)
OTSU = ("--model", "otsu", "--out", "out.ome.zarr")


def test_two_detectors_in_one_folder_stop_a_segmentation(
    tmp_path: Path, monkeypatch: Any, keramos: Callable[..., Any]
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("raw").mkdir()
    for z, pixels in enumerate(PIXELS):
        tifffile.imwrite(f"raw/s_{z:02}_ICD.tif", pixels)
        tifffile.imwrite(f"raw/s_{z:02}_TLD.tif", 255 - pixels)
    refused = keramos("segment", "raw", *OTSU)
    assert refused.status == 2
    assert "2 series with the same numbers" in refused.complaint
    assert not Path("out.ome.zarr").exists()
    assert "--slices: expected only with labels" in keramos("check", "raw", "--slices", 3).complaint
    listed = keramos("check", "raw", "--json", "c.json")
    assert listed.status == 0
    kinds = {row["kind"]: row["severity"] for row in json.loads(Path("c.json").read_text(encoding="utf-8"))["findings"]}
    assert kinds["mixed-series"] == "fatal"
    assert keramos("segment", "raw/*_ICD.tif", *OTSU).status == 0


def test_a_missing_slice_and_a_doubtful_size_are_said_and_kept(
    tmp_path: Path, monkeypatch: Any, keramos: Callable[..., Any]
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("raw").mkdir()
    for z, pixels in zip((0, 1, 2, 5, 6, 7), PIXELS, strict=True):
        tifffile.imwrite(f"raw/s_{z:02}.tif", pixels)
    told = keramos("segment", "raw", *OTSU, "--voxel-size", 0.4, 0.1, 0.1, "--json", "s.json")
    assert told.status == 0
    rows = {row["kind"]: row for row in json.loads(Path("s.json").read_text(encoding="utf-8"))["findings"]}
    assert rows["missing-slice"]["numbers"] == [3, 4]
    assert rows["missing-slice"]["slices"] == [2, 3]
    assert "less than an electron beam" in rows["voxel-size"]["message"]
    assert any("leave out 2 number(s) (3, 4)" in note for note in told.notes)
    assert keramos("info", "out.ome.zarr", "--json", "i.json").status == 0
    about = json.loads(Path("i.json").read_text(encoding="utf-8"))
    assert {"missing-slice", "voxel-size"} <= {row["kind"] for row in about["findings"]}
    assert (about["information_bar_rows"], about["tilt_deg"]) == (None, None)
