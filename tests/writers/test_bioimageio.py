"""bioimage.io packages: valid to the format's own checker, and its own runner gives the scores of Keramos."""

from __future__ import annotations

import zipfile
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from PIL import Image

from keramos.core import Box, Volume
from keramos.core.errors import SettingsError
from keramos.networks import Checkpoint, GreyToScores
from keramos.writers.bioimageio.axes import least_size
from keramos.writers.bioimageio.package import write_package
from keramos.writers.bioimageio.sample import sample_of
from keramos.writers.bioimageio.settings import PackageSettings

Model = Callable[..., Checkpoint]
PHASES = ("pore", "nickel", "ysz")


@pytest.fixture(scope="module")
def package(tmp_path_factory: pytest.TempPathFactory, small_model: Model) -> Path:
    """Of a network of three phases that reads one slice, under an SPDX licence."""
    out = tmp_path_factory.mktemp("package") / "model.zip"
    settings = PackageSettings(name="Anode of a fuel cell", authors=("Ada Lee", "Bo Chen"))
    write_package(small_model("compact", PHASES, licence="CC-BY-4.0"), out, settings=settings)
    return out


@pytest.fixture(scope="module")
def description(package: Path) -> Any:
    from bioimageio.spec import load_description

    return load_description(package, perform_io_checks=True)


def test_its_checker_finds_it_valid(description: Any) -> None:
    assert description.validation_summary.status == "valid-format"
    warnings = [w.msg for detail in description.validation_summary.details for w in detail.warnings]
    assert not [text for text in warnings if not text.startswith("Missing `maintainers`")]  # they join at bioimage.io


def test_it_says_what_the_card_says(description: Any) -> None:
    (grey,), (scores,) = description.inputs, description.outputs
    assert [axis.id for axis in grey.axes] == ["batch", "channel", "y", "x"]
    assert scores.axes[1].channel_names == list(PHASES)
    for axis, pitch_nm in zip(grey.axes[2:], (26.4, 20.8), strict=True):
        assert (axis.size.min, axis.size.step) == (104, 8)
        assert (axis.scale, axis.unit) == (1000 * pitch_nm, "picometer")
    assert [axis.halo for axis in scores.axes[2:]] == [48, 48]
    assert grey.preprocessing[0].id == "ensure_dtype"
    assert len(grey.preprocessing) == 1  # the rest is inside the model
    assert description.license == "CC-BY-4.0"
    assert description.cite[0].doi == "10.1038/s41524-024-01226-5"
    assert [author.name for author in description.authors] == ["Ada Lee", "Bo Chen"]
    assert description.config.model_extra["keramos"]["halo"] == [0, 48, 48]


def test_its_runner_reproduces_the_scores_by_both_weights(package: Path) -> None:
    from bioimageio.core import test_model as run_test

    summary = run_test(package)
    assert summary.status == "passed"
    run = [detail.name for detail in summary.details if detail.status == "passed"]
    assert any("test inputs (onnx)" in name for name in run)
    assert any("test inputs (torchscript)" in name for name in run)


def test_tiles_of_its_runner_meet_without_a_seam(package: Path, small_model: Model) -> None:
    import torch
    from bioimageio.core import predict

    grey = np.random.default_rng(0).integers(0, 255, (1, 1, 264, 208)).astype(np.float32)
    found = predict(model=str(package), inputs=grey, blocksize_parameter=2).members["scores"].data.to_numpy()
    with torch.no_grad():
        whole = GreyToScores(small_model("compact", PHASES))(torch.from_numpy(grey)).numpy()
    inner = (..., slice(48, -48), slice(48, -48))  # at the border of the image it pads in its own way
    np.testing.assert_allclose(found[inner], whole[inner], atol=1e-5)
    assert np.ptp(whole) > 0.1


def test_what_lies_in_it(package: Path, tmp_path: Path) -> None:
    with zipfile.ZipFile(package) as file:
        file.extractall(tmp_path)
    text = (tmp_path / "README.md").read_text(encoding="utf-8")
    for words in ("# Anode of a fuel cell", "pore, nickel, ysz", "## Validation", "Hirabayashi", "CC-BY-4.0"):
        assert words in text
    with Image.open(tmp_path / "cover.png") as cover:
        assert cover.width == 2 * cover.height
    assert (tmp_path / "cover.png").stat().st_size < 500_000
    grey = np.load(tmp_path / "test-input.npy")
    assert np.percentile(grey, [1, 99]) == pytest.approx([40, 180], abs=1)  # as the training data's
    assert [path.name for path in package.parent.iterdir()] == ["model.zip"]


def test_a_licence_that_is_no_spdx_identifier_is_a_file(tmp_path: Path) -> None:
    from keramos.writers.bioimageio import description

    (tmp_path / "LICENSE.txt").write_text("ask us", encoding="utf-8")
    given = description._licence(description.specification(), tmp_path, "ask us")
    assert given.source == tmp_path / "LICENSE.txt"


@pytest.mark.parametrize(("name", "planes", "edge"), [("compact-7", 7, 256), ("unet", 1, 256), ("fcn8s", 1, 672)])
def test_a_sample_is_a_tile_that_the_network_takes(
    name: str, planes: int, edge: int, small_model: Model, monkeypatch: pytest.MonkeyPatch
) -> None:
    def noise(shape: tuple[int, ...]) -> Any:
        return SimpleNamespace(images=SimpleNamespace(read=lambda: np.random.default_rng(0).integers(0, 256, shape)))

    monkeypatch.setattr("keramos.writers.bioimageio.sample.make_phantom", noise)
    sample = sample_of(small_model(name))
    assert sample.grey.shape == (planes, edge, edge)
    assert sample.scores.shape == (2, edge, edge)
    assert np.percentile(sample.grey, [1, 99]) == pytest.approx([40, 180], abs=1)
    np.testing.assert_array_equal(sample.grey, np.rint(sample.grey))
    np.testing.assert_allclose(sample.scores.sum(axis=0), 1, atol=1e-5)


def test_a_sample_of_a_stack_is_its_middle_mirrored_where_it_is_small(small_model: Model) -> None:
    stack = np.random.default_rng(0).integers(0, 255, (4, 300, 100)).astype(np.uint8)
    sample = sample_of(small_model("compact-7"), Volume.from_array(stack).crop(Box((1, 0, 0), (4, 300, 100))))
    assert sample.origin == "slice 2 of a stack"
    expected = stack[[1, 1, 1, 2, 3, 3, 3], 22:278]
    np.testing.assert_array_equal(sample.grey[:, :, :100], expected)
    np.testing.assert_array_equal(sample.grey[:, :, 100:200], expected[:, :, ::-1])


@pytest.mark.parametrize(("stride", "halo", "least"), [(8, 48, 104), (16, 112, 240), (32, 320, 672), (1, 0, 1)])
def test_the_least_tile_keeps_something_within_the_halo(stride: int, halo: int, least: int) -> None:
    assert least_size(stride, halo) == least


def test_names_that_bioimageio_does_not_allow() -> None:
    for name in ("abc", "a/b/c", "nm²" * 3):
        with pytest.raises(SettingsError, match=r"as bioimage\.io allows"):
            PackageSettings(name=name)
    with pytest.raises(SettingsError, match="names of authors"):
        PackageSettings(authors=("A/B",))
