"""Networks from ONNX files: what PyTorch decides is decided without PyTorch, and a stack's own grey level is used."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from pathlib import Path
from shutil import copyfile

import numpy as np
import pytest
from numpy.typing import NDArray

from keramos.blocks import Block
from keramos.core import Box, View, Volume, VoxelSize
from keramos.core.errors import FormatError, MissingFileError, SettingsError
from keramos.io import open_labels, save_volume
from keramos.networks import Checkpoint, Normalisation, onnx_bytes, read_onnx_model
from keramos.project.segmentation_facts import facts_of
from keramos.segmenters import NetworkSegmenter, OnnxSegmenter, load_segmenter

Model = Callable[..., Checkpoint]
Exported = Callable[[str, Normalisation], Path]
SHAPE = (9, 37, 50)
FIXED = Normalisation(mean=110, std=40)
OF_STACK = Normalisation(mean=90, std=25, scope="stack")


def stack(seed: int = 0, *, cutting_order: str = "increasing") -> Volume:
    grey = np.random.default_rng(seed).integers(20, 230, SHAPE).astype(np.uint8)
    volume = Volume.from_array(grey, VoxelSize(20, 26.4, 20.8))
    return replace(volume, view=View(38, cutting_order=cutting_order))  # type: ignore[arg-type]


def with_constants(checkpoint: Checkpoint, constants: Normalisation) -> Checkpoint:
    return replace(checkpoint, card=checkpoint.card.model_copy(update={"normalisation": constants}))


@pytest.fixture(scope="module")
def model(small_model: Model) -> Model:
    """A small network by its name, with these constants."""
    return lambda name, constants: with_constants(small_model(name), constants)


@pytest.fixture(scope="module")
def exported(model: Model, onnx_file: Callable[[str], bytes], tmp_path_factory: pytest.TempPathFactory) -> Exported:
    """The ONNX file of a network with these constants, made once. Do not write in it."""
    folder = tmp_path_factory.mktemp("exported")

    @cache
    def path(name: str, constants: Normalisation) -> Path:
        made = folder / f"{name}-{constants.scope}.onnx"
        own = constants == FIXED  # those of the small models
        made.write_bytes(onnx_file(name) if own else onnx_bytes(model(name, constants)))
        return made

    return path


def scores(segmenter: NetworkSegmenter | OnnxSegmenter, volume: Volume, core: Box) -> NDArray[np.float32]:
    """Scores of a core from what must be read for it."""
    ready = segmenter.fit_to(volume)
    whole = Box.whole(volume.shape)
    read = Box((max(core.start[0] - ready.signature.halo[0], 0), 0, 0), (whole.stop[0], *whole.stop[1:]))
    return ready.scores(volume.read(read), Block(0, core, read))


@pytest.mark.parametrize("order", ["increasing", "decreasing"])
@pytest.mark.parametrize(("name", "constants"), [("compact-7", FIXED), ("compact", OF_STACK)], ids=["fixed", "stack"])
def test_scores_are_those_of_the_checkpoint(
    name: str, constants: Normalisation, order: str, model: Model, exported: Exported
) -> None:
    checkpoint = model(name, constants)
    volume, core = stack(cutting_order=order), Box((1, 3, 5), (8, 37, 50))
    expected = scores(NetworkSegmenter(checkpoint), volume, core)
    found = scores(OnnxSegmenter.open(exported(name, constants)), volume, core)
    assert expected.std() > 0.002  # not all alike
    np.testing.assert_allclose(found, expected, atol=1e-4, rtol=0)
    other = scores(
        NetworkSegmenter(checkpoint), stack(cutting_order="decreasing" if order[0] == "i" else "increasing"), core
    )
    assert (np.abs(other - expected).max() > 0.001) == (name == "compact-7")  # the order of cutting counts


def test_its_identity_tells_files_and_stacks_apart(exported: Exported) -> None:
    segmenter = OnnxSegmenter.open(exported("compact", OF_STACK))
    one, other = (segmenter.fit_to(stack(seed)).identity() for seed in (0, 1))
    assert one != other
    assert segmenter.model.sha256 in one


def test_the_card_travels_with_the_file(model: Model, exported: Exported) -> None:
    checkpoint = model("compact-7", FIXED)
    found = read_onnx_model(exported("compact-7", FIXED))
    assert found.card == checkpoint.card
    assert (found.halo, found.stride) == (checkpoint.network().halo, checkpoint.network().stride)


def test_other_files_are_refused_in_a_sentence(tmp_path: Path, exported: Exported) -> None:
    with pytest.raises(MissingFileError, match="found no file"):
        load_segmenter(tmp_path / "none.onnx", stack())
    (tmp_path / "bad.onnx").write_bytes(b"\x08no model")
    with pytest.raises(FormatError, match="expected an ONNX file, found something else"):
        load_segmenter(tmp_path / "bad.onnx", stack())
    content = exported("compact", OF_STACK).read_bytes()
    (tmp_path / "other.onnx").write_bytes(content.replace(b'{"card"', b'{"cart"'))
    with pytest.raises(FormatError, match="this version of Keramos wrote"):
        load_segmenter(tmp_path / "other.onnx", stack())


def test_options_of_networks_by_pytorch_are_refused(exported: Exported) -> None:
    with pytest.raises(SettingsError, match="average views"):
        load_segmenter(exported("compact", OF_STACK), stack(), average_views=True)


WITHOUT_TORCH = """
import importlib.abc, sys

class Block(importlib.abc.MetaPathFinder):
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in ("torch", "lightning_fabric"):
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)

sys.meta_path.insert(0, Block())
from keramos.apps.cli.main import run
for line in sys.stdin.read().splitlines():
    print("status", run(line.split()), flush=True)

import keramos
for call in ("segment('images.ome.zarr', 'porous-solid', out='never.ome.zarr')", "train('a.tif', 'b.tif')", "run('a')"):
    try:
        eval(f"keramos.{call}")
    except keramos.KeramosError as error:
        print("Python", type(error).__name__, error)
from keramos import report
"""


def test_all_but_training_works_without_pytorch(model: Model, exported: Exported, tmp_path: Path) -> None:
    checkpoint = model("compact", OF_STACK)
    copyfile(exported("compact", OF_STACK), tmp_path / "model.onnx")
    save_volume(tmp_path / "images.ome.zarr", stack())
    lines = [
        "segment images.ome.zarr --model model.onnx --out network.ome.zarr",
        "segment images.ome.zarr --model otsu --out otsu.ome.zarr",
        "quantify otsu.ome.zarr --out quantities",
        "evaluate network.ome.zarr otsu.ome.zarr --json scores.json",
        "export otsu.ome.zarr --to tiff --out otsu.tif",
        "segment images.ome.zarr --model porous-solid --out never.ome.zarr",
    ]
    done = subprocess.run(
        [sys.executable, "-c", WITHOUT_TORCH],
        input="\n".join(lines),
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
        timeout=120,
    )
    statuses = [line.split()[1] for line in done.stdout.splitlines() if line.startswith("status ")]
    assert statuses == ["0", "0", "0", "0", "0", "2"], done.stderr
    assert "expected PyTorch, found it not installed" in done.stderr
    *without, recipe = [line for line in done.stdout.splitlines() if line.startswith("Python ")]
    assert len(without) == 2
    assert all(line.startswith("Python MissingPackageError expected PyTorch, found it not") for line in without)
    assert recipe.startswith("Python MissingFileError expected a recipe"), "recipes run, and reports are made"
    assert json.loads((tmp_path / "scores.json").read_text("utf-8"))["voxels"] == np.prod(SHAPE)
    facts = facts_of(open_labels(tmp_path / "network.ome.zarr"))
    assert facts is not None
    assert facts.card == checkpoint.card
