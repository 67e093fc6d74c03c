"""How phases are decided on, from the command line and from a recipe: recorded, and the same in both."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy import ndimage

from keramos.core import Box
from keramos.io import describe, open_labels, open_scores
from keramos.networks import save_checkpoint

Command = Callable[..., Any]
USUAL = {"threshold": None, "remove_specks": None, "fill_holes": None}


@pytest.fixture
def model(tmp_path: Path, small_model: Callable[..., Any]) -> Path:
    checkpoint = small_model("compact")
    save_checkpoint(tmp_path / "m.keramos", checkpoint.card, checkpoint.weights)
    return tmp_path / "m.keramos"


def decided(store: Path) -> dict[str, Any]:
    """What its provenance says of how it was decided."""
    (step,) = [row for row in describe(store)["provenance"] if row["verb"] == "segment"]
    return {key: value for key, value in step["parameters"].items() if key in USUAL}


def test_a_threshold(phantom: Path, model: Path, keramos: Command, tmp_path: Path) -> None:
    out, images = tmp_path / "out.ome.zarr", phantom / "images.ome.zarr"
    segment = ("segment", images, "--model", model, "--backend", "torch", "--out")
    assert keramos(*segment, tmp_path / "usual.ome.zarr", "--scores").status == 0
    solid = open_scores(tmp_path / "usual.ome.zarr").read(Box.whole((8, 96, 96)))[1] / 255
    assert decided(tmp_path / "usual.ome.zarr") == USUAL
    threshold = float(np.quantile(solid, 0.3))
    assert keramos(*segment, out, "--threshold", threshold).status == 0
    codes, clear = open_labels(out).read(), np.abs(solid - threshold) > 1 / 255
    np.testing.assert_array_equal(codes[clear], solid[clear] >= threshold)
    assert 0.1 < np.mean(clear & (codes == 0))
    assert decided(out) == {**USUAL, "threshold": threshold}

    recipe = f"[stack]\nimages = '{images}'\n[segment]\nmodel = '{model}'\nbackend = 'torch'\nthreshold = {threshold}\n"
    (tmp_path / "recipe.toml").write_text(recipe, encoding="utf-8")
    assert keramos("run", tmp_path / "recipe.toml").status == 0
    made = tmp_path / "run" / "segmentation.ome.zarr"
    np.testing.assert_array_equal(open_labels(made).read(), codes)
    assert decided(made) == decided(out)


def test_specks_and_holes(phantom: Path, keramos: Command, tmp_path: Path) -> None:
    out, images = tmp_path / "out.ome.zarr", phantom / "images.ome.zarr"
    segment = ("segment", images, "--model", "otsu", "--out")
    told = keramos(*segment, out, "--remove-specks", 12, "--fill-holes", "1e5nm3", "--json", tmp_path / "s.json")
    codes, fewest = open_labels(out).read(), int(1e5 / (20 * 26.4 * 20.8)) + 1
    for code, fewer in ((1, 12), (0, fewest)):
        assert np.bincount(ndimage.label(codes == code)[0].ravel())[1:].min() >= fewer
    removed = json.loads((tmp_path / "s.json").read_text(encoding="utf-8"))["removed"]
    assert removed["holes"]["fewer"] == fewest
    assert removed["specks"]["components"] > 0
    assert f"remove specks: {removed['specks']['components']:,} of fewer than 12 voxels" in told.notes[0]
    assert decided(out) == {**USUAL, "remove_specks": 12, "fill_holes": "1e5nm3"}
    shown = keramos("info", out).out
    assert "remove: specks=" in shown

    sizes = "remove_specks = 12\nfill_holes = '1e5nm3'\n"
    recipe = f"[stack]\nimages = '{images}'\n[segment]\nmodel = 'otsu'\n{sizes}"
    (tmp_path / "recipe.toml").write_text(recipe, encoding="utf-8")
    assert keramos("run", tmp_path / "recipe.toml").status == 0
    np.testing.assert_array_equal(open_labels(tmp_path / "run" / "segmentation.ome.zarr").read(), codes)
