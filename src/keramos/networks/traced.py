"""A network's layers as they run: what a drawing of it needs, recorded by running it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import torch
from torch import Tensor, nn

from keramos.networks.keras_layers import SameMaxPool2d

Kind = Literal["convolution", "pool", "upsample", "unshuffle", "shuffle"]
_KINDS: dict[type[nn.Module], Kind] = {
    nn.Conv2d: "convolution",
    nn.ConvTranspose2d: "upsample",
    nn.MaxPool2d: "pool",
    SameMaxPool2d: "pool",
    nn.PixelUnshuffle: "unshuffle",
    nn.PixelShuffle: "shuffle",
}


@dataclass(frozen=True, slots=True)
class Layer:
    """One layer: what it does, channels in and out, and the edge of its output in pixels."""

    kind: Kind
    inputs: int
    outputs: int
    edge: int


@dataclass(frozen=True)
class Traced:
    """The layers in the order in which they run on an image of `edge` x `edge`; parameters; multiply-adds a pixel.

    `flop_per_pixel` counts a multiply-add as two.
    """

    layers: tuple[Layer, ...]
    edge: int
    parameters: int
    flop_per_pixel: float


def trace_layers(network: nn.Module, edge: int = 256) -> Traced:
    """Run the network once on an empty image and write down its layers. `edge` must suit its stride."""
    layers: list[Layer] = []
    flop = [0.0]

    def note(module: nn.Module, inputs: tuple[Tensor, ...], output: Any) -> None:
        kind = next(kind for type_, kind in _KINDS.items() if isinstance(module, type_))
        layers.append(Layer(kind, inputs[0].shape[1], output.shape[1], output.shape[-1]))
        if isinstance(module, nn.Conv2d):
            flop[0] += 2 * module.weight.numel() * output.shape[-1] * output.shape[-2]
        elif isinstance(module, nn.ConvTranspose2d):
            flop[0] += 2 * module.weight.numel() * inputs[0].shape[-1] * inputs[0].shape[-2]

    hooks = [m.register_forward_hook(note) for m in network.modules() if isinstance(m, tuple(_KINDS))]
    was_training = network.training
    try:
        with torch.inference_mode():
            network.eval()(torch.zeros(1, 1, edge, edge))
    finally:
        network.train(was_training)
        for hook in hooks:
            hook.remove()
    parameters = sum(tensor.numel() for tensor in network.parameters())
    return Traced(tuple(layers), edge, parameters, flop[0] / edge**2)
