"""Law: segmenting block by block gives what segmenting the whole at once gives, for every segmenter.

The same tile shape gives the same bytes; another tile shape gives scores within 1e-5, and labels that differ only
where the margin between the two best scores is smaller than that.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np
import pytest
import torch
from marks import needs_openvino
from numpy.typing import NDArray
from torch import nn

from keramos.blocks import Block, Plan
from keramos.core import VOID_SOLID, Box, Volume, VoxelSize
from keramos.networks import ARCHITECTURES, Checkpoint, ModelCard, Normalisation, Training, build_network, phase_rows
from keramos.segmenters import NetworkSegmenter, Otsu, Prill, Resampled, Salzer, Sauvola, Segmenter, decide

SHAPE = (3, 98, 155)
"""Larger than some tiles with the halo of a compact network, 48 pixels on both sides: else none could be too small."""
TILES = [(2, 48, 64), (3, 64, 32), (1, 98, 56), (3, 16, 155)]


def blobs(seed: int = 0, dtype: type = np.uint8) -> Volume:
    """A shaded two-phase volume, with noise."""
    from scipy.ndimage import gaussian_filter

    rng = np.random.default_rng(seed)
    smooth = gaussian_filter(rng.standard_normal(SHAPE), (1, 5, 5))
    grey = 90 + 60 * (smooth > 0) + np.linspace(0, 30, SHAPE[1])[:, None] + rng.normal(0, 12, SHAPE)
    return Volume.from_array(np.clip(grey, 0, 255).astype(dtype))


def trained_like(network: nn.Module) -> nn.Module:
    """Weights and statistics of the size that training leaves: each layer passes on what it gets, both phases occur."""
    torch.manual_seed(0)
    for module in network.modules():
        if isinstance(module, nn.Conv2d | nn.Conv3d | nn.ConvTranspose2d):
            nn.init.kaiming_normal_(module.weight)
        if isinstance(module, nn.BatchNorm2d | nn.BatchNorm3d):
            nn.init.uniform_(module.weight, 0.5, 1.5)
            nn.init.uniform_(module.bias, -0.3, 0.3)
    normal = torch.from_numpy((blobs().read()[:, :96, :112].astype(np.float32) - 120) / 35)
    grey = torch.stack([normal[[min(max(z + k, 0), 2) for k in _around(network)]] for z in range(2)])
    with torch.no_grad():
        network.train()(grey)
        head = network.head[0]
        logits = network.eval()(grey)
        head.bias.view(2, 4)[1] -= (logits[:, 1] - logits[:, 0]).median()
    return network


def _around(network: nn.Module) -> range:
    return range(-network.halo[0], network.halo[0] + 1)


def checkpoint(name: str, network: nn.Module) -> Checkpoint:
    training = Training(
        images=(),
        annotated_slices=(),
        annotated_voxels=0,
        data_sha256="",
        seed=0,
        steps=0,
        seconds=0,
        device="cpu",
        settings={},
    )
    card = ModelCard(
        architecture=name,
        architecture_settings=network.settings,
        phases=phase_rows(VOID_SOLID),
        positive=1,
        normalisation=Normalisation(mean=120, std=35),
        voxel_size_nm=None,
        training=training,
        scores={},
        versions={},
    )
    return Checkpoint(card, network.state_dict(), "test")


@cache
def trained(name: str) -> Checkpoint:
    """Narrow, so that it is fast: how far a network sees does not depend on its width."""
    torch.manual_seed(0)
    return checkpoint(name, trained_like(build_network(name, {**ARCHITECTURES[name].size("S"), "width": 8})))


def network(
    name: str = "compact",
    average_views: bool = False,
    sizes: tuple[tuple[float, ...], ...] | None = None,
    backend: str = "torch",
) -> Callable[[Volume], Segmenter]:
    """One for the first of two voxel sizes, on a stack of the second, if `sizes` are given."""

    def make(volume: Volume) -> Segmenter:
        if sizes is None:
            return NetworkSegmenter(trained(name), average_views=average_views, backend=backend)
        one, other = sizes
        card = trained(name).card.model_copy(update={"voxel_size_nm": one})
        made = NetworkSegmenter(Checkpoint(card, trained(name).weights, "test"))
        return Resampled(made, VoxelSize.of(other)).fit_to(volume, lambda *_: None)

    return make


SEGMENTERS: dict[str, Callable[[Volume], Segmenter]] = {
    "otsu of each slice": lambda volume: Otsu().fit_to(volume, lambda *_: None),
    "otsu of the stack": lambda volume: Otsu(scope="stack").fit_to(volume, lambda *_: None),
    "sauvola": lambda _: Sauvola(),
    "sauvola, unsmoothed, small window": lambda _: Sauvola(sigma=0, window=15, k=0.1),
    "sauvola, window wider than the image": lambda _: Sauvola(sigma=3, window=255),
    "salzer": lambda volume: Salzer(local=6.0).fit_to(volume),
    "prill": lambda volume: Prill().fit_to(volume),
    "compact": network(),
    "compact, views averaged": network(average_views=True),
    "compact-5": network("compact-5"),
    "compact-7": network("compact-7"),
    "compact-7, views averaged": network("compact-7", average_views=True),
    "compact-3d": network("compact-3d"),
    "compact-7 by OpenVINO": network("compact-7", backend="openvino"),
    "compact, coarser voxels than the stack's": network(sizes=((20, 30, 27), (20, 20, 20))),
    "compact, finer voxels than the stack's": network(sizes=((20, 17, 14), (20, 24, 20))),
    "compact-5, coarser along z, finer along y": network("compact-5", sizes=((26, 16, 20), (20, 20, 20))),
}


def by_blocks(segmenter: Segmenter, volume: Volume, tile: tuple[int, int, int]) -> NDArray[np.float32]:
    signature = segmenter.signature
    plan = Plan(volume.shape, tile, signature.halo, signature.stride)
    scores = np.full((signature.classes, *volume.shape), np.nan, np.float32)
    for block in plan:
        part = segmenter.scores(volume.read(block.read), block)
        assert part.shape == (signature.classes, *block.core.shape)
        scores[(slice(None), *block.core.slices)] = part
    return scores


def at_once(segmenter: Segmenter, volume: Volume) -> NDArray[np.float32]:
    whole = Box.whole(volume.shape)
    return segmenter.scores(volume.read(), Block(0, whole, whole))


def differences(blocks: NDArray[np.float32], whole: NDArray[np.float32]) -> tuple[float, int]:
    """The largest difference of scores, and how many labels differ where the margin is 1e-5 or more."""
    ranked = np.sort(whole, axis=0)
    clear = ranked[-1] - ranked[-2] >= 1e-5
    return float(np.abs(blocks - whole).max()), int(np.sum((decide(blocks) != decide(whole)) & clear))


@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=needs_openvino if "OpenVINO" in name else ()) for name in SEGMENTERS]
)
def test_blocks_equal_whole(name: str) -> None:
    volume = blobs()
    segmenter = SEGMENTERS[name](volume)
    whole = at_once(segmenter, volume)
    shares = [np.mean(decide(whole) == code) for code in range(2)]
    assert min(shares) > 0.02, "both phases are found, or the law would hold of a constant"
    for tile in TILES[:1] if "views" in name else TILES:
        blocks = by_blocks(segmenter, volume, tile)
        largest, wrong = differences(blocks, whole)
        assert largest <= 1e-5
        assert wrong == 0


@pytest.mark.parametrize("name", ["sauvola", "compact"])
def test_same_tile_same_bytes(name: str) -> None:
    volume = blobs()
    segmenter = SEGMENTERS[name](volume)
    first, second = (by_blocks(segmenter, volume, TILES[0]) for _ in range(2))
    assert first.tobytes() == second.tobytes()


def test_sixteen_bit_and_float_images_obey_it_too() -> None:
    for dtype in (np.uint16, np.float32):
        volume = blobs(dtype=dtype)
        for make in (SEGMENTERS["otsu of each slice"], SEGMENTERS["sauvola"]):
            segmenter = make(volume)
            largest, wrong = differences(by_blocks(segmenter, volume, TILES[0]), at_once(segmenter, volume))
            assert (largest <= 1e-5, wrong) == (True, 0)


class TileNormalised(NetworkSegmenter):
    """A wrong one, which normalises by its own tile: the law must catch it."""

    def scores(self, pixels: NDArray[Any], block: Block) -> NDArray[np.float32]:
        tile = pixels.astype(np.float32)
        return super().scores((tile - tile.mean()) / tile.std() * 35 + 120, block)


def test_the_law_catches_a_network_that_normalises_by_its_tile() -> None:
    volume, good = blobs(), SEGMENTERS["compact"](blobs())
    bad = TileNormalised(good.checkpoint)  # type: ignore[attr-defined]
    largest, wrong = differences(by_blocks(bad, volume, TILES[0]), at_once(bad, volume))
    assert largest > 1e-3
    assert wrong > 0


def test_the_law_catches_a_halo_that_is_too_small() -> None:
    volume, segmenter = blobs(), SEGMENTERS["compact"](blobs())
    plan = Plan(volume.shape, TILES[0], (0, 16, 16), segmenter.signature.stride)
    whole = at_once(segmenter, volume)
    scores = np.empty_like(whole)
    for block in plan:
        scores[(slice(None), *block.core.slices)] = segmenter.scores(volume.read(block.read), block)
    assert np.abs(scores - whole).max() > 1e-4


@pytest.mark.parametrize("name", ["compact-5", "compact-7", "compact-3d"])
def test_blocks_equal_whole_in_a_deep_stack(name: str) -> None:
    rng = np.random.default_rng(1)
    volume = Volume.from_array(rng.integers(60, 200, (11, 40, 56)).astype(np.uint8))
    segmenter = network(name)(volume)
    whole = at_once(segmenter, volume)
    for tile in [(1, 40, 56), (4, 16, 24), (11, 24, 56)]:
        largest, wrong = differences(by_blocks(segmenter, volume, tile), whole)
        assert largest <= 1e-5
        assert wrong == 0
