"""From a model and a painted slice to other software, through the command line."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
import tifffile

from keramos.models import Checkpoint, save_checkpoint
from keramos.store import open_labels, open_scores, open_volume
from keramos.volume import Box

Command = Callable[..., Any]


def test_a_model_runs_elsewhere_as_it_does_here(
    phantom: Path, small_model: Callable[[str], Checkpoint], keramos: Command, tmp_path: Path
) -> None:
    images, model, out = phantom / "images.ome.zarr", tmp_path / "m.keramos", tmp_path / "o.ome.zarr"
    save_checkpoint(model, small_model("compact").card, small_model("compact").weights)
    assert keramos("segment", images, "--model", model, "--out", out, "--scores").status == 0
    written = keramos("export", model, "--to", "onnx", "--out", tmp_path / "m.onnx")
    assert (written.status, written.out.split()) == (0, ["written", str(tmp_path / "m.onnx")])
    grey = open_volume(images).read().astype(np.float32)
    (scores,) = onnxruntime.InferenceSession(tmp_path / "m.onnx").run(None, {"grey": grey[:, None]})
    stored = open_scores(out).read(Box.whole(grey.shape))  # in steps of 1 / 255
    np.testing.assert_allclose(np.moveaxis(scores, 1, 0), stored / 255, atol=0.5 / 255 + 1e-4)


def test_a_painted_slice_becomes_a_case_of_nnunet(phantom: Path, keramos: Command, tmp_path: Path) -> None:
    codes = open_labels(phantom / "truth.ome.zarr").read()[4].copy()
    codes[:10] = 9  # not painted
    tifffile.imwrite(tmp_path / "slice4.tif", codes)
    labels = ("--labels", tmp_path / "slice4.tif", "--slices", 4, "--phases", "void=0,solid=1", "--ignore", 9)
    command = ("export", phantom / "images.ome.zarr", *labels, "--to", "nnunet", "--out", tmp_path / "raw")
    done = keramos(*command, "--name", "Slice", "--number", 12, "--context", 1)
    assert done.status == 0
    folder = tmp_path / "raw" / "Dataset012_Slice"
    assert done.out.split() == ["written", str(folder)]
    image = tifffile.imread(folder / "imagesTr" / "Slice_000_0000.tif")
    np.testing.assert_array_equal(image, open_volume(phantom / "images.ome.zarr").read()[3:6])
    found = tifffile.imread(folder / "labelsTr" / "Slice_000.tif")
    np.testing.assert_array_equal(found[1], np.where(codes == 9, 2, codes))
    assert (found[[0, 2]] == 2).all()
    facts = json.loads((folder / "dataset.json").read_text(encoding="utf-8"))
    assert facts["labels"] == {"background": 0, "solid": 1, "ignore": 2}
    assert "one already there" in keramos(*command, "--name", "Slice", "--number", 12).complaint
