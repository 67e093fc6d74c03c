"""ONNX files: another runtime gives the scores that Keramos gives, from raw grey values, for any size."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable

import numpy as np
import onnx
import onnxruntime
import pytest
from numpy.typing import NDArray

from keramos.blocks import Block
from keramos.core import Box
from keramos.core.errors import MissingPackageError, SettingsError
from keramos.networks import Checkpoint, onnx_bytes
from keramos.segmenters import NetworkSegmenter

Model = Callable[..., Checkpoint]
NAMES = ["compact", "compact-7", "compact-3d", "unet", "fcn8s"]


def grey(planes: int, height: int, width: int, seed: int = 0) -> NDArray[np.uint8]:
    rng = np.random.default_rng(seed)
    return (rng.integers(0, 120, (planes, height, width)) + 120 * (rng.random((height, width)) < 0.5)).astype(np.uint8)


def scores_by_keramos(checkpoint: Checkpoint, pixels: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Scores (classes, Y, X) of the middle one of the slices."""
    middle = len(pixels) // 2
    core = Box((middle, 0, 0), (middle + 1, *pixels.shape[1:]))
    return NetworkSegmenter(checkpoint).scores(pixels, Block(0, core, Box.whole(pixels.shape)))[:, 0]


@pytest.mark.parametrize("name", NAMES)
def test_its_scores_are_those_of_keramos(name: str, small_model: Model, onnx_file: Callable[[str], bytes]) -> None:
    checkpoint = small_model(name)
    stride, planes = checkpoint.network().stride[1], 2 * checkpoint.network().halo[0] + 1
    session = onnxruntime.InferenceSession(onnx_file(name))
    for height, width in ((stride, 3 * stride), (5 * stride, 2 * stride)):
        pair = [grey(planes, height, width, seed) for seed in (0, 1)]
        (found,) = session.run(None, {"grey": np.stack(pair).astype(np.float32)})
        expected = np.stack([scores_by_keramos(checkpoint, pixels) for pixels in pair])
        assert found.shape == (2, 2, height, width)
        np.testing.assert_allclose(found, expected, atol=1e-4, rtol=0)
        assert np.ptp(expected[:, 0]) > 0.02  # a constant would not do


def test_it_says_what_its_card_says(onnx_file: Callable[[str], bytes]) -> None:
    session = onnxruntime.InferenceSession(onnx_file("compact-7"))
    facts = session.get_modelmeta().custom_metadata_map
    assert json.loads(facts["phases"]) == ["void", "solid"]
    assert facts["positive"] == "solid"
    assert json.loads(facts["voxel_size_nm"]) == [20, 26.4, 20.8]
    assert json.loads(facts["planes"]) == 7
    assert json.loads(facts["stride"]) == [1, 8, 8]
    assert json.loads(facts["halo"]) == [3, 48, 48]
    assert facts["model_sha256"] == "5a" * 32
    assert session.get_inputs()[0].shape == ["N", 7, "Y", "X"]
    assert session.get_outputs()[0].shape == ["N", 2, "Y", "X"]


def test_batchnorm_is_folded_in(onnx_file: Callable[[str], bytes]) -> None:
    model = onnx.load_from_string(onnx_file("compact"))
    assert "BatchNormalization" not in {node.op_type for node in model.graph.node}
    assert "Softmax" in {node.op_type for node in model.graph.node}
    assert (model.ir_version, model.opset_import[0].version) == (8, 18)


def test_it_does_not_tell_where_it_was_made(onnx_file: Callable[[str], bytes]) -> None:
    assert b".py" not in onnx_file("compact")


def test_a_missing_package_names_the_extra(small_model: Model, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "onnxscript", None)
    with pytest.raises(MissingPackageError, match=r"package onnxscript .* pip install \"keramos\[export\]\""):
        onnx_bytes(small_model("compact"))


def test_a_threshold_has_no_network(small_model: Model) -> None:
    checkpoint = small_model("compact")
    otsu = Checkpoint(checkpoint.card.model_copy(update={"architecture": "otsu"}), {}, "")
    with pytest.raises(SettingsError, match="found 'otsu'"):
        onnx_bytes(otsu)
