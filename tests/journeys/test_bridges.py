"""From a model and a painted slice to other software, through the command line."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
import pytest
import tifffile
import torch
import trimesh

from keramos.core import Box
from keramos.io import describe, open_labels, open_scores, open_volume
from keramos.networks import Checkpoint, ModelCard, save_checkpoint

Command = Callable[..., Any]


def test_a_model_runs_elsewhere_as_it_does_here(
    phantom: Path,
    small_model: Callable[[str], Checkpoint],
    onnx_file: Callable[[str], bytes],
    keramos: Command,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def made_before(checkpoint: Checkpoint, _card: ModelCard) -> bytes:
        """To make the file takes seconds, and other tests need the same."""
        weights = small_model("compact").weights
        assert all(torch.equal(weights[name], found) for name, found in checkpoint.weights.items())
        assert checkpoint.card == small_model("compact").card
        return onnx_file("compact")

    monkeypatch.setattr("keramos.networks.onnx_bytes", made_before)
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
    assert "is already there" in keramos(*command, "--name", "Slice", "--number", 12).complaint


def test_labels_become_a_surface_that_stands_where_they_do(phantom: Path, keramos: Command, tmp_path: Path) -> None:
    truth = phantom / "truth.ome.zarr"
    edges, codes = np.array(describe(truth)["voxel_size_nm"]), open_labels(truth).read()
    command = ("export", truth, "--to", "mesh", "--phase", "void")
    done = keramos(*command, "--out", tmp_path / "whole.stl", "--smooth", 0)
    assert (done.status, done.out.split()) == (0, ["written", str(tmp_path / "whole.stl")])
    whole = trimesh.load_mesh(tmp_path / "whole.stl")
    assert whole.is_watertight
    assert 0.8 < whole.volume / (np.prod(edges) * (codes == 0).sum()) < 1, "steps' edges are bevelled"
    np.testing.assert_allclose(whole.bounds, [[0, 0, 0], edges[::-1] * codes.shape[::-1]], rtol=1e-5)
    assert keramos(*command, "--out", tmp_path / "part.ply", "--box", "2:7,10:90,20:60").status == 0
    part = trimesh.load_mesh(tmp_path / "part.ply")
    np.testing.assert_allclose(part.bounds, [edges[::-1] * [20, 10, 2], edges[::-1] * [60, 90, 7]], rtol=1e-5)
    assert "already there" in keramos(*command, "--out", tmp_path / "part.ply").complaint
    assert keramos(*command, "--out", tmp_path / "part.ply", "--fresh").status == 0
    np.testing.assert_allclose(trimesh.load_mesh(tmp_path / "part.ply").bounds, whole.bounds, rtol=1e-5)


def test_labels_become_hexahedra_and_what_is_left_over_is_said(phantom: Path, keramos: Command, tmp_path: Path) -> None:
    command = ("export", phantom / "truth.ome.zarr", "--to", "mesh", "--coarsen", 3)
    done = keramos(*command, "--out", tmp_path / "a.inp")
    assert done.status == 0
    assert len(done.notes) == 1
    assert "the last 2, 0, 0 voxels (z, y, x) do not fill a merged one" in done.notes[0]
    text = (tmp_path / "a.inp").read_text(encoding="ascii")
    elements = [line for line in text.splitlines() if line.count(",") == 8]
    assert len(elements) == 2 * 32 * 32
    assert text.count("*ELEMENT, TYPE=C3D8, ELSET=void\n") == text.count("*ELEMENT, TYPE=C3D8, ELSET=solid\n") == 1


def test_images_and_labels_become_vtk_images(phantom: Path, keramos: Command, tmp_path: Path) -> None:
    for name, of in (("images", "grey"), ("truth", "phase")):
        out = tmp_path / f"{name}.vti"
        assert keramos("export", phantom / f"{name}.ome.zarr", "--to", "vti", "--out", out).status == 0
        raw, pixels = out.read_bytes(), open_volume(phantom / f"{name}.ome.zarr").read()
        assert f'Name="{of}"'.encode() in raw
        start = raw.index(b"_", raw.index(b"<AppendedData")) + 1
        assert int.from_bytes(raw[start : start + 8], "little") == pixels.nbytes
        assert raw[start + 8 : start + 8 + pixels.nbytes] == pixels.tobytes()
        assert raw[start + 8 + pixels.nbytes :] == b"\n</AppendedData>\n</VTKFile>\n"
    small = keramos("export", phantom / "truth.ome.zarr", "--to", "vti", "--compress", "--out", tmp_path / "small.vti")
    assert small.status == 0
    assert (tmp_path / "small.vti").stat().st_size < (tmp_path / "truth.vti").stat().st_size / 3


@pytest.mark.parametrize(
    ("source", "to", "out", "options", "words"),
    [
        ("truth", "mesh", "a.step", [], "a file called *.stl"),
        ("truth", "mesh", "a", [], "a file called *.stl"),
        ("truth", "vti", "a.vtk", [], "a file called *.vti for --to vti"),
        ("truth", "mesh", "a.stl", ["--phase", "gold"], "a phase named void or solid, found 'gold'"),
        ("truth", "mesh", "a.stl", ["--coarsen", 0], "--coarsen from 1 to 8"),
        ("truth", "mesh", "a.vtu", ["--coarsen", 9], "--coarsen from 1 to 8"),
        ("truth", "mesh", "a.stl", ["--coarsen", 1.5], "--coarsen: expected a whole number, found '1.5'"),
        ("truth", "mesh", "a.stl", ["--smooth", -1], "smooth"),
        ("truth", "mesh", "a.inp", ["--smooth", 5], "--smooth only for a surface"),
        ("truth", "mesh", "a.stl", ["--box", "0:9,:,:"], "a box inside the volume"),
        ("truth", "mesh", "a.stl", ["--compress"], "--compress only with --to vti"),
        ("truth", "vti", "a.vti", ["--coarsen", 2], "--coarsen only with --to mesh"),
        ("images", "mesh", "a.stl", [], "which look like grey values"),
        ("nowhere", "mesh", "a.stl", [], "found nothing at"),
        ("nowhere", "vti", "a.vti", [], "found nothing at"),
        ("bare", "mesh", "a.stl", [], "expected the voxel size"),
        ("bare", "vti", "a.vti", [], "expected the voxel size"),
        ("bare", "mesh", "a.vtu", ["--voxel-size", 20, 0, 20], "positive voxel edge lengths"),
        ("empty", "mesh", "a.ply", ["--voxel-size", 20, 20, 20, "--phases", "void=0,solid=1"], "found none"),
    ],
)
def test_what_cannot_be_is_said_in_a_sentence(
    phantom: Path, keramos: Command, tmp_path: Path, source: str, to: str, out: str, options: list, words: str
) -> None:
    paths = {name: phantom / f"{name}.ome.zarr" for name in ("truth", "images", "nowhere")}
    for name, last in (("bare", 1), ("empty", 0)):
        paths[name] = tmp_path / f"{name}.npy"
        np.save(paths[name], np.array([[[0, 0], [0, last]]] * 2, np.uint8))
    there = sorted(tmp_path.iterdir())
    complaint = keramos("export", paths[source], "--to", to, "--out", tmp_path / out, *options).complaint
    assert words in complaint
    assert sorted(tmp_path.iterdir()) == there
