"""A model that gives nonsense is refused when it is loaded."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch

from keramos.core.errors import FormatError, SettingsError
from keramos.networks import Checkpoint, Normalisation, build_network, load_checkpoint, save_checkpoint
from keramos.networks.architecture import outline_network

Model = Callable[..., Checkpoint]
INF = float("inf")


def settings(**changes: Any) -> Callable[[Checkpoint], dict[str, Any]]:
    return lambda model: {"architecture_settings": {**model.card.architecture_settings, **changes}}


def absurd(**changes: Any) -> Callable[[Checkpoint], dict[str, Any]]:
    return lambda _: {"normalisation": Normalisation.model_construct(**{"mean": 110, "std": 40, **changes})}


CASES: dict[str, tuple[Callable[[Checkpoint], dict[str, Any]], str]] = {
    "cold": (lambda _: {"temperature": 1e-9}, "temperature of 1e-09"),
    "hot": (lambda _: {"temperature": 1e30}, r"temperature of 1e\+30"),
    "scores": (lambda _: {"scores": {"training_iou": INF}}, "finite number|scores"),
    "flat": (absurd(std=1e30), r"contrast of 1e\+30 grey levels for grey values 40 to 180"),
    "sharp": (absurd(std=1e-30), "contrast of 1e-30"),
    "far": (absurd(mean=1e12), r"mean grey level of 1e\+12"),
    "phases": (
        lambda model: {"phases": (*model.card.phases, model.card.phases[0].model_copy(update={"name": "x"}))},
        "2 classes for the 3 phases void, solid, x",
    ),
    "one phase": (lambda model: {"phases": model.card.phases[:1]}, "2 to 255 phases"),
    "positive": (lambda _: {"positive": 7}, "positive phase's code"),
    "voxels": (lambda _: {"voxel_size_nm": (20, -5, 5)}, "voxel edge lengths"),
    "levels": (settings(levels=100_000), "levels from 3 to 10"),
    "width": (settings(width=16), "of shape .* where compact has"),
    "words": (settings(width={"a": [1]}), "settings that compact takes"),
    "unknown": (settings(colour=3), "settings that compact takes"),
}


@pytest.mark.parametrize("name", CASES)
def test_a_card_that_makes_no_sense(name: str, tmp_path: Path, small_model: Model) -> None:
    model = small_model("compact")
    changes, words = CASES[name]
    save_checkpoint(tmp_path / "m.keramos", model.card.model_copy(update=changes(model)), model.weights)
    with pytest.raises(FormatError, match=words) as caught:
        load_checkpoint(tmp_path / "m.keramos")
    assert "m.keramos" in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("value", [float("nan"), INF])
def test_weights_that_are_not_finite(value: float, tmp_path: Path, small_model: Model) -> None:
    model = small_model("compact")
    weights = {name: tensor.clone() for name, tensor in model.weights.items()}
    weights["head.0.weight"].view(-1)[0] = value
    save_checkpoint(tmp_path / "m.keramos", model.card, weights)
    with pytest.raises(FormatError, match=r"NaN or infinity among the weights of head\.0\.weight"):
        load_checkpoint(tmp_path / "m.keramos")


def test_weights_of_another_network(tmp_path: Path, small_model: Model) -> None:
    model = small_model("compact")
    fewer = dict(list(model.weights.items())[:-1])
    for weights, words in ((fewer, "no weights"), ({**model.weights, "x": torch.zeros(1)}, "needless weights x")):
        save_checkpoint(tmp_path / "m.keramos", model.card, weights)
        with pytest.raises(FormatError, match=words):
            load_checkpoint(tmp_path / "m.keramos")


def test_a_network_larger_than_the_machine_is_refused_before_it_is_built() -> None:
    with pytest.raises(SettingsError, match=r"fits into .* of memory of this machine, found one of .* TiB"):
        build_network("unet", {"width": 50_000})


def test_an_outline_draws_no_random_numbers() -> None:
    torch.manual_seed(5)
    expected = torch.rand(3)
    torch.manual_seed(5)
    for name in ("compact", "compact-3d", "unet", "fcn8s"):
        outline_network(name, {"width": 4})
    assert torch.equal(torch.rand(3), expected)
