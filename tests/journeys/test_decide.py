"""How phases are decided on, from the command line and from a recipe: recorded, and the same in both."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from keramos.models import save_checkpoint
from keramos.store import describe, open_labels, open_scores
from keramos.volume import Box

Command = Callable[..., Any]


@pytest.fixture
def model(tmp_path: Path, small_model: Callable[..., Any]) -> Path:
    checkpoint = small_model("compact")
    save_checkpoint(tmp_path / "m.keramos", checkpoint.card, checkpoint.weights)
    return tmp_path / "m.keramos"


def decided(store: Path) -> dict[str, Any]:
    """What its provenance says of how it was decided."""
    (step,) = [row for row in describe(store)["provenance"] if row["verb"] == "segment"]
    return {key: value for key, value in step["parameters"].items() if key in ("threshold", "remove_specks")}


def test_a_threshold(phantom: Path, model: Path, keramos: Command, tmp_path: Path) -> None:
    out, images = tmp_path / "out.ome.zarr", phantom / "images.ome.zarr"
    segment = ("segment", images, "--model", model, "--backend", "torch", "--out")
    assert keramos(*segment, tmp_path / "usual.ome.zarr", "--scores").status == 0
    solid = open_scores(tmp_path / "usual.ome.zarr").read(Box.whole((8, 96, 96)))[1] / 255
    assert decided(tmp_path / "usual.ome.zarr") == {}
    threshold = float(np.quantile(solid, 0.3))
    assert keramos(*segment, out, "--threshold", threshold).status == 0
    codes, clear = open_labels(out).read(), np.abs(solid - threshold) > 1 / 255
    np.testing.assert_array_equal(codes[clear], solid[clear] >= threshold)
    assert 0.1 < np.mean(clear & (codes == 0))
    assert decided(out) == {"threshold": threshold}

    recipe = f"[stack]\nimages = '{images}'\n[segment]\nmodel = '{model}'\nbackend = 'torch'\nthreshold = {threshold}\n"
    (tmp_path / "recipe.toml").write_text(recipe, encoding="utf-8")
    assert keramos("run", tmp_path / "recipe.toml").status == 0
    made = tmp_path / "run" / "segmentation.ome.zarr"
    np.testing.assert_array_equal(open_labels(made).read(), codes)
    assert decided(made) == decided(out)
