"""The paper's U-Net (Hirabayashi et al. 2024, after Ronneberger et al. 2015), layer by layer as in its released code.

    1 -> [64] -pool-> [128] -pool-> [256] -pool-> [512] -pool-> [1024]         [n]: 4x4 convolution, ReLU, BatchNorm
                                                                  |
    1 <- 4x4 <- (64) <-up, join- (128) <-up, join- (256) <-up, join- (512)     (n): 4x4 convolution, ReLU

One convolution a level, none with bias; "up" is a transposed 2x2 convolution, "join" puts it before the encoder's
features. 1,380 kFLOP per pixel at width 64.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from keramos.core.errors import SettingsError
from keramos.networks.architecture import PAPER_RECIPE, Architecture, Network
from keramos.networks.binary import as_phases, outputs_for
from keramos.networks.keras_layers import SameConv2d, he_normal, keras_batchnorm, upsample

_LEVELS = 4


class Down(nn.Sequential):
    """Convolution, ReLU, then BatchNorm: the order of the released code."""

    def __init__(self, inputs: int, outputs: int) -> None:
        super().__init__(SameConv2d(inputs, outputs, 4), nn.ReLU(inplace=True), keras_batchnorm(outputs))


class Up(nn.Module):
    """Twice as large, joined with the encoder's features, one convolution and ReLU."""

    def __init__(self, inputs: int, outputs: int) -> None:
        super().__init__()
        self.up = upsample(inputs, outputs, 2, 2)
        he_normal(self.up.weight)
        self.conv = SameConv2d(2 * outputs, outputs, 4)

    def forward(self, x: Tensor, skip: Tensor) -> Tensor:
        return torch.relu(self.conv(torch.cat([self.up(x), skip], dim=1)))


class UNet(Network):
    """Logits (N, classes, Y, X) of slices (N, 1, Y, X); Y and X must be multiples of 16.

    Args:
        classes: phases to tell apart; two share one output channel, as in the paper.
        width: channels at the first level (64 in the paper).
    """

    stride = (1, 16, 16)
    # A 4x4 convolution reaches one cell of its level before and two after: 1 + 2 + 4 + 8 on the way in, 16 at the
    # bridge, 15 on the way out and 1 in the end make 47 pixels and twice 47; with the cells' own 16, at most 110.
    halo = (0, 112, 112)

    def __init__(self, classes: int = 2, width: int = 64) -> None:
        super().__init__()
        if classes < 2 or width < 1:
            raise SettingsError(f"expected classes >= 2 and width >= 1, found {classes} and {width}")
        self.settings = {"classes": classes, "width": width}
        self.bytes_per_pixel = 8 * 4 * width  # the last level holds up to eight times its channels
        widths = [width * 2**level for level in range(_LEVELS)]
        self.down = nn.ModuleList([Down(i, o) for i, o in zip([1, *widths[:-1]], widths, strict=True)])
        self.bridge = Down(widths[-1], 2 * widths[-1])
        self.up = nn.ModuleList([Up(2 * w, w) for w in reversed(widths)])
        self.head = SameConv2d(width, outputs_for(classes), 4)
        self.pool = nn.MaxPool2d(2)

    def forward(self, grey: Tensor) -> Tensor:
        skips, x = [], grey
        for level in self.down:
            x = level(x)
            skips.append(x)
            x = self.pool(x)
        x = self.bridge(x)
        for level, skip in zip(self.up, reversed(skips), strict=True):
            x = level(x, skip)
        return as_phases(self.head(x))


UNET = Architecture(
    name="unet",
    title="U-Net",
    description="Ronneberger et al. 2015, as in the paper",
    build=UNet,
    recipe=PAPER_RECIPE,
    paper=True,
    reference="Ronneberger et al. 2015",
)
