"""The paper's training: its losses, its learning rate, its crops; the best epoch kept; stopped and gone on exactly."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from doubles import Dies, Killed

from keramos.core import VOID_SOLID, VoxelSize
from keramos.core.errors import FormatError, MissingFileError, ResumeError, SettingsError, ShapeError
from keramos.core.progress import Reporter
from keramos.learning import AnnotatedSlice, AnnotatedSlices, TrainSettings, draw_crop_set, train_model
from keramos.learning.loss import bce_dice
from keramos.learning.paper import _learning_rate
from keramos.networks import ARCHITECTURES, build_network, load_checkpoint
from keramos.networks.architectures.fcn import load_vgg16

SMALL = TrainSettings(model="unet", epochs=4, crop=32, batch=4, crops=16, network={"width": 2}, seed=3, device="cpu")


def slices(seed: int = 0, edge: int = 72) -> AnnotatedSlices:
    rng = np.random.default_rng(seed)
    codes = np.kron(rng.integers(0, 2, (edge // 8, edge // 8)), np.ones((8, 8))).astype(np.uint8)
    grey = np.clip(80 + 70 * codes + rng.normal(0, 12, codes.shape), 0, 255).astype(np.uint8)
    return AnnotatedSlices((AnnotatedSlice(grey, codes, "image.tif", 0),), VOID_SOLID, VoxelSize(20, 20, 20))


def test_bce_dice_is_eq_2_and_the_code_s() -> None:
    rng = np.random.default_rng(0)
    p, y = rng.uniform(0.05, 0.95, (2, 6, 5)), rng.integers(0, 2, (2, 6, 5))
    logits = torch.from_numpy(np.stack([np.zeros_like(p), np.log(p / (1 - p))], axis=1))
    codes = torch.from_numpy(y)
    entropy = -np.mean(y * np.log(p) + (1 - y) * np.log(1 - p))
    each = np.mean(1 - (2 * p * y + 1) / (p + y + 1))
    batch = 1 - (2 * np.sum(p * y) + 1) / (np.sum(p) + np.sum(y) + 1)
    for dice, expected in (("pixel", each), ("batch", batch)):
        loss = bce_dice(logits, codes, 1, dice)  # type: ignore[arg-type]
        assert loss.cross_entropy.item() == pytest.approx(entropy)
        assert loss.dice.item() == pytest.approx(expected)
        assert loss.total.item() == pytest.approx(entropy + expected)
    other = bce_dice(logits, codes, 0, "batch").dice.item()
    assert other == pytest.approx(1 - (2 * np.sum((1 - p) * (1 - y)) + 1) / (np.sum(1 - p) + np.sum(1 - y) + 1))


def test_what_nobody_annotated_has_no_loss_and_no_gradient() -> None:
    logits = torch.randn(1, 2, 8, 8, requires_grad=True)
    codes = torch.randint(0, 2, (1, 8, 8))
    codes[:, :, 4:] = 255
    for dice in ("batch", "pixel"):
        loss = bce_dice(logits, codes, 1, dice).total  # type: ignore[arg-type]
        half = bce_dice(logits[..., :4], codes[..., :4], 1, dice).total  # type: ignore[arg-type]
        assert loss.item() == pytest.approx(half.item(), rel=1e-5)
        (gradient,) = torch.autograd.grad(loss, logits)
        assert gradient[..., 4:].abs().max() == 0
        assert gradient[..., :4].abs().max() > 0


def test_the_learning_rate_is_eq_1_with_an_exponent_that_is_not_rounded() -> None:
    settings = replace(SMALL, epochs=120, crop=256, batch=8, crops=1000)
    rates = [_learning_rate(settings, step, 125, 0.0) for step in (0, 124, 125, 10 * 125, 20 * 125, 119 * 125)]
    assert rates == pytest.approx([1e-3, 1e-3, 1e-3 * 0.5**0.05, 1e-3 * 0.5**0.5, 5e-4, 1e-3 * 0.5 ** (119 / 20)])
    timed = replace(settings, epochs=None, budget=100.0)
    assert _learning_rate(timed, 7, 125, 0.5) == pytest.approx(1e-3 * 0.5**3), "60 of 120 epochs at half time"


def test_crops_are_cut_from_the_slice_turned_and_mirrored() -> None:
    data = slices()
    chosen = draw_crop_set(data, (5, 1), count=200, edge=32)
    grey, codes = chosen.crops(np.arange(200))
    assert grey.shape == codes.shape == (200, 32, 32)
    for number in range(0, 200, 20):
        _, row, column, turns, mirrored = chosen.places[number]
        for cut, whole in ((grey[number], data.slices[0].grey), (codes[number], data.slices[0].codes)):
            back = np.rot90(cut[:, ::-1] if mirrored else cut, -turns)
            assert np.array_equal(back, whole[row : row + 32, column : column + 32])
    assert {tuple(place[3:]) for place in chosen.places.tolist()} == {(t, m) for t in range(4) for m in range(2)}
    rows, columns = chosen.places[:, 1], chosen.places[:, 2]
    assert (rows.min(), rows.max(), columns.max()) == (0, 40, 40), "every place can be drawn, the last ones too"
    assert np.array_equal(draw_crop_set(data, (5, 1), count=200, edge=32).places, chosen.places)
    assert not np.array_equal(draw_crop_set(data, (6, 1), count=200, edge=32).places, chosen.places)
    with pytest.raises(ShapeError, match=r"at least 96 x 96 pixels to cut crops from, found \(72, 72\)"):
        draw_crop_set(data, (5, 1), edge=96)


def test_crops_lie_where_something_is_annotated() -> None:
    item = slices().slices[0]
    codes = np.full_like(item.codes, 255)
    codes[40:, 40:] = item.codes[40:, 40:]
    data = AnnotatedSlices((AnnotatedSlice(item.grey, codes, "i", 0),), VOID_SOLID, None)
    _, cut = draw_crop_set(data, (1,), count=50, edge=32).crops(np.arange(50))
    assert np.mean(cut != 255, axis=(1, 2)).min() >= 0.25


def fitted(tmp_path: Path, name: str, reporter: Reporter | None = None, **changes: Any) -> Path:
    settings = replace(SMALL, **changes)
    return train_model(slices(), settings, tmp_path / f"{name}.keramos", half_range=128.0, reporter=reporter).path


@pytest.mark.parametrize("model", ["unet", "fcn8s"])
def test_killed_at_any_epoch_it_goes_on_to_the_same_weights(model: str, tmp_path: Path) -> None:
    network = {"width": 2} if model == "unet" else {"width": 2, "head": 8}  # dropout included
    whole = load_checkpoint(fitted(tmp_path, "whole", model=model, network=network))
    for at in (30, 60, 90):
        with pytest.raises(Killed):
            fitted(tmp_path, "killed", Dies(at), model=model, network=network)
        assert (tmp_path / "killed.training").exists()
    again = load_checkpoint(fitted(tmp_path, "killed", model=model, network=network))
    assert all(torch.equal(whole.weights[name], again.weights[name]) for name in whole.weights)
    timeless = [
        [{k: v for k, v in row.items() if k != "seconds"} for row in c.card.training.curve] for c in (whole, again)
    ]
    assert timeless[0] == timeless[1]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["killed.keramos", "whole.keramos"]


def test_another_training_s_state_is_refused_unless_fresh(tmp_path: Path) -> None:
    with pytest.raises(Killed):
        fitted(tmp_path, "m", Dies(50))
    with pytest.raises(ResumeError, match="seed differs from the earlier run"):
        fitted(tmp_path, "m", seed=4)
    assert load_checkpoint(fitted(tmp_path, "m", seed=4, fresh=True)).card.training.seed == 4
    (tmp_path / "n.training").write_text("garbage", encoding="utf-8")
    with pytest.raises(ResumeError, match="damaged or of another version of Keramos; start over"):
        fitted(tmp_path, "n")


def test_the_curve_counts_epochs_and_the_lowest_loss_is_kept(tmp_path: Path) -> None:
    card = load_checkpoint(fitted(tmp_path, "m", epochs=12)).card
    curve = card.training.curve
    assert [row["epoch"] for row in curve] == list(range(1, 13))
    assert {"loss", "cross_entropy", "dice_loss", "precision", "recall", "iou", "learning_rate"} <= curve[0].keys()
    assert curve[-1]["loss"] < 0.9 * curve[0]["loss"]
    assert all(row["loss"] == pytest.approx(row["cross_entropy"] + row["dice_loss"], rel=1e-5) for row in curve)
    assert card.normalisation is not None
    assert (card.normalisation.mean, card.normalisation.std) == (0, 256)
    # Epoch by epoch, with a rate that spoils the last: the best is what is kept.
    path = fitted(tmp_path, "wild", epochs=3, learning_rate=0.5)
    losses = [row["loss"] for row in load_checkpoint(path).card.training.curve]
    best = int(np.argmin(losses)) + 1
    same = load_checkpoint(fitted(tmp_path, "best", epochs=best, learning_rate=0.5)).weights
    kept = load_checkpoint(path).weights
    assert all(torch.equal(kept[name], same[name]) for name in kept)


def test_a_time_budget_gives_a_model_too(tmp_path: Path) -> None:
    card = load_checkpoint(fitted(tmp_path, "m", epochs=None, budget=1.0)).card
    assert card.training.steps > 0
    assert len(card.training.curve) <= 41


def test_settings_of_the_paper_are_its_defaults() -> None:
    settings = TrainSettings(model="unet", epochs=120)
    assert (settings.edge, settings.batch_size, settings.rate, settings.crops, settings.dice) == (
        256,
        8,
        1e-3,
        1000,
        "batch",
    )
    assert settings.steps == 15000
    with pytest.raises(SettingsError, match="multiple of 32"):
        TrainSettings(model="unet", crop=40)


def vgg16_weights() -> dict[str, torch.Tensor]:
    places, shapes = (0, 2, 5, 7, 10, 12, 14, 17, 19, 21, 24, 26, 28), []
    inputs = 3
    for outputs in (64, 64, 128, 128, 256, 256, 256, 512, 512, 512, 512, 512, 512):
        shapes.append((outputs, inputs, 3, 3))
        inputs = outputs
    weights = {f"features.{n}.weight": torch.randn(shape) * 0.05 for n, shape in zip(places, shapes, strict=True)}
    return weights | {f"features.{n}.bias": torch.randn(shape[0]) for n, shape in zip(places, shapes, strict=True)}


def test_vgg16_weights_are_taken_with_their_channels_summed(tmp_path: Path) -> None:
    weights = vgg16_weights()
    torch.save(weights, tmp_path / "vgg16.pth")
    network = build_network("fcn32s", {"head": 4, "bias": True}).eval()
    load_vgg16(network, tmp_path / "vgg16.pth")
    grey = torch.rand(1, 1, 32, 32)
    x = grey.repeat(1, 3, 1, 1)
    for number in (0, 2, 5, 7, 10, 12, 14, 17, 19, 21, 24, 26, 28):
        x = torch.relu(
            torch.conv2d(x, weights[f"features.{number}.weight"], weights[f"features.{number}.bias"], padding=1)
        )
        x = torch.max_pool2d(x, 2) if number in (2, 7, 14, 21, 28) else x
    torch.testing.assert_close(network.backbone(grey).deep, x, rtol=1e-3, atol=1e-3)  # type: ignore[operator]


class Evil:
    def __reduce__(self) -> tuple[Any, ...]:
        return (exec, ("raise SystemExit('ran')",))


def test_other_weights_are_refused_and_nothing_is_run(tmp_path: Path) -> None:
    network = build_network("fcn32s", {"head": 4, "bias": True})
    torch.save({"evil": Evil()}, tmp_path / "evil.pth")
    (tmp_path / "text.pth").write_text("no weights", encoding="utf-8")
    torch.save({"features.0.weight": torch.zeros(64, 3, 3, 3)}, tmp_path / "half.pth")
    for name, error, word in (
        ("evil.pth", FormatError, "found something else"),
        ("text.pth", FormatError, "found something else"),
        ("half.pth", FormatError, r"found no features\.0\.bias"),
        ("none.pth", MissingFileError, "found nothing"),
    ):
        with pytest.raises(error, match=word):
            load_vgg16(network, tmp_path / name)
    for settings in ({"backbone": "alexnet", "bias": True}, {}):
        with pytest.raises(SettingsError, match="an FCN with a VGG-16 backbone and biases"):
            load_vgg16(build_network("fcn32s", {"head": 4, **settings}), tmp_path / "half.pth")
    assert ARCHITECTURES["unet"].load_pretrained is None
