"""Layers are seen in the labels, and then crops are large and stay upright and the network sees far; else nothing
changes."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from doubles import Notes
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter

from keramos.core import NOT_ANNOTATED, VOID_SOLID
from keramos.core.errors import SettingsError
from keramos.learning import (
    AnnotatedSlice,
    AnnotatedSlices,
    CropSampler,
    Ranges,
    TrainSettings,
    draw_augmentation,
    train_model,
)
from keramos.learning.layers import find_layers, upright_ranges
from keramos.learning.suit_settings import suit_settings
from keramos.networks import build_network, load_checkpoint


def band(edge: int = 320, slope: float = 0.1) -> NDArray[np.uint8]:
    """A layer that rises from left to right, with a rough edge."""
    y, x = np.mgrid[:edge, :edge]
    rough = gaussian_filter(np.random.default_rng(0).standard_normal(edge), 6) * 20
    return (np.abs(y - edge / 2 + slope * x + rough) < edge / 6).astype(np.uint8)


def blobs(edge: int = 128) -> NDArray[np.uint8]:
    field = gaussian_filter(np.random.default_rng(0).standard_normal((edge, edge)), 5)
    return (field > 0).astype(np.uint8)


def slices(*codes: NDArray[np.uint8]) -> AnnotatedSlices:
    pairs = enumerate(codes)
    return AnnotatedSlices(tuple(AnnotatedSlice(60 * (c == 1), c, "a.tif", n) for n, c in pairs), VOID_SOLID, None)


def test_bands_are_layers_and_their_direction_is_known() -> None:
    assert find_layers(slices(band())) == "horizontal"
    assert find_layers(slices(band().T)) == "vertical"
    assert find_layers(slices(band(), band(), blobs(320))) == "horizontal"


def test_blobs_strokes_and_small_regions_are_no_layers() -> None:
    assert find_layers(slices(blobs())) == "none"
    assert find_layers(slices(band(), blobs(320), blobs(320))) == "none"
    strokes, region = band(), band()
    strokes[:, 30:] = NOT_ANNOTATED
    region[100:] = NOT_ANNOTATED
    small = band(48)
    for codes in (strokes, region, small):
        assert find_layers(slices(codes)) == "none"


def test_a_slice_that_is_annotated_up_to_its_margins_has_layers() -> None:
    codes = band()
    codes[:30], codes[:, 290:] = NOT_ANNOTATED, NOT_ANNOTATED
    assert find_layers(slices(codes)) == "horizontal"


@pytest.mark.parametrize(
    ("given", "levels", "crop", "said"),
    [
        ({}, 6, 320, 1),
        ({"layers": "horizontal"}, 6, 320, 0),
        ({"crop": 160}, 5, 160, 1),
        ({"crop": 144, "size": "M"}, 4, 144, 1),
    ],
)
def test_layers_are_seen_from_afar_and_upright(given: dict[str, Any], levels: int, crop: int, said: int) -> None:
    heard = Notes()
    suited = suit_settings(TrainSettings(device="cpu", **given), slices(band()), heard, fresh=True)
    assert (suited.layers, suited.network_settings["levels"], suited.edge) == ("horizontal", levels, crop)
    assert suited.batch_size == 2
    assert not suited.augmentation.any_rotation
    assert len(heard.notes) == said


@pytest.mark.parametrize(
    ("given", "fresh"),
    [({}, True), ({"layers": "none"}, True), ({}, False), ({"model": "compact-3d"}, True)],
)
def test_else_nothing_changes(given: dict[str, Any], fresh: bool) -> None:
    codes, heard = band() if given or not fresh else blobs(320), Notes()
    suited = suit_settings(TrainSettings(device="cpu", **given), slices(codes), heard, fresh=fresh)
    assert (suited.layers, suited.crop, suited.batch, suited.augmentation) == ("none", None, None, None)
    assert not suited.network
    assert not heard.notes


def test_small_images_have_smaller_crops_and_known_weights_keep_their_network() -> None:
    asked = TrainSettings(device="cpu", layers="vertical")
    assert suit_settings(asked, slices(blobs(200)), Notes(), fresh=True).edge == 192
    assert suit_settings(asked, slices(blobs(100)), Notes(), fresh=True).edge == 128
    further = suit_settings(asked, slices(blobs(320)), Notes(), fresh=False)
    assert not further.network
    assert (further.edge, further.batch_size) == (320, 4)
    assert suit_settings(asked, slices(blobs(600)), Notes(), fresh=True).edge == 512


def test_the_papers_networks_know_no_layers() -> None:
    with pytest.raises(SettingsError, match="expected a compact network for images with layers, found unet"):
        TrainSettings(model="unet", layers="horizontal")


@pytest.mark.parametrize(("layers", "planes", "across"), [("horizontal", 1, 1), ("vertical", 1, 0), ("vertical", 5, 0)])
def test_layers_stay_in_their_order(layers: Any, planes: int, across: int) -> None:
    """A step across the layers in the crop is a step the same way in the image."""
    rng, ranges = np.random.default_rng(0), upright_ranges(layers, planes)
    matrices = np.array([draw_augmentation(rng, planes=planes, ranges=ranges).matrix for _ in range(300)])
    assert (matrices[:, across, across] > 0.7).all()
    along = matrices[:, 1 - across, 1 - across]
    assert (along < 0).any() == (planes == 1)
    assert np.abs(matrices[:, 0, 1]).max() < 0.5
    # Mirrored crops are turned neither more nor less.
    assert np.mean(np.linalg.det(matrices) < 0) == pytest.approx(0.5 if planes == 1 else 0, abs=0.1)


def test_crops_of_layers_stay_inside_the_image() -> None:
    """Beyond it nothing is annotated: a crop that is not zoomed out has all of its labels."""
    data, ranges = slices(band(128, 0)), Ranges(any_rotation=False, rotation=0, zoom=1)
    for inside in (False, True):
        sampler = CropSampler(
            data, [data.constants()], size=96, batch=24, seed=0, ranges=replace(ranges, inside=inside)
        )
        _, codes, _ = next(sampler.batches())
        assert (codes == NOT_ANNOTATED).any() != inside


def test_a_far_seeing_network_is_no_wider_at_its_coarse_levels() -> None:
    far = build_network("compact", {"width": 4, "levels": 6, "doublings": 3})
    assert [level[3].out_channels for level in far.down] == [4, 8, 16, 32, 32, 32]
    assert far.halo == build_network("compact", {"width": 4, "levels": 6}).halo
    for wrong in (-1, 4):
        with pytest.raises(SettingsError, match="doublings from 0 to 3"):
            build_network("compact", {"levels": 4, "doublings": wrong})


def test_such_a_network_is_trained_and_saved(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("keramos.learning.settings.CROPS_PER_EPOCH", 20)
    settings = TrainSettings(epochs=1, batch=10, crop=64, device="cpu", width=2, scored_slices=0)
    train_model(slices(band(96, 0)), settings, tmp_path / "m.keramos", half_range=128)
    card = load_checkpoint(tmp_path / "m.keramos").card
    assert (card.architecture_settings["levels"], card.architecture_settings["doublings"]) == (6, 3)
    assert card.training.settings["layers"] == "horizontal"
