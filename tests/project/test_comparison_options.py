"""Options of a comparison reach the trainings that they are for, and methods that read neighbours are compared."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from doubles import Notes

from keramos import compare
from keramos.core import Box
from keramos.core.errors import LabelError, MissingFileError, OptionError, SettingsError
from keramos.io import open_labels, open_volume
from keramos.learning import collect_annotated, draw_crop_set
from keramos.learning.crop_set import TEST_SETS
from keramos.project.comparison.regions import methods_text
from keramos.project.comparison.settings import PRESETS, Protocol

TEST = 6


def test_backbone_weights_and_dice_reach_the_trainings() -> None:
    methods = ("otsu", "fcn8s", "fcn32s", "unet", "compact")
    plain = Protocol(methods=methods)
    assert {plain.training(name).dice for name in methods[1:]} == {"batch"}
    other = Protocol(methods=methods, backbone="resnet50", dice="pixel")
    assert [other.training(name).backbone for name in methods[1:]] == ["resnet50", "resnet50", None, None]
    assert other.training("unet").dice == other.training("fcn8s").dice == "pixel"
    assert other.training("fcn8s").network == plain.training("fcn8s").network == {"width": 8, "head": 128}
    begun = Protocol(methods=methods, pretrained="vgg16.pth")
    assert [begun.training(name).pretrained for name in methods[1:]] == ["vgg16.pth", "vgg16.pth", None, None]
    assert begun.training("fcn8s").network_settings == {"head": 128, "bias": True}, "as wide as the weights"
    assert begun.training("unet").network == {"width": 8}


@pytest.mark.parametrize(("dice", "words"), [("batch", "(of the whole batch)"), ("pixel", "(of each pixel)")])
def test_the_methods_paragraph_says_how_networks_were_trained(dice: str, words: str) -> None:
    slices = SimpleNamespace(slices=("one",))
    text = methods_text(SimpleNamespace(train=slices, test=slices), Protocol(dice=dice, backbone="resnet50"))  # type: ignore[arg-type]
    assert words in text
    assert "The FCNs had the backbone resnet50." in text
    assert "{" not in text


def test_options_that_no_method_takes_are_refused() -> None:
    for option in ({"backbone": "alexnet"}, {"pretrained": "vgg16.pth"}):
        with pytest.raises(OptionError, match="expected an FCN among the methods, found otsu, unet"):
            Protocol(methods=("otsu", "unet"), **option)  # type: ignore[arg-type]
    with pytest.raises(OptionError, match="expected vgg16, alexnet, resnet50, found 'vgg19'"):
        Protocol(backbone="vgg19")
    with pytest.raises(OptionError, match="expected the backbone vgg16"):
        Protocol(backbone="alexnet", pretrained="vgg16.pth")
    with pytest.raises(SettingsError, match="expected methods among"):
        Protocol(methods=("compact-7",))


def test_missing_weights_are_said_before_any_training(phantom: Path, tmp_path: Path) -> None:
    images, truth, heard = phantom / "images.ome.zarr", phantom / "truth.ome.zarr", Notes()
    pairs = (images, truth, images, truth)
    given = {"slices": [1], "test_slices": [TEST], "methods": ("otsu", "fcn8s"), "crop": 64, "epochs": 1}
    with pytest.raises(MissingFileError, match="found nothing at"):
        compare(*pairs, **given, pretrained=str(tmp_path / "none.pth"), out=tmp_path / "out", reporter=heard)
    assert not (tmp_path / "out" / "models").exists()


def test_methods_that_read_neighbours_are_compared(
    phantom: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(PRESETS, "laptop", replace(PRESETS["laptop"], sets=2, crops_per_set=6))
    images, truth = phantom / "images.ome.zarr", phantom / "truth.ome.zarr"
    pairs = (images, truth, images, truth)
    given = {"slices": [1], "test_slices": [TEST], "crop": 64, "device": "cpu", "out": tmp_path / "out"}
    first = compare(*pairs, **given, methods=("otsu",))
    result = compare(*pairs, **given, methods=("otsu", "salzer"), stack=None)
    assert result.numbers["methods"]["otsu"]["over_crops"] == first.numbers["methods"]["otsu"]["over_crops"]
    row = result.numbers["methods"]["salzer"]
    true = open_labels(truth).read()[TEST] == 1
    found = open_labels(tmp_path / "out" / "test" / "salzer-0.ome.zarr").read()
    assert found.shape[0] == 19, "the slice and its neighbours"
    middle = found[9] == 1
    assert row["test_slices"]["phases"]["solid"]["iou"] == pytest.approx((middle & true).sum() / (middle | true).sum())
    data, each = collect_annotated([(open_volume(images), open_labels(truth))], only=[TEST]), []
    for number in range(2):
        crops = draw_crop_set(data, (0, TEST_SETS, number), count=6, edge=64)
        cut = [(crops.cut(n, middle), crops.crop(n)[1] == 1) for n in range(6)]
        each.append(np.mean([(one & codes).sum() / (one | codes).sum() for one, codes in cut]))
    assert row["over_crops"]["iou"]["mean"] == pytest.approx(np.mean(each))
    assert 0.5 < row["roc_area"] <= 1
    page = result.report.read_text(encoding="utf-8")
    assert "Salzer read neighbouring slices" in page
    one = Box((TEST, 0, 0), (TEST + 1, *true.shape))
    alone = open_volume(images).crop(one), open_labels(truth).crop(one)
    with pytest.raises(LabelError, match="expected a stack to test Salzer on, found slice 6"):
        compare(images, truth, *alone, slices=[1], crop=64, methods=("salzer",), out=tmp_path / "other")
