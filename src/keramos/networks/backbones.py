"""Backbones of the FCNs: VGG-16, AlexNet and ResNet-50 as in the released code of Hirabayashi et al. 2024.

Each gives features at a 32nd of the resolution and the inputs of its pools 3 and 4, at an 8th and a 16th.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import torch
from torch import Tensor, nn

from keramos.networks.keras_layers import SameConv2d, SameMaxPool2d, keras_batchnorm


class Features(NamedTuple):
    deep: Tensor
    pool4: Tensor
    pool3: Tensor


class Backbone(nn.Module):
    """The features that an FCN builds on. `channels` are those of deep features, pool 4 and pool 3; without a head
    (`has_head`) the deep features are scored as they are."""

    channels: tuple[int, int, int]
    has_head = True

    def forward(self, x: Tensor) -> Features:
        raise NotImplementedError


class Vgg16(Backbone):
    """Thirteen 3x3 convolutions (Simonyan and Zisserman 2014); `bias` for weights that have it, such as ImageNet's."""

    def __init__(self, width: int, *, bias: bool = False) -> None:
        super().__init__()
        blocks, inputs = [], 1
        for outputs, repeats in zip((width, 2 * width, 4 * width, 8 * width, 8 * width), (2, 2, 3, 3, 3), strict=True):
            layers: list[nn.Module] = []
            for _ in range(repeats):
                layers += [SameConv2d(inputs, outputs, 3, bias=bias), nn.ReLU(inplace=True)]
                inputs = outputs
            blocks.append(nn.Sequential(*layers, nn.MaxPool2d(2)))
        self.blocks = nn.ModuleList(blocks)
        self.channels = (8 * width, 8 * width, 4 * width)

    def forward(self, x: Tensor) -> Features:
        seen = []
        for block in self.blocks:
            x = block(x)
            seen.append(x)
        return Features(seen[4], seen[3], seen[2])


class AlexNet(Backbone):
    """Five convolutions and three overlapping pools (Krizhevsky et al. 2012), with its own channels at width 64."""

    def __init__(self, width: int, *, bias: bool = False) -> None:
        super().__init__()
        one, two, three = 96 * width // 64, 4 * width, 6 * width
        self.first = nn.Sequential(SameConv2d(1, one, 11, 4, bias=bias), nn.ReLU(inplace=True), SameMaxPool2d(3, 2))
        self.second = nn.Sequential(SameConv2d(one, two, 5, bias=bias), nn.ReLU(inplace=True), SameMaxPool2d(3, 2))
        self.third = nn.Sequential(
            SameConv2d(two, three, 3, bias=bias),
            nn.ReLU(inplace=True),
            SameConv2d(three, three, 3, bias=bias),
            nn.ReLU(inplace=True),
            SameConv2d(three, two, 3, bias=bias),
            nn.ReLU(inplace=True),
            SameMaxPool2d(5, 2),
        )
        self.channels = (two, two, one)

    def forward(self, x: Tensor) -> Features:
        pool3 = self.first(x)
        pool4 = self.second(pool3)
        return Features(self.third(pool4), pool4, pool3)


class Bottleneck(nn.Module):
    """1x1, 3x3 and 1x1 convolutions with BatchNorm (He et al. 2016); the first of a stage has no shortcut.

    `seen` is what its first ReLU gave: the released code takes pools 3 and 4 from there.
    """

    def __init__(self, inputs: int, inner: int, outputs: int, *, stride: int = 1, shortcut: bool = True) -> None:
        super().__init__()
        self.reduce = nn.Sequential(SameConv2d(inputs, inner, 1, stride), keras_batchnorm(inner))
        self.middle = nn.Sequential(SameConv2d(inner, inner, 3), keras_batchnorm(inner))
        self.expand = nn.Sequential(SameConv2d(inner, outputs, 1), keras_batchnorm(outputs))
        self.project = SameConv2d(inputs, outputs, 1) if shortcut and inputs != outputs else None
        self.shortcut = shortcut

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        seen = torch.relu(self.reduce(x))
        out = self.expand(torch.relu(self.middle(seen)))
        if self.shortcut:
            out = out + (x if self.project is None else self.project(x))
        return torch.relu(out), seen


class ResNet50(Backbone):
    """Stages of 3, 4, 6 and 3 bottlenecks."""

    has_head = False

    def __init__(self, width: int, *, bias: bool = False) -> None:  # noqa: ARG002 (none of its convolutions has one)
        super().__init__()
        self.entry = nn.Sequential(
            SameConv2d(1, width, 7, 2),
            keras_batchnorm(width),
            nn.ReLU(inplace=True),
            SameMaxPool2d(3, 2),
        )
        stages, inputs = [], width
        for number, repeats in enumerate((3, 4, 6, 3)):
            inner, outputs = width * 2**number, 4 * width * 2**number
            blocks: list[nn.Module] = []
            for block in range(repeats):
                first = number > 0 and block == 0
                blocks.append(Bottleneck(inputs, inner, outputs, stride=2 if first else 1, shortcut=not first))
                inputs = outputs
            stages.append(_Stage(blocks))
        self.stages = nn.ModuleList(stages)
        self.channels = (32 * width, 4 * width, 2 * width)

    def forward(self, x: Tensor) -> Features:
        x, seen = self.entry(x), []
        for stage in self.stages:
            x, inner = stage(x)
            seen.append(inner)
        return Features(x, seen[2], seen[1])


class _Stage(nn.Module):
    """Bottlenecks in a row; gives what the last gives, and what the first one's first ReLU gave."""

    def __init__(self, blocks: list[nn.Module]) -> None:
        super().__init__()
        self.blocks = nn.ModuleList(blocks)

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        first, *others = self.blocks
        x, seen = first(x)
        for block in others:
            x, _ = block(x)
        return x, seen


BACKBONES: dict[str, Callable[..., Backbone]] = {"vgg16": Vgg16, "alexnet": AlexNet, "resnet50": ResNet50}
