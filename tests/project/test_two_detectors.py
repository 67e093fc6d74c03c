"""Two images of each slice, from the phantom to the labels."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from doubles import Dies, Killed

from keramos import phantom, segment, train
from keramos.blocks import Block, plan_blocks
from keramos.core import NOT_ANNOTATED, VOID_SOLID, Box, LabelVolume, Volume, VoxelSize
from keramos.core.errors import LabelError, OptionError, SettingsError
from keramos.io import open_channels, open_labels, open_volume, save_volume
from keramos.learning import TrainSettings, collect_annotated, train_model
from keramos.learning.initial_weights import initialise_from
from keramos.networks import Checkpoint, load_bundled, load_checkpoint, save_checkpoint
from keramos.project.segmentation_facts import images_of
from keramos.segmenters import load_segmenter
from keramos.simulation import make_phantom

SIZE = VoxelSize(20, 20, 20)
SHAPE = (20, 72, 88)
QUICK: dict[str, Any] = {"epochs": 1, "width": 4, "crop": 32, "batch": 16, "device": "cpu"}


@pytest.fixture(scope="module")
def codes() -> np.ndarray:
    """Stripes across x, eight pixels wide."""
    return np.broadcast_to((np.arange(SHAPE[2]) // 8 % 2).astype(np.uint8), SHAPE).copy()


@pytest.fixture(scope="module")
def pair(codes: np.ndarray, tmp_path_factory: pytest.TempPathFactory) -> str:
    """Noise that says nothing, and the stripes by another detector of 16 bits."""
    folder, rng = tmp_path_factory.mktemp("pair"), np.random.default_rng(0)
    save_volume(folder / "se.ome.zarr", Volume.from_array(rng.integers(0, 255, SHAPE).astype(np.uint8), SIZE))
    shown = (1000.0 + 20000.0 * codes + rng.normal(0, 3000, SHAPE)).clip(0).astype(np.uint16)
    save_volume(folder / "inlens.ome.zarr", Volume.from_array(shown, SIZE))
    return f"{folder / 'se.ome.zarr'}+{folder / 'inlens.ome.zarr'}"


@pytest.fixture(scope="module")
def labels(codes: np.ndarray) -> LabelVolume:
    drawn = np.full(SHAPE, NOT_ANNOTATED, np.uint8)
    drawn[9] = codes[9]
    return LabelVolume.from_array(drawn, VOID_SOLID, SIZE)


@pytest.fixture(scope="module")
def model(pair: str, labels: LabelVolume, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("model") / "both.keramos"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("keramos.learning.settings.CROPS_PER_EPOCH", 480)
        return train(images=pair, labels=labels, model="compact-5", out=out, **QUICK).path


def test_the_second_detector_is_learnt_from(pair: str, codes: np.ndarray, model: Path, tmp_path: Path) -> None:
    card = load_checkpoint(model).card
    assert card.channel_names == ("se", "inlens")
    assert card.further_channels[0].grey_dtype == "uint16"
    assert card.normalisation is not None
    seen = open_channels(pair).others[0].read(Box((9, 0, 0), (10, *SHAPE[1:])))
    assert card.normalisation.others[0] == (pytest.approx(seen.mean()), pytest.approx(seen.std()))
    made = segment(pair, model=model, out=tmp_path / "whole.ome.zarr")
    assert np.mean(made.read() == codes) > 0.8  # the first image says nothing: a half
    assert images_of(made).channel_names == ("se", "inlens")


def test_blocks_give_what_the_whole_gives(pair: str, model: Path) -> None:
    volume = open_channels(pair)
    segmenter = load_segmenter(model, volume).fit_to(volume)
    whole = segmenter.scores(volume.read_channels(), Block(0, volume.box, volume.box))
    signature = segmenter.signature
    plan = plan_blocks(SHAPE, halo=signature.halo, stride=signature.stride, chunk=(6, 32, 32), max_voxels=1)
    assert len(plan) == 36
    for block in (plan[number] for number in (0, 5, 17, 30, 35)):
        part = segmenter.scores(volume.read_channels(block.read), block)
        np.testing.assert_allclose(part, whole[:, *block.core.slices], atol=2e-6)


def test_another_number_or_order_of_images_is_refused(
    pair: str, labels: LabelVolume, model: Path, small_model: Callable[..., Checkpoint], tmp_path: Path
) -> None:
    first, second = pair.split("+")
    one, single = small_model("compact"), tmp_path / "one.keramos"
    save_checkpoint(single, one.card, one.weights)
    for images, by, said in (
        (first, model, r"images of 2 detectors \(se, inlens\) for compact-5, found one"),
        (pair, single, r"images of one detector for compact, found 2 \(se, inlens\)"),
        (pair, "otsu", "images of one detector for otsu, found 2"),
        (f"{second}+{first}", model, "se, inlens in this order"),
    ):
        with pytest.raises(SettingsError, match=said):
            segment(images, model=by, out=tmp_path / "refused.ome.zarr")
    with pytest.raises(SettingsError, match=r"reads images of several detectors .*compact.*, found unet"):
        train(images=pair, labels=labels, model="unet", out=tmp_path / "no.keramos", epochs=1)
    with pytest.raises(SettingsError, match=r"images of 1 detector.* found one that reads 2"):
        train(images=first, labels=labels, from_=model, out=tmp_path / "no.keramos", epochs=1)
    with pytest.raises(LabelError, match="same detectors in one order"):
        collect_annotated([(open_channels(pair), labels), (open_volume(first), labels)])


@pytest.mark.parametrize("model", ["compact", "compact-7"])
def test_weights_of_one_image_are_kept_until_the_other_is_learnt(model: str, tmp_path: Path) -> None:
    import torch

    start = load_bundled("porous-solid", 1)
    assert start is not None
    one, two = (initialise_from(start, model, VOID_SOLID, None, channels).eval() for channels in (1, 2))
    grey = torch.randn(1, two.inputs, 32, 48)
    with torch.inference_mode():
        torch.testing.assert_close(two(grey), one(grey[:, : one.inputs]))


def test_a_phantom_is_imaged_twice_and_else_the_same(tmp_path: Path) -> None:
    shape, folder = (20, 24, 32), tmp_path / "phantom"
    with pytest.raises(Killed):
        phantom(folder, shape=shape, seed=5, also="in-lens", reporter=Dies(16, "make"))
    parameters = phantom(folder, shape=shape, seed=5, also="in-lens")
    usual, both = make_phantom(shape, seed=5), make_phantom(shape, seed=5, also="in-lens")
    volume = open_channels(f"{folder / 'images.ome.zarr'}+{folder / 'images-in-lens.ome.zarr'}")
    np.testing.assert_array_equal(volume.read_channels(), both.images.read_channels())
    np.testing.assert_array_equal(both.images.read(), usual.images.read())
    np.testing.assert_array_equal(open_labels(folder / "truth.ome.zarr").read(), usual.truth.read())
    assert parameters["also"]["name"] == "in-lens"
    assert "also" not in usual.parameters
    with pytest.raises(SettingsError, match="low-voltage or in-lens"):
        phantom(tmp_path / "other", shape=shape, also="x-rays")
    with pytest.raises(OptionError, match="one detector"):
        phantom(tmp_path / "raw", shape=shape, also="in-lens", raw="zeiss")


def test_a_low_voltage_sees_less_deep_and_a_detector_in_the_lens_deeper() -> None:
    """The mean of voids over that of the solid; noise that is independent of the first image's."""
    shape, dark, noise = (2, 128, 128), {}, {}
    for name in ("low-voltage", "in-lens"):
        made = make_phantom(shape, seed=2, also=name)
        (first, second), void = (one.read().astype(float) for one in made.images.channels), made.shown.read() == 0
        dark["usual"] = first[void].mean() / first[~void].mean()
        dark[name] = second[void].mean() / second[~void].mean()
        fine = [np.diff(one, axis=2)[(made.shown.read() == 1)[:, :, 1:]] for one in (first, second)]
        noise[name] = np.corrcoef(*fine)[0, 1]
    assert dark["low-voltage"] < 0.9 * dark["usual"] < dark["usual"] < 0.95 * dark["in-lens"]
    assert all(abs(one) < 0.35 for one in noise.values()), noise


def test_a_training_on_two_images_resumes_exactly(
    pair: str, labels: LabelVolume, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("keramos.learning.settings.CROPS_PER_EPOCH", 160)
    data = collect_annotated([(open_channels(pair), labels)])
    settings = TrainSettings(**QUICK)

    def weights(name: str, reporter: Any = None) -> dict[str, Any]:
        made = train_model(data, settings, tmp_path / f"{name}.keramos", half_range=128.0, reporter=reporter)
        return load_checkpoint(made.path).weights

    with pytest.raises(Killed):
        weights("killed", Dies(0.5, "train"))
    once, again = weights("once"), weights("killed")
    assert all(np.array_equal(once[name], again[name]) for name in once)
