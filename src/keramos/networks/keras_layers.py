"""Layers as in Keras: with "same" padding, of whose pixels, where they are odd, one more comes after than before."""

from __future__ import annotations

import math

from torch import Tensor, nn
from torch.nn import functional

_CUT_DEVIATION = 0.87962566103423978  # of a unit normal distribution cut at two deviations


def padding(length: int, kernel: int, stride: int) -> tuple[int, int]:
    """Pixels before and after an axis of `length`, so that the output has ceil(length / stride).

    Only the length's rest matters, so that a graph traced at one size holds for every multiple of the stride.
    """
    rest = length % stride
    total = max(kernel - (rest if rest else stride), 0)
    return total // 2, total - total // 2


def pad_same(x: Tensor, kernel: int, stride: int, value: float = 0.0) -> Tensor:
    """Pad rows and columns of (N, C, Y, X)."""
    height, width = x.shape[-2:]
    sides = (*padding(width, kernel, stride), *padding(height, kernel, stride))
    return functional.pad(x, sides, value=value) if any(sides) else x


def he_normal(weight: Tensor) -> None:
    """Fill weights as Keras does: a normal distribution cut at two deviations, variance 2 / fan-in.

    The fan-in counts the second axis: the inputs of a convolution and, as in Keras, the outputs of a transposed one.
    """
    fan_in = weight[0].numel()
    deviation = math.sqrt(2 / fan_in) / _CUT_DEVIATION
    nn.init.trunc_normal_(weight, std=deviation, a=-2 * deviation, b=2 * deviation)


class SameConv2d(nn.Conv2d):
    """A convolution with Keras "same" padding and He-normal weights, without bias unless asked for."""

    def __init__(self, inputs: int, outputs: int, kernel: int, stride: int = 1, *, bias: bool = False) -> None:
        super().__init__(inputs, outputs, kernel, stride, bias=bias)
        he_normal(self.weight)
        if self.bias is not None:
            nn.init.zeros_(self.bias)

    def forward(self, x: Tensor) -> Tensor:
        return super().forward(pad_same(x, self.kernel_size[0], self.stride[0]))


def keras_batchnorm(channels: int) -> nn.BatchNorm2d:
    """BatchNorm with Keras' defaults; Keras calls this momentum 0.99."""
    return nn.BatchNorm2d(channels, eps=1e-3, momentum=0.01)


class SameMaxPool2d(nn.Module):
    """Maxima with Keras "same" padding: what lies outside never wins."""

    def __init__(self, kernel: int, stride: int) -> None:
        super().__init__()
        self.kernel, self.stride = kernel, stride

    def forward(self, x: Tensor) -> Tensor:
        return functional.max_pool2d(pad_same(x, self.kernel, self.stride, -math.inf), self.kernel, self.stride)


def upsample(inputs: int, outputs: int, kernel: int, stride: int) -> nn.ConvTranspose2d:
    """A transposed convolution with "same" padding, without bias: the output is `stride` times as large."""
    return nn.ConvTranspose2d(inputs, outputs, kernel, stride, padding=(kernel - stride) // 2, bias=False)
