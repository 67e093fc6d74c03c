"""Fully convolutional networks FCN-32s, 16s and 8s (Long et al. 2015) as in the released code of Hirabayashi et al.

    trunk -> 7x7, 1x1 (4096 each, ReLU, dropout; not after ResNet-50) -> scores at 1/32
    32s: up 32                                                            up n: transposed convolution of 2n x 2n
    16s: up 2, + scores of pool 4 -> up 16
    8s:  up 2, + scores of pool 4 -> 1x1 -> up 2, + scores of pool 3 -> up 8

Scores are added, as in the paper's Fig. 1 and the code (its Methods text says concatenated). No layer has a bias; the
convolutions start He-normal, the transposed ones Glorot-uniform.
"""

from __future__ import annotations

from typing import Any

from torch import Tensor, nn

from keramos.core import Triple
from keramos.core.errors import SettingsError
from keramos.networks.binary import as_phases, outputs_for
from keramos.networks.same_padding import SameConv2d, upsample
from keramos.networks.trunks import TRUNKS


class Fcn(nn.Module):
    """Logits (N, classes, Y, X) of slices (N, 1, Y, X); Y and X must be multiples of 32.

    Args:
        steps: 32, 16 or 8: how coarse the last scores are that are still joined.
        classes: phases to tell apart; two share one output channel.
        width: channels of the first convolutions (64 in the paper).
        head: channels of the two fully convolutional layers (4096 in the paper).
        trunk: `vgg16`, `alexnet` or `resnet50`.
        bias: whether the trunk's convolutions and the head's have biases, as pretrained weights may.
    """

    stride: Triple = (1, 32, 32)
    # VGG-16 with the 7x7 convolution reaches 186 pixels, ResNet-50 241, AlexNet 223; upsampling a cell of 32 more, and
    # the cell that a pixel lies in counts whole: at most 304.
    halo: Triple = (0, 320, 320)

    def __init__(
        self, steps: int, classes: int = 2, width: int = 64, head: int = 4096, trunk: str = "vgg16", bias: bool = False
    ) -> None:
        super().__init__()
        if classes < 2 or width < 1 or head < 1 or steps not in (8, 16, 32) or trunk not in TRUNKS:
            raise SettingsError(
                f"expected classes >= 2, width and head >= 1 and a trunk {', '.join(TRUNKS)}, found {classes}, "
                f"{width}, {head} and '{trunk}'"
            )
        self.settings: dict[str, Any] = {
            "classes": classes,
            "width": width,
            "head": head,
            "trunk": trunk,
            "bias": bias,
        }
        self.steps = steps
        self.trunk = TRUNKS[trunk](width, bias=bias)
        deep, pool4, pool3 = self.trunk.channels
        scores = outputs_for(classes)
        self.head = nn.Identity() if self.trunk.headless else _head(deep, head, bias)
        self.score = SameConv2d(deep if self.trunk.headless else head, scores, 1)
        self.join4 = _Join(pool4, scores) if steps < 32 else None
        self.between = SameConv2d(scores, scores, 1) if steps == 8 else None
        self.join3 = _Join(pool3, scores) if steps == 8 else None
        self.last = _glorot(upsample(scores, scores, 2 * steps, steps))

    @property
    def bytes_per_pixel(self) -> int:
        """Of activations while a slice is run: two full-resolution layers of the trunk's first width."""
        return 3 * 4 * int(self.settings["width"])

    def forward(self, grey: Tensor) -> Tensor:
        features = self.trunk(grey)
        scores = self.score(self.head(features.deep))
        if self.join4 is not None:
            scores = self.join4(scores, features.pool4)
        if self.between is not None and self.join3 is not None:
            scores = self.join3(self.between(scores), features.pool3)
        return as_phases(self.last(scores))


class _Join(nn.Module):
    """Scores made twice as large, and those of a pool added."""

    def __init__(self, channels: int, scores: int) -> None:
        super().__init__()
        self.up = _glorot(upsample(scores, scores, 4, 2))
        self.score = SameConv2d(channels, scores, 1)

    def forward(self, scores: Tensor, pool: Tensor) -> Tensor:
        joined: Tensor = self.up(scores) + self.score(pool)
        return joined


def _head(inputs: int, channels: int, bias: bool) -> nn.Sequential:
    """VGG-16's two fully connected layers, made convolutional."""
    return nn.Sequential(
        SameConv2d(inputs, channels, 7, bias=bias),
        nn.ReLU(inplace=True),
        nn.Dropout(0.5),
        SameConv2d(channels, channels, 1, bias=bias),
        nn.ReLU(inplace=True),
        nn.Dropout(0.5),
    )


def _glorot(layer: nn.ConvTranspose2d) -> nn.ConvTranspose2d:
    nn.init.xavier_uniform_(layer.weight)
    return layer


def fcn32s(**settings: Any) -> Fcn:
    return Fcn(32, **settings)


def fcn16s(**settings: Any) -> Fcn:
    return Fcn(16, **settings)


def fcn8s(**settings: Any) -> Fcn:
    return Fcn(8, **settings)
