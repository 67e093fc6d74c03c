"""A compact U-Net with kernels that reach along z, too, for voxels that need not be cubes.

7 planes -unshuffle 2-> 5 of [w] -pool-> 3 of [2w] -pool-> 1 of [4w] -up, join-> [2w] -up, join-> [w] -> logits

Planes are merged step by step on the way down by 3x3x3 kernels, without padding, so every level
sees neighbours at its own scale; nothing is pooled along z, where slices are fewer and farther apart (anisotropic
kernels as in nnU-Net, Isensee et al. 2021). The way up works on the middle plane alone, as in the compact network.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from keramos.core.errors import SettingsError
from keramos.networks.architecture import Architecture, Network, Size
from keramos.networks.architectures.compact import ConvPair, reach
from keramos.networks.layout import last


class DeepPair(nn.Sequential):
    """A 3x3x3 convolution that merges planes (two fewer come out), then a 3x3 one; BatchNorm and ReLU after each."""

    def __init__(self, inputs: int, outputs: int) -> None:
        super().__init__(
            nn.Conv3d(inputs, outputs, 3, padding=(0, 1, 1), bias=False),
            nn.BatchNorm3d(outputs),
            nn.ReLU(inplace=True),
            nn.Conv3d(outputs, outputs, (1, 3, 3), padding=(0, 1, 1), bias=False),
            nn.BatchNorm3d(outputs),
            nn.ReLU(inplace=True),
        )


class Compact3d(Network):
    """Logits (N, classes, Y, X) of the middle one of seven neighbouring slices (N, 7, Y, X); Y and X must be multiples
    of 8.

    Args:
        classes: phases to tell apart.
        width: channels at the first level.
    """

    stride = (1, 8, 8)
    halo = (3, reach(3), reach(3))

    def __init__(self, classes: int = 2, width: int = 12) -> None:
        super().__init__()
        if classes < 2 or width < 1:
            raise SettingsError(f"expected classes >= 2, width >= 1, found {classes}, {width}")
        self.settings = {"classes": classes, "width": width}
        # Three layers of five planes at the first level, at a quarter of the pixels.
        self.bytes_per_pixel = 4 * (15 * width // 4 * 2 + 2 * self.planes)
        self.unshuffle = nn.PixelUnshuffle(2)
        self.fine = DeepPair(4, width)
        self.middle = DeepPair(width, 2 * width)
        self.coarse = DeepPair(2 * width, 4 * width)
        self.pool = nn.MaxPool3d((1, 2, 2))
        self.to_middle = nn.ConvTranspose2d(4 * width, 2 * width, 2, stride=2)
        self.middle_out = ConvPair(4 * width, 2 * width)
        self.to_fine = nn.ConvTranspose2d(2 * width, width, 2, stride=2)
        self.fine_out = ConvPair(2 * width, width)
        self.head = nn.Sequential(nn.Conv2d(width, 4 * classes, 1), nn.PixelShuffle(2))

    def forward(self, grey: Tensor) -> Tensor:
        small = last(self.unshuffle(grey).unflatten(1, (self.planes, 4)).transpose(1, 2))  # N, 4, planes, Y/2, X/2
        fine = self.fine(small)
        middle = self.middle(self.pool(fine))
        coarse = last(self.coarse(self.pool(middle))[:, :, 0])
        joined = self.middle_out(torch.cat([self.to_middle(coarse), middle[:, :, 1]], dim=1))
        top = self.fine_out(torch.cat([self.to_fine(joined), fine[:, :, 2]], dim=1))
        logits: Tensor = self.head(top)
        return logits


COMPACT_3D = Architecture(
    name="compact-3d",
    title="Compact U-Net, 3-D kernels",
    description="7 neighbouring slices, 3-D kernels",
    build=Compact3d,
    planes=7,
    sizes={"S": Size({"width": 12}, 20), "M": Size({"width": 16}, 45), "L": Size({"width": 32}, 150)},
    per_phase=("head.0.weight", "head.0.bias"),
)
