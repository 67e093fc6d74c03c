"""Salzer's and Prill's methods on stacks whose shine-through is known by a formula."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter

from keramos.blocks import Block, Plan
from keramos.core import NOT_ANNOTATED, VOID_SOLID, Box, LabelVolume, PhaseTable, View, Volume, VoxelSize
from keramos.core.errors import LabelError, PixelError, SettingsError
from keramos.io import open_labels
from keramos.learning import TrainSettings, collect_annotated, train_model
from keramos.segmenters import (
    SEGMENTERS,
    Otsu,
    Prill,
    Salzer,
    Sauvola,
    Segmenter,
    decide,
    load_segmenter,
    planes_of,
    segment_volume,
)

Codes = NDArray[np.uint8]
METHODS = [Salzer(), Prill()]
SIZE = VoxelSize(20, 20, 20)


def seen_through(codes: Codes, solid: float = 140.0, fade: float = 8.0, noise: float = 6.0) -> NDArray[np.uint8]:
    """Images of a body cut along z: a void shows the next solid below it, at depth n with exp(-n / `fade`) of its grey
    value, over 15."""
    grey, floor = np.empty(codes.shape), np.full(codes.shape[1:], np.inf)
    for z in range(len(codes))[::-1]:
        floor = np.where(codes[z] == 1, 0, floor + 1)
        grey[z] = 15 + (solid - 15) * np.exp(-floor / fade)
    return np.clip(grey + np.random.default_rng(1).normal(0, noise, grey.shape), 0, 255).astype(np.uint8)


@pytest.fixture(scope="module")
def body() -> Codes:
    smooth = gaussian_filter(np.random.default_rng(0).standard_normal((36, 80, 90)), 4, mode="wrap")
    return (smooth > 0.1 * smooth.std()).astype(np.uint8)


@pytest.fixture(scope="module")
def images(body: Codes) -> NDArray[np.uint8]:
    return seen_through(body)


def segmented(segmenter: Segmenter, grey: NDArray[np.generic], view: View | None = None) -> Codes:
    volume = replace(Volume.from_array(grey, SIZE), view=view)
    whole = Box.whole(volume.shape)
    return decide(segmenter.fit_to(volume).scores(volume.read(), Block(0, whole, whole)))


def iou(found: NDArray[np.generic], true: NDArray[np.generic], code: int = 1) -> float:
    return float(np.sum((found == code) & (true == code)) / np.sum((found == code) | (true == code)))


@pytest.mark.parametrize("method", METHODS, ids=lambda method: method.name)
def test_floors_that_shine_through_are_void_where_thresholds_fail(
    method: Segmenter, images: Codes, body: Codes
) -> None:
    inner = slice(0, 26)  # at the end of the stack floors are missing
    depth = np.zeros(body.shape, int)
    for z in range(len(body) - 1)[::-1]:
        depth[z] = np.where(body[z] == 1, 0, depth[z + 1] + 1)
    floors = ((depth >= 2) & (depth <= 5))[inner]
    found, otsu, sauvola = (segmented(one, images)[inner] for one in (method, Otsu(), Sauvola()))
    wrong, *others = (float(np.mean(codes[floors] == 1)) for codes in (found, otsu, sauvola))
    assert wrong < 0.65 * min(others)
    assert iou(found, body[inner]) > max(iou(codes, body[inner]) for codes in (otsu, sauvola)) + 0.02


@pytest.mark.parametrize("method", METHODS, ids=lambda method: method.name)
def test_order_of_cutting_and_polarity_are_followed(method: Segmenter, images: Codes) -> None:
    found = segmented(method, images)
    backwards = segmented(method, images[::-1], View(cutting_order="decreasing"))
    assert np.mean(backwards[::-1] != found) < 5e-3  # not 0: the slices that grey levels are taken from differ
    assert np.mean(segmented(method, images[::-1])[::-1] != found) > 0.01
    dark = segmented(replace(method, inverted=True), 255 - images)  # type: ignore[type-var]
    assert np.mean(dark != found) < 5e-3
    other = segmented(replace(method, material=0), images)  # type: ignore[type-var]
    np.testing.assert_array_equal(other, 1 - found)


@pytest.mark.parametrize("method", METHODS, ids=lambda method: method.name)
@pytest.mark.parametrize("order", ["increasing", "decreasing"])
def test_blocks_equal_whole(method: Segmenter, order: str, images: Codes) -> None:
    segmenter = replace(method, local=6.0) if isinstance(method, Salzer) else method
    view = View(cutting_order=order)  # type: ignore[arg-type]
    volume = replace(Volume.from_array(images, SIZE), view=view)
    ready = segmenter.fit_to(volume)
    expected = segmented(segmenter, images, view)
    for tile in [(16, 48, 90), (36, 80, 32)] if order == "increasing" else [(16, 48, 90)]:
        for block in Plan(volume.shape, tile, ready.signature.halo):
            found = decide(ready.scores(volume.read(block.read), block))
            np.testing.assert_array_equal(found, expected[block.core.slices])


def test_what_lies_beyond_the_halo_changes_nothing(images: Codes) -> None:
    """The halo is what is stated, and no more is needed: another stack around it, the same codes."""
    for segmenter in (Salzer(local=4.0, sigma=1.0), Prill(sigma=1.0)):
        ready = segmenter.fit_to(Volume.from_array(images))
        core = Box((18, 40, 45), (20, 44, 50))
        read = core.grow(ready.signature.halo)
        changed = np.random.default_rng(2).integers(0, 255, images.shape).astype(np.uint8)
        changed[read.slices] = images[read.slices]
        whole = Block(0, core, Box.whole(images.shape))
        np.testing.assert_array_equal(ready.scores(images, whole), ready.scores(changed, whole))


def test_segments_by_name_and_by_a_trained_model(tmp_path: Path, images: Codes, body: Codes) -> None:
    volume = Volume.from_array(images, SIZE)
    labels = np.full_like(body, NOT_ANNOTATED)
    labels[12, :60] = body[12, :60]
    pair = (volume, LabelVolume.from_array(labels, VOID_SOLID, SIZE))
    for name in ("salzer", "prill"):
        assert planes_of(name) == 19
        plain = load_segmenter(name, volume)
        segment_volume(volume, plain, tmp_path / f"{name}.ome.zarr")
        by_name = open_labels(tmp_path / f"{name}.ome.zarr").read()
        np.testing.assert_array_equal(by_name, segmented(plain, images))
        data = collect_annotated([pair], planes=planes_of(name))
        fitted = train_model(data, TrainSettings(model=name), tmp_path / f"{name}.keramos", half_range=128)
        trained = load_segmenter(fitted.path, volume)
        assert isinstance(trained, type(SEGMENTERS[name]))
        codes = segmented(trained, images)
        assert iou(codes[12, :60], body[12, :60]) >= iou(by_name[12, :60], body[12, :60])
        assert iou(codes[:26], body[:26]) > 0.8


@pytest.mark.parametrize("positive", ["void", "solid"])
def test_training_finds_which_phase_is_cut_and_the_polarity(positive: str, images: Codes, body: Codes) -> None:
    labels = np.full_like(body, NOT_ANNOTATED)
    labels[14] = body[14]
    pair = (
        Volume.from_array(255 - images),
        LabelVolume.from_array(labels, PhaseTable.from_names(["void", "solid"], positive)),
    )
    chosen = Prill().choose_parameters(collect_annotated([pair], planes=19), half_range=128)
    assert (chosen.material, chosen.inverted) == (1, True)
    assert "dark solid" in chosen.summary()


def test_ranks_voxels_by_the_distance_in_grey_levels(images: Codes, body: Codes) -> None:
    ready = Salzer().fit_to(Volume.from_array(images))
    whole = Box.whole(images.shape)
    codes, scores = ready.codes_and_scores(images, Block(0, whole, whole), grey_scale=20)
    np.testing.assert_array_equal(codes, scores > 0.5)
    brighter = Salzer().fit_to(Volume.from_array(images.astype(np.uint16) * 100))
    same = brighter.codes_and_scores(images.astype(np.uint16) * 100, Block(0, whole, whole), grey_scale=2000)[1]
    np.testing.assert_allclose(same, scores, atol=1e-3)


def test_what_has_no_depth_is_refused(images: Codes, body: Codes) -> None:
    for method in METHODS:
        with pytest.raises(SettingsError, match=f"expected a stack for {method.name}.*found one slice.*use otsu"):
            method.fit_to(Volume.from_array(images[:1]))
        with pytest.raises(PixelError, match="a single grey value"):
            method.fit_to(Volume.from_array(np.full_like(images, 7)))
        pair = (Volume.from_array(images[5:6]), LabelVolume.from_array(body[5:6], VOID_SOLID))
        with pytest.raises(LabelError, match=f"annotated slices of a stack for {method.name}.*without neighbours"):
            method.choose_parameters(collect_annotated([pair], planes=19), half_range=128)
        with pytest.raises(SettingsError, match="no grey levels yet"):
            method.scores(images, Block(0, Box.whole(images.shape), Box.whole(images.shape)))
        with pytest.raises(SettingsError, match="expected two phases"):
            replace(method, phases=PhaseTable.from_names(["a", "b", "c"]))  # type: ignore[type-var]
    for wrong in ({"sigma": -1.0}, {"drop": 0.0}, {"material": 2}, {"levels": (1.0, float("nan"))}):
        for method in METHODS:
            with pytest.raises(SettingsError, match="expected"):
                replace(method, **wrong)  # type: ignore[type-var]


def test_pixels_without_a_value_do_not_spread(images: Codes) -> None:
    grey = images.astype(np.float32)
    grey[:, :10] = np.nan
    for method in METHODS:
        found = segmented(method, grey)
        assert np.all(found[:20, :6] == 0)
        assert np.mean(found[:20, 40:] == segmented(method, images)[:20, 40:]) > 0.98
