"""The network segmenter computes what PyTorch computes of the planes, in the order of cutting; each option counts."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from skimage.filters import threshold_otsu

from keramos.blocks import Block
from keramos.core import Box, CuttingOrder, View, Volume, VoxelSize
from keramos.networks import Checkpoint, save_checkpoint
from keramos.segmenters import NetworkSegmenter, Otsu, Resampled, Segmenter, load_segmenter
from keramos.segmenters.segment_block import SegmentBlock

DEPTH = 9
GREY = np.random.default_rng(0).integers(0, 256, (DEPTH, 64, 64)).astype(np.uint8)
WHOLE = Block(0, Box.whole(GREY.shape), Box.whole(GREY.shape))
Model = Callable[..., Checkpoint]


def stack(order: CuttingOrder = "increasing") -> Volume:
    return replace(Volume.from_array(GREY), view=View(38, order))


def probabilities(checkpoint: Checkpoint, planes: list[int], *, temperature: float = 1.7) -> np.ndarray:
    """Scores (classes, Y, X) from slices of those numbers: softmax of the logits over the temperature."""
    grey = torch.from_numpy((GREY[planes][None].astype(np.float32) - 110) / 40)
    with torch.no_grad():
        logits = checkpoint.network()(grey)[0].numpy() / temperature
    powers = np.exp(logits - logits.max(axis=0))
    return powers / powers.sum(axis=0)


def scores(segmenter: Segmenter, volume: Volume) -> np.ndarray:
    return segmenter.fit_to(volume).scores(GREY, WHOLE)


@pytest.mark.parametrize(
    ("order", "z", "planes"),
    [
        ("increasing", 4, [1, 2, 3, 4, 5, 6, 7]),
        ("decreasing", 4, [7, 6, 5, 4, 3, 2, 1]),
        ("increasing", 0, [0, 0, 0, 0, 1, 2, 3]),
        ("decreasing", 1, [4, 3, 2, 1, 0, 0, 0]),
        ("decreasing", 8, [8, 8, 8, 8, 7, 6, 5]),
    ],
)
@pytest.mark.parametrize("name", ["compact-7", "compact-3d"])
def test_planes_are_read_in_the_order_of_cutting_of_the_model(
    name: str, order: CuttingOrder, z: int, planes: list[int], small_model: Model
) -> None:
    """The model was trained on slices whose numbers grow as they are cut."""
    checkpoint = small_model(name)
    result = scores(NetworkSegmenter(checkpoint), stack(order))[:, z]
    np.testing.assert_allclose(result, probabilities(checkpoint, planes), atol=1e-5)
    assert np.abs(result - probabilities(checkpoint, planes[::-1])).max() > 1e-3, "the order of planes counts"


def test_a_model_of_the_other_order_reads_such_a_stack_forward(small_model: Model) -> None:
    checkpoint = small_model("compact-7", cutting_order="decreasing")
    forward, backward = (scores(NetworkSegmenter(checkpoint), stack(order)) for order in ("decreasing", "increasing"))
    np.testing.assert_allclose(forward[:, 4], probabilities(checkpoint, [1, 2, 3, 4, 5, 6, 7]), atol=1e-5)
    np.testing.assert_allclose(backward[:, 4], probabilities(checkpoint, [7, 6, 5, 4, 3, 2, 1]), atol=1e-5)


@pytest.mark.parametrize("temperature", [0.5, 1.0, 3.0])
def test_logits_are_divided_by_the_temperature_of_the_card(temperature: float, small_model: Model) -> None:
    checkpoint = small_model("compact", temperature=temperature)
    result = scores(NetworkSegmenter(checkpoint), stack())[:, 4]
    np.testing.assert_allclose(result, probabilities(checkpoint, [4], temperature=temperature), atol=1e-5)
    assert np.abs(result - probabilities(checkpoint, [4], temperature=temperature + 1)).max() > 1e-3


@pytest.mark.parametrize(("name", "turns"), [("compact", 4), ("compact-7", 1)])
def test_average_views_is_the_mean_over_turned_and_mirrored_slices(
    name: str, turns: int, small_model: Model, tmp_path: Path
) -> None:
    """A network of several planes knows the line of sight: its slices are mirrored in x only."""
    checkpoint = small_model(name)
    save_checkpoint(tmp_path / "m.keramos", checkpoint.card, checkpoint.weights)
    planes = [4] if turns == 4 else [1, 2, 3, 4, 5, 6, 7]
    grey = torch.from_numpy((GREY[planes][None].astype(np.float32) - 110) / 40)
    views = []
    for turn in range(turns):
        for mirror in (False, True):
            view = torch.rot90(grey.flip(3) if mirror else grey, turn, (2, 3))
            with torch.no_grad():
                out = torch.rot90((checkpoint.network()(view) / 1.7).softmax(dim=1), -turn, (2, 3))
            views.append(out.flip(3) if mirror else out)
    expected = torch.stack(views).mean(dim=0)[0].numpy()
    averaged, single = (
        load_segmenter(tmp_path / "m.keramos", stack(), average_views=choice) for choice in (True, None)
    )
    np.testing.assert_allclose(scores(averaged, stack())[:, 4], expected, atol=1e-5)
    assert np.abs(scores(single, stack())[:, 4] - expected).max() > 1e-3
    assert averaged.identity() != single.identity()


@pytest.mark.parametrize("shape", [(37, 64), (64, 41), (39, 43)])
def test_slices_of_any_size_continue_with_their_last_row_and_column(shape: tuple[int, int], small_model: Model) -> None:
    """A network takes whole strides: beyond the slice it sees the values of its border."""
    checkpoint = small_model("unet")
    stride = checkpoint.network().stride[1]
    part = GREY[4:5, : shape[0], : shape[1]]
    padded = np.pad(part, ((0, 0), (0, -shape[0] % stride), (0, -shape[1] % stride)), mode="edge")
    assert padded.shape != part.shape
    grey = torch.from_numpy((padded[None].astype(np.float32) - 110) / 40)
    with torch.no_grad():
        expected = (checkpoint.network()(grey) / 1.7).softmax(dim=1)[0].numpy()
    whole = Box.whole(part.shape)
    result = NetworkSegmenter(checkpoint).scores(part, Block(0, whole, whole))[:, 0]
    np.testing.assert_allclose(result, expected[:, : shape[0], : shape[1]], atol=1e-5)


def test_otsu_takes_the_histogram_of_its_scope() -> None:
    shaded = np.clip(GREY // 2 + 12 * np.arange(DEPTH)[:, None, None], 0, 255).astype(np.uint8)
    volume = Volume.from_array(shaded)
    whole = load_segmenter("otsu", volume, otsu_scope="stack").fit_to(volume)
    each = load_segmenter("otsu", volume).fit_to(volume)
    np.testing.assert_array_equal(whole.scores(shaded, WHOLE)[1], shaded > threshold_otsu(shaded))
    np.testing.assert_array_equal(each.scores(shaded, WHOLE)[1], [grey > threshold_otsu(grey) for grey in shaded])
    assert whole.identity() != each.identity()
    assert Otsu(scope="stack") == Otsu().with_options(otsu_scope="stack")


@pytest.mark.parametrize(("device", "taken"), [("cuda", ["cuda:0", "cuda:1", "cuda:0"]), ("cpu", ["cpu"] * 3)])
def test_each_worker_takes_a_gpu(
    device: str, taken: list[str], small_model: Model, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of two that the machine is said to have: none is used."""
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 2)
    checkpoint, found = small_model("compact"), []
    for worker in range(3):
        network = NetworkSegmenter(checkpoint, device=device)
        resampled = Resampled(network, VoxelSize(5, 5, 5), (DEPTH, 64, 64))
        SegmentBlock(stack(), resampled, None, None).take_device(worker)  # type: ignore[arg-type]
        found.append(network.device)
    assert found == taken
