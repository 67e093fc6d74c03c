"""Crops: grey values and codes stay together, whatever is done to them; nothing is made up outside the image."""

from __future__ import annotations

from itertools import islice

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter

from keramos.core import NOT_ANNOTATED, VOID_SOLID, VoxelSize
from keramos.learning import AnnotatedSlice, AnnotatedSlices, Augmentation, CropSampler, change_grey, draw_augmentation
from keramos.learning.augmentation import Ranges


def slices(codes: NDArray[np.uint8], grey: NDArray[np.generic], size: VoxelSize | None = None) -> AnnotatedSlices:
    return AnnotatedSlices((AnnotatedSlice(grey, codes, "image", 0),), VOID_SOLID, size)


def blobs(shape: tuple[int, int] = (200, 180)) -> NDArray[np.uint8]:
    return (gaussian_filter(np.random.default_rng(0).standard_normal(shape), 6) > 0).astype(np.uint8)


def sampler(data: AnnotatedSlices, seed: int = 0, size: int = 64, batch: int = 8) -> CropSampler:
    return CropSampler(data, [((0.0, 1.0),)] * len(data.slices), size=size, batch=batch, seed=seed)


def test_codes_follow_the_grey_values_through_every_change_of_shape() -> None:
    codes = blobs()
    grey, found, _ = next(sampler(slices(codes, codes * 100.0 - 50), batch=32).batches())
    inside = found != NOT_ANNOTATED
    agree = (grey[:, 0] > 0) == (found == 1)
    assert inside.float().mean() > 0.5
    # Interpolated grey and nearest codes part only within a pixel of a boundary; a registration error of two pixels
    # or a mirrored code would leave a few per cent more.
    assert agree[inside].float().mean() > 0.95
    assert 0.2 < (found[inside] == 1).float().mean() < 0.8


def test_crops_without_augmentation_are_pieces_of_the_image() -> None:
    codes = blobs()
    row, column = np.mgrid[:200, :180].astype(np.float32)
    # Crops do not depend on the grey values: an image of rows and one of columns tell where each pixel came from.
    (rows, found, _), (columns, *_) = (next(sampler(slices(codes, image)).plain_batches()) for image in (row, column))
    inner = (slice(20, 40), slice(20, 40))
    for y, x, code in zip(rows[:, 0].numpy(), columns[:, 0].numpy(), found.numpy(), strict=True):
        np.testing.assert_allclose(np.diff(y[inner], axis=0), 1, atol=0.01)
        np.testing.assert_allclose(np.diff(x[inner], axis=1), 1, atol=0.01)
        known = code[inner] != NOT_ANNOTATED
        expected = codes[np.rint(y[inner][known]).astype(int), np.rint(x[inner][known]).astype(int)]
        assert np.mean(expected == code[inner][known]) > 0.99  # ties at half a pixel apart


def test_outside_the_image_is_not_annotated_and_255_stays() -> None:
    codes = np.zeros((40, 40), np.uint8)
    codes[:, 20:] = NOT_ANNOTATED
    codes[:20, :10] = 1
    _, found, _ = next(sampler(slices(codes, codes.astype(float)), size=128, batch=8).plain_batches())
    assert set(np.unique(found)) == {0, 1, NOT_ANNOTATED}
    annotated = (found != NOT_ANNOTATED).sum(dim=(1, 2))
    assert (annotated <= 40 * 20).all()
    assert (annotated > 0).all()


def test_crops_lie_on_annotated_places() -> None:
    codes = np.full((400, 400), NOT_ANNOTATED, np.uint8)
    codes[300:340, 40:90] = blobs((40, 50))
    batches = islice(sampler(slices(codes, np.zeros((400, 400)))).batches(), 8)
    assert all((found != NOT_ANNOTATED).any(dim=2).any(dim=1).all() for _, found, _ in batches)


def test_the_same_seed_gives_the_same_crops_and_another_does_not() -> None:
    data = slices(blobs(), blobs() * 100.0)
    first, again, other = (next(sampler(data, seed).batches()) for seed in (0, 0, 1))
    assert torch.equal(first[0], again[0])
    assert torch.equal(first[1], again[1])
    assert not torch.equal(first[0], other[0])


def test_the_material_is_turned_not_the_pixels() -> None:
    # A disc of 600 nm on pixels of 40 x 20 nm is an ellipse of pixels; turned, it must stay a disc of material.
    size = VoxelSize(20, 40, 20)
    y, x = np.mgrid[:200, :400]
    disc = (((y - 100) * 40) ** 2 + ((x - 200) * 20) ** 2 < 600**2).astype(np.uint8)
    _, found, _ = next(sampler(slices(disc, disc * 1.0, size), size=160, batch=96).batches())
    ratios, areas = [], []
    for code in found:
        rows, columns = torch.nonzero(code == 1, as_tuple=True)
        inner = (
            rows.min() > 0 and rows.max() < 159 and columns.min() > 0 and columns.max() < 159 if len(rows) else False
        )
        if inner:
            ratios.append(float((rows.float().std() * 40) / (columns.float().std() * 20)))
            areas.append(len(rows))
    assert len(ratios) > 10
    np.testing.assert_allclose(ratios, 1, atol=0.06)
    true = np.pi * 600**2 / (40 * 20)
    assert true / 1.25**2 * 0.95 < min(areas) < true < max(areas) < true * 1.25**2 * 1.05


def test_draws_cover_all_angles_both_mirrors_and_the_zoom() -> None:
    rng = np.random.default_rng(0)
    matrices = np.array([draw_augmentation(rng).matrix for _ in range(400)])
    determinants = np.linalg.det(matrices)
    assert 0.4 < np.mean(determinants > 0) < 0.6
    zooms = np.sqrt(np.abs(determinants))
    assert 0.8 <= zooms.min() < 0.85
    assert 1.2 < zooms.max() <= 1.25
    angles = np.arctan2(matrices[:, 1, 0], matrices[:, 0, 0])
    assert np.histogram(angles, 8, (-np.pi, np.pi))[0].min() > 20


def test_neighbouring_slices_move_flicker_and_may_be_missing_and_the_annotated_one_stays() -> None:
    rng, beside = np.random.default_rng(0), [0, 1, 3, 4]
    draws = [draw_augmentation(rng, planes=5) for _ in range(3000)]
    jitter, flicker, shown = (np.array([getattr(d, name) for d in draws]) for name in ("jitter", "flicker", "shown"))
    assert not jitter[:, 2].any()
    assert not flicker[:, 2].any()
    assert (shown[:, 2] == 2).all()
    # A normal deviate times a standard deviation that is anywhere from 0 to 0.6 pixels.
    assert jitter[:, beside].std() == pytest.approx(0.6 / np.sqrt(3), rel=0.05)
    assert flicker[:, beside].std() == pytest.approx(0.08, rel=0.05)
    assert (np.diff(shown, axis=1) >= 0).all()
    # In 15 of 100 draws 0, 1 or 2 slices remain on each side; both in one of nine of those.
    assert np.mean((shown != np.arange(5)).any(axis=1)) == pytest.approx(0.15 * 8 / 9, abs=0.02)
    assert not np.array(draw_augmentation(rng, planes=5, ranges=Ranges(jitter=0, flicker=0)).jitter).any()


def test_changes_of_grey_are_what_was_drawn() -> None:
    flat = torch.ones(1, 65, 65)
    change = Augmentation(((1, 0), (0, 1)), contrast=1.5, brightness=-0.2, gradient=(0.3, -0.1), noise=0.0)
    changed = change_grey(flat, change, torch.Generator())
    assert float(changed[0, 32, 32]) == float(torch.tensor(1.5 - 0.2))
    torch.testing.assert_close(changed[0, 0, 0], torch.tensor(1.3 - 0.3 + 0.1))
    torch.testing.assert_close(changed[0, 64, 0], torch.tensor(1.3 + 0.3 + 0.1))
    noisy = Augmentation(((1, 0), (0, 1)), 1.0, 0.0, (0.0, 0.0), noise=0.2)
    assert abs(float((change_grey(flat, noisy, torch.Generator().manual_seed(0)) - 1).std()) - 0.2) < 0.01
