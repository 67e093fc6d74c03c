"""Fully convolutional networks FCN-32s, 16s and 8s (Long et al. 2015) as in the released code of Hirabayashi et al.

    backbone -> 7x7, 1x1 (4096 each, ReLU, dropout; not after ResNet-50) -> scores at 1/32
    32s: up 32                                                            up n: transposed convolution of 2n x 2n
    16s: up 2, + scores of pool 4 -> up 16
    8s:  up 2, + scores of pool 4 -> 1x1 -> up 2, + scores of pool 3 -> up 8

Scores are added, as in the paper's Fig. 1 and the code (its Methods text says concatenated). No layer has a bias; the
convolutions start He-normal, the transposed ones Glorot-uniform.
"""

from __future__ import annotations

from functools import partial
from pathlib import Path

from torch import Tensor, nn

from keramos.core.errors import SettingsError
from keramos.networks.architecture import PAPER_RECIPE, Architecture, Network
from keramos.networks.backbones import BACKBONES
from keramos.networks.binary import as_phases, outputs_for
from keramos.networks.keras_layers import SameConv2d, upsample
from keramos.networks.vgg16_weights import fill_vgg16


class Fcn(Network):
    """Logits (N, classes, Y, X) of slices (N, 1, Y, X); Y and X must be multiples of 32.

    Args:
        steps: 32, 16 or 8: how coarse the last scores are that are still joined.
        classes: phases to tell apart; two share one output channel.
        width: channels of the first convolutions (64 in the paper).
        head: channels of the two fully convolutional layers (4096 in the paper).
        backbone: `vgg16`, `alexnet` or `resnet50`.
        bias: whether the backbone's convolutions and the head's have biases, as pretrained weights may.
    """

    stride = (1, 32, 32)
    # VGG-16 with the 7x7 convolution reaches 186 pixels, ResNet-50 241, AlexNet 223; upsampling a cell of 32 more, and
    # the cell that a pixel lies in counts whole: at most 304.
    halo = (0, 320, 320)

    def __init__(
        self,
        steps: int,
        classes: int = 2,
        width: int = 64,
        head: int = 4096,
        backbone: str = "vgg16",
        bias: bool = False,
    ) -> None:
        super().__init__()
        if classes < 2 or width < 1 or head < 1 or steps not in (8, 16, 32) or backbone not in BACKBONES:
            raise SettingsError(
                f"expected classes >= 2, width and head >= 1 and a backbone {', '.join(BACKBONES)}, found {classes}, "
                f"{width}, {head} and '{backbone}'"
            )
        self.settings = {"classes": classes, "width": width, "head": head, "backbone": backbone, "bias": bias}
        self.bytes_per_pixel = 3 * 4 * width  # two full-resolution layers of the backbone's first width
        self.backbone = BACKBONES[backbone](width, bias=bias)
        deep, pool4, pool3 = self.backbone.channels
        scores = outputs_for(classes)
        self.head = _head(deep, head, bias) if self.backbone.has_head else nn.Identity()
        self.score = SameConv2d(head if self.backbone.has_head else deep, scores, 1)
        self.join4 = _Join(pool4, scores) if steps < 32 else None
        self.between = SameConv2d(scores, scores, 1) if steps == 8 else None
        self.join3 = _Join(pool3, scores) if steps == 8 else None
        self.last = _glorot(upsample(scores, scores, 2 * steps, steps))

    def forward(self, grey: Tensor) -> Tensor:
        features = self.backbone(grey)
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


def load_vgg16(network: Network, path: Path) -> None:
    """Fill the backbone of an FCN, in place, with VGG-16 weights such as those trained on ImageNet; they have biases.

    Raises:
        SettingsError: another backbone, or one without biases.
        MissingFileError, FormatError: no such file, or other weights.
    """
    if network.settings["backbone"] != "vgg16" or not network.settings["bias"]:
        raise SettingsError(
            "expected pretrained VGG-16 weights for an FCN with a VGG-16 backbone and biases, found another network; "
            "leave them out"
        )
    fill_vgg16(network.get_submodule("backbone"), path)


def _architecture(steps: int) -> Architecture:
    return Architecture(
        name=f"fcn{steps}s",
        title=f"FCN-{steps}s",
        description="Long et al. 2015, as in the paper",
        build=partial(Fcn, steps),
        options=("width", "head", "backbone", "bias"),
        recipe=PAPER_RECIPE,
        paper=True,
        reference="Long et al. 2015",
        load_pretrained=load_vgg16,
        renamed={"trunk": "backbone"},
    )


FCN_32S, FCN_16S, FCN_8S = _architecture(32), _architecture(16), _architecture(8)
