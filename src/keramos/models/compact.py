"""A compact U-Net for one grey slice or several neighbours: 27.6 kFLOP per pixel, a fiftieth of the paper's U-Net.

    grey -unshuffle 2-> [w] -pool-> [2w] -pool-> [4w] -up, join-> [2w] -up, join-> [w] -1x1, shuffle 2-> logits

Half the resolution is moved into channels at the door (Shi et al. 2016, sub-pixel convolution), so the costly
full-resolution layers of Ronneberger et al. 2015 do not exist. BatchNorm only: it folds into the convolutions, and
a voxel's result depends on nothing outside the halo. Neighbouring slices enter as channels, which costs next to
nothing: all that is computed at the first convolution is the sum over planes.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn.utils.fusion import fuse_conv_bn_eval

from keramos.errors import SettingsError
from keramos.volume import Triple


class ConvPair(nn.Sequential):
    """Twice: 3x3 convolution, BatchNorm, ReLU."""

    def __init__(self, inputs: int, outputs: int) -> None:
        super().__init__(
            nn.Conv2d(inputs, outputs, 3, padding=1, bias=False),
            nn.BatchNorm2d(outputs),
            nn.ReLU(inplace=True),
            nn.Conv2d(outputs, outputs, 3, padding=1, bias=False),
            nn.BatchNorm2d(outputs),
            nn.ReLU(inplace=True),
        )


class Compact(nn.Module):
    """Logits (N, classes, Y, X) of the middle one of neighbouring slices (N, planes, Y, X); Y and X must be multiples
    of 8.

    Args:
        classes: phases to tell apart.
        planes: slices read, an odd number: the one that is decided and as many before it as after it.
        width: channels at the first level.
    """

    stride: Triple = (1, 8, 8)
    REACH = 48
    """Two 3x3 convolutions reach 2 cells of their level: 2, 4 and 8 pixels wide on the way in, 4 and 2 on the way
    out. Followed outward from a pixel on the 8-grid, cell by cell, that is 44; 48 is the next multiple of 8."""

    def __init__(self, classes: int = 2, planes: int = 1, width: int = 24) -> None:
        super().__init__()
        if classes < 2 or planes < 1 or planes % 2 == 0 or width < 1:
            raise SettingsError(
                f"expected classes >= 2, an odd number of planes, width >= 1, found {classes}, {planes}, {width}"
            )
        self.settings = {"classes": classes, "planes": planes, "width": width}
        self.planes = planes
        self.halo: Triple = (planes // 2, self.REACH, self.REACH)
        self.unshuffle = nn.PixelUnshuffle(2)
        self.fine = ConvPair(4 * planes, width)
        self.middle = ConvPair(width, 2 * width)
        self.coarse = ConvPair(2 * width, 4 * width)
        self.pool = nn.MaxPool2d(2)
        self.to_middle = nn.ConvTranspose2d(4 * width, 2 * width, 2, stride=2)
        self.middle_out = ConvPair(4 * width, 2 * width)
        self.to_fine = nn.ConvTranspose2d(2 * width, width, 2, stride=2)
        self.fine_out = ConvPair(2 * width, width)
        self.head = nn.Sequential(nn.Conv2d(width, 4 * classes, 1), nn.PixelShuffle(2))

    @property
    def bytes_per_pixel(self) -> int:
        """While a slice is run: four layers of the first level, at a quarter of the pixels, and the planes, twice."""
        return 4 * (4 * int(self.settings["width"]) + (2 * self.planes if self.planes > 1 else 0))

    def take_one_slice(self, weights: dict[str, Tensor]) -> None:
        """Start from the weights of a network of one plane: the other planes are not looked at, yet."""
        first = weights["fine.0.weight"]
        grown = first.new_zeros(first.shape[0], 4 * self.planes, *first.shape[2:])
        middle = 4 * (self.planes // 2)
        grown[:, middle : middle + 4] = first
        self.load_state_dict({**weights, "fine.0.weight": grown})

    def forward(self, grey: Tensor) -> Tensor:
        fine = self.fine(self.unshuffle(grey))
        middle = self.middle(self.pool(fine))
        coarse = self.coarse(self.pool(middle))
        middle = self.middle_out(torch.cat([self.to_middle(coarse), middle], dim=1))
        fine = self.fine_out(torch.cat([self.to_fine(middle), fine], dim=1))
        logits: Tensor = self.head(fine)
        return logits


def fold_batchnorm(network: nn.Module) -> nn.Module:
    """Fold each BatchNorm into the convolution before it, in place; for inference only, exact up to rounding."""
    for module in network.modules():
        if isinstance(module, nn.Sequential):
            for i in range(len(module) - 1):
                convolution, norm = module[i], module[i + 1]
                if isinstance(convolution, nn.Conv2d | nn.Conv3d) and isinstance(norm, nn.BatchNorm2d | nn.BatchNorm3d):
                    module[i] = fuse_conv_bn_eval(convolution.eval(), norm.eval())
                    module[i + 1] = nn.Identity()
    return network
