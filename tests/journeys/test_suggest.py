"""The annotation loop through the command line: train on one slice, be told the next region, and use it."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tifffile
from PIL import Image

from keramos import suggest, train
from keramos.io import open_labels, open_volume

Command = Callable[..., Any]


@pytest.fixture(scope="module", autouse=True)
def pictures_left_out() -> None:
    """Here they are looked at."""


@pytest.fixture(scope="module")
def model(phantom: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A network trained for a few steps on slice 1."""
    file = tmp_path_factory.mktemp("model") / "m.keramos"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("keramos.learning.settings.CROPS_PER_EPOCH", 160)
        train(phantom / "images.ome.zarr", phantom / "truth.ome.zarr", slices=[1], crop=32, epochs=1, out=file)
    return file


def test_what_is_suggested_can_be_annotated_and_trained_on(
    phantom: Path, keramos: Command, tmp_path: Path, model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("keramos.learning.settings.CROPS_PER_EPOCH", 160)
    images, numbers, picture = phantom / "images.ome.zarr", tmp_path / "s.json", tmp_path / "s.png"
    command = ("suggest", images, "--model", model, "--count", 2, "--edge", 48)
    told = keramos(*command, "--json", numbers, "--out", picture)
    assert told.status == 0
    found = json.loads(numbers.read_text(encoding="utf-8"))
    assert found["annotated"] == [1]  # the model's card knows
    assert [row["z"] for row in found["slices"]] == list(range(8))
    first, second = found["suggestions"]
    assert 1 not in (first["z"], second["z"])
    assert first["z"] != second["z"]
    for row in (first, second):
        assert row["box"] in told.out
        assert row["why"] in told.out
    assert np.array(Image.open(picture)).std() > 0
    # The region is a --box of the same stack.
    codes = open_labels(phantom / "truth.ome.zarr").read()
    z, (y, x) = first["z"], (int(part.split(":")[0]) for part in first["box"].split(",")[1:])
    tifffile.imwrite(tmp_path / "next.tif", codes[z, y : y + 48, x : x + 48])
    trained = keramos(
        "train",
        "--images",
        images,
        "--labels",
        tmp_path / "next.tif",
        "--phases",
        "void=0,solid=1",
        "--slices",
        z,
        "--box",
        first["box"],
        "--from",
        model,
        "--epochs",
        1,
        "--crop",
        32,
        "--out",
        tmp_path / "n.keramos",
        "--json",
        tmp_path / "card.json",
    )
    assert trained.status == 0
    card = json.loads((tmp_path / "card.json").read_text(encoding="utf-8"))
    assert (card["training"]["annotated_slices"], card["training"]["annotated_voxels"]) == ([[z]], 48 * 48)
    again = keramos(
        "suggest", images, "--model", tmp_path / "n.keramos", "--annotated", "1,4", "--json", numbers, "--fresh"
    )
    assert again.status == 0
    assert json.loads(numbers.read_text(encoding="utf-8"))["annotated"] == sorted({1, 4, z})


def test_mistakes_get_one_line(phantom: Path, keramos: Command, tmp_path: Path, model: Path) -> None:
    images, command = phantom / "images.ome.zarr", ("suggest", phantom / "images.ome.zarr", "--model")
    assert "trained network" in keramos(*command, "otsu").complaint
    assert "0 to 7" in keramos(*command, model, "--annotated", 9).complaint
    assert "--count: expected at least 1" in keramos(*command, model, "--count", 0).complaint
    assert "ends in .png" in keramos(*command, model, "--out", tmp_path / "s.gif").complaint
    assert "input" in keramos(*command, images.with_name("none.keramos"), "--out", images / "a.png").complaint
    (tmp_path / "precious.png").write_text("not a picture", encoding="utf-8")
    assert "earlier PNG picture" in keramos(*command, model, "--out", tmp_path / "precious.png").complaint
    assert "found nothing" in keramos("suggest", tmp_path / "none.tif", "--model", model).complaint


def test_what_is_wrong_with_the_stack_is_said_first(phantom: Path, tmp_path: Path, model: Path) -> None:
    grey = open_volume(phantom / "images.ome.zarr").read().copy()
    grey[4] = 0
    tifffile.imwrite(tmp_path / "blank.tif", grey)
    made = suggest(tmp_path / "blank.tif", model=model, voxel_size=(20, 26.4, 20.8), count=1, edge=48)
    assert ("blank-slice", (4,)) in {(one.kind, one.slices) for one in made.findings}
